/* Deadlines of connections; see conns.h.  One thread, the reaper. */
#include "net/conns.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/clk.h"
#include "base/thr.h"
#include "net/addr.h"

#define CONNS_TICK_MS 100
/*
 * Every so many ticks, and while some have to go, all descriptors are looked
 * at, which takes time where there are many; else those that were ours.
 */
#define CONNS_WHOLE 3
/* Under pressure a connection this young is left alone. */
#define CONNS_GRACE_MS 200
/* Requests and TLS greetings are longer; fewer bytes are a drip. */
#define CONNS_SPOKEN 16
/* Of so many threads, those that may be held; the rest is for who is next. */
#define CONNS_KEEP(most) ((most) - (most) / 8 - 1)

enum conn_phase { CONN_WAITS, CONN_READS, CONN_WORKS };

struct conn {
	struct conn *prev, *next;
	_Atomic int phase;     /* enum conn_phase; set by its own thread */
	_Atomic int64_t since; /* of the phase, clk_mono_ms */
	int port;
	char peer[ADDR_TEXT];
};

/* A socket of the server as the reaper sees it. */
struct conns_seen {
	int fd;
	int port;
	int64_t since;
	enum conn_phase phase;
	bool unread; /* it has spoken, and no thread has been free for it */
	bool shut;   /* it has had to go */
	char peer[ADDR_TEXT];
};

struct conns {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t reaper;
	DIR *fds; /* kept open: there may come to be no descriptor for it */
	struct conn *all;
	bool (*ours)(const struct sockaddr_storage *local, void *arg);
	void *arg;
	struct conns_seen *seen, *before; /* this look, the last one */
	size_t nseen, nbefore, room;
	unsigned ticks;   /* since all were looked at */
	_Atomic int held; /* threads that connections in `all` hold */
	int most;
	int request_ms;
	bool stop;
};

/* Call fn for each descriptor of this process. */
static void
conns_each_fd(struct conns *cs, void (*fn)(struct conns *cs, int fd))
{
	struct dirent *ent;

	rewinddir(cs->fds);
	while ((ent = readdir(cs->fds)) != NULL)
		if (ent->d_name[0] != '.')
			fn(cs, (int)strtol(ent->d_name, NULL, 10));
}

static bool
conns_is_ours(struct conns *cs, int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof ss;

	memset(&ss, 0, sizeof ss);
	return getsockname(fd, (struct sockaddr *)&ss, &len) == 0 &&
	       cs->ours(&ss, cs->arg);
}

/* The peer of a connected TCP socket; 0 or -1. */
static int
conns_peer(int fd, struct conns_seen *s)
{
	struct sockaddr_storage ss;
	const struct sockaddr_in6 *six = (const void *)&ss;
	const struct sockaddr_in *four = (const void *)&ss;
	socklen_t len = sizeof ss;

	if (getpeername(fd, (struct sockaddr *)&ss, &len) == -1)
		return -1;
	if (ss.ss_family == AF_INET) {
		s->port = ntohs(four->sin_port);
		inet_ntop(AF_INET, &four->sin_addr, s->peer, sizeof s->peer);
	} else if (ss.ss_family == AF_INET6) {
		s->port = ntohs(six->sin6_port);
		inet_ntop(AF_INET6, &six->sin6_addr, s->peer, sizeof s->peer);
	} else {
		return -1;
	}
	return 0;
}

/* Since when it is silent: from its own record, or from the last look. */
static void
conns_age(struct conns *cs, struct conns_seen *s)
{
	const struct conn *c;
	size_t i;

	for (c = cs->all; c != NULL; c = c->next)
		if (c->port == s->port && strcmp(c->peer, s->peer) == 0) {
			s->phase = (enum conn_phase)atomic_load(&c->phase);
			s->since = atomic_load(&c->since);
			return;
		}
	for (i = 0; i < cs->nbefore; i++)
		if (cs->before[i].port == s->port &&
		    cs->before[i].fd == s->fd) {
			/* it does not age while it waits for a thread */
			if (!cs->before[i].unread)
				s->since = cs->before[i].since;
			s->shut = cs->before[i].shut;
			return;
		}
}

static void
conns_look_at(struct conns *cs, int fd)
{
	struct conns_seen s = {.fd = fd, .phase = CONN_WAITS};
	int n = 0;

	if (cs->nseen == cs->room || !conns_is_ours(cs, fd) ||
	    conns_peer(fd, &s) == -1)
		return;
	s.unread = ioctl(fd, FIONREAD, &n) == 0 && n >= CONNS_SPOKEN;
	s.since = clk_mono_ms();
	conns_age(cs, &s);
	cs->seen[cs->nseen++] = s;
}

/* Its number may have gone to another since it was looked at. */
static void
conns_end(const struct conns_seen *s, int how)
{
	struct conns_seen now = {.port = 0};

	if (conns_peer(s->fd, &now) == 0 && now.port == s->port)
		shutdown(s->fd, how);
}

static int
conns_by_age(const void *a, const void *b)
{
	const struct conns_seen *x = a, *y = b;

	return (x->since > y->since) - (x->since < y->since);
}

