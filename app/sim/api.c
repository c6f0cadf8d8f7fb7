/*
 * The REST API: from request to answer; see api.h.  Runs on the thread of
 * the connection.
 */
#include "sim/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clk.h"
#include "base/str.h"
#include "sim/jw.h"
#include "sim/traffic.h"

#define API_ARGS (64 * 1024)

const struct api_row api_rows[] = {
    {"people/me", "GET", "people", api_people_me},
    {"people", "GET", "people", api_people_list},
    {"people/*", "GET", "people", api_people_get},
    {"rooms", "GET", "rooms", api_rooms_list},
    {"rooms", "POST", "rooms", api_rooms_create},
    {"rooms/*", "GET", "rooms", api_rooms_get},
    {"rooms/*", "PUT", "rooms", api_rooms_update},
    {"rooms/*", "DELETE", "rooms", api_rooms_delete},
    {"memberships", "GET", "memberships", api_members_list},
    {"memberships", "POST", "memberships", api_members_create},
    {"memberships/*", "GET", "memberships", api_members_get},
    {"memberships/*", "PUT", "memberships", api_members_update},
    {"memberships/*", "DELETE", "memberships", api_members_delete},
    {"messages", "GET", "messages", api_messages_list},
    {"messages", "POST", "messages", api_messages_create},
    {"messages/direct", "GET", "messages", api_messages_direct},
    {"messages/*", "GET", "messages", api_messages_get},
    {"messages/*", "PUT", "messages", api_messages_update},
    {"messages/*", "DELETE", "messages", api_messages_delete},
    {"attachment/actions", "POST", "attachment/actions", api_actions_create},
    {"attachment/actions/*", "GET", "attachment/actions", api_actions_get},
    {"webhooks", "GET", "webhooks", api_hooks_list},
    {"webhooks", "POST", "webhooks", api_hooks_create},
    {"webhooks/*", "GET", "webhooks", api_hooks_get},
    {"webhooks/*", "PUT", "webhooks", api_hooks_update},
    {"webhooks/*", "DELETE", "webhooks", api_hooks_delete},
    {"contents/*", "GET HEAD", "contents", api_contents_get},
};
const size_t api_nrows = sizeof api_rows / sizeof *api_rows;

/* What the platform says, where nothing more is known (2.5). */
static const struct api_status {
	int status;
	const char *text;
} api_statuses[] = {
    {400, "One (or more) of the arguments is invalid."},
    {401, "The request requires a valid access token set in the "
	  "Authorization request header."},
    {403, "The request is understood, but it has been refused or access is "
	  "not allowed."},
    {404, "The requested resource could not be found."},
    {405, "Method Not Allowed"},
    {409, "The request could not be processed because it conflicts with "
	  "some established rule of the system."},
    {410, "The requested resource is no longer available."},
    {413, "The request is too large."},
    {415, "Content type is not supported."},
    {423, "The requested resource is temporarily unavailable."},
    {428, "File(s) cannot be scanned for malware and need to be force "
	  "downloaded."},
    {429, "Too many requests have been sent in a given amount of time."},
    {500, "Something went wrong on the server."},
    {502, "The server received an invalid response from an upstream server."},
    {503, "Server is overloaded with requests. Try again later."},
    {504, "An upstream server failed to respond on time."},
};

static const char *
api_status_text(int status)
{
	size_t i;

	for (i = 0; i < sizeof api_statuses / sizeof *api_statuses; i++)
		if (api_statuses[i].status == status)
			return api_statuses[i].text;
	return "Something went wrong.";
}

void
api_fail(struct api_call *c, int status, const char *text)
{
	struct buf *b = &c->out;

	if (text == NULL)
		text = api_status_text(status);
	c->status = status;
	*c->type = *c->link = '\0';
	buf_clear(b);
	jw_open(b, NULL, '{');
	jw_str(b, "message", text);
	jw_open(b, "errors", '[');
	jw_open(b, NULL, '{');
	jw_str(b, "description", text);
	jw_close(b, '}');
	jw_close(b, ']');
	jw_str(b, "trackingId", c->track);
	jw_close(b, '}');
}

const char *
api_arg(struct api_call *c, const char *name)
{
	const char *s = http_arg(c->req, name);

	if (s == NULL)
		return NULL;
	if (c->args == NULL && (c->args = arena_new(API_ARGS)) == NULL)
		return NULL;
	return arena_strdup(c->args, s);
}

const char *
api_text(const struct api_call *c, const char *name)
{
	return json_get_str(c->body, name);
}

bool
api_kind_ok(const struct api_call *c, const char *name, enum json_kind kind)
{
	enum json_kind is = json_kind(json_get(c->body, name));

	return is == JSON_NONE || is == JSON_NULL || is == kind;
}

/* -- which row -- */

/*
 * Does the path (below /v1) fit the row?  *id is where in the path the part
 * begins that stands for `*`.  Ids need no escaping, so none is undone.
 */
static bool
api_fits(const char *row, const char *path, const char **id)
{
	*id = NULL;
	while (*row != '\0' && *row == *path) {
		row++;
		path++;
	}
	if (*row == '*' && *path != '\0' && strchr(path, '/') == NULL) {
		*id = path;
		return true;
	}
	return *row == '\0' && *path == '\0';
}

static bool
api_takes(const struct api_row *row, const char *method)
{
	const char *m = strstr(row->methods, method);
	size_t k = strlen(method);

	return m != NULL && (m[k] == ' ' || m[k] == '\0');
}

