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
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "base/clk.h"
#include "base/json.h"
#include "bot/event.h"
#include "net/verify.h"

#define REQ_MAX 2048
#define ANSWER_MAX 4096
#define HELD_TICK_US 1000000

enum phase { CLOSED, CONNECTING, HANDSHAKE, WRITING, READING, RESTING };

struct conn {
	enum phase phase;
	int fd;
	SSL *ssl;
	int64_t from; /* latency counts from here */
	size_t at, len, got;
	char req[REQ_MAX], in[ANSWER_MAX];
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
	const char *secret, *path, *name;
	struct sockaddr_in to;
	char host[64];
} opt = {.conns = 64,
    .rooms = 1000,
    .secs = 4,
    .warm = 0.5,
    .secret = "s3cret",
    .name = "webexbot: messages"};

static int ep, timer;
static SSL_CTX *tls;
static struct conn *conns, **resting;
static int nresting;
static struct held *helds;
static int nheld;
static int64_t start, counted_from, end, next_due, next_held;
static uint64_t serial, seed;
static uint32_t *took;
static size_t ntook, took_room;
static long statuses[600], errors, late, reopened;

static void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* -- requests -- */

/* As ids of Webex look: base64 of an address that ends in a UUID. */
static void
make_id(char out[128], const char *kind, uint64_t a, uint64_t b)
{
	char raw[96];
	int n = snprintf(raw, sizeof raw,
	    "ciscospark://us/%s/%08x-%04x-11f0-%04x-%012llx", kind,
	    (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff,
	    (unsigned)a & 0xffff, (unsigned long long)b & 0xffffffffffffULL);

	n = EVP_EncodeBlock(
	    (unsigned char *)out, (const unsigned char *)raw, n);
	while (n > 0 && out[n - 1] == '=')
		out[--n] = '\0';
}

static size_t
make_body(char *out, size_t max)
{
	char id[128], room[128], person[128];
	uint64_t r = serial % (uint64_t)opt.rooms + 1;

	serial++;
	make_id(id, "MESSAGE", seed, serial);
	make_id(room, "ROOM", 7, r);
	make_id(person, "PEOPLE", 9, r);
	return (size_t)snprintf(out, max,
	    "{\"id\":\"Y2lzY29zcGFyazovL3VzL1dFQkhPT0svM2UyZDFjMGItYWFhYS00Ym"
	    "JiLThjY2MtMDAwMDAwMDAwMDAx\",\"name\":\"%s\","
	    "\"resource\":\"messages\",\"event\":\"created\","
	    "\"orgId\":"
	    "\"Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wZjBlMGQwYy0wYg\","
	    "\"status\":\"active\",\"created\":\"2026-05-04T08:00:00.000Z\","
	    "\"actorId\":\"%s\",\"data\":{\"id\":\"%s\",\"roomId\":\"%s\","
	    "\"roomType\":\"direct\",\"personId\":\"%s\","
	    "\"personEmail\":\"load-%llu@example.com\","
	    "\"created\":\"2026-05-04T09:15:02.417Z\"}}",
	    opt.name, person, id, room, person, (unsigned long long)r);
}

static void
make_request(struct conn *c)
{
	static EVP_MAC_CTX *mac;
	static const char hex[] = "0123456789abcdef";
	unsigned char sum[64];
	char body[REQ_MAX / 2], sig[129];
	size_t len = make_body(body, sizeof body), n = 0, i;

	if (mac == NULL) {
		char sha1[] = "SHA1";
		OSSL_PARAM p[] = {
		    OSSL_PARAM_construct_utf8_string("digest", sha1, 0),
		    OSSL_PARAM_construct_end()};

		mac = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
		EVP_MAC_init(mac, (const unsigned char *)opt.secret,
		    strlen(opt.secret), p);
	} else {
		EVP_MAC_init(mac, NULL, 0, NULL);
	}
	EVP_MAC_update(mac, (unsigned char *)body, len);
	EVP_MAC_final(mac, sum, &n, sizeof sum);
	for (i = 0; i < n; i++) {
		sig[2 * i] = hex[sum[i] >> 4];
		sig[2 * i + 1] = hex[sum[i] & 15];
	}
	sig[2 * n] = '\0';
	c->len = (size_t)snprintf(c->req, sizeof c->req,
	    "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json"
	    "\r\nX-Spark-Signature: %s\r\n%sContent-Length: %zu\r\n\r\n%s",
	    opt.path, opt.host, sig, opt.fresh ? "Connection: close\r\n" : "",
	    len, body);
	c->at = 0;
}

/* -- one connection -- */

static int
dial(void *tag, bool drip)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	if (fd == -1)
		die("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, (struct sockaddr *)&opt.to, sizeof opt.to) == -1 &&
	    errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	ev.data.ptr = tag;
	if (!drip && epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == -1)
		die("epoll_ctl");
	return fd;
}

static void
hang_up(struct conn *c)
{
	/* no TIME_WAIT: the ports would not last */
	struct linger l = {1, 0};

	if (c->phase == CLOSED)
		return;
	SSL_free(c->ssl);
	c->ssl = NULL;
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
	close(c->fd);
	c->phase = CLOSED;
}

static void
rest(struct conn *c)
{
	if (c->phase != CLOSED)
		c->phase = RESTING;
	resting[nresting++] = c;
}

static void
fail(struct conn *c)
{
	hang_up(c);
	if (c->from >= counted_from && clk_mono_us() < end)
		errors++;
	rest(c);
}

static void
answered(struct conn *c, int status, bool closes)
{
	int64_t now = clk_mono_us();

	if (c->from >= counted_from && now <= end) {
		statuses[status > 0 && status < 600 ? status : 0]++;
		if (ntook == took_room) {
			took_room = took_room == 0 ? 65536 : 2 * took_room;
			took = realloc(took, took_room * sizeof *took);
			if (took == NULL)
				die("realloc");
		}
		took[ntook++] = (uint32_t)(now - c->from);
	}
	if (opt.fresh || closes)
		hang_up(c);
	rest(c);
}

/* 0: not all there; 1: answered; -1: nothing of the kind. */
static int
look(struct conn *c)
{
	char *body, *p;
	size_t len = 0;

	c->in[c->got] = '\0';
	if ((body = strstr(c->in, "\r\n\r\n")) == NULL)
		return c->got == sizeof c->in - 1 ? -1 : 0;
	if (strncmp(c->in, "HTTP/1.", 7) != 0)
		return -1;
	if ((p = strcasestr(c->in, "\r\nContent-Length:")) != NULL && p < body)
		len = strtoul(p + 17, NULL, 10);
	if (c->got < (size_t)(body + 4 - c->in) + len)
		return 0;
	p = strcasestr(c->in, "\r\nConnection: close");
	answered(c, atoi(c->in + 9), p != NULL && p < body);
	return 1;
}

/* A result of OpenSSL or of the system: bytes, 0 not now, -1 broken. */
static int
moved(const struct conn *c, ssize_t n)
{
	if (n > 0)
		return (int)n;
	if (c->ssl == NULL)
		return n < 0 && errno == EAGAIN ? 0 : -1;
	switch (SSL_get_error(c->ssl, (int)n)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	default:
		return -1;
	}
}

static int
step(struct conn *c)
{
	size_t left;
	int n;

	switch (c->phase) {
	case HANDSHAKE:
		if ((n = moved(c, SSL_do_handshake(c->ssl))) > 0)
			c->phase = WRITING;
		return n;
	case WRITING:
		left = c->len - c->at;
		n = moved(c, c->ssl != NULL
				 ? SSL_write(c->ssl, c->req + c->at, (int)left)
				 : write(c->fd, c->req + c->at, left));
		if (n > 0 && (c->at += (size_t)n) == c->len) {
			c->phase = READING;
			c->got = 0;
		}
		return n;
	case READING:
		left = sizeof c->in - 1 - c->got;
		n = moved(c, c->ssl != NULL
				 ? SSL_read(c->ssl, c->in + c->got, (int)left)
				 : read(c->fd, c->in + c->got, left));
		if (n <= 0)
			return n;
		c->got += (size_t)n;
		n = look(c);
		return n < 0 ? -1 : n == 0;
	default:
		return 0;
	}
}

static void
go(struct conn *c)
{
	int n;

	if (c->phase == RESTING || c->phase == CLOSED) {
		char x;

		/* the server may end a connection that rests */
		if (c->phase == RESTING && c->ssl == NULL &&
		    recv(c->fd, &x, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
			hang_up(c);
		return;
	}
	if (c->phase == CONNECTING) {
		socklen_t len = sizeof n;

		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &n, &len);
		if (n != 0) {
			fail(c);
			return;
		}
		c->phase = c->ssl != NULL ? HANDSHAKE : WRITING;
	}
	while ((n = step(c)) > 0)
		;
	if (n < 0)
		fail(c);
}

static void
begin(struct conn *c, int64_t from)
{
	c->from = from;
	make_request(c);
	if (c->phase == RESTING) {
		c->phase = WRITING;
		go(c);
		return;
	}
	if ((c->fd = dial(c, false)) == -1) {
		fail(c);
		return;
	}
	c->phase = CONNECTING;
	if (opt.tls) {
		if ((c->ssl = SSL_new(tls)) == NULL)
			die("SSL_new");
		SSL_set_fd(c->ssl, c->fd);
		SSL_set_connect_state(c->ssl);
	}
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
			h->fd = dial(NULL, true);
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
		struct conn *c = resting[--nresting];
		int64_t due = opt.rate > 0 ? next_due : clk_mono_us();

		if (opt.rate > 0) {
			next_due = start + (int64_t)((double)(serial + 1) *
						     1e6 / opt.rate);
			late += now - due > 1000;
		}
		begin(c, due);
		if (opt.rate <= 0 && c->phase == CLOSED)
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
				go(ev[i].data.ptr);
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
		if (conns[i].phase != RESTING && conns[i].phase != CLOSED &&
		    conns[i].from >= counted_from) {
			open++;
			if (ended - conns[i].from > oldest)
				oldest = ended - conns[i].from;
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
	char body[REQ_MAX / 2], sig[VERIFY_HEX_MAX];
	size_t len, at;
	struct event ev;
	int64_t t0, t1, t2, t3;
	int i, n = 200000, ok = 0;

	opt.rooms = 1;
	len = make_body(body, sizeof body);
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
	struct rlimit files;
	int o, i;

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
			opt.name = optarg;
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
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	signal(SIGPIPE, SIG_IGN);
	ep = epoll_create1(0);
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	tls = SSL_CTX_new(TLS_client_method());
	conns = calloc((size_t)opt.conns, sizeof *conns);
	resting = calloc((size_t)opt.conns, sizeof(struct conn *));
	if (conns == NULL || resting == NULL || tls == NULL)
		die("start");
	for (i = 0; i < opt.conns; i++)
		resting[nresting++] = &conns[i];
	held_start();
	run();
	report(clk_mono_us() < end ? clk_mono_us() : end);
	return 0;
}
