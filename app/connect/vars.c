/* Bodies as data; see vars.h. */
#include "connect/vars.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "base/xml.h"

#define VARS_TEXT_MAX XML_SIZE_MAX
#define VARS_NAME_MAX 1024

/* -- which kind -- */

static bool
vars_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum vars_kind
vars_kind(const char *type, const void *body, size_t n)
{
	const char *p = body, *end = p + n;
	size_t len = type == NULL ? 0 : strcspn(type, ";");

	/* application/json, text/xml, application/soap+xml, ... */
	while (len > 0 && vars_blank(type[len - 1]))
		len--;
	if (len >= 4 && strncasecmp(type + len - 4, "json", 4) == 0)
		return VARS_JSON;
	if (len >= 3 && strncasecmp(type + len - 3, "xml", 3) == 0)
		return VARS_XML;
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (p < end && vars_blank(*p))
		p++;
	return p < end && *p == '<' ? VARS_XML : VARS_JSON;
}

/* -- XML -- */

/* The children of one name. */
struct vars_group {
	struct json *one;  /* as long as there is one */
	struct json *list; /* from the second on */
};

/* An element while it becomes an object. */
struct vars_elem {
	struct json *obj;
	struct map *groups; /* struct vars_group by name */
	struct buf text;    /* its own */
};

static struct json *vars_element(
    const struct xml_node *n, unsigned depth, struct err *e);

static bool
vars_all_blank(const char *s)
{
	while (vars_blank(*s))
		s++;
	return *s == '\0';
}

/* Blanks around the text of a mixed element are its layout. */
static struct json *
vars_trimmed(struct buf *b)
{
	size_t from = 0, len = buf_len(b);

	while (from < len && vars_blank(b->p[from]))
		from++;
	while (len > from && vars_blank(b->p[len - 1]))
		len--;
	if (b->p == NULL)
		return json_new_str("");
	b->p[len] = '\0';
	return json_new_str(b->p + from);
}

static void
vars_group_free(void *p)
{
	struct vars_group *g = p;

	json_free(g->one);
	json_free(g->list);
	free(g);
}

/* Add a child to those of its name; takes `v`. */
static int
vars_child(struct vars_elem *el, const char *name, struct json *v)
{
	struct vars_group *g = map_get(el->groups, name);

	if (g == NULL) {
		if ((g = calloc(1, sizeof *g)) == NULL ||
		    map_put(el->groups, name, g, NULL) == -1) {
			free(g);
			json_free(v);
			return -1;
		}
		g->one = v;
		return 0;
	}
	if (g->list == NULL) {
		struct json *one = g->one;

		g->one = NULL;
		if ((g->list = json_list()) == NULL ||
		    json_add(g->list, one) == -1) {
			json_free(g->list == NULL ? one : NULL);
			json_free(v);
			return -1;
		}
	}
	return json_add(g->list, v);
}

/* The collected children into the object, in order of first appearance. */
static int
vars_groups(struct vars_elem *el)
{
	struct map_node *m;
	int rc = 0;

	for (m = map_first(el->groups); m != NULL; m = map_next(m)) {
		struct vars_group *g = map_value(m);

		if (json_put(el->obj, map_key(m),
			g->list != NULL ? g->list : g->one) == -1)
			rc = -1;
		g->list = g->one = NULL;
	}
	return rc;
}

static int
vars_attrs(struct vars_elem *el, const struct xml_node *n)
{
	const struct xml_node *a;
	struct buf name, value;
	int rc = 0;

	buf_init(&name, VARS_TEXT_MAX);
	buf_init(&value, VARS_TEXT_MAX);
	for (a = xml_attrs(n); a != NULL && rc == 0; a = xml_next(a)) {
		buf_clear(&name);
		buf_clear(&value);
		buf_addc(&name, '@');
		xml_name(a, &name);
		if (xml_text(a, &value) == -1 || name.failed ||
		    json_put(el->obj, buf_str(&name),
			json_new_str(buf_str(&value))) == -1)
			rc = -1;
	}
	buf_done(&name);
	buf_done(&value);
	return rc;
}

static int
vars_children(struct vars_elem *el, const struct xml_node *n, unsigned depth,
    struct err *e)
{
	const struct xml_node *x;
	struct json *v;
	struct buf name;
	int rc = 0;

	buf_init(&name, VARS_TEXT_MAX);
	for (x = xml_first(n); x != NULL && rc == 0; x = xml_next(x)) {
		if (xml_kind(x) == XML_TEXT)
			rc = xml_text(x, &el->text);
		if (xml_kind(x) != XML_ELEMENT)
			continue;
		buf_clear(&name);
		if (xml_name(x, &name) == -1 ||
		    (v = vars_element(x, depth + 1, e)) == NULL ||
		    vars_child(el, buf_str(&name), v) == -1)
			rc = -1;
	}
	buf_done(&name);
	return rc;
}

