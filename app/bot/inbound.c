/* Webex Connect and other programs into the queue; see inbound.h. */
#include "bot/inbound.h"

#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "bot/event.h"
#include "bot/hub.h"
#include "bot/saved.h"
#include "connect/ask.h"
#include "connect/codes.h"
#include "connect/evapi.h"
#include "connect/notice.h"
#include "connect/receive.h"

#define INBOUND_RETRY_S "5"
#define INBOUND_ANSWER_MAX 65536

static const char inbound_text[] = "text/plain; charset=utf-8";
static const char inbound_json[] = "application/json; charset=utf-8";

static void
inbound_count(enum code code)
{
	switch (code) {
	case CODE_QUEUED:
		stat_inc(STAT_webhooks_stored);
		break;
	case CODE_AUTH_FAILED:
	case CODE_KEY_MISSING:
	case CODE_ADDRESS:
	case CODE_BAD_SIGNATURE:
	case CODE_NO_SIGNATURE:
		stat_inc(STAT_webhooks_unsigned);
		break;
	case CODE_TOO_LARGE:
		stat_inc(STAT_webhooks_too_large);
		break;
	case CODE_INTERNAL:
	case CODE_RATE:
		stat_inc(STAT_webhooks_refused);
		break;
	default:
		stat_inc(STAT_webhooks_malformed);
	}
}

/* The code as the body and, by its row, as the status. */
static void
inbound_answer(struct http_req *r, enum code code, const char *transid)
{
	struct json *list = json_list();
	struct buf b;

	inbound_count(code);
	buf_init(&b, INBOUND_ANSWER_MAX);
	if (json_add(list, code_entry(code, NULL, transid, NULL)) == -1) {
		json_free(list);
		list = NULL;
	}
	code_answer(list, &b);
	if (code == CODE_INTERNAL || code == CODE_RATE)
		http_add(r, "Retry-After", INBOUND_RETRY_S);
	http_text(r, code_row(code)->status, inbound_json, buf_str(&b));
	buf_done(&b);
}

void
inbound_too_large(struct http_req *r)
{
	inbound_answer(r, CODE_TOO_LARGE, NULL);
}

/* -- storing -- */

struct inbound_item {
	const char *source;
	const char *kind; /* for listings; never secret */
	const char *key;  /* of repetitions, or NULL */
	const char *lane;
	struct json *head; /* the envelope, filled with source and kind */
	const void *body;
	size_t len;
};

static enum evq_put
inbound_store(struct inbound_ways *w, const struct inbound_item *it)
{
	struct evq_new n = {.key = it->key,
	    .lane = it->lane,
	    .source = it->source,
	    .kind = it->kind,
	    .room = ""};
	struct event ev = {.source = it->source, .kind = it->kind};
	struct err e = ERR_INIT;
	enum evq_put put = EVQ_FAILED;
	struct buf b;

	buf_init(&b, it->len + INBOUND_ANSWER_MAX);
	if (json_set_str(it->head, "source", it->source) == 0 &&
	    json_set_str(it->head, "kind", it->kind) == 0 &&
	    event_pack(&ev, it->head, it->body, it->len, &b) == 0) {
		n.body = buf_str(&b);
		n.len = buf_len(&b);
		CRASH_POINT("before-put");
		put = evq_put(w->q, &n, NULL, &e);
		CRASH_POINT("before-200");
	} else {
		err_nomem(&e);
	}
	if (put == EVQ_FAILED)
		log_error("%s, answered as not stored", e.text);
	buf_done(&b);
	return put;
}

/* -- POST /events/ID -- */

static enum code
inbound_take(struct inbound_ways *w, const struct ask *q, const char *id,
    enum vars_kind kind, const char *transid)
{
	char lane[INBOUND_ID_MAX + 16];
	struct inbound_item it = {
	    "inbound", id, NULL, lane, json_object(), q->body, q->len};
	enum evq_put put = EVQ_FAILED;

	snprintf(lane, sizeof lane, EVQ_LANE_INBOUND "%s", id);
	if (json_set_str(it.head, "id", id) == 0 &&
	    json_set_str(it.head, "transid", transid) == 0 &&
	    json_set_str(it.head, "type", kind == VARS_XML ? "xml" : "json") ==
		0)
		put = inbound_store(w, &it);
	json_free(it.head);
	return put == EVQ_STORED ? CODE_QUEUED : CODE_INTERNAL;
}

