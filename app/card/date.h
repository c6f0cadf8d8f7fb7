/*
 * Dates as the host of the reference has them: milliseconds since 1970 in a
 * double (NAN: no date), the proleptic Gregorian calendar, a parser that
 * takes what browsers take, and .NET-style pictures.  Pure.
 */
#ifndef CARD_DATE_H
#define CARD_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct date {
	int64_t year;
	int month;   /* 1..12 */
	int day;     /* 1..31 */
	int weekday; /* Sunday is 0 */
	int yearday; /* 1..366 */
	int hour, minute, second, ms;
};

#define DATE_MAX 8.64e15

/* Fields of a moment; `ms` must be a date. */
void date_split(double ms, struct date *d);
/* Fields that overflow carry over; NAN outside the range of dates. */
double date_join(double year, double month, double day, double hour,
    double minute, double second, double ms);
int64_t date_days(int64_t year, int month, int day); /* since 1970 */
int date_month_days(int64_t year, int month);
bool date_leap(int64_t year);

/*
 * Any text that JavaScript's Date takes; without a zone it means UTC.
 */
double date_parse(const char *s, size_t n);

/* Exactly YYYY-MM-DDTHH:mm:ss.sssZ (or with six year digits). */
double date_parse_strict(const char *s, size_t n);
#define DATE_TEXT 40

/*
 * Append `ms` in the .NET-style picture ("yyyy-MM-dd").  `offset` minutes
 * east of UTC, shown by z and K, have been added to `ms` already.  `utc`: the
 * form of an empty picture ends in Z.
 */
int date_format(double ms, int offset, bool utc, const char *picture, size_t n,
    struct buf *out);
/* The same for the second notation itself ("YYYY-MM-DD[T]"). */
int date_format_raw(double ms, int offset, bool utc, const char *picture,
    size_t n, struct buf *out);

#endif
