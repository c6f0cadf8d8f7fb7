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
