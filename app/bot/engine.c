/*
 * The engine; see engine.h.  engine_run and everything it calls is its own
 * thread; job_resume and engine_wake come from others (xfer's, the store's
 * writer, handlers) and only put a job into the inbox.
 */
#include "bot/engine.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "base/thr.h"
#include "bot/call.h"
#include "bot/hand.h"
#include "bot/job.h"
#include "bot/memory.h"
#include "bot/people.h"
#include "net/retry.h"

#define ENGINE_ARENA_MAX (64u << 20) /* of one job */
#define ENGINE_TRACE_MAX (64u << 10)
#define ENGINE_BACKOFF_MS 1000
#define ENGINE_BACKOFF_MAX_MS (5 * 60 * 1000)
#define ENGINE_FREE_MS 1000 /* before a try that does not count */
#define ENGINE_OUTAGE_MAX_MS 15000
#define ENGINE_MISSING_MS 400 /* a 404 just after the notification */
#define ENGINE_MISSING_TRIES 5
#define ENGINE_DOWN 3        /* calls that fail in a row: Webex is down */
#define ENGINE_PULSE_MS 3000 /* between two questions whether it is back */
#define ENGINE_STALL_MS 500  /* before storing is tried again */
#define ENGINE_NOMEM_MS 100  /* before a claim is */

/* Why nothing is claimed. */
enum engine_hold { HOLD_NO, HOLD_START, HOLD_TOKEN, HOLD_DOWN };

struct engine {
	struct engine_opts o;
	pthread_t thread;
	pthread_mutex_t lock; /* over what follows, up to `jobs` */
	pthread_cond_t wake;
	struct job *inbox, **inbox_end;
	pthread_cond_t idle;
	bool allowed; /* claims may be made at all */
	bool look;    /* something may be claimed */
	bool poke;
	bool drain;
	bool stop;
	bool busy; /* awake */
	int inflight;

	struct job *jobs;    /* every one, for engine_free */
	struct job *stalled; /* the store refused their change */
	int64_t stall_until;
	enum engine_hold hold;
	int64_t pulse_at;
	int failures; /* in a row, each of another item than the last */
	int64_t failing;
	struct job *pulse;
	struct people *people;
	struct memory *memory;
};

const struct engine_opts *
engine_opts(const struct engine *en)
{
	return &en->o;
}

struct people *
engine_people(struct engine *en)
{
	return en->people;
}

struct memory *
engine_memory(struct engine *en)
{
	return en->memory;
}

/* -- jobs -- */

static const struct job_answer no_answer = {
    .file = "", .file_type = "", .tracking = "", .error = "", .detail = ""};

static struct job *
job_new(struct engine *en, struct evq_item *it, const struct step *steps)
{
	struct job *j = calloc(1, sizeof *j);

	if (j == NULL || (j->arena = arena_new(ENGINE_ARENA_MAX)) == NULL) {
		free(j);
		return NULL;
	}
	j->en = en;
	j->item = it;
	j->which = it == NULL ? EVQ_EVENTS : it->which;
	j->step = steps;
	j->answer = no_answer;
	j->start_us = clk_mono_us();
	/* what may have been sent stays so until it has been looked up */
	j->again = it != NULL && (it->state == EVQ_SENDING ||
				     it->state == EVQ_UNCERTAIN)
		       ? EVQ_UNCERTAIN
		       : EVQ_WAITING;
	buf_init(&j->trace, ENGINE_TRACE_MAX);
	if (it != NULL) {
		it->owner = j;
		j->lane = arena_strdup(j->arena, lane_name(&it->in));
		if (j->lane == NULL) {
			arena_free(j->arena);
			free(j);
			return NULL;
		}
	}
	if ((j->all_next = en->jobs) != NULL)
		en->jobs->all_prev = j;
	en->jobs = j;
	return j;
}

