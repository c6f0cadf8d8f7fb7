/*
 * Names and paths.  A chain such as a.b['c'][0].d is one path text, which is
 * split at points and brackets; each part is a member name or, on a list, a
 * place.  When all of it is known, splitting is done once.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/uni.h"
#include "card/expr_int.h"

/* -- parts -- */

static bool
expr_is_sep(char c)
{
	return c == '.' || c == '[' || c == ']';
}

/* A leading whole number as parseInt reads it; NAN: none. */
static double
expr_part_index(const char *s, size_t n)
{
	size_t i = 0, from;
	bool neg;
	double d = 0;

	s = uni_trim(s, &n);
	neg = n > 0 && s[0] == '-';
	i = n > 0 && (s[0] == '-' || s[0] == '+');
	for (from = i; i < n && isdigit((unsigned char)s[i]); i++)
		d = d * 10 + (s[i] - '0');
	return i == from ? NAN : neg ? -d : d;
}

/* The next part of a path; false: the end. */
static bool
expr_part(const char *path, size_t len, size_t *at, struct expr_part *p)
{
	size_t i = *at, n;

	while (i < len && expr_is_sep(path[i]))
		i++;
	if (i == len)
		return false;
	p->s = path + i;
	while (i < len && !expr_is_sep(path[i]))
		i++;
	*at = i;
	n = (size_t)(path + i - p->s);
	if ((p->s[0] == '\'' || p->s[0] == '"') && p->s[n - 1] == p->s[0]) {
		p->s++; /* a lone quote is both ends at once */
		n = n < 2 ? 0 : n - 2;
	}
	p->n = (uint32_t)n;
	p->hash = uni_ihash(p->s, n);
	p->index = expr_part_index(p->s, n);
	return true;
}

/* -- looking -- */

int
expr_units(struct expr_run *x, const struct val *t, size_t from, size_t to,
    struct val *out)
{
	size_t mark = buf_len(&x->tmp);

	if (from < to && uni_ascii(t->s, t->n)) {
		if (to > t->n)
			to = t->n;
		*out = val_text(t->s + from, to - from);
		return 0;
	}
	uni_slice(t->s, t->n, from, to, &x->tmp);
	return expr_take(x, mark, out);
}

/* "0", "12": as JavaScript names the places of a list; -1: another name. */
static double
expr_place(const char *s, size_t n)
{
	double d = 0;
	size_t i;

	if (n == 0 || n > 10 || (n > 1 && s[0] == '0'))
		return -1;
	for (i = 0; i < n; i++) {
		if (!isdigit((unsigned char)s[i]))
			return -1;
		d = d * 10 + (s[i] - '0');
	}
	return d;
}

static int
expr_find(struct expr_run *x, const struct val *v, const char *name, size_t len,
    uint32_t hash, struct val *out)
{
	const struct val *m;
	double place;

	*out = val_missing();
	if (v->kind == VAL_OBJ) {
		if ((m = val_find(v, name, len, hash)) != NULL)
			*out = *m;
		return 0;
	}
	if (v->kind != VAL_LIST && v->kind != VAL_TEXT)
		return 0;
	if ((place = expr_place(name, len)) < 0)
		return 0;
	if (v->kind == VAL_LIST) {
		if (place < v->n)
			*out = v->items[(size_t)place];
		return 0;
	}
	if (place < (double)uni_units(v->s, v->n))
		return expr_units(x, v, (size_t)place, (size_t)place + 1, out);
	return 0;
}

int
expr_member(struct expr_run *x, const struct val *v, const char *name,
    size_t len, struct val *out)
{
	return expr_find(x, v, name, len, uni_ihash(name, len), out);
}

int
expr_item(
    struct expr_run *x, const struct val *v, double index, struct val *out)
{
	/* what stands for a missing member is no list */
	if (val_none(v) && !(v->kind == VAL_MISSING && v->s != NULL)) {
		*out = val_missing();
		return 0;
	}
	if (v->kind != VAL_LIST)
		return expr_fail(x, "%s has no items", val_kind_name(v));
	if (index < 0 || index >= v->n)
		return expr_fail(x, "item %.0f of a list of %u", index, v->n);
	*out = v->items[(size_t)index];
	return 0;
}

/* One step down; *out is missing when there is nothing. */
static int
expr_down(struct expr_run *x, const struct expr_part *p, struct val *v)
{
	const struct val at = *v;

	if (at.kind == VAL_LIST && !isnan(p->index)) {
		*v = p->index >= 0 && p->index < at.n
			 ? at.items[(size_t)p->index]
			 : val_missing();
		return 0;
	}
	return expr_find(x, &at, p->s, p->n, p->hash, v);
}

