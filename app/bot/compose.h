/*
 * A message from outside, made ready for the queue: what `webexbot send` and
 * `broadcast` put.  Main thread.
 */
#ifndef BOT_COMPOSE_H
#define BOT_COMPOSE_H

#include "base/buf.h"
#include "base/cfg.h"
#include "base/err.h"
#include "bot/send.h"

struct wb_bot;

struct compose {
	const char *to; /* an address, or the id of a room or a person */
	const char *text;
	const char *markdown;
	const char *card; /* its name */
	const char *data; /* of the card, JSON; NULL: nothing */
	const char *file; /* where it stands, for errors */
};

struct composer;

/* With the cards of cfg->cards, read once.  NULL: `e` says why. */
struct composer *composer_new(
    const struct cfg *cfg, const struct wb_bot *api, struct err *e);
void composer_free(struct composer *c);

/*
 * Queue bytes of an event of source "send" and this kind.  -1: no such
 * card, data that do not fit it, too large, ...
 */
int compose(struct composer *c, const char *kind, const struct compose *m,
    struct buf *out, struct err *e);

#endif
