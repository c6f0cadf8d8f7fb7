/* Percent-encoding (RFC 3986: all but letters, digits and -._~).  Pure. */
#ifndef CONNECT_URLENC_H
#define CONNECT_URLENC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Append s[0..n) encoded; with `slash` a / stays. */
int urlenc_add(struct buf *out, const char *s, size_t n, bool slash);
/* Append "name=value" of a form, after & when `out` is not empty. */
int urlenc_form(struct buf *out, const char *name, const char *value);
/* Append s[0..n) decoded; what is not well-formed stays as it is. */
int urlenc_decode(struct buf *out, const char *s, size_t n);

#endif
