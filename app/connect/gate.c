/* Who may call; see gate.h. */
#include "connect/gate.h"

#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clk.h"
#include "connect/jose.h"
#include "connect/params.h"
#include "connect/rate.h"
#include "net/addr.h"

#define GATE_KEY_HEADER "key"
#define GATE_JWT_AGE_S 3600 /* since iat, as on the platform */
#define GATE_JWT_LEEWAY_S 60
#define GATE_SECRET_MAX 4096
#define GATE_RATE_MAX 1e6

struct gate {
	struct conf_secrets keys;
	struct conf_secrets jwt; /* base64, for making tokens */
	struct jose_keys *verify[CONF_SECRETS];
	char *service; /* the tokens' issuer */
	bool wants_jwt;
	char *allow; /* NULL: any address */
	struct rate rate;
	bool broken;
};

/* The secret of the console is base64; its bytes are the key. */
static struct jose_keys *
gate_jwt_key(const char *secret, struct err *e)
{
	struct jose_keys *k = NULL;
	struct buf key;

	buf_init(&key, GATE_SECRET_MAX);
	if (b64_decode(secret, strlen(secret), &key) == -1 || key.len == 0)
		err_set(e, ERR_PERM, "the JWT secret is not base64");
	else
		k = jose_keys_secret(key.p, key.len, e);
	if (key.p != NULL)
		explicit_bzero(key.p, key.cap);
	buf_done(&key);
	return k;
}

static void
gate_read_jwt(
    struct gate *g, struct conf *c, const struct json *v, const char *path)
{
	static const struct conf_key keys[] = {
	    {"serviceId", CONF_TEXT}, {"secret", CONF_SECRET}};
	struct err e = ERR_INIT;
	char at[CONF_PATH];
	size_t i;

	g->wants_jwt = true;
	CONF_KEYS(c, v, path, keys);
	g->service = conf_dup(c, conf_need(c, v, path, "serviceId"));
	conf_secrets(c, v, path, "secret", true, &g->jwt);
	for (i = 0; i < g->jwt.n; i++) {
		g->verify[i] = gate_jwt_key(g->jwt.v[i], &e);
		if (g->verify[i] == NULL)
			conf_error(c, "bad-value", conf_at(at, path, "secret"),
			    "%s", e.text);
		err_clear(&e);
	}
}

struct gate *
gate_new(struct conf *c, const struct json *obj, const char *path)
{
	const struct json *jwt = conf_object(obj, "jwt");
	struct gate *g = calloc(1, sizeof *g);
	unsigned before = c->errors;
	struct err e = ERR_INIT;
	char at[CONF_PATH];
	double per_s;

	if (g == NULL) {
		c->nomem = true;
		return NULL;
	}
	conf_secrets(c, obj, path, "key", false, &g->keys);
	if (jwt != NULL)
		gate_read_jwt(g, c, jwt, conf_at(at, path, "jwt"));
	conf_some(c, obj, path, "allow");
	g->allow = conf_list(c, obj, path, "allow");
	if (g->allow != NULL && addr_list_check(g->allow, &e) == -1)
		conf_error(
		    c, "bad-value", conf_at(at, path, "allow"), "%s", e.text);
	per_s = conf_num(c, obj, path, "rate", 0, GATE_RATE_MAX, 0);
	rate_init(&g->rate, per_s, per_s);
	g->broken = c->errors != before;
	return g;
}

void
gate_free(struct gate *g)
{
	size_t i;

	if (g == NULL)
		return;
	for (i = 0; i < CONF_SECRETS; i++)
		jose_keys_free(g->verify[i]);
	conf_secrets_done(&g->keys);
	conf_secrets_done(&g->jwt);
	rate_done(&g->rate);
	free(g->service);
	free(g->allow);
	free(g);
}

static enum code
gate_no(enum code code, const char **why, const char *text)
{
	*why = text;
	return code;
}

static bool
gate_jwt_ok(const struct gate *g, const char *token, int64_t now)
{
	struct jose_rules rules = {.issuer = g->service,
	    .needs_iat = true,
	    .max_age_s = GATE_JWT_AGE_S,
	    .leeway_s = GATE_JWT_LEEWAY_S};
	struct json *claims;
	bool ok = false;
	size_t i;

	for (i = 0; i < g->jwt.n && !ok; i++) {
		if (g->verify[i] == NULL ||
		    jose_verify(g->verify[i], JOSE_HS256, token, strlen(token),
			&claims, NULL) != JOSE_OK)
			continue;
		ok = jose_claims(claims, &rules, now, NULL) == 0;
		json_free(claims);
	}
	return ok;
}

enum code
gate_check(const struct gate *g, const struct ask *q, const char **why)
{
	const char *bearer =
	    params_scheme(ask_header(q, "Authorization"), "Bearer");
	const char *key = ask_header(q, GATE_KEY_HEADER);
	const char *token = NULL;

	if (g->broken)
		return gate_no(CODE_INTERNAL, why, "bot.json has problems");
	if (g->allow != NULL && !addr_in(q->client, g->allow))
		return gate_no(CODE_ADDRESS, why, "its address is not allowed");
	if (g->keys.n == 0 && !g->wants_jwt)
		return CODE_QUEUED;
	if (key != NULL && *key == '\0')
		key = NULL;
	/* the platform's pages put it into either header (facts 2) */
	if (g->wants_jwt && bearer != NULL)
		token = bearer;
	else if (g->wants_jwt && key != NULL && jose_looks_like(key) &&
		 !conf_secrets_match(&g->keys, key))
		token = key;
	if (token != NULL)
		return gate_jwt_ok(g, token, q->now)
			   ? CODE_QUEUED
			   : gate_no(CODE_AUTH_FAILED, why,
				 "its token is not valid");
	if (key == NULL)
		return gate_no(CODE_KEY_MISSING, why, "no key came");
	return conf_secrets_match(&g->keys, key)
		   ? CODE_QUEUED
		   : gate_no(CODE_AUTH_FAILED, why, "its key is wrong");
}

enum code
gate_count(struct gate *g)
{
	return rate_take(&g->rate, clk_mono_ms()) ? CODE_QUEUED : CODE_RATE;
}

const char *
gate_key(const struct gate *g)
{
	return g->keys.n == 0 ? NULL : g->keys.v[0];
}

int
gate_token(const struct gate *g, int64_t now_ms, struct buf *out)
{
	if (g->jwt.n == 0 || g->service == NULL)
		return -1;
	return jose_service_token(g->service, g->jwt.v[0], now_ms, out, NULL);
}

void
gate_describe(const struct gate *g, struct buf *out)
{
	if (g->keys.n > 0)
		buf_adds(out, "key");
	if (g->wants_jwt)
		buf_addf(out, "%sJWT", out->len > 0 ? " or " : "");
	if (g->allow != NULL)
		buf_addf(out, "%sfrom %s", out->len > 0 ? ", " : "", g->allow);
	if (g->rate.per_s > 0)
		buf_addf(out, "%s%g a second", out->len > 0 ? ", " : "",
		    g->rate.per_s);
}
