/* Conversations; see ask.h. */
#include "bot/ask.h"

#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/str.h"
#include "base/uni.h"
#include "bot/brain.h"
#include "bot/memory.h"

#define ASK_CANCEL "cancel"
#define ASK_SHOWN 20 /* choices that somebody is told of */
#define ASK_WHY_MAX 4000

static const char *
ask_key(struct turn *t)
{
	return arena_printf(t->arena, "%s %s", t->room_id, t->person_id);
}

/*
 * The rule that asked: of that name, and of several of one name the one at
 * that place.  NULL: the bot file has changed.
 */
static const struct rule *
ask_rule(const struct rules *rs, const struct json *state)
{
	const char *name = json_get_str(state, "rule");
	const char *place = json_get_str(state, "place");
	const struct rule *r, *found = NULL;
	size_t i;

	for (i = 0; i <= rs->n; i++) {
		r = i < rs->n ? &rs->v[i] : &rs->fallback;
		if (r->ask.n == 0 || !str_eq(r->name, name))
			continue;
		if (found == NULL || str_eq(r->place, place))
			found = r;
	}
	return found;
}

static const struct rule_question *
ask_question(const struct rule *r, const char *name)
{
	size_t i;

	for (i = 0; r != NULL && i < r->ask.n; i++)
		if (str_eq(r->ask.v[i].name, name))
			return &r->ask.v[i];
	return NULL;
}

/* Where they stand goes with the event into the store; NULL: nowhere. */
static int
ask_save(struct turn *t, const struct json *state, struct err *e)
{
	const char *key = ask_key(t);

	if (key == NULL)
		return err_nomem(e);
	return memory_set(&t->changes, MEMORY_ASK, key, state, e);
}

int
ask_resume(struct turn *t, struct err *e)
{
	const struct rules *rs = brain_rules(t->brain);
	const struct rule_question *q;
	const struct rule *r;
	const char *key;

	if (!rs->asks || t->memory == NULL || *t->person_id == '\0' ||
	    (t->message == NULL && t->action == NULL))
		return 0;
	if ((key = ask_key(t)) == NULL)
		return err_nomem(e);
	t->ask = memory_get(t->memory, MEMORY_ASK, key, e);
	if (t->ask == NULL)
		return e->kind == ERR_BUG ? -1 : (err_clear(e), 0);
	r = ask_rule(rs, t->ask);
	q = ask_question(r, json_get_str(t->ask, "question"));
	if (q != NULL &&
	    json_num(json_get(t->ask, "until")) > (double)clk_wall_ms() &&
	    (t->message != NULL || str_eq(q->card, t->card))) {
		t->route.rule = r;
		t->route.args = "";
		t->question = q;
		return val_from_json(t->arena, json_get(t->ask, "match"),
			   &t->route.match, e) == -1
			   ? -1
			   : 1;
	}
	/* somebody else's card, a time-out, or a rule that is gone */
	json_free(t->ask);
	t->ask = NULL;
	return 0;
}

/* -- answers -- */

/* In any case. */
static bool
ask_same(const char *a, const char *b)
{
	return uni_ieq(a, strlen(a), b, strlen(b));
}

static bool
ask_cancelled(const struct turn *t)
{
	const struct rule_ask *a = &t->route.rule->ask;
	size_t i;

	if (t->message == NULL)
		return false;
	for (i = 0; i < a->ncancel; i++)
		if (ask_same(a->cancel[i], t->text))
			return true;
	return a->ncancel == 0 && ask_same(ASK_CANCEL, t->text);
}

/* The choice that was meant, as it is written; NULL: none of them. */
static const char *
ask_choice(const struct rule_question *q, const char *text)
{
	size_t i;

	for (i = 0; i < q->nchoices; i++)
		if (ask_same(q->choices[i], text))
			return q->choices[i];
	return NULL;
}

/* What may be answered, for the person, unless it is too much; 0 or -1. */
static int
ask_say_choices(struct turn *t, const struct rule_question *q, struct err *e)
{
	struct buf b;
	size_t i;
	int rc = 0;

	buf_init(&b, ASK_WHY_MAX);
	for (i = 0; i < q->nchoices && i < ASK_SHOWN; i++)
		buf_addf(&b, "%s%s", i == 0 ? "Please answer one of: " : ", ",
		    q->choices[i]);
	if (i < q->nchoices)
		buf_adds(&b, ", ...");
	if (b.nomem || (!b.failed && (t->why = arena_strdup(
					  t->arena, buf_str(&b))) == NULL))
		rc = err_nomem(e);
	buf_done(&b);
	return rc;
}

