/*
 * The load of `make bench`: signed notifications, each with an id of its
 * own, sent to an HTTP server by one thread over many connections.
 *
 *	load [OPTION...] http://ADDR:PORT/PATH | https://ADDR:PORT/PATH
 *	  -c N     connections that send (64)
 *	  -n       a new connection for each request
 *	  -r RATE  so many a second, whatever the server does; a latency counts
 *	           from the time at which the request was due (0: as many as go)
 *	  -d SECS  how long (4), after -w SECS (0.5) that do not count
 *	  -x N     end after so many answers, all of them counted
 *	  -i N     meanwhile N connections that send nothing
 *	  -s N     meanwhile N connections that send one byte a second
 *	  -k TEXT  the secret
 *	  -N NAME  what the webhook is called
 *	  -R N     rooms that the messages are in (1000)
 *	load -m    time per signature check and per JSON check
 *
 * Prints one JSON object; times are in microseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common.h"
#include "base/clk.h"
#include "base/json.h"
#include "bot/event.h"
#include "net/verify.h"

#define HELD_TICK_US 1000000

/* A connection that sends one notification after the other. */
struct shot {
	struct conn c;
	int64_t from; /* latency counts from here */
};

/* A connection that only holds a place. */
struct held {
	int fd;
	bool drips;
	size_t at;
};

static struct {
	int conns, rooms, idle, drip;
	bool fresh, tls;
	double rate, secs, warm;
	long most;
	const char *secret, *path;
	char hook[1024]; /* its members in a notification */
	struct sockaddr_in to;
	char host[64];
} opt = {
    .conns = 64, .rooms = 1000, .secs = 4, .warm = 0.5, .secret = "s3cret"};

static int ep, timer;
static SSL_CTX *tls;
static struct shot *shots, **resting;
static struct signer *signer;
static int nresting;
static struct held *helds;
static int nheld;
static int64_t start, counted_from, end, next_due, next_held;
static uint64_t serial, seed;
static uint32_t *took;
static size_t ntook, took_room;
static long statuses[600], errors, late, reopened;

/* -- requests -- */

/* The next message; the texts are lent until the one after it. */
static struct notice
next_notice(void)
{
	static char id[ID_MAX], room[ID_MAX], person[ID_MAX], email[64];
	uint64_t r = serial % (uint64_t)opt.rooms + 1;

	serial++;
	make_id(id, "MESSAGE", seed, serial);
	make_id(room, "ROOM", 7, r);
	make_id(person, "PEOPLE", 9, r);
	snprintf(email, sizeof email, "load-%llu@example.com",
	    (unsigned long long)r);
	return (struct notice){.hook = opt.hook,
	    .id = id,
	    .room = room,
	    .person = person,
	    .email = email,
	    .created = "2026-05-04T09:15:02.417Z"};
}

static void
make_hook(const char *name)
{
	snprintf(opt.hook, sizeof opt.hook,
	    "\"id\":\"Y2lzY29zcGFyazovL3VzL1dFQkhPT0svM2UyZDFjMGItYWFhYS00Ym"
	    "JiLThjY2MtMDAwMDAwMDAwMDAx\",\"name\":\"%s\","
	    "\"resource\":\"messages\",\"event\":\"created\","
	    "\"orgId\":"
	    "\"Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wZjBlMGQwYy0wYg\","
	    "\"status\":\"active\",\"created\":\"2026-05-04T08:00:00.000Z\"",
	    name);
}

/* -- one connection -- */

static void
rest(struct shot *s)
{
	if (s->c.phase != CLOSED)
		s->c.phase = RESTING;
	resting[nresting++] = s;
}

static void
fail(struct shot *s)
{
	if (s->from >= counted_from && clk_mono_us() < end)
		errors++;
	rest(s);
}

static void
answered(struct shot *s, int status)
{
	int64_t now = clk_mono_us();

	if (s->from >= counted_from && now <= end) {
		statuses[status]++;
		if (ntook == took_room) {
			took_room = took_room == 0 ? 65536 : 2 * took_room;
			took = realloc(took, took_room * sizeof *took);
			if (took == NULL)
				die("realloc");
		}
		took[ntook++] = (uint32_t)(now - s->from);
	}
	if (opt.fresh)
		conn_hang_up(&s->c);
	rest(s);
}

/* What conn_go or conn_begin said. */
static void
went(struct shot *s, int status)
{
	if (status < 0)
		fail(s);
	else if (status > 0)
		answered(s, status);
}

static void
begin(struct shot *s, int64_t from)
{
	struct notice n = next_notice();

	s->from = from;
	s->c.len = notice_request(&n, signer, opt.host, opt.path, opt.fresh,
	    s->c.req, sizeof s->c.req);
	went(s, conn_begin(&s->c, ep, &opt.to, opt.tls ? tls : NULL, s));
}

