/*
 * JSON as text: the strict check before cJSON sees it (cJSON takes bad
 * numbers, bad UTF-8 and raw control characters, and names no reason), and
 * finding the place of a value for error messages.  No recursion: the depth
 * is a bit stack, so a hostile body costs one pass and no stack.
 */
#include "base/json.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"

/* What json_texts looks for. */
struct scan_want {
	const char *const *paths;
	struct json_span *out;
	size_t n;
	uint32_t inside; /* of these paths the first name has been met */
	uint32_t over;   /* these have been met: the first one counts */
	uint32_t near;   /* the object that we are in is on their way */
	uint32_t next;   /* the value that comes now is theirs */
	size_t skip;     /* where in the path of those the second name is */
	bool unsure;     /* an escape in a name or in a text */
};

struct scan {
	const char *s;
	size_t n;
	size_t i;
	struct err *e;
	struct scan_want *want; /* NULL: only check */
	bool escaped;           /* in the last string */
	char *mend; /* the same text, to be mended; NULL: it is refused */
};

static int
scan_bad(struct scan *c, const char *what)
{
	unsigned char ch;

	if (c->i >= c->n)
		return err_set(c->e, ERR_PERM, "unexpected end, %s", what);
	ch = (unsigned char)c->s[c->i];
	if (isgraph(ch))
		return err_set(c->e, ERR_PERM, "unexpected '%c', %s", ch, what);
	return err_set(c->e, ERR_PERM, "unexpected byte 0x%02x, %s", ch, what);
}

static void
scan_blank(struct scan *c)
{
	while (c->i < c->n && (c->s[c->i] == ' ' || c->s[c->i] == '\t' ||
				  c->s[c->i] == '\r' || c->s[c->i] == '\n'))
		c->i++;
}

static bool
scan_at(const struct scan *c, char ch)
{
	return c->i < c->n && c->s[c->i] == ch;
}

static int
scan_hex4(struct scan *c, uint32_t *out)
{
	uint32_t v = 0;
	int k;

	for (k = 0; k < 4; k++, c->i++) {
		unsigned char ch = c->i < c->n ? (unsigned char)c->s[c->i] : 0;

		if (!isxdigit(ch))
			return scan_bad(c, "four hex digits after \\u");
		v = v << 4 |
		    (uint32_t)(isdigit(ch) ? ch - '0' : tolower(ch) - 'a' + 10);
	}
	*out = v;
	return 0;
}

/* What is JSON and no text of ours: the escape that begins at `start`. */
static int
scan_odd(struct scan *c, size_t start, const char *what)
{
	c->i = start;
	if (c->mend == NULL)
		return err_set(c->e, ERR_PERM, "%s", what);
	memcpy(c->mend + start, "\\ufffd", 6);
	c->i += 6;
	return 0;
}

/* After "\u": one code unit, or a surrogate pair. */
static int
scan_unicode(struct scan *c)
{
	size_t start = c->i - 2;
	uint32_t hi, lo = 0;

	if (scan_hex4(c, &hi) == -1)
		return -1;
	if (hi == 0)
		return scan_odd(c, start, "\\u0000 is not supported");
	if (hi < 0xd800 || hi > 0xdfff)
		return 0;
	if (hi < 0xdc00 && c->i + 1 < c->n && c->s[c->i] == '\\' &&
	    c->s[c->i + 1] == 'u') {
		c->i += 2;
		if (scan_hex4(c, &lo) == -1)
			return -1;
	}
	if (lo < 0xdc00 || lo > 0xdfff)
		return scan_odd(c, start, "half a surrogate pair");
	return 0;
}

static int
scan_string(struct scan *c)
{
	uint32_t cp;
	size_t len;

	c->escaped = false;
	for (c->i++; c->i < c->n; c->i += len) {
		unsigned char ch;

		c->i += str_plain(c->s + c->i, c->n - c->i);
		if (c->i == c->n)
			break;
		ch = (unsigned char)c->s[c->i];
		len = 1;
		if (ch == '"') {
			c->i++;
			return 0;
		}
		if (ch < 0x20)
			return scan_bad(
			    c, "a control character must be escaped");
		if (ch == '\\') {
			c->escaped = true;
			if (++c->i >= c->n)
				break;
			if (c->s[c->i] == 'u') {
				c->i++;
				if (scan_unicode(c) == -1)
					return -1;
				len = 0;
			} else if (strchr("\"\\/bfnrt", c->s[c->i]) == NULL ||
				   c->s[c->i] == '\0') {
				return scan_bad(c, "no such escape");
			}
		} else if (ch >= 0x80 && (len = str_utf8(c->s + c->i,
					      c->n - c->i, &cp)) == 0) {
			return scan_bad(c, "not UTF-8");
		}
	}
	return scan_bad(c, "a text without its closing quote");
}

