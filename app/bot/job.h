/*
 * A job: one claimed item on its way through a table of steps.  It lives on
 * the engine's thread; while it waits for Webex, for the store or for its
 * turn it is a struct in memory and holds no thread.
 */
#ifndef BOT_JOB_H
#define BOT_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "bot/engine.h"
#include "bot/event.h"
#include "net/xfer.h"
#include "store/evq.h"
#include "webex/wx.h"

#define JOB_MISSING_SENDS 3 /* a reply's tries that end with 404 */
#define JOB_REASON 400

struct hand_work;
struct job;
struct job_http;
struct outhook_load;
struct turn;

enum job_next {
	JOB_GO,   /* the next step at once */
	JOB_AT,   /* likewise the one that j->step has been set to */
	JOB_WAIT, /* the next step when job_resume is called */
	JOB_STAY, /* this step again when job_resume is called */
	JOB_OVER, /* the job is freed */
};

struct step {
	const char *name;
	enum job_next (*fn)(struct job *j);
};

/* What a call of Webex came to, kept for the next step. */
struct job_answer {
	enum wx_endpoint endpoint;
	enum wx_verdict verdict;
	int status;
	int64_t retry_ms;
	int64_t us;
	char *body;
	size_t len;
	char *next; /* of a list: the next page, NULL */
	int64_t file_size;
	/* see wx.h; lent by the job's arena, "" when there is none */
	const char *file, *file_type;
	const char *tracking;
	const char *error;
	const char *detail; /* Webex' own words, not for the log */
};

struct job {
	struct job *next; /* in the inbox, or among the stalled */
	struct job *all_prev, *all_next;
	struct engine *en;
	struct evq_item *item;
	enum evq_which which;
	int64_t event; /* its id, also when the item is gone; 0: none */
	const struct step *step;
	struct arena *arena;
	struct job_answer answer;
	bool answered;        /* it is new */
	enum evq_state again; /* what a retry goes back as */
	struct buf trace;     /* JSON lines for `events show` */
	struct evq_change change;
	bool stored; /* the change went through */
	/* what follows its reason for `events`: words of others, or NULL */
	const char *detail;
	char *refusal; /* of the store; NULL: none, or no memory for it */
	const char *lane;
	bool parked;          /* until it is first in its lane */
	bool aside;           /* counted as such, see engine_aside */
	bool alone;           /* and nothing else of its lane is claimed */
	enum evq_which queue; /* that the item is in */
	size_t bytes;         /* of its body */
	int64_t start_us;
	int64_t called_us; /* of the last call */
	struct event ev;
	struct json *called;   /* what somebody else answered, see call.h */
	bool stopped;          /* it was cut off by our stopping */
	struct turn *turn;     /* of an event, once it is decoded */
	struct json *out;      /* of a reply: its envelope */
	bool fresh;            /* a reply: marked as being sent just now */
	int pages;             /* a reply: of the lookup */
	const char *found;     /* a reply: the message the lookup came to */
	struct job_http *http; /* a reply that is a request to others */
	bool plain;            /* a reply: its card was refused, text only */
	bool anew; /* a reply: its edit was refused, a new message */
	struct hand_work *hand; /* of a handler in C */
};

/* -- for steps -- */

/*
 * Call Webex; the answer is in j->answer for the step after.  JOB_WAIT, or
 * a retry or an end when it cannot be made now.
 */
enum job_next job_call(struct job *j, const struct wx_call *c);

/*
 * Call somebody else; what came (call_answer) is in j->called for the step
 * after, NULL when memory was out.
 */
enum job_next job_submit(struct job *j, struct xfer_req *q);

/*
 * The common answers to a call that did not succeed: tries again, waits for
 * a better time, or gives up.  For a POST that may have been carried out
 * (WX_LOST) the caller decides first.
 */
enum job_next job_failed(struct job *j);

/* How long to wait before the next try, longer each time. */
int64_t job_backoff(const struct job *j);
/* Back into the lane, to be tried again in `ms`. */
enum job_next job_retry(struct job *j, int64_t ms, bool free_try,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Never again. */
enum job_next job_dead(struct job *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * The same of an event with a turn: what it forwards and whom it notifies
 * goes out all the same.
 */
enum job_next steps_dead(struct job *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * Out of memory may pass, and is tried again.  That an event needs more than
 * one may have does not (`e` says so afterwards), nor does any other error:
 * that is its end.
 */
bool job_may_pass(const struct job *j, struct err *e);
enum job_next job_cannot(struct job *j, struct err *e);
enum job_next job_nomem(struct job *j);
/* The same as steps_dead does it, with the name of the rule. */
enum job_next steps_cannot(struct job *j, struct err *e);
/* Why j->change, fit for the log; cut to JOB_REASON. */
void job_reason(struct job *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Store j->change, which the caller filled; j->stored says how it went. */
enum job_next job_store(struct job *j);
/* The same as the end of the job: logged, counted, freed. */
enum job_next job_settle(struct job *j);

/* A step: waits until every event before it in its lane is settled. */
enum job_next job_turn(struct job *j);
/* Its end if it was dropped by hand since it was claimed, else JOB_GO. */
enum job_next job_dropped(struct job *j);

/*
 * It is about to wait for others than Webex (a program, a handler, its turn):
 * until it goes on, another may begin in its place.
 */
void engine_aside(struct job *j);
/* It waits for its turn in its lane, or does no longer. */
void engine_park(struct job *j, bool parked);
/* How many requests to others may be under way; the engine's thread. */
int engine_outside(const struct engine *en);
/* Of triggers of Webex Connect: what they are at; likewise. */
struct outhook_load *engine_triggers(struct engine *en);
/* Continue a waiting job; any thread, once for each wait. */
void job_resume(struct job *j);

/* A line for `events show`: {"what":...,"at":...} and pairs of texts. */
void job_trace(struct job *j, const char *what, ...) __attribute__((sentinel));

/* Tables of steps. */
extern const struct step steps_event[], steps_reply[];
/* steps_look.c: what rules read; each asks, and takes the answer. */
enum job_next look_person(struct job *j);
enum job_next look_person_take(struct job *j);
enum job_next look_room(struct job *j);
enum job_next look_room_take(struct job *j);
enum job_next look_file(struct job *j);
enum job_next look_file_take(struct job *j);
/* An item of others goes on in these instead. */
extern const struct step steps_hub[], steps_http[];
/* steps_call.c: the rule's call or program, and what came of it. */
enum job_next call_step(struct job *j);
enum job_next called_step(struct job *j);
/* Is the event from Webex Connect or any program: for steps_hub? */
bool steps_hub_takes(const struct job *j);
/* Into the outbox what is owed to others although the event is dead. */
int hub_forward_dead(struct job *j, const char *why, struct err *e);
/* Free what the steps hang on a job. */
void steps_event_done(struct job *j);
/*
 * What became of the items before this one?  Of those of its event, as many
 * as its "before" says.  -1: the store cannot tell.
 */
int steps_fate_before(const struct job *j, struct evq_fate *out);
/* Has its event a time until which it must have gone, and was it over then? */
bool steps_reply_expired(const struct job *j, int64_t at);
void steps_http_done(struct job *j);
/*
 * What others are not given, which is too large for them, keeps nobody from
 * being answered: the outbox has `own` items again.  False: it may pass.
 */
bool steps_not_forwarded(struct job *j, size_t own, struct err *e);

#endif
