/*
 * A turn: one event and what is answered to it.  What a rule or a handler
 * may read, and the replies that are collected; all memory is the job's.
 */
#ifndef BOT_TURN_H
#define BOT_TURN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "bot/brain.h"
#include "bot/event.h"
#include "bot/outbox.h"
#include "bot/route.h"
#include "bot/self.h"
#include "card/val.h"

struct turn {
	struct arena *arena;
	struct brain *brain; /* a reference */
	const struct event *ev;
	const struct self_data *self;

	/* fetched; the turn's own, NULL until then */
	struct json *message;
	struct json *action;
	struct json *person;
	struct json *room;
	struct json *notice; /* of Webex Connect (notice.h) */

	const char *text; /* what was said, without the mention */
	const char *room_id;
	const char *person_id;
	const char *email;
	const char *message_id; /* said, or holding the submitted card */
	const char *parent_id;  /* thread root, NULL: not in one */
	const char *card;       /* submitted, NULL: not known */
	bool direct;

	struct route route;
	struct outbox out;
};

/* `data` for the templates of a reply: event, message, person, ... */
int turn_data(struct turn *t, struct val *out, struct err *e);

/*
 * Add a rendered reply (an object as in bot.json) to the outbox.  A card is
 * rendered with `data` unless the reply brings its own.
 */
int turn_reply(struct turn *t, const struct val *reply, const struct val *data,
    struct err *e);

/* All replies of a rule, rendered with `data`. */
int turn_render(struct turn *t, const struct rule *r, const struct val *data,
    struct err *e);

/* The built-in list of commands. */
int turn_help(struct turn *t, struct err *e);

void turn_free(struct turn *t);

#endif
