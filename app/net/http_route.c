/* Routes; see http_route.h. */
#include "net/http_route.h"

#include <stdio.h>
#include <string.h>

#include "base/urlenc.h"

static const struct {
	const char *name;
	unsigned bit;
} http_methods[] = {
    {"GET", HTTP_GET},
    {"HEAD", HTTP_HEAD},
    {"POST", HTTP_POST},
    {"PUT", HTTP_PUT},
    {"DELETE", HTTP_DELETE},
    {"PATCH", HTTP_PATCH},
};
#define HTTP_METHODS (sizeof http_methods / sizeof http_methods[0])

unsigned
http_method_bit(const char *method)
{
	size_t i;

	for (i = 0; i < HTTP_METHODS; i++)
		if (strcmp(method, http_methods[i].name) == 0)
			return http_methods[i].bit;
	return 0;
}

void
http_method_list(unsigned methods, char *out, size_t size)
{
	size_t i, n = 0;

	out[0] = '\0';
	for (i = 0; i < HTTP_METHODS; i++)
		if ((methods & http_methods[i].bit) && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s",
			    n > 0 ? ", " : "", http_methods[i].name);
}

static bool
http_route_is(
    const char *pat, const char *path, struct http_span params[HTTP_PARAMS])
{
	size_t k = 0, n;

	memset(params, 0, HTTP_PARAMS * sizeof *params);
	while (*pat != '\0' && *path != '\0') {
		if (*pat == '*') {
			n = strcspn(path, "/");
			if (n == 0)
				return false;
			if (k < HTTP_PARAMS)
				params[k++] = (struct http_span){path, n};
			path += n;
			pat++;
		} else if (*pat++ != *path++) {
			return false;
		}
	}
	return *pat == *path;
}

const struct http_route *
http_route_find(const struct http_route *rows, size_t n, const char *path,
    unsigned method, unsigned *allowed, struct http_span params[HTTP_PARAMS])
{
	size_t i;

	*allowed = 0;
	for (i = 0; i < n; i++) {
		if (!http_route_is(rows[i].path, path, params))
			continue;
		if (rows[i].methods & method)
			return &rows[i];
		*allowed |= rows[i].methods;
	}
	return NULL;
}

int
http_decode(const char *s, size_t n, bool plus, char *out, size_t size)
{
	size_t i, k = 0;
	int c;

	for (i = 0; i < n; i++) {
		c = (unsigned char)s[i];
		if (c == '+' && plus) {
			c = ' ';
		} else if (c == '%') {
			if ((c = urlenc_byte(s + i, n - i)) == -1)
				return -1;
			i += 2;
		}
		if (c == '\0' || k + 1 >= size)
			return -1;
		out[k++] = (char)c;
	}
	out[k] = '\0';
	return 0;
}
