/* What is known of locales: how numbers are written, what a tag may be. */
#ifndef CARD_LOCALE_H
#define CARD_LOCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Append `d` with `digits` decimals and its digits grouped, as in the locale
 * `name` ("de-DE"; one that is not known is written as en-US).
 */
int locale_number(
    double d, int digits, const char *name, size_t len, struct buf *out);

/* Is it a well-formed language tag (BCP 47)? */
bool locale_tag_ok(const char *s, size_t n);

#endif
