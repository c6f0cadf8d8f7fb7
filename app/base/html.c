/* HTML as events; see html.h. */
#include "base/html.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include "base/buf.h"

static void
html_on_open(void *ctx, const xmlChar *name, const xmlChar **attrs)
{
	const struct html_walk *w = ctx;

	w->open(w->arg, (const char *)name, (const char *const *)attrs);
}

static void
html_on_close(void *ctx, const xmlChar *name)
{
	const struct html_walk *w = ctx;

	w->close(w->arg, (const char *)name);
}

static void
html_on_text(void *ctx, const xmlChar *s, int n)
{
	const struct html_walk *w = ctx;

	w->text(w->arg, (const char *)s, (size_t)n);
}

int
html_walk(const char *html, size_t n, const struct html_walk *w)
{
	htmlParserCtxtPtr ctx = NULL;
	struct buf b;

	/* within a div the parser adds no paragraphs of its own */
	buf_init(&b, n + 16);
	buf_adds(&b, "<div>");
	buf_add(&b, html, n);
	buf_adds(&b, "</div>");
	/* not the push parser: it loses a text at the very end */
	if (!b.failed)
		ctx = htmlCreateMemoryParserCtxt(b.p, (int)b.len);
	if (ctx == NULL) {
		buf_done(&b);
		return -1;
	}
	memset(ctx->sax, 0, sizeof *ctx->sax);
	ctx->sax->startElement = html_on_open;
	ctx->sax->endElement = html_on_close;
	ctx->sax->characters = html_on_text;
	ctx->sax->ignorableWhitespace = html_on_text;
	ctx->userData = (void *)(uintptr_t)w;
	htmlCtxtUseOptions(ctx, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
				    HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
				    HTML_PARSE_NOIMPLIED | HTML_PARSE_NODEFDTD);
	xmlSwitchEncoding(ctx, XML_CHAR_ENCODING_UTF8);
	htmlParseDocument(ctx);
	if (ctx->myDoc != NULL)
		xmlFreeDoc(ctx->myDoc);
	htmlFreeParserCtxt(ctx);
	buf_done(&b);
	return 0;
}

const char *
html_attr(const char *const *attrs, const char *name)
{
	for (; attrs != NULL && attrs[0] != NULL; attrs += 2)
		if (strcasecmp(attrs[0], name) == 0)
			return attrs[1];
	return NULL;
}
