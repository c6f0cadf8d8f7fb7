/*
 * A request and its answer; see http.h.  All of it runs on civetweb's
 * threads, one for each connection, with stacks of at most 256 KB.
 *
 * civetweb is used for what it does well (sockets, TLS, parsing a head, the
 * thread of a connection); routes, bodies, deadlines and answers are ours,
 * because its own are too loose for a public address: it accepts two
 * lengths at once, has no body limit, and its time-out starts again with
 * each byte.
 */
#include "net/http_int.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <civetweb.h>

#include "base/buf.h"
#include "base/str.h"
#include "net/addr.h"
#include "net/conns.h"
#include "net/http_route.h"

#define HTTP_SLICE 4096            /* read at once */
#define HTTP_DRAIN_MAX (16u << 20) /* of a refused body, read and dropped */
#define HTTP_EXTRA_MAX 4096        /* headers that handlers add */
#define HTTP_ARG_MAX 4096

struct http_req {
	struct http *h;
	struct mg_connection *conn;
	const struct mg_request_info *info;
	const struct http_route *route;
	struct http_span params[HTTP_PARAMS];
	struct buf body;
	struct buf extra; /* headers added by the handler */
	int status;       /* 0: not answered yet */
	bool chunked;
	bool closing;
	bool broken; /* the client is gone */
	/* what is not cleared for each request */
	char client[ADDR_TEXT];
	char param[HTTP_PARAMS][512];
	char arg[HTTP_ARG_MAX];
};

/* -- the request -- */

const char *
http_method(const struct http_req *r)
{
	return r->info->request_method;
}

const char *
http_path(const struct http_req *r)
{
	return r->info->local_uri_raw;
}

bool
http_routed(const struct http_req *r, const char *path)
{
	return r->route != NULL && strcmp(r->route->path, path) == 0;
}

const char *
http_param(const struct http_req *r, size_t i)
{
	return i < HTTP_PARAMS && r->params[i].p != NULL ? r->param[i] : NULL;
}

const char *
http_query(const struct http_req *r)
{
	return r->info->query_string == NULL ? "" : r->info->query_string;
}

const char *
http_arg(struct http_req *r, const char *name)
{
	const char *s = http_query(r);
	size_t n, eq, len = strlen(name);

	for (; *s != '\0'; s += n + (s[n] == '&')) {
		n = strcspn(s, "&");
		eq = strcspn(s, "=&");
		if (eq != len || strncmp(s, name, len) != 0)
			continue;
		eq += s[eq] == '=';
		if (http_decode(s + eq, n - eq, true, r->arg, sizeof r->arg) ==
		    0)
			return r->arg;
	}
	return NULL;
}

const char *
http_header(const struct http_req *r, const char *name)
{
	return mg_get_header(r->conn, name);
}

const char *
http_body(const struct http_req *r, size_t *len)
{
	if (len != NULL)
		*len = buf_len(&r->body);
	return buf_str(&r->body);
}

const char *
http_client(const struct http_req *r)
{
	return r->client;
}

bool
http_is_tls(const struct http_req *r)
{
	return r->info->is_ssl;
}

bool
http_is_certified(const struct http_req *r)
{
	return r->info->is_ssl && r->info->client_cert != NULL;
}

/* -- the answer -- */

static const char *
http_reason(int status)
{
	/* civetweb does not know all that the simulator sends */
	if (status == 423)
		return "Locked";
	return mg_get_response_code_text(NULL, status);
}

void
http_add(struct http_req *r, const char *name, const char *value)
{
	if (strpbrk(value, "\r\n") == NULL)
		buf_addf(&r->extra, "%s: %s\r\n", name, value);
}

void
http_cut(struct http_req *r)
{
	r->closing = true;
	r->status = -1;
}

static void
http_write(struct http_req *r, const void *p, size_t n)
{
	if (!r->broken && n > 0 && mg_write(r->conn, p, n) < (int)n) {
		r->broken = true;
		r->closing = true;
	}
}

static void
http_head(struct http_req *r, int status, const char *type, struct buf *out)
{
	r->status = status;
	if (atomic_load(&r->h->stopping) || conns_crowded(r->h->conns))
		r->closing = true;
	buf_addf(out, "HTTP/1.1 %d ", status);
	buf_adds(out, http_reason(status));
	if (type != NULL) {
		buf_adds(out, "\r\nContent-Type: ");
		buf_adds(out, type);
	}
	buf_adds(out, "\r\n");
	buf_adds(out, buf_str(&r->extra));
	buf_adds(out, r->closing ? "Connection: close\r\n"
				 : "Connection: keep-alive\r\n");
}

