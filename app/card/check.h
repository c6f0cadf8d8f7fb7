/*
 * Checking cards against the Adaptive Cards schema 1.3 and what Webex draws.
 * The rules are tables (check_tab.h); problems name a code, the JSON pointer
 * and one sentence.
 *
 *   errors    missing-member unknown-member unknown-type not-allowed-here
 *             wrong-kind bad-value too-new duplicate-id unknown-target
 *   warnings  webex-unsupported too-many-actions too-many-images insecure-url
 *             data-input-clash text-data-with-inputs no-error-message
 *             bad-range unknown-choice unresolved-expression; bad-value for a
 *             comma in a choice of several
 */
#ifndef CARD_CHECK_H
#define CARD_CHECK_H

#include "base/err.h"
#include "card/problem.h"
#include "card/tpl.h"
#include "card/val.h"

/* An expanded card.  -1: memory was out (`ps` is not complete). */
int check_card(const struct val *card, struct problems *ps, struct err *e);

/*
 * A template as it stands: only what is literal, so texts with ${ } may be
 * anything, $data and $when are left out, and nothing is counted.
 */
int check_template(const struct val *tpl, struct problems *ps, struct err *e);

/*
 * A card that was rendered with a trace: the problems at the places in the
 * template that they come from, once for all rows of a repetition, and not
 * what `ps` holds already.  `before` begins each sentence.
 */
int check_rendered(const struct val *card, struct tpl_trace *tr,
    const char *before, struct problems *ps, struct err *e);

#endif
