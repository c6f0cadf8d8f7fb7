/*
 * The steps of a reply that is a request to another program: an outbound
 * webhook, the outcome of an event for its notifyurl, or a trigger of Webex
 * Connect.  It may arrive twice after a crash, as any webhook may; its id
 * stays the same.
 */
#include "bot/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cfg.h"
#include "base/clk.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "bot/hub.h"
#include "bot/trigger.h"
#include "connect/codes.h"
#include "connect/outhook.h"
#include "connect/target.h"
#include "net/retry.h"
#include "net/xfer.h"

#define HTTP_LOOK_MS 100 /* between looks whether replies have gone */
#define HTTP_LOOK_MAX_MS 10000
#define HTTP_HEADERS 8
#define HTTP_ANSWER_MAX 65536
#define HTTP_BACKOFF_MS 1000
#define HTTP_BACKOFF_MAX_MS 60000
#define HTTP_REFRESH "~oauth2" /* remembered: refresh tokens */
#define HTTP_TARGETS 4         /* that hang fill the places of all */
#define HTTP_ROOM_MIN_MS 50    /* until a target is looked at again */
#define HTTP_ROOM_MAX_MS 2000
#define HTTP_EACH 4 /* of those that wait: another ms */

struct job_http {
	struct brain *brain;  /* a reference: the target is its own */
	struct outhook *hook; /* NULL: a trigger */
	struct outhook_load *load;
	bool busy;    /* counted there */
	bool asking;  /* for a token */
	bool begun;   /* that, and others wait for it */
	bool renewed; /* the token was not taken: another one */
	bool reused;  /* a kept connection */
	/* the refresh token that came with one, on its way to the disk */
	struct evq_change keep;
	struct evq_memo kept;
	/* what came back, in the arena */
	enum xfer_end end;
	int status;
	const char *body;
	size_t len;
	int64_t us;
	char error[200];
};

static void
http_end_token(struct job_http *h)
{
	if (h->begun)
		client_token_end(h->hook->client);
	h->begun = false;
}

void
steps_http_done(struct job *j)
{
	if (j->http == NULL)
		return;
	j->http->load->busy -= j->http->busy;
	http_end_token(j->http);
	brain_unref(j->http->brain);
	j->http = NULL;
}

static const char *
http_str(const struct job *j, const char *name)
{
	const char *s = json_get_str(j->out, name);

	return s == NULL ? "" : s;
}

static bool
http_is(const struct job *j, const char *use)
{
	return strcmp(http_str(j, "use"), use) == 0;
}

/* -- calling -- */

/* On the xfer thread; the job waits, so its arena is ours. */
static void
http_answered(struct xfer_res *res, void *arg)
{
	struct job *j = arg;
	struct job_http *h = j->http;

	h->end = res->end;
	h->status = res->status;
	h->us = res->us;
	h->reused = res->reused;
	h->body = arena_strndup(j->arena, res->body, res->body_len);
	h->len = h->body == NULL ? 0 : res->body_len;
	snprintf(h->error, sizeof h->error, "%s",
	    res->error == NULL ? "" : res->error);
	job_resume(j);
}

/*
 * Not repeatable, as xfer.h has it: each request that may have arrived counts
 * as a try.  `q` may say otherwise.
 */
static enum job_next
http_submit(struct job *j, struct xfer_req *q)
{
	struct err e = ERR_INIT;

	q->done = http_answered;
	q->arg = j;
	q->timeout_ms = OUTHOOK_TIMEOUT_MS;
	q->resp_max = HTTP_ANSWER_MAX;
	engine_aside(j);
	if (xfer_submit(engine_opts(j->en)->xfer, q, &e) == -1)
		return job_retry(j, HTTP_BACKOFF_MS, true, "%s", e.text);
	return JOB_WAIT;
}

static void
http_trace(struct job *j, const char *what)
{
	const struct job_http *h = j->http;
	char status[16], ms[24];

	snprintf(status, sizeof status, "%d", h->status);
	snprintf(ms, sizeof ms, "%" PRId64, h->us / 1000);
	job_trace(j, what, "use", http_str(j, "use"), "status", status, "ms",
	    ms, "trace", http_str(j, "trace"), "error", h->error, NULL);
}

