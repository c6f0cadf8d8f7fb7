/*
 * The HTTP body path: any bytes on a connection of a real server.  It must
 * answer or close, and go on serving.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "net/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
echo(struct http_req *r, void *arg)
{
	const char *body, *q = http_arg(r, "q");
	size_t n;

	(void)arg;
	body = http_body(r, &n);
	if (n > 2000 || body[n] != '\0')
		abort();
	if (q != NULL)
		http_add(r, "X-Q", q);
	http_answer(r, 200, "text/plain", body, n);
}

static const struct http_route routes[] = {
    {"/webhooks/webex", HTTP_POST, 2000, echo},
    {"/webhooks/webex", HTTP_GET | HTTP_HEAD, 0, echo},
    {"/events/*", HTTP_POST, 2000, echo},
};

static int
serve(void)
{
	struct http_opts o = {.name = "fuzz",
	    .listen = "127.0.0.1:0",
	    .trusted = "127.0.0.1",
	    .threads = 4,
	    .timeout_ms = 200,
	    .routes = routes,
	    .nroutes = sizeof routes / sizeof routes[0]};
	struct err e = ERR_INIT;
	struct http *h = http_start(&o, &e);
	long long port = 0;

	if (h == NULL)
		abort();
	str_num(strrchr(http_address(h, 0), ':') + 1, 1, 65535, &port);
	return (int)port;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int port;
	struct sockaddr_in sin = {.sin_family = AF_INET};
	char buf[4096];
	int fd;

	if (port == 0)
		port = serve();
	sin.sin_port = htons((unsigned short)port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&sin, sizeof sin) == -1) {
		/* so many connections a second use up the ports for a while */
		if (errno != EADDRNOTAVAIL)
			abort();
		close(fd);
		return 0;
	}
	while (n > 0) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);

		if (k <= 0)
			break;
		p += k;
		n -= (size_t)k;
	}
	shutdown(fd, SHUT_WR);
	while (recv(fd, buf, sizeof buf, 0) > 0)
		;
	close(fd);
	return 0;
}
