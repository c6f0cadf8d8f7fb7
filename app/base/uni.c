/* Unicode text; see uni.h. */
#include "base/uni.h"

#include <string.h>

#include "base/str.h"

struct uni_range {
	uint32_t from, to;
	uint32_t step;
	int32_t delta;
};

struct uni_special {
	uint32_t from;
	uint32_t to[3];
};

#include "base/uni_tab.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static bool
uni_is_half(const char *s, size_t n)
{
	return n >= 3 && (unsigned char)s[0] == 0xed &&
	       (unsigned char)s[1] >= 0xa0 && ((unsigned char)s[2] >> 6) == 2;
}

size_t
uni_next(const char *s, size_t n, uint32_t *cp)
{
	size_t len;

	if ((unsigned char)s[0] < 0x80) {
		*cp = (unsigned char)s[0];
		return 1;
	}
	if ((len = str_utf8(s, n, cp)) > 0)
		return len;
	if (uni_is_half(s, n)) {
		*cp = 0xd000 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
		return 3;
	}
	*cp = 0xfffd;
	return 1;
}

size_t
uni_put(uint32_t cp, char out[4])
{
	return str_utf8_put(cp, out);
}

size_t
uni_units(const char *s, size_t n)
{
	size_t units = 0, i;

	/* one for each start of a character, two for one of four bytes */
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		units += (c & 0xc0) != 0x80;
		units += c >= 0xf0;
	}
	return units;
}

size_t
uni_offset(const char *s, size_t n, size_t unit, bool *half)
{
	size_t i = 0, len;
	uint32_t cp;

	*half = false;
	while (i < n && unit > 0) {
		len = uni_next(s + i, n - i, &cp);
		if (cp >= 0x10000 && unit == 1) {
			*half = true;
			return i;
		}
		unit -= cp >= 0x10000 ? 2 : 1;
		i += len;
	}
	return i;
}

static int
uni_add_half(struct buf *out, const char *s, size_t n, bool low)
{
	uint32_t cp;
	char b[4];

	uni_next(s, n, &cp);
	cp -= 0x10000;
	cp = low ? 0xdc00 | (cp & 0x3ff) : 0xd800 | cp >> 10;
	return uni_add(out, b, uni_put(cp, b));
}

int
uni_slice(const char *s, size_t n, size_t from, size_t to, struct buf *out)
{
	bool half_a, half_b;
	size_t a, b;

	if (to <= from)
		return out->failed ? -1 : 0;
	if (uni_ascii(s, n)) {
		from = from < n ? from : n;
		return buf_add(out, s + from, (to < n ? to : n) - from);
	}
	a = uni_offset(s, n, from, &half_a);
	b = uni_offset(s, n, to, &half_b);
	if (half_a) {
		uni_add_half(out, s + a, n - a, true);
		a += 4;
	}
	uni_add(out, s + a, b - a);
	if (half_b)
		uni_add_half(out, s + b, n - b, false);
	return out->failed ? -1 : 0;
}

int
uni_add(struct buf *out, const char *s, size_t n)
{
	uint32_t hi, lo;
	char b[4];

	if (n >= 3 && out->len >= 3 && uni_is_half(s, n) &&
	    uni_is_half(out->p + out->len - 3, 3)) {
		uni_next(out->p + out->len - 3, 3, &hi);
		uni_next(s, n, &lo);
		if (hi < 0xdc00 && lo >= 0xdc00) {
			buf_cut(out, out->len - 3);
			buf_add(out, b,
			    uni_put(
				0x10000 + ((hi & 0x3ff) << 10) + (lo & 0x3ff),
				b));
			s += 3;
			n -= 3;
		}
	}
	return buf_add(out, s, n);
}

void
uni_clean(char *s, size_t n)
{
	size_t i = 0, step;
	uint32_t cp;

	while (i < n) {
		step = str_utf8(s + i, n - i, &cp);
		if (step > 0 && cp != 0) {
			i += step;
		} else if (uni_is_half(s + i, n - i)) {
			memcpy(s + i, "\xef\xbf\xbd", 3);
			i += 3;
		} else {
			s[i++] = '?';
		}
	}
}

