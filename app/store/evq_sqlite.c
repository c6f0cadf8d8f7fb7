/*
 * The queue in one SQLite file; see evq_ops.h.  WAL with synchronous=FULL:
 * a commit is on the disk when it returns (with NORMAL it may vanish with
 * the power).  Three connections: the writer's, one that reads, and one
 * for checkpoints (ckpt.h).  A fourth (struct evq_view) belongs to `webexbot
 * events`, in a process of its own.
 */
#include "store/evq_ops.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clk.h"
#include "store/ckpt.h"
#include "store/evq_sql.h"

#define SQ_BUSY_MS 5000
/* Keys outlive their events: Webex may repeat a delivery. */
#define SQ_KEY_KEEP_MS (24 * 3600 * 1000LL)
/* What did not get done is kept longer, for a person to look at. */
#define SQ_DEAD_FACTOR 4
/* Cards stay in rooms; their names are kept for a quarter of a year. */
#define SQ_CARD_KEEP_MS (90 * 24 * 3600 * 1000LL)

/* The files beside the store that SQLite holds open with it. */
static const char *const sq_sides[] = {"-wal", "-shm"};
#define SQ_SIDES (sizeof sq_sides / sizeof sq_sides[0])

struct sq {
	sqlite3 *writer, *reader;
	sqlite3_stmt *stmt[SQ_COUNT];
	struct ckpt *ckpt;
	int64_t version; /* data_version as last seen */
	int64_t old_at;  /* how far pruning has looked */
	int lock_fd;
	uint64_t side[SQ_SIDES]; /* 0: there is none */
};

/* -- small tools -- */

static int
sq_err(sqlite3 *db, const char *what, struct err *e)
{
	int code = db == NULL ? SQLITE_NOMEM : sqlite3_errcode(db);
	const char *why = db == NULL ? "out of memory" : sqlite3_errmsg(db);

	switch (code) {
	case SQLITE_FULL:
		why = "the disk is full";
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		why = "the file is damaged or no store; restore a copy, or "
		      "move it away to start with an empty one";
		break;
	case SQLITE_READONLY:
		why = "the file or its folder is read-only";
		break;
	case SQLITE_BUSY:
		why = "another process keeps it locked";
		break;
	default:
		break;
	}
	return err_set(e, ERR_TEMP, "store: %s: %s", what, why);
}

/* Run a statement that gives no rows; 0 or -1. */
static int
sq_run(struct sq *s, enum sq_id id, struct err *e, const char *kinds, ...)
{
	sqlite3_stmt *st = s->stmt[id];
	va_list ap;
	int rc;

	va_start(ap, kinds);
	sq_bind(st, kinds, ap);
	va_end(ap);
	rc = sqlite3_step(st);
	if (rc != SQLITE_DONE)
		sq_err(s->writer, "writing", e);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* Bind and hand back a statement that gives rows; sqlite3_reset ends it. */
static sqlite3_stmt *
sq_query(struct sq *s, enum sq_id id, const char *kinds, ...)
{
	va_list ap;

	va_start(ap, kinds);
	sq_bind(s->stmt[id], kinds, ap);
	va_end(ap);
	return s->stmt[id];
}

static const char *
sq_str(sqlite3_stmt *st, int col)
{
	const char *s = (const char *)sqlite3_column_text(st, col);

	return s == NULL ? "" : s;
}

/* -- opening -- */

/* One bot a store: two would send everything twice. */
static int
sq_lock(struct sq *s, const char *path, struct err *e)
{
	char file[SQ_PATH_MAX], pid[32] = "";

	sq_lock_name(path, file);
	s->lock_fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd == -1)
		return err_set(
		    e, ERR_PERM, "store: %s: %s", file, strerror(errno));
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == -1) {
		if (read(s->lock_fd, pid, sizeof pid - 1) <= 0)
			strcpy(pid, "?");
		return err_set(e, ERR_PERM, "store: %s is in use by process %s",
		    path, pid);
	}
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	if (ftruncate(s->lock_fd, 0) == -1 ||
	    write(s->lock_fd, pid, strlen(pid)) == -1)
		return err_set(
		    e, ERR_PERM, "store: %s: %s", file, strerror(errno));
	return 0;
}

static int
sq_exec(sqlite3 *db, const char *sql, const char *what, struct err *e)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return sq_err(db, what, e);
}

