/*
 * The durable queue.  Two queues in one store: events that came in, and
 * replies that are to go out (the outbox).  An event is put durably before
 * its sender hears 200; settling an event and storing its replies is one
 * transaction; a reply is marked as being sent before its request leaves,
 * so that after a crash it is known to be uncertain.
 *
 * Front and backends: this front validates, counts, batches and keeps the
 * lanes (lane.h); a backend (struct evq_ops) stores.  One writer thread
 * commits for all: whoever waits meanwhile is in one transaction with the
 * others (group commit), and gets its answer after it.
 *
 * Any thread may call; callbacks run on the writer thread, without a lock,
 * and must not block.
 */
#ifndef STORE_EVQ_H
#define STORE_EVQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "store/lane.h"

struct evq;

/*
 * Queues with lanes of their own: events, replies to Webex, and by their lanes
 * the requests to other programs among these, for which nobody waits who does
 * not wait for the same program, and the events of other programs among those,
 * which need nothing of Webex to be worked on.
 */
enum evq_which { EVQ_EVENTS, EVQ_REPLIES, EVQ_OUTSIDE, EVQ_HUB };
#define EVQ_WHICH 4
/* How the lanes of requests to others begin. */
#define EVQ_LANE_ALONE "http:" /* and what is unique: no order */
#define EVQ_LANE_OUTBOUND "outbound:"
#define EVQ_LANE_TRIGGER "trigger:"
/* And those of their events. */
#define EVQ_LANE_INBOUND "inbound:"
#define EVQ_LANE_EVENT "event:"
#define EVQ_LANE_CONNECT "connect:"

/* As stored and listed; numbers are part of the file format. */
enum evq_state {
	EVQ_QUEUED = 0,    /* not tried yet */
	EVQ_WAITING = 1,   /* to be tried again, or its replies are under way */
	EVQ_SENDING = 2,   /* replies only: the request may have left */
	EVQ_UNCERTAIN = 3, /* replies: it left, nobody knows if it arrived */
	EVQ_DONE = 4,
	EVQ_DEAD = 5,
};
const char *evq_state_name(enum evq_state s); /* as `webexbot events` says */

/* -- putting -- */

struct evq_new {
	const char *key;    /* the same key again is a repetition; NULL: none */
	const char *lane;   /* order holds within; "": none */
	const char *source; /* webex connect inbound event */
	const char *kind;   /* messages.created */
	const char *room;   /* for listings, may be "" */
	const void *body;
	size_t len;
	int64_t due;   /* clk_wall_ms, 0: at once */
	int64_t order; /* within the lane, such as when it was said; 0: now */
};

enum evq_put { EVQ_STORED, EVQ_REPEATED, EVQ_FULL, EVQ_FAILED };

/* Waits for the commit.  EVQ_FAILED: `e` says why. */
enum evq_put evq_put(
    struct evq *q, const struct evq_new *n, int64_t *id, struct err *e);

/* -- claiming -- */

struct evq_item {
	struct lane_item in;  /* first: the lanes hand it back */
	enum evq_which which; /* EVQ_EVENTS, or a reply of any kind */
	enum evq_which queue; /* that it is in */
	int missing; /* tries of this run of the program that ended with 404 */
	int64_t id;
	int64_t event; /* replies: the event they answer */
	int64_t received;
	int64_t since; /* the same by clk_mono_ms, which nobody sets */
	int attempts;
	enum evq_state state; /* EVQ_SENDING or EVQ_UNCERTAIN: look it up */
	/* set while claimed; may be freed and NULL before the claim's end */
	char *body;
	size_t len;
	void *owner; /* of who claimed it, for evq_front */
	/* by hand, since it was claimed: do not begin with it, evq_forget */
	_Atomic bool dropped;
	bool again; /* but played again since: evq_forget gives it back */
};

/*
 * The next item that may be worked on, with its body; the caller's until it
 * goes back by evq_change.  NULL: none now.  One without a body has been
 * dropped meanwhile (`webexbot events drop`) and goes by evq_forget, which
 * puts it back if it has been played again since.
 */
