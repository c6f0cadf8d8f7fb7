/*
 * What the bot says: the rules of bot.json and the cards, as one counted
 * set that is swapped at once, so that no event sees half of each.
 */
#ifndef BOT_BRAIN_H
#define BOT_BRAIN_H

#include <pthread.h>
#include <stdbool.h>

#include "base/cfg.h"
#include "base/err.h"
#include "bot/rules.h"
#include "webex/wx_hook.h"

struct brain;
struct hub;
struct wb_bot;
struct xfer;

/* Where the current set is. */
struct brain_slot {
	pthread_mutex_t lock;
	struct brain *current;
	/* for the hub (hub.h): how its secrets and keys are had */
	struct xfer *xfer;
	bool secrets;
};

/* A reference to the current one, for brain_unref. */
struct brain *brain_get(struct brain_slot *slot);
void brain_unref(struct brain *b);

/*
 * Read cards and bot.json from cfg->cards, check them, and put them into
 * the slot.  -1: problems were printed to stderr as FILE:LINE:COL with the
 * text around it, or logged when there is a set already, `e` sums them up, and
 * the slot is as it was.
 */
int brain_load(struct brain_slot *slot, const struct cfg *cfg,
    const struct wb_bot *api, struct err *e);

/*
 * The bot file as JSON, with cfg->extra; *file is NULL when there is none and
 * none is `needed`.  Its path and text (comments blanked) too; all for the
 * caller to free, also after -1.
 */
int brain_file(const struct cfg *cfg, bool needed, struct json **file,
    char **path, char **text, struct err *e);

struct cards *brain_cards(const struct brain *b);
const struct rules *brain_rules(const struct brain *b);
const struct hub *brain_hub(const struct brain *b);

/* Does anything answer this resource and event of Webex? */
bool brain_handles(
    const struct brain *b, const char *resource, const char *event);
/* The webhooks needed for it; *n of them. */
const struct wx_want *brain_wants(const struct brain *b, size_t *n);

#endif
