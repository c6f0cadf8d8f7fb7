/*
 * Signatures over raw bytes, digests and random bytes.  The only door to
 * libcrypto.  Pure; any thread.
 */
#ifndef NET_VERIFY_H
#define NET_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum verify_alg { VERIFY_SHA1, VERIFY_SHA256, VERIFY_SHA512 };

#define VERIFY_MAC_MAX 64                       /* bytes */
#define VERIFY_HEX_MAX (2 * VERIFY_MAC_MAX + 1) /* with the NUL */

/* "sha1", "sha256", "sha512"; 0 or -1. */
int verify_alg(const char *name, enum verify_alg *out);
const char *verify_alg_name(enum verify_alg a);

/* HMAC as raw bytes; returns how many, 0 when libcrypto fails. */
size_t verify_mac(enum verify_alg a, const void *key, size_t keylen,
    const void *p, size_t n, unsigned char out[VERIFY_MAC_MAX]);
/* HMAC as lower-case hex; 0 or -1. */
int verify_hmac(enum verify_alg a, const void *key, size_t keylen,
    const void *p, size_t n, char out[VERIFY_HEX_MAX]);

/* Digest as lower-case hex; 0 or -1. */
int verify_digest(
    enum verify_alg a, const void *p, size_t n, char out[VERIFY_HEX_MAX]);

/*
 * MD5 as lower-case hex: for HTTP Digest with clients that know no better,
 * never for a signature.  0, or -1 when this libcrypto has none.
 */
#define VERIFY_MD5_HEX 33
int verify_md5(const void *p, size_t n, char out[VERIFY_MD5_HEX]);

/* Keys made ready once: the secrets a signature may be made with. */
struct verify;

/*
 * `secrets` is a comma list, the current one first ("new,old").  NULL: none
 * in it, too many, or libcrypto fails.
 */
struct verify *verify_new(
    enum verify_alg a, const char *secrets, struct err *e);
/* The same with each secret as it is, commas and all. */
struct verify *verify_new_keys(
    enum verify_alg a, const char *const *keys, size_t n, struct err *e);
void verify_free(struct verify *v);

/*
 * Is `sig` (hex of either case, without prefix) the HMAC of exactly these
 * bytes with one of the secrets?  Compared in constant time.
 */
bool verify_ok(struct verify *v, const void *p, size_t n, const char *sig);

/* Equal, in a time that depends on the lengths only. */
bool verify_same(const char *a, const char *b);

/* `n` random bytes as 2n hex digits and a NUL; 0 or -1. */
int verify_random_hex(size_t n, char *out);

#endif
