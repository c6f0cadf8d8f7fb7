/* A small Webex Connect; see connect.h. */
#include "sim/connect.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/json.h"
#include "base/str.h"
#include "net/verify.h"
#include "net/xfer.h"
#include "sim/ctl.h"
#include "sim/id.h"
#include "sim/inner.h"

#define CONNECT_LOG 200
#define CONNECT_TEXT 2000
#define CONNECT_OUT (1 << 20)
#define CONNECT_HEADERS 5

/* How each channel spells things in its notifications. */
static const struct connect_row {
	const char *name;
	const char *key, *value, *event; /* of incoming messages; NULL: none */
	const char *from, *to, *text;
	const char *receipt, *type; /* of receipts */
} connect_rows[] = {
    {"sms", "Channel", "SMS", NULL, "oa", "da", "message", "SMS", "msisdn"},
    {"whatsapp", "channel", "WhatsApp", "MO", "waid", "appId", "message",
	"whatsapp", "waid"},
    {"email", "channel", "Email", "Inbound Message", "from", "to",
	"textMessage", "email", "email"},
    {"apple", "channel", "AppleBusinessChat", "MO", "abcUserId", "abcAccountId",
	"message", "applebusinesschat", "applebusinesschat"},
    {"livechat", "channel", "Rtm", "MO", "userId", "appId", "message", "rt",
	"customerid"},
    {"rcs", "channel", "rcs", "MO", "msisdn", "appId", "message", "rcs",
	"msisdn"},
    {"voice", NULL, NULL, NULL, NULL, NULL, NULL, "voice", "msisdn"},
};
#define CONNECT_ROWS (sizeof connect_rows / sizeof *connect_rows)

struct connect {
	struct xfer *xfer;
	pthread_mutex_t lock;
	struct json *target; /* as POST /connect/target said */
	struct json *log;    /* newest last */
	size_t nlog;
};

struct connect *
connect_new(struct xfer *x, struct err *e)
{
	struct connect *c = calloc(1, sizeof *c);

	if (c == NULL) {
		err_nomem(e);
		return NULL;
	}
	c->xfer = x;
	pthread_mutex_init(&c->lock, NULL);
	if ((c->target = json_object()) != NULL &&
	    (c->log = json_list()) != NULL)
		return c;
	err_nomem(e);
	connect_free(c);
	return NULL;
}