/* The first UTF-16 unit of a character. */
static uint32_t
uni_unit(uint32_t cp)
{
	return cp < 0x10000 ? cp : 0xd800 + ((cp - 0x10000) >> 10);
}

int
uni_cmp(const char *a, size_t an, const char *b, size_t bn)
{
	size_t n = an < bn ? an : bn, i = 0;
	uint32_t x, y;

	while (i < n && a[i] == b[i])
		i++;
	if (i == n)
		return an < bn ? -1 : an > bn;
	while (i > 0 && ((unsigned char)a[i] & 0xc0) == 0x80)
		i--;
	uni_next(a + i, an - i, &x);
	uni_next(b + i, bn - i, &y);
	if (uni_unit(x) != uni_unit(y))
		return uni_unit(x) < uni_unit(y) ? -1 : 1;
	return x < y ? -1 : x > y;
}

bool
uni_ascii(const char *s, size_t n)
{
	uint64_t w;
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		memcpy(&w, s + i, 8);
		if ((w & 0x8080808080808080u) != 0)
			return false;
	}
	for (; i < n; i++)
		if ((s[i] & 0x80) != 0)
			return false;
	return true;
}

bool
uni_space(uint32_t cp)
{
	if (cp <= 0x20)
		return cp == 0x20 || (cp >= 9 && cp <= 13);
	return cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	       cp == 0x2028 || cp == 0x2029 || cp == 0x202f || cp == 0x205f ||
	       cp == 0x3000 || cp == 0xfeff;
}

const char *
uni_trim(const char *s, size_t *n)
{
	size_t len = *n, k, back;
	uint32_t cp;

	while (len > 0 && (k = uni_next(s, len, &cp)) > 0 && uni_space(cp)) {
		s += k;
		len -= k;
	}
	for (; len > 0; len -= back) {
		back = 1;
		while (back < len && back < 4 &&
		       ((unsigned char)s[len - back] & 0xc0) == 0x80)
			back++;
		uni_next(s + len - back, back, &cp);
		if (!uni_space(cp))
			break;
	}
	*n = len;
	return s;
}

static uint32_t
uni_map(const struct uni_range *t, size_t n, uint32_t cp)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (cp > t[mid].to)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < n && cp >= t[lo].from && (cp - t[lo].from) % t[lo].step == 0)
		return (uint32_t)((int64_t)cp + t[lo].delta);
	return cp;
}

static const uint32_t *
uni_find_special(const struct uni_special *t, size_t n, uint32_t cp)
{
	size_t i;

	for (i = 0; i < n && t[i].from <= cp; i++)
		if (t[i].from == cp)
			return t[i].to;
	return NULL;
}

static uint32_t
uni_lower1(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	return uni_map(uni_lower_map, LEN(uni_lower_map), cp);
}

static uint32_t
uni_upper1(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'a' && cp <= 'z' ? cp - 32 : cp;
	return uni_map(uni_upper_map, LEN(uni_upper_map), cp);
}

/* Marks and the like, which the rule for the last sigma looks through. */
static bool
uni_ignorable(uint32_t cp)
{
	return cp == '\'' || cp == '.' || cp == ':' || cp == '^' || cp == '`' ||
	       cp == 0xa8 || cp == 0xad || cp == 0xaf || cp == 0xb4 ||
	       cp == 0xb7 || cp == 0xb8 || (cp >= 0x2b0 && cp <= 0x36f) ||
	       (cp >= 0x483 && cp <= 0x489) || (cp >= 0x200b && cp <= 0x200f) ||
	       cp == 0x2018 || cp == 0x2019 || cp == 0x2024 || cp == 0x2027 ||
	       (cp >= 0xfe00 && cp <= 0xfe0f);
}

static bool
uni_cased(uint32_t cp)
{
	return uni_lower1(cp) != cp || uni_upper1(cp) != cp || cp == 0xdf;
}