void
http_answer(struct http_req *r, int status, const char *type, const void *body,
    size_t len)
{
	bool head_only = strcmp(http_method(r), "HEAD") == 0;
	struct buf out;

	if (r->status != 0)
		return;
	if (type == NULL)
		len = 0;
	buf_init(&out, HTTP_EXTRA_MAX + 1024 + len);
	http_head(r, status, type, &out);
	if (status != 204 && status != 304)
		buf_addf(&out, "Content-Length: %zu\r\n", len);
	buf_adds(&out, "\r\n");
	if (!head_only)
		buf_add(&out, body, len);
	http_write(r, out.p, out.len);
	buf_done(&out);
}

void
http_text(struct http_req *r, int status, const char *type, const char *body)
{
	http_answer(r, status, type, body, strlen(body));
}

void
http_stream(struct http_req *r, int status, const char *type)
{
	struct buf out;

	if (r->status != 0)
		return;
	r->chunked = true;
	buf_init(&out, HTTP_EXTRA_MAX + 1024);
	http_head(r, status, type, &out);
	buf_adds(&out, "Transfer-Encoding: chunked\r\n\r\n");
	http_write(r, out.p, out.len);
	buf_done(&out);
}

int
http_send(struct http_req *r, const void *p, size_t n)
{
	struct buf out;

	if (r->broken || atomic_load(&r->h->stopping))
		return -1;
	buf_init(&out, n + 32);
	buf_addf(&out, "%zx\r\n", n);
	buf_add(&out, p, n);
	buf_adds(&out, "\r\n");
	http_write(r, out.p, out.len);
	buf_done(&out);
	return r->broken ? -1 : 0;
}

/* An answer of the server itself: short, as text. */
static void
http_refuse(struct http_req *r, int status, const char *what)
{
	char text[256];

	snprintf(text, sizeof text, "%d %s: %s\n", status, http_reason(status),
	    what);
	http_text(r, status, "text/plain; charset=utf-8", text);
}

/* -- reading the body -- */

/*
 * How long the body is: -1 chunked, -2 not to be trusted (RFC 9112 6.3: two
 * framings at once, or a length that is no number, are how requests are
 * smuggled past a proxy).
 */
static long long
http_body_length(const struct http_req *r)
{
	int i, lengths = 0, codings = 0;
	long long n = 0;

	for (i = 0; i < r->info->num_headers; i++) {
		const struct mg_header *h = &r->info->http_headers[i];

		if (strcasecmp(h->name, "Content-Length") == 0) {
			lengths++;
			if (str_num(h->value, 0, 1LL << 40, &n) == -1)
				return -2;
		} else if (strcasecmp(h->name, "Transfer-Encoding") == 0) {
			codings++;
			if (strcasecmp(h->value, "chunked") != 0)
				return -2;
		}
	}
	if (lengths + codings > 1)
		return -2;
	return codings > 0 ? -1 : n;
}

/*
 * Has civetweb read the head to its end?  It stops without a word after its
 * 64th header, at a folded line and at a name that is none, and takes for the
 * next request what a length further down makes a body.  So the last line
 * must be followed by the empty one.  Line ends have become NULs; of those
 * that end the head, the first CR is left unless there is no header.
 */
static bool
http_head_whole(const struct mg_request_info *info)
{
	int n = info->num_headers;
	const char *p =
	    n > 0 ? info->http_headers[n - 1].value : info->http_version;

	p += strlen(p);
	return p + 3 - info->request_method < HTTP_HEAD_MAX && p[1] == '\0' &&
	       p[2] == (n > 0 ? '\r' : '\0') && p[3] == '\0';
}

