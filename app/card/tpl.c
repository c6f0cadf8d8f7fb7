/*
 * Compiling templates; see tpl.h.  What is the same for all data becomes a
 * value at once, so that rendering only touches what changes.
 */
#include "card/tpl.h"

#include <stdlib.h>
#include <string.h>

#include "base/uni.h"
#include "card/tpl_int.h"

struct tpl_comp {
	struct expr_code *code;
	struct arena *a;
	struct problems *ps;
	struct pointer at;
	const char *path; /* of the node, kept */
	bool failed;      /* memory */
	bool faulty;      /* some text does not compile */
	bool ticks;       /* a bare backtick is text */
	bool varies;      /* it has expressions */
	struct err *e;
};

static const struct tpl_node *tpl_node(
    struct tpl_comp *c, const struct json *j, bool raw);

static void *
tpl_alloc(struct tpl_comp *c, size_t n)
{
	void *p = arena_zalloc(c->a, n);

	if (p == NULL) {
		c->failed = true;
		err_nomem(c->e);
	}
	return p;
}

static struct tpl_node *
tpl_new(struct tpl_comp *c, enum tpl_op op)
{
	struct tpl_node *n = tpl_alloc(c, sizeof *n);

	if (n == NULL)
		return NULL;
	n->op = (uint8_t)op;
	n->path = arena_strdup(c->a, c->at.s);
	if (n->path == NULL) {
		c->failed = true;
		err_nomem(c->e);
		return NULL;
	}
	return n;
}

static struct tpl_node *
tpl_new_val(struct tpl_comp *c, struct val v)
{
	struct tpl_node *n = tpl_alloc(c, sizeof *n);

	if (n == NULL)
		return NULL;
	n->op = TPL_VAL;
	n->path = "";
	n->v = v;
	return n;
}

static int
tpl_copy(struct tpl_comp *c, const char *s, size_t n, struct val *out)
{
	char *t = tpl_alloc(c, n + 1);

	if (t == NULL)
		return -1;
	memcpy(t, s, n);
	*out = val_text(t, n);
	return 0;
}

/* -- texts -- */

struct tpl_parts {
	struct tpl_part *v;
	size_t n, cap;
	struct buf text; /* literal text since the last expression */
};

static int
tpl_part_add(struct tpl_comp *c, struct tpl_parts *p, struct tpl_part one)
{
	struct tpl_part *v;

	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 4 : p->cap * 2;
		if ((v = tpl_alloc(c, p->cap * sizeof *v)) == NULL)
			return -1;
		if (p->n > 0)
			memcpy(v, p->v, p->n * sizeof *v);
		p->v = v;
	}
	p->v[p->n++] = one;
	return 0;
}

/* What stands before an expression becomes a part. */
static int
tpl_part_text(struct tpl_comp *c, struct tpl_parts *p)
{
	struct tpl_part one = {.expr = NULL};

	if (p->text.failed) {
		c->failed = true;
		return err_nomem(c->e);
	}
	if (buf_len(&p->text) == 0)
		return 0;
	if (tpl_copy(c, buf_str(&p->text), buf_len(&p->text), &one.text) == -1)
		return -1;
	buf_clear(&p->text);
	return tpl_part_add(c, p, one);
}

static void
tpl_const_text(const struct val *v, struct buf *out)
{
	/* literals in expressions are scalars */
	if (v->kind == VAL_TEXT)
		uni_add(out, v->s, v->n);
	else if (v->kind > VAL_NULL)
		val_print(v, out);
}

static int
tpl_part_expr(
    struct tpl_comp *c, struct tpl_parts *p, const struct expr_node *expr)
{
	if (expr_is_const(expr)) {
		tpl_const_text(expr_const(expr), &p->text);
		return 0;
	}
	if (tpl_part_text(c, p) == -1)
		return -1;
	return tpl_part_add(c, p, (struct tpl_part){.expr = expr});
}

/* One ${expression}; NULL: a problem was added. */
static const struct expr_node *
tpl_expr(struct tpl_comp *c, const char *text, const struct expr_piece *piece)
{
	const struct expr_node *expr = expr_compile(c->code, piece->s, piece->n,
	    c->ps, c->at.s, (size_t)(piece->s - text), c->e);

	if (expr == NULL)
		c->faulty = true;
	else if (!expr_is_const(expr))
		c->varies = true;
	return expr;
}

/* A bare backtick would end the text, as the reference reads it. */
static bool
tpl_ticks(struct tpl_comp *c, const char *s, size_t n)
{
	struct expr_piece piece;
	bool found = false;
	size_t i = 0;

	while (expr_piece(s, n, &i, &piece)) {
		if (piece.kind != EXPR_PIECE_TICK)
			continue;
		problems_error(c->ps, "syntax", c->at.s, (size_t)(piece.s - s),
		    "syntax: in a text with ${ } a backtick must be written "
		    "\\`");
		found = c->faulty = true;
	}
	return found;
}

