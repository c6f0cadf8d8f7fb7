/* Functions: timex, and dates as people say them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "card/date.h"
#include "card/expr_int.h"
#include "card/timex.h"

/* A timex text, or an object with fields such as {month: 2}. */
static int
expr_timex(struct expr_run *x, const struct val *a, struct timex *t)
{
	static const char *const names[TIMEX_FIELDS] = {"year", "month",
	    "dayOfMonth", "dayOfWeek", "weekOfYear", "weekOfMonth", "hour",
	    "minute", "second", "years", "months", "weeks", "days", "hours",
	    "minutes", "seconds"};
	const struct val *v;
	size_t i;

	if (a[0].kind == VAL_TEXT) {
		timex_parse(t, a[0].s, a[0].n);
		return 0;
	}
	timex_parse(t, "", 0);
	if ((a[0].kind != VAL_OBJ && a[0].kind != VAL_LIST) || a[0].n == 0)
		return expr_fail_arg(x, 0, "is not a timex text");
	for (i = 0; i < TIMEX_FIELDS; i++)
		if ((v = val_gets(&a[0], names[i])) != NULL && expr_is_num(v))
			t->v[i] = v->num;
	return 0;
}

/* What a timex is, by the fields it has. */
static bool
expr_timex_is(const struct timex *t, char what)
{
	int i;

	switch (what) {
	case 'd':
		return (timex_has(t, TIMEX_MONTH) && timex_has(t, TIMEX_DAY)) ||
		       timex_has(t, TIMEX_WEEKDAY);
	case 't':
		return timex_has(t, TIMEX_HOUR);
	case 'r':
		return ((timex_has(t, TIMEX_YEAR) ||
			    timex_has(t, TIMEX_MONTH)) &&
			   !timex_has(t, TIMEX_DAY)) ||
		       t->season[0] != '\0' || timex_has(t, TIMEX_WEEK) ||
		       timex_has(t, TIMEX_MONTH_WEEK);
	case 'p':
		return t->part[0] != '\0';
	case 'D':
		return (timex_types(t) & TIMEX_DEFINITE) != 0;
	case 'n':
		return t->now;
	default:
		for (i = TIMEX_YEARS; i <= TIMEX_SECONDS; i++)
			if (!isnan(t->v[i]))
				return true;
		return false;
	}
}

#define EXPR_TIMEX(name, what)                                                 \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		struct timex t;                                                \
                                                                               \
		(void)n;                                                       \
		if (expr_timex(x, a, &t) == -1)                                \
			return -1;                                             \
		*out = val_bool(expr_timex_is(&t, what));                      \
		return 0;                                                      \
	}

EXPR_TIMEX(is_date, 'd')
EXPR_TIMEX(is_time, 't')
EXPR_TIMEX(is_date_range, 'r')
EXPR_TIMEX(is_time_range, 'p')
EXPR_TIMEX(is_duration, 'P')
EXPR_TIMEX(is_definite, 'D')
EXPR_TIMEX(is_present, 'n')

static int
expr_fn_resolve(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	struct timex t;
	int rc;

	(void)n;
	if (expr_timex(x, a, &t) == -1)
		return -1;
	if ((rc = timex_resolve(&t, &x->tmp)) == -1)
		return expr_fail_arg(x, 0, "cannot be resolved to one value");
	*out = val_missing();
	return rc == 0 ? 0 : expr_take(x, mark, out);
}

/* -- the next and the previous one -- */

static int
expr_viable_date(struct expr_run *x, const struct val *a, size_t n, int step,
    struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	struct date now;
	struct timex t;
	double ms;
	int m, d;
	int64_t y;

	if (expr_timex(x, a, &t) == -1)
		return -1;
	if (timex_has(&t, TIMEX_YEAR) || !(t.v[TIMEX_MONTH] > 0) ||
	    !(t.v[TIMEX_DAY] > 0))
		return expr_fail_arg(
		    x, 0, "is no month and day such as XXXX-10-31");
	if (expr_zone_now(x, a, n, &ms) == -1)
		return -1;
	date_split(ms, &now);
	m = (int)t.v[TIMEX_MONTH];
	d = (int)t.v[TIMEX_DAY];
	y = now.year;
	if (step > 0 && !(m > now.month || (m == now.month && d >= now.day)))
		y++;
	if (step < 0 && !(m < now.month || (m == now.month && d < now.day)))
		y--;
	while (m == 2 && d == 29 && !date_leap(y))
		y += step;
	date_split(date_join((double)y, m, d, 0, 0, 0, 0), &now);
	buf_addf(&x->tmp, "%04lld-%02d-%02d", (long long)now.year, now.month,
	    now.day);
	return expr_take(x, mark, out);
}

static int
expr_fn_next_date(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_viable_date(x, a, n, 1, out);
}

static int
expr_fn_previous_date(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_viable_date(x, a, n, -1, out);
}

