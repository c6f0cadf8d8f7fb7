/*
 * Rehearsals; see rehearse.h.  The stage's functions run on the engine's
 * thread, and what they have collected is read after it has ended.
 */
#include "bot/rehearse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clk.h"
#include "bot/bot.h"
#include "bot/job.h"
#include "bot/saved.h"
#include "bot/turn.h"
#include "store/evq.h"
#include "store/scratch.h"

#define REHEARSE_WAIT_MS 30000
#define REHEARSE_BODY_MAX (1 << 20)

/* Whom and where nobody is. */
#define REHEARSE_BOT "webexbot"
#define REHEARSE_MESSAGE "match-message"
#define REHEARSE_PERSON "match-person"
#define REHEARSE_DIRECT "match-direct-room"

struct rehearse {
	struct cfg *cfg;
	const struct wb_bot *api;
	const struct rehearse_said *said; /* NULL: a saved notification */
	const struct json *data; /* of it, when there is no token; or NULL */
	struct json *out;
	struct json *requests; /* of `out` */
	bool failed;           /* memory */
	struct scratch store;
};

/* -- what would be sent -- */

static int
rehearse_path(const struct wx_call *c, struct json *r)
{
	const char *path = wx_path(c->endpoint), *star = strchr(path, '*');
	char text[512];

	if (star == NULL || c->id == NULL)
		return json_set_str(r, "path", path);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(star - path), path, c->id,
	    star + 1);
	return json_set_str(r, "path", text);
}

static int
rehearse_note(struct rehearse *rh, const struct wx_call *c)
{
	struct json *r = json_object(), *body;

	body = c->len > 0 ? json_parse(c->body, c->len, NULL) : json_new_null();
	if (json_set_str(r, "method", wx_method(c->endpoint)) == -1 ||
	    rehearse_path(c, r) == -1) {
		json_free(body);
		json_free(r);
		return -1;
	}
	if (json_set(r, "body", body) == -1) {
		json_free(r);
		return -1;
	}
	return json_add(rh->requests, r);
}

/* -- what would be fetched -- */

static struct json *
rehearse_person(const char *id, const char *email, const char *name)
{
	struct json *p = json_object(), *emails = json_list();

	json_add(emails, json_new_str(email));
	json_set_str(p, "id", id);
	json_set(p, "emails", emails);
	json_set_str(p, "displayName", name);
	json_set_str(p, "nickName", name);
	json_set_str(p, "type", "person");
	return p;
}

static const char *
rehearse_room_id(const struct rehearse_said *s)
{
	return s->room != NULL ? s->room : REHEARSE_DIRECT;
}

/* The members that message and notification have in common. */
static struct json *
rehearse_message(const struct rehearse_said *s)
{
	struct json *m = json_object();
	char at[CLK_TEXT];

	json_set_str(m, "id", REHEARSE_MESSAGE);
	json_set_str(m, "roomId", rehearse_room_id(s));
	json_set_str(m, "roomType", s->room == NULL ? "direct" : "group");
	json_set_str(m, "personId", REHEARSE_PERSON);
	json_set_str(m, "personEmail", s->email);
	json_set_str(m, "created", clk_text(clk_wall_ms(), at));
	return m;
}

static struct json *
rehearse_fetch(const struct rehearse_said *s, const struct wx_call *c)
{
	struct json *j;
	char name[128];

	switch (c->endpoint) {
	case WX_PEOPLE_ME:
		return rehearse_person(
		    REHEARSE_BOT, REHEARSE_BOT "@webex.bot", REHEARSE_BOT);
	case WX_PERSON_GET:
		snprintf(name, sizeof name, "%.*s", (int)strcspn(s->email, "@"),
		    s->email);
		return rehearse_person(c->id, s->email, name);
	case WX_MESSAGE_GET:
		j = rehearse_message(s);
		json_set_str(j, "text", s->text);
		return j;
	case WX_ROOM_GET:
		j = json_object();
		json_set_str(j, "id", c->id);
		json_set_str(j, "title", c->id);
		json_set_str(j, "type", s->room == NULL ? "direct" : "group");
		return j;
	default: /* a list of nothing */
		j = json_object();
		json_set(j, "items", json_list());
		return j;
	}
}

