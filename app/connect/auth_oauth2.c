/*
 * OAuth 2.0 bearer tokens: JWTs checked with a key set from a file or an
 * address, or any token by asking its server (RFC 7662).  Keys are fetched
 * when they are needed and again when a token names one that is not there,
 * but not more often than every OAUTH2_AGAIN_MS; answers are kept for a
 * while, by a digest of the token.
 */
#include "connect/auth_int.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "connect/jose.h"
#include "connect/params.h"
#include "connect/target.h"
#include "net/verify.h"
#include "net/xfer.h"

#define OAUTH2_KEYS_MS (60 * 60 * 1000) /* then keys are fetched again */
#define OAUTH2_AGAIN_MS 10000           /* between two fetches */
#define OAUTH2_LEEWAY_S 60
#define OAUTH2_YES_MS 60000 /* an answer "active" is kept */
#define OAUTH2_NO_MS 10000
#define OAUTH2_KEPT_MAX 4096 /* answers */

struct oauth2_kept {
	bool active;
	int64_t until; /* clk_mono_ms */
};

struct oauth2 {
	struct xfer *xfer;
	char *jwks;       /* file or address; NULL: introspection */
	bool fetch;       /* jwks is an address */
	char *introspect; /* NULL: jwks */
	char *client;     /* "id:secret" */
	char *issuer;
	char *audience;

	pthread_mutex_t lock; /* over what follows */
	struct jose_keys *keys;
	int users;      /* of keys, outside of the lock */
	bool loading;   /* by one thread */
	int64_t loaded; /* clk_mono_ms, last success */
	int64_t tried;  /* last try, INT64_MIN: never */
	pthread_cond_t idle;
	struct map *kept; /* digest of a token to struct oauth2_kept */
};

static const struct conf_key oauth2_keys[] = {
    {"jwks", CONF_TEXT},
    {"issuer", CONF_TEXT},
    {"audience", CONF_TEXT},
    {"introspect", CONF_TEXT},
    {"clientId", CONF_TEXT},
    {"clientSecret", CONF_SECRET},
};

static void
oauth2_drop(void *state)
{
	struct oauth2 *o = state;

	jose_keys_free(o->keys);
	if (o->kept != NULL)
		map_free(o->kept, free);
	if (o->client != NULL)
		explicit_bzero(o->client, strlen(o->client));
	pthread_mutex_destroy(&o->lock);
	pthread_cond_destroy(&o->idle);
	free(o->client);
	free(o->jwks);
	free(o->introspect);
	free(o->issuer);
	free(o->audience);
	free(o);
}

/* -- reading the configuration -- */

static void
oauth2_make_jwks(
    struct oauth2 *o, struct conf *c, const struct json *v, const char *path)
{
	const char *s = conf_str(v, "jwks");
	struct err e = ERR_INIT;
	struct target t;
	char at[CONF_PATH];
	char *text, *full;
	size_t n;

	o->fetch = target_parse(s, &t) == 0;
	if (o->fetch) {
		o->jwks = conf_dup(c, conf_url(c, v, path, "jwks", true));
		return;
	}
	if (asprintf(&full, "%s%s%s",
		*s == '/' || c->folder == NULL ? "" : c->folder,
		*s == '/' || c->folder == NULL ? "" : "/", s) == -1)
		full = NULL;
	if ((o->jwks = full) == NULL) {
		c->nomem = true;
		return;
	}
	if ((text = file_read(full, JOSE_SET_MAX, &n, &e)) != NULL)
		o->keys = jose_keys_set(text, n, &e);
	if (o->keys == NULL)
		conf_error(
		    c, "bad-value", conf_at(at, path, "jwks"), "%s", e.text);
	o->loaded = clk_mono_ms();
	free(text);
}

static void
oauth2_make_introspect(
    struct oauth2 *o, struct conf *c, const struct json *v, const char *path)
{
	struct conf_secrets secret;
	char *id = conf_name(c, v, path, "clientId");

