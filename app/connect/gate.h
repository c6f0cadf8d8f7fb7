/*
 * Who may use an inbound webhook or the event API: addresses, a service key
 * or a JWT, and how often (platform facts 2, 3).  Any thread.
 */
#ifndef CONNECT_GATE_H
#define CONNECT_GATE_H

#include "connect/ask.h"
#include "connect/codes.h"
#include "connect/conf.h"

struct gate;

/*
 * Read "key", "jwt" {serviceId, secret}, "allow" and "rate" of `obj`; the
 * caller checks for unknown members.  NULL: memory is out.  With a problem
 * told it lets nobody in.
 */
struct gate *gate_new(struct conf *c, const struct json *obj, const char *path);
void gate_free(struct gate *g);

/*
 * CODE_QUEUED: may pass.  Else CODE_ADDRESS, CODE_KEY_MISSING or
 * CODE_AUTH_FAILED, and *why for the log.  Key or JWT suffices; the JWT
 * decides when both come.
 */
enum code gate_check(
    const struct gate *g, const struct ask *q, const char **why);
/* One more transaction: CODE_QUEUED or CODE_RATE. */
enum code gate_count(struct gate *g);

/* Append what it asks for: "key, JWT, 50 a second"; nothing: nothing. */
void gate_describe(const struct gate *g, struct buf *out);
/* For a sender that is ourselves: the current key, NULL when there is none. */
const char *gate_key(const struct gate *g);
/* Append a fresh JWT; -1: none is configured, or memory. */
int gate_token(const struct gate *g, int64_t now_ms, struct buf *out);

#endif
