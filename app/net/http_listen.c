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
#include "net/http_int.h"

#define HTTP_NO_FORM "it is not ADDR:PORT, [ADDR]:PORT or unix:PATH"

/* The part before the port; NULL: it can be listened on. */
static const char *
http_listener_addr(struct http_listener *l, const char *s, size_t n)
{
	unsigned char b[16];
	char addr[64];
	int family = AF_INET;

	if (n == 0 || (n == 1 && *s == '*'))
		return NULL;
	if (*s == '[' && n > 2 && s[n - 1] == ']') {
		family = AF_INET6;
		s++;
		n -= 2;
	} else if (memchr(s, ':', n) != NULL) {
		return HTTP_NO_FORM;
	}
	if (n < sizeof addr) {
		memcpy(addr, s, n);
		addr[n] = '\0';
		if (strcmp(addr, "localhost") == 0)
			strcpy(addr, "127.0.0.1");
		if (inet_pton(family, addr, b) == 1 &&
		    inet_ntop(family, b, l->addr, sizeof l->addr) != NULL)
			return NULL;
	}
	return "no such host, name an IP address, localhost or *";
}

/* "ADDR:PORT" or "[ADDR]:PORT", with an s for TLS; NULL, or what is wrong. */
static const char *
http_listener_tcp(struct http_listener *l, const char *s)
{
	const char *colon = strrchr(s, ':'), *digits, *why;
	char port[8];
	size_t len;
	long long n;

	if (colon == NULL)
		return HTTP_NO_FORM;
	digits = colon + 1;
	len = strspn(digits, "0123456789");
	l->tls = digits[len] == 's';
	if (len == 0 || digits[len + l->tls] != '\0')
		return HTTP_NO_FORM;
	if ((why = http_listener_addr(l, s, (size_t)(colon - s))) != NULL)
		return why;
	snprintf(port, sizeof port, "%.*s", (int)len, digits);
	if (len >= sizeof port || str_num(port, 0, 65535, &n) == -1)
		return "a port is a number from 1 to 65535";
	l->port = (int)n;
	snprintf(l->form, sizeof l->form,
	    strchr(l->addr, ':') != NULL ? "[%s]:%d%s"
	    : l->addr[0] != '\0'         ? "%s:%d%s"
					 : "%s+%d%s",
	    l->addr, (int)n, l->tls ? "s" : "");
	return NULL;
}

static const char *
http_listener_unix(struct http_listener *l, const char *path)
{
	if (*path == '\0')
		return HTTP_NO_FORM;
	if (strlen(path) >= sizeof l->path)
		return "the path of a unix socket has at most 107 bytes";
	/* civetweb would take it for the one before a port */
	if (strchr(path, ':') != NULL)
		return "the path of a unix socket holds no colon";
	snprintf(l->path, sizeof l->path, "%s", path);
	snprintf(l->form, sizeof l->form, "x%s", path);
	return NULL;
}

/* ADDR:PORT as it is told, "unix:PATH". */
static void
http_listener_show(const struct http_listener *l, char *out, size_t n)
{
	if (l->path[0] != '\0')
		snprintf(out, n, "unix:%s", l->path);
	else if (strchr(l->addr, ':') != NULL)
		snprintf(out, n, "[%s]:%d", l->addr, l->port);
	else
		snprintf(out, n, "%s:%d", l->addr[0] == '\0' ? "*" : l->addr,
		    l->port);
}

/* Any address of its kind, or of both kinds? */
static bool
http_listener_any(const struct http_listener *l)
{
	return l->addr[0] == '\0' || strcmp(l->addr, "0.0.0.0") == 0 ||
	       strcmp(l->addr, "::") == 0;
}

/* Is there something that both would listen on? */
static bool
http_listener_clash(
    const struct http_listener *a, const struct http_listener *b)
{
	bool six = strchr(a->addr, ':') != NULL;

	if (a->path[0] != '\0' || b->path[0] != '\0')
		return strcmp(a->path, b->path) == 0;
	if (a->port != b->port || a->port == 0)
		return false;
	if (a->addr[0] == '\0' || b->addr[0] == '\0')
		return true;
	if (six != (strchr(b->addr, ':') != NULL))
		return false;
	return strcmp(a->addr, b->addr) == 0 || http_listener_any(a) ||
	       http_listener_any(b);
}

