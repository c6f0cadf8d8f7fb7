/*
 * Requests to others; see xfer.h.  One thread runs everything below
 * xfer_run: it owns the multi handle and every easy handle.  Others only
 * put work into the submit list and wake it.  libcurl says which sockets and
 * which time it waits for, and epoll waits: with curl_multi_poll each wake
 * would cost a look at every connection.
 *
 * libcurl repeats a request by itself when a kept connection dies under it.
 * Whether to send again what may have been received is not for a library to
 * decide: it asks before each sending, and the second one is refused.
 *
 * Over HTTP/1.1 each request in flight has a connection of its own; over
 * HTTP/2 a few carry all of them, but libcurl would open more as soon as
 * those are full, a handshake for each request that waits.  It bounds the
 * connections to a host for all hosts alike, so there are two pools: hosts
 * that have answered with HTTP/2 go to the one with the low bound, unless
 * those few are not enough: the host lets in few requests at once, or cuts
 * connections off under them.
 *
 * A thousand requests that come at once need not all be under way: a host
 * that answers quickly serves them with a few connections, and a slow one
 * leaves us time to open more.  So requests beyond the first few are held,
 * and more are let go whenever there is nothing else to do.
 */
#include "net/xfer.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/log.h"
#include "base/map.h"
#include "base/thr.h"
#include "net/addr.h"
#include "net/xfer_head.h"

#define XFER_RESP_MAX (1u << 20)
#define XFER_CONNECT_MS 10000
#define XFER_IDLE_S 50L     /* a connection idle for longer is not reused */
#define XFER_SPARE 64       /* easy handles kept for reuse */
#define XFER_SHARED 8       /* connections to a host that speaks HTTP/2 */
#define XFER_HOSTS 256      /* such hosts that are remembered */
#define XFER_APART_MS 60000 /* for one that those few are not enough for */
#define XFER_ORIGIN 300     /* scheme, host and port */
/* receive buffer of one transfer: of an answer, of a file */
#define XFER_BUFFER 1024L
#define XFER_BUFFER_FILE 16384L
#define XFER_EVENTS 256  /* taken from epoll at once */
#define XFER_WIDTH 64    /* requests let go at once */
#define XFER_NAP_MS 1000 /* at most, whatever libcurl says */

/* Connections, and whom they wait for. */
struct xfer_pool {
	CURLM *multi; /* NULL: memory was out when it was opened anew */
	long most;    /* connections to a host */
	long kept;    /* in all, when nothing is under way */
	size_t busy;  /* requests */
	bool stale;   /* it keeps connections that nobody will ask for */
	int64_t due;  /* when libcurl wants to look again, -1: never */
	int epoll;    /* that of both pools */
	uint32_t no;
};

enum { XFER_PLAIN, XFER_MUX, XFER_POOLS };

struct xfer_job {
	struct xfer_job *next,
	    *prev; /* in the submit list or among the active */
	struct xfer *x;
	struct xfer_pool *pool;
	CURL *easy;
	struct curl_slist *headers;
	char *method, *url, *user, *sigv4;
	char *body;
	size_t body_len;
	struct buf resp, head;
	size_t resp_max, sunk;
	int sink;
	long timeout_ms;
	int64_t start_us;
	bool public_only, repeatable, refused, too_large, lost;
	bool unanswered; /* since xfer_on_send */
	long sent;       /* bytes of requests, at that time */
	bool unset;      /* an option could not be set: libcurl copies texts */
	enum xfer_auth auth;
	void (*done)(struct xfer_res *res, void *arg);
	void *arg;
	char error[CURL_ERROR_SIZE];
};

struct xfer {
	pthread_t thread;
	pthread_mutex_t lock; /* over the submit list and stop */
	struct xfer_job *first, **last;
	bool stop;
	int wake; /* eventfd: there is work, or it is time to stop */
	/* the thread's own */
	int epoll;
	struct xfer_pool pool[XFER_POOLS];
	struct map *mux; /* origins that speak HTTP/2 */
	struct xfer_job *active;
	struct xfer_job *held, **held_last; /* not begun yet */
	size_t busy, width; /* requests under way; how many may be */
	CURL *spare[XFER_SPARE];
	int nspare;
	long timeout_ms;
	char *ca_file;
	char *agent;
};

