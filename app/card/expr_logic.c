/* Functions: truth, comparing, choosing, what kind a value is. */
#include <math.h>
#include <string.h>

#include "base/uni.h"
#include "card/expr_int.h"

/* -- equality -- */

bool
expr_same(const struct val *a, const struct val *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VAL_MISSING:
	case VAL_NULL:
		return true;
	case VAL_BOOL:
		return a->b == b->b;
	case VAL_NUM:
		return a->num == b->num;
	case VAL_TEXT:
		return a->n == b->n &&
		       (a->n == 0 || memcmp(a->s, b->s, a->n) == 0);
	case VAL_LIST:
		return a->items == b->items && a->n == b->n;
	case VAL_OBJ:
		return a->obj == b->obj;
	case VAL_BIG:
		return a->big == b->big;
	default:
		return a->bytes == b->bytes;
	}
}

static int expr_equal_deep(struct expr_run *x, const struct val *a,
    const struct val *b, bool inside, unsigned depth);

static int
expr_equal_obj(struct expr_run *x, const struct val_obj *a, const struct val *b,
    unsigned depth)
{
	const struct val_member *m = a->m;
	const struct val *other;
	uint32_t i;
	int rc = 1;

	for (i = 0; i < a->n && rc == 1; i++) {
		other = val_member(b, m[i].name, m[i].len);
		rc = other == NULL
			 ? 0
			 : expr_equal_deep(x, &m[i].v, other, true, depth + 1);
	}
	return rc;
}

/*
 * `inside` an object numbers must be the same and null is not missing;
 * elsewhere numbers may differ in the last place (2.2e-16).
 */
static int
expr_equal_deep(struct expr_run *x, const struct val *a, const struct val *b,
    bool inside, unsigned depth)
{
	uint32_t i;
	int rc = 1;

	if (depth > VAL_DEPTH)
		return expr_limit(x, "a value is nested too deep");
	if (expr_step(x, 1) == -1)
		return -1;
	if (val_none(a) || val_none(b))
		return inside ? a->kind == b->kind : val_none(a) && val_none(b);
	if (a->kind != b->kind)
		return 0;
	if (a->kind == VAL_NUM && !inside)
		return a->num == b->num ||
		       fabs(a->num - b->num) < 2.220446049250313e-16;
	if (expr_same(a, b))
		return 1;
	if (a->kind == VAL_OBJ)
		return a->n == b->n ? expr_equal_obj(x, a->obj, b, depth) : 0;
	if (a->kind == VAL_BYTES)
		return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
	if (a->kind != VAL_LIST || a->n != b->n)
		return 0;
	for (i = 0; i < a->n && rc == 1; i++)
		rc = expr_equal_deep(
		    x, &a->items[i], &b->items[i], inside, depth + 1);
	return rc;
}

int
expr_equal(struct expr_run *x, const struct val *a, const struct val *b)
{
	return expr_equal_deep(x, a, b, false, 0);
}

static int
expr_fn_eq(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	int rc = expr_equal(x, &a[0], &a[1]);

	(void)n;
	*out = val_bool(rc == 1);
	return rc == -1 ? -1 : 0;
}

static int
expr_fn_ne(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	int rc = expr_fn_eq(x, a, n, out);

	out->b = !out->b;
	return rc;
}

/* -- order -- */

static int
expr_order(struct expr_run *x, const struct val *a, int *out)
{
	if (expr_is_num(&a[0]) && expr_is_num(&a[1])) {
		*out = a[0].num < a[1].num ? -1 : a[0].num > a[1].num;
		return 0;
	}
	if (a[0].kind == VAL_TEXT && a[1].kind == VAL_TEXT) {
		*out = uni_cmp(a[0].s, a[0].n, a[1].s, a[1].n);
		return 0;
	}
	return expr_fail(x, "%s and %s cannot be compared",
	    val_kind_name(&a[0]), val_kind_name(&a[1]));
}

#define EXPR_ORDER(name, test)                                                 \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		int order = 0;                                                 \
                                                                               \
		(void)n;                                                       \
		if (expr_order(x, a, &order) == -1)                            \
			return -1;                                             \
		*out = val_bool(order test 0);                                 \
		return 0;                                                      \
	}

EXPR_ORDER(lt, <)
EXPR_ORDER(le, <=)
EXPR_ORDER(gt, >)
EXPR_ORDER(ge, >=)

/* -- truth -- */

/* Argument i as a condition: 1, 0; -1: it fails in a way that stays. */
static int
expr_test(struct expr_run *x, const struct expr_node *n, size_t i)
{
	struct val v;

	if (expr_eval(x, n->kids[i], false, &v) == 0)
		return expr_truth(&v);
	if (x->fail != EXPR_FAILED)
		return -1;
	expr_forgive(x);
	return 0;
}

static int
expr_fn_and(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	int rc = 1;
	size_t i;

	for (i = 0; i < n->n && rc == 1; i++)
		rc = expr_test(x, n, i);
	*out = val_bool(rc == 1);
	return rc == -1 ? -1 : 0;
}

/* A comparison that fails has already said false. */
static struct val
expr_failed_value(const struct expr_node *n)
{
	bool compare = n->op == EXPR_CALL && n->ret == EXPR_T_BOOL &&
		       (n->fn->flags & (EXPR_F_COMPARE | EXPR_F_LAMBDA));

	return compare ? val_bool(false) : val_missing();
}

/*
 * The value of a last operand that is not true stays as it is (missing,
 * null), as in the reference; it counts as false everywhere.
 */
