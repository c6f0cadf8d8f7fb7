/*
 * AWS signature version 4, checked: the canonical request is made again
 * from what came and signed with the secret key.  Behind a proxy the sender
 * has signed another host and path than we see: those of the public URL
 * count as well.
 */
#include "connect/auth_int.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "connect/params.h"
#include "connect/target.h"
#include "net/verify.h"

#define AWS_SCHEME "AWS4-HMAC-SHA256"
#define AWS_SKEW_MS (15 * 60 * 1000)
#define AWS_TEXT_MAX 65536
#define AWS_HEADERS_MAX 64
#define AWS_QUERY_MAX 64

struct aws {
	char *access;
	char *region;  /* "": any */
	char *service; /* "": any */
	char *host;    /* of the public URL, "" */
	char *prefix;  /* its path, "" */
	struct conf_secrets secrets;
};

/* What came. */
struct aws_given {
	struct param p[4];
	char *own;
	char *scope[5]; /* access key, date, region, service, aws4_request */
	char *cred;
	const char *date; /* 20260504T091502Z */
};

static const struct conf_key aws_keys[] = {{"accessKey", CONF_TEXT},
    {"secretKey", CONF_SECRET}, {"region", CONF_TEXT}, {"service", CONF_TEXT}};

static void
aws_drop(void *state)
{
	struct aws *a = state;

	conf_secrets_done(&a->secrets);
	free(a->access);
	free(a->region);
	free(a->service);
	free(a->host);
	free(a->prefix);
	free(a);
}

static void *
aws_make(struct conf *c, const struct json *v, const char *path,
    const struct auth_opts *o)
{
	struct aws *a = calloc(1, sizeof *a);
	struct target t = {.host = ""};
	char host[sizeof t.host + sizeof t.port + 1];
	struct buf b;

	if (a == NULL)
		return NULL;
	buf_init(&b, TARGET_MAX);
	auth_public_path(o->public_url, "", &b);
	if (o->public_url != NULL)
		target_parse(o->public_url, &t);
	snprintf(host, sizeof host, "%s%s%s", t.host,
	    t.port[0] != '\0' ? ":" : "", t.port);
	conf_secrets(c, v, path, "secretKey", true, &a->secrets);
	a->access = conf_name(c, v, path, "accessKey");
	a->region = conf_dup(c, conf_str(v, "region"));
	a->service = conf_dup(c, conf_str(v, "service"));
	a->host = conf_dup(c, host);
	a->prefix = conf_dup(c, buf_str(&b));
	buf_done(&b);
	if (!c->nomem)
		return a;
	aws_drop(a);
	return NULL;
}

/* -- reading -- */

/* "20260504T091502Z" as clk_wall_ms; 0 or -1. */
static int
aws_time(const char *s, int64_t *ms)
{
	char iso[32];
	size_t i;

	if (strlen(s) != 16 || s[8] != 'T' || s[15] != 'Z')
		return -1;
	for (i = 0; i < 15; i++)
		if (i != 8 && !isdigit((unsigned char)s[i]))
			return -1;
	snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s, s + 4,
	    s + 6, s + 9, s + 11, s + 13);
	return clk_parse(iso, ms);
}

/* NULL when it can be checked, else what is wrong. */
static const char *
aws_read(const struct aws *a, const struct ask *q, const char *text,
    struct aws_given *g)
{
	char *at;
	int64_t made;
	size_t n;

