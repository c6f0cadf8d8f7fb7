/*
 * Typed calls of the Webex REST API over net/xfer: what to send, what the
 * answer means, and how long a limit group must rest.  Knows no chat.
 */
#ifndef WEBEX_WX_H
#define WEBEX_WX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "net/xfer.h"

/* Text of a message, in bytes (platform facts 2.2). */
#define WX_TEXT_MAX 7439

enum wx_endpoint {
#define ENDPOINT(id, method, path, group, may_repeat) WX_##id,
#include "tbl/endpoints.h"
#undef ENDPOINT
	WX_ENDPOINTS
};

enum wx_group {
	WX_PEOPLE,
	WX_ROOMS,
	WX_MESSAGES,
	WX_ACTIONS,
	WX_CONTENTS,
	WX_MEMBERSHIPS,
	WX_WEBHOOKS,
	WX_GROUPS
};

/* What an answer asks of the caller. */
enum wx_verdict {
	WX_OK,
	WX_RETRY,     /* surely not carried out; after retry_ms if known */
	WX_LOST,      /* a call that must not be repeated blindly: it may
		       * have been carried out */
	WX_MISSING,   /* 404: not there, not yet, or not for us */
	WX_AUTH,      /* 401: the token is not accepted */
	WX_REFUSED,   /* will not succeed */
	WX_CANCELLED, /* we are stopping; it may have been carried out */
};

struct wx_answer {
	enum wx_verdict verdict;
	int status;       /* 0: none came */
	int64_t retry_ms; /* Retry-After, -1: not given */
	int64_t us;
	const char *body;
	size_t len;
	/* of a file (HEAD): its name and type, "", and size, -1 */
	char file[256];
	char file_type[128];
	int64_t file_size;
	const char *next;   /* of a list: the next page's URL, "" */
	char tracking[128]; /* trackingId, "" */
	char error[200];    /* what went wrong, "": fit for a log */
	/* and what Webex says of it, "": it may quote what was sent */
	char detail[200];
};

struct wx;

struct wx_opts {
	const char *base; /* https://webexapis.com/v1 */
	const char *token;
	struct xfer *xfer;
	bool details; /* errors of wx_wait hold them: for a terminal only */
};

struct wx *wx_new(const struct wx_opts *o, struct err *e);
void wx_free(struct wx *w);
/* End every wait between tries of wx_wait; any thread. */
void wx_stop(struct wx *w);
/* Wait between two tries, for a thread that may; false: wx_stop ended it. */
bool wx_pause(struct wx *w, int64_t ms);
/*
 * A new token (read again): 1, 0 if it is the same, or -1; any thread.  Until
 * wx_trust no call is made with it (ERR_TEMP), but GET /people/me.
 */
int wx_set_token(struct wx *w, const char *token, struct err *e);
/* The number of the token that is used from now on, or of one before. */
unsigned wx_token(struct wx *w);
/* The token of that number is the bot's own; false: it is another by now. */
bool wx_trust(struct wx *w, unsigned token);

struct wx_call {
	enum wx_endpoint endpoint;
	const char *id;    /* for the `*`, as Webex gave it */
	const char *query; /* encoded, without "?" */
	const char *url;   /* instead of all that: a next page */
	const void *body;
	size_t len;
	const char *type; /* Content-Type of it, NULL: JSON */
	int timeout_ms;   /* 0: the default */
	/* wx_wait: a file that takes the body, at most sink_max bytes; 0: none
	 */
	int sink;
	size_t sink_max;
	/* Once, on the xfer thread, the answer lent: must not block. */
	void (*done)(const struct wx_answer *a, void *arg);
	void *arg;
};

/* 0, or -1 and `done` is not called. */
int wx_submit(struct wx *w, const struct wx_call *c, struct err *e);

/*
 * How far our clock is ahead of Webex', by the Date of the last answer, or a
 * second and its way more; 0: it is not, or none told.
 */
int64_t wx_ahead_ms(struct wx *w);

const char *wx_method(enum wx_endpoint ep);
const char *wx_path(enum wx_endpoint ep);

/*
 * Milliseconds until the endpoint's limit group may be called again, 0 now:
 * after a 429 all calls of a group rest, not each on its own.
 */
int64_t wx_rest_ms(struct wx *w, enum wx_endpoint ep);

/* What a result means; pure, for wx_submit and tests. */
void wx_judge(enum wx_endpoint ep, const struct xfer_res *r, int64_t wall_ms,
    struct wx_answer *out);

/* Is a next page on the same host as the API?  The token goes there. */
bool wx_same_host(const struct wx *w, const char *url);

/* -- waiting: for command line programs, the keeper and handlers -- */

/*
 * Call and wait, trying again what may be tried again (for `patience_ms`).
 * The parsed body (NULL for an empty one) goes to *out.  -1: `e` says what
 * was asked, what came and the trackingId.
 */
int wx_wait(struct wx *w, const struct wx_call *c, int64_t patience_ms,
    struct json **out, struct err *e);
/*
 * The pages of a list, one after the other, while `more` wants them.  0, or
 * -1 with `e` set.
 */
int wx_wait_pages(struct wx *w, const struct wx_call *first,
    int64_t patience_ms, bool (*more)(void *arg, const struct json *items),
    void *arg, struct err *e);
/* All pages of a list, items joined; NULL with `e` set. */
struct json *wx_wait_list(struct wx *w, enum wx_endpoint ep, const char *query,
    int64_t patience_ms, struct err *e);

#endif
