/*
 * Which addresses may be called on whose behalf.  Pure: no name is looked
 * up here; xfer_req.public_only looks at the address that comes out.
 */
#ifndef CONNECT_TARGET_H
#define CONNECT_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define TARGET_MAX 2048
#define TARGET_HOST 256

enum target_trust {
	TARGET_STRANGER, /* a caller gave it: https, no private address */
	TARGET_OPERATOR, /* from the bot file: http to private hosts only */
	TARGET_HTTPS,    /* from the bot file: https always */
	TARGET_ANY,      /* WEBEXBOT_ALLOW_PRIVATE_URLS */
};

/* 0, or -1: `e` says what is wrong with it, without repeating it. */
int target_check(const char *url, enum target_trust trust, struct err *e);

/*
 * Take apart an http or https address: host without brackets and lower
 * case, port or "", and where the path starts (lent).  0 or -1.
 */
struct target {
	bool https;
	char host[TARGET_HOST];
	char port[8];
	const char *path; /* "/..." or "" */
};
int target_parse(const char *url, struct target *out);

#endif
