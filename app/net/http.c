/*
 * The HTTP server from its start to its stop: civetweb set up for what
 * it listens on; see http.h.  Addresses are read in http_listen.c; what comes
 * in on a connection is for http_req.c.
 *
 * Runs on the thread of who starts or stops it; http_on_close and
 * http_on_log on civetweb's threads, too, and http_is_ours on the reaper's.
 */
#include "net/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <civetweb.h>

#include "base/buf.h"
#include "base/file.h"
#include "net/conns.h"
#include "net/http_int.h"
#include "net/tls.h"

#define HTTP_KEEP_ALIVE_MS 15000
#define HTTP_QUEUE 1024 /* connections that wait for a thread */

/* -- what civetweb calls; see also http_req.c -- */

static void
http_on_close(const struct mg_connection *conn)
{
	struct http *h = mg_get_user_data(mg_get_context(conn));

	conn_close(h->conns, mg_get_user_connection_data(conn));
}

static int
http_on_tls(void *ssl_ctx, void *arg)
{
	struct http *h = arg;

	return h->tls == NULL || tls_attach(h->tls, ssl_ctx) == 0 ? 1 : -1;
}

/* civetweb's complaints: kept while starting, else none of our users'. */
static int
http_on_log(const struct mg_connection *conn, const char *text)
{
	struct http *h = mg_get_user_data(mg_get_context(conn));

	if (h != NULL && h->mg == NULL && h->refusal[0] == '\0')
		snprintf(h->refusal, sizeof h->refusal, "%s", text);
	return 1;
}

/* -- start and stop -- */

/*
 * civetweb has no count of starts of its own library; TLS is missing from
 * the returned bits when libssl is not the one it was made for (Debian 12's
 * package), and the first TLS client would crash it.
 */
static int
http_library(bool tls, struct err *e)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static unsigned have;

	pthread_mutex_lock(&lock);
	if (have == 0)
		have = mg_init_library(MG_FEATURES_TLS | MG_FEATURES_IPV6) |
		       1u << 31;
	pthread_mutex_unlock(&lock);
	if (tls && (have & MG_FEATURES_TLS) == 0)
		return err_set(e, ERR_PERM,
		    "this civetweb cannot serve TLS with the OpenSSL that is "
		    "here");
	return 0;
}

/* Fill in the ports that the system chose. */
static void
http_real_ports(struct http *h)
{
	struct mg_server_port ports[HTTP_LISTENERS];
	size_t i, k = 0;
	char *colon;
	int n;

	n = mg_get_server_ports(h->mg, HTTP_LISTENERS, ports);
	for (i = 0; i < h->nlisteners; i++) {
		struct http_listener *l = &h->listeners[i];

		if (l->path[0] != '\0') {
			/* reachable for the proxy's user and group */
			chmod(l->path, 0660);
			continue;
		}
		if ((int)k < n)
			l->port = ports[k++].port;
		if ((colon = strrchr(l->text, ':')) != NULL)
			snprintf(colon,
			    sizeof l->text - (size_t)(colon - l->text), ":%d%s",
			    l->port, l->tls ? "s" : "");
	}
}

/* What to do about civetweb's reason. */
static const char *
http_hint(const char *why)
{
	if (strstr(why, strerror(EACCES)) != NULL)
		return " (a port below 1024 needs root or "
		       "CAP_NET_BIND_SERVICE, a unix socket a folder of ours)";
	if (strstr(why, strerror(ENOENT)) != NULL)
		return " (the folder of the socket is not there)";
	return "";
}

static int
http_listen(
    struct http *h, const struct http_opts *o, const char *ports, struct err *e)
{
	char threads[16], head[16], timeout[16], idle[16], queue[16];
	const char *options[] = {"listening_ports", ports, "num_threads",
	    threads, "max_request_size", head, "request_timeout_ms", timeout,
	    "keep_alive_timeout_ms", idle, "connection_queue", queue,
	    "listen_backlog", "1024", "enable_keep_alive", "yes", "tcp_nodelay",
	    "1", "decode_url", "no", "enable_auth_domain_check", "no", NULL};
	struct mg_callbacks cb;
	struct mg_init_data init = {&cb, h, options};
	struct mg_error_data why = {0};
	char text[256] = "";

