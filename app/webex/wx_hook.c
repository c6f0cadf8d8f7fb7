/* Wanted against real webhooks; see wx_hook.h. */
#include "webex/wx_hook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define WX_HOOK_PROBE_MS 10000

void
wx_plan_done(struct wx_plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->steps[i].id);
		free(p->steps[i].name);
		free(p->steps[i].resource);
		free(p->steps[i].event);
		free(p->steps[i].target);
		free(p->steps[i].from);
	}
	free(p->steps);
	memset(p, 0, sizeof *p);
}

char *
wx_hook_target(const char *public_url)
{
	size_t n = strlen(public_url);
	char *target;

	while (n > 0 && public_url[n - 1] == '/')
		n--;
	return asprintf(&target, "%.*s" WX_HOOK_PATH, (int)n, public_url) == -1
		   ? NULL
		   : target;
}

int
wx_hook_probe(struct xfer *x, const char *target, struct err *e)
{
	struct xfer_req q = {
	    .method = "HEAD", .url = target, .timeout_ms = WX_HOOK_PROBE_MS};
	struct xfer_res *r = xfer_wait(x, &q, e);
	int status = -1;

	if (r != NULL && r->end == XFER_ANSWERED)
		status = r->status;
	else if (r != NULL)
		err_set(e, ERR_TEMP, "%s", r->error);
	xfer_res_free(r);
	return status;
}

static struct wx_step *
wx_plan_add(struct wx_plan *p, enum wx_hook_verb verb)
{
	struct wx_step *s;

	s = realloc(p->steps, (p->n + 1) * sizeof *s);
	if (s == NULL)
		return NULL;
	p->steps = s;
	s += p->n++;
	memset(s, 0, sizeof *s);
	s->verb = verb;
	return s;
}

static bool
wx_hook_ours(const struct json *hook)
{
	const char *name = json_get_str(hook, "name");

	return name != NULL && str_prefix(name, WX_HOOK_PREFIX);
}

static bool
wx_hook_is(const struct json *hook, const struct wx_want *w)
{
	const char *filter = json_get_str(hook, "filter");

	return wx_hook_ours(hook) &&
	       str_eq(json_get_str(hook, "resource"), w->resource) &&
	       str_eq(json_get_str(hook, "event"), w->event) &&
	       (filter == NULL || *filter == '\0');
}

/* How near a webhook is to what is wanted: the nearest is kept. */
static int
wx_hook_rank(const struct json *hook, const char *target)
{
	return 2 * str_eq(json_get_str(hook, "targetUrl"), target) +
	       str_eq(json_get_str(hook, "status"), "active");
}

static const struct json *
wx_hook_best(
    const struct json *hooks, const struct wx_want *w, const char *target)
{
	const struct json *h, *best = NULL;

	for (h = json_first(hooks); h != NULL; h = json_next(h))
		if (wx_hook_is(h, w) &&
		    (best == NULL ||
			wx_hook_rank(h, target) > wx_hook_rank(best, target)))
			best = h;
	return best;
}

static int
wx_copy(char **to, const char *s)
{
	if (s == NULL)
		return 0;
	return (*to = strdup(s)) == NULL ? -1 : 0;
}

static int
wx_step_fill(struct wx_step *s, const struct json *hook, const char *resource,
    const char *event, const char *target)
{
	char name[128];

	snprintf(name, sizeof name, WX_HOOK_PREFIX "%s/%s", resource, event);
	return wx_copy(&s->id, json_get_str(hook, "id")) == -1 ||
		       wx_copy(&s->name, name) == -1 ||
		       wx_copy(&s->resource, resource) == -1 ||
		       wx_copy(&s->event, event) == -1 ||
		       wx_copy(&s->target, target) == -1
		   ? -1
		   : 0;
}

/* Is it one of them, of which there are two while it is changed? */
static bool
wx_hook_knows(const char *secrets, const char *key)
{
	char *copy, *at, *s;
	bool known = strcmp(secrets, key) == 0;

	if (known || strchr(secrets, ',') == NULL)
		return known;
	copy = at = strdup(secrets);
	known = copy == NULL;
	while (!known && (s = str_next(&at, ',')) != NULL)
		known = strcmp(s, key) == 0;
	free(copy);
	return known;
}

static int
wx_plan_want(struct wx_plan *p, const struct json *hooks,
    const struct wx_want *w, const char *target, const char *secret)
{
	const struct json *hook = wx_hook_best(hooks, w, target);
	struct wx_step *s = wx_plan_add(p, WX_CREATE);
	const char *at, *key;

	if (s == NULL ||
	    wx_step_fill(s, hook, w->resource, w->event, target) == -1)
		return -1;
	if (hook == NULL)
		return 0;
	at = json_get_str(hook, "targetUrl");
	key = json_get_str(hook, "secret");
	s->moved = !str_eq(at, target);
	s->asleep = str_eq(json_get_str(hook, "status"), "inactive");
	/* the platform tells the secret; where it does not, believe it */
	s->rekeyed = key != NULL ? !wx_hook_knows(secret, key)
				 : json_get(hook, "secret") != NULL;
	s->verb = s->moved || s->asleep || s->rekeyed ? WX_UPDATE : WX_KEEP;
	return s->moved ? wx_copy(&s->from, at == NULL ? "" : at) : 0;
}

/*
 * One of ours that is not kept: why it goes ("": all of them do); NULL: it
 * stays.
 */
