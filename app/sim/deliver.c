/* Deliveries of webhooks; see deliver.h. */
#include "sim/deliver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/map.h"
#include "base/thr.h"
#include "net/verify.h"
#include "net/xfer.h"
#include "sim/fault.h"
#include "sim/inner.h"
#include "sim/traffic.h"

#define DELIVER_ANSWER (64 * 1024) /* read of an answer */
#define LANE_KEY (2 * ID_MAX)

struct job {
	struct deliver *deliver;
	struct lane *lane;
	char hook[ID_MAX];
	char *body;
	size_t len;
	int64_t due; /* monotonic ms; 0: at once */
	bool badsign;
	/* once it is in flight */
	char *target;
	char *secret;
	char who[128];
	char track[ID_TRACK];
	int timeout_ms;
	TAILQ_ENTRY(job) in_lane;
};

struct lane {
	char *key; /* NULL: of one job only */
	bool busy;
	TAILQ_HEAD(, job) jobs;
	TAILQ_ENTRY(lane) ready; /* when not busy */
};

struct deliver {
	struct sim *sim;
	pthread_t thread;
	pthread_cond_t cond;
	struct map *lanes;
	TAILQ_HEAD(lane_list, lane) ready;
	size_t waiting;
	size_t inflight;
	int parallel;
	bool held, newest_first, stopping;
};

/* -- the queue -- */

static void
deliver_free_job(struct job *j)
{
	free(j->body);
	free(j->target);
	free(j->secret);
	free(j);
}

static struct lane *
deliver_lane(struct deliver *d, const char *hook, const char *room, bool own)
{
	char key[LANE_KEY];
	struct lane *l;

	snprintf(key, sizeof key, "%s %s", hook, room);
	if (!own && (l = map_get(d->lanes, key)) != NULL)
		return l;
	if ((l = calloc(1, sizeof *l)) == NULL)
		return NULL;
	TAILQ_INIT(&l->jobs);
	if (!own && ((l->key = strdup(key)) == NULL ||
			map_put(d->lanes, key, l, NULL) == -1)) {
		free(l->key);
		free(l);
		return NULL;
	}
	if (d->newest_first)
		TAILQ_INSERT_HEAD(&d->ready, l, ready);
	else
		TAILQ_INSERT_TAIL(&d->ready, l, ready);
	return l;
}

static void
deliver_free_lane(struct deliver *d, struct lane *l)
{
	if (l->key != NULL)
		map_del(d->lanes, l->key);
	free(l->key);
	free(l);
}

/* Takes the body. */
static void
deliver_add(struct deliver *d, const struct hook *h, const char *room,
    char *body, const struct fault *f, bool own)
{
	struct job *j = calloc(1, sizeof *j);

	if (j == NULL || body == NULL || d->waiting >= DELIVER_MAX)
		goto drop;
	j->deliver = d;
	j->body = body;
	j->len = strlen(body);
	j->badsign = f->badsign;
	if (f->delay_ms > 0)
		j->due = clk_mono_ms() + f->delay_ms;
	memcpy(j->hook, h->id, sizeof j->hook);
	j->lane = deliver_lane(d, h->id, room, own || d->newest_first);
	if (j->lane == NULL)
		goto drop;
	TAILQ_INSERT_TAIL(&j->lane->jobs, j, in_lane);
	d->waiting++;
	pthread_cond_signal(&d->cond);
	return;
drop:
	free(body);
	free(j);
}

void
deliver_put(
    struct deliver *d, const struct hook *h, const char *room, char *body)
{
	const struct fault_call call = {
	    "deliveries", "POST", h->target, "", h->owner->bot};
	struct fault f = {.repeat = 1};
	int i;

	if (body == NULL)
		return;
	faults_take(d->sim->faults, &call, &f);
	if (f.cut == FAULT_CUT_BEFORE) {
		free(body);
		return;
	}
	/*
	 * Repeated ones overtake each other, and a late one is overtaken: what
	 * may come twice and in any order does just that.
	 */
	for (i = 1; i < f.repeat; i++)
		deliver_add(d, h, room, strdup(body), &f, true);
	deliver_add(d, h, room, body, &f, f.delay_ms > 0);
}

void
deliver_clear(struct deliver *d)
{
	struct map_node *n, *next;
	struct lane *l, *lnext;
	struct job *j;

	for (n = map_first(d->lanes); n != NULL; n = next) {
		next = map_next(n);
		l = map_value(n);
		if (!l->busy)
			continue;
		while ((j = TAILQ_FIRST(&l->jobs)) != NULL) {
			TAILQ_REMOVE(&l->jobs, j, in_lane);
			deliver_free_job(j);
			d->waiting--;
		}
	}
	for (l = TAILQ_FIRST(&d->ready); l != NULL; l = lnext) {
		lnext = TAILQ_NEXT(l, ready);
		TAILQ_REMOVE(&d->ready, l, ready);
		while ((j = TAILQ_FIRST(&l->jobs)) != NULL) {
			TAILQ_REMOVE(&l->jobs, j, in_lane);
			deliver_free_job(j);
			d->waiting--;
		}
		deliver_free_lane(d, l);
	}
	pthread_cond_broadcast(&d->sim->changed);
}

