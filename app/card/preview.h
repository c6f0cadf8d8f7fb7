/*
 * A template and data as somebody types them: drawn as far as they go, with
 * every problem at its line.  Pure.
 */
#ifndef CARD_PREVIEW_H
#define CARD_PREVIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Append {"card", "fallback", "problems": [{"in", "line", "column", "level",
 * "code", "path", "message"}]} to `out`.  `in` says which text line and column
 * (from 1) count in: "template" or "data".  What is wrong with the rendered
 * card stands where the template made it.  Without a card nothing could be
 * rendered.  `data` may be empty: no data.  -1: memory is out, or the answer
 * is larger than `out` holds.
 */
int preview_render(const char *template, size_t tlen, const char *data,
    size_t dlen, int64_t now, struct buf *out, struct err *e);

#endif
