/*
 * The control API under /sim: what a test or the chat page asks of the
 * simulator itself.  No token; meant for loopback.  Requests that another
 * web page makes a browser send are refused.
 *
 * A handler runs under sim->mu (it may wait on sim->changed), writes JSON
 * to `out`, or returns -1 with the reason in `e`: 400, or the status it set.
 */
#ifndef SIM_CTL_H
#define SIM_CTL_H

#include "base/buf.h"
#include "base/json.h"
#include "net/http.h"
#include "sim/inner.h"
#include "sim/msg.h"

struct ctl {
	struct sim *sim;
	struct http_req *req;
	struct json *body; /* of a POST: an object, empty when none came */
	struct buf out;
	int status;
	struct err e;
};

void ctl_serve(struct http_req *r, void *arg);
/* Does a page of another site send this? */
bool ctl_foreign(const struct http_req *r);
/* GET /sim/events: a stream. */
void ctl_events(struct http_req *r, void *arg);
/* GET /sim/script: a room as a chat script. */
void ctl_script(struct http_req *r, void *arg);

/* Somebody by email or first name; NULL: `e` is set. */
struct person *ctl_person(struct ctl *c, const char *name);
/*
 * A room by id, title, or the email of the person whose direct room with
 * the bot it is ("direct": of `p`).  NULL: `e` is set.
 */
struct room *ctl_room(struct ctl *c, const char *name, struct person *p);
/* Status and text into `e`. */
int ctl_fail(struct ctl *c, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A query value as a number; 0 or -1 (`e`). */
int ctl_num(struct ctl *c, const char *name, long long hi, long long *out);

/* -- the rows -- */
int ctl_state(struct ctl *c);
int ctl_reset(struct ctl *c);
int ctl_clock(struct ctl *c);
int ctl_idle(struct ctl *c);
int ctl_options(struct ctl *c);
int ctl_set_options(struct ctl *c);
int ctl_faults(struct ctl *c);
int ctl_add_fault(struct ctl *c);
int ctl_clear_faults(struct ctl *c);
int ctl_deliveries(struct ctl *c);
int ctl_set_deliveries(struct ctl *c);
int ctl_traffic(struct ctl *c);
int ctl_clear_traffic(struct ctl *c);
int ctl_messages(struct ctl *c);
int ctl_say(struct ctl *c);
int ctl_submit(struct ctl *c);
int ctl_add(struct ctl *c);
int ctl_remove(struct ctl *c);
int ctl_add_person(struct ctl *c);
int ctl_burst(struct ctl *c);

/* Does a page of another site ask? */
bool ctl_foreign(const struct http_req *r);

#endif
