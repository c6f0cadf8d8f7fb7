/* Percent-encoding; see urlenc.h. */
#include "base/urlenc.h"

#include <ctype.h>
#include <string.h>

int
urlenc_add(struct buf *out, const char *s, size_t n, const char *keep)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x80 && isalnum(c)) ||
		    (c != '\0' && strchr(keep, c) != NULL))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
	return out->failed ? -1 : 0;
}

int
urlenc_some(struct buf *out, const char *s, size_t n, const char *set)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c > 0x7e || strchr(set, c) != NULL)
			buf_addf(out, "%%%02X", c);
		else
			buf_addc(out, (char)c);
	}
	return out->failed ? -1 : 0;
}

int
urlenc_form(struct buf *out, const char *name, const char *value)
{
	if (buf_len(out) > 0)
		buf_addc(out, '&');
	urlenc_add(out, name, strlen(name), URLENC_PLAIN);
	buf_addc(out, '=');
	return urlenc_add(out, value, strlen(value), URLENC_PLAIN);
}

static int
urlenc_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
urlenc_byte(const char *s, size_t n)
{
	int hi = n >= 3 && s[0] == '%' ? urlenc_digit(s[1]) : -1;
	int lo = hi == -1 ? -1 : urlenc_digit(s[2]);

	return lo == -1 ? -1 : hi << 4 | lo;
}

int
urlenc_decode(struct buf *out, const char *s, size_t n)
{
	size_t i;
	int c;

	for (i = 0; i < n; i++) {
		if ((c = urlenc_byte(s + i, n - i)) == -1) {
			buf_addc(out, s[i]);
			continue;
		}
		buf_addc(out, (char)c);
		i += 2;
	}
	return out->failed ? -1 : 0;
}