struct evq_item *evq_claim(struct evq *q, enum evq_which which);
void evq_forget(struct evq *q, struct evq_item *it);
/* While this one is claimed: is nothing else of its lane to be? */
void evq_narrow(struct evq *q, struct evq_item *it, bool narrow);
/*
 * Hold up the events of a lane, those to come, too, until evq_unbar; what is
 * claimed already goes on.  0, or -1 when memory is out.  Of this process:
 * nothing is stored.
 */
int evq_bar(struct evq *q, const char *lane);
void evq_unbar(struct evq *q, const char *lane);
/* When evq_claim may have one: 0 now, else clk_mono_ms, -1 unknown. */
int64_t evq_due(struct evq *q, enum evq_which which);
/*
 * The owner of the first item of a lane if it is claimed; NULL: it waits, or
 * none is.  Not the item: that may be gone by then.
 */
void *evq_front(struct evq *q, enum evq_which which, const char *lane);
/* Is every item before it in its lane settled? */
bool evq_is_first(struct evq *q, const struct evq_item *it);
/* Is a reply in this lane still to be sent, or looked up? */
bool evq_replying(struct evq *q, const char *lane);

/* -- changing -- */

struct evq_reply {
	const char *lane;
	const char *body;
	size_t len;
	int64_t due; /* clk_wall_ms, 0: at once */
};

/*
 * What is remembered; value NULL: forget.  In scopes that begin with ~ what
 * has not been written for 90 days is forgotten by itself.
 */
struct evq_memo {
	const char *scope;
	const char *key;
	const char *value;
};

/*
 * What became of a claimed item, as one transaction.  All that it points to
 * is the caller's and stays until `done` is called.
 */
struct evq_change {
	struct evq_change *link; /* the queue's */
	struct evq_item *item;
	/*
	 * Events: DONE (settled, with replies), WAITING (again at `due`),
	 * DEAD.  Replies: SENDING, DONE, WAITING, UNCERTAIN (to be looked
	 * up at `due`; -1: given up), DEAD.
	 */
	enum evq_state to;
	int64_t due;
	bool free_try; /* WAITING: does not count as an attempt */
	const char *reason;
	const char *tracking; /* Webex's trackingId */
	const char *rule;     /* events: which answered */
	const char *trace;    /* JSON lines for `events show`, appended */
	const struct evq_reply *replies;
	size_t nreplies;
	const struct evq_memo *memos;
	size_t nmemos;
	/* replies DONE: the message that came of it, and its card's name */
	const char *message;
	const char *card;
	const char *content;
	/*
	 * Out, events DONE: the first reply, when nothing else is before it
	 * in its lane: claimed already and marked EVQ_SENDING in the same
	 * transaction.  NULL: claim it as usual.
	 */
	struct evq_item *ready;
	/*
	 * After the commit (ok), or when it failed (the item is as it was,
	 * still claimed).  `item` is gone for DONE and DEAD, and whenever it
	 * was dropped meanwhile: then it is NULL here.  For SENDING it is
	 * still claimed; for the others it is back in its lane.
	 */
	void (*done)(struct evq_change *c, bool ok, const struct err *e);
	void *arg;
};

void evq_change(struct evq *q, struct evq_change *c);
/* Without an item: remember this, and wait until it is on the disk. */
int evq_remember(struct evq *q, const struct evq_memo *m, struct err *e);
/* The same of a number; 0: forget it. */
int evq_remember_num(struct evq *q, const char *scope, const char *key,
    int64_t n, struct err *e);

/* Give a claimed item back as it was, without a trace, for `ms`. */
void evq_unclaim(struct evq *q, struct evq_item *it, int64_t ms);

/* -- opening -- */

struct evq_opts {
	const char *where;   /* "sqlite:FILE", "mem:" */
	int64_t queue_max;   /* open events and replies; requests to others */
	int64_t keep_ms;     /* how long done events are remembered */
	int64_t reach_ms;    /* how old what is put again may be */
	unsigned window;     /* events of one lane that are claimed at once */
	int64_t underway_ms; /* a request that left before a crash takes */
	/* Something may be claimed, or it can(not) be written; any thread. */
	void (*wake)(void *arg);
	void *arg;
};

/* NULL: `e` says why: damaged, of a newer version, in use, no space. */
struct evq *evq_open(const struct evq_opts *o, struct err *e);
void evq_close(struct evq *q);

