/*
 * Behind include/webexbot/webexbot.h: what a bot in C has registered, and
 * the turn as a handler sees it.
 */
#ifndef BOT_API_H
#define BOT_API_H

#include <pthread.h>
#include <stddef.h>
#include <webexbot/webexbot.h>

#include "base/err.h"
#include "bot/rules.h"
#include "bot/turn.h"

#define API_HANDLERS_MAX 10000

enum hand_kind {
	HAND_COMMAND,
	HAND_ACTION,
	HAND_EVENT,
	HAND_FALLBACK,
	HAND_ANSWER,
};

/* A handler; its rule is in wb_bot.rules and points here. */
struct hand {
	enum hand_kind kind;
	wb_handler *fn;
	void *arg;
};

struct bot;

/* What changes while the bot runs; the rest is read-only by then. */
struct api_live {
	pthread_mutex_t lock;
	pthread_cond_t none; /* of wb_answer is at work any more */
	int answering;
	struct bot *bot; /* NULL: none runs */
	bool stuck;      /* a handler did not end: nothing is freed any more */
};

struct wb_bot {
	struct rules rules; /* the handlers, as rules in their order */
	bool person, room;  /* wb_bot_fetch */
	struct err e;       /* of the first wrong registration */
	struct api_live *live;
};

/* Can it answer without a bot file? */
bool wb_bot_has_handlers(const struct wb_bot *bot);
void wb_bot_free(struct wb_bot *bot);
/*
 * The bot that wb_answer speaks through.  NULL: none any more; false when a
 * callback of one is still at work after `ms`.
 */
bool api_attach(const struct wb_bot *bot, struct bot *b, int64_t ms);

/* A turn in the hands of its handler; on the handler's thread. */
struct wb_turn {
	struct turn *t;
	struct val data; /* of templates, once asked for */
	bool has_data;
	struct outbox_post to; /* target of replies; no room: here */
	bool thread;
	struct wx *wx; /* NULL: nothing may be fetched */
	const struct wb_bot *bot;
	int in;           /* seconds, of the replies that follow */
	const char *edit; /* of the next reply, NULL */
	/*
	 * To be remembered: {"room": {}, "person": {}, "ask": {name, until}},
	 * null forgets; NULL: nothing.  The turn's own.
	 */
	struct json *wishes;
	struct err why; /* of what failed last */
};

/* When what follows is to go out (wb_in), clk_wall_ms; 0: now. */
int64_t api_at(const struct wb_turn *w);
/* What templates see, read once; NULL: w->why. */
const struct val *api_data(struct wb_turn *w);
/*
 * Each function of the interface that can fail begins without an error and
 * ends with the latest: one that was dealt with fails nothing after it.
 */
struct err api_begin(struct wb_turn *w);
int api_end(struct wb_turn *w, const struct err *was, int rc);
/* Forget a question; 0 or -1 (w->why). */
int api_answered(struct wb_turn *w);

#endif