static void
xfer_job_free(struct xfer_job *j)
{
	curl_slist_free_all(j->headers);
	free(j->method);
	free(j->url);
	free(j->user);
	free(j->sigv4);
	free(j->body);
	buf_done(&j->resp);
	buf_done(&j->head);
	free(j);
}

/* -- callbacks of libcurl, on our thread -- */

static size_t
xfer_sink(struct xfer_job *j, const char *p, size_t n)
{
	size_t at = 0;
	ssize_t k;

	j->too_large = n > j->resp_max - j->sunk;
	if (j->too_large)
		return 0;
	while (at < n) {
		if ((k = write(j->sink, p + at, n - at)) == -1) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		at += (size_t)k;
	}
	j->sunk += n;
	return n;
}

static size_t
xfer_on_body(char *p, size_t size, size_t n, void *arg)
{
	struct xfer_job *j = arg;
	long status = 0;

	if (j->sink > 0)
		curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return xfer_sink(j, p, size * n);
	if (buf_add(&j->resp, p, size * n) == 0)
		return size * n;
	j->too_large = !j->resp.nomem;
	return 0;
}

static size_t
xfer_on_head(char *p, size_t size, size_t n, void *arg)
{
	struct xfer_job *j = arg;

	/* a status line starts the headers of a new answer (100, proxies) */
	if (size * n >= 5 && memcmp(p, "HTTP/", 5) == 0) {
		buf_clear(&j->head);
		j->unanswered = false;
	}
	if (buf_add(&j->head, p, size * n) == 0)
		return size * n;
	j->too_large = !j->head.nomem;
	return 0;
}

static long
xfer_bytes_sent(const struct xfer_job *j)
{
	long n = 0;

	curl_easy_getinfo(j->easy, CURLINFO_REQUEST_SIZE, &n);
	return n;
}

/* Has a request gone out that had no answer? */
static bool
xfer_is_out(const struct xfer_job *j)
{
	return j->unanswered && xfer_bytes_sent(j) > j->sent;
}

/* Before each sending.  One that was answered (401) may follow another. */
static int
xfer_on_send(void *arg, char *ip, char *local, int port, int local_port)
{
	struct xfer_job *j = arg;

	(void)ip;
	(void)local;
	(void)port;
	(void)local_port;
	if ((j->lost = xfer_is_out(j)))
		return CURL_PREREQFUNC_ABORT;
	j->unanswered = true;
	j->sent = xfer_bytes_sent(j);
	return CURL_PREREQFUNC_OK;
}

/* After name resolution, so that no name can lead inside. */
static curl_socket_t
xfer_on_socket(void *arg, curlsocktype type, struct curl_sockaddr *sa)
{
	struct xfer_job *j = arg;
	char text[ADDR_TEXT] = "";

	(void)type;
	if (sa->family == AF_INET)
		inet_ntop(AF_INET,
		    &((struct sockaddr_in *)(void *)&sa->addr)->sin_addr, text,
		    sizeof text);
	else if (sa->family == AF_INET6)
		inet_ntop(AF_INET6,
		    &((struct sockaddr_in6 *)(void *)&sa->addr)->sin6_addr,
		    text, sizeof text);
	if (addr_special(text)) {
		j->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(sa->family, sa->socktype | SOCK_CLOEXEC, sa->protocol);
}

/* -- one transfer -- */

static void
xfer_set_text(struct xfer_job *j, CURLoption option, const char *text)
{
	if (curl_easy_setopt(j->easy, option, text) != CURLE_OK)
		j->unset = true;
}

static void
xfer_set_auth(struct xfer_job *j)
{
	static const long how[] = {[XFER_AUTH_BASIC] = CURLAUTH_BASIC,
	    [XFER_AUTH_DIGEST] = CURLAUTH_DIGEST};

	if (j->auth == XFER_AUTH_NONE)
		return;
	xfer_set_text(j, CURLOPT_USERPWD, j->user);
	if (j->auth == XFER_AUTH_AWS)
		xfer_set_text(j, CURLOPT_AWS_SIGV4, j->sigv4);
	else
		curl_easy_setopt(j->easy, CURLOPT_HTTPAUTH, how[j->auth]);
}

static void
xfer_set_body(struct xfer_job *j)
{
	if (j->body_len == 0 && strcmp(j->method, "GET") == 0)
		return;
	if (j->body_len == 0 && strcmp(j->method, "POST") != 0 &&
	    strcmp(j->method, "PUT") != 0) {
		xfer_set_text(j, CURLOPT_CUSTOMREQUEST, j->method);
		if (strcmp(j->method, "HEAD") == 0)
			curl_easy_setopt(j->easy, CURLOPT_NOBODY, 1L);
		return;
	}
	curl_easy_setopt(j->easy, CURLOPT_POST, 1L);
	xfer_set_text(j, CURLOPT_CUSTOMREQUEST, j->method);
	curl_easy_setopt(
	    j->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)j->body_len);
	curl_easy_setopt(
	    j->easy, CURLOPT_POSTFIELDS, j->body == NULL ? "" : j->body);
	if (j->repeatable)
		return;
	curl_easy_setopt(j->easy, CURLOPT_PREREQFUNCTION, xfer_on_send);
	curl_easy_setopt(j->easy, CURLOPT_PREREQDATA, j);
}

