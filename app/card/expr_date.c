/*
 * Functions: dates, in UTC.  Those that change a date take only the strict
 * form 2024-02-29T10:30:00.000Z and give it unless they are told a picture.
 */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "card/date.h"
#include "card/expr_int.h"

#define TICKS_1970 621355968000000000

/* Argument i as a strict date. */
static int
expr_strict(struct expr_run *x, const struct val *a, size_t i, double *ms)
{
	if (a[i].kind != VAL_TEXT)
		return expr_fail_arg(x, i, "is not a text");
	*ms = date_parse_strict(a[i].s, a[i].n);
	if (isnan(*ms))
		return expr_fail_arg(
		    x, i, "is not a date such as 2024-02-29T10:30:00.000Z");
	return 0;
}

/*
 * `ms` in the picture that may stand at argument `at`; a locale after it
 * changes nothing, but both must be texts then.
 */
static int
expr_date_out(struct expr_run *x, double ms, const struct val *a, size_t n,
    size_t at, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	static const char strict[] = "YYYY-MM-DDTHH:mm:ss.SSS[Z]";
	bool picture = n > at && a[at].kind == VAL_TEXT && a[at].n > 0;

	if (n == at + 2 && a[at + 1].kind != VAL_TEXT)
		picture = false;
	else if (n == at + 2 && a[at + 1].n == 0 && a[at].kind == VAL_TEXT)
		return expr_fail_arg(x, at + 1, "is not a locale");
	if (picture)
		date_format(ms, 0, true, a[at].s, a[at].n, &x->tmp);
	else
		date_format_raw(
		    ms, 0, true, strict, sizeof strict - 1, &x->tmp);
	return expr_take(x, mark, out);
}

/* -- writing dates -- */

static int
expr_fn_format_date(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	double ms;

	if (a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	ms = date_parse(a[0].s, a[0].n);
	/* without a zone at its end it means UTC, whatever its form */
	if (!isnan(ms) && !(a[0].n > 0 && a[0].s[a[0].n - 1] == 'Z')) {
		double utc;

		buf_add(&x->tmp, a[0].s, a[0].n);
		buf_addc(&x->tmp, 'Z');
		utc = date_parse(
		    buf_str(&x->tmp) + mark, buf_len(&x->tmp) - mark);
		buf_cut(&x->tmp, mark);
		if (!isnan(utc))
			ms = utc;
	}
	if (isnan(ms))
		return expr_fail_arg(x, 0, "is not a date");
	return expr_date_out(x, ms, a, n, 1, out);
}

static int
expr_fn_format_epoch(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double ms;

	if (!expr_is_num(&a[0]))
		return expr_fail_arg(x, 0, "is not a number");
	ms = trunc(a[0].num * 1000);
	if (!(fabs(ms) <= DATE_MAX))
		return expr_fail_arg(x, 0, "is not a date");
	return expr_date_out(x, ms, a, n, 1, out);
}

static int
expr_fn_format_ticks(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double ticks = NAN, ms;

	if (a[0].kind == VAL_BIG)
		ms = (double)((a[0].big - TICKS_1970) / 10000);
	else {
		if (expr_is_whole(&a[0]))
			ticks = a[0].num;
		else if (a[0].kind == VAL_TEXT && a[0].n == 0)
			ticks = 0;
		else if (a[0].kind == VAL_TEXT &&
			 (num_read(a[0].s, a[0].n, &ticks) != a[0].n ||
			     !num_whole(ticks)))
			ticks = NAN;
		if (!(fabs(ticks) < 9e18))
			return expr_fail_arg(x, 0, "is no number of ticks");
		ms = (double)(((int64_t)ticks - TICKS_1970) / 10000);
	}
	if (!(fabs(ms) <= DATE_MAX))
		return expr_fail_arg(x, 0, "is not a date");
	return expr_date_out(x, ms, a, n, 1, out);
}

static int
expr_fn_now(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_date_out(x, (double)x->env.now, a, n, 0, out);
}

static int
expr_fn_date(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	static const char form[] = "M/DD/YYYY";
	size_t mark = buf_len(&x->tmp);
	double ms;

	(void)n;
	if (expr_strict(x, a, 0, &ms) == -1)
		return -1;
	date_format_raw(ms, 0, true, form, sizeof form - 1, &x->tmp);
	return expr_take(x, mark, out);
}

/* -- fields -- */

#define EXPR_FIELD(name, field)                                                \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		struct date d;                                                 \
		double ms;                                                     \
                                                                               \
		(void)n;                                                       \
		if (expr_strict(x, a, 0, &ms) == -1)                           \
			return -1;                                             \
		date_split(ms, &d);                                            \
		*out = val_num((double)d.field);                               \
		return 0;                                                      \
	}

EXPR_FIELD(year, year)
EXPR_FIELD(month, month)
EXPR_FIELD(day_of_month, day)
EXPR_FIELD(day_of_week, weekday)
EXPR_FIELD(day_of_year, yearday)

/* -- moving -- */

