/* The control API: table, checks, answers; see ctl.h. */
#include "sim/ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "sim/jw.h"
#include "sim/traffic.h"

static const struct ctl_row {
	const char *path;
	const char *method;
	int (*fn)(struct ctl *c);
} ctl_rows[] = {
    {"state", "GET", ctl_state},
    {"reset", "POST", ctl_reset},
    {"clock", "POST", ctl_clock},
    {"idle", "GET", ctl_idle},
    {"options", "GET", ctl_options},
    {"options", "POST", ctl_set_options},
    {"faults", "GET", ctl_faults},
    {"faults", "POST", ctl_add_fault},
    {"faults", "DELETE", ctl_clear_faults},
    {"deliveries", "GET", ctl_deliveries},
    {"deliveries", "POST", ctl_set_deliveries},
    {"traffic", "GET", ctl_traffic},
    {"traffic", "DELETE", ctl_clear_traffic},
    {"messages", "GET", ctl_messages},
    {"say", "POST", ctl_say},
    {"submit", "POST", ctl_submit},
    {"add", "POST", ctl_add},
    {"remove", "POST", ctl_remove},
    {"person", "POST", ctl_add_person},
    {"burst", "POST", ctl_burst},
};
#define CTL_ROWS (sizeof ctl_rows / sizeof *ctl_rows)

int
ctl_fail(struct ctl *c, int status, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->status = status;
	return err_set(&c->e, ERR_PERM, "%s", text);
}

int
ctl_num(struct ctl *c, const char *name, long long hi, long long *out)
{
	const char *s = http_arg(c->req, name);

	if (s == NULL || str_num(s, 0, hi, out) == 0)
		return 0;
	return ctl_fail(c, 400, "%s: a number from 0 to %lld", name, hi);
}

/* -- who and where -- */

struct person *
ctl_person(struct ctl *c, const char *name)
{
	struct world *w = c->sim->world;
	const struct map_node *n;
	struct person *p;

	if (strcmp(name, "bot") == 0)
		return w->bot;
	if ((p = world_by_email(w, name)) != NULL)
		return p;
	for (n = map_first(w->people); n != NULL; n = map_next(n)) {
		p = map_value(n);
		if (str_ieq(p->nick, name))
			return p;
	}
	ctl_fail(c, 404, "%s: no such person", name);
	return NULL;
}

struct room *
ctl_room(struct ctl *c, const char *name, struct person *p)
{
	struct world *w = c->sim->world;
	const struct map_node *n;
	struct room *r;
	bool made;

	if ((r = world_room(w, name)) != NULL)
		return r;
	if (strcmp(name, "direct") != 0)
		p = world_by_email(w, name);
	if (p != NULL && p != w->bot)
		return world_direct(w, p, w->bot, true, &made);
	for (n = map_first(w->rooms); n != NULL; n = map_next(n)) {
		r = map_value(n);
		if (r->title != NULL && str_ieq(r->title, name))
			return r;
	}
	ctl_fail(c, 404, "%s: no such room", name);
	return NULL;
}

/* -- one request -- */

/*
 * A browser says where a request comes from; pages of others have no
 * business here.  Programs say nothing.
 */
bool
ctl_foreign(const struct http_req *r)
{
	const char *origin = http_header(r, "Origin");
	const char *host = http_header(r, "Host");
	const char *p;

	if (origin == NULL)
		return false;
	p = strstr(origin, "://");
	return host == NULL || p == NULL || strcmp(p + 3, host) != 0;
}

static const struct ctl_row *
ctl_find(struct ctl *c)
{
	const char *path = http_param(c->req, 0), *method = http_method(c->req);
	size_t i;
	int status = 404;

	for (i = 0; i < CTL_ROWS; i++) {
		if (strcmp(ctl_rows[i].path, path) != 0)
			continue;
		if (strcmp(ctl_rows[i].method, method) == 0)
			return &ctl_rows[i];
		status = 405;
	}
	ctl_fail(
	    c, status, status == 404 ? "no such thing" : "not this method");
	return NULL;
}

static int
ctl_read_body(struct ctl *c)
{
	size_t len;
	const char *p = http_body(c->req, &len);

	if (strcmp(http_method(c->req), "POST") != 0)
		return 0;
	c->body = len == 0 ? json_object() : json_parse(p, len, &c->e);
	if (c->body == NULL)
		return err_prefix(&c->e, "the body: ");
	if (json_kind(c->body) != JSON_OBJECT)
		return ctl_fail(c, 400, "the body must be a JSON object");
	return 0;
}

static void
ctl_answer(struct ctl *c, bool ok)
{
	if (ok && c->out.failed)
		ok = ctl_fail(c, 500, "the answer is too large") == 0;
	if (!ok) {
		c->status = c->status == 200 ? 400 : c->status;
		buf_clear(&c->out);
		jw_open(&c->out, NULL, '{');
		jw_str(&c->out, "message", c->e.text);
		jw_close(&c->out, '}');
	}
	if (buf_len(&c->out) == 0)
		buf_adds(&c->out, "{}");
	http_add(c->req, "Cache-Control", "no-store");
	http_answer(c->req, c->status, "application/json", buf_str(&c->out),
	    buf_len(&c->out));
}

void
ctl_serve(struct http_req *r, void *arg)
{
	struct ctl c = {.sim = arg, .req = r, .status = 200};
	const struct ctl_row *row;
	bool ok = false;

	buf_init(&c.out, SIM_OUT_MAX);
	if (ctl_foreign(r)) {
		ctl_fail(&c, 403, "not for other sites");
	} else if ((row = ctl_find(&c)) != NULL && ctl_read_body(&c) == 0) {
		pthread_mutex_lock(&c.sim->mu);
		ok = row->fn(&c) == 0;
		pthread_mutex_unlock(&c.sim->mu);
	}
	ctl_answer(&c, ok);
	json_free(c.body);
	buf_done(&c.out);
}

void
ctl_events(struct http_req *r, void *arg)
{
	const char *since = http_header(r, "Last-Event-ID");
	struct sim *s = arg;
	long long n = 0;

	if (since == NULL)
		since = http_arg(r, "since");
	if (since != NULL)
		str_num(since, 0, INT64_MAX, &n);
	if (ctl_foreign(r))
		http_text(r, 403, "text/plain", "not for other sites\n");
	else
		traffic_stream(s->traffic, r, (uint64_t)n);
}
