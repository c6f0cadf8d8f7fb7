/* Which rule answers.  Pure. */
#ifndef BOT_ROUTE_H
#define BOT_ROUTE_H

#include "base/arena.h"
#include "base/err.h"
#include "bot/rules.h"
#include "card/val.h"

struct route {
	const struct rule *rule; /* NULL: nobody answers */
	const char *args;        /* what follows the word, "" */
	struct val match;        /* text, args, named groups */
	const char *misuse;      /* why the arguments do not fit, NULL */
};

/*
 * The conditions of rules: is this one's true, given what it matched?  1, 0,
 * or -1 for want of memory.  A NULL function takes all as true.
 */
struct route_cond {
	int (*test)(void *arg, const struct rule *r, const struct route *m,
	    struct err *e);
	void *arg;
};

/*
 * For a text (the bot's mention removed).  Order in the file is priority;
 * `help` is built in unless the file has one; then the fallback.  -1: memory
 * is out.
 */
int route_text(const struct rules *rs, const char *text,
    const struct route_cond *cond, struct arena *a, struct route *out,
    struct err *e);
/* For a submit of a card. */
int route_action(const struct rules *rs, const char *card,
    const struct route_cond *cond, struct arena *a, struct route *out,
    struct err *e);
/* For what else Webex tells of: "memberships.deleted". */
int route_event(const struct rules *rs, const char *event,
    const struct route_cond *cond, struct arena *a, struct route *out,
    struct err *e);
/* For joining a room. */
int route_welcome(const struct rules *rs, const struct route_cond *cond,
    struct arena *a, struct route *out, struct err *e);

/*
 * May this person in this room?  Addresses and domains say who, rooms say
 * where; when both are given both must fit.
 */
bool route_allowed(
    const struct rules_access *ac, const char *email, const char *room);
/* Only the question where, for what nobody said. */
bool route_allowed_room(const struct rules_access *ac, const char *room);

#endif
