/*
 * What is done beside the events: after a downtime the messages that were
 * missed are fetched, and the registered webhooks are looked at from time
 * to time, since Webex switches one off in silence.  One thread, which may
 * wait for its calls.
 */
#ifndef BOT_KEEPER_H
#define BOT_KEEPER_H

#include "base/cfg.h"
#include "base/err.h"
#include "bot/board.h"
#include "bot/brain.h"
#include "bot/engine.h"
#include "bot/intake.h"
#include "bot/self.h"
#include "net/xfer.h"
#include "store/evq.h"
#include "webex/wx.h"

struct keeper;

struct keeper_opts {
	const struct cfg *cfg;
	struct evq *q;
	struct wx *wx;
	struct xfer *xfer;
	struct self *self;
	struct board *board;
	struct brain_slot *brain;
	struct engine *engine;       /* told when it may begin */
	const struct intake *intake; /* has the secret of the webhooks */
};

/* Before the first event of this run is stored: notes when the last came. */
struct keeper *keeper_new(const struct keeper_opts *o, struct err *e);
/*
 * After the listeners are open: what is said from the first look at the rooms
 * on must find them.
 */
int keeper_start(struct keeper *k, struct err *e);
/* A webhook came in: if they were found wrong, look again soon. */
void keeper_nudge(struct keeper *k);
/*
 * One could not be stored: what it told of is fetched when that goes again,
 * and what comes in then is not answered before it, unless there was no room
 * for it: then answers make some.
 */
void keeper_refused(struct keeper *k, bool full);
/* What webhooks are needed may have changed: look at them now. */
void keeper_look(struct keeper *k);
/*
 * From another process, once a person has mended the webhooks: the bot at
 * work on this store, if there is one, finds a note of it within seconds.
 */
void keeper_mended(const char *store);
/*
 * For a bot that stands in for one that is not there: what is missed until
 * that one is back stays so, whatever is put into the store before.
 */
void keeper_absent(struct evq *q);
/* Begin to end; xfer_stop cuts its calls short. */
void keeper_stop(struct keeper *k);
/* After xfer_stop. */
void keeper_free(struct keeper *k);

/*
 * What is held up meanwhile: `known` is called when only rooms that are asked
 * are any more.
 */
struct catchup_first {
	void (*known)(void *arg);
	void *arg;
};

/*
 * catchup.c: put the messages missed since `since`; how many, or -1.
 * `first` NULL: nothing is held up, nothing tried again.
 */
int catchup_run(const struct keeper_opts *o, int64_t since,
    const struct catchup_first *first, struct err *e);

#endif
