/*
 * A notification as it was saved, Webex' or that of Webex Connect, on its
 * way into the queue.  Pure.
 */
#ifndef BOT_SAVED_H
#define BOT_SAVED_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "bot/event.h"
#include "connect/notice.h"
#include "store/evq.h"

#define SAVED_LANE 128

struct saved {
	struct event ev;
	struct evq_new item;
	struct buf bytes;
	char key[EVENT_KEY > NOTICE_KEY ? EVENT_KEY : NOTICE_KEY];
	char kind[NOTICE_TYPE];
	char lane[SAVED_LANE];
};

/*
 * What the body is, and s->item, ready to be put.  -1: it is neither, and `e`
 * says what is missing.  saved_done after either.
 */
int saved_read(struct saved *s, const char *raw, size_t len, struct err *e);
void saved_done(struct saved *s);

/* Of a notification of Webex Connect: key, kind and lane; 0 or -1. */
int saved_notice(const struct json *body, char key[NOTICE_KEY],
    char kind[NOTICE_TYPE], char lane[SAVED_LANE]);

#endif
