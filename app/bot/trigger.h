/*
 * "trigger" of a reply: an event or an inbound webhook of Webex Connect is
 * started by the outbox (steps_http.c), instead of a message or beside it.
 */
#ifndef BOT_TRIGGER_H
#define BOT_TRIGGER_H

#include "base/cfg.h"
#include "bot/turn.h"
#include "card/problem.h"

/*
 * Check one in the bot file.  The host of its address must be written out:
 * where requests go is for the operator to say, not for a text that came in.
 */
void trigger_check(
    const struct json *trigger, const char *path, struct problems *ps);

/*
 * Add a rendered one ({"event": ...} or {"inbound": ...}), to be sent at this
 * time (clk_wall_ms; 0: at once).
 */
int trigger_put(
    struct turn *t, const struct val *trigger, int64_t at, struct err *e);
/* Add the trigger of a rendered reply, if it has one; *only: nothing else. */
int trigger_add(struct turn *t, const struct val *reply, int64_t at, bool *only,
    struct err *e);

/*
 * The headers of a stored one, with its secrets read now, in the arena's
 * memory; NULL at the end.  -1: a secret is missing, or memory.
 */
#define TRIGGER_HEADERS 6
int trigger_headers(const struct json *item, const struct cfg *cfg,
    struct arena *a, const char *headers[TRIGGER_HEADERS], struct err *e);

#endif
