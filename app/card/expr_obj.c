/*
 * Functions: objects.  The data are never changed: what the reference writes
 * into its argument, a copy gets here.
 */
#include <string.h>

#include "base/uni.h"
#include "card/expr_int.h"

/* Argument i as JavaScript's String() of it. */
static int
expr_name(struct expr_run *x, const struct val *v, struct val *out)
{
	size_t mark = buf_len(&x->tmp);

	if (v->kind == VAL_TEXT) {
		*out = *v;
		return 0;
	}
	if (expr_js_text(x, v, &x->tmp) == -1)
		return -1;
	return expr_take(x, mark, out);
}

static struct val_obj *
expr_copy_obj(
    struct expr_run *x, const struct val *v, const struct val *without)
{
	const struct val_member *m = v->obj->m;
	struct val_obj *o = val_obj_new(x->a, v->n + 1);
	uint32_t i;

	if (o == NULL) {
		expr_nomem(x);
		return NULL;
	}
	x->bytes += (v->n + 1) * sizeof *m;
	for (i = 0; i < v->n; i++) {
		if (without != NULL && m[i].len == without->n &&
		    memcmp(m[i].name, without->s, without->n) == 0)
			continue;
		if (val_put_hash(x->a, o, m[i].name, m[i].len, m[i].hash,
			m[i].v) == -1) {
			expr_nomem(x);
			return NULL;
		}
	}
	if (expr_step(x, v->n) == -1)
		return NULL;
	return o;
}

/* A copy of a list with item `name` set, when that is a place of it. */
static int
expr_set_item(struct expr_run *x, const struct val *list,
    const struct val *name, struct val v, struct val *out)
{
	struct val *items;
	size_t at = 0, n = list->n, i;

	*out = *list;
	for (i = 0; i < name->n && i < 7; i++) {
		if (name->s[i] < '0' || name->s[i] > '9')
			return 0;
		at = at * 10 + (size_t)(name->s[i] - '0');
	}
	if (name->n == 0 || i < name->n || (name->n > 1 && name->s[0] == '0'))
		return 0;
	if (at >= n && v.kind == VAL_MISSING)
		return 0;
	if ((items = expr_items(x, at < n ? n : at + 1)) == NULL)
		return -1;
	if (n > 0)
		memcpy(items, list->items, n * sizeof *items);
	for (; n <= at; n++)
		items[n] = val_missing();
	items[at] = v;
	*out = val_list(items, n);
	return 0;
}

static int
expr_fn_set(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val name, v = a[2];
	struct val_obj *o;

	(void)n;
	if (expr_name(x, &a[1], &name) == -1 || expr_shown(x, &v) == -1)
		return -1;
	if (a[0].kind == VAL_LIST)
		return expr_set_item(x, &a[0], &name, v, out);
	if (a[0].kind != VAL_OBJ)
		return expr_fail_arg(x, 0, "is not an object");
	if ((o = expr_copy_obj(x, &a[0], NULL)) == NULL ||
	    expr_put(x, o, name.s, name.n, v) == -1)
		return -1;
	*out = val_of(o);
	return 0;
}

