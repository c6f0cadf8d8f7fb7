/* Time zones; see tz.h.  Zones that were read are kept. */
#include "base/tz.h"

#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"

#define TZ_FILE_MAX (64 * 1024)
#define TZ_DIR "/usr/share/zoneinfo"

/* When a rule of the footer begins: month, week (5: last), weekday, or day. */
struct tz_when {
	char form; /* M, J (1..365, no leap day), 0 (0..365) */
	int month, week, day;
	int time; /* seconds after midnight */
};

struct tz {
	uint32_t n;
	int64_t *at;    /* transitions */
	int32_t *after; /* offset from each on */
	int32_t first;  /* offset before them */
	/* after the last transition */
	bool rule, dst;
	int32_t std_offset, dst_offset;
	struct tz_when begin, end;
};

static pthread_mutex_t tz_lock = PTHREAD_MUTEX_INITIALIZER;
static struct map *tz_known;

/* -- the footer: "CET-1CEST,M3.5.0,M10.5.0/3" -- */

static int
tz_digits(const char **s)
{
	int n = 0;

	while (isdigit((unsigned char)**s) && n < 100000)
		n = n * 10 + (*(*s)++ - '0');
	return n;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int
tz_hms(const char **s)
{
	int sign = **s == '-' ? -1 : 1, t;

	if (**s == '-' || **s == '+')
		(*s)++;
	t = tz_digits(s) * 3600;
	if (**s == ':') {
		(*s)++;
		t += tz_digits(s) * 60;
	}
	if (**s == ':') {
		(*s)++;
		t += tz_digits(s);
	}
	return sign * t;
}

static bool
tz_name(const char **s)
{
	const char *from = *s;

	if (**s == '<') {
		while (**s != '>' && **s != '\0')
			(*s)++;
		return *(*s)++ == '>';
	}
	while (isalpha((unsigned char)**s))
		(*s)++;
	return *s - from >= 3;
}

static bool
tz_when(const char **s, struct tz_when *w)
{
	if (*(*s)++ != ',')
		return false;
	w->form = '0';
	w->time = 7200;
	if (**s == 'M' || **s == 'J')
		w->form = *(*s)++;
	if (w->form == 'M') {
		w->month = tz_digits(s);
		if (*(*s)++ != '.')
			return false;
		w->week = tz_digits(s);
		if (*(*s)++ != '.')
			return false;
	}
	w->day = tz_digits(s);
	if (**s == '/') {
		(*s)++;
		w->time = tz_hms(s);
	}
	return w->form != 'M' ||
	       (w->month >= 1 && w->month <= 12 && w->week >= 1 &&
		   w->week <= 5 && w->day <= 6);
}

static void
tz_footer(struct tz *z, const char *s)
{
	if (!tz_name(&s))
		return;
	z->std_offset = -tz_hms(&s);
	z->rule = true;
	if (*s == '\0')
		return;
	if (!tz_name(&s))
		return;
	z->dst_offset = z->std_offset + 3600;
	if (*s != ',')
		z->dst_offset = -tz_hms(&s);
	z->dst = tz_when(&s, &z->begin) && tz_when(&s, &z->end);
}

/* -- the file -- */

static int64_t
tz_be(const unsigned char *p, int bytes)
{
	uint64_t v = bytes == 4 && p[0] >= 0x80 ? ~(uint64_t)0 : 0;

	while (bytes-- > 0)
		v = v << 8 | *p++;
	return (int64_t)v;
}

struct tz_head {
	uint32_t utcs, stds, leaps, times, types, chars;
	size_t size; /* of the block after it */
};

static bool
tz_head(const unsigned char *p, size_t n, int bytes, struct tz_head *h)
{
	uint32_t *f[] = {
	    &h->utcs, &h->stds, &h->leaps, &h->times, &h->types, &h->chars};
	size_t i;

	if (n < 44 || memcmp(p, "TZif", 4) != 0)
		return false;
	for (i = 0; i < 6; i++) {
		*f[i] = (uint32_t)tz_be(p + 20 + 4 * i, 4);
		if (*f[i] > TZ_FILE_MAX)
			return false;
	}
	h->size = (size_t)h->times * (size_t)(bytes + 1) + h->types * 6u +
		  h->chars + h->leaps * (size_t)(bytes + 4) + h->stds + h->utcs;
	return h->types > 0 && n - 44 >= h->size;
}

static bool
tz_block(
    struct tz *z, const unsigned char *p, const struct tz_head *h, int bytes)
{
	const unsigned char *idx = p + (size_t)h->times * (size_t)bytes;
	const unsigned char *types = idx + h->times;
	uint32_t i;

	z->n = h->times;
	z->at = calloc(h->times + 1, sizeof *z->at);
	z->after = calloc(h->times + 1, sizeof *z->after);
	if (z->at == NULL || z->after == NULL)
		return false;
	z->first = (int32_t)tz_be(types, 4);
	for (i = 0; i < h->times; i++) {
		if (idx[i] >= h->types)
			return false;
		z->at[i] = tz_be(p + (size_t)i * (size_t)bytes, bytes);
		z->after[i] = (int32_t)tz_be(types + idx[i] * 6u, 4);
	}
	return true;
}

static bool
tz_parse(struct tz *z, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	struct tz_head h;
	char footer[128];
	size_t len;

	if (!tz_head(p, n, 4, &h))
		return false;
	if (p[4] < '2')
		return tz_block(z, p + 44, &h, 4);
	p += 44 + h.size;
	n -= 44 + h.size;
	if (!tz_head(p, n, 8, &h) || !tz_block(z, p + 44, &h, 8))
		return false;
	p += 44 + h.size;
	n -= 44 + h.size;
	if (n > 2 && p[0] == '\n') {
		for (len = 0; len + 1 < n && p[len + 1] != '\n'; len++)
			;
		if (len < sizeof footer) {
			memcpy(footer, p + 1, len);
			footer[len] = '\0';
			tz_footer(z, footer);
		}
	}
	return true;
}

static void
tz_free(struct tz *z)
{
	if (z == NULL)
		return;
	free(z->at);
	free(z->after);
	free(z);
}

static bool
tz_name_ok(const char *name)
{
	const char *s;

	for (s = name; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr("_+-/", *s) == NULL)
			return false;
	return s > name && s - name < 64 && name[0] != '/' && s[-1] != '/' &&
	       strstr(name, "//") == NULL; /* one name a zone */
}

static struct tz *
tz_load(const char *name)
{
	const char *dir = getenv("TZDIR");
	struct tz *z = NULL;
	char path[512], *text;
	size_t n;

	snprintf(path, sizeof path, "%s/%s", dir == NULL ? TZ_DIR : dir, name);
	if ((text = file_read(path, TZ_FILE_MAX, &n, NULL)) == NULL)
		return NULL;
	if ((z = calloc(1, sizeof *z)) != NULL && !tz_parse(z, text, n)) {
		tz_free(z);
		z = NULL;
	}
	free(text);
	return z;
}

const struct tz *
tz_find(const char *name)
{
	struct tz *z = NULL;

	if (!tz_name_ok(name))
		return NULL;
	pthread_mutex_lock(&tz_lock);
	if (tz_known == NULL)
		tz_known = map_new();
	if (tz_known != NULL && (z = map_get(tz_known, name)) == NULL &&
	    (z = tz_load(name)) != NULL &&
	    map_put(tz_known, name, z, NULL) == -1) {
		tz_free(z);
		z = NULL;
	}
	pthread_mutex_unlock(&tz_lock);
	return z;
}

/* -- looking up -- */

static bool
tz_leap(int y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int64_t
tz_year_start(int y) /* days since 1970 */
{
	int64_t p = y - 1;

	return 365 * p + p / 4 - p / 100 + p / 400 - 719162;
}

/* Seconds from the start of the year, local standard reckoning. */
static int64_t
tz_when_at(const struct tz_when *w, int y)
{
	static const int before[] = {
	    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	int64_t day = w->day, first;
	int len, wday;

	if (w->form == 'J')
		day = w->day - 1 + (tz_leap(y) && w->day >= 60);
	if (w->form == 'M') {
		first = before[w->month - 1] + (w->month > 2 && tz_leap(y));
		len = before[w->month] - before[w->month - 1] +
		      (w->month == 2 && tz_leap(y));
		wday = (int)((tz_year_start(y) + first + 4) % 7);
		day = (w->day - wday + 7) % 7 + 7 * (w->week - 1);
		while (day >= len)
			day -= 7;
		day += first;
	}
	return day * 86400 + w->time;
}

static int
tz_by_rule(const struct tz *z, int64_t utc)
{
	int64_t local = utc + z->std_offset, start, begin, end;
	int y;

	if (!z->dst)
		return z->std_offset;
	y = (int)(1970 + local / 31556952);
	while (tz_year_start(y + 1) * 86400 <= local)
		y++;
	while (tz_year_start(y) * 86400 > local)
		y--;
	start = tz_year_start(y) * 86400;
	begin = start + tz_when_at(&z->begin, y) - z->std_offset;
	end = start + tz_when_at(&z->end, y) - z->dst_offset;
	if (begin < end ? utc >= begin && utc < end : utc >= begin || utc < end)
		return z->dst_offset;
	return z->std_offset;
}

int
tz_offset(const struct tz *z, int64_t utc)
{
	uint32_t lo = 0, hi = z->n, mid;

	if (z->n == 0 || utc < z->at[0])
		return z->n == 0 && z->rule ? tz_by_rule(z, utc) : z->first;
	if (utc >= z->at[z->n - 1] && z->rule && utc < (int64_t)1 << 46)
		return tz_by_rule(z, utc);
	while (lo + 1 < hi) {
		mid = lo + (hi - lo) / 2;
		if (utc >= z->at[mid])
			lo = mid;
		else
			hi = mid;
	}
	return z->after[lo];
}