size_t
deliver_pending(const struct deliver *d)
{
	return d->waiting + d->inflight;
}

void
deliver_hold(struct deliver *d, bool on)
{
	d->held = on;
	pthread_cond_signal(&d->cond);
}

bool
deliver_held(const struct deliver *d)
{
	return d->held;
}

void
deliver_order(struct deliver *d, int parallel, bool newest_first)
{
	d->parallel = parallel;
	d->newest_first = newest_first;
	pthread_cond_signal(&d->cond);
}

int
deliver_parallel(const struct deliver *d)
{
	return d->parallel;
}

bool
deliver_newest_first(const struct deliver *d)
{
	return d->newest_first;
}

void
deliver_wake(struct deliver *d)
{
	pthread_cond_signal(&d->cond);
}

/* -- answers -- */

/*
 * Count a failure.  The 100th within five minutes disables the webhook; so
 * does the first within five minutes of its being activated again (W1).
 */
static void
deliver_failed(struct sim *s, struct hook *h)
{
	int64_t now = clk_mono_ms();
	int limit = s->tune.disable_after, i, recent = 0;

	if (limit > WORLD_HOOK_FAILS)
		limit = WORLD_HOOK_FAILS;
	h->fails[h->nfails++ % WORLD_HOOK_FAILS] = now;
	for (i = 0; i < WORLD_HOOK_FAILS && (unsigned)i < h->nfails; i++)
		if (h->fails[i] > now - DELIVER_WINDOW)
			recent++;
	if (recent < limit && now >= h->probation)
		return;
	h->active = false;
	log_warn("sim: webhook %s (%s %s) disabled, failed deliveries: %d",
	    h->name, h->resource, h->event, recent);
	traffic_event(s->traffic, "webhooks", "{}");
}

static const char *
deliver_remark(const struct xfer_res *r)
{
	switch (r->end) {
	case XFER_ANSWERED:
		return r->status / 100 == 2 ? NULL : "not accepted";
	case XFER_NOT_SENT:
		return "no connection";
	case XFER_CUT:
		return "no answer";
	case XFER_TOO_LARGE:
		return "answer too large";
	case XFER_STOPPED:
		break;
	}
	return "stopped";
}

static void
deliver_note(const struct job *j, const struct xfer_res *r)
{
	char why[256];
	struct traffic_note n = {
	    .kind = "delivery",
	    .who = j->who,
	    .method = "POST",
	    .path = j->target,
	    .status = r->end == XFER_ANSWERED ? r->status : 0,
	    .remark = deliver_remark(r),
	    .track = j->track,
	    .us = r->us,
	    .req = j->body,
	    .req_len = j->len,
	    .resp = r->body,
	    .resp_len = r->body_len,
	};

	if (r->end == XFER_NOT_SENT) {
		snprintf(why, sizeof why, "%s: %s", n.remark, r->error);
		n.remark = why;
	}
	traffic_call(j->deliver->sim->traffic, &n);
}

/* Under mu: the lane is free for its next job. */
static void
deliver_next(struct deliver *d, struct lane *l)
{
	l->busy = false;
	if (TAILQ_EMPTY(&l->jobs))
		deliver_free_lane(d, l);
	else
		TAILQ_INSERT_TAIL(&d->ready, l, ready);
	pthread_cond_signal(&d->cond);
	pthread_cond_broadcast(&d->sim->changed);
}

/* On the thread of xfer. */
static void
deliver_done(struct xfer_res *r, void *arg)
{
	struct job *j = arg;
	struct deliver *d = j->deliver;
	struct sim *s = d->sim;
	struct hook *h;

	deliver_note(j, r);
	pthread_mutex_lock(&s->mu);
	if (r->end != XFER_STOPPED &&
	    (r->end != XFER_ANSWERED || r->status / 100 != 2) &&
	    (h = world_hook(s->world, j->hook)) != NULL) {
		if (r->end == XFER_NOT_SENT && h->nfails == 0)
			log_warn("sim: webhook %s is not delivered to %s: %s",
			    h->name, j->target, r->error);
		deliver_failed(s, h);
	}
	d->inflight--;
	deliver_next(d, j->lane);
	pthread_mutex_unlock(&s->mu);
	deliver_free_job(j);
}

