/* Authorizations: the table, Basic and API keys; see auth.h. */
#include "connect/auth.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "connect/auth_int.h"
#include "connect/params.h"
#include "connect/target.h"
#include "net/verify.h"

#define AUTH_BASIC_MAX 1024

struct auth {
	const struct auth_kind *kind; /* NULL: "none" */
	void *state;
	bool broken; /* a problem was told: nobody gets in */
};

static const struct auth_kind *const auth_kinds[] = {
    &auth_basic, &auth_digest, &auth_aws, &auth_api_key, &auth_oauth2};
#define AUTH_KINDS (sizeof auth_kinds / sizeof auth_kinds[0])

enum auth_end
auth_end(struct auth_said *said, enum auth_end end, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said->why, sizeof said->why, fmt, ap);
	va_end(ap);
	return end;
}

int
auth_public_path(const char *public_url, const char *path, struct buf *out)
{
	struct target t;
	size_t n;

	if (public_url != NULL && target_parse(public_url, &t) == 0) {
		n = strcspn(t.path, "?#");
		while (n > 0 && t.path[n - 1] == '/')
			n--;
		buf_add(out, t.path, n);
	}
	return buf_adds(out, path);
}

/* -- reading -- */

static const struct auth_kind *
auth_find(struct conf *c, const struct json *v, const char *path)
{
	static const struct conf_key keys[] = {{"basic", CONF_OBJECT},
	    {"digest", CONF_OBJECT}, {"aws", CONF_OBJECT},
	    {"apiKey", CONF_OBJECT}, {"oauth2", CONF_OBJECT}};
	const struct auth_kind *found = NULL;
	size_t i, n = 0;

	CONF_KEYS(c, v, path, keys);
	for (i = 0; i < AUTH_KINDS; i++)
		if (conf_object(v, auth_kinds[i]->name) != NULL) {
			found = auth_kinds[i];
			n++;
		}
	if (n == 1 && json_count(v) == 1)
		return found;
	if (json_count(v) != 1)
		conf_error(c, "bad-value", path,
		    "auth needs exactly one of basic, digest, aws, apiKey, "
		    "oauth2");
	return NULL;
}

struct auth *
auth_new(struct conf *c, const struct json *v, const char *path,
    const struct auth_opts *o)
{
	struct auth *a = calloc(1, sizeof *a);
	unsigned before = c->errors;
	char at[CONF_PATH];

	if (a == NULL) {
		c->nomem = true;
		return NULL;
	}
	if (json_str(v) != NULL && strcmp(json_str(v), "none") == 0)
		return a;
	if (json_kind(v) != JSON_OBJECT)
		conf_error(c, "wrong-kind", path,
		    "auth must be an object, or \"none\"");
	else
		a->kind = auth_find(c, v, path);
	if (a->kind != NULL) {
		v = json_get(v, a->kind->name);
		conf_at(at, path, a->kind->name);
		conf_keys(c, v, at, a->kind->keys, a->kind->nkeys);
		a->state = a->kind->make(c, v, at, o);
		if (a->state == NULL)
			c->nomem = true;
	}
	a->broken = a->state == NULL || c->errors != before;
	return a;
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	if (a->state != NULL)
		a->kind->drop(a->state);
	free(a);
}

const char *
auth_kind(const struct auth *a)
{
	return a->kind == NULL ? "none" : a->kind->name;
}

bool
auth_is_slow(const struct auth *a)
{
	return a->kind != NULL && a->kind->slow;
}

enum auth_end
auth_check(
    struct auth *a, const struct ask *q, bool may_wait, struct auth_said *said)
{
	memset(said, 0, sizeof *said);
	if (a->broken)
		return auth_end(
		    said, AUTH_WRONG, "its configuration has problems");
	if (a->kind == NULL)
		return AUTH_OK;
	return a->kind->check(a->state, q, may_wait, said);
}

/* -- Basic (RFC 7617) -- */

struct basic {
	char *user;
	struct conf_secrets passwords;
};