	g->p[0].name = "Credential";
	g->p[1].name = "SignedHeaders";
	g->p[2].name = "Signature";
	if (params_read(text, g->p, &g->own) == -1)
		return "malformed";
	if ((at = g->cred = strdup(params_get(g->p, "Credential"))) == NULL)
		return "too large";
	for (n = 0; n < 5 && at != NULL; n++)
		g->scope[n] = strsep(&at, "/");
	if (n != 5 || at != NULL || strcmp(g->scope[4], "aws4_request") != 0)
		return "without a scope";
	g->date = ask_header(q, "x-amz-date");
	if (g->date == NULL || aws_time(g->date, &made) == -1 ||
	    strncmp(g->date, g->scope[1], 8) != 0 || strlen(g->scope[1]) != 8)
		return "without their date";
	if (made > q->now + AWS_SKEW_MS || made < q->now - AWS_SKEW_MS)
		return "too old, or the clocks differ";
	if (*a->region != '\0' && strcmp(a->region, g->scope[2]) != 0)
		return "for another region";
	if (*a->service != '\0' && strcmp(a->service, g->scope[3]) != 0)
		return "for another service";
	return NULL;
}

/* -- the canonical request -- */

static int
aws_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Name and value of one query part, encoded again, for the caller. */
static char *
aws_query_part(const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n);
	size_t name = eq == NULL ? n : (size_t)(eq - s);
	struct buf plain, out;

	buf_init(&plain, AWS_TEXT_MAX);
	buf_init(&out, AWS_TEXT_MAX);
	urlenc_decode(&plain, s, name);
	urlenc_add(&out, buf_str(&plain), plain.len, URLENC_PLAIN);
	buf_addc(&out, '=');
	buf_clear(&plain);
	if (eq != NULL)
		urlenc_decode(&plain, eq + 1, n - name - 1);
	urlenc_add(&out, buf_str(&plain), plain.len, URLENC_PLAIN);
	buf_done(&plain);
	return buf_take(&out);
}

static int
aws_query(const char *query, struct buf *out)
{
	char *parts[AWS_QUERY_MAX];
	size_t n = 0, i, len;
	int rc = 0;

	for (; *query != '\0' && n < AWS_QUERY_MAX; query += len) {
		len = strcspn(query, "&");
		if (len > 0) {
			if ((parts[n] = aws_query_part(query, len)) == NULL) {
				rc = -1;
				break;
			}
			n++;
		}
		len += query[len] == '&';
	}
	if (rc == 0)
		qsort(parts, n, sizeof parts[0], aws_compare);
	for (i = 0; i < n; i++) {
		buf_addf(out, "%s%s", i > 0 ? "&" : "", parts[i]);
		free(parts[i]);
	}
	return *query != '\0' ? -1 : rc;
}

/* A header's value without blanks at its ends, runs of them as one. */
static void
aws_value(const char *s, struct buf *out)
{
	bool blank = false, any = false;

	for (; *s != '\0'; s++) {
		if (*s == ' ' || *s == '\t') {
			blank = any;
			continue;
		}
		if (blank)
			buf_addc(out, ' ');
		blank = false;
		any = true;
		buf_addc(out, *s);
	}
}

/* The signed headers as lines; host must be among them, and the date. */
static int
aws_headers(
    const struct ask *q, const char *names, const char *host, struct buf *out)
{
	char *copy = strdup(names), *at = copy, *name;
	bool has_host = false, has_date = false;
	const char *value;
	int n = 0;

	while (copy != NULL && (name = strsep(&at, ";")) != NULL) {
		value = ask_header(q, name);
		if (strcmp(name, "host") == 0) {
			has_host = true;
			if (host != NULL)
				value = host;
		}
		has_date |= strcmp(name, "x-amz-date") == 0;
		if (*name == '\0' || value == NULL || ++n > AWS_HEADERS_MAX) {
			has_host = false;
			break;
		}
		buf_addf(out, "%s:", name);
		aws_value(value, out);
		buf_addc(out, '\n');
	}
	free(copy);
	return has_host && has_date ? 0 : -1;
}

