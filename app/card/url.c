/*
 * Addresses; see url.h.  Domain names beyond ASCII are lower-cased and put
 * into punycode; the normalisation of compatibility characters is left out.
 */
#include "card/url.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/uni.h"
#include "base/urlenc.h"

#define URL_MAX (64 * 1024)

static const struct {
	const char *name;
	int port;
} url_special[] = {{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443},
    {"ftp", 21}, {"file", -1}};

/* What is percent-encoded, beyond controls and non-ASCII. */
static const char url_in_path[] = " \"#<>?^`{}";
static const char url_in_query[] = " \"#<>";
static const char url_in_special_query[] = " \"#<>'";

/* -- hosts -- */

static char
url_puny_digit(uint32_t d)
{
	return (char)(d < 26 ? 'a' + d : '0' + d - 26);
}

static uint32_t
url_puny_adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / 700 : delta / 2;
	delta += delta / points;
	for (; delta > 455; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static void
url_puny_number(uint32_t q, uint32_t bias, struct buf *out)
{
	uint32_t k, t;

	for (k = 36;; k += 36) {
		t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
		if (q < t)
			break;
		buf_addc(out, url_puny_digit(t + (q - t) % (36 - t)));
		q = (q - t) / (36 - t);
	}
	buf_addc(out, url_puny_digit(q));
}

/* A label that is not ASCII (RFC 3492). */
static int
url_puny(const char *s, size_t len, struct buf *out)
{
	uint32_t cp[64], n = 128, delta = 0, bias = 72, m;
	size_t count = 0, i, k, done = 0, basic;

	for (i = 0; i < len; i += k) {
		if (count == 64)
			return -1;
		k = uni_next(s + i, len - i, &cp[count++]);
	}
	buf_adds(out, "xn--");
	for (i = 0; i < count; i++)
		if (cp[i] < 128) {
			buf_addc(out, (char)cp[i]);
			done++;
		}
	basic = done;
	if (basic > 0)
		buf_addc(out, '-');
	while (done < count) {
		m = UINT32_MAX;
		for (i = 0; i < count; i++)
			if (cp[i] >= n && cp[i] < m)
				m = cp[i];
		delta += (m - n) * (uint32_t)(done + 1);
		n = m;
		for (i = 0; i < count; i++) {
			if (cp[i] < n)
				delta++;
			if (cp[i] != n)
				continue;
			url_puny_number(delta, bias, out);
			bias = url_puny_adapt(
			    delta, (uint32_t)done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		n++;
	}
	return 0;
}

/* Lower case; full-width signs and other full stops as ASCII. */
static int
url_domain(const char *s, size_t n, struct buf *out)
{
	struct buf low;
	const char *label, *end, *stop;
	size_t i, k;
	uint32_t cp;
	char b[4];
	int rc = 0;

	buf_init(&low, URL_MAX);
	for (i = 0; i < n; i += k) {
		k = uni_next(s + i, n - i, &cp);
		if (cp >= 0xff01 && cp <= 0xff5e)
			cp -= 0xfee0;
		if (cp == 0x3002 || cp == 0xff61)
			cp = '.';
		if (cp != 0xad && cp != 0x200b && cp != 0x2060 && cp != 0xfeff)
			uni_lower(b, uni_put(cp, b), NULL, &low);
	}
	label = buf_str(&low);
	end = label + buf_len(&low);
	for (;; label = stop + 1) {
		stop = memchr(label, '.', (size_t)(end - label));
		k = (size_t)((stop == NULL ? end : stop) - label);
		if (uni_ascii(label, k))
			buf_add(out, label, k);
		else if (url_puny(label, k, out) == -1)
			rc = -1;
		if (stop == NULL)
			break;
		buf_addc(out, '.');
	}
	buf_inherit(out, &low);
	buf_done(&low);
	return rc;
}

/* One number of an IPv4 address: decimal, 0 octal, 0x hexadecimal. */
static bool
url_ipv4_part(const char *s, size_t n, uint64_t *v)
{
	unsigned base = 10, d;
	size_t i = 0;

	if (n >= 2 && s[0] == '0' && (s[1] | 32) == 'x') {
		base = 16;
		i = 2;
	} else if (n >= 2 && s[0] == '0') {
		base = 8;
		i = 1;
	} else if (n == 0) {
		return false;
	}
	for (*v = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		d = isdigit(c)    ? c - 48u
		    : isxdigit(c) ? (c | 32u) - 'a' + 10
				  : 99;
		if (d >= base)
			return false;
		*v = *v > UINT32_MAX ? *v : *v * base + d;
	}
	return true;
}

/* 1: it is an IPv4 address now; 0: it is none; -1: it should have been. */
static int
url_ipv4(struct buf *host)
{
	const char *s = buf_str(host), *last;
	size_t n = buf_len(host), parts = 0, i, from = 0;
	uint64_t v, ip = 0;

	if (n > 0 && s[n - 1] == '.')
		n--;
	for (last = s + n; last > s && last[-1] != '.'; last--)
		;
	i = (size_t)(s + n - last);
	if (i == 0 ||
	    (strspn(last, "0123456789") < i && !url_ipv4_part(last, i, &v)))
		return 0;
	for (i = 0; i <= n; i++) {
		if (i < n && s[i] != '.')
			continue;
		if (++parts > 4 || !url_ipv4_part(s + from, i - from, &v))
			return -1;
		from = i + 1;
		if (i < n) {
			if (v > 255)
				return -1;
			ip = ip << 8 | v;
		}
	}
	if (v >= (uint64_t)1 << 8 * (5 - parts))
		return -1;
	ip = (ip << 8 * (5 - parts)) | v;
	buf_clear(host);
	buf_addf(host, "%u.%u.%u.%u", (unsigned)(ip >> 24),
	    (unsigned)(ip >> 16 & 255), (unsigned)(ip >> 8 & 255),
	    (unsigned)(ip & 255));
	return 1;
}

static size_t
url_hex(const char *s, size_t n, unsigned *v)
{
	size_t i;

	for (i = 0, *v = 0; i < n && i < 4 && isxdigit((unsigned char)s[i]);
	     i++)
		*v = *v * 16 + (unsigned)(isdigit((unsigned char)s[i])
					      ? s[i] - '0'
					      : (s[i] | 32) - 'a' + 10);
	return i;
}

/* The dotted end of an IPv6 address, into two pieces. */
static int
url_ipv6_dotted(const char *s, size_t n, unsigned *piece)
{
	unsigned v[4] = {0}, k;
	size_t i = 0, from;

	for (k = 0; k < 4; k++) {
		for (from = i; i < n && isdigit((unsigned char)s[i]); i++)
			v[k] = v[k] * 10 + (unsigned)(s[i] - '0');
		if (i == from || i - from > 3 || v[k] > 255 ||
		    (s[from] == '0' && i - from > 1))
			return -1;
		if (k < 3 && (i == n || s[i++] != '.'))
			return -1;
	}
	piece[0] = v[0] << 8 | v[1];
	piece[1] = v[2] << 8 | v[3];
	return i == n ? 0 : -1;
}

static int
url_ipv6_read(const char *s, size_t n, unsigned piece[8])
{
	size_t i = 0, k, at = 0, gap = SIZE_MAX;
	unsigned v;

	if (n >= 2 && s[0] == ':' && s[1] == ':')
		i = 2, gap = 0;
	else if (n == 0 || s[0] == ':')
		return -1;
	while (i < n) {
		if (at == 8)
			return -1;
		k = url_hex(s + i, n - i, &v);
		if (k > 0 && i + k < n && s[i + k] == '.') {
			if (at > 6 ||
			    url_ipv6_dotted(s + i, n - i, piece + at) == -1)
				return -1;
			at += 2;
			break;
		}
		if (k == 0)
			return -1;
		piece[at++] = v;
		i += k;
		if (i == n)
			break;
		if (s[i++] != ':' || i == n)
			return -1;
		if (s[i] == ':') {
			if (gap != SIZE_MAX)
				return -1;
			gap = at;
			i++;
		}
	}
	if (gap == SIZE_MAX)
		return at == 8 ? 0 : -1;
	if (at == 8)
		return -1;
	memmove(piece + gap + 8 - at, piece + gap, (at - gap) * sizeof *piece);
	memset(piece + gap, 0, (8 - at) * sizeof *piece);
	return 0;
}

static int
url_ipv6(const char *s, size_t n, struct buf *out)
{
	unsigned piece[8] = {0};
	int i, run, best = -1, longest = 1;

	if (url_ipv6_read(s, n, piece) == -1)
		return -1;
	for (i = 0; i < 8; i += run + 1) {
		for (run = 0; i + run < 8 && piece[i + run] == 0; run++)
			;
		if (run > longest) {
			longest = run;
			best = i;
		}
	}
	buf_addc(out, '[');
	for (i = 0; i < 8; i++) {
		if (i == best) {
			buf_adds(out, i == 0 ? "::" : ":");
			i += longest - 1;
			continue;
		}
		buf_addf(out, "%x%s", piece[i], i < 7 ? ":" : "");
	}
	return buf_addc(out, ']');
}

static int
url_host(struct url *u, const char *s, size_t n, bool special)
{
	static const char forbidden[] = "\t\n\r #/:<>?@[\\]^|";
	const char *h;
	struct buf raw;
	size_t i;
	int rc = -1;

	if (n > 0 && s[0] == '[')
		return s[n - 1] == ']' ? url_ipv6(s + 1, n - 2, &u->host) : -1;
	buf_init(&raw, URL_MAX);
	if (!special) {
		for (i = 0;
		     i < n && (s[i] == '\0' || strchr(forbidden, s[i]) == NULL);
		     i++)
			;
		urlenc_some(&u->host, s, n, "");
		rc = i == n && memchr(s, '\0', n) == NULL ? 0 : -1;
		goto out;
	}
	urlenc_decode(&raw, s, n);
	if (!str_utf8_ok(buf_str(&raw), buf_len(&raw)) ||
	    url_domain(buf_str(&raw), buf_len(&raw), &u->host) == -1)
		goto out;
	h = buf_str(&u->host);
	for (i = 0; i < buf_len(&u->host); i++)
		if ((unsigned char)h[i] <= 0x20 || h[i] == '%' ||
		    h[i] == 0x7f || strchr(forbidden, h[i]) != NULL)
			goto out;
	rc = buf_len(&u->host) == 0 || url_ipv4(&u->host) == -1 ? -1 : 0;
out:
	buf_inherit(&u->host, &raw);
	buf_done(&raw);
	return rc;
}

/* -- paths -- */

static bool
url_dots(const char *s, size_t n, int dots)
{
	size_t i = 0;

	while (dots-- > 0) {
		if (n - i >= 3 && s[i] == '%' && s[i + 1] == '2' &&
		    (s[i + 2] | 32) == 'e')
			i += 3;
		else if (i < n && s[i] == '.')
			i++;
		else
			return false;
	}
	return i == n;
}

static void
url_path(struct url *u, const char *s, size_t n, bool special)
{
	struct buf *out = &u->path;
	size_t i = 0, from, len;
	bool last;

	if (n == 0 && !special)
		return;
	if (n > 0 && (s[0] == '/' || (special && s[0] == '\\')))
		i = 1;
	for (;; i++) {
		for (from = i;
		     i < n && s[i] != '/' && !(special && s[i] == '\\'); i++)
			;
		last = i >= n;
		len = i - from;
		if (url_dots(s + from, len, 2)) {
			size_t cut = buf_len(out);

			while (cut > 0 && out->p[cut - 1] != '/')
				cut--;
			buf_cut(out, cut > 0 ? cut - 1 : 0);
			if (last)
				buf_addc(out, '/');
		} else if (url_dots(s + from, len, 1)) {
			if (last)
				buf_addc(out, '/');
		} else {
			buf_addc(out, '/');
			urlenc_some(out, s + from, len, url_in_path);
		}
		if (last)
			break;
	}
}

/* -- the whole -- */

static bool
url_end_of_host(char c, bool special)
{
	return c == '/' || c == '?' || c == '#' || (special && c == '\\');
}

static int
url_port(struct url *u, const char *s, size_t n, int usual)
{
	size_t i;
	long port = 0;

	if (n == 0)
		return 0;
	for (i = 0; i < n; i++) {
		if (!isdigit((unsigned char)s[i]))
			return -1;
		port = port * 10 + (s[i] - '0');
		if (port > 65535)
			return -1;
	}
	u->port = (int)port == usual ? -1 : (int)port;
	return 0;
}

/* user:password@host:port; returns its length, or -1. */
static long
url_authority(struct url *u, const char *s, size_t n, bool special, int usual)
{
	size_t end = 0, from = 0, i, colon;
	bool inside = false;

	while (end < n && !url_end_of_host(s[end], special))
		end++;
	for (i = 0; i < end; i++)
		if (s[i] == '@')
			from = i + 1;
	if (from > 0 && from == end)
		return -1;
	for (colon = from; colon < end; colon++) {
		inside = s[colon] == '[' || (inside && s[colon] != ']');
		if (s[colon] == ':' && !inside)
			break;
	}
	if (colon == from && (special || colon < end))
		return -1;
	if (url_host(u, s + from, colon - from, special) == -1)
		return -1;
	if (colon < end &&
	    url_port(u, s + colon + 1, end - colon - 1, usual) == -1)
		return -1;
	return (long)end;
}

/* file:///path, file://host/path */
static long
url_file(struct url *u, const char *s, size_t n)
{
	size_t end;

	if (n < 2 || !url_end_of_host(s[0], true) || s[0] == '?' ||
	    s[0] == '#' || (s[1] != '/' && s[1] != '\\'))
		return 0;
	for (end = 2; end < n && !url_end_of_host(s[end], true); end++)
		;
	if (end == 2)
		return (long)end;
	if (end == 4 && isalpha((unsigned char)s[2]) &&
	    (s[3] == ':' || s[3] == '|'))
		return 2; /* a drive letter */
	if (url_host(u, s + 2, end - 2, true) == -1)
		return -1;
	if (strcmp(buf_str(&u->host), "localhost") == 0)
		buf_clear(&u->host);
	return (long)end;
}

static int
url_rest(struct url *u, const char *s, size_t n, int special)
{
	bool is_special = special >= 0, opaque = false;
	const char *q;
	size_t path;
	long used = 0;

	if (is_special && strcmp(url_special[special].name, "file") == 0) {
		used = url_file(u, s, n);
	} else if (is_special) {
		size_t skip = 0;

		while (skip < n && (s[skip] == '/' || s[skip] == '\\'))
			skip++;
		s += skip;
		n -= skip;
		used = url_authority(u, s, n, true, url_special[special].port);
	} else if (n >= 2 && s[0] == '/' && s[1] == '/') {
		s += 2;
		n -= 2;
		used = url_authority(u, s, n, false, -1);
	} else {
		opaque = n == 0 || s[0] != '/';
	}
	if (used == -1)
		return -1;
	s += used;
	n -= (size_t)used;
	if ((q = memchr(s, '#', n)) != NULL)
		n = (size_t)(q - s);
	q = memchr(s, '?', n);
	path = q == NULL ? n : (size_t)(q - s);
	if (opaque)
		urlenc_some(&u->path, s, path, "");
	else
		url_path(u, s, path, is_special);
	if (q != NULL && n - path > 1) {
		buf_addc(&u->query, '?');
		urlenc_some(&u->query, q + 1, n - path - 1,
		    is_special ? url_in_special_query : url_in_query);
	}
	return 0;
}

static int
url_clean(const char *s, size_t n, struct buf *out)
{
	size_t i;

	while (n > 0 && (unsigned char)s[0] <= ' ') {
		s++;
		n--;
	}
	while (n > 0 && (unsigned char)s[n - 1] <= ' ')
		n--;
	for (i = 0; i < n; i++)
		if (s[i] != '\t' && s[i] != '\n' && s[i] != '\r')
			buf_addc(out, s[i]);
	return out->failed ? -1 : 0;
}

int
url_parse(struct url *u, const char *text, size_t len)
{
	struct buf clean;
	const char *s;
	size_t n, i;
	int special = -1, rc = -1;

	buf_init(&u->scheme, URL_MAX);
	buf_init(&u->host, URL_MAX);
	buf_init(&u->path, 4 * URL_MAX);
	buf_init(&u->query, 4 * URL_MAX);
	u->port = -1;
	buf_init(&clean, URL_MAX);
	if (url_clean(text, len, &clean) == -1)
		goto out;
	s = buf_str(&clean);
	n = buf_len(&clean);
	if (n == 0 || !isalpha((unsigned char)s[0]))
		goto out;
	for (i = 0; i < n && (isalnum((unsigned char)s[i]) ||
				 (s[i] != '\0' && strchr("+-.", s[i]) != NULL));
	     i++)
		buf_addc(&u->scheme, (char)tolower((unsigned char)s[i]));
	if (i == n || s[i] != ':')
		goto out;
	for (n = 0; n < sizeof url_special / sizeof url_special[0]; n++)
		if (strcmp(buf_str(&u->scheme), url_special[n].name) == 0)
			special = (int)n;
	rc = url_rest(u, s + i + 1, buf_len(&clean) - i - 1, special);
out:
	buf_inherit(&u->host, &clean);
	buf_inherit(&u->host, &u->scheme);
	buf_inherit(&u->host, &u->path);
	buf_inherit(&u->host, &u->query);
	buf_done(&clean);
	return u->host.failed ? -1 : rc;
}

void
url_done(struct url *u)
{
	buf_done(&u->scheme);
	buf_done(&u->host);
	buf_done(&u->path);
	buf_done(&u->query);
}
