/*
 * Answering after the handler has returned; see wb_later in webexbot.h.  A
 * token is the place to answer at, as base64 of JSON: whoever holds it can
 * answer there, and nothing is kept here, so it outlives a restart.
 */
#include "bot/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/buf.h"
#include "base/clk.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/bot.h"
#include "bot/send.h"

#define LATER_TOKEN_MAX 8192
#define LATER_ARENA_MAX (64u << 20)

const char *
wb_later(struct wb_turn *turn)
{
	const struct turn *t = turn->t;
	struct err was = api_begin(turn);
	const char *token = NULL;
	struct json *o = json_object();
	struct buf text, b64;

	buf_init(&text, LATER_TOKEN_MAX);
	buf_init(&b64, LATER_TOKEN_MAX);
	json_set_str(o, "room", t->room_id);
	json_set_str(o, "person", t->person_id);
	json_set_str(o, "email", t->email);
	json_set_str(o, "message", t->message_id == NULL ? "" : t->message_id);
	if (t->parent_id != NULL)
		json_set_str(o, "parent", t->parent_id);
	json_set_bool(o, "direct", t->direct);
	if (json_print(o, &text) == 0 &&
	    b64url_encode(text.p, text.len, &b64) == 0)
		token = arena_strndup(t->arena, b64.p, b64.len);
	if (token == NULL)
		err_nomem(&turn->why);
	buf_done(&text);
	buf_done(&b64);
	json_free(o);
	api_end(turn, &was, token == NULL ? -1 : 0);
	return token;
}

static const char *
later_str(const struct json *o, const char *name)
{
	const char *s = json_get_str(o, name);

	return s == NULL ? "" : s;
}

static struct json *
later_open(const char *token)
{
	struct json *o = NULL;
	struct buf text;

	buf_init(&text, LATER_TOKEN_MAX);
	if (token != NULL && b64_decode(token, strlen(token), &text) == 0)
		o = json_parse(buf_str(&text), text.len, NULL);
	buf_done(&text);
	if (json_get_str(o, "room") != NULL)
		return o;
	json_free(o);
	return NULL;
}

/* What was collected goes into the queue. */
static int
later_put(struct bot *b, struct wb_turn *w)
{
	struct evq_new n = {.lane = "", .source = SEND_SOURCE, .kind = "later"};
	struct buf bytes;
	int rc = -1;

	buf_init(&bytes, SEND_BYTES_MAX);
	n.room = w->t->room_id;
	if (send_pack(n.kind, &w->t->out, w->t, w->wishes, &bytes, &w->why) ==
	    0) {
		n.body = buf_str(&bytes);
		n.len = bytes.len;
		rc = bot_put(b, &n, &w->why) == -1 ? -1 : 0;
	}
	buf_done(&bytes);
	return rc;
}

/* What is remembered, as far as it is on the disk. */
static int
later_recall(struct turn *t, struct evq *q)
{
	const char *const scopes[] = {MEMORY_ROOM, MEMORY_PERSON};
	const char *const keys[] = {t->room_id, t->person_id};
	struct json *one;
	char *text;
	size_t i;

	t->memories = json_object();
	for (i = 0; i < 2; i++) {
		text = evq_memory(q, scopes[i], keys[i]);
		one = text == NULL ? NULL : json_parse_str(text, NULL);
		free(text);
		if (one == NULL)
			one = json_object();
		if (json_set(t->memories, scopes[i], one) == -1)
			return -1;
	}
	return 0;
}

static int
later_run(const struct wb_bot *bot, struct bot *b, struct arena *a,
    const struct json *o, wb_handler *fn, void *arg)
{
	struct event ev = {
	    .source = SEND_SOURCE, .kind = "later", .resource = "", .id = ""};
	struct turn t = {.arena = a,
	    .ev = &ev,
	    .text = "",
	    .room_id = later_str(o, "room"),
	    .person_id = later_str(o, "person"),
	    .email = later_str(o, "email"),
	    .message_id = later_str(o, "message"),
	    .parent_id = json_get_str(o, "parent"),
	    .direct = json_true(json_get(o, "direct"))};
	struct wb_turn w = {.t = &t, .bot = bot};
	struct evq *q;
	int rc = -1;

	t.out.arena = a;
	t.out.received = clk_wall_ms();
	t.route.args = "";
	if ((q = bot_lend(b, &t)) != NULL && later_recall(&t, q) == 0 &&
	    fn(&w, arg) == 0)
		rc = later_put(b, &w);
	if (rc == -1 && w.why.kind != ERR_NONE)
		log_warn("wb_answer: %s", w.why.text);
	json_free(w.wishes);
	turn_free(&t);
	return rc;
}

/* The bot, if one runs; it does not go before later_leave. */
static struct bot *
later_enter(struct api_live *l)
{
	struct bot *b;

	pthread_mutex_lock(&l->lock);
	if ((b = l->bot) != NULL)
		l->answering++;
	pthread_mutex_unlock(&l->lock);
	return b;
}

static void
later_leave(struct api_live *l)
{
	pthread_mutex_lock(&l->lock);
	if (--l->answering == 0)
		pthread_cond_broadcast(&l->none);
	pthread_mutex_unlock(&l->lock);
}

int
wb_answer(struct wb_bot *bot, const char *token, wb_handler *fn, void *arg)
{
	struct json *o = later_open(token);
	struct arena *a = arena_new(LATER_ARENA_MAX);
	struct bot *b = NULL;
	int rc = -1;

	if (bot != NULL && fn != NULL && o != NULL && a != NULL)
		b = later_enter(bot->live);
	if (b != NULL) {
		rc = later_run(bot, b, a, o, fn, arg);
		later_leave(bot->live);
	}
	arena_free(a);
	json_free(o);
	return rc;
}
