/*
 * What a backend does.  All are called by one thread at a time (the
 * front's writer), except those that only read (from `fetch` on), which
 * others may call at the same time (one at a time among them).
 *
 * A backend for several processes would add leases: a lane is worked on by
 * the process that holds its lease, which ends by time when the process
 * dies; nothing else in the front assumes to be alone.
 */
#ifndef STORE_EVQ_OPS_H
#define STORE_EVQ_OPS_H

#include "store/evq.h"

/* One open item, when a store is opened. */
typedef int (*evq_open_fn)(void *arg, enum evq_which which,
    const struct evq_item *it, const char *lane);

struct evq_ops {
	const char *scheme; /* "sqlite" */
	int (*open)(void **st, const char *where, struct err *e);
	void (*close)(void *st);

	/* Every open item, oldest first. */
	int (*load)(void *st, evq_open_fn fn, void *arg, struct err *e);
	/*
	 * Those that another process has queued again since this was asked
	 * last (`webexbot events replay`), and as EVQ_DEAD those that it has
	 * dropped; how many, or -1.
	 */
	int (*poked)(void *st, evq_open_fn fn, void *arg, struct err *e);

	/* Can it be written again?  Asked while it could not. */
	int (*probe)(void *st, struct err *e);

	int (*begin)(void *st, struct err *e);
	int (*commit)(void *st, struct err *e);
	void (*rollback)(void *st);
	/* *id 0: the key was there. */
	int (*put)(void *st, const struct evq_new *n, int64_t now, int64_t *id,
	    struct err *e);
	/*
	 * *gone: it was dropped meanwhile, and nothing was changed.  Its
	 * replies are stored by `reply`, each getting its id.  Without an
	 * item only the memos are stored.
	 */
	int (*change)(void *st, const struct evq_change *c, int64_t now,
	    bool *gone, struct err *e);
	int (*reply)(void *st, const struct evq_change *c, size_t i,
	    enum evq_state state, int64_t now, int64_t *id, struct err *e);
	/*
	 * Look at the next `limit` events and forget those done longer ago
	 * than `keep`, and keys that neither a repetition has nor what is
	 * fetched again as far back as `reach`.  1: there are more to look at;
	 * 0: all were; -1.
	 */
	int (*prune)(void *st, int64_t now, int64_t keep, int64_t reach,
	    int limit, struct err *e);

	/* The body of an item into it->body; *gone: it is no longer open. */
	int (*fetch)(void *st, struct evq_item *it, bool *gone, struct err *e);
	char *(*card)(void *st, const char *message, char **content);
	int64_t (*last)(void *st, const char *source);
	bool (*sent)(void *st, const char *message);
	/* see evq_fate */
	int (*fate)(void *st, int64_t event, int64_t from, int64_t to,
	    struct evq_fate *out);
	char *(*memory)(void *st, const char *scope, const char *key);
};

extern const struct evq_ops evq_sqlite, evq_mem;

#endif