static bool
scan_digits(struct scan *c)
{
	size_t from = c->i;

	while (c->i < c->n && isdigit((unsigned char)c->s[c->i]))
		c->i++;
	return c->i > from;
}

static int
scan_number(struct scan *c)
{
	if (scan_at(c, '-'))
		c->i++;
	if (scan_at(c, '0'))
		c->i++;
	else if (!scan_digits(c))
		return scan_bad(c, "a digit was expected");
	if (scan_at(c, '.')) {
		c->i++;
		if (!scan_digits(c))
			return scan_bad(c, "a digit was expected");
	}
	if (scan_at(c, 'e') || scan_at(c, 'E')) {
		c->i++;
		if (scan_at(c, '+') || scan_at(c, '-'))
			c->i++;
		if (!scan_digits(c))
			return scan_bad(c, "a digit was expected");
	}
	return 0;
}

/* A value that is no list and no object. */
static int
scan_scalar(struct scan *c)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t k, len;

	if (scan_at(c, '"'))
		return scan_string(c);
	for (k = 0; k < 3; k++) {
		len = strlen(words[k]);
		if (c->n - c->i >= len &&
		    memcmp(c->s + c->i, words[k], len) == 0) {
			c->i += len;
			return 0;
		}
	}
	if (scan_at(c, '-') ||
	    (c->i < c->n && isdigit((unsigned char)c->s[c->i])))
		return scan_number(c);
	return scan_bad(c, "a value was expected");
}

/* Is it the name at the start of the path, ended by that character? */
static inline bool
scan_is(struct json_span name, const char *path, char end)
{
	return path[0] == name.p[0] && name.n > 0 &&
	       strncmp(path, name.p, name.n) == 0 && path[name.n] == end &&
	       memchr(name.p, '.', name.n) == NULL;
}

/* A member at depth 1 begins: is it wanted, or something in it? */
static void
scan_meet(struct scan_want *w, struct json_span name)
{
	size_t i;

	w->next = w->near = 0;
	w->skip = name.n + 1;
	for (i = 0; i < w->n; i++) {
		uint32_t bit = 1u << i;

		if ((w->over & bit) != 0)
			continue;
		if (scan_is(name, w->paths[i], '.')) {
			/* only the first object of that name is looked into */
			w->over |= w->inside & bit;
			w->inside |= bit;
			w->near |= bit;
		} else if (scan_is(name, w->paths[i], '\0')) {
			w->over |= bit;
			w->next |= bit;
		}
	}
}

/* The same at depth 2. */
static void
scan_meet_inner(struct scan_want *w, struct json_span name)
{
	uint32_t left = w->near & ~w->over;
	size_t i;

	w->next = 0;
	for (i = 0; i < w->n && left != 0; i++)
		if ((left >> i & 1) != 0 &&
		    scan_is(name, w->paths[i] + w->skip, '\0')) {
			w->over |= 1u << i;
			w->next |= 1u << i;
		}
}

/* The value of a wanted member: a text is handed out. */
static void
scan_hand_out(struct scan *c, size_t from)
{
	struct scan_want *w = c->want;
	size_t i;

	for (i = 0; i < w->n && w->next != 0 && c->s[from] == '"'; i++)
		if ((w->next >> i & 1) != 0) {
			w->out[i].p = c->s + from + 1;
			w->out[i].n = c->i - from - 2;
			w->unsure |= c->escaped;
		}
	w->next = 0;
}

static int
scan_name(struct scan *c, unsigned depth)
{
	size_t from;

	scan_blank(c);
	if (!scan_at(c, '"'))
		return scan_bad(c, "a member name in quotes was expected");
	from = c->i + 1;
	if (scan_string(c) == -1)
		return -1;
	if (c->want != NULL && depth <= 2) {
		struct json_span name = {c->s + from, c->i - 1 - from};

		c->want->unsure |= c->escaped;
		if (depth == 1)
			scan_meet(c->want, name);
		else
			scan_meet_inner(c->want, name);
	}
	scan_blank(c);
	if (!scan_at(c, ':'))
		return scan_bad(c, "':' was expected");
	c->i++;
	return 0;
}

#define SCAN_DEPTH_MAX 1024

