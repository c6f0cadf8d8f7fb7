/* Inbound webhooks; see inbound.h. */
#include "connect/inbound.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct inbound {
	char *id;
	bool active;
	struct gate *gate;
	struct sign *sign; /* NULL: none is asked for */
};

static const struct conf_key inbound_keys[] = {
    {"active", CONF_BOOL},
    {"key", CONF_SECRET},
    {"jwt", CONF_OBJECT},
    {"signature", CONF_OBJECT},
    {"allow", CONF_LIST},
    {"rate", CONF_NUMBER},
    {"help", CONF_TEXT},
    {"reply", CONF_REPLY},
};

static const struct conf_key inbound_sign_keys[] = {
    {"header", CONF_TEXT},
    {"algorithm", CONF_TEXT},
    {"secret", CONF_SECRET},
    {"trim", CONF_BOOL},
};

bool
inbound_id_ok(const char *id)
{
	const char *p;

	for (p = id; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("-_.~", *p) == NULL)
			return false;
	return p > id && p - id <= INBOUND_ID_MAX && strcmp(id, ".") != 0 &&
	       strcmp(id, "..") != 0;
}

struct inbound *
inbound_new(
    struct conf *c, const char *id, const struct json *v, const char *path)
{
	struct inbound *in = calloc(1, sizeof *in);
	const struct json *sign;
	char at[CONF_PATH];

	if (in == NULL || (in->id = strdup(id)) == NULL) {
		free(in);
		c->nomem = true;
		return NULL;
	}
	if (!inbound_id_ok(id))
		conf_error(c, "bad-value", path, INBOUND_ID_RULE);
	CONF_KEYS(c, v, path, inbound_keys);
	in->active = conf_bool(v, "active", true);
	in->gate = gate_new(c, v, path);
	if ((sign = conf_object(v, "signature")) != NULL) {
		conf_at(at, path, "signature");
		CONF_KEYS(c, sign, at, inbound_sign_keys);
		in->sign = sign_new(c, sign, at);
	}
	if (!c->nomem)
		return in;
	inbound_free(in);
	return NULL;
}

void
inbound_free(struct inbound *in)
{
	if (in == NULL)
		return;
	gate_free(in->gate);
	sign_free(in->sign);
	free(in->id);
	free(in);
}

const char *
inbound_id(const struct inbound *in)
{
	return in->id;
}

const struct gate *
inbound_gate(const struct inbound *in)
{
	return in->gate;
}

const struct sign *
inbound_sign(const struct inbound *in)
{
	return in->sign;
}

bool
inbound_active(const struct inbound *in)
{
	return in->active;
}

static enum code
inbound_signed(const struct inbound *in, const struct ask *q, const char **why)
{
	if (in->sign == NULL)
		return CODE_QUEUED;
	switch (sign_check(
	    in->sign, ask_header(q, sign_header(in->sign)), q->body, q->len)) {
	case SIGN_OK:
		return CODE_QUEUED;
	case SIGN_MISSING:
		*why = "no signature came";
		return CODE_NO_SIGNATURE;
	default:
		*why = "its signature is wrong";
		return CODE_BAD_SIGNATURE;
	}
}

/* Parsed once here, so that a broken body is refused, and again later. */
static enum code
inbound_body(const struct ask *q, enum vars_kind *kind, const char **why)
{
	struct err e = ERR_INIT;
	struct json *data;

	*kind = vars_kind(ask_header(q, "Content-Type"), q->body, q->len);
	data = vars_parse(*kind, q->body, q->len, &e);
	if (data != NULL) {
		json_free(data);
		return CODE_QUEUED;
	}
	*why = "its body cannot be read";
	if (e.kind == ERR_BUG)
		return CODE_INTERNAL;
	return *kind == VARS_XML ? CODE_BAD_XML : CODE_BAD_JSON;
}

enum code
inbound_check(struct inbound *in, const struct ask *q, enum vars_kind *kind,
    const char **why)
{
	enum code code;

	if (!in->active) {
		*why = "it is not active";
		return CODE_INACTIVE;
	}
	if ((code = gate_check(in->gate, q, why)) != CODE_QUEUED ||
	    (code = inbound_signed(in, q, why)) != CODE_QUEUED)
		return code;
	/* counted last, so that strangers use up nobody's share */
	if ((code = inbound_body(q, kind, why)) != CODE_QUEUED)
		return code;
	*why = "too many a second";
	return gate_count(in->gate);
}
