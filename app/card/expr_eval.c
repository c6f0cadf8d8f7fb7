/*
 * Evaluating a compiled expression.  The tree is walked; its depth was
 * bounded when it was made, and stringOrValue, the only thing that compiles
 * while rendering, counts against EXPR_RUN_DEPTH.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/uni.h"
#include "card/expr_int.h"

#define EXPR_RUN_DEPTH (EXPR_DEPTH + 50)

void
expr_run_init(struct expr_run *x, enum expr_mode mode, struct arena *a,
    const struct expr_env *env)
{
	memset(x, 0, sizeof *x);
	x->a = a;
	x->mode = mode;
	x->env = *env;
	buf_init(&x->tmp, EXPR_TEXT);
}

void
expr_run_done(struct expr_run *x)
{
	buf_done(&x->tmp);
}

/* -- failing -- */

static int __attribute__((format(printf, 4, 0))) expr_vfail(struct expr_run *x,
    enum expr_fail how, enum err_kind kind, const char *fmt, va_list ap)
{
	if (x->fail != EXPR_OK)
		return -1;
	x->fail = how;
	x->e.kind = kind;
	vsnprintf(x->e.text, sizeof x->e.text, fmt, ap);
	return -1;
}

int
expr_fail(struct expr_run *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	expr_vfail(x, EXPR_FAILED, ERR_PERM, fmt, ap);
	va_end(ap);
	return -1;
}

int
expr_limit(struct expr_run *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	expr_vfail(x, EXPR_LIMIT, ERR_PERM, fmt, ap);
	va_end(ap);
	return -1;
}

int
expr_nomem(struct expr_run *x)
{
	if (x->fail == EXPR_OK) {
		x->fail = EXPR_MEMORY;
		err_nomem(&x->e);
	}
	return -1;
}

void
expr_forgive(struct expr_run *x)
{
	x->fail = EXPR_OK;
	err_clear(&x->e);
}

int
expr_fail_arg(struct expr_run *x, size_t i, const char *what)
{
	const char *name = x->call->op == EXPR_CALL ? x->call->fn->name : "";
	struct buf b;

	buf_init(&b, 4096);
	if (i < x->call->n)
		expr_print(x->call->kids[i], &b);
	expr_fail(x, "%s: %.*s%s %s", name, b.len > 80 ? 77 : 80, buf_str(&b),
	    b.len > 80 ? "..." : "", what);
	buf_done(&b);
	return -1;
}

/* -- memory, counted -- */

void *
expr_alloc(struct expr_run *x, size_t n)
{
	void *p;

	if (n > EXPR_BYTES || (x->bytes += n) > EXPR_BYTES) {
		expr_limit(x, "the result is too large");
		return NULL;
	}
	if ((p = arena_alloc(x->a, n)) == NULL)
		expr_nomem(x);
	return p;
}

int
expr_copy(struct expr_run *x, const char *s, size_t n, struct val *out)
{
	char *t = expr_alloc(x, n);

	if (t == NULL)
		return -1;
	if (n > 0)
		memcpy(t, s, n);
	*out = val_text(t, n);
	return 0;
}

int
expr_take(struct expr_run *x, size_t mark, struct val *out)
{
	int rc = expr_full(x, &x->tmp);

	if (rc == 0)
		rc = expr_copy(
		    x, buf_str(&x->tmp) + mark, buf_len(&x->tmp) - mark, out);
	buf_cut(&x->tmp, mark);
	return rc;
}

static int
expr_list_limit(struct expr_run *x)
{
	return expr_limit(x, "a list of more than %d items", (int)EXPR_LIST);
}

struct val *
expr_items(struct expr_run *x, size_t n)
{
	if (n > EXPR_LIST) {
		expr_list_limit(x);
		return NULL;
	}
	if (expr_step(x, n) == -1)
		return NULL;
	return expr_alloc(x, n * sizeof(struct val));
}

int
expr_push(struct expr_run *x, struct val_vec *l, struct val v)
{
	if (l->n == EXPR_LIST)
		return expr_list_limit(x);
	if (l->n == l->cap)
		x->bytes += (l->cap == 0 ? 8 : 2 * l->cap) * sizeof v;
	if (x->bytes > EXPR_BYTES)
		return expr_limit(x, "the result is too large");
	return val_push(x->a, l, v) == -1 ? expr_nomem(x) : 0;
}

