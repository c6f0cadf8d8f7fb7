/* XML over libxml2; see xml.h. */
#include "base/xml.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>

#define XML_ATTRS_MAX 512 /* of one element */
#define XML_PATH_MAX 1024
#define XML_PATH_DEPTH 16
#define XML_PATH_WORK 2000000

struct xml {
	xmlDocPtr doc;
};

static pthread_once_t xml_once = PTHREAD_ONCE_INIT;

static xmlNodePtr
xml_n(const struct xml_node *n)
{
	return (xmlNodePtr)(uintptr_t)n;
}

static const struct xml_node *
xml_of(const void *n)
{
	return (const struct xml_node *)n;
}

/* What the library would print to stderr, for each thread anew. */
static void
xml_mute(void *ctx, const char *fmt, ...)
{
	(void)ctx, (void)fmt;
}

/* From s on, past the next `end`; the end of the text when there is none. */
static const char *
xml_past(const char *s, const char *stop, const char *end)
{
	const char *at = memmem(s, (size_t)(stop - s), end, strlen(end));

	return at == NULL ? stop : at + strlen(end);
}

/* Attributes of the tag at s; *at moves behind it. */
static size_t
xml_count_attrs(const char *s, const char *stop, const char **at)
{
	size_t n = 0;

	for (; s < stop && *s != '>'; s++) {
		if (*s == '=')
			n++;
		else if (*s == '"' || *s == '\'')
			s = xml_past(s + 1, stop, *s == '"' ? "\"" : "'") - 1;
	}
	*at = s;
	return n;
}

/*
 * libxml2 compares each attribute of an element with all others: a quarter
 * of a megabyte of them takes a second.  Exact for what is well-formed; on
 * anything else libxml2 stops by itself.
 */
static int
xml_attrs_ok(const char *s, size_t n, struct err *e)
{
	const char *stop = s + n;

	while ((s = memchr(s, '<', (size_t)(stop - s))) != NULL) {
		size_t left = (size_t)(stop - s);

		if (left >= 4 && memcmp(s, "<!--", 4) == 0)
			s = xml_past(s + 4, stop, "-->");
		else if (left >= 9 && memcmp(s, "<![CDATA[", 9) == 0)
			s = xml_past(s + 9, stop, "]]>");
		else if (left >= 2 && s[1] == '?')
			s = xml_past(s + 2, stop, "?>");
		else if (xml_count_attrs(s + 1, stop, &s) > XML_ATTRS_MAX)
			return err_set(e, ERR_PERM,
			    "more than %d attributes in an element",
			    XML_ATTRS_MAX);
	}
	return 0;
}

/* A document type is where entities come from: stop at once. */
static void
xml_refuse_dtd(void *ctx, const xmlChar *name, const xmlChar *external,
    const xmlChar *system)
{
	xmlParserCtxtPtr c = ctx;

	(void)name, (void)external, (void)system;
	c->_private = c;
	xmlStopParser(c);
}

struct xml *
xml_parse(const char *text, size_t n, struct err *e)
{
	int how = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	xmlParserCtxtPtr c;
	const xmlError *why;
	struct xml *x = NULL;
	xmlDocPtr doc;

	pthread_once(&xml_once, xmlInitParser);
	xmlSetGenericErrorFunc(NULL, xml_mute);
	if (n > XML_SIZE_MAX) {
		err_set(e, ERR_PERM, "more than %u bytes", XML_SIZE_MAX);
		return NULL;
	}
	if (xml_attrs_ok(text, n, e) == -1)
		return NULL;
	if ((c = xmlNewParserCtxt()) == NULL) {
		err_nomem(e);
		return NULL;
	}
	c->sax->internalSubset = xml_refuse_dtd;
	doc = xmlCtxtReadMemory(c, text, (int)n, NULL, NULL, how);
	if (c->_private != NULL) {
		err_set(e, ERR_PERM, "a document type is not allowed");
	} else if (doc == NULL) {
		why = xmlCtxtGetLastError(c);
		if (why != NULL && why->code == XML_ERR_NO_MEMORY)
			err_nomem(e);
		else if (why == NULL || why->message == NULL)
			err_set(e, ERR_PERM, "not XML");
		else
			err_set(e, ERR_PERM, "line %d: %.*s", why->line,
			    (int)strcspn(why->message, "\n"), why->message);
	} else if ((x = calloc(1, sizeof *x)) == NULL) {
		err_nomem(e);
	} else {
		x->doc = doc;
		doc = NULL;
	}
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(c);
	return x;
}

void
xml_free(struct xml *x)
{
	if (x == NULL)
		return;
	xmlFreeDoc(x->doc);
	free(x);
}

/* -- walking -- */

const struct xml_node *
xml_root(const struct xml *x)
{
	return xml_of(xmlDocGetRootElement(x->doc));
}

enum xml_kind
xml_kind(const struct xml_node *n)
{
	switch (xml_n(n)->type) {
	case XML_ELEMENT_NODE:
		return XML_ELEMENT;
	case XML_TEXT_NODE:
	case XML_CDATA_SECTION_NODE:
		return XML_TEXT;
	case XML_ATTRIBUTE_NODE:
		return XML_ATTR;
	default:
		return XML_OTHER;
	}
}