void
inbound_post(struct http_req *r, struct inbound_ways *w)
{
	struct brain *brain = brain_get(w->brain);
	const char *id = http_param(r, 0), *why = "no such ID";
	struct hub_inbound *hi = hub_inbound(brain_hub(brain), id);
	enum code code = CODE_NO_ENDPOINT;
	int64_t start = clk_mono_us();
	char transid[CODE_TRANSID];
	enum vars_kind kind;
	struct ask q;

	ask_http(&q, r);
	if (atomic_load(&w->stopping)) {
		why = "stopping";
		code = CODE_INTERNAL;
	} else if (hi != NULL) {
		code = inbound_check(hi->in, &q, &kind, &why);
	}
	if (code != CODE_QUEUED)
		intake_warn(&w->warned, r, why);
	else if (code_transid(transid) == -1)
		code = CODE_INTERNAL;
	else
		code = inbound_take(w, &q, id, kind, transid);
	inbound_answer(r, code, code == CODE_QUEUED ? transid : NULL);
	brain_unref(brain);
	stat_observe_us(STAT_accept_seconds, clk_mono_us() - start);
}

/* -- the event API: its errors come with status 200 -- */

struct inbound_event {
	struct inbound_ways *w;
	const struct evapi_call *call;
	const struct hub *hub;
};

/* One event into the queue. */
static enum code
inbound_take_event(const struct inbound_event *ie, const struct json *event,
    const struct json *filled, const char *transid)
{
	const struct evapi_call *call = ie->call;
	const char *evtid = evapi_evtid(event);
	const char *correlation = evapi_correlation(event);
	char lane[128];
	struct inbound_item it = {
	    "event", evtid, NULL, lane, json_object(), NULL, 0};
	enum evq_put put = EVQ_FAILED;
	struct buf b;

	snprintf(lane, sizeof lane, EVQ_LANE_EVENT "%.100s", evtid);
	buf_init(&b, 4 * INBOUND_ANSWER_MAX + (4u << 20));
	if (json_print(filled, &b) == 0 &&
	    json_set_str(it.head, "evtid", evtid) == 0 &&
	    json_set_str(it.head, "transid", transid) == 0 &&
	    json_set_str(it.head, "correlationid", correlation) == 0 &&
	    json_set_num(it.head, "expiry", (double)call->expiry) == 0 &&
	    json_set_str(it.head, "notifyurl", call->notifyurl) == 0) {
		it.body = buf_str(&b);
		it.len = buf_len(&b);
		put = inbound_store(ie->w, &it);
	}
	buf_done(&b);
	json_free(it.head);
	return put == EVQ_STORED ? CODE_QUEUED : CODE_INTERNAL;
}

/* What is said of one event; NULL when memory is out. */
static struct json *
inbound_one_event(const struct inbound_event *ie, const struct json *event)
{
	struct hub_event *he = hub_event(ie->hub, evapi_evtid(event));
	char why[EVAPI_WHY] = "", transid[CODE_TRANSID];
	const char *correlation = evapi_correlation(event);
	struct json *filled = NULL;
	enum code code;

	if (code_transid(transid) == -1)
		return NULL;
	code = evapi_event(he == NULL ? NULL : he->type, event, &filled, why);
	if (code == CODE_QUEUED)
		code = gate_count(hub_events(ie->hub));
	if (code == CODE_QUEUED)
		code = inbound_take_event(ie, event, filled, transid);
	json_free(filled);
	inbound_count(code);
	return code_entry(code, *why == '\0' ? NULL : why, transid,
	    *correlation == '\0' || strlen(correlation) > EVAPI_CORRELATION_MAX
		? NULL
		: correlation);
}

/* A list of entries, or a single one about the call as a whole. */
static void
inbound_event_answer(struct http_req *r, struct json *entries)
{
	struct buf b;

	buf_init(&b, 4 * INBOUND_ANSWER_MAX);
	if (code_answer(entries, &b) == -1) {
		buf_clear(&b);
		buf_adds(&b, "{\"response\":{\"code\":\"7005\"}}");
	}
	http_text(r, 200, inbound_json, buf_str(&b));
	buf_done(&b);
}

static void
inbound_event_refuse(struct http_req *r, enum code code, const char *why)
{
	char transid[CODE_TRANSID];

	inbound_count(code);
	inbound_event_answer(
	    r, code_entry(code, why,
		   code_transid(transid) == -1 ? NULL : transid, NULL));
}

