/* Who may send us notifications; see receive.h. */
#include "connect/receive.h"

#include <stdlib.h>
#include <string.h>

#include "connect/auth_int.h"
#include "connect/sign.h"

struct receive {
	struct sign *sign; /* NULL: none is asked for */
	struct auth *auth; /* NULL: likewise */
	bool certificate;  /* of the client, see WEBEXBOT_TLS_CLIENT_CA */
};

static const struct conf_key receive_keys[] = {
    {"secret", CONF_SECRET},
    {"algorithm", CONF_TEXT},
    {"header", CONF_TEXT},
    {"trim", CONF_BOOL},
    {"auth", CONF_ANY},
    {"certificate", CONF_BOOL},
};

struct receive *
receive_new(struct conf *c, const struct json *obj, const char *path,
    const struct auth_opts *o)
{
	struct receive *r = calloc(1, sizeof *r);
	char at[CONF_PATH];

	if (r == NULL) {
		c->nomem = true;
		return NULL;
	}
	CONF_KEYS(c, obj, path, receive_keys);
	if (json_get(obj, "secret") != NULL)
		r->sign = sign_new(c, obj, path);
	if (json_get(obj, "auth") != NULL)
		r->auth = auth_new(
		    c, json_get(obj, "auth"), conf_at(at, path, "auth"), o);
	r->certificate = json_true(json_get(obj, "certificate"));
	if (r->sign == NULL && r->auth == NULL && !r->certificate && !c->nomem)
		conf_warn(c, "no-check", path,
		    "without secret, auth and certificate anybody may post to "
		    "/webhooks/connect");
	if (!c->nomem)
		return r;
	receive_free(r);
	return NULL;
}

void
receive_free(struct receive *r)
{
	if (r == NULL)
		return;
	sign_free(r->sign);
	auth_free(r->auth);
	free(r);
}

static enum auth_end
receive_signed(
    const struct receive *r, const struct ask *q, struct auth_said *said)
{
	enum sign_end end;

	if (r->sign == NULL)
		return AUTH_OK;
	end = sign_check(
	    r->sign, ask_header(q, sign_header(r->sign)), q->body, q->len);
	if (end == SIGN_OK)
		return AUTH_OK;
	return end == SIGN_MISSING
		   ? auth_end(said, AUTH_MISSING, "no signature")
		   : auth_end(said, AUTH_WRONG, "wrong signature");
}

/*
 * The cheap check first.  Credentials before the signature where they cost
 * nothing: Digest clients ask for their challenge with an empty body.
 */
enum auth_end
receive_check(struct receive *r, const struct ask *q, struct auth_said *said)
{
	enum auth_end end = AUTH_OK;
	bool late = r->auth != NULL && auth_is_slow(r->auth);

	memset(said, 0, sizeof *said);
	if (r->certificate && !q->certified)
		return auth_end(said, AUTH_MISSING, "no client certificate");
	if (r->auth != NULL && !late &&
	    (end = auth_check(r->auth, q, true, said)) != AUTH_OK)
		return end;
	said->challenge[0] = '\0';
	if ((end = receive_signed(r, q, said)) != AUTH_OK)
		return end;
	return late ? auth_check(r->auth, q, true, said) : AUTH_OK;
}
