/* Matching a path against route patterns.  Pure; for http_req.c. */
#ifndef NET_HTTP_ROUTE_H
#define NET_HTTP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/http.h"

#define HTTP_PARAMS 4

struct http_span {
	const char *p;
	size_t n;
};

/*
 * The row for path and method.  NULL: none; *allowed holds the methods that
 * the path has rows for, 0 when it has none.
 */
const struct http_route *http_route_find(const struct http_route *rows,
    size_t n, const char *path, unsigned method, unsigned *allowed,
    struct http_span params[HTTP_PARAMS]);

/* "GET" as a bit, 0 when unknown. */
unsigned http_method_bit(const char *method);
/* "GET, HEAD" into out. */
void http_method_list(unsigned methods, char *out, size_t size);

/*
 * Percent-decode (and with `plus`, `+` as a blank) into out; 0, or -1 when
 * it does not fit, is not well-formed or holds a NUL.
 */
int http_decode(const char *s, size_t n, bool plus, char *out, size_t size);

#endif