static void
xfer_set_net(const struct xfer *x, struct xfer_job *j)
{
	CURL *c = j->easy;

	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* a proxy's answer to CONNECT is none to the request */
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* wait for a connection that is being made: it may take many; without
	 * TLS it never does, and the wait would be for the first answer */
	curl_easy_setopt(c, CURLOPT_PIPEWAIT,
	    strncasecmp(j->url, "https:", 6) == 0 ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)XFER_CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, j->timeout_ms);
	curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, XFER_IDLE_S);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE,
	    j->sink > 0 ? XFER_BUFFER_FILE : XFER_BUFFER);
	curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
	curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, 300L);
	if (x->ca_file != NULL)
		xfer_set_text(j, CURLOPT_CAINFO, x->ca_file);
	if (j->public_only) {
		curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, xfer_on_socket);
		curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, j);
		/* a kept connection was not checked */
		curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	}
}

/* -- who speaks HTTP/2 -- */

struct xfer_host {
	int64_t apart; /* until then it is treated as others are; 0: no */
};

static const char *
xfer_origin(const char *url, char out[XFER_ORIGIN])
{
	const char *host = strstr(url, "://");
	size_t n = host == NULL
		       ? 0
		       : (size_t)(host + 3 - url) + strcspn(host + 3, "/?#");

	snprintf(out, XFER_ORIGIN, "%.*s", (int)n, url);
	return out;
}

static struct xfer_pool *
xfer_pool_of(struct xfer *x, const struct xfer_job *j)
{
	struct xfer_host *h = NULL;
	char origin[XFER_ORIGIN];

	/* one that must not share has a connection of its own */
	if (!j->public_only && map_count(x->mux) > 0)
		h = map_get(x->mux, xfer_origin(j->url, origin));
	if (h != NULL && h->apart != 0 && clk_mono_ms() >= h->apart) {
		h->apart = 0;
		x->pool[XFER_PLAIN].stale = true;
	}
	return &x->pool[h != NULL && h->apart == 0 ? XFER_MUX : XFER_PLAIN];
}

static void
xfer_remember(struct xfer *x, const char *origin)
{
	struct xfer_host *h;

	if (map_get(x->mux, origin) != NULL ||
	    (h = calloc(1, sizeof *h)) == NULL)
		return;
	if (map_count(x->mux) >= XFER_HOSTS)
		free(map_del(x->mux, map_key(map_first(x->mux))));
	if (map_put(x->mux, origin, h, NULL) == -1)
		free(h);
	x->pool[XFER_PLAIN].stale = true;
}

