/* Submits held against the cards that were sent; see submits.h. */
#include "bot/submits.h"

#include <stdlib.h>
#include <string.h>

#include "base/stat.h"
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

/* Whose memo goes with the card's (evq_sqlite.c prunes by that name). */
static const char *
submits_scope(const struct turn *t)
{
	return arena_printf(t->arena, "once %s", t->message_id);
}

/* A message may come to show another card: that is another form. */
static const char *
submits_key(const struct turn *t)
{
	return arena_printf(t->arena, "%s %s", t->person_id, t->card);
}

/* 1: this person has answered, 0: not yet, -1: memory. */
static int
submits_given(struct turn *t, struct evq *q, struct err *e)
{
	const char *scope = submits_scope(t), *key = submits_key(t);
	char *value;

	if (scope == NULL || key == NULL)
		return err_nomem(e);
	value = evq_memory(q, scope, key);
	free(value);
	return value != NULL;
}

int
submits_settle(struct turn *t, struct evq_change *c, struct err *e)
{
	struct evq_memo *m;

	if (t->action == NULL || t->refused != NULL || !t->route.rule->once)
		return 0;
	if ((m = arena_alloc(t->arena, sizeof *m)) == NULL)
		return err_nomem(e);
	*m = (struct evq_memo){submits_scope(t), submits_key(t), "1"};
	if (m->scope == NULL || m->key == NULL)
		return err_nomem(e);
	c->memos = m;
	c->nmemos = 1;
	return 0;
}

/* -- refusing -- */

/* The author's row for such refusals of this card; else `t`'s is kept. */
static void
submits_use_row(struct turn *t, enum rule_kind kind)
{
	static char invalid[] = "invalid submit", again[] = "submit again";
	static const struct rule none[] = {
	    {.kind = RULE_INVALID, .name = invalid},
	    {.kind = RULE_AGAIN, .name = again},
	};
	const struct rules *rs = brain_rules(t->brain);
	size_t i;

	t->route.rule = &none[kind == RULE_AGAIN];
	for (i = 0; i < rs->n; i++)
		if (rs->v[i].kind == kind &&
		    strcmp(rs->v[i].key, t->card) == 0) {
			t->route.rule = &rs->v[i];
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

/* 0: it fits, or is refused; -1: memory. */
static int
submits_hold(struct turn *t, struct err *e)
{
	struct problems ps = PROBLEMS_INIT;
	struct val inputs;
	int rc = -1;

	if (submits_inputs(t, &inputs, e) == -1)
		return -1;
	if (submit_check(&t->sent, &inputs, &ps, e) == -1)
		goto out;
	rc = 0;
	if (ps.errors > 0) {
		stat_inc(STAT_submits_invalid);
		t->refused = arena_printf(t->arena,
		    "the submit does not fit its card: %s%s", ps.v[0].code,
		    ps.errors > 1 ? " and more" : "");
		submits_use_row(t, RULE_INVALID);
		rc =
		    t->refused == NULL ? err_nomem(e) : submits_tell(t, &ps, e);
	}
out:
	problems_done(&ps);
	return rc;
}

int
submits_check(struct turn *t, struct evq *q, struct err *e)
{
	int given;

	if (t->route.rule->kind == RULE_STALE) {
		stat_inc(STAT_submits_stale);
		t->refused = "a submit of a card we do not know";
		return 0;
	}
	if (t->route.rule->once) {
		if ((given = submits_given(t, q, e)) == -1)
			return -1;
		if (given == 1) {
			stat_inc(STAT_submits_again);
			t->refused = "submitted before";
			submits_use_row(t, RULE_AGAIN);
			return 0;
		}
	}
	return t->sent.kind == VAL_OBJ ? submits_hold(t, e) : 0;
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

int
submits_answer(struct turn *t, struct err *e)
{
	struct val_obj *o = val_obj_new(t->arena, 1);
	struct val reply;
	const char *text;
	struct buf b;
	int rc = -1;

	buf_init(&b, SUBMITS_TEXT_MAX);
	if (t->route.rule->kind == RULE_AGAIN)
		buf_adds(&b, "You have answered this already.");
	else if (t->route.rule->kind == RULE_STALE)
		buf_adds(&b, "This card is no longer valid. Please ask for a "
			     "new one.");
	else
		submits_list(t, &b);
	text = arena_strdup(t->arena, buf_str(&b));
	if (o == NULL || text == NULL || b.nomem ||
	    val_puts(t->arena, o, "text", val_str(text)) == -1) {
		err_nomem(e);
	} else {
		reply = val_of(o);
		rc = turn_reply(t, &reply, &reply, e);
	}
	buf_done(&b);
	return rc;
}
