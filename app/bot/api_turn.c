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
#include "base/str.h"
#include "bot/hand.h"
#include "card/card.h"
#include "card/check.h"

#define API_TEXT_MAX (256 * 1024)

static const char *
api_text(const char *s)
{
	return s == NULL ? "" : s;
}

struct err
api_begin(struct wb_turn *w)
{
	struct err was = w->why;

	err_clear(&w->why);
	return was;
}

/* Who does not look at results is tried again where memory was out. */
int
api_end(struct wb_turn *w, const struct err *was, int rc)
{
	if (rc == 0 || was->kind == ERR_BUG)
		w->why = *was;
	return rc;
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
	const struct turn *t = turn->t;
	const char *source = api_text(t->ev->source), *s = NULL;

	/* as it was registered, and as "webex" says it anyway */
	if (strcmp(source, "inbound") == 0 || strcmp(source, "event") == 0)
		s = arena_printf(t->arena, "%s.%s", source, t->ev->kind);
	return s == NULL ? api_text(t->ev->kind) : s;
}

const char *
wb_card(struct wb_turn *turn)
{
	const char *card = turn->t->card;

	return card == NULL || *card == '\0' ? NULL : card;
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
api_set(
    struct wb_turn *w, const char *what, const char *value, const char **slot)
{
	struct err was = api_begin(w);

	if (value == NULL || *value == '\0')
		err_set(&w->why, ERR_PERM, "%s", what);
	else if ((*slot = arena_strdup(w->t->arena, value)) == NULL)
		err_nomem(&w->why);
	return api_end(w, &was, w->why.kind == ERR_NONE ? 0 : -1);
}

int
wb_to_room(struct wb_turn *turn, const char *room)
{
	wb_to_here(turn);
	return api_set(turn, "wb_to_room: nobody", room, &turn->to.room);
}

int
wb_to_email(struct wb_turn *turn, const char *email)
{
	wb_to_here(turn);
	return api_set(turn, "wb_to_email: nobody", email, &turn->to.email);
}

int
wb_edit(struct wb_turn *turn, const char *message)
{
	return api_set(turn, "wb_edit: no message", message, &turn->edit);
}

int64_t
api_at(const struct wb_turn *w)
{
	return w->in > 0 ? clk_wall_ms() + w->in * 1000LL : 0;
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
	p->at = api_at(w);
	p->edit = w->edit;
	w->edit = NULL;
	if (p->email != NULL || (p->room != NULL && *p->room != '\0'))
		return 0;
	return err_set(&w->why, ERR_PERM,
	    "the reply has no room to go to: say wb_to_room or wb_to_email");
}

static int api_said(struct wb_turn *w, bool markdown, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));

/* A text that was cut through a letter still goes out. */
static int
api_mend(struct buf *b)
{
	struct buf mended;

	if (str_utf8_ok(b->p, b->len))
		return 0;
	buf_init(&mended, 3 * API_TEXT_MAX);
	buf_add_utf8(&mended, b->p, b->len);
	buf_done(b);
	*b = mended;
	return b->failed ? -1 : 0;
}

