/*
 * The steps of an event: what it is about is fetched (several of a room at
 * the same time), then it waits for its turn in the room, and then the rule
 * runs and its replies are stored as the event is settled.
 */
#include "bot/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/str.h"
#include "bot/forward.h"
#include "bot/intake.h"
#include "bot/people.h"
#include "bot/turn.h"
#include "webex/mention.h"
#include "webex/wx_id.h"

#define EVENT_TEXT_MAX (256 * 1024)

/* Settled without a reply; `why` is for `events show`. */
static enum job_next
event_quiet(struct job *j, const char *why)
{
	j->change.to = EVQ_DONE;
	j->change.reason = why;
	return job_settle(j);
}

/* The same of what is forwarded, whatever becomes of it here. */
static enum job_next
event_settle(struct job *j, const char *why)
{
	struct err e = ERR_INIT;

	if (forward_webex(j->turn, &e) == -1)
		return e.kind == ERR_BUG
			   ? job_retry(j, 1000, true, "%s", e.text)
			   : job_dead(j, "%s", e.text);
	j->change.replies = j->turn->out.v;
	j->change.nreplies = j->turn->out.n;
	return event_quiet(j, why);
}

static struct turn *
turn_new(struct job *j)
{
	const struct engine_opts *o = engine_opts(j->en);
	struct turn *t = arena_zalloc(j->arena, sizeof *t);

	if (t == NULL)
		return NULL;
	t->arena = j->arena;
	t->ev = &j->ev;
	t->self = self_get(o->self);
	t->brain = brain_get(o->brain);
	t->room_id = j->ev.room;
	t->person_id = j->ev.person;
	t->email = j->ev.email;
	t->text = "";
	t->out.arena = j->arena;
	t->out.received = j->item->received;
	t->direct =
	    str_eq(json_path_str(j->ev.body, "data.roomType"), "direct");
	return t;
}

void
steps_event_done(struct job *j)
{
	turn_free(j->turn);
	j->turn = NULL;
}

static enum job_next
event_decode(struct job *j)
{
	struct err e = ERR_INIT;

	if (event_unpack(&j->ev, j->item->body, j->item->len, &e) == -1)
		return e.kind == ERR_BUG
			   ? job_retry(j, 1000, true, "%s", e.text)
			   : job_dead(j, "%s", e.text);
	if ((j->turn = turn_new(j)) == NULL)
		return job_retry(j, 1000, true, "out of memory");
	if (strcmp(j->ev.source, "webex") != 0)
		j->step = steps_hub;
	return JOB_GO;
}

/* -- fetching -- */

static bool
event_is(const struct job *j, const char *kind)
{
	return strcmp(j->ev.kind, kind) == 0;
}

/* Who said it may not have been known when it came in. */
static bool
event_own(const struct job *j, const char *person)
{
	return self_is(engine_opts(j->en)->self, person);
}

static enum job_next
event_fetch(struct job *j)
{
	struct wx_call c = {.id = j->ev.id};

	if (event_is(j, "memberships.created"))
		return event_own(j, j->ev.person)
			   ? JOB_GO
			   : event_quiet(j, "somebody else joined");
	if (event_own(j, j->ev.person))
		return event_quiet(j, "our own");
	if (event_is(j, "messages.created"))
		c.endpoint = WX_MESSAGE_GET;
	else if (event_is(j, "attachmentActions.created"))
		c.endpoint = WX_ACTION_GET;
	else
		return event_quiet(j, "nobody handles it");
	return job_call(j, &c);
}

/* A member of what was fetched, in the turn's memory. */
static const char *
event_str(const struct json *j, const char *name, const char *otherwise)
{
	const char *s = json_get_str(j, name);

	return s == NULL ? otherwise : s;
}

