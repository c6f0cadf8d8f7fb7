/* Timex; see timex.h. */
#include "card/timex.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "card/date.h"

/*
 * Forms of a date and of a time: d is a digit, a letter names the field its
 * two or four digits go to, S the season, P the part of the day, other signs
 * are themselves.
 */
struct timex_form {
	const char *form;
	const char *fields; /* one for each group of # in the form */
};

static const struct timex_form timex_dates[] = {
    {"####-##-##", "YMD"},
    {"XXXX-WXX-#", "w"},
    {"XXXX-##-##", "MD"},
    {"####", "Y"},
    {"####-##", "YM"},
    {"@@", "S"},
    {"####-@@", "YS"},
    {"####-W##", "YW"},
    {"####-W##-WE", "YWE"},
    {"XXXX-##", "M"},
    {"XXXX-##-W##", "Mo"},
    {"XXXX-##-WXX-#-#", "Mow"},
};

static const struct timex_form timex_times[] = {
    {"T##", "h"},
    {"T##:##", "hm"},
    {"T##:##:##", "hms"},
    {"T@@", "P"},
};

static enum timex_field
timex_letter(char c)
{
	switch (c) {
	case 'Y':
		return TIMEX_YEAR;
	case 'M':
		return TIMEX_MONTH;
	case 'D':
		return TIMEX_DAY;
	case 'w':
		return TIMEX_WEEKDAY;
	case 'W':
		return TIMEX_WEEK;
	case 'o':
		return TIMEX_MONTH_WEEK;
	case 'h':
		return TIMEX_HOUR;
	case 'm':
		return TIMEX_MINUTE;
	default:
		return TIMEX_SECOND;
	}
}

static bool
timex_word(const char *words, const char *s)
{
	const char *at;

	for (at = words; *at != '\0'; at += 3)
		if (memcmp(at, s, 2) == 0)
			return true;
	return false;
}

static bool
timex_form_fits(const char *form, const char *s, size_t n, bool date)
{
	size_t i;

	if (strlen(form) != n)
		return false;
	for (i = 0; i < n; i++) {
		if (form[i] == '#') {
			if (!isdigit((unsigned char)s[i]))
				return false;
		} else if (form[i] == '@') {
			if (!timex_word(
				date ? "SP SU FA WI " : "DT NI MO AF EV ",
				s + i))
				return false;
			i++;
		} else if (form[i] != s[i]) {
			return false;
		}
	}
	return true;
}

static void
timex_take(struct timex *t, const struct timex_form *f, const char *s)
{
	const char *field = f->fields;
	size_t i = 0, len;
	double d;

	while (*field != '\0' && f->form[i] != '\0') {
		if (f->form[i] == '@') {
			memcpy(*field == 'S' ? t->season : t->part, s + i, 2);
			field++;
			i += 2;
			continue;
		}
		len = strspn(f->form + i, "#");
		if (len == 0) {
			i++;
			continue;
		}
		for (d = 0; len > 0; len--, i++)
			d = d * 10 + (s[i] - '0');
		t->v[timex_letter(*field++)] = d;
	}
	t->weekend = t->weekend || *field == 'E';
}

static void
timex_extract(struct timex *t, const char *s, size_t n, bool date)
{
	const struct timex_form *f = date ? timex_dates : timex_times;
	size_t forms = date ? sizeof timex_dates / sizeof *timex_dates
			    : sizeof timex_times / sizeof *timex_times;
	size_t i;

	for (i = 0; i < forms; i++) {
		if (!timex_form_fits(f[i].form, s, n, date))
			continue;
		timex_take(t, &f[i], s);
		if (!date && !isnan(t->v[TIMEX_HOUR])) {
			if (isnan(t->v[TIMEX_MINUTE]))
				t->v[TIMEX_MINUTE] = 0;
			if (isnan(t->v[TIMEX_SECOND]))
				t->v[TIMEX_SECOND] = 0;
		}
		return;
	}
}

