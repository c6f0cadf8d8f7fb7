/*
 * One job from its claim to its end: its calls, its trace, what becomes of
 * it; see job.h.  The engine's thread; what others call (job_resume, the
 * callbacks of answers and of the store) says so.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "bot/call.h"
#include "bot/engine_int.h"
#include "bot/hand.h"
#include "net/retry.h"

#define JOB_ARENA_MAX (64u << 20)
#define JOB_TRACE_MAX (64u << 10)
#define JOB_BACKOFF_MS 1000
#define JOB_BACKOFF_MAX_MS (5 * 60 * 1000)
#define JOB_FREE_MS 1000 /* before a try that does not count */
#define JOB_OUTAGE_MAX_MS 15000
#define JOB_MISSING_MS 400 /* a 404 just after the notification */
#define JOB_MISSING_TRIES 5
#define JOB_REFUSAL 512

static const struct job_answer no_answer = {
    .file = "", .file_type = "", .tracking = "", .error = "", .detail = ""};

struct job *
job_new(struct engine *en, struct evq_item *it, const struct step *steps)
{
	struct job *j = calloc(1, sizeof *j);

	if (j == NULL || (j->arena = arena_new(JOB_ARENA_MAX)) == NULL) {
		free(j);
		return NULL;
	}
	j->en = en;
	j->item = it;
	j->which = it == NULL ? EVQ_EVENTS : it->which;
	j->queue = it == NULL ? EVQ_EVENTS : it->queue;
	if (it != NULL)
		j->event = it->which == EVQ_EVENTS ? it->id : it->event;
	j->step = steps;
	j->answer = no_answer;
	j->start_us = clk_mono_us();
	/* what may have been sent stays so until it has been looked up */
	j->again = it != NULL && (it->state == EVQ_SENDING ||
				     it->state == EVQ_UNCERTAIN)
		       ? EVQ_UNCERTAIN
		       : EVQ_WAITING;
	buf_init(&j->trace, JOB_TRACE_MAX);
	if (it != NULL) {
		j->lane = arena_strdup(j->arena, lane_name(&it->in));
		if (j->lane == NULL) {
			arena_free(j->arena);
			free(j);
			return NULL;
		}
		it->owner = j;
	}
	if ((j->all_next = en->jobs) != NULL)
		en->jobs->all_prev = j;
	en->jobs = j;
	return j;
}

void
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

/* A copy for as long as the job lives; without memory, `otherwise`. */
static const char *
job_keep(struct job *j, const char *text, const char *otherwise)
{
	const char *copy = text[0] == '\0' ? "" : arena_strdup(j->arena, text);

	return copy == NULL ? otherwise : copy;
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
	o->file = job_keep(j, a->file, "");
	o->file_type = job_keep(j, a->file_type, "");
	o->file_size = a->file_size;
	o->tracking = job_keep(j, a->tracking, "");
	o->error = job_keep(j, a->error, "out of memory");
	o->detail = job_keep(j, a->detail, "");
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

void
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
		return job_retry(j, rest + retry_random() % JOB_FREE_MS, true,
		    "Webex asked for a pause");
	free(j->answer.body);
	free(j->answer.next);
	j->answer = no_answer;
	j->answer.endpoint = c->endpoint;
	j->called_us = clk_mono_us();
	if (job_staged(j, c))
		return JOB_WAIT;
	call.done = job_answered;
	call.arg = j;
	if (wx_submit(en->o.wx, &call, &e) == 0)
		return JOB_WAIT;
	if (e.kind != ERR_PERM)
		return job_retry(j, JOB_FREE_MS, true, "%s", e.text);
	/* no address can be made of it: as if Webex had refused */
	j->answer.verdict = WX_REFUSED;
	j->answer.error = job_keep(j, e.text, "out of memory");
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
	engine_aside(j);
	if (xfer_submit(j->en->o.xfer, q, &e) == -1)
		return job_retry(j, JOB_FREE_MS, true, "%s", e.text);
	return JOB_WAIT;
}

