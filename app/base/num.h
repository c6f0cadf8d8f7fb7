/*
 * Numbers as JavaScript reads and prints them, whatever the locale of the
 * process.  Pure.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>

#define NUM_TEXT 32

/*
 * The shortest text that reads back as `d`: 5, 1.5, 1e+21, 1e-7, NaN,
 * Infinity.  Returns its length.
 */
size_t num_text(double d, char out[NUM_TEXT]);

/*
 * Exactly `digits` (0..20) decimals, halves away from zero, as toFixed does;
 * from 1e21 up as num_text.  `out` holds NUM_FIXED bytes.
 */
#define NUM_FIXED 64
size_t num_fixed(double d, int digits, char *out);

/*
 * Read the longest number at the start of s[0..n): digits, optionally a
 * point and digits, an exponent, a sign before.  Returns the bytes used, 0:
 * there is none.
 */
size_t num_read(const char *s, size_t n, double *out);

bool num_whole(double d); /* finite, without a fraction */

/* Nearest whole number, halves up: -2.5 gives -2; keeps the sign of 0. */
double num_round(double d);

#endif
