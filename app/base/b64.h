/* Base64, both alphabets.  Pure. */
#ifndef BASE_B64_H
#define BASE_B64_H

#include <stddef.h>

#include "base/buf.h"

/* Append the standard alphabet with padding; 0 or -1 (buffer full). */
int b64_encode(const void *p, size_t n, struct buf *out);
/* The URL-safe alphabet without padding. */
int b64url_encode(const void *p, size_t n, struct buf *out);

/*
 * Append what `s` decodes to; either alphabet, padding optional.  -1: a
 * character outside both, a cut-off group, or the buffer is full.
 */
int b64_decode(const char *s, size_t n, struct buf *out);

#endif