/* What the end of a request tells of its host; `made` connections for it. */
static void
xfer_learn(
    struct xfer *x, const struct xfer_job *j, enum xfer_end end, long made)
{
	bool mux = j->pool->no == XFER_MUX;
	char origin[XFER_ORIGIN];
	struct xfer_host *h;
	long version = 0;

	if (j->public_only)
		return;
	xfer_origin(j->url, origin);
	curl_easy_getinfo(j->easy, CURLINFO_HTTP_VERSION, &version);
	if (end == XFER_ANSWERED && !mux && version >= CURL_HTTP_VERSION_2_0)
		xfer_remember(x, origin);
	else if (end == XFER_ANSWERED && mux && version != 0 &&
		 version < CURL_HTTP_VERSION_2_0)
		free(map_del(x->mux, origin));
	else if (mux && (j->lost || (end == XFER_NOT_SENT && made == 0)) &&
		 (h = map_get(x->mux, origin)) != NULL)
		h->apart = clk_mono_ms() + XFER_APART_MS;
}

static int
xfer_begin(struct xfer *x, struct xfer_job *j)
{
	CURL *c = x->nspare > 0 ? x->spare[--x->nspare] : curl_easy_init();
	struct xfer_pool *p;

	if ((j->easy = c) == NULL)
		return -1;
	curl_easy_setopt(c, CURLOPT_PRIVATE, j);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, j->error);
	xfer_set_text(j, CURLOPT_URL, j->url);
	xfer_set_text(j, CURLOPT_USERAGENT, x->agent);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, j->headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, xfer_on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, j);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, xfer_on_head);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, j);
	xfer_set_net(x, j);
	xfer_set_auth(j);
	xfer_set_body(j);
	p = xfer_pool_of(x, j);
	if (j->unset || curl_multi_add_handle(p->multi, c) != CURLM_OK)
		return -1;
	j->pool = p;
	p->busy++;
	x->busy++;
	j->prev = NULL;
	if ((j->next = x->active) != NULL)
		j->next->prev = j;
	x->active = j;
	return 0;
}

static void
xfer_unlist(struct xfer *x, struct xfer_job *j)
{
	if (j->next != NULL)
		j->next->prev = j->prev;
	if (j->prev != NULL)
		j->prev->next = j->next;
	else if (x->active == j)
		x->active = j->next;
}

/* What a failure means for the question "may it have been received?" */
static enum xfer_end
xfer_judge(const struct xfer_job *j, CURLcode code)
{
	curl_off_t sent = 0, ready = 0;

	if (code == CURLE_OK)
		return XFER_ANSWERED;
	if (j->too_large)
		return XFER_TOO_LARGE;
	/* it went out and had no answer; what failed was a second try */
	if (xfer_is_out(j))
		return XFER_CUT;
	switch (code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return XFER_NOT_SENT;
	default:
		break;
	}
	/* a time-out before the request began to go out */
	curl_easy_getinfo(j->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	curl_easy_getinfo(j->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
	return sent == 0 && ready == 0 ? XFER_NOT_SENT : XFER_CUT;
}

static void
xfer_settle(
    struct xfer *x, struct xfer_job *j, enum xfer_end end, const char *error)
{
	struct xfer_head head = {&j->head};
	struct xfer_res res = {.end = end, .head = &head};
	long status = 0, made = 1;

	if (j->easy != NULL) {
		curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(j->easy, CURLINFO_NUM_CONNECTS, &made);
	}
	if (j->pool != NULL)
		xfer_learn(x, j, end, made);
	res.reused = made == 0 || j->lost;
	res.status = end == XFER_ANSWERED ? (int)status : 0;
	res.body = buf_str(&j->resp);
	res.body_len = buf_len(&j->resp);
	res.us = clk_mono_us() - j->start_us;
	if (end != XFER_ANSWERED)
		res.error = j->refused ? "the address is private or special"
			    : j->lost  ? "the connection was lost"
			    : j->error[0] != '\0' ? j->error
						  : error;
	j->done(&res, j->arg);
	xfer_unlist(x, j);
	if (j->easy != NULL) {
		if (j->pool != NULL) {
			curl_multi_remove_handle(j->pool->multi, j->easy);
			j->pool->busy--;
			x->busy--;
		}
		curl_easy_reset(j->easy);
		if (x->nspare < XFER_SPARE)
			x->spare[x->nspare++] = j->easy;
		else
			curl_easy_cleanup(j->easy);
	}
	xfer_job_free(j);
}

/* -- the thread -- */

/* What was submitted joins those that are held. */
static void
xfer_take_all(struct xfer *x, bool *stop)
{
	pthread_mutex_lock(&x->lock);
	if ((*x->held_last = x->first) != NULL)
		x->held_last = x->last;
	x->first = NULL;
	x->last = &x->first;
	*stop = x->stop;
	pthread_mutex_unlock(&x->lock);
}

static struct xfer_job *
xfer_let_go(struct xfer *x)
{
	struct xfer_job *j = x->held;

	if (j != NULL && (x->held = j->next) == NULL)
		x->held_last = &x->held;
	if (j != NULL)
		j->next = NULL;
	return j;
}

static void
xfer_collect(struct xfer *x, struct xfer_pool *p)
{
	struct xfer_job *j;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(p->multi, &left)) != NULL) {
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &j);
		xfer_settle(
		    x, j, xfer_judge(j, code), curl_easy_strerror(code));
	}
}

