/*
 * The steps of an event: what it is about is fetched (several of a room at
 * the same time), then it waits for its turn in the room, and then the rule
 * runs and its replies are stored as the event is settled.
 */
#include "bot/job.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/str.h"
#include "bot/api.h"
#include "bot/ask.h"
#include "bot/forward.h"
#include "bot/hand.h"
#include "bot/intake.h"
#include "bot/people.h"
#include "bot/send.h"
#include "bot/submits.h"
#include "bot/turn.h"
#include "webex/mention.h"
#include "webex/wx_id.h"

#define EVENT_CARD_MS 500 /* before the next look for its card */
#define EVENT_CARD_MAX_MS (10 * 60 * 1000)
#define EVENT_TEXT_MAX (1024 * 1024) /* as long as an answer may be */

static bool
event_is(const struct job *j, const char *kind)
{
	return strcmp(j->ev.kind, kind) == 0;
}

/* Settled without a reply; `why` is for `events show`. */
static enum job_next
event_quiet(struct job *j, const char *why)
{
	j->change.to = EVQ_DONE;
	j->change.reason = why;
	return job_settle(j);
}

bool
steps_not_forwarded(struct job *j, size_t own, struct err *e)
{
	if (job_may_pass(j, e))
		return false;
	log_warn(
	    "event ev=%lld is not forwarded: %s", (long long)j->event, e->text);
	job_trace(j, "not-forwarded", "reason", e->text, NULL);
	j->turn->out.n = own;
	err_clear(e);
	return true;
}

/* The same of what is forwarded, whatever becomes of it here. */
static enum job_next
event_settle(struct job *j, const char *why)
{
	struct err e = ERR_INIT;

	size_t own = j->turn->out.n;

	if (forward_webex(j->turn, &e) == -1 &&
	    !steps_not_forwarded(j, own, &e))
		return job_cannot(j, &e);
	j->change.replies = j->turn->out.v;
	j->change.nreplies = j->turn->out.n;
	return event_quiet(j, why);
}

enum job_next
steps_dead(struct job *j, const char *fmt, ...)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;
	char why[JOB_REASON];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	t->out.n = 0;
	if ((steps_hub_takes(j) ? hub_forward_dead(j, why, &e)
				: forward_webex(t, &e)) == -1)
		return job_dead(j, "%s", why);
	job_reason(j, "%s", why);
	j->change.to = EVQ_DEAD;
	j->change.replies = t->out.v;
	j->change.nreplies = t->out.n;
	return job_settle(j);
}

enum job_next
steps_cannot(struct job *j, struct err *e)
{
	const struct rule *r = j->turn->route.rule;

	if (job_may_pass(j, e))
		return job_cannot(j, e);
	if (r == NULL)
		return steps_dead(j, "%s", e->text);
	return steps_dead(j, "%s: %s", r->name, e->text);
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
	t->memory = engine_memory(j->en);
	t->changes.arena = j->arena;
	t->out.received = j->item->received;
	if (*j->ev.created != '\0')
		t->out.after = j->ev.created;
	t->direct = str_eq(j->ev.place, "direct");
	return t;
}

void
steps_event_done(struct job *j)
{
	turn_free(j->turn);
	j->turn = NULL;
}

/* Does a handler in C or a rule want the notification itself? */
static bool
event_is_read(const struct job *j)
{
	const struct rules *rs = brain_rules(j->turn->brain);

	return wb_bot_has_handlers(engine_opts(j->en)->api) ||
	       ((rs->reads_some | rs->reads_refuse) & READS_EVENT) != 0;
}

/*
 * The bytes are much of what an event takes while it waits for Webex, and of
 * a message or a submit few want more than what is fetched.
 */
static void
event_lighten(struct job *j)
{
	if (!str_eq(j->ev.source, "webex") ||
	    (!event_is(j, "messages.created") &&
		!event_is(j, "attachmentActions.created")) ||
	    event_is_read(j))
		return;
	event_forget_bytes(&j->ev);
	free(j->item->body);
	j->item->body = NULL;
}

static enum job_next
event_decode(struct job *j)
{
	struct err e = ERR_INIT;

	if (event_unpack(&j->ev, j->item->body, j->item->len, &e) == -1)
		return job_cannot(j, &e);
	if ((j->turn = turn_new(j)) == NULL)
		return job_nomem(j);
	if (steps_hub_takes(j)) {
		j->step = steps_hub;
		return JOB_AT;
	}
	event_lighten(j);
	return JOB_GO;
}

/* -- fetching -- */

/* Who said it may not have been known when it came in. */
static bool
event_own(const struct job *j, const char *person)
{
	return self_is(engine_opts(j->en)->self, person);
}

/* The bot itself has been added to a room. */
static bool
event_joined(const struct job *j)
{
	return event_is(j, "memberships.created") && event_own(j, j->ev.person);
}

