/*
 * Expressions from text to a tree, by precedence climbing.  Types and
 * argument counts are checked as calls are made.  Recursion is bounded by
 * EXPR_DEPTH.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/uni.h"
#include "card/expr_int.h"
#include "card/expr_lex.h"

struct expr_parse {
	struct expr_lex l;
	struct expr_code *c;
	struct problems *ps;
	const char *path;
	size_t at;    /* of l.s in the text at `path` */
	size_t found; /* problems beside syntax so far */
	struct err *e;
	unsigned depth;
	bool failed; /* memory */
};

/* One level of precedence; the right side takes `right` and tighter. */
struct expr_binary {
	enum expr_tok tok;
	uint8_t level;
	uint8_t right;
	const char *fn;
};

enum { LEVEL_ASK = 1, LEVEL_UNARY = 12 };

static const struct expr_binary expr_binaries[] = {
    {TOK_POW, 11, 11, "^"},
    {TOK_MUL, 10, 11, "*"},
    {TOK_DIV, 10, 11, "/"},
    {TOK_MOD, 10, 11, "%"},
    {TOK_ADD, 9, 10, "+"},
    {TOK_SUB, 9, 10, "-"},
    {TOK_EQ, 8, 9, "=="},
    {TOK_NE, 8, 9, "!="},
    {TOK_LTGT, 8, 9, "<>"},
    {TOK_JOIN, 7, 8, "&"},
    {TOK_LT, 6, 7, "<"},
    {TOK_LE, 6, 7, "<="},
    {TOK_GT, 6, 7, ">"},
    {TOK_GE, 6, 7, ">="},
    {TOK_AND, 5, 6, "&&"},
    {TOK_OR, 4, 5, "||"},
    {TOK_ELSE, 3, 4, "??"},
    {TOK_ASK, LEVEL_ASK, 2, "if"},
};

static struct expr_node *expr_parse_level(struct expr_parse *p, int level);

/* -- failing -- */

static struct expr_node *
expr_syntax(struct expr_parse *p, const char *what)
{
	size_t n = p->l.to - p->l.from;

	if (p->failed)
		return NULL;
	problems_cut(p->ps, p->found);
	if (p->l.tok == TOK_END)
		problems_error(p->ps, "syntax", p->path, p->at + p->l.from,
		    "syntax: the expression ends here, %s", what);
	else
		problems_error(p->ps, "syntax", p->path, p->at + p->l.from,
		    "syntax: unexpected %.*s, %s", (int)(n > 40 ? 40 : n),
		    p->l.s + p->l.from, what);
	p->failed = true;
	return NULL;
}

static struct expr_node *
expr_parse_nomem(struct expr_parse *p)
{
	err_nomem(p->e);
	p->failed = true;
	return NULL;
}

static void *
expr_parse_alloc(struct expr_parse *p, size_t n)
{
	void *m = arena_zalloc(p->c->a, n);

	if (m == NULL)
		expr_parse_nomem(p);
	return m;
}

/* -- making nodes -- */

#define KIDS_MAX 4096

/* Kids while they are read. */
struct expr_kids {
	struct expr_node **v;
	size_t n, cap;
};

static int
expr_kids_add(struct expr_parse *p, struct expr_kids *k, struct expr_node *kid)
{
	struct expr_node **v;
	size_t cap = k->cap == 0 ? 4 : k->cap * 2;

	if (kid == NULL)
		return -1;
	if (k->n == k->cap) {
		if (cap > KIDS_MAX) {
			expr_syntax(p, "too many of them");
			return -1;
		}
		if ((v = expr_parse_alloc(p, cap * sizeof *v)) == NULL)
			return -1;
		if (k->n > 0)
			memcpy(v, k->v, k->n * sizeof *v);
		k->v = v;
		k->cap = cap;
	}
	k->v[k->n++] = kid;
	return 0;
}

static struct expr_node *
expr_make(struct expr_parse *p, enum expr_op op, size_t from,
    struct expr_node **kids, size_t n)
{
	struct expr_node *x = expr_parse_alloc(p, sizeof *x);
	size_t i;