int
expr_put(struct expr_run *x, struct val_obj *o, const char *name, size_t len,
    struct val v)
{
	if (o->n == EXPR_LIST)
		return expr_limit(
		    x, "an object of more than %d members", (int)EXPR_LIST);
	x->bytes += 2 * sizeof(struct val_member);
	if (x->bytes > EXPR_BYTES)
		return expr_limit(x, "the result is too large");
	return val_put(x->a, o, name, len, v) == -1 ? expr_nomem(x) : 0;
}

struct val_obj *
expr_new_obj(struct expr_run *x, size_t cap)
{
	struct val_obj *o;

	x->bytes += sizeof *o + cap * sizeof *o->m;
	if (x->bytes > EXPR_BYTES) {
		expr_limit(x, "the result is too large");
		return NULL;
	}
	if (expr_step(x, 1 + cap) == -1)
		return NULL;
	if ((o = val_obj_new(x->a, cap)) == NULL)
		expr_nomem(x);
	return o;
}

/* -- values -- */

bool
expr_truth(const struct val *v)
{
	return v->kind == VAL_BOOL ? v->b : !val_none(v);
}

bool
expr_is_whole(const struct val *v)
{
	return v->kind == VAL_NUM && num_whole(v->num);
}

int
expr_shown(struct expr_run *x, struct val *v)
{
	size_t mark = buf_len(&x->tmp);

	if (v->kind != VAL_MISSING || v->s == NULL)
		return 0;
	buf_adds(&x->tmp, "${");
	buf_add(&x->tmp, v->s, v->n);
	buf_addc(&x->tmp, '}');
	return expr_take(x, mark, v);
}

/* NULL: `v` is what `want` asks for; else what it is not. */
static const char *
expr_unfit(const struct val *v, enum expr_want want, size_t i)
{
	uint32_t k;

	switch (want) {
	case EXPR_W_NONE:
		return NULL;
	case EXPR_W_NUM:
		return expr_is_num(v) ? NULL : "is not a number";
	case EXPR_W_DIVISOR:
		if (!expr_is_num(v))
			return "is not a number";
		return i > 0 && v->num == 0 ? "is 0, and nothing can be "
					      "divided by 0"
					    : NULL;
	case EXPR_W_WHOLE:
		return expr_is_whole(v) ? NULL : "is not a whole number";
	case EXPR_W_TEXT:
		return v->kind == VAL_TEXT ? NULL : "is not a text";
	case EXPR_W_TEXT_OR_MISSING:
		return v->kind == VAL_TEXT || v->kind == VAL_MISSING
			   ? NULL
			   : "is not a text";
	case EXPR_W_NUM_TEXT_OR_MISSING:
		return v->kind == VAL_TEXT || v->kind == VAL_MISSING ||
			       expr_is_num(v)
			   ? NULL
			   : "is neither a number nor a text";
	case EXPR_W_NUM_OR_NUM_LIST:
		if (expr_is_num(v))
			return NULL;
		/* fall through */
	case EXPR_W_NUM_LIST:
		if (v->kind != VAL_LIST)
			return want == EXPR_W_NUM_LIST
				   ? "is not a list"
				   : "is neither a number nor a list";
		for (k = 0; k < v->n; k++)
			if (!expr_is_num(&v->items[k]))
				return "holds something that is no number";
		return NULL;
	case EXPR_W_LIST:
		return v->kind == VAL_LIST ? NULL : "is not a list";
	case EXPR_W_CONTAINER_OR_NONE:
		if (v->kind == VAL_MISSING)
			return NULL;
		/* fall through */
	case EXPR_W_CONTAINER:
		return v->kind == VAL_TEXT || v->kind >= VAL_LIST ||
			       v->kind == VAL_NULL
			   ? NULL
			   : "is not a text, a list or an object";
	case EXPR_W_NOT_NONE:
		return val_none(v) ? "is missing or null" : NULL;
	}
	return NULL;
}

/* -- nodes -- */

static int expr_node(
    struct expr_run *x, const struct expr_node *n, struct val *out);

/* Evaluate and check the arguments of an ordinary function. */
static int
expr_args(struct expr_run *x, const struct expr_node *n, struct val *a)
{
	const struct expr_fn *fn = n->fn;
	const char *unfit;
	uint32_t i;

	for (i = 0; i < n->n; i++) {
		if (expr_node(x, n->kids[i], &a[i]) == -1)
			return -1;
		if ((fn->flags & EXPR_F_JOINS) && expr_shown(x, &a[i]) == -1)
			return -1;
		unfit = expr_unfit(&a[i], fn->want, i);
		if (unfit != NULL && (fn->flags & EXPR_F_COMPARE))
			return expr_fail(x, "%s", unfit);
		if (unfit != NULL) {
			x->call = n;
			return expr_fail_arg(x, i, unfit);
		}
	}
	return 0;
}

