/* Submits held against the cards that were sent; see submits.h. */
#include "bot/submits.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/stat.h"
#include "base/str.h"
#include "bot/memory.h"
#include "card/submit.h"

#define SUBMITS_TOLD 10 /* problems in the built-in answer */
#define SUBMITS_TEXT_MAX 8192

/* -- which card it was -- */

static int
submits_read(struct turn *t, const char *content, struct err *e)
{
	const struct val *card, *parent;
	struct val v;

	if (val_parse(t->arena, content, strlen(content), &v, e) == -1) {
		if (e->kind == ERR_BUG)
			return -1;
		err_clear(e); /* damaged: nothing to hold it against */
		return 0;
	}
	if ((card = val_gets(&v, "card")) != NULL)
		t->sent = *card;
	parent = val_gets(&v, "parentId");
	if (parent == NULL || parent->kind != VAL_TEXT)
		return 0;
	t->parent_id = arena_strndup(t->arena, parent->s, parent->n);
	return t->parent_id == NULL ? err_nomem(e) : 0;
}

int
submits_recall(struct turn *t, struct evq *q, struct err *e)
{
	char *content = NULL, *name;
	int rc = 0;

	if ((name = evq_card(q, t->message_id, &content)) == NULL)
		return 0;
	if ((t->card = arena_strdup(t->arena, name)) == NULL)
		rc = err_nomem(e);
	else if (content != NULL && *content != '\0')
		rc = submits_read(t, content, e);
	free(content);
	free(name);
	return rc;
}

/* -- once -- */

/* Goes with the card's row: evq_sqlite.c prunes by that name. */
static const char *
submits_scope(struct turn *t)
{
	return arena_printf(t->arena, "once %s", t->message_id);
}

/* A message may come to show another card: that is another form. */
static const char *
submits_key(struct turn *t)
{
	return arena_printf(t->arena, "%s %s", t->person_id, t->card);
}

/*
 * 1: this person has answered, 0: not yet, -1: memory.  The same submit, played
 * again (`events replay`), is the one that has.
 */
static int
submits_given(struct turn *t, struct err *e)
{
	const char *scope = submits_scope(t), *key = submits_key(t);
	struct json *given;
	bool again;

	if (scope == NULL || key == NULL)
		return err_nomem(e);
	given = memory_get(t->memory, scope, key, e);
	if (given == NULL && e->kind != ERR_NONE)
		return -1;
	again = str_eq(json_get_str(given, "by"), t->ev->id);
	json_free(given);
	return given != NULL && !again;
}

static bool
submits_once(const struct turn *t)
{
	return t->action != NULL && t->memory != NULL && t->route.rule->once;
}

int
submits_use_up(struct turn *t, struct err *e)
{
	const char *scope, *key;
	struct json *given;
	int rc;

	if (!submits_once(t) || (t->what != TURN_ANSWER && t->what != TURN_ASK))
		return 0;
	scope = submits_scope(t);
	key = submits_key(t);
	given = json_object();
	if (scope == NULL || key == NULL ||
	    json_set_str(given, "by", t->ev->id) == -1)
		rc = err_nomem(e);
	else
		rc = memory_set(&t->changes, scope, key, given, e);
	json_free(given);
	return rc;
}

/* -- refusing -- */

void
submits_stale(struct turn *t)
{
	static char name[] = "a card that is not known";
	static const struct rule stale = {.kind = RULE_ACTION, .name = name};
	const struct rules *rs = brain_rules(t->brain);
	size_t i;

	for (i = 0; i < rs->n; i++)
		if (rs->v[i].kind == RULE_ACTION) {
			t->route.rule = &stale;
			t->what = TURN_STALE;
			return;
		}
}

