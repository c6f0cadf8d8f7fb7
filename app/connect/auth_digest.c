/*
 * Digest (RFC 7616).  Nonces are made, not stored: a time, random bytes and
 * an HMAC of both.  Only those that were used with the right password take
 * memory, to refuse a count that came before; when there are too many, the
 * oldest are forgotten and every nonce of their age is stale from then on.
 */
#include "connect/auth_int.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "connect/params.h"
#include "connect/target.h"
#include "net/verify.h"

#define DIGEST_AGE_MS (5 * 60 * 1000)
#define DIGEST_NONCES 4096
#define DIGEST_STAMP 12 /* hex digits of the time */
#define DIGEST_RANDOM 16
#define DIGEST_MAC 32
#define DIGEST_NONCE (DIGEST_STAMP + DIGEST_RANDOM + DIGEST_MAC)
#define DIGEST_HEX VERIFY_HEX_MAX

/* A nonce in use. */
struct digest_use {
	int64_t made;
	uint32_t most; /* highest count seen */
	uint64_t seen; /* bit i: most - i was seen */
};

struct digest {
	char *user;
	char *realm;
	char *prefix; /* path of the public URL, "" */
	struct conf_secrets passwords;
	bool md5;
	char key[65]; /* of the nonces */
	pthread_mutex_t lock;
	struct map *uses; /* nonce to struct digest_use, oldest first */
	int64_t horizon;  /* nonces made until then are stale */
};

/* What came. */
struct digest_given {
	struct param p[12];
	char *own;
	int64_t made; /* of the nonce, when it is ours */
	bool ours;
	uint32_t nc;
};

static const struct conf_key digest_keys[] = {{"user", CONF_TEXT},
    {"password", CONF_SECRET}, {"realm", CONF_TEXT}, {"algorithm", CONF_TEXT}};

static void
digest_drop(void *state)
{
	struct digest *d = state;

	conf_secrets_done(&d->passwords);
	map_free(d->uses, free);
	pthread_mutex_destroy(&d->lock);
	explicit_bzero(d->key, sizeof d->key);
	free(d->prefix);
	free(d->realm);
	free(d->user);
	free(d);
}

static void *
digest_make(struct conf *c, const struct json *v, const char *path,
    const struct auth_opts *o)
{
	static const char *const words[] = {"sha256", "md5"};
	const char *realm = conf_str(v, "realm");
	const char *word = conf_str(v, "algorithm");
	struct digest *d = calloc(1, sizeof *d);
	struct buf b;
	char at[CONF_PATH];

	if (d == NULL)
		return NULL;
	pthread_mutex_init(&d->lock, NULL);
	if (*word != '\0')
		d->md5 = conf_word(c, conf_at(at, path, "algorithm"),
			     "algorithm", word, words, 2) == 1;
	if (strpbrk(realm, "\"\\") != NULL)
		conf_error(c, "bad-value", conf_at(at, path, "realm"),
		    "realm must not hold quotes or backslashes");
	conf_secrets(c, v, path, "password", true, &d->passwords);
	buf_init(&b, TARGET_MAX);
	auth_public_path(o->public_url, "", &b);
	d->prefix = strdup(buf_str(&b));
	buf_done(&b);
	d->user = conf_name(c, v, path, "user");
	d->realm = strdup(*realm == '\0' ? AUTH_REALM : realm);
	d->uses = map_new();
	if (d->prefix != NULL && d->user != NULL && d->realm != NULL &&
	    d->uses != NULL && verify_random_hex(32, d->key) == 0)
		return d;
	digest_drop(d);
	return NULL;
}

/* -- digests -- */

static int
digest_hash(
    const struct digest *d, const void *p, size_t n, char out[DIGEST_HEX])
{
	return d->md5 ? verify_md5(p, n, out)
		      : verify_digest(VERIFY_SHA256, p, n, out);
}

