/* For other programs; see forward.h.  The engine's thread. */
#include "bot/forward.h"

#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "bot/hub.h"
#include "connect/codes.h"
#include "connect/notice.h"

#define FORWARD_LANE (CODE_TRANSID + 16)

/*
 * An item: the body as the text it is signed and sent as, and where its
 * target stands among the outbound webhooks.
 */
static int
forward_item(struct turn *t, const char *use, const char *url, size_t target,
    const char *lane, const struct json *body, struct err *e)
{
	struct json *item = json_object();
	char trace[CODE_TRANSID], own[FORWARD_LANE];
	struct buf b;
	int rc = -1;

	buf_init(&b, OUTBOX_BODY_MAX);
	if (code_transid(trace) == -1) {
		err_set(e, ERR_BUG, "no random numbers");
		goto out;
	}
	if (lane == NULL) { /* one of its own: no order */
		snprintf(own, sizeof own, EVQ_LANE_ALONE "%s", trace);
		lane = own;
	}
	json_print(body, &b);
	if (b.failed && !b.nomem) {
		err_set(e, ERR_PERM, "what is to be forwarded is too large");
		goto out;
	}
	if (b.failed || json_set_str(item, "call", "http") == -1 ||
	    json_set_num(item, "received", (double)t->out.received) == -1 ||
	    (t->out.expiry > 0 && strcmp(use, "notify") == 0 &&
		json_set_num(item, "expiry", (double)t->out.expiry) == -1) ||
	    json_set_str(item, "use", use) == -1 ||
	    json_set_str(item, "url", url) == -1 ||
	    json_set_num(item, "target", (double)target) == -1 ||
	    json_set_str(item, "trace", trace) == -1 ||
	    json_set_num(item, "before", (double)t->out.n) == -1 ||
	    json_set_str(item, "body", buf_str(&b)) == -1) {
		err_nomem(e);
		goto out;
	}
	rc = outbox_item(&t->out, lane, item, e);
out:
	buf_done(&b);
	json_free(item);
	return rc;
}

/*
 * {"id","type","created","data"} to every target of `on`; type is the word
 * of `on`, a dot and `what`.  Takes `data`; NULL: memory was out.
 */
static int
forward_add(struct turn *t, enum outhook_on on, const char *what,
    struct json *data, struct err *e)
{
	struct outhook *const *hooks;
	struct json *body = json_object();
	char id[CODE_TRANSID], at[CLK_TEXT], type[128], lane[64];
	size_t n, i;
	int rc = 0;

	hooks = hub_outbound(brain_hub(t->brain), &n);
	snprintf(type, sizeof type, "%s.%.100s", outhook_word(on), what);
	clk_text(t->out.received, at);
	if (code_transid(id) == -1 || json_set_str(body, "id", id) == -1 ||
	    json_set_str(body, "type", type) == -1 ||
	    json_set_str(body, "created", at) == -1) {
		json_free(data);
		json_free(body);
		return err_nomem(e);
	}
	if (json_set(body, "data", data) == -1)
		rc = err_nomem(e);
	for (i = 0; rc == 0 && i < n; i++) {
		if ((hooks[i]->on & on) == 0)
			continue;
		snprintf(lane, sizeof lane, EVQ_LANE_OUTBOUND "%zu", i);
		rc = forward_item(t, "outbound", hooks[i]->url, i,
		    hooks[i]->order ? lane : NULL, body, e);
	}
	json_free(body);
	return rc;
}

/* Does any target ask for it?  Else nothing has to be copied. */
static bool
forward_asked(const struct turn *t, enum outhook_on on)
{
	struct outhook *const *hooks;
	size_t n;

	hooks = hub_outbound(brain_hub(t->brain), &n);
	while (n > 0)
		if ((hooks[--n]->on & on) != 0)
			return true;
	return false;
}

int
forward_webex(struct turn *t, struct err *e)
{
	static const struct {
		const char *kind;
		enum outhook_on on;
	} kinds[] = {{"messages.created", OUTHOOK_MESSAGES},
	    {"attachmentActions.created", OUTHOOK_ACTIONS},
	    {"memberships.created", OUTHOOK_MEMBERSHIPS}};
	const size_t n = sizeof kinds / sizeof kinds[0];
	const struct json *data;
	size_t i;

	for (i = 0; i < n && strcmp(kinds[i].kind, t->ev->kind) != 0; i++)
		;
	if (i == n || !forward_asked(t, kinds[i].on))
		return 0;
	data = t->message != NULL  ? t->message
	       : t->action != NULL ? t->action
				   : json_get(event_body(t->ev, e), "data");
	return forward_add(t, kinds[i].on, "created", json_dup(data), e);
}

/* The tidy form, with the body as it came in it. */
static struct json *
forward_notice(const struct turn *t)
{
	struct json *o = json_dup(t->notice);

	if (json_set(o, "event", json_dup(t->ev->body)) == 0)
		return o;
	json_free(o);
	return NULL;
}

int
forward_hub(struct turn *t, struct err *e)
{
	char type[NOTICE_TYPE];
	const char *what = t->ev->kind;
	enum outhook_on on =
	    str_eq(t->ev->source, "event") ? OUTHOOK_EVENTS : OUTHOOK_INBOUND;

	if (t->notice != NULL) {
		on = str_eq(notice_get(t->notice, "kind"), "receipt")
			 ? OUTHOOK_RECEIPTS
			 : OUTHOOK_INCOMING;
		what = strchr(notice_type(t->notice, type), '.');
		what = what == NULL ? "unknown" : what + 1;
	}
	if (!forward_asked(t, on))
		return 0;
	return forward_add(t, on, what,
	    t->notice != NULL ? forward_notice(t) : json_dup(t->ev->body), e);
}

int
forward_notify(
    struct turn *t, const char *status, const char *description, struct err *e)
{
	static const char *const names[] = {
	    "transid", "correlationid", "evtid"};
	const struct json *head = t->ev->head;
	const char *url = json_get_str(head, "notifyurl"), *v;
	struct json *body;
	size_t i;
	int rc = 0;

	if (url == NULL || *url == '\0')
		return 0;
	body = json_object();
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((v = json_get_str(head, names[i])) != NULL && *v != '\0')
			rc |= json_set_str(body, names[i], v);
	rc |= json_set_str(body, "status", status);
	rc |= json_set_str(body, "description", description);
	if (rc != 0)
		err_nomem(e);
	else
		/* it waits for its replies (steps_http.c), and holds up none */
		rc = forward_item(t, "notify", url, 0, NULL, body, e);
	json_free(body);
	return rc;
}
