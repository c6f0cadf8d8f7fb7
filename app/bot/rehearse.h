/*
 * A rehearsal: one event on its way through the whole engine, with nothing
 * leaving that changes anything.  For `webexbot match` and `inject
 * --dry-run`; main thread.
 */
#ifndef BOT_REHEARSE_H
#define BOT_REHEARSE_H

#include <stddef.h>

#include "base/cfg.h"
#include "base/err.h"
#include "base/json.h"

struct wb_bot;

struct rehearse_said {
	const char *text;
	const char *email; /* who says it */
	const char *room;  /* a group room; NULL: the direct room */
};

/*
 * What happens to a saved notification (fetched from Webex, or without a
 * token taken from the notification itself, with the cards and the memory of
 * the store), or to a text that nobody has said (nothing
 * is fetched, the store is not looked at).  An object for the caller:
 *
 *   rule      name of the rule, or null
 *   place     JSON pointer of it in the bot file, or null
 *   state     done or dead
 *   reason    why, or null
 *   requests  what would be sent: method, path, body (null: none).  A call
 *             of another program has its address as path, and is not made:
 *             the rule goes on as if there were no connection.
 *
 * NULL: `e` says why.
 */
struct json *rehearse_saved(struct cfg *cfg, const struct wb_bot *api,
    const char *raw, size_t len, struct err *e);
struct json *rehearse_said(struct cfg *cfg, const struct wb_bot *api,
    const struct rehearse_said *said, struct err *e);

#endif