void
connect_free(struct connect *c)
{
	if (c == NULL)
		return;
	json_free(c->target);
	json_free(c->log);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* -- the log -- */

/* `when`: clk_wall_ms; 0: now. */
static void
connect_note(struct connect *c, int64_t when, const char *what,
    const char *name, int status, const char *text)
{
	struct json *o = json_object(), *list, *x;
	char at[CLK_TEXT], cut[CONNECT_TEXT];
	size_t n = strlen(text);

	if (n >= sizeof cut)
		n = str_utf8_cut(text, sizeof cut - 1);
	memcpy(cut, text, n);
	cut[n] = '\0';
	if (json_set_str(o, "at",
		clk_text(when == 0 ? clk_wall_ms() : when, at)) == -1 ||
	    json_set_str(o, "what", what) == -1 ||
	    json_set_str(o, "name", name) == -1 ||
	    json_set_num(o, "status", status) == -1 ||
	    json_set_str(o, "text", cut) == -1) {
		json_free(o);
		return;
	}
	pthread_mutex_lock(&c->lock);
	if (c->nlog == CONNECT_LOG && (list = json_list()) != NULL) {
		/* the older half is forgotten */
		c->nlog = 0;
		for (x = json_first(c->log), n = 0; x != NULL;
		     x = json_next(x), n++)
			if (n >= CONNECT_LOG / 2 &&
			    json_add(list, json_dup(x)) == 0)
				c->nlog++;
		json_free(c->log);
		c->log = list;
	}
	if (json_add(c->log, o) == 0)
		c->nlog++;
	pthread_mutex_unlock(&c->lock);
}

static void
connect_answer(struct http_req *r, int status, const struct json *v)
{
	struct buf b;

	buf_init(&b, CONNECT_OUT);
	if (v == NULL || json_print(v, &b) == -1)
		status = 500;
	http_add(r, "Cache-Control", "no-store");
	http_answer(r, status, "application/json", buf_str(&b), b.len);
	buf_done(&b);
}

void
connect_log(struct http_req *r, void *arg)
{
	struct connect *c = ((struct sim *)arg)->connect;
	struct json *log;

	if (ctl_foreign(r)) {
		http_text(r, 403, "text/plain", "not for other sites\n");
		return;
	}
	pthread_mutex_lock(&c->lock);
	log = json_dup(c->log);
	pthread_mutex_unlock(&c->lock);
	connect_answer(r, 200, log);
	json_free(log);
}

/* The body as an object, for the caller; NULL: answered. */
static struct json *
connect_body(struct http_req *r)
{
	size_t n;
	const char *p = http_body(r, &n);
	struct json *v = ctl_foreign(r) ? NULL : json_parse(p, n, NULL);

	if (json_kind(v) == JSON_OBJECT)
		return v;
	json_free(v);
	http_text(r, 400, "text/plain", "the body must be a JSON object\n");
	return NULL;
}

int
connect_aim(struct connect *c, const struct json *target)
{
	struct json *copy = json_dup(target), *old;

	if (copy == NULL)
		return -1;
	pthread_mutex_lock(&c->lock);
	old = c->target;
	c->target = copy;
	pthread_mutex_unlock(&c->lock);
	json_free(old);
	return 0;
}

/* Where notifications go, without the secrets of it. */
static void
connect_tell_target(struct http_req *r, struct connect *c)
{
	static const char *const names[] = {"url", "auth", "algorithm"};
	struct json *o = json_object();
	const char *v;
	size_t i;

	pthread_mutex_lock(&c->lock);
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((v = json_get_str(c->target, names[i])) != NULL)
			json_set_str(o, names[i], v);
	pthread_mutex_unlock(&c->lock);
	connect_answer(r, 200, o);
	json_free(o);
}

void
connect_target(struct http_req *r, void *arg)
{
	struct connect *c = ((struct sim *)arg)->connect;
	struct json *v;

	if (strcmp(http_method(r), "GET") == 0) {
		connect_tell_target(r, c);
		return;
	}
	if ((v = connect_body(r)) == NULL)
		return;
	if (connect_aim(c, v) == -1)
		connect_answer(r, 500, NULL);
	else
		http_text(r, 200, "application/json", "{}");
	json_free(v);
}

/* -- notifications -- */

static const char *
connect_str(const struct json *o, const char *name, const char *otherwise)
{
	const char *s = json_get_str(o, name);

	return s == NULL || *s == '\0' ? otherwise : s;
}

static const struct connect_row *
connect_find(const char *channel)
{
	size_t i;

	for (i = 0; i < CONNECT_ROWS; i++)
		if (strcmp(connect_rows[i].name, channel) == 0)
			return &connect_rows[i];
	return NULL;
}

/* An incoming message, spelled as its channel does. */
static struct json *
connect_message(const struct connect_row *row, const struct json *ask)
{
	struct json *o = json_object();
	char tid[ID_UUID], at[CLK_TEXT];

	id_uuid(tid);
	clk_text(clk_wall_ms(), at);
	if (json_set_str(o, row->key, row->value) == 0 &&
	    (row->event == NULL || json_set_str(o, "event", row->event) == 0) &&
	    json_set_str(
		o, row->from, connect_str(ask, "from", "15550100123")) == 0 &&
	    json_set_str(o, row->to, connect_str(ask, "to", "56263")) == 0 &&
	    json_set_str(o, row->text, connect_str(ask, "text", "hello")) ==
		0 &&
	    json_set_str(o, "tid", tid) == 0 && json_set_str(o, "ts", at) == 0)
		return o;
	json_free(o);
	return NULL;
}

static const char *
connect_code(const char *status)
{
	static const char *const rows[][2] = {{"Submitted", "7501"},
	    {"Delivered", "7500"}, {"Read", "7502"}, {"Clicked", "7528"},
	    {"Failed", "7201"}, {"Un-Delivered", "7203"}};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (str_ieq(rows[i][0], status))
			return rows[i][1];
	return "7405";
}

static struct json *
connect_receipt(const struct connect_row *row, const struct json *ask)
{
	const char *status = connect_str(ask, "status", "Delivered");
	struct json *o = json_object(), *outer = json_object(),
		    *inner = json_object();
	char transid[ID_UUID], at[CLK_TEXT];

	id_uuid(transid);
	clk_text(clk_wall_ms(), at);
	if (json_set_str(inner, "timeStamp", at) == -1 ||
	    json_set_str(inner, "Description", status) == -1 ||
	    json_set_str(inner, "code", connect_code(status)) == -1 ||
	    json_set_str(inner, "deliveryChannel", row->receipt) == -1 ||
	    json_set_str(inner, "destination",
		connect_str(ask, "to", "15550100123")) == -1 ||
	    json_set_str(inner, "destinationType", row->type) == -1 ||
	    json_set_str(inner, "deliveryStatus", status) == -1 ||
	    json_set_str(
		outer, "transid", connect_str(ask, "transid", transid)) == -1 ||
	    json_set_str(outer, "correlationid",
		connect_str(ask, "correlationid", "")) == -1) {
		json_free(inner);
		goto fail;
	}
	if (json_set(outer, "deliveryInfo", inner) == -1)
		goto fail;
	if (json_set(o, "deliveryInfoNotification", outer) == 0)
		return o;
	json_free(o);
	return NULL;
fail:
	json_free(outer);
	json_free(o);
	return NULL;
}

/*
 * A bearer token for the target: the one it names, or one fetched with the
 * client credentials grant (RFC 6749 4.4).  Appended; 0 or -1.
 */
static int
connect_bearer(struct connect *c, const struct json *target, struct buf *out)
{
	static const char *const headers[] = {
	    "Content-Type: application/x-www-form-urlencoded", NULL};
	const char *url = connect_str(target, "tokenUrl", "");
	struct xfer_req q = {.method = "POST",
	    .url = url,
	    .headers = headers,
	    .auth = XFER_AUTH_BASIC,
	    .user = connect_str(target, "client", "")};
	struct xfer_res *res;
	struct json *answer = NULL;
	struct buf form;
	int rc = -1;

	if (*url == '\0')
		return buf_adds(
		    out, connect_str(target, "token", CONNECT_TOKEN));
	buf_init(&form, 1024);
	buf_addf(&form, "grant_type=client_credentials&scope=%s",
	    connect_str(target, "scope", "webexbot"));
	q.body = buf_str(&form);
	q.body_len = form.len;
	res = xfer_wait(c->xfer, &q, NULL);
	if (res != NULL && res->status == 200)
		answer = json_parse(res->body, res->body_len, NULL);
	if (json_get_str(answer, "access_token") != NULL)
		rc = buf_adds(out, json_get_str(answer, "access_token"));
	json_free(answer);
	xfer_res_free(res);
	buf_done(&form);
	return rc;
}

/* A request to the target; its texts live in `lines` and `target`. */
static int
connect_request(struct connect *c, const struct json *target,
    const struct buf *body, struct buf lines[CONNECT_HEADERS],
    const char *headers[CONNECT_HEADERS], struct xfer_req *q)
{
	static const struct {
		const char *name;
		enum xfer_auth auth;
	} rows[] = {{"basic", XFER_AUTH_BASIC}, {"digest", XFER_AUTH_DIGEST},
	    {"aws", XFER_AUTH_AWS}};
	const char *secret = connect_str(target, "secret", "");
	const char *word = connect_str(target, "algorithm", "sha256");
	const char *kind = connect_str(target, "auth", "none");
	char hex[VERIFY_HEX_MAX], trace[ID_UUID];
	enum verify_alg alg;
	size_t i;
	int n = 0;

	id_uuid(trace);
	buf_adds(&lines[n++], "Content-Type: application/json");
	buf_addf(&lines[n++], "x-wx-gtrid: %s", trace);
	if (*secret != '\0') {
		if (verify_alg(word, &alg) == -1 ||
		    verify_hmac(alg, secret, strlen(secret), buf_str(body),
			body->len, hex) == -1)
			return -1;
		buf_addf(&lines[n++], "x-hub-signature: %s=%s", word, hex);
	}
	if (strcmp(kind, "apiKey") == 0)
		buf_adds(&lines[n++], connect_str(target, "header", "x-key: "));
	if (strcmp(kind, "oauth2") == 0) {
		buf_adds(&lines[n], "Authorization: Bearer ");
		if (connect_bearer(c, target, &lines[n++]) == -1)
			return -1;
	}
	headers[n] = NULL;
	while (n > 0) {
		n--;
		headers[n] = buf_str(&lines[n]);
	}
	q->method = "POST";
	q->url = connect_str(target, "url", "");
	q->headers = headers;
	q->body = buf_str(body);
	q->body_len = body->len;
	q->user = connect_str(target, "user", "");
	q->aws_sigv4 = connect_str(target, "sigv4", "aws:amz:us-east-1:hook");
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].name, kind) == 0)
			q->auth = rows[i].auth;
	return 0;
}

