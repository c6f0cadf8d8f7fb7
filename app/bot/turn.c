/* What a turn reads and answers; see turn.h.  The engine's thread. */
#include "bot/turn.h"

#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "base/when.h"
#include "bot/submits.h"
#include "bot/trigger.h"
#include "card/card.h"

#define TURN_TEXT_MAX (256 * 1024)
#define TURN_CARD_MAX (256 * 1024)

void
turn_free(struct turn *t)
{
	if (t == NULL)
		return;
	json_free(t->message);
	json_free(t->action);
	json_free(t->person);
	json_free(t->room);
	json_free(t->notice);
	json_free(t->files);
	json_free(t->called);
	json_free(t->memories);
	json_free(t->retired);
	json_free(t->ask);
	if (t->held)
		memory_end(t->memory, &t->changes);
	brain_unref(t->brain);
	/* the turn itself is the arena's */
}

static bool
turn_reads(const struct turn *t, unsigned what)
{
	const struct rules *rs = brain_rules(t->brain);
	const struct rule *r = t->route.rule;

	return ((rs->reads_first | rs->reads_refuse |
		    (r == NULL ? 0 : r->reads)) &
		   what) != 0;
}

static int
turn_put(struct turn *t, struct val_obj *o, const char *name,
    const struct json *j, struct err *e)
{
	struct val v;

	if (j == NULL)
		return 0;
	if (val_from_json(t->arena, j, &v, e) == -1)
		return -1;
	return val_puts(t->arena, o, name, v) == -1 ? err_nomem(e) : 0;
}

static int
turn_put_event(struct turn *t, struct val_obj *o, struct err *e)
{
	struct err why = ERR_INIT;
	const struct json *body;

	if (!turn_reads(t, READS_EVENT))
		return 0;
	body = event_body(t->ev, &why);
	if (body == NULL && why.kind == ERR_BUG)
		return err_nomem(e);
	return turn_put(t, o, "event", body, e);
}

/* Where a person was not fetched, what the notification tells of them. */
static int
turn_put_person(struct turn *t, struct val_obj *o, struct err *e)
{
	struct val_obj *p;
	struct val *email;

	if (t->person != NULL)
		return turn_put(t, o, "person", t->person, e);
	p = val_obj_new(t->arena, 4);
	email = arena_alloc(t->arena, sizeof *email);
	if (p == NULL || email == NULL)
		return err_nomem(e);
	*email = val_str(t->email);
	if (val_puts(t->arena, p, "id", val_str(t->person_id)) == -1 ||
	    val_puts(t->arena, p, "emails", val_list(email, 1)) == -1 ||
	    val_puts(t->arena, p, "displayName", *email) == -1 ||
	    val_puts(t->arena, o, "person", val_of(p)) == -1)
		return err_nomem(e);
	return 0;
}

static int
turn_put_room(struct turn *t, struct val_obj *o, struct err *e)
{
	struct val_obj *r;

	if (t->room != NULL)
		return turn_put(t, o, "room", t->room, e);
	if ((r = val_obj_new(t->arena, 2)) == NULL ||
	    val_puts(t->arena, r, "id", val_str(t->room_id)) == -1 ||
	    val_puts(t->arena, r, "type",
		val_str(t->direct ? "direct" : "group")) == -1 ||
	    val_puts(t->arena, o, "room", val_of(r)) == -1)
		return err_nomem(e);
	return 0;
}

static int
turn_put_memory(struct turn *t, struct val_obj *o, struct err *e)
{
	if (turn_reads(t, READS_MEMORY) && turn_recall(t, e) == -1)
		return -1;
	if (turn_put(t, o, "memory", t->memories, e) == -1)
		return -1;
	return turn_put(t, o, "answers", json_get(t->ask, "answers"), e);
}

