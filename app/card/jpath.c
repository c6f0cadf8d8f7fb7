/*
 * Evaluating jPath; see jpath.h.  Every step takes a list and gives a list,
 * and lists within are opened one level.
 */
#include "card/jpath.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/uni.h"
#include "card/jpath_parse.h"

struct jp_run {
	struct expr_run *x;
	struct val root;
};

static int jp_eval(struct jp_run *r, const struct jp *j, const struct val *ctx,
    struct val *out);

/* -- selecting -- */

static int
jp_append_val(struct jp_run *r, struct val_vec *l, const struct val *v)
{
	uint32_t i;

	if (v->kind == VAL_MISSING)
		return 0;
	if (v->kind != VAL_LIST)
		return expr_push(r->x, l, *v);
	for (i = 0; i < v->n; i++)
		if (expr_push(r->x, l, v->items[i]) == -1)
			return -1;
	return expr_step(r->x, v->n);
}

/* v[name] as JavaScript has it. */
static int
jp_get(struct jp_run *r, const struct val *v, const struct val *name,
    struct val *out)
{
	const struct val *m;

	*out = val_missing();
	if (v->kind == VAL_OBJ) {
		if ((m = val_member(v, name->s, name->n)) != NULL)
			*out = *m;
		return 0;
	}
	if (val_is(name, "length") && v->kind == VAL_LIST)
		*out = val_num(v->n);
	else if (val_is(name, "length") && v->kind == VAL_TEXT)
		*out = val_num((double)uni_units(v->s, v->n));
	else
		return expr_member(r->x, v, name->s, name->n, out);
	return 0;
}

static int
jp_members(struct jp_run *r, const struct val *v, struct val_vec *l)
{
	uint32_t i;

	for (i = 0; v->kind == VAL_OBJ && i < v->n; i++)
		if (jp_append_val(r, l, &v->obj->m[i].v) == -1)
			return -1;
	return expr_step(r->x, v->n);
}

static int
jp_children(struct jp_run *r, const struct jp *j, struct val *at)
{
	struct val_vec l = {NULL, 0, 0};
	struct val v;
	uint32_t i;

	for (i = 0; i < at->n; i++) {
		const struct val *c = &at->items[i];

		if (val_none(c))
			continue;
		if (j->all) {
			if (c->kind == VAL_LIST ? jp_append_val(r, &l, c) == -1
						: jp_members(r, c, &l) == -1)
				return -1;
			continue;
		}
		if (jp_get(r, c, &j->v, &v) == -1 ||
		    jp_append_val(r, &l, &v) == -1)
			return -1;
	}
	*at = val_done(&l);
	return expr_step(r->x, at->n);
}

/* One value of a deep walk: what it gives, and what is below it. */
static int
jp_deep_one(struct jp_run *r, const struct jp *j, const struct val *c,
    struct val_vec *found, struct val_vec *below)
{
	bool named = j->v.kind == VAL_TEXT;
	struct val v;
	uint32_t i;

	if ((named || j->all) && c->kind != VAL_OBJ && c->kind != VAL_LIST)
		return 0;
	if (c->kind == VAL_LIST) {
		for (i = 0; i < c->n; i++) {
			const struct val *k = &c->items[i];

			if ((named || j->all) && k->kind != VAL_OBJ &&
			    k->kind != VAL_LIST && k->kind != VAL_NULL)
				continue;
			if (jp_append_val(r, below, k) == -1)
				return -1;
		}
		return 0;
	}
	if (named && (jp_get(r, c, &j->v, &v) == -1 ||
			 jp_append_val(r, found, &v) == -1))
		return -1;
	if (!named && !j->all && jp_append_val(r, found, c) == -1)
		return -1;
	if (j->all && jp_members(r, c, found) == -1)
		return -1;
	return jp_members(r, c, below);
}

/* Depth first, with a stack of what is still to be seen (last first). */
static int
jp_deep(struct jp_run *r, const struct jp *j, struct val *at)
{
	struct val_vec found = {NULL, 0, 0}, todo = {NULL, 0, 0};
	uint32_t i;
	struct val c;

	for (i = at->n; i > 0; i--)
		if (expr_push(r->x, &todo, at->items[i - 1]) == -1)
			return -1;
	while (todo.n > 0) {
		struct val_vec below = {NULL, 0, 0};
		size_t k;

		c = todo.v[--todo.n];
		if (expr_step(r->x, 1) == -1 ||
		    jp_deep_one(r, j, &c, &found, &below) == -1)
			return -1;
		for (k = below.n; k > 0; k--)
			if (expr_push(r->x, &todo, below.v[k - 1]) == -1)
				return -1;
	}
	*at = val_done(&found);
	return 0;
}

