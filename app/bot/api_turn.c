/*
 * What a handler may do with its turn; see webexbot.h.  On the thread of the
 * handler; the engine leaves the job alone meanwhile.
 */
#include "bot/api.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/json.h"
#include "card/card.h"

#define API_TEXT_MAX (256 * 1024)

static const char *
api_text(const char *s)
{
	return s == NULL ? "" : s;
}

/* -- reading -- */

const char *
wb_text(struct wb_turn *turn)
{
	return api_text(turn->t->text);
}

const char *
wb_args(struct wb_turn *turn)
{
	return api_text(turn->t->route.args);
}

const char *
wb_sender(struct wb_turn *turn)
{
	return api_text(turn->t->email);
}

const char *
wb_sender_id(struct wb_turn *turn)
{
	return api_text(turn->t->person_id);
}

const char *
wb_room(struct wb_turn *turn)
{
	return api_text(turn->t->room_id);
}

bool
wb_is_direct(struct wb_turn *turn)
{
	return turn->t->direct;
}

const char *
wb_message(struct wb_turn *turn)
{
	return api_text(turn->t->message_id);
}

const char *
wb_kind(struct wb_turn *turn)
{
	return api_text(turn->t->ev->kind);
}

const char *
wb_card(struct wb_turn *turn)
{
	return turn->t->card;
}

const struct val *
api_data(struct wb_turn *w)
{
	if (!w->has_data && turn_data(w->t, &w->data, &w->why) == -1)
		return NULL;
	w->has_data = true;
	return &w->data;
}

const char *
wb_get(struct wb_turn *turn, const char *path)
{
	const struct val *v = api_data(turn);
	size_t n;

	for (; v != NULL && *path != '\0'; path += n + (path[n] == '.')) {
		n = strcspn(path, ".");
		v = val_member(v, path, n);
	}
	return v == NULL || val_none(v) ? NULL : val_cstr(turn->t->arena, v);
}

const char *
wb_event(struct wb_turn *turn)
{
	return api_text(wb_get(turn, "event"));
}

const char *
wb_inputs(struct wb_turn *turn)
{
	const char *s = wb_get(turn, "inputs");

	return s == NULL ? "{}" : s;
}

static const char *
api_member(struct wb_turn *w, const char *of, const char *name)
{
	const struct val *v = api_data(w);

	if (v == NULL || name == NULL || (v = val_gets(v, of)) == NULL ||
	    v->kind != VAL_OBJ || (v = val_gets(v, name)) == NULL ||
	    val_none(v))
		return NULL;
	return val_cstr(w->t->arena, v);
}

const char *
wb_input(struct wb_turn *turn, const char *id)
{
	return api_member(turn, "inputs", id);
}

const char *
wb_match(struct wb_turn *turn, const char *group)
{
	return api_member(turn, "match", group);
}

/* -- replying -- */

void
wb_to_here(struct wb_turn *turn)
{
	memset(&turn->to, 0, sizeof turn->to);
	turn->thread = false;
}

void
wb_to_thread(struct wb_turn *turn)
{
	wb_to_here(turn);
	turn->thread = true;
}

void
wb_in(struct wb_turn *turn, int seconds)
{
	turn->in = seconds;
}

static int
api_to(
    struct wb_turn *w, const char *what, const char *value, const char **slot)
{
	wb_to_here(w);
	if (value == NULL || *value == '\0')
		return err_set(&w->why, ERR_PERM, "%s: nobody", what);
	*slot = arena_strdup(w->t->arena, value);
	return *slot == NULL ? err_nomem(&w->why) : 0;
}

int
wb_to_room(struct wb_turn *turn, const char *room)
{
	return api_to(turn, "wb_to_room", room, &turn->to.room);
}

int
wb_to_email(struct wb_turn *turn, const char *email)
{
	return api_to(turn, "wb_to_email", email, &turn->to.email);
}

int
wb_edit(struct wb_turn *turn, const char *message)
{
	if (message == NULL || *message == '\0')
		return err_set(&turn->why, ERR_PERM, "wb_edit: no message");
	turn->edit = arena_strdup(turn->t->arena, message);
	return turn->edit == NULL ? err_nomem(&turn->why) : 0;
}

/* Target and message id of a reply, as set before. */
static int
api_target(struct wb_turn *w, struct outbox_post *p)
{
	const struct turn *t = w->t;

	*p = w->to;
	if (p->room == NULL && p->email == NULL) {
		p->room = t->room_id;
		p->parent = t->parent_id != NULL ? t->parent_id
			    : w->thread          ? t->message_id
						 : NULL;
	}
	if (w->in > 0)
		p->at = clk_wall_ms() + w->in * 1000LL;
	p->edit = w->edit;
	w->edit = NULL;
	if (p->email != NULL || (p->room != NULL && *p->room != '\0'))
		return 0;
	return err_set(&w->why, ERR_PERM,
	    "the reply has no room to go to: say wb_to_room or wb_to_email");
}

static int api_said(struct wb_turn *w, bool markdown, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));

static int
api_said(struct wb_turn *w, bool markdown, const char *fmt, va_list ap)
{
	struct outbox_post p;
	struct buf b;
	int rc = -1;

	buf_init(&b, API_TEXT_MAX);
	if (buf_vaddf(&b, fmt, ap) == -1)
		err_set(&w->why, b.nomem ? ERR_BUG : ERR_PERM,
		    "a reply is larger than %d bytes", API_TEXT_MAX);
	else if (b.len == 0)
		err_set(&w->why, ERR_PERM, "a reply without a text");
	else if (api_target(w, &p) == 0) {
		*(markdown ? &p.markdown : &p.text) = buf_str(&b);
		rc = outbox_post(&w->t->out, &p, &w->why);
	}
	buf_done(&b);
	return rc;
}