int
turn_data(struct turn *t, struct val *out, struct err *e)
{
	struct val_obj *o = val_obj_new(t->arena, 16);

	if (o == NULL)
		return err_nomem(e);
	if (turn_put_event(t, o, e) == -1 ||
	    turn_put(t, o, "notice", t->notice, e) == -1 ||
	    turn_put(t, o, "message", t->message, e) == -1 ||
	    turn_put(t, o, "action", t->action, e) == -1 ||
	    turn_put(t, o, "inputs", json_get(t->action, "inputs"), e) == -1 ||
	    turn_put_person(t, o, e) == -1 || turn_put_room(t, o, e) == -1 ||
	    turn_put(t, o, "files", t->files, e) == -1 ||
	    turn_put(t, o, "call", t->called, e) == -1 ||
	    turn_put(t, o, "bot", t->self->json, e) == -1)
		return -1;
	if (turn_put_memory(t, o, e) == -1)
		return -1;
	if (val_puts(t->arena, o, "hasFiles",
		val_bool(json_first(json_get(t->message, "files")) != NULL)) ==
		-1 ||
	    val_puts(t->arena, o, "match", t->route.match) == -1 ||
	    (t->submit.kind != VAL_MISSING &&
		val_puts(t->arena, o, "submit", t->submit) == -1) ||
	    (t->answer.kind != VAL_MISSING &&
		val_puts(t->arena, o, "answer", t->answer) == -1))
		return err_nomem(e);
	*out = val_of(o);
	return 0;
}

int
turn_cond(struct turn *t, const struct tpl *cond, const struct val *data,
    const struct rule *r, struct err *e)
{
	struct err why = ERR_INIT;
	int rc;

	rc = tpl_test(cond, data, NULL, clk_wall_ms(), t->arena, &why);
	if (rc == -1 && why.kind == ERR_BUG)
		return err_nomem(e);
	if (rc == -1)
		log_warn("bot.json%s: a condition: %s, taken as no", r->place,
		    why.text);
	return rc == 1;
}

int
turn_test(void *arg, const struct rule *r, const struct route *m, struct err *e)
{
	struct turn *t = arg;
	struct val data;

	t->route = *m;
	t->route.rule = r;
	if (turn_data(t, &data, e) == -1)
		return -1;
	return turn_cond(t, r->when, &data, r, e);
}

/* -- reading a rendered reply -- */

/*
 * A member as text: numbers and the like in their shortest form, objects as
 * JSON.  NULL in *out: not there.
 */
static int
turn_text(struct turn *t, const struct val *reply, const char *name,
    const char **out, struct err *e)
{
	const struct val *v = val_gets(reply, name);

	*out = NULL;
	if (v == NULL || val_none(v))
		return 0;
	*out = val_cstr(t->arena, v);
	return *out == NULL ? err_nomem(e) : 0;
}

static bool
turn_flag(const struct val *reply, const char *name)
{
	const struct val *v = val_gets(reply, name);

	return v != NULL &&
	       ((v->kind == VAL_BOOL && v->b) || val_is(v, "true"));
}

static int
turn_target(struct turn *t, const struct val *reply, struct outbox_post *p,
    struct err *e)
{
	const struct val *to = val_gets(reply, "to");

	if (to == NULL || to->kind != VAL_OBJ) {
		p->room = t->room_id;
		p->parent = t->parent_id != NULL         ? t->parent_id
			    : turn_flag(reply, "thread") ? t->message_id
							 : NULL;
		if (*p->room != '\0')
			return 0;
		return err_set(e, ERR_PERM,
		    "the reply has no room to go to: name one with to");
	}
	if (turn_text(t, to, "roomId", &p->room, e) == -1 ||
	    turn_text(t, to, "toPersonId", &p->person, e) == -1 ||
	    turn_text(t, to, "toPersonEmail", &p->email, e) == -1)
		return -1;
	if ((p->room != NULL) + (p->person != NULL) + (p->email != NULL) == 1)
		return 0;
	return err_set(e, ERR_PERM, "to names no target");
}

/* Its text may quote what somebody said, and so is not for the log. */
static const struct problem *
turn_first_error(const struct problems *ps)
{
	size_t i;

	for (i = 0; i < ps->n; i++)
		if (!ps->v[i].warning)
			return &ps->v[i];
	return NULL;
}

