/*
 * Signatures, digests, random bytes; see verify.h.  A keyed context is made
 * once for each secret, duplicated for the first checks and then used again:
 * making the key schedule each time costs three times as much.
 */
#include "net/verify.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/str.h"

#define VERIFY_SECRETS 4
#define VERIFY_SPARE 16 /* contexts at rest for each secret */

struct verify_key {
	EVP_MAC_CTX *keyed; /* never used itself */
	EVP_MAC_CTX *spare[VERIFY_SPARE];
	size_t nspare;
	bool again; /* a used one can be made ready again */
};

struct verify {
	size_t n;
	struct verify_key keys[VERIFY_SECRETS];
	pthread_mutex_t lock; /* over what is spare */
};

static const struct {
	const char *name;
	const char *digest;
	const EVP_MD *(*md)(void);
} verify_algs[] = {
    [VERIFY_SHA1] = {"sha1", "SHA1", EVP_sha1},
    [VERIFY_SHA256] = {"sha256", "SHA256", EVP_sha256},
    [VERIFY_SHA512] = {"sha512", "SHA512", EVP_sha512},
};

int
verify_alg(const char *name, enum verify_alg *out)
{
	size_t i;

	for (i = 0; i < sizeof verify_algs / sizeof verify_algs[0]; i++)
		if (strcasecmp(name, verify_algs[i].name) == 0) {
			*out = (enum verify_alg)i;
			return 0;
		}
	return -1;
}

const char *
verify_alg_name(enum verify_alg a)
{
	return verify_algs[a].name;
}

static void
verify_hex(const unsigned char *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

static EVP_MAC_CTX *
verify_keyed(enum verify_alg a, const void *key, size_t keylen)
{
	char digest[16];
	OSSL_PARAM params[2];
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);

	EVP_MAC_free(mac);
	if (ctx == NULL)
		return NULL;
	strcpy(digest, verify_algs[a].digest);
	params[0] =
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	params[1] = OSSL_PARAM_construct_end();
	/* a NULL key means "keep the old one" to OpenSSL: never pass one */
	if (EVP_MAC_init(
		ctx, keylen == 0 ? (const void *)"" : key, keylen, params) == 1)
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

static size_t
verify_finish(EVP_MAC_CTX *ctx, const void *p, size_t n,
    unsigned char out[VERIFY_MAC_MAX])
{
	size_t len = 0;

	if (EVP_MAC_update(ctx, p, n) != 1 ||
	    EVP_MAC_final(ctx, out, &len, VERIFY_MAC_MAX) != 1)
		return 0;
	return len;
}

size_t
verify_mac(enum verify_alg a, const void *key, size_t keylen, const void *p,
    size_t n, unsigned char out[VERIFY_MAC_MAX])
{
	EVP_MAC_CTX *ctx = verify_keyed(a, key, keylen);
	size_t len = ctx == NULL ? 0 : verify_finish(ctx, p, n, out);

	EVP_MAC_CTX_free(ctx);
	return len;
}

int
verify_hmac(enum verify_alg a, const void *key, size_t keylen, const void *p,
    size_t n, char out[VERIFY_HEX_MAX])
{
	unsigned char mac[VERIFY_MAC_MAX];
	size_t len = verify_mac(a, key, keylen, p, n, mac);

	verify_hex(mac, len, out);
	return len == 0 ? -1 : 0;
}

int
verify_digest(
    enum verify_alg a, const void *p, size_t n, char out[VERIFY_HEX_MAX])
{
	unsigned char md[VERIFY_MAC_MAX];
	unsigned len = 0;

	if (EVP_Digest(p, n, md, &len, verify_algs[a].md(), NULL) != 1)
		return -1;
	verify_hex(md, len, out);
	return 0;
}

int
verify_md5(const void *p, size_t n, char out[VERIFY_MD5_HEX])
{
	unsigned char md[VERIFY_MAC_MAX];
	size_t len = 0;

	if (EVP_Q_digest(NULL, "MD5", NULL, p, n, md, &len) != 1 || len != 16)
		return -1;
	verify_hex(md, len, out);
	return 0;
}

/* The first releases of OpenSSL 3.0 could not. */
static bool
verify_again(EVP_MAC_CTX *keyed)
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(keyed);
	unsigned char one[VERIFY_MAC_MAX], two[VERIFY_MAC_MAX];
	size_t n = ctx == NULL ? 0 : verify_finish(ctx, "x", 1, one);
	bool same = n > 0 && EVP_MAC_init(ctx, NULL, 0, NULL) == 1 &&
		    verify_finish(ctx, "x", 1, two) == n &&
		    memcmp(one, two, n) == 0;

	EVP_MAC_CTX_free(ctx);
	return same;
}

static int
verify_add(struct verify *v, enum verify_alg a, const char *key, struct err *e)
{
	struct verify_key *k = &v->keys[v->n];

	if (v->n == VERIFY_SECRETS)
		return err_set(
		    e, ERR_PERM, "more than %d secrets", VERIFY_SECRETS);
	k->keyed = verify_keyed(a, key, strlen(key));
	v->n++;
	if (k->keyed == NULL)
		return err_set(
		    e, ERR_BUG, "no HMAC-%s in libcrypto", verify_algs[a].name);
	k->again = verify_again(k->keyed);
	return 0;
}

