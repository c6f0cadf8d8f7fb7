/* Small text helpers that the C library lacks.  Pure. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whole text as a number within lo..hi; 0, or -1 and *out untouched. */
int str_num(const char *s, long long lo, long long hi, long long *out);

/* "10s", "500ms", "5m", "1h", "7d", or plain seconds, as milliseconds. */
int str_ms(const char *s, long long *out);

/* "256k", "4m", "1g", or plain bytes. */
int str_size(const char *s, long long *out);

bool str_prefix(const char *s, const char *prefix);
bool str_suffix(const char *s, const char *suffix);
bool str_ieq(const char *a, const char *b); /* ASCII case */
bool str_eq(const char *a, const char *b);  /* NULL equals NULL only */

/* Cut blanks at both ends, in place; returns the start. */
char *str_trim(char *s);

/*
 * The next piece of a list; *at moves on; NULL at the end.  Blanks around a
 * piece are cut, empty pieces skipped.  `*at` is written to.
 */
char *str_next(char **at, char sep);

/* `*` matches any run, other bytes themselves (ASCII case is ignored). */
bool str_glob(const char *pattern, const char *s);

/*
 * Of `n` names the one nearest to `s`, when near enough to be meant; NULL
 * otherwise.  `stride` is the size of one element that starts with a
 * const char *.
 */
const char *str_nearest(
    const char *s, const void *names, size_t n, size_t stride);
/* The same with at most `max` letters wrong. */
const char *str_near(
    const char *s, const void *names, size_t n, size_t stride, int max);

/* FNV-1a, 64 bits: for tables and short digests, not for secrets. */
uint64_t str_hash(const void *p, size_t n);

/*
 * How many bytes from the first on are ASCII and stand for themselves in a
 * JSON text: no control characters, quotes and backslashes.
 */
size_t str_plain(const char *s, size_t n);

/*
 * Decode one UTF-8 character of s[0..n): its length, 0 when it is none
 * (overlong, surrogate, beyond U+10FFFF, cut off).
 */
size_t str_utf8(const char *s, size_t n, uint32_t *cp);
bool str_utf8_ok(const char *s, size_t n);
/* Append-form: writes 1..4 bytes to out, returns how many. */
size_t str_utf8_put(uint32_t cp, char out[4]);
/* The largest length <= n that does not cut a character of s. */
size_t str_utf8_cut(const char *s, size_t n);

#endif
