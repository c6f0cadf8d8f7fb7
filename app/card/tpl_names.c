/*
 * Which members of the data a template names, each with its place: for who
 * knows what there will be and can tell what is misspelt.  See tpl.h.
 */
#include <math.h>
#include <stdio.h>

#include "base/uni.h"
#include "card/expr_int.h"
#include "card/tpl_int.h"

/* The name of a lambda's item is no member of the data. */
struct names_local {
	const struct names_local *next;
	const struct expr_node *name;
};

struct names {
	tpl_named *one;
	void *arg;
	const struct names_local *locals;
	bool scoped;      /* names are members of some item */
	const char *path; /* of the text */
	char when[TPL_PATH];
};

static bool
names_is_local(const struct names *ns, const struct expr_node *first)
{
	const struct names_local *l;

	for (l = ns->locals; l != NULL; l = l->next)
		if (uni_ieq(
			l->name->name, l->name->len, first->name, first->len))
			return true;
	return false;
}

static void
names_tell(struct names *ns, const struct expr_path *path,
    const struct expr_node *first)
{
	struct tpl_name name = {.path = ns->path, .at = first->at};
	const struct expr_part *p = path->parts;
	uint32_t n = path->fixed ? path->n : 0;

	if (first->len > 0 && first->name[0] == '$') {
		/* what follows $root is a member; $data is one item */
		if (path->base != EXPR_BASE_ROOT || n < 2)
			return;
		name.at += first->len + 1;
		p++;
		n--;
	} else if (ns->scoped || names_is_local(ns, first)) {
		return;
	}
	name.s = n > 0 ? p[0].s : first->name;
	name.n = n > 0 ? p[0].n : first->len;
	if (n > 1 && isnan(p[1].index)) {
		name.sub = p[1].s;
		name.nsub = p[1].n;
	}
	ns->one(ns->arg, &name);
}

static void names_expr(struct names *ns, const struct expr_node *n);

/* A chain of names, as expr_bind has bound it. */
static void
names_access(struct names *ns, const struct expr_node *n)
{
	const struct expr_path *path = n->path;
	const struct expr_node *k, *first = n;

	for (k = n; k != path->left; k = k->n > 0 ? k->kids[0] : NULL) {
		first = k;
		if (k->op == EXPR_ELEMENT)
			names_expr(ns, k->kids[1]);
	}
	if (path->left != NULL)
		names_expr(ns, path->left);
	else
		names_tell(ns, path, first);
}

/* (list, name, expression) */
static void
names_lambda(struct names *ns, const struct expr_node *n)
{
	struct names_local l = {ns->locals, n->kids[1]};

	names_expr(ns, n->kids[0]);
	ns->locals = &l;
	names_expr(ns, n->kids[2]);
	ns->locals = l.next;
}

static void
names_expr(struct names *ns, const struct expr_node *n)
{
	uint32_t i;

	if (n->op == EXPR_ACCESS) {
		names_access(ns, n);
		return;
	}
	if (n->op == EXPR_CALL && (n->fn->flags & EXPR_F_LAMBDA) && n->n > 2) {
		names_lambda(ns, n);
		return;
	}
	for (i = 0; i < n->n; i++)
		names_expr(ns, n->kids[i]);
}

static void
names_node(struct names *ns, const struct tpl_node *n)
{
	bool scoped = ns->scoped;
	uint32_t i;

	ns->path = n->path;
	switch (n->op) {
	case TPL_EXPR:
		names_expr(ns, n->expr);
		break;
	case TPL_TEXT:
		for (i = 0; i < n->n; i++)
			if (n->parts[i].expr != NULL)
				names_expr(ns, n->parts[i].expr);
		break;
	case TPL_LIST:
		for (i = 0; i < n->n; i++)
			names_node(ns, n->items[i]);
		break;
	case TPL_OBJ:
		if (n->data != NULL) {
			names_node(ns, n->data);
			ns->scoped = true;
		}
		if (n->when_expr != NULL) {
			snprintf(
			    ns->when, sizeof ns->when, "%s/$when", n->path);
			ns->path = ns->when;
			names_expr(ns, n->when_expr);
		}
		for (i = 0; i < n->n; i++)
			names_node(ns, n->members[i].node);
		ns->scoped = scoped;
		break;
	default:
		break;
	}
}

void
tpl_names(const struct tpl *t, tpl_named *one, void *arg)
{
	struct names ns = {.one = one, .arg = arg};

	names_node(&ns, t->root);
}