static struct verify *
verify_alloc(void)
{
	struct verify *v = calloc(1, sizeof *v);

	if (v != NULL)
		pthread_mutex_init(&v->lock, NULL);
	return v;
}

struct verify *
verify_new(enum verify_alg a, const char *secrets, struct err *e)
{
	struct verify *v = verify_alloc();
	char *copy = strdup(secrets), *at = copy, *s;

	if (v == NULL || copy == NULL) {
		err_nomem(e);
		goto fail;
	}
	while ((s = str_next(&at, ',')) != NULL)
		if (verify_add(v, a, s, e) == -1)
			goto fail;
	if (v->n == 0) {
		err_set(e, ERR_PERM, "the secret is empty");
		goto fail;
	}
	free(copy);
	return v;
fail:
	free(copy);
	verify_free(v);
	return NULL;
}

struct verify *
verify_new_keys(
    enum verify_alg a, const char *const *keys, size_t n, struct err *e)
{
	struct verify *v = verify_alloc();
	size_t i;

	if (v == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (i = 0; i < n; i++)
		if (keys[i][0] == '\0' || verify_add(v, a, keys[i], e) == -1)
			break;
	if (i > 0 && i == n)
		return v;
	err_set(e, ERR_PERM, "the secret is empty");
	verify_free(v);
	return NULL;
}

void
verify_free(struct verify *v)
{
	struct verify_key *k;

	if (v == NULL)
		return;
	for (k = v->keys; k < v->keys + v->n; k++) {
		EVP_MAC_CTX_free(k->keyed);
		while (k->nspare > 0)
			EVP_MAC_CTX_free(k->spare[--k->nspare]);
	}
	pthread_mutex_destroy(&v->lock);
	free(v);
}

static int
verify_unhex(const char *hex, size_t n, unsigned char *out)
{
	size_t i;

	for (i = 0; i < 2 * n; i++) {
		int c = tolower((unsigned char)hex[i]);

		if (!isxdigit(c))
			return -1;
		c = isdigit(c) ? c - '0' : c - 'a' + 10;
		out[i / 2] =
		    (unsigned char)(i % 2 == 0 ? c << 4 : out[i / 2] | c);
	}
	return 0;
}

/* A context ready for a message; NULL when memory is out. */
static EVP_MAC_CTX *
verify_borrow(struct verify *v, struct verify_key *k)
{
	EVP_MAC_CTX *ctx = NULL;

	pthread_mutex_lock(&v->lock);
	if (k->nspare > 0)
		ctx = k->spare[--k->nspare];
	pthread_mutex_unlock(&v->lock);
	return ctx != NULL ? ctx : EVP_MAC_CTX_dup(k->keyed);
}

static void
verify_give_back(struct verify *v, struct verify_key *k, EVP_MAC_CTX *ctx)
{
	/* without a key: the same key again */
	if (k->again && EVP_MAC_init(ctx, NULL, 0, NULL) == 1) {
		pthread_mutex_lock(&v->lock);
		if (k->nspare < VERIFY_SPARE) {
			k->spare[k->nspare++] = ctx;
			ctx = NULL;
		}
		pthread_mutex_unlock(&v->lock);
	}
	EVP_MAC_CTX_free(ctx);
}

bool
verify_ok(struct verify *v, const void *p, size_t n, const char *sig)
{
	unsigned char want[VERIFY_MAC_MAX], mac[VERIFY_MAC_MAX];
	size_t i, len, siglen = strnlen(sig, 2 * VERIFY_MAC_MAX + 1);
	bool ok = false;

	if (siglen % 2 != 0 || siglen == 0 || siglen > 2 * VERIFY_MAC_MAX ||
	    verify_unhex(sig, siglen / 2, want) == -1)
		return false;
	for (i = 0; i < v->n; i++) {
		EVP_MAC_CTX *ctx = verify_borrow(v, &v->keys[i]);

		if (ctx == NULL)
			return false;
		len = verify_finish(ctx, p, n, mac);
		verify_give_back(v, &v->keys[i], ctx);
		if (len == siglen / 2 && CRYPTO_memcmp(mac, want, len) == 0)
			ok = true;
	}
	return ok;
}

bool
verify_same(const char *a, const char *b)
{
	size_t n = strlen(a);

	return n == strlen(b) && CRYPTO_memcmp(a, b, n) == 0;
}

int
verify_random_hex(size_t n, char *out)
{
	unsigned char chunk[32];
	size_t k;

	for (; n > 0; n -= k, out += 2 * k) {
		k = n < sizeof chunk ? n : sizeof chunk;
		if (RAND_bytes(chunk, (int)k) != 1)
			return -1;
		verify_hex(chunk, k, out);
	}
	*out = '\0';
	return 0;
}