/* H(texts joined by colons); the texts end with NULL. */
static int
digest_join(
    const struct digest *d, char out[DIGEST_HEX], const char *const *texts)
{
	struct buf b;
	int rc = -1;

	buf_init(&b, 2 * PARAMS_TEXT);
	for (; *texts != NULL; texts++)
		buf_addf(&b, "%s%s", b.len > 0 ? ":" : "", *texts);
	if (!b.failed)
		rc = digest_hash(d, buf_str(&b), buf_len(&b), out);
	buf_done(&b);
	return rc;
}
#define DIGEST_JOIN(d, out, ...)                                               \
	digest_join(d, out, (const char *const[]){__VA_ARGS__, NULL})

/* Is the response right for this password? */
static bool
digest_right(const struct digest *d, const struct digest_given *g,
    const struct ask *q, const char *password)
{
	const char *uri = params_get(g->p, "uri");
	const char *qop = params_get(g->p, "qop");
	char ha1[DIGEST_HEX], ha2[DIGEST_HEX], body[DIGEST_HEX];
	char want[DIGEST_HEX], given[DIGEST_HEX];
	size_t i;
	bool ok;

	if (DIGEST_JOIN(d, ha1, d->user, d->realm, password) == -1)
		return false;
	if (strcmp(qop, "auth-int") == 0)
		ok = digest_hash(d, q->body, q->len, body) == 0 &&
		     DIGEST_JOIN(d, ha2, q->method, uri, body) == 0;
	else
		ok = DIGEST_JOIN(d, ha2, q->method, uri) == 0;
	ok = ok && DIGEST_JOIN(d, want, ha1, params_get(g->p, "nonce"),
		       params_get(g->p, "nc"), params_get(g->p, "cnonce"), qop,
		       ha2) == 0;
	snprintf(given, sizeof given, "%s", params_get(g->p, "response"));
	for (i = 0; given[i] != '\0'; i++)
		given[i] = (char)tolower((unsigned char)given[i]);
	explicit_bzero(ha1, sizeof ha1);
	return ok && verify_same(want, given);
}

/* -- nonces -- */

static int
digest_nonce_mac(
    const struct digest *d, const char *stamp, char out[DIGEST_HEX])
{
	return verify_hmac(VERIFY_SHA256, d->key, strlen(d->key), stamp,
	    DIGEST_STAMP + DIGEST_RANDOM, out);
}

static int
digest_nonce(const struct digest *d, int64_t now, char out[DIGEST_NONCE + 1])
{
	char mac[DIGEST_HEX];

	snprintf(out, DIGEST_STAMP + 1, "%0*llx", DIGEST_STAMP,
	    (unsigned long long)now & 0xffffffffffffULL);
	if (verify_random_hex(DIGEST_RANDOM / 2, out + DIGEST_STAMP) == -1 ||
	    digest_nonce_mac(d, out, mac) == -1)
		return -1;
	memcpy(out + DIGEST_STAMP + DIGEST_RANDOM, mac, DIGEST_MAC);
	out[DIGEST_NONCE] = '\0';
	return 0;
}

/* When the nonce was made; -1: it is not ours. */
static int64_t
digest_nonce_made(const struct digest *d, const char *nonce)
{
	char stamp[DIGEST_STAMP + 1], mac[DIGEST_HEX];

	if (strlen(nonce) != DIGEST_NONCE ||
	    digest_nonce_mac(d, nonce, mac) == -1)
		return -1;
	mac[DIGEST_MAC] = '\0';
	if (!verify_same(mac, nonce + DIGEST_STAMP + DIGEST_RANDOM))
		return -1;
	memcpy(stamp, nonce, DIGEST_STAMP);
	stamp[DIGEST_STAMP] = '\0';
	return (int64_t)strtoull(stamp, NULL, 16);
}

static bool
digest_fresh(int64_t made, int64_t now)
{
	return made <= now && now - made < DIGEST_AGE_MS;
}

