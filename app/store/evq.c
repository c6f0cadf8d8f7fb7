/* The queue's front; see evq.h. */
#include "store/evq.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/crash.h"
#include "base/str.h"
#include "base/thr.h"
#include "store/evq_ops.h"

#define EVQ_IDLE_MS 500         /* how often an idle writer looks around */
#define EVQ_BATCH 2000          /* operations in one transaction */
#define EVQ_PRUNE 200           /* events forgotten at once */
#define EVQ_PRUNE_MS 60000      /* pause when none is old enough */
#define EVQ_CACHE_MAX (4 << 20) /* bodies kept between put and claim */
#define EVQ_RETRY_READ_MS 1000

/* An event on its way in; lives on the stack of the one who waits. */
struct evq_putting {
	struct evq_putting *next;
	const struct evq_new *n;
	int64_t id;
	struct evq_item *item;
	enum evq_put result;
	struct err err;
	sem_t done;
};

struct evq {
	const struct evq_ops *ops;
	void *st;
	struct evq_opts o;

	pthread_mutex_t lock; /* over all that follows, up to `reading` */
	pthread_cond_t work;
	struct evq_putting *puts, **puts_end;
	struct evq_change *changes, **changes_end;
	struct lanes *lanes[2];
	int64_t open[2];
	size_t cached;
	bool stop;

	pthread_mutex_t reading; /* over the backend's reader */
	pthread_t writer;
	struct evq_doing *doing; /* the writer's, of EVQ_BATCH */
	_Atomic bool healthy;
};

const char *
evq_state_name(enum evq_state s)
{
	static const char *const names[] = {
	    "queued", "waiting", "waiting", "uncertain", "done", "dead"};

	return names[s];
}

static void
evq_item_free(struct evq_item *it)
{
	if (it != NULL) {
		free(it->body);
		free(it);
	}
}

/*
 * A due time by our own clock, which nobody sets back: an item that waits
 * must not wait for an hour more because the wall clock was put right.
 */
static int64_t
evq_mono(int64_t wall)
{
	int64_t left = wall - clk_wall_ms();

	return wall <= 0 || left <= 0 ? 0 : clk_mono_ms() + left;
}

/* -- what a commit means for the lanes -- */

static struct evq_item *
evq_item_new(enum evq_which which, int64_t id, int64_t now)
{
	struct evq_item *it = calloc(1, sizeof *it);

	if (it != NULL) {
		it->which = which;
		it->id = id;
		it->received = now;
	}
	return it;
}

/*
 * The bookkeeping below cannot be undone, so its memory is taken before the
 * commit.  Items without a lane get one of their own.
 */
static const char *
evq_lane(const char *lane, int64_t id, char own[32])
{
	if (lane[0] != '\0')
		return lane;
	snprintf(own, 32, "#%lld", (long long)id);
	return own;
}

static int
evq_hold(struct evq *q, struct evq_item *it, const char *lane, struct err *e)
{
	char own[32];
	int rc;

	lane = evq_lane(lane, it->id, own);
	pthread_mutex_lock(&q->lock);
	rc = lanes_hold(q->lanes[it->which], lane, &it->in);
	pthread_mutex_unlock(&q->lock);
	return rc == 0 ? 0 : err_nomem(e);
}

static void
evq_enter(struct evq *q, struct evq_item *it, bool taken)
{
	pthread_mutex_lock(&q->lock);
	if (taken)
		lanes_add_taken(q->lanes[it->which], &it->in);
	else
		lanes_add(q->lanes[it->which], &it->in);
	q->open[it->which]++;
	pthread_mutex_unlock(&q->lock);
}

/* Its body leaves the cache; under the lock. */
static void
evq_uncache(struct evq *q, struct evq_item *it)
{
	if (it->body != NULL)
		q->cached -= it->len;
}

