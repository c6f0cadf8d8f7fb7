/*
 * A running bot: everything below, wired together.  For `run`, `demo` and
 * whatever else needs one.  Several may run in one process.
 */
#ifndef BOT_BOT_H
#define BOT_BOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cfg.h"
#include "base/err.h"

struct bot;
struct engine_stage;
struct evq_new;
struct wb_bot;

/*
 * The bot file and the cards, whose problems are printed; for the settings
 * see vet.h.
 */
int bot_check(const struct cfg *cfg, const struct wb_bot *api, struct err *e);

/*
 * Listens when it returns, and keeps what comes; bot_go lets it answer.
 * `api` holds the handlers written in C.  NULL: `e` says which setting, file
 * or address is at fault; problems of the bot file and the cards have been
 * printed.
 */
struct bot *bot_start(struct cfg *cfg, const struct wb_bot *api, struct err *e);
/*
 * Begin: what was missed, the look at the webhooks, the answers.  Until then
 * the webhooks may be registered under an address that bot_start has found,
 * and WEBEXBOT_PUBLIC_URL be set to it.
 */
int bot_go(struct bot *b, struct err *e);

/*
 * One that works on what is put into it and hears nothing: no listeners, no
 * look at the webhooks, no catching up.  For commands beside the service.
 */
struct bot_aside {
	const char *store;                /* NULL: as set */
	const struct engine_stage *stage; /* NULL: Webex itself */
};
struct bot *bot_start_aside(struct cfg *cfg, const struct wb_bot *api,
    const struct bot_aside *how, struct err *e);
/* Put an event in by hand: its id; 0: its key has been seen; -1. */
int64_t bot_put(struct bot *b, const struct evq_new *n, struct err *e);
/* Wait until nothing is open (or nothing is due); false: `ms` have passed. */
bool bot_wait_done(struct bot *b, int64_t ms);
bool bot_wait_idle(struct bot *b, int64_t ms);
/*
 * For a turn beside the events: fills in what the bot knows, with a
 * reference to its rules (turn_free).  NULL: it does not know itself yet.
 */
struct turn;
struct evq;
struct evq *bot_lend(struct bot *b, struct turn *t);
/* The problems of the moment as one text, "" for none; for the caller. */
char *bot_problems(struct bot *b);
/* The card that a message of ours shows; for the caller to free, or NULL. */
char *bot_card_of(struct bot *b, const char *message);
/*
 * Words that it answers, the first and the last of its commands and "help",
 * as a comma list: for whoever does not know it yet.
 */
void bot_words(struct bot *b, struct buf *out);
/* The clock was moved by hand. */
void bot_wake_up(struct bot *b);

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
