/* Values to and from JSON; see val.h. */
#include "card/val.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/uni.h"

static int val_from(
    struct arena *a, const struct json *j, unsigned depth, struct val *out);

static int
val_from_list(
    struct arena *a, const struct json *j, unsigned depth, struct val *out)
{
	const struct json *x;
	struct val *items;
	size_t n = json_count(j), i = 0;

	if ((items = arena_alloc(a, n * sizeof *items)) == NULL)
		return -1;
	for (x = json_first(j); x != NULL; x = json_next(x))
		if (val_from(a, x, depth, &items[i++]) == -1)
			return -1;
	*out = val_list(items, n);
	return 0;
}

static int
val_from_obj(
    struct arena *a, const struct json *j, unsigned depth, struct val *out)
{
	struct val_obj *o = val_obj_new(a, json_count(j));
	const struct json *x;
	const char *name;
	struct val v;

	if (o == NULL)
		return -1;
	for (x = json_first(j); x != NULL; x = json_next(x)) {
		name = json_name(x);
		if (val_from(a, x, depth, &v) == -1 ||
		    val_put(a, o, name, strlen(name), v) == -1)
			return -1;
	}
	*out = val_of(o);
	return 0;
}

static int
val_from(struct arena *a, const struct json *j, unsigned depth, struct val *out)
{
	if (depth > VAL_DEPTH)
		return -1;
	switch (json_kind(j)) {
	case JSON_NONE:
		*out = val_missing();
		return 0;
	case JSON_NULL:
		*out = val_null();
		return 0;
	case JSON_BOOL:
		*out = val_bool(json_true(j));
		return 0;
	case JSON_NUMBER:
		*out = val_num(json_num(j));
		return 0;
	case JSON_STRING:
		*out = val_str(json_str(j));
		return 0;
	case JSON_LIST:
		return val_from_list(a, j, depth + 1, out);
	case JSON_OBJECT:
		return val_from_obj(a, j, depth + 1, out);
	}
	return -1;
}

int
val_from_json(
    struct arena *a, const struct json *j, struct val *out, struct err *e)
{
	if (val_from(a, j, 0, out) == -1)
		return err_set(e, ERR_BUG, "the data is too large or too deep");
	return 0;
}

/* Copy what val_from borrowed. */
static int
val_own(struct arena *a, struct val *v)
{
	struct val_member *m;
	char *s;
	size_t i;

	if (v->kind == VAL_TEXT) {
		if ((s = arena_strndup(a, v->s, v->n)) == NULL)
			return -1;
		v->s = s;
	}
	for (i = 0; v->kind == VAL_LIST && i < v->n; i++)
		if (val_own(a, (struct val *)&v->items[i]) == -1)
			return -1;
	for (i = 0; v->kind == VAL_OBJ && i < v->n; i++) {
		m = &v->obj->m[i];
		if ((s = arena_strndup(a, m->name, m->len)) == NULL ||
		    val_own(a, &m->v) == -1)
			return -1;
		m->name = s;
	}
	return 0;
}

int
val_parse(struct arena *a, const char *text, size_t len, struct val *out,
    struct err *e)
{
	struct json *j = json_parse(text, len, e);
	int rc;

	if (j == NULL)
		return -1;
	if ((rc = val_from_json(a, j, out, e)) == 0 && val_own(a, out) == -1)
		rc = err_nomem(e);
	json_free(j);
	return rc;
}

/* -- printing -- */

