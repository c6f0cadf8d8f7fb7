/* Functions: arithmetic. */
#include <math.h>
#include <string.h>
#include <sys/random.h>

#include "base/num.h"
#include "base/uni.h"
#include "card/expr_int.h"

/* Two numbers add; a text on either side joins; beside it missing is empty. */
static int
expr_add2(struct expr_run *x, const struct val *a, const struct val *b,
    struct val *out)
{
	size_t mark = buf_len(&x->tmp);

	if (expr_is_num(a) && expr_is_num(b)) {
		*out = val_num(a->num + b->num);
		return 0;
	}
	if ((a->kind == VAL_MISSING && expr_is_num(b)) ||
	    (b->kind == VAL_MISSING && expr_is_num(a)))
		return expr_fail(
		    x, "+: a number and something that is missing");
	if ((a->kind != VAL_MISSING && expr_js_text(x, a, &x->tmp) == -1) ||
	    (b->kind != VAL_MISSING && expr_js_text(x, b, &x->tmp) == -1))
		return -1;
	return expr_take(x, mark, out);
}

static int
expr_fn_add(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val sum = a[0];
	size_t i;

	for (i = 1; i < n; i++)
		if (expr_add2(x, &sum, &a[i], &sum) == -1)
			return -1;
	*out = sum;
	return 0;
}

/* A list of one number is that number, as JavaScript has it. */
static double
expr_number(const struct val *v)
{
	if (v->kind == VAL_NUM)
		return v->num;
	if (v->kind == VAL_LIST && v->n <= 1)
		return v->n == 0 ? 0 : expr_number(&v->items[0]);
	return NAN;
}

static double
expr_pow(double a, double b)
{
	if (isnan(b) || (fabs(a) == 1 && isinf(b)))
		return NAN;
	return pow(a, b);
}

/* Whole numbers divide to a whole number, rounded down. */
static double
expr_div(double a, double b)
{
	double q = a / b;

	return num_whole(a) && num_whole(b) ? floor(q) : q;
}

#define EXPR_MANY(name, first, step)                                           \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		double r = first;                                              \
		size_t i;                                                      \
                                                                               \
		(void)x;                                                       \
		for (i = 1; i < n; i++)                                        \
			r = step;                                              \
		*out = val_num(r);                                             \
		return 0;                                                      \
	}

EXPR_MANY(sub, a[0].num, r - a[i].num)
EXPR_MANY(mul, a[0].num, r *a[i].num)
EXPR_MANY(div, a[0].num, expr_div(r, a[i].num))
EXPR_MANY(pow, expr_number(&a[0]), expr_pow(r, expr_number(&a[i])))

static int
expr_fn_mod(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	if (a[1].num == 0)
		return expr_fail(x, "mod: cannot divide by 0");
	*out = val_num(fmod(a[0].num, a[1].num));
	return 0;
}

static int
expr_extreme(const struct val *a, size_t n, bool max, struct val *out)
{
	double r = max ? -INFINITY : INFINITY, d;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < (a[i].kind == VAL_LIST ? a[i].n : 1); k++) {
			d = a[i].kind == VAL_LIST ? a[i].items[k].num
						  : a[i].num;
			if (max ? d > r : d < r)
				r = d;
		}
	}
	*out = val_num(r);
	return 0;
}

static int
expr_fn_max(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)x;
	return expr_extreme(a, n, true, out);
}

static int
expr_fn_min(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)x;
	return expr_extreme(a, n, false, out);
}

static int
expr_fn_sum(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double r = 0;
	uint32_t i;

	(void)n;
	if (a[0].n == 0)
		return expr_fail_arg(x, 0, "is an empty list");
	for (i = 0; i < a[0].n; i++)
		r += a[0].items[i].num;
	*out = val_num(r);
	return 0;
}

static int
expr_fn_average(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	if (expr_fn_sum(x, a, n, out) == -1)
		return -1;
	out->num /= a[0].n;
	return 0;
}

static int
expr_fn_round(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double digits = n == 2 ? a[1].num : 0, p;

	if (!num_whole(digits) || digits < 0 || digits > 15)
		return expr_fail_arg(x, 1, "is not a whole number of 0 to 15");
	p = pow(10, digits);
	*out = val_num(num_round(a[0].num * p) / p);
	return 0;
}

static int
expr_fn_sqrt(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	if (a[0].num < 0)
		return expr_fail_arg(x, 0, "is negative");
	*out = val_num(sqrt(a[0].num));
	return 0;
}