static const struct tpl_node *
tpl_joined(struct tpl_comp *c, struct tpl_parts *p)
{
	struct tpl_node *n;

	if (tpl_part_text(c, p) == -1)
		return NULL;
	if (p->n == 0)
		return tpl_new_val(c, val_text("", 0));
	if (p->n == 1 && p->v[0].expr == NULL)
		return tpl_new_val(c, p->v[0].text);
	if ((n = tpl_new(c, TPL_TEXT)) == NULL)
		return NULL;
	n->parts = p->v;
	n->n = (uint32_t)p->n;
	return n;
}

/* A text that is one expression and nothing else. */
static const struct tpl_node *
tpl_whole(struct tpl_comp *c, struct tpl_parts *p, const struct expr_node *expr)
{
	const struct expr_node *const *args;
	struct tpl_node *n;
	size_t count, i;

	if (expr_is_const(expr) && val_none(expr_const(expr)))
		return tpl_new_val(c, val_null());
	/* joining at the top is joining a text, with its rules */
	if ((args = expr_joined(expr, &count)) != NULL) {
		for (i = 0; i < count; i++)
			if (tpl_part_expr(c, p, args[i]) == -1)
				return NULL;
		return tpl_joined(c, p);
	}
	if (expr_is_const(expr)) /* a literal gives its text */
		return tpl_part_expr(c, p, expr) == -1 ? NULL
						       : tpl_joined(c, p);
	if ((n = tpl_new(c, TPL_EXPR)) != NULL)
		n->expr = expr;
	return n;
}

/* ${ that begins no expression stays as text, which few would want. */
static void
tpl_loose(struct tpl_comp *c, const char *s, const struct expr_piece *piece)
{
	size_t at = (size_t)(piece->s - s);

	if (piece->n > 1 && piece->s[0] == '$' && piece->s[1] == '{' &&
	    (at == 0 || s[at - 1] != '\\'))
		problems_warn(c->ps, "loose", c->at.s, at,
		    "this ${ is text: the expression is not closed, empty, or "
		    "has a line break");
}

static const struct tpl_node *
tpl_text_parts(struct tpl_comp *c, const char *s, struct tpl_parts *p)
{
	const struct expr_node *expr = NULL;
	struct expr_piece piece;
	size_t n = strlen(s), i = 0, pieces = 0;

	if (!c->ticks && tpl_ticks(c, s, n))
		return tpl_joined(c, p);
	while (expr_piece(s, n, &i, &piece)) {
		if (piece.kind != EXPR_PIECE_EXPR) {
			tpl_loose(c, s, &piece);
			buf_add(&p->text, piece.s, piece.n);
		} else if ((expr = tpl_expr(c, s, &piece)) != NULL) {
			if (pieces == 0 && i == n && p->text.len == 0)
				return tpl_whole(c, p, expr);
			if (tpl_part_expr(c, p, expr) == -1)
				return NULL;
		}
		pieces++;
	}
	return tpl_joined(c, p);
}

/* Raw: as it stands, but what is wrong in it is told. */
static const struct tpl_node *
tpl_text(struct tpl_comp *c, const char *s, bool raw)
{
	struct tpl_parts p = {NULL, 0, 0, {0}};
	const struct tpl_node *n = NULL;
	struct val v;

	if (strstr(s, "${") != NULL) {
		buf_init(&p.text, EXPR_TEXT);
		n = tpl_text_parts(c, s, &p);
		buf_done(&p.text);
		if (n == NULL || !raw)
			return n;
	}
	if (n != NULL && n->op != TPL_VAL)
		problems_warn(c->ps, "loose", c->at.s, PROBLEM_WHOLE,
		    "a literal $data is not evaluated: this ${ is text");
	if (tpl_copy(c, s, strlen(s), &v) == -1)
		return NULL;
	return tpl_new_val(c, v);
}

/* -- lists -- */

/* Items of a list without expressions, as they will come out. */
static int
tpl_flat(
    struct tpl_comp *c, struct val_vec *l, const struct tpl_node *kid, bool raw)
{
	uint32_t i;

	if (!raw && kid->v.kind == VAL_NULL)
		return 0;
	if (!raw && kid->v.kind == VAL_LIST) {
		for (i = 0; i < kid->v.n; i++)
			if (val_push(c->a, l, kid->v.items[i]) == -1)
				goto nomem;
		return 0;
	}
	if (val_push(c->a, l, kid->v) == 0)
		return 0;
nomem:
	c->failed = true;
	return err_nomem(c->e);
}

