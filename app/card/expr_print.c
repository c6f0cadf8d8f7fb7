/* Expressions as text again, and values as text. */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/uni.h"
#include "card/expr_int.h"

/* A text in single quotes, as the reference prints constants. */
static void
expr_print_text(const char *s, size_t n, struct buf *out)
{
	bool slash = false;
	size_t i;

	buf_addc(out, '\'');
	for (i = 0; i < n; i++) {
		if (s[i] == '\\' || (s[i] == '\'' && !slash))
			buf_addc(out, '\\');
		buf_addc(out, s[i]);
		slash = s[i] == '\\';
	}
	buf_addc(out, '\'');
}

static int
expr_print_const(const struct val *v, struct buf *out)
{
	if (v->kind == VAL_TEXT)
		expr_print_text(v->s, v->n, out);
	else if (v->kind == VAL_MISSING)
		buf_adds(out, "undefined");
	else
		val_print(v, out);
	return out->failed ? -1 : 0;
}

/* A name that begins with no letter stands between the arguments. */
static int
expr_print_call(
    const struct expr_node *n, const char *name, size_t len, struct buf *out)
{
	bool infix =
	    n->n >= 2 && !((name[0] | 32) >= 'a' && (name[0] | 32) <= 'z');
	uint32_t i;

	if (!infix)
		buf_add(out, name, len);
	buf_addc(out, '(');
	for (i = 0; i < n->n; i++) {
		if (i > 0 && infix) {
			buf_addc(out, ' ');
			buf_add(out, name, len);
			buf_addc(out, ' ');
		} else if (i > 0) {
			buf_adds(out, ", ");
		}
		if (expr_print(n->kids[i], out) == -1)
			return -1;
	}
	return buf_addc(out, ')');
}

/* {a: 1} is setProperty(json('{}'), 'a', 1). */
static int
expr_print_object(const struct expr_node *n, struct buf *out)
{
	uint32_t i;

	for (i = 0; i < n->n; i++)
		buf_adds(out, "setProperty(");
	buf_adds(out, "json('{}')");
	for (i = 0; i < n->n; i++) {
		buf_adds(out, ", ");
		expr_print_text(n->names[i].s, n->names[i].n, out);
		buf_adds(out, ", ");
		if (expr_print(n->kids[i], out) == -1)
			return -1;
		buf_addc(out, ')');
	}
	return out->failed ? -1 : 0;
}

int
expr_print(const struct expr_node *n, struct buf *out)
{
	const char *type;

	switch ((enum expr_op)n->op) {
	case EXPR_CONST:
		return expr_print_const(&n->v, out);
	case EXPR_ACCESS:
		if (n->n > 0) {
			if (expr_print(n->kids[0], out) == -1)
				return -1;
			buf_addc(out, '.');
		}
		return buf_add(out, n->name, n->len);
	case EXPR_ELEMENT:
		if (expr_print(n->kids[0], out) == -1)
			return -1;
		buf_addc(out, '[');
		if (expr_print(n->kids[1], out) == -1)
			return -1;
		return buf_addc(out, ']');
	case EXPR_NOFN:
		return expr_print_call(n, n->name, n->len, out);
	case EXPR_OBJECT:
		return expr_print_object(n, out);
	case EXPR_CALL:
		break;
	}
	type = n->fn->type == NULL ? n->fn->name : n->fn->type;
	return expr_print_call(n, type, strlen(type), out);
}

/* -- values as text -- */

/* Text of a value that holds no others; false: it does. */
static bool
expr_scalar_text(const struct val *v, struct buf *out)
{
	char t[NUM_TEXT];
	size_t n;

	switch (v->kind) {
	case VAL_TEXT:
		uni_add(out, v->s, v->n);
		return true;
	case VAL_BOOL:
		buf_adds(out, v->b ? "true" : "false");
		return true;
	case VAL_NUM:
		n = num_text(v->num, t);
		buf_add(out, t, n);
		return true;
	case VAL_BIG:
		buf_addf(out, "%lld", (long long)v->big);
		return true;
	default:
		return false;
	}
}

int
expr_full(struct expr_run *x, const struct buf *out)
{
	if (out->nomem)
		return expr_nomem(x);
	return out->failed ? expr_limit(x, "a text is too long") : 0;
}

int
expr_json_text(struct expr_run *x, const struct val *v, struct buf *out)
{
	if (val_print_exact(v, out) == -1 && !out->failed)
		return expr_limit(x, "a value is nested too deep");
	return expr_full(x, out);
}

static int expr_list_text(struct expr_run *x, const struct val *v,
    struct buf *out, bool json, unsigned depth);

static int
expr_value_text(struct expr_run *x, const struct val *v, struct buf *out,
    bool json, unsigned depth)
{
	if (expr_step(x, 1) == -1)
		return -1;
	if (val_none(v) || expr_scalar_text(v, out))
		return expr_full(x, out);
	if (v->kind == VAL_OBJ && json)
		return expr_json_text(x, v, out);
	if (v->kind == VAL_OBJ) {
		buf_adds(out, "[object Object]");
		return expr_full(x, out);
	}
	return expr_list_text(x, v, out, json, depth);
}

/* Items joined by commas, those that are null or missing empty. */
static int
expr_list_text(struct expr_run *x, const struct val *v, struct buf *out,
    bool json, unsigned depth)
{
	uint32_t i;

	if (depth > VAL_DEPTH)
		return expr_limit(x, "a value is nested too deep");
	for (i = 0; i < v->n; i++) {
		if (i > 0)
			buf_addc(out, ',');
		if (v->kind == VAL_BYTES)
			buf_addf(out, "%u", v->bytes[i]);
		else if (expr_value_text(
			     x, &v->items[i], out, json, depth + 1) == -1)
			return -1;
	}
	return expr_full(x, out);
}

int
expr_js_text(struct expr_run *x, const struct val *v, struct buf *out)
{
	if (val_none(v)) {
		buf_adds(out, v->kind == VAL_NULL ? "null" : "undefined");
		return expr_full(x, out);
	}
	return expr_value_text(x, v, out, false, 0);
}

int
expr_join(struct expr_run *x, const struct val *v, struct buf *out)
{
	if (v->kind == VAL_MISSING && v->s != NULL) {
		buf_adds(out, "${");
		buf_add(out, v->s, v->n);
		buf_addc(out, '}');
		return expr_full(x, out);
	}
	return expr_value_text(x, v, out, true, 0);
}

int
expr_common_text(struct expr_run *x, const struct val *v, struct buf *out)
{
	if (val_none(v) || expr_scalar_text(v, out))
		return expr_full(x, out);
	return expr_json_text(x, v, out);
}

/* -- the size of a result -- */

static int
expr_weigh_deep(struct expr_run *x, const struct val *v, unsigned depth)
{
	uint32_t i;

	if (depth > VAL_DEPTH)
		return expr_limit(x, "a value is nested too deep");
	if (expr_step(x, 1) == -1)
		return -1;
	if (v->kind == VAL_TEXT && (x->bytes += v->n) > EXPR_BYTES)
		return expr_limit(x, "the result is too large");
	for (i = 0; v->kind == VAL_LIST && i < v->n; i++)
		if (expr_weigh_deep(x, &v->items[i], depth + 1) == -1)
			return -1;
	for (i = 0; v->kind == VAL_OBJ && i < v->n; i++)
		if (expr_weigh_deep(x, &v->obj->m[i].v, depth + 1) == -1)
			return -1;
	return 0;
}

int
expr_weigh(struct expr_run *x, const struct val *v)
{
	return expr_weigh_deep(x, v, 0);
}
