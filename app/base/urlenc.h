/* Percent-encoding (RFC 3986).  Pure. */
#ifndef BASE_URLENC_H
#define BASE_URLENC_H

#include <stddef.h>

#include "base/buf.h"

/* What never needs it, beside letters and digits. */
#define URLENC_PLAIN "-._~"

/* Append s[0..n) encoded, all but letters, digits and those in `keep`. */
int urlenc_add(struct buf *out, const char *s, size_t n, const char *keep);
/* Only controls, what is beyond ASCII, and those in `set`. */
int urlenc_some(struct buf *out, const char *s, size_t n, const char *set);
/* Append "name=value" of a form, after & when `out` is not empty. */
int urlenc_form(struct buf *out, const char *name, const char *value);

/* The byte that s[0..n) begins with as %XX; -1: with none. */
int urlenc_byte(const char *s, size_t n);
/* Append s[0..n) decoded; what is not well-formed stays as it is. */
int urlenc_decode(struct buf *out, const char *s, size_t n);

#endif
