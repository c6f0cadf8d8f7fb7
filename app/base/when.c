/* Moments and schedules; see when.h. */
#include "base/when.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clk.h"
#include "base/str.h"

#define WHEN_DAY 86400

static int
when_offset(const struct tz *z, int64_t utc)
{
	return z == NULL ? 0 : tz_offset(z, utc);
}

/* A local time as UTC; the later of two guesses around a change holds. */
static int64_t
when_utc(const struct tz *z, int64_t local)
{
	int64_t utc = local - when_offset(z, local);

	return local - when_offset(z, utc);
}

/* "[2026-05-04 ]09:15[ ZONE]"; the date is -1 when there is none. */
static int
when_local(const char *s, int64_t *day, int *minute, const struct tz **z)
{
	int y, mo, d, h, mi, n = 0;
	struct tm tm;

	*day = -1;
	if (sscanf(s, "%4d-%2d-%2d%*1[ T]%n", &y, &mo, &d, &n) == 3 && n > 0) {
		if (mo < 1 || mo > 12 || d < 1 || d > 31)
			return -1;
		memset(&tm, 0, sizeof tm);
		tm.tm_year = y - 1900;
		tm.tm_mon = mo - 1;
		tm.tm_mday = d;
		*day = timegm(&tm);
		if (tm.tm_mday != d)
			return -1;
		s += n;
	}
	n = 0;
	if (sscanf(s, "%2d:%2d%n", &h, &mi, &n) != 2 || h < 0 || h > 23 ||
	    mi < 0 || mi > 59)
		return -1;
	*minute = h * 60 + mi;
	s += n;
	*z = NULL;
	if (*s == '\0' || strcmp(s, " UTC") == 0)
		return 0;
	return *s == ' ' && (*z = tz_find(s + 1)) != NULL ? 0 : -1;
}

int
when_parse(const char *s, int64_t now, int64_t *at, struct err *e)
{
	const struct tz *z;
	int64_t day, local, t;
	long long ms;
	int minute;

	if (str_ms(s, &ms) == 0) {
		*at = now + ms;
		return 0;
	}
	if (clk_parse(s, at) == 0)
		return 0;
	if (when_local(s, &day, &minute, &z) == -1)
		return err_set(e, ERR_PERM,
		    "\"%.60s\" is no time such as 10m, 09:15 Europe/Berlin or "
		    "2026-05-04T09:15:00Z",
		    s);
	if (day == -1) {
		local = now / 1000 + when_offset(z, now / 1000);
		day = local - local % WHEN_DAY;
		if (when_utc(z, day + minute * 60) * 1000 <= now)
			day += WHEN_DAY;
	}
	t = when_utc(z, day + minute * 60);
	*at = t * 1000;
	return 0;
}

/* -- cron -- */