	if (x == NULL)
		return NULL;
	x->op = (uint8_t)op;
	x->ret = EXPR_T_ANY;
	x->at = (uint32_t)(p->at + from);
	x->kids = kids;
	x->n = (uint32_t)n;
	for (i = 0; i < n; i++)
		if (kids[i]->deep > x->deep)
			x->deep = kids[i]->deep;
	if (++x->deep > EXPR_DEPTH)
		return expr_syntax(p, "too many operations in one another");
	return x;
}

static struct expr_node **
expr_pair(struct expr_parse *p, struct expr_node *a, struct expr_node *b)
{
	struct expr_node **v;

	if (a == NULL || (v = expr_parse_alloc(p, 2 * sizeof *v)) == NULL)
		return NULL;
	v[0] = a;
	v[1] = b;
	return v;
}

static struct expr_node *
expr_make_const(struct expr_parse *p, size_t from, struct val v, int ret)
{
	struct expr_node *x = expr_make(p, EXPR_CONST, from, NULL, 0);

	if (x == NULL)
		return NULL;
	x->v = v;
	x->ret = (uint8_t)ret;
	return x;
}

static struct expr_node *
expr_make_unknown(struct expr_parse *p, const char *name, size_t len,
    size_t from, struct expr_node **kids, size_t n)
{
	struct expr_node *x = expr_make(p, EXPR_NOFN, from, kids, n);
	const char *near = expr_fn_near(name, len);

	if (x == NULL)
		return NULL;
	x->name = name;
	x->len = (uint32_t)len;
	x->ret = EXPR_T_TEXT;
	problems_error(p->ps, "unknown-function", p->path, p->at + from,
	    "unknown function %.*s%s%s%s", (int)(len > 60 ? 60 : len), name,
	    near == NULL ? "" : ", did you mean ", near == NULL ? "" : near,
	    near == NULL ? "" : "?");
	return x;
}

/* A constant pattern is compiled at once: it must be right. */
static int
expr_make_re(struct expr_parse *p, struct expr_node *x)
{
	const struct expr_node *k = x->kids[1];
	struct err why = ERR_INIT;

	if (k->op != EXPR_CONST || k->v.kind != VAL_TEXT)
		return 0;
	if (strcmp(x->fn->name, "isMatch") != 0 && k->v.n == 0)
		return 0;
	x->re = expr_code_re(
	    p->c, k->v.s, k->v.n, strcmp(x->fn->name, "isMatch") != 0, &why);
	if (x->re == NULL && why.kind == ERR_BUG)
		return expr_parse_nomem(p), -1;
	if (x->re == NULL && strcmp(x->fn->name, "isMatch") == 0)
		problems_error(p->ps, "arguments", p->path, k->at,
		    "isMatch: not a regular expression: %s", why.text);
	return 0;
}

static struct expr_node *
expr_make_call(struct expr_parse *p, const char *name, size_t len, size_t from,
    struct expr_node **kids, size_t n)
{
	const struct expr_fn *fn = expr_fn_find(name, len);
	struct expr_node *x;
	const char *what;
	char text[160];
	size_t bad;

	if (fn == NULL)
		return expr_make_unknown(p, name, len, from, kids, n);
	if ((x = expr_make(p, EXPR_CALL, from, kids, n)) == NULL)
		return NULL;
	x->fn = fn;
	x->ret = fn->ret;
	bad = n;
	what = expr_fn_check(fn, kids, n, text, sizeof text, &bad);
	if (what != NULL)
		problems_error(p->ps, "arguments", p->path,
		    bad < n ? kids[bad]->at : p->at + from, "%s: %s", fn->name,
		    what);
	else if ((fn->flags & EXPR_F_PATTERN) && expr_make_re(p, x) == -1)
		return NULL;
	if (fn->flags & EXPR_F_WHOLE)
		p->c->uses_all = true;
	return x;
}

static struct expr_node *
expr_make_fn(struct expr_parse *p, const char *name, size_t from,
    struct expr_node *a, struct expr_node *b)
{
	struct expr_node **kids = expr_pair(p, a, b);