/* Send it and wait; the status, 0: no answer, -1: no target. */
static int
connect_deliver(struct connect *c, const char *name, const struct json *note)
{
	const char *headers[CONNECT_HEADERS];
	struct buf lines[CONNECT_HEADERS], body;
	struct xfer_req q = {.url = ""};
	struct xfer_res *res = NULL;
	int64_t when = clk_wall_ms(); /* what it leads to comes after it */
	struct json *target;
	int i, status = -1;

	buf_init(&body, CONNECT_OUT);
	for (i = 0; i < CONNECT_HEADERS; i++)
		buf_init(&lines[i], 8192);
	pthread_mutex_lock(&c->lock);
	target = json_dup(c->target);
	pthread_mutex_unlock(&c->lock);
	if (target != NULL && note != NULL && json_print(note, &body) == 0 &&
	    connect_request(c, target, &body, lines, headers, &q) == 0 &&
	    *q.url != '\0')
		res = xfer_wait(c->xfer, &q, NULL);
	if (res != NULL) {
		status = res->status;
		connect_note(c, when, "sent", name, status, buf_str(&body));
	}
	xfer_res_free(res);
	json_free(target);
	for (i = 0; i < CONNECT_HEADERS; i++)
		buf_done(&lines[i]);
	buf_done(&body);
	return status;
}

