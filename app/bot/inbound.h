/*
 * What Webex Connect and other programs send, into the queue: judged by the
 * hub's rules, stored, and only then answered.  Runs on the threads of the
 * HTTP server.
 */
#ifndef BOT_INBOUND_H
#define BOT_INBOUND_H

#include <stdatomic.h>
#include <stdbool.h>

#include "bot/brain.h"
#include "bot/intake.h"
#include "net/http.h"
#include "store/evq.h"

#define INBOUND_PATH "/events/*"
#define INBOUND_CONNECT_PATH "/webhooks/connect"
#define INBOUND_EVENT_PATH "/resources/v1/events/externalevent"

struct inbound_ways {
	struct evq *q;
	struct brain_slot *brain;
	bool private_ok;       /* WEBEXBOT_ALLOW_PRIVATE_URLS */
	_Atomic bool stopping; /* 503 from now on */
	struct intake_warned warned;
};

/* POST /events/ID: any program's JSON or XML. */
void inbound_post(struct http_req *r, struct inbound_ways *w);
/* POST /webhooks/connect: a notification of Webex Connect. */
void inbound_connect(struct http_req *r, struct inbound_ways *w);
/* POST /resources/v1/events/externalevent: the event API. */
void inbound_event(struct http_req *r, struct inbound_ways *w);
/* An inbound webhook whose body was over the limit. */
void inbound_too_large(struct http_req *r);

#endif
