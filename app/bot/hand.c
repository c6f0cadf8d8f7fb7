/* Handlers from the engine's side; see hand.h. */
#include "bot/hand.h"

#include <string.h>

#include "bot/api.h"
#include "bot/workers.h"
#include "net/retry.h"

#define HAND_BACKOFF_MS 1000
#define HAND_BACKOFF_MAX_MS (5 * 60 * 1000)

/* Stands for "nobody, unless a question is answered". */
static const struct rule hand_nobody = {
    .kind = RULE_FALLBACK, .name = (char *)(uintptr_t) "nobody"};

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

const struct wx_want *
hand_want(const struct wb_bot *bot, size_t i)
{
	/* what Webex tells a bot of, besides what every bot hears */
	static const struct {
		const char *kind;
		struct wx_want want;
	} known[] = {
	    {"memberships.created", {"memberships", "created"}},
	    {"memberships.updated", {"memberships", "updated"}},
	    {"memberships.deleted", {"memberships", "deleted"}},
	    {"messages.updated", {"messages", "updated"}},
	    {"messages.deleted", {"messages", "deleted"}},
	    {"rooms.created", {"rooms", "created"}},
	    {"rooms.updated", {"rooms", "updated"}},
	};
	size_t k;

	for (k = 0; k < sizeof known / sizeof known[0]; k++)
		if (hand_hears(bot, known[k].kind) && i-- == 0)
			return &known[k].want;
	return NULL;
}

void
hand_reads(const struct wb_bot *bot, struct rule *r)
{
	/* a submit names no address: it has to be asked for */
	r->reads_person = bot->person || r->hand->kind == HAND_ACTION;
	r->reads_room = bot->room;
}

int
hand_route(const struct wb_bot *bot, struct turn *t, struct err *e)
{
	const struct rule *r;

	if (bot->rules.n == 0)
		return 0;
	if (t->message != NULL) {
		if (route_text(&bot->rules, t->text, t->arena, &t->route, e) ==
		    -1)
			return -1;
		/* `help` is built in there, but not ours to answer */
		if (t->route.rule != NULL && t->route.rule->hand != NULL)
			return 1;
		t->route.rule = NULL;
		return 0;
	}
	r = t->action != NULL
		? hand_find(bot, HAND_ACTION, t->card == NULL ? "" : t->card)
		: hand_find(bot, HAND_EVENT, t->ev->kind);
	if (r == NULL)
		return 0;
	if (route_action(&bot->rules, NULL, t->arena, &t->route, e) == -1)
		return -1;
	t->route.rule = r;
	return 1;
}

int
hand_route_rest(const struct wb_bot *bot, struct turn *t, struct err *e)
{
	const struct rule *r = t->route.rule;

	(void)e;
	if (t->message == NULL || (r != NULL && r->kind != RULE_FALLBACK))
		return 0;
	if ((r = hand_find(bot, HAND_FALLBACK, "")) != NULL)
		t->route.rule = r;
	else if (t->route.rule == NULL && hand_any(bot, HAND_ANSWER))
		t->route.rule = &hand_nobody;
	return 0;
}

enum job_next
hand_asked(struct job *j)
{
	const struct engine_opts *o = engine_opts(j->en);
	struct turn *t = j->turn;
	const struct rule *r = NULL;
	const char *name;

	if (t->message != NULL && hand_any(o->api, HAND_ANSWER) &&
	    (name = api_asked(t, o->q)) != NULL &&
	    (r = hand_find(o->api, HAND_ANSWER, name)) != NULL) {
		t->route.rule = r;
		t->route.args = t->text;
		j->change.rule = r->name;
	}
	if (t->route.rule != &hand_nobody)
		return JOB_GO;
	j->change.to = EVQ_DONE;
	j->change.reason = "no rule fits";
	j->change.rule = NULL;
	return job_settle(j);
}

/* -- running -- */

/* On a worker's thread. */
static void
hand_work(struct work *work)
{
	struct hand_work *w = (struct hand_work *)work;
	const struct hand *h = w->turn.t->route.rule->hand;

	w->rc = h->kind == HAND_ANSWER ? api_answered(&w->turn) : 0;
	if (w->rc == 0)
		w->rc = h->fn(&w->turn, h->arg);
	job_resume(w->job);
}

enum job_next
hand_run(struct job *j)
{
	const struct engine_opts *o = engine_opts(j->en);
	struct hand_work *w;

	if (j->turn->route.rule->hand == NULL)
		return JOB_GO;
	if ((w = arena_zalloc(j->arena, sizeof *w)) == NULL)
		return job_retry(j, 1000, true, "out of memory");
	w->work.fn = hand_work;
	w->job = j;
	w->turn.t = j->turn;
	w->turn.q = o->q;
	j->hand = w;
	workers_do(o->workers, &w->work);
	return JOB_WAIT;
}

static enum job_next
hand_failed(struct job *j, const struct hand_work *w)
{
	const char *name = j->turn->route.rule->name;
	const char *why = w->turn.why.kind == ERR_NONE ? "the handler failed"
						       : w->turn.why.text;
	bool again = w->rc == WB_RETRY || w->turn.why.kind == ERR_BUG;

	if (!again ||
	    j->item->attempts + 1 >= engine_opts(j->en)->cfg->attempts)
		return job_dead(
		    j, "%s: %s%s", name, why, again ? " (given up)" : "");
	return job_retry(j,
	    retry_backoff_ms((unsigned)j->item->attempts + 1, HAND_BACKOFF_MS,
		HAND_BACKOFF_MAX_MS, retry_random()),
	    false, "%s: %s", name, why);
}

enum job_next
hand_ran(struct job *j)
{
	const struct hand_work *w = j->hand;

	if (j->turn->route.rule->hand == NULL)
		return JOB_GO;
	if (w->rc != 0)
		return hand_failed(j, w);
	j->change.to = EVQ_DONE;
	j->change.replies = j->turn->out.v;
	j->change.nreplies = j->turn->out.n;
	j->change.memos = w->turn.memos;
	j->change.nmemos = w->turn.nmemos;
	return job_settle(j);
}