static int
expr_call(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	bool keep = x->keep, compare = (n->fn->flags & EXPR_F_COMPARE) != 0;
	struct val small[3], *a = small;
	size_t mark = buf_len(&x->tmp);
	int rc;

	if (n->fn->lazy != NULL)
		return n->fn->lazy(x, n, out);
	if (n->n > 3 && (a = expr_alloc(x, n->n * sizeof *a)) == NULL)
		return -1;
	if (compare)
		x->keep = false;
	rc = expr_args(x, n, a);
	x->keep = keep;
	if (rc == -1 && compare && x->fail == EXPR_FAILED) {
		buf_cut(&x->tmp, mark);
		expr_forgive(x);
		*out = val_bool(false);
		return 0;
	}
	if (rc == -1)
		return -1;
	x->call = n;
	return n->fn->eager(x, a, n->n, out);
}

static int
expr_element(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct val v, index;
	bool keep = x->keep;
	int rc;

	if (expr_node(x, n->kids[0], &v) == -1)
		return -1;
	x->keep = false;
	rc = expr_node(x, n->kids[1], &index);
	x->keep = keep;
	if (rc == -1)
		return -1;
	if (expr_is_whole(&index))
		return expr_item(x, &v, index.num, out);
	if (index.kind == VAL_TEXT)
		return expr_member(x, &v, index.s, index.n, out);
	return expr_fail(x, "an index in [ ] is %s", val_kind_name(&index));
}

static int
expr_object(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct val_obj *o;
	struct val v;
	uint32_t i;

	if ((o = expr_new_obj(x, n->n)) == NULL)
		return -1;
	for (i = 0; i < n->n; i++) {
		if (expr_node(x, n->kids[i], &v) == -1 ||
		    expr_shown(x, &v) == -1)
			return -1;
		if (val_put_hash(x->a, o, n->names[i].s, n->names[i].n,
			n->names[i].hash, v) == -1)
			return expr_nomem(x);
	}
	*out = val_of(o);
	return 0;
}

static int
expr_node(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	int rc = -1;

	if (++x->steps > EXPR_STEPS)
		return expr_limit(x, "takes too many steps");
	switch ((enum expr_op)n->op) {
	case EXPR_CONST:
		*out = n->v;
		return 0;
	case EXPR_NOFN:
		if (x->fail == EXPR_OK)
			expr_fail(x, "unknown function %.*s",
			    n->len > 100 ? 100 : (int)n->len, n->name);
		x->fail = EXPR_UNKNOWN;
		return -1;
	case EXPR_ACCESS:
	case EXPR_ELEMENT:
	case EXPR_CALL:
	case EXPR_OBJECT:
		break;
	}
	if (x->depth++ > EXPR_RUN_DEPTH) {
		x->depth--;
		return expr_limit(x, "nested too deep");
	}
	if (n->op == EXPR_ACCESS)
		rc = expr_access(x, n, out);
	else if (n->op == EXPR_ELEMENT)
		rc = expr_element(x, n, out);
	else if (n->op == EXPR_CALL)
		rc = expr_call(x, n, out);
	else
		rc = expr_object(x, n, out);
	x->depth--;
	return rc;
}

int
expr_eval(
    struct expr_run *x, const struct expr_node *n, bool keep, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	bool was = x->keep;
	int rc;

	x->keep = keep;
	rc = expr_node(x, n, out);
	x->keep = was;
	if (rc == -1) /* half a text may be left */
		buf_cut(&x->tmp, mark);
	return rc;
}

bool
expr_is_const(const struct expr_node *n)
{
	return n->op == EXPR_CONST;
}

const struct val *
expr_const(const struct expr_node *n)
{
	return &n->v;
}

const struct expr_node *const *
expr_joined(const struct expr_node *n, size_t *count)
{
	if (n->op != EXPR_CALL || n->fn->type == NULL ||
	    strcmp(n->fn->type, "concat") != 0)
		return NULL;
	*count = n->n;
	return (const struct expr_node *const *)n->kids;
}