static void
http_continue(struct http_req *r)
{
	static const char go[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const char *expect = http_header(r, "Expect");

	if (expect != NULL && strcasecmp(expect, "100-continue") == 0)
		http_write(r, go, sizeof go - 1);
}

/* Read and drop, so that the client sees the answer and not a reset. */
static void
http_drain(struct http_req *r)
{
	char slice[HTTP_SLICE];
	size_t total = 0;
	int n;

	r->closing = true;
	while (total < HTTP_DRAIN_MAX &&
	       (n = mg_read(r->conn, slice, sizeof slice)) > 0)
		total += (size_t)n;
}

static void
http_too_large(struct http_req *r, size_t max)
{
	char what[64];

	snprintf(what, sizeof what, "the limit is %zu bytes", max);
	r->closing = true;
	if (r->h->too_large != NULL)
		r->h->too_large(r, r->h->arg);
	if (r->status == 0)
		http_refuse(r, 413, what);
	http_drain(r);
}

/* The body into r->body; -1: it was answered, or the client is gone. */
static int
http_read_body(struct http_req *r)
{
	char slice[HTTP_SLICE];
	size_t max = r->route->body_max;
	long long want = http_body_length(r);
	int n;

	if (want == -2) {
		r->closing = true;
		http_refuse(r, 400, "the length of the body is ambiguous");
		return -1;
	}
	/* of a size such as "1;\n" a proxy may think otherwise than civetweb */
	r->closing |= want == -1;
	if (want == 0)
		return 0;
	if (max == 0) {
		http_continue(r);
		http_drain(r);
		return 0;
	}
	if (want > (long long)max) {
		http_too_large(r, max);
		return -1;
	}
	buf_init(&r->body, max);
	http_continue(r);
	while ((n = mg_read(r->conn, slice, sizeof slice)) > 0)
		if (buf_add(&r->body, slice, (size_t)n) == -1) {
			http_too_large(r, max);
			return -1;
		}
	if (n < 0 || (want > 0 && buf_len(&r->body) < (size_t)want)) {
		r->closing = true;
		http_refuse(r, 408, "the body did not arrive");
		return -1;
	}
	return 0;
}

/* -- a request from its head to its end -- */

static void
http_no_route(struct http_req *r, unsigned allowed)
{
	bool body = http_body_length(r) != 0;
	char list[64];

	r->closing |= body; /* it is not worth reading */
	if (allowed != 0) {
		http_method_list(allowed, list, sizeof list);
		http_add(r, "Allow", list);
		http_refuse(r, 405, list);
	} else {
		http_refuse(r, 404, "nothing here");
	}
	if (body)
		http_drain(r);
}

static int
http_params(struct http_req *r)
{
	size_t i;

	for (i = 0; i < HTTP_PARAMS && r->params[i].p != NULL; i++)
		if (http_decode(r->params[i].p, r->params[i].n, false,
			r->param[i], sizeof r->param[i]) == -1)
			return -1;
	return 0;
}

/*
 * Blanks after a value are no part of it.  Cut when the body has been read:
 * civetweb goes by a length that it sees as we do.
 */
static void
http_trim(const struct mg_request_info *info)
{
	char *s;
	size_t n;
	int i;

	for (i = 0; i < info->num_headers; i++) {
		s = (char *)(uintptr_t)info->http_headers[i].value;
		for (n = strlen(s); n > 0 && s[n - 1] == ' '; n--)
			s[n - 1] = '\0';
	}
}

/* Does the client want no further request?  civetweb keeps to it. */
static bool
http_is_last(const struct http_req *r)
{
	const char *s = http_header(r, "Connection");

	if (strcmp(r->info->http_version, "1.0") == 0)
		return s == NULL || strcasecmp(s, "keep-alive") != 0;
	return s != NULL && strcasecmp(s, "close") == 0;
}

static void
http_serve(struct http_req *r, struct conn *c)
{
	const struct http *h = r->h;
	const char *path = r->info->local_uri_raw;
	unsigned allowed;

	r->route = path == NULL ? NULL
				: http_route_find(h->routes, h->nroutes, path,
				      http_method_bit(http_method(r)), &allowed,
				      r->params);
	conn_reads(c);
	r->closing |= http_is_last(r);
	if (!http_head_whole(r->info)) {
		r->closing = true;
		http_refuse(r, 400, "too many headers, or a line that is none");
	} else if (path == NULL) {
		r->closing = true;
		http_refuse(r, 400, "the address is not a path");
	} else if (r->route == NULL || http_params(r) == -1) {
		http_no_route(r, allowed);
	} else if (http_read_body(r) == 0) {
		conn_works(c);
		http_trim(r->info);
		r->route->fn(r, h->arg);
		if (r->status == 0)
			http_refuse(r, 500, "no answer");
		if (r->chunked)
			http_write(r, "0\r\n\r\n", 5);
	}
}

static void
http_find_client(struct http_req *r)
{
	const char *peer = r->info->remote_addr, *who;
	const struct mg_header *h = r->info->http_headers;
	struct buf forwarded;
	int i;

	if (!addr_readable(peer))
		peer = "unix"; /* civetweb has no address for those */
	/* HAProxy adds a line of its own below those of the client */
	buf_init(&forwarded, HTTP_HEAD_MAX);
	for (i = 0; i < r->info->num_headers; i++)
		if (strcasecmp(h[i].name, "X-Forwarded-For") == 0)
			buf_addf(&forwarded, "%s%s",
			    forwarded.len > 0 ? "," : "", h[i].value);
	who = addr_client(peer,
	    forwarded.len > 0 && !forwarded.failed ? forwarded.p : NULL,
	    r->h->trusted, r->client);
	if (who != r->client)
		snprintf(r->client, sizeof r->client, "%s", who);
	buf_done(&forwarded);
}

int
http_on_request(struct mg_connection *conn)
{
	struct conn *c = mg_get_user_connection_data(conn);
	struct http_req *r = malloc(sizeof *r);
	int status;

	if (r == NULL) {
		mg_disable_connection_keep_alive(conn);
		return 500;
	}
	memset(r, 0, offsetof(struct http_req, client));
	r->info = mg_get_request_info(conn);
	r->h = r->info->user_data;
	r->conn = conn;
	buf_init(&r->extra, HTTP_EXTRA_MAX);
	http_find_client(r);
	if (c == NULL) {
		c = conn_open(
		    r->h->conns, r->info->remote_addr, r->info->remote_port);
		mg_set_user_connection_data(conn, c);
	}
	http_serve(r, c);
	if (r->h->seen != NULL && r->status > 0)
		r->h->seen(r, r->status, r->h->arg);
	if (r->closing)
		mg_disable_connection_keep_alive(conn);
	conn_waits(c);
	status = r->status > 0 ? r->status : 444;
	buf_done(&r->extra);
	buf_done(&r->body);
	free(r);
	return status;
}

/*
 * Methods that civetweb does not know are refused by it as no request at
 * all.  What is allowed instead (0: no such path), or -1: it is none.
 */
static int
http_unknown_method(const struct http *h, const struct mg_request_info *info)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyz0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~";
	struct http_span params[HTTP_PARAMS];
	char path[HTTP_ARG_MAX];
	unsigned allowed;
	const char *s;
	size_t n;

	if (info == NULL || info->request_method == NULL ||
	    info->request_uri == NULL || info->http_version == NULL ||
	    strncmp(info->http_version, "1.", 2) != 0)
		return -1;
	s = info->request_method;
	n = strcspn(info->request_uri, "?");
	if (*s == '\0' || s[strspn(s, token)] != '\0' ||
	    http_method_bit(s) != 0 || *info->request_uri != '/' ||
	    n >= sizeof path)
		return -1;
	memcpy(path, info->request_uri, n);
	path[n] = '\0';
	http_route_find(h->routes, h->nroutes, path, 0, &allowed, params);
	return (int)allowed;
}

int
http_on_error(struct mg_connection *conn, int status, const char *msg)
{
	const struct http *h = mg_get_user_data(mg_get_context(conn));
	char text[512], body[256], list[64] = "";
	int n, allowed = -1;

	if (status == 400)
		allowed = http_unknown_method(h, mg_get_request_info(conn));
	if (allowed > 0) {
		http_method_list((unsigned)allowed, list, sizeof list);
		status = 405;
		msg = list;
	} else if (allowed == 0) {
		status = 404;
		msg = "nothing here";
	}
	snprintf(
	    body, sizeof body, "%d %s: %s\n", status, http_reason(status), msg);
	n = snprintf(text, sizeof text,
	    "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "%s%s%sConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
	    status, http_reason(status), *list != '\0' ? "Allow: " : "", list,
	    *list != '\0' ? "\r\n" : "", strlen(body), body);
	mg_write(conn, text, (size_t)n);
	mg_disable_connection_keep_alive(conn);
	return 0;
}
