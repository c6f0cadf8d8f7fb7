/* Functions: text.  Lengths and places count UTF-16 units. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/num.h"
#include "base/uni.h"
#include "card/expr_int.h"
#include "card/locale.h"

/* A text argument, empty when it is missing. */
static struct val
expr_or_empty(const struct val *a, size_t i, size_t n)
{
	return i < n && a[i].kind == VAL_TEXT ? a[i] : val_text("", 0);
}

/* -- joining -- */

/* One more value for concat; `*acc` is missing, a list, or a text in tmp. */
static int
expr_concat_step(struct expr_run *x, struct val *acc, const struct val *v)
{
	struct val *items;
	uint32_t n = acc->n;

	if (acc->kind == VAL_LIST && val_none(v))
		return 0;
	if (acc->kind == VAL_MISSING && (val_none(v) || v->kind == VAL_LIST)) {
		*acc = val_none(v) ? val_missing() : *v;
		return 0;
	}
	if (acc->kind == VAL_LIST && v->kind == VAL_LIST) {
		if ((items = expr_items(x, n + v->n)) == NULL)
			return -1;
		if (n > 0)
			memcpy(items, acc->items, n * sizeof *items);
		if (v->n > 0)
			memcpy(items + n, v->items, v->n * sizeof *items);
		*acc = val_list(items, n + v->n);
		return 0;
	}
	if (acc->kind == VAL_LIST && expr_common_text(x, acc, &x->tmp) == -1)
		return -1;
	acc->kind = VAL_TEXT;
	return expr_common_text(x, v, &x->tmp);
}

static int
expr_fn_concat(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp), i;
	struct val acc = val_missing();

	if (n == 1) {
		*out = a[0];
		return 0;
	}
	for (i = 0; i < n; i++) {
		if (expr_concat_step(x, &acc, &a[i]) == -1) {
			buf_cut(&x->tmp, mark);
			return -1;
		}
	}
	if (acc.kind == VAL_TEXT)
		return expr_take(x, mark, out);
	*out = acc;
	return 0;
}

/* -- lengths and places -- */

static int
expr_fn_length(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = expr_or_empty(a, 0, n);

	(void)x;
	*out = val_num((double)uni_units(t.s, t.n));
	return 0;
}

