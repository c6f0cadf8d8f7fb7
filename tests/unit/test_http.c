/* The server and the client against each other, and raw sockets. */
#include "unit/wb_test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/file.h"
#include "base/str.h"
#include "net/addr.h"
#include "net/http.h"
#include "net/http_route.h"
#include "net/retry.h"
#include "net/xfer.h"

static struct http *server;
static struct xfer *client;
static char base[128];

static void
echo(struct http_req *r, void *arg)
{
	size_t n;
	const char *body = http_body(r, &n);

	(void)arg;
	http_add(r, "X-Client", http_client(r));
	http_answer(r, 200, "application/octet-stream", body, n);
}

static void
item(struct http_req *r, void *arg)
{
	const char *q = http_arg(r, "q");

	(void)arg;
	http_add(r, "X-Q", q == NULL ? "(none)" : q);
	http_text(r, 200, "text/plain", http_param(r, 0));
}

static void
pieces(struct http_req *r, void *arg)
{
	int i;

	(void)arg;
	http_stream(r, 200, "text/plain");
	for (i = 0; i < 3; i++)
		http_send(r, "abc", 3);
}

static void
cut(struct http_req *r, void *arg)
{
	(void)arg;
	http_cut(r);
}

/* Waits until so many are here. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t come;
	int here, want;
} party = {.lock = PTHREAD_MUTEX_INITIALIZER, .come = PTHREAD_COND_INITIALIZER};

static void
meet(struct http_req *r, void *arg)
{
	(void)arg;
	pthread_mutex_lock(&party.lock);
	party.here++;
	pthread_cond_broadcast(&party.come);
	while (party.here < party.want)
		pthread_cond_wait(&party.come, &party.lock);
	pthread_mutex_unlock(&party.lock);
	http_answer(r, 200, "text/plain", "met", 3);
}

static const struct http_route routes[] = {
    {"/echo", HTTP_POST, 1000, echo},
    {"/echo", HTTP_GET | HTTP_HEAD, 0, echo},
    {"/items/*", HTTP_GET, 0, item},
    {"/pieces", HTTP_GET, 0, pieces},
    {"/cut", HTTP_GET | HTTP_POST, 1000, cut},
    {"/meet", HTTP_GET, 0, meet},
};

static struct http *
serve(const char *listen, int threads, int timeout_ms)
{
	struct http_opts o = {.name = "LISTEN",
	    .listen = listen,
	    .trusted = "127.0.0.1,unix",
	    .threads = threads,
	    .timeout_ms = timeout_ms,
	    .routes = routes,
	    .nroutes = COUNT(routes)};
	struct err e = ERR_INIT;
	struct http *h = http_start(&o, &e);

	if (h == NULL)
		fail_msg("%s", e.text);
	return h;
}

static int
setup(void **state)
{
	struct xfer_opts xo = {5000, 64, NULL, "test"};
	struct err e = ERR_INIT;

	(void)state;
	server = serve("127.0.0.1:0", 16, 1000);
	client = xfer_start(&xo, &e);
	snprintf(base, sizeof base, "http://%s", http_address(server, 0));
	return client == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	xfer_stop(client);
	xfer_free(client);
	http_stop(server);
	return 0;
}

static struct xfer_res *
ask(const char *method, const char *path, const char *body, const char *header)
{
	const char *headers[] = {header, NULL};
	char url[256];
	struct xfer_req q = {.method = method, .url = url, .headers = headers};
	struct err e = ERR_INIT;
	struct xfer_res *res;

	snprintf(url, sizeof url, "%s%s", base, path);
	q.body = body;
	q.body_len = body == NULL ? 0 : strlen(body);
	if ((res = xfer_wait(client, &q, &e)) == NULL)
		fail_msg("%s", e.text);
	return res;
}

static void
expect(const char *method, const char *path, const char *body, int status,
    const char *answer)
{
	struct xfer_res *res = ask(method, path, body, NULL);

	assert_int_equal(res->end, XFER_ANSWERED);
	assert_int_equal(res->status, status);
	if (answer != NULL)
		assert_string_equal(res->body, answer);
	xfer_res_free(res);
}

static void
test_http_routes(void **state)
{
	(void)state;
	expect("POST", "/echo", "hello", 200, "hello");
	expect("GET", "/echo", NULL, 200, "");
	expect("HEAD", "/echo", NULL, 200, "");
	expect("GET", "/items/a%20b?q=c%2Bd", NULL, 200, "a b");
	expect("GET", "/items/", NULL, 404, NULL);
	expect("GET", "/items/a/b", NULL, 404, NULL);
	expect("GET", "/items/%zz", NULL, 404, NULL);
	expect("GET", "/echox", NULL, 404, NULL);
	expect("GET", "/ECHO", NULL, 404, NULL);
	expect("PUT", "/echo", "x", 405, NULL);
	expect("GET", "/pieces", NULL, 200, "abcabcabc");
}

static void
test_http_says_what_is_allowed(void **state)
{
	struct xfer_res *res = ask("DELETE", "/echo", NULL, NULL);

	(void)state;
	assert_int_equal(res->status, 405);
	assert_string_equal(xfer_header(res, "allow"), "GET, HEAD, POST");
	assert_null(xfer_header(res, "x-none"));
	xfer_res_free(res);
}

static void
test_http_refuses_large_bodies(void **state)
{
	char *big = malloc(300001);

	(void)state;
	memset(big, 'x', 300000);
	big[300000] = '\0';
	expect("POST", "/echo", big, 413, NULL);
	big[1001] = '\0';
	expect("POST", "/echo", big, 413, NULL);
	big[1000] = '\0';
	expect("POST", "/echo", big, 200, big);
	free(big);
}

static void
test_http_believes_trusted_proxies_only(void **state)
{
	static const struct {
		const char *peer, *forwarded, *trusted, *want;
	} t[] = {
	    {"10.0.0.1", "1.2.3.4", "", "10.0.0.1"},
	    {"10.0.0.1", "1.2.3.4", "10.0.0.0/8", "1.2.3.4"},
	    {"10.0.0.1", "6.6.6.6, 1.2.3.4", "10.0.0.0/8", "1.2.3.4"},
	    {"10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "10.0.0.0/8", "1.2.3.4"},
	    {"10.0.0.1", "garbage", "10.0.0.0/8", "10.0.0.1"},
	    {"10.0.0.1", "6.6.6.6, unknown", "10.0.0.0/8", "10.0.0.1"},
	    {"10.0.0.1", "[2001:db8::7]:99", "10.0.0.1", "2001:db8::7"},
	    {"10.0.0.1", "1.2.3.4:5678", "10.0.0.1", "1.2.3.4"},
	    {"unix", "1.2.3.4", "unix", "1.2.3.4"},
	    {"unix", "1.2.3.4", "127.0.0.1", "unix"},
	    {"::1", "1.2.3.4", "::1/128", "1.2.3.4"},
	    {"::ffff:10.0.0.1", "1.2.3.4", "10.0.0.0/8", "1.2.3.4"},
	};
	char out[ADDR_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++)
		assert_string_equal(
		    addr_client(t[i].peer, t[i].forwarded, t[i].trusted, out),
		    t[i].want);
	assert_true(addr_special("127.0.0.1"));
	assert_true(addr_special("10.1.2.3"));
	assert_true(addr_special("::1"));
	assert_true(addr_special("fe80::1"));
	assert_true(addr_special("::ffff:192.168.1.1"));
	assert_true(addr_special("not an address"));
	assert_false(addr_special("8.8.8.8"));
	assert_false(addr_special("2606:4700::1"));
}

static void
test_xfer_tells_what_may_have_been_received(void **state)
{
	struct xfer_res *res = ask("POST", "/cut", "body", NULL);
	char keep[128];

	(void)state;
	assert_int_equal(res->end, XFER_CUT);
	xfer_res_free(res);
	/* a kept connection that dies under a POST is not tried again */
	expect("POST", "/echo", "warm", 200, "warm");
	res = ask("POST", "/cut", "body", NULL);
	assert_int_equal(res->end, XFER_CUT);
	xfer_res_free(res);
	strcpy(keep, base);
	strcpy(base, "http://127.0.0.1:1");
	res = ask("POST", "/x", "body", NULL);
	assert_int_equal(res->end, XFER_NOT_SENT);
	xfer_res_free(res);
	strcpy(base, keep);
}