/* Is the sigma at `at` the last letter of a word? */
static bool
uni_last_sigma(const char *s, size_t n, size_t at)
{
	size_t i = at, k;
	uint32_t cp = 0;
	bool before = false;

	while (i > 0 && !before) {
		do
			i--;
		while (i > 0 && ((unsigned char)s[i] & 0xc0) == 0x80);
		uni_next(s + i, n - i, &cp);
		if (!uni_ignorable(cp) && !uni_cased(cp))
			return false;
		before = !uni_ignorable(cp);
	}
	if (!before)
		return false;
	for (i = at + 2; i < n; i += k) {
		k = uni_next(s + i, n - i, &cp);
		if (!uni_ignorable(cp))
			return !uni_cased(cp);
	}
	return true;
}

static bool
uni_turkic(const char *lang)
{
	return lang != NULL &&
	       (strncmp(lang, "tr", 2) == 0 || strncmp(lang, "az", 2) == 0) &&
	       (lang[2] == '\0' || lang[2] == '-');
}

static void
uni_out(struct buf *out, uint32_t cp)
{
	char b[4];

	buf_add(out, b, uni_put(cp, b));
}

int
uni_lower(const char *s, size_t n, const char *lang, struct buf *out)
{
	bool turkic = uni_turkic(lang);
	const uint32_t *to;
	size_t i, k;
	uint32_t cp;

	for (i = 0; i < n; i += k) {
		k = uni_next(s + i, n - i, &cp);
		if (turkic && cp == 'I' && n - i >= 3 &&
		    memcmp(s + i + 1, "\xcc\x87", 2) == 0) {
			k = 3; /* I and a dot above */
			uni_out(out, 'i');
		} else if (turkic && (cp == 'I' || cp == 0x130)) {
			uni_out(out, cp == 'I' ? 0x131 : 'i');
		} else if (cp == 0x3a3) {
			uni_out(out, uni_last_sigma(s, n, i) ? 0x3c2 : 0x3c3);
		} else if ((to = uni_find_special(uni_lower_special,
				LEN(uni_lower_special), cp)) != NULL) {
			uni_out(out, to[0]);
			uni_out(out, to[1]);
		} else {
			uni_out(out, uni_lower1(cp));
		}
	}
	return out->failed ? -1 : 0;
}

int
uni_upper(const char *s, size_t n, const char *lang, struct buf *out)
{
	bool turkic = uni_turkic(lang);
	const uint32_t *to;
	size_t i, k, j;
	uint32_t cp;

	for (i = 0; i < n; i += k) {
		k = uni_next(s + i, n - i, &cp);
		to = cp < 0x80 ? NULL
			       : uni_find_special(uni_upper_special,
				     LEN(uni_upper_special), cp);
		if (turkic && cp == 'i')
			uni_out(out, 0x130);
		else if (to == NULL)
			uni_out(out, uni_upper1(cp));
		else
			for (j = 0; j < 3 && to[j] != 0; j++)
				uni_out(out, to[j]);
	}
	return out->failed ? -1 : 0;
}

/* The next lower-cased character; U+0130 gives two, the dot in *more. */
static uint32_t
uni_fold(const char **s, const char *end, uint32_t *more)
{
	uint32_t cp = *more;

	if (cp != 0) {
		*more = 0;
		return cp;
	}
	*s += uni_next(*s, (size_t)(end - *s), &cp);
	if (cp == 0x130) {
		*more = 0x307;
		return 'i';
	}
	/* the two small sigmas differ by place only */
	cp = uni_lower1(cp);
	return cp == 0x3c2 ? 0x3c3 : cp;
}

bool
uni_ieq(const char *a, size_t an, const char *b, size_t bn)
{
	const char *ae = a + an, *be = b + bn;
	uint32_t more_a = 0, more_b = 0;

	if (an == bn && memcmp(a, b, an) == 0)
		return true;
	while ((a < ae || more_a != 0) && (b < be || more_b != 0))
		if (uni_fold(&a, ae, &more_a) != uni_fold(&b, be, &more_b))
			return false;
	return a == ae && b == be && more_a == 0 && more_b == 0;
}

uint32_t
uni_ihash(const char *s, size_t n)
{
	const char *end = s + n;
	uint32_t h = 0x811c9dc5u, more = 0, cp;

	while (s < end || more != 0) {
		cp = uni_fold(&s, end, &more);
		h = (h ^ cp) * 0x01000193u;
	}
	return h;
}