/* Names that every object of the reference's host has. */
static bool
expr_inherited(const struct val *name)
{
	static const char *const names[] = {"constructor", "hasOwnProperty",
	    "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
	    "toString", "valueOf", "__proto__", "__defineGetter__",
	    "__defineSetter__", "__lookupGetter__", "__lookupSetter__"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (val_is(name, names[i]))
			return true;
	return false;
}

static int
expr_fn_add_property(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val name, v;
	bool there;

	if (expr_name(x, &a[1], &name) == -1)
		return -1;
	if (a[0].kind == VAL_LIST) {
		if (expr_member(x, &a[0], name.s, name.n, &v) == -1)
			return -1;
		there = v.kind != VAL_MISSING || val_is(&name, "length");
	} else {
		there = val_member(&a[0], name.s, name.n) != NULL;
	}
	if (there || expr_inherited(&name))
		return expr_fail(x, "addProperty: %.*s is there already",
		    name.n > 60 ? 60 : (int)name.n, name.s);
	return expr_fn_set(x, a, n, out);
}

static int
expr_fn_remove(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val_obj *o;
	struct val name;

	(void)n;
	*out = a[0];
	if (val_none(&a[0]))
		return expr_fail_arg(x, 0, "is missing or null");
	if (expr_name(x, &a[1], &name) == -1)
		return -1;
	if (a[0].kind == VAL_LIST)
		return expr_set_item(x, &a[0], &name, val_missing(), out);
	if (a[0].kind != VAL_OBJ)
		return 0;
	if ((o = expr_copy_obj(x, &a[0], &name)) == NULL)
		return -1;
	*out = val_of(o);
	return 0;
}

/* -- merging -- */

static int
expr_merge_into(struct expr_run *x, struct val_obj *o, const struct val *v)
{
	uint32_t i;

	for (i = 0; v->kind == VAL_OBJ && i < v->n; i++)
		if (expr_put(x, o, v->obj->m[i].name, v->obj->m[i].len,
			v->obj->m[i].v) == -1)
			return -1;
	return expr_step(x, v->n);
}

static int
expr_fn_merge(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct val_obj *o = val_obj_new(x->a, 8);
	size_t i;
	uint32_t k;

	if (o == NULL)
		return expr_nomem(x);
	for (i = 0; i < n; i++) {
		if (a[i].kind == VAL_OBJ) {
			if (expr_merge_into(x, o, &a[i]) == -1)
				return -1;
			continue;
		}
		if (a[i].kind != VAL_LIST)
			return expr_fail_arg(
			    x, i, "is neither an object nor a list of them");
		for (k = 0; k < a[i].n; k++) {
			const struct val *v = &a[i].items[k];

			if (v->kind != VAL_OBJ && v->kind != VAL_NULL)
				return expr_fail_arg(
				    x, i, "holds something that is no object");
			if (expr_merge_into(x, o, v) == -1)
				return -1;
		}
	}
	*out = val_of(o);
	return 0;
}

/* -- paths -- */

/* getProperty(path), or getProperty(object, path). */
static int
expr_fn_get(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct val first, path;
	int rc;

	x->call = n;
	if (expr_eval(x, n->kids[0], x->keep, &first) == -1)
		return -1;
	if (n->n == 1 && first.kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	if (n->n == 1) {
		path = first;
		rc = expr_lookup_name(x, path.s, path.n, out);
	} else {
		if (expr_eval(x, n->kids[1], x->keep, &path) == -1)
			return -1;
		x->call = n;
		if (val_none(&path))
			return expr_fail_arg(x, 1, "is missing or null");
		if (expr_name(x, &path, &path) == -1)
			return -1;
		rc = expr_lookup(x, &first, path.s, path.n, out);
	}
	if (rc == 0 && out->kind == VAL_MISSING && x->keep) {
		out->s = path.s;
		out->n = path.n;
	}
	return rc;
}

/* The value; what the path leads to is not changed. */
static int
expr_fn_set_path(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	const struct expr_node *k = n->kids[0];

	while ((k->op == EXPR_ACCESS || k->op == EXPR_ELEMENT) && k->n > 0)
		k = k->kids[0];
	x->call = n;
	if (k->op != EXPR_ACCESS)
		return expr_fail_arg(x, 0, "is not a path");
	return expr_eval(x, n->kids[1], x->keep, out);
}

/* -- a text that holds expressions -- */

#define EXPR_INNER_MAX 16384

static void
expr_inner_fail(struct expr_run *x, const struct problems *ps)
{
	const char *code = ps->n > 0 ? ps->v[0].code : "";

	expr_fail(x, "stringOrValue: %s", ps->n > 0 ? ps->v[0].text : "");
	if (strcmp(code, "syntax") == 0)
		x->fail = EXPR_SYNTAX;
	else if (strcmp(code, "unknown-function") == 0)
		x->fail = EXPR_UNKNOWN;
}

static int
expr_inner(struct expr_run *x, struct expr_code *c, const struct val *t,
    struct val *out)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	const struct expr_node *node;
	size_t n = (size_t)t->n + 2;
	char *s;
	int rc = -1;

	if ((s = expr_alloc(x, n)) == NULL)
		return -1;
	s[0] = s[n - 1] = '`';
	memcpy(s + 1, t->s, t->n);
	node = expr_compile(c, s, n, &ps, "", 0, &e);
	if (node == NULL && e.kind == ERR_BUG)
		expr_nomem(x);
	else if (node == NULL)
		expr_inner_fail(x, &ps);
	/* '' and one expression: the value of that */
	else if (node->n == 2 && node->kids[1]->op != EXPR_CONST)
		rc = expr_eval(x, node->kids[1], x->keep, out);
	else
		rc = expr_eval(x, node, x->keep, out);
	problems_done(&ps);
	return rc;
}

static int
expr_fn_string_or_value(
    struct expr_run *x, const struct expr_node *n, struct val *out)
{
	struct expr_code c = {.a = x->a, .mode = x->mode, .borrowed = true};
	struct val t;
	int rc;

	if (expr_eval(x, n->kids[0], x->keep, &t) == -1)
		return -1;
	x->call = n;
	if (t.kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	if (t.n > EXPR_INNER_MAX)
		return expr_limit(
		    x, "stringOrValue: more than %d bytes", EXPR_INNER_MAX);
	if (expr_step(x, 100 + 4 * (size_t)t.n) == -1)
		return -1;
	x->bytes += 64 * (size_t)t.n;
	rc = expr_inner(x, &c, &t, out);
	expr_code_free(&c);
	return rc;
}

#define ANY EXPR_T_ANY

const struct expr_fn expr_fn_obj[] = {
    {"getProperty", NULL, "*t?", ANY, 0, EXPR_F_WHOLE, 1, NULL, expr_fn_get},
    {"setProperty", NULL, "*t*", ANY, 0, 0, 1, expr_fn_set, NULL},
    {"addProperty", NULL, "*t*", ANY, 0, 0, 2, expr_fn_add_property, NULL},
    {"removeProperty", NULL, "*t", ANY, 0, 0, 2, expr_fn_remove, NULL},
    {"merge", NULL, "*+", ANY, 0, 0, 2, expr_fn_merge, NULL},
    {"setPathToValue", NULL, "**", ANY, 0, 0, 3, NULL, expr_fn_set_path},
    {"stringOrValue", NULL, "t", ANY, 0, EXPR_F_WHOLE, 3, NULL,
	expr_fn_string_or_value},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