static struct json *
vars_element(const struct xml_node *n, unsigned depth, struct err *e)
{
	struct vars_elem el = {.obj = json_object(), .groups = map_new()};
	struct json *out = NULL;

	buf_init(&el.text, VARS_TEXT_MAX);
	if (depth > VARS_DEPTH) {
		err_set(e, ERR_PERM, "more than %d elements deep", VARS_DEPTH);
		goto out;
	}
	if (el.obj == NULL || el.groups == NULL || vars_attrs(&el, n) == -1 ||
	    vars_children(&el, n, depth, e) == -1 || vars_groups(&el) == -1)
		goto out;
	if (json_first(el.obj) == NULL) {
		out = json_new_str(buf_str(&el.text));
	} else if (vars_all_blank(buf_str(&el.text)) ||
		   json_put(el.obj, "#text", vars_trimmed(&el.text)) == 0) {
		out = el.obj;
		el.obj = NULL;
	}
out:
	if (out == NULL)
		err_nomem(e); /* unless a cause is there */
	json_free(el.obj);
	map_free(el.groups, vars_group_free);
	buf_done(&el.text);
	return out;
}

static struct json *
vars_xml(const void *body, size_t n, struct err *e)
{
	struct json *o = NULL, *root;
	const struct xml_node *node;
	struct buf name;
	struct xml *x;

	if ((x = xml_parse(body, n, e)) == NULL)
		return NULL;
	buf_init(&name, VARS_TEXT_MAX);
	node = xml_root(x);
	if ((root = vars_element(node, 1, e)) != NULL) {
		o = json_object();
		if (xml_name(node, &name) == -1)
			json_free(root);
		if (name.failed || json_put(o, buf_str(&name), root) == -1) {
			json_free(o);
			o = NULL;
			err_nomem(e);
		}
	}
	buf_done(&name);
	xml_free(x);
	return o;
}

struct json *
vars_parse(enum vars_kind kind, const void *body, size_t n, struct err *e)
{
	const char *p = body;

	if (kind == VARS_XML)
		return vars_xml(body, n, e);
	/* some Windows programs put a mark before their JSON */
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	return json_parse(p, n, e);
}

/* -- the list of variables -- */

struct vars_walk {
	int (*fn)(void *arg, const char *name, const struct json *value);
	void *arg;
	char name[VARS_NAME_MAX];
	size_t len;
};

static int vars_walk(struct vars_walk *w, const struct json *v);

/* One step down: to a member by its name, or to item i. */
static int
vars_walk_item(
    struct vars_walk *w, const struct json *x, const char *name, size_t i)
{
	size_t mark = w->len, room = sizeof w->name - w->len;
	int n, rc;

	n = name == NULL ? snprintf(w->name + mark, room, "[%zu]", i)
			 : snprintf(w->name + mark, room, "%s%s",
			       mark == 0 ? "" : ".", name);
	w->len =
	    n < 0 || (size_t)n >= room ? sizeof w->name - 1 : mark + (size_t)n;
	rc = vars_walk(w, x);
	w->len = mark;
	w->name[mark] = '\0';
	return rc;
}

static int
vars_walk(struct vars_walk *w, const struct json *v)
{
	enum json_kind kind = json_kind(v);
	const struct json *x;
	size_t i = 0;
	int rc = 0;

	if (kind != JSON_OBJECT && kind != JSON_LIST)
		return w->fn(w->arg, w->name, v);
	for (x = json_first(v); x != NULL && rc == 0; x = json_next(x), i++) {
		if (kind == JSON_OBJECT)
			rc = vars_walk_item(w, x, json_name(x), 0);
		else if (i == 0)
			rc = vars_walk(w, x);
		else
			rc = vars_walk_item(w, x, NULL, i);
	}
	return rc;
}

int
vars_each(const struct json *data,
    int (*fn)(void *arg, const char *name, const struct json *value), void *arg)
{
	struct vars_walk w = {.fn = fn, .arg = arg};

	return vars_walk(&w, data);
}

struct json *
vars_tree(const struct json *data)
{
	const struct json *x;
	struct json *o;

	while (json_kind(data) == JSON_LIST && json_first(data) != NULL)
		data = json_first(data);
	if (json_kind(data) != JSON_OBJECT)
		return json_dup(data);
	o = json_object();
	for (x = json_first(data); x != NULL; x = json_next(x))
		if (json_put(o, json_name(x), vars_tree(x)) == -1) {
			json_free(o);
			return NULL;
		}
	return o;
}