/* One entry of the listen list. */
static int
http_listener(struct http *h, const char *name, const char *s, struct err *e)
{
	struct http_listener *l = &h->listeners[h->nlisteners];
	const struct http_listener *x;
	char one[128], two[128];
	const char *why;

	if (h->nlisteners == HTTP_LISTENERS)
		return err_set(e, ERR_PERM, "%s: more than %d addresses", name,
		    HTTP_LISTENERS);
	snprintf(l->text, sizeof l->text, "%s", s);
	why = str_prefix(s, "unix:") ? http_listener_unix(l, s + 5)
				     : http_listener_tcp(l, s);
	if (why != NULL)
		return err_set(e, ERR_PERM, "%s: \"%s\": %s", name, s, why);
	for (x = h->listeners; x < l && !http_listener_clash(x, l); x++)
		;
	if (x < l) {
		http_listener_show(x, one, sizeof one);
		http_listener_show(l, two, sizeof two);
		return strcmp(one, two) == 0
			   ? err_set(e, ERR_PERM, "%s: %s is named twice", name,
				 one)
			   : err_set(e, ERR_PERM,
				 "%s: %s and %s are in part the same", name,
				 one, two);
	}
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

bool
http_share(const char *a, const char *b)
{
	struct http_opts oa = {.name = "", .listen = a};
	struct http_opts ob = {.name = "", .listen = b};
	struct http ha = {.nlisteners = 0}, hb = {.nlisteners = 0};
	struct err e = ERR_INIT;
	struct buf ports;
	size_t i, k;
	bool same = false;

	buf_init(&ports, 4096);
	if (http_listeners(&ha, &oa, &ports, &e) == 0 &&
	    http_listeners(&hb, &ob, &ports, &e) == 0)
		for (i = 0; i < ha.nlisteners; i++)
			for (k = 0; k < hb.nlisteners; k++)
				same |= http_listener_clash(
				    &ha.listeners[i], &hb.listeners[k]);
	buf_done(&ports);
	return same;
}

bool
http_is_for_tls(const char *listen)
{
	struct http_opts o = {.name = "", .listen = listen};
	struct http h = {.nlisteners = 0};
	struct err e = ERR_INIT;
	struct buf ports;
	bool tls;

	buf_init(&ports, 4096);
	tls = http_listeners(&h, &o, &ports, &e) == 0 && http_wants_tls(&h);
	buf_done(&ports);
	return tls;
}

/* What is there in place of a socket. */
static int
http_no_socket(
    const struct http_listener *l, const struct stat *st, struct err *e)
{
	return err_set(e, ERR_PERM, "%s is a %s and no socket", l->path,
	    S_ISDIR(st->st_mode) ? "folder" : "file");
}

static int
http_check_unix(const struct http_listener *l, struct err *e)
{
	const char *slash = strrchr(l->path, '/');
	char folder[sizeof l->path];
	struct stat st;

	if (lstat(l->path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return http_no_socket(l, &st, e);
	snprintf(folder, sizeof folder, "%.*s",
	    slash == NULL ? 1 : (int)(slash - l->path) + 1,
	    slash == NULL ? "." : l->path);
	if (access(folder, W_OK | X_OK) == -1)
		return err_set(e, ERR_PERM, "%s: its folder: %s", l->path,
		    strerror(errno));
	return 0;
}

int
http_check_all(const struct http *h, const char *name, struct err *e)
{
	size_t i;

	for (i = 0; i < h->nlisteners; i++)
		if (h->listeners[i].path[0] != '\0' &&
		    http_check_unix(&h->listeners[i], e) == -1)
			return err_prefix(e, "%s: ", name);
	return 0;
}

/* Bind it as civetweb does: 0, or the errno. */
static int
http_try(const struct http_listener *l)
{
	struct sockaddr_in6 six = {
	    .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)l->port)};
	struct sockaddr_in four = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port)};
	bool v6 = strchr(l->addr, ':') != NULL;
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1, rc;

	if (fd == -1)
		return errno;
	if (l->addr[0] != '\0')
		inet_pton(v6 ? AF_INET6 : AF_INET, l->addr,
		    v6 ? (void *)&six.sin6_addr : (void *)&four.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (v6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	rc = v6 ? bind(fd, (const struct sockaddr *)&six, sizeof six)
		: bind(fd, (const struct sockaddr *)&four, sizeof four);
	rc = rc == -1 ? errno : 0;
	close(fd);
	return rc;
}

int
http_refused(const struct http *h, const char *name, struct err *e)
{
	static const struct {
		int no;
		const char *text;
	} why[] = {
	    {EADDRINUSE, "address already in use (which program: ss -ltnp)"},
	    {EADDRNOTAVAIL, "this machine has no such address"},
	    {EACCES, "a port below 1024 needs root or CAP_NET_BIND_SERVICE"}};
	char text[128];
	size_t i, k;
	int no;

	for (i = 0; i < h->nlisteners; i++) {
		if (h->listeners[i].path[0] != '\0' ||
		    (no = http_try(&h->listeners[i])) == 0)
			continue;
		for (k = 0; k < sizeof why / sizeof why[0]; k++)
			if (why[k].no == no)
				break;
		http_listener_show(&h->listeners[i], text, sizeof text);
		return err_set(e, ERR_PERM, "%s: %s: %s", name, text,
		    k < sizeof why / sizeof why[0] ? why[k].text
						   : strerror(no));
	}
	return 0;
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
		return http_no_socket(l, &st, e);
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