/* Forget what is too old, and the oldest when there are too many. */
static void
digest_forget(struct digest *d, int64_t now)
{
	struct map_node *m;
	struct digest_use *u;

	while ((m = map_first(d->uses)) != NULL) {
		u = map_value(m);
		if (digest_fresh(u->made, now)) {
			if (map_count(d->uses) < DIGEST_NONCES)
				return;
			if (u->made > d->horizon)
				d->horizon = u->made;
		}
		free(map_del(d->uses, map_key(m)));
	}
}

/* Has this count been used with the nonce?  Counts may arrive unsorted. */
static bool
digest_count(struct digest_use *u, uint32_t nc)
{
	uint32_t back;

	if (nc > u->most) {
		back = nc - u->most;
		u->seen = (back < 64 ? u->seen << back : 0) | 1;
		u->most = nc;
		return true;
	}
	back = u->most - nc;
	if (back >= 64 || (u->seen >> back & 1) != 0)
		return false;
	u->seen |= 1ULL << back;
	return true;
}

/* 1: used for the first time.  0: a replay, or forgotten.  -1: memory. */
static int
digest_use(struct digest *d, const struct digest_given *g, int64_t now)
{
	const char *nonce = params_get(g->p, "nonce");
	struct digest_use *u;
	int rc = 0;

	pthread_mutex_lock(&d->lock);
	digest_forget(d, now);
	if ((u = map_get(d->uses, nonce)) == NULL && g->made > d->horizon) {
		u = calloc(1, sizeof *u);
		if (u == NULL || map_put(d->uses, nonce, u, NULL) == -1) {
			free(u);
			u = NULL;
			rc = -1;
		} else {
			u->made = g->made;
		}
	}
	if (u != NULL)
		rc = digest_count(u, g->nc);
	pthread_mutex_unlock(&d->lock);
	return rc;
}

/* -- checking -- */

static void
digest_challenge(
    const struct digest *d, int64_t now, bool stale, struct auth_said *said)
{
	char nonce[DIGEST_NONCE + 1];

	if (digest_nonce(d, now, nonce) == -1)
		return;
	snprintf(said->challenge, sizeof said->challenge,
	    "Digest realm=\"%.200s\", qop=\"auth, auth-int\", algorithm=%s, "
	    "nonce=\"%s\"%s, charset=UTF-8",
	    d->realm, d->md5 ? "MD5" : "SHA-256", nonce,
	    stale ? ", stale=true" : "");
}

/* The request's own path and query, as the client may have written them. */
static bool
digest_uri_fits(const struct digest *d, const struct ask *q, const char *uri)
{
	struct target t;
	struct buf b;
	bool ok;

	if (*uri != '/') { /* an absolute address is allowed as well */
		if (target_parse(uri, &t) == -1)
			return false;
		uri = t.path;
	}
	buf_init(&b, 2 * PARAMS_TEXT);
	buf_addf(&b, "%s%s%s%s", d->prefix, q->path,
	    *q->query != '\0' ? "?" : "", q->query);
	ok =
	    !b.failed && (strcmp(uri, buf_str(&b)) == 0 ||
			     strcmp(uri, buf_str(&b) + strlen(d->prefix)) == 0);
	buf_done(&b);
	return ok;
}

/* The user, which may come as username*=UTF-8''... (RFC 7616 3.4). */
static bool
digest_user_fits(const struct digest *d, const struct digest_given *g)
{
	const char *plain = params_get(g->p, "username");
	const char *star = params_get(g->p, "username*");
	struct buf b;
	bool ok;

	if (*star == '\0')
		return verify_same(d->user, plain);
	if (*plain != '\0' || strncasecmp(star, "UTF-8''", 7) != 0)
		return false;
	buf_init(&b, PARAMS_TEXT);
	urlenc_decode(&b, star + 7, strlen(star + 7));
	ok = !b.failed && strlen(buf_str(&b)) == buf_len(&b) &&
	     verify_same(d->user, buf_str(&b));
	buf_done(&b);
	return ok;
}