/* It is there. */
static enum job_next
http_arrived(struct job *j)
{
	j->change.to = EVQ_DONE;
	return job_settle(j);
}

/*
 * Once more after the pause of the setting, or never again.  A kept
 * connection that ended says nothing of the other side, nor does a token that
 * ended early: then soon, but as a try like any other.
 */
static enum job_next
http_again(struct job *j, const char *why)
{
	const struct cfg *cfg = engine_opts(j->en)->cfg;
	bool stale = j->http->end == XFER_CUT && j->http->reused;
	int64_t pause = cfg->outbound_retry * 1000;
	int tries = j->item->attempts + 1;

	if (tries >= OUTHOOK_TRIES)
		return job_dead(j, "%s (given up after %d tries)", why, tries);
	if (tries == 1 && j->http->renewed)
		pause = 0;
	else if (stale && pause > HTTP_BACKOFF_MS)
		pause = HTTP_BACKOFF_MS;
	return job_retry(j, pause, false, "%s", why);
}

/* -- the steps -- */

/* Until they are sent, or cannot be: the longer, the less often it looks. */
static enum job_next
http_wait(struct job *j)
{
	int64_t ms = (clk_wall_ms() - j->item->received) / 8;

	ms = ms < HTTP_LOOK_MS       ? HTTP_LOOK_MS
	     : ms > HTTP_LOOK_MAX_MS ? HTTP_LOOK_MAX_MS
				     : ms;
	evq_unclaim(engine_opts(j->en)->q, j->item, ms);
	return JOB_OVER;
}

/* The replies before this one may have failed after it was made. */
static enum job_next
http_outcome(struct job *j)
{
	const char *status = "failed", *why = "a reply could not be delivered";
	struct evq_fate fate;
	struct json *body;
	struct buf b;
	int rc;

	if (!http_is(j, "notify"))
		return JOB_GO;
	if (steps_fate_before(j, &fate) == -1)
		return job_retry(
		    j, HTTP_BACKOFF_MS, true, "the store cannot be read");
	if (fate.open > 0 && engine_opts(j->en)->stage == NULL)
		return http_wait(j);
	if (fate.dead == 0)
		return JOB_GO;
	body = json_parse_str(http_str(j, "body"), NULL);
	if (!str_eq(json_get_str(body, "status"), "done")) {
		json_free(body);
		return JOB_GO;
	}
	buf_init(&b, HTTP_ANSWER_MAX);
	if (steps_reply_expired(j, fate.last)) {
		status = "expired";
		why = "a reply could not be delivered in time";
	}
	rc = json_set_str(body, "status", status);
	rc |= json_set_str(body, "description", why);
	rc |= json_print(body, &b);
	rc |= json_set_str(j->out, "body", buf_str(&b));
	buf_done(&b);
	json_free(body);
	return rc == 0 ? JOB_GO : job_nomem(j);
}

static enum job_next
http_find(struct job *j)
{
	const struct engine_opts *o = engine_opts(j->en);
	struct job_http *h = arena_zalloc(j->arena, sizeof *h);

	if (h == NULL)
		return job_nomem(j);
	h->brain = brain_get(o->brain);
	h->load = engine_triggers(j->en);
	j->http = h;
	if (http_is(j, "trigger"))
		return JOB_GO;
	h->hook = hub_outhook(brain_hub(h->brain), http_str(j, "use"),
	    http_str(j, "url"), (size_t)json_num(json_get(j->out, "target")));
	if (h->hook == NULL)
		return job_dead(j, "bot.json has this target no longer");
	h->load = &h->hook->load;
	return JOB_GO;
}

/* Given back for so long; the more wait, the less often each looks. */
static enum job_next
http_later(struct job *j, int64_t ms)
{
	struct evq *q = engine_opts(j->en)->q;

	ms += evq_open_outside(q) / HTTP_EACH;
	ms += (int64_t)(retry_random() % (uint32_t)ms);
	evq_unclaim(q, j->item, ms);
	return JOB_OVER;
}

/*
 * A target that hangs takes a part of the places, not those of all others.
 * The rest come back about when one of its answers is due.
 */
