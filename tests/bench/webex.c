/*
 * The Webex of `make bench`: as much of it as a burst needs, and as cheap as
 * may be, so that the figures are the bot's.  One thread with epoll; plain
 * HTTP/1.1; prints its address in one line and runs until it is ended.
 *
 *	webex [--latency MS]
 *
 * /v1 is the REST API for one bot, whatever token it shows.  A call takes MS
 * (0) milliseconds: it waits in a line and is carried out when its time has
 * come.  For each message, also of the bot, a notification goes to each
 * webhook that asks for it, over 64 connections, without that delay and in
 * the order of the messages.  What is not answered 200 is counted and not
 * repeated, unless a connection that had rested was found closed.
 *
 *	POST /burst {"rooms":R,"messages":M,"text":"..."}
 *		M messages in each of R direct rooms, round by round; once
 *	GET /wait?count=N&ms=T
 *		answered when N messages have their answer, or after T ms
 *
 * `count` are the answers, `us` is the time from the burst to the last of
 * them.  `doubled` are messages to a room that has had as many as were
 * written there, and second answers below one message; within a room one
 * answer too many can make up for one that is missing, unless they say to
 * which message they belong.  `refused` are messages to a room that is not
 * of the burst or without a text.
 */
#include "webex.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define CLIENTS_MOST 4096
#define READ_ROOM 4096 /* asked for with each read */
#define EVENTS 256

/* Who calls us. */
struct client {
	struct source source;
	int fd;
	enum { LISTENING, HELD, WAITING } state;
	bool full;      /* the answer did not fit into the socket */
	struct buf in;  /* the request, and what came after it */
	struct buf out; /* the rest of an answer */
	/* of the request, once it is all there */
	size_t body, len;   /* where the body begins, and how long it all is */
	bool known, closes; /* it shows a token; its answer is the last */
	int64_t due;        /* HELD: carried out, WAITING: given up (us) */
	long count;         /* WAITING for so many */
	TAILQ_ENTRY(client) next; /* by due, or among those that wait */
	LIST_ENTRY(client) all;
};
TAILQ_HEAD(clients, client);

static int ep, listener;
static int64_t latency; /* us */
static bool ended;
static struct clients held = TAILQ_HEAD_INITIALIZER(held);
static struct clients waiting = TAILQ_HEAD_INITIALIZER(waiting);
static LIST_HEAD(, client) clients;
static int nclients;

/* -- those who call -- */

static void
client_drop(struct client *c)
{
	if (c->state == HELD)
		TAILQ_REMOVE(&held, c, next);
	else if (c->state == WAITING)
		TAILQ_REMOVE(&waiting, c, next);
	LIST_REMOVE(c, all);
	close(c->fd);
	buf_done(&c->in);
	buf_done(&c->out);
	free(c);
	nclients--;
}

/* false: it is gone. */
static bool
client_watch(struct client *c, bool full)
{
	struct epoll_event ev = {
	    .events = full ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};

	if (full != c->full && epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev) == -1)
		die("epoll_ctl");
	c->full = full;
	if (!full && c->closes) {
		client_drop(c);
		return false;
	}
	return true;
}

/* What is in `reply`; false: the client is gone. */
static bool
client_answer(struct client *c, int status)
{
	static unsigned long long serial;
	char head[512];
	struct iovec iov[2] = {{head, 0}, {reply.p, buf_len(&reply)}};
	size_t n, all;
	ssize_t sent;

	n = (size_t)snprintf(head, sizeof head,
	    "HTTP/1.1 %d %s\r\nContent-Type: application/json;charset=UTF-8\r\n"
	    "trackingId: ROUTER_6A0B1C2D-0001-01BB-00FF-%012llX\r\n"
	    "%sContent-Length: %zu\r\n\r\n",
	    status, status == 200 ? "OK" : "No", ++serial,
	    c->closes ? "Connection: close\r\n" : "", buf_len(&reply));
	iov[0].iov_len = n;
	all = n + buf_len(&reply);
	sent = writev(c->fd, iov, 2);
	if (sent == -1 && errno == EAGAIN)
		sent = 0;
	if (sent == -1 || reply.failed) {
		client_drop(c);
		return false;
	}
	if ((size_t)sent < n)
		buf_add(&c->out, head + sent, n - (size_t)sent);
	if ((size_t)sent < all) {
		n = (size_t)sent < n ? 0 : (size_t)sent - n;
		buf_add(&c->out, buf_str(&reply) + n, buf_len(&reply) - n);
	}
	c->state = LISTENING;
	return client_watch(c, (size_t)sent < all);
}

