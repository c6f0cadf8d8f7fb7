/*
 * Handlers written in C, from the engine's side: which one answers, its run
 * on a worker's thread, and what came of it.  The engine's thread.
 */
#ifndef BOT_HAND_H
#define BOT_HAND_H

#include "base/err.h"
#include "bot/job.h"
#include "bot/turn.h"
#include "webex/wx_hook.h"

struct wb_bot;
struct rule;

/* Does a handler answer events of this kind ("memberships.deleted")? */
bool hand_hears(const struct wb_bot *bot, const char *kind);
/* The webhooks that handlers need, from 0; NULL at the end. */
const struct wx_want *hand_want(const struct wb_bot *bot, size_t i);

/*
 * Find the handler that comes before the rules of the file: 1 (it is in
 * t->route), 0: none does, -1: memory is out.
 */
int hand_route(const struct wb_bot *bot, struct turn *t, struct err *e);
/*
 * After those rules: the fallback in C goes before the file's, and a message
 * may answer a question, which shows only when it is its turn.
 */
int hand_route_rest(const struct wb_bot *bot, struct turn *t, struct err *e);

/* What the rule of a handler reads, by wb_bot_fetch. */
void hand_reads(const struct wb_bot *bot, struct rule *r);

/* Steps: see whether a question is answered; run the handler; take it. */
enum job_next hand_asked(struct job *j);
enum job_next hand_run(struct job *j);
enum job_next hand_ran(struct job *j);

#endif