#define EXPR_ONE(name, f)                                                      \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		(void)x, (void)n;                                              \
		*out = val_num(f(a[0].num));                                   \
		return 0;                                                      \
	}

EXPR_ONE(floor, floor)
EXPR_ONE(ceiling, ceil)
EXPR_ONE(abs, fabs)

static int
expr_fn_rand(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	uint64_t bits = 0;

	(void)n;
	if (a[0].num > a[1].num)
		return expr_fail(x, "rand: the first number is the greater");
	if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
		return expr_fail(x, "rand: no random numbers");
	*out = val_num(floor(
	    a[0].num + (double)(bits >> 11) * 0x1p-53 * (a[1].num - a[0].num)));
	return 0;
}

static int
expr_fn_range(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val *items;
	size_t count, i;

	(void)n;
	if (a[1].num <= 0)
		return expr_fail_arg(x, 1, "is not above 0");
	count = a[1].num > EXPR_LIST ? EXPR_LIST + 1 : (size_t)a[1].num;
	if ((items = expr_items(x, count)) == NULL)
		return -1;
	for (i = 0; i < count; i++)
		items[i] = val_num((double)i + a[0].num);
	*out = val_list(items, count);
	return 0;
}

#define N EXPR_T_NUM
#define NT (EXPR_T_NUM | EXPR_T_TEXT)

const struct expr_fn expr_fn_num[] = {
    {"+", NULL, "xx+", NT, EXPR_W_NUM_TEXT_OR_MISSING, 0, 1, expr_fn_add, NULL},
    {"add", "+", "xx+", NT, EXPR_W_NUM_TEXT_OR_MISSING, 0, 1, expr_fn_add,
	NULL},
    {"-", NULL, "nn+", N, EXPR_W_NUM, 0, 1, expr_fn_sub, NULL},
    {"sub", "-", "nn+", N, EXPR_W_NUM, 0, 1, expr_fn_sub, NULL},
    {"*", NULL, "nn+", N, EXPR_W_NUM, 0, 1, expr_fn_mul, NULL},
    {"mul", "*", "nn+", N, EXPR_W_NUM, 0, 1, expr_fn_mul, NULL},
    {"/", NULL, "nn+", N, EXPR_W_DIVISOR, 0, 1, expr_fn_div, NULL},
    {"div", "/", "nn+", N, EXPR_W_DIVISOR, 0, 1, expr_fn_div, NULL},
    {"%", NULL, "nn", N, EXPR_W_WHOLE, 0, 1, expr_fn_mod, NULL},
    {"mod", "%", "nn", N, EXPR_W_WHOLE, 0, 1, expr_fn_mod, NULL},
    {"^", NULL, "nn+", N, EXPR_W_NUM_OR_NUM_LIST, 0, 1, expr_fn_pow, NULL},
    {"exp", "^", "nn+", N, EXPR_W_NUM_OR_NUM_LIST, 0, 2, expr_fn_pow, NULL},
    {"max", NULL, "*+", N, EXPR_W_NUM_OR_NUM_LIST, 0, 1, expr_fn_max, NULL},
    {"min", NULL, "*+", N, EXPR_W_NUM_OR_NUM_LIST, 0, 1, expr_fn_min, NULL},
    {"sum", NULL, "l", N, EXPR_W_NUM_LIST, 0, 1, expr_fn_sum, NULL},
    {"average", NULL, "*", N, EXPR_W_NUM_LIST, 0, 1, expr_fn_average, NULL},
    {"round", NULL, "nn?", N, EXPR_W_NUM, 0, 1, expr_fn_round, NULL},
    {"floor", NULL, "n", N, EXPR_W_NUM, 0, 1, expr_fn_floor, NULL},
    {"ceiling", NULL, "n", N, EXPR_W_NUM, 0, 1, expr_fn_ceiling, NULL},
    {"abs", NULL, "n", N, EXPR_W_NUM, 0, 1, expr_fn_abs, NULL},
    {"sqrt", NULL, "n", N, EXPR_W_NUM, 0, 2, expr_fn_sqrt, NULL},
    {"rand", NULL, "nn", N, EXPR_W_WHOLE, 0, 2, expr_fn_rand, NULL},
    {"range", NULL, "nn", EXPR_T_LIST, EXPR_W_WHOLE, 0, 2, expr_fn_range, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