/*
 * Render the card of a reply.  What is wrong with it never reaches Webex:
 * the text beside it goes out, or its fallback text.
 */
int
turn_card(struct turn *t, const struct val *reply, const struct val *data,
    struct outbox_post *p, struct err *e)
{
	const struct val *own = val_gets(reply, "data");
	struct cards *cards = brain_cards(t->brain);
	struct problems ps = PROBLEMS_INIT;
	struct err why = ERR_INIT;
	const struct problem *first;
	const struct card *card;
	struct val v;
	struct buf b;
	int rc = 0;

	if ((card = cards_find(cards, p->name)) == NULL)
		return err_set(e, ERR_PERM, "card %s: no such card", p->name);
	buf_init(&b, TURN_CARD_MAX);
	if (card_render(card, own != NULL ? own : data, clk_wall_ms(), t->arena,
		&v, &ps, &why) == -1 ||
	    ps.errors > 0 || val_print(&v, &b) == -1) {
		stat_inc(STAT_cards_failed);
		first = turn_first_error(&ps);
		log_warn("card %s: %s%s%s: sending its text", p->name,
		    why.kind != ERR_NONE ? why.text
		    : first != NULL      ? first->code
					 : "larger than 256 KiB",
		    why.kind != ERR_NONE || first == NULL ? "" : " at ",
		    why.kind != ERR_NONE || first == NULL ? "" : first->path);
		if (p->text == NULL && p->markdown == NULL &&
		    (p->text = card_fallback(card, &v, t->arena)) == NULL)
			rc = err_nomem(e);
		p->name = NULL;
	} else {
		p->card = arena_strndup(t->arena, b.p, b.len);
		if (p->text == NULL && p->markdown == NULL)
			p->text = card_fallback(card, &v, t->arena);
		if (p->card == NULL || (p->text == NULL && p->markdown == NULL))
			rc = err_nomem(e);
	}
	problems_done(&ps);
	buf_done(&b);
	return rc;
}

/*
 * `delete`: true is the card that was submitted, else the name of a former
 * reply where this one goes.
 */
static int
turn_delete(struct turn *t, const struct val *reply,
    const struct outbox_post *p, size_t after, struct err *e)
{
	const char *name;

	if (turn_text(t, reply, "delete", &name, e) == -1)
		return -1;
	if (name == NULL || str_eq(name, "false") || *name == '\0')
		return 0;
	if (!turn_flag(reply, "delete"))
		return outbox_delete(&t->out,
		    p->room != NULL     ? p->room
		    : p->person != NULL ? p->person
					: p->email,
		    NULL, name, after, p->at, e);
	if (t->action == NULL)
		return 0;
	return outbox_delete(
	    &t->out, t->room_id, t->message_id, NULL, after, p->at, e);
}

/* `file`: an address is fetched by Webex, a name is one of our folder. */
static int
turn_file(struct turn *t, const struct val *reply, struct outbox_post *p,
    struct err *e)
{
	const char *s;

	if (turn_text(t, reply, "file", &s, e) == -1)
		return -1;
	if (s == NULL || *s == '\0')
		return 0;
	if (str_prefix(s, "https://") || str_prefix(s, "http://"))
		p->file_url = s;
	else if (rules_file_ok(s))
		p->file = s;
	else
		return err_set(
		    e, ERR_PERM, "file: no name of a file in the cards folder");
	return 0;
}

static int
turn_post(struct turn *t, const struct val *reply, const struct val *data,
    struct outbox_post *p, struct err *e)
{
	bool submitted = t->action != NULL;
	size_t first = t->out.n;

