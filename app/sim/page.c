/* Serving the chat page; see page.h.  Any thread. */
#include "sim/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "net/http.h"

#define PAGE_LICENSES (64 * 1024)

/* The gallery shows cards as their author wrote them, with their images. */
static void
page_headers(struct http_req *r, const char *path, const char *etag)
{
	bool gallery = strcmp(path, "/cards") == 0;
	char policy[256];

	http_add(r, "ETag", etag);
	http_add(r, "Cache-Control", "no-cache");
	http_add(r, "X-Content-Type-Options", "nosniff");
	http_add(r, "Referrer-Policy", "no-referrer");
	/* cards set styles through the DOM only, so 'self' is enough */
	snprintf(policy, sizeof policy,
	    "default-src 'self'; img-src 'self' data:%s; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'; object-src 'none'",
	    gallery ? " https:" : "");
	http_add(r, "Content-Security-Policy", policy);
}

static void
page_send(struct http_req *r, const char *path, const char *type, const char *p,
    size_t n)
{
	const char *have = http_header(r, "If-None-Match");
	char etag[32];

	snprintf(etag, sizeof etag, "\"%016" PRIx64 "\"", str_hash(p, n));
	page_headers(r, path, etag);
	if (have != NULL && strstr(have, etag) != NULL)
		http_answer(r, 304, NULL, NULL, 0);
	else
		http_answer(r, 200, type, p, n);
}

/* The notices of the packages that the page carries. */
static void
page_licenses(struct http_req *r)
{
	const struct page_asset *a;
	struct buf b;
	size_t i;

	buf_init(&b, PAGE_LICENSES);
	for (i = 0; i < page_nassets; i++) {
		a = &page_assets[i];
		if (strcmp(a->path, "/LICENSES") != 0)
			continue;
		buf_addf(&b, "== %s ==\n\n", a->type);
		buf_add(&b, a->begin, (size_t)(a->end - a->begin));
		buf_adds(&b, "\n\n");
	}
	page_send(r, "/LICENSES", "text/plain; charset=utf-8", buf_str(&b),
	    buf_len(&b));
	buf_done(&b);
}

void
page_serve(struct http_req *r, void *arg)
{
	(void)arg;
	page_send_path(r, http_path(r));
}

void
page_send_path(struct http_req *r, const char *path)
{
	const struct page_asset *a;
	size_t i;

	if (strcmp(path, "/LICENSES") == 0) {
		page_licenses(r);
		return;
	}
	for (i = 0; i < page_nassets; i++) {
		a = &page_assets[i];
		if (strcmp(a->path, path) == 0) {
			page_send(r, path, a->type, a->begin,
			    (size_t)(a->end - a->begin));
			return;
		}
	}
	http_text(r, 404, "text/plain", "nothing here\n");
}
