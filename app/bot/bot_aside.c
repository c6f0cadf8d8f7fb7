/*
 * A bot that hears nothing and works on what is put into it, and what others
 * in its process ask of any; see bot.h.
 */
#include "bot/bot_int.h"

#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/json.h"
#include "bot/api.h"
#include "bot/turn.h"

struct bot *
bot_start_aside(struct cfg *cfg, const struct wb_bot *api,
    const struct bot_aside *how, struct err *e)
{
	struct bot *b = bot_new(cfg, api, e);

	if (b == NULL)
		return NULL;
	b->aside = *how;
	b->brain.secrets = how->stage == NULL; /* what leaves is signed */
	if (bot_start_core(b, e) == 0) {
		if (how->store == NULL)
			keeper_absent(b->q);
		engine_allow_claims(b->engine, true);
		return b;
	}
	bot_stop(b);
	return NULL;
}

int64_t
bot_put(struct bot *b, const struct evq_new *n, struct err *e)
{
	int64_t id = 0;

	switch (evq_put(b->q, n, &id, e)) {
	case EVQ_STORED:
		return id;
	case EVQ_REPEATED:
		return 0;
	case EVQ_FULL:
		return err_set(e, ERR_TEMP, "the queue is full");
	default:
		return -1;
	}
}

#define BOT_LOOK_MS 5 /* a job may end without a commit */

static bool
bot_wait(struct bot *b, bool (*over)(struct bot *b), int64_t ms)
{
	int64_t until = clk_mono_ms() + ms;
	bool done;

	while (!(done = over(b)) && clk_mono_ms() < until) {
		pthread_mutex_lock(&b->lock);
		clk_cond_wait(&b->moved, &b->lock, clk_mono_ms() + BOT_LOOK_MS);
		pthread_mutex_unlock(&b->lock);
	}
	return done;
}

static bool
bot_is_done(struct bot *b)
{
	return evq_open_items(b->q) == 0 && engine_idle(b->engine);
}

static bool
bot_is_idle(struct bot *b)
{
	return (b->sched == NULL || sched_idle(b->sched)) &&
	       engine_idle(b->engine);
}

bool
bot_wait_done(struct bot *b, int64_t ms)
{
	return bot_wait(b, bot_is_done, ms);
}

bool
bot_wait_idle(struct bot *b, int64_t ms)
{
	return bot_wait(b, bot_is_idle, ms);
}

char *
bot_problems(struct bot *b)
{
	struct json *list = board_list(b->board), *x;
	struct buf out;
	char *text;

	buf_init(&out, 8192);
	for (x = json_first(list); x != NULL; x = json_next(x))
		buf_addf(&out, "%s%s", out.len > 0 ? "; " : "", json_str(x));
	buf_adds(&out, "");
	text = buf_take(&out);
	buf_done(&out);
	json_free(list);
	return text;
}

char *
bot_card_of(struct bot *b, const char *message)
{
	return evq_card(b->q, message, NULL);
}

struct evq *
bot_lend(struct bot *b, struct turn *t)
{
	if ((t->self = self_get(b->self)) == NULL)
		return NULL;
	t->brain = brain_get(&b->brain);
	return b->q;
}

/* Commands that a help lists, and a single word begins. */
static void
bot_find_words(const struct rules *rs, const char **first, const char **last)
{
	size_t i;

	for (i = 0; i < rs->n; i++) {
		const struct rule *r = &rs->v[i];

		if (r->kind != RULE_WORD || *r->help == '\0' ||
		    strcmp(r->key, "help") == 0)
			continue;
		if (*first == NULL)
			*first = r->key;
		*last = r->key;
	}
}

void
bot_words(struct bot *b, struct buf *out)
{
	struct brain *brain = brain_get(&b->brain);
	const char *first = NULL, *last = NULL;

	bot_find_words(&b->api->rules, &first, &last);
	bot_find_words(brain_rules(brain), &first, &last);
	if (first != NULL)
		buf_addf(out, "%s,", first);
	buf_adds(out, "help");
	if (last != first)
		buf_addf(out, ",%s", last);
	brain_unref(brain);
}
