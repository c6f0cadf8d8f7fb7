/* The kinds of authorization; for auth*.c only. */
#ifndef CONNECT_AUTH_INT_H
#define CONNECT_AUTH_INT_H

#include <stddef.h>

#include "connect/auth.h"

#define AUTH_REALM "webexbot"

struct auth_kind {
	const char *name;
	bool slow;
	const struct conf_key *keys;
	size_t nkeys;
	/* State of one; NULL: memory is out.  Problems go to `c`. */
	void *(*make)(struct conf *c, const struct json *v, const char *path,
	    const struct auth_opts *o);
	void (*drop)(void *state);
	enum auth_end (*check)(void *state, const struct ask *q, bool may_wait,
	    struct auth_said *said);
};

extern const struct auth_kind auth_basic, auth_digest, auth_aws, auth_api_key,
    auth_oauth2;

/* "AUTH_..., because ..." in one line. */
enum auth_end auth_end(struct auth_said *said, enum auth_end end,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * The path a caller may have seen where we see `path`: behind the path of
 * the public URL.  Appended; the same as `path` when that has none.
 */
struct buf;
int auth_public_path(const char *public_url, const char *path, struct buf *out);

#endif
