/* Which addresses may be called; see target.h. */
#include "connect/target.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "net/addr.h"

/* "[::1]:8080" or "host:8080"; 0 or -1. */
static int
target_host(const char *s, size_t n, struct target *u)
{
	const char *end = s + n, *colon;
	size_t host, port, i;
	long long num;

	if (n > 0 && *s == '[') {
		const char *close = memchr(s, ']', n);

		if (close == NULL || (close + 1 < end && close[1] != ':'))
			return -1;
		colon = close + 1 < end ? close + 1 : NULL;
		host = (size_t)(close - s) - 1;
		s++;
	} else {
		colon = memchr(s, ':', n);
		host = colon == NULL ? n : (size_t)(colon - s);
	}
	if (host == 0 || host >= sizeof u->host)
		return -1;
	for (i = 0; i < host; i++)
		u->host[i] = (char)tolower((unsigned char)s[i]);
	u->host[host] = '\0';
	u->port[0] = '\0';
	if (colon == NULL)
		return 0;
	port = (size_t)(end - colon) - 1;
	if (port == 0 || port >= sizeof u->port)
		return -1;
	memcpy(u->port, colon + 1, port);
	u->port[port] = '\0';
	return str_num(u->port, 1, 65535, &num);
}

int
target_parse(const char *url, struct target *u)
{
	const unsigned char *p;
	size_t n;

	if (strlen(url) > TARGET_MAX)
		return -1;
	/* what a person could not have meant, and a client may read otherwise
	 */
	for (p = (const unsigned char *)url; *p != '\0'; p++)
		if (*p <= ' ' || *p == 0x7f || *p == '\\')
			return -1;
	if (strncasecmp(url, "https://", 8) == 0)
		u->https = true;
	else if (strncasecmp(url, "http://", 7) == 0)
		u->https = false;
	else
		return -1;
	url += u->https ? 8 : 7;
	n = strcspn(url, "/?#");
	/* user:password@host hides the host from a reader */
	if (memchr(url, '@', n) != NULL)
		return -1;
	u->path = url + n;
	return target_host(url, n, u);
}

/*
 * Is the host an address, or a name that means one, that is not public?
 * Numbers in other spellings (0x7f.1, 2130706433) count as such: resolvers
 * take them for addresses.
 */
static bool
target_private(const char *host)
{
	size_t n = strlen(host);
	const char *last;

	while (n > 0 && host[n - 1] == '.')
		n--;
	if (addr_readable(host))
		return addr_special(host);
	if (strcmp(host, "localhost") == 0 || str_suffix(host, ".localhost") ||
	    str_suffix(host, ".local") || str_suffix(host, ".internal"))
		return true;
	for (last = host + n; last > host && last[-1] != '.'; last--)
		;
	return isdigit((unsigned char)*last) || n == 0;
}

int
target_check(const char *url, enum target_trust trust, struct err *e)
{
	struct target u;

	if (target_parse(url, &u) == -1)
		return err_set(e, ERR_PERM, "not an http or https address");
	if (trust == TARGET_ANY)
		return 0;
	if (trust == TARGET_STRANGER && target_private(u.host))
		return err_set(e, ERR_PERM,
		    "leads to a private address "
		    "(WEBEXBOT_ALLOW_PRIVATE_URLS=1 would allow it)");
	if (!u.https && !(trust == TARGET_OPERATOR && target_private(u.host)))
		return err_set(e, ERR_PERM,
		    "must be https "
		    "(WEBEXBOT_ALLOW_PRIVATE_URLS=1 would allow http)");
	return 0;
}
