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
#include "bot/memory.h"
#include "bot/outbox.h"
#include "bot/route.h"
#include "bot/self.h"
#include "card/val.h"

/* What the answer to an event is. */
enum turn_what {
	TURN_ANSWER, /* the rule's own: it is carried out */
	TURN_REFUSE, /* access is denied */
	TURN_MISUSE, /* the arguments do not fit */
	TURN_ASK,    /* a question of the rule */
	TURN_AGAIN,  /* the same, after an answer that does not do */
	TURN_CANCEL, /* no further questions */
	/* a submit is not taken: */
	TURN_INVALID, /* it does not fit the card that was sent */
	TURN_GIVEN,   /* this person has answered it */
	TURN_STALE,   /* its card is not known (any more) */
};

struct turn {
	struct arena *arena;
	struct brain *brain; /* a reference */
	struct event *ev;
	const struct self_data *self;

	/* fetched; the turn's own, NULL until then */
	struct json *message;
	struct json *action;
	struct json *person;
	struct json *room;
	struct json *notice; /* of Webex Connect (notice.h) */
	struct json *files;  /* of the message: name, type, size, state */
	struct json *called; /* what a call of the rule came to */

	const char *text; /* what was said, without the mention */
	const char *room_id;
	const char *person_id;
	const char *email;
	const char *message_id; /* said, or holding the submitted card */
	const char *parent_id;  /* thread root, NULL: not in one */
	const char *card;       /* submitted, NULL: not known */
	struct val sent;        /* that card as it was sent; may be missing */
	struct val submit;      /* what is wrong with the submit; or missing */
	bool direct;

	struct route route;
	const struct rule_says *says; /* what is answered */
	enum turn_what what;
	const char *why; /* it is not the answer; for the person, NULL */

	struct memory *memory; /* the engine's, NULL: none */
	struct memory_change changes;
	bool held;             /* memory_begin was called */
	struct json *memories; /* {"room": {}, "person": {}}, NULL */
	struct json *retired;  /* a list of former ones: values borrow */

	struct json *ask; /* the conversation, NULL: none is open */
	const struct rule_question *question;
	struct val answer; /* while it is checked */
	struct outbox out;
};

/*
 * Does the rule's condition hold, with what it has matched?  For route_cond,
 * `arg` being the turn.
 */
int turn_test(
    void *arg, const struct rule *r, const struct route *m, struct err *e);

/* A condition of a rule with data: 1, 0, or -1 for want of memory. */
int turn_cond(struct turn *t, const struct tpl *cond, const struct val *data,
    const struct rule *r, struct err *e);

/* -- turn_memory.c: what is remembered -- */

/* Read it of the room and the person, once. */
int turn_recall(struct turn *t, struct err *e);
/* Read it anew: others may have written while a call was under way. */
int turn_recall_anew(struct turn *t, struct err *e);
/*
 * Remember: `what` is a rendered {"room": {...}, "person": {...}}; null
 * forgets.  Readers of the data see it at once.
 */
int turn_remember(struct turn *t, const struct val *what, struct err *e);

/*
 * Remember one text of a scope (MEMORY_ROOM, MEMORY_PERSON), or NULL: forget;
 * for readers of the data only, turn_remember stores it.  -1: there is no
 * such room or person, it is not UTF-8, or all of it is too large.
 */
int turn_note(struct turn *t, const char *scope, const char *key,
    const char *value, struct err *e);

/* -- turn.c: what is answered -- */

/* Words of our own, where the bot file has none for t->what. */
int turn_say_plain(struct turn *t, struct err *e);

/* `data` for the templates of a reply: event, message, person, ... */
int turn_data(struct turn *t, struct val *out, struct err *e);

/* All replies of t->says, rendered with `data`. */
int turn_render(struct turn *t, const struct val *data, struct err *e);

/*
 * Render the card p->name into `p`, with the member data of `reply` or else
 * with `data`.  Where that fails its text goes out (0).  -1: no such card,
 * or memory is out.
 */
int turn_card(struct turn *t, const struct val *reply, const struct val *data,
    struct outbox_post *p, struct err *e);

/* The built-in list of commands, those of `api` first. */
int turn_help(struct turn *t, const struct rules *api, struct err *e);

void turn_free(struct turn *t);

#endif
