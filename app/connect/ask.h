/*
 * What the checks of this folder may know of a request, whoever serves it.
 * Everything is lent for the call.
 */
#ifndef CONNECT_ASK_H
#define CONNECT_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_req;

struct ask {
	const char *method;
	const char *path;   /* as it came: percent-encoded, without query */
	const char *query;  /* as it came, "" when there is none */
	const char *client; /* address, through trusted proxies */
	const char *(*header)(void *arg, const char *name); /* any case */
	void *arg;
	const void *body;
	size_t len;
	bool certified; /* with a certificate of ours, see http.h */
	bool large;     /* the body is over the limit and not here */
	int64_t now;    /* clk_wall_ms */
};

/* A header's value, NULL when it is missing; of several the first. */
const char *ask_header(const struct ask *a, const char *name);

/* From a request of net/http; its header, body and texts stay its own. */
void ask_http(struct ask *a, struct http_req *r);

#endif
