/* The path language of jPath (JSPath): .books{.price > 10}.title */
#ifndef CARD_JPATH_H
#define CARD_JPATH_H

#include "card/expr_int.h"

/* 0; -1: x->fail says why (a bad path, a ceiling). */
int jpath_apply(struct expr_run *x, const struct val *data, const char *path,
    size_t n, struct val *out);

#endif
