/* Functions: regular expressions. */
#include <string.h>

#include "base/uni.h"
#include "card/expr_int.h"
#include "card/jsre.h"

#define EXPR_PATTERN_MAX 4096
#define EXPR_GROUPS 32

struct re *
expr_re(const char *pattern, size_t n, bool full, struct err *e)
{
	if (n == 0)
		err_set(e, ERR_PERM, "it is empty");
	else if (n > EXPR_PATTERN_MAX)
		err_set(e, ERR_PERM, "it is longer than %d bytes",
		    EXPR_PATTERN_MAX);
	else
		return jsre_new(pattern, n, !full, full, e);
	return NULL;
}

static int
expr_re_failed(struct expr_run *x, const char *what, const struct err *e)
{
	if (e->kind == ERR_BUG)
		return expr_nomem(x);
	return expr_fail(x, "%s: %s%s", x->call->fn->name, what, e->text);
}

/* The pattern of the call, compiled before or now (*own: free it). */
static int
expr_call_re(struct expr_run *x, const struct val *pattern, bool full,
    struct re **re, struct re **own)
{
	struct err e = ERR_INIT;

	*own = NULL;
	if ((*re = x->call->re) != NULL)
		return 0;
	if (pattern->kind != VAL_TEXT)
		return expr_fail_arg(x, 1, "is not a text");
	*re = *own = expr_re(pattern->s, pattern->n, full, &e);
	if (*re == NULL)
		return expr_re_failed(x, "not a regular expression: ", &e);
	return expr_step(x, 200 + 10 * (size_t)pattern->n);
}

static int
expr_fn_is_match(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = a[0].kind == VAL_TEXT ? a[0] : val_text("", 0);
	struct err e = ERR_INIT;
	struct re *re, *own;
	int rc;

	(void)n;
	if (expr_call_re(x, &a[1], false, &re, &own) == -1) {
		re_free(own);
		return -1;
	}
	rc = re_search(re, t.s, t.n, 0, NULL, 0, &e);
	re_free(own);
	if (rc == -1)
		return expr_re_failed(x, "", &e);
	*out = val_bool(rc == 1);
	return expr_step(x, 50 + t.n / 8);
}

/* One $ of a replacement; returns how many bytes of it are used. */
static size_t
expr_replace_ref(const struct val *new, size_t i, const struct val *t,
    const struct re *re, const struct re_span *g, size_t groups,
    struct buf *out)
{
	char c = i + 1 < new->n ? new->s[i + 1] : '\0';
	size_t k = 0, used = 2, end;
	char name[64];

	if (c == '$') {
		buf_addc(out, '$');
		return 2;
	}
	if (c == '`' || c == '\'') {
		if (c == '`')
			uni_add(out, t->s, g[0].from);
		else
			uni_add(out, t->s + g[0].to, t->n - g[0].to);
		return 2;
	}
	if (c >= '0' && c <= '9') {
		k = (size_t)(c - '0');
		if (i + 2 < new->n &&new->s[i + 2] >= '0' &&
		    new->s[i + 2] <= '9' &&
		    k * 10 + (size_t)(new->s[i + 2] - '0') <= groups) {
			k = k * 10 + (size_t)(new->s[i + 2] - '0');
			used = 3;
		}
	} else if (c == '<' && re_names(re) > 0) {
		for (end = i + 2; end < new->n &&new->s[end] != '>'; end++)
			;
		if (end < new->n && end - i - 2 < sizeof name) {
			memcpy(name, new->s + i + 2, end - i - 2);
			name[end - i - 2] = '\0';
			k = re_group(re, name);
			if (k == 0)
				return end + 1 - i;
			used = end + 1 - i;
		}
	}
	if (c != '&' && (k == 0 || k > groups)) {
		buf_addc(out, '$');
		return 1;
	}
	if (k < EXPR_GROUPS && g[k].set)
		uni_add(out, t->s + g[k].from, g[k].to - g[k].from);
	return used;
}

static void
expr_replacement(const struct val *new, const struct val *t,
    const struct re *re, const struct re_span *g, struct buf *out)
{
	size_t i, k, groups = re_groups(re);

	for (i = 0; i < new->n; i += k) {
		const char *at = memchr(new->s + i, '$', new->n - i);

		k = at == NULL ? new->n - i : (size_t)(at - new->s) - i;
		uni_add(out, new->s + i, k);
		if (at != NULL)
			k +=
			    expr_replace_ref(new, i + k, t, re, g, groups, out);
	}
}

static int
expr_replace_all(struct expr_run *x, const struct re *re, const struct val *t,
    const struct val *new)
{
	struct re_span g[EXPR_GROUPS];
	struct err e = ERR_INIT;
	size_t from = 0, at = 0;
	uint32_t cp;
	int rc;

	while (at <= t->n && !x->tmp.failed) {
		rc = re_search(re, t->s, t->n, at, g, EXPR_GROUPS, &e);
		if (rc == -1)
			return expr_re_failed(x, "", &e);
		if (rc == 0)
			break;
		uni_add(&x->tmp, t->s + from, g[0].from - from);
		expr_replacement(new, t, re, g, &x->tmp);
		from = at = g[0].to;
		/* after an empty match go on one character later */
		if (g[0].to == g[0].from)
			at +=
			    at < t->n ? uni_next(t->s + at, t->n - at, &cp) : 1;
		if (expr_step(x, 20) == -1)
			return -1;
	}
	uni_add(&x->tmp, t->s + from, t->n - from);
	return 0;
}

static int
expr_fn_replace_fold(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val t = a[0].kind == VAL_TEXT ? a[0] : val_text("", 0);
	struct val new = a[2].kind == VAL_TEXT ? a[2] : val_text("", 0);
	size_t mark = buf_len(&x->tmp);
	struct re *re, *own;
	int rc;

	(void)n;
	if (expr_call_re(x, &a[1], true, &re, &own) == -1) {
		re_free(own);
		return -1;
	}
	rc = expr_replace_all(x, re, &t, &new);
	re_free(own);
	if (rc == -1) {
		buf_cut(&x->tmp, mark);
		return -1;
	}
	return expr_take(x, mark, out);
}

const struct expr_fn expr_fn_regex[] = {
    {"isMatch", NULL, "tt", EXPR_T_BOOL, EXPR_W_TEXT_OR_MISSING, EXPR_F_PATTERN,
	2, expr_fn_is_match, NULL},
    {"replaceIgnoreCase", NULL, "ttt", EXPR_T_TEXT, EXPR_W_TEXT_OR_MISSING,
	EXPR_F_PATTERN, 2, expr_fn_replace_fold, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
