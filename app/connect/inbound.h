/*
 * Inbound webhooks: an ID that any program can post JSON or XML to
 * (contract 6, platform facts 2).  Any thread.
 */
#ifndef CONNECT_INBOUND_H
#define CONNECT_INBOUND_H

#include "connect/ask.h"
#include "connect/codes.h"
#include "connect/conf.h"
#include "connect/gate.h"
#include "connect/sign.h"
#include "connect/vars.h"

struct inbound;

#define INBOUND_ID_MAX 100
#define INBOUND_ID_RULE "an ID is 1 to 100 letters, digits and -._~"

/* What stands in an address without escapes. */
bool inbound_id_ok(const char *id);

/*
 * Read one member of "inbound"; its "reply" is the caller's.  NULL: memory
 * is out.  With a problem told it takes nothing.
 */
struct inbound *inbound_new(
    struct conf *c, const char *id, const struct json *v, const char *path);
void inbound_free(struct inbound *in);

const char *inbound_id(const struct inbound *in);
const struct gate *inbound_gate(const struct inbound *in);
/* NULL: none is asked for. */
const struct sign *inbound_sign(const struct inbound *in);
bool inbound_active(const struct inbound *in);

/*
 * Judge a request.  CODE_QUEUED: it may be stored, and *kind is what its
 * body is.  Else the code to answer, and *why for the log.
 */
enum code inbound_check(struct inbound *in, const struct ask *q,
    enum vars_kind *kind, const char **why);

#endif
