/*
 * An HTTP server on civetweb: a route table, a ceiling and a deadline for
 * each body, answers as a whole or as a stream.  The only door to civetweb.
 *
 * Each connection has a thread of its own, which runs the handlers of its
 * requests one after the other; handlers of different connections run at
 * the same time.  A handler must answer exactly once before it returns.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct http;
struct http_req;

enum http_method {
	HTTP_GET = 1,
	HTTP_HEAD = 2,
	HTTP_POST = 4,
	HTTP_PUT = 8,
	HTTP_DELETE = 16,
	HTTP_PATCH = 32,
};

/*
 * A row of the route table.  `path` is matched as a whole; a `*` segment
 * matches any one segment ("/v1/messages/" + "*").  Several rows may have
 * the same path with other methods; a path with no row for the method is
 * answered 405 with Allow, no path 404.  `body_max` 0: no body is expected
 * (one is read and thrown away).
 */
struct http_route {
	const char *path;
	unsigned methods;
	size_t body_max;
	void (*fn)(struct http_req *, void *arg);
};

struct http_opts {
	const char *name;     /* in error messages: "WEBEXBOT_LISTEN" */
	const char *listen;   /* ADDR:PORT, [::1]:PORT, unix:PATH; s: TLS */
	const char *tls_cert; /* PEM files, needed for a TLS listener */
	const char *tls_key;
	const char *tls_client_ca; /* see tls_new; NULL: none */
	const char *trusted;       /* proxies: addresses, CIDRs, "unix" */
	int threads;
	int timeout_ms; /* for one request to arrive as a whole */
	const struct http_route *routes;
	size_t nroutes;
	void *arg; /* for the handlers */
	/*
	 * Answers a request whose body is over its route's limit and is not
	 * here (NULL, or without an answer: 413 as text).
	 */
	void (*too_large)(struct http_req *, void *arg);
	/* Sees each answer (NULL: not wanted); same thread as the handler. */
	void (*seen)(const struct http_req *, int status, void *arg);
};

/* Listens when it returns.  NULL: `e` says which address and why. */
struct http *http_start(const struct http_opts *o, struct err *e);
/* Would it start, as far as its options tell?  Nothing is opened. */
int http_check(const struct http_opts *o, struct err *e);
/* Do two lists name an address that only one can listen on? */
bool http_share(const char *a, const char *b);
/* Does an address of the list ask for TLS? */
bool http_is_for_tls(const char *listen);
/* No new requests; waits for running handlers; frees. */
void http_stop(struct http *h);
/* Read the certificate and key again; on -1 the old ones stay. */
int http_reload(struct http *h, struct err *e);
/* What it listens on, such as "127.0.0.1:8080"; lent; NULL past the end. */
const char *http_address(const struct http *h, size_t i);

/* -- the request, for the handler -- */

const char *http_method(const struct http_req *r);
const char *http_path(const struct http_req *r);
/* Did it come to the route with exactly this path, pattern and all? */
bool http_routed(const struct http_req *r, const char *path);
/* The i-th `*` segment, percent-decoded; NULL past the end. */
const char *http_param(const struct http_req *r, size_t i);
/* The query string as it came, "" when there is none. */
const char *http_query(const struct http_req *r);
/* A query value, percent-decoded, lent for the call; NULL if missing. */
const char *http_arg(struct http_req *r, const char *name);
/* A header (any case), NULL if missing.  Of several, the first. */
const char *http_header(const struct http_req *r, const char *name);
/* The body as it came, NUL-terminated, lent for the call. */
const char *http_body(const struct http_req *r, size_t *len);
/*
 * Who asks: the peer's address, or what a trusted proxy says in
 * X-Forwarded-For; "unix" on a unix socket without one.
 */
const char *http_client(const struct http_req *r);
bool http_is_tls(const struct http_req *r);
/* Did the client show a certificate, one of tls_client_ca? */
bool http_is_certified(const struct http_req *r);

/* -- the answer -- */

/* Before http_answer or http_stream: one more header; name and value. */
void http_add(struct http_req *r, const char *name, const char *value);
/* A whole answer.  `type` NULL: no body whatever `len` says. */
void http_answer(struct http_req *r, int status, const char *type,
    const void *body, size_t len);
/* The same with a NUL-terminated text. */
void http_text(
    struct http_req *r, int status, const char *type, const char *body);
/* Drop the connection without an answer (for faults in the simulator). */
void http_cut(struct http_req *r);

/*
 * An answer in pieces (chunked), for as long as the handler likes.
 * http_send: -1 when the client is gone or the server stops.
 */
void http_stream(struct http_req *r, int status, const char *type);
int http_send(struct http_req *r, const void *p, size_t n);

#endif
