/*
 * Submits of cards: which card it was, whether what came fits the card that
 * was sent, and whether it may be answered (again).  Clients check only what
 * they draw, anybody may call the API, and cards stay where they are for
 * months: a rule sees nothing that its card could not have sent.  The
 * engine's thread.
 */
#ifndef BOT_SUBMITS_H
#define BOT_SUBMITS_H

#include "base/err.h"
#include "bot/turn.h"
#include "store/evq.h"

/*
 * A submit may overtake the note of which card its message shows: so many
 * times it is looked for again before it counts as unknown.
 */
#define SUBMITS_LOOKS 3
#define SUBMITS_LOOK_MS 250

/*
 * What is remembered of the message that holds the card: t->card, t->sent,
 * t->parent_id.  All stay as they are when nothing is.  0 or -1 (memory).
 */
int submits_recall(struct turn *t, struct evq *q, struct err *e);

/*
 * No rule answers this submit since its card is not known (any more).  Where
 * submits are answered at all, it is told so: t->what, t->route.rule.
 */
void submits_stale(struct turn *t);

/*
 * Hold the submit against its card.  0: it may go on, or t->what says why
 * not, t->says is what is answered, t->submit tells templates, and *reason
 * is for `events show`, without a word of what was sent.
 */
int submits_check(struct turn *t, const char **reason, struct err *e);

/* Words of our own for a submit that is not taken.  NULL: memory. */
const char *submits_words(struct turn *t);

/* A submit was taken: noted in t->changes where one is enough. */
int submits_use_up(struct turn *t, struct err *e);

#endif