/* -- truth and single values -- */

static bool
jp_js_true(const struct val *v)
{
	switch (v->kind) {
	case VAL_MISSING:
	case VAL_NULL:
		return false;
	case VAL_BOOL:
		return v->b;
	case VAL_NUM:
		return v->num != 0 && !isnan(v->num);
	case VAL_TEXT:
		return v->n > 0;
	default:
		return true;
	}
}

static bool
jp_true(const struct jp *j, const struct val *v)
{
	if (j->type == JP_PATH ||
	    (v->kind == VAL_LIST && j->type != JP_LITERAL))
		return v->n > 0;
	return jp_js_true(v);
}

static struct val
jp_single(const struct val *v)
{
	if (v->kind != VAL_LIST)
		return *v;
	return v->n > 0 ? v->items[0] : val_missing();
}

/* JavaScript's Number(). */
static double
jp_number(struct jp_run *r, const struct val *v)
{
	size_t n = 0;
	const char *s;
	double d = NAN;

	(void)r;
	switch (v->kind) {
	case VAL_NUM:
		return v->num;
	case VAL_BOOL:
		return v->b;
	case VAL_NULL:
		return 0;
	case VAL_TEXT:
		n = v->n;
		s = uni_trim(v->s, &n);
		if (n == 0)
			return 0;
		return num_read(s, n, &d) == n ? d : NAN;
	default:
		return NAN;
	}
}

/* -- comparing -- */

static bool
jp_loose_equal(struct jp_run *r, const struct val *a, const struct val *b)
{
	if (val_none(a) || val_none(b))
		return val_none(a) && val_none(b);
	if (a->kind == b->kind)
		return expr_same(a, b);
	if (a->kind >= VAL_LIST || b->kind >= VAL_LIST)
		return false;
	return jp_number(r, a) == jp_number(r, b);
}

/* Find b in a: at the start ^, at the end $, anywhere *. */
static int
jp_find(struct jp_run *r, char how, bool strict, const struct val *a,
    const struct val *b)
{
	size_t mark = buf_len(&r->x->tmp), cut;
	struct buf *t = &r->x->tmp;
	struct val va = *a, vb = *b;
	bool yes;

	if (val_none(a) || val_none(b) ||
	    (strict && (a->kind != VAL_TEXT || b->kind != VAL_TEXT)))
		return 0;
	if (!strict) {
		if (expr_js_text(r->x, a, t) == -1 ||
		    expr_take(r->x, mark, &va) == -1)
			return -1;
		uni_lower(va.s, va.n, NULL, t);
		if (expr_take(r->x, mark, &va) == -1 ||
		    expr_js_text(r->x, b, t) == -1 ||
		    expr_take(r->x, mark, &vb) == -1)
			return -1;
		uni_lower(vb.s, vb.n, NULL, t);
		if (expr_take(r->x, mark, &vb) == -1)
			return -1;
	}
	if (vb.n > va.n)
		return 0;
	cut = va.n - vb.n;
	yes = how == '*'   ? vb.n == 0 || memmem(va.s, va.n, vb.s, vb.n) != NULL
	      : how == '^' ? memcmp(va.s, vb.s, vb.n) == 0
			   : memcmp(va.s + cut, vb.s, vb.n) == 0;
	return expr_step(r->x, va.n / 32) == -1 ? -1 : yes;
}

static int
jp_order(
    struct jp_run *r, const char *op, const struct val *a, const struct val *b)
{
	double x, y;
	int c;

	if (a->kind == VAL_TEXT && b->kind == VAL_TEXT) {
		c = uni_cmp(a->s, a->n, b->s, b->n);
		return op[0] == '<' ? c < 0 || (op[1] == '=' && c == 0)
				    : c > 0 || (op[1] == '=' && c == 0);
	}
	x = jp_number(r, a);
	y = jp_number(r, b);
	if (op[1] == '=')
		return op[0] == '<' ? x <= y : x >= y;
	return op[0] == '<' ? x < y : x > y;
}

static int
jp_compare_two(
    struct jp_run *r, const char *op, const struct val *a, const struct val *b)
{
	const char *how;

