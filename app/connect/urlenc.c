/* Percent-encoding; see urlenc.h. */
#include "connect/urlenc.h"

#include <ctype.h>
#include <string.h>

int
urlenc_add(struct buf *out, const char *s, size_t n, bool slash)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < 0x80 && isalnum(c)) ||
		    (c != '\0' && strchr("-._~", c) != NULL) ||
		    (slash && c == '/'))
			buf_addc(out, (char)c);
		else
			buf_addf(out, "%%%02X", c);
	}
	return out->failed ? -1 : 0;
}

int
urlenc_form(struct buf *out, const char *name, const char *value)
{
	if (buf_len(out) > 0)
		buf_addc(out, '&');
	urlenc_add(out, name, strlen(name), false);
	buf_addc(out, '=');
	return urlenc_add(out, value, strlen(value), false);
}

static int
urlenc_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at =
	    c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));

	return at == NULL ? -1 : (int)(at - digits);
}

int
urlenc_decode(struct buf *out, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		int hi = i + 2 < n && s[i] == '%' ? urlenc_digit(s[i + 1]) : -1;
		int lo = hi == -1 ? -1 : urlenc_digit(s[i + 2]);

		if (lo == -1) {
			buf_addc(out, s[i]);
			continue;
		}
		buf_addc(out, (char)(hi << 4 | lo));
		i += 2;
	}
	return out->failed ? -1 : 0;
}
