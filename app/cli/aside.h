/*
 * Work that is put into the store from outside the bot: by the running one,
 * if there is one, else by ourselves.  For inject, send, broadcast.
 */
#ifndef CLI_ASIDE_H
#define CLI_ASIDE_H

#include <stdint.h>

#include "cli/cli.h"
#include "store/evq.h"

struct aside;

/*
 * Is the token there, if this process is to do the work?  -1: `e` says which
 * setting is missing.
 */
int aside_ready(const struct cli *c, struct err *e);
/*
 * NULL: `e` says why.  With a bot at work on the store this only opens it;
 * without one a bot is started that hears nothing and works on what the
 * store holds.
 */
struct aside *aside_open(struct cli *c, struct err *e);
void aside_close(struct aside *a);
/* Durable when it returns: the event's id; 0: its key has been seen; -1. */
int64_t aside_put(struct aside *a, const struct evq_new *n, struct err *e);
/* The store, for looking; lent. */
struct evq_view *aside_view(struct aside *a);
/* Sleep a moment, for those who look again and again. */
void aside_nap(void);
/*
 * Wait until the event and its replies are done, dead or uncertain, at most
 * `ms`: the event as `events show --json` has it, for the caller.  NULL: not
 * yet (ERR_TEMP: it stays queued), or it could not be read.
 */
struct json *aside_wait(struct aside *a, int64_t id, int64_t ms, struct err *e);

#endif