static void
job_free(struct job *j)
{
	struct engine *en = j->en;

	if (j->all_next != NULL)
		j->all_next->all_prev = j->all_prev;
	if (j->all_prev != NULL)
		j->all_prev->all_next = j->all_next;
	else
		en->jobs = j->all_next;
	hand_done(j);
	steps_event_done(j);
	steps_http_done(j);
	event_done(&j->ev);
	json_free(j->out);
	json_free(j->called);
	free(j->answer.body);
	free(j->answer.next);
	buf_done(&j->trace);
	arena_free(j->arena);
	free(j);
}

void
job_resume(struct job *j)
{
	struct engine *en = j->en;

	pthread_mutex_lock(&en->lock);
	j->next = NULL;
	*en->inbox_end = j;
	en->inbox_end = &j->next;
	pthread_cond_signal(&en->wake);
	pthread_mutex_unlock(&en->lock);
}

void
job_trace(struct job *j, const char *what, ...)
{
	size_t mark = buf_len(&j->trace);
	char at[CLK_TEXT];
	const char *name, *value;
	va_list ap;

	buf_adds(&j->trace, "{\"at\":\"");
	buf_adds(&j->trace, clk_text(clk_wall_ms(), at));
	buf_adds(&j->trace, "\",\"what\":\"");
	buf_adds(&j->trace, what);
	buf_addc(&j->trace, '"');
	va_start(ap, what);
	while ((name = va_arg(ap, const char *)) != NULL) {
		if ((value = va_arg(ap, const char *)) == NULL)
			value = "";
		buf_adds(&j->trace, ",\"");
		buf_adds(&j->trace, name);
		buf_adds(&j->trace, "\":");
		json_quote(value, strlen(value), &j->trace);
	}
	va_end(ap);
	if (buf_adds(&j->trace, "}\n") == -1)
		buf_cut(&j->trace, mark); /* full: the rest goes untold */
}

/* A copy for as long as the job lives. */
static const char *
job_keep(struct job *j, const char *text)
{
	const char *copy = text[0] == '\0' ? "" : arena_strdup(j->arena, text);

	return copy == NULL ? "out of memory" : copy;
}

/* -- calls of Webex -- */

/* On a thread of others, while the job waits. */
static void
job_answered(const struct wx_answer *a, void *arg)
{
	struct job *j = arg;
	struct job_answer *o = &j->answer;

	o->verdict = a->verdict;
	o->status = a->status;
	o->retry_ms = a->retry_ms;
	o->us = a->us;
	if ((o->body = malloc(a->len + 1)) != NULL) {
		memcpy(o->body, a->body, a->len);
		o->body[a->len] = '\0';
		o->len = a->len;
	}
	o->next = a->next[0] == '\0' ? NULL : strdup(a->next);
	o->file = job_keep(j, a->file);
	o->file_type = job_keep(j, a->file_type);
	o->file_size = a->file_size;
	o->tracking = job_keep(j, a->tracking);
	o->error = job_keep(j, a->error);
	o->detail = job_keep(j, a->detail);
	j->answered = true;
	stat_inc(STAT_rest_ok + (int)a->verdict);
	job_resume(j);
}

/* A dry run answers some calls itself. */
static bool
job_staged(struct job *j, const struct wx_call *c)
{
	const struct engine_stage *stage = j->en->o.stage;

	if (stage == NULL || !stage->call(stage->arg, c, &j->answer))
		return false;
	j->answered = true;
	job_resume(j);
	return true;
}

static void
job_trace_call(struct job *j)
{
	const struct job_answer *a = &j->answer;
	char status[16], ms[24];

	snprintf(status, sizeof status, "%d", a->status);
	snprintf(ms, sizeof ms, "%" PRId64, a->us / 1000);
	job_trace(j, "call", "method", wx_method(a->endpoint), "path",
	    wx_path(a->endpoint), "status", status, "ms", ms, "trackingId",
	    a->tracking, "error", a->error, "detail", a->detail, NULL);
}