/* n is added to one field and the sum cut to a whole number. */
static int
expr_add_field(struct expr_run *x, const struct val *a, size_t n, char field,
    struct val *out)
{
	double ms, by;
	struct date d;

	if (a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	if (!expr_is_num(&a[1]))
		return expr_fail_arg(x, 1, "is not a number");
	if (expr_strict(x, a, 0, &ms) == -1)
		return -1;
	by = a[1].num;
	date_split(ms, &d);
	ms = date_join((double)d.year, d.month,
	    field == 'd' ? trunc(d.day + by) : d.day,
	    field == 'h' ? trunc(d.hour + by) : d.hour,
	    field == 'm' ? trunc(d.minute + by) : d.minute,
	    field == 's' ? trunc(d.second + by) : d.second, d.ms);
	return expr_date_out(x, ms, a, n, 2, out);
}

#define EXPR_ADD(name, field)                                                  \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		return expr_add_field(x, a, n, field, out);                    \
	}

EXPR_ADD(add_days, 'd')
EXPR_ADD(add_hours, 'h')
EXPR_ADD(add_minutes, 'm')
EXPR_ADD(add_seconds, 's')

static const struct expr_unit {
	const char *name;
	double ms; /* 0: months */
	int months;
} expr_units_of_time[] = {
    {"Second", 1000, 0},
    {"Minute", 60000, 0},
    {"Hour", 3600000, 0},
    {"Day", 86400000, 0},
    {"Week", 7 * 86400000.0, 0},
    {"Month", 0, 1},
    {"Year", 0, 12},
};

static const struct expr_unit *
expr_unit(const struct val *name)
{
	size_t i;

	for (i = 0; i < sizeof expr_units_of_time / sizeof *expr_units_of_time;
	     i++)
		if (val_is(name, expr_units_of_time[i].name))
			return &expr_units_of_time[i];
	return NULL;
}

/* The end of a month is clamped: a month after 31 January is in February. */
static double
expr_shift(double ms, double by, const struct expr_unit *unit)
{
	struct date d;
	double month, year;
	int last;

	if (unit == NULL || unit->ms != 0) {
		ms += by * (unit == NULL ? 1 : unit->ms);
		return fabs(ms) <= DATE_MAX ? ms : NAN;
	}
	date_split(ms, &d);
	month = d.month - 1 + by * unit->months;
	year = (double)d.year + floor(month / 12);
	month -= floor(month / 12) * 12;
	if (!(fabs(year) < 400000))
		return NAN;
	last = date_month_days((int64_t)year, (int)month + 1);
	return date_join(year, month + 1, d.day < last ? d.day : last, d.hour,
	    d.minute, d.second, d.ms);
}

static int
expr_to_time(struct expr_run *x, const struct val *a, size_t n, int sign,
    struct val *out)
{
	const struct expr_unit *unit;
	double ms;

	if (a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	if (!expr_is_whole(&a[1]))
		return expr_fail_arg(x, 1, "is not a whole number");
	if (a[2].kind != VAL_TEXT)
		return expr_fail_arg(x, 2, "is not a text");
	/* an unknown unit adds milliseconds, as in the reference */
	if ((unit = expr_unit(&a[2])) == NULL && sign < 0)
		return expr_fail_arg(x, 2, "is no unit of time");
	if (expr_strict(x, a, 0, &ms) == -1)
		return -1;
	return expr_date_out(
	    x, expr_shift(ms, sign * a[1].num, unit), a, n, 3, out);
}

static int
expr_fn_add_to(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_to_time(x, a, n, 1, out);
}

static int
expr_fn_subtract_from(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_to_time(x, a, n, -1, out);
}

static int
expr_from_now(struct expr_run *x, const struct val *a, size_t n, int sign,
    struct val *out)
{
	const struct expr_unit *unit;

	if (!expr_is_whole(&a[0]))
		return expr_fail_arg(x, 0, "is not a whole number");
	if ((unit = expr_unit(&a[1])) == NULL)
		return expr_fail_arg(x, 1, "is no unit of time");
	return expr_date_out(x,
	    expr_shift((double)x->env.now, sign * a[0].num, unit), a, n, 2,
	    out);
}

static int
expr_fn_future(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_from_now(x, a, n, 1, out);
}

static int
expr_fn_past(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_from_now(x, a, n, -1, out);
}

static int
expr_start_of(struct expr_run *x, const struct val *a, size_t n, char unit,
    struct val *out)
{
	struct date d;
	double ms;

	if (expr_strict(x, a, 0, &ms) == -1)
		return -1;
	date_split(ms, &d);
	ms = date_join((double)d.year, d.month, unit == 'M' ? 1 : d.day,
	    unit == 'h' ? d.hour : 0, 0, 0, 0);
	return expr_date_out(x, ms, a, n, 1, out);
}

#define EXPR_START(name, unit)                                                 \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		return expr_start_of(x, a, n, unit, out);                      \
	}

EXPR_START(start_of_day, 'd')
EXPR_START(start_of_hour, 'h')
EXPR_START(start_of_month, 'M')

