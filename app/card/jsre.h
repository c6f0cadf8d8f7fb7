/*
 * JavaScript regular expressions, put into PCRE2's notation so that they
 * mean the same: ASCII classes, $ only at the very end, and so on.
 */
#ifndef CARD_JSRE_H
#define CARD_JSRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/re.h"

/*
 * Compile a JavaScript pattern.  `common`: only the subset that isMatch
 * takes (no look-around, no back references, no \b; flags as (?i)
 * anywhere).  `fold`: any case.  NULL: `e` says why not.
 */
struct re *jsre_new(
    const char *s, size_t n, bool common, bool fold, struct err *e);

#endif