static int
expr_walk(struct expr_run *x, const struct val *scope,
    const struct expr_part *p, size_t n, struct val *out)
{
	size_t i;

	*out = *scope;
	for (i = 0; i < n && out->kind != VAL_MISSING; i++)
		if (expr_down(x, &p[i], out) == -1)
			return -1;
	if (out->kind == VAL_MISSING)
		*out = val_missing();
	return 0;
}

int
expr_lookup(struct expr_run *x, const struct val *scope, const char *path,
    size_t len, struct val *out)
{
	struct expr_part p;
	size_t at = 0;
	bool any = false;

	*out = *scope;
	while (expr_part(path, len, &at, &p)) {
		any = true;
		if (out->kind == VAL_MISSING)
			break;
		if (expr_down(x, &p, out) == -1)
			return -1;
	}
	if (!any || out->kind == VAL_MISSING)
		*out = val_missing();
	return 0;
}

static const struct {
	const char *name;
	enum expr_base base;
} expr_bases[] = {
    {"$root", EXPR_BASE_ROOT},
    {"$data", EXPR_BASE_DATA},
    {"$index", EXPR_BASE_INDEX},
    {"$host", EXPR_BASE_HOST},
    {"$_acTemplateVersion", EXPR_BASE_VERSION},
};

static enum expr_base
expr_base(enum expr_mode mode, const char *s, size_t n)
{
	size_t i;

	if (mode == EXPR_PLAIN || n == 0 || s[0] != '$')
		return EXPR_BASE_DATA;
	for (i = 0; i < sizeof expr_bases / sizeof expr_bases[0]; i++)
		if (uni_ieq(
			s, n, expr_bases[i].name, strlen(expr_bases[i].name)))
			return expr_bases[i].base;
	return EXPR_BASE_NONE;
}

/* Does a name of this base stand for itself, not for a member of $data? */
static bool
expr_is_base(enum expr_mode mode, const char *s, size_t n)
{
	return mode == EXPR_TEMPLATE && n > 0 && s[0] == '$';
}

/* The version that $_acTemplateVersion shows: the language's. */
static int
expr_version(struct expr_run *x, struct val *out)
{
	struct val_obj *o = val_obj_new(x->a, 4);

	if (o == NULL || val_puts(x->a, o, "major", val_num(2)) == -1 ||
	    val_puts(x->a, o, "minor", val_num(3)) == -1 ||
	    val_puts(x->a, o, "patch", val_num(1)) == -1 ||
	    val_puts(x->a, o, "suffix", val_text("", 0)) == -1)
		return expr_nomem(x);
	*out = val_of(o);
	return 0;
}

static int
expr_base_value(struct expr_run *x, enum expr_base base, struct val *out)
{
	switch (base) {
	case EXPR_BASE_DATA:
		*out = x->env.data;
		return 0;
	case EXPR_BASE_ROOT:
		*out = x->env.root;
		return 0;
	case EXPR_BASE_INDEX:
		*out = x->env.index < 0 ? val_missing() : val_num(x->env.index);
		return 0;
	case EXPR_BASE_HOST:
		*out = x->env.host;
		return 0;
	case EXPR_BASE_VERSION:
		return expr_version(x, out);
	case EXPR_BASE_NONE:
		break;
	}
	*out = val_missing();
	return 0;
}

/* Lambda names hide outer ones as long as they lead somewhere. */
static int
expr_local(
    struct expr_run *x, const struct expr_part *p, size_t n, struct val *out)
{
	const struct expr_local *l;

	*out = val_missing();
	for (l = x->locals; l != NULL; l = l->next) {
		if (l->hash != p->hash || !uni_ieq(l->name, l->len, p->s, p->n))
			continue;
		if (expr_walk(x, &l->v, p + 1, n - 1, out) == -1)
			return -1;
		if (out->kind != VAL_MISSING)
			return 0;
	}
	return 0;
}

static int
expr_named(struct expr_run *x, enum expr_base base, bool is_base,
    const struct expr_part *p, size_t n, struct val *out)
{
	struct val scope;

	if (x->locals != NULL) {
		if (expr_local(x, p, n, out) == -1)
			return -1;
		if (out->kind != VAL_MISSING)
			return 0;
	}
	if (expr_base_value(x, base, &scope) == -1)
		return -1;
	return expr_walk(x, &scope, p + is_base, n - is_base, out);
}

