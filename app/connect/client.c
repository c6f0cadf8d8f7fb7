/* Authorizations as a sender; see client.h. */
#include "connect/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "net/verify.h"

#define CLIENT_FORM_MAX 16384
#define CLIENT_TOKEN_MAX 8192
#define CLIENT_EARLY_MS 60000 /* a token is renewed before its end */
#define CLIENT_LIFE_S 300     /* of a token that does not tell */
#define CLIENT_ANSWER_MAX (64 * 1024)

enum client_kind {
	CLIENT_BASIC,
	CLIENT_DIGEST,
	CLIENT_AWS,
	CLIENT_API_KEY,
	CLIENT_OAUTH2,
	CLIENT_NONE
};

struct client {
	enum client_kind kind;
	char *user;      /* "user:password" */
	char *sigv4;     /* "aws:amz:region:service" */
	char *header;    /* "Name: value" */
	char *url;       /* of tokens */
	char *form;      /* asking for one */
	char *file_form; /* the same with the file's refresh token, or NULL */
	struct account *account; /* of tokens, or NULL */
};

/*
 * Where tokens come from and what was given: one for all targets, and for the
 * same ones after a reload, so that a refresh token is used by one at a time.
 */
struct account {
	struct account *next;
	unsigned refs;
	char key[VERIFY_HEX_MAX];

	pthread_mutex_t lock;
	char *token;        /* NULL: none yet */
	int64_t until;      /* clk_wall_ms */
	char *refresh_form; /* with another one that was given, or NULL */
	char *refresh;      /* that one, until it is kept */
	char *used;         /* the one in that form */
	char *refused;      /* one that was */
	bool asking;
	bool asked; /* for the one that was kept */
};

static pthread_mutex_t accounts_lock = PTHREAD_MUTEX_INITIALIZER;
static struct account *accounts; /* under it, with their refs */

static const char *const client_words[] = {
    "basic", "digest", "aws", "apiKey", "oauth2"};

static const struct conf_key client_user_keys[] = {
    {"user", CONF_TEXT}, {"password", CONF_SECRET}};
static const struct conf_key client_aws_keys[] = {{"accessKey", CONF_TEXT},
    {"secretKey", CONF_SECRET}, {"region", CONF_TEXT}, {"service", CONF_TEXT}};
static const struct conf_key client_header_keys[] = {
    {"header", CONF_TEXT}, {"value", CONF_SECRET}};
static const struct conf_key client_oauth2_keys[] = {{"tokenUrl", CONF_TEXT},
    {"clientId", CONF_TEXT}, {"clientSecret", CONF_SECRET},
    {"scope", CONF_TEXT}, {"refreshToken", CONF_SECRET}};

static const struct {
	const struct conf_key *keys;
	size_t n;
} client_keys[] = {
    {client_user_keys, 2},
    {client_user_keys, 2},
    {client_aws_keys, 4},
    {client_header_keys, 2},
    {client_oauth2_keys, 5},
};

static void
client_wipe(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
	free(s);
}

/* -- accounts -- */

static struct account *
account_get(const char *key)
{
	struct account *ac;

	pthread_mutex_lock(&accounts_lock);
	for (ac = accounts; ac != NULL && strcmp(ac->key, key) != 0;)
		ac = ac->next;
	if (ac == NULL && (ac = calloc(1, sizeof *ac)) != NULL) {
		snprintf(ac->key, sizeof ac->key, "%s", key);
		pthread_mutex_init(&ac->lock, NULL);
		ac->next = accounts;
		accounts = ac;
	}
	if (ac != NULL)
		ac->refs++;
	pthread_mutex_unlock(&accounts_lock);
	return ac;
}

static void
account_put(struct account *ac)
{
	struct account **at = &accounts;
	bool last;

	if (ac == NULL)
		return;
	pthread_mutex_lock(&accounts_lock);
	if ((last = --ac->refs == 0)) {
		while (*at != ac)
			at = &(*at)->next;
		*at = ac->next;
	}
	pthread_mutex_unlock(&accounts_lock);
	if (!last)
		return;
	client_wipe(ac->token);
	client_wipe(ac->refresh_form);
	client_wipe(ac->refresh);
	client_wipe(ac->used);
	client_wipe(ac->refused);
	pthread_mutex_destroy(&ac->lock);
	free(ac);
}