	if (p->name != NULL && turn_card(t, reply, data, p, e) == -1)
		return -1;
	if (p->text == NULL && p->markdown == NULL && p->file == NULL &&
	    p->file_url == NULL)
		return turn_delete(t, reply, p, 0, e); /* nothing to say */
	if (turn_flag(reply, "edit"))
		p->edit = submitted ? t->message_id : NULL;
	else if (turn_text(t, reply, "edit", &p->edit_as, e) == -1)
		return -1;
	if (str_eq(p->edit_as, "false"))
		p->edit_as = NULL;
	/* the new one first: nobody is left without */
	if (outbox_post(&t->out, p, e) == -1 ||
	    turn_delete(t, reply, p, t->out.n - first, e) == -1)
		return -1;
	if (turn_flag(reply, "replace") && submitted && p->edit == NULL)
		return outbox_delete(&t->out, t->room_id, t->message_id, NULL,
		    t->out.n - first, p->at, e);
	return 0;
}

/* `code`: a value as a JSON code block below the markdown. */
static int
turn_code(struct turn *t, const struct val *reply, struct outbox_post *p,
    struct err *e)
{
	const struct val *v = val_gets(reply, "code");
	struct buf b;
	int rc = 0;

	if (v == NULL || val_none(v))
		return 0;
	buf_init(&b, TURN_TEXT_MAX);
	if (p->markdown != NULL && *p->markdown != '\0')
		buf_addf(&b, "%s\n\n", p->markdown);
	buf_adds(&b, "```json\n");
	if (val_print_pretty(v, &b) == -1 && !b.failed)
		rc = err_set(e, ERR_PERM, "code is nested too deep");
	buf_adds(&b, "\n```");
	if (rc == 0 && (rc = buf_check(&b, "code", e)) == 0 &&
	    (p->markdown = arena_strndup(t->arena, b.p, b.len)) == NULL)
		rc = err_nomem(e);
	buf_done(&b);
	return rc;
}

/* `at`: not now, but then. */
static int
turn_at(struct turn *t, const struct val *reply, struct outbox_post *p,
    struct err *e)
{
	const char *at;

	if (turn_text(t, reply, "at", &at, e) == -1)
		return -1;
	if (at == NULL || *at == '\0')
		return 0;
	return when_parse(at, clk_wall_ms(), &p->at, e) == -1
		   ? err_prefix(e, "at: ")
		   : 0;
}

/*
 * Add a rendered reply (an object as in bot.json) to the outbox.  A card is
 * rendered with `data` unless the reply brings its own.
 */
static int
turn_reply(struct turn *t, const struct val *reply, const struct val *data,
    struct err *e)
{
	struct outbox_post p = {0};
	bool only;

	if (turn_at(t, reply, &p, e) == -1 ||
	    trigger_add(t, reply, p.at, &only, e) == -1)
		return -1;
	if (only)
		return 0;
	if (turn_target(t, reply, &p, e) == -1 ||
	    turn_text(t, reply, "text", &p.text, e) == -1 ||
	    turn_text(t, reply, "markdown", &p.markdown, e) == -1 ||
	    turn_text(t, reply, "card", &p.name, e) == -1 ||
	    turn_text(t, reply, "as", &p.as, e) == -1 ||
	    turn_file(t, reply, &p, e) == -1 ||
	    turn_code(t, reply, &p, e) == -1)
		return -1;
	return turn_post(t, reply, data, &p, e);
}

int
turn_render(struct turn *t, const struct val *data, struct err *e)
{
	const struct rule_says *s = t->says;
	struct val reply;
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		if (tpl_render(s->v[i], data, NULL, clk_wall_ms(), t->arena,
			&reply, NULL, e) == -1)
			return -1;
		/* $data may have made several of it, or none */
		if (reply.kind == VAL_OBJ &&
		    turn_reply(t, &reply, data, e) == -1)
			return -1;
		for (k = 0; reply.kind == VAL_LIST && k < reply.n; k++)
			if (reply.items[k].kind == VAL_OBJ &&
			    turn_reply(t, &reply.items[k], data, e) == -1)
				return -1;
	}
	return 0;
}

/* -- words of our own -- */