/* How requests that were submitted side by side ended. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	int n[XFER_STOPPED + 1], all;
} outcome = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};

static void
ended(struct xfer_res *res, void *arg)
{
	(void)arg;
	pthread_mutex_lock(&outcome.lock);
	outcome.n[res->end]++;
	outcome.all++;
	pthread_cond_broadcast(&outcome.more);
	pthread_mutex_unlock(&outcome.lock);
}

static void
submit_to_party(struct xfer *x, const struct http *h, int n, int want)
{
	char url[128];
	struct xfer_req q = {.method = "GET", .url = url, .done = ended};
	struct err e = ERR_INIT;
	int i;

	snprintf(url, sizeof url, "http://%s/meet", http_address(h, 0));
	pthread_mutex_lock(&party.lock);
	party.here = 0;
	party.want = want;
	pthread_mutex_unlock(&party.lock);
	memset(outcome.n, 0, sizeof outcome.n);
	outcome.all = 0;
	for (i = 0; i < n; i++)
		assert_int_equal(xfer_submit(x, &q, &e), 0);
}

static void
test_xfer_holds_no_request_behind_silent_ones(void **state)
{
	struct xfer_opts xo = {60000, 1000, NULL, "test"};
	struct http *h = serve("127.0.0.1:0", 400, 60000);
	struct err e = ERR_INIT;
	struct xfer *x = xfer_start(&xo, &e);

	(void)state;
	/* each is answered when the last has come */
	submit_to_party(x, h, 300, 300);
	pthread_mutex_lock(&outcome.lock);
	while (outcome.all < 300)
		pthread_cond_wait(&outcome.more, &outcome.lock);
	pthread_mutex_unlock(&outcome.lock);
	assert_int_equal(outcome.n[XFER_ANSWERED], 300);
	/* and none is forgotten at the end, begun or not */
	submit_to_party(x, h, 300, 1000);
	xfer_stop(x);
	assert_int_equal(outcome.n[XFER_STOPPED], 300);
	xfer_free(x);
	pthread_mutex_lock(&party.lock);
	party.want = 0;
	pthread_cond_broadcast(&party.come);
	pthread_mutex_unlock(&party.lock);
	http_stop(h);
}

