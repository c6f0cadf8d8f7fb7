/*
 * Dates to text.  A .NET-style picture is first put into a second notation
 * (Day.js), which is then filled in; as in the reference, literal text of the
 * picture is not protected in the second step.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "card/date.h"

static const char *const date_months[] = {"January", "February", "March",
    "April", "May", "June", "July", "August", "September", "October",
    "November", "December"};
static const char *const date_days_en[] = {"Sunday", "Monday", "Tuesday",
    "Wednesday", "Thursday", "Friday", "Saturday"};

/* -- .NET to the second notation -- */

/* A run of one letter: its second notation by length (the last for more). */
static const struct {
	char c;
	const char *to[4]; /* NULL: cannot be said */
} date_runs[] = {
    {'d', {"D", "DD", "ddd", "dddd"}},
    {'f', {NULL, NULL, "SSS", "SSS"}},
    {'F', {NULL, NULL, "SSS", "SSS"}},
    {'g', {NULL, NULL, NULL, NULL}},
    {'h', {"h", "hh", "hh", "hh"}},
    {'H', {"H", "HH", "HH", "HH"}},
    {'m', {"m", "mm", "mm", "mm"}},
    {'M', {"M", "MM", "MMM", "MMMM"}},
    {'s', {"s", "ss", "ss", "ss"}},
    {'t', {"A", "A", "A", "A"}},
    {'y', {"YY", "YY", "YYYY", "YYYY"}},
    {'z', {"ZZ", "ZZ", "Z", "Z"}},
};

static const char *const *
date_run(char c)
{
	size_t i;

	for (i = 0; i < sizeof date_runs / sizeof date_runs[0]; i++)
		if (date_runs[i].c == c)
			return date_runs[i].to;
	return NULL;
}

/* -1: it cannot be put into the second notation. */
static int
date_translate(const char *s, size_t n, struct buf *out)
{
	const char *const *run;
	const char *end;
	size_t i, len;

	if (n == 1 && (*s == 'o' || *s == 'O')) {
		s = "YYYY-MM-DDTHH:mm:ss.SSS0000Z";
		n = strlen(s);
	} else if (n == 1 && strchr("rRuU", *s) != NULL) {
		return -1;
	}
	for (i = 0; i < n; i += len) {
		len = 1;
		if ((run = date_run(s[i])) != NULL) {
			while (i + len < n && s[i + len] == s[i])
				len++;
			if (run[len > 4 ? 3 : len - 1] == NULL)
				return -1;
			buf_adds(out, run[len > 4 ? 3 : len - 1]);
		} else if (s[i] == 'K') {
			buf_addc(out, 'Z');
		} else if (s[i] == '\'' || s[i] == '`') {
			end = memchr(s + i + 1, s[i], n - i - 1);
			if (end == NULL)
				return -1;
			len = (size_t)(end - s) - i + 1;
			buf_add(out, s + i + 1, len - 2);
		} else if (s[i] == '\\') {
			if (i + 1 == n)
				return -1;
			i++;
			while (i + len < n &&
			       ((unsigned char)s[i + len] & 0xc0) == 0x80)
				len++;
			buf_add(out, s + i, len);
		} else if (s[i] != '%') {
			buf_addc(out, s[i]);
		}
	}
	return 0;
}

/* -- filling in -- */

static void
date_offset(int offset, const char *colon, struct buf *out)
{
	int m = offset < 0 ? -offset : offset;

	buf_addf(
	    out, "%c%02d%s%02d", offset < 0 ? '-' : '+', m / 60, colon, m % 60);
}

static void
date_year(int64_t y, bool two, struct buf *out)
{
	char t[24];
	int n = snprintf(t, sizeof t, two ? "%lld" : "%04lld", (long long)y);

	/* a negative one is padded as the text it is */
	if (!two && y < 0 && y > -100)
		n = snprintf(
		    t, sizeof t, "%s%lld", y > -10 ? "00" : "0", (long long)y);
	buf_adds(out, two && n > 2 ? t + n - 2 : t);
}

/* A field of the second notation of `len` letters `c`. */
static void
date_field(
    const struct date *d, int offset, char c, size_t len, struct buf *out)
{
	int h12 = d->hour % 12 == 0 ? 12 : d->hour % 12;
	int v = c == 'M'   ? d->month
		: c == 'D' ? d->day
		: c == 'H' ? d->hour
		: c == 'h' ? h12
		: c == 'm' ? d->minute
		: c == 's' ? d->second
			   : 0;

	if (c == 'Y')
		date_year(d->year, len == 2, out);
	else if (c == 'M' && len > 2)
		buf_add(out, date_months[d->month - 1],
		    len == 3 ? 3 : strlen(date_months[d->month - 1]));
	else if (c == 'd' && len == 1)
		buf_addf(out, "%d", d->weekday);
	else if (c == 'd')
		buf_add(out, date_days_en[d->weekday],
		    len < 4 ? len : strlen(date_days_en[d->weekday]));
	else if (c == 'a' || c == 'A')
		buf_adds(out, d->hour < 12 ? (c == 'a' ? "am" : "AM")
					   : (c == 'a' ? "pm" : "PM"));
	else if (c == 'S')
		buf_addf(out, "%03d", d->ms);
	else if (c == 'Z')
		date_offset(offset, len == 1 ? ":" : "", out);
	else
		buf_addf(out, len == 2 ? "%02d" : "%d", v);
}

/* Letters that mean something, and the longest run of each. */
static size_t
date_field_len(const char *s, size_t n)
{
	static const char letters[] = "YMDdHhaAmsZS";
	static const char most[] = {4, 4, 2, 4, 2, 2, 1, 1, 2, 2, 2, 3};
	const char *at = *s == '\0' ? NULL : strchr(letters, *s);
	size_t len = 1;

	if (at == NULL)
		return 0;
	while (len < n && len < (size_t)most[at - letters] && s[len] == *s)
		len++;
	if (*s == 'Y')
		return len == 4 ? 4 : len >= 2 ? 2 : 0;
	return *s == 'S' && len < 3 ? 0 : len;
}

int
date_format_raw(
    double ms, int offset, bool utc, const char *s, size_t n, struct buf *out)
{
	struct date d;
	const char *end;
	size_t i, len;

	if (isnan(ms))
		return buf_adds(out, "Invalid Date");
	if (n == 0) {
		s = utc ? "YYYY-MM-DDTHH:mm:ss[Z]" : "YYYY-MM-DDTHH:mm:ssZ";
		n = strlen(s);
	}
	date_split(ms, &d);
	for (i = 0; i < n; i += len) {
		if (s[i] == '[' && (end = memchr(s + i, ']', n - i)) != NULL &&
		    end > s + i + 1) {
			len = (size_t)(end - s) - i + 1;
			buf_add(out, s + i + 1, len - 2);
		} else if ((len = date_field_len(s + i, n - i)) > 0) {
			date_field(&d, offset, s[i], len, out);
		} else {
			buf_addc(out, s[i]);
			len = 1;
		}
	}
	return out->failed ? -1 : 0;
}

int
date_format(double ms, int offset, bool utc, const char *picture, size_t n,
    struct buf *out)
{
	struct buf raw;
	int rc;

	buf_init(&raw, 65536);
	if (date_translate(picture, n, &raw) == -1)
		rc = date_format_raw(ms, offset, utc, picture, n, out);
	else
		rc = date_format_raw(
		    ms, offset, utc, buf_str(&raw), buf_len(&raw), out);
	buf_inherit(out, &raw);
	buf_done(&raw);
	return out->failed ? -1 : rc;
}
