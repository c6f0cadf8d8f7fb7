/* Functions: conversions. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/b64.h"
#include "base/num.h"
#include "base/str.h"
#include "base/uni.h"
#include "base/urlenc.h"
#include "card/expr_int.h"

/* -- numbers -- */

/* Leading digits, as parseInt(s, 10); NAN: none. */
static double
expr_parse_int(const struct val *t)
{
	size_t n = t->n, i, from;
	const char *s = uni_trim(t->s, &n);
	double d;

	from = i = n > 0 && (s[0] == '-' || s[0] == '+');
	while (i < n && isdigit((unsigned char)s[i]))
		i++;
	if (i == from || num_read(s, i, &d) != i)
		return NAN;
	return d;
}

static int
expr_fn_int(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	*out = val_missing();
	if (a[0].kind == VAL_BIG) {
		*out = val_num((double)a[0].big);
	} else if (a[0].kind == VAL_TEXT) {
		*out = val_num(expr_parse_int(&a[0]));
		if (isnan(out->num))
			return expr_fail_arg(
			    x, 0, "does not begin with a number");
	} else if (expr_is_num(&a[0])) {
		*out = val_num(isfinite(a[0].num) ? trunc(a[0].num) : NAN);
	}
	return 0;
}

static double
expr_parse_float(const struct val *t)
{
	size_t n = t->n, sign;
	const char *s = uni_trim(t->s, &n);
	double d = NAN;

	sign = n > 0 && (s[0] == '-' || s[0] == '+');
	if (n - sign >= 8 && memcmp(s + sign, "Infinity", 8) == 0)
		return sign > 0 && s[0] == '-' ? -INFINITY : INFINITY;
	return num_read(s, n, &d) == 0 ? NAN : d;
}

static int
expr_fn_float(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	*out = val_missing();
	if (a[0].kind == VAL_BIG) {
		*out = val_num((double)a[0].big);
	} else if (a[0].kind == VAL_TEXT) {
		*out = val_num(expr_parse_float(&a[0]));
		if (isnan(out->num))
			return expr_fail_arg(
			    x, 0, "does not begin with a number");
	} else if (expr_is_num(&a[0])) {
		*out = a[0];
	}
	return 0;
}

/* -- JSON -- */

static int
expr_fn_json(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct err e = ERR_INIT;
	size_t len;
	const char *s;

	if (a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	len = a[0].n;
	s = uni_trim(a[0].s, &len);
	(void)n;
	x->bytes += 8 * len;
	if (x->bytes > EXPR_BYTES)
		return expr_limit(x, "the result is too large");
	if (val_parse(x->a, s, len, out, &e) == 0)
		return expr_step(x, len / 4);
	if (e.kind == ERR_BUG)
		return expr_nomem(x);
	return expr_fail(x, "json: %s", e.text);
}

/* -- bytes -- */

/* UTF-8 that others accept: halves of pairs become U+FFFD. */
static void
expr_clean(const struct val *t, struct buf *out)
{
	size_t i, k;
	uint32_t cp;

	if (str_utf8_ok(t->s, t->n)) {
		buf_add(out, t->s, t->n);
		return;
	}
	for (i = 0; i < t->n; i += k) {
		k = uni_next(t->s + i, t->n - i, &cp);
		if (cp >= 0xd800 && cp <= 0xdfff)
			buf_adds(out, "\xef\xbf\xbd");
		else
			buf_add(out, t->s + i, k);
	}
}

static int
expr_as_bytes(struct expr_run *x, size_t mark, struct val *out)
{
	if (expr_take(x, mark, out) == -1)
		return -1;
	out->kind = VAL_BYTES;
	return 0;
}

/* Append the base64 of a text's UTF-8. */
static void
expr_to_base64(const struct val *t, struct buf *out)
{
	struct buf clean;

	buf_init(&clean, EXPR_TEXT);
	expr_clean(t, &clean);
	b64_encode(buf_str(&clean), buf_len(&clean), out);
	buf_inherit(out, &clean);
	buf_done(&clean);
}

static int
expr_b64_digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at;

	if (c == '-' || c == '_')
		return c == '-' ? 62 : 63;
	at = c == '\0' ? NULL : strchr(digits, c);
	return at == NULL ? -1 : (int)(at - digits);
}

/* Forgiving: other characters are skipped, the first = ends it. */
static void
expr_from_base64(const char *s, size_t n, struct buf *out)
{
	unsigned bits = 0, have = 0;
	size_t i;
	int d;

	for (i = 0; i < n && s[i] != '='; i++) {
		if ((d = expr_b64_digit(s[i])) < 0)
			continue;
		bits = (bits << 6 | (unsigned)d) & 0xffff;
		if ((have += 6) >= 8) {
			have -= 8;
			buf_addc(out, (char)(bits >> have & 0xff));
		}
	}
}

