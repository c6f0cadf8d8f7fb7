/*
 * Requests to others; see xfer.h.  One thread runs everything below
 * xfer_run: it owns the multi handle and every easy handle.  Others only
 * put work into the submit list and wake it.  libcurl says which sockets and
 * which time it waits for, and epoll waits: with curl_multi_poll each wake
 * would cost a look at every connection.
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
 * and more are let go whenever there is nothing else to do, or one has been
 * held for too long.
 */
#include "net/xfer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "base/thr.h"
#include "net/xfer_head.h"
#include "net/xfer_int.h"

#define XFER_TOTAL 16384    /* connections of a pool */
#define XFER_SHARED 8       /* connections to a host that speaks HTTP/2 */
#define XFER_HOSTS 256      /* such hosts that are remembered */
#define XFER_APART_MS 60000 /* for one that those few are not enough for */
#define XFER_ORIGIN 300     /* scheme, host and port */
#define XFER_EVENTS 256     /* taken from epoll at once */
#define XFER_WIDTH 64       /* requests let go at once */
#define XFER_HELD_US 500000 /* and none is held for longer */
#define XFER_NAP_MS 1000    /* at most, whatever libcurl says */

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
	size_t width;                       /* so many may be under way */
	long timeout_ms;
	char *ca_file;
	char *agent;
};

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
	/*
	 * A handle of its own each time: over HTTP/2 libcurl 7.88 writes past
	 * the end of the buffer of one that was used and reset before.
	 */
	CURL *c = curl_easy_init();
	struct xfer_pool *p;

	if ((j->easy = c) == NULL)
		return -1;
	p = xfer_pool_of(x, j);
	if (xfer_job_set(j, x->agent, x->ca_file) == -1 ||
	    curl_multi_add_handle(p->multi, c) != CURLM_OK)
		return -1;
	j->pool = p;
	p->busy++;
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
		}
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
		    x, j, xfer_job_judge(j, code), curl_easy_strerror(code));
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
	/* whatever many hosts ask for: webhooks come in by some, too */
	curl_multi_setopt(
	    m, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)file_quarter(XFER_TOTAL));
	curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, p->kept);
	curl_multi_setopt(m, CURLMOPT_MAX_CONCURRENT_STREAMS, 250L);
	curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, xfer_on_watch);
	curl_multi_setopt(m, CURLMOPT_SOCKETDATA, p);
	curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, xfer_on_timer);
	curl_multi_setopt(m, CURLMOPT_TIMERDATA, p);
	return 0;
}

static size_t
xfer_busy(const struct xfer *x)
{
	return x->pool[XFER_PLAIN].busy + x->pool[XFER_MUX].busy;
}

static void
xfer_begin_some(struct xfer *x)
{
	struct xfer_job *j;

	while (xfer_busy(x) < x->width && (j = xfer_let_go(x)) != NULL)
		if (xfer_begin(x, j) == -1)
			xfer_settle(x, j, XFER_NOT_SENT, "out of memory");
	if (x->held == NULL)
		x->width =
		    xfer_busy(x) < XFER_WIDTH ? XFER_WIDTH : xfer_busy(x);
}

/* Nothing else to do, or none has been for too long? */
static bool
xfer_may_widen(const struct xfer *x, int events, int left)
{
	return x->held != NULL &&
	       ((events == 0 && left > 0) ||
		   clk_mono_us() - x->held->start_us > XFER_HELD_US);
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
	if (xfer_may_widen(x, n, left))
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
		p->kept = file_quarter(o->connections);
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

int
xfer_submit(struct xfer *x, const struct xfer_req *q, struct err *e)
{
	struct xfer_job *j = xfer_job_new(q, x->timeout_ms);
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