static const char *
wx_hook_useless(const struct json *hook, const struct json *hooks,
    const struct wx_want *wants, size_t n, const char *target)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (wx_hook_is(hook, &wants[i]))
			return wx_hook_best(hooks, &wants[i], target) == hook
				   ? NULL
				   : "double";
	return n == 0 ? "" : "not needed";
}

int
wx_plan(const struct json *hooks, const struct wx_want *wants, size_t nwants,
    const char *target, const char *secret, struct wx_plan *p, struct err *e)
{
	const struct json *h;
	const char *why, *resource, *event;
	struct wx_step *s;
	size_t i;

	memset(p, 0, sizeof *p);
	for (i = 0; i < nwants; i++)
		if (wx_plan_want(p, hooks, &wants[i], target, secret) == -1)
			goto nomem;
	for (h = json_first(hooks); h != NULL; h = json_next(h)) {
		if (!wx_hook_ours(h) || json_get_str(h, "id") == NULL)
			continue;
		why = wx_hook_useless(h, hooks, wants, nwants, target);
		if (why == NULL)
			continue;
		resource = json_get_str(h, "resource");
		event = json_get_str(h, "event");
		if ((s = wx_plan_add(p, WX_DELETE)) == NULL ||
		    wx_step_fill(s, h, resource == NULL ? "?" : resource,
			event == NULL ? "?" : event,
			json_get_str(h, "targetUrl")) == -1)
			goto nomem;
		s->why = why;
	}
	return 0;
nomem:
	wx_plan_done(p);
	return err_nomem(e);
}

void
wx_step_text(const struct wx_step *s, bool done, struct buf *out)
{
	static const char *const now[] = {
	    "kept", "created", "updated", "deleted"};
	static const char *const then[] = {"stays", "would be created",
	    "would be updated", "would be deleted"};

	buf_addf(out, "%s/%s: %s", s->resource, s->event,
	    done ? now[s->verb] : then[s->verb]);
	switch (s->verb) {
	case WX_DELETE:
		buf_addf(out, " (%s%swas %s)", s->why,
		    *s->why == '\0' ? "" : ", ",
		    s->target == NULL ? "?" : s->target);
		break;
	case WX_UPDATE:
		if (s->asleep)
			buf_adds(out, ", re-activated");
		if (s->moved)
			buf_addf(
			    out, ", moved from %s to %s", s->from, s->target);
		if (s->rekeyed)
			buf_adds(out, ", secret changed");
		break;
	default:
		buf_addf(out, ", points to %s", s->target);
	}
}

void
wx_step_finding(const struct wx_step *s, struct buf *out)
{
	const char *sep = ": ";

	buf_addf(out, "%s/%s", s->resource, s->event);
	switch (s->verb) {
	case WX_CREATE:
		buf_adds(out, ": is missing");
		break;
	case WX_DELETE:
		buf_addf(out, ": is %s, points to %s",
		    strcmp(s->why, "double") == 0 ? "there once too often"
						  : "not needed",
		    s->target == NULL ? "?" : s->target);
		break;
	case WX_KEEP:
		buf_addf(out, ": points to %s", s->target);
		break;
	case WX_UPDATE:
		if (s->moved) {
			buf_addf(out, "%spoints to %s, not to %s", sep, s->from,
			    s->target);
			sep = "; ";
		}
		if (s->asleep) {
			buf_addf(out, "%sis inactive", sep);
			sep = "; ";
		}
		if (s->rekeyed)
			buf_addf(out, "%shas another secret", sep);
		break;
	}
}

struct json *
wx_step_json(const struct wx_step *s)
{
	static const char *const verbs[] = {
	    "keep", "create", "update", "delete"};
	struct json *o = json_object();

	if (json_set_str(o, "action", verbs[s->verb]) == 0 &&
	    (s->id == NULL || json_set_str(o, "id", s->id) == 0) &&
	    json_set_str(o, "resource", s->resource) == 0 &&
	    json_set_str(o, "event", s->event) == 0 &&
	    json_set_str(o, "targetUrl", s->target == NULL ? "" : s->target) ==
		0)
		return o;
	json_free(o);
	return NULL;
}

int
wx_step_call(const struct wx_step *s, const char *secret, struct wx_call *c,
    struct buf *body)
{
	static const enum wx_endpoint calls[] = {[WX_CREATE] = WX_WEBHOOK_POST,
	    [WX_UPDATE] = WX_WEBHOOK_PUT,
	    [WX_DELETE] = WX_WEBHOOK_DELETE};
	struct json *o;
	int rc = -1;

	memset(c, 0, sizeof *c);
	c->endpoint = calls[s->verb];
	c->id = s->id;
	if (s->verb == WX_DELETE)
		return 0;
	o = json_object();
	if (json_set_str(o, "name", s->name) == 0 &&
	    json_set_str(o, "targetUrl", s->target) == 0 &&
	    json_set_str(o, "secret", secret) == 0 &&
	    (s->verb == WX_CREATE
		    ? json_set_str(o, "resource", s->resource) == 0 &&
			  json_set_str(o, "event", s->event) == 0
		    : json_set_str(o, "status", "active") == 0) &&
	    json_print(o, body) == 0) {
		c->body = buf_str(body);
		c->len = buf_len(body);
		rc = 0;
	}
	json_free(o);
	return rc;
}