/* -- raw requests -- */

static int
dial(const char *address)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	long long port;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	str_num(strrchr(address, ':') + 1, 1, 65535, &port);
	sin.sin_port = htons((unsigned short)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	return fd;
}

/* Send, then read to the end; the status code, 0 when there is none. */
static int
raw(int fd, const char *text)
{
	char buf[4096];
	size_t n = 0;
	ssize_t k;

	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	while (n < sizeof buf - 1 &&
	       (k = recv(fd, buf + n, sizeof buf - 1 - n, 0)) > 0)
		n += (size_t)k;
	buf[n] = '\0';
	close(fd);
	return n > 12 ? (int)strtol(buf + 9, NULL, 10) : 0;
}

static void
test_http_refuses_ambiguous_lengths(void **state)
{
	static const char *const heads[] = {
	    "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
	    "Content-Length: 4\r\nContent-Length: 5\r\n",
	    "Content-Length: 4\r\nContent-Length: 4\r\n",
	    "Content-Length: 12abc\r\n",
	    "Content-Length: +4\r\n",
	};
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(heads); i++) {
		snprintf(text, sizeof text,
		    "POST /echo HTTP/1.1\r\nHost: x\r\n%s\r\n"
		    "0\r\n\r\nGET /echo HTTP/1.1\r\n\r\n",
		    heads[i]);
		assert_int_equal(raw(dial(http_address(server, 0)), text), 400);
	}
}