static void
conns_reap(struct conns *cs)
{
	int64_t now = clk_mono_ms();
	struct conns_seen *t = cs->before;
	const struct conn *c;
	size_t i, keep = (size_t)CONNS_KEEP(cs->most), stay = 0, close = 0;

	cs->before = cs->seen;
	cs->nbefore = cs->nseen;
	cs->seen = t;
	cs->nseen = 0;
	if (++cs->ticks >= CONNS_WHOLE) {
		cs->ticks = 0;
		conns_each_fd(cs, conns_look_at);
	} else {
		for (i = 0; i < cs->nbefore; i++)
			conns_look_at(cs, cs->before[i].fd);
	}
	for (i = 0; i < cs->nseen; i++)
		stay += !cs->seen[i].shut;
	for (c = cs->all; c != NULL; c = c->next)
		stay += c->port == 0; /* of a unix peer */
	if (stay > keep) {
		/* a part at a time, so that the young are not swept along */
		close = (stay - keep) / 2 + 1;
		qsort(cs->seen, cs->nseen, sizeof *cs->seen, conns_by_age);
	}
	for (i = 0; i < cs->nseen; i++) {
		struct conns_seen *s = &cs->seen[i];
		int64_t age = now - s->since;

		if (s->phase == CONN_READS && age > cs->request_ms) {
			conns_end(s, SHUT_RDWR);
		} else if (s->phase != CONN_WORKS && !s->unread && !s->shut &&
			   close > 0 && age > CONNS_GRACE_MS) {
			close--;
			cs->ticks = CONNS_WHOLE;
			s->shut = true;
			/* what has been read this moment is still answered */
			conns_end(s, SHUT_RD);
		}
	}
}

static void *
conns_run(void *arg)
{
	struct conns *cs = arg;

	pthread_mutex_lock(&cs->lock);
	while (!cs->stop) {
		clk_cond_wait(
		    &cs->wake, &cs->lock, clk_mono_ms() + CONNS_TICK_MS);
		if (!cs->stop)
			conns_reap(cs);
	}
	pthread_mutex_unlock(&cs->lock);
	return NULL;
}

struct conns *
conns_new(int most, int queue, int request_ms,
    bool (*ours)(const struct sockaddr_storage *local, void *arg), void *arg,
    struct err *e)
{
	struct conns *cs = calloc(1, sizeof *cs);

	if (cs == NULL)
		goto fail;
	cs->most = most;
	cs->request_ms = request_ms;
	cs->ours = ours;
	cs->arg = arg;
	cs->room = (size_t)most + (size_t)queue + 64;
	cs->seen = calloc(cs->room, sizeof *cs->seen);
	cs->before = calloc(cs->room, sizeof *cs->before);
	cs->fds = opendir("/proc/self/fd");
	if (cs->seen == NULL || cs->before == NULL || cs->fds == NULL)
		goto fail;
	pthread_mutex_init(&cs->lock, NULL);
	clk_cond_init(&cs->wake);
	if (thr_start(&cs->reaper, "wb-deadlines", conns_run, cs) == 0)
		return cs;
fail:
	err_set(
	    e, ERR_BUG, "no memory, descriptor or thread for the deadlines");
	if (cs != NULL) {
		if (cs->fds != NULL)
			closedir(cs->fds);
		free(cs->seen);
		free(cs->before);
		free(cs);
	}
	return NULL;
}

void
conns_free(struct conns *cs)
{
	if (cs == NULL)
		return;
	pthread_mutex_lock(&cs->lock);
	cs->stop = true;
	pthread_cond_signal(&cs->wake);
	pthread_mutex_unlock(&cs->lock);
	pthread_join(cs->reaper, NULL);
	pthread_cond_destroy(&cs->wake);
	pthread_mutex_destroy(&cs->lock);
	closedir(cs->fds);
	free(cs->seen);
	free(cs->before);
	free(cs);
}

static void
conn_turn(struct conn *c, enum conn_phase phase)
{
	if (c == NULL)
		return;
	atomic_store_explicit(&c->since, clk_mono_ms(), memory_order_relaxed);
	atomic_store_explicit(&c->phase, phase, memory_order_release);
}

struct conn *
conn_open(struct conns *cs, const char *peer, int port)
{
	struct conn *c;

	if ((c = calloc(1, sizeof *c)) == NULL)
		return NULL;
	c->port = port;
	strncpy(c->peer, peer, sizeof c->peer - 1);
	conn_turn(c, CONN_WAITS);
	pthread_mutex_lock(&cs->lock);
	if ((c->next = cs->all) != NULL)
		c->next->prev = c;
	cs->all = c;
	atomic_fetch_add_explicit(&cs->held, 1, memory_order_relaxed);
	pthread_mutex_unlock(&cs->lock);
	return c;
}

bool
conns_crowded(const struct conns *cs)
{
	return atomic_load_explicit(&cs->held, memory_order_relaxed) >
	       CONNS_KEEP(cs->most);
}

void
conn_reads(struct conn *c)
{
	conn_turn(c, CONN_READS);
}

void
conn_works(struct conn *c)
{
	conn_turn(c, CONN_WORKS);
}

void
conn_waits(struct conn *c)
{
	conn_turn(c, CONN_WAITS);
}

void
conn_close(struct conns *cs, struct conn *c)
{
	pthread_mutex_lock(&cs->lock);
	if (c != NULL) {
		if (c->prev != NULL)
			c->prev->next = c->next;
		else
			cs->all = c->next;
		if (c->next != NULL)
			c->next->prev = c->prev;
		atomic_fetch_sub_explicit(&cs->held, 1, memory_order_relaxed);
	}
	pthread_mutex_unlock(&cs->lock);
	free(c);
}

static void
conns_shut_fd(struct conns *cs, int fd)
{
	if (conns_is_ours(cs, fd))
		shutdown(fd, SHUT_RD);
}

void
conns_shut(struct conns *cs)
{
	pthread_mutex_lock(&cs->lock);
	conns_each_fd(cs, conns_shut_fd);
	pthread_mutex_unlock(&cs->lock);
}