static const char *
val_escape(unsigned char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

/*
 * What has no place in plain text: U+0000, and half a surrogate pair (ED
 * A0..BF xx), which cutting a text between two UTF-16 units leaves.
 * JavaScript writes their escapes (`exact`), which few readers take.
 */
static bool
val_is_plain(const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	return c >= 0x20 && c != '"' && c != '\\' &&
	       (c != 0xed || n < 3 || (unsigned char)s[1] < 0xa0);
}

#define VAL_EACH(byte) (0x0101010101010101u * (byte))

/* Is a byte of `w` zero?  Bytes above a zero one may be taken for one. */
static uint64_t
val_zero(uint64_t w)
{
	return (w - VAL_EACH(0x01)) & ~w & VAL_EACH(0x80);
}

static bool
val_plain8(const char *s)
{
	uint64_t w;

	memcpy(&w, s, sizeof w);
	return (val_zero(w & VAL_EACH(0xe0)) | val_zero(w ^ VAL_EACH('"')) |
		   val_zero(w ^ VAL_EACH('\\')) |
		   val_zero(w ^ VAL_EACH(0xed))) == 0;
}

/* How many bytes at the start are surely plain; eight at a time. */
static size_t
val_plain(const char *s, size_t n)
{
	size_t i = 0;

	while (i + 8 <= n && val_plain8(s + i))
		i += 8;
	if (n >= 8 && i + 8 > n && val_plain8(s + n - 8))
		return n;
	while (i < n && val_is_plain(s + i, n - i))
		i++;
	return i;
}

static int
val_write_text(const char *s, size_t n, struct buf *out, bool exact)
{
	size_t i = val_plain(s, n), step, from = 0;
	const char *esc;
	uint32_t cp;
	char *p;

	if (i == n) { /* as most are */
		if ((p = buf_room(out, n + 2)) == NULL)
			return -1;
		p[0] = p[n + 1] = '"';
		if (n > 0)
			memcpy(p + 1, s, n);
		buf_took(out, n + 2);
		return 0;
	}
	buf_addc(out, '"');
	for (; i < n; i++) {
		if (val_is_plain(s + i, n - i))
			continue;
		buf_add(out, s + from, i - from);
		step = uni_next(s + i, n - i, &cp);
		if ((esc = val_escape(s[i])) != NULL)
			buf_adds(out, esc);
		else if (!exact && (cp == 0 || cp >= 0xd800))
			buf_adds(out, "\xef\xbf\xbd");
		else
			buf_addf(out, "\\u%04x", (unsigned)cp);
		i += step - 1;
		from = i + 1;
	}
	buf_add(out, s + from, n - from);
	return buf_addc(out, '"');
}

int
val_quote(const char *s, size_t n, struct buf *out)
{
	return val_write_text(s, n, out, false);
}

enum val_style { VAL_COMPACT, VAL_PRETTY, VAL_EXACT };

static int
val_write_scalar(const struct val *v, struct buf *out, enum val_style style)
{
	char t[NUM_TEXT];
	size_t n;

	switch (v->kind) {
	case VAL_BOOL:
		return buf_adds(out, v->b ? "true" : "false");
	case VAL_NUM:
		if (!isfinite(v->num))
			return buf_adds(out, "null");
		n = num_text(v->num, t);
		return buf_add(out, t, n);
	case VAL_TEXT:
		return val_write_text(v->s, v->n, out, style == VAL_EXACT);
	case VAL_BIG:
		return buf_addf(out, "\"%lld\"", (long long)v->big);
	default:
		return buf_adds(out, "null");
	}
}

static void
val_newline(struct buf *out, unsigned depth, enum val_style style)
{
	if (style != VAL_PRETTY)
		return;
	buf_addc(out, '\n');
	while (depth-- > 0)
		buf_adds(out, "  ");
}

static int val_write(
    const struct val *v, struct buf *out, unsigned depth, enum val_style style);

static void
val_write_name(char sep, const struct val_member *m, struct buf *out,
    unsigned depth, enum val_style style)
{
	size_t n = m->len;
	char *p;

	if (style == VAL_COMPACT && val_plain(m->name, n) == n) {
		if ((p = buf_room(out, n + 4)) == NULL)
			return;
		p[0] = sep;
		p[1] = p[n + 2] = '"';
		p[n + 3] = ':';
		if (n > 0)
			memcpy(p + 2, m->name, n);
		buf_took(out, n + 4);
		return;
	}
	buf_addc(out, sep);
	val_newline(out, depth, style);
	val_write_text(m->name, n, out, style == VAL_EXACT);
	buf_adds(out, style == VAL_PRETTY ? ": " : ":");
}

static int
val_write_obj(const struct val_obj *o, struct buf *out, unsigned depth,
    enum val_style style)
{
	char sep = '{';
	uint32_t i;

	for (i = 0; i < o->n; i++) {
		if (o->m[i].v.kind == VAL_MISSING)
			continue;
		val_write_name(sep, &o->m[i], out, depth + 1, style);
		sep = ',';
		if (val_write(&o->m[i].v, out, depth + 1, style) == -1)
			return -1;
	}
	if (sep == '{')
		return buf_adds(out, "{}");
	val_newline(out, depth, style);
	return buf_addc(out, '}');
}

static int
val_write_bytes(const struct val *v, struct buf *out)
{
	uint32_t i;

	buf_addc(out, '[');
	for (i = 0; i < v->n; i++)
		buf_addf(out, "%s%u", i > 0 ? "," : "", v->bytes[i]);
	return buf_addc(out, ']');
}

static int
val_write(
    const struct val *v, struct buf *out, unsigned depth, enum val_style style)
{
	uint32_t i;

	if (depth > VAL_DEPTH || out->failed)
		return -1;
	if (v->kind == VAL_OBJ)
		return val_write_obj(v->obj, out, depth, style);
	if (v->kind == VAL_BYTES)
		return val_write_bytes(v, out);
	if (v->kind != VAL_LIST)
		return val_write_scalar(v, out, style);
	buf_addc(out, '[');
	for (i = 0; i < v->n; i++) {
		if (i > 0)
			buf_addc(out, ',');
		val_newline(out, depth + 1, style);
		if (val_write(&v->items[i], out, depth + 1, style) == -1)
			return -1;
	}
	if (v->n > 0)
		val_newline(out, depth, style);
	return buf_addc(out, ']');
}

int
val_print(const struct val *v, struct buf *out)
{
	return val_write(v, out, 0, VAL_COMPACT);
}

int
val_print_pretty(const struct val *v, struct buf *out)
{
	return val_write(v, out, 0, VAL_PRETTY);
}

int
val_print_exact(const struct val *v, struct buf *out)
{
	return val_write(v, out, 0, VAL_EXACT);
}

const char *
val_cstr(struct arena *a, const struct val *v)
{
	char *s = NULL;
	struct buf b;

	if (v->kind != VAL_TEXT) {
		buf_init(&b, SIZE_MAX / 2);
		if (val_print(v, &b) == 0)
			s = arena_strndup(a, buf_str(&b), buf_len(&b));
		buf_done(&b);
		return s;
	}
	if ((s = arena_strndup(a, v->s, v->n)) != NULL)
		uni_clean(s, v->n);
	return s;
}

struct json *
val_to_json(const struct val *v)
{
	struct json *j = NULL;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	if (val_print(v, &b) == 0)
		j = json_parse(buf_str(&b), buf_len(&b), NULL);
	buf_done(&b);
	return j;
}