/* What a line of the head says; -1: what we do not take. */
static int
request_head(struct client *c, const char *line)
{
	if (strncasecmp(line, "Content-Length:", 15) == 0) {
		size_t n = strtoul(line + 15, NULL, 10);

		c->len += n;
		return n > REQUEST_MOST ? -1 : 0;
	}
	if (strncasecmp(line, "Connection: close", 17) == 0)
		c->closes = true;
	else if (strncasecmp(line, "Authorization: Bearer ", 22) == 0)
		c->known = true;
	else if (strncasecmp(line, "Transfer-Encoding:", 18) == 0)
		return -1;
	return 0;
}

/* 1: it is all there; 0: not yet; -1: none that we take. */
static int
request_look(struct client *c)
{
	const char *in = buf_str(&c->in), *end = strstr(in, "\r\n\r\n"), *p;

	if (end == NULL)
		return 0;
	c->closes = c->known = false;
	c->body = c->len = (size_t)(end + 4 - in);
	for (p = strchr(in, '\r'); p < end; p = strchr(p + 1, '\r'))
		if (p[1] == '\n' && request_head(c, p + 2) == -1)
			return -1;
	return buf_len(&c->in) >= c->len;
}

/* Take the request line apart; -1: it is none. */
static int
request_line(char *line, char **path, struct call *c)
{
	char *end, *query;

	line += strcspn(line, " \r");
	end = line + (*line == ' ');
	end += strcspn(end, " \r");
	if (*line != ' ' || *end != ' ')
		return -1;
	*line = *end = '\0';
	*path = line + 1;
	if ((query = strchr(*path, '?')) != NULL)
		*query++ = '\0';
	c->query = query == NULL ? "" : query;
	/* the SDK of the peer writes /people/?id=... */
	end = *path + strlen(*path);
	if (end > *path + 1 && end[-1] == '/')
		end[-1] = '\0';
	return 0;
}

/* Carry the request out; false: the client is gone. */
static bool
client_run(struct client *c)
{
	char *head = c->in.p, *path;
	struct call call = {.body = head + c->body, .len = c->len - c->body};
	int status;

	c->state = LISTENING;
	if (request_line(head, &path, &call) == -1) {
		client_drop(c);
		return false;
	}
	buf_clear(&reply);
	if (!c->known && strncmp(path, "/v1/", 4) == 0)
		status = api_no(401, "The request requires a valid token.");
	else
		status = api_run(head, path, &call);
	/* what came after it moves up */
	memmove(head, head + c->len, buf_len(&c->in) - c->len);
	buf_cut(&c->in, buf_len(&c->in) - c->len);
	if (status != 0)
		return client_answer(c, status);
	c->count = call.count;
	c->due = clk_mono_us() + 1000 * call.ms;
	c->state = WAITING;
	TAILQ_INSERT_TAIL(&waiting, c, next);
	return true;
}

static bool
client_is_api(const struct client *c)
{
	return strncmp(c->in.p + strcspn(c->in.p, " "), " /v1/", 5) == 0;
}

/* What has come in: carried out, or held back. */
static void
client_next(struct client *c)
{
	int n;

	while (
	    c->state == LISTENING && !c->full && (n = request_look(c)) != 0) {
		if (n < 0) {
			client_drop(c);
			return;
		}
		if (latency > 0 && client_is_api(c)) {
			c->state = HELD;
			c->due = clk_mono_us() + latency;
			TAILQ_INSERT_TAIL(&held, c, next);
		} else if (!client_run(c)) {
			return;
		}
	}
}

static void
client_ready(struct source *source, uint32_t events)
{
	struct client *c = (struct client *)source;
	char *room = buf_room(&c->in, READ_ROOM);
	ssize_t n;

	if (c->full && (events & EPOLLOUT) != 0) {
		n = write(c->fd, c->out.p, buf_len(&c->out));
		if (n > 0) {
			memmove(c->out.p, c->out.p + n,
			    buf_len(&c->out) - (size_t)n);
			buf_cut(&c->out, buf_len(&c->out) - (size_t)n);
		}
		if (!client_watch(c, buf_len(&c->out) > 0))
			return;
	}
	n = room == NULL ? 0 : read(c->fd, room, READ_ROOM);
	if (n == 0 || (n == -1 && errno != EAGAIN)) {
		client_drop(c);
		return;
	}
	if (n > 0)
		buf_took(&c->in, (size_t)n);
	client_next(c);
}

