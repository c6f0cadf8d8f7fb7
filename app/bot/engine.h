/*
 * The engine: claims events and replies and moves each through its steps,
 * many at once, on one thread.  Order holds within a room, rooms run side
 * by side.
 */
#ifndef BOT_ENGINE_H
#define BOT_ENGINE_H

#include <stdint.h>

#include "base/cfg.h"
#include "base/err.h"
#include "bot/board.h"
#include "bot/brain.h"
#include "bot/self.h"
#include "store/evq.h"
#include "net/xfer.h"
#include "webex/wx.h"

struct engine;
struct job;
struct job_answer;
struct memory;
struct people;
struct wb_bot;
struct workers;

/*
 * Webex played by somebody else, for dry runs; called by the engine's
 * thread, must not block.
 */
struct engine_stage {
	/*
	 * True: the call is answered by `a` (cleared; verdict and status
	 * must be set, body and len may be, malloc'd), and nothing leaves.
	 */
	bool (*call)(void *arg, const struct wx_call *c, struct job_answer *a);
	/* A call of somebody else, which is not made: no connection. */
	void (*other)(void *arg, const struct xfer_req *q);
	/* A job is about to be settled as j->change says; may be NULL. */
	void (*settled)(void *arg, const struct job *j);
	void *arg;
};

struct engine_opts {
	const struct cfg *cfg;
	struct evq *q;
	struct wx *wx;
	struct xfer *xfer;
	struct self *self;
	struct board *board;
	struct brain_slot *brain;         /* rules and cards of the moment */
	const struct engine_stage *stage; /* NULL: Webex itself */
	const struct wb_bot *api;         /* handlers in C */
	struct workers *workers;          /* that run them */
};

struct engine *engine_start(const struct engine_opts *o, struct err *e);
/*
 * Claims are made only while nobody puts what was missed in its place; not
 * at first.  Without progress (engine_put_more) they are made again after
 * 10 s: what was missed may then be answered after what came since.
 */
void engine_allow_claims(struct engine *en, bool allowed);
void engine_put_more(struct engine *en);
/* Webex answers nothing: nothing is claimed until it does; any thread. */
void engine_down(struct engine *en, const char *why);
/* Those under way, by all_next; the engine's thread. */
const struct job *engine_jobs(struct engine *en);
/* Something may be claimed; any thread. */
void engine_wake(struct engine *en);
/*
 * Ask Webex again at once whether it takes the token (SIGHUP); `renewed`: and
 * whose it is, before anything is done with it.
 */
void engine_poke(struct engine *en, bool renewed);
/* Is nothing under way, and nothing that could be begun now?  Any thread. */
bool engine_idle(struct engine *en);
/*
 * Claim no more, wait for the jobs in flight until `ms` have passed.  Those
 * left are done after the next start.
 */
void engine_drain(struct engine *en, int64_t ms);
/* End the thread.  Callbacks of xfer and evq may still come. */
void engine_stop(struct engine *en);
/* After xfer_stop and evq_close have ended every callback. */
void engine_free(struct engine *en);

/* For steps. */
const struct engine_opts *engine_opts(const struct engine *en);
struct people *engine_people(struct engine *en);
struct memory *engine_memory(struct engine *en);

#endif