/* -- those that only hold a place -- */

static void
held_tick(void)
{
	static const char slow[] =
	    "POST /webhooks/webex HTTP/1.1\r\nHost: slow\r\nX-Slow: "
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	/* the beginning of a ClientHello */
	static const char hello[] = "\x16\x03\x01\x01\x00\x01\x00\x00\xfc\x03"
				    "\x03";
	const char *text = opt.tls ? hello : slow;
	size_t len = opt.tls ? sizeof hello - 1 : sizeof slow - 1;
	char x;
	int i;

	for (i = 0; i < nheld; i++) {
		struct held *h = &helds[i];
		ssize_t n = h->fd == -1
				? 0
				: recv(h->fd, &x, 1, MSG_DONTWAIT | MSG_PEEK);

		/* ended, or answered (408): a new one takes its place */
		if (n >= 0 || errno != EAGAIN) {
			if (h->fd != -1) {
				close(h->fd);
				reopened++;
			}
			h->fd = dial(-1, &opt.to, NULL);
			h->at = 0;
		} else if (h->drips && h->at < len) {
			h->at +=
			    send(h->fd, text + h->at, 1, MSG_NOSIGNAL) == 1;
		}
	}
}

static void
held_start(void)
{
	int i;

	nheld = opt.idle + opt.drip;
	if ((helds = calloc((size_t)nheld + 1, sizeof *helds)) == NULL)
		die("calloc");
	for (i = 0; i < nheld; i++) {
		helds[i].fd = -1;
		helds[i].drips = i >= opt.idle;
	}
	if (nheld == 0)
		return;
	held_tick();
	for (i = 0; i < 10; i++) {
		usleep(100000);
		held_tick();
	}
	reopened = 0;
}

/* -- the run -- */

static void
arm(int64_t at)
{
	struct itimerspec t = {.it_value = {at / 1000000, at % 1000000 * 1000}};

	timerfd_settime(timer, TFD_TIMER_ABSTIME, &t, NULL);
}

/* Start what is due. */
static void
feed(int64_t now)
{
	while (nresting > 0 && (opt.rate <= 0 || next_due <= now)) {
		struct shot *s = resting[--nresting];
		int64_t due = opt.rate > 0 ? next_due : clk_mono_us();

		if (opt.rate > 0) {
			next_due = start + (int64_t)((double)(serial + 1) *
						     1e6 / opt.rate);
			late += now - due > 1000;
		}
		begin(s, due);
		if (opt.rate <= 0 && s->c.phase == CLOSED)
			break; /* refused: not in a tight loop */
	}
}

static void
run(void)
{
	struct epoll_event ev[256], tick = {.events = EPOLLIN};
	int64_t now;
	uint64_t x;
	int i, n;

	tick.data.ptr = &timer;
	epoll_ctl(ep, EPOLL_CTL_ADD, timer, &tick);
	now = start = next_due = clk_mono_us();
	counted_from = start + (int64_t)(opt.warm * 1e6);
	end = counted_from + (int64_t)(opt.secs * 1e6);
	next_held = now + HELD_TICK_US;
	while (now < end && (opt.most == 0 || (long)ntook < opt.most)) {
		feed(now);
		if (opt.rate > 0 && nresting > 0)
			arm(next_due);
		n = epoll_wait(ep, ev, 256, 100);
		for (i = 0; i < n; i++)
			if (ev[i].data.ptr == &timer)
				(void)!read(timer, &x, sizeof x);
			else
				went(ev[i].data.ptr, conn_go(ev[i].data.ptr));
		now = clk_mono_us();
		if (nheld > 0 && now >= next_held) {
			held_tick();
			next_held = now + HELD_TICK_US;
		}
	}
}