/* -- ends of jobs -- */

static void
job_log(struct job *j, const char *out)
{
	struct log_line l;
	enum log_level level = j->change.to == EVQ_DEAD ? LOG_WARN : LOG_INFO;

	log_open(&l, level, j->which == EVQ_EVENTS ? "event" : "reply");
	log_num(&l, "ev", j->event);
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
	/* it may be refused for hours: one place for what is said of it */
	if (!ok && j->refusal == NULL)
		j->refusal = arena_zalloc(j->arena, JOB_REFUSAL);
	if (!ok && j->refusal != NULL)
		snprintf(j->refusal, JOB_REFUSAL, "%s", e->text);
	job_resume(j);
}

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
	j->change.reason = job_keep(j, text, "out of memory");
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
	j->change.nmemos = 0;
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
	j->change.nmemos = 0;
	return job_settle(j);
}

bool
job_may_pass(const struct job *j, struct err *e)
{
	if (e->kind == ERR_BUG && arena_full(j->arena)) {
		err_clear(e);
		err_set(e, ERR_PERM, "it needs more than %u MiB of memory",
		    JOB_ARENA_MAX >> 20);
	}
	return e->kind == ERR_BUG;
}

enum job_next
job_cannot(struct job *j, struct err *e)
{
	return job_may_pass(j, e)
		   ? job_retry(j, JOB_FREE_MS, true, "%s", e->text)
		   : job_dead(j, "%s", e->text);
}

enum job_next
job_nomem(struct job *j)
{
	struct err e = ERR_INIT;

	err_nomem(&e);
	return job_cannot(j, &e);
}

int64_t
job_backoff(const struct job *j)
{
	return retry_backoff_ms((unsigned)j->item->attempts + 1, JOB_BACKOFF_MS,
	    JOB_BACKOFF_MAX_MS, retry_random());
}

static int64_t
job_jitter(void)
{
	return (int64_t)(retry_random() % JOB_FREE_MS);
}

/* Since when it is tried: not while we were away, or without a token. */
static int64_t
job_age(const struct job *j)
{
	int64_t since = j->item->since;

	if (since < j->en->back_at)
		since = j->en->back_at;
	return clk_mono_ms() - since;
}

/* The longer it has waited, the less another moment matters. */
static int64_t
job_outage_ms(const struct job *j)
{
	int64_t ms = job_age(j) / 8;

	if (ms < JOB_FREE_MS / 2)
		ms = JOB_FREE_MS / 2;
	return (ms < JOB_OUTAGE_MAX_MS ? ms : JOB_OUTAGE_MAX_MS) + job_jitter();
}

enum job_next
job_failed(struct job *j)
{
	const struct job_answer *a = &j->answer;
	const struct cfg *cfg = j->en->o.cfg;
	bool outage = a->status < 400 || a->status == 429 ||
		      (a->status >= 502 && a->status <= 504) ||
		      a->verdict == WX_AUTH;
	int tries = j->item->attempts + 1;

	j->detail = a->detail;
	switch (a->verdict) {
	case WX_AUTH:
		return job_retry(j, JOB_FREE_MS, true, "%s", a->error);
	case WX_CANCELLED: /* as it is stored, for the next start */
		j->item->owner = NULL;
		return JOB_OVER;
	case WX_MISSING:
		if (++j->item->missing < (j->which == EVQ_EVENTS
						 ? JOB_MISSING_TRIES
						 : JOB_MISSING_SENDS))
			return job_retry(j, JOB_MISSING_MS << j->item->missing,
			    true, "%s", a->error);
		return job_dead(j, "%s", a->error);
	case WX_RETRY:
		if (job_age(j) > cfg->give_up ||
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

enum job_next
job_turn(struct job *j)
{
	if (evq_is_first(j->en->o.q, j->item))
		return job_dropped(j);
	engine_park(j, true);
	engine_aside(j);
	return JOB_STAY;
}