static enum job_next
http_room(struct job *j)
{
	struct outhook_load *l = j->http->load;
	int64_t ms = l->us / 1000;

	if (l->busy < engine_outside(j->en) / HTTP_TARGETS + 1) {
		j->http->busy = true;
		l->busy++;
		return JOB_GO;
	}
	ms = ms < HTTP_ROOM_MIN_MS   ? HTTP_ROOM_MIN_MS
	     : ms > HTTP_ROOM_MAX_MS ? HTTP_ROOM_MAX_MS
				     : ms;
	return http_later(j, ms);
}

/* What an earlier run, or the bot file as it was, has been given. */
static void
http_refresh(struct job *j)
{
	struct client *cl = j->http->hook->client;
	char *token;

	if (!client_wants_refresh(cl))
		return;
	token = evq_memory(engine_opts(j->en)->q, HTTP_REFRESH, client_key(cl));
	if (token != NULL)
		client_use_refresh(cl, token);
	free(token);
}

static enum job_next
http_token(struct job *j)
{
	struct job_http *h = j->http;
	struct xfer_req q;

	if (h->hook == NULL || engine_opts(j->en)->stage != NULL ||
	    !client_needs_token(h->hook->client, clk_wall_ms()))
		return JOB_GO;
	h->asking = h->begun = client_token_begin(h->hook->client);
	if (!h->asking)
		return http_later(j, HTTP_ROOM_MIN_MS);
	http_refresh(j);
	if (client_token_request(h->hook->client, j->arena, &q) == -1)
		return job_nomem(j);
	q.repeatable = true;
	return http_submit(j, &q);
}

/* On the writer's thread. */
static void
http_kept(struct evq_change *c, bool ok, const struct err *e)
{
	const struct job *j = c->arg;

	if (ok)
		client_refresh_kept(j->http->hook->client, c->memos->value);
	else
		log_warn("a new refresh token could not be kept, trying again "
			 "with the next request: %s",
		    e->text);
	job_resume(c->arg);
}

/* The server may not take the one before any more. */
static enum job_next
http_keep(struct job *j)
{
	struct job_http *h = j->http;

	if (h->hook == NULL || engine_opts(j->en)->stage != NULL)
		return JOB_GO;
	h->kept.value = client_new_refresh(h->hook->client, j->arena);
	if (h->kept.value == NULL)
		return JOB_GO;
	h->kept.scope = HTTP_REFRESH;
	h->kept.key = client_key(h->hook->client);
	h->keep = (struct evq_change){
	    .memos = &h->kept, .nmemos = 1, .done = http_kept, .arg = j};
	evq_change(engine_opts(j->en)->q, &h->keep);
	return JOB_WAIT;
}

static enum job_next
http_tokened(struct job *j)
{
	struct job_http *h = j->http;
	struct err e = ERR_INIT;

	if (!h->asking) /* one that could not be kept is still to be */
		return http_keep(j);
	if (h->end == XFER_STOPPED)
		return JOB_OVER;
	http_trace(j, "token");
	if (h->end != XFER_ANSWERED) {
		err_set(&e, ERR_TEMP, "the token server: %s", h->error);
		return http_again(j, e.text);
	}
	if (client_token_take(h->hook->client, h->status,
		h->body == NULL ? "" : h->body, h->len, clk_wall_ms(),
		&e) == -1)
		return http_again(j, e.text);
	http_end_token(h);
	return http_keep(j);
}

/* Signature, trace id and credentials of an outbound webhook. */
static int
http_outhook_headers(struct job *j, struct xfer_req *q,
    const char *headers[HTTP_HEADERS], struct err *e)
{
	const struct outhook *o = j->http->hook;
	size_t n = 0, i;
	struct buf b;
	int rc = 0;

	headers[n++] = "Content-Type: application/json";
	headers[n++] =
	    arena_printf(j->arena, OUTHOOK_TRACE ": %s", http_str(j, "trace"));
	buf_init(&b, 1024);
	if (o->sign != NULL) {
		buf_addf(&b, "%s: ", sign_header(o->sign));
		rc = sign_make(o->sign, q->body, q->body_len, &b);
		headers[n++] = arena_strdup(j->arena, buf_str(&b));
	}
	headers[n] = NULL;
	if (rc == 0)
		rc = client_apply(
		    o->client, j->arena, q, headers, &n, HTTP_HEADERS);
	buf_done(&b);
	for (i = 0; i < n; i++)
		if (headers[i] == NULL) /* it would end the list */
			return err_nomem(e);
	return rc == 0 ? 0 : err_set(e, ERR_TEMP, "it could not be signed");
}