int
expr_lookup_name(
    struct expr_run *x, const char *path, size_t len, struct val *out)
{
	struct expr_part *p;
	size_t at = 0, n = 0, cap = 1, i;
	bool is_base;

	for (i = 0; i < len; i++)
		cap += expr_is_sep(path[i]);
	if ((p = expr_alloc(x, cap * sizeof *p)) == NULL)
		return -1;
	while (expr_part(path, len, &at, &p[n]))
		n++;
	*out = val_missing();
	if (n == 0)
		return 0;
	is_base = expr_is_base(x->mode, path, len);
	return expr_named(x,
	    is_base ? expr_base(x->mode, p[0].s, p[0].n) : EXPR_BASE_DATA,
	    is_base, p, n, out);
}

/* -- the text of a path -- */

/* "[0]." or "['name']." before what there is already. */
static int
expr_index_text(
    struct expr_run *x, const struct val *v, struct buf *out, bool *ok)
{
	char t[NUM_TEXT];
	size_t n;

	*ok = true;
	if (v->kind == VAL_NUM && isfinite(v->num)) {
		n = num_text(v->num, t);
		buf_addc(out, '[');
		buf_add(out, t, n);
		buf_adds(out, "].");
	} else if (v->kind == VAL_TEXT) {
		bool place = !isnan(expr_part_index(v->s, v->n));

		buf_adds(out, place ? "[" : "['");
		buf_add(out, v->s, v->n);
		buf_adds(out, place ? "]." : "'].");
	} else if (v->kind == VAL_MISSING && v->s != NULL) {
		buf_adds(out, "['${");
		buf_add(out, v->s, v->n);
		buf_adds(out, "}'].");
	} else {
		*ok = false;
	}
	(void)x;
	return out->failed ? -1 : 0;
}

/*
 * Append the path of chain `n`, first name first.  Indexes that are not
 * constant are evaluated (x != NULL), last one first as in the reference.
 */
static int
expr_chain_text(struct expr_run *x, const struct expr_node *n, struct buf *out)
{
	struct val v = val_missing();
	const struct expr_node *down;
	bool ok;

	if (n->op == EXPR_ELEMENT) {
		if (n->kids[1]->op == EXPR_CONST)
			v = n->kids[1]->v;
		else if (expr_eval(x, n->kids[1], x->keep, &v) == -1)
			return -1;
	} else if (n->op != EXPR_ACCESS) {
		return 0;
	}
	down = n->n > 0 ? n->kids[0] : NULL;
	if (down != NULL && expr_chain_text(x, down, out) == -1)
		return -1;
	if (n->op == EXPR_ACCESS) {
		buf_add(out, n->name, n->len);
		return buf_addc(out, '.');
	}
	if (out->len > 0 && out->p[out->len - 1] == '.')
		buf_cut(out, out->len - 1);
	if (expr_index_text(x, &v, out, &ok) == -1)
		return x == NULL ? -1 : expr_nomem(x);
	if (ok)
		return 0;
	if (x == NULL)
		return -1;
	return expr_fail(x, "an index in [ ] is %s", val_kind_name(&v));
}

/* What the chain starts from when that is no name. */
static struct expr_node *
expr_chain_left(struct expr_node *n)
{
	while (n != NULL && (n->op == EXPR_ACCESS || n->op == EXPR_ELEMENT))
		n = n->n > 0 ? n->kids[0] : NULL;
	return n;
}

static const struct expr_node *
expr_chain_first(const struct expr_node *n)
{
	while (n->n > 0)
		n = n->kids[0];
	return n;
}

static bool
expr_chain_fixed(const struct expr_node *n)
{
	for (; n != NULL && (n->op == EXPR_ACCESS || n->op == EXPR_ELEMENT);
	     n = n->n > 0 ? n->kids[0] : NULL)
		if (n->op == EXPR_ELEMENT && n->kids[1]->op != EXPR_CONST)
			return false;
	return true;
}

/* -- binding, when compiled -- */

