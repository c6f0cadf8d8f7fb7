/* Functions: other path languages, and XML. */
#include <string.h>

#include "base/num.h"
#include "base/xml.h"
#include "card/expr_int.h"
#include "card/jpath.h"

static int
expr_fn_jpath(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	struct err e = ERR_INIT;
	struct val data = a[0], path = a[1];

	(void)n;
	if (val_none(&a[1]))
		return expr_fail_arg(x, 1, "is missing or null");
	if (a[1].kind != VAL_TEXT && (expr_js_text(x, &a[1], &x->tmp) == -1 ||
					 expr_take(x, mark, &path) == -1))
		return -1;
	if (a[0].kind == VAL_TEXT) {
		x->bytes += 8 * (size_t)a[0].n;
		if (val_parse(x->a, a[0].s, a[0].n, &data, &e) == -1)
			return e.kind == ERR_BUG
				   ? expr_nomem(x)
				   : expr_fail(x, "jPath: %s", e.text);
	} else if (a[0].kind != VAL_OBJ && a[0].kind != VAL_LIST &&
		   a[0].kind != VAL_NULL) {
		return expr_fail_arg(x, 0, "is neither an object nor a text");
	}
	return jpath_apply(x, &data, path.s, path.n, out);
}

/* -- xml(): JSON to XML -- */

#define XML_DEPTH 64

struct expr_xml {
	struct expr_run *x;
	struct buf *out;
};

static void
expr_xml_escape(const char *s, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const char *esc = s[i] == '&'    ? "&amp;"
				  : s[i] == '<'  ? "&lt;"
				  : s[i] == '>'  ? "&gt;"
				  : s[i] == '\'' ? "&apos;"
				  : s[i] == '"'  ? "&quot;"
						 : NULL;

		if (esc != NULL)
			buf_adds(out, esc);
		else
			buf_addc(out, s[i]);
	}
}

static void
expr_xml_indent(struct expr_xml *w, unsigned level)
{
	while (level-- > 0)
		buf_adds(w->out, "  ");
}

static void
expr_xml_tag(struct expr_xml *w, const char *before, const struct val *name,
    const char *after)
{
	buf_adds(w->out, before);
	buf_add(w->out, name->s, name->n);
	buf_adds(w->out, after);
}

static int
expr_xml_text(struct expr_xml *w, const struct val *v)
{
	size_t mark = buf_len(&w->x->tmp);
	struct val t;

	if (expr_js_text(w->x, v, &w->x->tmp) == -1 ||
	    expr_take(w->x, mark, &t) == -1)
		return -1;
	expr_xml_escape(t.s, t.n, w->out);
	return 0;
}

static int
expr_xml_leaf(struct expr_xml *w, const struct val *name, const struct val *v,
    unsigned level)
{
	expr_xml_indent(w, level);
	if (name->n > 0 && name->s[0] == '?') {
		expr_xml_tag(w, "<", name, "?>\n");
		return 0;
	}
	expr_xml_tag(w, "<", name, ">");
	if (expr_xml_text(w, v) == -1)
		return -1;
	expr_xml_tag(w, "</", name, ">\n");
	return 0;
}

static int expr_xml_members(
    struct expr_xml *w, const struct val *v, unsigned level);

static int
expr_xml_node(struct expr_xml *w, const struct val *name, const struct val *v,
    unsigned level)
{
	const struct val *text = val_gets(v, "#text");
	size_t mark, body;
	bool nested;

	if (v->kind == VAL_OBJ && v->n == 1 && text != NULL &&
	    text->kind != VAL_MISSING)
		return expr_xml_leaf(w, name, text, level);
	expr_xml_indent(w, level);
	mark = buf_len(w->out);
	expr_xml_tag(
	    w, "<", name, name->n > 0 && name->s[0] == '?' ? "?>" : ">");
	body = buf_len(w->out);
	buf_addc(w->out, '\n');
	if (expr_xml_members(w, v, level + 1) == -1)
		return -1;
	nested =
	    memchr(buf_str(w->out) + body, '<', buf_len(w->out) - body) != NULL;
	if (!nested && w->out->p != NULL) {
		/* plain text stays on the line of its tag */
		memmove(w->out->p + body, w->out->p + body + 1,
		    buf_len(w->out) - body - 1);
		buf_cut(w->out, buf_len(w->out) - 1);
	} else {
		expr_xml_indent(w, level);
	}
	if (name->n > 0 && name->s[0] == '?') {
		if (buf_len(w->out) == body) {
			buf_cut(w->out, mark);
			expr_xml_tag(w, "<", name, "?>\n");
		}
		return 0;
	}
	expr_xml_tag(w, "</", name, ">\n");
	return 0;
}

static int
expr_xml_list(struct expr_xml *w, const struct val *name,
    const struct val *list, unsigned level)
{
	uint32_t i;
	int rc = 0, nulls;

	/* nulls first, as in the reference */
	for (nulls = 1; nulls >= 0; nulls--) {
		for (i = 0; i < list->n && rc == 0; i++) {
			const struct val *v = &list->items[i];

			if (v->kind == VAL_MISSING ||
			    (v->kind == VAL_NULL) != nulls)
				continue;
			if (nulls) {
				expr_xml_indent(w, level);
				expr_xml_tag(w, "<", name,
				    name->n > 0 && name->s[0] == '?' ? "?>\n"
								     : "/>\n");
			} else if (v->kind == VAL_OBJ || v->kind == VAL_LIST) {
				rc = expr_xml_node(w, name, v, level);
			} else {
				rc = expr_xml_leaf(w, name, v, level);
			}
		}
	}
	return rc;
}