static enum job_next
http_send(struct job *j)
{
	const struct cfg *cfg = engine_opts(j->en)->cfg;
	const char *headers[HTTP_HEADERS], *url = http_str(j, "url");
	struct xfer_req q = {.method = "POST",
	    .url = url,
	    .headers = headers,
	    .body = http_str(j, "body"),
	    .body_len = strlen(http_str(j, "body")),
	    .public_only = http_is(j, "notify") && !cfg->allow_private};
	const struct engine_stage *stage = engine_opts(j->en)->stage;
	struct err e = ERR_INIT;
	int rc;

	if (job_dropped(j) != JOB_GO)
		return JOB_OVER;
	if (stage != NULL) { /* a rehearsal: nothing leaves */
		stage->other(stage->arg, &q);
		return http_arrived(j);
	}
	if (http_is(j, "trigger")) {
		if (steps_reply_expired(j, clk_wall_ms()))
			return job_dead(j, "expired");
		if (target_check(url,
			cfg->allow_private ? TARGET_ANY : TARGET_OPERATOR,
			&e) == -1)
			return job_dead(j, "url: %s", e.text);
		rc = trigger_headers(j->out, cfg, j->arena, headers, &e);
		if (rc == -1)
			return job_cannot(j, &e);
	} else if (http_outhook_headers(j, &q, headers, &e) == -1) {
		return http_again(j, e.text);
	}
	return http_submit(j, &q);
}

/* Code 1002 is success and nothing else (platform facts 3). */
static enum job_next
http_triggered(struct job *j)
{
	const struct job_http *h = j->http;
	const struct cfg *cfg = engine_opts(j->en)->cfg;
	int tries = j->item->attempts + 1, code = 0;
	char why[CODE_WHY] = "";
	bool again;

	if (h->end == XFER_ANSWERED)
		code = code_of(h->body == NULL ? "" : h->body, h->len, why);
	if (code == CODE_QUEUED)
		return http_arrived(j);
	/* a gateway that answers for the platform knows no codes */
	again = h->end != XFER_ANSWERED || code == CODE_INTERNAL ||
		code == CODE_RATE ||
		(code == 0 && (h->status == 429 ||
				  (h->status >= 500 && h->status <= 504)));
	/* its words may quote the parameters */
	j->detail = arena_strdup(j->arena, why);
	if (h->end != XFER_ANSWERED)
		snprintf(why, sizeof why, ": %.190s", h->error);
	else
		why[0] = '\0';
	if (!again || tries >= cfg->attempts)
		return job_dead(j, "Webex Connect: code %d, status %d%s", code,
		    h->status, why);
	return job_retry(j,
	    retry_backoff_ms((unsigned)tries, HTTP_BACKOFF_MS,
		HTTP_BACKOFF_MAX_MS, retry_random()),
	    false, "Webex Connect: code %d, status %d%s", code, h->status, why);
}

static enum job_next
http_sent(struct job *j)
{
	struct job_http *h = j->http;
	char why[64];

	if (h->end == XFER_STOPPED)
		return JOB_OVER; /* as it is stored, for the next start */
	http_trace(j, "request");
	h->load->us = h->us;
	if (http_is(j, "trigger"))
		return http_triggered(j);
	if (h->end != XFER_ANSWERED)
		return http_again(j, h->error);
	if (h->status == 200)
		return http_arrived(j);
	/* a token may have been withdrawn; one that was just made was not */
	if (h->status == 401 && !h->asking) {
		client_token_drop(h->hook->client);
		h->renewed = client_needs_token(h->hook->client, clk_wall_ms());
	}
	snprintf(why, sizeof why, "status %d", h->status);
	return outhook_final(h->status) ? job_dead(j, "%s", why)
					: http_again(j, why);
}

const struct step steps_http[] = {
    {"http-find", http_find},
    {"http-outcome", http_outcome},
    {"http-room", http_room},
    {"http-token", http_token},
    {"http-tokened", http_tokened},
    {"http-send", http_send},
    {"http-sent", http_sent},
};
