/* Dates: the calendar and the strict form; see date.h. */
#include "card/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS 86400000.0

bool
date_leap(int64_t y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

int
date_month_days(int64_t year, int month)
{
	static const char days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && date_leap(year));
}

/* Eras of 400 years that begin in March, so that February ends each. */
int64_t
date_days(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2), era, yoe, doy;

	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void
date_civil(int64_t days, struct date *d)
{
	int64_t z = days + 719468, era, doe, yoe, doy, mp;

	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	d->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	d->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	d->year = yoe + era * 400 + (d->month <= 2);
}

void
date_split(double ms, struct date *d)
{
	int64_t days = (int64_t)floor(ms / DAY_MS), rest;

	rest = (int64_t)(ms - (double)days * DAY_MS);
	date_civil(days, d);
	d->weekday = (int)(((days + 4) % 7 + 7) % 7);
	d->yearday = (int)(days - date_days(d->year, 1, 1)) + 1;
	d->ms = (int)(rest % 1000);
	d->second = (int)(rest / 1000 % 60);
	d->minute = (int)(rest / 60000 % 60);
	d->hour = (int)(rest / 3600000);
}

double
date_join(double year, double month, double day, double hour, double minute,
    double second, double ms)
{
	double y, m, t;

	if (!isfinite(year) || !isfinite(month) || !isfinite(day) ||
	    !isfinite(hour) || !isfinite(minute) || !isfinite(second) ||
	    !isfinite(ms))
		return NAN;
	month = trunc(month) - 1;
	y = trunc(year) + floor(month / 12);
	m = month - floor(month / 12) * 12;
	if (fabs(y) > 400000)
		return NAN;
	t = (double)date_days((int64_t)y, (int)m + 1, 1) + trunc(day) - 1;
	t = t * DAY_MS + trunc(hour) * 3600000 + trunc(minute) * 60000 +
	    trunc(second) * 1000 + trunc(ms);
	return fabs(t) <= DATE_MAX ? t + 0.0 : NAN;
}

/* That form of a moment; returns its length. */
static size_t
date_text(double ms, char out[DATE_TEXT])
{
	struct date d;
	long long y;

	date_split(ms, &d);
	y = (long long)d.year;
	return (size_t)snprintf(out, DATE_TEXT,
	    y >= 0 && y <= 9999 ? "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ"
				: "%+07lld-%02d-%02dT%02d:%02d:%02d.%03dZ",
	    y, d.month, d.day, d.hour, d.minute, d.second, d.ms);
}

double
date_parse_strict(const char *s, size_t n)
{
	char t[DATE_TEXT];
	double ms;

	/* what it prints as must be the text itself */
	if (n != 24 && n != 27)
		return NAN;
	ms = date_parse(s, n);
	if (isnan(ms) || date_text(ms, t) != n || memcmp(s, t, n) != 0)
		return NAN;
	return ms;
}