void
connect_send(struct http_req *r, void *arg)
{
	struct connect *c = ((struct sim *)arg)->connect;
	struct json *ask = connect_body(r), *note = NULL, *out;
	const struct connect_row *row;
	const char *kind;

	if (ask == NULL)
		return;
	kind = connect_str(ask, "kind", "message");
	row = connect_find(connect_str(ask, "channel", "sms"));
	if (json_kind(json_get(ask, "body")) == JSON_OBJECT)
		note = json_dup(json_get(ask, "body"));
	else if (row != NULL && strcmp(kind, "receipt") == 0)
		note = connect_receipt(row, ask);
	else if (row != NULL && row->key != NULL)
		note = connect_message(row, ask);
	if (note == NULL) {
		http_text(r, 400, "text/plain", "no such notification\n");
	} else {
		out = json_object();
		if (json_set_num(
			out, "status", connect_deliver(c, kind, note)) == -1)
			connect_answer(r, 500, NULL);
		else
			connect_answer(r, 200, out);
		json_free(out);
	}
	json_free(note);
	json_free(ask);
}

/* -- what the platform takes -- */

static void
connect_say(struct http_req *r, int status, int code, const char *text,
    const char *correlation)
{
	char body[512], transid[ID_UUID];

	id_uuid(transid);
	snprintf(body, sizeof body,
	    "{\"response\":[{\"code\":\"%d\",\"description\":\"%s\","
	    "\"transid\":\"%s\"%s%s%s}]}",
	    code, text, transid,
	    *correlation == '\0' ? "" : ",\"correlationid\":\"", correlation,
	    *correlation == '\0' ? "" : "\"");
	http_text(r, status, "application/json", body);
}