static int
scan_value(struct scan *c, unsigned max)
{
	uint8_t obj[SCAN_DEPTH_MAX / 8] = {0};
	unsigned depth = 0;
	size_t from;

	if (max > SCAN_DEPTH_MAX)
		max = SCAN_DEPTH_MAX;
	for (;;) {
		scan_blank(c);
		if (scan_at(c, '{') || scan_at(c, '[')) {
			bool o = c->s[c->i] == '{';

			if (depth == max)
				return err_set(c->e, ERR_PERM,
				    "nested deeper than %u", max);
			obj[depth / 8] =
			    (uint8_t)((obj[depth / 8] & ~(1u << depth % 8)) |
				      (unsigned)o << depth % 8);
			depth++;
			c->i++;
			if (c->want != NULL)
				c->want->next = 0;
			scan_blank(c);
			if (!scan_at(c, o ? '}' : ']')) {
				if (o && scan_name(c, depth) == -1)
					return -1;
				continue;
			}
		} else {
			from = c->i;
			if (scan_scalar(c) == -1)
				return -1;
			if (c->want != NULL)
				scan_hand_out(c, from);
		}
		/* a value has ended; close what closes */
		for (; depth > 0; depth--) {
			bool o = obj[(depth - 1) / 8] >> (depth - 1) % 8 & 1;

			scan_blank(c);
			if (scan_at(c, ',')) {
				c->i++;
				scan_blank(c);
				if (scan_at(c, o ? '}' : ']'))
					return scan_bad(c,
					    "the comma before it is one too "
					    "many");
				if (o && scan_name(c, depth) == -1)
					return -1;
				break;
			}
			if (!scan_at(c, o ? '}' : ']'))
				return scan_bad(
				    c, o ? "',' or '}' was expected"
					 : "',' or ']' was expected");
			c->i++;
		}
		if (depth == 0)
			return 0;
	}
}

/* One value, and nothing else. */
static int
scan_all(struct scan *c, unsigned depth)
{
	if (c->n >= 3 && memcmp(c->s, "\xef\xbb\xbf", 3) == 0)
		return err_set(c->e, ERR_PERM,
		    "starts with a byte order mark: save it as UTF-8 without "
		    "BOM");
	if (scan_value(c, depth) == -1)
		return -1;
	scan_blank(c);
	return c->i < c->n ? scan_bad(c, "the end was expected") : 0;
}

int
json_check(
    const char *text, size_t len, unsigned depth, size_t *at, struct err *e)
{
	struct scan c = {.s = text, .n = len, .e = e};
	int rc = scan_all(&c, depth);

	if (at != NULL)
		*at = c.i;
	return rc;
}

int
json_texts(const char *text, size_t len, const char *const *paths,
    struct json_span *out, size_t n, struct err *e)
{
	struct scan_want w = {.paths = paths, .out = out, .n = n};
	struct scan c = {.s = text, .n = len, .e = e, .want = &w};

	memset(out, 0, n * sizeof *out);
	if (scan_all(&c, JSON_DEPTH) == -1) {
		if (c.i < len && text[c.i] == '\\') {
			err_clear(e);
			return 1; /* what json_parse may mend */
		}
		return json_refuse(text, c.i, e);
	}
	return w.unsure;
}

int
json_mend(char *text, size_t len, unsigned depth, size_t *at, struct err *e)
{
	struct scan c = {.s = text, .n = len, .e = e, .mend = text};
	int rc = scan_all(&c, depth);

	*at = c.i;
	return rc;
}

void
json_blank_comments(char *s, size_t n)
{
	size_t i, end;

	for (i = 0; i < n; i++) {
		if (s[i] == '"') {
			for (i++; i < n && s[i] != '"' && s[i] != '\n'; i++)
				if (s[i] == '\\')
					i++;
		} else if (s[i] == '/' && i + 1 < n && s[i + 1] == '/') {
			for (; i < n && s[i] != '\n'; i++)
				s[i] = ' ';
		} else if (s[i] == '/' && i + 1 < n && s[i + 1] == '*') {
			for (end = i + 2; end + 1 < n &&
					  !(s[end] == '*' && s[end + 1] == '/');
			     end++)
				;
			if (end + 1 >= n)
				return; /* unclosed: the parser says so */
			for (; i < end + 2; i++)
				if (s[i] != '\n')
					s[i] = ' ';
			i--;
		}
	}
}

/* Past the value at c->i; the text is known to be right. */
static void
scan_skip(struct scan *c)
{
	unsigned depth = 0;

	do {
		scan_blank(c);
		if (scan_at(c, '{') || scan_at(c, '[')) {
			depth++;
			c->i++;
		} else if (scan_at(c, '}') || scan_at(c, ']')) {
			depth--;
			c->i++;
		} else if (scan_at(c, ',') || scan_at(c, ':')) {
			c->i++;
		} else if (scan_scalar(c) == -1) {
			return;
		}
	} while (depth > 0 && c->i < c->n);
}

