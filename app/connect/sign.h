/*
 * x-hub-signature and its kin: an HMAC over the raw body as hex, alone or
 * behind "sha256=" (platform facts 1.3, 2).  The algorithm is pinned by the
 * configuration: neither prefix nor length of what comes chooses one.
 * Read-only once made, so any thread may use it.
 */
#ifndef CONNECT_SIGN_H
#define CONNECT_SIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "connect/conf.h"

#define SIGN_HEADER "x-hub-signature"

struct sign;

enum sign_end { SIGN_OK, SIGN_MISSING, SIGN_WRONG };

/*
 * Read "header", "algorithm" (sha256 unless told), "secret" and "trim" of
 * `obj`; the caller checks for unknown members.  NULL: memory is out; with
 * a problem told it accepts nothing.
 */
struct sign *sign_new(struct conf *c, const struct json *obj, const char *path);
void sign_free(struct sign *s);

/* The header that holds it, lent. */
const char *sign_header(const struct sign *s);
const char *sign_algorithm(const struct sign *s);

/* Judge a header's value (NULL: it did not come) over exactly these bytes. */
enum sign_end sign_check(
    const struct sign *s, const char *value, const void *body, size_t n);

/* Append "sha256=<hex>" with the current secret; 0 or -1. */
int sign_make(
    const struct sign *s, const void *body, size_t n, struct buf *out);

#endif