/* Send, then read to the end, into `answer`. */
static void
talk(const char *text, char *answer, size_t size)
{
	int fd = dial(http_address(server, 0));
	size_t n = 0;
	ssize_t k;

	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	while (n < size - 1 && (k = recv(fd, answer + n, size - 1 - n, 0)) > 0)
		n += (size_t)k;
	answer[n] = '\0';
	close(fd);
}

/* A length that civetweb does not see makes of a body the next request. */
static void
test_http_reads_a_head_whole_or_not_at_all(void **state)
{
	static const char *const ends[] = {
	    " folded\r\n", ": y\r\n", "\xe9: y\r\n", "\r", "(many)"};
	static const char *const good[] = {
	    "GET /echo HTTP/1.0\r\n\r\n",
	    "GET /echo HTTP/1.0\r\nX:\r\n\r\n",
	    "GET /echo HTTP/1.0\r\nX: y\r\nY: z\r\n\r\n",
	};
	char text[2048], many[1024] = "", answer[4096];
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < 64; i++)
		n += (size_t)snprintf(
		    many + n, sizeof many - n, "X-%zu: y\r\n", i);
	for (i = 0; i < COUNT(ends); i++) {
		snprintf(text, sizeof text,
		    "GET /echo HTTP/1.1\r\nHost: x\r\n%s"
		    "Content-Length: 31\r\n\r\n"
		    "GET /items/b HTTP/1.0\r\nX: y\r\n\r\n",
		    i == COUNT(ends) - 1 ? many : ends[i]);
		talk(text, answer, sizeof answer);
		assert_true(str_prefix(answer, "HTTP/1.1 400 "));
		assert_null(strstr(answer + 1, "HTTP/1.1 "));
	}
	for (i = 0; i < COUNT(good); i++) {
		talk(good[i], answer, sizeof answer);
		assert_true(str_prefix(answer, "HTTP/1.1 200 "));
	}
	/* a proxy may see another end of a chunked body than civetweb */
	talk("POST /echo HTTP/1.1\r\nHost: x\r\n"
	     "Transfer-Encoding: chunked\r\n\r\n"
	     "1;\nGET\r\na\r\n0\r\n\r\nGET /echo HTTP/1.0\r\n\r\n",
	    answer, sizeof answer);
	assert_null(strstr(answer + 1, "HTTP/1.1 "));
}

/* HAProxy adds a line of its own: the last one counts. */
static void
test_http_reads_all_forwarded_lines(void **state)
{
	char answer[4096];

	(void)state;
	talk("GET /echo HTTP/1.0\r\nX-Forwarded-For: 6.6.6.6\r\n"
	     "X-Forwarded-For: 1.2.3.4\r\n\r\n",
	    answer, sizeof answer);
	assert_non_null(strstr(answer, "X-Client: 1.2.3.4\r\n"));
}

static void
test_http_reads_chunks(void **state)
{
	(void)state;
	assert_int_equal(
	    raw(dial(http_address(server, 0)),
		"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"),
	    200);
	assert_int_equal(
	    raw(dial(http_address(server, 0)),
		"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		"Transfer-Encoding: chunked\r\n\r\n"
		"zz\r\nabc\r\n0\r\n\r\n"),
	    408);
}

