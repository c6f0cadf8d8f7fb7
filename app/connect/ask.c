/* A request as the checks see it; see ask.h. */
#include "connect/ask.h"

#include <string.h>

#include "base/clk.h"
#include "net/http.h"

const char *
ask_header(const struct ask *a, const char *name)
{
	return a->header(a->arg, name);
}

static const char *
ask_http_header(void *arg, const char *name)
{
	return http_header(arg, name);
}

void
ask_http(struct ask *a, struct http_req *r)
{
	memset(a, 0, sizeof *a);
	a->method = http_method(r);
	a->path = http_path(r);
	a->query = http_query(r);
	a->client = http_client(r);
	a->header = ask_http_header;
	a->arg = r;
	a->body = http_body(r, &a->len);
	a->certified = http_is_certified(r);
	a->now = clk_wall_ms();
}