/* It was not stored after all. */
static void
evq_drop(struct evq *q, struct evq_item *it)
{
	if (it == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	if (it->in.lane != NULL)
		lanes_unhold(q->lanes[it->which], &it->in);
	evq_uncache(q, it);
	pthread_mutex_unlock(&q->lock);
	evq_item_free(it);
}

static void
evq_leave(struct evq *q, struct evq_item *it)
{
	pthread_mutex_lock(&q->lock);
	lanes_del(q->lanes[it->which], &it->in);
	q->open[it->which]--;
	pthread_mutex_unlock(&q->lock);
	evq_item_free(it);
}

/* Keep a body for its claim, while there are few. */
static void
evq_cache(struct evq *q, struct evq_item *it, const void *p, size_t len)
{
	char *body = malloc(len + 1);

	if (body == NULL)
		return;
	memcpy(body, p, len);
	body[len] = '\0';
	pthread_mutex_lock(&q->lock);
	if (q->cached + len <= EVQ_CACHE_MAX) {
		q->cached += len;
		it->body = body;
		it->len = len;
		body = NULL;
	}
	pthread_mutex_unlock(&q->lock);
	free(body);
}

/* A claimed item waits again; what waits long keeps no body in memory. */
static void
evq_back(struct evq *q, struct evq_item *it, int64_t due)
{
	pthread_mutex_lock(&q->lock);
	free(it->body);
	it->body = NULL;
	lanes_back(q->lanes[it->which], &it->in, due);
	pthread_mutex_unlock(&q->lock);
}

/* -- one transaction -- */

static int
evq_do_put(struct evq *q, struct evq_putting *p, int64_t now)
{
	p->result = EVQ_FAILED;
	p->item = NULL;
	if (q->ops->put(q->st, p->n, now, &p->id, &p->err) == -1)
		return -1;
	p->result = p->id == 0 ? EVQ_REPEATED : EVQ_STORED;
	if (p->result == EVQ_REPEATED)
		return 0;
	if ((p->item = evq_item_new(EVQ_EVENTS, p->id, now)) == NULL)
		return err_nomem(&p->err);
	p->item->in.due = evq_mono(p->n->due);
	p->item->in.order = p->n->order != 0 ? p->n->order : now;
	evq_cache(q, p->item, p->n->body, p->n->len);
	return evq_hold(q, p->item, p->n->lane, &p->err);
}

/* What the writer remembers of a change between doing and publishing. */
struct evq_doing {
	struct evq_change *c;
	struct evq_item **replies;
	bool gone;
};

static void
evq_undo_change(struct evq *q, struct evq_doing *d)
{
	size_t i;

	for (i = 0; d->replies != NULL && i < d->c->nreplies; i++) {
		if (d->c->ready == d->replies[i] && d->c->ready != NULL)
			evq_leave(q, d->replies[i]);
		else
			evq_drop(q, d->replies[i]);
	}
	d->c->ready = NULL;
	free(d->replies);
	d->replies = NULL;
}

/* May the first reply be sent as soon as it is stored? */
static bool
evq_at_once(struct evq *q, const struct evq_reply *r)
{
	bool busy;

	pthread_mutex_lock(&q->lock);
	busy = q->stop || lanes_has(q->lanes[EVQ_REPLIES], r->lane);
	pthread_mutex_unlock(&q->lock);
	return !busy && r->lane[0] != '\0';
}

static int
evq_do_reply(
    struct evq *q, struct evq_doing *d, size_t i, int64_t now, struct err *e)
{
	const struct evq_reply *r = &d->c->replies[i];
	bool at_once = i == 0 && r->due <= now && evq_at_once(q, r);
	struct evq_item *it;
	int64_t id;

	if (q->ops->reply(q->st, d->c, i, at_once ? EVQ_SENDING : EVQ_QUEUED,
		now, &id, e) == -1)
		return -1;
	if ((it = evq_item_new(EVQ_REPLIES, id, now)) == NULL)
		return err_nomem(e);
	d->replies[i] = it;
	it->event = d->c->item->id;
	it->in.due = evq_mono(r->due);
	if (r->due > it->received)
		it->received = r->due;
	if (evq_hold(q, it, r->lane, e) == -1)
		return -1;
	if (!at_once) {
		evq_cache(q, it, r->body, r->len);
		return 0;
	}
	it->state = EVQ_SENDING;
	it->len = r->len;
	if ((it->body = malloc(r->len + 1)) == NULL)
		return err_nomem(e);
	memcpy(it->body, r->body, r->len + 1);
	evq_enter(q, it, true);
	d->c->ready = it;
	return 0;
}

static int
evq_do_change(struct evq *q, struct evq_doing *d, int64_t now, struct err *e)
{
	struct evq_change *c = d->c;
	size_t i;

	c->ready = NULL;
	d->gone = false;
	d->replies = NULL;
	if (q->ops->change(q->st, c, now, &d->gone, e) == -1)
		return -1;
	if (d->gone || c->nreplies == 0)
		return 0;
	d->replies = calloc(c->nreplies, sizeof(struct evq_item *));
	if (d->replies == NULL)
		return err_nomem(e);
	for (i = 0; i < c->nreplies; i++)
		if (evq_do_reply(q, d, i, now, e) == -1)
			return -1;
	return 0;
}

/* -- after the commit -- */

static void
evq_publish_put(struct evq *q, struct evq_putting *p, bool ok)
{
	if (!ok) {
		p->result = EVQ_FAILED;
		evq_drop(q, p->item);
	} else if (p->item != NULL) {
		evq_enter(q, p->item, false);
	}
	sem_post(&p->done);
}

/* The claimed item itself: out of its lane, or back into it. */
static void
evq_publish_item(struct evq *q, struct evq_change *c)
{
	struct evq_item *it = c->item;

	if (c->to == EVQ_DONE || c->to == EVQ_DEAD ||
	    (c->to == EVQ_UNCERTAIN && c->due < 0)) {
		evq_leave(q, it);
		c->item = NULL;
		return;
	}
	if (it->which == EVQ_REPLIES || c->to != EVQ_SENDING)
		it->state = c->to;
	if (c->to == EVQ_SENDING)
		return;
	it->attempts += !c->free_try;
	evq_back(q, it, evq_mono(c->due));
}

static void
evq_publish_change(
    struct evq *q, struct evq_doing *d, bool ok, const struct err *e)
{
	struct evq_change *c = d->c;
	size_t i;

	if (!ok || d->gone) {
		evq_undo_change(q, d);
		if (d->gone && ok) {
			evq_leave(q, c->item);
			c->item = NULL;
		}
		c->done(c, ok, e);
		return;
	}
	for (i = 0; i < c->nreplies; i++)
		if (d->replies[i] != c->ready)
			evq_enter(q, d->replies[i], false);
	free(d->replies);
	if (c->item != NULL)
		evq_publish_item(q, c);
	c->done(c, ok, e);
}

/* -- the writer -- */

struct evq_batch {
	struct evq_putting *puts;
	struct evq_change *changes;
	struct evq_doing *doing; /* one for each change */
	size_t nchanges;
};

static int
evq_do_all(struct evq *q, struct evq_batch *b, int64_t now, struct err *e)
{
	struct evq_putting *p;
	size_t i;

	for (p = b->puts; p != NULL; p = p->next)
		if (evq_do_put(q, p, now) == -1) {
			*e = p->err;
			return -1;
		}
	for (i = 0; i < b->nchanges; i++)
		if (evq_do_change(q, &b->doing[i], now, e) == -1)
			return -1;
	return 0;
}

/*
 * Everything of the batch in one transaction: all or nothing.  *begun: it
 * failed by what is in it.
 */
static bool
evq_transact(struct evq *q, struct evq_batch *b, bool *begun, struct err *e)
{
	bool ok;

	*begun = q->ops->begin(q->st, e) == 0;
	if (!*begun)
		return false;
	ok = evq_do_all(q, b, clk_wall_ms(), e) == 0;
	CRASH_POINT("before-commit");
	ok = ok && q->ops->commit(q->st, e) == 0;
	CRASH_POINT("after-commit");
	if (!ok)
		q->ops->rollback(q->st);
	return ok;
}

static void
evq_publish(struct evq *q, struct evq_batch *b, bool ok, struct err *e)
{
	struct evq_putting *p, *next;
	size_t i;

	for (p = b->puts; p != NULL; p = next) {
		next = p->next; /* p is gone with its sem_post */
		if (!ok)
			err_set(&p->err, e->kind, "%s", e->text);
		evq_publish_put(q, p, ok);
	}
	for (i = 0; i < b->nchanges; i++)
		evq_publish_change(q, &b->doing[i], ok, e);
}

/* Forget what a failed transaction left, to try its parts alone. */
static void
evq_reset(struct evq *q, struct evq_batch *b)
{
	struct evq_putting *p;
	size_t i;

	for (p = b->puts; p != NULL; p = p->next) {
		evq_drop(q, p->item);
		p->item = NULL;
		err_clear(&p->err);
	}
	for (i = 0; i < b->nchanges; i++)
		evq_undo_change(q, &b->doing[i]);
}

static void
evq_commit_one(struct evq *q, struct evq_batch *one)
{
	struct err e = ERR_INIT;
	bool begun, ok = evq_transact(q, one, &begun, &e);

	atomic_store(&q->healthy, ok);
	evq_publish(q, one, ok, &e);
}

/*
 * One transaction for all; if it fails, one for each, so that an operation
 * that cannot succeed does not take the others with it for ever.  Where none
 * can begin (another process keeps the file locked) all have failed: asking
 * for each would take its patience as often.
 */
static void
evq_commit(struct evq *q, struct evq_batch *b)
{
	struct evq_putting *p, *next;
	struct err e = ERR_INIT;
	bool begun, ok = evq_transact(q, b, &begun, &e);
	size_t i;

	if (ok || !begun) {
		atomic_store(&q->healthy, ok);
		evq_publish(q, b, ok, &e);
	} else {
		evq_reset(q, b);
		for (p = b->puts; p != NULL; p = next) {
			struct evq_batch one = {.puts = p};

			next = p->next;
			p->next = NULL;
			evq_commit_one(q, &one);
		}
		for (i = 0; i < b->nchanges; i++) {
			struct evq_batch one = {
			    .doing = &b->doing[i], .nchanges = 1};

			evq_commit_one(q, &one);
		}
	}
	if (q->o.wake != NULL)
		q->o.wake(q->o.arg);
}

/* Take what waits; false: nothing did. */
static bool
evq_take_batch(struct evq *q, struct evq_batch *b, struct evq_doing *doing)
{
	struct evq_change *c;

	b->puts = q->puts;
	q->puts = NULL;
	q->puts_end = &q->puts;
	b->doing = doing;
	for (b->nchanges = 0;
	     (c = q->changes) != NULL && b->nchanges < EVQ_BATCH;
	     b->nchanges++) {
		q->changes = c->link;
		memset(&doing[b->nchanges], 0, sizeof *doing);
		doing[b->nchanges].c = c;
	}
	if (q->changes == NULL)
		q->changes_end = &q->changes;
	return b->puts != NULL || b->nchanges > 0;
}

/* One that was dropped holds up its lane no longer: its claim finds out. */
static int
evq_hurry(struct evq *q, enum evq_which which, int64_t id, const char *lane)
{
	char own[32];
	struct lane_item *it;

	pthread_mutex_lock(&q->lock);
	it = lanes_first(q->lanes[which], evq_lane(lane, id, own));
	while (it != NULL && ((struct evq_item *)it)->id != id)
		it = it->next;
	if (it != NULL && !it->taken)
		lanes_hurry(q->lanes[which], it);
	pthread_mutex_unlock(&q->lock);
	return 0;
}

static int
evq_reopen_item(void *arg, enum evq_which which, const struct evq_item *from,
    const char *lane)
{
	struct evq *q = arg;
	struct err e = ERR_INIT;
	struct evq_item *it;

	if (from->state == EVQ_DEAD)
		return evq_hurry(q, which, from->id, lane);
	if ((it = malloc(sizeof *it)) == NULL)
		return -1;
	*it = *from;
	it->which = which;
	it->body = NULL;
	/* its request may still be on its way: looking now would not find it */
	if (it->state == EVQ_SENDING &&
	    it->in.due < it->received + q->o.underway_ms)
		it->in.due = it->received + q->o.underway_ms;
	it->in.due = evq_mono(it->in.due);
	if (evq_hold(q, it, lane, &e) == -1) {
		evq_item_free(it);
		return -1;
	}
	evq_enter(q, it, false);
	return 0;
}

/* Between transactions: what other processes queued, what is old. */
static void
evq_look_around(struct evq *q, int64_t *prune_at)
{
	struct err e = ERR_INIT;
	int64_t now = clk_mono_ms();
	int more;

	if (!atomic_load(&q->healthy)) {
		if (q->ops->probe(q->st, &e) == -1)
			return;
		atomic_store(&q->healthy, true);
		if (q->o.wake != NULL)
			q->o.wake(q->o.arg);
	}
	if (q->ops->poked(q->st, evq_reopen_item, q, &e) > 0 &&
	    q->o.wake != NULL)
		q->o.wake(q->o.arg);
	if (now < *prune_at)
		return;
	more = q->ops->prune(q->st, clk_wall_ms(), q->o.keep_ms, EVQ_PRUNE, &e);
	*prune_at = now + (more > 0 ? 0 : EVQ_PRUNE_MS);
}

static void *
evq_write(void *arg)
{
	struct evq *q = arg;
	int64_t look = clk_mono_ms() + EVQ_IDLE_MS, prune_at = 0;
	struct evq_batch b;

	pthread_mutex_lock(&q->lock);
	for (;;) {
		if (evq_take_batch(q, &b, q->doing)) {
			pthread_mutex_unlock(&q->lock);
			evq_commit(q, &b);
			pthread_mutex_lock(&q->lock);
		} else if (q->stop) {
			break;
		} else {
			clk_cond_wait(&q->work, &q->lock, look);
		}
		if (clk_mono_ms() >= look && !q->stop) {
			pthread_mutex_unlock(&q->lock);
			evq_look_around(q, &prune_at);
			look = clk_mono_ms() + EVQ_IDLE_MS;
			pthread_mutex_lock(&q->lock);
		}
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

/* -- from outside -- */

enum evq_put
evq_put(struct evq *q, const struct evq_new *n, int64_t *id, struct err *e)
{
	struct evq_putting p = {.n = n};

	pthread_mutex_lock(&q->lock);
	if (q->stop ||
	    q->open[EVQ_EVENTS] + q->open[EVQ_REPLIES] >= q->o.queue_max) {
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
	evq_leave(q, it);
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

struct evq_item *
evq_front(struct evq *q, enum evq_which which, const char *lane)
{
	struct lane_item *it;

	pthread_mutex_lock(&q->lock);
	it = lanes_first(q->lanes[which], lane);
	if (it != NULL && !it->taken)
		it = NULL;
	pthread_mutex_unlock(&q->lock);
	return (struct evq_item *)it;
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

static int
evq_load(struct evq *q, struct err *e)
{
	if (q->ops->load(q->st, evq_reopen_item, q, e) == -1)
		return err_set(e, ERR_BUG, "cannot load the open events");
	return 0;
}

struct evq *
evq_open(const struct evq_opts *o, struct err *e)
{
	struct evq *q = calloc(1, sizeof *q);
	const char *rest;

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
	q->lanes[EVQ_EVENTS] = lanes_new(o->window);
	q->lanes[EVQ_REPLIES] = lanes_new(1);
	q->doing = calloc(EVQ_BATCH, sizeof *q->doing);
	if (q->lanes[0] == NULL || q->lanes[1] == NULL || q->doing == NULL) {
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
	evq_free_items(q, EVQ_EVENTS);
	evq_free_items(q, EVQ_REPLIES);
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

bool
evq_full(struct evq *q)
{
	return evq_open_events(q) >= q->o.queue_max;
}

bool
evq_nearly_full(struct evq *q)
{
	return evq_open_events(q) > q->o.queue_max / 10 * 9;
}

int64_t
evq_open_events(struct evq *q)
{
	int64_t n;

	pthread_mutex_lock(&q->lock);
	n = q->open[EVQ_EVENTS] + q->open[EVQ_REPLIES];
	pthread_mutex_unlock(&q->lock);
	return n;
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
evq_dead_replies(struct evq *q, int64_t event, int64_t from, int64_t to)
{
	int n;

	pthread_mutex_lock(&q->reading);
	n = q->ops->dead(q->st, event, from, to);
	pthread_mutex_unlock(&q->reading);
	return n;
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
