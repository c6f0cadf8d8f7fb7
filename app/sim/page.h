/*
 * The chat page and what it draws with, from inside the program: nothing is
 * read from disk and nothing is fetched from elsewhere.
 */
#ifndef SIM_PAGE_H
#define SIM_PAGE_H

#include <stddef.h>

struct http_req;

struct page_asset {
	const char *path;
	const char *type;
	const char *begin;
	const char *end;
};

/* In page_data.c. */
extern const struct page_asset page_assets[];
extern const size_t page_nassets;

/* GET /, /cards, /page/NAME, /LICENSES: with a strong ETag. */
void page_serve(struct http_req *r, void *arg);
/* The same whatever the path of the request is. */
void page_send_path(struct http_req *r, const char *path);

#endif
