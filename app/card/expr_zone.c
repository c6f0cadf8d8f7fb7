/* Functions: time zones, by IANA or Windows name. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/tz.h"
#include "card/date.h"
#include "card/expr_int.h"
#include "card/zone_tab.h"

/* The zone that argument i names. */
static const struct tz *
expr_zone(struct expr_run *x, const struct val *a, size_t i)
{
	const struct tz *z = NULL;
	const char *iana;
	char name[64];
	size_t k;

	if (a[i].kind == VAL_TEXT && a[i].n < sizeof name) {
		memcpy(name, a[i].s, a[i].n);
		name[a[i].n] = '\0';
		iana = name;
		for (k = 0; k < sizeof zone_windows / sizeof *zone_windows; k++)
			if (strcmp(zone_windows[k].windows, name) == 0)
				iana = zone_windows[k].iana;
		z = tz_find(iana);
	}
	if (z == NULL)
		expr_fail_arg(x, i, "is not a time zone");
	return z;
}

/* Offset in minutes at a moment. */
static int
expr_zone_offset(const struct tz *z, double ms)
{
	return tz_offset(z, (int64_t)floor(ms / 1000)) / 60;
}

static int
expr_zone_out(struct expr_run *x, double ms, int offset, const struct val *a,
    size_t n, const char *form, struct val *out)
{
	static const char strict[] = "YYYY-MM-DDTHH:mm:ss.SSS[Z]";
	size_t mark = buf_len(&x->tmp);
	bool both = n == 4 && a[3].kind == VAL_TEXT && a[2].kind == VAL_TEXT;
	bool one = n == 3 && a[2].kind == VAL_TEXT;

	ms += offset * 60000.0;
	if (both || one)
		form = strict;
	if ((both || one) && a[2].n > 0)
		date_format(ms, offset, offset == 0, a[2].s, a[2].n, &x->tmp);
	else
		date_format_raw(
		    ms, offset, offset == 0, form, strlen(form), &x->tmp);
	return expr_take(x, mark, out);
}

static int
expr_fn_from_utc(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	const struct tz *z;
	double ms;

	if (a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	if ((z = expr_zone(x, a, 1)) == NULL)
		return -1;
	ms = date_parse_strict(a[0].s, a[0].n);
	if (isnan(ms))
		return expr_fail_arg(
		    x, 0, "is not a date such as 2024-02-29T10:30:00.000Z");
	return expr_zone_out(x, ms, expr_zone_offset(z, ms), a, n,
	    "YYYY-MM-DDTHH:mm:ss.SSS0000", out);
}

/*
 * 2024-02-29 10:30:00.5, with or without the signs between: the fields as
 * local time.  NAN: another form.
 */
static double
expr_zone_plain(const struct val *t)
{
	static const struct {
		const char *sep;
		size_t most;
		double missing;
	} fields[] = {{"", 4, 0}, {"-/", 2, 1}, {"-/", 2, 1},
	    {"Tt \t\r\n", 2, 0}, {":", 2, 0}, {":", 2, 0}, {".:", SIZE_MAX, 0}};
	size_t i = 0, f, k;
	double v[7];

	for (f = 0; f < 7; f++) {
		v[f] = 0;
		while (i < t->n && t->s[i] != '\0' &&
		       strchr(fields[f].sep, t->s[i]) != NULL) {
			i++;
			if (f != 3)
				break;
		}
		for (k = 0; i < t->n && k < fields[f].most &&
			    isdigit((unsigned char)t->s[i]);
		     k++, i++)
			if (k < (f == 6 ? 3 : 4))
				v[f] = v[f] * 10 + (t->s[i] - '0');
		if (f == 0 && k < 4)
			return NAN;
		if (k == 0)
			v[f] = fields[f].missing;
	}
	if (i < t->n)
		return NAN;
	if (v[0] < 100)
		v[0] += 1900; /* as Date.UTC has it */
	return date_join(v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
}

/* The moment at which clocks of the zone show `local`. */
static double
expr_zone_moment(const struct tz *z, double local, double now, int *offset)
{
	int a = expr_zone_offset(z, now), b, c;
	double guess = local - a * 60000.0;

	*offset = a;
	if ((b = expr_zone_offset(z, guess)) == a)
		return guess;
	guess -= (b - a) * 60000.0;
	*offset = b;
	if ((c = expr_zone_offset(z, guess)) == b)
		return guess;
	*offset = b > c ? b : c; /* no clock shows it */
	return local - (b < c ? b : c) * 60000.0;
}

static int
expr_fn_to_utc(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	const struct tz *z;
	double local = NAN, ms;
	int offset;

	if (a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	if ((z = expr_zone(x, a, 1)) == NULL)
		return -1;
	if (a[0].n > 0 && (a[0].s[a[0].n - 1] | 32) != 'z')
		local = expr_zone_plain(&a[0]);
	if (isnan(local))
		local = date_parse(a[0].s, a[0].n);
	if (isnan(local))
		return expr_fail_arg(x, 0, "is not a date");
	ms = expr_zone_moment(z, local, (double)x->env.now, &offset);
	ms = floor(ms / 1000) * 1000; /* the reference drops milliseconds */
	return expr_zone_out(x, ms, 0, a, n, "YYYY-MM-DDTHH:mm:ss.SSS[Z]", out);
}

/* What a clock in the zone of argument 1 (default UTC) shows now. */
int
expr_zone_now(struct expr_run *x, const struct val *a, size_t n, double *ms)
{
	const struct tz *z;

	*ms = (double)x->env.now;
	if (n < 2 || a[1].kind != VAL_TEXT)
		return 0;
	if ((z = expr_zone(x, a, 1)) == NULL)
		return -1;
	*ms += expr_zone_offset(z, *ms) * 60000.0;
	return 0;
}

#define T EXPR_T_TEXT

const struct expr_fn expr_fn_zone[] = {
    {"convertFromUTC", NULL, "ttt?t?", T, 0, 0, 3, expr_fn_from_utc, NULL},
    {"convertToUTC", NULL, "ttt?t?", T, 0, 0, 3, expr_fn_to_utc, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
