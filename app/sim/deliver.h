/*
 * Sends notifications to the targets of webhooks, as the platform does:
 * POST, signed when the webhook has a secret, ten seconds, no second try;
 * 100 failures in five minutes disable the webhook (W1).
 *
 * Events of one room reach a webhook in order, each after the answer to the
 * one before; rooms go side by side.  (The platform promises no order: see
 * deliver_order.)
 *
 * One thread of its own hands the requests to xfer, whose thread reports
 * the answers.  All functions are called under sim->mu unless said.
 */
#ifndef SIM_DELIVER_H
#define SIM_DELIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "sim/world.h"

#define DELIVER_MAX 100000    /* waiting; what is beyond is dropped */
#define DELIVER_PARALLEL 64   /* in flight at once, unless told otherwise */
#define DELIVER_WINDOW 300000 /* ms in which failures are counted */

struct deliver;
struct sim;

/* Not under mu.  NULL: `e` says why. */
struct deliver *deliver_start(struct sim *s, struct err *e);
/* Not under mu.  Sends no more; what is in flight is left to xfer_stop. */
void deliver_stop(struct deliver *d);
/* Not under mu, after xfer_stop. */
void deliver_free(struct deliver *d);

/* Queue a body (taken) for a webhook; `room` is the lane it goes in. */
void deliver_put(
    struct deliver *d, const struct hook *h, const char *room, char *body);

/* Waiting and in flight. */
size_t deliver_pending(const struct deliver *d);
/* Forget what waits. */
void deliver_clear(struct deliver *d);
/* While held nothing is sent. */
void deliver_hold(struct deliver *d, bool on);
bool deliver_held(const struct deliver *d);
/*
 * How many in flight at once, and whether the newest goes first.  Newest
 * first is one at a time, so hold, two events and release come out swapped.
 */
void deliver_order(struct deliver *d, int parallel, bool newest_first);
int deliver_parallel(const struct deliver *d);
bool deliver_newest_first(const struct deliver *d);
/* The clock was moved. */
void deliver_wake(struct deliver *d);

#endif