	if (kids == NULL)
		return NULL;
	return expr_make_call(
	    p, name, strlen(name), from, kids, b == NULL ? 1 : 2);
}

static struct expr_node *
expr_make_access(struct expr_parse *p, const char *name, size_t len,
    size_t from, struct expr_node *left)
{
	struct expr_node *x, **kids = NULL;

	if (left != NULL && (kids = expr_pair(p, left, NULL)) == NULL)
		return NULL;
	if ((x = expr_make(p, EXPR_ACCESS, from, kids, left != NULL)) == NULL)
		return NULL;
	x->name = name;
	x->len = (uint32_t)len;
	if (left != NULL && (left->ret & EXPR_T_ANY) == 0)
		problems_error(p->ps, "arguments", p->path, p->at + from,
		    ".%.*s: what stands before the point has no members",
		    (int)len, name);
	return x;
}

/* -- atoms -- */

static void
expr_next(struct expr_parse *p, bool operand)
{
	expr_lex_next(&p->l, operand);
}

/* A quoted text: \\ \n \r \t and the own quote; others stay as they are. */
static struct expr_node *
expr_parse_text(struct expr_parse *p)
{
	const char *s = p->l.s + p->l.from + 1;
	size_t n = p->l.to - p->l.from - 2, i, len = 0, from = p->l.from;
	char q = s[-1], *t, c;

	if ((t = expr_parse_alloc(p, n + 1)) == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		c = s[i];
		if (c == '\\' && i + 1 < n) {
			if (s[i + 1] == q || s[i + 1] == '\\')
				c = s[++i];
			else if (s[i + 1] == 'n')
				c = '\n', i++;
			else if (s[i + 1] == 'r')
				c = '\r', i++;
			else if (s[i + 1] == 't')
				c = '\t', i++;
		}
		t[len++] = c;
	}
	expr_next(p, false);
	return expr_make_const(p, from, val_text(t, len), EXPR_T_TEXT);
}

static struct expr_node *
expr_parse_number(struct expr_parse *p)
{
	size_t from = p->l.from;
	double d = 0;

	num_read(p->l.s + from, p->l.to - from, &d);
	expr_next(p, false);
	return expr_make_const(p, from, val_num(d), EXPR_T_NUM);
}

static struct expr_node *
expr_parse_name(struct expr_parse *p)
{
	static const struct {
		const char *s;
		struct val v;
		int ret;
	} words[] = {
	    {"true", {.kind = VAL_BOOL, .b = true}, EXPR_T_BOOL},
	    {"false", {.kind = VAL_BOOL}, EXPR_T_BOOL},
	    {"null", {.kind = VAL_NULL}, EXPR_T_ANY},
	    {"undefined", {.kind = VAL_MISSING}, EXPR_T_ANY},
	};
	const char *s = p->l.s + p->l.from;
	size_t n = p->l.to - p->l.from, from = p->l.from, i;

	expr_next(p, false);
	for (i = 0; i < 4; i++)
		if (strlen(words[i].s) == n && memcmp(s, words[i].s, n) == 0)
			return expr_make_const(
			    p, from, words[i].v, words[i].ret);
	return expr_make_access(p, s, n, from, NULL);
}

static struct expr_node *
expr_parse_lambda(struct expr_parse *p, struct expr_kids *k)
{
	size_t from = p->l.from;
	struct expr_node *name =
	    expr_make_access(p, p->l.s + from, p->l.to - from, from, NULL);

	expr_next(p, true);
	if (expr_kids_add(p, k, name) == -1)
		return NULL;
	expr_next(p, true);
	return expr_parse_level(p, LEVEL_ASK);
}