static int
event_take_message(struct job *j, struct err *e)
{
	struct turn *t = j->turn;
	struct mention_bot bot = {t->self->id, t->self->name, t->self->nick};
	const struct json *m = t->message;
	struct buf text;
	int rc;

	t->message_id = event_str(m, "id", j->ev.id);
	t->parent_id = json_get_str(m, "parentId");
	t->room_id = event_str(m, "roomId", t->room_id);
	t->person_id = event_str(m, "personId", t->person_id);
	t->email = event_str(m, "personEmail", t->email);
	t->out.after = json_get_str(m, "created");
	if (json_get_str(m, "roomType") != NULL)
		t->direct = str_eq(json_get_str(m, "roomType"), "direct");
	buf_init(&text, EVENT_TEXT_MAX);
	rc = mention_strip(json_get_str(m, "html"), json_get_str(m, "text"),
	    !t->direct, &bot, &text);
	if (rc == 0)
		t->text = arena_strndup(t->arena, buf_str(&text), text.len);
	buf_done(&text);
	return rc == -1 || t->text == NULL ? err_nomem(e) : 0;
}

/* Which card it was, from what we remember of our messages. */
static int
event_take_action(struct job *j, struct err *e)
{
	struct turn *t = j->turn;
	const struct json *a = t->action;
	char *content = NULL, *name;
	struct json *c;

	t->message_id = event_str(a, "messageId", j->ev.message);
	t->room_id = event_str(a, "roomId", t->room_id);
	t->person_id = event_str(a, "personId", t->person_id);
	t->out.after = json_get_str(a, "created");
	name = evq_card(engine_opts(j->en)->q, t->message_id, &content);
	if (name == NULL)
		return 0;
	t->card = arena_strdup(t->arena, name);
	c = content == NULL ? NULL : json_parse_str(content, NULL);
	if (json_get_str(c, "parentId") != NULL)
		t->parent_id =
		    arena_strdup(t->arena, json_get_str(c, "parentId"));
	json_free(c);
	free(content);
	free(name);
	return t->card == NULL ? err_nomem(e) : 0;
}

static enum job_next
event_fetched(struct job *j)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;
	struct json *got;
	int rc;

	if (event_is(j, "memberships.created"))
		return JOB_GO;
	if (j->answer.verdict != WX_OK)
		return job_failed(j);
	if (j->answer.body == NULL)
		return job_retry(j, 1000, true, "out of memory");
	got = json_parse(j->answer.body, j->answer.len, &e);
	if (got == NULL && e.kind == ERR_BUG)
		return job_retry(j, 1000, true, "%s", e.text);
	if (json_kind(got) != JSON_OBJECT) {
		json_free(got);
		return job_dead(
		    j, "what was fetched is no JSON object: %s", e.text);
	}
	if (event_is(j, "messages.created")) {
		t->message = got;
		rc = event_take_message(j, &e);
	} else {
		t->action = got;
		rc = event_take_action(j, &e);
	}
	if (rc == -1)
		return job_retry(j, 1000, true, "%s", e.text);
	if (event_own(j, t->person_id))
		return event_quiet(j, "our own");
	if (engine_opts(j->en)->cfg->ignore_bots && intake_is_bot(t->email))
		return event_quiet(j, "another bot said it");
	return JOB_GO;
}

/* -- routing -- */

static enum job_next
event_route(struct job *j)
{
	struct turn *t = j->turn;
	const struct rules *rs = brain_rules(t->brain);
	struct err e = ERR_INIT;
	int rc;

	if (t->message != NULL)
		rc = route_text(rs, t->text, t->arena, &t->route, &e);
	else if (t->action != NULL)
		rc = route_action(rs, t->card, t->arena, &t->route, &e);
	else
		rc = route_welcome(rs, t->arena, &t->route, &e);
	if (rc == -1)
		return job_retry(j, 1000, true, "%s", e.text);
	if (t->route.rule == NULL)
		return event_settle(j, t->action != NULL && t->card == NULL
					   ? "a submit of a card we do not know"
					   : "no rule fits");
	j->change.rule = t->route.rule->name;
	return JOB_GO;
}

/* -- who it is, when a rule asks -- */

/* A submit names no address: access rules have to ask for it. */
static bool
event_needs_email(const struct turn *t)
{
	return *t->email == '\0' && brain_rules(t->brain)->access.nemails > 0;
}

