/*
 * The event API: named events with parameters that any program can start
 * (contract 6, platform facts 3).  Any thread.
 */
#ifndef CONNECT_EVAPI_H
#define CONNECT_EVAPI_H

#include <stdint.h>

#include "connect/ask.h"
#include "connect/codes.h"
#include "connect/conf.h"
#include "connect/gate.h"

#define EVAPI_EVENTS_MAX 100 /* in one call */
#define EVAPI_CORRELATION_MAX 50

/* One row of "types": its parameters; the reply is the caller's. */
struct evapi_type;
struct evapi_type *evapi_type_new(
    struct conf *c, const struct json *v, const char *path);
void evapi_type_free(struct evapi_type *t);

/* A call, read; done with evapi_call_done, also after a refusal. */
struct evapi_call {
	struct json *body;
	const struct json *events; /* a list with something in it */
	size_t n;
	int64_t expiry;        /* clk_wall_ms; 0: none */
	const char *notifyurl; /* "": none */
};

#define EVAPI_WHY 256

/*
 * Read a body.  CODE_QUEUED, or what is wrong with the call as a whole
 * (CODE_BAD_JSON, CODE_EVENTS_MISSING, CODE_BAD_VALUE, CODE_EXPIRED) and
 * `why` in words for the caller.  `private_ok`: notifyurl may lead anywhere.
 */
enum code evapi_read(const struct ask *q, bool private_ok,
    struct evapi_call *out, char why[EVAPI_WHY]);
void evapi_call_done(struct evapi_call *call);

/* The text members of one event, lent; "" when missing or no text. */
const char *evapi_evtid(const struct json *event);
const char *evapi_correlation(const struct json *event);

/*
 * One event of a type (NULL: there is no such) as it is run:
 * {"evtid","correlationid","parameters"} with the defaults filled in, for
 * the caller.  CODE_QUEUED, CODE_BAD_VALUE, CODE_PARAMETERS, or
 * CODE_INTERNAL when memory is out.
 */
enum code evapi_event(const struct evapi_type *t, const struct json *event,
    struct json **out, char why[EVAPI_WHY]);

#endif
