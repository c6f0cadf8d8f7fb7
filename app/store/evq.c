/*
 * The queue's front: what others call, and what is open in memory; see
 * evq.h.  Any thread runs it.  What is written is only queued here, for
 * evq_write.c.
 */
#include "store/evq.h"

#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "base/thr.h"
#include "store/evq_int.h"

#define EVQ_RETRY_READ_MS 1000

const char *
evq_state_name(enum evq_state s)
{
	static const char *const names[] = {
	    "queued", "waiting", "waiting", "uncertain", "done", "dead"};

	return names[s];
}

/* -- ways out of the lanes -- */

void
evq_item_free(struct evq_item *it)
{
	if (it != NULL) {
		free(it->body);
		free(it);
	}
}

void
evq_uncache(struct evq *q, struct evq_item *it)
{
	if (it->body != NULL)
		q->cached -= it->len;
}

void
evq_drop(struct evq *q, struct evq_item *it)
{
	if (it == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	if (it->in.lane != NULL)
		lanes_unhold(q->lanes[it->queue], &it->in);
	evq_uncache(q, it);
	pthread_mutex_unlock(&q->lock);
	evq_item_free(it);
}

/* Out of its lane, and back into it; both under the lock. */
static void
evq_take_out(struct evq *q, struct evq_item *it)
{
	lanes_del(q->lanes[it->queue], &it->in);
	q->open[it->queue] -= !it->dropped;
}

static void
evq_return(struct evq *q, struct evq_item *it, int64_t due)
{
	free(it->body);
	it->body = NULL;
	lanes_back(q->lanes[it->queue], &it->in, due);
}

void
evq_leave(struct evq *q, struct evq_item *it)
{
	pthread_mutex_lock(&q->lock);
	evq_take_out(q, it);
	pthread_mutex_unlock(&q->lock);
	evq_item_free(it);
}

void
evq_back(struct evq *q, struct evq_item *it, int64_t due)
{
	pthread_mutex_lock(&q->lock);
	evq_return(q, it, due);
	pthread_mutex_unlock(&q->lock);
}

/* -- from outside -- */

/* What others do not take in does not keep Webex from being heard. */
static int64_t
evq_counted(const struct evq *q)
{
	return q->open[EVQ_EVENTS] + q->open[EVQ_HUB] + q->open[EVQ_REPLIES];
}

enum evq_put
evq_put(struct evq *q, const struct evq_new *n, int64_t *id, struct err *e)
{
	struct evq_putting p = {.n = n};

	pthread_mutex_lock(&q->lock);
	if (q->stop || evq_counted(q) >= q->o.queue_max) {
		pthread_mutex_unlock(&q->lock);
		return EVQ_FULL;
	}
	sem_init(&p.done, 0, 0);
	*q->puts_end = &p;
	q->puts_end = &p.next;
	pthread_cond_signal(&q->work);
	pthread_mutex_unlock(&q->lock);
	while (sem_wait(&p.done) == -1)
		; /* interrupted by a signal */
	sem_destroy(&p.done);
	if (p.result == EVQ_FAILED)
		err_set(e, p.err.kind, "%s", p.err.text);
	else if (id != NULL)
		*id = p.id;
	return p.result;
}

void
evq_change(struct evq *q, struct evq_change *c)
{
	c->link = NULL;
	pthread_mutex_lock(&q->lock);
	*q->changes_end = c;
	q->changes_end = &c->link;
	pthread_cond_signal(&q->work);
	pthread_mutex_unlock(&q->lock);
}

struct evq_remembering {
	sem_t done;
	bool ok;
	struct err *e;
};

static void
evq_remembered(struct evq_change *c, bool ok, const struct err *e)
{
	struct evq_remembering *r = c->arg;

	r->ok = ok;
	if (!ok)
		err_set(r->e, e->kind, "%s", e->text);
	sem_post(&r->done);
}

int
evq_remember(struct evq *q, const struct evq_memo *m, struct err *e)
{
	struct evq_remembering r = {.e = e};
	struct evq_change c = {
	    .memos = m, .nmemos = 1, .done = evq_remembered, .arg = &r};

	sem_init(&r.done, 0, 0);
	evq_change(q, &c);
	while (sem_wait(&r.done) == -1)
		; /* interrupted by a signal */
	sem_destroy(&r.done);
	return r.ok ? 0 : -1;
}

int
evq_remember_num(
    struct evq *q, const char *scope, const char *key, int64_t n, struct err *e)
{
	char text[32];
	const struct evq_memo m = {scope, key, n != 0 ? text : NULL};

	snprintf(text, sizeof text, "%" PRId64, n);
	return evq_remember(q, &m, e);
}

static int
evq_fetch(struct evq *q, struct evq_item *it)
{
	struct err e = ERR_INIT;
	bool gone;
	int rc;

	pthread_mutex_lock(&q->reading);
	rc = q->ops->fetch(q->st, it, &gone, &e);
	pthread_mutex_unlock(&q->reading);
	return rc;
}

struct evq_item *
evq_claim(struct evq *q, enum evq_which which)
{
	struct evq_item *it;

	for (;;) {
		pthread_mutex_lock(&q->lock);
		it = (struct evq_item *)lanes_take(
		    q->lanes[which], clk_mono_ms());
		if (it != NULL)
			evq_uncache(q, it);
		pthread_mutex_unlock(&q->lock);
		if (it == NULL || it->body != NULL || evq_fetch(q, it) == 0)
			return it;
		evq_back(q, it, clk_mono_ms() + EVQ_RETRY_READ_MS);
	}
}

void
evq_forget(struct evq *q, struct evq_item *it)
{
	pthread_mutex_lock(&q->lock);
	if (it->again) {
		it->again = false;
		evq_return(q, it, 0);
		it = NULL;
	} else {
		evq_take_out(q, it);
	}
	pthread_mutex_unlock(&q->lock);
	if (it != NULL)
		evq_item_free(it);
}

void
evq_narrow(struct evq *q, struct evq_item *it, bool narrow)
{
	pthread_mutex_lock(&q->lock);
	lanes_narrow(q->lanes[it->queue], &it->in, narrow, clk_mono_ms());
	pthread_mutex_unlock(&q->lock);
}

int
evq_bar(struct evq *q, const char *lane)
{
	int rc;

	pthread_mutex_lock(&q->lock);
	rc = lanes_bar(q->lanes[EVQ_EVENTS], lane);
	pthread_mutex_unlock(&q->lock);
	return rc;
}

void
evq_unbar(struct evq *q, const char *lane)
{
	pthread_mutex_lock(&q->lock);
	lanes_unbar(q->lanes[EVQ_EVENTS], lane, clk_mono_ms());
	pthread_mutex_unlock(&q->lock);
	if (q->o.wake != NULL)
		q->o.wake(q->o.arg);
}

int64_t
evq_due(struct evq *q, enum evq_which which)
{
	int64_t due;

	pthread_mutex_lock(&q->lock);
	due = lanes_due(q->lanes[which], clk_mono_ms());
	pthread_mutex_unlock(&q->lock);
	return due;
}

void *
evq_front(struct evq *q, enum evq_which which, const char *lane)
{
	struct lane_item *it;
	void *owner = NULL;

	pthread_mutex_lock(&q->lock);
	it = lanes_first(q->lanes[which], lane);
	if (it != NULL && it->taken)
		owner = ((struct evq_item *)it)->owner;
	pthread_mutex_unlock(&q->lock);
	return owner;
}

bool
evq_is_first(struct evq *q, const struct evq_item *it)
{
	bool first;

	pthread_mutex_lock(&q->lock);
	first = lane_first(&it->in);
	pthread_mutex_unlock(&q->lock);
	return first;
}

bool
evq_replying(struct evq *q, const char *lane)
{
	bool has;

	pthread_mutex_lock(&q->lock);
	has = lanes_has(q->lanes[EVQ_REPLIES], lane);
	pthread_mutex_unlock(&q->lock);
	return has;
}

void
evq_unclaim(struct evq *q, struct evq_item *it, int64_t ms)
{
	evq_back(q, it, clk_mono_ms() + ms);
}

static const struct evq_ops *
evq_backend(const char *where, const char **rest)
{
	static const struct evq_ops *const all[] = {&evq_sqlite, &evq_mem};
	size_t i, n;

	for (i = 0; i < sizeof all / sizeof all[0]; i++) {
		n = strlen(all[i]->scheme);
		if (strncmp(where, all[i]->scheme, n) == 0 && where[n] == ':') {
			*rest = where + n + 1;
			return all[i];
		}
	}
	return NULL;
}

struct evq *
evq_open(const struct evq_opts *o, struct err *e)
{
	struct evq *q = calloc(1, sizeof *q);
	const char *rest;
	int i;

	if (q == NULL) {
		err_nomem(e);
		return NULL;
	}
	q->o = *o;
	q->puts_end = &q->puts;
	q->changes_end = &q->changes;
	atomic_store(&q->healthy, true);
	pthread_mutex_init(&q->lock, NULL);
	pthread_mutex_init(&q->reading, NULL);
	clk_cond_init(&q->work);
	if ((q->ops = evq_backend(o->where, &rest)) == NULL) {
		err_set(e, ERR_PERM,
		    "WEBEXBOT_STORE: \"%s\" is not sqlite:FILE", o->where);
		goto fail;
	}
	q->doing = calloc(EVQ_BATCH, sizeof *q->doing);
	for (i = 0; i < EVQ_WHICH; i++)
		if ((q->lanes[i] = lanes_new(
			 i == EVQ_EVENTS || i == EVQ_HUB ? o->window : 1)) ==
		    NULL)
			break;
	if (i < EVQ_WHICH || q->doing == NULL) {
		err_nomem(e);
		goto fail;
	}
	if (q->ops->open(&q->st, rest, e) == -1 || evq_load(q, e) == -1)
		goto fail;
	if (thr_start(&q->writer, "wb-store", evq_write, q) == 0)
		return q;
	err_set(e, ERR_BUG, "no thread for the store");
fail:
	q->stop = true;
	evq_close(q);
	return NULL;
}

static void
evq_free_items(struct evq *q, enum evq_which which)
{
	struct lane_item *it;

	while (q->lanes[which] != NULL &&
	       (it = lanes_any(q->lanes[which])) != NULL) {
		lanes_del(q->lanes[which], it);
		evq_item_free((struct evq_item *)it);
	}
	lanes_free(q->lanes[which]);
}

void
evq_close(struct evq *q)
{
	int i;

	if (q == NULL)
		return;
	if (!q->stop) {
		pthread_mutex_lock(&q->lock);
		q->stop = true;
		pthread_cond_signal(&q->work);
		pthread_mutex_unlock(&q->lock);
		pthread_join(q->writer, NULL);
	}
	if (q->st != NULL)
		q->ops->close(q->st);
	for (i = 0; i < EVQ_WHICH; i++)
		evq_free_items(q, (enum evq_which)i);
	pthread_cond_destroy(&q->work);
	pthread_mutex_destroy(&q->lock);
	pthread_mutex_destroy(&q->reading);
	free(q->doing);
	free(q);
}

bool
evq_healthy(struct evq *q)
{
	return atomic_load(&q->healthy);
}

static int64_t
evq_count(struct evq *q, bool all)
{
	int64_t n;

	pthread_mutex_lock(&q->lock);
	n = evq_counted(q) + (all ? q->open[EVQ_OUTSIDE] : 0);
	pthread_mutex_unlock(&q->lock);
	return n;
}

bool
evq_full(struct evq *q)
{
	return evq_count(q, false) >= q->o.queue_max;
}

bool
evq_nearly_full(struct evq *q)
{
	return evq_count(q, false) > q->o.queue_max / 10 * 9;
}

int64_t
evq_open_outside(struct evq *q)
{
	int64_t n;

	pthread_mutex_lock(&q->lock);
	n = q->open[EVQ_OUTSIDE];
	pthread_mutex_unlock(&q->lock);
	return n;
}

int64_t
evq_open_items(struct evq *q)
{
	return evq_count(q, true);
}

int64_t
evq_last_received(struct evq *q, const char *source)
{
	int64_t at;

	pthread_mutex_lock(&q->reading);
	at = q->ops->last(q->st, source);
	pthread_mutex_unlock(&q->reading);
	return at;
}

char *
evq_card(struct evq *q, const char *message, char **content)
{
	char *name;

	pthread_mutex_lock(&q->reading);
	name = q->ops->card(q->st, message, content);
	pthread_mutex_unlock(&q->reading);
	return name;
}

bool
evq_sent(struct evq *q, const char *message)
{
	bool sent;

	pthread_mutex_lock(&q->reading);
	sent = q->ops->sent(q->st, message);
	pthread_mutex_unlock(&q->reading);
	return sent;
}

int
evq_fate(struct evq *q, int64_t event, int64_t from, int64_t to,
    struct evq_fate *out)
{
	int rc;

	pthread_mutex_lock(&q->reading);
	rc = q->ops->fate(q->st, event, from, to, out);
	pthread_mutex_unlock(&q->reading);
	return rc;
}

char *
evq_memory(struct evq *q, const char *scope, const char *key)
{
	char *value;

	pthread_mutex_lock(&q->reading);
	value = q->ops->memory(q->st, scope, key);
	pthread_mutex_unlock(&q->reading);
	return value;
}

int64_t
evq_memory_num(struct evq *q, const char *scope, const char *key)
{
	char *text = evq_memory(q, scope, key);
	long long n = 0;

	if (text != NULL && str_num(text, 0, INT64_MAX, &n) == -1)
		n = 0;
	free(text);
	return n;
}
