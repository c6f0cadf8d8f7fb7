/* Triggers of Webex Connect; see trigger.h. */
#include "bot/trigger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/str.h"
#include "connect/codes.h"
#include "connect/conf.h"
#include "connect/jose.h"
#include "connect/sign.h"

#define TRIGGER_LANE (CODE_TRANSID + 16)

static const struct conf_key trigger_keys[] = {
    {"event", CONF_OBJECT}, {"inbound", CONF_OBJECT}};

static const struct conf_key trigger_event_keys[] = {
    {"url", CONF_TEXT},
    {"key", CONF_TEXT},
    {"jwt", CONF_OBJECT},
    {"evtid", CONF_TEXT},
    {"correlationid", CONF_TEXT},
    {"parameters", CONF_ANY},
    {"expiry", CONF_TEXT},
    {"notifyurl", CONF_TEXT},
};

static const struct conf_key trigger_inbound_keys[] = {
    {"url", CONF_TEXT},
    {"key", CONF_TEXT},
    {"jwt", CONF_OBJECT},
    {"json", CONF_ANY},
    {"signature", CONF_OBJECT},
};

static const struct conf_key trigger_jwt_keys[] = {
    {"serviceId", CONF_TEXT}, {"secret", CONF_TEXT}};
static const struct conf_key trigger_sign_keys[] = {
    {"header", CONF_TEXT}, {"algorithm", CONF_TEXT}, {"secret", CONF_TEXT}};

/* -- the bot file -- */

static void
trigger_problem(void *arg, const struct conf_problem *p)
{
	problems_error(arg, p->code, p->path,
	    p->member ? PROBLEM_MEMBER : PROBLEM_WHOLE, "%s", p->text);
}

/* Secrets are named, never written out. */
static void
trigger_check_secret(struct conf *c, const struct json *obj, const char *path,
    const char *name, bool needed)
{
	const char *s =
	    needed ? conf_need(c, obj, path, name) : conf_str(obj, name);
	char at[CONF_PATH];

	/* nor does a text that came in choose one */
	if (*s != '\0' && (!str_prefix(s, "env:") || strstr(s, "${") != NULL))
		conf_error(c, PROBLEM_SECRET, conf_at(at, path, name),
		    "%s must be written \"env:NAME\"", name);
}

static void
trigger_check_url(struct conf *c, const struct json *v, const char *path)
{
	const char *url = conf_need(c, v, path, "url");
	const char *host = strstr(url, "://"), *tpl = strstr(url, "${");
	char at[CONF_PATH];

	if (*url == '\0')
		return;
	if (!str_prefix(url, "https://") && !str_prefix(url, "http://"))
		conf_error(c, "bad-value", conf_at(at, path, "url"),
		    "url must start with https:// or http://");
	else if (tpl != NULL && tpl < host + 3 + strcspn(host + 3, "/?#"))
		conf_error(c, "bad-value", conf_at(at, path, "url"),
		    "the host of url must be written out");
}

void
trigger_check(const struct json *trigger, const char *path, struct problems *ps)
{
	struct conf c = {.problem = trigger_problem, .arg = ps};
	const struct json *v = json_first(trigger), *sub;
	bool event = v != NULL && str_eq(json_name(v), "event");
	char at[CONF_PATH], part[CONF_PATH];

	CONF_KEYS(&c, trigger, path, trigger_keys);
	if (json_count(trigger) != 1 || json_kind(v) != JSON_OBJECT) {
		conf_error(&c, "bad-value", path,
		    "a trigger needs one of event, inbound");
		return;
	}
	conf_at(at, path, json_name(v));
	if (event)
		CONF_KEYS(&c, v, at, trigger_event_keys);
	else
		CONF_KEYS(&c, v, at, trigger_inbound_keys);
	trigger_check_url(&c, v, at);
	trigger_check_secret(&c, v, at, "key", false);
	if (event)
		conf_need(&c, v, at, "evtid");
	if ((sub = conf_object(v, "jwt")) != NULL) {
		conf_at(part, at, "jwt");
		CONF_KEYS(&c, sub, part, trigger_jwt_keys);
		conf_need(&c, sub, part, "serviceId");
		trigger_check_secret(&c, sub, part, "secret", true);
	}
	if ((sub = conf_object(v, "signature")) != NULL) {
		conf_at(part, at, "signature");
		CONF_KEYS(&c, sub, part, trigger_sign_keys);
		trigger_check_secret(&c, sub, part, "secret", true);
	}
}

/* -- from a rendered reply -- */

static int
trigger_copy(struct json *to, const char *name, const struct json *from)
{
	const struct json *v = json_get(from, name);

	return v == NULL ? 0 : json_set(to, name, json_dup(v));
}

/* What the platform's event API takes. */
static struct json *
trigger_event_body(const struct json *v)
{
	struct json *o = json_object(), *list = json_list();
	struct json *event = json_object();

	if (trigger_copy(event, "evtid", v) == 0 &&
	    trigger_copy(event, "correlationid", v) == 0 &&
	    trigger_copy(event, "parameters", v) == 0 &&
	    json_add(list, event) == 0) {
		if (json_set(o, "events", list) == 0 &&
		    trigger_copy(o, "expiry", v) == 0 &&
		    trigger_copy(o, "notifyurl", v) == 0)
			return o;
		json_free(o);
		return NULL;
	}
	json_free(list);
	json_free(o);
	return NULL;
}

static int
trigger_item(
    struct turn *t, const struct json *v, bool event, int64_t at, struct err *e)
{
	struct json *item = json_object(), *body;
	char id[CODE_TRANSID], lane[TRIGGER_LANE];
	struct buf b;
	int rc = -1;

