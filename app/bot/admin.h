/* /healthz, /readyz and /metrics, on a listener of their own. */
#ifndef BOT_ADMIN_H
#define BOT_ADMIN_H

#include <stdatomic.h>

#include "base/err.h"
#include "bot/board.h"
#include "net/http.h"
#include "store/evq.h"

struct admin {
	struct board *board;
	struct evq *q;
	_Atomic bool stopping;
};

/* Put the state of the store on the board; any thread. */
void admin_look(struct admin *a);
/* `a` must stay until http_stop. */
struct http *admin_start(struct admin *a, const char *listen, struct err *e);

#endif
