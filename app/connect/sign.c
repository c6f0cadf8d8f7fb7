/* Signatures of bodies; see sign.h. */
#include "connect/sign.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/verify.h"

struct sign {
	char *header;
	enum verify_alg alg;
	bool trim; /* also without white space at the end (facts 1.3) */
	struct conf_secrets secrets;
	struct verify *keys; /* NULL: accepts nothing */
};

static const char *const sign_words[] = {"sha256", "sha512", "sha1"};

struct sign *
sign_new(struct conf *c, const struct json *obj, const char *path)
{
	const char *header = conf_str(obj, "header");
	const char *word = conf_str(obj, "algorithm");
	struct sign *s = calloc(1, sizeof *s);
	struct err e = ERR_INIT;
	char at[CONF_PATH];
	int i;

	if (s == NULL ||
	    (s->header = strdup(*header == '\0' ? SIGN_HEADER : header)) ==
		NULL) {
		free(s);
		c->nomem = true;
		return NULL;
	}
	s->alg = VERIFY_SHA256;
	s->trim = conf_bool(obj, "trim", false);
	if (*word != '\0') {
		i = conf_word(c, conf_at(at, path, "algorithm"), "algorithm",
		    word, sign_words, 3);
		if (i >= 0)
			verify_alg(sign_words[i], &s->alg);
	}
	conf_secrets(c, obj, path, "secret", true, &s->secrets);
	if (s->secrets.n == 0)
		return s;
	s->keys = verify_new_keys(
	    s->alg, (const char *const *)s->secrets.v, s->secrets.n, &e);
	if (s->keys == NULL)
		conf_error(c, "bad-value", conf_at(at, path, "secret"),
		    "secret: %s", e.text);
	return s;
}

void
sign_free(struct sign *s)
{
	if (s == NULL)
		return;
	verify_free(s->keys);
	conf_secrets_done(&s->secrets);
	free(s->header);
	free(s);
}

const char *
sign_header(const struct sign *s)
{
	return s->header;
}

const char *
sign_algorithm(const struct sign *s)
{
	return verify_alg_name(s->alg);
}

enum sign_end
sign_check(const struct sign *s, const char *value, const void *body, size_t n)
{
	const char *name = verify_alg_name(s->alg), *eq;
	const char *p = body;
	size_t len = strlen(name), m;

	if (value == NULL || *value == '\0')
		return SIGN_MISSING;
	if ((eq = strchr(value, '=')) != NULL) {
		if ((size_t)(eq - value) != len ||
		    strncasecmp(value, name, len) != 0)
			return SIGN_WRONG;
		value = eq + 1;
	}
	if (s->keys == NULL)
		return SIGN_WRONG;
	if (verify_ok(s->keys, body, n, value))
		return SIGN_OK;
	for (m = n;
	     m > 0 && strchr(" \t\r\n", p[m - 1]) != NULL && p[m - 1] != '\0';
	     m--)
		;
	if (s->trim && m < n && verify_ok(s->keys, body, m, value))
		return SIGN_OK;
	return SIGN_WRONG;
}

int
sign_make(const struct sign *s, const void *body, size_t n, struct buf *out)
{
	char hex[VERIFY_HEX_MAX];

	if (s->secrets.n == 0 ||
	    verify_hmac(s->alg, s->secrets.v[0], strlen(s->secrets.v[0]), body,
		n, hex) == -1)
		return -1;
	return buf_addf(out, "%s=%s", verify_alg_name(s->alg), hex);
}