static void
test_http_body_has_a_deadline(void **state)
{
	struct http *h = serve("127.0.0.1:0", 4, 300);
	int64_t start = clk_mono_ms();
	int fd = dial(http_address(h, 0));
	char c;

	(void)state;
	/* one byte now and then would reset civetweb's own time-out */
	dprintf(fd, "POST /echo HTTP/1.1\r\nHost: x\r\n"
		    "Content-Length: 900\r\n\r\n");
	for (;;) {
		struct timeval tv = {0, 50000};

		if (send(fd, "x", 1, MSG_NOSIGNAL) != 1)
			break;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
		if (recv(fd, &c, 1, 0) >= 0)
			break;
		assert_true(clk_mono_ms() - start < 30000);
	}
	close(fd);
	http_stop(h);
}

static void
test_http_idle_connections_make_room(void **state)
{
	struct http *h = serve("127.0.0.1:0", 4, 60000);
	int idle[12], i;

	(void)state;
	for (i = 0; i < 12; i++)
		idle[i] = dial(http_address(h, 0));
	assert_int_equal(
	    raw(dial(http_address(h, 0)), "GET /echo HTTP/1.1\r\nHost: x\r\n"
					  "Connection: close\r\n\r\n"),
	    200);
	for (i = 0; i < 12; i++)
		close(idle[i]);
	http_stop(h);
}

/* A server on a unix socket of its own. */
struct local {
	char dir[32], listen[64];
	struct sockaddr_un sun;
	struct http *h;
};

static void
local_start(struct local *l)
{
	if (l->dir[0] == '\0') {
		strcpy(l->dir, "/tmp/wbtest.XXXXXX");
		assert_non_null(mkdtemp(l->dir));
		l->sun.sun_family = AF_UNIX;
		snprintf(
		    l->sun.sun_path, sizeof l->sun.sun_path, "%s/s", l->dir);
		snprintf(l->listen, sizeof l->listen, "unix:%s/s", l->dir);
	}
	l->h = serve(l->listen, 4, 1000);
}

static int
local_dial(const struct local *l)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const void *)&l->sun, sizeof l->sun), 0);
	return fd;
}

static void
test_http_unix_socket(void **state)
{
	struct local l = {0};
	int round;

	(void)state;
	for (round = 0; round < 2; round++) {
		local_start(&l);
		assert_int_equal(
		    raw(local_dial(&l), "GET /echo HTTP/1.1\r\nHost: x\r\n"
					"Connection: close\r\n\r\n"),
		    200);
		http_stop(l.h);
	}
	assert_int_equal(rmdir(l.dir), 0);
}

/* Ask and leave the connection open: does the server keep it? */
static bool
kept(int fd)
{
	static const char get[] = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
	char buf[1024];
	ssize_t n;

	assert_int_equal(
	    send(fd, get, sizeof get - 1, MSG_NOSIGNAL), sizeof get - 1);
	assert_true((n = recv(fd, buf, sizeof buf - 1, 0)) > 0);
	buf[n] = '\0';
	return strstr(buf, "Connection: keep-alive") != NULL;
}

static void
test_http_kept_connections_leave_room(void **state)
{
	struct local l = {0};
	int fd[8], n, i;

	(void)state;
	local_start(&l);
	for (n = 0; n < 4 && kept(fd[n] = local_dial(&l)); n++)
		;
	assert_int_equal(n, 3);
	close(fd[3]);
	/* those who come later have their turns, those who stay, too */
	for (i = 0; i < 20; i++) {
		fd[3] = local_dial(&l);
		kept(fd[3]);
		close(fd[3]);
		fd[3] = fd[i % 3];
		if (!kept(fd[3])) {
			close(fd[3]);
			fd[i % 3] = local_dial(&l);
		}
	}
	for (i = 0; i < 3; i++)
		close(fd[i]);
	http_stop(l.h);
	assert_int_equal(rmdir(l.dir), 0);
}

