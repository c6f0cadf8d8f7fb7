/*
 * Who may: the authorization server that the notifications' bearer tokens
 * come from, and the service key or token of what the platform takes; see
 * connect.h.
 */
#include "sim/connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/b64.h"
#include "base/str.h"
#include "net/http.h"
#include "net/http_route.h"
#include "sim/ctl.h"
#include "sim/inner.h"
#include "sim/issuer.h"

#define AUTH_LIFE_S 3600
#define AUTH_TEXT 8192

/* A member of a form, "" when it is missing. */
static void
auth_form(const char *form, const char *name, char *out, size_t size)
{
	size_t n = strlen(name), len;

	*out = '\0';
	for (; *form != '\0'; form += len + (form[len] == '&')) {
		len = strcspn(form, "&");
		if (len <= n || strncmp(form, name, n) != 0 || form[n] != '=')
			continue;
		if (http_decode(form + n + 1, len - n - 1, true, out, size) ==
		    -1)
			*out = '\0';
		return;
	}
}

/* Basic with any name and the service key. */
static bool
auth_client(const struct http_req *r)
{
	const char *given = http_header(r, "Authorization"), *colon;
	struct buf b;
	bool ok;

	if (given == NULL || strncasecmp(given, "Basic ", 6) != 0)
		return false;
	buf_init(&b, 1024);
	ok = b64_decode(given + 6, strlen(given + 6), &b) == 0 &&
	     (colon = strchr(buf_str(&b), ':')) != NULL &&
	     strcmp(colon + 1, CONNECT_KEY) == 0;
	buf_done(&b);
	return ok;
}

void
connect_token(struct http_req *r, void *arg)
{
	struct sim *s = arg;
	char grant[64], aud[256], iss[SIM_URL_MAX];
	struct buf token, out;
	const char *form;
	size_t n;

	pthread_mutex_lock(&s->mu);
	memcpy(iss, s->url, sizeof iss);
	pthread_mutex_unlock(&s->mu);
	form = http_body(r, &n);
	auth_form(form, "grant_type", grant, sizeof grant);
	auth_form(form, "scope", aud, sizeof aud);
	if (!auth_client(r)) {
		http_add(r, "WWW-Authenticate", "Basic realm=\"connect\"");
		http_text(r, 401, "application/json",
		    "{\"error\":\"invalid_client\"}");
		return;
	}
	if (strcmp(grant, "client_credentials") != 0) {
		http_text(r, 400, "application/json",
		    "{\"error\":\"unsupported_grant_type\"}");
		return;
	}
	buf_init(&token, AUTH_TEXT);
	buf_init(&out, 2 * AUTH_TEXT);
	if (issuer_token(s->issuer, iss, aud, AUTH_LIFE_S, &token) == -1)
		http_text(r, 500, "text/plain", "no token can be made\n");
	else {
		buf_addf(&out,
		    "{\"access_token\":\"%s\",\"token_type\":\"Bearer\","
		    "\"expires_in\":%d}",
		    buf_str(&token), AUTH_LIFE_S);
		http_text(r, 200, "application/json", buf_str(&out));
	}
	buf_done(&token);
	buf_done(&out);
}

void
connect_jwks(struct http_req *r, void *arg)
{
	struct sim *s = arg;
	struct buf b;

	buf_init(&b, AUTH_TEXT);
	if (issuer_keys(s->issuer, &b) == 0)
		http_text(r, 200, "application/json", buf_str(&b));
	else
		http_text(r, 500, "text/plain", "too large\n");
	buf_done(&b);
}

void
connect_rotate(struct http_req *r, void *arg)
{
	struct sim *s = arg;

	if (ctl_foreign(r))
		http_text(r, 403, "text/plain", "not for other sites\n");
	else if (issuer_rotate(s->issuer) == -1)
		http_text(r, 500, "text/plain", "no key can be made\n");
	else
		http_text(r, 200, "application/json", "{}");
}

void
connect_introspect(struct http_req *r, void *arg)
{
	struct sim *s = arg;
	char token[AUTH_TEXT];
	bool active;
	size_t n;

	auth_form(http_body(r, &n), "token", token, sizeof token);
	active = strcmp(token, CONNECT_TOKEN) == 0 ||
		 issuer_active(s->issuer, token);
	http_text(r, 200, "application/json",
	    active ? "{\"active\":true}" : "{\"active\":false}");
}

int
connect_may(const struct http_req *r)
{
	const char *bearer = http_header(r, "Authorization");
	const char *key = http_header(r, "key");
	struct buf secret;
	bool ok = false;

	if (bearer != NULL && strncasecmp(bearer, "Bearer ", 7) == 0) {
		buf_init(&secret, 256);
		if (b64_decode(
			CONNECT_SECRET, strlen(CONNECT_SECRET), &secret) == 0)
			ok = issuer_service(
			    bearer + 7, CONNECT_SERVICE, secret.p, secret.len);
		buf_done(&secret);
		return ok ? 0 : 7001;
	}
	if (key == NULL)
		return 7002;
	return strcmp(key, CONNECT_KEY) == 0 ? 0 : 7001;
}