static int
expr_bind_fixed(struct expr_code *c, struct expr_path *path,
    const struct expr_node *n, struct err *e)
{
	size_t at = 0, cap = 1, i;
	struct expr_part *p;
	struct buf b;
	int rc = -1;

	buf_init(&b, EXPR_TEXT);
	/* not fixed after all: a constant index that is no name or place */
	if (expr_chain_text(NULL, n, &b) == -1) {
		path->fixed = false;
		rc = b.failed ? err_nomem(e) : 0;
		goto out;
	}
	path->len = (uint32_t)(b.len - 1);
	path->text = arena_strndup(c->a, b.p, path->len);
	for (i = 0; i < path->len; i++)
		cap += expr_is_sep(b.p[i]);
	p = arena_alloc(c->a, cap * sizeof *p);
	if (path->text == NULL || p == NULL) {
		err_nomem(e);
		goto out;
	}
	while (expr_part(path->text, path->len, &at, &p[path->n]))
		path->n++;
	path->parts = p;
	rc = 0;
out:
	buf_done(&b);
	return rc;
}

/* Which member of the root data does this chain read? */
static int
expr_bind_use(struct expr_code *c, const struct expr_path *path,
    const struct expr_node *n, struct err *e)
{
	const struct expr_node *first = expr_chain_first(n);
	const char *s = first->name;
	size_t len = first->len;
	enum expr_base base = expr_base(c->mode, s, len);

	if (path->left != NULL || base == EXPR_BASE_INDEX ||
	    base == EXPR_BASE_HOST || base == EXPR_BASE_VERSION ||
	    base == EXPR_BASE_NONE)
		return 0;
	if (expr_is_base(c->mode, s, len)) {
		if (!path->fixed || path->n < 2) {
			c->uses_all = true;
			return 0;
		}
		s = path->parts[1].s;
		len = path->parts[1].n;
	}
	return expr_code_use(c, s, len) == -1 ? err_nomem(e) : 0;
}

static int
expr_bind_access(struct expr_code *c, struct expr_node *n, struct err *e)
{
	struct expr_path *path = arena_zalloc(c->a, sizeof *path);
	struct expr_node *k;

	if (path == NULL)
		return err_nomem(e);
	path->left = expr_chain_left(n);
	path->fixed = expr_chain_fixed(n);
	if (path->fixed && expr_bind_fixed(c, path, n, e) == -1)
		return -1;
	if (path->left == NULL) {
		const struct expr_node *first = expr_chain_first(n);

		path->base =
		    (uint8_t)expr_base(c->mode, first->name, first->len);
	}
	n->path = path;
	if (expr_bind_use(c, path, n, e) == -1)
		return -1;
	for (k = n; k != path->left; k = k->n > 0 ? k->kids[0] : NULL)
		if (k->op == EXPR_ELEMENT && expr_bind(c, k->kids[1], e) == -1)
			return -1;
	return path->left == NULL ? 0 : expr_bind(c, path->left, e);
}

int
expr_bind(struct expr_code *c, struct expr_node *n, struct err *e)
{
	uint32_t i;

	if (n->op == EXPR_ACCESS)
		return expr_bind_access(c, n, e);
	for (i = 0; i < n->n; i++)
		if (expr_bind(c, n->kids[i], e) == -1)
			return -1;
	return 0;
}

/* -- evaluating a chain -- */

static int
expr_access_loose(
    struct expr_run *x, const struct expr_node *n, struct val *out)
{
	const struct expr_path *path = n->path;
	size_t mark = buf_len(&x->tmp);
	struct val text, scope;

	if (expr_chain_text(x, n, &x->tmp) == -1)
		return -1;
	if (buf_len(&x->tmp) > mark)
		buf_cut(&x->tmp, buf_len(&x->tmp) - 1);
	if (expr_take(x, mark, &text) == -1)
		return -1;
	if (path->left == NULL) {
		if (expr_lookup_name(x, text.s, text.n, out) == -1)
			return -1;
	} else if (expr_eval(x, path->left, x->keep, &scope) == -1 ||
		   expr_lookup(x, &scope, text.s, text.n, out) == -1) {
		return -1;
	}
	if (out->kind == VAL_MISSING && x->keep) {
		out->s = text.s;
		out->n = text.n;
	}
	return 0;
}

int
expr_access(struct expr_run *x, const struct expr_node *n, struct val *out)
{
	const struct expr_path *path = n->path;
	struct val scope;
	int rc;

	if (!path->fixed)
		return expr_access_loose(x, n, out);
	if (path->left == NULL)
		rc = expr_named(x, path->base,
		    expr_is_base(x->mode, path->text, path->len), path->parts,
		    path->n, out);
	else if ((rc = expr_eval(x, path->left, x->keep, &scope)) == 0)
		rc = expr_walk(x, &scope, path->parts, path->n, out);
	if (rc == 0 && out->kind == VAL_MISSING && x->keep) {
		out->s = path->text;
		out->n = path->len;
	}
	return rc;
}