static void
timex_date_time(struct timex *t, const char *s, size_t n)
{
	const char *time = n == 0 ? NULL : memchr(s, 'T', n);
	size_t date = time == NULL ? n : (size_t)(time - s);

	timex_extract(t, s, date, true);
	if (time != NULL)
		timex_extract(t, time, n - date, false);
}

/* P3D, PT1.5H. */
static void
timex_duration(struct timex *t, const char *s, size_t n)
{
	static const char *const units[] = {"YMWD", "HMS"};
	bool time = n > 1 && s[1] == 'T';
	size_t i = time ? 2 : 1, from = i;
	const char *at;
	double d;

	if (n < i + 2 || s[0] != 'P')
		return;
	while (i < n && isdigit((unsigned char)s[i]))
		i++;
	if (i < n && s[i] == '.')
		for (i++; i < n && isdigit((unsigned char)s[i]); i++)
			;
	if (i == from || !isdigit((unsigned char)s[i - 1]) || i + 1 != n ||
	    (at = strchr(units[time], s[i])) == NULL ||
	    num_read(s + from, i - from, &d) != i - from)
		return;
	t->v[(time ? TIMEX_HOURS : TIMEX_YEARS) + (at - units[time])] = d;
}

/* (start,end,duration) */
static void
timex_range(struct timex *t, const char *s, size_t n)
{
	const char *a = memchr(s, ',', n), *b;

	if (a == NULL ||
	    (b = memchr(a + 1, ',', n - (size_t)(a + 1 - s))) == NULL ||
	    memchr(b + 1, ',', n - (size_t)(b + 1 - s)) != NULL)
		return;
	timex_date_time(t, s, (size_t)(a - s));
	timex_duration(t, b + 1, n - (size_t)(b + 1 - s));
}

void
timex_parse(struct timex *t, const char *s, size_t n)
{
	size_t i;

	memset(t, 0, sizeof *t);
	for (i = 0; i < TIMEX_FIELDS; i++)
		t->v[i] = NAN;
	if (n == 11 && memcmp(s, "PRESENT_REF", 11) == 0)
		t->now = true;
	else if (n > 0 && s[0] == 'P')
		timex_duration(t, s, n);
	else if (n > 1 && s[0] == '(' && s[n - 1] == ')')
		timex_range(t, s + 1, n - 2);
	else
		timex_date_time(t, s, n);
}

bool
timex_has(const struct timex *t, enum timex_field f)
{
	return !isnan(t->v[f]);
}

unsigned
timex_types(const struct timex *t)
{
	bool day = timex_has(t, TIMEX_DAY), month = timex_has(t, TIMEX_MONTH);
	bool year = timex_has(t, TIMEX_YEAR);
	unsigned k = 0;
	int i;

	if (t->now)
		k |= TIMEX_PRESENT | TIMEX_DATE | TIMEX_TIME;
	if (year && month && day)
		k |= TIMEX_DEFINITE;
	if ((month && day) || timex_has(t, TIMEX_WEEKDAY))
		k |= TIMEX_DATE;
	if (((year || month) && !day) || t->season[0] != '\0' ||
	    timex_has(t, TIMEX_WEEK) || timex_has(t, TIMEX_MONTH_WEEK))
		k |= TIMEX_DATERANGE;
	for (i = TIMEX_YEARS; i <= TIMEX_SECONDS; i++)
		if (!isnan(t->v[i]))
			k |= TIMEX_DURATION;
	if (timex_has(t, TIMEX_HOUR))
		k |= TIMEX_TIME;
	if (t->part[0] != '\0')
		k |= TIMEX_TIMERANGE;
	if ((k & TIMEX_TIME) && (k & TIMEX_DURATION))
		k |= TIMEX_TIMERANGE;
	if ((k & TIMEX_DATE) && (k & TIMEX_TIME))
		k |= TIMEX_DATETIME;
	if ((k & TIMEX_DATE) && (k & TIMEX_DURATION))
		k |= TIMEX_DATERANGE;
	if ((k & TIMEX_DATETIME) && (k & TIMEX_DURATION))
		k |= TIMEX_DATETIMERANGE;
	if ((k & TIMEX_DATE) && (k & TIMEX_TIMERANGE))
		k |= TIMEX_DATETIMERANGE;
	return k;
}