/* Digest of the canonical request as it was for this host and path. */
static int
aws_canonical(const struct ask *q, const struct aws_given *g, const char *host,
    const char *prefix, char hex[VERIFY_HEX_MAX])
{
	const char *names = params_get(g->p, "SignedHeaders");
	char body[VERIFY_HEX_MAX];
	struct buf b;
	int rc = -1;

	buf_init(&b, 4 * AWS_TEXT_MAX);
	buf_addf(&b, "%s\n%s%s\n", q->method, prefix, q->path);
	if (aws_query(q->query, &b) == 0 && buf_addc(&b, '\n') == 0 &&
	    aws_headers(q, names, host, &b) == 0 &&
	    verify_digest(VERIFY_SHA256, q->body, q->len, body) == 0 &&
	    buf_addf(&b, "\n%s\n%s", names, body) == 0)
		rc = verify_digest(VERIFY_SHA256, b.p, b.len, hex);
	buf_done(&b);
	return rc;
}

/* -- signing -- */

static int
aws_sign(const struct aws_given *g, const char *secret, const char *canonical,
    char hex[VERIFY_HEX_MAX])
{
	unsigned char key[VERIFY_MAC_MAX];
	struct buf b;
	size_t n = 0, i;
	int rc = -1;

	buf_init(&b, AWS_TEXT_MAX);
	buf_addf(&b, "AWS4%s", secret);
	for (i = 1; i < 5; i++) {
		const void *from = i == 1 ? (const void *)buf_str(&b) : key;
		size_t len = i == 1 ? b.len : n;

		n = verify_mac(VERIFY_SHA256, from, len, g->scope[i],
		    strlen(g->scope[i]), key);
		if (n == 0)
			goto out;
	}
	explicit_bzero(b.p, b.len);
	buf_clear(&b);
	buf_addf(&b, AWS_SCHEME "\n%s\n%s/%s/%s/%s\n%s", g->date, g->scope[1],
	    g->scope[2], g->scope[3], g->scope[4], canonical);
	if (!b.failed)
		rc = verify_hmac(VERIFY_SHA256, key, n, b.p, b.len, hex);
out:
	explicit_bzero(key, sizeof key);
	buf_done(&b);
	return rc;
}

static bool
aws_right(const struct aws *a, const struct ask *q, const struct aws_given *g)
{
	const char *hash = ask_header(q, "x-amz-content-sha256");
	char canonical[VERIFY_HEX_MAX], hex[VERIFY_HEX_MAX];
	bool ok = false;
	size_t i;
	int way;

	if (!verify_same(a->access, g->scope[0]))
		return false;
	if (hash != NULL &&
	    (verify_digest(VERIFY_SHA256, q->body, q->len, hex) == -1 ||
		strcmp(hash, hex) != 0))
		return false;
	/* as we see it, and as the public URL has it */
	for (way = 0; way < 2 && !ok; way++) {
		if (way == 1 && *a->host == '\0')
			break;
		if (aws_canonical(q, g, way == 0 ? NULL : a->host,
			way == 0 ? "" : a->prefix, canonical) == -1)
			continue;
		for (i = 0; i < a->secrets.n; i++)
			if (aws_sign(g, a->secrets.v[i], canonical, hex) == 0 &&
			    verify_same(hex, params_get(g->p, "Signature")))
				ok = true;
	}
	return ok;
}

static enum auth_end
aws_check(
    void *state, const struct ask *q, bool may_wait, struct auth_said *said)
{
	const struct aws *a = state;
	struct aws_given g = {.date = NULL};
	const char *given, *what;
	enum auth_end end;

	(void)may_wait;
	snprintf(said->challenge, sizeof said->challenge, AWS_SCHEME);
	given = params_scheme(ask_header(q, "Authorization"), AWS_SCHEME);
	if (given == NULL)
		return auth_end(said, AUTH_MISSING, "no AWS signature");
	if ((what = aws_read(a, q, given, &g)) != NULL)
		end = auth_end(said, AUTH_WRONG, "AWS signature %s", what);
	else if (aws_right(a, q, &g))
		end = AUTH_OK;
	else
		end = auth_end(said, AUTH_WRONG, "wrong AWS signature");
	free(g.cred);
	free(g.own);
	return end;
}

const struct auth_kind auth_aws = {"aws", false, aws_keys,
    sizeof aws_keys / sizeof aws_keys[0], aws_make, aws_drop, aws_check};
