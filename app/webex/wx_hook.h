/*
 * The webhooks a bot needs against those that are there.  Planning is pure;
 * carrying out waits for each call (command line), and the watch of a
 * running bot takes the same steps one by one.
 *
 * Ours are those whose name starts with "webexbot:"; others are never
 * touched.  Every created one fires, doubles too, so there must be exactly
 * one for each wanted pair.
 */
#ifndef WEBEX_WX_HOOK_H
#define WEBEX_WX_HOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "net/xfer.h"
#include "webex/wx.h"

#define WX_HOOK_PREFIX "webexbot:"
#define WX_HOOK_PATH "/webhooks/webex"

struct wx_want {
	const char *resource;
	const char *event;
};

enum wx_hook_verb { WX_KEEP, WX_CREATE, WX_UPDATE, WX_DELETE };

struct wx_step {
	enum wx_hook_verb verb;
	char *id; /* not of WX_CREATE */
	char *name;
	char *resource;
	char *event;
	char *target;    /* where it is to point */
	bool moved;      /* WX_UPDATE: it pointed elsewhere */
	bool asleep;     /* WX_UPDATE: it was inactive */
	bool rekeyed;    /* WX_UPDATE: its secret differed */
	char *from;      /* WX_UPDATE, moved: where it pointed */
	const char *why; /* WX_DELETE; "": none of ours is to stay */
};

struct wx_plan {
	struct wx_step *steps;
	size_t n;
};

/* The address webhooks must point to, for free(); NULL: no memory. */
char *wx_hook_target(const char *public_url);

/*
 * `hooks`: a list of webhook objects, `target`: the whole address they must
 * point to; `secret`: what they sign with (the first of "new,old"), or for
 * who only looks all that do.  With no wants, every one of ours is deleted.
 * 0 or -1.
 */
int wx_plan(const struct json *hooks, const struct wx_want *wants,
    size_t nwants, const char *target, const char *secret, struct wx_plan *p,
    struct err *e);
void wx_plan_done(struct wx_plan *p);

/* Append a sentence: "messages/created: moved to ... (was ...)". */
void wx_step_text(const struct wx_step *s, bool done, struct buf *out);
/* What it mends: "messages/created: is missing". */
void wx_step_finding(const struct wx_step *s, struct buf *out);
struct json *wx_step_json(const struct wx_step *s);

/*
 * What Webex would see: HEAD of the address that webhooks point to, which
 * must give 200.  Waits; the status, or -1: no answer, `e` says why.
 */
int wx_hook_probe(struct xfer *x, const char *target, struct err *e);

/* The call that carries a step out; `body` holds its JSON meanwhile. */
int wx_step_call(const struct wx_step *s, const char *secret, struct wx_call *c,
    struct buf *body);

#endif
