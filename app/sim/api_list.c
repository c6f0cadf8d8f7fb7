/* Lists, pages and what handlers share; see api.h.  Under sim->mu. */
#include "sim/api.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sim/jw.h"

/*
 * A `max` that is no number counts as none: next links of the platform have
 * contained max=null (2.6).
 */
size_t
api_max(struct api_call *c, size_t usual, size_t most)
{
	const char *s = api_arg(c, "max");
	long long n;

	if (s == NULL || str_num(s, 1, 1000000, &n) == -1)
		return usual;
	return (size_t)n < most ? (size_t)n : most;
}

/* The query without the member `name`. */
static void
api_query_without(struct buf *b, const char *query, const char *name)
{
	size_t n, k = strlen(name);

	while (*query != '\0') {
		n = strcspn(query, "&");
		if (n > 0 && !(n > k && memcmp(query, name, k) == 0 &&
				 query[k] == '=')) {
			buf_add(b, query, n);
			buf_addc(b, '&');
		}
		query += n + (query[n] == '&');
	}
}

void
api_next(struct api_call *c, const char *name, const char *value)
{
	const char *host = http_header(c->req, "Host"), *p;
	struct buf b;

	buf_init(&b, sizeof c->link - 1);
	for (p = host; p != NULL && *p != '\0'; p++)
		if (strchr(" <>\"\\;,", *p) != NULL || (unsigned char)*p < 0x21)
			host = NULL;
	if (host == NULL)
		buf_addf(&b, "<%s", c->sim->url);
	else
		buf_addf(&b, "<%s://%s", http_is_tls(c->req) ? "https" : "http",
		    host);
	buf_addf(&b, "%s?", http_path(c->req));
	api_query_without(&b, http_query(c->req), name);
	buf_addf(&b, "%s=%s>; rel=\"next\"", name, value);
	if (!b.failed)
		memcpy(c->link, buf_str(&b), buf_len(&b) + 1);
	buf_done(&b);
}

void
api_list_open(struct api_call *c)
{
	jw_open(&c->out, NULL, '{');
	jw_open(&c->out, "items", '[');
}

void
api_list_close(struct api_call *c)
{
	jw_close(&c->out, ']');
	jw_close(&c->out, '}');
}

void
api_page_open(struct api_call *c, struct api_page *p, size_t usual, size_t most)
{
	memset(p, 0, sizeof *p);
	p->cursor = api_arg(c, "cursor");
	p->left = api_max(c, usual, most);
	api_list_open(c);
}

bool
api_page_item(struct api_call *c, struct api_page *p, const char *id)
{
	(void)c;
	if (p->cursor != NULL) {
		if (strcmp(p->cursor, id) == 0)
			p->cursor = NULL;
		return false;
	}
	if (p->left == 0) {
		p->full = true;
		return false;
	}
	p->left--;
	p->last = id;
	return true;
}

void
api_page_close(struct api_call *c, struct api_page *p)
{
	api_list_close(c);
	if (p->full)
		api_next(c, "cursor", p->last);
}

/*
 * Rooms that one is not in look like rooms that do not exist; the text is
 * the platform's (U7).
 */
struct room *
api_room(struct api_call *c, const char *id)
{
	struct room *r = world_room(c->sim->world, id);

	if (r != NULL && world_member_of(c->sim->world, r, c->me) != NULL)
		return r;
	api_fail(c, 404, "Could not find a room with provided ID.");
	return NULL;
}
