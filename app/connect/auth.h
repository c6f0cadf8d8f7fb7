/*
 * Who may call: the authorizations that Webex Connect can send (platform
 * facts 1.4), checked on our side.  Any thread; a check may wait for a key
 * server or an introspection server, at most AUTH_WAIT_MS for each answer,
 * when the caller allows it: threads of the HTTP server may, the engine's
 * must not.
 */
#ifndef CONNECT_AUTH_H
#define CONNECT_AUTH_H

#include <stdbool.h>

#include "base/json.h"
#include "connect/ask.h"
#include "connect/conf.h"

struct xfer;
struct auth;

#define AUTH_WAIT_MS 3000

struct auth_opts {
	struct xfer *xfer;      /* NULL: nothing is fetched, AUTH_LATER */
	const char *public_url; /* as callers see us (signed hosts, paths) */
};

enum auth_end {
	AUTH_OK,
	AUTH_MISSING, /* no credentials came: 401 with the challenge */
	AUTH_WRONG,   /* others than the right ones: the same */
	AUTH_LATER,   /* cannot be decided now: 503 */
};

/* What to answer and to log; no secret is in it. */
struct auth_said {
	char challenge[512]; /* value of WWW-Authenticate, "" for none */
	char why[200];
};

/*
 * Read an authorization: "none", or an object with one of basic, digest,
 * aws, apiKey, oauth2.  With a problem told it lets nobody in.  NULL:
 * memory is out.  `o` and its texts are only read now, xfer is kept.
 */
struct auth *auth_new(struct conf *c, const struct json *v, const char *path,
    const struct auth_opts *o);
void auth_free(struct auth *a);

/* "none", "basic", ... */
const char *auth_kind(const struct auth *a);
/* May a check ask another server?  Then cheaper checks come before it. */
bool auth_is_slow(const struct auth *a);

enum auth_end auth_check(
    struct auth *a, const struct ask *q, bool may_wait, struct auth_said *said);

#endif
