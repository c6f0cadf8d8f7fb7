/*
 * A small Webex Connect: notifications of every channel, signed and with
 * every authorization, to one target; events and inbound webhooks taken with
 * the documented codes; a page where a person sends an SMS to the bot and
 * sees what came of it.  Routes:
 *
 *   GET  /connect                    the page
 *   GET  /connect/log                what happened, oldest first
 *   GET, POST /connect/target        where notifications go, and how
 *   POST /connect/send               one notification; answers its status
 *   POST /connect/token              a bearer token, for client credentials
 *   GET  /connect/jwks               the keys that sign them
 *   POST /connect/rotate             another key from now on
 *   POST /connect/introspect         whether a bearer token is ours
 *   POST /events/ID                  inbound webhooks: any ID from SIM on
 *   POST /resources/v1/events/externalevent
 *                                    events; "sms" sends one, with receipts
 *
 * Its state has a lock of its own.  Any thread.
 */
#ifndef SIM_CONNECT_H
#define SIM_CONNECT_H

#include "base/err.h"
#include "net/http.h"

#define CONNECT_KEY "sim-service-key" /* of events and inbound webhooks */
#define CONNECT_SERVICE "sim-service" /* its JWTs: iss, and the secret */
#define CONNECT_SECRET "c2ltLXNlcnZpY2Utc2VjcmV0"
#define CONNECT_TOKEN "sim-connect-token" /* the bearer token that is sent */
#define CONNECT_BODY (256UL << 10)

struct connect;
struct json;
struct xfer;

struct connect *connect_new(struct xfer *x, struct err *e);
/* After xfer_stop. */
void connect_free(struct connect *c);

/* Notifications go there from now on; 0 or -1: memory is out. */
int connect_aim(struct connect *c, const struct json *target);

/* 0, or the code why a caller may not start anything: 7001, 7002. */
int connect_may(const struct http_req *r);

/* Handlers; arg is the simulator. */
void connect_log(struct http_req *r, void *arg);
void connect_target(struct http_req *r, void *arg);
void connect_send(struct http_req *r, void *arg);
void connect_token(struct http_req *r, void *arg);
void connect_jwks(struct http_req *r, void *arg);
void connect_rotate(struct http_req *r, void *arg);
void connect_introspect(struct http_req *r, void *arg);
void connect_inbound(struct http_req *r, void *arg);
void connect_event(struct http_req *r, void *arg);

#endif