enum job_next
job_call(struct job *j, const struct wx_call *c)
{
	struct engine *en = j->en;
	struct wx_call call = *c;
	struct err e = ERR_INIT;
	int64_t rest = wx_rest_ms(en->o.wx, c->endpoint);

	if (rest > 0)
		return job_retry(j, rest + retry_random() % ENGINE_FREE_MS,
		    true, "Webex asked for a pause");
	free(j->answer.body);
	free(j->answer.next);
	j->answer = no_answer;
	j->answer.endpoint = c->endpoint;
	if (job_staged(j, c))
		return JOB_WAIT;
	call.done = job_answered;
	call.arg = j;
	if (wx_submit(en->o.wx, &call, &e) == 0)
		return JOB_WAIT;
	if (e.kind != ERR_PERM)
		return job_retry(j, ENGINE_FREE_MS, true, "%s", e.text);
	/* no address can be made of it: as if Webex had refused */
	j->answer.verdict = WX_REFUSED;
	j->answer.error = job_keep(j, e.text);
	return JOB_GO;
}

/* -- calls of others -- */

static void
job_called(struct xfer_res *r, void *arg)
{
	struct job *j = arg;

	j->stopped = r->end == XFER_STOPPED;
	j->called = call_answer(r);
	stat_inc(call_ok(j->called) ? STAT_calls_ok : STAT_calls_failed);
	job_resume(j);
}

enum job_next
job_submit(struct job *j, struct xfer_req *q)
{
	struct err e = ERR_INIT;

	json_free(j->called);
	j->called = NULL;
	if (j->en->o.stage != NULL) {
		j->en->o.stage->other(j->en->o.stage->arg, q);
		j->called = call_failed("not called in a rehearsal");
		job_resume(j);
		return JOB_WAIT;
	}
	q->done = job_called;
	q->arg = j;
	if (xfer_submit(j->en->o.xfer, q, &e) == -1)
		return job_retry(j, ENGINE_FREE_MS, true, "%s", e.text);
	return JOB_WAIT;
}

/* -- whether Webex is there at all -- */

static void
engine_hold(struct engine *en, enum engine_hold why, const char *text)
{
	if (en->hold != HOLD_NO && why != HOLD_TOKEN)
		return;
	if (en->hold == HOLD_NO)
		en->pulse_at = clk_mono_ms() + ENGINE_PULSE_MS;
	en->hold = why;
	if (why == HOLD_TOKEN)
		board_set(en->o.board, BOARD_TOKEN,
		    "Webex refuses the token (%s): events are kept, trying "
		    "again every %d s and on SIGHUP",
		    text, ENGINE_PULSE_MS / 1000);
	else
		board_set(en->o.board, BOARD_API,
		    "Webex does not answer (%s): events are kept, trying "
		    "again every %d s",
		    text, ENGINE_PULSE_MS / 1000);
}

static void
engine_release(struct engine *en)
{
	en->failures = 0;
	if (en->hold == HOLD_NO)
		return;
	en->hold = HOLD_NO;
	board_set(en->o.board, BOARD_TOKEN, NULL);
	board_set(en->o.board, BOARD_API, NULL);
}

/* Each answer tells how Webex is. */
static void
engine_learn(struct engine *en, const struct job *j)
{
	const struct job_answer *a = &j->answer;
	int64_t id = j->item == NULL ? 0 : j->item->id;

	if (a->verdict == WX_AUTH) {
		engine_hold(en, HOLD_TOKEN, a->error);
	} else if (a->verdict == WX_RETRY &&
		   (a->status == 0 || a->status == 503)) {
		/* one that always fails says nothing about the others */
		if (en->failures == 0 || en->failing != id)
			en->failures++;
		en->failing = id;
		if (en->failures >= ENGINE_DOWN)
			engine_hold(en, HOLD_DOWN, a->error);
	} else if (a->status != 0) {
		en->failures = 0;
		if (en->hold != HOLD_DOWN || a->status >= 500)
			return;
		en->hold = HOLD_NO;
		board_set(en->o.board, BOARD_API, NULL);
	}
}

/* GET /people/me: who we are, and whether we are let in. */
static enum job_next
pulse_ask(struct job *j)
{
	struct wx_call c = {.endpoint = WX_PEOPLE_ME};
	int64_t rest = wx_rest_ms(j->en->o.wx, WX_PEOPLE_ME);

	if (rest > 0) {
		j->en->pulse_at = clk_mono_ms() + rest;
		return JOB_OVER;
	}
	return job_call(j, &c);
}

