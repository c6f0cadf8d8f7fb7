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
 * A submit may overtake the note of which message its card became: so many
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
 * Hold the submit against that card.  0: it may go on, or t->refused says
 * why not (for `events show`, no word of what was sent), t->submit tells
 * templates, and t->route.rule is the row that answers.
 */
int submits_check(struct turn *t, struct evq *q, struct err *e);

/* The built-in answer to a submit that was refused. */
int submits_answer(struct turn *t, struct err *e);

/* As the event is settled: the card is used up for this person. */
int submits_settle(struct turn *t, struct evq_change *c, struct err *e);

#endif
