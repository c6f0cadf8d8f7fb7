/*
 * The public interface for bots in C: the bot and its handlers; see
 * webexbot.h.  One thread, before wb_bot_main starts others.
 */
#include "bot/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "bot/hand.h"

int
wb_abi(void)
{
	return WB_ABI;
}

struct wb_bot *
wb_bot_new(void)
{
	struct wb_bot *bot = calloc(1, sizeof *bot);

	if (bot == NULL || (bot->live = calloc(1, sizeof *bot->live)) == NULL) {
		free(bot);
		return NULL;
	}
	pthread_mutex_init(&bot->live->lock, NULL);
	clk_cond_init(&bot->live->none);
	return bot;
}

static void
api_rule_done(struct rule *r)
{
	free((void *)(uintptr_t)r->hand);
	re_free(r->re);
	free(r->key);
	free(r->help);
	free(r->name);
	free(r->place);
}

void
wb_bot_free(struct wb_bot *bot)
{
	size_t i;

	if (bot == NULL)
		return;
	for (i = 0; i < bot->rules.n; i++)
		api_rule_done(&bot->rules.v[i]);
	free(bot->rules.v);
	pthread_cond_destroy(&bot->live->none);
	pthread_mutex_destroy(&bot->live->lock);
	free(bot->live);
	free(bot);
}

bool
wb_bot_has_handlers(const struct wb_bot *bot)
{
	return bot->rules.n > 0;
}

bool
api_attach(const struct wb_bot *bot, struct bot *b, int64_t ms)
{
	struct api_live *l = bot->live;
	int64_t until = clk_mono_ms() + ms;
	bool none;

	pthread_mutex_lock(&l->lock);
	l->bot = b;
	while (b == NULL && l->answering > 0 && clk_mono_ms() < until)
		clk_cond_wait(&l->none, &l->lock, until);
	none = l->answering == 0;
	pthread_mutex_unlock(&l->lock);
	return none;
}

/* -- registering -- */

/* What differs between the kinds. */
struct api_new {
	enum hand_kind kind;
	enum rule_kind rule;
	const char *what; /* "word" */
	const char *key;  /* NULL is a mistake */
	const char *help; /* or NULL */
	bool may_be_empty;
};

static struct rule *
api_row(struct wb_bot *bot)
{
	struct rule *v = realloc(bot->rules.v, (bot->rules.n + 1) * sizeof *v);

	if (v == NULL)
		return NULL;
	bot->rules.v = v;
	memset(&v[bot->rules.n], 0, sizeof *v);
	return &v[bot->rules.n++];
}

/* A second one of the same would never be called. */
static bool
api_taken(const struct wb_bot *bot, const struct api_new *n)
{
	bool any_case = n->rule == RULE_WORD || n->rule == RULE_PHRASE;
	size_t i;

	for (i = 0; i < bot->rules.n; i++) {
		const struct rule *r = &bot->rules.v[i];

		if (r->hand->kind == n->kind && r->kind == n->rule &&
		    (any_case ? str_ieq(r->key, n->key)
			      : strcmp(r->key, n->key) == 0))
			return true;
	}
	return false;
}

/* One that never comes is a slip of the pen. */
static bool
api_event_known(const char *kind)
{
	char known[RULES_EVENT_MAX];
	size_t i;

	for (i = 0; i < rules_nevents; i++) {
		rules_event_kind(&rules_events[i], known);
		if (strcmp(kind, known) == 0)
			return true;
	}
	return str_prefix(kind, "inbound.") || str_prefix(kind, "event.") ||
	       str_prefix(kind, "connect.");
}

