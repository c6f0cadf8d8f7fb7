/* Reading parts of the bot file; see conf.h. */
#include "connect/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "connect/target.h"
#include "net/verify.h"

#define CONF_LIST_MAX 16384
#define CONF_SECRET_PREFIX "env:"

static const char *const conf_type_names[] = {"a text",
    "\"env:NAME\" or a list of them", "a number", "true or false", "an object",
    "a list", "a reply (an object, or a list of them)",
    "a text or a list of texts", "true or false",
    "a time such as \"10s\" (or seconds)", "anything"};

static void conf_tell(struct conf *c, bool warning, bool member,
    const char *code, const char *path, const char *fmt, va_list ap)
    __attribute__((format(printf, 6, 0)));

static void
conf_tell(struct conf *c, bool warning, bool member, const char *code,
    const char *path, const char *fmt, va_list ap)
{
	struct conf_problem p = {warning, code, path, member, NULL};
	char text[400];

	vsnprintf(text, sizeof text, fmt, ap);
	p.text = text;
	if (!warning)
		c->errors++;
	if (c->problem != NULL)
		c->problem(c->arg, &p);
}

/* It is there by another name, and that has been told. */
static bool
conf_misspelt(const struct conf *c, const char *path)
{
	size_t n = strlen(path);

	return strncmp(c->misspelt, path, n) == 0 && c->misspelt[n] == '/' &&
	       strchr(c->misspelt + n + 1, '/') == NULL;
}

void
conf_error(
    struct conf *c, const char *code, const char *path, const char *fmt, ...)
{
	va_list ap;

	if (strcmp(code, "missing-member") == 0 && conf_misspelt(c, path))
		return;
	va_start(ap, fmt);
	conf_tell(c, false, false, code, path, fmt, ap);
	va_end(ap);
}

void
conf_warn(
    struct conf *c, const char *code, const char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_tell(c, true, false, code, path, fmt, ap);
	va_end(ap);
}