	buf_init(&b, OUTBOX_BODY_MAX);
	body = event                         ? trigger_event_body(v)
	       : json_get(v, "json") == NULL ? json_object()
					     : json_dup(json_get(v, "json"));
	if (code_transid(id) == -1 || body == NULL ||
	    json_print(body, &b) == -1 ||
	    json_set_str(item, "call", "http") == -1 ||
	    json_set_num(item, "received", (double)t->out.received) == -1 ||
	    (t->out.expiry > 0 && at == 0 &&
		json_set_num(item, "expiry", (double)t->out.expiry) == -1) ||
	    json_set_str(item, "use", "trigger") == -1 ||
	    json_set_str(item, "kind", event ? "event" : "inbound") == -1 ||
	    trigger_copy(item, "url", v) == -1 ||
	    trigger_copy(item, "key", v) == -1 ||
	    trigger_copy(item, "jwt", v) == -1 ||
	    trigger_copy(item, "signature", v) == -1 ||
	    json_set_str(item, "body", buf_str(&b)) == -1) {
		if (b.failed && !b.nomem)
			err_set(e, ERR_PERM, "the trigger is too large");
		err_nomem(e);
	} else {
		snprintf(lane, sizeof lane, EVQ_LANE_TRIGGER "%s", id);
		rc = outbox_item(&t->out, lane, item, e);
		if (rc == 0)
			t->out.v[t->out.n - 1].due = at;
	}
	buf_done(&b);
	json_free(body);
	json_free(item);
	return rc;
}

int
trigger_put(struct turn *t, const struct val *v, int64_t at, struct err *e)
{
	struct json *j = val_to_json(v);
	bool event = json_get(j, "event") != NULL;
	int rc;

	if (j == NULL)
		return err_nomem(e);
	rc = trigger_item(
	    t, json_get(j, event ? "event" : "inbound"), event, at, e);
	json_free(j);
	return rc;
}

int
trigger_add(struct turn *t, const struct val *reply, int64_t at, bool *only,
    struct err *e)
{
	static const char *const others[] = {
	    "text", "markdown", "card", "code", "file", "delete"};
	const struct val *v = val_gets(reply, "trigger");
	size_t i;

	*only = false;
	if (v == NULL || v->kind != VAL_OBJ)
		return 0;
	*only = true;
	for (i = 0; i < sizeof others / sizeof others[0]; i++)
		if (val_gets(reply, others[i]) != NULL)
			*only = false;
	return trigger_put(t, v, at, e);
}

/* -- sending -- */

/* For the callbacks of conf.h. */
struct trigger_ask {
	const struct cfg *cfg;
	struct err *e;
};

static char *
trigger_secret(void *arg, const char *name, struct err *e)
{
	const struct trigger_ask *a = arg;

	return cfg_secret(a->cfg, name, e);
}

static void
trigger_told(void *arg, const struct conf_problem *p)
{
	const struct trigger_ask *a = arg;

	err_set(a->e, ERR_PERM, "%s", p->text);
}

static const char *
trigger_jwt(struct conf *c, const struct json *jwt, struct arena *a)
{
	const char *line = NULL;
	struct conf_secrets s;
	struct buf b;

	buf_init(&b, JOSE_TOKEN_MAX);
	conf_secrets(c, jwt, "", "secret", true, &s);
	if (s.n > 0 && jose_service_token(conf_str(jwt, "serviceId"), s.v[0],
			   clk_wall_ms(), &b, NULL) == 0)
		line = arena_printf(a, "Authorization: Bearer %s", buf_str(&b));
	else
		conf_error(c, "bad-value", "", "no token can be made");
	conf_secrets_done(&s);
	buf_done(&b);
	return line;
}

static const char *
trigger_key(struct conf *c, const struct json *item, struct arena *a)
{
	const char *line = NULL;
	struct conf_secrets s;

	conf_secrets(c, item, "", "key", true, &s);
	if (s.n > 0)
		line = arena_printf(a, "key: %s", s.v[0]);
	conf_secrets_done(&s);
	return line;
}

static const char *
trigger_sign(struct conf *c, const struct json *item, struct arena *a)
{
	const char *body = conf_str(item, "body"), *line = NULL;
	struct sign *s = sign_new(c, json_get(item, "signature"), "");
	struct buf b;

	buf_init(&b, 256);
	if (s != NULL && sign_make(s, body, strlen(body), &b) == 0)
		line = arena_printf(a, "%s: %s", sign_header(s), buf_str(&b));
	else
		conf_error(c, "bad-value", "", "no signature can be made");
	buf_done(&b);
	sign_free(s);
	return line;
}

int
trigger_headers(const struct json *item, const struct cfg *cfg, struct arena *a,
    const char *headers[TRIGGER_HEADERS], struct err *e)
{
	struct trigger_ask ask = {cfg, e};
	struct conf c = {
	    .problem = trigger_told, .secret = trigger_secret, .arg = &ask};
	size_t n = 0, i;

	headers[n++] = "Content-Type: application/json";
	if (conf_object(item, "jwt") != NULL)
		headers[n++] = trigger_jwt(&c, conf_object(item, "jwt"), a);
	if (*conf_str(item, "key") != '\0')
		headers[n++] = trigger_key(&c, item, a);
	if (conf_object(item, "signature") != NULL)
		headers[n++] = trigger_sign(&c, item, a);
	headers[n] = NULL;
	if (c.errors > 0)
		return -1;
	for (i = 0; i < n; i++)
		if (headers[i] == NULL)
			return err_nomem(e);
	return 0;
}
