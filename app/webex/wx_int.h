/* Inside the client of the REST API: wx.c and wx_wait.c. */
#ifndef WEBEX_WX_INT_H
#define WEBEX_WX_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "webex/wx.h"

struct wx {
	struct xfer *xfer;
	char *base;
	size_t host_len;       /* of base: scheme, host and port */
	bool details;          /* in errors of wx_wait */
	_Atomic int64_t ahead; /* our clock, of Webex' at the last answer */
	pthread_mutex_t lock;  /* over what follows */
	char *auth;            /* "Authorization: Bearer ..." */
	unsigned token;        /* its number */
	unsigned proved;       /* that of the last which is the bot's */
	int64_t rest_until[WX_GROUPS];
	pthread_cond_t stopped;
	bool stop;
};

/* A call as a request; what it is made of stays until wx_request_done. */
struct wx_request {
	struct xfer_req q;
	struct buf url;
	char *auth, *type;
	const char *headers[4];
};

/* 0 or -1; wx_request_done after either. */
int wx_request(
    struct wx *w, const struct wx_call *c, struct wx_request *r, struct err *e);
void wx_request_done(struct wx_request *r);
/* What the result means, and the rest that its limit group is asked for. */
void wx_take(struct wx *w, enum wx_endpoint ep, const struct xfer_res *r,
    struct wx_answer *out);

#endif