/* -- ticks: 100 nanoseconds since the year 1 -- */

static int
expr_fn_ticks(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double ms = 0;

	(void)n;
	if (expr_strict(x, a, 0, &ms) == -1)
		return -1;
	if (fabs(ms) > 8e14)
		return expr_fail_arg(x, 0, "is too far away to count ticks");
	*out = (struct val){
	    .kind = VAL_BIG, .big = (int64_t)ms * 10000 + TICKS_1970};
	return 0;
}

static int
expr_ticks_to(
    struct expr_run *x, const struct val *a, double unit, struct val *out)
{
	if (a[0].kind != VAL_BIG && !expr_is_whole(&a[0]))
		return expr_fail_arg(x, 0, "is no number of ticks");
	*out = val_num(
	    (a[0].kind == VAL_BIG ? (double)a[0].big : a[0].num) / unit);
	return 0;
}

#define EXPR_TICKS(name, unit)                                                 \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		(void)n;                                                       \
		return expr_ticks_to(x, a, unit, out);                         \
	}

EXPR_TICKS(ticks_days, 864e9)
EXPR_TICKS(ticks_hours, 36e9)
EXPR_TICKS(ticks_minutes, 6e8)

static int
expr_fn_diff(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double from, to;

	(void)n;
	if (expr_strict(x, a, 0, &from) == -1 ||
	    expr_strict(x, a, 1, &to) == -1)
		return -1;
	*out = val_num((from - to) * 10000);
	return 0;
}

/* -- */

static int
expr_fn_is_date_time(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)x, (void)n;
	*out = val_bool(
	    a[0].kind == VAL_TEXT && !isnan(date_parse_strict(a[0].s, a[0].n)));
	return 0;
}

#define T EXPR_T_TEXT
#define N EXPR_T_NUM

const struct expr_fn expr_fn_dates[] = {
    {"formatDateTime", NULL, "tt?t?", T, 0, 0, 1, expr_fn_format_date, NULL},
    {"formatEpoch", NULL, "nt?t?", T, 0, 0, 1, expr_fn_format_epoch, NULL},
    {"formatTicks", NULL, "nt?t?", T, 0, 0, 2, expr_fn_format_ticks, NULL},
    {"utcNow", NULL, "t?t?", T, 0, 0, 1, expr_fn_now, NULL},
    {"date", NULL, "t", T, EXPR_W_TEXT, 0, 1, expr_fn_date, NULL},
    {"year", NULL, "t", N, EXPR_W_TEXT, 0, 1, expr_fn_year, NULL},
    {"month", NULL, "t", N, EXPR_W_TEXT, 0, 1, expr_fn_month, NULL},
    {"dayOfMonth", NULL, "t", N, EXPR_W_TEXT, 0, 1, expr_fn_day_of_month, NULL},
    {"dayOfWeek", NULL, "t", N, EXPR_W_TEXT, 0, 1, expr_fn_day_of_week, NULL},
    {"dayOfYear", NULL, "t", N, EXPR_W_TEXT, 0, 2, expr_fn_day_of_year, NULL},
    {"addDays", NULL, "tnt?t?", T, 0, 0, 1, expr_fn_add_days, NULL},
    {"addHours", NULL, "tnt?t?", T, 0, 0, 1, expr_fn_add_hours, NULL},
    {"addMinutes", NULL, "tnt?t?", T, 0, 0, 1, expr_fn_add_minutes, NULL},
    {"addSeconds", NULL, "tnt?t?", T, 0, 0, 1, expr_fn_add_seconds, NULL},
    {"addToTime", NULL, "tntt?t?", T, 0, 0, 2, expr_fn_add_to, NULL},
    {"subtractFromTime", NULL, "tntt?t?", T, 0, 0, 2, expr_fn_subtract_from,
	NULL},
    {"getFutureTime", NULL, "ntt?t?", T, 0, 0, 2, expr_fn_future, NULL},
    {"getPastTime", NULL, "ntt?t?", T, 0, 0, 2, expr_fn_past, NULL},
    {"startOfDay", NULL, "tt?t?", T, 0, 0, 2, expr_fn_start_of_day, NULL},
    {"startOfHour", NULL, "tt?t?", T, 0, 0, 2, expr_fn_start_of_hour, NULL},
    {"startOfMonth", NULL, "tt?t?", T, 0, 0, 2, expr_fn_start_of_month, NULL},
    {"ticks", NULL, "t", N, 0, 0, 2, expr_fn_ticks, NULL},
    {"ticksToDays", NULL, "n", N, 0, 0, 2, expr_fn_ticks_days, NULL},
    {"ticksToHours", NULL, "n", N, 0, 0, 2, expr_fn_ticks_hours, NULL},
    {"ticksToMinutes", NULL, "n", N, 0, 0, 2, expr_fn_ticks_minutes, NULL},
    {"dateTimeDiff", NULL, "tt", N, 0, 0, 2, expr_fn_diff, NULL},
    {"isDateTime", NULL, "*", EXPR_T_BOOL, 0, 0, 2, expr_fn_is_date_time, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
