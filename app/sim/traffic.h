/*
 * What went over the wire, and what happened in the world: the newest few
 * thousand items, listed as JSON and streamed to the chat page as they
 * come.  Bounded in number and bytes; the oldest go first.
 *
 * Has its own lock; any thread.  sim->mu may be held by the caller.
 */
#ifndef SIM_TRAFFIC_H
#define SIM_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct http_req;
struct traffic;

#define TRAFFIC_BODY (16 * 1024) /* kept of each body */

/* One exchange; texts are borrowed for the call, NULL when there is none. */
struct traffic_note {
	const char *kind; /* "call": REST; "delivery": a webhook */
	const char *who;  /* who asked, or whose webhook */
	const char *method;
	const char *path;   /* with the query, or the target URL */
	int status;         /* 0: no answer */
	const char *remark; /* "cut off by a fault", "timed out" */
	const char *track;
	int64_t us;
	const char *req;
	size_t req_len;
	const char *resp;
	size_t resp_len;
};

struct traffic *traffic_new(void);
void traffic_free(struct traffic *t);
/* Streams end and no new ones begin. */
void traffic_stop(struct traffic *t);
void traffic_clear(struct traffic *t);

void traffic_call(struct traffic *t, const struct traffic_note *n);
/* Something for the page only: `name` is the event's, `json` its data. */
void traffic_event(struct traffic *t, const char *name, const char *json);

/* Append the exchanges after `since` as {"seq":N,"items":[...]}. */
void traffic_list(struct traffic *t, uint64_t since, struct buf *out);

/*
 * Answer with a stream of server-sent events until the client is gone:
 * "hello" first, then what comes (after `since` unless it is 0), "reset"
 * when some of it is no longer there.
 */
void traffic_stream(struct traffic *t, struct http_req *r, uint64_t since);

#endif