int
turn_say_plain(struct turn *t, struct err *e)
{
	const char *usage = t->route.rule->usage == NULL
				? ""
				: usage_text(t->route.rule->usage);
	struct outbox_post p = {0};
	struct val none = val_missing();
	size_t n;

	switch (t->what) {
	case TURN_MISUSE:
		/* markdown would take <name> for a tag */
		n = *t->why == '<' ? strcspn(t->why, ">") + 1 : 0;
		p.markdown = arena_printf(t->arena, "Usage: `%s` (%s%.*s%s%s)",
		    usage, n > 0 ? "`" : "", (int)n, t->why, n > 0 ? "`" : "",
		    t->why + n);
		break;
	case TURN_AGAIN:
		p.text = t->why == NULL ? "Please try again." : t->why;
		break;
	case TURN_CANCEL:
		p.text = "All right, cancelled.";
		break;
	case TURN_INVALID:
	case TURN_GIVEN:
	case TURN_STALE:
		p.text = submits_words(t);
		break;
	default:
		return 0;
	}
	if (p.text == NULL && p.markdown == NULL)
		return err_nomem(e);
	return turn_target(t, &none, &p, e) == -1 ? -1
						  : outbox_post(&t->out, &p, e);
}

/* -- help -- */

static int
turn_help_rules(struct turn *t, const struct rules *rs, struct buf *md,
    struct val_vec *list, struct err *e)
{
	struct val_obj *c;
	size_t i;

	for (i = 0; i < rs->n; i++) {
		const struct rule *r = &rs->v[i];
		const char *shown;

		if (!rule_is_command(r) || *r->help == '\0' ||
		    !route_allowed(&r->access, t->email, t->room_id))
			continue;
		shown = r->usage == NULL ? r->key : usage_text(r->usage);
		buf_addf(md, "- `%s`: %s\n", shown, r->help);
		if ((c = val_obj_new(t->arena, 2)) == NULL ||
		    val_puts(t->arena, c, "command", val_str(shown)) == -1 ||
		    val_puts(t->arena, c, "help", val_str(r->help)) == -1 ||
		    val_push(t->arena, list, val_of(c)) == -1)
			return err_nomem(e);
	}
	return 0;
}

/* The commands with their sentences, as markdown and as data of a card. */
static int
turn_help_list(struct turn *t, const struct rules *api, struct buf *md,
    struct val *data, struct err *e)
{
	const struct rules *rs = brain_rules(t->brain);
	struct val_obj *o = val_obj_new(t->arena, 2);
	struct val_vec list = {NULL, 0, 0};

	buf_addf(md, "**%s** knows:\n", t->self->name);
	if (turn_help_rules(t, api, md, &list, e) == -1 ||
	    turn_help_rules(t, rs, md, &list, e) == -1)
		return -1;
	buf_addf(md, "- `help`: %s\n", rs->help.help);
	if (!t->direct)
		buf_adds(md, "\nIn a space with others, mention me.\n");
	if (buf_check(md, "the list of commands", e) == -1)
		return -1;
	if (o == NULL ||
	    val_puts(t->arena, o, "commands", val_done(&list)) == -1 ||
	    val_puts(t->arena, o, "group", val_bool(!t->direct)) == -1 ||
	    val_puts(t->arena, o, "name", val_str(t->self->name)) == -1)
		return err_nomem(e);
	*data = val_of(o);
	return 0;
}

/* A card named help shows the list when there is one. */
int
turn_help(struct turn *t, const struct rules *api, struct err *e)
{
	struct outbox_post p = {0};
	struct val reply, data;
	struct val_obj *o = val_obj_new(t->arena, 1);
	struct buf md;
	int rc = -1;

	buf_init(&md, TURN_TEXT_MAX);
	if (o == NULL) {
		err_nomem(e);
		goto out;
	}
	reply = val_of(o);
	if (turn_help_list(t, api, &md, &data, e) == -1 ||
	    turn_target(t, &reply, &p, e) == -1)
		goto out;
	p.markdown = buf_str(&md);
	if (cards_find(brain_cards(t->brain), "help") != NULL)
		p.name = "help";
	rc = turn_post(t, &reply, &data, &p, e);
out:
	buf_done(&md);
	return rc;
}