	snprintf(threads, sizeof threads, "%d", o->threads);
	snprintf(queue, sizeof queue, "%d", file_quarter(HTTP_QUEUE));
	snprintf(head, sizeof head, "%d", HTTP_HEAD_MAX);
	snprintf(timeout, sizeof timeout, "%d", o->timeout_ms);
	snprintf(idle, sizeof idle, "%d", HTTP_KEEP_ALIVE_MS);
	memset(&cb, 0, sizeof cb);
	cb.begin_request = http_on_request;
	cb.connection_close = http_on_close;
	cb.http_error = http_on_error;
	cb.log_message = http_on_log;
	/* always: civetweb takes a digit before s or r, as in the path of a
	 * unix socket, for a port with TLS */
	cb.init_ssl = http_on_tls;
	why.text = text;
	why.text_buffer_size = sizeof text;
	if ((h->mg = mg_start2(&init, &why)) != NULL)
		return 0;
	if (http_refused(h, o->name, e) == -1)
		return -1;
	if (h->refusal[0] == '\0')
		snprintf(h->refusal, sizeof h->refusal, "%s", text);
	return err_set(e, ERR_PERM, "%s: cannot listen on %s: %s%s", o->name,
	    o->listen, h->refusal, http_hint(h->refusal));
}

static bool
http_is_ours(const struct sockaddr_storage *ss, void *arg)
{
	const struct sockaddr_in6 *six = (const void *)ss;
	const struct sockaddr_in *four = (const void *)ss;
	const struct sockaddr_un *un = (const void *)ss;
	const struct http *h = arg;
	size_t i;

	for (i = 0; i < h->nlisteners; i++) {
		const struct http_listener *l = &h->listeners[i];

		if (l->path[0] != '\0') {
			if (ss->ss_family == AF_UNIX &&
			    strcmp(un->sun_path, l->path) == 0)
				return true;
		} else if ((ss->ss_family == AF_INET &&
			       ntohs(four->sin_port) == l->port) ||
			   (ss->ss_family == AF_INET6 &&
			       ntohs(six->sin6_port) == l->port)) {
			return true;
		}
	}
	return false;
}

static void
http_free(struct http *h)
{
	size_t i;

	for (i = 0; i < h->nlisteners; i++)
		if (h->mg != NULL && h->listeners[i].path[0] != '\0')
			unlink(h->listeners[i].path);
	conns_free(h->conns);
	tls_free(h->tls);
	free(h->trusted);
	free(h);
}

/* All that can be known before listening. */
static int
http_prepare(
    struct http *h, const struct http_opts *o, struct buf *ports, struct err *e)
{
	if (http_listeners(h, o, ports, e) == -1 ||
	    http_library(http_wants_tls(h), e) == -1)
		return -1;
	if (!http_wants_tls(h))
		return 0;
	if (o->tls_cert == NULL || *o->tls_cert == '\0' || o->tls_key == NULL ||
	    *o->tls_key == '\0')
		return err_set(e, ERR_PERM,
		    "%s: TLS needs a certificate and a key "
		    "(WEBEXBOT_TLS_CERT, WEBEXBOT_TLS_KEY)",
		    o->name);
	return (h->tls = tls_new(
		    o->tls_cert, o->tls_key, o->tls_client_ca, e)) == NULL
		   ? -1
		   : 0;
}

int
http_check(const struct http_opts *o, struct err *e)
{
	struct http *h = calloc(1, sizeof *h);
	struct buf ports;
	int rc;

	buf_init(&ports, 4096);
	rc = h == NULL ? err_nomem(e) : http_prepare(h, o, &ports, e);
	if (rc == 0)
		rc = http_check_all(h, o->name, e);
	buf_done(&ports);
	if (h != NULL)
		http_free(h);
	return rc;
}

struct http *
http_start(const struct http_opts *o, struct err *e)
{
	struct http *h = calloc(1, sizeof *h);
	struct buf ports;
	size_t i;

	buf_init(&ports, 4096);
	if (h == NULL || (h->trusted = strdup(
			      o->trusted == NULL ? "" : o->trusted)) == NULL) {
		err_nomem(e);
		goto fail;
	}
	h->routes = o->routes;
	h->nroutes = o->nroutes;
	h->arg = o->arg;
	h->too_large = o->too_large;
	h->seen = o->seen;
	if (http_prepare(h, o, &ports, e) == -1)
		goto fail;
	for (i = 0; i < h->nlisteners; i++)
		if (http_unlink_stale(&h->listeners[i], e) == -1) {
			err_prefix(e, "%s: ", o->name);
			goto fail;
		}
	h->conns = conns_new(o->threads, file_quarter(HTTP_QUEUE),
	    o->timeout_ms, http_is_ours, h, e);
	if (h->conns == NULL || http_listen(h, o, buf_str(&ports), e) == -1)
		goto fail;
	http_real_ports(h);
	buf_done(&ports);
	return h;
fail:
	buf_done(&ports);
	if (h != NULL)
		http_free(h);
	return NULL;
}

void
http_stop(struct http *h)
{
	if (h == NULL)
		return;
	atomic_store(&h->stopping, true);
	conns_shut(h->conns);
	mg_stop(h->mg);
	http_free(h);
}

int
http_reload(struct http *h, struct err *e)
{
	return h->tls == NULL ? 0 : tls_reload(h->tls, e);
}

const char *
http_address(const struct http *h, size_t i)
{
	return i < h->nlisteners ? h->listeners[i].text : NULL;
}