static enum job_next
event_fetch(struct job *j)
{
	struct wx_call c = {.id = j->ev.id, .endpoint = WX_ENDPOINTS};

	if (event_is(j, "messages.created"))
		c.endpoint = WX_MESSAGE_GET;
	else if (event_is(j, "attachmentActions.created"))
		c.endpoint = WX_ACTION_GET;
	if (event_own(j, j->ev.person) &&
	    (c.endpoint != WX_ENDPOINTS ||
		strcmp(j->ev.resource, "messages") == 0))
		return event_quiet(j, "our own");
	if (strcmp(j->ev.resource, "rooms") == 0)
		people_forget(engine_people(j->en), j->ev.room);
	j->answer.endpoint = WX_ENDPOINTS;
	/* of other events the notification tells all there is */
	return c.endpoint == WX_ENDPOINTS ? JOB_GO : job_call(j, &c);
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
	t->out.after = event_str(m, "created", t->out.after);
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

static int
event_take_action(struct job *j, struct err *e)
{
	struct turn *t = j->turn;
	const struct json *a = t->action;

	t->message_id = event_str(a, "messageId", j->ev.message);
	t->room_id = event_str(a, "roomId", t->room_id);
	t->person_id = event_str(a, "personId", t->person_id);
	t->out.after = event_str(a, "created", t->out.after);
	return submits_recall(t, engine_opts(j->en)->q, e);
}

/* A submit may overtake the note of what its message shows. */
static bool
event_look_again(const struct job *j)
{
	return j->turn->action != NULL && j->turn->card == NULL &&
	       j->item->attempts < SUBMITS_LOOKS &&
	       engine_opts(j->en)->stage == NULL;
}

static int64_t
event_age(const struct job *j)
{
	int64_t ms = clk_wall_ms() - j->item->received;

	return ms < 0 ? 0 : ms; /* the clock was set back */
}

/* Is something being sent that its card may be of? */
static bool
event_card_comes(const struct job *j)
{
	const struct turn *t = j->turn;
	struct evq *q = engine_opts(j->en)->q;

	return event_age(j) < EVENT_CARD_MAX_MS &&
	       (evq_replying(q, t->room_id) || evq_replying(q, t->person_id) ||
		   (t->email != NULL && evq_replying(q, t->email)));
}

/* Whoever stands between may have passed on a part of it. */
static enum job_next
event_fetch_again(struct job *j, const struct err *e)
{
	static const char why[] = "what was fetched is no JSON object";

	if (j->item->attempts + 1 < engine_opts(j->en)->cfg->attempts)
		return job_retry(
		    j, job_backoff(j), false, "%s: %s", why, e->text);
	return job_dead(j, "%s: %s", why, e->text);
}

static enum job_next
event_fetched(struct job *j)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;
	struct json *got;
	int rc;

	if (j->answer.endpoint == WX_ENDPOINTS)
		return JOB_GO;
	if (j->answer.verdict != WX_OK)
		return job_failed(j);
	if (j->answer.body == NULL)
		return job_nomem(j);
	got = json_parse(j->answer.body, j->answer.len, &e);
	if (got == NULL && e.kind == ERR_BUG)
		return job_cannot(j, &e);
	if (json_kind(got) != JSON_OBJECT) {
		json_free(got);
		return event_fetch_again(j, &e);
	}
	if (event_is(j, "messages.created")) {
		t->message = got;
		rc = event_take_message(j, &e);
	} else {
		t->action = got;
		rc = event_take_action(j, &e);
	}
	if (rc == -1)
		return job_cannot(j, &e);
	/* who is quick submits a card before we know that it has been sent */
	if (t->action != NULL && t->card == NULL && event_card_comes(j))
		return job_retry(j, EVENT_CARD_MS + event_age(j) / 4, true,
		    "it may be of a card that is being sent");
	if (event_own(j, t->person_id))
		return event_quiet(j, "our own");
	if (event_look_again(j))
		return job_retry(j, SUBMITS_LOOK_MS, false,
		    "its card may not be stored yet");
	if (engine_opts(j->en)->cfg->ignore_bots && intake_is_bot(t->email))
		return event_quiet(j, "another bot said it");
	return JOB_GO;
}

/* -- routing -- */

/* The rules of the file, between the handlers in C and their fallback. */
static int
event_find(struct job *j, struct route *found, struct err *e)
{
	struct turn *t = j->turn;
	const struct wb_bot *api = engine_opts(j->en)->api;
	const struct rules *rs = brain_rules(t->brain);
	struct route_cond cond = {turn_test, t};
	int rc;

	if ((rc = hand_route(api, t, found, e)) != 0)
		return rc;
	if (t->message != NULL)
		rc = route_text(rs, t->text, &cond, t->arena, found, e);
	else if (t->action != NULL)
		rc = route_action(rs, t->card, &cond, t->arena, found, e);
	else if (event_joined(j))
		rc = route_welcome(rs, &cond, t->arena, found, e);
	if (rc == 0 && found->rule == NULL && t->message == NULL &&
	    t->action == NULL)
		rc = route_event(rs, j->ev.kind, &cond, t->arena, found, e);
	if (rc == 0)
		hand_fallback(api, t, found);
	return rc;
}

