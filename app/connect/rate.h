/* A token bucket: so many a second, a second's worth at once.  Any thread. */
#ifndef CONNECT_RATE_H
#define CONNECT_RATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct rate {
	pthread_mutex_t lock;
	double per_s; /* 0: no limit */
	double burst; /* most that are saved up */
	double have;
	int64_t at; /* clk_mono_ms when `have` was right */
};

/* Full at first; `burst` at least 1. */
void rate_init(struct rate *r, double per_s, double burst);
void rate_done(struct rate *r);
/* Take one; false: there is none left at `mono_ms`. */
bool rate_take(struct rate *r, int64_t mono_ms);

#endif
