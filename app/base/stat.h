/*
 * Counters, gauges and histograms, from tbl/metrics.h.  Atomics: any
 * thread, no lock.  Process-wide on purpose: /metrics tells of a process.
 */
#ifndef BASE_STAT_H
#define BASE_STAT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/buf.h"

enum stat_id {
#define COUNTER(id, name, labels, help) STAT_##id,
#define GAUGE(id, name, labels, help) STAT_##id,
#define HISTOGRAM(id, name, help) STAT_##id,
#include "tbl/metrics.h"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
	STAT_COUNT
};

void stat_add(enum stat_id id, int64_t n);
static inline void
stat_inc(enum stat_id id)
{
	stat_add(id, 1);
}
void stat_set(enum stat_id id, int64_t n);
int64_t stat_get(enum stat_id id);

/* Record a duration in a histogram. */
void stat_observe_us(enum stat_id id, int64_t us);

/* Append everything in the Prometheus text form. */
void stat_print(struct buf *out);

#endif
