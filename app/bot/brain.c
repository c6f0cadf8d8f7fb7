/* Rules and cards as one set; see brain.h. */
#include "bot/brain.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/api.h"
#include "bot/hand.h"
#include "bot/hub.h"
#include "card/card.h"

#define BRAIN_WANTS 32
#define BRAIN_PRINT_MAX (4 << 20)

struct brain {
	_Atomic int refs;
	struct cards *cards;
	struct rules *rules;
	struct hub *hub;
	struct wx_want wants[BRAIN_WANTS];
	size_t nwants;
};

struct brain *
brain_get(struct brain_slot *slot)
{
	struct brain *b;

	pthread_mutex_lock(&slot->lock);
	if ((b = slot->current) != NULL)
		atomic_fetch_add(&b->refs, 1);
	pthread_mutex_unlock(&slot->lock);
	return b;
}

void
brain_unref(struct brain *b)
{
	if (b == NULL || atomic_fetch_sub(&b->refs, 1) != 1)
		return;
	hub_free(b->hub);
	rules_free(b->rules);
	cards_free(b->cards);
	free(b);
}

struct cards *
brain_cards(const struct brain *b)
{
	return b->cards;
}

const struct rules *
brain_rules(const struct brain *b)
{
	return b->rules;
}

const struct hub *
brain_hub(const struct brain *b)
{
	return b->hub;
}

const struct wx_want *
brain_wants(const struct brain *b, size_t *n)
{
	*n = b->nwants;
	return b->wants;
}

bool
brain_handles(const struct brain *b, const char *resource, const char *event)
{
	size_t i;

	for (i = 0; i < b->nwants; i++)
		if (strcmp(b->wants[i].resource, resource) == 0 &&
		    strcmp(b->wants[i].event, event) == 0)
			return true;
	return false;
}

static void
brain_want(struct brain *b, const char *resource, const char *event)
{
	assert(b->nwants < BRAIN_WANTS);
	b->wants[b->nwants++] = (struct wx_want){resource, event};
}

/* Does a rule of the file or a handler in C answer it? */
static bool
brain_answers(const struct brain *b, const struct wb_bot *api,
    const struct rules_event *ev)
{
	char kind[RULES_EVENT_MAX];

	rules_event_kind(ev, kind);
	return rules_handle(b->rules, kind) || hand_hears(api, kind);
}

/* The webhooks that they need. */
static void
brain_want_all(struct brain *b, const struct wb_bot *api)
{
	const struct rules_event *ev;
	size_t i;

	brain_want(b, "messages", "created");
	brain_want(b, "attachmentActions", "created");
	if (b->rules->has_welcome)
		brain_want(b, "memberships", "created");
	for (i = 0; i < rules_nevents; i++) {
		ev = &rules_events[i];
		if (brain_answers(b, api, ev) &&
		    !brain_handles(b, ev->resource, ev->event))
			brain_want(b, ev->resource, ev->event);
	}
}

/* A secret that stands in the file itself is not repeated on a terminal. */
static void
brain_blank(char *text, const struct problem *p)
{
	char *s = text + problem_find(p, text, strlen(text));

	if (*s != '"')
		return;
	for (s++; *s != '"' && *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			*s++ = '*';
		*s = '*';
	}
}

/*
 * A problem in the log of a bot that runs: a line of it, without the text
 * around the place, which is for a terminal.
 */
static void
brain_log(
    const char *file, const char *text, size_t len, const struct problem *p)
{
	void (*say)(const char *fmt, ...) = p->warning ? log_warn : log_error;
	int line, col;

	if (text == NULL) {
		say("%s: %s (at %s)", file, p->text, p->path);
		return;
	}
	json_place(text, problem_find(p, text, len), &line, &col);
	say("%s:%d:%d: %s", file, line, col, p->text);
}

/*
 * All problems of the bot file, each at its place: on the terminal, or in the
 * log of who runs already or is about to.
 */
static void
brain_print(const char *path, char *text, const struct problems *ps, bool log)
{
	size_t len = text == NULL ? 0 : strlen(text), i;
	struct buf out;

	for (i = 0; log && i < ps->n; i++)
		brain_log(path, text, len, &ps->v[i]);
	if (log)
		return;
	buf_init(&out, BRAIN_PRINT_MAX);
	for (i = 0; text != NULL && i < ps->n; i++)
		if (strcmp(ps->v[i].code, PROBLEM_SECRET) == 0)
			brain_blank(text, &ps->v[i]);
	for (i = 0; i < ps->n; i++)
		problem_print(&ps->v[i], path, text, len, &out);
	fputs(buf_str(&out), stderr);
	buf_done(&out);
}

/* A problem of a card, as it is found. */
static void
brain_print_card(void *arg, const char *file, const char *text, size_t len,
    const struct problem *p)
{
	const bool *log = arg;
	struct buf out;

	if (*log) {
		brain_log(file, text, len, p);
		return;
	}
	buf_init(&out, BRAIN_PRINT_MAX);
	problem_print(p, file, text, len, &out);
	fputs(buf_str(&out), stderr);
	buf_done(&out);
}