static int
expr_fn_substring(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double units, from, len;

	if (a[0].kind == VAL_MISSING) {
		*out = val_text("", 0);
		return 0;
	}
	if (a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	units = (double)uni_units(a[0].s, a[0].n);
	if (!expr_is_whole(&a[1]))
		return expr_fail_arg(x, 1, "is not a whole number");
	from = a[1].num;
	if (from < 0 || from > units)
		return expr_fail_arg(x, 1, "is outside the text");
	len = units - from;
	if (n == 3) {
		if (!expr_is_whole(&a[2]))
			return expr_fail_arg(x, 2, "is not a whole number");
		if (a[2].num < 0 || a[2].num > len)
			return expr_fail_arg(x, 2, "is outside the text");
		len = a[2].num;
	}
	return expr_units(x, &a[0], (size_t)from, (size_t)(from + len), out);
}

/* Byte offset of the first (or last) `what` in `t`; SIZE_MAX: none. */
static size_t
expr_text_at(const struct val *t, const struct val *what, bool last)
{
	const char *s, *end;
	size_t at;

	if (what->n > t->n)
		return SIZE_MAX;
	if (!last) {
		s = what->n == 0 ? t->s : memmem(t->s, t->n, what->s, what->n);
		return s == NULL ? SIZE_MAX : (size_t)(s - t->s);
	}
	end = t->s + t->n - what->n;
	for (at = (size_t)(end - t->s) + 1; at-- > 0;)
		if (memcmp(t->s + at, what->s, what->n) == 0)
			return at;
	return SIZE_MAX;
}

static int
expr_index_of(struct expr_run *x, const struct val *a, size_t n, bool last,
    struct val *out)
{
	struct val t, what;
	size_t at;
	uint32_t i;

	*out = val_num(-1);
	if (a[0].kind == VAL_LIST) {
		for (i = 0; i < a[0].n; i++) {
			if (!expr_same(&a[0].items[i], &a[1]))
				continue;
			out->num = i;
			if (!last)
				break;
		}
		return expr_step(x, a[0].n);
	}
	if (!val_none(&a[0]) && a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is neither a text nor a list");
	if (a[1].kind != VAL_MISSING && a[1].kind != VAL_TEXT)
		return expr_fail_arg(x, 1, "is not a text");
	t = expr_or_empty(a, 0, n);
	what = expr_or_empty(a, 1, n);
	if (expr_step(x, t.n / 64) == -1)
		return -1;
	if (last && what.n == 0)
		at = t.n == 0 ? 0 : uni_units(t.s, t.n) - 1;
	else if ((at = expr_text_at(&t, &what, last)) != SIZE_MAX)
		at = uni_units(t.s, at);
	if (at != SIZE_MAX)
		out->num = (double)at;
	return 0;
}

static int
expr_fn_index_of(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_index_of(x, a, n, false, out);
}

static int
expr_fn_last_index_of(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_index_of(x, a, n, true, out);
}

static int
expr_fn_starts(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = expr_or_empty(a, 0, n), what = expr_or_empty(a, 1, n);

	(void)x;
	*out = val_bool(what.n <= t.n && memcmp(t.s, what.s, what.n) == 0);
	return 0;
}

static int
expr_fn_ends(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = expr_or_empty(a, 0, n), what = expr_or_empty(a, 1, n);

	(void)x;
	*out = val_bool(
	    what.n <= t.n && memcmp(t.s + t.n - what.n, what.s, what.n) == 0);
	return 0;
}

/* -- changing -- */

static int
expr_fn_trim(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = expr_or_empty(a, 0, n);
	size_t len = t.n;

	(void)x;
	t.s = uni_trim(t.s, &len);
	*out = val_text(t.s, len);
	return 0;
}

/* The language of a call's last argument, into t; NULL: the default. */
static int
expr_lang(struct expr_run *x, const struct val *a, size_t n, size_t at,
    char t[64], const char **lang)
{
	*lang = NULL;
	if (n != at + 1 || a[at].kind != VAL_TEXT)
		return 0;
	if (!locale_tag_ok(a[at].s, a[at].n) || a[at].n >= 64)
		return expr_fail_arg(x, at, "is not a locale such as en-US");
	memcpy(t, a[at].s, a[at].n);
	t[a[at].n] = '\0';
	*lang = t;
	return 0;
}

static int
expr_recase(struct expr_run *x, const struct val *a, size_t n, bool upper,
    struct val *out)
{
	struct val t = expr_or_empty(a, 0, n);
	size_t mark = buf_len(&x->tmp);
	const char *lang;
	char tag[64];

	if (expr_lang(x, a, n, 1, tag, &lang) == -1)
		return -1;
	if (upper)
		uni_upper(t.s, t.n, lang, &x->tmp);
	else
		uni_lower(t.s, t.n, lang, &x->tmp);
	return expr_take(x, mark, out);
}

static int
expr_fn_lower(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_recase(x, a, n, false, out);
}

static int
expr_fn_upper(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_recase(x, a, n, true, out);
}

static bool
expr_word_start(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       c == '_';
}

/* Raise the first character, or the first of each word (up to a blank). */
static void
expr_raise(const struct val *t, bool words, struct buf *out)
{
	bool inside = false;
	size_t i, k;
	uint32_t cp;

	for (i = 0; i < t->n; i += k) {
		k = uni_next(t->s + i, t->n - i, &cp);
		if (words && inside && uni_space(cp))
			inside = false;
		if (!inside && (words ? expr_word_start(t->s[i]) : i == 0)) {
			uni_upper(t->s + i, k, NULL, out);
			inside = true;
		} else {
			buf_add(out, t->s + i, k);
		}
	}
}

static int
expr_sentence(struct expr_run *x, const struct val *a, size_t n, bool words,
    struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	struct val low;

	if (expr_recase(x, a, n, false, &low) == -1)
		return -1;
	expr_raise(&low, words, &x->tmp);
	return expr_take(x, mark, out);
}

static int
expr_fn_sentence(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_sentence(x, a, n, false, out);
}

static int
expr_fn_title(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_sentence(x, a, n, true, out);
}

static int
expr_fn_replace(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = expr_or_empty(a, 0, n), old = expr_or_empty(a, 1, n);
	struct val new = expr_or_empty(a, 2, n);
	size_t mark = buf_len(&x->tmp), at;

	if (old.n == 0)
		return expr_fail_arg(x, 1, "is empty");
	while ((at = expr_text_at(&t, &old, false)) != SIZE_MAX &&
	       !x->tmp.failed) {
		uni_add(&x->tmp, t.s, at);
		uni_add(&x->tmp, new.s, new.n);
		t.s += at + old.n;
		t.n -= (uint32_t)(at + old.n);
	}
	uni_add(&x->tmp, t.s, t.n);
	return expr_take(x, mark, out);
}

static int
expr_split_units(struct expr_run *x, const struct val *t, struct val *out)
{
	size_t units = uni_units(t->s, t->n), i, n = 0, k;
	struct val *items = expr_items(x, units);
	uint32_t cp;

	if (items == NULL)
		return -1;
	for (i = 0; i < t->n; i += k) {
		struct val one;

		k = uni_next(t->s + i, t->n - i, &cp);
		one = val_text(t->s + i, k);
		if (cp < 0x10000) {
			items[n++] = one;
			continue;
		}
		if (expr_units(x, &one, 0, 1, &items[n]) == -1 ||
		    expr_units(x, &one, 1, 2, &items[n + 1]) == -1)
			return -1;
		n += 2;
	}
	*out = val_list(items, n);
	return 0;
}

static int
expr_fn_split(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = expr_or_empty(a, 0, n), sep = expr_or_empty(a, 1, n);
	struct val_vec l = {NULL, 0, 0};
	size_t at;

	if (sep.n == 0)
		return expr_split_units(x, &t, out);
	while ((at = expr_text_at(&t, &sep, false)) != SIZE_MAX) {
		if (expr_push(x, &l, val_text(t.s, at)) == -1)
			return -1;
		t.s += at + sep.n;
		t.n -= (uint32_t)(at + sep.n);
	}
	if (expr_push(x, &l, t) == -1)
		return -1;
	*out = val_done(&l);
	return 0;
}

static int
expr_fn_count_word(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = expr_or_empty(a, 0, n);
	size_t words = 1, i, k, len = t.n;
	bool space = false;
	uint32_t cp;

	(void)x;
	t.s = uni_trim(t.s, &len);
	for (i = 0; i < len; i += k) {
		k = uni_next(t.s + i, len - i, &cp);
		words += space && !uni_space(cp);
		space = uni_space(cp);
	}
	*out = val_num((double)words);
	return 0;
}

static int
expr_reverse_text(struct expr_run *x, const struct val *t, struct val *out)
{
	size_t mark = buf_len(&x->tmp), i = t->n, k;
	uint32_t cp;

	while (i > 0) {
		k = 1;
		while (k < i && k < 4 &&
		       ((unsigned char)t->s[i - k] & 0xc0) == 0x80)
			k++;
		i -= k;
		uni_next(t->s + i, k, &cp);
		if (cp >= 0x10000) {
			uni_slice(t->s + i, k, 1, 2, &x->tmp);
			uni_slice(t->s + i, k, 0, 1, &x->tmp);
		} else {
			uni_add(&x->tmp, t->s + i, k);
		}
	}
	return expr_take(x, mark, out);
}

static int
expr_fn_reverse(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val *items;
	uint32_t i;

	(void)n;
	if (a[0].kind == VAL_TEXT)
		return expr_reverse_text(x, &a[0], out);
	if (a[0].kind != VAL_LIST)
		return expr_fail_arg(x, 0, "is neither a text nor a list");
	if ((items = expr_items(x, a[0].n)) == NULL)
		return -1;
	for (i = 0; i < a[0].n; i++)
		items[i] = a[0].items[a[0].n - 1 - i];
	*out = val_list(items, a[0].n);
	return 0;
}

/* -- numbers as text -- */

static int
expr_fn_ordinal(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	static const char *const ends[] = {"th", "st", "nd", "rd"};
	double teens = fmod(a[0].num, 100), ones = fmod(a[0].num, 10);
	size_t mark = buf_len(&x->tmp);
	char t[NUM_TEXT];

	(void)n;
	buf_add(&x->tmp, t, num_text(a[0].num, t));
	if (a[0].num > 0)
		buf_adds(&x->tmp, teens >= 11 && teens <= 13 ? "th"
				  : ones > 3                 ? "th"
							     : ends[(int)ones]);
	return expr_take(x, mark, out);
}

/* Decimals that the shortest text of a number shows after its point. */
static int
expr_decimals(double d)
{
	char t[NUM_TEXT], *point;
	size_t n = num_text(d, t);

	point = memchr(t, '.', n);
	return point == NULL ? 0 : (int)(t + n - point - 1);
}

static int
expr_fn_string(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val lang = expr_or_empty(a, 1, n);
	size_t mark = buf_len(&x->tmp);
	int digits;

	if (a[0].kind == VAL_TEXT) {
		*out = a[0];
		return 0;
	}
	if (expr_is_num(&a[0])) {
		digits = expr_decimals(a[0].num);
		locale_number(a[0].num, digits > 20 ? 20 : digits, lang.s,
		    lang.n, &x->tmp);
	} else if (a[0].kind == VAL_BYTES) {
		buf_add(&x->tmp, a[0].bytes, a[0].n);
	} else if (expr_common_text(x, &a[0], &x->tmp) == -1) {
		return -1;
	}
	return expr_take(x, mark, out);
}

static int
expr_fn_format_number(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val lang = expr_or_empty(a, 2, n);
	size_t mark = buf_len(&x->tmp);
	double p, d;

	if (!expr_is_num(&a[0]))
		return expr_fail_arg(x, 0, "is not a number");
	if (!expr_is_whole(&a[1]) || a[1].num < 0 || a[1].num >= 1e21)
		return expr_fail_arg(x, 1, "is no number of decimals");
	p = pow(10, a[1].num);
	d = num_round(a[0].num * p) / p;
	locale_number(
	    d, a[1].num > 20 ? 20 : (int)a[1].num, lang.s, lang.n, &x->tmp);
	return expr_take(x, mark, out);
}

static int
expr_fn_json_stringify(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);

	(void)n;
	if (a[0].kind == VAL_MISSING) {
		*out = val_missing();
		return 0;
	}
	if (expr_json_text(x, &a[0], &x->tmp) == -1)
		return -1;
	return expr_take(x, mark, out);
}

static int
expr_fn_guid(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	unsigned char b[16] = {0};
	char t[40], *s = t;
	size_t i;

	(void)a, (void)n;
	if (getrandom(b, sizeof b, 0) != sizeof b)
		return expr_fail(x, "newGuid: no random numbers");
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	for (i = 0; i < 16; i++)
		s += snprintf(s, 4, "%s%02x",
		    i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
	return expr_copy(x, t, (size_t)(s - t), out);
}

static int
expr_fn_eol(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)x, (void)a, (void)n;
	*out = val_text("\n", 1);
	return 0;
}

#define T EXPR_T_TEXT
#define TL (EXPR_T_TEXT | EXPR_T_LIST)
#define WT EXPR_W_TEXT_OR_MISSING

const struct expr_fn expr_fn_text[] = {
    {"concat", "concat", "*+", TL, 0, EXPR_F_JOINS, 1, expr_fn_concat, NULL},
    {"&", "concat", "*+", TL, 0, EXPR_F_JOINS, 1, expr_fn_concat, NULL},
    {"length", NULL, "t", EXPR_T_NUM, WT, 0, 1, expr_fn_length, NULL},
    {"toLower", NULL, "tt?", T, WT, 0, 1, expr_fn_lower, NULL},
    {"toUpper", NULL, "tt?", T, WT, 0, 1, expr_fn_upper, NULL},
    {"trim", NULL, "t", T, WT, 0, 1, expr_fn_trim, NULL},
    {"substring", NULL, "tnn?", T, 0, 0, 1, expr_fn_substring, NULL},
    {"replace", NULL, "ttt", T, WT, 0, 1, expr_fn_replace, NULL},
    {"split", NULL, "tt?", EXPR_T_LIST, WT, 0, 1, expr_fn_split, NULL},
    {"startsWith", NULL, "tt", EXPR_T_BOOL, WT, 0, 1, expr_fn_starts, NULL},
    {"endsWith", NULL, "tt", EXPR_T_BOOL, WT, 0, 1, expr_fn_ends, NULL},
    {"indexOf", NULL, "s*", EXPR_T_NUM, 0, 0, 1, expr_fn_index_of, NULL},
    {"lastIndexOf", NULL, "s*", EXPR_T_NUM, 0, 0, 2, expr_fn_last_index_of,
	NULL},
    {"countWord", NULL, "t", EXPR_T_NUM, WT, 0, 2, expr_fn_count_word, NULL},
    {"addOrdinal", NULL, "n", T, EXPR_W_WHOLE, 0, 2, expr_fn_ordinal, NULL},
    {"sentenceCase", NULL, "tt?", T, WT, 0, 2, expr_fn_sentence, NULL},
    {"titleCase", NULL, "tt?", T, WT, 0, 2, expr_fn_title, NULL},
    {"reverse", NULL, "s", TL, EXPR_W_CONTAINER, 0, 2, expr_fn_reverse, NULL},
    {"string", NULL, "*t?", T, 0, 0, 1, expr_fn_string, NULL},
    {"formatNumber", NULL, "nnt?", T, 0, 0, 1, expr_fn_format_number, NULL},
    {"jsonStringify", NULL, "*", T, 0, 0, 2, expr_fn_json_stringify, NULL},
    {"newGuid", NULL, "", T, 0, 0, 2, expr_fn_guid, NULL},
    {"EOL", NULL, "", T, 0, 0, 2, expr_fn_eol, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
