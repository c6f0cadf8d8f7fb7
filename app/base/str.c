/* Text helpers; see str.h. */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int
str_num(const char *s, long long lo, long long hi, long long *out)
{
	char *end;
	long long n;

	if (!isdigit((unsigned char)s[s[0] == '-']))
		return -1;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (errno != 0 || *end != '\0' || n < lo || n > hi)
		return -1;
	*out = n;
	return 0;
}

struct unit {
	const char *name;
	long long factor;
};

static int
str_unit(const char *s, const struct unit *u, long long *out)
{
	char *end;
	long long n;

	if (!isdigit((unsigned char)s[0]))
		return -1;
	errno = 0;
	n = strtoll(s, &end, 10);
	if (errno != 0)
		return -1;
	for (; u->name != NULL; u++)
		if (strcasecmp(end, u->name) == 0)
			break;
	if (u->name == NULL || n > LLONG_MAX / u->factor)
		return -1;
	*out = n * u->factor;
	return 0;
}

int
str_ms(const char *s, long long *out)
{
	static const struct unit units[] = {
	    {"", 1000},
	    {"ms", 1},
	    {"s", 1000},
	    {"m", 60 * 1000},
	    {"h", 3600 * 1000},
	    {"d", 24 * 3600 * 1000LL},
	    {NULL, 0},
	};

	return str_unit(s, units, out);
}

int
str_size(const char *s, long long *out)
{
	static const struct unit units[] = {
	    {"", 1},
	    {"k", 1024},
	    {"kb", 1024},
	    {"m", 1024 * 1024},
	    {"mb", 1024 * 1024},
	    {"g", 1024 * 1024 * 1024LL},
	    {NULL, 0},
	};

	return str_unit(s, units, out);
}

bool
str_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

bool
str_ieq(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

bool
str_eq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

char *
str_trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return s;
}

char *
str_next(char **at, char sep)
{
	char *s = *at, *end;

	while (s != NULL && *s != '\0') {
		if ((end = strchr(s, sep)) != NULL)
			*end++ = '\0';
		else
			end = s + strlen(s);
		s = str_trim(s);
		*at = end;
		if (*s != '\0')
			return s;
		s = end;
	}
	*at = s;
	return NULL;
}

bool
str_glob(const char *p, const char *s)
{
	const char *star = NULL, *back = NULL;

	while (*s != '\0') {
		if (*p == '*') {
			star = ++p;
			back = s;
		} else if (tolower((unsigned char)*p) ==
			   tolower((unsigned char)*s)) {
			p++;
			s++;
		} else if (star != NULL) {
			p = star;
			s = ++back;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

#define DISTANCE_LEN 64

/* Edits of a letter, two that are swapped being one. */
static int
str_distance(const char *a, const char *b, int max)
{
	int rows[3][DISTANCE_LEN + 1], n = (int)strlen(a), m = (int)strlen(b);
	int i, j, best;

	if (n > DISTANCE_LEN || m > DISTANCE_LEN || abs(n - m) > max)
		return max + 1;
	for (j = 0; j <= m; j++)
		rows[0][j] = j;
	for (i = 1; i <= n; i++) {
		int *row = rows[i % 3], *up = rows[(i + 2) % 3];
		const int *two = rows[(i + 1) % 3];

		row[0] = i;
		for (j = 1; j <= m; j++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[j - 1]);

			best = up[j - 1] + (x != y);
			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && two[j - 2] + 1 < best &&
			    x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				best = two[j - 2] + 1;
			row[j] = best;
		}
	}
	best = rows[n % 3][m];
	return best > max ? max + 1 : best;
}

const char *
str_near(const char *s, const void *names, size_t n, size_t stride, int max)
{
	int best = max + 1, d;
	const char *found = NULL, *name;
	size_t i;

	for (i = 0; i < n; i++) {
		memcpy(&name, (const char *)names + i * stride, sizeof name);
		if (name != NULL && (d = str_distance(s, name, max)) < best) {
			best = d;
			found = name;
		}
	}
	return found;
}

const char *
str_nearest(const char *s, const void *names, size_t n, size_t stride)
{
	return str_near(s, names, n, stride, 1 + (int)strlen(s) / 4);
}

uint64_t
str_hash(const void *p, size_t n)
{
	const unsigned char *s = p;
	uint64_t h = 0xcbf29ce484222325u;

	while (n-- > 0)
		h = (h ^ *s++) * 0x100000001b3u;
	return h;
}

size_t
str_utf8(const char *text, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text;
	size_t len, i;
	uint32_t c;

	if (n == 0)
		return 0;
	len = s[0] < 0x80   ? 1
	      : s[0] < 0xc2 ? 0
	      : s[0] < 0xe0 ? 2
	      : s[0] < 0xf0 ? 3
	      : s[0] < 0xf5 ? 4
			    : 0;
	if (len == 0 || len > n)
		return 0;
	c = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*cp = c;
	return len;
}

/* In each byte of the word that is none, its highest bit and no other. */
static uint64_t
str_not_plain(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
	uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';

	/* a borrow reaches only bytes above one that is found rightly */
	return (w | ((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) |
		   ((slash - ones) & ~slash)) &
	       high;
}

size_t
str_plain(const char *s, size_t n)
{
	size_t i = 0;
	uint64_t w;

	for (; n - i >= sizeof w; i += sizeof w) {
		memcpy(&w, s + i, sizeof w);
		if ((w = str_not_plain(w)) == 0)
			continue;
		if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
			break;
		return i + (size_t)__builtin_ctzll(w) / 8;
	}
	for (; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
			break;
	}
	return i;
}

bool
str_utf8_ok(const char *s, size_t n)
{
	uint32_t cp;
	size_t len;

	while (n > 0) {
		len = str_plain(s, n);
		s += len;
		n -= len;
		if (n == 0)
			break;
		if ((len = str_utf8(s, n, &cp)) == 0)
			return false;
		s += len;
		n -= len;
	}
	return true;
}

size_t
str_utf8_put(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

size_t
str_utf8_cut(const char *s, size_t n)
{
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}