int
xml_name(const struct xml_node *n, struct buf *out)
{
	xmlNodePtr p = xml_n(n);

	if (p->type != XML_ELEMENT_NODE && p->type != XML_ATTRIBUTE_NODE)
		return 0;
	if (p->ns != NULL && p->ns->prefix != NULL) {
		buf_adds(out, (const char *)p->ns->prefix);
		buf_addc(out, ':');
	}
	return buf_adds(out, (const char *)p->name);
}

int
xml_text(const struct xml_node *n, struct buf *out)
{
	xmlChar *s = xmlNodeGetContent(xml_n(n));
	int rc = s == NULL ? 0 : buf_adds(out, (const char *)s);

	xmlFree(s);
	return rc;
}

const struct xml_node *
xml_first(const struct xml_node *n)
{
	return xml_of(xml_n(n)->children);
}

const struct xml_node *
xml_next(const struct xml_node *n)
{
	return xml_of(xml_n(n)->next);
}

const struct xml_node *
xml_attrs(const struct xml_node *n)
{
	if (xml_n(n)->type != XML_ELEMENT_NODE)
		return NULL;
	return xml_of(xml_n(n)->properties);
}

int
xml_print(const struct xml *x, const struct xml_node *n, struct buf *out)
{
	xmlBufferPtr b = xmlBufferCreate();
	xmlNodePtr p = xml_n(n);
	bool all = p->type == XML_DOCUMENT_NODE;
	int rc = b == NULL ? -1 : 0;

	for (p = all ? p->children : p; p != NULL && rc == 0;
	     p = all ? p->next : NULL)
		if (xmlNodeDump(b, x->doc, p, 0, 0) < 0)
			rc = -1;
	if (rc == 0)
		rc = buf_add(
		    out, xmlBufferContent(b), (size_t)xmlBufferLength(b));
	xmlBufferFree(b);
	return rc;
}

/* -- XPath -- */

#if LIBXML_VERSION >= 21200
static void
xml_quiet(void *data, const xmlError *why)
#else
static void
xml_quiet(void *data, xmlErrorPtr why)
#endif
{
	(void)data, (void)why;
}

/* libxml2 descends the stack for each bracket, so few are let in. */
static int
xml_path_ok(const char *path, struct err *e)
{
	int depth = 0;
	size_t i;

	for (i = 0; path[i] != '\0'; i++) {
		if (path[i] == '(' || path[i] == '[')
			depth++;
		if (path[i] == ')' || path[i] == ']')
			depth--;
		if (depth > XML_PATH_DEPTH)
			return err_set(e, ERR_PERM, "too many brackets");
	}
	return i <= XML_PATH_MAX
		   ? 0
		   : err_set(e, ERR_PERM, "more than %d bytes", XML_PATH_MAX);
}

static int
xml_take(xmlXPathObjectPtr o, struct xml_found *f)
{
	int i;

	f->own = o;
	switch (o->type) {
	case XPATH_BOOLEAN:
		f->kind = XML_BOOL;
		f->b = o->boolval != 0;
		return 0;
	case XPATH_NUMBER:
		f->kind = XML_NUMBER;
		f->num = o->floatval;
		return 0;
	case XPATH_STRING:
		f->kind = XML_STRING;
		f->text = (char *)o->stringval;
		return 0;
	default:
		break;
	}
	f->kind = XML_NODES;
	f->n = o->nodesetval == NULL ? 0 : (size_t)o->nodesetval->nodeNr;
	f->nodes = calloc(f->n + 1, sizeof *f->nodes);
	if (f->nodes == NULL)
		return -1;
	for (i = 0; i < (int)f->n; i++)
		f->nodes[i] = xml_of(o->nodesetval->nodeTab[i]);
	return 0;
}

int
xml_xpath(
    const struct xml *x, const char *path, struct xml_found *out, struct err *e)
{
	xmlXPathContextPtr c;
	xmlXPathObjectPtr o;
	int rc = -1;

	memset(out, 0, sizeof *out);
	if (xml_path_ok(path, e) == -1)
		return -1;
	if ((c = xmlXPathNewContext(x->doc)) == NULL)
		return err_nomem(e);
	c->error = xml_quiet;
	xmlSetGenericErrorFunc(NULL, xml_mute);
	c->opLimit = XML_PATH_WORK;
	c->node = (xmlNodePtr)x->doc; /* where a relative path begins */
	o = xmlXPathEvalExpression((const xmlChar *)path, c);
	if (o == NULL && c->lastError.code == XML_ERR_NO_MEMORY)
		err_nomem(e);
	else if (o == NULL)
		err_set(e, ERR_PERM, "not an XPath, or too much work");
	else if (xml_take(o, out) == -1)
		err_nomem(e);
	else
		rc = 0;
	if (rc == -1)
		xml_found_done(out);
	xmlXPathFreeContext(c);
	return rc;
}

void
xml_found_done(struct xml_found *f)
{
	free(f->nodes);
	xmlXPathFreeObject(f->own);
	memset(f, 0, sizeof *f);
}
