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
#include "webex/wx.h"

struct engine;
struct people;
struct xfer;

struct engine_opts {
	const struct cfg *cfg;
	struct evq *q;
	struct wx *wx;
	struct xfer *xfer; /* for requests to others than Webex */
	struct self *self;
	struct board *board;
	struct brain_slot *brain; /* rules and cards of the moment */
};

struct engine *engine_start(const struct engine_opts *o, struct err *e);
/*
 * Claims are made only while nobody puts what was missed in its place; not
 * at first.
 */
void engine_allow_claims(struct engine *en, bool allowed);
/* Something may be claimed; any thread. */
void engine_wake(struct engine *en);
/* Ask Webex again at once whether it takes the token (SIGHUP). */
void engine_poke(struct engine *en);
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

#endif