/* An open question comes first, then what was said itself. */
static enum job_next
event_route(struct job *j)
{
	struct turn *t = j->turn;
	struct route found = {NULL, "", val_missing(), NULL};
	struct err e = ERR_INIT;
	int rc = hand_asked(engine_opts(j->en)->api, t, &found, &e);

	if (rc == 0 && (rc = ask_resume(t, &e)) == 1)
		found = t->route;
	if (rc == 0)
		rc = event_find(j, &found, &e);
	if (rc == -1)
		return steps_cannot(j, &e);
	t->route = found;
	if (found.misuse != NULL) {
		t->what = TURN_MISUSE;
		t->why = found.misuse;
	}
	if (found.rule == NULL && t->action != NULL && t->card == NULL)
		submits_stale(t);
	if (t->route.rule == NULL)
		return event_settle(j, t->action != NULL && t->card == NULL
					   ? "a submit of a card we do not know"
					   : "no rule fits");
	j->change.rule = t->route.rule->name;
	return JOB_GO;
}

/* -- running -- */

/*
 * Everybody's rules, then the rule's own.  Joining a room is nobody's
 * saying: only the room counts.
 */
static enum job_next
event_access(struct job *j)
{
	struct turn *t = j->turn;
	const struct rules_access *both[] = {
	    &brain_rules(t->brain)->access, &t->route.rule->access};
	bool said = t->message != NULL || t->action != NULL;
	size_t i;

	t->says = t->what == TURN_MISUSE ? &t->route.rule->misuse
					 : &t->route.rule->says;
	for (i = 0; i < 2; i++)
		if (said ? !route_allowed(both[i], t->email, t->room_id)
			 : !route_allowed_room(both[i], t->room_id)) {
			t->says = &both[i]->refuse;
			t->what = TURN_REFUSE;
			j->change.rule = "refused";
			return t->says->n == 0
				   ? event_settle(j, "access denied")
				   : JOB_GO;
		}
	return JOB_GO;
}

/* What does not fit the card that was sent reaches no rule. */
static enum job_next
event_submit(struct job *j)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;

	if (t->action == NULL || t->what == TURN_REFUSE)
		return JOB_GO;
	if (submits_check(t, &j->change.reason, &e) == -1)
		return steps_cannot(j, &e);
	return JOB_GO;
}

/* -- questions -- */

static enum job_next
event_ask(struct job *j)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;

	if (t->what != TURN_ANSWER || ask_go(t, &e) == 0)
		return JOB_GO;
	return steps_cannot(j, &e);
}

/* -- answering -- */

/* The rule's `remember`, before its replies are rendered. */
static int
event_remember(struct turn *t, struct val *data, struct err *e)
{
	const struct rule *r = t->route.rule;
	struct val what;

	if (r->remember == NULL || t->what != TURN_ANSWER ||
	    t->says == &r->failed)
		return 0;
	if (turn_recall_anew(t, e) == -1 || turn_data(t, data, e) == -1)
		return -1;
	if (tpl_render(r->remember, data, NULL, clk_wall_ms(), t->arena, &what,
		NULL, e) == -1 ||
	    turn_remember(t, &what, e) == -1)
		return -1;
	return turn_data(t, data, e);
}

static int
event_answer(struct turn *t, const struct rules *api, struct err *e)
{
	struct val data;

	if (t->route.rule->kind == RULE_HELP && t->what == TURN_ANSWER)
		return turn_help(t, api, e);
	if (t->says->n == 0 && turn_say_plain(t, e) == -1)
		return -1;
	/* a question is asked again unless there are words for that */
	if (t->what == TURN_AGAIN && t->says->n == 0)
		t->says = &t->question->says;
	return turn_data(t, &data, e) == -1 ||
		       event_remember(t, &data, e) == -1 ||
		       turn_render(t, &data, e) == -1
		   ? -1
		   : 0;
}

static enum job_next
event_run(struct job *j)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;

	if (j->hand != NULL)
		return event_settle(j, NULL);
	if (event_answer(t, &engine_opts(j->en)->api->rules, &e) == -1 ||
	    submits_use_up(t, &e) == -1 ||
	    memory_begin(t->memory, &t->changes, &e) == -1)
		return steps_cannot(j, &e);
	t->held = true;
	j->change.memos = t->changes.v;
	j->change.nmemos = t->changes.n;
	/* that of a submit which was refused */
	return event_settle(j, j->change.reason);
}

const struct step steps_event[] = {
    {"decode", event_decode},
    {"send", send_step},
    {"fetch", event_fetch},
    {"fetched", event_fetched},
    {"turn", job_turn},
    /* what the conditions of rules read */
    {"person", look_person},
    {"person", look_person_take},
    {"room", look_room},
    {"room", look_room_take},
    {"file", look_file},
    {"file", look_file_take},
    {"route", event_route},
    /* what the rule reads */
    {"person", look_person},
    {"person", look_person_take},
    {"room", look_room},
    {"room", look_room_take},
    {"file", look_file},
    {"file", look_file_take},
    {"access", event_access},
    {"submit", event_submit},
    {"hand", hand_run},
    {"hand", hand_ran},
    {"ask", event_ask},
    {"call", call_step},
    {"called", called_step},
    {"run", event_run},
};