/* Is the name at c->i this pointer segment?  Moves past the colon. */
static bool
scan_segment(struct scan *c, const char *seg, size_t len)
{
	size_t from = c->i, k = 0, i;
	bool same = true;

	scan_name(c, 0);
	for (i = from + 1; c->s[i] != '"' && same; i++) {
		char want = k < len ? seg[k++] : '\0';

		if (want == '~')
			want = k < len && seg[k++] == '1' ? '/' : '~';
		if (c->s[i] == '\\')
			i++;
		same = c->s[i] == want;
	}
	return same && k == len;
}

/* Move to the child that `seg` names; false: there is none. */
static bool
scan_child(struct scan *c, const char *seg, size_t len, size_t *name)
{
	bool obj = scan_at(c, '{');
	size_t want = 0, k;
	char close = obj ? '}' : ']';

	if (!obj && !scan_at(c, '['))
		return false;
	for (k = 0; !obj && k < len; k++)
		want = want * 10 + (size_t)(seg[k] - '0');
	c->i++;
	for (k = 0;; k++) {
		scan_blank(c);
		if (c->i >= c->n || scan_at(c, close) ||
		    c->e->kind != ERR_NONE) /* only right when mended */
			return false;
		*name = c->i;
		if (obj ? scan_segment(c, seg, len) : k == want) {
			scan_blank(c);
			return true;
		}
		scan_skip(c);
		scan_blank(c);
		if (scan_at(c, ','))
			c->i++;
	}
}

size_t
json_find(const char *text, size_t len, const char *pointer, bool key)
{
	struct err e = ERR_INIT;
	struct scan c = {.s = text, .n = len, .e = &e};
	size_t here, name, n;

	scan_blank(&c);
	here = name = c.i;
	while (*pointer == '/') {
		pointer++;
		n = strcspn(pointer, "/");
		if (!scan_child(&c, pointer, n, &name))
			return here;
		here = c.i;
		pointer += n;
	}
	return key ? name : here;
}

#define TWICE_KEY_MAX (16u << 20)

struct twice {
	void (*told)(void *arg, size_t at, const char *s, size_t n);
	void *arg;
	struct map *seen; /* "OBJECT NAME" */
	struct buf key;
};

/* The name at c->i, of the object with that number. */
static int
twice_name(struct twice *t, struct scan *c, unsigned object)
{
	size_t at = c->i;
	const char *s = c->s + at + 1;
	size_t n;
	void *old;

	scan_name(c, 0);
	n = (size_t)((const char *)memrchr(s, '"', c->s + c->i - s) - s);
	buf_clear(&t->key);
	buf_addf(&t->key, "%u ", object);
	buf_add(&t->key, s, n);
	if (t->key.failed || map_put(t->seen, buf_str(&t->key), t, &old) == -1)
		return -1;
	if (old != NULL)
		t->told(t->arg, at, s, n);
	return 0;
}

static int
twice_scan(struct twice *t, struct scan *c)
{
	unsigned inside[SCAN_DEPTH_MAX], depth = 0, objects = 0;
	bool name = false; /* one comes next, unless the object ends */

	for (scan_blank(c); c->i < c->n; scan_blank(c)) {
		char ch = c->s[c->i];

		if (name && ch == '"') {
			if (twice_name(t, c, inside[depth - 1]) == -1)
				return -1;
			name = false;
		} else if (ch == '{' || ch == '[') {
			if (depth == SCAN_DEPTH_MAX)
				return 0;
			name = ch == '{';
			inside[depth++] = name ? ++objects : 0;
			c->i++;
		} else if (ch == '}' || ch == ']') {
			depth--;
			name = false;
			c->i++;
		} else if (ch == ',') {
			name = inside[depth - 1] != 0;
			c->i++;
		} else if (scan_scalar(c) == -1) {
			return 0;
		}
	}
	return 0;
}

int
json_twice(const char *text, size_t len,
    void (*told)(void *arg, size_t at, const char *s, size_t n), void *arg)
{
	struct err e = ERR_INIT;
	struct scan c = {.s = text, .n = len, .e = &e};
	struct twice t = {.told = told, .arg = arg, .seen = map_new()};
	int rc = -1;

	buf_init(&t.key, TWICE_KEY_MAX);
	if (t.seen != NULL) {
		rc = twice_scan(&t, &c);
		map_free(t.seen, NULL);
	}
	buf_done(&t.key);
	return rc;
}

void
json_place(const char *text, size_t at, int *line, int *col)
{
	size_t i;

	*line = *col = 1;
	for (i = 0; i < at; i++) {
		if (text[i] == '\n') {
			(*line)++;
			*col = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			(*col)++;
		}
	}
}

int
json_refuse(const char *text, size_t at, struct err *e)
{
	int line, col;

	json_place(text, at, &line, &col);
	return err_prefix(e, "%d:%d: ", line, col);
}
