/*
 * JSON Web Tokens: signed ones in the compact form (RFC 7515, 7519), with
 * the algorithms pinned by the caller.  The only door to cjose, which does
 * the signatures; what a header may say is decided here.  Keys are read-only
 * once made, so any thread may use them.
 */
#ifndef CONNECT_JOSE_H
#define CONNECT_JOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define JOSE_TOKEN_MAX 8192       /* a compact token */
#define JOSE_SET_MAX (256 * 1024) /* a JWK set as text */
#define JOSE_KEYS_MAX 64          /* keys in a set */
#define JOSE_TRIES 8              /* keys tried for a token without kid */

enum jose_alg {
	JOSE_HS256 = 1,
	JOSE_RS256 = 2,
	JOSE_RS384 = 4,
	JOSE_RS512 = 8,
	JOSE_PS256 = 16,
	JOSE_PS384 = 32,
	JOSE_PS512 = 64,
	JOSE_ES256 = 128,
	JOSE_ES384 = 256,
	JOSE_ES512 = 512,
};
/* Those whose checking key is public. */
#define JOSE_PUBLIC (1022u)

struct jose_keys;

/* One secret for HS256, of at least one byte. */
struct jose_keys *jose_keys_secret(const void *key, size_t n, struct err *e);
/*
 * A JWK set (RFC 7517).  Keys that are not for checking signatures, too
 * weak, or of kinds we do not know are passed over; secrets ("oct") always.
 * NULL: not a set, or no key is left.
 */
struct jose_keys *jose_keys_set(const char *text, size_t n, struct err *e);
void jose_keys_free(struct jose_keys *k);

enum jose_end {
	JOSE_OK,
	JOSE_BAD,    /* not a token, not allowed, or not signed by the key */
	JOSE_NO_KEY, /* signed with a key that is not in the set */
	JOSE_FAILED, /* memory */
};

/*
 * Check the signature.  JOSE_OK: *claims is the payload, an object, for the
 * caller; else `e` says why.  `algs`: those of enum jose_alg that may be.
 */
enum jose_end jose_verify(const struct jose_keys *k, unsigned algs,
    const char *token, size_t n, struct json **claims, struct err *e);

/* Has it the form of a compact token: three parts of base64url? */
bool jose_looks_like(const char *token);

struct jose_rules {
	const char *issuer;   /* "" or NULL: any */
	const char *audience; /* "" or NULL: any */
	bool needs_exp;
	bool needs_iat;
	int64_t max_age_s; /* since iat, exactly; 0: only exp counts */
	int64_t leeway_s;  /* of exp, nbf and iat, for clocks that differ */
};

/* exp, nbf, iat, iss, aud (RFC 7519 4.1).  0, or -1 and `e` says which. */
int jose_claims(const struct json *claims, const struct jose_rules *r,
    int64_t now_ms, struct err *e);

/*
 * The token that the platform's APIs take (facts 2, "JWT for these APIs"):
 * iss and iat, HS256 with the base64-decoded secret.
 */
int jose_service_token(const char *service_id, const char *secret_b64,
    int64_t now_ms, struct buf *out, struct err *e);

#endif
