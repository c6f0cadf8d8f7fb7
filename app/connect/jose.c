/*
 * Tokens over cjose; see jose.h.  cjose does base64url and signatures; the
 * header is read here first, because versions of cjose differ in what they
 * refuse (crit, curves, lengths of ECDSA signatures, short secrets).
 */
#include "connect/jose.h"

#include <stdlib.h>
#include <string.h>

#include <cjose/cjose.h>

#include "base/b64.h"

#define JOSE_HEAD_MAX 2048
#define JOSE_RSA_BITS 2048 /* RFC 7518 3.3 */
#define JOSE_HS_KEY 32     /* RFC 7518 3.2; shorter ones are padded */

struct jose_key {
	cjose_jwk_t *jwk;
	char *kid;     /* NULL: has none */
	unsigned algs; /* that it may check */
};

struct jose_keys {
	size_t n;
	struct jose_key v[JOSE_KEYS_MAX];
};

struct jose_row {
	const char *name;
	enum jose_alg alg;
	const char *kty;
	const char *crv;
	size_t sig; /* bytes of a signature, 0: depends on the key */
};

static const struct jose_row jose_rows[] = {
    {"HS256", JOSE_HS256, "oct", NULL, 32},
    {"RS256", JOSE_RS256, "RSA", NULL, 0},
    {"RS384", JOSE_RS384, "RSA", NULL, 0},
    {"RS512", JOSE_RS512, "RSA", NULL, 0},
    {"PS256", JOSE_PS256, "RSA", NULL, 0},
    {"PS384", JOSE_PS384, "RSA", NULL, 0},
    {"PS512", JOSE_PS512, "RSA", NULL, 0},
    {"ES256", JOSE_ES256, "EC", "P-256", 64},
    {"ES384", JOSE_ES384, "EC", "P-384", 96},
    {"ES512", JOSE_ES512, "EC", "P-521", 132},
};
#define JOSE_NROWS (sizeof jose_rows / sizeof jose_rows[0])

/* -- keys -- */

/*
 * HMAC fills a short key up with zeros (RFC 2104), so filling it up here
 * changes nothing but that newer versions of cjose take it.
 */
static cjose_jwk_t *
jose_secret(const void *key, size_t n)
{
	unsigned char pad[JOSE_HS_KEY] = {0};
	cjose_jwk_t *jwk;
	cjose_err why;

	if (n >= sizeof pad)
		return cjose_jwk_create_oct_spec(key, n, &why);
	memcpy(pad, key, n);
	jwk = cjose_jwk_create_oct_spec(pad, sizeof pad, &why);
	explicit_bzero(pad, sizeof pad);
	return jwk;
}

struct jose_keys *
jose_keys_secret(const void *key, size_t n, struct err *e)
{
	struct jose_keys *k = calloc(1, sizeof *k);

	if (k == NULL || n == 0) {
		free(k);
		err_set(e, n == 0 ? ERR_PERM : ERR_BUG, "%s",
		    n == 0 ? "the secret is empty" : "out of memory");
		return NULL;
	}
	if ((k->v[0].jwk = jose_secret(key, n)) == NULL) {
		free(k);
		err_nomem(e);
		return NULL;
	}
	k->v[0].algs = JOSE_HS256;
	k->n = 1;
	return k;
}

/* May it check signatures?  RFC 7517 4.2, 4.3. */
static bool
jose_for_signatures(const struct json *j)
{
	const char *use = json_get_str(j, "use");
	const struct json *ops = json_get(j, "key_ops"), *x;

	if (use != NULL && strcmp(use, "sig") != 0)
		return false;
	if (json_kind(ops) != JSON_LIST)
		return true;
	for (x = json_first(ops); x != NULL; x = json_next(x))
		if (json_str(x) != NULL && strcmp(json_str(x), "verify") == 0)
			return true;
	return false;
}

/* The algorithms a public key is good for; 0: none that we know. */
static unsigned
jose_key_algs(const struct json *j)
{
	const char *kty = json_get_str(j, "kty");
	const char *crv = json_get_str(j, "crv");
	const char *alg = json_get_str(j, "alg");
	unsigned algs = 0;
	size_t i;

	for (i = 0; i < JOSE_NROWS; i++) {
		const struct jose_row *r = &jose_rows[i];

		if ((r->alg & JOSE_PUBLIC) == 0 || kty == NULL ||
		    strcmp(r->kty, kty) != 0 ||
		    (r->crv != NULL &&
			(crv == NULL || strcmp(r->crv, crv) != 0)) ||
		    (alg != NULL && strcmp(r->name, alg) != 0))
			continue;
		algs |= r->alg;
	}
	return jose_for_signatures(j) ? algs : 0;
}