/* Those with errors are told, and left out. */
static int
brain_load_cards(struct brain *b, const char *dir, bool log, struct err *e)
{
	b->cards = cards_load(dir, clk_wall_ms(), brain_print_card, &log, e);
	return b->cards == NULL ? err_prefix(e, "WEBEXBOT_CARDS: ") : 0;
}

static int
brain_check_cards(const struct brain *b, const char *dir, struct err *e)
{
	size_t n = cards_errors(b->cards);

	if (n == 0)
		return 0;
	return err_set(
	    e, ERR_PERM, "%s: %zu error%s in cards", dir, n, n > 1 ? "s" : "");
}

/* What the file has no member for comes from elsewhere. */
static int
brain_add_extra(struct json *file, const char *text, struct err *e)
{
	struct json *extra = json_parse_str(text, e);
	const struct json *x;
	int rc = extra == NULL ? -1 : 0;

	for (x = json_first(extra); rc == 0 && x != NULL; x = json_next(x))
		if (json_get(file, json_name(x)) == NULL &&
		    json_set(file, json_name(x), json_dup(x)) == -1)
			rc = err_nomem(e);
	json_free(extra);
	return rc;
}

int
brain_file(const struct cfg *cfg, bool needed, struct json **file, char **path,
    char **text, struct err *e)
{
	*file = NULL;
	*text = NULL;
	if (asprintf(path, "%s/" RULES_FILE, cfg->cards) == -1) {
		*path = NULL;
		return err_nomem(e);
	}
	if (access(*path, F_OK) == -1) {
		if (needed)
			return err_set(e, ERR_PERM,
			    "%s: %s (WEBEXBOT_CARDS names its folder, from "
			    "here)",
			    *path, strerror(errno));
	} else if ((*file = json_load(*path, RULES_FILE_MAX, true, text, e)) ==
		   NULL) {
		return -1;
	}
	if (cfg->extra == NULL)
		return 0;
	if (*file == NULL && (*file = json_object()) == NULL)
		return err_nomem(e);
	/* anything else than an object is told by who reads it */
	return json_kind(*file) != JSON_OBJECT
		   ? 0
		   : brain_add_extra(*file, cfg->extra, e);
}

/* Of two rules one would be passed over in silence. */
static void
brain_twice(void *arg, size_t at, const char *s, size_t n)
{
	struct problems *ps = arg;

	problems_error(
	    ps, "duplicate-member", NULL, at, "%.*s is there twice", (int)n, s);
}

static int
brain_load_rules(struct brain *b, const struct brain_slot *slot,
    const struct cfg *cfg, bool needed, struct err *e)
{
	struct rules_env env = {
	    .cards = b->cards, .cfg = cfg, .stand_ins = !slot->secrets};
	struct problems ps = PROBLEMS_INIT;
	const struct hub_opts hub = {
	    .env = &env, .ps = &ps, .xfer = slot->xfer};
	struct json *file = NULL;
	char *path = NULL, *text = NULL;
	int rc = -1;

	if (brain_file(cfg, needed, &file, &path, &text, e) == -1)
		goto out;
	if (text != NULL &&
	    json_twice(text, strlen(text), brain_twice, &ps) == -1) {
		err_nomem(e);
		goto out;
	}
	b->rules = rules_new(file, &env, &ps, e);
	if (b->rules != NULL)
		b->hub = hub_new(file, &hub, e);
	brain_print(path, text, &ps,
	    slot->current != NULL || (slot->xfer != NULL && ps.errors == 0));
	if (b->hub == NULL)
		goto out;
	if (ps.errors > 0) {
		err_set(e, ERR_PERM, "%s: %zu error%s", path, ps.errors,
		    ps.errors > 1 ? "s" : "");
		goto out;
	}
	rc = 0;
out:
	problems_done(&ps);
	json_free(file);
	free(text);
	free(path);
	return rc;
}

int
brain_load(struct brain_slot *slot, const struct cfg *cfg,
    const struct wb_bot *api, struct err *e)
{
	struct brain *b = calloc(1, sizeof *b), *old;

	if (b == NULL)
		return err_nomem(e);
	atomic_store(&b->refs, 1);
	if (brain_load_cards(b, cfg->cards, slot->current != NULL, e) == -1 ||
	    brain_load_rules(b, slot, cfg, !wb_bot_has_handlers(api), e) ==
		-1 ||
	    brain_check_cards(b, cfg->cards, e) == -1) {
		brain_unref(b);
		return -1;
	}
	brain_want_all(b, api);
	pthread_mutex_lock(&slot->lock);
	old = slot->current;
	slot->current = b;
	pthread_mutex_unlock(&slot->lock);
	brain_unref(old);
	return 0;
}
