/* Inside a line of markdown: emphasis, code, links, mentions.  For mark.c. */
#ifndef SIM_MARK_INLINE_H
#define SIM_MARK_INLINE_H

#include "sim/mark.h"

struct mark_ctx {
	struct world *world;
	const struct mark_style *style;
	struct mark *out;
	int depth;
};

void mark_inline(struct mark_ctx *c, const char *s, size_t n);
void mark_escape(struct buf *html, const char *s, size_t n);

#endif
