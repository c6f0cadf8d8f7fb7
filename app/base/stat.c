/* Metrics; see stat.h. */
#include "base/stat.h"

#include <inttypes.h>
#include <string.h>

enum stat_kind { STAT_IS_COUNTER, STAT_IS_GAUGE, STAT_IS_HISTOGRAM };

struct stat_row {
	const char *name;
	const char *labels;
	const char *help;
	enum stat_kind kind;
};

static const struct stat_row stat_rows[] = {
#define COUNTER(id, name, labels, help) {name, labels, help, STAT_IS_COUNTER},
#define GAUGE(id, name, labels, help) {name, labels, help, STAT_IS_GAUGE},
#define HISTOGRAM(id, name, help) {name, "", help, STAT_IS_HISTOGRAM},
#include "tbl/metrics.h"
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
};

static const int64_t stat_bounds_us[] = {500, 1000, 2500, 5000, 10000, 25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
    30000000};
#define STAT_BUCKETS (sizeof stat_bounds_us / sizeof stat_bounds_us[0])

/* For a histogram `value` is the sum in microseconds. */
static struct {
	_Atomic int64_t value;
	_Atomic int64_t count;
	_Atomic int64_t bucket[STAT_BUCKETS];
} stats[STAT_COUNT];

void
stat_add(enum stat_id id, int64_t n)
{
	atomic_fetch_add_explicit(&stats[id].value, n, memory_order_relaxed);
}

void
stat_set(enum stat_id id, int64_t n)
{
	atomic_store_explicit(&stats[id].value, n, memory_order_relaxed);
}

int64_t
stat_get(enum stat_id id)
{
	return atomic_load_explicit(&stats[id].value, memory_order_relaxed);
}

void
stat_observe_us(enum stat_id id, int64_t us)
{
	size_t i;

	stat_add(id, us);
	atomic_fetch_add_explicit(&stats[id].count, 1, memory_order_relaxed);
	for (i = 0; i < STAT_BUCKETS && us > stat_bounds_us[i]; i++)
		;
	if (i < STAT_BUCKETS)
		atomic_fetch_add_explicit(
		    &stats[id].bucket[i], 1, memory_order_relaxed);
}

static void
stat_print_histogram(enum stat_id id, const char *name, struct buf *out)
{
	int64_t sum = 0, us;
	size_t i;

	for (i = 0; i < STAT_BUCKETS; i++) {
		sum += atomic_load(&stats[id].bucket[i]);
		buf_addf(out, "%s_bucket{le=\"%g\"} %" PRId64 "\n", name,
		    (double)stat_bounds_us[i] / 1e6, sum);
	}
	sum = atomic_load(&stats[id].count);
	buf_addf(out, "%s_bucket{le=\"+Inf\"} %" PRId64 "\n", name, sum);
	us = stat_get(id);
	buf_addf(out,
	    "%s_sum %" PRId64 ".%06" PRId64 "\n%s_count %" PRId64 "\n", name,
	    us / 1000000, us % 1000000, name, sum);
}

void
stat_print(struct buf *out)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};
	const char *last = "";
	unsigned i;

	for (i = 0; i < STAT_COUNT; i++) {
		const struct stat_row *r = &stat_rows[i];

		if (strcmp(r->name, last) != 0)
			buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", r->name,
			    r->help, r->name, kinds[r->kind]);
		last = r->name;
		if (r->kind == STAT_IS_HISTOGRAM)
			stat_print_histogram(i, r->name, out);
		else if (*r->labels != '\0')
			buf_addf(out, "%s{%s} %" PRId64 "\n", r->name,
			    r->labels, stat_get(i));
		else
			buf_addf(out, "%s %" PRId64 "\n", r->name, stat_get(i));
	}
}
