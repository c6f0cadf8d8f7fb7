/*
 * Is the civetweb at hand good enough?  1.16 or later, and the first TLS
 * client must get an answer (Debian 12's package crashes on it).
 * Usage: probe PEM-with-certificate-and-key.  Exit status 0: yes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <civetweb.h>
#include <openssl/ssl.h>

static int
answer(struct mg_connection *conn, void *arg)
{
	(void)arg;
	mg_printf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	return 200;
}

static int
ask(int port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_port = htons((unsigned short)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static const char req[] = "GET / HTTP/1.0\r\n\r\n";
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	char buf[16] = "";
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&sin, sizeof sin) == -1)
		return -1;
	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) != 1 || SSL_write(ssl, req, sizeof req - 1) <= 0 ||
	    SSL_read(ssl, buf, sizeof buf - 1) <= 0)
		return -1;
	return strncmp(buf, "HTTP/1.1 200", 12) == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	const char *options[] = {"listening_ports", "127.0.0.1:0s",
	    "ssl_certificate", argc > 1 ? argv[1] : "", "num_threads", "2",
	    NULL};
	struct mg_server_port port;
	struct mg_callbacks none;
	struct mg_context *ctx;

	if (atof(mg_version()) < 1.16) {
		fprintf(stderr, "civetweb %s is too old\n", mg_version());
		return 1;
	}
	if ((mg_init_library(MG_FEATURES_TLS) & MG_FEATURES_TLS) == 0 ||
	    !mg_check_feature(MG_FEATURES_IPV6) ||
	    !mg_check_feature(MG_FEATURES_X_DOMAIN_SOCKET)) {
		fprintf(stderr, "no TLS, IPv6 or unix sockets\n");
		return 1;
	}
	memset(&none, 0, sizeof none);
	alarm(10);
	if ((ctx = mg_start(&none, NULL, options)) == NULL)
		return 1;
	mg_set_request_handler(ctx, "/", answer, NULL);
	if (mg_get_server_ports(ctx, 1, &port) != 1 || ask(port.port) == -1) {
		fprintf(stderr, "the first TLS client got no answer\n");
		return 1;
	}
	return 0;
}