/* 0, or the status that says why there is none. */
static int
api_find(struct api_call *c)
{
	const char *path = http_path(c->req) + sizeof "/v1/" - 1;
	int status = 404;
	size_t i;

	for (i = 0; i < api_nrows; i++) {
		if (!api_fits(api_rows[i].path, path, &c->id))
			continue;
		/* "people/me" is no id, whatever the method */
		if (status == 405 && c->id != NULL &&
		    !str_suffix(c->row->path, "*"))
			break;
		c->row = &api_rows[i];
		if (api_takes(c->row, http_method(c->req)))
			return 0;
		status = 405;
	}
	return status;
}

/* -- who asks -- */

/* Under mu. */
static struct person *
api_asker(struct api_call *c)
{
	const char *auth = http_header(c->req, "Authorization");

	if (auth == NULL || strncasecmp(auth, "Bearer ", 7) != 0)
		return NULL;
	for (auth += 7; *auth == ' '; auth++)
		;
	return world_by_token(c->sim->world, auth);
}

/* Who it is, and the fault that waits for this call, if any. */
static bool
api_meet(struct api_call *c, struct fault *f)
{
	struct fault_call call = {.method = http_method(c->req),
	    .path = http_path(c->req),
	    .query = http_query(c->req)};
	struct sim *s = c->sim;
	struct person *p;
	bool hit = false;
	int ms = 0;

	pthread_mutex_lock(&s->mu);
	p = api_asker(c);
	c->bot = p == NULL || p->bot;
	snprintf(c->who, sizeof c->who, "%s", p == NULL ? "?" : p->name);
	if (c->bot)
		ms = s->tune.latency_ms;
	if (c->row != NULL) {
		call.what = c->row->what;
		call.bot = c->bot;
		hit = faults_take(s->faults, &call, f);
	}
	pthread_mutex_unlock(&s->mu);
	if (hit)
		ms += f->delay_ms;
	if (ms > 0)
		sim_pause(s, ms);
	return hit;
}

/* -- the answer -- */

static void
api_record(struct api_call *c, int status)
{
	const char *query = http_query(c->req), *body;
	char path[2048];
	size_t len;
	struct traffic_note n = {
	    .kind = "call",
	    .who = c->who,
	    .method = http_method(c->req),
	    .path = path,
	    .status = status,
	    .remark = c->remark,
	    .track = c->track,
	    .us = clk_mono_us() - c->since,
	    .resp = *c->type != '\0' ? NULL : buf_str(&c->out),
	    .resp_len = buf_len(&c->out),
	};

	snprintf(path, sizeof path, "%s%s%s", http_path(c->req),
	    *query != '\0' ? "?" : "", query);
	body = http_body(c->req, &len);
	n.req = body;
	n.req_len = len;
	traffic_call(c->sim->traffic, &n);
}

static void
api_date(struct http_req *r)
{
	time_t now = (time_t)(clk_wall_ms() / 1000);
	char text[40];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	http_add(r, "Date", text);
}

static void
api_answer(struct api_call *c)
{
	struct http_req *r = c->req;
	const char *type = "application/json;charset=UTF-8";

	api_date(r);
	http_add(r, "trackingId", c->track);
	http_add(r, "Cache-Control", "no-store");
	if (*c->link != '\0')
		http_add(r, "Link", c->link);
	if (*c->retry_after != '\0')
		http_add(r, "Retry-After", c->retry_after);
	if (*c->disposition != '\0' && *c->type != '\0')
		http_add(r, "Content-Disposition", c->disposition);
	if (*c->type != '\0')
		type = c->type;
	api_record(c, c->status);
	http_answer(r, c->status, c->status == 204 ? NULL : type,
	    buf_str(&c->out), buf_len(&c->out));
}

static void
api_cut(struct api_call *c)
{
	c->remark = "cut off by a fault";
	buf_clear(&c->out);
	api_record(c, 0);
	http_cut(c->req);
}

/* The answer that a fault gives instead of ours. */
static void
api_faulty(struct api_call *c, const struct fault *f)
{
	c->remark = "a fault";
	api_fail(c, f->status, *f->message != '\0' ? f->message : NULL);
	memcpy(c->retry_after, f->retry_after, sizeof c->retry_after);
	if (f->html) {
		buf_clear(&c->out);
		buf_addf(&c->out,
		    "<html><head><title>%d</title></head><body><h1>%s</h1>"
		    "</body></html>\n",
		    f->status, api_status_text(f->status));
		snprintf(c->type, sizeof c->type, "text/html");
	}
	api_answer(c);
}

/* -- the call -- */

/* Who asks is looked up again: the world may be another one by now. */
static void
api_run(struct api_call *c)
{
	struct sim *s = c->sim;

	pthread_mutex_lock(&s->mu);
	if ((c->me = api_asker(c)) == NULL)
		api_fail(c, 401, NULL);
	else
		c->row->fn(c);
	pthread_mutex_unlock(&s->mu);
	if (c->out.failed)
		api_fail(c, 500, "The answer is too large.");
}

static void
api_call_done(struct api_call *c)
{
	json_free(c->body);
	free(c->fetched);
	free(c->names);
	arena_free(c->args);
	buf_done(&c->out);
}

void
api_serve(struct http_req *r, void *arg)
{
	struct fault f = {0};
	struct api_call c = {.sim = arg, .req = r, .status = 200};
	int status;
	bool hit;

	c.since = clk_mono_us();
	id_track(c.track);
	buf_init(&c.out, SIM_OUT_MAX);
	status = api_find(&c);
	hit = api_meet(&c, &f);
	if (hit && f.cut == FAULT_CUT_BEFORE) {
		api_cut(&c);
	} else if (hit && f.status != 0) {
		api_faulty(&c, &f);
	} else {
		if (status != 0)
			api_fail(&c, status, NULL);
		else if (api_read_body(&c))
			api_run(&c);
		if (hit && f.cut == FAULT_CUT_AFTER)
			api_cut(&c);
		else
			api_answer(&c);
	}
	api_call_done(&c);
}