/* Can it store?  The last write failed when not. */
bool evq_healthy(struct evq *q);
/* As many are open as may be: what comes is EVQ_FULL. */
bool evq_full(struct evq *q);
/* More than nine tenths of that. */
bool evq_nearly_full(struct evq *q);
int64_t evq_open_items(struct evq *q);
int64_t evq_open_outside(struct evq *q); /* requests to others */
/*
 * When the last event of `source` (NULL: of any) came in.  Where there is
 * none among the latest, when the oldest of them did; 0: nothing ever came.
 */
int64_t evq_last_received(struct evq *q, const char *source);

/* -- reading; for the engine and for the command line -- */

/* The card a message of ours shows: its name (caller frees), or NULL. */
char *evq_card(struct evq *q, const char *message, char **content);
/* Is this message known to be one of our replies? */
bool evq_sent(struct evq *q, const char *message);
/* What became of some replies. */
struct evq_fate {
	int dead;     /* have not arrived, or may not have; */
	int64_t last; /* the last of them since then, clk_wall_ms; 0: none */
	int open;     /* are still to be sent or looked up */
};
/*
 * Of an event's replies, from number `from` to `to` (which is not counted);
 * those of one change are numbered in their order.  -1: the store cannot tell.
 */
int evq_fate(struct evq *q, int64_t event, int64_t from, int64_t to,
    struct evq_fate *out);
/* A memory value (caller frees), or NULL. */
char *evq_memory(struct evq *q, const char *scope, const char *key);
/* One that is a number, such as a time; 0: there is none. */
int64_t evq_memory_num(struct evq *q, const char *scope, const char *key);

struct evq_filter {
	int state;        /* enum evq_state, -1: any */
	const char *room; /* NULL: any */
	int64_t since;    /* received at or after */
	bool oldest;      /* first, else newest */
	int64_t last;     /* those that follow this id; 0: from the start */
	int64_t limit;
};

/*
 * A store opened beside the running bot: lists and changes what is not
 * being worked on.
 */
struct evq_view;
struct evq_view *evq_view_open(const char *where, struct err *e);
void evq_view_close(struct evq_view *v);
/* Is a bot at work on this store?  Its process, 0: none. */
long evq_view_owner(const char *where);
/*
 * Put an event beside the running bot, which takes it up within a second:
 * its id; 0: its key has been seen; -1.
 */
int64_t evq_view_put(
    struct evq_view *v, const struct evq_new *n, struct err *e);
/*
 * How many events of this source and kind there are from id `first` on, by
 * enum evq_state.
 */
int evq_view_count(struct evq_view *v, const char *source, const char *kind,
    int64_t first, int64_t counts[EVQ_DEAD + 1], struct err *e);
/* How many of them are still to be done or sent; -1. */
int64_t evq_view_left(
    struct evq_view *v, const char *source, const char *kind, struct err *e);
/* Copy cards and memory into another store, which nobody has open. */
int evq_view_copy(const char *from, const char *to, struct err *e);
/* Objects as in `webexbot events list --json`. */
struct json *evq_view_list(
    struct evq_view *v, const struct evq_filter *f, struct err *e);
/* One event with body, trace and replies; NULL: not there or failed. */
struct json *evq_view_show(struct evq_view *v, int64_t id, struct err *e);
/* Leave a note where evq_memory finds it; 0 or -1. */
int evq_view_remember(
    struct evq_view *v, const struct evq_memo *m, struct err *e);
/*
 * Queue it again; 0 or -1 (ERR_PERM: it is in no state for that).  One that is
 * dead only of what other programs did not take in, while people have been
 * answered: just that, with the same ids, unless it is meant as a whole.
 */
int evq_view_replay(struct evq_view *v, int64_t id, bool whole, struct err *e);
/* It is dead, for this reason; 0 or -1. */
int evq_view_end(
    struct evq_view *v, int64_t id, const char *why, struct err *e);
/* Never try it (again); 0 or -1 (ERR_PERM: it is done, or was). */
#define EVQ_DROPPED "dropped by hand" /* its reason */
int evq_view_drop(struct evq_view *v, int64_t id, struct err *e);

#endif