/* Those of a unix socket hold threads as well, so the idle have to go. */
static void
test_http_unix_and_idle_connections(void **state)
{
	struct local l = {0};
	int fd[2], idle[2], i;
	char byte;

	(void)state;
	local_start(&l);
	http_stop(l.h);
	snprintf(l.listen, sizeof l.listen, "127.0.0.1:0,unix:%s/s", l.dir);
	l.h = serve(l.listen, 4, 60000);
	for (i = 0; i < 2; i++)
		assert_true(kept(fd[i] = local_dial(&l)));
	for (i = 0; i < 2; i++)
		idle[i] = dial(http_address(l.h, 0));
	assert_int_equal(
	    raw(dial(http_address(l.h, 0)), "GET /echo HTTP/1.1\r\nHost: x\r\n"
					    "Connection: close\r\n\r\n"),
	    200);
	for (i = 0; i < 2; i++) {
		/* it was not their end that made room */
		assert_int_equal(recv(fd[i], &byte, 1, MSG_DONTWAIT), -1);
		close(fd[i]);
		close(idle[i]);
	}
	http_stop(l.h);
	assert_int_equal(rmdir(l.dir), 0);
}

static void
test_http_names_a_bad_address(void **state)
{
	static const char *const bad[] = {"", "8080", "127.0.0.1", "x:1",
	    "127.0.0.1:99999", "unix:", "127.0.0.1:80ss"};
	struct http_opts o = {
	    .name = "WEBEXBOT_LISTEN", .threads = 2, .timeout_ms = 1000};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		struct err e = ERR_INIT;

		o.listen = bad[i];
		assert_null(http_start(&o, &e));
		assert_non_null(strstr(e.text, "WEBEXBOT_LISTEN: "));
	}
}

static void
test_retry_after(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} t[] = {
	    {NULL, -1},
	    {"", -1},
	    {"soon", -1},
	    {"-5", -1},
	    {"0", 1000},
	    {"1", 1000},
	    {" 7 ", 7000},
	    {"2.5", 2000},
	    {"3600", 3600000},
	    {"99999999999999999999", RETRY_AFTER_MAX_MS},
	    {"Sun, 22 Nov 2026 12:00:30 GMT", 30000},
	    {"Sun, 22 Nov 2026 11:00:00 GMT", 1000},
	    {"Sun, 22 Nov 2026", -1},
	};
	int64_t now;
	size_t i;
	unsigned a;

	(void)state;
	assert_int_equal(clk_parse("2026-11-22T12:00:00Z", &now), 0);
	for (i = 0; i < COUNT(t); i++)
		assert_int_equal(retry_after_ms(t[i].text, now), t[i].want);
	for (a = 1; a < 40; a++) {
		int64_t ms = retry_backoff_ms(a, 1000, 60000, a * 2654435761u);

		assert_in_range(ms, 500, 60000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_http_routes),
	    cmocka_unit_test(test_http_says_what_is_allowed),
	    cmocka_unit_test(test_http_refuses_large_bodies),
	    cmocka_unit_test(test_http_believes_trusted_proxies_only),
	    cmocka_unit_test(test_xfer_tells_what_may_have_been_received),
	    cmocka_unit_test(test_xfer_holds_no_request_behind_silent_ones),
	    cmocka_unit_test(test_http_refuses_ambiguous_lengths),
	    cmocka_unit_test(test_http_reads_a_head_whole_or_not_at_all),
	    cmocka_unit_test(test_http_reads_all_forwarded_lines),
	    cmocka_unit_test(test_http_reads_chunks),
	    cmocka_unit_test(test_http_body_has_a_deadline),
	    cmocka_unit_test(test_http_idle_connections_make_room),
	    cmocka_unit_test(test_http_unix_socket),
	    cmocka_unit_test(test_http_kept_connections_leave_room),
	    cmocka_unit_test(test_http_unix_and_idle_connections),
	    cmocka_unit_test(test_http_names_a_bad_address),
	    cmocka_unit_test(test_retry_after),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