static void
inbound_events(struct http_req *r, const struct inbound_event *ie)
{
	const struct json *event = json_first(ie->call->events);
	struct json *list = json_list(), *one;

	/* over the rate a lone event is answered as an object, as there */
	for (; event != NULL; event = json_next(event)) {
		one = inbound_one_event(ie, event);
		if (ie->call->n == 1 &&
		    str_eq(json_get_str(one, "code"), "7020")) {
			json_free(list);
			list = one;
		} else if (json_add(list, one) == -1) {
			json_free(list);
			list = NULL;
			break;
		}
	}
	inbound_event_answer(r, list);
}

void
inbound_event(struct http_req *r, struct inbound_ways *w)
{
	struct brain *brain = brain_get(w->brain);
	const struct hub *hub = brain_hub(brain);
	struct gate *gate = hub_events(hub);
	struct evapi_call call = {.body = NULL};
	struct inbound_event ie = {w, &call, hub};
	const char *why = "bot.json has no \"events\"";
	char text[EVAPI_WHY] = "";
	enum code code = CODE_NO_ENDPOINT;
	int64_t start = clk_mono_us();
	struct ask q;

	ask_http(&q, r);
	if (gate == NULL) {
		http_text(r, 404, inbound_text, "not configured\n");
	} else {
		if (atomic_load(&w->stopping))
			code = CODE_INTERNAL;
		else if ((code = gate_check(gate, &q, &why)) == CODE_QUEUED)
			code = evapi_read(&q, w->private_ok, &call, text);
		if (code == CODE_QUEUED)
			inbound_events(r, &ie);
		else
			inbound_event_refuse(
			    r, code, *text == '\0' ? NULL : text);
	}
	if (code != CODE_QUEUED)
		intake_warn(&w->warned, r, *text != '\0' ? "a bad call" : why);
	evapi_call_done(&call);
	brain_unref(brain);
	stat_observe_us(STAT_accept_seconds, clk_mono_us() - start);
}

/* -- POST /webhooks/connect -- */

static enum evq_put
inbound_put_notice(
    struct inbound_ways *w, const struct ask *q, const struct json *body)
{
	char key[NOTICE_KEY], kind[NOTICE_TYPE], lane[SAVED_LANE];
	struct inbound_item it = {
	    "connect", kind, key, lane, json_object(), q->body, q->len};
	enum evq_put put = EVQ_FAILED;

	if (it.head != NULL && saved_notice(body, key, kind, lane) == 0)
		put = inbound_store(w, &it);
	json_free(it.head);
	return put;
}

static void
inbound_take_notice(
    struct http_req *r, struct inbound_ways *w, const struct ask *q)
{
	struct err e = ERR_INIT;
	struct json *body = json_parse(q->body, q->len, &e);

	if (body == NULL && e.kind == ERR_BUG) {
		intake_unavailable(r, "out of memory\n");
	} else if (json_kind(body) != JSON_OBJECT) {
		stat_inc(STAT_webhooks_malformed);
		intake_warn(&w->warned, r, "its body is no JSON object");
		http_text(r, 400, inbound_text, "not a JSON object\n");
	} else {
		intake_answer(r, inbound_put_notice(w, q, body));
	}
	json_free(body);
}

static void
inbound_refuse(struct http_req *r, struct inbound_ways *w,
    const struct auth_said *said, bool later)
{
	intake_warn(&w->warned, r, said->why);
	if (later) {
		intake_unavailable(r, "cannot check the authorization\n");
		return;
	}
	stat_inc(STAT_webhooks_unsigned);
	if (said->challenge[0] != '\0')
		http_add(r, "WWW-Authenticate", said->challenge);
	http_text(r, 401, inbound_text, "not authorized\n");
}

void
inbound_connect(struct http_req *r, struct inbound_ways *w)
{
	struct brain *brain = brain_get(w->brain);
	struct receive *receive = hub_receive(brain_hub(brain));
	int64_t start = clk_mono_us();
	struct auth_said said;
	enum auth_end end;
	struct ask q;

	ask_http(&q, r);
	if (receive == NULL) {
		intake_warn(&w->warned, r, "bot.json has no \"connect\"");
		http_text(r, 404, inbound_text, "not configured\n");
	} else if (atomic_load(&w->stopping)) {
		intake_unavailable(r, "stopping\n");
	} else if ((end = receive_check(receive, &q, &said)) != AUTH_OK) {
		inbound_refuse(r, w, &said, end == AUTH_LATER);
	} else {
		inbound_take_notice(r, w, &q);
	}
	brain_unref(brain);
	stat_observe_us(STAT_accept_seconds, clk_mono_us() - start);
}