int
wb_reply_text(struct wb_turn *turn, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = api_said(turn, false, fmt, ap);
	va_end(ap);
	return rc;
}

int
wb_reply_markdown(struct wb_turn *turn, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = api_said(turn, true, fmt, ap);
	va_end(ap);
	return rc;
}

int
wb_reply_card(struct wb_turn *turn, const char *name, const char *data)
{
	struct turn *t = turn->t;
	struct val_obj *o = val_obj_new(t->arena, 1);
	const struct val *all = api_data(turn);
	struct outbox_post p;
	struct val reply, own;

	if (o == NULL || all == NULL)
		return err_nomem(&turn->why);
	if (data != NULL) {
		if (val_parse(t->arena, data, strlen(data), &own, &turn->why) ==
		    -1)
			return err_prefix(
			    &turn->why, "data of card %s: ", api_text(name));
		if (val_puts(t->arena, o, "data", own) == -1)
			return err_nomem(&turn->why);
	}
	reply = val_of(o);
	if (api_target(turn, &p) == -1)
		return -1;
	p.name = api_text(name);
	if (turn_card(t, &reply, all, &p, &turn->why) == -1)
		return -1;
	return outbox_post(&t->out, &p, &turn->why);
}

int
wb_reply_card_json(struct wb_turn *turn, const char *card, const char *text)
{
	struct outbox_post p;
	struct json *j;

	if (card == NULL || (j = json_parse_str(card, &turn->why)) == NULL)
		return err_prefix(&turn->why, "the card: ");
	json_free(j);
	if (api_target(turn, &p) == -1)
		return -1;
	p.card = card;
	p.text = text != NULL && *text != '\0' ? text : "(card)";
	return outbox_post(&turn->t->out, &p, &turn->why);
}

int
wb_delete(struct wb_turn *turn, const char *message)
{
	if (message == NULL || *message == '\0')
		return err_set(&turn->why, ERR_PERM, "wb_delete: no message");
	return outbox_delete(
	    &turn->t->out, turn->t->room_id, message, NULL, 0, &turn->why);
}

/* -- memory -- */

/* The object that holds what is wished for; NULL: memory. */
static struct json *
api_wishes(struct wb_turn *w, const char *scope)
{
	struct json *o;

	if (w->wishes == NULL)
		w->wishes = json_object();
	if ((o = json_get(w->wishes, scope)) == NULL &&
	    json_set(w->wishes, scope, json_object()) == 0)
		o = json_get(w->wishes, scope);
	if (o == NULL)
		err_nomem(&w->why);
	return o;
}

static const char *
api_scope(enum wb_scope scope)
{
	return scope == WB_OF_ROOM ? MEMORY_ROOM : MEMORY_PERSON;
}

const char *
wb_memory_get(struct wb_turn *turn, enum wb_scope scope, const char *key)
{
	const char *where = api_scope(scope);
	const struct json *j;
	struct val v;

	if (key == NULL)
		return NULL;
	j = json_get(json_get(turn->wishes, where), key);
	if (j == NULL)
		j = json_get(json_get(turn->t->memories, where), key);
	if (j == NULL ||
	    val_from_json(turn->t->arena, j, &v, &turn->why) == -1 ||
	    val_none(&v))
		return NULL;
	return arena_strdup(
	    turn->t->arena, api_text(val_cstr(turn->t->arena, &v)));
}

int
wb_memory_set(struct wb_turn *turn, enum wb_scope scope, const char *key,
    const char *value)
{
	struct json *o = api_wishes(turn, api_scope(scope));

	if (o == NULL)
		return -1;
	if (key == NULL || *key == '\0')
		return err_set(&turn->why, ERR_PERM, "memory: no key");
	if (value != NULL && strlen(value) > MEMORY_MAX)
		return err_set(&turn->why, ERR_PERM,
		    "memory: a value over %d bytes", MEMORY_MAX);
	return json_set(o, key,
		   value == NULL ? json_new_null() : json_new_str(value)) == -1
		   ? err_nomem(&turn->why)
		   : 0;
}

/* -- questions -- */

int
wb_ask(struct wb_turn *turn, const char *name, int seconds)
{
	struct json *o;

	if (name == NULL || seconds <= 0)
		return err_set(&turn->why, ERR_PERM,
		    "wb_ask: a name and a time are needed");
	if ((o = api_wishes(turn, "ask")) == NULL)
		return -1;
	if (json_set_str(o, "name", name) == -1 ||
	    json_set_num(
		o, "until", (double)(clk_wall_ms() + seconds * 1000LL)) == -1)
		return err_nomem(&turn->why);
	return 0;
}

int
api_answered(struct wb_turn *w)
{
	return api_wishes(w, "ask") == NULL ? -1 : 0; /* asks nothing */
}

/* -- failing -- */

static void api_fail(struct wb_turn *w, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
api_fail(struct wb_turn *w, const char *fmt, va_list ap)
{
	char text[sizeof w->why.text];

	vsnprintf(text, sizeof text, fmt, ap);
	err_clear(&w->why); /* what the handler says of it counts */
	err_set(&w->why, ERR_PERM, "%s", text);
}

int
wb_fail(struct wb_turn *turn, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	api_fail(turn, fmt, ap);
	va_end(ap);
	return -1;
}

int
wb_fail_retry(struct wb_turn *turn, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	api_fail(turn, fmt, ap);
	va_end(ap);
	return WB_RETRY;
}
