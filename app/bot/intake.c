/* Webhooks into the queue; see intake.h. */
#include "bot/intake.h"

#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "bot/event.h"

#define INTAKE_RETRY_S "5"
#define INTAKE_WARN_MS 10000 /* between two lines about the same */

static const char intake_text[] = "text/plain; charset=utf-8";

bool
intake_is_bot(const char *email)
{
	return str_suffix(email, "@webex.bot") ||
	       str_suffix(email, "@sparkbot.io");
}

void
intake_unavailable(struct http_req *r, const char *why)
{
	stat_inc(STAT_webhooks_refused);
	http_add(r, "Retry-After", INTAKE_RETRY_S);
	http_text(r, 503, intake_text, why);
}

void
intake_answer(struct http_req *r, enum evq_put put)
{
	switch (put) {
	case EVQ_STORED:
		stat_inc(STAT_webhooks_stored);
		http_text(r, 200, intake_text, "");
		break;
	case EVQ_REPEATED:
		stat_inc(STAT_webhooks_repeated);
		http_text(r, 200, intake_text, "");
		break;
	case EVQ_FULL:
		intake_unavailable(r, "the queue is full\n");
		break;
	case EVQ_FAILED:
		intake_unavailable(r, "cannot store\n");
	}
}

static void
intake_nomem(struct intake *in, struct http_req *r)
{
	in->refused(in->arg, false);
	intake_unavailable(r, "out of memory\n");
}

void
intake_warn(struct intake_warned *w, struct http_req *r, const char *why)
{
	const char *path = http_path(r);
	uint64_t which =
	    str_hash(path, strlen(path)) ^ str_hash(why, strlen(why));
	_Atomic int64_t *at = &w->at[which % INTAKE_WARNED];
	int64_t now = clk_mono_ms(), last = atomic_load(at);

	if ((last != 0 && now - last < INTAKE_WARN_MS) ||
	    !atomic_compare_exchange_strong(at, &last, now))
		return;
	log_warn("%s refused a request from %s: %s (further ones are counted "
		 "in webexbot_webhooks_total)",
	    path, http_client(r), why);
}

int
intake_use_secret(
    struct intake *in, enum verify_alg alg, const char *text, struct err *e)
{
	struct intake_secret *s = calloc(1, sizeof *s);

	if (s == NULL || (s->text = strdup(text)) == NULL) {
		free(s);
		return err_nomem(e);
	}
	if ((s->keys = verify_new(alg, text, e)) == NULL) {
		free(s->text);
		free(s);
		return err_prefix(e, "WEBEX_WEBHOOK_SECRET: ");
	}
	s->older = atomic_load(&in->secret);
	atomic_store(&in->secret, s);
	return 0;
}

const char *
intake_secret(const struct intake *in)
{
	return atomic_load(&in->secret)->text;
}

void
intake_secret_done(struct intake *in)
{
	struct intake_secret *s = atomic_load(&in->secret), *older;

	for (; s != NULL; s = older) {
		older = s->older;
		verify_free(s->keys);
		free(s->text);
		free(s);
	}
}

static bool
intake_signed(struct intake *in, struct http_req *r)
{
	const char *sig = http_header(r, in->header), *body;
	size_t len;

	body = http_body(r, &len);
	if (sig != NULL &&
	    verify_ok(atomic_load(&in->secret)->keys, body, len, sig))
		return true;
	stat_inc(STAT_webhooks_unsigned);
	intake_warn(&in->warned, r,
	    sig == NULL ? "no signature"
			: "wrong signature; `webexbot webhooks doctor` tells "
			  "whether the webhooks have another secret");
	http_text(r, 401, intake_text,
	    sig == NULL ? "the signature is missing\n"
			: "the signature is wrong\n");
	return false;
}

/* What ends here with 200: our own doings, and what nobody handles. */
static bool
intake_wanted(struct intake *in, const struct event *ev)
{
	bool says = strcmp(ev->resource, "messages") == 0 ||
		    strcmp(ev->resource, "attachmentActions") == 0;

	if (says &&
	    (self_is(in->self, ev->person) ||
		(*ev->person == '\0' && self_is(in->self, ev->actor)))) {
		stat_inc(STAT_webhooks_own);
		return false;
	}
	if (!in->handles(in->arg, ev->resource, ev->event) ||
	    (says && in->ignore_bots && intake_is_bot(ev->email))) {
		stat_inc(STAT_webhooks_unhandled);
		return false;
	}
	return true;
}

static void
intake_store(struct intake *in, struct http_req *r, const struct event *ev)
{
	char key[EVENT_KEY];
	struct evq_new n;
	struct err e = ERR_INIT;
	enum evq_put put;
	struct buf b;
	const char *body;
	size_t len;

	body = http_body(r, &len);
	if (event_item_webex(ev, body, len, key, &b, &n) == -1) {
		buf_done(&b);
		intake_nomem(in, r);
		return;
	}
	CRASH_POINT("before-put");
	put = evq_put(in->q, &n, NULL, &e);
	if (put == EVQ_STORED)
		CRASH_POINT("before-200");
	if (put == EVQ_FAILED)
		log_error("%s, answered 503", e.text);
	if (put == EVQ_FULL || put == EVQ_FAILED)
		in->refused(in->arg, put == EVQ_FULL);
	intake_answer(r, put);
	buf_done(&b);
}

bool
intake_webex(struct http_req *r, struct intake *in)
{
	int64_t start = clk_mono_us();
	struct err e = ERR_INIT;
	struct event ev;
	const char *body;
	size_t len;

	if (!intake_signed(in, r))
		return false;
	if (atomic_load(&in->stopping)) {
		intake_unavailable(r, "stopping\n");
		return true;
	}
	body = http_body(r, &len);
	if (event_read_webex(&ev, body, len, &e) == -1) {
		if (e.kind == ERR_BUG) {
			intake_nomem(in, r);
			return true;
		}
		stat_inc(STAT_webhooks_malformed);
		intake_warn(&in->warned, r, e.text);
		http_text(r, 400, intake_text, e.text);
		return true;
	}
	if (intake_wanted(in, &ev))
		intake_store(in, r, &ev);
	else
		http_text(r, 200, intake_text, "");
	event_done(&ev);
	stat_observe_us(STAT_accept_seconds, clk_mono_us() - start);
	return true;
}