static void
pulse_learn_self(struct job *j)
{
	struct engine *en = j->en;
	struct err e = ERR_INIT;
	struct json *me = json_parse(j->answer.body, j->answer.len, &e);
	const struct self_data *d;

	if (me == NULL || self_set(en->o.self, me, &e) == -1) {
		engine_hold(en, HOLD_TOKEN, e.text);
		return;
	}
	engine_release(en);
	d = self_get(en->o.self);
	if (strcmp(d->type, "person") == 0)
		board_set(en->o.board, BOARD_TOKEN,
		    "the token is a person's (%s), not a bot's: it will "
		    "expire",
		    d->email);
}

static enum job_next
pulse_take(struct job *j)
{
	struct engine *en = j->en;

	if (j->answer.body == NULL)
		j->answer.verdict = WX_RETRY;
	if (j->answer.verdict == WX_OK)
		pulse_learn_self(j);
	else if (j->answer.verdict == WX_AUTH)
		engine_hold(en, HOLD_TOKEN, j->answer.error);
	else if (en->hold == HOLD_START && j->answer.verdict != WX_CANCELLED)
		board_set(en->o.board, BOARD_API,
		    "Webex does not answer (%s): events are kept, trying "
		    "again every %d s",
		    j->answer.error, ENGINE_PULSE_MS / 1000);
	return JOB_OVER;
}

static const struct step steps_pulse[] = {
    {"ask", pulse_ask},
    {"take", pulse_take},
};

/* -- ends of jobs -- */

static void
job_log(struct job *j, const char *out)
{
	struct log_line l;
	enum log_level level = j->change.to == EVQ_DEAD ? LOG_WARN : LOG_INFO;

	log_open(&l, level, j->which == EVQ_EVENTS ? "event" : "reply");
	log_num(
	    &l, "ev", j->which == EVQ_EVENTS ? j->item->id : j->item->event);
	log_str(&l, "kind", j->ev.kind);
	log_str(&l, "cmd", j->change.rule);
	log_num(&l, "try", j->item->attempts + 1);
	log_num(&l, "wait_ms",
	    clk_wall_ms() - j->item->received -
		(clk_mono_us() - j->start_us) / 1000);
	log_num(&l, "run_ms", (clk_mono_us() - j->start_us) / 1000);
	if (j->which == EVQ_EVENTS)
		log_num(&l, "replies", (int64_t)j->change.nreplies);
	log_str(&l, "out", out);
	log_str(&l, "why", j->change.reason);
	log_str(&l, "trackingId", j->change.tracking);
	log_close(&l);
}

static void
job_count(const struct job *j)
{
	bool event = j->which == EVQ_EVENTS;

	switch (j->change.to) {
	case EVQ_DONE:
		stat_inc(event ? STAT_events_done : STAT_replies_sent);
		break;
	case EVQ_DEAD:
		stat_inc(event ? STAT_events_dead : STAT_replies_dead);
		break;
	case EVQ_UNCERTAIN:
		stat_inc(STAT_replies_uncertain);
		break;
	case EVQ_WAITING:
		stat_inc(event ? STAT_events_retried : STAT_replies_retried);
		break;
	default:
		break;
	}
}

/* On the writer's thread. */
static void
job_stored(struct evq_change *c, bool ok, const struct err *e)
{
	struct job *j = c->arg;

	j->stored = ok;
	if (!ok)
		j->refusal = job_keep(j, e->text);
	job_resume(j);
}

static enum job_next finish(struct job *j);
static const struct step steps_finish[] = {{"finish", finish}};

enum job_next
job_store(struct job *j)
{
	struct evq_change *c = &j->change;

	c->item = j->item;
	c->done = job_stored;
	c->arg = j;
	c->trace = buf_str(&j->trace);
	evq_change(j->en->o.q, c);
	return JOB_WAIT;
}

