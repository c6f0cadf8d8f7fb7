/*
 * The schedules of the bot file: when the time of one comes, an event of its
 * name is put into the queue, once, whatever crashes or restarts in between.
 * One thread.
 */
#ifndef BOT_SCHED_H
#define BOT_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "bot/brain.h"
#include "store/evq.h"

struct sched;

struct sched_opts {
	struct evq *q;
	struct brain_slot *brain;
	/*
	 * What was due within so many ms before the start, and not put by
	 * the run before it, is made up for: the latest time of each.
	 */
	int64_t catchup_ms;
};

struct sched *sched_start(const struct sched_opts *o, struct err *e);
/* Other rules, or another time: look again. */
void sched_wake(struct sched *s);
/* Has everything been put whose time had come when it was last woken? */
bool sched_idle(struct sched *s);
/* NULL is fine. */
void sched_stop(struct sched *s);

#endif