static void conf_unknown(struct conf *c, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void
conf_unknown(struct conf *c, const char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_tell(c, false, true, "unknown-member", path, fmt, ap);
	va_end(ap);
}

const char *
conf_at(char out[CONF_PATH], const char *path, const char *name)
{
	size_t n = (size_t)snprintf(out, CONF_PATH, "%.400s/", path);

	for (; *name != '\0' && n + 3 < CONF_PATH; name++) {
		if (*name == '~' || *name == '/') {
			out[n++] = '~';
			out[n++] = *name == '~' ? '0' : '1';
		} else {
			out[n++] = *name;
		}
	}
	out[n] = '\0';
	return out;
}

const char *
conf_at_i(char out[CONF_PATH], const char *path, size_t i)
{
	snprintf(out, CONF_PATH, "%.400s/%zu", path, i);
	return out;
}

static bool
conf_fits(const struct json *v, enum conf_type t)
{
	if (t == CONF_ANY)
		return true;
	switch (json_kind(v)) {
	case JSON_STRING:
		return t == CONF_TEXT || t == CONF_SECRET || t == CONF_TEXTS ||
		       t == CONF_FLAG || t == CONF_TIME;
	case JSON_NUMBER:
		return t == CONF_NUMBER || t == CONF_TIME;
	case JSON_BOOL:
		return t == CONF_BOOL || t == CONF_FLAG;
	case JSON_OBJECT:
		return t == CONF_OBJECT || t == CONF_REPLY;
	case JSON_LIST:
		return t == CONF_LIST || t == CONF_REPLY || t == CONF_SECRET ||
		       t == CONF_TEXTS;
	default:
		return false;
	}
}

void
conf_keys(struct conf *c, const struct json *obj, const char *path,
    const struct conf_key *keys, size_t n)
{
	const struct json *m;
	const char *near;
	char at[CONF_PATH];
	size_t i;

	for (m = json_first(obj); m != NULL; m = json_next(m)) {
		conf_at(at, path, json_name(m));
		for (i = 0; i < n; i++)
			if (strcmp(keys[i].name, json_name(m)) == 0)
				break;
		if (i < n && conf_fits(m, keys[i].type))
			continue;
		if (i < n) {
			conf_error(c, "wrong-kind", at,
			    "%s must be %s, it is %s", json_name(m),
			    conf_type_names[keys[i].type],
			    json_kind_name(json_kind(m)));
			continue;
		}
		near = str_nearest(json_name(m), keys, n, sizeof *keys);
		if (near == NULL) {
			conf_unknown(
			    c, at, "unknown member %.80s", json_name(m));
		} else {
			conf_unknown(c, at,
			    "unknown member %.80s, did you mean %s?",
			    json_name(m), near);
			memcpy(c->misspelt, at, sizeof at);
		}
	}
}

const struct json *
conf_object(const struct json *obj, const char *name)
{
	const struct json *v = json_get(obj, name);

	return json_kind(v) == JSON_OBJECT ? v : NULL;
}

const char *
conf_str(const struct json *obj, const char *name)
{
	const char *s = json_get_str(obj, name);

	return s == NULL ? "" : s;
}

const char *
conf_need(
    struct conf *c, const struct json *obj, const char *path, const char *name)
{
	const char *s = conf_str(obj, name);
	char at[CONF_PATH];

	if (json_get(obj, name) == NULL)
		conf_error(c, "missing-member", path, "%s is missing", name);
	else if (json_get_str(obj, name) != NULL && *s == '\0')
		conf_error(c, "bad-value", conf_at(at, path, name),
		    "%s must not be empty", name);
	return s;
}

char *
conf_dup(struct conf *c, const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		c->nomem = true;
	return copy;
}

double
conf_num(struct conf *c, const struct json *obj, const char *path,
    const char *name, double lo, double hi, double def)
{
	const struct json *v = json_get(obj, name);
	char at[CONF_PATH];

	if (json_kind(v) != JSON_NUMBER)
		return def;
	if (json_num(v) >= lo && json_num(v) <= hi)
		return json_num(v);
	conf_error(c, "bad-value", conf_at(at, path, name),
	    "%s must be within %.10g and %.10g", name, lo, hi);
	return def;
}

bool
conf_bool(const struct json *obj, const char *name, bool def)
{
	const struct json *v = json_get(obj, name);

	return json_kind(v) == JSON_BOOL ? json_true(v) : def;
}

long long
conf_ms(struct conf *c, const struct json *obj, const char *path,
    const char *name, long long lo, long long hi, long long def)
{
	const struct json *v = json_get(obj, name);
	char at[CONF_PATH];
	long long ms = -1;

	if (json_kind(v) == JSON_NUMBER && json_num(v) >= 0 &&
	    json_num(v) <= 1e9)
		ms = (long long)(json_num(v) * 1000);
	else if (json_str(v) == NULL || str_ms(json_str(v), &ms) == -1)
		ms = -1;
	if (v == NULL || (ms >= lo && ms <= hi))
		return v == NULL ? def : ms;
	conf_error(c, "bad-value", conf_at(at, path, name),
	    "%s must be a time within %lldms and %llds, such as \"10s\"", name,
	    lo, hi / 1000);
	return def;
}

void
conf_some(
    struct conf *c, const struct json *obj, const char *path, const char *name)
{
	const struct json *list = json_get(obj, name);
	char at[CONF_PATH];

	if (json_kind(list) == JSON_LIST && json_first(list) == NULL)
		conf_error(c, "bad-value", conf_at(at, path, name),
		    "an empty list would let everybody in: leave it out if "
		    "that is meant");
}

char *
conf_list(
    struct conf *c, const struct json *obj, const char *path, const char *name)
{
	const struct json *x = json_first(json_get(obj, name));
	char at[CONF_PATH], item[CONF_PATH];
	struct buf b;
	size_t i;
	char *s;

	if (x == NULL)
		return NULL;
	conf_at(at, path, name);
	buf_init(&b, CONF_LIST_MAX);
	for (i = 0; x != NULL; x = json_next(x), i++) {
		if (json_str(x) == NULL || *json_str(x) == '\0')
			conf_error(c, "wrong-kind", conf_at_i(item, at, i),
			    "must be a text");
		else
			buf_addf(&b, "%s%s", b.len > 0 ? "," : "", json_str(x));
	}
	if (b.failed)
		conf_error(c, "bad-value", at, "%s is too long", name);
	if ((s = strdup(buf_str(&b))) == NULL)
		c->nomem = true;
	buf_done(&b);
	return s;
}

int
conf_word(struct conf *c, const char *path, const char *what, const char *text,
    const char *const *words, size_t n)
{
	const char *near;
	struct buf b;
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(words[i], text) == 0)
			return (int)i;
	buf_init(&b, 256);
	for (i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i == 0 ? "" : " ", words[i]);
	near = str_nearest(text, words, n, sizeof *words);
	if (near != NULL)
		conf_error(c, "bad-value", path,
		    "%s: no such %s, did you mean %s?", text, what, near);
	else
		conf_error(c, "bad-value", path,
		    "%.80s: no such %s; one of: %s", text, what, buf_str(&b));
	buf_done(&b);
	return -1;
}

