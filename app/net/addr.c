/* IP addresses as text; see addr.h. */
#include "net/addr.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

struct addr {
	uint8_t b[16]; /* IPv4 as ::ffff:a.b.c.d */
};

static int
addr_parse(const char *s, size_t n, struct addr *a)
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	char text[ADDR_TEXT];

	if (n >= 2 && s[0] == '[' && s[n - 1] == ']') {
		s++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof text)
		return -1;
	memcpy(text, s, n);
	text[n] = '\0';
	if (inet_pton(AF_INET6, text, a->b) == 1)
		return 0;
	memcpy(a->b, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, a->b + 12) == 1 ? 0 : -1;
}

static bool
addr_is4(const struct addr *a)
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return memcmp(a->b, mapped, 12) == 0;
}

static bool
addr_within(const struct addr *a, const struct addr *net, unsigned bits)
{
	unsigned full = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(a->b, net->b, full) == 0 &&
	       (rest == 0 || ((a->b[full] ^ net->b[full]) & mask) == 0);
}

/* "10.0.0.0/8" or one address; 0 or -1. */
static int
addr_cidr(const char *s, size_t n, struct addr *net, unsigned *bits)
{
	const char *slash = memchr(s, '/', n);
	size_t len = slash == NULL ? n : (size_t)(slash - s);
	char digits[4];
	long long v;
	bool v4;

	if (addr_parse(s, len, net) == -1)
		return -1;
	*bits = 128;
	if (slash == NULL)
		return 0;
	len = n - len - 1;
	if (len == 0 || len >= sizeof digits)
		return -1;
	memcpy(digits, slash + 1, len);
	digits[len] = '\0';
	v4 = memchr(s, ':', n) == NULL;
	if (str_num(digits, 0, v4 ? 32 : 128, &v) == -1)
		return -1;
	*bits = (unsigned)v + (v4 ? 96 : 0);
	return 0;
}

/* The next entry of a comma list, blanks cut; its length, 0 at the end. */
static size_t
addr_entry(const char **at)
{
	const char *s = *at;
	size_t n;

	s += strspn(s, ", \t");
	n = strcspn(s, ",");
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	*at = s;
	return n;
}

bool
addr_in(const char *addr, const char *list)
{
	bool unix_peer = strcmp(addr, "unix") == 0;
	struct addr a, net;
	unsigned bits;
	size_t n;

	if (list == NULL ||
	    (!unix_peer && addr_parse(addr, strlen(addr), &a) == -1))
		return false;
	for (; (n = addr_entry(&list)) > 0; list += n) {
		if (unix_peer) {
			if (n == 4 && memcmp(list, "unix", 4) == 0)
				return true;
		} else if (addr_cidr(list, n, &net, &bits) == 0 &&
			   addr_within(&a, &net, bits)) {
			return true;
		}
	}
	return false;
}

int
addr_list_check(const char *list, struct err *e)
{
	struct addr net;
	unsigned bits;
	size_t n;

	for (; (n = addr_entry(&list)) > 0; list += n) {
		if (n == 4 && memcmp(list, "unix", 4) == 0)
			continue;
		if (addr_cidr(list, n, &net, &bits) == -1)
			return err_set(e, ERR_PERM,
			    "\"%.*s\" is no address, CIDR or unix", (int)n,
			    list);
	}
	return 0;
}

bool
addr_special(const char *addr)
{
	static const char v4[] =
	    "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,"
	    "172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,192.88.99.0/24,"
	    "192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,"
	    "224.0.0.0/3";
	static const char v6[] =
	    "::/128,::1/128,64:ff9b::/96,64:ff9b:1::/48,100::/64,2001::/23,"
	    "2001:db8::/32,2002::/16,fc00::/7,fe80::/10,fec0::/10,ff00::/8";
	struct addr a;

	if (addr_parse(addr, strlen(addr), &a) == -1)
		return true;
	return addr_in(addr, addr_is4(&a) ? v4 : v6);
}

/* The last entry of `s` before `*end`; its length, *end moves there. */
static const char *
addr_last(const char *s, size_t *end, size_t *n)
{
	size_t to = *end, from;

	while (to > 0 && strchr(", \t", s[to - 1]) != NULL)
		to--;
	for (from = to; from > 0 && s[from - 1] != ','; from--)
		;
	*end = from;
	s += from;
	*n = to - from;
	while (*n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		(*n)--;
	}
	return s;
}

const char *
addr_client(const char *peer, const char *forwarded, const char *trusted,
    char out[ADDR_TEXT])
{
	const char *p, *found = peer;
	struct addr a;
	size_t end, n;

	if (forwarded == NULL || !addr_in(peer, trusted))
		return peer;
	for (end = strlen(forwarded); end > 0;) {
		p = addr_last(forwarded, &end, &n);
		/* "a.b.c.d:port" and "[v6]:port" are seen in the wild */
		if (n > 0 && p[0] == '[') {
			const char *close = memchr(p, ']', n);

			n = close == NULL ? 0 : (size_t)(close - p) + 1;
		} else if (memchr(p, '.', n) != NULL) {
			const char *colon = memchr(p, ':', n);

			n = colon == NULL ? n : (size_t)(colon - p);
		}
		if (addr_parse(p, n, &a) == -1)
			break;
		if (inet_ntop(addr_is4(&a) ? AF_INET : AF_INET6,
			a.b + (addr_is4(&a) ? 12 : 0), out, ADDR_TEXT) == NULL)
			break;
		found = out;
		if (!addr_in(out, trusted))
			break;
	}
	return found;
}

bool
addr_readable(const char *addr)
{
	struct addr a;

	return addr_parse(addr, strlen(addr), &a) == 0;
}
