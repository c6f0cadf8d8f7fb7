/* Base64 (RFC 4648 sections 4 and 5); see b64.h. */
#include "base/b64.h"

#include <stdint.h>
#include <string.h>

static const char std_set[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_set[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int
b64_put(const char *set, char pad, const unsigned char *p, size_t n,
    struct buf *out)
{
	char q[4];
	uint32_t v;
	size_t k;

	for (; n > 0; p += k, n -= k) {
		k = n < 3 ? n : 3;
		v = (uint32_t)p[0] << 16;
		v |= k > 1 ? (uint32_t)p[1] << 8 : 0;
		v |= k > 2 ? p[2] : 0;
		q[0] = set[v >> 18];
		q[1] = set[v >> 12 & 63];
		q[2] = k > 1 ? set[v >> 6 & 63] : pad;
		q[3] = k > 2 ? set[v & 63] : pad;
		if (buf_add(out, q, pad != '\0' ? 4 : k + 1) == -1)
			return -1;
	}
	return 0;
}

int
b64_encode(const void *p, size_t n, struct buf *out)
{
	return b64_put(std_set, '=', p, n, out);
}

int
b64url_encode(const void *p, size_t n, struct buf *out)
{
	return b64_put(url_set, '\0', p, n, out);
}

static int
b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

int
b64_decode(const char *s, size_t n, struct buf *out)
{
	uint32_t v = 0;
	size_t i, k = 0;
	int bits = 0, d;
	char *p;

	while (n > 0 && s[n - 1] == '=')
		n--;
	if (n % 4 == 1 || (p = buf_room(out, n / 4 * 3 + n % 4)) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		if ((d = b64_value(s[i])) == -1)
			return -1;
		v = v << 6 | (uint32_t)d;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			p[k++] = (char)(v >> bits & 0xff);
		}
	}
	buf_took(out, k);
	return 0;
}