/* A text as the question wants it: 1, 0 with t->why, -1. */
static int
ask_read_text(struct turn *t, const struct rule_question *q, struct val *out,
    struct err *e)
{
	const char *choice;
	struct err slow = ERR_INIT;

	if (q->card != NULL) {
		t->why = arena_printf(t->arena,
		    "Please fill in the card, or say %s.",
		    t->route.rule->ask.ncancel > 0
			? t->route.rule->ask.cancel[0]
			: ASK_CANCEL);
		return t->why == NULL ? err_nomem(e) : 0;
	}
	if (!usage_value((enum usage_type)q->type, t->text, out)) {
		t->why = arena_printf(
		    t->arena, "That must be %s.", usage_wants[q->type]);
		return t->why == NULL ? err_nomem(e) : 0;
	}
	if (q->nchoices > 0) {
		if ((choice = ask_choice(q, t->text)) == NULL)
			return ask_say_choices(t, q, e);
		*out = val_str(choice);
	}
	/* a pattern that takes too long is one that does not match */
	return q->re == NULL || re_match(q->re, t->text, strlen(t->text), true,
				    NULL, 0, &slow) == 1;
}

/* Take what was said as the answer, if it passes: 1, 0, -1. */
static int
ask_take(struct turn *t, struct err *e)
{
	const struct rule_question *q = t->question;
	struct json *answers = json_get(t->ask, "answers");
	struct val v, data;
	int rc = 1;

	if (t->message != NULL)
		rc = ask_read_text(t, q, &v, e);
	else if (val_from_json(
		     t->arena, json_get(t->action, "inputs"), &v, e) == -1)
		return -1;
	if (rc != 1)
		return rc;
	t->answer = v;
	if (q->check != NULL) {
		if (turn_data(t, &data, e) == -1)
			return -1;
		if ((rc = turn_cond(t, q->check, &data, t->route.rule, e)) != 1)
			return rc;
	}
	return json_set(answers, q->name, val_to_json(&v)) == -1 ? err_nomem(e)
								 : 1;
}

/* -- questions -- */

/* The first one after `q` (NULL: of all) that is to be asked. */
static int
ask_next(struct turn *t, const struct rule_question *q,
    const struct rule_question **out, struct err *e)
{
	const struct rule_ask *a = &t->route.rule->ask;
	size_t i = q == NULL ? 0 : (size_t)(q - a->v) + 1;
	struct val data;
	int rc = 1;

	for (*out = NULL; i < a->n; i++) {
		if (a->v[i].when != NULL) {
			if (turn_data(t, &data, e) == -1)
				return -1;
			rc =
			    turn_cond(t, a->v[i].when, &data, t->route.rule, e);
			if (rc == -1)
				return -1;
			if (rc == 0)
				continue;
		}
		*out = &a->v[i];
		return 0;
	}
	return 0;
}

static int
ask_pose(struct turn *t, const struct rule_question *q, struct err *e)
{
	int64_t until = clk_wall_ms() + t->route.rule->ask.timeout_ms;

	if (json_set_str(t->ask, "question", q->name) == -1 ||
	    json_set_num(t->ask, "until", (double)until) == -1)
		return err_nomem(e);
	return ask_save(t, t->ask, e);
}

static int
ask_begin(struct turn *t, struct err *e)
{
	t->ask = json_object();
	if (json_set_str(t->ask, "rule", t->route.rule->name) == -1 ||
	    json_set_str(t->ask, "place", t->route.rule->place) == -1 ||
	    json_set(t->ask, "answers", json_object()) == -1 ||
	    json_set(t->ask, "match", val_to_json(&t->route.match)) == -1)
		return err_nomem(e);
	return 0;
}

static int
ask_answered(struct turn *t, struct err *e)
{
	const struct rule *r = t->route.rule;
	int rc;

	if (ask_cancelled(t)) {
		t->what = TURN_CANCEL;
		t->says = &r->ask.cancelled;
		return ask_save(t, NULL, e);
	}
	if ((rc = ask_take(t, e)) != 0)
		return rc;
	t->what = TURN_AGAIN;
	t->says = &t->question->again;
	return ask_pose(t, t->question, e);
}

int
ask_go(struct turn *t, struct err *e)
{
	const struct rule_question *next;
	bool open = t->ask != NULL;

	if (t->route.rule->ask.n == 0 || t->memory == NULL)
		return 0;
	if ((open ? ask_answered(t, e) : ask_begin(t, e)) == -1)
		return -1;
	if (t->what != TURN_ANSWER)
		return 0;
	if (ask_next(t, t->question, &next, e) == -1)
		return -1;
	if ((t->question = next) == NULL)
		return open ? ask_save(t, NULL, e) : 0;
	t->what = TURN_ASK;
	t->says = &next->says;
	return ask_pose(t, next, e);
}