/* Without a token: what the notification itself says. */
static struct json *
rehearse_guess(const struct json *data, const struct wx_call *c)
{
	const char *type = json_get_str(data, "roomType");
	struct rehearse_said s = {.text = "",
	    .email = json_get_str(data, "personEmail"),
	    .room = type == NULL || strcmp(type, "direct") != 0 ? "" : NULL};

	if (s.email == NULL)
		s.email = "you@example.com";
	if (c->endpoint == WX_MESSAGE_GET || c->endpoint == WX_ACTION_GET)
		return json_dup(data);
	return rehearse_fetch(&s, c);
}

/* -- the stage -- */

static void
rehearse_answer(struct job_answer *a, const struct json *j)
{
	struct buf b;

	buf_init(&b, REHEARSE_BODY_MAX);
	json_print(j, &b);
	a->verdict = WX_OK;
	a->status = 200;
	a->len = b.len;
	a->body = buf_take(&b);
	buf_done(&b);
}

static bool
rehearse_call(void *arg, const struct wx_call *c, struct job_answer *a)
{
	struct rehearse *rh = arg;
	struct json *j;

	if (strcmp(wx_method(c->endpoint), "GET") == 0) {
		if (rh->said != NULL)
			j = rehearse_fetch(rh->said, c);
		else if (rh->data != NULL)
			j = rehearse_guess(rh->data, c);
		else
			return false;
	} else {
		if (rehearse_note(rh, c) == -1)
			rh->failed = true;
		j = json_object();
		json_set_str(j, "id", "");
	}
	rehearse_answer(a, j);
	json_free(j);
	return true;
}

/* Headers are left out: they hold keys. */
static void
rehearse_other(void *arg, const struct xfer_req *q)
{
	struct rehearse *rh = arg;
	struct json *r = json_object(), *body = NULL;

	if (q->body_len > 0)
		body = json_parse(q->body, q->body_len, NULL);
	if (json_set_str(r, "method", q->method) == -1 ||
	    json_set_str(r, "path", q->url) == -1) {
		rh->failed = true;
		json_free(body);
		json_free(r);
	} else if (json_set(r, "body", body != NULL ? body : json_new_null()) ==
		       -1 ||
		   json_add(rh->requests, r) == -1) {
		rh->failed = true;
	}
}

static void
rehearse_set(struct rehearse *rh, const char *name, const char *text)
{
	if (json_set(rh->out, name,
		text == NULL ? json_new_null() : json_new_str(text)) == -1)
		rh->failed = true;
}

/* The event itself, and a reply that is dead. */
static void
rehearse_settled(void *arg, const struct job *j)
{
	struct rehearse *rh = arg;
	const struct rule *r = j->turn == NULL ? NULL : j->turn->route.rule;

	if (j->which == EVQ_REPLIES && j->change.to != EVQ_DEAD)
		return;
	rehearse_set(rh, "state", evq_state_name(j->change.to));
	rehearse_set(rh, "reason", j->change.reason);
	if (j->which == EVQ_REPLIES)
		return;
	rehearse_set(rh, "rule", j->change.rule);
	rehearse_set(rh, "place", r == NULL ? NULL : r->place);
}

/* -- the store -- */

/*
 * A store of its own with the cards and the memory of the real one, as far
 * as there is one.
 */
static int
rehearse_store(struct rehearse *rh, struct err *e)
{
	struct evq_opts o = {
	    .where = rh->store.where, .queue_max = 1, .window = 1};
	struct evq *q;
	const char *real = rh->cfg->store;

	strcpy(rh->store.where, "mem:");
	if (rh->said != NULL || strncmp(real, "sqlite:", 7) != 0 ||
	    access(real + 7, R_OK) == -1)
		return 0;
	if (scratch_make(&rh->store, e) == -1)
		return -1;
	if ((q = evq_open(&o, e)) == NULL)
		return -1;
	evq_close(q);
	return evq_view_copy(real, rh->store.where, e);
}