/* TXX:mm:ss somewhere in the text. */
static bool
expr_minutes(const struct val *v)
{
	size_t i;

	for (i = 0; v->kind == VAL_TEXT && i + 9 <= v->n; i++) {
		const char *s = v->s + i;

		if (memcmp(s, "TXX:", 4) == 0 && s[4] >= '0' && s[4] <= '5' &&
		    s[5] >= '0' && s[5] <= '9' && s[6] == ':' && s[7] >= '0' &&
		    s[7] <= '5' && s[8] >= '0' && s[8] <= '9')
			return true;
	}
	return false;
}

static int
expr_viable_time(struct expr_run *x, const struct val *a, size_t n, int step,
    struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	int hour, at, want;
	struct date now;
	struct timex t;
	double ms;
	char s[10];

	if (!expr_minutes(&a[0]) || a[0].n != 9)
		return expr_fail_arg(
		    x, 0, "is no minute and second such as TXX:15:28");
	if (expr_zone_now(x, a, n, &ms) == -1)
		return -1;
	memcpy(s, a[0].s, 9);
	memcpy(s + 1, "00", 2);
	timex_parse(&t, s, 9);
	date_split(ms, &now);
	at = now.minute * 60 + now.second;
	want = (int)(t.v[TIMEX_MINUTE] * 60 + t.v[TIMEX_SECOND]);
	hour = now.hour;
	if (step > 0 ? want < at : want >= at)
		hour = (hour + step + 24) % 24;
	buf_addf(&x->tmp, "T%02d", hour);
	if (want != 0)
		buf_addf(&x->tmp, ":%02d", want / 60);
	if (want % 60 != 0)
		buf_addf(&x->tmp, ":%02d", want % 60);
	return expr_take(x, mark, out);
}

static int
expr_fn_next_time(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_viable_time(x, a, n, 1, out);
}

static int
expr_fn_previous_time(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_viable_time(x, a, n, -1, out);
}

/* -- saying it -- */

static int
expr_fn_read_back(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp), i;
	double ms[2];

	(void)n;
	for (i = 0; i < 2; i++) {
		ms[i] = date_parse_strict(a[i].s, a[i].n);
		if (isnan(ms[i]))
			return expr_fail_arg(x, i,
			    "is not a date such as 2024-02-29T10:30:00.000Z");
	}
	timex_say(ms[1], ms[0], &x->tmp);
	return expr_take(x, mark, out);
}

static int
expr_fn_time_of_day(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	static const char form[] = "YYYY-MM-DDTHH:mm:ss.SSS0000";
	double ms = date_parse_strict(a[0].s, a[0].n);
	size_t mark = buf_len(&x->tmp);
	const char *s;
	struct date d;
	int t;

	(void)n;
	*out = val_missing();
	if (isnan(ms)) {
		/* also what convertFromUTC gives */
		if (isnan(ms = date_parse(a[0].s, a[0].n)))
			return expr_fail_arg(x, 0, "is not a date");
		date_format_raw(ms, 0, true, form, sizeof form - 1, &x->tmp);
		t = buf_len(&x->tmp) - mark == a[0].n &&
		    memcmp(buf_str(&x->tmp) + mark, a[0].s, a[0].n) == 0;
		buf_cut(&x->tmp, mark);
		if (!t)
			return 0;
	}
	date_split(ms, &d);
	t = d.hour * 100 + d.minute;
	s = t == 0      ? "midnight"
	    : t < 1200  ? "morning"
	    : t == 1200 ? "noon"
	    : t < 1800  ? "afternoon"
	    : t <= 2200 ? "evening"
			: "night";
	*out = val_str(s);
	return 0;
}

#define T EXPR_T_TEXT
#define B EXPR_T_BOOL

const struct expr_fn expr_fn_timex[] = {
    {"isDate", NULL, "*", B, 0, 0, 3, expr_fn_is_date, NULL},
    {"isTime", NULL, "*", B, 0, 0, 3, expr_fn_is_time, NULL},
    {"isDateRange", NULL, "*", B, 0, 0, 3, expr_fn_is_date_range, NULL},
    {"isTimeRange", NULL, "*", B, 0, 0, 3, expr_fn_is_time_range, NULL},
    {"isDuration", NULL, "*", B, 0, 0, 3, expr_fn_is_duration, NULL},
    {"isDefinite", NULL, "*", B, 0, 0, 3, expr_fn_is_definite, NULL},
    {"isPresent", NULL, "*", B, 0, 0, 3, expr_fn_is_present, NULL},
    {"resolve", NULL, "*", T, 0, 0, 3, expr_fn_resolve, NULL},
    {"getNextViableDate", NULL, "tt?", T, 0, 0, 3, expr_fn_next_date, NULL},
    {"getPreviousViableDate", NULL, "tt?", T, 0, 0, 3, expr_fn_previous_date,
	NULL},
    {"getNextViableTime", NULL, "tt?", T, 0, 0, 3, expr_fn_next_time, NULL},
    {"getPreviousViableTime", NULL, "tt?", T, 0, 0, 3, expr_fn_previous_time,
	NULL},
    {"dateReadBack", NULL, "tt", T, EXPR_W_TEXT, 0, 3, expr_fn_read_back, NULL},
    {"getTimeOfDay", NULL, "t", T, EXPR_W_TEXT, 0, 3, expr_fn_time_of_day,
	NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