/* What came, read; NULL when it can be checked, else what is wrong. */
static const char *
digest_read(const struct digest *d, const char *text, struct digest_given *g)
{
	static const char *const names[] = {"username", "username*", "realm",
	    "nonce", "uri", "response", "algorithm", "cnonce", "qop", "nc",
	    "userhash"};
	const char *qop, *nc, *alg;
	size_t i;

	memset(g, 0, sizeof *g);
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		g->p[i].name = names[i];
	if (params_read(text, g->p, &g->own) == -1)
		return "malformed";
	qop = params_get(g->p, "qop");
	nc = params_get(g->p, "nc");
	alg = params_get(g->p, "algorithm");
	if (strcmp(qop, "auth") != 0 && strcmp(qop, "auth-int") != 0)
		return "without a qop that was offered";
	if (strcasecmp(alg, d->md5 ? "MD5" : "SHA-256") != 0 &&
	    !(d->md5 && *alg == '\0'))
		return "of another algorithm";
	if (strcmp(params_get(g->p, "realm"), d->realm) != 0)
		return "for another realm";
	if (str_ieq(params_get(g->p, "userhash"), "true"))
		return "with a hashed user, which was not offered";
	if (strlen(nc) != 8 || strspn(nc, "0123456789abcdefABCDEF") != 8 ||
	    (g->nc = (uint32_t)strtoul(nc, NULL, 16)) == 0)
		return "without a count";
	if (params_get(g->p, "cnonce")[0] == '\0')
		return "without a client nonce";
	g->made = digest_nonce_made(d, params_get(g->p, "nonce"));
	g->ours = g->made != -1;
	return NULL;
}

static enum auth_end
digest_judge(struct digest *d, const struct digest_given *g,
    const struct ask *q, struct auth_said *said, bool *stale)
{
	bool user, right = false;
	size_t i;
	int rc;

	if (!digest_uri_fits(d, q, params_get(g->p, "uri")))
		return auth_end(said, AUTH_WRONG,
		    "the Digest credentials are for another address");
	user = digest_user_fits(d, g);
	for (i = 0; i < d->passwords.n; i++)
		right |= digest_right(d, g, q, d->passwords.v[i]);
	if (!user || !right)
		return auth_end(said, AUTH_WRONG, "wrong user or password");
	if (!g->ours || !digest_fresh(g->made, q->now)) {
		*stale = true;
		return auth_end(said, AUTH_WRONG, "the nonce is too old");
	}
	if ((rc = digest_use(d, g, q->now)) == 1)
		return AUTH_OK;
	*stale = true;
	return rc == 0 ? auth_end(said, AUTH_WRONG,
			     "the Digest credentials were used before")
		       : auth_end(said, AUTH_LATER, "out of memory");
}

static enum auth_end
digest_check(
    void *state, const struct ask *q, bool may_wait, struct auth_said *said)
{
	struct digest *d = state;
	const char *given, *what;
	struct digest_given g;
	enum auth_end end;
	bool stale = false;

	(void)may_wait;
	given = params_scheme(ask_header(q, "Authorization"), "Digest");
	if (given == NULL) {
		digest_challenge(d, q->now, false, said);
		return auth_end(said, AUTH_MISSING, "no Digest credentials");
	}
	if ((what = digest_read(d, given, &g)) != NULL)
		end = auth_end(said, AUTH_WRONG, "Digest credentials %s", what);
	else
		end = digest_judge(d, &g, q, said, &stale);
	free(g.own);
	if (end != AUTH_OK)
		digest_challenge(d, q->now, stale, said);
	return end;
}

const struct auth_kind auth_digest = {"digest", false, digest_keys,
    sizeof digest_keys / sizeof digest_keys[0], digest_make, digest_drop,
    digest_check};
