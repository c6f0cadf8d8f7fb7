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
};

/*
 * For a text (the bot's mention removed).  Order in the file is priority;
 * `help` is built in unless the file has one; then the fallback.  -1: memory
 * is out.
 */
int route_text(const struct rules *rs, const char *text, struct arena *a,
    struct route *out, struct err *e);
/*
 * For a submit of a card; NULL: a card that is not known, which is answered
 * where any card is.
 */
int route_action(const struct rules *rs, const char *card, struct arena *a,
    struct route *out, struct err *e);
/* For joining a room. */
int route_welcome(
    const struct rules *rs, struct arena *a, struct route *out, struct err *e);

/*
 * May this person in this room use the bot?  When both lists are given both
 * must fit.
 */
bool route_allowed(
    const struct rules_access *ac, const char *email, const char *room);

#endif