/* Expressions up to `close`; the current word is the first one. */
static int
expr_parse_list(struct expr_parse *p, struct expr_kids *k, enum expr_tok close)
{
	bool lambda;

	if (p->l.tok == close) {
		expr_next(p, false);
		return 0;
	}
	for (;;) {
		lambda =
		    p->l.tok == TOK_NAME && expr_lex_peek(&p->l) == TOK_ARROW;
		if (expr_kids_add(p, k,
			lambda ? expr_parse_lambda(p, k)
			       : expr_parse_level(p, LEVEL_ASK)) == -1)
			return -1;
		if (p->l.tok == close)
			break;
		if (p->l.tok != TOK_COMMA) {
			expr_syntax(p, close == TOK_CLOSE
					   ? "',' or ')' was expected"
					   : "',' or ']' was expected");
			return -1;
		}
		expr_next(p, true);
	}
	expr_next(p, false);
	return 0;
}

static int
expr_parse_member(
    struct expr_parse *p, struct expr_name *name, struct expr_kids *k)
{
	bool quoted = p->l.tok == TOK_TEXT;

	if (!quoted && p->l.tok != TOK_NAME) {
		expr_syntax(p, "a member name was expected");
		return -1;
	}
	name->s = p->l.s + p->l.from + quoted;
	name->n = (uint32_t)(p->l.to - p->l.from - 2 * quoted);
	name->hash = uni_ihash(name->s, name->n);
	expr_next(p, false);
	if (p->l.tok != TOK_COLON) {
		expr_syntax(p, "':' was expected");
		return -1;
	}
	expr_next(p, true);
	return expr_kids_add(p, k, expr_parse_level(p, LEVEL_ASK));
}

static struct expr_node *
expr_parse_object(struct expr_parse *p)
{
	struct expr_name *names = NULL, *more;
	struct expr_kids k = {NULL, 0, 0};
	size_t from = p->l.from, cap = 0;
	struct expr_node *x;

	expr_next(p, true);
	while (p->l.tok != TOK_CLOSE_OBJ) {
		if (k.n == cap) {
			cap = cap == 0 ? 8 : cap * 2;
			more = expr_parse_alloc(p, cap * sizeof *more);
			if (more == NULL)
				return NULL;
			if (k.n > 0)
				memcpy(more, names, k.n * sizeof *more);
			names = more;
		}
		if (expr_parse_member(p, &names[k.n], &k) == -1)
			return NULL;
		if (p->l.tok == TOK_CLOSE_OBJ)
			break;
		if (p->l.tok != TOK_COMMA)
			return expr_syntax(p, "',' or '}' was expected");
		expr_next(p, true);
		if (p->l.tok == TOK_CLOSE_OBJ)
			return expr_syntax(p, "a member name was expected");
	}
	expr_next(p, false);
	if ((x = expr_make(p, EXPR_OBJECT, from, k.v, k.n)) != NULL)
		x->names = names;
	return x;
}

/* `text with ${expressions}`: joined. */
static struct expr_node *
expr_parse_tick(struct expr_parse *p)
{
	size_t from = p->l.from, i = p->l.to;
	struct expr_kids k = {NULL, 0, 0};
	struct expr_piece piece;
	struct expr_node *x;

	if (expr_kids_add(p, &k,
		expr_make_const(p, from, val_text("", 0), EXPR_T_TEXT)) == -1)
		return NULL;
	for (;;) {
		if (!expr_piece(p->l.s, p->l.n, &i, &piece)) {
			p->l.from = from;
			p->l.to = p->l.n;
			return expr_syntax(p, "the closing ` is missing");
		}
		if (piece.kind == EXPR_PIECE_TICK)
			break;
		if (piece.kind == EXPR_PIECE_EXPR) {
			size_t found = p->ps == NULL ? 0 : p->ps->n;

			x = expr_compile(p->c, piece.s, piece.n, p->ps, p->path,
			    p->at + (size_t)(piece.s - p->l.s), p->e);
			/* its fault is ours; keep what it said */
			if (x == NULL && p->ps != NULL && p->ps->n > found)
				p->failed = true;
		} else {
			x = expr_make_const(p, (size_t)(piece.s - p->l.s),
			    val_text(piece.s, piece.n), EXPR_T_TEXT);
		}
		if (expr_kids_add(p, &k, x) == -1) {
			p->failed = true;
			return NULL;
		}
	}
	p->l.to = i;
	expr_next(p, false);
	return expr_make_call(p, "concat", 6, from, k.v, k.n);
}

