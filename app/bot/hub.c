/* Webex Connect's part of the bot file; see hub.h. */
#include "bot/hub.h"

#include <stdlib.h>
#include <string.h>

#include "bot/hub_int.h"

#define HUB_MAX 10000 /* members of one part */

static void
hub_problem(void *arg, const struct conf_problem *p)
{
	struct hub_in *in = arg;
	size_t at = p->member ? PROBLEM_MEMBER : PROBLEM_WHOLE;

	if (p->warning)
		problems_warn(in->o->ps, p->code, p->path, at, "%s", p->text);
	else
		problems_error(in->o->ps, p->code, p->path, at, "%s", p->text);
}

static char *
hub_secret(void *arg, const char *name, struct err *e)
{
	struct hub_in *in = arg;

	return rules_env_secret(in->o->env, name, e);
}

void
hub_auth_opts(const struct hub_in *in, struct auth_opts *out)
{
	out->xfer = in->o->xfer;
	out->public_url = in->o->env->cfg->public_url;
}

/* -- rules -- */

int
hub_rule(struct hub_in *in, struct rule *r, const char *what, const char *key,
    const struct json *obj, const char *path)
{
	rule_needs_target(&in->conf, obj, path, "reply");
	return rule_read(r, what, key, obj, path, in->o->env, in->o->ps, in->e);
}

/* -- inbound webhooks -- */

static void
hub_inbound_free(void *p)
{
	struct hub_inbound *hi = p;

	inbound_free(hi->in);
	rule_done(&hi->rule);
	free(hi);
}

static int
hub_read_inbound(struct hub_in *in, const struct json *v, const char *path)
{
	struct hub_inbound *hi = calloc(1, sizeof *hi);

	if (hi == NULL)
		return err_nomem(in->e);
	if ((hi->in = inbound_new(&in->conf, json_name(v), v, path)) == NULL ||
	    hub_rule(in, &hi->rule, "inbound", json_name(v), v, path) == -1 ||
	    map_put(in->h->inbound, json_name(v), hi, NULL) == -1) {
		hub_inbound_free(hi);
		return err_nomem(in->e);
	}
	return 0;
}

struct hub_inbound *
hub_inbound(const struct hub *h, const char *id)
{
	return map_get(h->inbound, id);
}

void
hub_inbound_each(const struct hub *h,
    void (*fn)(void *arg, struct hub_inbound *hi), void *arg)
{
	const struct map_node *n;

	for (n = map_first(h->inbound); n != NULL; n = map_next(n))
		fn(arg, map_value(n));
}

/* -- the event API -- */

static const struct conf_key hub_events_keys[] = {
    {"key", CONF_SECRET},
    {"jwt", CONF_OBJECT},
    {"allow", CONF_LIST},
    {"rate", CONF_NUMBER},
    {"types", CONF_OBJECT},
    {"notify", CONF_OBJECT},
};

static void
hub_event_free(void *p)
{
	struct hub_event *he = p;

	evapi_type_free(he->type);
	rule_done(&he->rule);
	free(he);
}

static int
hub_read_type(struct hub_in *in, const struct json *v, const char *path)
{
	struct hub_event *he = calloc(1, sizeof *he);

	if (he == NULL)
		return err_nomem(in->e);
	if ((he->type = evapi_type_new(&in->conf, v, path)) == NULL ||
	    hub_rule(in, &he->rule, "event", json_name(v), v, path) == -1 ||
	    map_put(in->h->types, json_name(v), he, NULL) == -1) {
		hub_event_free(he);
		return err_nomem(in->e);
	}
	return 0;
}

struct hub_event *
hub_event(const struct hub *h, const char *evtid)
{
	return map_get(h->types, evtid);
}

struct gate *
hub_events(const struct hub *h)
{
	return h->events;
}

/* -- the file -- */

/* Each member of an object, which must be objects themselves. */
static int
hub_each(struct hub_in *in, const struct json *file, const char *under,
    const char *name,
    int (*one)(struct hub_in *in, const struct json *v, const char *path))
{
	const struct json *x = json_first(conf_object(file, name));
	char part[CONF_PATH], at[CONF_PATH];
	size_t n = 0;

	conf_at(part, under, name);
	for (; x != NULL; x = json_next(x)) {
		conf_at(at, part, json_name(x));
		if (++n > HUB_MAX) {
			conf_error(&in->conf, "bad-value", part,
			    "more than %d members", HUB_MAX);
			return 0;
		}
		if (json_kind(x) != JSON_OBJECT)
			conf_error(&in->conf, "wrong-kind", at,
			    "must be an object, it is %s",
			    json_kind_name(json_kind(x)));
		else if (one(in, x, at) == -1)
			return -1;
	}
	return 0;
}

static int
hub_read_events(struct hub_in *in, const struct json *file)
{
	const struct json *v = conf_object(file, "events");

	if (v == NULL)
		return 0;
	CONF_KEYS(&in->conf, v, "/events", hub_events_keys);
	if ((in->h->events = gate_new(&in->conf, v, "/events")) == NULL)
		return -1;
	if (json_get(v, "key") == NULL && json_get(v, "jwt") == NULL)
		conf_warn(&in->conf, "no-check", "/events",
		    "without key and jwt anybody may start events");
	return hub_each(in, v, "/events", "types", hub_read_type);
}

static int
hub_read(struct hub_in *in, const struct json *file)
{
	if (hub_each(in, file, "", "inbound", hub_read_inbound) == -1 ||
	    hub_read_events(in, file) == -1 ||
	    hub_read_connect(in, file) == -1 || hub_read_out(in, file) == -1)
		return -1;
	return in->conf.nomem ? err_nomem(in->e) : 0;
}

struct hub *
hub_new(const struct json *file, const struct hub_opts *o, struct err *e)
{
	struct hub *h = calloc(1, sizeof *h);
	struct hub_in in = {.o = o, .h = h, .e = e};

	in.conf.problem = hub_problem;
	in.conf.secret = hub_secret;
	in.conf.arg = &in;
	in.conf.folder = o->env->cfg->cards;
	in.conf.allow_private = o->env->cfg->allow_private;
	if (h != NULL && (h->inbound = map_new()) != NULL &&
	    (h->types = map_new()) != NULL && hub_read(&in, file) == 0)
		return h;
	err_nomem(e);
	hub_free(h);
	return NULL;
}

void
hub_free(struct hub *h)
{
	if (h == NULL)
		return;
	hub_connect_free(h->connect);
	hub_out_free(h);
	gate_free(h->events);
	if (h->types != NULL)
		map_free(h->types, hub_event_free);
	if (h->inbound != NULL)
		map_free(h->inbound, hub_inbound_free);
	free(h);
}
