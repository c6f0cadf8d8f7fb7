/*
 * Replies that no event asked for: they are put into the queue as an event
 * of their own (source "send"), whose body holds them, and so outlive
 * everything that other events outlive.
 */
#ifndef BOT_SEND_H
#define BOT_SEND_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "bot/job.h"
#include "bot/outbox.h"
#include "bot/turn.h"

#define SEND_SOURCE "send"
#define SEND_BYTES_MAX (8 << 20)

/*
 * As queue bytes.  `kind` tells them apart in listings: "send", "later";
 * `wishes` (may be NULL) is what hand_remember takes, for the person and
 * room of `t` (NULL: nobody's).
 */
int send_pack(const char *kind, const struct outbox *o, const struct turn *t,
    const struct json *wishes, struct buf *out, struct err *e);

/* The step that turns such an event into its replies; others pass. */
enum job_next send_step(struct job *j);

#endif