static const struct conf_key basic_keys[] = {
    {"user", CONF_TEXT}, {"password", CONF_SECRET}};

static void
basic_drop(void *state)
{
	struct basic *b = state;

	conf_secrets_done(&b->passwords);
	free(b->user);
	free(b);
}

static void *
basic_make(struct conf *c, const struct json *v, const char *path,
    const struct auth_opts *o)
{
	struct basic *b = calloc(1, sizeof *b);
	char at[CONF_PATH];

	(void)o;
	if (b == NULL)
		return NULL;
	conf_secrets(c, v, path, "password", true, &b->passwords);
	if ((b->user = conf_name(c, v, path, "user")) == NULL) {
		basic_drop(b);
		return NULL;
	}
	if (strchr(b->user, ':') != NULL)
		conf_error(c, "bad-value", conf_at(at, path, "user"),
		    "user must not hold a colon");
	return b;
}

static enum auth_end
basic_check(
    void *state, const struct ask *q, bool may_wait, struct auth_said *said)
{
	const struct basic *b = state;
	const char *given;
	bool user, password;
	struct buf text;
	char *colon;

	(void)may_wait;
	snprintf(said->challenge, sizeof said->challenge,
	    "Basic realm=\"%s\", charset=\"UTF-8\"", AUTH_REALM);
	given = params_scheme(ask_header(q, "Authorization"), "Basic");
	if (given == NULL || *given == '\0')
		return auth_end(said, AUTH_MISSING, "no Basic credentials");
	buf_init(&text, AUTH_BASIC_MAX);
	if (b64_decode(given, strlen(given), &text) == -1 ||
	    (colon = memchr(buf_str(&text), ':', buf_len(&text))) == NULL ||
	    strlen(text.p) != text.len) {
		buf_done(&text);
		return auth_end(
		    said, AUTH_WRONG, "the Basic credentials are malformed");
	}
	*colon = '\0';
	user = verify_same(b->user, text.p);
	password = conf_secrets_match(&b->passwords, colon + 1);
	explicit_bzero(text.p, text.cap);
	buf_done(&text);
	return user && password
		   ? AUTH_OK
		   : auth_end(said, AUTH_WRONG, "wrong user or password");
}

const struct auth_kind auth_basic = {"basic", false, basic_keys,
    sizeof basic_keys / sizeof basic_keys[0], basic_make, basic_drop,
    basic_check};

/* -- a key in a header of its own -- */

struct api_key {
	char *header;
	struct conf_secrets values;
};

static const struct conf_key api_key_keys[] = {
    {"header", CONF_TEXT}, {"value", CONF_SECRET}};

static void
api_key_drop(void *state)
{
	struct api_key *k = state;

	conf_secrets_done(&k->values);
	free(k->header);
	free(k);
}

static void *
api_key_make(struct conf *c, const struct json *v, const char *path,
    const struct auth_opts *o)
{
	struct api_key *k = calloc(1, sizeof *k);

	(void)o;
	if (k == NULL)
		return NULL;
	conf_secrets(c, v, path, "value", true, &k->values);
	if ((k->header = strdup(conf_need(c, v, path, "header"))) == NULL) {
		api_key_drop(k);
		return NULL;
	}
	return k;
}

static enum auth_end
api_key_check(
    void *state, const struct ask *q, bool may_wait, struct auth_said *said)
{
	const struct api_key *k = state;
	const char *given = ask_header(q, k->header);

	(void)may_wait;
	if (given == NULL || *given == '\0')
		return auth_end(said, AUTH_MISSING, "no header %s", k->header);
	return conf_secrets_match(&k->values, given)
		   ? AUTH_OK
		   : auth_end(said, AUTH_WRONG, "wrong key in %s", k->header);
}

const struct auth_kind auth_api_key = {"apiKey", false, api_key_keys,
    sizeof api_key_keys / sizeof api_key_keys[0], api_key_make, api_key_drop,
    api_key_check};