/* What others said of it is for `webexbot events`, and for no log. */
static void
job_detail(struct job *j)
{
	const char *why = j->change.reason, *detail = j->detail;
	size_t len = detail == NULL ? 0 : strlen(detail);
	size_t room;

	j->detail = NULL;
	if (len == 0 || why == NULL || strlen(why) + 3 >= JOB_REASON)
		return;
	room = JOB_REASON - strlen(why) - 3;
	job_reason(j, "%s: %.*s", why,
	    (int)str_utf8_cut(detail, len < room ? len : room), detail);
}

enum job_next
job_settle(struct job *j)
{
	static const char *const outs[] = {[EVQ_WAITING] = "retry",
	    [EVQ_UNCERTAIN] = "uncertain",
	    [EVQ_DONE] = "ok",
	    [EVQ_DEAD] = "dead"};

	/* one line an event; a reply speaks up when it did not work */
	if (j->which == EVQ_EVENTS || j->change.to != EVQ_DONE)
		job_log(j, outs[j->change.to]);
	job_detail(j);
	job_count(j);
	if (j->en->o.stage != NULL && j->en->o.stage->settled != NULL)
		j->en->o.stage->settled(j->en->o.stage->arg, j);
	j->step = steps_finish;
	job_store(j);
	return JOB_STAY;
}