/* -- what it stands for -- */

static void
timex_add_date(const struct timex *t, struct buf *out)
{
	buf_addf(out, "%04.0f-%02.0f-%02.0f", t->v[TIMEX_YEAR],
	    t->v[TIMEX_MONTH], t->v[TIMEX_DAY]);
}

static void
timex_add_time(const struct timex *t, struct buf *out)
{
	buf_addf(out, "%02.0f:%02.0f:%02.0f", t->v[TIMEX_HOUR],
	    t->v[TIMEX_MINUTE], t->v[TIMEX_SECOND]);
}

int
timex_resolve(const struct timex *t, struct buf *out)
{
	static const double seconds[] = {
	    31536000, 2592000, 604800, 86400, 3600, 60, 1};
	unsigned k = timex_types(t);
	char text[NUM_TEXT];
	int i;

	if (k == 0 || (k & TIMEX_PRESENT))
		return -1;
	if (k & TIMEX_DATETIMERANGE)
		return 0;
	if ((k & TIMEX_DEFINITE) && (k & TIMEX_TIME)) {
		timex_add_date(t, out);
		buf_addc(out, ' ');
		timex_add_time(t, out);
		return 1;
	}
	if ((k & TIMEX_DEFINITE) && (k & TIMEX_DATERANGE))
		return 0;
	if (k & TIMEX_DEFINITE) {
		timex_add_date(t, out);
		return 1;
	}
	if (k & TIMEX_DATERANGE) {
		if (t->season[0] != '\0') {
			buf_adds(out, "not resolved");
			return 1;
		}
		/* a month of no year counts from a date we do not have */
		return timex_has(t, TIMEX_YEAR) ? 0 : -1;
	}
	if (k & TIMEX_TIMERANGE)
		return 0;
	if (k & TIMEX_DATE)
		return -1;
	for (i = 0; (k & TIMEX_DURATION) && i < 7; i++) {
		if (isnan(t->v[TIMEX_YEARS + i]))
			continue;
		num_text(seconds[i] * t->v[TIMEX_YEARS + i], text);
		buf_adds(out, text);
		return 1;
	}
	timex_add_time(t, out);
	return 1;
}

/* -- saying it -- */

static const char *const timex_days[] = {"Sunday", "Monday", "Tuesday",
    "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const timex_months[] = {"January", "February", "March",
    "April", "May", "June", "July", "August", "September", "October",
    "November", "December"};

int
timex_say(double ms, double today, struct buf *out)
{
	static const char *const ends[] = {
	    "th", "st", "nd", "rd", "th", "th", "th", "th", "th", "th"};
	double day = floor(ms / 864e5), now = floor(today / 864e5), week;
	struct date d, t;

	date_split(ms, &d);
	date_split(today, &t);
	week = floor((day - (now - t.weekday)) / 7); /* weeks from Sunday */
	if (day == now)
		return buf_adds(out, "today");
	if (day == now + 1)
		return buf_adds(out, "tomorrow");
	if (day == now - 1)
		return buf_adds(out, "yesterday");
	if (fabs(week) <= 1)
		return buf_addf(out, "%s %s",
		    week == 0  ? "this"
		    : week > 0 ? "next"
			       : "last",
		    timex_days[d.weekday]);
	return buf_addf(out, "%d%s %s %lld", d.day, ends[d.day % 10],
	    timex_months[d.month - 1], (long long)d.year);
}
