/*
 * What the bot saw, for other programs: items of the outbox for each
 * outbound webhook that asks for it, and the outcome of an event of the
 * event API for its notifyurl.  steps_http.c sends them.
 */
#ifndef BOT_FORWARD_H
#define BOT_FORWARD_H

#include "bot/turn.h"
#include "connect/outhook.h"

/* What was fetched for a notification of Webex; nothing when nothing was. */
int forward_webex(struct turn *t, struct err *e);
/* What came from Webex Connect or any program. */
int forward_hub(struct turn *t, struct err *e);

/*
 * "done", "failed" or "expired" to the notifyurl in the envelope, if there
 * is one; behind the replies that are collected so far.
 */
int forward_notify(
    struct turn *t, const char *status, const char *description, struct err *e);

#endif