static void job_why(struct job *j, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
job_why(struct job *j, const char *fmt, va_list ap)
{
	char text[JOB_REASON];

	vsnprintf(text, sizeof text, fmt, ap);
	j->change.reason = job_keep(j, text);
	if (j->answer.tracking[0] != '\0')
		j->change.tracking = j->answer.tracking;
}

void
job_reason(struct job *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	job_why(j, fmt, ap);
	va_end(ap);
}

enum job_next
job_retry(struct job *j, int64_t ms, bool free_try, const char *fmt, ...)
{
	va_list ap;

	if (j->item == NULL)
		return JOB_OVER;
	va_start(ap, fmt);
	job_why(j, fmt, ap);
	va_end(ap);
	j->change.to = j->again;
	j->change.due = clk_wall_ms() + ms;
	j->change.free_try = free_try;
	j->change.nreplies = 0;
	return job_settle(j);
}

enum job_next
job_dead(struct job *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	job_why(j, fmt, ap);
	va_end(ap);
	j->change.to = EVQ_DEAD;
	j->change.nreplies = 0;
	return job_settle(j);
}

int64_t
job_backoff(const struct job *j)
{
	return retry_backoff_ms((unsigned)j->item->attempts + 1,
	    ENGINE_BACKOFF_MS, ENGINE_BACKOFF_MAX_MS, retry_random());
}

static int64_t
job_jitter(void)
{
	return (int64_t)(retry_random() % ENGINE_FREE_MS);
}

/* The longer it has waited, the less another moment matters. */
static int64_t
job_outage_ms(const struct job *j)
{
	int64_t ms = (clk_wall_ms() - j->item->received) / 8;

	if (ms < ENGINE_FREE_MS / 2)
		ms = ENGINE_FREE_MS / 2;
	return (ms < ENGINE_OUTAGE_MAX_MS ? ms : ENGINE_OUTAGE_MAX_MS) +
	       job_jitter();
}

enum job_next
job_failed(struct job *j)
{
	const struct job_answer *a = &j->answer;
	const struct cfg *cfg = j->en->o.cfg;
	bool outage = a->status == 0 || a->status == 429 ||
		      (a->status >= 502 && a->status <= 504) ||
		      a->verdict == WX_AUTH;
	int tries = j->item->attempts + 1;

	j->detail = a->detail;
	switch (a->verdict) {
	case WX_AUTH:
		return job_retry(j, ENGINE_FREE_MS, true, "%s", a->error);
	case WX_CANCELLED:
		return JOB_OVER; /* as it is stored, for the next start */
	case WX_MISSING:
		if (j->which == EVQ_EVENTS && tries < ENGINE_MISSING_TRIES)
			return job_retry(j, ENGINE_MISSING_MS << tries, false,
			    "%s", a->error);
		return job_dead(j, "%s", a->error);
	case WX_RETRY:
		if (clk_wall_ms() - j->item->received > cfg->give_up ||
		    (!outage && tries >= cfg->attempts))
			return job_dead(
			    j, "%s (given up after %d tries)", a->error, tries);
		return job_retry(j,
		    a->retry_ms >= 0 ? a->retry_ms + job_jitter()
		    : outage         ? job_outage_ms(j)
				     : job_backoff(j),
		    outage, "%s", a->error);
	default:
		return job_dead(j, "%s", a->error);
	}
}

/* -- turns within a lane -- */

enum job_next
job_park(struct job *j)
{
	j->parked = true;
	return JOB_STAY;
}

static void engine_step(struct engine *en, struct job *j);

/* An event of this lane has been settled: whose turn is it? */
static void
engine_unpark(struct engine *en, const char *lane)
{
	struct evq_item *it = evq_front(en->o.q, EVQ_EVENTS, lane);
	struct job *j = it == NULL ? NULL : it->owner;

	if (j == NULL || !j->parked)
		return;
	j->parked = false;
	engine_step(en, j);
}

static struct job *engine_begin(
    struct engine *en, struct evq_item *it, const struct step *steps);

/* The change is stored, or was refused by the store. */
static enum job_next
finish(struct job *j)
{
	struct engine *en = j->en;

	if (!j->stored) {
		if (en->stalled == NULL) { /* one line for all of them */
			log_error("%s, trying again", j->refusal);
			en->stall_until = clk_mono_ms() + ENGINE_STALL_MS;
		}
		j->next = en->stalled;
		en->stalled = j;
		return JOB_STAY;
	}
	if (j->change.ready != NULL) {
		struct job *r = engine_begin(en, j->change.ready, steps_reply);

		if (r != NULL) {
			r->fresh = true;
			r->again = EVQ_WAITING;
			engine_step(en, r);
		}
	}
	if (j->which == EVQ_EVENTS)
		engine_unpark(en, j->lane);
	return JOB_OVER;
}

/* -- the loop -- */

static void
engine_end(struct engine *en, struct job *j)
{
	if (j == en->pulse) {
		en->pulse = NULL;
	} else {
		pthread_mutex_lock(&en->lock);
		if (--en->inflight == 0)
			pthread_cond_broadcast(&en->idle);
		en->look = true;
		pthread_mutex_unlock(&en->lock);
		stat_add(STAT_inflight, -1);
	}
	job_free(j);
}

static void
engine_step(struct engine *en, struct job *j)
{
	enum job_next next;

	for (;;) {
		CRASH_POINT(j->step->name);
		next = j->step->fn(j);
		if (next == JOB_GO || next == JOB_WAIT)
			j->step++;
		if (next != JOB_GO)
			break;
	}
	if (next == JOB_OVER)
		engine_end(en, j);
}

static struct job *
engine_begin(struct engine *en, struct evq_item *it, const struct step *steps)
{
	struct job *j = job_new(en, it, steps);

	if (j == NULL) {
		evq_unclaim(en->o.q, it, ENGINE_NOMEM_MS);
		return NULL;
	}
	pthread_mutex_lock(&en->lock);
	en->inflight++;
	pthread_mutex_unlock(&en->lock);
	stat_add(STAT_inflight, 1);
	return j;
}

/*
 * A claimed item that was dropped meanwhile: whose turn is it now?  False:
 * memory is out.
 */
static bool
engine_forget(struct engine *en, struct evq_item *it)
{
	enum evq_which which = it->which;
	char *lane = strdup(lane_name(&it->in));

	if (lane == NULL) {
		evq_unclaim(en->o.q, it, ENGINE_NOMEM_MS);
		return false;
	}
	evq_forget(en->o.q, it);
	if (which == EVQ_EVENTS)
		engine_unpark(en, lane);
	free(lane);
	return true;
}

/* Replies first: they are what people wait for. */
static bool
engine_claim(struct engine *en)
{
	const struct step *steps = steps_reply;
	struct evq_item *it = evq_claim(en->o.q, EVQ_REPLIES);
	struct job *j;

	if (it == NULL) {
		steps = steps_event;
		it = evq_claim(en->o.q, EVQ_EVENTS);
	}
	if (it == NULL)
		return false;
	if (it->body == NULL)
		return engine_forget(en, it);
	if ((j = engine_begin(en, it, steps)) == NULL)
		return false;
	engine_step(en, j);
	return true;
}

static bool
engine_may_claim(struct engine *en)
{
	bool room;

	pthread_mutex_lock(&en->lock);
	room = en->allowed && !en->drain && en->inflight < en->o.cfg->inflight;
	pthread_mutex_unlock(&en->lock);
	return room && en->hold == HOLD_NO &&
	       wx_rest_ms(en->o.wx, WX_MESSAGE_GET) == 0;
}

static void
engine_pulse(struct engine *en)
{
	if (en->hold == HOLD_NO || en->pulse != NULL ||
	    clk_mono_ms() < en->pulse_at)
		return;
	en->pulse_at = clk_mono_ms() + ENGINE_PULSE_MS;
	if ((en->pulse = job_new(en, NULL, steps_pulse)) != NULL)
		engine_step(en, en->pulse);
}

static void
engine_unstall(struct engine *en)
{
	struct job *j, *list = en->stalled;

	if (list == NULL || clk_mono_ms() < en->stall_until)
		return;
	en->stalled = NULL;
	while ((j = list) != NULL) {
		list = j->next;
		evq_change(en->o.q, &j->change);
	}
}

/* The earlier of two deadlines, of which -1 is none. */
static int64_t
engine_earlier(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* When to look again without being woken; -1: not at all. */
static int64_t
engine_deadline(struct engine *en)
{
	int64_t rest, deadline = -1;
	bool full;

	if (en->stalled != NULL)
		deadline = en->stall_until;
	if (en->hold != HOLD_NO) /* one that is under way ends the wait */
		return en->pulse != NULL
			   ? deadline
			   : engine_earlier(deadline, en->pulse_at);
	pthread_mutex_lock(&en->lock);
	full = !en->allowed || en->drain || en->inflight >= en->o.cfg->inflight;
	pthread_mutex_unlock(&en->lock);
	if (full)
		return deadline;
	if ((rest = wx_rest_ms(en->o.wx, WX_MESSAGE_GET)) > 0)
		return engine_earlier(deadline, clk_mono_ms() + rest);
	deadline = engine_earlier(deadline, evq_due(en->o.q, EVQ_REPLIES));
	return engine_earlier(deadline, evq_due(en->o.q, EVQ_EVENTS));
}

static struct job *
engine_take_inbox(struct engine *en)
{
	struct job *list;

	pthread_mutex_lock(&en->lock);
	list = en->inbox;
	en->inbox = NULL;
	en->inbox_end = &en->inbox;
	en->look = false;
	en->busy = true;
	if (en->poke)
		en->pulse_at = 0;
	en->poke = false;
	pthread_mutex_unlock(&en->lock);
	return list;
}

/* Wait for something to do; false: stop. */
static bool
engine_sleep(struct engine *en, int64_t deadline)
{
	bool go;

	pthread_mutex_lock(&en->lock);
	en->busy = false;
	while (en->inbox == NULL && !en->look && !en->poke && !en->stop &&
	       (deadline < 0 || clk_mono_ms() < deadline))
		clk_cond_wait(&en->wake, &en->lock, deadline);
	go = !en->stop;
	pthread_mutex_unlock(&en->lock);
	return go;
}

/*
 * While stopping nothing is claimed, so those that are parked behind an item
 * that waits will not have their turn any more.
 */
static void
engine_unclaim_parked(struct engine *en)
{
	struct job *j, *next;
	bool drain;

	pthread_mutex_lock(&en->lock);
	drain = en->drain;
	pthread_mutex_unlock(&en->lock);
	for (j = drain ? en->jobs : NULL; j != NULL; j = next) {
		next = j->all_next;
		if (j->parked &&
		    evq_front(en->o.q, EVQ_EVENTS, j->lane) == NULL) {
			evq_unclaim(en->o.q, j->item, 0);
			engine_end(en, j);
		}
	}
}

static void
engine_turn(struct engine *en)
{
	struct job *j, *list = engine_take_inbox(en);

	while ((j = list) != NULL) {
		list = j->next;
		if (j->answered) {
			j->answered = false;
			engine_learn(en, j);
			job_trace_call(j);
		}
		engine_step(en, j);
	}
	engine_unstall(en);
	engine_pulse(en);
	engine_unclaim_parked(en);
	while (engine_may_claim(en) && engine_claim(en))
		;
}

static void *
engine_run(void *arg)
{
	struct engine *en = arg;

	do
		engine_turn(en);
	while (engine_sleep(en, engine_deadline(en)));
	return NULL;
}

/* -- from outside -- */

struct engine *
engine_start(const struct engine_opts *o, struct err *e)
{
	struct engine *en = calloc(1, sizeof *en);

	if (en == NULL || (en->people = people_new()) == NULL ||
	    (en->memory = memory_new(o->q)) == NULL) {
		err_nomem(e);
		goto fail;
	}
	en->o = *o;
	en->inbox_end = &en->inbox;
	en->hold = HOLD_START;
	pthread_mutex_init(&en->lock, NULL);
	clk_cond_init(&en->wake);
	clk_cond_init(&en->idle);
	if (thr_start(&en->thread, "wb-engine", engine_run, en) == 0)
		return en;
	err_set(e, ERR_BUG, "no thread for the engine");
fail:
	if (en != NULL) {
		memory_free(en->memory);
		people_free(en->people);
	}
	free(en);
	return NULL;
}

static void
engine_signal(struct engine *en, bool *flag)
{
	pthread_mutex_lock(&en->lock);
	*flag = true;
	pthread_cond_signal(&en->wake);
	pthread_mutex_unlock(&en->lock);
}

void
engine_allow_claims(struct engine *en, bool allowed)
{
	pthread_mutex_lock(&en->lock);
	en->allowed = allowed;
	en->look = true;
	pthread_cond_signal(&en->wake);
	pthread_mutex_unlock(&en->lock);
}

void
engine_wake(struct engine *en)
{
	engine_signal(en, &en->look);
}

void
engine_poke(struct engine *en)
{
	engine_signal(en, &en->poke);
}

bool
engine_idle(struct engine *en)
{
	int64_t now = clk_mono_ms();
	int64_t events = evq_due(en->o.q, EVQ_EVENTS);
	int64_t replies = evq_due(en->o.q, EVQ_REPLIES);
	bool idle, rests;

	/* in this order: what was claimed since then shows below */
	pthread_mutex_lock(&en->lock);
	idle = en->inflight == 0 && en->inbox == NULL && !en->look && !en->busy;
	pthread_mutex_unlock(&en->lock);
	/* what is due must wait all the same while Webex asks for a pause */
	rests = wx_rest_ms(en->o.wx, WX_MESSAGE_GET) > 0 ||
		board_has(en->o.board, BOARD_TOKEN) ||
		board_has(en->o.board, BOARD_API);
	return idle && (rests || ((events < 0 || events > now) &&
				     (replies < 0 || replies > now)));
}

void
engine_drain(struct engine *en, int64_t ms)
{
	int64_t until = clk_mono_ms() + ms;

	engine_signal(en, &en->drain);
	engine_wake(en);
	pthread_mutex_lock(&en->lock);
	while (en->inflight > 0 && clk_mono_ms() < until)
		clk_cond_wait(&en->idle, &en->lock, until);
	if (en->inflight > 0)
		log_info("%d still in flight: they are done after the next "
			 "start",
		    en->inflight);
	pthread_mutex_unlock(&en->lock);
}

void
engine_stop(struct engine *en)
{
	engine_signal(en, &en->stop);
	pthread_join(en->thread, NULL);
}

void
engine_free(struct engine *en)
{
	if (en == NULL)
		return;
	while (en->jobs != NULL)
		job_free(en->jobs);
	memory_free(en->memory);
	people_free(en->people);
	pthread_cond_destroy(&en->wake);
	pthread_cond_destroy(&en->idle);
	pthread_mutex_destroy(&en->lock);
	free(en);
}
