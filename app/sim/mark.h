/*
 * Markdown as it is posted, into the html and the plain text that a message
 * carries.  Enough of markdown for a chat: paragraphs, line breaks, emphasis,
 * strikethrough, code, links, headings, lists, quotes, rules; and mentions:
 * <@personEmail:x@y|Name>, <@personId:ID|Name>, <@all> (P1).  HTML in the
 * source is text.  Guarded by sim->mu, since people are looked up.
 */
#ifndef SIM_MARK_H
#define SIM_MARK_H

#include "base/buf.h"
#include "sim/world.h"

#define MARK_MAX (256 * 1024) /* of html: everything may be escaped */

/* How clients differ in writing a mention (U4). */
struct mark_style {
	bool raw_id;     /* data-object-id is a bare uuid */
	bool id_first;   /* data-object-id before data-object-type */
	bool bare;       /* no <p> around a single paragraph */
	bool first_name; /* the nickname is shown, not the whole name */
};

struct mark {
	struct buf html;
	struct buf text;
	struct person *mentions[WORLD_MENTIONS_MAX];
	size_t nmentions;
	bool all;
};

/* 0, or -1: out of memory or over MARK_MAX.  mark_done in both cases. */
int mark_render(struct world *w, const char *markdown,
    const struct mark_style *style, struct mark *out);
void mark_done(struct mark *m);

#endif
