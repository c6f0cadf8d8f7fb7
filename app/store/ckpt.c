/*
 * Checkpoints; see ckpt.h.  ckpt_run is a thread of its own, ckpt_on_commit
 * runs on the writer's, after each commit.
 *
 * The log begins anew only when a commit finds all of it copied.  While
 * commits follow each other closely the thread never gets there, so when the
 * log has grown far the writer copies the rest itself, which is little.
 */
#include "store/ckpt.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "base/clk.h"
#include "base/thr.h"

#define CKPT_PAGES 1000 /* in the log, before it is copied */
#define CKPT_MOST 8000  /* before the writer does it */
#define CKPT_BUSY_MS 5000

struct ckpt {
	sqlite3 *writer, *db;
	pthread_t thread;
	pthread_mutex_t lock; /* over what follows */
	pthread_cond_t wake;
	int copied; /* pages of the log, as last seen */
	bool wanted;
	bool stop;
};

static int
ckpt_on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct ckpt *c = arg;

	if (pages >= CKPT_MOST)
		/* busy: the thread is at it */
		sqlite3_wal_checkpoint_v2(
		    db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	pthread_mutex_lock(&c->lock);
	if (pages < c->copied)
		c->copied = 0; /* it began anew */
	if (!c->wanted && pages - c->copied >= CKPT_PAGES) {
		c->wanted = true;
		pthread_cond_signal(&c->wake);
	}
	pthread_mutex_unlock(&c->lock);
	return SQLITE_OK;
}

static void *
ckpt_run(void *arg)
{
	struct ckpt *c = arg;
	int copied;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		if (!c->wanted) {
			clk_cond_wait(&c->wake, &c->lock, -1);
			continue;
		}
		pthread_mutex_unlock(&c->lock);
		copied = 0;
		sqlite3_wal_checkpoint_v2(
		    c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &copied);
		pthread_mutex_lock(&c->lock);
		c->wanted = false;
		c->copied = copied;
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct ckpt *
ckpt_start(sqlite3 *writer, const char *path, struct err *e)
{
	struct ckpt *c = calloc(1, sizeof *c);

	if (c == NULL) {
		err_nomem(e);
		return NULL;
	}
	c->writer = writer;
	pthread_mutex_init(&c->lock, NULL);
	clk_cond_init(&c->wake);
	if (sqlite3_open_v2(path, &c->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK ||
	    sqlite3_exec(c->db, "PRAGMA synchronous=FULL", NULL, NULL, NULL) !=
		SQLITE_OK) {
		err_set(e, ERR_TEMP, "store: %s: %s", path,
		    c->db == NULL ? "out of memory" : sqlite3_errmsg(c->db));
	} else if (thr_start(&c->thread, "wb-checkpoint", ckpt_run, c) != 0) {
		err_set(e, ERR_BUG, "no thread for the checkpoints");
	} else {
		sqlite3_busy_timeout(c->db, CKPT_BUSY_MS);
		sqlite3_wal_hook(writer, ckpt_on_commit, c);
		return c;
	}
	sqlite3_close(c->db);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
	return NULL;
}

void
ckpt_stop(struct ckpt *c)
{
	if (c == NULL)
		return;
	sqlite3_wal_hook(c->writer, NULL, NULL);
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	sqlite3_close(c->db);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
