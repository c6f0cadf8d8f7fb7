/* Rendering templates; see tpl.h. */
#include <stdio.h>
#include <string.h>

#include "card/tpl_int.h"

struct tpl_run {
	struct expr_run x;
	const char *path;        /* of the text that failed */
	struct tpl_trace *trace; /* or NULL */
	unsigned warnings;
};

static int tpl_expand(
    struct tpl_run *r, const struct tpl_node *n, struct val *out);

static int
tpl_failed(struct tpl_run *r, const struct tpl_node *n)
{
	if (r->path == NULL)
		r->path = n->path;
	return -1;
}

/* Where an object was made, for tpl_origin. */
static int
tpl_note(struct tpl_run *r, const struct tpl_node *n, const struct val *v)
{
	if (r->trace == NULL || v->kind != VAL_OBJ ||
	    tpl_trace_note(r->trace, v->obj, n->path) == 0)
		return 0;
	r->x.fail = EXPR_MEMORY;
	err_nomem(&r->x.e);
	return tpl_failed(r, n);
}

/* -- texts -- */

/* A part that fails is printed back. */
static int
tpl_part(struct tpl_run *r, const struct tpl_part *p)
{
	struct expr_run *x = &r->x;
	struct val v;

	if (p->expr == NULL)
		return buf_add(&x->tmp, p->text.s, p->text.n);
	if (expr_eval(x, p->expr, true, &v) == 0)
		return expr_join(x, &v, &x->tmp);
	if (x->fail == EXPR_LIMIT || x->fail == EXPR_MEMORY)
		return -1;
	expr_forgive(x);
	buf_adds(&x->tmp, "${");
	expr_print(p->expr, &x->tmp);
	return buf_addc(&x->tmp, '}');
}

static int
tpl_join(struct tpl_run *r, const struct tpl_node *n, struct val *out)
{
	size_t mark = buf_len(&r->x.tmp);
	uint32_t i;

	for (i = 0; i < n->n; i++)
		if (tpl_part(r, &n->parts[i]) == -1 && r->x.fail != EXPR_OK)
			return tpl_failed(r, n);
	return expr_take(&r->x, mark, out) == -1 ? tpl_failed(r, n) : 0;
}

static int
tpl_value(struct tpl_run *r, const struct tpl_node *n, struct val *out)
{
	if (expr_eval(&r->x, n->expr, true, out) == -1 ||
	    expr_shown(&r->x, out) == -1)
		return tpl_failed(r, n);
	if ((out->kind == VAL_LIST || out->kind == VAL_OBJ) &&
	    expr_weigh(&r->x, out) == -1)
		return tpl_failed(r, n);
	return 0;
}

/* -- lists -- */

static int
tpl_push(struct tpl_run *r, const struct tpl_node *n, struct val_vec *l,
    struct val v)
{
	return expr_push(&r->x, l, v) == -1 ? tpl_failed(r, n) : 0;
}

/* Null is left out; a list is put in item by item. */
static int
tpl_items(struct tpl_run *r, const struct tpl_node *n, struct val *out)
{
	struct val_vec l = {NULL, 0, 0};
	struct val v;
	uint32_t i, k;

	for (i = 0; i < n->n; i++) {
		if (tpl_expand(r, n->items[i], &v) == -1)
			return -1;
		if (v.kind == VAL_NULL)
			continue;
		if (v.kind != VAL_LIST) {
			if (tpl_push(r, n, &l, v) == -1)
				return -1;
			continue;
		}
		for (k = 0; k < v.n; k++)
			if (tpl_push(r, n, &l, v.items[k]) == -1)
				return -1;
	}
	*out = val_done(&l);
	return 0;
}

/* -- objects -- */

static int
tpl_members(struct tpl_run *r, const struct tpl_node *n, struct val *out)
{
	const struct tpl_member *m = n->members;
	struct val_obj *o;
	struct val v;
	uint32_t i;

	if ((o = expr_new_obj(&r->x, n->n)) == NULL)
		return tpl_failed(r, n);
	for (i = 0; i < n->n; i++) {
		if (m[i].node->op == TPL_VAL)
			v = m[i].node->v;
		else if (tpl_expand(r, m[i].node, &v) == -1)
			return -1;
		/* nothing: no member */
		if (v.kind != VAL_MISSING)
			val_add(o, m[i].name, m[i].len, m[i].hash, v);
	}
	*out = val_of(o);
	return tpl_note(r, n, out);
}

/* A text never keeps an object, but what fails the card does so here, too. */
static int
tpl_when_text(struct tpl_run *r, const struct tpl_node *n)
{
	struct val v;
	uint32_t i;

	for (i = 0; i < n->n; i++) {
		if (n->parts[i].expr == NULL ||
		    expr_eval(&r->x, n->parts[i].expr, false, &v) == 0)
			continue;
		if (r->x.fail != EXPR_FAILED)
			return tpl_failed(r, n);
		expr_forgive(&r->x);
		break;
	}
	return 0;
}

