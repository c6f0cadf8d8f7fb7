/*
 * Conversations: a rule's questions, one after the other.  The next message
 * of the same person in the same room is the answer (or the submit of the
 * card that was asked with); where they stand is kept in the store.  The
 * engine's thread.
 */
#ifndef BOT_ASK_H
#define BOT_ASK_H

#include "base/err.h"
#include "bot/turn.h"

/*
 * Does what was said answer an open question?  1: t->route is the rule that
 * asked; 0: no; -1: memory.
 */
int ask_resume(struct turn *t, struct err *e);

/*
 * Go on with the questions of t->route.rule, if it has any: take the answer,
 * then t->what and t->says tell what is to be said.
 */
int ask_go(struct turn *t, struct err *e);

#endif