/*
 * Only the public members go to cjose: nobody needs a private key to check
 * with, and its import of half a private key has had faults.
 */
static cjose_jwk_t *
jose_import(const struct json *j)
{
	static const char *const parts[] = {"kty", "n", "e", "crv", "x", "y"};
	struct json *o = json_object();
	cjose_jwk_t *jwk = NULL;
	cjose_err why;
	struct buf b;
	size_t i;

	buf_init(&b, JOSE_SET_MAX);
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (json_get_str(j, parts[i]) != NULL &&
		    json_set_str(o, parts[i], json_get_str(j, parts[i])) == -1)
			goto out;
	if (json_print(o, &b) == -1)
		goto out;
	jwk = cjose_jwk_import(buf_str(&b), buf_len(&b), &why);
	if (jwk != NULL && cjose_jwk_get_kty(jwk, &why) == CJOSE_JWK_KTY_RSA &&
	    cjose_jwk_get_keysize(jwk, &why) < JOSE_RSA_BITS) {
		cjose_jwk_release(jwk);
		jwk = NULL;
	}
out:
	json_free(o);
	buf_done(&b);
	return jwk;
}

static int
jose_keys_add(struct jose_keys *k, const struct json *j)
{
	struct jose_key *key = &k->v[k->n];
	const char *kid = json_get_str(j, "kid");

	if ((key->algs = jose_key_algs(j)) == 0 ||
	    (key->jwk = jose_import(j)) == NULL)
		return 0;
	if (kid != NULL && (key->kid = strdup(kid)) == NULL) {
		cjose_jwk_release(key->jwk);
		return -1;
	}
	k->n++;
	return 0;
}

struct jose_keys *
jose_keys_set(const char *text, size_t n, struct err *e)
{
	struct json *set = NULL;
	const struct json *x;
	struct jose_keys *k = NULL;

	if (n > JOSE_SET_MAX) {
		err_set(e, ERR_PERM, "a key set of more than %d bytes",
		    JOSE_SET_MAX);
		return NULL;
	}
	if ((set = json_parse(text, n, e)) == NULL)
		return NULL;
	if (json_kind(json_get(set, "keys")) != JSON_LIST)
		err_set(e, ERR_PERM, "not a key set: it has no list \"keys\"");
	else if ((k = calloc(1, sizeof *k)) == NULL)
		err_nomem(e);
	x = k == NULL ? NULL : json_first(json_get(set, "keys"));
	for (; x != NULL && k->n < JOSE_KEYS_MAX; x = json_next(x))
		if (jose_keys_add(k, x) == -1) {
			err_nomem(e);
			break;
		}
	json_free(set);
	if (k != NULL && (x == NULL || k->n == JOSE_KEYS_MAX) && k->n > 0)
		return k;
	if (k != NULL)
		err_set(e, ERR_PERM,
		    "the key set has no public key to check signatures with");
	jose_keys_free(k);
	return NULL;
}

void
jose_keys_free(struct jose_keys *k)
{
	size_t i;

	if (k == NULL)
		return;
	for (i = 0; i < k->n; i++) {
		cjose_jwk_release(k->v[i].jwk);
		free(k->v[i].kid);
	}
	free(k);
}

/* -- checking -- */

/* Lengths of the three parts; 0, or -1: it is no compact token. */
static int
jose_parts(const char *token, size_t n, size_t part[3])
{
	size_t i, k = 0;

	part[0] = part[1] = part[2] = 0;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)token[i];

		if (c == '.' && ++k > 2)
			return -1;
		if (c == '.')
			continue;
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_'))
			return -1;
		part[k]++;
	}
	return k == 2 && part[0] > 0 && part[1] > 0 && part[2] > 0 ? 0 : -1;
}

bool
jose_looks_like(const char *token)
{
	size_t n = strnlen(token, JOSE_TOKEN_MAX + 1), part[3];

	return n <= JOSE_TOKEN_MAX && jose_parts(token, n, part) == 0;
}

