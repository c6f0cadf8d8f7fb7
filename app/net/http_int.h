/* Inside the server: http.c, http_listen.c and http_req.c. */
#ifndef NET_HTTP_INT_H
#define NET_HTTP_INT_H

#include "net/http.h"

struct mg_connection;
struct mg_context;

#define HTTP_LISTENERS 16
#define HTTP_HEAD_MAX 16384 /* the head of a request */

struct http_listener {
	char text[128];   /* as given, with the real port */
	char form[160];   /* as civetweb wants it */
	char path[108];   /* of a unix socket, else "" */
	char addr[64];    /* as inet_ntop writes it; "": any, of both kinds */
	_Atomic int port; /* the reaper reads it while we start */
	bool tls;
};

struct http {
	struct mg_context *mg;
	struct conns *conns;
	struct tls *tls;
	const struct http_route *routes;
	size_t nroutes;
	void *arg;
	void (*too_large)(struct http_req *, void *arg);
	void (*seen)(const struct http_req *, int status, void *arg);
	char *trusted;
	struct http_listener listeners[HTTP_LISTENERS];
	size_t nlisteners;
	_Atomic bool stopping;
	char refusal[256]; /* civetweb's last word while starting */
};

/* -- http_listen.c: addresses before they are listened on -- */

struct buf;

/* Read the list of `o` into h; `ports` is it as civetweb wants it. */
int http_listeners(struct http *h, const struct http_opts *o, struct buf *ports,
    struct err *e);
bool http_wants_tls(const struct http *h);
/* May what they name be listened on?  Of unix sockets: is there a folder? */
int http_check_all(const struct http *h, const char *name, struct err *e);
/* civetweb could not listen: -1 and which address it is; 0: not to be seen. */
int http_refused(const struct http *h, const char *name, struct err *e);
/* A socket file left behind by a crash must not stop the next start. */
int http_unlink_stale(const struct http_listener *l, struct err *e);

/* -- http_req.c: what civetweb calls, on the thread of the connection -- */

/* The head has been read and parsed. */
int http_on_request(struct mg_connection *conn);
/* What civetweb itself refuses: a head it cannot read, or too long a one. */
int http_on_error(struct mg_connection *conn, int status, const char *msg);

#endif
