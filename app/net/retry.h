/*
 * When to try again.  Pure: the caller brings the time and a random number.
 */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include <stdint.h>

/* Longest Retry-After that is believed: an hour, the platform's own most. */
#define RETRY_AFTER_MAX_MS (3600 * 1000)

/*
 * A Retry-After value (seconds, or an HTTP date) as milliseconds from now,
 * within 1 s and RETRY_AFTER_MAX_MS; 0 counts as 1 s.  -1: missing (NULL)
 * or malformed.  `wall_ms` is the time now, for dates.
 */
int64_t retry_after_ms(const char *value, int64_t wall_ms);

/* A Date (RFC 9110) as wall_ms; -1: missing (NULL) or malformed. */
int retry_date(const char *value, int64_t *wall_ms);

/*
 * The wait before try number `attempt` + 1 (1: after the first try):
 * doubling from `base_ms` to `max_ms`, half of it random.  `rnd` is any
 * random number.
 */
int64_t retry_backoff_ms(
    unsigned attempt, int64_t base_ms, int64_t max_ms, uint32_t rnd);

/* A random number for it; any thread. */
uint32_t retry_random(void);

#endif