void
client_free(struct client *cl)
{
	if (cl == NULL)
		return;
	account_put(cl->account);
	client_wipe(cl->user);
	client_wipe(cl->header);
	client_wipe(cl->form);
	client_wipe(cl->file_form);
	free(cl->sigv4);
	free(cl->url);
	free(cl);
}

/* -- reading -- */

/* "A<sep>SECRET" of a name and a secret, for the caller. */
static char *
client_pair(struct conf *c, const struct json *v, const char *path,
    const char *name, const char *sep, const char *secret)
{
	char *a = conf_name(c, v, path, name), *out = NULL;
	struct conf_secrets s;

	conf_secrets(c, v, path, secret, true, &s);
	if (a == NULL ||
	    asprintf(&out, "%s%s%s", a, sep, s.n > 0 ? s.v[0] : "") == -1) {
		out = NULL;
		c->nomem = true;
	}
	conf_secrets_done(&s);
	free(a);
	return out;
}

static void
client_read_aws(
    struct client *cl, struct conf *c, const struct json *v, const char *path)
{
	cl->user = client_pair(c, v, path, "accessKey", ":", "secretKey");
	if (asprintf(&cl->sigv4, "aws:amz:%s:%s",
		conf_need(c, v, path, "region"),
		conf_need(c, v, path, "service")) == -1) {
		cl->sigv4 = NULL;
		c->nomem = true;
	}
}

/* A form for a grant, with the current secret of `secret` as `field`. */
static char *
client_form(
    const char *grant, const char *field, const char *value, const char *scope)
{
	struct buf b;
	char *s;

	buf_init(&b, CLIENT_FORM_MAX);
	urlenc_form(&b, "grant_type", grant);
	if (field != NULL)
		urlenc_form(&b, field, value);
	if (*scope != '\0')
		urlenc_form(&b, "scope", scope);
	s = buf_take(&b);
	buf_done(&b);
	return s;
}

static void
client_read_oauth2(
    struct client *cl, struct conf *c, const struct json *v, const char *path)
{
	const char *scope = conf_str(v, "scope");
	struct conf_secrets s;

	cl->url = conf_dup(c, conf_url(c, v, path, "tokenUrl", true));
	cl->user = client_pair(c, v, path, "clientId", ":", "clientSecret");
	cl->form = client_form("client_credentials", NULL, NULL, scope);
	conf_secrets(c, v, path, "refreshToken", false, &s);
	if (s.n > 0)
		cl->file_form = client_form(
		    "refresh_token", "refresh_token", s.v[0], scope);
	if (cl->form == NULL || (s.n > 0 && cl->file_form == NULL))
		c->nomem = true;
	conf_secrets_done(&s);
}

/* Another refresh token in the file is another account. */
static int
client_set_account(struct client *cl)
{
	char key[VERIFY_HEX_MAX];
	struct buf b;
	int rc;

	buf_init(&b, 3 * CLIENT_FORM_MAX);
	buf_addf(&b, "%s %s %s", cl->url, cl->user,
	    cl->file_form != NULL ? cl->file_form : cl->form);
	rc = b.failed ? -1 : verify_digest(VERIFY_SHA256, b.p, b.len, key);
	explicit_bzero(b.p, b.len);
	buf_done(&b);
	if (rc == 0 && (cl->account = account_get(key)) == NULL)
		rc = -1;
	return rc;
}

static void
client_read(
    struct client *cl, struct conf *c, const struct json *v, const char *path)
{
	switch (cl->kind) {
	case CLIENT_BASIC:
	case CLIENT_DIGEST:
		cl->user = client_pair(c, v, path, "user", ":", "password");
		break;
	case CLIENT_AWS:
		client_read_aws(cl, c, v, path);
		break;
	case CLIENT_API_KEY:
		cl->header = client_pair(c, v, path, "header", ": ", "value");
		break;
	case CLIENT_OAUTH2:
		client_read_oauth2(cl, c, v, path);
		break;
	case CLIENT_NONE:
		break;
	}
}

