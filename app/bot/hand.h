/*
 * Handlers written in C, from the engine's side: which one answers, its run
 * on a worker's thread, and what came of it.  The engine's thread.
 */
#ifndef BOT_HAND_H
#define BOT_HAND_H

#include "base/err.h"
#include "bot/job.h"
#include "bot/turn.h"

struct wb_bot;
struct rule;

/* Does a handler answer events of this kind ("memberships.deleted")? */
bool hand_hears(const struct wb_bot *bot, const char *kind);
/* Does a handler take answers of this name? */
bool hand_knows(const struct wb_bot *bot, const char *answer);

/*
 * Does what was said answer a question of wb_ask, and which handler comes
 * before the rules of the file?  1: *out is set, 0: none, -1: memory.
 */
int hand_asked(
    const struct wb_bot *bot, struct turn *t, struct route *out, struct err *e);
int hand_route(
    const struct wb_bot *bot, struct turn *t, struct route *out, struct err *e);
/* For what comes from other programs: "inbound.ID", "event.ID". */
int hand_route_hub(
    const struct wb_bot *bot, struct turn *t, struct route *out, struct err *e);
/* The fallback in C goes before that of the file. */
void hand_fallback(
    const struct wb_bot *bot, const struct turn *t, struct route *out);

/* What the rule of a handler reads, by wb_bot_fetch. */
void hand_reads(const struct wb_bot *bot, struct rule *r);

/*
 * What a handler wants to be remembered, an object as wb_turn has it: noted
 * in t->changes, and begun.  0 or -1.
 */
int hand_remember(struct turn *t, const struct json *wishes, struct err *e);

/* Steps: run the handler; take what came of it, for the next to settle. */
enum job_next hand_run(struct job *j);
enum job_next hand_ran(struct job *j);
/* Free what they hang on a job. */
void hand_done(struct job *j);

#endif