/* -- sending -- */

/* Not under mu. */
static void
deliver_send(struct job *j)
{
	struct sim *s = j->deliver->sim;
	struct xfer_res none = {.end = XFER_NOT_SENT, .body = ""};
	char sign[VERIFY_HEX_MAX + 32], track[ID_TRACK + 16];
	const char *headers[4] = {"Content-Type: application/json"};
	struct xfer_req q = {
	    .method = "POST",
	    .url = j->target,
	    .headers = headers,
	    .body = j->body,
	    .body_len = j->len,
	    .resp_max = DELIVER_ANSWER,
	    .timeout_ms = j->timeout_ms,
	    .done = deliver_done,
	    .arg = j,
	};
	size_t n;

	snprintf(track, sizeof track, "trackingId: %s", j->track);
	headers[1] = track;
	if (j->secret != NULL) {
		n = (size_t)snprintf(sign, sizeof sign, "X-Spark-Signature: ");
		verify_hmac(VERIFY_SHA1, j->secret, strlen(j->secret), j->body,
		    j->len, sign + n);
		if (j->badsign)
			sign[n] = sign[n] == '0' ? '1' : '0';
		headers[2] = sign;
	}
	if (xfer_submit(s->xfer, &q, NULL) == -1)
		deliver_done(&none, j);
}

/* Under mu: what the webhook says now; false: it is gone or inactive. */
static bool
deliver_prepare(struct deliver *d, struct job *j)
{
	struct hook *h = world_hook(d->sim->world, j->hook);

	if (h == NULL || !h->active)
		return false;
	snprintf(j->who, sizeof j->who, "%s", h->name);
	id_track(j->track);
	j->timeout_ms = d->sim->tune.timeout_ms;
	j->target = strdup(h->target);
	j->secret = h->secret != NULL ? strdup(h->secret) : NULL;
	return j->target != NULL && (h->secret == NULL) == (j->secret == NULL);
}

/* Under mu: the next job that may go; NULL: none, wait until *until. */
static struct job *
deliver_pick(struct deliver *d, int64_t *until)
{
	int64_t now = clk_mono_ms();
	int most = d->newest_first ? 1 : d->parallel;
	struct lane *l;
	struct job *j;

	*until = -1;
	if (d->held || d->inflight >= (size_t)most)
		return NULL;
	TAILQ_FOREACH(l, &d->ready, ready)
	{
		j = TAILQ_FIRST(&l->jobs);
		if (j->due <= now) {
			TAILQ_REMOVE(&d->ready, l, ready);
			TAILQ_REMOVE(&l->jobs, j, in_lane);
			l->busy = true;
			d->waiting--;
			d->inflight++;
			return j;
		}
		if (*until == -1 || j->due < *until)
			*until = j->due;
	}
	return NULL;
}

static void *
deliver_run(void *arg)
{
	struct deliver *d = arg;
	struct sim *s = d->sim;
	struct job *j;
	int64_t until;

	pthread_mutex_lock(&s->mu);
	while (!d->stopping) {
		if ((j = deliver_pick(d, &until)) == NULL) {
			clk_cond_wait(&d->cond, &s->mu, until);
			continue;
		}
		if (!deliver_prepare(d, j)) {
			d->inflight--;
			deliver_next(d, j->lane);
			deliver_free_job(j);
			continue;
		}
		pthread_mutex_unlock(&s->mu);
		deliver_send(j);
		pthread_mutex_lock(&s->mu);
	}
	pthread_mutex_unlock(&s->mu);
	return NULL;
}

struct deliver *
deliver_start(struct sim *s, struct err *e)
{
	struct deliver *d = calloc(1, sizeof *d);

	if (d == NULL || (d->lanes = map_new()) == NULL) {
		free(d);
		err_nomem(e);
		return NULL;
	}
	d->sim = s;
	d->parallel = DELIVER_PARALLEL;
	TAILQ_INIT(&d->ready);
	clk_cond_init(&d->cond);
	if (thr_start(&d->thread, "wb-deliver", deliver_run, d) == 0)
		return d;
	err_set(e, ERR_BUG, "no thread for the deliveries");
	deliver_free(d);
	return NULL;
}

void
deliver_stop(struct deliver *d)
{
	pthread_mutex_lock(&d->sim->mu);
	d->stopping = true;
	pthread_cond_signal(&d->cond);
	pthread_mutex_unlock(&d->sim->mu);
	pthread_join(d->thread, NULL);
}

void
deliver_free(struct deliver *d)
{
	if (d == NULL)
		return;
	deliver_clear(d);
	map_free(d->lanes, NULL);
	pthread_cond_destroy(&d->cond);
	free(d);
}
