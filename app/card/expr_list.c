/* Functions: lists. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "base/uni.h"
#include "card/expr_int.h"

static int
expr_fn_count(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	if (a[0].kind == VAL_NULL)
		return expr_fail_arg(x, 0, "is null");
	*out = val_num(a[0].kind == VAL_TEXT ? (double)uni_units(a[0].s, a[0].n)
		       : a[0].kind == VAL_BIG ? 1
					      : a[0].n);
	return 0;
}

static int
expr_fn_contains(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val v;
	uint32_t i;
	int rc = 0;

	(void)n;
	*out = val_bool(false);
	if (a[0].kind == VAL_TEXT && a[1].kind == VAL_TEXT) {
		out->b = a[1].n == 0 ||
			 memmem(a[0].s, a[0].n, a[1].s, a[1].n) != NULL;
		return expr_step(x, a[0].n / 64);
	}
	if (a[0].kind == VAL_LIST) {
		for (i = 0; i < a[0].n && rc == 0; i++)
			rc = expr_equal(x, &a[0].items[i], &a[1]);
		out->b = rc == 1;
		return rc == -1 ? -1 : 0;
	}
	if (a[1].kind == VAL_TEXT) {
		if (expr_member(x, &a[0], a[1].s, a[1].n, &v) == -1)
			return -1;
		out->b = v.kind != VAL_MISSING;
	}
	return 0;
}

static int
expr_end(struct expr_run *x, const struct val *v, bool last, struct val *out)
{
	size_t units;

	*out = val_missing();
	if (v->kind == VAL_LIST && v->n > 0)
		*out = v->items[last ? v->n - 1 : 0];
	if (v->kind != VAL_TEXT || v->n == 0)
		return 0;
	units = last ? uni_units(v->s, v->n) : 1;
	return expr_units(x, v, units - 1, units, out);
}

static int
expr_fn_first(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	return expr_end(x, &a[0], false, out);
}

static int
expr_fn_last(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	(void)n;
	return expr_end(x, &a[0], true, out);
}

/* -- joining -- */

/* Items from..to with a separator between; null and missing are empty. */
static int
expr_join_items(struct expr_run *x, const struct val *list, size_t to,
    const struct val *sep)
{
	size_t i;

	for (i = 0; i < to; i++) {
		if (i > 0 && sep->kind == VAL_MISSING)
			buf_addc(&x->tmp, ',');
		else if (i > 0 && expr_js_text(x, sep, &x->tmp) == -1)
			return -1;
		if (!val_none(&list->items[i]) &&
		    expr_js_text(x, &list->items[i], &x->tmp) == -1)
			return -1;
	}
	return expr_step(x, to);
}

static int
expr_fn_join(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	bool last = n == 3 && a[0].n >= 3;
	int rc;

	if (a[0].kind != VAL_LIST)
		return expr_fail_arg(x, 0, "is not a list");
	rc = expr_join_items(x, &a[0], last ? a[0].n - 1 : a[0].n,
	    n == 3 && !last ? &a[2] : &a[1]);
	if (rc == 0 && last &&
	    (expr_js_text(x, &a[2], &x->tmp) == -1 ||
		expr_js_text(x, &a[0].items[a[0].n - 1], &x->tmp) == -1))
		rc = -1;
	if (rc == -1) {
		buf_cut(&x->tmp, mark);
		return -1;
	}
	return expr_take(x, mark, out);
}

/* -- parts -- */