struct client *
client_new(struct conf *c, const struct json *v, const char *path)
{
	struct client *cl = calloc(1, sizeof *cl);
	const struct json *m = json_first(v);
	char at[CONF_PATH];
	int i;

	if (cl == NULL) {
		c->nomem = true;
		return NULL;
	}
	cl->kind = CLIENT_NONE;
	if (v == NULL || str_eq(json_str(v), "none"))
		return cl;
	if (json_kind(v) != JSON_OBJECT || json_count(v) != 1 ||
	    json_kind(m) != JSON_OBJECT) {
		conf_error(c, "bad-value", path,
		    "auth needs exactly one of basic, digest, aws, apiKey, "
		    "oauth2, as an object");
		return cl;
	}
	conf_at(at, path, json_name(m));
	i = conf_word(c, at, "authorization", json_name(m), client_words,
	    sizeof client_words / sizeof client_words[0]);
	if (i < 0)
		return cl;
	cl->kind = (enum client_kind)i;
	conf_keys(c, m, at, client_keys[i].keys, client_keys[i].n);
	client_read(cl, c, m, at);
	if (!c->nomem && cl->kind == CLIENT_OAUTH2 &&
	    client_set_account(cl) == -1)
		c->nomem = true;
	if (!c->nomem)
		return cl;
	client_free(cl);
	return NULL;
}

/* -- tokens -- */

bool
client_needs_token(struct client *cl, int64_t now_ms)
{
	struct account *ac = cl->account;
	bool needs;

	if (ac == NULL)
		return false;
	pthread_mutex_lock(&ac->lock);
	needs = ac->token == NULL || now_ms >= ac->until;
	pthread_mutex_unlock(&ac->lock);
	return needs;
}

bool
client_token_begin(struct client *cl)
{
	struct account *ac = cl->account;
	bool mine;

	pthread_mutex_lock(&ac->lock);
	mine = !ac->asking;
	ac->asking = true;
	pthread_mutex_unlock(&ac->lock);
	return mine;
}

void
client_token_end(struct client *cl)
{
	pthread_mutex_lock(&cl->account->lock);
	cl->account->asking = false;
	pthread_mutex_unlock(&cl->account->lock);
}

int
client_token_request(struct client *cl, struct arena *a, struct xfer_req *q)
{
	static const char *const headers[] = {
	    "Content-Type: application/x-www-form-urlencoded",
	    "Accept: application/json", NULL};
	struct account *ac = cl->account;
	const char *form;

	memset(q, 0, sizeof *q);
	pthread_mutex_lock(&ac->lock);
	form = arena_strdup(a, ac->refresh_form != NULL ? ac->refresh_form
			       : cl->file_form != NULL  ? cl->file_form
							: cl->form);
	pthread_mutex_unlock(&ac->lock);
	if (form == NULL)
		return -1;
	q->method = "POST";
	q->url = cl->url;
	q->headers = headers;
	q->body = form;
	q->body_len = strlen(form);
	q->resp_max = CLIENT_ANSWER_MAX;
	q->auth = XFER_AUTH_BASIC;
	q->user = cl->user;
	return 0;
}

static void
account_set(char **at, char *value)
{
	client_wipe(*at);
	*at = value;
}

/* Under the lock. */
static void
client_set_refresh(struct account *ac, const char *token)
{
	account_set(&ac->refresh_form,
	    token == NULL
		? NULL
		: client_form("refresh_token", "refresh_token", token, ""));
	account_set(&ac->used, token == NULL ? NULL : strdup(token));
}

/* Under the lock: that one is not good; what has been kept, or the file's. */
static void
client_refuse(struct account *ac)
{
	account_set(&ac->refused, ac->used);
	ac->used = NULL;
	client_set_refresh(ac, NULL);
	ac->asked = false;
}

/* One may be good once only: the next one comes with the token. */
static void
client_rotate(struct client *cl, const struct json *answer)
{
	const char *next = json_get_str(answer, "refresh_token");

	if (cl->file_form == NULL || next == NULL || *next == '\0' ||
	    strlen(next) > CLIENT_TOKEN_MAX)
		return;
	client_set_refresh(cl->account, next);
	account_set(&cl->account->refresh, strdup(next));
}

