/* The event API; see evapi.h. */
#include "connect/evapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "connect/target.h"

struct evapi_type {
	struct json *parameters; /* as in the file, or NULL */
};

static const struct conf_key evapi_type_keys[] = {
    {"help", CONF_TEXT},
    {"parameters", CONF_OBJECT},
    {"reply", CONF_REPLY},
};

static const struct conf_key evapi_parameter_keys[] = {
    {"required", CONF_BOOL},
    {"default", CONF_ANY},
    {"help", CONF_TEXT},
};

struct evapi_type *
evapi_type_new(struct conf *c, const struct json *v, const char *path)
{
	struct evapi_type *t = calloc(1, sizeof *t);
	const struct json *p = conf_object(v, "parameters"), *x;
	char part[CONF_PATH], at[CONF_PATH];

	if (t == NULL || (p != NULL && (t->parameters = json_dup(p)) == NULL)) {
		free(t);
		c->nomem = true;
		return NULL;
	}
	CONF_KEYS(c, v, path, evapi_type_keys);
	conf_at(part, path, "parameters");
	for (x = json_first(p); x != NULL; x = json_next(x)) {
		conf_at(at, part, json_name(x));
		if (json_kind(x) != JSON_OBJECT)
			conf_error(
			    c, "wrong-kind", at, "a parameter is an object");
		else
			CONF_KEYS(c, x, at, evapi_parameter_keys);
	}
	return t;
}

void
evapi_type_free(struct evapi_type *t)
{
	if (t == NULL)
		return;
	json_free(t->parameters);
	free(t);
}

/* -- a call -- */

static enum code
evapi_why(enum code code, char why[EVAPI_WHY], const char *text)
{
	snprintf(why, EVAPI_WHY, "%s", text);
	return code;
}

/* A member that may be missing, but if it is there must be a text. */
static int
evapi_text(const struct json *obj, const char *name, const char **out)
{
	const struct json *v = json_get(obj, name);

	*out = "";
	if (v == NULL || json_kind(v) == JSON_NULL)
		return 0;
	if (json_str(v) == NULL)
		return -1;
	*out = json_str(v);
	return 0;
}

/* "2015-04-12T18:51:19.000Z"; without a zone it is in UTC as well. */
static int
evapi_time(const char *s, int64_t *wall_ms)
{
	char utc[CLK_TEXT + 8];

	if (clk_parse(s, wall_ms) == 0)
		return 0;
	if ((size_t)snprintf(utc, sizeof utc, "%sZ", s) >= sizeof utc)
		return -1;
	return clk_parse(utc, wall_ms);
}

static enum code
evapi_options(const struct ask *q, bool private_ok, struct evapi_call *call,
    char why[EVAPI_WHY])
{
	struct err e = ERR_INIT;
	const char *expiry;

	if (evapi_text(call->body, "expiry", &expiry) == -1 ||
	    (*expiry != '\0' && evapi_time(expiry, &call->expiry) == -1))
		return evapi_why(CODE_BAD_VALUE, why,
		    "Invalid value - expiry is not a time in UTC");
	if (evapi_text(call->body, "notifyurl", &call->notifyurl) == -1 ||
	    (*call->notifyurl != '\0' &&
		target_check(call->notifyurl,
		    private_ok ? TARGET_ANY : TARGET_STRANGER, &e) == -1)) {
		snprintf(why, EVAPI_WHY, "Invalid value - notifyurl %s",
		    e.kind == ERR_NONE ? "is not a text" : e.text);
		return CODE_BAD_VALUE;
	}
	if (call->expiry != 0 && call->expiry <= q->now)
		return evapi_why(
		    CODE_EXPIRED, why, code_row(CODE_EXPIRED)->text);
	return CODE_QUEUED;
}