static enum job_next
event_ask_person(struct job *j)
{
	struct turn *t = j->turn;
	struct wx_call c = {.endpoint = WX_PERSON_GET, .id = t->person_id};

	if (*t->person_id == '\0' ||
	    (!t->route.rule->reads_person && !event_needs_email(t)))
		return JOB_GO;
	t->person = people_get(engine_people(j->en), t->person_id);
	if (t->person != NULL)
		return JOB_GO;
	return job_call(j, &c);
}

static enum job_next
event_take_person(struct job *j)
{
	struct turn *t = j->turn;
	const char *email;

	if (t->person == NULL && j->answer.endpoint == WX_PERSON_GET) {
		if (j->answer.verdict == WX_OK && j->answer.body != NULL) {
			t->person =
			    json_parse(j->answer.body, j->answer.len, NULL);
			people_put(
			    engine_people(j->en), t->person_id, t->person);
		} else if (j->answer.verdict == WX_RETRY ||
			   j->answer.verdict == WX_AUTH ||
			   j->answer.verdict == WX_CANCELLED) {
			return job_failed(j);
		}
		/* else the notification's own words have to do */
	}
	if (*t->email == '\0' && t->person != NULL) {
		email = json_str(json_first(json_get(t->person, "emails")));
		t->email = email == NULL ? "" : email;
	}
	return JOB_GO;
}

static enum job_next
event_ask_room(struct job *j)
{
	struct turn *t = j->turn;
	struct wx_call c = {.endpoint = WX_ROOM_GET, .id = t->room_id};

	if (*t->room_id == '\0' || !t->route.rule->reads_room)
		return JOB_GO;
	t->room = people_get(engine_people(j->en), t->room_id);
	return t->room != NULL ? JOB_GO : job_call(j, &c);
}

static enum job_next
event_take_room(struct job *j)
{
	struct turn *t = j->turn;

	if (t->room != NULL || j->answer.endpoint != WX_ROOM_GET)
		return JOB_GO;
	if (j->answer.verdict == WX_OK && j->answer.body != NULL) {
		t->room = json_parse(j->answer.body, j->answer.len, NULL);
		people_put(engine_people(j->en), t->room_id, t->room);
	} else if (j->answer.verdict == WX_RETRY ||
		   j->answer.verdict == WX_AUTH ||
		   j->answer.verdict == WX_CANCELLED) {
		return job_failed(j);
	}
	return JOB_GO;
}

/* -- running -- */

static enum job_next
event_turn(struct job *j)
{
	if (!evq_is_first(engine_opts(j->en)->q, j->item))
		return job_park(j);
	return JOB_GO;
}

static enum job_next
event_access(struct job *j)
{
	struct turn *t = j->turn;
	const struct rules *rs = brain_rules(t->brain);

	if (route_allowed(&rs->access, t->email, t->room_id))
		return JOB_GO;
	t->route.rule = &rs->refuse;
	j->change.rule = rs->refuse.name;
	if (rs->refuse.nreplies == 0)
		return event_settle(j, "access denied");
	return JOB_GO;
}

static enum job_next
event_run(struct job *j)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;
	struct val data;
	int rc;

	if (t->route.rule->kind == RULE_HELP)
		rc = turn_help(t, &e);
	else if ((rc = turn_data(t, &data, &e)) == 0)
		rc = turn_render(t, t->route.rule, &data, &e);
	if (rc == -1 && e.kind == ERR_BUG)
		return job_retry(j, 1000, false, "%s", e.text);
	if (rc == -1)
		return job_dead(j, "%s: %s", t->route.rule->name, e.text);
	return event_settle(j, NULL);
}

const struct step steps_event[] = {
    {"decode", event_decode},
    {"fetch", event_fetch},
    {"fetched", event_fetched},
    {"route", event_route},
    {"person", event_ask_person},
    {"person", event_take_person},
    {"room", event_ask_room},
    {"room", event_take_room},
    {"turn", event_turn},
    {"access", event_access},
    {"run", event_run},
};
