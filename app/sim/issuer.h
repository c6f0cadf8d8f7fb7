/*
 * An authorization server for the small Webex Connect: tokens it signs
 * (ES256), the keys to check them with, and the platform's own service
 * tokens checked (HS256).  Written from the RFCs, sharing nothing with the
 * receiver but the library below.  Any thread.
 */
#ifndef SIM_ISSUER_H
#define SIM_ISSUER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct issuer;

struct issuer *issuer_new(struct err *e);
void issuer_free(struct issuer *is);

/* A new signing key; the one before it stays in the key set.  0 or -1. */
int issuer_rotate(struct issuer *is);
/* Append a token that ends `life_s` from now; 0 or -1. */
int issuer_token(struct issuer *is, const char *iss, const char *aud,
    long long life_s, struct buf *out);
/* Append the key set (RFC 7517), public parts only; 0 or -1. */
int issuer_keys(struct issuer *is, struct buf *out);
/* Is it one of ours, signed by a key of the set and not past its end? */
bool issuer_active(struct issuer *is, const char *token);

/*
 * Is it a token for the platform's APIs: HS256 with this key, `iss`, and
 * made within the last hour?
 */
bool issuer_service(
    const char *token, const char *iss, const void *key, size_t n);

#endif