static int64_t
sq_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static int
sq_connect(const char *path, int flags, sqlite3 **db, struct err *e)
{
	if (sqlite3_open_v2(path, db, flags, NULL) != SQLITE_OK)
		return sq_err(*db, path, e);
	sqlite3_busy_timeout(*db, SQ_BUSY_MS);
	sqlite3_extended_result_codes(*db, 0);
	return sq_exec(*db,
	    "PRAGMA synchronous=FULL; PRAGMA cache_size=-1000;"
	    "PRAGMA temp_store=MEMORY",
	    path, e);
}

/* Make or check the tables of an open file. */
static int
sq_tables(sqlite3 *db, const char *path, struct err *e)
{
	int64_t version = sq_number(db, "PRAGMA user_version");

	if (version == -1)
		return sq_err(db, path, e);
	if (version > SQ_VERSION)
		return err_set(e, ERR_PERM,
		    "store: %s was written by a newer webexbot (format %" PRId64
		    ", this one knows %d)",
		    path, version, SQ_VERSION);
	if (version == SQ_VERSION)
		return 0;
	if (sq_number(db, "SELECT count(*) FROM sqlite_master") > 0)
		return err_set(e, ERR_PERM,
		    "store: %s is a database of another program", path);
	if (sq_exec(db, "BEGIN IMMEDIATE", path, e) == -1 ||
	    sq_exec(db, sq_schema, path, e) == -1 ||
	    sq_exec(db, "PRAGMA user_version=1; COMMIT", path, e) == -1)
		return -1;
	return 0;
}

static int
sq_prepare(struct sq *s, const char *path, struct err *e)
{
	unsigned i;

	for (i = 0; i < SQ_COUNT; i++) {
		sqlite3 *db = i < SQ_WRITER_COUNT ? s->writer : s->reader;

		if (sqlite3_prepare_v3(db, sq_text[i], -1,
			SQLITE_PREPARE_PERSISTENT, &s->stmt[i],
			NULL) != SQLITE_OK)
			return sq_err(db, path, e);
	}
	return 0;
}

static void
sq_close(void *st)
{
	struct sq *s = st;
	unsigned i;

	ckpt_stop(s->ckpt);
	for (i = 0; i < SQ_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->reader);
	sqlite3_close(s->writer);
	if (s->lock_fd != -1)
		close(s->lock_fd);
	free(s);
}