	o->introspect = conf_dup(c, conf_url(c, v, path, "introspect", true));
	conf_secrets(c, v, path, "clientSecret", true, &secret);
	if (id == NULL || asprintf(&o->client, "%s:%s", id,
			      secret.n > 0 ? secret.v[0] : "") == -1) {
		o->client = NULL;
		c->nomem = true;
	}
	conf_secrets_done(&secret);
	free(id);
}

static void *
oauth2_make(struct conf *c, const struct json *v, const char *path,
    const struct auth_opts *opts)
{
	struct oauth2 *o = calloc(1, sizeof *o);
	bool jwks = json_get(v, "jwks") != NULL;

	if (o == NULL)
		return NULL;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->idle, NULL);
	o->xfer = opts->xfer;
	o->tried = INT64_MIN;
	o->issuer = conf_dup(c, conf_str(v, "issuer"));
	o->audience = conf_dup(c, conf_str(v, "audience"));
	if (jwks == (json_get(v, "introspect") != NULL))
		conf_error(c, "bad-value", path,
		    "oauth2 needs one of jwks and introspect");
	else if (jwks)
		oauth2_make_jwks(o, c, v, path);
	else
		oauth2_make_introspect(o, c, v, path);
	if ((o->kept = map_new()) == NULL)
		c->nomem = true;
	if (!c->nomem)
		return o;
	oauth2_drop(o);
	return NULL;
}

/* -- asking other servers -- */

/* The body of a 200, for the caller to free; NULL: there is none. */
static char *
oauth2_fetch(struct oauth2 *o, const char *url, const char *form, size_t *len)
{
	static const char *const get[] = {"Accept: application/json", NULL};
	static const char *const post[] = {"Accept: application/json",
	    "Content-Type: application/x-www-form-urlencoded", NULL};
	struct xfer_req q = {.method = form == NULL ? "GET" : "POST",
	    .url = url,
	    .headers = form == NULL ? get : post,
	    .body = form,
	    .body_len = form == NULL ? 0 : strlen(form),
	    .resp_max = JOSE_SET_MAX,
	    .timeout_ms = AUTH_WAIT_MS,
	    .auth = form == NULL ? XFER_AUTH_NONE : XFER_AUTH_BASIC,
	    .user = o->client};
	struct xfer_res *res;
	char *body = NULL;

	if (o->xfer == NULL || (res = xfer_wait(o->xfer, &q, NULL)) == NULL)
		return NULL;
	if (res->end == XFER_ANSWERED && res->status == 200 &&
	    (body = malloc(res->body_len + 1)) != NULL) {
		memcpy(body, res->body, res->body_len + 1);
		*len = res->body_len;
	}
	xfer_res_free(res);
	return body;
}

/* May this thread load the keys now?  Then oauth2_load follows. */
static bool
oauth2_may_load(struct oauth2 *o, bool unknown, bool may_wait)
{
	int64_t now = clk_mono_ms();
	bool old, go;

	pthread_mutex_lock(&o->lock);
	old = o->keys == NULL || unknown ||
	      (o->fetch && now - o->loaded > OAUTH2_KEYS_MS);
	go = old && !o->loading && (may_wait || !o->fetch) &&
	     (o->tried == INT64_MIN || now - o->tried >= OAUTH2_AGAIN_MS);
	if (go) {
		o->loading = true;
		o->tried = now;
	}
	pthread_mutex_unlock(&o->lock);
	return go;
}

static bool
oauth2_loading(struct oauth2 *o)
{
	bool loading;

	pthread_mutex_lock(&o->lock);
	loading = o->loading;
	pthread_mutex_unlock(&o->lock);
	return loading;
}