static void
accept_ready(struct source *source, uint32_t events)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct client *c;
	int fd;

	(void)source;
	(void)events;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) != -1) {
		if (nclients == CLIENTS_MOST) {
			close(fd);
			continue;
		}
		if ((c = calloc(1, sizeof *c)) == NULL)
			die("calloc");
		nclients++;
		LIST_INSERT_HEAD(&clients, c, all);
		c->source.ready = client_ready;
		c->fd = fd;
		buf_init(&c->in, REQUEST_MOST + 2 * READ_ROOM);
		buf_init(&c->out, REPLY_MOST);
		ev.data.ptr = c;
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == -1)
			die("epoll_ctl");
	}
}

/* -- the run -- */

/* Whose time has come. */
static void
run_due(void)
{
	struct client *c, *next;
	int64_t now = clk_mono_us();

	while ((c = TAILQ_FIRST(&held)) != NULL && c->due <= now) {
		TAILQ_REMOVE(&held, c, next);
		if (client_run(c))
			client_next(c);
	}
	for (c = TAILQ_FIRST(&waiting); c != NULL; c = next) {
		next = TAILQ_NEXT(c, next);
		if (c->due > now && c->count > world.count)
			continue;
		TAILQ_REMOVE(&waiting, c, next);
		c->state = LISTENING;
		buf_clear(&reply);
		api_counts();
		if (client_answer(c, 200))
			client_next(c);
	}
}

/* Until something is due: milliseconds, rounded up; -1: nothing is. */
static int
run_patience(void)
{
	struct client *c = TAILQ_FIRST(&held);
	int64_t at = c != NULL ? c->due : INT64_MAX, now = clk_mono_us();

	TAILQ_FOREACH(c, &waiting, next)
	{
		if (c->due < at)
			at = c->due;
	}
	if (at == INT64_MAX)
		return -1;
	return at <= now ? 0 : (int)((at - now + 999) / 1000);
}

static void
run(void)
{
	struct epoll_event ev[EVENTS];
	struct source *s;
	int i, n;

	while (!ended) {
		n = epoll_wait(ep, ev, EVENTS, run_patience());
		if (n == -1 && errno != EINTR)
			die("epoll_wait");
		for (i = 0; i < n; i++) {
			s = ev[i].data.ptr;
			s->ready(s, ev[i].events);
		}
		run_due();
		hooks_deliver();
	}
}

static void
ended_ready(struct source *source, uint32_t events)
{
	(void)source;
	(void)events;
	ended = true;
}

static void
start(void)
{
	static struct source accepts = {accept_ready}, ends = {ended_ready};
	struct epoll_event ev = {.events = EPOLLIN};
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof at;
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ep = epoll_create1(0);
	ev.data.ptr = &ends;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, signalfd(-1, &set, 0), &ev) == -1)
		die("signalfd");
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ev.data.ptr = &accepts;
	if (bind(listener, (struct sockaddr *)&at, sizeof at) == -1 ||
	    listen(listener, CLIENTS_MOST) == -1 ||
	    getsockname(listener, (struct sockaddr *)&at, &len) == -1 ||
	    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev) == -1)
		die("listen");
	api_start();
	hooks_start(ep);
	printf("http://127.0.0.1:%d\n", ntohs(at.sin_port));
	fflush(stdout);
}

/* So that a tool that looks for leaks sees only such. */
static void
stop(void)
{
	struct client *c;

	while ((c = LIST_FIRST(&clients)) != NULL)
		client_drop(c);
	hooks_stop();
	api_stop();
}

int
main(int argc, char **argv)
{
	static const struct option names[] = {
	    {"latency", required_argument, NULL, 'l'}, {NULL, 0, NULL, 0}};
	int o;

	while ((o = getopt_long(argc, argv, "l:", names, NULL)) != -1)
		switch (o) {
		case 'l':
			latency = 1000 * (int64_t)atoi(optarg);
			break;
		default:
			return 2;
		}
	files_most();
	start();
	run();
	stop();
	return 0;
}