static const char *const cron_months[] = {"jan", "feb", "mar", "apr", "may",
    "jun", "jul", "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const cron_days[] = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

struct cron_field {
	const char *name;
	int lo, hi;
	const char *const *names; /* of lo and on, NULL: none */
};

static const struct cron_field cron_fields[] = {
    {"minute", 0, 59, NULL},
    {"hour", 0, 23, NULL},
    {"day", 1, 31, NULL},
    {"month", 1, 12, cron_months},
    {"weekday", 0, 7, cron_days},
};

/* A number or a name at *s; -1: neither. */
static int
cron_value(const struct cron_field *f, const char **s)
{
	long n = 0;
	char *end;
	int i;

	for (i = 0; f->names != NULL && f->names[i] != NULL; i++)
		if (strncasecmp(*s, f->names[i], 3) == 0) {
			*s += 3;
			return f->lo + i;
		}
	if (**s < '0' || **s > '9')
		return -1;
	n = strtol(*s, &end, 10);
	*s = end;
	return n < f->lo || n > f->hi ? -1 : (int)n;
}

/* "*", "3", "1-5", with "/2" behind it. */
static int
cron_part(const struct cron_field *f, const char *s, uint64_t *bits)
{
	int lo = f->lo, hi = f->hi, step = 1;
	char *end;
	long n;

	if (*s == '*') {
		s++;
	} else {
		if ((lo = hi = cron_value(f, &s)) == -1)
			return -1;
		if (*s == '-') {
			s++;
			if ((hi = cron_value(f, &s)) == -1 || hi < lo)
				return -1;
		} else if (*s == '/') {
			hi = f->hi;
		}
	}
	if (*s == '/') {
		n = strtol(s + 1, &end, 10);
		if (end == s + 1 || n < 1 || n > 60)
			return -1;
		step = (int)n;
		s = end;
	}
	for (; lo <= hi; lo += step)
		*bits |= 1ULL << lo;
	return *s == '\0' ? 0 : -1;
}

static int
cron_field(const struct cron_field *f, char *s, uint64_t *bits, struct err *e)
{
	char *at = s, *part;
	char whole[64];

	snprintf(whole, sizeof whole, "%s", s);
	*bits = 0;
	while ((part = strsep(&at, ",")) != NULL)
		if (cron_part(f, part, bits) == -1)
			return err_set(e, ERR_PERM,
			    "%s \"%s\" is not within %d to %d", f->name, whole,
			    f->lo, f->hi);
	return 0;
}

int
cron_parse(const char *s, struct cron *c, struct err *e)
{
	uint64_t bits[5];
	char text[256], *at = text, *word;
	int n = 0;

	if (snprintf(text, sizeof text, "%s", s) >= (int)sizeof text)
		return err_set(e, ERR_PERM, "too long");
	memset(c, 0, sizeof *c);
	while ((word = str_next(&at, ' ')) != NULL) {
		if (n == 5)
			return err_set(e, ERR_PERM, "more than five fields");
		if (n == 2)
			c->any_day = *word == '*';
		if (n == 4)
			c->any_wday = *word == '*';
		if (cron_field(&cron_fields[n], word, &bits[n], e) == -1)
			return -1;
		n++;
	}
	if (n < 5)
		return err_set(e, ERR_PERM,
		    "five fields are needed: minute hour day month weekday");
	c->minute = bits[0];
	c->hour = (uint32_t)bits[1];
	c->day = (uint32_t)bits[2];
	c->month = (uint32_t)bits[3];
	c->wday = (uint32_t)(bits[4] | bits[4] >> 7); /* 7 is Sunday too */
	return 0;
}

static bool
cron_day(const struct cron *c, const struct tm *tm)
{
	bool day = c->day >> tm->tm_mday & 1, wday = c->wday >> tm->tm_wday & 1;

	if ((c->month >> (tm->tm_mon + 1) & 1) == 0)
		return false;
	return c->any_day || c->any_wday ? day && wday : day || wday;
}

/* Does local time `t` (seconds) fit?  Else *skip: to where it may. */
static bool
cron_fits(const struct cron *c, int64_t t, int64_t *skip)
{
	time_t when = (time_t)t;
	struct tm tm;

	gmtime_r(&when, &tm);
	if (!cron_day(c, &tm))
		*skip = WHEN_DAY - t % WHEN_DAY;
	else if ((c->hour >> tm.tm_hour & 1) == 0)
		*skip = 3600 - t % 3600;
	else if ((c->minute >> tm.tm_min & 1) == 0)
		*skip = 60;
	else
		return true;
	return false;
}

int64_t
cron_next(const struct cron *c, const struct tz *z, int64_t after)
{
	int64_t local = after + when_offset(z, after), skip, utc;
	int64_t end = local + 9LL * 366 * WHEN_DAY; /* past any leap day */

	for (local += 60 - local % 60; local < end; local += skip) {
		if (!cron_fits(c, local, &skip))
			continue;
		skip = 60;
		utc = when_utc(z, local);
		/* left out by the clock, or over already */
		if (utc > after && utc + when_offset(z, utc) == local)
			return utc;
	}
	return -1;
}