/* The new keys take the old ones' place once nobody uses them. */
static void
oauth2_load(struct oauth2 *o)
{
	struct jose_keys *k = NULL, *old = NULL;
	size_t n = 0;
	char *text = o->fetch ? oauth2_fetch(o, o->jwks, NULL, &n)
			      : file_read(o->jwks, JOSE_SET_MAX, &n, NULL);

	if (text != NULL)
		k = jose_keys_set(text, n, NULL);
	free(text);
	pthread_mutex_lock(&o->lock);
	if (k != NULL) {
		while (o->users > 0)
			pthread_cond_wait(&o->idle, &o->lock);
		old = o->keys;
		o->keys = k;
		if (old == NULL) /* a token may name a newer one at once */
			o->tried = INT64_MIN;
		o->loaded = clk_mono_ms();
	}
	o->loading = false;
	pthread_mutex_unlock(&o->lock);
	jose_keys_free(old);
}

/* -- tokens with a signature -- */

/* JOSE_FAILED with nothing in `e`: there are no keys. */
static enum jose_end
oauth2_verify(
    struct oauth2 *o, const char *token, struct json **claims, struct err *e)
{
	const struct jose_keys *k;
	enum jose_end end;

	pthread_mutex_lock(&o->lock);
	if ((k = o->keys) != NULL)
		o->users++;
	pthread_mutex_unlock(&o->lock);
	if (k == NULL)
		return JOSE_FAILED;
	end = jose_verify(k, JOSE_PUBLIC, token, strlen(token), claims, e);
	pthread_mutex_lock(&o->lock);
	if (--o->users == 0)
		pthread_cond_broadcast(&o->idle);
	pthread_mutex_unlock(&o->lock);
	return end;
}

static enum auth_end
oauth2_jwt(struct oauth2 *o, const struct ask *q, const char *token,
    bool may_wait, struct auth_said *said)
{
	struct jose_rules rules = {.issuer = o->issuer,
	    .audience = o->audience,
	    .needs_exp = true,
	    .leeway_s = OAUTH2_LEEWAY_S};
	struct err e = ERR_INIT;
	struct json *claims = NULL;
	enum jose_end end;

	if (!jose_looks_like(token))
		return auth_end(said, AUTH_WRONG, "not a signed token");
	if (oauth2_may_load(o, false, may_wait))
		oauth2_load(o);
	end = oauth2_verify(o, token, &claims, &e);
	if (end == JOSE_NO_KEY && oauth2_may_load(o, true, may_wait)) {
		err_clear(&e);
		oauth2_load(o);
		end = oauth2_verify(o, token, &claims, &e);
	} else if (end == JOSE_NO_KEY && oauth2_loading(o)) {
		return auth_end(said, AUTH_LATER, "its keys are being fetched");
	}
	if (end == JOSE_OK && jose_claims(claims, &rules, q->now, &e) == -1)
		end = JOSE_BAD;
	json_free(claims);
	if (end == JOSE_OK)
		return AUTH_OK;
	if (end == JOSE_FAILED)
		return auth_end(said, AUTH_LATER, "%s",
		    e.kind == ERR_NONE ? "no keys to check it with" : e.text);
	return auth_end(said, AUTH_WRONG, "%s",
	    e.kind == ERR_NONE ? "the token's key is unknown" : e.text);
}

/* -- tokens that their server knows -- */

/* 1: active, 0: not, -1: not known (any more). */
static int
oauth2_known(struct oauth2 *o, const char *key)
{
	struct oauth2_kept *k;
	int rc = -1;

	pthread_mutex_lock(&o->lock);
	if ((k = map_get(o->kept, key)) != NULL) {
		if (k->until > clk_mono_ms())
			rc = k->active;
		else
			free(map_del(o->kept, key));
	}
	pthread_mutex_unlock(&o->lock);
	return rc;
}

