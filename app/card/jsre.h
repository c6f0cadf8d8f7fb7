/*
 * JavaScript regular expressions, put into PCRE2's notation so that they
 * mean the same: ASCII classes, $ only at the very end, and so on.
 */
#ifndef CARD_JSRE_H
#define CARD_JSRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Append the translation of a JavaScript pattern.  `common`: only the subset
 * that isMatch takes (no look-around, no back references, no \b; flags as
 * (?i) anywhere).  `fold`: any case.  -1: `e` says why not.
 */
int jsre_translate(const char *s, size_t n, bool common, bool fold,
    struct buf *out, struct err *e);

#endif