	if (strcmp(op, "===") == 0)
		return expr_same(a, b);
	if (strcmp(op, "!==") == 0)
		return !expr_same(a, b);
	if (strcmp(op, "==") == 0 && a->kind == VAL_TEXT && b->kind == VAL_TEXT)
		return uni_ieq(a->s, a->n, b->s, b->n);
	if (strcmp(op, "==") == 0)
		return jp_loose_equal(r, a, b);
	if (strcmp(op, "!=") == 0)
		return !jp_loose_equal(r, a, b);
	if (op[0] == '<' || op[0] == '>')
		return jp_order(r, op, a, b);
	/* ^= ^== and, the other way round, =^ ==^ */
	how = op + strcspn(op, "^$*");
	if (how == op)
		return jp_find(r, *how, op[2] == '=', a, b);
	return jp_find(r, *how, how - op == 2, b, a);
}

/* True when any pair of values from the two sides is. */
static int
jp_compare(struct jp_run *r, const struct jp *j, const struct val *ctx,
    struct val *out)
{
	struct val side[2];
	uint32_t i, k, n[2];
	const struct jp *kid = j->kid;
	int rc = 0, s;

	for (s = 0; s < 2; s++, kid = kid->next) {
		if (jp_eval(r, kid, ctx, &side[s]) == -1)
			return -1;
		n[s] = 1;
		if (side[s].kind == VAL_LIST && kid->type != JP_LITERAL) {
			n[s] = side[s].n;
			if (n[s] == 1)
				side[s] = side[s].items[0];
		} else {
			n[s] = 1;
		}
		if (n[s] == 1) {
			struct val *one = expr_alloc(r->x, sizeof *one);

			if (one == NULL)
				return -1;
			*one = side[s];
			side[s] = val_list(one, 1);
		}
	}
	for (i = 0; i < n[0] && rc == 0; i++) {
		for (k = 0; k < n[1] && rc == 0; k++)
			rc = jp_compare_two(
			    r, j->op, &side[0].items[i], &side[1].items[k]);
		if (expr_step(r->x, n[1]) == -1)
			return -1;
	}
	*out = val_bool(rc == 1);
	return rc == -1 ? -1 : 0;
}

/* -- expressions -- */

static int
jp_math(struct jp_run *r, const struct jp *j, const struct val *ctx,
    struct val *out)
{
	size_t mark = buf_len(&r->x->tmp);
	struct val a, b;
	double x, y;

	if (jp_eval(r, j->kid, ctx, &a) == -1 ||
	    jp_eval(r, j->kid->next, ctx, &b) == -1)
		return -1;
	a = jp_single(&a);
	b = jp_single(&b);
	if (j->op[0] == '+' && (a.kind == VAL_TEXT || b.kind == VAL_TEXT)) {
		if (expr_js_text(r->x, &a, &r->x->tmp) == -1 ||
		    expr_js_text(r->x, &b, &r->x->tmp) == -1)
			return -1;
		return expr_take(r->x, mark, out);
	}
	x = jp_number(r, &a);
	y = jp_number(r, &b);
	*out = val_num(j->op[0] == '+'   ? x + y
		       : j->op[0] == '-' ? x - y
		       : j->op[0] == '*' ? x * y
		       : j->op[0] == '/' ? x / y
					 : fmod(x, y));
	return 0;
}

static int
jp_logic(struct jp_run *r, const struct jp *j, const struct val *ctx,
    struct val *out)
{
	bool stop = j->op[0] == '|', yes = !stop;
	const struct jp *k;
	struct val v;

	for (k = j->kid; k != NULL && yes != stop; k = k->next) {
		if (jp_eval(r, k, ctx, &v) == -1)
			return -1;
		yes = jp_true(k, &v);
	}
	*out = val_bool(yes);
	return 0;
}

static int
jp_not(struct jp_run *r, const struct jp *j, const struct val *ctx,
    struct val *out)
{
	struct val v;

	if (jp_eval(r, j->kid, ctx, &v) == -1)
		return -1;
	if (j->op[0] == '!') {
		*out = val_bool(!jp_true(j->kid, &v));
	} else {
		v = jp_single(&v);
		*out = val_num(-jp_number(r, &v));
	}
	return 0;
}

/* -- paths -- */