static int
by_time(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static long
part(double q)
{
	size_t i = (size_t)(q * (double)ntook);

	return ntook == 0 ? -1 : (long)took[i >= ntook ? ntook - 1 : i];
}

static void
report(int64_t ended)
{
	/* what is still open at the end has waited so long already */
	double secs = (double)(ended - counted_from) / 1e6;
	int64_t oldest = 0;
	const char *sep = "";
	int i, open = 0;

	for (i = 0; i < opt.conns; i++)
		if (shots[i].c.phase != RESTING && shots[i].c.phase != CLOSED &&
		    shots[i].from >= counted_from) {
			open++;
			if (ended - shots[i].from > oldest)
				oldest = ended - shots[i].from;
		}
	qsort(took, ntook, sizeof *took, by_time);
	printf("{\"secs\":%.3f,\"rate\":%.1f,\"ok\":%ld,\"status\":{", secs,
	    (double)statuses[200] / secs, statuses[200]);
	for (i = 0; i < 600; i++)
		if (statuses[i] > 0) {
			printf("%s\"%d\":%ld", sep, i, statuses[i]);
			sep = ",";
		}
	printf("},\"errors\":%ld,\"open\":%d,\"oldest\":%lld,\"late\":%ld,"
	       "\"p50\":%ld,\"p90\":%ld,\"p99\":%ld,\"max\":%ld,\"held\":%d,"
	       "\"reopened\":%ld}\n",
	    errors, open, (long long)oldest, late, part(0.5), part(0.9),
	    part(0.99), part(1), nheld, reopened);
}

/* -- small things -- */

static void
micro(void)
{
	struct err e = ERR_INIT;
	struct verify *v = verify_new(VERIFY_SHA1, opt.secret, &e);
	char body[REQ_MAX], sig[VERIFY_HEX_MAX];
	struct notice note;
	size_t len, at;
	struct event ev;
	int64_t t0, t1, t2, t3;
	int i, n = 200000, ok = 0;

	opt.rooms = 1;
	note = next_notice();
	len = notice_body(&note, body, sizeof body);
	verify_hmac(
	    VERIFY_SHA1, opt.secret, strlen(opt.secret), body, len, sig);
	t0 = clk_mono_us();
	for (i = 0; i < n; i++)
		ok += verify_ok(v, body, len, sig);
	t1 = clk_mono_us();
	for (i = 0; i < n; i++)
		ok += json_check(body, len, 32, &at, &e) == 0;
	t2 = clk_mono_us();
	for (i = 0; i < n; i++)
		if (event_read_webex(&ev, body, len, &e) == 0) {
			ok++;
			event_done(&ev);
		}
	t3 = clk_mono_us();
	printf("{\"bytes\":%zu,\"verify\":%.3f,\"json_check\":%.3f,"
	       "\"event_read\":%.3f,\"failed\":%d}\n",
	    len, (double)(t1 - t0) / n, (double)(t2 - t1) / n,
	    (double)(t3 - t2) / n, 3 * n - ok);
	verify_free(v);
}

static void
read_url(char *url)
{
	char *host = strstr(url, "://"), *path, *port;

	if (host == NULL || strncmp(url, "http", 4) != 0)
		goto bad;
	opt.tls = url[4] == 's';
	host += 3;
	if ((path = strchr(host, '/')) == NULL ||
	    (size_t)(path - host) >= sizeof opt.host)
		goto bad;
	opt.path = path;
	memcpy(opt.host, host, (size_t)(path - host));
	if ((port = strchr(opt.host, ':')) == NULL)
		goto bad;
	*port = '\0';
	opt.to.sin_family = AF_INET;
	opt.to.sin_port = htons((uint16_t)atoi(port + 1));
	if (inet_pton(AF_INET, opt.host, &opt.to.sin_addr) != 1)
		goto bad;
	*port = ':';
	return;
bad:
	fprintf(stderr, "load: not http[s]://ADDR:PORT/PATH: %s\n", url);
	exit(2);
}

int
main(int argc, char **argv)
{
	int o, i;

	make_hook("webexbot: messages");
	seed = (uint64_t)clk_wall_ms() << 20 ^ (uint64_t)getpid();
	while ((o = getopt(argc, argv, "c:nr:d:w:x:i:s:k:N:R:m")) != -1)
		switch (o) {
		case 'c':
			opt.conns = atoi(optarg);
			break;
		case 'n':
			opt.fresh = true;
			break;
		case 'r':
			opt.rate = atof(optarg);
			break;
		case 'd':
			opt.secs = atof(optarg);
			break;
		case 'w':
			opt.warm = atof(optarg);
			break;
		case 'x':
			opt.most = atol(optarg);
			opt.warm = 0;
			break;
		case 'i':
			opt.idle = atoi(optarg);
			break;
		case 's':
			opt.drip = atoi(optarg);
			break;
		case 'N':
			make_hook(optarg);
			break;
		case 'k':
			opt.secret = optarg;
			break;
		case 'R':
			opt.rooms = atoi(optarg);
			break;
		case 'm':
			micro();
			return 0;
		default:
			return 2;
		}
	if (optind + 1 != argc)
		return 2;
	read_url(argv[optind]);
	files_most();
	signal(SIGPIPE, SIG_IGN);
	ep = epoll_create1(0);
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	tls = SSL_CTX_new(TLS_client_method());
	signer = signer_new(opt.secret);
	shots = calloc((size_t)opt.conns, sizeof *shots);
	resting = calloc((size_t)opt.conns, sizeof(struct shot *));
	if (shots == NULL || resting == NULL || tls == NULL)
		die("start");
	for (i = 0; i < opt.conns; i++)
		resting[nresting++] = &shots[i];
	held_start();
	run();
	report(clk_mono_us() < end ? clk_mono_us() : end);
	return 0;
}