/* What is wrong, for templates: submit.problems. */
static int
submits_tell(struct turn *t, const struct problems *ps, struct err *e)
{
	struct val_obj *o = val_obj_new(t->arena, 1), *p;
	struct val_vec list = {NULL, 0, 0};
	const char *id, *text;
	size_t i;

	for (i = 0; i < ps->n && o != NULL; i++) {
		id = arena_strdup(
		    t->arena, ps->v[i].path + (*ps->v[i].path == '/'));
		text = arena_strdup(t->arena, ps->v[i].text);
		if (id == NULL || text == NULL ||
		    (p = val_obj_new(t->arena, 3)) == NULL ||
		    val_puts(t->arena, p, "id", val_str(id)) == -1 ||
		    val_puts(t->arena, p, "code", val_str(ps->v[i].code)) ==
			-1 ||
		    val_puts(t->arena, p, "text", val_str(text)) == -1 ||
		    val_push(t->arena, &list, val_of(p)) == -1)
			return err_nomem(e);
	}
	if (o == NULL ||
	    val_puts(t->arena, o, "problems", val_done(&list)) == -1)
		return err_nomem(e);
	t->submit = val_of(o);
	return 0;
}

static int
submits_refuse(struct turn *t, const struct problems *ps, const char **reason,
    struct err *e)
{
	stat_inc(STAT_submits_invalid);
	*reason =
	    arena_printf(t->arena, "the submit does not fit its card: %s%s",
		ps->v[0].code, ps->errors > 1 ? " and more" : "");
	t->what = TURN_INVALID;
	t->says = &t->route.rule->invalid;
	return *reason == NULL ? err_nomem(e) : submits_tell(t, ps, e);
}

/* An action without inputs has none that are filled in. */
static int
submits_inputs(struct turn *t, struct val *out, struct err *e)
{
	const struct json *inputs = json_get(t->action, "inputs");
	const struct val_obj *none;

	if (inputs != NULL)
		return val_from_json(t->arena, inputs, out, e);
	if ((none = val_obj_new(t->arena, 0)) == NULL)
		return err_nomem(e);
	*out = val_of(none);
	return 0;
}

static int
submits_hold(struct turn *t, const char **reason, struct err *e)
{
	struct problems ps = PROBLEMS_INIT;
	struct val inputs;
	int rc = -1;

	if (submits_inputs(t, &inputs, e) == 0 &&
	    submit_check(&t->sent, &inputs, &ps, e) == 0)
		rc = ps.errors == 0 ? 0 : submits_refuse(t, &ps, reason, e);
	problems_done(&ps);
	return rc;
}

int
submits_check(struct turn *t, const char **reason, struct err *e)
{
	int given = 0;

	if (t->what == TURN_STALE) {
		stat_inc(STAT_submits_stale);
		*reason = "a submit of a card we do not know";
		return 0;
	}
	if (submits_once(t) && (given = submits_given(t, e)) == -1)
		return -1;
	if (given == 1) {
		stat_inc(STAT_submits_again);
		*reason = "submitted before";
		t->what = TURN_GIVEN;
		t->says = &t->route.rule->again;
		return 0;
	}
	return t->sent.kind == VAL_OBJ ? submits_hold(t, reason, e) : 0;
}

/* -- the built-in answers -- */

static void
submits_list(const struct turn *t, struct buf *out)
{
	const struct val *list = val_gets(&t->submit, "problems"), *text;
	uint32_t i;

	buf_adds(out, "This was not taken. Please correct it and send it "
		      "again:");
	for (i = 0; list != NULL && i < list->n && i < SUBMITS_TOLD; i++) {
		text = val_gets(&list->items[i], "text");
		buf_addf(out, "\n- %.*s", (int)text->n, text->s);
	}
}

const char *
submits_words(struct turn *t)
{
	const char *text = NULL;
	struct buf b;

	if (t->what == TURN_GIVEN)
		return "You have answered this already.";
	if (t->what == TURN_STALE)
		return "This card is no longer valid. Please ask for a new "
		       "one.";
	buf_init(&b, SUBMITS_TEXT_MAX);
	submits_list(t, &b);
	if (!b.nomem)
		text = arena_strdup(t->arena, buf_str(&b));
	buf_done(&b);
	return text;
}
