/* Numbers; see num.h. */
#include "base/num.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
num_whole(double d)
{
	return isfinite(d) && floor(d) == d;
}

double
num_round(double d)
{
	double f = floor(d), r;

	if (!isfinite(d) || f == d)
		return d;
	r = d - f >= 0.5 ? f + 1 : f;
	return r == 0 && d < 0 ? -0.0 : r;
}

static size_t
num_digits(uint64_t v, char *out)
{
	char t[20];
	size_t n = 0, i;

	do
		t[n++] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	for (i = 0; i < n; i++)
		out[i] = t[n - 1 - i];
	return n;
}

/*
 * Numbers of few digits without printf: when d is v / 10^k with v below
 * 10^15, then v has all digits of the shortest text, since any 15 digits
 * survive the way to double and back.
 */
static size_t
num_short(double d, char *out)
{
	static const double pow10[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	size_t n, point;
	uint64_t whole;
	double v;
	int k;

	for (k = 0; k < 7; k++) {
		v = d * pow10[k];
		if (v >= 1e15)
			return 0;
		if (v == floor(v) && v / pow10[k] == d)
			break;
	}
	if (k == 7 || (d != 0 && d < 1e-6))
		return 0;
	for (whole = (uint64_t)v; k > 0 && whole % 10 == 0; k--)
		whole /= 10;
	n = num_digits(whole, out);
	if (k == 0)
		return n;
	if (n <= (size_t)k) { /* 0.05 */
		point = (size_t)k - n;
		memmove(out + 2 + point, out, n);
		memcpy(out, "0.", 2);
		memset(out + 2, '0', point);
		return 2 + point + n;
	}
	memmove(out + n - k + 1, out + n - k, (size_t)k);
	out[n - k] = '.';
	return n + 1;
}

/* The shortest digits that read back, "d1d2d3..." and a power of ten. */
static int
num_shortest(double d, char *digits, int *n)
{
	char t[48], *s, *end;
	int prec = d < 1e-300 ? 1 : 15, exp10;

	for (;; prec++) {
		snprintf(t, sizeof t, "%.*e", prec - 1, d);
		if (prec == 17 || strtod(t, &end) == d)
			break;
	}
	for (s = t, *n = 0; *s != 'e'; s++)
		if (isdigit((unsigned char)*s)) /* not the locale's point */
			digits[(*n)++] = *s;
	exp10 = atoi(s + 1);
	while (*n > 1 && digits[*n - 1] == '0')
		(*n)--;
	return exp10;
}

/* As ECMAScript's Number::toString lays them out. */
static size_t
num_layout(const char *digits, int k, int exp10, char *out)
{
	int n = exp10 + 1, i;
	size_t len = 0;

	if (k <= n && n <= 21) {
		for (i = 0; i < n; i++)
			out[len++] = i < k ? digits[i] : '0';
	} else if (n > 0 && n <= 21) {
		for (i = 0; i < k; i++) {
			if (i == n)
				out[len++] = '.';
			out[len++] = digits[i];
		}
	} else if (n > -6 && n <= 0) {
		out[len++] = '0';
		out[len++] = '.';
		for (i = n; i < 0; i++)
			out[len++] = '0';
		for (i = 0; i < k; i++)
			out[len++] = digits[i];
	} else {
		out[len++] = digits[0];
		if (k > 1) {
			out[len++] = '.';
			memcpy(out + len, digits + 1, (size_t)k - 1);
			len += (size_t)k - 1;
		}
		out[len++] = 'e';
		out[len++] = n - 1 < 0 ? '-' : '+';
		len += num_digits((uint64_t)abs(n - 1), out + len);
	}
	return len;
}

size_t
num_text(double d, char out[NUM_TEXT])
{
	size_t len = 0, n;
	char digits[32];
	int k, exp10;

	if (isnan(d) || isinf(d)) {
		strcpy(out, isnan(d) ? "NaN"
			    : d > 0  ? "Infinity"
				     : "-Infinity");
		return strlen(out);
	}
	if (d < 0) {
		out[len++] = '-';
		d = -d;
	}
	if (d == 0)
		d = 0; /* -0 prints as 0 */
	if ((n = num_short(d, out + len)) == 0) {
		exp10 = num_shortest(d, digits, &k);
		n = num_layout(digits, k, exp10, out + len);
	}
	out[len + n] = '\0';
	return len + n;
}

/*
 * Is d exactly half way between two texts of `digits` decimals?  Then its
 * decimals end in 5 at the next place; a double that only seems to shows
 * other digits within the next 40.
 */
static bool
num_tie(double d, int digits)
{
	char t[400], *s;
	int n = snprintf(t, sizeof t, "%.*f", digits + 41, d);

	if (n < 0 || (size_t)n >= sizeof t)
		return false;
	s = t + n - 41;
	return *s == '5' && strspn(s + 1, "0") == 40;
}

/* Add one in the last place of a decimal text. */
static size_t
num_up(char *s, size_t len)
{
	size_t i = len;

	while (i > 0 && (s[i - 1] == '9' || s[i - 1] == '.')) {
		if (s[i - 1] == '9')
			s[i - 1] = '0';
		i--;
	}
	if (i > 0 && s[i - 1] != '-') {
		s[i - 1]++;
		return len;
	}
	memmove(s + i + 1, s + i, len - i + 1);
	s[i] = '1';
	return len + 1;
}

/* Numbers that have no more decimals than are asked for; 0: others. */
static size_t
num_fixed_short(double d, int digits, char *out)
{
	static const double pow10[] = {
	    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
	bool neg = d < 0;
	uint64_t v;
	double r;
	int i;

	if (digits > 8)
		return 0;
	r = nearbyint(fabs(d) * pow10[digits]);
	if (r >= 1e15 || r / pow10[digits] != fabs(d))
		return 0;
	v = (uint64_t)r;
	i = NUM_FIXED - 1;
	out[i] = '\0';
	for (int k = 0; k < digits; k++, v /= 10)
		out[--i] = (char)('0' + v % 10);
	if (digits > 0)
		out[--i] = '.';
	do
		out[--i] = (char)('0' + v % 10);
	while ((v /= 10) > 0);
	if (neg)
		out[--i] = '-';
	memmove(out, out + i, (size_t)(NUM_FIXED - i));
	return (size_t)(NUM_FIXED - 1 - i);
}

size_t
num_fixed(double d, int digits, char *out)
{
	bool tie;
	char t[NUM_FIXED + 8], *s;
	size_t len = 0;

	if (!isfinite(d) || fabs(d) >= 1e21)
		return num_text(d, out);
	if (d == 0)
		d = 0; /* no sign */
	if ((len = num_fixed_short(d, digits, out)) > 0)
		return len;
	/* A tie has exactly one digit more, a 5: cut it and count up. */
	tie = num_tie(fabs(d), digits);
	snprintf(t, sizeof t, "%.*f", digits + tie, d);
	t[strlen(t) - tie] = '\0';
	for (s = t; *s != '\0'; s++) {
		if (isdigit((unsigned char)*s) || *s == '-')
			out[len++] = *s;
		else if (len > 0 && out[len - 1] != '.')
			out[len++] = '.';
	}
	if (len > 0 && out[len - 1] == '.')
		len--;
	out[len] = '\0';
	return tie ? num_up(out, len) : len;
}

static locale_t num_locale;
static pthread_once_t num_once = PTHREAD_ONCE_INIT;

static void
num_locale_init(void)
{
	num_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* strtod in the C locale, for a text that is known to be a number. */
static double
num_strtod(const char *s, size_t n)
{
	char small[128], *t = small;
	double d;

	pthread_once(&num_once, num_locale_init);
	if (n >= sizeof small && (t = malloc(n + 1)) == NULL)
		return NAN;
	memcpy(t, s, n);
	t[n] = '\0';
	d = num_locale == (locale_t)0 ? strtod(t, NULL)
				      : strtod_l(t, NULL, num_locale);
	if (t != small)
		free(t);
	return d;
}

size_t
num_read(const char *s, size_t n, double *out)
{
	static const double pow10[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	size_t i = 0, digits = 0, decimals = 0, e;
	uint64_t v = 0;
	bool neg;

	neg = n > 0 && s[0] == '-';
	i = n > 0 && (s[0] == '-' || s[0] == '+');
	for (; i < n && isdigit((unsigned char)s[i]); i++, digits++)
		v = v * 10 + (uint64_t)(s[i] - '0');
	if (i < n && s[i] == '.' &&
	    (digits > 0 || (i + 1 < n && isdigit((unsigned char)s[i + 1])))) {
		for (i++; i < n && isdigit((unsigned char)s[i]);
		     i++, decimals++)
			v = v * 10 + (uint64_t)(s[i] - '0');
	}
	if (digits + decimals == 0)
		return 0;
	e = i + 1;
	if (i < n && (s[i] == 'e' || s[i] == 'E')) {
		if (e < n && (s[e] == '+' || s[e] == '-'))
			e++;
		if (e < n && isdigit((unsigned char)s[e])) {
			while (e < n && isdigit((unsigned char)s[e]))
				e++;
			*out = num_strtod(s, e);
			return e;
		}
	}
	if (digits + decimals <= 15) /* both exact: the quotient is right */
		*out = (neg ? -(double)v : (double)v) / pow10[decimals];
	else
		*out = num_strtod(s, i);
	return i;
}