static struct expr_node *
expr_parse_atom(struct expr_parse *p)
{
	struct expr_kids k = {NULL, 0, 0};
	size_t from = p->l.from;
	struct expr_node *x;

	switch (p->l.tok) {
	case TOK_NAME:
		return expr_parse_name(p);
	case TOK_NUMBER:
		return expr_parse_number(p);
	case TOK_TEXT:
		return expr_parse_text(p);
	case TOK_TICK:
		return expr_parse_tick(p);
	case TOK_OPEN_OBJ:
		return expr_parse_object(p);
	case TOK_OPEN:
		expr_next(p, true);
		x = expr_parse_level(p, LEVEL_ASK);
		if (x != NULL && p->l.tok != TOK_CLOSE)
			return expr_syntax(p, "')' was expected");
		expr_next(p, false);
		return x;
	case TOK_OPEN_LIST:
		expr_next(p, true);
		if (expr_parse_list(p, &k, TOK_CLOSE_LIST) == -1)
			return NULL;
		return expr_make_call(p, "createArray", 11, from, k.v, k.n);
	default:
		return expr_syntax(p, "a value was expected");
	}
}

/* The source without blanks: the name of a call is what stands before (. */
static const char *
expr_squeeze(struct expr_parse *p, size_t from, size_t to, size_t *len)
{
	struct expr_lex l = {.s = p->l.s, .n = to, .to = from};
	char *t = expr_parse_alloc(p, to - from + 1);

	*len = 0;
	if (t == NULL)
		return NULL;
	for (expr_lex_next(&l, true); l.tok != TOK_END;
	     expr_lex_next(&l, false)) {
		memcpy(t + *len, l.s + l.from, l.to - l.from);
		*len += l.to - l.from;
	}
	return t;
}

static struct expr_node *
expr_parse_call(struct expr_parse *p, size_t from, size_t to, bool bang)
{
	struct expr_kids k = {NULL, 0, 0};
	const char *name;
	size_t len;

	if (bang)
		to = p->l.to;
	if ((name = expr_squeeze(p, from, to, &len)) == NULL)
		return NULL;
	if (bang)
		expr_next(p, true);
	expr_next(p, true);
	if (expr_parse_list(p, &k, TOK_CLOSE) == -1)
		return NULL;
	return expr_make_call(p, name, len, from, k.v, k.n);
}

static struct expr_node *
expr_parse_postfix(struct expr_parse *p)
{
	size_t from = p->l.from, found = p->ps->n, end, at;
	struct expr_node *x = expr_parse_atom(p), *index, **kids;

	while (x != NULL) {
		/* the word before the current one ended here */
		end = at = p->l.from;
		if (p->l.tok == TOK_DOT) {
			expr_next(p, true);
			if (p->l.tok != TOK_NAME)
				return expr_syntax(
				    p, "a name after the point was expected");
			x = expr_make_access(p, p->l.s + p->l.from,
			    p->l.to - p->l.from, p->l.from, x);
			expr_next(p, false);
		} else if (p->l.tok == TOK_OPEN ||
			   (p->l.tok == TOK_NOT &&
			       expr_lex_peek(&p->l) == TOK_OPEN)) {
			/* what stands before ( is but a name */
			problems_cut(p->ps, found);
			x = expr_parse_call(p, from, end, p->l.tok == TOK_NOT);
		} else if (p->l.tok == TOK_OPEN_LIST) {
			expr_next(p, true);
			index = expr_parse_level(p, LEVEL_ASK);
			if (index == NULL)
				return NULL;
			if (p->l.tok != TOK_CLOSE_LIST)
				return expr_syntax(p, "']' was expected");
			expr_next(p, false);
			kids = expr_pair(p, x, index);
			x = kids == NULL
				? NULL
				: expr_make(p, EXPR_ELEMENT, at, kids, 2);
		} else {
			break;
		}
	}
	return x;
}