const char *
conf_url(struct conf *c, const struct json *obj, const char *path,
    const char *name, bool needed)
{
	const char *s =
	    needed ? conf_need(c, obj, path, name) : conf_str(obj, name);
	struct err e = ERR_INIT;
	char at[CONF_PATH];

	if (*s == '\0' ||
	    target_check(
		s, c->allow_private ? TARGET_ANY : TARGET_OPERATOR, &e) == 0)
		return s;
	conf_error(
	    c, "bad-value", conf_at(at, path, name), "%s: %s", name, e.text);
	return "";
}

/* -- secrets -- */

void
conf_missing(struct conf *c, const char *path, const char *name,
    const char *what, const struct err *e)
{
	if (e->kind != ERR_NONE)
		conf_error(c, "missing-secret", path, "%s: %s", name, e->text);
	else if (what != NULL)
		conf_error(c, "missing-secret", path, "%s %s", name, what);
	else
		conf_error(c, "missing-secret", path,
		    "%s is not set: put %s=... into webexbot.env (or "
		    "%s_FILE, a file that holds it)",
		    name, name, name);
}

static void
conf_secret(struct conf *c, const struct json *v, const char *path,
    const char *name, struct conf_secrets *out)
{
	const char *text = json_str(v);
	struct err e = ERR_INIT;
	char *s;

	if (text == NULL || !str_prefix(text, CONF_SECRET_PREFIX) ||
	    text[strlen(CONF_SECRET_PREFIX)] == '\0') {
		/* the text may be the secret itself: it is not repeated */
		conf_error(c, "bad-secret", path,
		    "%s must be written \"env:NAME\"; the secret itself is in "
		    "NAME or in the file NAME_FILE",
		    name);
		return;
	}
	text += strlen(CONF_SECRET_PREFIX);
	if (out->n == CONF_SECRETS) {
		conf_error(
		    c, "bad-value", path, "more than %d secrets", CONF_SECRETS);
		return;
	}
	s = c->secret == NULL ? NULL : c->secret(c->arg, text, &e);
	if (s != NULL && *s != '\0') {
		out->v[out->n++] = s;
		return;
	}
	conf_missing(c, path, text, s == NULL ? NULL : "is empty", &e);
	free(s);
}

void
conf_secrets(struct conf *c, const struct json *obj, const char *path,
    const char *name, bool needed, struct conf_secrets *out)
{
	const struct json *v = json_get(obj, name), *x;
	char at[CONF_PATH], item[CONF_PATH];
	size_t i = 0;

	memset(out, 0, sizeof *out);
	if (v == NULL) {
		if (needed)
			conf_error(
			    c, "missing-member", path, "%s is missing", name);
		return;
	}
	conf_at(at, path, name);
	if (json_kind(v) == JSON_STRING)
		conf_secret(c, v, at, name, out);
	for (x = json_first(v); x != NULL; x = json_next(x))
		conf_secret(c, x, conf_at_i(item, at, i++), name, out);
	if (json_kind(v) == JSON_LIST && i == 0)
		conf_error(c, "bad-value", at, "%s must not be empty", name);
}

char *
conf_name(
    struct conf *c, const struct json *obj, const char *path, const char *name)
{
	const char *s = conf_need(c, obj, path, name);
	struct conf_secrets from = {.n = 0};
	char *copy;

	if (!str_prefix(s, CONF_SECRET_PREFIX))
		return conf_dup(c, s);
	conf_secrets(c, obj, path, name, true, &from);
	copy = conf_dup(c, from.n > 0 ? from.v[0] : "");
	conf_secrets_done(&from);
	return copy;
}

void
conf_secrets_done(struct conf_secrets *s)
{
	while (s->n > 0) {
		s->n--;
		explicit_bzero(s->v[s->n], strlen(s->v[s->n]));
		free(s->v[s->n]);
	}
}

bool
conf_secrets_match(const struct conf_secrets *s, const char *given)
{
	bool ok = false;
	size_t i;

	for (i = 0; given != NULL && i < s->n; i++)
		if (verify_same(s->v[i], given))
			ok = true;
	return ok;
}
