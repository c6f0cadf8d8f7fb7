/* Webex Connect and other programs into the queue; see inbound.h. */
#include "bot/inbound.h"

#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/stat.h"
#include "bot/event.h"
#include "bot/hub.h"
#include "connect/ask.h"
#include "connect/codes.h"
#include "connect/notice.h"
#include "connect/receive.h"

#define INBOUND_RETRY_S "5"
#define INBOUND_WARN_MS 10000 /* between two lines about refusals */
#define INBOUND_ANSWER_MAX 65536

static const char inbound_json[] = "application/json; charset=utf-8";

/* One line now and then, whatever is sent. */
static void
inbound_warn(struct inbound_ways *w, struct http_req *r, const char *why)
{
	int64_t now = clk_mono_ms(), last = atomic_load(&w->warned);

	if ((last != 0 && now - last < INBOUND_WARN_MS) ||
	    !atomic_compare_exchange_strong(&w->warned, &last, now))
		return;
	log_warn("%s refused a request from %s: %s (further ones are counted "
		 "in webexbot_webhooks_total)",
	    http_path(r), http_client(r), why);
}

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

	snprintf(lane, sizeof lane, "inbound:%s", id);
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
		inbound_warn(w, r, why);
	else if (code_transid(transid) == -1)
		code = CODE_INTERNAL;
	else
		code = inbound_take(w, &q, id, kind, transid);
	inbound_answer(r, code, code == CODE_QUEUED ? transid : NULL);
	brain_unref(brain);
	stat_observe_us(STAT_accept_seconds, clk_mono_us() - start);
}

/* -- POST /webhooks/connect -- */

static const char inbound_text[] = "text/plain; charset=utf-8";

static void
inbound_unavailable(struct http_req *r, const char *why)
{
	stat_inc(STAT_webhooks_refused);
	http_add(r, "Retry-After", INBOUND_RETRY_S);
	http_text(r, 503, inbound_text, why);
}

static enum evq_put
inbound_put_notice(
    struct inbound_ways *w, const struct ask *q, const struct json *body)
{
	char key[NOTICE_KEY], kind[NOTICE_TYPE], lane[128];
	struct json *notice = notice_new(body);
	struct inbound_item it = {
	    "connect", kind, key, lane, json_object(), q->body, q->len};
	enum evq_put put = EVQ_FAILED;

	if (notice != NULL && it.head != NULL && notice_key(body, key) == 0) {
		notice_type(notice, kind);
		/* in order for each person */
		snprintf(lane, sizeof lane, "connect:%.100s",
		    notice_get(notice,
			strcmp(notice_get(notice, "kind"), "receipt") == 0
			    ? "to"
			    : "from"));
		put = inbound_store(w, &it);
	}
	json_free(it.head);
	json_free(notice);
	return put;
}

static void
inbound_take_notice(
    struct http_req *r, struct inbound_ways *w, const struct ask *q)
{
	struct err e = ERR_INIT;
	struct json *body = json_parse(q->body, q->len, &e);

	if (body == NULL && e.kind == ERR_BUG) {
		inbound_unavailable(r, "out of memory\n");
	} else if (json_kind(body) != JSON_OBJECT) {
		stat_inc(STAT_webhooks_malformed);
		inbound_warn(w, r, "its body is no JSON object");
		http_text(r, 400, inbound_text, "not a JSON object\n");
	} else {
		switch (inbound_put_notice(w, q, body)) {
		case EVQ_STORED:
			stat_inc(STAT_webhooks_stored);
			http_text(r, 200, inbound_text, "");
			break;
		case EVQ_REPEATED:
			stat_inc(STAT_webhooks_repeated);
			http_text(r, 200, inbound_text, "");
			break;
		case EVQ_FULL:
			inbound_unavailable(r, "the queue is full\n");
			break;
		case EVQ_FAILED:
			inbound_unavailable(r, "cannot store\n");
		}
	}
	json_free(body);
}

static void
inbound_refuse(struct http_req *r, struct inbound_ways *w,
    const struct auth_said *said, bool later)
{
	inbound_warn(w, r, said->why);
	if (later) {
		inbound_unavailable(r, "cannot check the authorization\n");
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
		inbound_warn(w, r, "bot.json has no \"connect\"");
		http_text(r, 404, inbound_text, "not configured\n");
	} else if (atomic_load(&w->stopping)) {
		inbound_unavailable(r, "stopping\n");
	} else if ((end = receive_check(receive, &q, &said)) != AUTH_OK) {
		inbound_refuse(r, w, &said, end == AUTH_LATER);
	} else {
		inbound_take_notice(r, w, &q);
	}
	brain_unref(brain);
	stat_observe_us(STAT_accept_seconds, clk_mono_us() - start);
}