static int
api_check(struct wb_bot *bot, const struct api_new *n, wb_handler *fn)
{
	if (bot->rules.n == API_HANDLERS_MAX)
		return err_set(&bot->e, ERR_PERM, "more than %d handlers",
		    API_HANDLERS_MAX);
	if (fn == NULL || n->key == NULL ||
	    (*n->key == '\0' && !n->may_be_empty))
		return err_set(&bot->e, ERR_PERM, "handler of %s: %s", n->what,
		    fn == NULL ? "it is NULL" : "nothing to match");
	if (api_taken(bot, n))
		return err_set(&bot->e, ERR_PERM,
		    "handler of %s \"%s\": there is one already", n->what,
		    n->key);
	if (n->kind == HAND_EVENT && !api_event_known(n->key))
		return err_set(&bot->e, ERR_PERM,
		    "handler of event \"%s\": no bot is told of that%s", n->key,
		    str_suffix(n->key, "s.created")
			? "; messages come to wb_on_word and the like, "
			  "submits to wb_on_action"
			: "");
	if (n->rule == RULE_WORD && strpbrk(n->key, " \t\r\n") != NULL)
		return err_set(&bot->e, ERR_PERM,
		    "handler of word \"%s\": a word holds no blank", n->key);
	return 0;
}

static int
api_add(struct wb_bot *bot, const struct api_new *n, wb_handler *fn, void *arg)
{
	struct err e = ERR_INIT;
	struct hand *h;
	struct rule *r;

	if (bot == NULL)
		return -1;
	if (api_check(bot, n, fn) == -1)
		return -1;
	if ((h = malloc(sizeof *h)) == NULL || (r = api_row(bot)) == NULL) {
		free(h);
		return err_nomem(&bot->e);
	}
	*h = (struct hand){n->kind, fn, arg};
	r->hand = h;
	r->kind = n->rule;
	hand_reads(bot, r);
	r->key = strdup(n->key);
	r->help = strdup(n->help == NULL ? "" : n->help);
	r->place = strdup("");
	if (asprintf(&r->name, "%s%s%s", n->what, *n->key == '\0' ? "" : " ",
		n->key) == -1)
		r->name = NULL;
	if (r->key == NULL || r->help == NULL || r->place == NULL ||
	    r->name == NULL)
		return err_nomem(&bot->e);
	if (n->rule == RULE_REGEX && (r->re = re_new(n->key, NULL, &e)) == NULL)
		return err_set(
		    &bot->e, e.kind, "handler of %s: %s", r->name, e.text);
	return 0;
}

int
wb_on_word(struct wb_bot *bot, const char *word, const char *help,
    wb_handler *fn, void *arg)
{
	struct api_new n = {HAND_COMMAND, RULE_WORD, "word", word, help, false};

	return api_add(bot, &n, fn, arg);
}

int
wb_on_phrase(struct wb_bot *bot, const char *phrase, const char *help,
    wb_handler *fn, void *arg)
{
	struct api_new n = {
	    HAND_COMMAND, RULE_PHRASE, "phrase", phrase, help, false};

	return api_add(bot, &n, fn, arg);
}

int
wb_on_regex(struct wb_bot *bot, const char *pattern, const char *help,
    wb_handler *fn, void *arg)
{
	struct api_new n = {
	    HAND_COMMAND, RULE_REGEX, "regex", pattern, help, false};

	return api_add(bot, &n, fn, arg);
}

int
wb_on_action(struct wb_bot *bot, const char *card, wb_handler *fn, void *arg)
{
	struct api_new n = {
	    HAND_ACTION, RULE_ACTION, "action", card, NULL, true};

	return api_add(bot, &n, fn, arg);
}

int
wb_on_event(struct wb_bot *bot, const char *kind, wb_handler *fn, void *arg)
{
	struct api_new n = {
	    HAND_EVENT, RULE_WELCOME, "event", kind, NULL, false};

	return api_add(bot, &n, fn, arg);
}

int
wb_on_fallback(struct wb_bot *bot, wb_handler *fn, void *arg)
{
	struct api_new n = {
	    HAND_FALLBACK, RULE_FALLBACK, "fallback", "", NULL, true};

	return api_add(bot, &n, fn, arg);
}

int
wb_on_answer(struct wb_bot *bot, const char *name, wb_handler *fn, void *arg)
{
	struct api_new n = {
	    HAND_ANSWER, RULE_FALLBACK, "answer", name, NULL, false};

	return api_add(bot, &n, fn, arg);
}

void
wb_bot_fetch(struct wb_bot *bot, bool person, bool room)
{
	size_t i;

	if (bot == NULL)
		return;
	bot->person = person;
	bot->room = room;
	for (i = 0; i < bot->rules.n; i++)
		hand_reads(bot, &bot->rules.v[i]);
}