static int
expr_xml_member(struct expr_xml *w, const struct val *name, const struct val *v,
    unsigned level)
{
	struct val one = *v;

	if (v->kind == VAL_MISSING)
		return 0;
	if (v->kind == VAL_LIST)
		return expr_xml_list(w, name, v, level);
	if (v->kind == VAL_NULL) {
		one = val_list(v, 1);
		return expr_xml_list(w, name, &one, level);
	}
	if (v->kind == VAL_OBJ)
		return expr_xml_node(w, name, v, level);
	if (val_is(name, "#text"))
		return expr_xml_text(w, v);
	return expr_xml_leaf(w, name, v, level);
}

static int
expr_xml_members(struct expr_xml *w, const struct val *v, unsigned level)
{
	char t[NUM_TEXT];
	struct val name;
	uint32_t i;
	int rc = 0;

	if (level > XML_DEPTH)
		return expr_limit(w->x, "xml: nested too deep");
	if (expr_step(w->x, v->n + 1) == -1)
		return -1;
	for (i = 0; v->kind == VAL_OBJ && i < v->n && rc == 0; i++) {
		name = val_text(v->obj->m[i].name, v->obj->m[i].len);
		rc = expr_xml_member(w, &name, &v->obj->m[i].v, level);
	}
	for (i = 0; v->kind == VAL_LIST && i < v->n && rc == 0; i++) {
		name = val_text(t, num_text(i, t));
		rc = expr_xml_member(w, &name, &v->items[i], level);
	}
	return w->out->failed ? expr_full(w->x, w->out) : rc;
}

static int
expr_fn_xml(struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	static const char head[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
	struct err e = ERR_INIT;
	const struct val value = val_str("value");
	struct val data = a[0];
	struct expr_xml w = {x, NULL};
	struct buf b;
	size_t len;
	int rc;

	(void)n;
	if (a[0].kind == VAL_TEXT) {
		x->bytes += 8 * (size_t)a[0].n;
		if (val_parse(x->a, a[0].s, a[0].n, &data, &e) == -1)
			return e.kind == ERR_BUG
				   ? expr_nomem(x)
				   : expr_fail(x, "xml: %s", e.text);
	}
	buf_init(&b, EXPR_TEXT);
	w.out = &b;
	buf_adds(&b, head);
	/* a number of 64 bits has no name of its own */
	rc = data.kind == VAL_BIG ? expr_xml_leaf(&w, &value, &data, 0)
				  : expr_xml_members(&w, &data, 0);
	for (len = buf_len(&b); len > 0 && b.p[len - 1] == '\n'; len--)
		;
	if (rc == 0)
		rc = expr_copy(x, buf_str(&b), len, out);
	buf_done(&b);
	return rc;
}

/* -- xPath -- */

static int
expr_xpath_nodes(struct expr_run *x, const struct xml *doc,
    const struct xml_found *f, struct val *out)
{
	size_t mark = buf_len(&x->tmp), i;
	struct val *items;

	if (f->n == 0)
		return expr_fail_arg(x, 1, "finds nothing");
	if ((items = expr_items(x, f->n)) == NULL)
		return -1;
	for (i = 0; i < f->n; i++) {
		if (xml_print(doc, f->nodes[i], &x->tmp) == -1 &&
		    !x->tmp.failed)
			return expr_nomem(x);
		if (expr_take(x, mark, &items[i]) == -1)
			return -1;
	}
	*out = val_list(items, f->n);
	return 0;
}

static int
expr_xpath(struct expr_run *x, const struct xml *doc, const char *path,
    struct val *out)
{
	struct err e = ERR_INIT;
	struct xml_found f;
	int rc = 0;

	if (xml_xpath(doc, path, &f, &e) == -1)
		return e.kind == ERR_BUG ? expr_nomem(x)
					 : expr_fail(x, "xPath: %s", e.text);
	if (f.kind == XML_NODES)
		rc = expr_xpath_nodes(x, doc, &f, out);
	else if (f.kind == XML_BOOL)
		*out = val_bool(f.b);
	else if (f.kind == XML_NUMBER)
		*out = val_num(f.num);
	else
		rc = expr_copy(x, f.text, strlen(f.text), out);
	xml_found_done(&f);
	return rc;
}

static int
expr_fn_xpath(
    struct expr_run *x, const struct val *a, size_t n, struct val *out)
{
	struct err e = ERR_INIT;
	struct xml *doc;
	char path[1100];
	int rc;

	(void)n;
	if (a[0].kind != VAL_TEXT || a[1].kind != VAL_TEXT)
		return expr_fail_arg(
		    x, a[0].kind != VAL_TEXT ? 0 : 1, "is not a text");
	if (a[1].n >= sizeof path || memchr(a[1].s, '\0', a[1].n) != NULL)
		return expr_fail_arg(x, 1, "is not an XPath");
	memcpy(path, a[1].s, a[1].n);
	path[a[1].n] = '\0';
	if (expr_step(x, 1000 + a[0].n / 4) == -1)
		return -1;
	if ((doc = xml_parse(a[0].s, a[0].n, &e)) == NULL)
		return e.kind == ERR_BUG ? expr_nomem(x)
					 : expr_fail(x, "xPath: %s", e.text);
	rc = expr_xpath(x, doc, path, out);
	xml_free(doc);
	return rc;
}

const struct expr_fn expr_fn_path[] = {
    {"jPath", NULL, "*t", EXPR_T_ANY, 0, 0, 3, expr_fn_jpath, NULL},
    {"xml", NULL, "*", EXPR_T_TEXT, 0, 0, 3, expr_fn_xml, NULL},
    {"xPath", NULL, "*t", EXPR_T_ANY, 0, 0, 3, expr_fn_xpath, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
