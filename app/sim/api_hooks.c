/* /webhooks (1.7); see api.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/map.h"
#include "base/str.h"
#include "sim/api.h"
#include "sim/deliver.h"
#include "sim/event.h"
#include "sim/show.h"

#define HOOKS_MOST 1000
#define HOOKS_URL 2048

static const char *const hook_resources[] = {"all", "attachmentActions",
    "dataSources", "memberships", "messages", "rooms", "meetings", "recordings",
    "convergedRecordings", "meetingParticipants", "meetingTranscripts",
    "telephony_calls", "telephony_conference", "telephony_mwi", "uc_counters",
    "serviceApp", "adminBatchJobs"};
static const char *const hook_events[] = {"all", "created", "updated",
    "deleted", "started", "ended", "joined", "left", "migrated", "authorized",
    "deauthorized", "statusChanged"};

static bool
api_hooks_word(const char *s, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(s, list[i]) == 0)
			return true;
	return false;
}

static bool
api_hooks_url_ok(const char *url)
{
	const char *p;

	if (!str_prefix(url, "http://") && !str_prefix(url, "https://"))
		return false;
	for (p = url; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ')
			return false;
	return strlen(url) < HOOKS_URL;
}

void
api_hooks_list(struct api_call *c)
{
	const char *owned = api_arg(c, "ownedBy");
	const struct map_node *n;
	const struct hook *h;
	struct api_page page;

	if (owned != NULL && strcmp(owned, "org") != 0) {
		api_fail(c, 400, NULL);
		return;
	}
	api_page_open(c, &page, 100, HOOKS_MOST);
	for (n = map_first(c->sim->world->hooks);
	     n != NULL && !page.full && owned == NULL; n = map_next(n)) {
		h = map_value(n);
		if (h->owner == c->me && api_page_item(c, &page, h->id))
			show_hook(&c->out, h);
	}
	api_page_close(c, &page);
}

/* One of the caller's; NULL: answered. */
static struct hook *
api_hook(struct api_call *c)
{
	struct hook *h = world_hook(c->sim->world, c->id);

	if (h != NULL && h->owner == c->me)
		return h;
	api_fail(c, 404, NULL);
	return NULL;
}

void
api_hooks_get(struct api_call *c)
{
	const struct hook *h = api_hook(c);

	if (h != NULL)
		show_hook(&c->out, h);
}

/* Texts all of them, and those that must be there are. */
static bool
api_hooks_body_ok(struct api_call *c)
{
	static const char *const names[] = {"name", "targetUrl", "resource",
	    "event", "filter", "secret", "status", "ownedBy"};
	const char *name = api_text(c, "name"), *url;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (!api_kind_ok(c, names[i], JSON_STRING))
			return false;
	url = api_text(c, "targetUrl");
	return name != NULL && *name != '\0' && url != NULL &&
	       api_hooks_url_ok(url);
}

/* "" counts as none. */
static const char *
api_hooks_text(const struct api_call *c, const char *name)
{
	const char *s = api_text(c, name);

	return s != NULL && *s != '\0' ? s : NULL;
}

void
api_hooks_create(struct api_call *c)
{
	const char *resource = api_text(c, "resource");
	const char *event = api_text(c, "event");
	const char *filter = api_hooks_text(c, "filter");
	struct hook *h;

	if (!api_hooks_body_ok(c) || resource == NULL || event == NULL ||
	    api_text(c, "ownedBy") != NULL ||
	    !api_hooks_word(resource, hook_resources,
		sizeof hook_resources / sizeof *hook_resources) ||
	    !api_hooks_word(
		event, hook_events, sizeof hook_events / sizeof *hook_events)) {
		api_fail(c, 400, NULL);
		return;
	}
	if (filter != NULL && !event_filter_ok(resource, filter)) {
		api_fail(c, 400, "Invalid value for filter.");
		return;
	}
	h = world_add_hook(c->sim->world, c->me, api_text(c, "name"),
	    api_text(c, "targetUrl"), resource, event, filter,
	    api_hooks_text(c, "secret"));
	if (h == NULL) {
		api_fail(c, 503, "The simulator has no room for this.");
		return;
	}
	event_page(c->sim, "webhooks");
	show_hook(&c->out, h);
}

/* Replace *field by a copy of `s`; false: out of memory. */
static bool
api_hooks_set(char **field, const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		return false;
	free(*field);
	*field = copy;
	return true;
}

/*
 * Name, target, secret, status; other members are ignored.  It can
 * activate, not deactivate; what has just been activated is on probation
 * (1.6, 1.7).
 */
void
api_hooks_update(struct api_call *c)
{
	struct hook *h = api_hook(c);
	const char *status, *secret;

	if (h == NULL)
		return;
	status = api_text(c, "status");
	secret = api_text(c, "secret");
	if (!api_hooks_body_ok(c) ||
	    (status != NULL && strcmp(status, "active") != 0 &&
		(strcmp(status, "inactive") != 0 || h->active))) {
		api_fail(c, 400, NULL);
		return;
	}
	if (!api_hooks_set(&h->name, api_text(c, "name")) ||
	    !api_hooks_set(&h->target, api_text(c, "targetUrl")) ||
	    (secret != NULL && !api_hooks_set(&h->secret, secret))) {
		api_fail(c, 500, NULL);
		return;
	}
	if (status != NULL && strcmp(status, "active") == 0 && !h->active) {
		h->active = true;
		h->nfails = 0;
		memset(h->fails, 0, sizeof h->fails);
		h->probation = clk_mono_ms() + DELIVER_WINDOW;
	}
	event_page(c->sim, "webhooks");
	show_hook(&c->out, h);
}

void
api_hooks_delete(struct api_call *c)
{
	struct hook *h = api_hook(c);

	if (h == NULL)
		return;
	world_del_hook(c->sim->world, h);
	event_page(c->sim, "webhooks");
	c->status = 204;
}
