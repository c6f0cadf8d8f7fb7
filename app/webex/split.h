/*
 * Long texts as several messages: the platform takes 7439 bytes in one
 * (facts 2.2).  Pure.
 */
#ifndef WEBEX_SPLIT_H
#define WEBEX_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Append the next part of s[*at..] of at most `max` bytes to `out` and move
 * *at past it; false when nothing is left (and -1 in *failed when the
 * buffer is full).  Cuts at line ends where it can, else at blanks, never
 * within a character or a mention (<@...>); with `markdown` an open code
 * fence is closed at the end of a part and opened again in the next.
 */
bool split_next(const char *s, size_t *at, size_t max, bool markdown,
    struct buf *out, int *failed);

#endif