static int
jp_filter(struct jp_run *r, const struct jp *j, struct val *at)
{
	struct val_vec l = {NULL, 0, 0};
	struct val v;
	uint32_t i;

	for (i = 0; i < at->n; i++) {
		if (expr_step(r->x, 1) == -1 ||
		    jp_eval(r, j->kid, &at->items[i], &v) == -1)
			return -1;
		if (jp_true(j->kid, &v) &&
		    expr_push(r->x, &l, at->items[i]) == -1)
			return -1;
	}
	*at = val_done(&l);
	return 0;
}

static double
jp_clamp(double d, double n)
{
	if (isnan(d))
		d = 0;
	d = trunc(d);
	if (d < 0)
		d = d + n < 0 ? 0 : d + n;
	return d > n ? n : d;
}

static int
jp_place(struct jp_run *r, const struct jp *j, struct val *at)
{
	double from, to = at->n;
	struct val v;

	if (jp_eval(r, j->kid, at, &v) == -1)
		return -1;
	v = jp_single(&v);
	from = jp_number(r, &v);
	if (!j->range) {
		if (from < 0)
			from += at->n;
		if (!(from >= 0 && from < at->n) || floor(from) != from ||
		    val_none(&at->items[(size_t)from]))
			*at = val_list(NULL, 0);
		else
			*at = val_part(at, (size_t)from, 1);
		return 0;
	}
	if (j->kid->next != NULL) {
		if (jp_eval(r, j->kid->next, at, &v) == -1)
			return -1;
		v = jp_single(&v);
		to = jp_number(r, &v);
	}
	from = jp_clamp(from, at->n);
	to = jp_clamp(to, at->n);
	*at = val_part(
	    at, (size_t)from, to > from ? (size_t)to - (size_t)from : 0);
	return 0;
}

static int
jp_concat(struct jp_run *r, const struct jp *j, const struct val *ctx,
    struct val *out)
{
	struct val_vec l = {NULL, 0, 0};
	const struct jp *k;
	struct val v;

	for (k = j->kid; k != NULL; k = k->next)
		if (jp_eval(r, k, ctx, &v) == -1 ||
		    jp_append_val(r, &l, &v) == -1)
			return -1;
	*out = val_done(&l);
	return 0;
}

static int
jp_walk(struct jp_run *r, const struct jp *j, const struct val *ctx,
    struct val *out)
{
	const struct jp *k;
	struct val at = j->op[0] == '^' ? r->root
			: j->missing    ? val_missing()
					: *ctx;
	int rc = 0;

	if (at.kind != VAL_LIST) {
		struct val *one = expr_alloc(r->x, sizeof *one);

		if (one == NULL)
			return -1;
		*one = at;
		at = val_list(one, 1);
	}
	for (k = j->kid; k != NULL && rc == 0; k = k->next) {
		if (k->type == JP_SELECT && k->deep)
			rc = jp_deep(r, k, &at);
		else if (k->type == JP_SELECT &&
			 (k->all || k->v.kind == VAL_TEXT))
			rc = jp_children(r, k, &at);
		else if (k->type == JP_FILTER)
			rc = jp_filter(r, k, &at);
		else if (k->type == JP_PLACE)
			rc = jp_place(r, k, &at);
		else if (k->type == JP_CONCAT)
			rc = jp_concat(r, k, &at, &at);
	}
	*out = at;
	return rc;
}

static int
jp_eval(struct jp_run *r, const struct jp *j, const struct val *ctx,
    struct val *out)
{
	if (expr_step(r->x, 1) == -1)
		return -1;
	switch (j->type) {
	case JP_PATH:
		return jp_walk(r, j, ctx, out);
	case JP_CONCAT:
		return jp_concat(r, j, ctx, out);
	case JP_LOGIC:
		return jp_logic(r, j, ctx, out);
	case JP_COMPARE:
		return jp_compare(r, j, ctx, out);
	case JP_MATH:
		return jp_math(r, j, ctx, out);
	case JP_UNARY:
		return jp_not(r, j, ctx, out);
	default:
		*out = j->v;
		return 0;
	}
}

int
jpath_apply(struct expr_run *x, const struct val *data, const char *path,
    size_t n, struct val *out)
{
	struct jp_run r = {x, *data};
	const struct jp *j = jp_parse(x, path, n), *last;

	if (j == NULL || jp_eval(&r, j, data, out) == -1)
		return -1;
	if (j->type != JP_PATH || j->kid == NULL)
		return 0;
	for (last = j->kid; last->next != NULL; last = last->next)
		;
	if (last->type == JP_PLACE && !last->range)
		*out = jp_single(out);
	return 0;
}
