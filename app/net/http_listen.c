/*
 * What a server listens on: the comma list read, and checked as far as that
 * can be done without listening.
 *
 * Runs on the thread of who starts a server or asks for a check.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "net/addr.h"
#include "net/http_int.h"

/* "ADDR:PORT" or "[ADDR]:PORT", with an s for TLS; 0 or -1. */
static int
http_listener_tcp(struct http_listener *l, const char *s)
{
	const char *colon = strrchr(s, ':'), *digits;
	char port[8], addr[64];
	size_t len;
	long long n;

	if (colon == NULL || (size_t)(colon - s) >= sizeof addr)
		return -1;
	digits = colon + 1;
	len = strspn(digits, "0123456789");
	l->tls = digits[len] == 's';
	if (len == 0 || len >= sizeof port || digits[len + l->tls] != '\0')
		return -1;
	memcpy(port, digits, len);
	port[len] = '\0';
	if (str_num(port, 0, 65535, &n) == -1)
		return -1;
	l->port = (int)n;
	memcpy(addr, s, (size_t)(colon - s));
	addr[colon - s] = '\0';
	if (strcmp(addr, "localhost") == 0)
		strcpy(addr, "127.0.0.1");
	if (addr[0] == '\0' || strcmp(addr, "*") == 0)
		snprintf(
		    l->form, sizeof l->form, "+%s%s", port, l->tls ? "s" : "");
	else if (addr_readable(addr) &&
		 (addr[0] == '[' || strchr(addr, ':') == NULL))
		snprintf(l->form, sizeof l->form, "%s:%s%s", addr, port,
		    l->tls ? "s" : "");
	else
		return -1;
	return 0;
}

static int
http_listener_unix(struct http_listener *l, const char *path)
{
	/* civetweb would take a colon in it for a port */
	if (*path == '\0' || strlen(path) >= sizeof l->path ||
	    strchr(path, ':') != NULL)
		return -1;
	snprintf(l->path, sizeof l->path, "%s", path);
	snprintf(l->form, sizeof l->form, "x%s", path);
	return 0;
}

/* One entry of the listen list. */
static int
http_listener(struct http *h, const char *name, const char *s, struct err *e)
{
	struct http_listener *l = &h->listeners[h->nlisteners];
	int rc;

	if (h->nlisteners == HTTP_LISTENERS)
		return err_set(e, ERR_PERM, "%s: more than %d addresses", name,
		    HTTP_LISTENERS);
	snprintf(l->text, sizeof l->text, "%s", s);
	rc = str_prefix(s, "unix:") ? http_listener_unix(l, s + 5)
				    : http_listener_tcp(l, s);
	if (rc == -1)
		return err_set(e, ERR_PERM,
		    "%s: \"%s\" is not ADDR:PORT, [ADDR]:PORT or unix:PATH",
		    name, s);
	h->nlisteners++;
	return 0;
}

/* Unix sockets last: civetweb finds a colon of what follows in their path. */
static void
http_forms(const struct http *h, struct buf *ports)
{
	size_t i;
	int last;

	for (last = 0; last < 2; last++)
		for (i = 0; i < h->nlisteners; i++)
			if ((h->listeners[i].path[0] != '\0') == last)
				buf_addf(ports, "%s%s",
				    ports->len > 0 ? "," : "",
				    h->listeners[i].form);
}

int
http_listeners(
    struct http *h, const struct http_opts *o, struct buf *ports, struct err *e)
{
	char *copy = strdup(o->listen), *at = copy, *s;
	int rc = copy == NULL ? err_nomem(e) : 0;

	while (rc == 0 && (s = str_next(&at, ',')) != NULL)
		rc = http_listener(h, o->name, s, e);
	if (rc == 0 && h->nlisteners == 0)
		rc = err_set(e, ERR_PERM, "%s: names no address", o->name);
	http_forms(h, ports);
	free(copy);
	return rc;
}

bool
http_wants_tls(const struct http *h)
{
	size_t i;

	for (i = 0; i < h->nlisteners; i++)
		if (h->listeners[i].tls)
			return true;
	return false;
}

int
http_unlink_stale(const struct http_listener *l, struct err *e)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct stat st;
	int fd, rc;

	if (l->path[0] == '\0' || lstat(l->path, &st) == -1)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(
		    e, ERR_PERM, "%s is there and is no socket", l->path);
	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", l->path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM, 0)) == -1)
		return err_set(e, ERR_BUG, "socket: %s", strerror(errno));
	rc = connect(fd, (struct sockaddr *)&sun, sizeof sun);
	close(fd);
	if (rc == 0)
		return err_set(
		    e, ERR_PERM, "another program listens on %s", l->path);
	unlink(l->path);
	return 0;
}