bool
client_wants_refresh(struct client *cl)
{
	struct account *ac = cl->account;
	bool wants;

	pthread_mutex_lock(&ac->lock);
	wants = cl->file_form != NULL && !ac->asked;
	ac->asked = true;
	pthread_mutex_unlock(&ac->lock);
	return wants;
}

const char *
client_key(const struct client *cl)
{
	return cl->account->key;
}

void
client_use_refresh(struct client *cl, const char *token)
{
	struct account *ac = cl->account;

	pthread_mutex_lock(&ac->lock);
	if (!str_eq(ac->refused, token))
		client_set_refresh(ac, token);
	pthread_mutex_unlock(&ac->lock);
}

const char *
client_new_refresh(struct client *cl, struct arena *a)
{
	struct account *ac = cl->account;
	const char *token = NULL;

	if (ac == NULL)
		return NULL;
	pthread_mutex_lock(&ac->lock);
	if (ac->refresh != NULL)
		token = arena_strdup(a, ac->refresh);
	pthread_mutex_unlock(&ac->lock);
	return token;
}

void
client_refresh_kept(struct client *cl, const char *token)
{
	struct account *ac = cl->account;

	pthread_mutex_lock(&ac->lock);
	if (ac->refresh != NULL && strcmp(ac->refresh, token) == 0)
		account_set(&ac->refresh, NULL);
	pthread_mutex_unlock(&ac->lock);
}

int
client_token_take(struct client *cl, int status, const char *body, size_t n,
    int64_t now_ms, struct err *e)
{
	struct json *j = status == 200 ? json_parse(body, n, NULL) : NULL;
	const char *token = json_get_str(j, "access_token");
	double life = json_num(json_get(j, "expires_in"));
	struct account *ac = cl->account;
	char *copy = NULL;

	if (token == NULL || *token == '\0' ||
	    strlen(token) > CLIENT_TOKEN_MAX ||
	    strpbrk(token, "\r\n") != NULL) {
		json_free(j);
		pthread_mutex_lock(&ac->lock);
		if (status == 400 || status == 401)
			client_refuse(ac);
		pthread_mutex_unlock(&ac->lock);
		return err_set(e, ERR_TEMP,
		    "the token server gave no token (status %d)", status);
	}
	if ((copy = strdup(token)) == NULL) {
		json_free(j);
		return err_nomem(e);
	}
	if (life <= 0 || life > 1e7)
		life = CLIENT_LIFE_S;
	pthread_mutex_lock(&ac->lock);
	account_set(&ac->token, copy);
	/* a short one is used for most of its life */
	ac->until = now_ms + (life * 1000 > 2 * CLIENT_EARLY_MS
				     ? (int64_t)(life * 1000) - CLIENT_EARLY_MS
				     : (int64_t)(life * 500));
	client_rotate(cl, j);
	pthread_mutex_unlock(&ac->lock);
	json_free(j);
	return 0;
}

void
client_token_drop(struct client *cl)
{
	struct account *ac = cl->account;

	if (ac == NULL)
		return;
	pthread_mutex_lock(&ac->lock);
	account_set(&ac->token, NULL);
	pthread_mutex_unlock(&ac->lock);
}

int
client_apply(struct client *cl, struct arena *a, struct xfer_req *q,
    const char **headers, size_t *n, size_t max)
{
	static const enum xfer_auth auths[] = {
	    XFER_AUTH_BASIC, XFER_AUTH_DIGEST, XFER_AUTH_AWS};
	const char *line = cl->header;

	if (cl->kind <= CLIENT_AWS) {
		q->auth = auths[cl->kind];
		q->user = cl->user;
		q->aws_sigv4 = cl->sigv4;
		return 0;
	}
	if (cl->kind == CLIENT_NONE)
		return 0;
	if (cl->kind == CLIENT_OAUTH2) {
		pthread_mutex_lock(&cl->account->lock);
		line = arena_printf(a, "Authorization: Bearer %s",
		    cl->account->token == NULL ? "" : cl->account->token);
		pthread_mutex_unlock(&cl->account->lock);
	}
	if (line == NULL || *n + 2 > max)
		return -1;
	headers[(*n)++] = line;
	headers[*n] = NULL;
	return 0;
}
