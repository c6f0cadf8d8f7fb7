/*
 * XML documents.  The only door to libxml2: no document type, so no
 * entities of its own; no network; bounded size and depth.  A document may
 * be read by one thread at a time.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct xml;
struct xml_node;

#define XML_SIZE_MAX (4u * 1024 * 1024)

/* NULL: `e` says "line N: what". */
struct xml *xml_parse(const char *text, size_t n, struct err *e);
void xml_free(struct xml *x);

/* -- walking; nodes and texts are lent by the document -- */

enum xml_kind { XML_ELEMENT, XML_TEXT, XML_ATTR, XML_OTHER };

const struct xml_node *xml_root(const struct xml *x);
enum xml_kind xml_kind(const struct xml_node *n);
/* Elements and attributes: "name" or "prefix:name" into `out`; appended. */
int xml_name(const struct xml_node *n, struct buf *out);
/* Append the text of a text, an attribute, or of all that is inside. */
int xml_text(const struct xml_node *n, struct buf *out);
/* Children (elements, texts), then siblings; attributes of an element. */
const struct xml_node *xml_first(const struct xml_node *n);
const struct xml_node *xml_next(const struct xml_node *n);
const struct xml_node *xml_attrs(const struct xml_node *n);
/*
 * Append the node as XML text; an attribute as ` name="value"`, a document
 * without its declaration.
 */
int xml_print(const struct xml *x, const struct xml_node *n, struct buf *out);

/* -- XPath 1.0 -- */

enum xml_result { XML_NODES, XML_BOOL, XML_NUMBER, XML_STRING };

struct xml_found {
	enum xml_result kind;
	const struct xml_node **nodes; /* in document order */
	size_t n;
	bool b;
	double num;
	char *text;
	void *own;
};

/* 0, or -1: not an XPath, too long, or too much work. */
int xml_xpath(const struct xml *x, const char *path, struct xml_found *out,
    struct err *e);
void xml_found_done(struct xml_found *f);

#endif