/* The file holds message texts: for its owner alone. */
static int
sq_create(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1)
		return err_set(
		    e, ERR_PERM, "store: %s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

/*
 * Which file bears the name of this one now; 0: none.  Not by stat: who asks
 * for a file's times makes the next write to it store them (Linux 6.13), a
 * second write to the disk for each commit.
 */
static uint64_t
sq_side(const struct sq *s, size_t i)
{
	char name[SQ_PATH_MAX];
	struct statx st;

	snprintf(name, sizeof name, "%s%s",
	    sqlite3_db_filename(s->writer, "main"), sq_sides[i]);
	return statx(AT_FDCWD, name, 0, STATX_INO, &st) == 0 ? st.stx_ino : 0;
}

static int
sq_open(void **st, const char *path, struct err *e)
{
	struct sq *s = calloc(1, sizeof *s);
	int rw = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	size_t i;

	if (s == NULL)
		return err_nomem(e);
	s->lock_fd = -1;
	if (path[0] == '\0') {
		err_set(e, ERR_PERM, "store: sqlite: needs a file name");
		goto fail;
	}
	if (sq_create(path, e) == -1 || sq_lock(s, path, e) == -1 ||
	    sq_connect(path, rw, &s->writer, e) == -1 ||
	    sq_exec(s->writer, "PRAGMA journal_mode=WAL", path, e) == -1 ||
	    sq_tables(s->writer, path, e) == -1 ||
	    sq_exec(s->writer, "DELETE FROM poke", path, e) == -1 ||
	    sq_connect(path, rw, &s->reader, e) == -1 ||
	    sq_prepare(s, path, e) == -1 ||
	    (s->ckpt = ckpt_start(s->writer, path, e)) == NULL)
		goto fail;
	s->version = sq_number(s->writer, "PRAGMA data_version");
	for (i = 0; i < SQ_SIDES; i++)
		s->side[i] = sq_side(s, i);
	*st = s;
	return 0;
fail:
	sq_close(s);
	return -1;
}

/*
 * What is written into a file that nobody will open again is lost.  What the
 * log holds is brought to the store while we have it.
 */
static int
sq_is_there(struct sq *s, struct err *e)
{
	int moved = 0;
	size_t i;

	if (sqlite3_file_control(
		s->writer, NULL, SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	    moved)
		return err_set(e, ERR_PERM,
		    "store: its file was moved or deleted while in use: put "
		    "it back, or start again");
	for (i = 0; i < SQ_SIDES; i++) {
		if (s->side[i] == sq_side(s, i))
			continue;
		sqlite3_wal_checkpoint_v2(
		    s->writer, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		return err_set(e, ERR_PERM,
		    "store: its file %s was moved or deleted while in use: "
		    "put it back, or start again",
		    sq_sides[i]);
	}
	return 0;
}

/* -- what is open -- */

static int
sq_load_rows(struct sq *s, enum evq_which which, const char *sql,
    evq_open_fn fn, void *arg, struct err *e)
{
	sqlite3_stmt *st;
	int rc;

	if (sqlite3_prepare_v2(s->writer, sql, -1, &st, NULL) != SQLITE_OK)
		return sq_err(s->writer, "loading", e);
	sqlite3_bind_int64(st, 1, clk_wall_ms());
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct evq_item it = {.id = sqlite3_column_int64(st, 0),
		    .received = sqlite3_column_int64(st, 2),
		    .attempts = sqlite3_column_int(st, 3),
		    .state = (enum evq_state)sqlite3_column_int(st, 4),
		    .event = sqlite3_column_int64(st, 6)};

		it.in.due = sqlite3_column_int64(st, 5);
		it.in.order = sqlite3_column_int64(st, 7);
		if (fn(arg, which, &it, sq_str(st, 1)) == -1) {
			sqlite3_finalize(st);
			return err_nomem(e);
		}
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : sq_err(s->writer, "loading", e);
}

/*
 * When it is due; what waits since a time that is still to come (the clock
 * was set back) waits as long as it was to, unless it was not tried yet and
 * is meant for later.
 */
#define SQ_DUE                                                                 \
	"CASE WHEN updated > ?1 AND state > 0"                                 \
	" THEN max(due - updated, 0) + ?1 ELSE due END"

/* In the order of the lanes, so that each finds its place at the end. */
static int
sq_load(void *st, evq_open_fn fn, void *arg, struct err *e)
{
	if (sq_load_rows(st, EVQ_EVENTS,
		"SELECT id, lane, received, attempts, state, " SQ_DUE ", 0, ord"
		" FROM event INDEXED BY event_open WHERE settled = 0"
		" ORDER BY ord, id",
		fn, arg, e) == -1)
		return -1;
	return sq_load_rows(st, EVQ_REPLIES,
	    "SELECT id, lane, updated, attempts, state, " SQ_DUE ", event, 0"
	    " FROM reply INDEXED BY reply_open WHERE state < 4"
	    " AND due >= 0 ORDER BY id",
	    fn, arg, e);
}

/* Rows of items that are open again; how many, or -1. */
static int
sq_poked_rows(struct sq *s, enum sq_id sql, enum evq_which which,
    evq_open_fn fn, void *arg)
{
	sqlite3_stmt *q = sq_query(s, sql, "");
	int rc, n = 0;

	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		struct evq_item it = {.id = sqlite3_column_int64(q, 0),
		    .received = sqlite3_column_int64(q, 2),
		    .attempts = sqlite3_column_int(q, 3),
		    .state = (enum evq_state)sqlite3_column_int(q, 4)};

		it.in.due = sqlite3_column_int64(q, 5);
		it.in.order = sqlite3_column_int64(q, 6);
		if (which == EVQ_REPLIES)
			it.event = sqlite3_column_int64(q, 7);
		if (fn(arg, which, &it, sq_str(q, 1)) == -1)
			break;
		n++;
	}
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? n : -1;
}

/* Those that wait in vain. */
static int
sq_poked_dead(struct sq *s, evq_open_fn fn, void *arg)
{
	sqlite3_stmt *q = sq_query(s, SQ_POKED_DEAD, "");
	int rc, n;

	for (n = 0; (rc = sqlite3_step(q)) == SQLITE_ROW; n++) {
		struct evq_item it = {
		    .id = sqlite3_column_int64(q, 1), .state = EVQ_DEAD};

		it.in.order = sqlite3_column_int64(q, 3);
		fn(arg, (enum evq_which)sqlite3_column_int(q, 0), &it,
		    sq_str(q, 2));
	}
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? n : -1;
}

/* What fails is asked for again next time. */
static int
sq_poked(void *st, evq_open_fn fn, void *arg, struct err *e)
{
	struct sq *s = st;
	int64_t version;
	int events, replies, dead;

	if (sq_is_there(s, e) == -1)
		return -1;
	version = sq_number(s->writer, "PRAGMA data_version");
	if (version == s->version)
		return 0;
	if (sq_run(s, SQ_BEGIN, e, "") == -1)
		return -1;
	events = sq_poked_rows(s, SQ_POKED, EVQ_EVENTS, fn, arg);
	replies = sq_poked_rows(s, SQ_POKED_REPLIES, EVQ_REPLIES, fn, arg);
	dead = sq_poked_dead(s, fn, arg);
	if (events == -1 || replies == -1 || dead == -1 ||
	    sq_run(s, SQ_UNPOKE, e, "") == -1 ||
	    sq_run(s, SQ_COMMIT, e, "") == -1) {
		sq_run(s, SQ_ROLLBACK, e, "");
		return -1;
	}
	s->version = version;
	return events + replies + dead;
}

/* -- a transaction -- */

static int
sq_begin(void *st, struct err *e)
{
	return sq_is_there(st, e) == -1 ? -1 : sq_run(st, SQ_BEGIN, e, "");
}

static int
sq_commit(void *st, struct err *e)
{
	return sq_run(st, SQ_COMMIT, e, "");
}

static void
sq_rollback(void *st)
{
	struct err ignored = ERR_INIT;
	struct sq *s = st;

	/* SQLite has rolled back by itself after some errors */
	if (!sqlite3_get_autocommit(s->writer))
		sq_run(s, SQ_ROLLBACK, &ignored, "");
}

static int
sq_probe(void *st, struct err *e)
{
	struct sq *s = st;

	if (sq_is_there(s, e) == -1)
		return -1;
	return sq_exec(s->writer,
	    "BEGIN IMMEDIATE; INSERT OR REPLACE INTO poke(id) VALUES(-1);"
	    " DELETE FROM poke WHERE id = -1; COMMIT",
	    "probing", e);
}

static int
sq_put(
    void *st, const struct evq_new *n, int64_t now, int64_t *id, struct err *e)
{
	struct sq *s = st;

	*id = 0;
	if (n->key != NULL) {
		if (sq_run(s, SQ_SEEN, e, "ti", n->key, now) == -1)
			return -1;
		if (sqlite3_changes(s->writer) == 0)
			return 0;
	}
	if (sq_run(s, SQ_PUT, e, "ttttiibi", n->lane, n->source, n->kind,
		n->room, now, n->due, n->body, n->len,
		n->order != 0 ? n->order : now) == -1)
		return -1;
	*id = sqlite3_last_insert_rowid(s->writer);
	return 0;
}

static int
sq_memos(struct sq *s, const struct evq_change *c, int64_t now, struct err *e)
{
	size_t i;

	for (i = 0; i < c->nmemos; i++) {
		const struct evq_memo *m = &c->memos[i];

		if ((m->value == NULL
			    ? sq_run(s, SQ_MEMO_DEL, e, "tt", m->scope, m->key)
			    : sq_run(s, SQ_MEMO_PUT, e, "ttti", m->scope,
				  m->key, m->value, now)) == -1)
			return -1;
	}
	return 0;
}

static int
sq_change_event(struct sq *s, const struct evq_change *c, int64_t now,
    bool *gone, struct err *e)
{
	int64_t id = c->item->id, pending = (int64_t)c->nreplies;
	enum evq_state to =
	    c->to == EVQ_DONE && pending > 0 ? EVQ_WAITING : c->to;

	if (c->to == EVQ_WAITING) {
		if (sq_run(s, SQ_AGAIN, e, "iiiittt", id, c->due,
			(int64_t)!c->free_try, now, c->reason, c->tracking,
			c->trace) == -1)
			return -1;
	} else if (sq_run(s, SQ_SETTLE, e, "iiiitttt", id, (int64_t)to, pending,
		       now, c->reason, c->tracking, c->rule, c->trace) == -1) {
		return -1;
	}
	if ((*gone = sqlite3_changes(s->writer) == 0))
		return 0;
	return sq_memos(s, c, now, e);
}

static int
sq_change_reply(struct sq *s, const struct evq_change *c, int64_t now,
    bool *gone, struct err *e)
{
	struct evq_item *it = c->item;
	bool ends = c->to == EVQ_DONE || c->to == EVQ_DEAD ||
		    (c->to == EVQ_UNCERTAIN && c->due < 0);
	bool keeps = c->to == EVQ_WAITING || c->to == EVQ_UNCERTAIN;

	if (sq_run(s, SQ_REPLY_TO, e, "iiiiitttt", it->id, (int64_t)c->to,
		c->due, (int64_t)(!c->free_try && c->to != EVQ_SENDING), now,
		c->reason, c->tracking, c->message, c->trace) == -1)
		return -1;
	if ((*gone = sqlite3_changes(s->writer) == 0))
		return 0;
	if ((ends || keeps) &&
	    sq_run(s, SQ_EVENT_STATE, e, "iiiitt", it->event, (int64_t)ends,
		now, (int64_t)c->to, c->reason, c->tracking) == -1)
		return -1;
	if (sq_memos(s, c, now, e) == -1)
		return -1;
	if (c->message == NULL || c->card == NULL)
		return 0;
	return sq_run(s, SQ_CARD_PUT, e, "ttti", c->message, c->card,
	    c->content == NULL ? "" : c->content, now);
}

static int
sq_change(void *st, const struct evq_change *c, int64_t now, bool *gone,
    struct err *e)
{
	*gone = false;
	if (c->item == NULL)
		return sq_memos(st, c, now, e);
	if (c->item->which == EVQ_EVENTS)
		return sq_change_event(st, c, now, gone, e);
	return sq_change_reply(st, c, now, gone, e);
}

static int
sq_reply(void *st, const struct evq_change *c, size_t i, enum evq_state state,
    int64_t now, int64_t *id, struct err *e)
{
	const struct evq_reply *r = &c->replies[i];
	struct sq *s = st;

	/* one for later is as old as its time when it comes */
	if (sq_run(s, SQ_REPLY, e, "itiibi", c->item->id, r->lane,
		(int64_t)state, r->due > now ? r->due : now,
		(const void *)r->body, r->len, r->due) == -1)
		return -1;
	*id = sqlite3_last_insert_rowid(s->writer);
	return 0;
}

/* -- forgetting -- */

static bool
sq_is_old(int state, int64_t updated, int64_t now, int64_t keep)
{
	if (state == EVQ_DONE)
		return updated < now - keep;
	return (state == EVQ_DEAD || state == EVQ_UNCERTAIN) &&
	       updated < now - SQ_DEAD_FACTOR * keep;
}

/* The next page of events: those that are old; *end: none older follow. */
static int
sq_old(
    struct sq *s, int64_t now, int64_t keep, int limit, int64_t *ids, bool *end)
{
	sqlite3_stmt *q = sq_query(s, SQ_OLD, "ii", s->old_at, (int64_t)limit);
	int n = 0, rows = 0;

	*end = false;
	while (!*end && sqlite3_step(q) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(q, 0);
		int64_t received = sqlite3_column_int64(q, 2);

		rows++;
		/* one whose replies are under way is not done with */
		if (sqlite3_column_int64(q, 3) <= 0 &&
		    sq_is_old(sqlite3_column_int(q, 1),
			sqlite3_column_int64(q, 4), now, keep))
			ids[n++] = id;
		if (received >= now - keep)
			*end = true;
		else
			s->old_at = id;
	}
	sqlite3_reset(q);
	if (rows < limit)
		*end = true;
	if (*end)
		s->old_at = 0;
	return n;
}

/* Keys and cards, a page of the oldest each; how many went, or -1. */
static int
sq_prune_others(struct sq *s, int64_t now, int64_t keep, int64_t reach,
    int limit, struct err *e)
{
	int64_t keys = reach + SQ_KEY_KEEP_MS;
	int n;

	if (keys < keep)
		keys = keep;
	if (sq_run(s, SQ_OLD_SEEN, e, "ii", now - keys, (int64_t)limit) == -1)
		return -1;
	n = sqlite3_changes(s->writer);
	if (sq_run(s, SQ_OLD_ONCE, e, "ii", now - SQ_CARD_KEEP_MS,
		(int64_t)limit) == -1)
		return -1;
	if (sq_run(s, SQ_OLD_CARDS, e, "ii", now - SQ_CARD_KEEP_MS,
		(int64_t)limit) == -1)
		return -1;
	n += sqlite3_changes(s->writer);
	if (sq_run(s, SQ_OLD_MEMOS, e, "ii", now - SQ_CARD_KEEP_MS,
		(int64_t)limit) == -1)
		return -1;
	return n + sqlite3_changes(s->writer);
}

static int
sq_prune(void *st, int64_t now, int64_t keep, int64_t reach, int limit,
    struct err *e)
{
	struct sq *s = st;
	int64_t *ids = malloc((size_t)limit * sizeof *ids);
	int n, i, others, rc = -1;
	bool end;

	if (ids == NULL)
		return err_nomem(e);
	n = sq_old(s, now, keep, limit, ids, &end);
	if (sq_run(s, SQ_BEGIN, e, "") == -1)
		goto out;
	for (i = 0; i < n; i++)
		if (sq_run(s, SQ_OLD_REPLIES, e, "i", ids[i]) == -1 ||
		    sq_run(s, SQ_OLD_EVENT, e, "i", ids[i]) == -1)
			goto undo;
	if ((others = sq_prune_others(s, now, keep, reach, limit, e)) == -1 ||
	    sq_run(s, SQ_COMMIT, e, "") == -1)
		goto undo;
	rc = !end || others > 0;
	goto out;
undo:
	sq_rollback(s);
out:
	free(ids);
	return rc;
}

/* -- reading -- */

static int
sq_fetch(void *st, struct evq_item *it, bool *gone, struct err *e)
{
	struct sq *s = st;
	sqlite3_stmt *q = sq_query(s,
	    it->which == EVQ_EVENTS ? SQ_FETCH_EVENT : SQ_FETCH_REPLY, "i",
	    it->id);
	int rc = sqlite3_step(q);

	*gone = rc == SQLITE_DONE;
	if (rc == SQLITE_ROW) {
		const void *p = sqlite3_column_blob(q, 0);

		it->len = (size_t)sqlite3_column_bytes(q, 0);
		it->attempts = sqlite3_column_int(q, 1);
		if ((it->body = malloc(it->len + 1)) != NULL) {
			if (it->len > 0)
				memcpy(it->body, p, it->len);
			it->body[it->len] = '\0';
		}
	}
	sqlite3_reset(q);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return sq_err(s->reader, "reading", e);
	return rc == SQLITE_ROW && it->body == NULL ? err_nomem(e) : 0;
}

static char *
sq_card(void *st, const char *message, char **content)
{
	sqlite3_stmt *q = sq_query(st, SQ_CARD_GET, "t", message);
	char *name = NULL;

	if (sqlite3_step(q) == SQLITE_ROW) {
		name = strdup(sq_str(q, 0));
		if (content != NULL)
			*content = strdup(sq_str(q, 1));
	}
	sqlite3_reset(q);
	return name;
}

static int64_t
sq_last(void *st, const char *source)
{
	sqlite3_stmt *q = sq_query(st, SQ_LAST_GET, "t", source);
	int64_t at = 0;

	if (sqlite3_step(q) == SQLITE_ROW)
		at = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return at;
}

static bool
sq_sent(void *st, const char *message)
{
	sqlite3_stmt *q = sq_query(st, SQ_SENT_GET, "t", message);
	bool sent = sqlite3_step(q) == SQLITE_ROW;

	sqlite3_reset(q);
	return sent;
}

static int
sq_fate(void *st, int64_t event, int64_t from, int64_t to, struct evq_fate *out)
{
	sqlite3_stmt *q = sq_query(st, SQ_FATE_GET, "iii", event, from, to);
	int rc = sqlite3_step(q) == SQLITE_ROW ? 0 : -1;

	if (rc == 0) {
		out->dead = sqlite3_column_int(q, 0);
		out->last = sqlite3_column_int64(q, 1);
		out->open = sqlite3_column_int(q, 2);
	}
	sqlite3_reset(q);
	return rc;
}

static char *
sq_memory(void *st, const char *scope, const char *key)
{
	sqlite3_stmt *q = sq_query(st, SQ_MEMO_GET, "tt", scope, key);
	char *value = NULL;

	if (sqlite3_step(q) == SQLITE_ROW)
		value = strdup(sq_str(q, 0));
	sqlite3_reset(q);
	return value;
}

const struct evq_ops evq_sqlite = {
    .scheme = "sqlite",
    .open = sq_open,
    .close = sq_close,
    .load = sq_load,
    .poked = sq_poked,
    .begin = sq_begin,
    .commit = sq_commit,
    .rollback = sq_rollback,
    .put = sq_put,
    .change = sq_change,
    .reply = sq_reply,
    .prune = sq_prune,
    .fetch = sq_fetch,
    .card = sq_card,
    .probe = sq_probe,
    .last = sq_last,
    .sent = sq_sent,
    .fate = sq_fate,
    .memory = sq_memory,
};
