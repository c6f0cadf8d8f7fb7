/*
 * Cases for `webexbot cards evaluate`, one JSON object a line: an expression,
 * a template or a card to check, with its data.
 */
#ifndef CARD_EVALUATE_H
#define CARD_EVALUATE_H

#include <stddef.h>

#include "base/buf.h"

/* Append the answer to one line, ended by a newline.  -1: memory. */
int evaluate_line(const char *line, size_t n, struct buf *out);

#endif