/* 0: the key or the token is right; else answered. */
static int
connect_key(struct http_req *r, bool inbound)
{
	int code = connect_may(r);

	if (code == 0)
		return 0;
	connect_say(r, inbound ? 401 : 200, code,
	    code == 7002 ? "Service Key Missing" : "Authentication failed", "");
	return -1;
}

void
connect_inbound(struct http_req *r, void *arg)
{
	struct connect *c = ((struct sim *)arg)->connect;
	const char *id = http_param(r, 0), *p;
	struct json *v;
	size_t n;

	if (!str_prefix(id, "SIM")) {
		connect_say(r, 404, 7008, "No such endpoint", "");
		return;
	}
	if (connect_key(r, true) == -1)
		return;
	p = http_body(r, &n);
	v = n > 0 && *p == '<' ? json_object() : json_parse(p, n, NULL);
	connect_note(c, 0, "inbound", id, v == NULL ? 7000 : 1002, p);
	if (v == NULL)
		connect_say(r, 400, 7000, "Invalid JSON", "");
	else
		connect_say(r, 200, 1002, "Queued", "");
	json_free(v);
}

/* The phone got it: the receipts that a real one would bring. */
static void
connect_sms(struct connect *c, const struct json *event)
{
	static const char *const statuses[] = {"Submitted", "Delivered"};
	const struct json *p = json_get(event, "parameters");
	struct json *ask, *note;
	size_t i;

	connect_note(c, 0, "sms", connect_str(p, "to", "?"), 0,
	    connect_str(p, "text", ""));
	for (i = 0; i < 2; i++) {
		ask = json_object();
		json_set_str(ask, "status", statuses[i]);
		json_set_str(ask, "to", connect_str(p, "to", "15550100123"));
		json_set_str(ask, "correlationid",
		    connect_str(event, "correlationid", ""));
		note = connect_receipt(&connect_rows[0], ask);
		connect_deliver(c, "receipt", note);
		json_free(note);
		json_free(ask);
	}
}

void
connect_event(struct http_req *r, void *arg)
{
	struct connect *c = ((struct sim *)arg)->connect;
	size_t n;
	const char *p = http_body(r, &n), *evtid, *correlation;
	struct json *v = json_parse(p, n, NULL);
	const struct json *event = json_first(json_get(v, "events"));

	evtid = connect_str(event, "evtid", "");
	correlation = connect_str(event, "correlationid", "");
	if (strpbrk(correlation, "\"\\") != NULL || strlen(correlation) > 50)
		correlation = "";
	if (connect_key(r, false) == -1)
		;
	else if (json_kind(v) != JSON_OBJECT)
		connect_say(r, 200, 7000, "Invalid JSON", "");
	else if (json_get(v, "events") == NULL)
		connect_say(r, 200, 7003, "events missing", "");
	else if (*evtid == '\0')
		connect_say(r, 200, 7004, "Invalid value - evtid", "");
	else {
		connect_note(c, 0, "event", evtid, 1002, p);
		connect_say(r, 200, 1002, "Queued", correlation);
		if (strcmp(evtid, "sms") == 0)
			connect_sms(c, event);
	}
	json_free(v);
}