static const struct tpl_node *
tpl_list(struct tpl_comp *c, const struct json *j, bool raw)
{
	const struct tpl_node **kids;
	struct val_vec flat = {NULL, 0, 0};
	struct tpl_node *n;
	const struct json *x;
	size_t i = 0, mark, fixed = 0, count = json_count(j);

	if ((kids = tpl_alloc(c, (count + 1) * sizeof *kids)) == NULL)
		return NULL;
	for (x = json_first(j); x != NULL; x = json_next(x), i++) {
		mark = pointer_down_i(&c->at, i);
		kids[i] = tpl_node(c, x, raw);
		pointer_up(&c->at, mark);
		if (kids[i] == NULL)
			return NULL;
		fixed += kids[i]->op == TPL_VAL;
	}
	if (fixed == count) {
		for (i = 0; i < count; i++)
			if (tpl_flat(c, &flat, kids[i], raw) == -1)
				return NULL;
		return tpl_new_val(c, val_done(&flat));
	}
	if ((n = tpl_new(c, TPL_LIST)) == NULL)
		return NULL;
	n->items = kids;
	n->n = (uint32_t)count;
	return n;
}

/* -- objects -- */

static bool
tpl_reserved(const char *name)
{
	static const char *const names[] = {"$data", "$when", "$root", "$index",
	    "$host", "$_acTemplateVersion"};
	size_t i;

	for (i = 0; name[0] == '$' && i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
tpl_when_warn(struct tpl_comp *c, const char *what)
{
	problems_warn(c->ps, "when", c->at.s, PROBLEM_WHOLE,
	    "$when: only an expression decides, such as ${ready}; %s", what);
}

/* Is the text the literal ${true}, with blanks or parentheses or not? */
static bool
tpl_says_true(struct tpl_comp *c, const char *s)
{
	const struct expr_node *expr;
	struct expr_piece piece;
	size_t i = 0, n = strlen(s);

	if (!expr_piece(s, n, &i, &piece) || i < n ||
	    piece.kind != EXPR_PIECE_EXPR)
		return false;
	expr = expr_compile(c->code, piece.s, piece.n, NULL, "", 0, NULL);
	return expr != NULL && expr_is_const(expr) &&
	       expr_const(expr)->kind == VAL_BOOL && expr_const(expr)->b;
}

/*
 * $when: an expression decides.  ${true} keeps, and so do the literals 0,
 * null and ""; every other literal and every text drops the object.
 */
static void
tpl_when(struct tpl_comp *c, const struct json *j, const struct tpl_node *value,
    struct tpl_node *n)
{
	const char *s = json_str(j);

	if (value->op == TPL_EXPR) {
		n->when = TPL_IF;
		n->when_expr = value->expr;
		return;
	}
	n->when = TPL_NEVER;
	if (value->op == TPL_TEXT) {
		n->when = TPL_JOINED;
		n->when_text = value;
	}
	if ((s != NULL && (*s == '\0' || tpl_says_true(c, s))) ||
	    json_kind(j) == JSON_NULL ||
	    (json_kind(j) == JSON_NUMBER && json_num(j) == 0))
		n->when = TPL_ALWAYS;
	tpl_when_warn(c, n->when == TPL_ALWAYS ? "this keeps the object"
					       : "this drops the object");
}

/* A member that controls its object; 1: it was one, 0, -1. */
static int
tpl_control(struct tpl_comp *c, const struct json *x, struct tpl_node *n)
{
	const char *name = json_name(x);
	const struct tpl_node *value;
	size_t mark;
	int rc = 1;

	if (!tpl_reserved(name))
		return 0;
	mark = pointer_down(&c->at, name, strlen(name));
	/* also what has no effect must be right */
	if ((value = tpl_node(c, x, json_kind(x) != JSON_STRING)) == NULL)
		rc = -1;
	else if (strcmp(name, "$when") == 0)
		tpl_when(c, x, value, n);
	else if (strcmp(name, "$data") == 0)
		n->data = value;
	pointer_up(&c->at, mark);
	return rc;
}

static const struct tpl_node *
tpl_fixed_obj(struct tpl_comp *c, const char *path, const struct tpl_member *m,
    size_t count)
{
	struct val_obj *o = val_obj_new(c->a, count);
	struct tpl_node *n;
	size_t i;

	for (i = 0; o != NULL && i < count; i++)
		if (val_put_hash(c->a, o, m[i].name, m[i].len, m[i].hash,
			m[i].node->v) == -1)
			o = NULL;
	if (o == NULL) {
		c->failed = true;
		err_nomem(c->e);
		return NULL;
	}
	if ((n = tpl_new_val(c, val_of(o))) != NULL)
		n->path = path;
	return n;
}

static int
tpl_member(
    struct tpl_comp *c, const struct json *x, bool raw, struct tpl_member *m)
{
	const char *name = json_name(x);
	size_t len = strlen(name), mark;
	struct val v;

	mark = pointer_down(&c->at, name, len);
	m->node = tpl_node(c, x, raw);
	pointer_up(&c->at, mark);
	if (m->node == NULL || tpl_copy(c, name, len, &v) == -1)
		return -1;
	m->name = v.s;
	m->len = (uint32_t)len;
	m->hash = uni_ihash(name, len);
	return 0;
}

/* Of members with one name the last counts, at the place of the first. */
static size_t
tpl_member_slot(const struct tpl_member *m, size_t n, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < n; i++)
		if (m[i].len == len && memcmp(m[i].name, name, len) == 0)
			break;
	return i;
}

static const struct tpl_node *
tpl_obj(struct tpl_comp *c, const struct json *j, bool raw)
{
	struct tpl_node *n = tpl_new(c, TPL_OBJ);
	size_t count = 0, fixed = 0, slot, i;
	struct tpl_member *m;
	const struct json *x;
	int rc;

	m = tpl_alloc(c, (json_count(j) + 1) * sizeof *m);
	if (n == NULL || m == NULL)
		return NULL;
	for (x = json_first(j); x != NULL; x = json_next(x)) {
		rc = raw ? 0 : tpl_control(c, x, n);
		if (rc == -1)
			return NULL;
		if (rc == 1)
			continue;
		slot = tpl_member_slot(m, count, json_name(x));
		if (tpl_member(c, x, raw, &m[slot]) == -1)
			return NULL;
		count += slot == count;
	}
	for (i = 0; i < count; i++)
		fixed += m[i].node->op == TPL_VAL;
	if (fixed == count && n->data == NULL && n->when == TPL_ALWAYS)
		return tpl_fixed_obj(c, n->path, m, count);
	n->members = m;
	n->n = (uint32_t)count;
	return n;
}

/* -- the whole -- */

static const struct tpl_node *
tpl_node(struct tpl_comp *c, const struct json *j, bool raw)
{
	switch (json_kind(j)) {
	case JSON_STRING:
		return tpl_text(c, json_str(j), raw);
	case JSON_LIST:
		return tpl_list(c, j, raw);
	case JSON_OBJECT:
		return tpl_obj(c, j, raw);
	case JSON_BOOL:
		return tpl_new_val(c, val_bool(json_true(j)));
	case JSON_NUMBER:
		return tpl_new_val(c, val_num(json_num(j)));
	default:
		return tpl_new_val(c, val_null());
	}
}

struct tpl *
tpl_compile(const struct json *j, struct problems *ps, struct err *e)
{
	return tpl_compile_part(j, "", false, ps, e);
}

struct tpl *
tpl_compile_part(const struct json *j, const char *path, bool ticks,
    struct problems *ps, struct err *e)
{
	struct problems own = PROBLEMS_INIT;
	struct tpl_comp c = {
	    .ps = ps == NULL ? &own : ps, .e = e, .ticks = ticks};
	const struct problem *fault;
	const struct tpl_node *root;
	struct tpl *t = NULL;
	size_t first = c.ps->n;

	pointer_set(&c.at, path);
	if ((c.code = expr_code_new(EXPR_TEMPLATE)) == NULL) {
		err_nomem(e);
		goto out;
	}
	c.a = expr_code_arena(c.code);
	root = tpl_node(&c, j, false);
	if (root == NULL || c.failed || c.ps->failed) {
		err_nomem(e);
		goto out;
	}
	if (c.faulty) {
		if ((fault = problems_fault(c.ps, first)) != NULL)
			err_set(e, ERR_PERM, "%s%s%s", fault->path,
			    *fault->path != '\0' ? ": " : "", fault->text);
		else
			err_set(e, ERR_PERM, "the template has errors");
		goto out;
	}
	if ((t = arena_zalloc(c.a, sizeof *t)) == NULL) {
		err_nomem(e);
		goto out;
	}
	t->code = c.code;
	t->root = root;
	t->fixed = !c.varies;
out:
	if (t == NULL)
		expr_code_free(c.code);
	problems_done(&own);
	return t;
}

void
tpl_free(struct tpl *t)
{
	if (t != NULL)
		expr_code_free(t->code);
}

bool
tpl_fixed(const struct tpl *t)
{
	return t->fixed;
}

bool
tpl_uses(const struct tpl *t, const char *name)
{
	return expr_uses(t->code, name);
}
