/* Inside a running bot: bot.c and bot_aside.c. */
#ifndef BOT_BOT_INT_H
#define BOT_BOT_INT_H

#include <pthread.h>

#include "bot/admin.h"
#include "bot/board.h"
#include "bot/bot.h"
#include "bot/brain.h"
#include "bot/engine.h"
#include "bot/inbound.h"
#include "bot/intake.h"
#include "bot/keeper.h"
#include "bot/sched.h"
#include "bot/self.h"
#include "bot/watch.h"
#include "bot/workers.h"
#include "net/http.h"
#include "net/xfer.h"
#include "store/evq.h"
#include "webex/wx.h"

struct bot {
	struct cfg *cfg;
	const struct wb_bot *api;
	struct board *board;
	struct self *self;
	struct brain_slot brain;
	pthread_mutex_t reloading; /* while they are read again */
	struct watch *watch;       /* WEBEXBOT_WATCH, or NULL */
	struct evq *q;
	struct xfer *xfer;
	struct wx *wx;
	struct workers *workers;
	struct sched *sched;
	struct engine *engine;
	struct keeper *keeper;
	struct intake intake;
	struct inbound_ways inbound;
	struct admin admin;
	struct http *web, *adm;
	struct http_route *routes;
	struct bot_aside aside;
	pthread_mutex_t lock; /* with `moved`: the store has changed */
	pthread_cond_t moved;
};

/* Nothing runs yet; bot_stop frees it. */
struct bot *bot_new(struct cfg *cfg, const struct wb_bot *api, struct err *e);
/* What a bot and one aside have in common: store, calls, rules, engine. */
int bot_start_core(struct bot *b, struct err *e);

#endif