/* libcurl: wait for this of that socket, or no longer. */
static int
xfer_on_watch(CURL *easy, curl_socket_t fd, int what, void *arg, void *seen)
{
	struct xfer_pool *p = arg;
	struct epoll_event ev = {
	    .data.u64 = (uint64_t)p->no << 32 | (uint32_t)fd};

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		/* closing it did so already */
		epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL);
		curl_multi_assign(p->multi, fd, NULL);
		return 0;
	}
	ev.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) |
		    (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	if (seen != NULL && epoll_ctl(p->epoll, EPOLL_CTL_MOD, fd, &ev) == 0)
		return 0;
	curl_multi_assign(p->multi, fd, p);
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &ev) == 0)
		return 0;
	if (errno != EEXIST ||
	    epoll_ctl(p->epoll, EPOLL_CTL_MOD, fd, &ev) == -1)
		/* its time will run out; -1 would end all of them */
		log_warn("epoll: %s", strerror(errno));
	return 0;
}

static int
xfer_on_timer(CURLM *multi, long ms, void *arg)
{
	struct xfer_pool *p = arg;

	(void)multi;
	p->due = ms < 0 ? -1 : clk_mono_ms() + ms;
	return 0;
}

static int
xfer_pool_open(struct xfer_pool *p)
{
	CURLM *m = p->multi = curl_multi_init();

	p->due = -1;
	if (m == NULL)
		return -1;
	curl_multi_setopt(m, CURLMOPT_MAX_HOST_CONNECTIONS, p->most);
	curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, p->kept);
	curl_multi_setopt(m, CURLMOPT_MAX_CONCURRENT_STREAMS, 250L);
	curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, xfer_on_watch);
	curl_multi_setopt(m, CURLMOPT_SOCKETDATA, p);
	curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, xfer_on_timer);
	curl_multi_setopt(m, CURLMOPT_TIMERDATA, p);
	return 0;
}

static void
xfer_begin_some(struct xfer *x)
{
	struct xfer_job *j;

	while (x->busy < x->width && (j = xfer_let_go(x)) != NULL)
		if (xfer_begin(x, j) == -1)
			xfer_settle(x, j, XFER_NOT_SENT, "out of memory");
	if (x->held == NULL)
		x->width = x->busy < XFER_WIDTH ? XFER_WIDTH : x->busy;
}

/* One socket is ready; the wake-up call is one of them. */
static void
xfer_ready(struct xfer *x, const struct epoll_event *ev)
{
	struct xfer_pool *p = &x->pool[ev->data.u64 >> 32];
	int fd = (int)(ev->data.u64 & UINT32_MAX), running, mask = 0;
	eventfd_t n;

	if (fd == x->wake) {
		eventfd_read(x->wake, &n);
		return;
	}
	if ((ev->events & (EPOLLIN | EPOLLHUP)) != 0)
		mask |= CURL_CSELECT_IN;
	if ((ev->events & EPOLLOUT) != 0)
		mask |= CURL_CSELECT_OUT;
	if ((ev->events & EPOLLERR) != 0)
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(p->multi, fd, mask, &running);
}

