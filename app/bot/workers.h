/*
 * Threads for what may block: handlers written in C.  Work is done in the
 * order in which it was given.
 */
#ifndef BOT_WORKERS_H
#define BOT_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct workers;

/* Embedded in what is to be done; the giver's until `fn` is called. */
struct work {
	struct work *next;
	void (*fn)(struct work *w); /* on a worker; `w` is its own then */
};

struct workers *workers_start(int threads, struct err *e);
/* Any thread.  What comes after workers_stop is not done. */
void workers_do(struct workers *ws, struct work *w);
/*
 * Take no more, wait for what is being done at most `ms`.  False: something
 * still is, and neither the workers nor what they use may be freed.
 */
bool workers_stop(struct workers *ws, int64_t ms);
/* After workers_stop has said true; NULL is fine. */
void workers_free(struct workers *ws);

#endif