static struct expr_node *
expr_parse_unary(struct expr_parse *p)
{
	enum expr_tok tok = p->l.tok;
	size_t from = p->l.from;
	struct expr_node *x;

	if (tok != TOK_NOT && tok != TOK_SUB && tok != TOK_ADD)
		return expr_parse_postfix(p);
	expr_next(p, true);
	if ((x = expr_parse_level(p, LEVEL_UNARY)) == NULL)
		return NULL;
	if (tok == TOK_NOT)
		return expr_make_fn(p, "!", from, x, NULL);
	return expr_make_fn(p, tok == TOK_SUB ? "-" : "+", from,
	    expr_make_const(p, from, val_num(0), EXPR_T_NUM), x);
}

/* After `a ?`: b : c. */
static struct expr_node *
expr_parse_ask(
    struct expr_parse *p, size_t from, struct expr_node *cond, int right)
{
	struct expr_node **kids = expr_parse_alloc(p, 3 * sizeof *kids);

	if (kids == NULL)
		return NULL;
	kids[0] = cond;
	if ((kids[1] = expr_parse_level(p, LEVEL_ASK)) == NULL)
		return NULL;
	if (p->l.tok != TOK_COLON)
		return expr_syntax(p, "':' was expected");
	expr_next(p, true);
	if ((kids[2] = expr_parse_level(p, right)) == NULL)
		return NULL;
	return expr_make_call(p, "if", 2, from, kids, 3);
}

static const struct expr_binary *
expr_binary(enum expr_tok tok)
{
	size_t i;

	for (i = 0; i < sizeof expr_binaries / sizeof expr_binaries[0]; i++)
		if (expr_binaries[i].tok == tok)
			return &expr_binaries[i];
	return NULL;
}

static struct expr_node *
expr_parse_level(struct expr_parse *p, int level)
{
	const struct expr_binary *b;
	struct expr_node *x, *right;
	size_t at;

	if (++p->depth > EXPR_NEST)
		return expr_syntax(p, "too many parentheses in one another");
	x = expr_parse_unary(p);
	while (x != NULL && (b = expr_binary(p->l.tok)) != NULL &&
	       b->level >= level) {
		at = p->l.from;
		expr_next(p, true);
		if (b->tok == TOK_ASK) {
			x = expr_parse_ask(p, at, x, b->right);
		} else {
			right = expr_parse_level(p, b->right);
			x = right == NULL
				? NULL
				: expr_make_fn(p, b->fn, at, x, right);
		}
	}
	p->depth--;
	return x;
}

struct expr_node *
expr_compile(struct expr_code *c, const char *text, size_t len,
    struct problems *ps, const char *path, size_t at, struct err *e)
{
	struct problems own = PROBLEMS_INIT;
	struct expr_parse p = {.c = c,
	    .ps = ps == NULL ? &own : ps,
	    .path = path,
	    .at = at,
	    .e = e};
	struct expr_node *x = NULL;
	size_t errors, i;

	if ((p.l.s = arena_strndup(c->a, text, len)) == NULL) {
		err_nomem(e);
		goto out;
	}
	p.found = p.ps->n;
	errors = p.ps->errors;
	p.l.n = len;
	p.l.to = len > 0 && text[0] == '='; /* as in a formula */
	if (p.l.to == len) {
		x = expr_make_const(&p, 0, val_text("", 0), EXPR_T_TEXT);
		goto out;
	}
	expr_next(&p, true);
	x = expr_parse_level(&p, LEVEL_ASK);
	if (x != NULL && p.l.tok != TOK_END)
		x = expr_syntax(&p, "an operator or the end was expected");
	if (x == NULL || expr_bind(c, x, e) == -1) {
		x = NULL;
		goto out;
	}
	/* In a template an unknown function fails only when it is called. */
	for (i = p.found; p.ps->errors > errors && i < p.ps->n; i++)
		if (c->mode == EXPR_PLAIN ||
		    strcmp(p.ps->v[i].code, "unknown-function") != 0)
			x = NULL;
out:
	if (x == NULL && !p.ps->failed && p.ps->errors == 0)
		err_nomem(e);
	problems_done(&own);
	return x;
}
