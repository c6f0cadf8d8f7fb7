/* Ids, notifications, connections; see common.h. */
#include "common.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define HEX_MAX (2 * EVP_MAX_MD_SIZE + 1)

void
die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

void
files_most(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* -- notifications -- */

void
make_id(char out[ID_MAX], const char *kind, uint64_t a, uint64_t b)
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

struct signer {
	EVP_MAC *alg;
	EVP_MAC_CTX *mac;
};

struct signer *
signer_new(const char *secret)
{
	char sha1[] = "SHA1";
	OSSL_PARAM p[] = {OSSL_PARAM_construct_utf8_string("digest", sha1, 0),
	    OSSL_PARAM_construct_end()};
	struct signer *s = calloc(1, sizeof *s);

	if (s == NULL || (s->alg = EVP_MAC_fetch(NULL, "HMAC", NULL)) == NULL ||
	    (s->mac = EVP_MAC_CTX_new(s->alg)) == NULL ||
	    EVP_MAC_init(
		s->mac, (const unsigned char *)secret, strlen(secret), p) != 1)
		die("HMAC");
	return s;
}

void
signer_free(struct signer *s)
{
	if (s == NULL)
		return;
	EVP_MAC_CTX_free(s->mac);
	EVP_MAC_free(s->alg);
	free(s);
}

static void
sign(struct signer *s, const char *body, size_t len, char out[HEX_MAX])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char sum[EVP_MAX_MD_SIZE];
	size_t n = 0, i;

	EVP_MAC_init(s->mac, NULL, 0, NULL);
	EVP_MAC_update(s->mac, (const unsigned char *)body, len);
	EVP_MAC_final(s->mac, sum, &n, sizeof sum);
	for (i = 0; i < n; i++) {
		out[2 * i] = hex[sum[i] >> 4];
		out[2 * i + 1] = hex[sum[i] & 15];
	}
	out[2 * n] = '\0';
}

static size_t
fits(int n, size_t max)
{
	if (n < 0 || (size_t)n >= max) {
		errno = EMSGSIZE;
		die("a notification");
	}
	return (size_t)n;
}

size_t
notice_body(const struct notice *n, char *out, size_t max)
{
	return fits(
	    snprintf(out, max,
		"{%s,\"actorId\":\"%s\",\"data\":{\"id\":\"%s\","
		"\"roomId\":\"%s\",\"roomType\":\"direct\",\"personId\":\"%s\","
		"\"personEmail\":\"%s\",\"created\":\"%s\"}}",
		n->hook, n->person, n->id, n->room, n->person, n->email,
		n->created),
	    max);
}

size_t
notice_request(const struct notice *n, struct signer *s, const char *host,
    const char *path, bool closes, char *out, size_t max)
{
	char body[REQ_MAX], sig[HEX_MAX];
	size_t len = notice_body(n, body, sizeof body);

	sign(s, body, len, sig);
	return fits(
	    snprintf(out, max,
		"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json"
		"\r\nX-Spark-Signature: %s\r\n%sContent-Length: %zu\r\n\r\n%s",
		path, host, sig, closes ? "Connection: close\r\n" : "", len,
		body),
	    max);
}

/* -- one connection -- */

int
dial(int ep, const struct sockaddr_in *to, void *tag)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	if (fd == -1)
		die("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, (const struct sockaddr *)to, sizeof *to) == -1 &&
	    errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	ev.data.ptr = tag;
	if (ep != -1 && epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == -1)
		die("epoll_ctl");
	return fd;
}

void
conn_hang_up(struct conn *c)
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

/* 0: not all there; -1: nothing of the kind; else the status. */
static int
conn_look(struct conn *c)
{
	char *body, *p;
	size_t len = 0;
	int status;

	c->in[c->got] = '\0';
	if ((body = strstr(c->in, "\r\n\r\n")) == NULL)
		return c->got == sizeof c->in - 1 ? -1 : 0;
	if (strncmp(c->in, "HTTP/1.", 7) != 0)
		return -1;
	if ((p = strcasestr(c->in, "\r\nContent-Length:")) != NULL && p < body)
		len = strtoul(p + 17, NULL, 10);
	if (c->got < (size_t)(body + 4 - c->in) + len)
		return 0;
	status = atoi(c->in + 9);
	p = strcasestr(c->in, "\r\nConnection: close");
	if (p != NULL && p < body)
		conn_hang_up(c);
	else
		c->phase = RESTING;
	return status > 0 && status < 600 ? status : -1;
}

/* A result of OpenSSL or of the system: bytes, 0 not now, -1 broken. */
static int
conn_moved(const struct conn *c, ssize_t n)
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
conn_write(struct conn *c)
{
	size_t left = c->len - c->at;
	int n = conn_moved(c, c->ssl != NULL
				  ? SSL_write(c->ssl, c->req + c->at, (int)left)
				  : write(c->fd, c->req + c->at, left));

	if (n > 0 && (c->at += (size_t)n) == c->len) {
		c->phase = READING;
		c->got = 0;
	}
	return n;
}

static int
conn_read(struct conn *c, int *status)
{
	size_t left = sizeof c->in - 1 - c->got;
	int n;

	if (left == 0)
		return -1;
	n = conn_moved(c, c->ssl != NULL
			      ? SSL_read(c->ssl, c->in + c->got, (int)left)
			      : read(c->fd, c->in + c->got, left));
	if (n <= 0)
		return n;
	c->got += (size_t)n;
	*status = conn_look(c);
	return *status < 0 ? -1 : 1;
}

/* More than 0: there is more to do, or *status says how it ended. */
static int
conn_step(struct conn *c, int *status)
{
	int n;

	switch (c->phase) {
	case HANDSHAKE:
		if ((n = conn_moved(c, SSL_do_handshake(c->ssl))) > 0)
			c->phase = WRITING;
		return n;
	case WRITING:
		return conn_write(c);
	case READING:
		return conn_read(c, status);
	default:
		return 0;
	}
}

int
conn_go(struct conn *c)
{
	int n = 0, status = 0;
	char x;

	if (c->phase == RESTING || c->phase == CLOSED) {
		/* the server may end a connection that rests */
		if (c->phase == RESTING && c->ssl == NULL &&
		    (recv(c->fd, &x, 1, MSG_PEEK | MSG_DONTWAIT) != -1 ||
			errno != EAGAIN))
			conn_hang_up(c);
		return 0;
	}
	if (c->phase == CONNECTING) {
		socklen_t len = sizeof n;

		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &n, &len);
		if (n != 0) {
			conn_hang_up(c);
			return -1;
		}
		c->phase = c->ssl != NULL ? HANDSHAKE : WRITING;
	}
	while (status == 0 && (n = conn_step(c, &status)) > 0)
		;
	if (status > 0)
		return status;
	if (n < 0)
		conn_hang_up(c);
	return n < 0 ? -1 : 0;
}

int
conn_begin(struct conn *c, int ep, const struct sockaddr_in *to, SSL_CTX *tls,
    void *tag)
{
	c->at = 0;
	if (c->phase == RESTING) {
		c->phase = WRITING;
		return conn_go(c);
	}
	if ((c->fd = dial(ep, to, tag)) == -1)
		return -1;
	c->phase = CONNECTING;
	if (tls != NULL) {
		if ((c->ssl = SSL_new(tls)) == NULL)
			die("SSL_new");
		SSL_set_fd(c->ssl, c->fd);
		SSL_set_connect_state(c->ssl);
	}
	return 0;
}