/* -- one rehearsal -- */

static int
rehearse_put(struct bot *b, const char *raw, size_t len, struct err *e)
{
	struct saved s;
	int rc = -1;

	if (saved_read(&s, raw, len, e) == 0) {
		s.item.key = NULL;
		rc = bot_put(b, &s.item, e) == -1 ? -1 : 0;
	}
	saved_done(&s);
	return rc;
}

static int
rehearse_play(struct rehearse *rh, const char *raw, size_t len, struct err *e)
{
	const struct engine_stage stage = {.call = rehearse_call,
	    .other = rehearse_other,
	    .settled = rehearse_settled,
	    .arg = rh};
	struct bot_aside how = {.store = rh->store.where, .stage = &stage};
	struct bot *b = bot_start_aside(rh->cfg, rh->api, &how, e);
	int rc = -1;
	char *why;

	if (b == NULL)
		return -1;
	if (rehearse_put(b, raw, len, e) == 0) {
		if (bot_wait_done(b, REHEARSE_WAIT_MS)) {
			rc = 0;
		} else {
			why = bot_problems(b);
			err_set(e, ERR_TEMP, "not done within %d s%s%s",
			    REHEARSE_WAIT_MS / 1000,
			    why == NULL || *why == '\0' ? "" : ": ",
			    why == NULL ? "" : why);
			free(why);
		}
	}
	bot_stop(b);
	if (rc == 0 && rh->failed)
		rc = err_nomem(e);
	return rc;
}

static struct json *
rehearse(struct rehearse *rh, const char *raw, size_t len, struct err *e)
{
	int rc = -1;

	rh->out = json_object();
	rehearse_set(rh, "rule", NULL);
	rehearse_set(rh, "place", NULL);
	rehearse_set(rh, "state", NULL);
	rehearse_set(rh, "reason", NULL);
	if (json_set(rh->out, "requests", json_list()) == -1 || rh->failed) {
		err_nomem(e);
	} else {
		rh->requests = json_get(rh->out, "requests");
		if (rehearse_store(rh, e) == 0)
			rc = rehearse_play(rh, raw, len, e);
	}
	scratch_drop(&rh->store);
	if (rc == 0)
		return rh->out;
	json_free(rh->out);
	return NULL;
}

struct json *
rehearse_saved(struct cfg *cfg, const struct wb_bot *api, const char *raw,
    size_t len, struct err *e)
{
	struct rehearse rh = {.cfg = cfg, .api = api};
	struct json *notice = NULL, *out;

	if (*cfg->access_token == '\0') {
		if ((notice = json_parse(raw, len, e)) == NULL)
			return NULL;
		rh.data = json_get(notice, "data");
	}
	out = rehearse(&rh, raw, len, e);
	json_free(notice);
	return out;
}

struct json *
rehearse_said(struct cfg *cfg, const struct wb_bot *api,
    const struct rehearse_said *said, struct err *e)
{
	struct rehearse rh = {.cfg = cfg, .api = api, .said = said};
	struct json *notice = json_object(), *out = NULL;
	struct buf raw;

	buf_init(&raw, REHEARSE_BODY_MAX);
	json_set_str(notice, "id", "match-webhook");
	json_set_str(notice, "resource", "messages");
	json_set_str(notice, "event", "created");
	json_set_str(notice, "actorId", REHEARSE_PERSON);
	if (json_set(notice, "data", rehearse_message(said)) == -1 ||
	    json_print(notice, &raw) == -1)
		err_nomem(e);
	else
		out = rehearse(&rh, raw.p, raw.len, e);
	buf_done(&raw);
	json_free(notice);
	return out;
}
