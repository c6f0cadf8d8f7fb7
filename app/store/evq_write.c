/*
 * The queue's writer: what was put and changed, in one transaction after
 * another, and what a commit brings into the lanes; see evq.h.  All of it
 * runs on one thread, the writer, but for evq_load, which whoever opens the
 * queue runs before there is one.
 */
#include "store/evq_int.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/str.h"

#define EVQ_IDLE_MS 500         /* how often an idle writer looks around */
#define EVQ_FRONT 64            /* of a lane, looked at first */
#define EVQ_PRUNE 50            /* events forgotten at once */
#define EVQ_PRUNE_MS 60000      /* pause when none is old enough */
#define EVQ_PRUNE_SOON_MS 20    /* and when there are more */
#define EVQ_CACHE_MAX (1 << 20) /* bodies kept between put and claim */

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

/* A moment of the past (or to come), likewise. */
static int64_t
evq_since(int64_t wall)
{
	return clk_mono_ms() - (clk_wall_ms() - wall);
}

/* -- what a commit means for the lanes -- */

static enum evq_which
evq_queue(enum evq_which which, const char *lane)
{
	static const struct {
		enum evq_which which;
		const char *lane;
		enum evq_which queue;
	} rows[] = {
	    {EVQ_REPLIES, EVQ_LANE_ALONE, EVQ_OUTSIDE},
	    {EVQ_REPLIES, EVQ_LANE_OUTBOUND, EVQ_OUTSIDE},
	    {EVQ_REPLIES, EVQ_LANE_TRIGGER, EVQ_OUTSIDE},
	    {EVQ_EVENTS, EVQ_LANE_INBOUND, EVQ_HUB},
	    {EVQ_EVENTS, EVQ_LANE_EVENT, EVQ_HUB},
	    {EVQ_EVENTS, EVQ_LANE_CONNECT, EVQ_HUB},
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].which == which && str_prefix(lane, rows[i].lane))
			return rows[i].queue;
	return which;
}

static struct evq_item *
evq_item_new(enum evq_which which, const char *lane, int64_t id, int64_t now)
{
	struct evq_item *it = calloc(1, sizeof *it);

	if (it != NULL) {
		it->which = which;
		it->queue = evq_queue(which, lane);
		it->id = id;
		it->received = now;
		it->since = evq_since(now);
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
	rc = lanes_hold(q->lanes[it->queue], lane, &it->in);
	pthread_mutex_unlock(&q->lock);
	return rc == 0 ? 0 : err_nomem(e);
}

static void
evq_enter(struct evq *q, struct evq_item *it, bool taken)
{
	pthread_mutex_lock(&q->lock);
	if (taken)
		lanes_add_taken(q->lanes[it->queue], &it->in);
	else
		lanes_add(q->lanes[it->queue], &it->in);
	q->open[it->queue]++;
	pthread_mutex_unlock(&q->lock);
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
	if ((p->item = evq_item_new(EVQ_EVENTS, p->n->lane, p->id, now)) ==
	    NULL)
		return err_nomem(&p->err);
	p->item->in.due = evq_mono(p->n->due);
	p->item->in.order = p->n->order != 0 ? p->n->order : now;
	evq_cache(q, p->item, p->n->body, p->n->len);
	return evq_hold(q, p->item, p->n->lane, &p->err);
}

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
	return !busy && r->lane[0] != '\0' &&
	       evq_queue(EVQ_REPLIES, r->lane) == EVQ_REPLIES;
}

/* Do as many requests wait for other programs as may? */
static bool
evq_crowded(struct evq *q)
{
	bool crowded, news;

	pthread_mutex_lock(&q->lock);
	crowded = q->open[EVQ_OUTSIDE] >= q->o.queue_max;
	news = crowded && !q->crowded;
	q->crowded = crowded;
	pthread_mutex_unlock(&q->lock);
	if (news)
		log_warn("%lld requests wait for other programs, as many as "
			 "WEBEXBOT_QUEUE_MAX allows: more are dead at once",
		    (long long)q->o.queue_max);
	return crowded;
}

