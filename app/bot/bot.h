/*
 * A running bot: everything below, wired together.  For `run`, `demo` and
 * whatever else needs one.  Several may run in one process.
 */
#ifndef BOT_BOT_H
#define BOT_BOT_H

#include <stddef.h>

#include "base/cfg.h"
#include "base/err.h"

struct bot;
struct wb_bot;

/* The settings a bot cannot do without; -1: `e` says which is missing. */
int bot_check_settings(const struct cfg *cfg, struct err *e);
/*
 * The same and the bot file and the cards, whose problems are printed.
 */
int bot_check(const struct cfg *cfg, const struct wb_bot *api, struct err *e);

/*
 * Listens when it returns.  `api` holds the handlers written in C.  NULL:
 * `e` says which setting, file or address is at fault; problems of the bot
 * file and the cards have been printed.
 */
struct bot *bot_start(struct cfg *cfg, const struct wb_bot *api, struct err *e);
/* Refuse what comes, finish what is under way (within the time set), free. */
void bot_stop(struct bot *b);
/*
 * Read again what may change: certificate, token, rules, cards.  What
 * cannot be read stays as it is and is reported.
 */
void bot_reload(struct bot *b);

/* What it listens on, NULL past the end; lent. */
const char *bot_address(const struct bot *b, size_t i);
/* The admin listener, NULL when there is none. */
const char *bot_admin_address(const struct bot *b);

#endif