static int
api_said(struct wb_turn *w, bool markdown, const char *fmt, va_list ap)
{
	struct err was = api_begin(w);
	struct outbox_post p;
	struct buf b;
	int rc = -1;

	buf_init(&b, API_TEXT_MAX);
	if (buf_vaddf(&b, fmt, ap) == -1 || api_mend(&b) == -1)
		err_set(&w->why, b.nomem ? ERR_BUG : ERR_PERM,
		    "a reply is larger than %d bytes", API_TEXT_MAX);
	else if (b.len == 0)
		err_set(&w->why, ERR_PERM, "a reply without a text");
	else if (api_target(w, &p) == 0) {
		*(markdown ? &p.markdown : &p.text) = buf_str(&b);
		rc = outbox_post(&w->t->out, &p, &w->why);
	}
	buf_done(&b);
	return api_end(w, &was, rc);
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

static int
api_card(struct wb_turn *w, const char *name, const char *data)
{
	struct turn *t = w->t;
	struct val_obj *o = val_obj_new(t->arena, 1);
	const struct val *all = api_data(w);
	struct outbox_post p;
	struct val reply, own;

	if (o == NULL || all == NULL)
		return err_nomem(&w->why);
	if (data != NULL) {
		if (val_parse(t->arena, data, strlen(data), &own, &w->why) ==
		    -1)
			return err_prefix(
			    &w->why, "data of card %s: ", api_text(name));
		if (val_puts(t->arena, o, "data", own) == -1)
			return err_nomem(&w->why);
	}
	reply = val_of(o);
	if (api_target(w, &p) == -1)
		return -1;
	p.name = api_text(name);
	if (turn_card(t, &reply, all, &p, &w->why) == -1)
		return -1;
	return outbox_post(&t->out, &p, &w->why);
}

int
wb_reply_card(struct wb_turn *turn, const char *name, const char *data)
{
	struct err was = api_begin(turn);

	return api_end(turn, &was, api_card(turn, name, data));
}

/* Webex says 400 to a wrong one, and mostly not why. */
static int
api_check_card(struct wb_turn *w, const char *card)
{
	struct problems ps = PROBLEMS_INIT;
	struct val v;
	size_t i;
	int rc = -1;

	if (val_parse(w->t->arena, card, strlen(card), &v, &w->why) == 0)
		rc = check_card(&v, &ps, &w->why);
	for (i = 0; rc == 0 && i < ps.n; i++)
		if (!ps.v[i].warning)
			rc = err_set(&w->why, ERR_PERM, "%s at %s",
			    ps.v[i].code, ps.v[i].path);
	problems_done(&ps);
	return rc;
}

static int
api_card_json(struct wb_turn *w, const char *card, const char *text)
{
	struct outbox_post p;
	struct buf b;
	int rc;

	if (card == NULL)
		return err_set(&w->why, ERR_PERM, "the card: it is NULL");
	if (api_check_card(w, card) == -1)
		return err_prefix(&w->why, "the card: ");
	if (api_target(w, &p) == -1)
		return -1;
	if (text == NULL || *text == '\0')
		text = "(card)";
	buf_init(&b, 3 * API_TEXT_MAX);
	if (buf_add_utf8(&b, text, strlen(text)) == -1) {
		rc = b.nomem ? err_nomem(&w->why)
			     : err_set(&w->why, ERR_PERM,
				   "the text of a card is too large");
	} else {
		p.card = card;
		p.name = ""; /* known, so that submits are held against it */
		p.text = buf_str(&b);
		rc = outbox_post(&w->t->out, &p, &w->why);
	}
	buf_done(&b);
	return rc;
}

int
wb_reply_card_json(struct wb_turn *turn, const char *card, const char *text)
{
	struct err was = api_begin(turn);

	return api_end(turn, &was, api_card_json(turn, card, text));
}

static int
api_file(struct wb_turn *w, const char *file, const char *text)
{
	bool url = file != NULL && (str_prefix(file, "https://") ||
				       str_prefix(file, "http://"));
	struct outbox_post p;

	if (file == NULL || (!url && !rules_file_ok(file)))
		return err_set(&w->why, ERR_PERM,
		    "wb_reply_file: no address, and no name of a file in the "
		    "cards folder");
	if (text != NULL && !str_utf8_ok(text, strlen(text)))
		return err_set(
		    &w->why, ERR_PERM, "wb_reply_file: its text is not UTF-8");
	if (api_target(w, &p) == -1)
		return -1;
	*(url ? &p.file_url : &p.file) = file;
	p.text = text;
	return outbox_post(&w->t->out, &p, &w->why);
}

int
wb_reply_file(struct wb_turn *turn, const char *file, const char *text)
{
	struct err was = api_begin(turn);

	return api_end(turn, &was, api_file(turn, file, text));
}

int
wb_delete(struct wb_turn *turn, const char *message)
{
	struct err was = api_begin(turn);
	int rc;

	if (message == NULL || *message == '\0')
		rc = err_set(&turn->why, ERR_PERM, "wb_delete: no message");
	else
		rc = outbox_delete(&turn->t->out, turn->t->room_id, message,
		    NULL, 0, api_at(turn), &turn->why);
	return api_end(turn, &was, rc);
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
	const struct json *j;
	struct val v;

	if (key == NULL)
		return NULL;
	j = json_get(json_get(turn->t->memories, api_scope(scope)), key);
	if (j == NULL ||
	    val_from_json(turn->t->arena, j, &v, &turn->why) == -1 ||
	    val_none(&v))
		return NULL;
	return arena_strdup(
	    turn->t->arena, api_text(val_cstr(turn->t->arena, &v)));
}

static int
api_remember(
    struct wb_turn *w, const char *scope, const char *key, const char *value)
{
	struct json *o;

	if (key == NULL || *key == '\0')
		return err_set(&w->why, ERR_PERM, "memory: no key");
	if (turn_note(w->t, scope, key, value, &w->why) == -1)
		return err_prefix(&w->why, "memory: ");
	w->has_data = false; /* who reads it now sees this */
	if ((o = api_wishes(w, scope)) == NULL)
		return -1;
	return json_set(o, key,
		   value == NULL ? json_new_null() : json_new_str(value)) == -1
		   ? err_nomem(&w->why)
		   : 0;
}

int
wb_memory_set(struct wb_turn *turn, enum wb_scope scope, const char *key,
    const char *value)
{
	struct err was = api_begin(turn);

	return api_end(
	    turn, &was, api_remember(turn, api_scope(scope), key, value));
}

/* -- questions -- */

static int
api_ask(struct wb_turn *turn, const char *name, int seconds)
{
	struct json *o;

	if (name == NULL || seconds <= 0)
		return err_set(&turn->why, ERR_PERM,
		    "wb_ask: a name and a time are needed");
	if (*turn->t->room_id == '\0' || *turn->t->person_id == '\0')
		return err_set(
		    &turn->why, ERR_PERM, "wb_ask: there is nobody to ask");
	if (!hand_knows(turn->bot, name))
		return err_set(&turn->why, ERR_PERM,
		    "wb_ask: no wb_on_answer knows \"%s\"", name);
	if ((o = api_wishes(turn, "ask")) == NULL)
		return -1;
	if (json_set_str(o, "name", name) == -1 ||
	    json_set_num(
		o, "until", (double)(clk_wall_ms() + seconds * 1000LL)) == -1)
		return err_nomem(&turn->why);
	return 0;
}

int
wb_ask(struct wb_turn *turn, const char *name, int seconds)
{
	struct err was = api_begin(turn);

	return api_end(turn, &was, api_ask(turn, name, seconds));
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
