/* Schedules; see sched.h. */
#include "bot/sched.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/thr.h"
#include "base/when.h"

#define SCHED_LOOK_MS 30000 /* at least so often: clocks are set */
#define SCHED_AGAIN_MS 1000 /* after the store has refused */
#define SCHED_NOTE_S 60     /* between notes that nothing has come */

/* what is remembered: how far all has been put; seconds since 1970 */
#define SCHED_SCOPE "schedules"
#define SCHED_LAST "last"

struct sched {
	struct sched_opts o;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	bool woken; /* since the last look began */
	bool looking;
	int64_t last;  /* what came before is done; seconds since 1970 */
	int64_t noted; /* what is remembered of that */
};

/*
 * How far all has been put.  Not each second of it, but always when one has
 * come or there are other rules: a start goes on from there, whatever else
 * has been put into the store meanwhile.  0: there are no schedules, and one
 * that is there later did not come before.
 */
static void
sched_note(struct sched *s, int64_t at)
{
	struct err e = ERR_INIT;

	if (evq_remember_num(s->o.q, SCHED_SCOPE, SCHED_LAST, at, &e) == 0)
		s->noted = at;
	else
		log_warn("schedules: %s", e.text);
}

/* That, from an earlier run; 0: there was none. */
static int64_t
sched_noted(struct evq *q)
{
	int64_t at = evq_memory_num(q, SCHED_SCOPE, SCHED_LAST);

	return at <= INT64_MAX / 1000 ? at : 0;
}

/* The key makes it once: a repetition of it is stored already. */
static int
sched_put(struct sched *s, const struct rule *r, int64_t at)
{
	char key[128], body[256], when[CLK_TEXT];
	struct evq_new n = {.key = key,
	    .lane = "",
	    .source = RULES_SCHEDULE,
	    .kind = r->key,
	    .room = "",
	    .body = body};
	struct err e = ERR_INIT;
	enum evq_put put;

	snprintf(key, sizeof key, "%s:%" PRId64, r->key, at);
	n.len = (size_t)snprintf(body, sizeof body,
	    "{\"source\":\"" RULES_SCHEDULE "\",\"kind\":\"%s\"}\n"
	    "{\"schedule\":\"%s\",\"at\":\"%s\"}",
	    r->key, r->key + strlen(RULES_SCHEDULE "."),
	    clk_text(at * 1000, when));
	put = evq_put(s->o.q, &n, NULL, &e);
	if (put == EVQ_STORED || put == EVQ_REPEATED)
		return 0;
	log_error("%s: %s, trying again", r->key,
	    put == EVQ_FULL ? "the queue is full" : e.text);
	return -1;
}

/*
 * Put what has come since `last`: of several times of one schedule only the
 * latest.  *next: when the first of all comes again.
 */
static int
sched_look(struct sched *s, int64_t now, bool anew, int64_t *next)
{
	struct brain *b = brain_get(s->o.brain);
	const struct rules *rs = brain_rules(b);
	bool any = false, note = false;
	int64_t t, due;
	int rc = 0;
	size_t i;

	*next = -1;
	for (i = 0; i < rs->n; i++) {
		const struct rule *r = &rs->v[i];

		if (r->cron == NULL)
			continue;
		any = true;
		due = -1;
		t = cron_next(r->cron, r->zone, s->last);
		while (t != -1 && t <= now) {
			due = t;
			t = cron_next(r->cron, r->zone, t);
		}
		if (due != -1 && sched_put(s, r, due) == -1)
			rc = -1;
		note =
		    note || anew || due != -1 || now - s->noted >= SCHED_NOTE_S;
		if (t != -1 && (*next == -1 || t < *next))
			*next = t;
	}
	brain_unref(b);
	if (rc == -1)
		return -1;
	s->last = now;
	if (note || (!any && s->noted != 0))
		sched_note(s, any ? now : 0);
	return 0;
}

/* Until then, at the latest; in ms of the other clock. */
static int64_t
sched_deadline(int64_t next, int rc)
{
	int64_t now = clk_wall_ms(), ms = SCHED_LOOK_MS;

	if (rc == -1)
		ms = SCHED_AGAIN_MS;
	else if (next != -1 && next * 1000 - now < ms)
		ms = next * 1000 > now ? next * 1000 - now : 0;
	return clk_mono_ms() + ms;
}

static void *
sched_run(void *arg)
{
	struct sched *s = arg;
	int64_t next, until;
	bool anew;
	int rc;

	pthread_mutex_lock(&s->lock);
	s->woken = true;
	while (!s->stop) {
		anew = s->woken;
		s->woken = false;
		s->looking = true;
		pthread_mutex_unlock(&s->lock);
		rc = sched_look(s, clk_wall_ms() / 1000, anew, &next);
		until = sched_deadline(next, rc);
		pthread_mutex_lock(&s->lock);
		s->looking = false;
		while (!s->stop && !s->woken && clk_mono_ms() < until)
			clk_cond_wait(&s->wake, &s->lock, until);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct sched *
sched_start(const struct sched_opts *o, struct err *e)
{
	struct sched *s = calloc(1, sizeof *s);
	int64_t now = clk_wall_ms(), before;

	if (s == NULL) {
		err_nomem(e);
		return NULL;
	}
	s->o = *o;
	s->last = now;
	s->noted = sched_noted(o->q);
	before =
	    s->noted != 0 ? s->noted * 1000 : evq_last_received(o->q, NULL);
	if (before != 0)
		s->last =
		    before > now - o->catchup_ms ? before : now - o->catchup_ms;
	s->last = (s->last < now ? s->last : now) / 1000;
	pthread_mutex_init(&s->lock, NULL);
	clk_cond_init(&s->wake);
	if (thr_start(&s->thread, "wb-schedules", sched_run, s) == 0)
		return s;
	err_set(e, ERR_BUG, "no thread for the schedules");
	free(s);
	return NULL;
}

static void
sched_signal(struct sched *s, bool *flag)
{
	pthread_mutex_lock(&s->lock);
	*flag = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void
sched_wake(struct sched *s)
{
	sched_signal(s, &s->woken);
}

bool
sched_idle(struct sched *s)
{
	bool idle;

	pthread_mutex_lock(&s->lock);
	idle = !s->woken && !s->looking;
	pthread_mutex_unlock(&s->lock);
	return idle;
}

void
sched_stop(struct sched *s)
{
	if (s == NULL)
		return;
	sched_signal(s, &s->stop);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
