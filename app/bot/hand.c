/* Handlers from the engine's side; see hand.h. */
#include "bot/hand.h"

#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "bot/api.h"
#include "bot/epitaph.h"
#include "bot/workers.h"
#include "net/retry.h"

#define HAND_ASK "~answer" /* the scope of questions in the store */
#define HAND_BACKOFF_MS 1000
#define HAND_BACKOFF_MAX_MS (5 * 60 * 1000)

/* A handler at work; in the arena of its job. */
struct hand_work {
	struct work work; /* first */
	struct job *job;
	struct wb_turn turn;
	int rc;
};

/* -- which one -- */

static const struct rule *
hand_find(const struct wb_bot *bot, enum hand_kind kind, const char *key)
{
	size_t i;

	for (i = 0; i < bot->rules.n; i++) {
		const struct rule *r = &bot->rules.v[i];

		if (r->hand->kind == kind &&
		    (*r->key == '\0' || strcmp(r->key, key) == 0))
			return r;
	}
	return NULL;
}

static bool
hand_any(const struct wb_bot *bot, enum hand_kind kind)
{
	size_t i;

	for (i = 0; i < bot->rules.n; i++)
		if (bot->rules.v[i].hand->kind == kind)
			return true;
	return false;
}

bool
hand_hears(const struct wb_bot *bot, const char *kind)
{
	return hand_find(bot, HAND_EVENT, kind) != NULL;
}

bool
hand_knows(const struct wb_bot *bot, const char *answer)
{
	return hand_find(bot, HAND_ANSWER, answer) != NULL;
}

void
hand_reads(const struct wb_bot *bot, struct rule *r)
{
	r->reads = READS_EVENT | READS_FILES |
		   (bot->person ? READS_PERSON : 0u) |
		   (bot->room ? READS_ROOM : 0u);
	/* a submit names no address: it has to be asked for */
	if (r->hand->kind == HAND_ACTION)
		r->reads |= READS_PERSON;
}

/* For rules that match no text of their own. */
static int
hand_take(const struct wb_bot *bot, const struct rule *r, struct turn *t,
    struct route *out, struct err *e)
{
	static const struct route_cond none = {NULL, NULL};

	if (r == NULL)
		return 0;
	if (route_action(&bot->rules, NULL, &none, t->arena, out, e) == -1)
		return -1;
	out->rule = r;
	if (t->message != NULL)
		out->args = t->text;
	return 1;
}

static char *
hand_ask_key(struct turn *t)
{
	return arena_printf(t->arena, "%s %s", t->room_id, t->person_id);
}

int
hand_asked(
    const struct wb_bot *bot, struct turn *t, struct route *out, struct err *e)
{
	const struct rule *r = NULL;
	struct json *ask;
	char *key;

	if (t->message == NULL || !hand_any(bot, HAND_ANSWER))
		return 0;
	if ((key = hand_ask_key(t)) == NULL)
		return err_nomem(e);
	ask = memory_get(t->memory, HAND_ASK, key, e);
	if (ask == NULL && e->kind != ERR_NONE)
		return -1;
	if (json_get_str(ask, "name") != NULL &&
	    (int64_t)json_num(json_get(ask, "until")) > clk_wall_ms())
		r = hand_find(bot, HAND_ANSWER, json_get_str(ask, "name"));
	json_free(ask);
	return hand_take(bot, r, t, out, e);
}

int
hand_route(
    const struct wb_bot *bot, struct turn *t, struct route *out, struct err *e)
{
	static const struct route_cond none = {NULL, NULL};

	if (bot->rules.n == 0)
		return 0;
	if (t->action != NULL)
		return hand_take(bot,
		    hand_find(bot, HAND_ACTION, t->card == NULL ? "" : t->card),
		    t, out, e);
	if (t->message == NULL)
		return hand_take(
		    bot, hand_find(bot, HAND_EVENT, t->ev->kind), t, out, e);
	if (route_text(&bot->rules, t->text, &none, t->arena, out, e) == -1)
		return -1;
	/* `help` is built in there, but not ours to answer */
	if (out->rule != NULL && out->rule->hand != NULL)
		return 1;
	out->rule = NULL;
	return 0;
}

int
hand_route_hub(
    const struct wb_bot *bot, struct turn *t, struct route *out, struct err *e)
{
	char *kind;

	if (bot->rules.n == 0)
		return 0;
	kind = arena_printf(t->arena, "%s.%s", t->ev->source, t->ev->kind);
	if (kind == NULL)
		return err_nomem(e);
	return hand_take(bot, hand_find(bot, HAND_EVENT, kind), t, out, e);
}