/* The header; NULL: it says something that may not be. */
static struct json *
jose_head(const char *token, size_t n, unsigned algs,
    const struct jose_row **row, struct err *e)
{
	struct json *head = NULL;
	const char *alg;
	struct buf b;
	size_t i;

	*row = NULL;
	buf_init(&b, JOSE_HEAD_MAX);
	if (b64_decode(token, n, &b) == 0)
		head = json_parse(buf_str(&b), buf_len(&b), NULL);
	buf_done(&b);
	if (json_kind(head) != JSON_OBJECT) {
		err_set(e, ERR_PERM, "the token's header is not JSON");
		goto fail;
	}
	if ((alg = json_get_str(head, "alg")) == NULL) {
		err_set(e, ERR_PERM, "the token names no algorithm");
		goto fail;
	}
	for (i = 0; i < JOSE_NROWS; i++)
		if (strcmp(jose_rows[i].name, alg) == 0 &&
		    (jose_rows[i].alg & algs) != 0)
			*row = &jose_rows[i];
	if (*row == NULL) {
		err_set(e, ERR_PERM, "the token's algorithm is not allowed");
		goto fail;
	}
	/* extensions that must be understood, and are not (RFC 7515 4.1.11) */
	if (json_get(head, "crit") != NULL || json_get(head, "b64") != NULL) {
		err_set(e, ERR_PERM, "the token asks for extensions");
		goto fail;
	}
	return head;
fail:
	json_free(head);
	return NULL;
}

/* Is it signed by this key?  Then *claims is what it says, NULL: no JSON. */
static bool
jose_try(
    const struct jose_key *k, const char *token, size_t n, struct json **claims)
{
	cjose_err why;
	cjose_jws_t *jws = cjose_jws_import(token, n, &why);
	bool ok = false;
	uint8_t *text;
	size_t len;

	if (jws == NULL)
		return false;
	if (cjose_jws_verify(jws, k->jwk, &why) &&
	    cjose_jws_get_plaintext(jws, &text, &len, &why)) {
		*claims = json_parse((const char *)text, len, NULL);
		ok = true;
	}
	cjose_jws_release(jws);
	return ok;
}

static enum jose_end
jose_find(const struct jose_keys *k, const struct jose_row *row,
    const char *kid, const char *token, size_t n, struct json **claims,
    struct err *e)
{
	bool known = false;
	size_t i, tries = 0;

	for (i = 0; i < k->n; i++) {
		const struct jose_key *key = &k->v[i];

		if (kid != NULL && row->alg != JOSE_HS256 &&
		    (key->kid == NULL || strcmp(key->kid, kid) != 0))
			continue;
		known = true;
		if ((key->algs & (unsigned)row->alg) == 0 ||
		    tries++ == JOSE_TRIES)
			continue;
		if (jose_try(key, token, n, claims))
			return JOSE_OK;
	}
	if (!known) {
		err_set(e, ERR_PERM, "the token's key is not known");
		return JOSE_NO_KEY;
	}
	if (tries == 0)
		err_set(
		    e, ERR_PERM, "the token's key is not for its algorithm");
	else
		err_set(e, ERR_PERM, "the token's signature is wrong");
	/* without a kid a key that came later may be the one */
	return kid == NULL && row->alg != JOSE_HS256 ? JOSE_NO_KEY : JOSE_BAD;
}

enum jose_end
jose_verify(const struct jose_keys *k, unsigned algs, const char *token,
    size_t n, struct json **claims, struct err *e)
{
	const struct jose_row *row;
	size_t part[3], sig;
	struct json *head;
	enum jose_end end;

	*claims = NULL;
	if (n > JOSE_TOKEN_MAX || jose_parts(token, n, part) == -1) {
		err_set(e, ERR_PERM, "not a signed token");
		return JOSE_BAD;
	}
	if ((head = jose_head(token, part[0], algs, &row, e)) == NULL)
		return JOSE_BAD;
	sig = part[2] * 3 / 4;
	if (row->sig != 0 && sig != row->sig) {
		err_set(
		    e, ERR_PERM, "the token's signature has a wrong length");
		end = JOSE_BAD;
	} else {
		end = jose_find(
		    k, row, json_get_str(head, "kid"), token, n, claims, e);
	}
	json_free(head);
	if (end == JOSE_OK && json_kind(*claims) != JSON_OBJECT) {
		json_free(*claims);
		*claims = NULL;
		err_set(e, ERR_PERM, "the token's claims are not an object");
		return JOSE_BAD;
	}
	return end;
}

/* -- claims -- */

static bool
jose_audience(const struct json *aud, const char *want)
{
	const struct json *x;

	if (json_str(aud) != NULL)
		return strcmp(json_str(aud), want) == 0;
	if (json_kind(aud) != JSON_LIST)
		return false;
	for (x = json_first(aud); x != NULL; x = json_next(x))
		if (json_str(x) != NULL && strcmp(json_str(x), want) == 0)
			return true;
	return false;
}