static void
oauth2_keep(struct oauth2 *o, const char *key, bool active, int64_t ms)
{
	struct oauth2_kept *k = calloc(1, sizeof *k);
	void *old = NULL;

	if (k == NULL)
		return; /* it is asked again then */
	k->active = active;
	k->until = clk_mono_ms() + ms;
	pthread_mutex_lock(&o->lock);
	if (map_count(o->kept) >= OAUTH2_KEPT_MAX)
		free(map_del(o->kept, map_key(map_first(o->kept))));
	if (map_put(o->kept, key, k, &old) == -1)
		free(k);
	pthread_mutex_unlock(&o->lock);
	free(old);
}

/* Is it active, and ours?  *ms: for how long that holds. */
static bool
oauth2_active(
    const struct oauth2 *o, const struct json *a, int64_t now, int64_t *ms)
{
	const struct jose_rules rules = {.issuer = o->issuer,
	    .audience = o->audience,
	    .leeway_s = OAUTH2_LEEWAY_S};
	double left;

	*ms = OAUTH2_NO_MS;
	if (!json_true(json_get(a, "active")) ||
	    jose_claims(a, &rules, now, NULL) == -1)
		return false;
	*ms = OAUTH2_YES_MS;
	if (json_kind(json_get(a, "exp")) == JSON_NUMBER) {
		left = json_num(json_get(a, "exp")) * 1000 - (double)now;
		if (left < (double)*ms)
			*ms = left > 0 ? (int64_t)left : 0;
	}
	return true;
}

static enum auth_end
oauth2_ask(struct oauth2 *o, const struct ask *q, const char *token,
    bool may_wait, struct auth_said *said)
{
	char key[VERIFY_HEX_MAX];
	struct json *answer;
	struct buf form;
	char *body = NULL;
	size_t n = 0;
	int64_t ms;
	int active;

	if (verify_digest(VERIFY_SHA256, token, strlen(token), key) == -1)
		return auth_end(said, AUTH_LATER, "no digest");
	if ((active = oauth2_known(o, key)) == -1) {
		if (!may_wait)
			return auth_end(said, AUTH_LATER, "it takes a call");
		buf_init(&form, 4 * JOSE_TOKEN_MAX);
		urlenc_form(&form, "token", token);
		urlenc_form(&form, "token_type_hint", "access_token");
		if (!form.failed)
			body =
			    oauth2_fetch(o, o->introspect, buf_str(&form), &n);
		buf_done(&form);
		answer = body == NULL ? NULL : json_parse(body, n, NULL);
		free(body);
		if (json_kind(answer) != JSON_OBJECT) {
			json_free(answer);
			return auth_end(said, AUTH_LATER,
			    "the introspection server did not answer");
		}
		active = oauth2_active(o, answer, q->now, &ms);
		oauth2_keep(o, key, active == 1, ms);
		json_free(answer);
	}
	return active == 1
		   ? AUTH_OK
		   : auth_end(said, AUTH_WRONG, "the token is not active");
}

static enum auth_end
oauth2_check(
    void *state, const struct ask *q, bool may_wait, struct auth_said *said)
{
	struct oauth2 *o = state;
	const char *token =
	    params_scheme(ask_header(q, "Authorization"), "Bearer");
	enum auth_end end;

	if (token == NULL || *token == '\0') {
		snprintf(said->challenge, sizeof said->challenge,
		    "Bearer realm=\"%s\"", AUTH_REALM);
		return auth_end(said, AUTH_MISSING, "no bearer token");
	}
	if (strlen(token) > JOSE_TOKEN_MAX)
		return auth_end(said, AUTH_WRONG, "the token is too long");
	end = o->introspect != NULL ? oauth2_ask(o, q, token, may_wait, said)
				    : oauth2_jwt(o, q, token, may_wait, said);
	if (end == AUTH_WRONG)
		snprintf(said->challenge, sizeof said->challenge,
		    "Bearer realm=\"%s\", error=\"invalid_token\"", AUTH_REALM);
	return end;
}

const struct auth_kind auth_oauth2 = {"oauth2", true, oauth2_keys,
    sizeof oauth2_keys / sizeof oauth2_keys[0], oauth2_make, oauth2_drop,
    oauth2_check};
