/* Tokens; see issuer.h. */
#include "sim/issuer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjose/cjose.h>

#include "base/clk.h"
#include "base/json.h"
#include "sim/id.h"

#define ISSUER_KEYS 2 /* the one that signs, and the one before it */
#define ISSUER_TEXT 8192
#define ISSUER_HOUR_S 3600

struct issuer {
	pthread_mutex_t lock;
	cjose_jwk_t *key[ISSUER_KEYS]; /* the newest first */
	char kid[ISSUER_KEYS][ID_UUID];
};

int
issuer_rotate(struct issuer *is)
{
	cjose_err why;
	cjose_jwk_t *key = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &why);
	char kid[ID_UUID];

	id_uuid(kid);
	if (key == NULL || !cjose_jwk_set_kid(key, kid, strlen(kid), &why)) {
		cjose_jwk_release(key);
		return -1;
	}
	pthread_mutex_lock(&is->lock);
	cjose_jwk_release(is->key[1]);
	is->key[1] = is->key[0];
	memcpy(is->kid[1], is->kid[0], sizeof kid);
	is->key[0] = key;
	memcpy(is->kid[0], kid, sizeof kid);
	pthread_mutex_unlock(&is->lock);
	return 0;
}

struct issuer *
issuer_new(struct err *e)
{
	struct issuer *is = calloc(1, sizeof *is);

	if (is != NULL) {
		pthread_mutex_init(&is->lock, NULL);
		if (issuer_rotate(is) == 0)
			return is;
	}
	err_nomem(e);
	issuer_free(is);
	return NULL;
}

void
issuer_free(struct issuer *is)
{
	size_t i;

	if (is == NULL)
		return;
	for (i = 0; i < ISSUER_KEYS; i++)
		cjose_jwk_release(is->key[i]);
	pthread_mutex_destroy(&is->lock);
	free(is);
}

/* -- making -- */

static int
issuer_claims(
    const char *iss, const char *aud, long long life_s, struct buf *out)
{
	struct json *o = json_object();
	double now = (double)(clk_wall_ms() / 1000);
	int rc = -1;

	if (json_set_str(o, "iss", iss) == 0 &&
	    json_set_str(o, "aud", aud) == 0 &&
	    json_set_num(o, "iat", now) == 0 &&
	    json_set_num(o, "exp", now + (double)life_s) == 0)
		rc = json_print(o, out);
	json_free(o);
	return rc;
}

static int
issuer_sign(cjose_jwk_t *key, const char *kid, const struct buf *claims,
    struct buf *out)
{
	cjose_err why;
	cjose_header_t *head = cjose_header_new(&why);
	cjose_jws_t *jws = NULL;
	const char *text;
	int rc = -1;

	if (head != NULL &&
	    cjose_header_set(head, CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &why) &&
	    cjose_header_set(head, CJOSE_HDR_KID, kid, &why))
		jws = cjose_jws_sign(
		    key, head, (const uint8_t *)claims->p, claims->len, &why);
	if (jws != NULL && cjose_jws_export(jws, &text, &why))
		rc = buf_adds(out, text);
	cjose_jws_release(jws);
	cjose_header_release(head);
	return rc;
}

int
issuer_token(struct issuer *is, const char *iss, const char *aud,
    long long life_s, struct buf *out)
{
	struct buf claims;
	int rc;

	buf_init(&claims, ISSUER_TEXT);
	rc = issuer_claims(iss, aud, life_s, &claims);
	pthread_mutex_lock(&is->lock);
	if (rc == 0)
		rc = issuer_sign(is->key[0], is->kid[0], &claims, out);
	pthread_mutex_unlock(&is->lock);
	buf_done(&claims);
	return rc;
}

int
issuer_keys(struct issuer *is, struct buf *out)
{
	cjose_err why;
	char *text;
	size_t i;

	buf_adds(out, "{\"keys\":[");
	pthread_mutex_lock(&is->lock);
	for (i = 0; i < ISSUER_KEYS && is->key[i] != NULL; i++) {
		if ((text = cjose_jwk_to_json(is->key[i], false, &why)) == NULL)
			continue;
		buf_addf(out, "%s%s", i > 0 ? "," : "", text);
		cjose_get_dealloc()(text);
	}
	pthread_mutex_unlock(&is->lock);
	return buf_adds(out, "]}");
}

/* -- checking -- */

/* What a token says when it is signed by this key; the caller frees. */
static struct json *
issuer_read(const char *token, const char *alg, const cjose_jwk_t *key)
{
	cjose_err why;
	cjose_jws_t *jws = cjose_jws_import(token, strlen(token), &why);
	struct json *claims = NULL;
	const char *given;
	uint8_t *text;
	size_t n;

	if (jws == NULL)
		return NULL;
	given =
	    cjose_header_get(cjose_jws_get_protected(jws), CJOSE_HDR_ALG, &why);
	if (given != NULL && strcmp(given, alg) == 0 &&
	    cjose_jws_verify(jws, key, &why) &&
	    cjose_jws_get_plaintext(jws, &text, &n, &why))
		claims = json_parse((const char *)text, n, NULL);
	cjose_jws_release(jws);
	return claims;
}

bool
issuer_active(struct issuer *is, const char *token)
{
	struct json *claims = NULL;
	bool active;
	size_t i;

	pthread_mutex_lock(&is->lock);
	for (i = 0; i < ISSUER_KEYS && is->key[i] != NULL && claims == NULL;
	     i++)
		claims = issuer_read(token, CJOSE_HDR_ALG_ES256, is->key[i]);
	pthread_mutex_unlock(&is->lock);
	active =
	    json_num(json_get(claims, "exp")) * 1000 > (double)clk_wall_ms();
	json_free(claims);
	return active;
}

bool
issuer_service(const char *token, const char *iss, const void *key, size_t n)
{
	cjose_err why;
	cjose_jwk_t *jwk = cjose_jwk_create_oct_spec(key, n, &why);
	double now = (double)clk_wall_ms() / 1000, iat;
	struct json *claims = NULL;
	const char *given;
	bool ok;

	if (jwk != NULL)
		claims = issuer_read(token, CJOSE_HDR_ALG_HS256, jwk);
	given = json_get_str(claims, "iss");
	iat = json_num(json_get(claims, "iat"));
	ok = given != NULL && strcmp(given, iss) == 0 && iat <= now + 60 &&
	     now < iat + ISSUER_HOUR_S;
	json_free(claims);
	cjose_jwk_release(jwk);
	return ok;
}