static int
xfer_patience(const struct xfer *x)
{
	int64_t now = clk_mono_ms(), left = XFER_NAP_MS;
	const struct xfer_pool *p;

	for (p = x->pool; p < x->pool + XFER_POOLS; p++)
		if (p->due != -1 && p->due - now < left)
			left = p->due - now;
	return left < 0 ? 0 : (int)left;
}

static void
xfer_serve(struct xfer *x, struct xfer_pool *p)
{
	int running;

	if (p->due != -1 && p->due <= clk_mono_ms()) {
		p->due = -1;
		curl_multi_socket_action(
		    p->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
	xfer_collect(x, p);
	/* libcurl looks at kept connections only when it is asked for one */
	if ((p->stale && p->busy == 0) || p->multi == NULL) {
		curl_multi_cleanup(p->multi);
		p->stale = xfer_pool_open(p) == -1;
	}
}

/* Wait for sockets, and for the time of libcurl; not while some are held. */
static void
xfer_attend(struct xfer *x)
{
	struct epoll_event ev[XFER_EVENTS];
	int i, n, left = xfer_patience(x);

	n = epoll_wait(x->epoll, ev, XFER_EVENTS, x->held == NULL ? left : 0);
	if (n == 0 && left > 0 && x->held != NULL)
		x->width += XFER_WIDTH;
	for (i = 0; i < n; i++)
		xfer_ready(x, &ev[i]);
	for (i = 0; i < XFER_POOLS; i++)
		xfer_serve(x, &x->pool[i]);
}

static void *
xfer_run(void *arg)
{
	struct xfer *x = arg;
	struct xfer_job *j;
	bool stop;

	for (;;) {
		xfer_take_all(x, &stop);
		if (stop)
			break;
		xfer_begin_some(x);
		xfer_attend(x);
	}
	while ((j = xfer_let_go(x)) != NULL)
		xfer_settle(x, j, XFER_STOPPED, "stopped");
	while (x->active != NULL)
		xfer_settle(x, x->active, XFER_STOPPED, "stopped");
	return NULL;
}

/* -- from outside -- */

static pthread_once_t xfer_once = PTHREAD_ONCE_INIT;

static void
xfer_library(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int
xfer_open(struct xfer *x, const struct xfer_opts *o, struct err *e)
{
	struct epoll_event ev = {.events = EPOLLIN};
	uint32_t i;

	if ((x->agent = strdup(o->agent)) == NULL ||
	    (x->mux = map_new()) == NULL)
		return err_nomem(e);
	if (o->ca_file != NULL && *o->ca_file != '\0' &&
	    (x->ca_file = strdup(o->ca_file)) == NULL)
		return err_nomem(e);
	x->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	x->epoll = epoll_create1(EPOLL_CLOEXEC);
	ev.data.u64 = (uint32_t)x->wake;
	if (x->wake == -1 || x->epoll == -1 ||
	    epoll_ctl(x->epoll, EPOLL_CTL_ADD, x->wake, &ev) == -1)
		return err_set(e, ERR_BUG, "no epoll for outgoing requests: %s",
		    strerror(errno));
	for (i = 0; i < XFER_POOLS; i++) {
		struct xfer_pool *p = &x->pool[i];

		p->no = i;
		p->epoll = x->epoll;
		p->kept = o->connections;
		p->most = i == XFER_MUX && p->kept > XFER_SHARED ? XFER_SHARED
								 : p->kept;
		if (xfer_pool_open(p) == -1)
			return err_nomem(e);
	}
	if (thr_start(&x->thread, "wb-requests", xfer_run, x) != 0)
		return err_set(e, ERR_BUG, "no thread for outgoing requests");
	return 0;
}

struct xfer *
xfer_start(const struct xfer_opts *o, struct err *e)
{
	struct xfer *x = calloc(1, sizeof *x);

	if (x == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_once(&xfer_once, xfer_library);
	x->last = &x->first;
	x->held_last = &x->held;
	x->width = XFER_WIDTH;
	x->timeout_ms = o->timeout_ms;
	x->wake = x->epoll = -1;
	pthread_mutex_init(&x->lock, NULL);
	if (xfer_open(x, o, e) == 0)
		return x;
	xfer_free(x);
	return NULL;
}

void
xfer_stop(struct xfer *x)
{
	if (x == NULL)
		return;
	pthread_mutex_lock(&x->lock);
	x->stop = true;
	pthread_mutex_unlock(&x->lock);
	eventfd_write(x->wake, 1);
	pthread_join(x->thread, NULL);
}

void
xfer_free(struct xfer *x)
{
	int i;

	if (x == NULL)
		return;
	while (x->nspare > 0)
		curl_easy_cleanup(x->spare[--x->nspare]);
	for (i = 0; i < XFER_POOLS; i++)
		curl_multi_cleanup(x->pool[i].multi);
	map_free(x->mux, free);
	if (x->epoll != -1)
		close(x->epoll);
	if (x->wake != -1)
		close(x->wake);
	pthread_mutex_destroy(&x->lock);
	free(x->ca_file);
	free(x->agent);
	free(x);
}

static int
xfer_copy(char **to, const char *from)
{
	if (from == NULL)
		return 0;
	return (*to = strdup(from)) == NULL ? -1 : 0;
}

static int
xfer_add_header(struct xfer_job *j, const char *line)
{
	struct curl_slist *l = curl_slist_append(j->headers, line);

	if (l == NULL)
		return -1;
	j->headers = l;
	return 0;
}

static struct xfer_job *
xfer_job_new(struct xfer *x, const struct xfer_req *q)
{
	struct xfer_job *j = calloc(1, sizeof *j);
	const char *const *h;

	if (j == NULL)
		return NULL;
	j->x = x;
	j->sink = q->sink;
	j->resp_max = q->resp_max != 0 ? q->resp_max : XFER_RESP_MAX;
	buf_init(&j->resp, j->resp_max);
	buf_init(&j->head, XFER_HEAD_MAX);
	j->timeout_ms = q->timeout_ms > 0 ? q->timeout_ms : x->timeout_ms;
	j->public_only = q->public_only;
	j->repeatable = q->repeatable;
	j->auth = q->auth;
	j->done = q->done;
	j->arg = q->arg;
	j->start_us = clk_mono_us();
	if (xfer_copy(&j->method, q->method) == -1 ||
	    xfer_copy(&j->url, q->url) == -1 ||
	    xfer_copy(&j->user, q->user) == -1 ||
	    xfer_copy(&j->sigv4, q->aws_sigv4) == -1)
		goto fail;
	if (q->body_len > 0) {
		if ((j->body = malloc(q->body_len + 1)) == NULL)
			goto fail;
		memcpy(j->body, q->body, q->body_len);
		j->body[q->body_len] = '\0';
		j->body_len = q->body_len;
	}
	for (h = q->headers; h != NULL && *h != NULL; h++)
		if (xfer_add_header(j, *h) == -1)
			goto fail;
	/*
	 * libcurl would wait a second for a 100 nobody sends; but it would
	 * also sign the header that is not there, and AWS bodies are small.
	 */
	if (j->auth == XFER_AUTH_AWS || xfer_add_header(j, "Expect:") == 0)
		return j;
fail:
	xfer_job_free(j);
	return NULL;
}

int
xfer_submit(struct xfer *x, const struct xfer_req *q, struct err *e)
{
	struct xfer_job *j = xfer_job_new(x, q);
	bool stopped, first;

	if (j == NULL)
		return err_nomem(e);
	pthread_mutex_lock(&x->lock);
	stopped = x->stop;
	first = x->first == NULL; /* else it is awake already */
	if (!stopped) {
		*x->last = j;
		x->last = &j->next;
	}
	pthread_mutex_unlock(&x->lock);
	if (stopped) {
		xfer_job_free(j);
		return err_set(e, ERR_TEMP, "stopping");
	}
	if (first)
		eventfd_write(x->wake, 1);
	return 0;
}
