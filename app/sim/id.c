/* Public ids and tracking ids; see id.h. */
#include "sim/id.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/b64.h"

static void
id_random(unsigned char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		if ((k = getrandom(p, n, 0)) <= 0)
			continue;
		p += k;
		n -= (size_t)k;
	}
}

static void
id_hex(const char *digits, char out[ID_UUID])
{
	static const unsigned char groups[] = {4, 2, 2, 2, 6};
	unsigned char raw[16], *p = raw;
	char *o = out;
	size_t i, k;

	id_random(raw, sizeof raw);
	raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x40);
	raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80);
	for (i = 0; i < sizeof groups; i++) {
		for (k = 0; k < groups[i]; k++, p++) {
			*o++ = digits[*p >> 4];
			*o++ = digits[*p & 15];
		}
		*o++ = i + 1 < sizeof groups ? '-' : '\0';
	}
}

void
id_uuid(char out[ID_UUID])
{
	id_hex("0123456789abcdef", out);
}

void
id_public(
    const char *cluster, const char *type, const char *rest, char out[ID_MAX])
{
	char plain[128];
	struct buf b;
	int n;

	n = snprintf(plain, sizeof plain, "ciscospark://%s/%s/%s",
	    cluster != NULL ? cluster : "us", type, rest);
	buf_init(&b, ID_MAX - 1);
	b64url_encode(plain, (size_t)n < sizeof plain ? (size_t)n : 127, &b);
	memcpy(out, buf_str(&b), buf_len(&b) + 1);
	buf_done(&b);
}

void
id_track(char out[ID_TRACK])
{
	memcpy(out, "ROUTER_", 7);
	id_hex("0123456789ABCDEF", out + 7);
}