static int
expr_fn_take(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double count;

	(void)n;
	if (a[0].kind != VAL_LIST && a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is neither a list nor a text");
	if (!expr_is_whole(&a[1]))
		return expr_fail_arg(x, 1, "is not a whole number");
	count = a[1].num < 0 ? 0 : a[1].num > a[0].n ? a[0].n : a[1].num;
	if (a[0].kind == VAL_TEXT)
		return expr_units(x, &a[0], 0, (size_t)count, out);
	*out = val_list(a[0].items, (size_t)count);
	return 0;
}

static int
expr_fn_skip(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double count;

	(void)n;
	if (a[0].kind != VAL_LIST)
		return expr_fail_arg(x, 0, "is not a list");
	if (!expr_is_whole(&a[1]))
		return expr_fail_arg(x, 1, "is not a whole number");
	count = a[1].num < 0 ? 0 : a[1].num > a[0].n ? a[0].n : a[1].num;
	*out = val_part(&a[0], (size_t)count, a[0].n - (size_t)count);
	return 0;
}

static int
expr_fn_sub_array(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	double part[2] = {0, 0};
	size_t i;

	if (a[0].kind != VAL_LIST)
		return expr_fail_arg(x, 0, "is not a list");
	part[1] = a[0].n;
	for (i = 1; i < n; i++) {
		if (!expr_is_whole(&a[i]))
			return expr_fail_arg(x, i, "is not a whole number");
		part[i - 1] = a[i].num;
		if (a[i].num < 0 || a[i].num > a[0].n)
			return expr_fail_arg(x, i, "is outside the list");
	}
	if (part[1] < part[0])
		part[1] = part[0];
	*out =
	    val_part(&a[0], (size_t)part[0], (size_t)part[1] - (size_t)part[0]);
	return 0;
}

static int
expr_fn_create(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val *items = expr_items(x, n);

	if (items == NULL)
		return -1;
	if (n > 0)
		memcpy(items, a, n * sizeof *items);
	*out = val_list(items, n);
	return 0;
}

/* -- sets -- */

/* Values already seen; "the same" as JavaScript's Set has it. */
struct expr_set {
	const struct val **slot;
	size_t mask;
};

static uint64_t
expr_set_hash(const struct val *v)
{
	uint64_t bits = 0;

	if (v->kind == VAL_TEXT)
		return str_hash(v->s, v->n);
	if (v->kind == VAL_BOOL)
		return v->b;
	if (v->kind == VAL_NUM && v->num == 0)
		return 7; /* 0 and -0 */
	if (v->kind > VAL_NULL)
		memcpy(&bits, &v->num, sizeof bits);
	return str_hash(&bits, sizeof bits) + v->kind;
}

static int
expr_set_init(struct expr_run *x, struct expr_set *s, size_t n)
{
	size_t size = 16;

	while (size < n * 2)
		size *= 2;
	if ((s->slot = expr_alloc(x, size * sizeof *s->slot)) == NULL)
		return -1;
	memset(s->slot, 0, size * sizeof *s->slot);
	s->mask = size - 1;
	return expr_step(x, n);
}

static const struct val **
expr_set_slot(struct expr_set *s, const struct val *v)
{
	size_t i = (size_t)expr_set_hash(v) & s->mask;
	bool nan = v->kind == VAL_NUM && isnan(v->num);

	for (; s->slot[i] != NULL; i = (i + 1) & s->mask)
		if (expr_same(s->slot[i], v) ||
		    (nan && s->slot[i]->kind == VAL_NUM &&
			isnan(s->slot[i]->num)))
			break;
	return &s->slot[i];
}

static int
expr_fn_union(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val_vec l = {NULL, 0, 0};
	struct expr_set seen;
	const struct val **slot;
	size_t total = 0, i, k;

	for (i = 0; i < n; i++)
		total += a[i].n;
	if (expr_set_init(x, &seen, total) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		for (k = 0; k < a[i].n; k++) {
			slot = expr_set_slot(&seen, &a[i].items[k]);
			if (*slot != NULL)
				continue;
			*slot = &a[i].items[k];
			if (expr_push(x, &l, a[i].items[k]) == -1)
				return -1;
		}
	}
	*out = val_done(&l);
	return 0;
}

/* Those of `l` that are also in `other`; NaN is in no list. */
static int
expr_meet(struct expr_run *x, const struct val *other, struct val *l)
{
	struct val_vec kept = {NULL, 0, 0};
	struct expr_set set;
	size_t i;

	if (expr_set_init(x, &set, other->n) == -1)
		return -1;
	for (i = 0; i < other->n; i++)
		*expr_set_slot(&set, &other->items[i]) = &other->items[i];
	for (i = 0; i < l->n; i++) {
		const struct val *v = &l->items[i];

		if ((v->kind == VAL_NUM && isnan(v->num)) ||
		    *expr_set_slot(&set, v) == NULL)
			continue;
		if (expr_push(x, &kept, *v) == -1)
			return -1;
	}
	*l = val_done(&kept);
	return 0;
}

static int
expr_fn_intersection(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val l = a[0];
	size_t i;

	for (i = 0; i < n; i++)
		if (expr_meet(x, &a[i], &l) == -1)
			return -1;
	return expr_fn_union(x, &l, 1, out);
}

/* -- flatten -- */

static int
expr_flatten(struct expr_run *x, const struct val *list, double depth,
    unsigned level, struct val_vec *out)
{
	uint32_t i;

	if (level > VAL_DEPTH)
		return expr_limit(x, "a value is nested too deep");
	for (i = 0; i < list->n; i++) {
		struct val v = list->items[i];

		if (v.kind == VAL_LIST && depth > 0) {
			if (expr_flatten(x, &v, depth - 1, level + 1, out) ==
			    -1)
				return -1;
			continue;
		}
		if (v.kind == VAL_MISSING)
			v = val_null();
		if (expr_push(x, out, v) == -1)
			return -1;
	}
	return expr_step(x, list->n);
}

static int
expr_fn_flatten(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val_vec l = {NULL, 0, 0};
	double depth = 100;

	if (a[0].kind != VAL_LIST)
		return expr_fail_arg(x, 0, "is not a list");
	if (n == 2)
		depth = !expr_is_num(&a[1]) || a[1].num < 1 ? 1 : a[1].num;
	if (expr_flatten(x, &a[0], ceil(depth), 0, &l) == -1)
		return -1;
	*out = val_done(&l);
	return 0;
}

static int
expr_fn_indices(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val *items;
	struct val_obj *o;
	uint32_t i;

	(void)n;
	if (a[0].kind != VAL_LIST && a[0].kind != VAL_OBJ)
		return expr_fail_arg(x, 0, "is neither a list nor an object");
	if ((items = expr_items(x, a[0].n)) == NULL)
		return -1;
	for (i = 0; i < a[0].n; i++) {
		bool list = a[0].kind == VAL_LIST;
		const struct val_member *m = list ? NULL : &a[0].obj->m[i];

		if ((o = val_obj_new(x->a, 2)) == NULL)
			return expr_nomem(x);
		if (expr_put(x, o, "index", 5,
			list ? val_num(i) : val_text(m->name, m->len)) == -1 ||
		    expr_put(x, o, "value", 5, list ? a[0].items[i] : m->v) ==
			-1)
			return -1;
		items[i] = val_of(o);
	}
	*out = val_list(items, a[0].n);
	return 0;
}

/* -- sorting -- */

struct expr_sorted {
	struct val key;
	uint32_t at;
};

/* A number as JavaScript's < makes one of what is no text. */
static double
expr_sort_num(struct expr_run *x, const struct val *v)
{
	double d = NAN;
	size_t n, mark = buf_len(&x->tmp);
	const char *s;

	if (v->kind == VAL_NUM)
		return v->num;
	if (v->kind == VAL_BOOL)
		return v->b;
	if (v->kind == VAL_NULL)
		return 0;
	if (v->kind == VAL_MISSING || v->kind == VAL_OBJ)
		return NAN;
	expr_js_text(x, v, &x->tmp);
	n = buf_len(&x->tmp) - mark;
	s = uni_trim(buf_str(&x->tmp) + mark, &n);
	if (n == 0)
		d = 0;
	else if (num_read(s, n, &d) != n)
		d = NAN;
	buf_cut(&x->tmp, mark);
	return d;
}

/* JavaScript's a > b. */
static bool
expr_above(struct expr_run *x, const struct val *a, const struct val *b)
{
	if (a->kind == VAL_TEXT && b->kind == VAL_TEXT)
		return uni_cmp(a->s, a->n, b->s, b->n) > 0;
	if (a->kind == VAL_NUM && b->kind == VAL_NUM)
		return a->num > b->num;
	return expr_sort_num(x, a) > expr_sort_num(x, b);
}

/* Stable merge sort of v[0..n) with t as scratch. */
static int
expr_sort(
    struct expr_run *x, struct expr_sorted *v, struct expr_sorted *t, size_t n)
{
	size_t width, i, j, k, mid, end;

	for (width = 1; width < n; width *= 2) {
		for (i = 0; i < n; i += 2 * width) {
			mid = i + width < n ? i + width : n;
			end = mid + width < n ? mid + width : n;
			j = i;
			for (k = mid; j < mid && k < end;) {
				if (expr_above(x, &v[j].key, &v[k].key))
					*t++ = v[k++];
				else
					*t++ = v[j++];
			}
			while (j < mid)
				*t++ = v[j++];
			while (k < end)
				*t++ = v[k++];
		}
		t -= n;
		memcpy(v, t, n * sizeof *v);
		if (expr_step(x, n) == -1 || x->fail != EXPR_OK)
			return -1;
	}
	return 0;
}

/* What an item is sorted by. */
static int
expr_sort_key(struct expr_run *x, const struct val *item, const struct val *by,
    struct val *key)
{
	size_t mark = buf_len(&x->tmp);
	const struct val *m;

	if (by == NULL) {
		if (item->kind == VAL_TEXT) {
			*key = *item;
			return 0;
		}
		if (expr_js_text(x, item, &x->tmp) == -1)
			return -1;
		return expr_take(x, mark, key);
	}
	if (val_none(item))
		return expr_fail(
		    x, "an item of the list is %s", val_kind_name(item));
	if (item->kind == VAL_OBJ) {
		m = val_member(item, by->s, by->n);
		*key = m == NULL ? val_missing() : *m;
		return 0;
	}
	if (val_is(by, "length") && item->kind == VAL_LIST) {
		*key = val_num(item->n);
		return 0;
	}
	if (val_is(by, "length") && item->kind == VAL_TEXT) {
		*key = val_num((double)uni_units(item->s, item->n));
		return 0;
	}
	return expr_member(x, item, by->s, by->n, key);
}

static int
expr_sort_by(struct expr_run *x, const struct val *a, size_t n, bool down,
    struct val *out)
{
	size_t mark = buf_len(&x->tmp), len = a[0].n, i, k = 0, last;
	struct expr_sorted *v;
	struct val *items, by = val_text("", 0);

	if (a[0].kind != VAL_LIST)
		return expr_fail_arg(x, 0, "is not a list");
	if (n == 2 && expr_truth(&a[1]) &&
	    (expr_js_text(x, &a[1], &x->tmp) == -1 ||
		expr_take(x, mark, &by) == -1))
		return -1;
	if ((items = expr_items(x, len)) == NULL ||
	    (v = expr_alloc(x, 2 * len * sizeof *v)) == NULL)
		return -1;
	last = len;
	for (i = 0; i < len; i++) {
		/* what is nothing goes to the end, in order */
		if (a[0].items[i].kind == VAL_MISSING)
			continue;
		v[k].at = (uint32_t)i;
		if (expr_sort_key(x, &a[0].items[i], n == 2 ? &by : NULL,
			&v[k++].key) == -1)
			return -1;
	}
	if (expr_sort(x, v, v + len, k) == -1)
		return -1;
	for (i = 0; i < len; i++) {
		struct val one = i < k ? a[0].items[v[i].at] : val_missing();

		items[down ? --last : i] = one;
	}
	*out = val_list(items, len);
	return 0;
}

static int
expr_fn_sort_by(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_sort_by(x, a, n, false, out);
}

static int
expr_fn_sort_down(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	return expr_sort_by(x, a, n, true, out);
}

#define L EXPR_T_LIST
#define N EXPR_T_NUM
#define ANY EXPR_T_ANY

const struct expr_fn expr_fn_list[] = {
    {"count", NULL, "s", N, EXPR_W_CONTAINER, 0, 1, expr_fn_count, NULL},
    {"contains", NULL, "**", EXPR_T_BOOL, 0, EXPR_F_COMPARE, 1,
	expr_fn_contains, NULL},
    {"first", NULL, "*", ANY, 0, 0, 1, expr_fn_first, NULL},
    {"last", NULL, "*", ANY, 0, 0, 1, expr_fn_last, NULL},
    {"join", NULL, "ltt?", EXPR_T_TEXT, 0, 0, 1, expr_fn_join, NULL},
    {"take", NULL, "sn", L | EXPR_T_TEXT, 0, 0, 1, expr_fn_take, NULL},
    {"skip", NULL, "ln", L, 0, 0, 1, expr_fn_skip, NULL},
    {"subArray", NULL, "lnn?", L, 0, 0, 2, expr_fn_sub_array, NULL},
    {"createArray", NULL, "*~", L, 0, EXPR_F_JOINS, 1, expr_fn_create, NULL},
    {"union", NULL, "l+", L, EXPR_W_LIST, 0, 2, expr_fn_union, NULL},
    {"intersection", NULL, "l+", L, EXPR_W_LIST, 0, 2, expr_fn_intersection,
	NULL},
    {"unique", NULL, "l", L, EXPR_W_LIST, 0, 2, expr_fn_union, NULL},
    {"flatten", NULL, "ln?", L, 0, 0, 2, expr_fn_flatten, NULL},
    {"indicesAndValues", NULL, "*", L, 0, 0, 2, expr_fn_indices, NULL},
    {"sortBy", NULL, "lt?", L, 0, 0, 1, expr_fn_sort_by, NULL},
    {"sortByDescending", NULL, "lt?", L, 0, 0, 1, expr_fn_sort_down, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