static bool
jose_set(const char *s)
{
	return s != NULL && *s != '\0';
}

/* A NumericDate; -1: there, but no time. */
static int
jose_time(const struct json *claims, const char *name, double *out)
{
	const struct json *v = json_get(claims, name);

	if (v == NULL)
		return 0;
	*out = json_num(v);
	return json_kind(v) == JSON_NUMBER && *out >= 0 && *out < 1e12 ? 1 : -1;
}

static int
jose_times(const struct json *claims, const struct jose_rules *r, double now,
    struct err *e)
{
	double leeway = (double)r->leeway_s, exp = 0, nbf = 0, iat = 0;
	int has_exp = jose_time(claims, "exp", &exp);
	int has_nbf = jose_time(claims, "nbf", &nbf);
	int has_iat = jose_time(claims, "iat", &iat);

	if (has_exp == -1 || has_nbf == -1 || has_iat == -1)
		return err_set(e, ERR_PERM, "the token's times are no times");
	if ((has_exp == 0 && r->needs_exp) || (has_iat == 0 && r->needs_iat))
		return err_set(e, ERR_PERM, "the token has no %s",
		    has_exp == 0 && r->needs_exp ? "exp" : "iat");
	if (has_exp == 1 && now >= exp + leeway)
		return err_set(e, ERR_PERM, "the token has expired");
	if (has_nbf == 1 && now + leeway < nbf)
		return err_set(e, ERR_PERM, "the token is not valid yet");
	if (has_iat == 1 && now + leeway < iat)
		return err_set(
		    e, ERR_PERM, "the token was issued in the future");
	if (has_iat == 1 && r->max_age_s > 0 &&
	    now >= iat + (double)r->max_age_s)
		return err_set(e, ERR_PERM, "the token is too old");
	return 0;
}

int
jose_claims(const struct json *claims, const struct jose_rules *r,
    int64_t now_ms, struct err *e)
{
	const char *iss = json_get_str(claims, "iss");

	if (jose_times(claims, r, (double)now_ms / 1000, e) == -1)
		return -1;
	if (jose_set(r->issuer) && (iss == NULL || strcmp(iss, r->issuer) != 0))
		return err_set(e, ERR_PERM, "the token has another issuer");
	if (jose_set(r->audience) &&
	    !jose_audience(json_get(claims, "aud"), r->audience))
		return err_set(e, ERR_PERM, "the token is for somebody else");
	return 0;
}

/* -- making -- */

/* Append an HS256 token with these claims; 0 or -1. */
static int
jose_sign(const void *key, size_t n, const struct json *claims, struct buf *out,
    struct err *e)
{
	cjose_jwk_t *jwk = n == 0 ? NULL : jose_secret(key, n);
	cjose_err why;
	cjose_header_t *head = cjose_header_new(&why);
	cjose_jws_t *jws = NULL;
	const char *text;
	struct buf b;
	int rc = -1;

	buf_init(&b, JOSE_TOKEN_MAX);
	if (jwk != NULL && head != NULL &&
	    cjose_header_set(head, CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256, &why) &&
	    cjose_header_set(head, "typ", "JWT", &why) &&
	    json_print(claims, &b) == 0)
		jws = cjose_jws_sign(
		    jwk, head, (const uint8_t *)buf_str(&b), buf_len(&b), &why);
	if (jws != NULL && cjose_jws_export(jws, &text, &why))
		rc = buf_adds(out, text);
	if (rc == -1)
		err_set(e, ERR_BUG, "the token could not be made");
	cjose_jws_release(jws);
	cjose_header_release(head);
	cjose_jwk_release(jwk);
	buf_done(&b);
	return rc;
}

int
jose_service_token(const char *service_id, const char *secret_b64,
    int64_t now_ms, struct buf *out, struct err *e)
{
	struct json *claims = json_object();
	struct buf key;
	int rc = -1;

	buf_init(&key, 4096);
	if (b64_decode(secret_b64, strlen(secret_b64), &key) == -1 ||
	    buf_len(&key) == 0)
		err_set(e, ERR_PERM, "the JWT secret is not base64");
	else if (json_set_str(claims, "iss", service_id) == -1 ||
		 json_set_num(claims, "iat", (double)(now_ms / 1000)) == -1)
		err_nomem(e);
	else
		rc = jose_sign(key.p, key.len, claims, out, e);
	if (key.p != NULL)
		explicit_bzero(key.p, key.cap);
	buf_done(&key);
	json_free(claims);
	return rc;
}
