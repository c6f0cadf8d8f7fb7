/*
 * Unicode text as JavaScript sees it: lengths and places count UTF-16 units.
 * Texts here are UTF-8 in which half a surrogate pair may stand alone (three
 * bytes, ED A0..BF xx), since cutting a text by units can leave one.  Two
 * halves that meet must be joined (uni_add).  Pure.
 */
#ifndef BASE_UNI_H
#define BASE_UNI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Decode the character at s[0..n), n > 0: its length.  A lone half decodes
 * to itself; a byte that starts no character to U+FFFD.
 */
size_t uni_next(const char *s, size_t n, uint32_t *cp);
/* Writes 1..4 bytes, a lone half too; returns how many. */
size_t uni_put(uint32_t cp, char out[4]);

/* UTF-16 units in s. */
size_t uni_units(const char *s, size_t n);
/*
 * Byte offset of unit `unit` from the start; `n` when past the end.  *half:
 * the place is between the two halves of the character at the offset.
 */
size_t uni_offset(const char *s, size_t n, size_t unit, bool *half);
/* Append units from..to of s (a cut pair leaves a half). */
int uni_slice(const char *s, size_t n, size_t from, size_t to, struct buf *out);
/* Append, joining a half at the end of `out` with one at the start of s. */
int uni_add(struct buf *out, const char *s, size_t n);

/*
 * Make it UTF-8 for the world, in place: half a pair becomes U+FFFD, a byte
 * that is no character, or NUL, a question mark.
 */
void uni_clean(char *s, size_t n);

/* Order by UTF-16 units: <0, 0, >0. */
int uni_cmp(const char *a, size_t an, const char *b, size_t bn);

/* Is s plain ASCII? */
bool uni_ascii(const char *s, size_t n);

/* White space as trim() and \s take it. */
bool uni_space(uint32_t cp);
/* Cut white space at both ends: returns the start, *n the new length. */
const char *uni_trim(const char *s, size_t *n);

/*
 * Full case mapping, appended.  `lang`: "tr" and "az" have their own i, any
 * other (also NULL) is the common mapping.
 */
int uni_lower(const char *s, size_t n, const char *lang, struct buf *out);
int uni_upper(const char *s, size_t n, const char *lang, struct buf *out);

/* Equal but for case; the hash agrees with it. */
bool uni_ieq(const char *a, size_t an, const char *b, size_t bn);
uint32_t uni_ihash(const char *s, size_t n);

#endif
