/* What stands beside a card for clients that cannot draw it. */
#ifndef CARD_FALLBACK_H
#define CARD_FALLBACK_H

#include "base/buf.h"
#include "card/val.h"

#define FALLBACK_MAX 7439 /* bytes Webex takes as text */

/*
 * Append the text of a card: its fallbackText, or else what its TextBlocks,
 * RichTextBlocks and FactSets say, a line each.  Never empty; cut at
 * FALLBACK_MAX.  -1: the buffer is full.
 */
int fallback_text(const struct val *card, struct buf *out);

#endif
