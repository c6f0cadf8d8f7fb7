/*
 * Timex: dates and times that may be vague ("XXXX-12-25", "T10:30", "PT30M",
 * "2024-W09").  Pure.
 */
#ifndef CARD_TIMEX_H
#define CARD_TIMEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum timex_field {
	TIMEX_YEAR,
	TIMEX_MONTH,
	TIMEX_DAY,
	TIMEX_WEEKDAY,
	TIMEX_WEEK,       /* of the year */
	TIMEX_MONTH_WEEK, /* of the month */
	TIMEX_HOUR,
	TIMEX_MINUTE,
	TIMEX_SECOND,
	TIMEX_YEARS,
	TIMEX_MONTHS,
	TIMEX_WEEKS,
	TIMEX_DAYS,
	TIMEX_HOURS,
	TIMEX_MINUTES,
	TIMEX_SECONDS,
	TIMEX_FIELDS
};

enum {
	TIMEX_PRESENT = 1,
	TIMEX_DEFINITE = 2,
	TIMEX_DATE = 4,
	TIMEX_DATERANGE = 8,
	TIMEX_DURATION = 16,
	TIMEX_TIME = 32,
	TIMEX_TIMERANGE = 64,
	TIMEX_DATETIME = 128,
	TIMEX_DATETIMERANGE = 256,
};

struct timex {
	double v[TIMEX_FIELDS]; /* NAN: not there */
	bool now, weekend;
	char season[3]; /* SP SU FA WI */
	char part[3];   /* of the day: DT NI MO AF EV */
};

void timex_parse(struct timex *t, const char *s, size_t n);
bool timex_has(const struct timex *t, enum timex_field f);
unsigned timex_types(const struct timex *t);

/*
 * What it stands for, without a date to count from: "2024-02-29",
 * "10:30:00", seconds of a duration.  1: appended; 0: it stands for no one
 * value; -1: it cannot be said.
 */
int timex_resolve(const struct timex *t, struct buf *out);

/* How people say date `ms` on the day of `today`: "tomorrow". */
int timex_say(double ms, double today, struct buf *out);

#endif
