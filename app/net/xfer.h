/*
 * HTTP requests to others, many at once, none of them holding a thread: one
 * thread owns a libcurl multi handle.  The only door to libcurl.
 * Connections are kept and shared, HTTP/2 is used where it is offered, TLS
 * is verified, HTTPS_PROXY and NO_PROXY are respected.
 */
#ifndef NET_XFER_H
#define NET_XFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct xfer;
struct xfer_res;

struct xfer_opts {
	int timeout_ms;      /* default for a whole request */
	int connections;     /* to one host; over HTTP/2 a few carry all */
	const char *ca_file; /* NULL or "": the system's */
	const char *agent;   /* User-Agent */
};

struct xfer *xfer_start(const struct xfer_opts *o, struct err *e);
/*
 * Cancels what is in flight (callbacks run, as XFER_STOPPED) and takes no
 * more; xfer_free follows when nobody may call any more.
 */
void xfer_stop(struct xfer *x);
void xfer_free(struct xfer *x);

enum xfer_end {
	XFER_ANSWERED,  /* a status and a body came, whatever they say */
	XFER_NOT_SENT,  /* surely not: no address, no connection, no TLS */
	XFER_CUT,       /* may have been received: time-out, cut connection */
	XFER_TOO_LARGE, /* the answer was over resp_max */
	XFER_STOPPED,   /* xfer_stop */
};

enum xfer_auth {
	XFER_AUTH_NONE,
	XFER_AUTH_BASIC,
	XFER_AUTH_DIGEST,
	XFER_AUTH_AWS
};

/* A request.  All texts are copied by xfer_submit. */
struct xfer_req {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value", NULL at the end */
	const void *body;
	size_t body_len;
	size_t resp_max; /* 0: 1 MiB */
	/*
	 * Where the body of a 200 goes instead of memory, as it comes; 0:
	 * nowhere.  A file on disk, the caller's until `done`.
	 */
	int sink;
	int timeout_ms; /* from its begin on; 0: the default */
	/*
	 * It may arrive twice: sent again at once where a kept connection
	 * turns out to be gone.
	 */
	bool repeatable;
	bool public_only; /* refuse private and loopback addresses */
	/* No request: a connection, with TLS, is made and closed; status 0. */
	bool connect_only;
	enum xfer_auth auth;
	const char *user;      /* "user:password", "key:secret" for AWS */
	const char *aws_sigv4; /* "aws:amz:region:service" */
	/* Once, on the xfer thread: must not block. */
	void (*done)(struct xfer_res *res, void *arg);
	void *arg;
};

/* What came back; lent to the callback. */
struct xfer_res {
	enum xfer_end end;
	int status;
	const char *body; /* NUL-terminated */
	size_t body_len;
	int64_t us;        /* how long it took */
	bool reused;       /* on a connection of an earlier request */
	const char *error; /* for the log, when not XFER_ANSWERED */
	struct xfer_head *head;
};

/* A header of the answer (any case), lent; NULL if missing. */
const char *xfer_header(const struct xfer_res *r, const char *name);
/*
 * All of them, one after the other: {NULL, NULL} gives the first; names in
 * lower case.  They are read in place: xfer_header finds them no more.
 */
struct xfer_field {
	const char *name, *value;
};
bool xfer_next_header(const struct xfer_res *r, struct xfer_field *f);

/* 0, or -1 and `done` is not called. */
int xfer_submit(struct xfer *x, const struct xfer_req *q, struct err *e);

/* For threads that may wait: submit and wait.  Frees with xfer_res_free. */
struct xfer_res *xfer_wait(
    struct xfer *x, const struct xfer_req *q, struct err *e);
void xfer_res_free(struct xfer_res *r);

#endif
