/* Absolute addresses, taken apart as browsers do (WHATWG).  Pure. */
#ifndef CARD_URL_H
#define CARD_URL_H

#include <stddef.h>

#include "base/buf.h"

/* Parts as the standard prints them; each ends with a NUL. */
struct url {
	struct buf scheme; /* "https" */
	struct buf host;   /* lower case, punycode; nomem: memory was out */
	struct buf path;
	struct buf query; /* with ?, empty when there is none */
	int port;         /* -1: none or the default one */
};

/* 0, or -1: no absolute address, or memory.  url_done in both cases. */
int url_parse(struct url *u, const char *s, size_t n);
void url_done(struct url *u);

#endif