/* 1: keep the object in this scope; 0: drop it; -1. */
static int
tpl_keep(struct tpl_run *r, const struct tpl_node *n)
{
	struct val v;

	if (n->when == TPL_ALWAYS)
		return 1;
	if (n->when == TPL_IF) {
		if (expr_eval(&r->x, n->when_expr, false, &v) == 0) {
			if (v.kind == VAL_BOOL && v.b)
				return 1;
			r->warnings += v.kind != VAL_BOOL;
			return 0;
		}
		if (r->x.fail != EXPR_FAILED)
			return tpl_failed(r, n);
		expr_forgive(&r->x);
	}
	if (n->when == TPL_JOINED && tpl_when_text(r, n->when_text) == -1)
		return -1;
	r->warnings++;
	return 0;
}

/* Once for each item of a list, with $index; nothing left is null. */
static int
tpl_repeat(struct tpl_run *r, const struct tpl_node *n, const struct val *list,
    struct val *out)
{
	struct val_vec l = {NULL, 0, 0};
	struct val v;
	uint32_t i;
	int rc;

	for (i = 0; i < list->n; i++) {
		r->x.env.index = i;
		if (list->items[i].kind != VAL_MISSING)
			r->x.env.data = list->items[i];
		if ((rc = tpl_keep(r, n)) == 0)
			continue;
		if (rc == -1 || tpl_members(r, n, &v) == -1 ||
		    tpl_push(r, n, &l, v) == -1)
			return -1;
	}
	*out = l.n == 0 ? val_null() : l.n == 1 ? l.v[0] : val_done(&l);
	return 0;
}

static int
tpl_object(struct tpl_run *r, const struct tpl_node *n, struct val *out)
{
	struct val was = r->x.env.data, data = val_missing();
	double index = r->x.env.index;
	int rc = 0;

	if (n->data != NULL && tpl_expand(r, n->data, &data) == -1)
		return -1;
	if (data.kind == VAL_LIST) {
		rc = tpl_repeat(r, n, &data, out);
	} else {
		if (data.kind != VAL_MISSING)
			r->x.env.data = data;
		*out = val_null();
		if ((rc = tpl_keep(r, n)) == 1)
			rc = tpl_members(r, n, out);
	}
	r->x.env.data = was;
	r->x.env.index = index;
	return rc;
}

static int
tpl_expand(struct tpl_run *r, const struct tpl_node *n, struct val *out)
{
	switch ((enum tpl_op)n->op) {
	case TPL_VAL:
		*out = n->v;
		return tpl_note(r, n, out);
	case TPL_EXPR:
		return tpl_value(r, n, out);
	case TPL_TEXT:
		return tpl_join(r, n, out);
	case TPL_LIST:
		return tpl_items(r, n, out);
	case TPL_OBJ:
		break;
	}
	return tpl_object(r, n, out);
}

/* -- the whole -- */

static void
tpl_start(struct tpl_run *r, const struct val *data, const struct val *host,
    int64_t now, struct arena *a)
{
	struct expr_env env = {.root = val_missing(),
	    .host = val_missing(),
	    .index = -1,
	    .now = now};

	if (data != NULL)
		env.root = *data;
	if (host != NULL)
		env.host = *host;
	env.data = env.root;
	memset(r, 0, sizeof *r);
	expr_run_init(&r->x, EXPR_TEMPLATE, a, &env);
}

static int
tpl_finish(const struct tpl *t, struct tpl_run *r, struct val *out,
    struct tpl_fail *f, struct err *e)
{
	struct val v;
	int rc;

	rc = tpl_expand(r, t->root, &v);
	if (f != NULL) {
		f->kind = r->x.fail;
		f->warnings = r->warnings;
		snprintf(f->path, sizeof f->path, "%s",
		    rc == 0 || r->path == NULL ? "" : r->path);
	}
	if (rc == 0)
		*out = v;
	else
		err_set(e, r->x.e.kind, "%s%s%s", r->x.e.text,
		    r->path == NULL || *r->path == '\0' ? "" : " at ",
		    r->path == NULL ? "" : r->path);
	expr_run_done(&r->x);
	return rc;
}

int
tpl_render(const struct tpl *t, const struct val *data, const struct val *host,
    int64_t now, struct arena *a, struct val *out, struct tpl_fail *f,
    struct err *e)
{
	struct tpl_run r;

	tpl_start(&r, data, host, now, a);
	return tpl_finish(t, &r, out, f, e);
}

int
tpl_render_traced(const struct tpl *t, const struct val *data, int64_t now,
    struct arena *a, struct val *out, struct tpl_fail *f, struct tpl_trace *tr,
    struct err *e)
{
	struct tpl_run r;

	tpl_start(&r, data, NULL, now, a);
	r.trace = tr;
	return tpl_finish(t, &r, out, f, e);
}

bool
tpl_always(const struct tpl *t)
{
	return t->root->op == TPL_VAL && t->root->v.kind == VAL_TEXT &&
	       val_is(&t->root->v, "true");
}

int
tpl_test(const struct tpl *t, const struct val *data, const struct val *host,
    int64_t now, struct arena *a, struct err *e)
{
	struct tpl_run r;
	struct val v;
	int rc = 0;

	if (t->root->op != TPL_EXPR)
		return tpl_always(t);
	tpl_start(&r, data, host, now, a);
	if (expr_eval(&r.x, t->root->expr, false, &v) == 0)
		rc = v.kind == VAL_BOOL && v.b;
	else if (r.x.fail != EXPR_FAILED)
		rc = err_set(e, r.x.e.kind, "%s", r.x.e.text);
	expr_run_done(&r.x);
	return rc;
}
