/*
 * What a submit sends, held against the card that was sent: clients are not
 * to be trusted, and cards stay usable after they have changed.
 */
#ifndef CARD_SUBMIT_H
#define CARD_SUBMIT_H

#include "base/err.h"
#include "card/problem.h"
#include "card/val.h"

/*
 * Check the inputs of an attachment action (an object of texts; numbers and
 * truth values are taken for their texts) against the rendered card.  Members
 * of a button's `data` must be as they are there; an input that was left
 * empty may be missing or "", as may one inside a `fallback`, which is there
 * in place of another.  A card that has neither inputs nor data lets all
 * pass.  Problems are errors, with "/ID" as path
 * and a sentence for the person who filled the card in; codes:
 *   required  wrong-kind  bad-value  too-long  out-of-range  unknown-choice
 *   unknown-input
 * -1: memory.
 */
int submit_check(const struct val *card, const struct val *inputs,
    struct problems *ps, struct err *e);

#endif