/* One character a byte. */
static void
expr_latin(const char *s, size_t n, struct buf *out)
{
	char b[4];
	size_t i;

	for (i = 0; i < n; i++)
		buf_add(out, b, uni_put((unsigned char)s[i], b));
}

/* Decoded bytes as a text: UTF-8 when they are, else a character a byte. */
static int
expr_decode(
    struct expr_run *x, const char *s, size_t n, bool latin, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	struct buf raw;

	buf_init(&raw, EXPR_TEXT);
	expr_from_base64(s, n, &raw);
	if (!latin && str_utf8_ok(buf_str(&raw), buf_len(&raw)))
		buf_add(&x->tmp, buf_str(&raw), buf_len(&raw));
	else
		expr_latin(buf_str(&raw), buf_len(&raw), &x->tmp);
	buf_inherit(&x->tmp, &raw);
	buf_done(&raw);
	return expr_take(x, mark, out);
}

static int
expr_fn_base64(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);

	(void)n;
	*out = val_missing();
	if (a[0].kind != VAL_TEXT && a[0].kind != VAL_BYTES)
		return 0;
	expr_to_base64(&a[0], &x->tmp);
	return expr_take(x, mark, out);
}

static int
expr_fn_from_base64(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	return expr_decode(x, a[0].s, a[0].n, false, out);
}

static int
expr_fn_base64_bytes(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	if (expr_decode(x, a[0].s, a[0].n, true, out) == -1)
		return -1;
	out->kind = VAL_BYTES;
	return 0;
}

static int
expr_fn_bytes(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);

	(void)n;
	expr_clean(&a[0], &x->tmp);
	return expr_as_bytes(x, mark, out);
}

static int
expr_fn_data_uri(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);

	(void)n;
	buf_adds(&x->tmp, "data:text/plain;charset=utf-8;base64,");
	expr_to_base64(&a[0], &x->tmp);
	return expr_take(x, mark, out);
}

static int
expr_fn_from_data_uri(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	const char *comma = a[0].n == 0 ? NULL : memchr(a[0].s, ',', a[0].n);
	size_t skip = comma == NULL ? 0 : (size_t)(comma - a[0].s) + 1;

	(void)n;
	return expr_decode(x, a[0].s + skip, a[0].n - skip, false, out);
}

/* -- percent encoding -- */

static int
expr_fn_encode(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);

	(void)n;
	if (!str_utf8_ok(a[0].s, a[0].n))
		return expr_fail_arg(x, 0, "holds half a character");
	urlenc_add(&x->tmp, a[0].s, a[0].n, URLENC_PLAIN "!*'()");
	return expr_take(x, mark, out);
}

static int
expr_fn_decode(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp), i;
	const char *s = a[0].s;
	int c;

	(void)n;
	for (i = 0; i < a[0].n; i++) {
		if (s[i] != '%') {
			buf_addc(&x->tmp, s[i]);
			continue;
		}
		if ((c = urlenc_byte(s + i, a[0].n - i)) == -1)
			break;
		buf_addc(&x->tmp, (char)c);
		i += 2;
	}
	if (i < a[0].n ||
	    !str_utf8_ok(buf_str(&x->tmp) + mark, buf_len(&x->tmp) - mark)) {
		buf_cut(&x->tmp, mark);
		return expr_fail_arg(x, 0, "is not percent-encoded UTF-8");
	}
	return expr_take(x, mark, out);
}

#define T EXPR_T_TEXT
#define W EXPR_W_TEXT

const struct expr_fn expr_fn_conv[] = {
    {"int", NULL, "*", EXPR_T_NUM, 0, 0, 1, expr_fn_int, NULL},
    {"float", NULL, "*", EXPR_T_NUM, 0, 0, 1, expr_fn_float, NULL},
    {"json", NULL, "t", EXPR_T_ANY, 0, 0, 1, expr_fn_json, NULL},
    {"base64", NULL, "*", T, 0, 0, 2, expr_fn_base64, NULL},
    {"base64ToString", NULL, "*", T, W, 0, 2, expr_fn_from_base64, NULL},
    {"base64ToBinary", NULL, "*", EXPR_T_ANY, W, 0, 3, expr_fn_base64_bytes,
	NULL},
    {"binary", NULL, "*", EXPR_T_ANY, W, 0, 3, expr_fn_bytes, NULL},
    {"dataUri", NULL, "*", T, W, 0, 2, expr_fn_data_uri, NULL},
    {"dataUriToString", NULL, "*", T, W, 0, 2, expr_fn_from_data_uri, NULL},
    {"dataUriToBinary", NULL, "*", EXPR_T_ANY, W, 0, 3, expr_fn_bytes, NULL},
    {"uriComponent", NULL, "*", T, W, 0, 2, expr_fn_encode, NULL},
    {"uriComponentToString", NULL, "*", T, W, 0, 2, expr_fn_decode, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
