/* Functions: foreach and its like, which evaluate an expression per item. */
#include <string.h>

#include "base/uni.h"
#include "card/expr_int.h"

/* What each item's result means to the function; 1: enough, 0, -1. */
typedef int expr_each(struct expr_run *x, void *state, const struct val *item,
    bool failed, struct val *result);

/* A list as it is; an object as a list of {key, value}.  *object: it was. */
static int
expr_as_list(
    struct expr_run *x, const struct expr_node *n, struct val *v, bool *object)
{
	struct val *items;
	struct val_obj *o;
	uint32_t i;

	if (expr_eval(x, n->kids[0], x->keep, v) == -1)
		return -1;
	*object = v->kind == VAL_OBJ;
	if (v->kind == VAL_LIST)
		return 0;
	if (v->kind != VAL_OBJ) {
		x->call = n;
		return expr_fail_arg(x, 0, "is neither a list nor an object");
	}
	if ((items = expr_items(x, v->n)) == NULL)
		return -1;
	for (i = 0; i < v->n; i++) {
		const struct val_member *m = &v->obj->m[i];

		if ((o = val_obj_new(x->a, 2)) == NULL)
			return expr_nomem(x);
		if (expr_put(x, o, "key", 3, val_text(m->name, m->len)) == -1 ||
		    expr_put(x, o, "value", 5, m->v) == -1)
			return -1;
		items[i] = val_of(o);
	}
	*v = val_list(items, v->n);
	return 0;
}

static int
expr_loop(struct expr_run *x, const struct expr_node *n, const struct val *list,
    expr_each *each, void *state)
{
	const struct expr_node *name = n->kids[1];
	struct expr_local l = {x->locals, name->name, name->len,
	    uni_ihash(name->name, name->len), {.kind = VAL_NULL}};
	struct val result;
	bool failed;
	uint32_t i;
	int rc = 0;

	x->locals = &l;
	for (i = 0; i < list->n && rc == 0; i++) {
		l.v = list->items[i];
		failed = expr_eval(x, n->kids[2], x->keep, &result) == -1 ||
			 expr_shown(x, &result) == -1;
		if (failed && x->fail != EXPR_FAILED)
			rc = -1;
		else
			rc = each(x, state, &list->items[i], failed, &result);
	}
	x->locals = l.next;
	return rc == -1 ? -1 : 0;
}

static int
expr_each_push(struct expr_run *x, void *state, const struct val *item,
    bool failed, struct val *result)
{
	(void)item;
	return failed ? -1 : expr_push(x, state, *result);
}

static int
expr_fn_foreach(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct val_vec l = {NULL, 0, 0};
	struct val list;
	bool object;

	if (expr_as_list(x, n, &list, &object) == -1 ||
	    expr_loop(x, n, &list, expr_each_push, &l) == -1)
		return -1;
	*out = val_done(&l);
	return 0;
}

static int
expr_each_where(struct expr_run *x, void *state, const struct val *item,
    bool failed, struct val *result)
{
	if (failed) {
		expr_forgive(x);
		return 0;
	}
	return expr_truth(result) ? expr_push(x, state, *item) : 0;
}

/* {key, value} items to an object again. */
static int
expr_as_object(struct expr_run *x, const struct val_vec *l, struct val *out)
{
	struct val_obj *o = val_obj_new(x->a, l->n);
	const struct val_member *m;
	size_t i;

	if (o == NULL)
		return expr_nomem(x);
	for (i = 0; i < l->n; i++) {
		m = l->v[i].obj->m;
		if (expr_put(x, o, m[0].v.s, m[0].v.n, m[1].v) == -1)
			return -1;
	}
	*out = val_of(o);
	return 0;
}

static int
expr_fn_where(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct val_vec l = {NULL, 0, 0};
	struct val list;
	bool object;

	if (expr_as_list(x, n, &list, &object) == -1 ||
	    expr_loop(x, n, &list, expr_each_where, &l) == -1)
		return -1;
	if (object)
		return expr_as_object(x, &l, out);
	*out = val_done(&l);
	return 0;
}

static int
expr_each_any(struct expr_run *x, void *state, const struct val *item,
    bool failed, struct val *result)
{
	bool *yes = state;

	(void)item;
	if (failed)
		expr_forgive(x);
	*yes = !failed && expr_truth(result);
	return *yes;
}

static int
expr_each_all(struct expr_run *x, void *state, const struct val *item,
    bool failed, struct val *result)
{
	bool *yes = state;

	(void)item;
	if (failed)
		expr_forgive(x);
	*yes = !failed && expr_truth(result);
	return !*yes;
}

static int
expr_fn_any(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct val list;
	bool object, yes = false;

	if (expr_as_list(x, n, &list, &object) == -1 ||
	    expr_loop(x, n, &list, expr_each_any, &yes) == -1)
		return -1;
	*out = val_bool(yes);
	return 0;
}

static int
expr_fn_all(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct val list;
	bool object, yes = true;

	if (expr_as_list(x, n, &list, &object) == -1 ||
	    expr_loop(x, n, &list, expr_each_all, &yes) == -1)
		return -1;
	*out = val_bool(yes);
	return 0;
}

#define LAMBDA EXPR_F_LAMBDA

const struct expr_fn expr_fn_lambda[] = {
    {"foreach", NULL, "***", EXPR_T_LIST, 0, LAMBDA, 1, NULL, expr_fn_foreach},
    {"select", NULL, "***", EXPR_T_LIST, 0, LAMBDA, 1, NULL, expr_fn_foreach},
    {"where", NULL, "***", EXPR_T_LIST, 0, LAMBDA, 1, NULL, expr_fn_where},
    {"any", NULL, "***", EXPR_T_BOOL, 0, LAMBDA, 2, NULL, expr_fn_any},
    {"all", NULL, "***", EXPR_T_BOOL, 0, LAMBDA, 2, NULL, expr_fn_all},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
