/*
 * Moments as people write them, and schedules in the form of cron.  Pure but
 * for the zone files.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdint.h>

#include "base/err.h"
#include "base/tz.h"

/*
 * "10m" (from now on), "2026-05-04T09:15:00Z", "2026-05-04 09:15" or "09:15"
 * (the next one), the last two with a zone behind them ("Europe/Berlin";
 * UTC without).  Milliseconds since 1970.  -1: it is none of these.
 */
int when_parse(const char *s, int64_t now, int64_t *at, struct err *e);

/* Bits for the values that fit. */
struct cron {
	uint64_t minute;
	uint32_t hour;
	uint32_t day;   /* of the month, from 1 */
	uint32_t month; /* from 1 */
	uint32_t wday;  /* 0: Sunday */
	int any_day;    /* day is *, so wday decides alone, or the other way */
	int any_wday;
};

/*
 * Five fields: minute hour day month weekday, each *, a number, a range, a
 * list, with /STEP; months and weekdays by their English names too (jan,
 * mon).  When both day and weekday are given, either is enough, as cron has
 * it.  -1: `e` names the field.
 */
int cron_parse(const char *s, struct cron *c, struct err *e);
/*
 * The first moment after `after` (seconds since 1970), in zone `z` (NULL:
 * UTC).  An hour that the clock leaves out is left out; one that comes twice
 * counts once.  -1: never.
 */
int64_t cron_next(const struct cron *c, const struct tz *z, int64_t after);

#endif