static int
expr_fn_or(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct val v;
	size_t i;

	*out = val_bool(false);
	for (i = 0; i < n->n; i++) {
		if (expr_eval(x, n->kids[i], false, &v) == -1) {
			if (x->fail != EXPR_FAILED)
				return -1;
			expr_forgive(x);
			v = expr_failed_value(n->kids[i]);
		}
		if (expr_truth(&v)) {
			*out = val_bool(true);
			return 0;
		}
		*out = v;
	}
	return 0;
}

static int
expr_fn_not(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	int rc = expr_test(x, n, 0);

	*out = val_bool(rc == 0);
	return rc == -1 ? -1 : 0;
}

static int
expr_fn_if(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	int rc = expr_test(x, n, 0);

	if (rc == -1)
		return -1;
	return expr_eval(x, n->kids[rc == 1 ? 1 : 2], x->keep, out);
}

static int
expr_fn_exists(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)x, (void)n;
	*out = val_bool(!val_none(&a[0]));
	return 0;
}

static int
expr_fn_bool(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	bool b;

	(void)n;
	if (expr_is_num(&a[0])) {
		*out = val_bool(a[0].num != 0);
		return 0;
	}
	if (expr_js_text(x, &a[0], &x->tmp) == -1)
		return -1;
	b = expr_truth(&a[0]) &&
	    strcasestr(buf_str(&x->tmp) + mark, "false") == NULL;
	buf_cut(&x->tmp, mark);
	*out = val_bool(b);
	return 0;
}

static int
expr_fn_empty(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)x, (void)n;
	*out =
	    val_bool(val_none(&a[0]) || (a[0].kind != VAL_BIG && a[0].n == 0));
	return 0;
}

static int
expr_fn_coalesce(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t i;

	(void)x;
	for (i = 0; i < n && val_none(&a[i]); i++)
		;
	*out = i < n ? a[i] : val_missing();
	return 0;
}

static int
expr_fn_ignore(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	return expr_eval(x, n->kids[0], x->keep, out);
}

/* -- kinds -- */

#define EXPR_KIND(name, test)                                                  \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		(void)x, (void)n;                                              \
		*out = val_bool(test);                                         \
		return 0;                                                      \
	}

EXPR_KIND(is_text, a[0].kind == VAL_TEXT)
EXPR_KIND(is_whole, expr_is_whole(&a[0]))
EXPR_KIND(is_float, expr_is_num(&a[0]) && !expr_is_whole(&a[0]))
EXPR_KIND(is_bool, a[0].kind == VAL_BOOL)
EXPR_KIND(is_list, a[0].kind == VAL_LIST)
EXPR_KIND(is_obj, a[0].kind == VAL_NULL || a[0].kind >= VAL_LIST)

#define B EXPR_T_BOOL
#define CMP EXPR_F_COMPARE

const struct expr_fn expr_fn_logic[] = {
    {"==", NULL, "**", B, 0, CMP, 1, expr_fn_eq, NULL},
    {"equals", "==", "**", B, 0, CMP, 1, expr_fn_eq, NULL},
    {"!=", NULL, "**", B, 0, CMP, 1, expr_fn_ne, NULL},
    {"<", NULL, "**", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_lt, NULL},
    {"less", "<", "**", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_lt, NULL},
    {"<=", NULL, "**", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_le, NULL},
    {"lessOrEquals", "<=", "**", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_le, NULL},
    {">", NULL, "**", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_gt, NULL},
    {"greater", ">", "**", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_gt, NULL},
    {">=", NULL, "**", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_ge, NULL},
    {"greaterOrEquals", ">=", "**", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_ge,
	NULL},
    {"&&", NULL, "*+", B, 0, 0, 1, NULL, expr_fn_and},
    {"and", "&&", "*+", B, 0, 0, 1, NULL, expr_fn_and},
    {"||", NULL, "*+", B, 0, 0, 1, NULL, expr_fn_or},
    {"or", "||", "*+", B, 0, 0, 1, NULL, expr_fn_or},
    {"!", NULL, "*", B, 0, 0, 1, NULL, expr_fn_not},
    {"not", "!", "*", B, 0, 0, 1, NULL, expr_fn_not},
    {"if", NULL, "***", EXPR_T_ANY, 0, 0, 1, NULL, expr_fn_if},
    {"exists", NULL, "*", B, EXPR_W_NOT_NONE, CMP, 1, expr_fn_exists, NULL},
    {"bool", NULL, "*", B, 0, CMP, 1, expr_fn_bool, NULL},
    {"empty", NULL, "*", B, EXPR_W_CONTAINER_OR_NONE, CMP, 1, expr_fn_empty,
	NULL},
    {"??", "coalesce", "*+", EXPR_T_ANY, 0, 0, 1, expr_fn_coalesce, NULL},
    {"coalesce", NULL, "*+", EXPR_T_ANY, 0, 0, 1, expr_fn_coalesce, NULL},
    {"isString", NULL, "*", B, 0, 0, 2, expr_fn_is_text, NULL},
    {"isInteger", NULL, "*", B, 0, 0, 2, expr_fn_is_whole, NULL},
    {"isFloat", NULL, "*", B, 0, 0, 2, expr_fn_is_float, NULL},
    {"isBoolean", NULL, "*", B, 0, 0, 2, expr_fn_is_bool, NULL},
    {"isArray", NULL, "*", B, 0, 0, 2, expr_fn_is_list, NULL},
    {"isObject", NULL, "*", B, 0, 0, 2, expr_fn_is_obj, NULL},
    {"ignore", NULL, "b", B, 0, 0, 3, NULL, expr_fn_ignore},
    {"optional", NULL, "b", B, 0, 0, 3, NULL, expr_fn_ignore},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