/* One too many is kept to be looked at, and is never tried. */
static int
evq_do_dead(struct evq *q, struct evq_item *it, int64_t now, struct err *e)
{
	const struct evq_change c = {.item = it,
	    .to = EVQ_DEAD,
	    .reason = "too many requests wait for other programs"};
	bool gone;
	int rc = q->ops->change(q->st, &c, now, &gone, e);

	evq_item_free(it);
	return rc;
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
	if ((it = evq_item_new(EVQ_REPLIES, r->lane, id, now)) == NULL)
		return err_nomem(e);
	it->event = d->c->item->id;
	if (it->queue == EVQ_OUTSIDE && evq_crowded(q))
		return evq_do_dead(q, it, now, e);
	d->replies[i] = it;
	it->in.due = evq_mono(r->due);
	if (r->due > it->received) {
		it->received = r->due;
		it->since = evq_since(r->due);
	}
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
		if (d->replies[i] != NULL && d->replies[i] != c->ready)
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

/* That it is well again a probe decides: not every transaction writes. */
static void
evq_judge(struct evq *q, bool ok)
{
	if (!ok)
		atomic_store(&q->healthy, false);
}

static void
evq_commit_one(struct evq *q, struct evq_batch *one)
{
	struct err e = ERR_INIT;
	bool begun, ok = evq_transact(q, one, &begun, &e);

	evq_judge(q, ok);
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
		evq_judge(q, ok);
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

/*
 * In its lane, which may be long: among the first, of which some are taken
 * and stand in any order, or from the end to where it would stand.
 */
static struct lane_item *
evq_find(const struct lanes *ls, const char *lane, int64_t id, int64_t order)
{
	struct lane_item *it = lanes_first(ls, lane);
	int i;

	for (i = 0; it != NULL && i < EVQ_FRONT; i++, it = it->next)
		if (((struct evq_item *)it)->id == id)
			return it;
	for (it = lanes_last(ls, lane);
	     it != NULL && (it->taken || it->order >= order); it = it->prev)
		if (((struct evq_item *)it)->id == id)
			return it;
	return NULL;
}

/* Under the lock: what is dropped makes room, whenever its claim finds out. */
static void
evq_set_dropped(struct evq *q, struct evq_item *it, bool dropped)
{
	if (it->dropped != dropped)
		q->open[it->queue] += dropped ? -1 : 1;
	it->dropped = dropped;
}

/*
 * Is it in its lane already?  Then it may be claimed at once, if it is due;
 * one that was dropped, to find out: its body is asked for again.
 */
static bool
evq_hurry(struct evq *q, enum evq_which which, const struct evq_item *of,
    const char *lane)
{
	char own[32];
	struct lanes *ls = q->lanes[evq_queue(which, lane)];
	bool dead = of->state == EVQ_DEAD;
	struct evq_item *it;

	pthread_mutex_lock(&q->lock);
	it = (struct evq_item *)evq_find(
	    ls, evq_lane(lane, of->id, own), of->id, of->in.order);
	if (it != NULL) {
		evq_set_dropped(q, it, dead);
		it->again = it->in.taken && !dead;
	}
	if (it != NULL && !it->in.taken &&
	    (dead || of->in.due <= clk_wall_ms())) {
		evq_uncache(q, it);
		free(it->body);
		it->body = NULL;
		lanes_hurry(ls, &it->in);
	}
	pthread_mutex_unlock(&q->lock);
	return it != NULL;
}

static int
evq_reopen_item(void *arg, enum evq_which which, const struct evq_item *from,
    const char *lane)
{
	int64_t now = clk_wall_ms(), left;
	struct evq *q = arg;
	struct err e = ERR_INIT;
	struct evq_item *it;

	if ((it = malloc(sizeof *it)) == NULL)
		return -1;
	*it = *from;
	it->which = which;
	it->queue = evq_queue(which, lane);
	it->body = NULL;
	if (it->since == 0)
		it->since = evq_since(it->received);
	/* its request may still be on its way: looking now would not find it */
	left = it->received < now ? it->received : now;
	if (it->state == EVQ_SENDING && it->in.due < left + q->o.underway_ms)
		it->in.due = left + q->o.underway_ms;
	it->in.due = evq_mono(it->in.due);
	if (evq_hold(q, it, lane, &e) == -1) {
		evq_item_free(it);
		return -1;
	}
	evq_enter(q, it, false);
	return 0;
}

/*
 * One that was dropped holds up its lane no longer: its claim finds out.  One
 * that was dropped and is played again is there still.
 */
static int
evq_poked_item(void *arg, enum evq_which which, const struct evq_item *from,
    const char *lane)
{
	struct evq_item it = *from;

	if (evq_hurry(arg, which, from, lane) || from->state == EVQ_DEAD)
		return 0;
	it.since = clk_mono_ms(); /* played again, it begins anew */
	return evq_reopen_item(arg, which, &it, lane);
}

int
evq_load(struct evq *q, struct err *e)
{
	if (q->ops->load(q->st, evq_reopen_item, q, e) == -1)
		return err_set(e, ERR_BUG, "cannot load the open events");
	return 0;
}

/*
 * Between transactions: what other processes queued, what is old.  When to
 * look again.
 */
static int64_t
evq_look_around(struct evq *q, int64_t *prune_at)
{
	struct err e = ERR_INIT;
	int64_t now = clk_mono_ms(), next = now + EVQ_IDLE_MS;
	int more;

	if (!atomic_load(&q->healthy)) {
		if (q->ops->probe(q->st, &e) == -1)
			return next;
		atomic_store(&q->healthy, true);
		if (q->o.wake != NULL)
			q->o.wake(q->o.arg);
	}
	if (q->ops->poked(q->st, evq_poked_item, q, &e) > 0 &&
	    q->o.wake != NULL)
		q->o.wake(q->o.arg);
	if (now < *prune_at)
		return next;
	more = q->ops->prune(
	    q->st, clk_wall_ms(), q->o.keep_ms, q->o.reach_ms, EVQ_PRUNE, &e);
	*prune_at = now + (more > 0 ? EVQ_PRUNE_SOON_MS : EVQ_PRUNE_MS);
	return more > 0 ? *prune_at : next;
}

void *
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
			look = evq_look_around(q, &prune_at);
			pthread_mutex_lock(&q->lock);
		}
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}