void
hand_fallback(const struct wb_bot *bot, const struct turn *t, struct route *out)
{
	const struct rule *r = out->rule;

	if (t->message == NULL || (r != NULL && r->kind != RULE_FALLBACK) ||
	    (r != NULL && r->hand != NULL))
		return;
	if ((r = hand_find(bot, HAND_FALLBACK, "")) != NULL)
		out->rule = r;
}

/* -- memory -- */

int
hand_remember(struct turn *t, const struct json *wishes, struct err *e)
{
	const struct json *ask = json_get(wishes, "ask");
	struct val what;
	char *key;

	/* what others have remembered meanwhile stays */
	json_free(t->memories);
	t->memories = NULL;
	if (val_from_json(t->arena, wishes, &what, e) == -1 ||
	    (what.kind == VAL_OBJ && turn_remember(t, &what, e) == -1))
		return -1;
	if (ask != NULL) {
		if ((key = hand_ask_key(t)) == NULL)
			return err_nomem(e);
		if (memory_set(&t->changes, HAND_ASK, key, ask, e) == -1)
			return -1;
	}
	if (memory_begin(t->memory, &t->changes, e) == -1)
		return -1;
	t->held = true;
	return 0;
}

/* -- running -- */

/* A handler answers, and its person is let in. */
static bool
hand_is_on(const struct job *j)
{
	return j->turn->route.rule->hand != NULL &&
	       j->turn->what == TURN_ANSWER;
}

/* On a worker's thread. */
static void
hand_work(struct work *work)
{
	struct hand_work *w = (struct hand_work *)work;
	const struct rule *r = w->turn.t->route.rule;
	const struct hand *h = r->hand;

	epitaph_event(w->job->event, r->name);
	w->rc = h->kind == HAND_ANSWER ? api_answered(&w->turn) : 0;
	if (w->rc == 0)
		w->rc = h->fn(&w->turn, h->arg);
	if (w->rc == 0 && w->turn.why.kind == ERR_BUG)
		w->rc = WB_RETRY; /* it did not look at every result */
	epitaph_event(0, NULL);
	job_resume(w->job);
}

enum job_next
hand_run(struct job *j)
{
	const struct engine_opts *o = engine_opts(j->en);
	struct err e = ERR_INIT;
	struct hand_work *w;

	if (!hand_is_on(j))
		return JOB_GO;
	if (job_dropped(j) != JOB_GO)
		return JOB_OVER;
	if (turn_recall(j->turn, &e) == -1)
		return steps_cannot(j, &e);
	if ((w = arena_zalloc(j->arena, sizeof *w)) == NULL)
		return job_nomem(j);
	w->work.fn = hand_work;
	w->job = j;
	w->turn.t = j->turn;
	w->turn.bot = o->api;
	if (o->stage == NULL)
		w->turn.wx = o->wx;
	j->hand = w;
	engine_aside(j);
	workers_do(o->workers, &w->work);
	return JOB_WAIT;
}

static enum job_next
hand_failed(struct job *j, const struct hand_work *w)
{
	const char *name = j->turn->route.rule->name;
	const char *why = w->turn.why.kind != ERR_NONE ? w->turn.why.text
			  : w->rc == -1                ? "the handler failed"
			  : w->rc == WB_RETRY
			      ? "the handler asks for another try"
			      : "the handler returned neither 0, 1 nor -1";
	bool again = w->rc == WB_RETRY || w->turn.why.kind == ERR_BUG ||
		     w->turn.why.kind == ERR_TEMP;

	if (!again ||
	    j->item->attempts + 1 >= engine_opts(j->en)->cfg->attempts)
		return steps_dead(
		    j, "%s: %s%s", name, why, again ? " (given up)" : "");
	return job_retry(j,
	    retry_backoff_ms((unsigned)j->item->attempts + 1, HAND_BACKOFF_MS,
		HAND_BACKOFF_MAX_MS, retry_random()),
	    false, "%s: %s", name, why);
}

enum job_next
hand_ran(struct job *j)
{
	struct hand_work *w = j->hand;
	struct err e = ERR_INIT;

	if (!hand_is_on(j))
		return JOB_GO;
	if (w->rc == 0 && hand_remember(j->turn, w->turn.wishes, &e) == -1) {
		w->turn.why = e;
		w->rc = -1;
	}
	if (w->rc != 0)
		return hand_failed(j, w);
	j->change.memos = j->turn->changes.v;
	j->change.nmemos = j->turn->changes.n;
	return JOB_GO; /* the step after it settles the event */
}

void
hand_done(struct job *j)
{
	if (j->hand != NULL)
		json_free(j->hand->turn.wishes);
	j->hand = NULL;
}