enum code
evapi_read(const struct ask *q, bool private_ok, struct evapi_call *call,
    char why[EVAPI_WHY])
{
	struct err e = ERR_INIT;

	memset(call, 0, sizeof *call);
	call->notifyurl = "";
	call->body = json_parse(q->body, q->len, &e);
	if (call->body == NULL && e.kind == ERR_BUG)
		return evapi_why(CODE_INTERNAL, why, "out of memory");
	if (json_kind(call->body) != JSON_OBJECT)
		return evapi_why(
		    CODE_BAD_JSON, why, code_row(CODE_BAD_JSON)->text);
	call->events = json_get(call->body, "events");
	call->n = json_count(call->events);
	if (call->events == NULL)
		return evapi_why(CODE_EVENTS_MISSING, why,
		    code_row(CODE_EVENTS_MISSING)->text);
	if (json_kind(call->events) != JSON_LIST || call->n == 0)
		return evapi_why(CODE_BAD_VALUE, why,
		    "Invalid value - events is not a list with events");
	if (call->n > EVAPI_EVENTS_MAX)
		return evapi_why(
		    CODE_BAD_VALUE, why, "Invalid value - too many events");
	return evapi_options(q, private_ok, call, why);
}

void
evapi_call_done(struct evapi_call *call)
{
	json_free(call->body);
	memset(call, 0, sizeof *call);
}

/* -- one event -- */

const char *
evapi_evtid(const struct json *event)
{
	return conf_str(event, "evtid");
}

const char *
evapi_correlation(const struct json *event)
{
	return conf_str(event, "correlationid");
}

/* Fill in a declared parameter; 1: it is missing. */
static int
evapi_fill(struct json *parameters, const struct json *row)
{
	const struct json *given = json_get(parameters, json_name(row));
	const struct json *def = json_get(row, "default");

	if (given != NULL && json_kind(given) != JSON_NULL)
		return 0;
	if (def != NULL)
		return json_set(parameters, json_name(row), json_dup(def));
	return json_true(json_get(row, "required"));
}

static enum code
evapi_parameters(const struct evapi_type *t, const struct json *event,
    struct json *out, char why[EVAPI_WHY])
{
	const struct json *given = json_get(event, "parameters"), *row;
	struct json *p;
	int rc;

	if (given != NULL && json_kind(given) != JSON_OBJECT &&
	    json_kind(given) != JSON_NULL)
		return evapi_why(CODE_BAD_VALUE, why,
		    "Invalid value - parameters is not an object");
	p = json_kind(given) == JSON_OBJECT ? json_dup(given) : json_object();
	if (json_set(out, "parameters", p) == -1)
		return evapi_why(CODE_INTERNAL, why, "out of memory");
	for (row = json_first(t->parameters); row != NULL;
	     row = json_next(row)) {
		if ((rc = evapi_fill(p, row)) == 0)
			continue;
		if (rc == -1)
			return evapi_why(CODE_INTERNAL, why, "out of memory");
		snprintf(why, EVAPI_WHY, "%s: %.100s",
		    code_row(CODE_PARAMETERS)->text, json_name(row));
		return CODE_PARAMETERS;
	}
	return CODE_QUEUED;
}

enum code
evapi_event(const struct evapi_type *t, const struct json *event,
    struct json **out, char why[EVAPI_WHY])
{
	const char *correlation;
	enum code code;
	struct json *o;

	*out = NULL;
	if (json_kind(event) != JSON_OBJECT || t == NULL)
		return evapi_why(CODE_BAD_VALUE, why,
		    "Invalid value - evtid names no event");
	if (evapi_text(event, "correlationid", &correlation) == -1 ||
	    strlen(correlation) > EVAPI_CORRELATION_MAX)
		return evapi_why(CODE_BAD_VALUE, why,
		    "Invalid value - correlationid is no text of up to 50 "
		    "bytes");
	o = json_object();
	if (json_set_str(o, "evtid", evapi_evtid(event)) == -1 ||
	    (*correlation != '\0' &&
		json_set_str(o, "correlationid", correlation) == -1))
		code = evapi_why(CODE_INTERNAL, why, "out of memory");
	else
		code = evapi_parameters(t, event, o, why);
	if (code == CODE_QUEUED)
		*out = o;
	else
		json_free(o);
	return code;
}
