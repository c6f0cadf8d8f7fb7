/* Calls of the bot file; see rules_int.h and call.h. */
#include "bot/rules_int.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "connect/target.h"

#define CALL_METHOD_MAX 20
#define CALL_SECRET "env:"

static const struct conf_key call_keys[] = {
    {"method", CONF_TEXT},
    {"url", CONF_TEXT},
    {"query", CONF_OBJECT},
    {"headers", CONF_OBJECT},
    {"json", CONF_ANY},
    {"form", CONF_OBJECT},
    {"body", CONF_TEXT},
    {"timeout", CONF_TIME},
};

/* POST when there is a body, else GET, unless it is named. */
static int
rules_call_method(struct rules_in *in, const struct json *obj, const char *path,
    struct call *c)
{
	const char *s = json_get_str(obj, "method");
	char at[CONF_PATH], *p;
	size_t n;

	if (s == NULL)
		s = json_get(obj, "json") != NULL ||
			    json_get(obj, "form") != NULL ||
			    json_get(obj, "body") != NULL
			? "POST"
			: "GET";
	n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	if (n == 0 || n > CALL_METHOD_MAX || s[n] != '\0')
		conf_error(&in->conf, "bad-value", conf_at(at, path, "method"),
		    "method must be GET, POST, PUT, PATCH, DELETE or the like");
	if ((c->method = strdup(s)) == NULL)
		return err_nomem(in->e);
	for (p = c->method; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return 0;
}

/*
 * Scheme, host and port stand in the file, never in a template: whoever
 * talks to the bot must not choose whom it calls.
 */
static int
rules_call_url(struct rules_in *in, const struct json *obj, const char *path,
    struct call *c)
{
	const char *url = conf_need(&in->conf, obj, path, "url");
	size_t n = strcspn(url, "$\\");
	const char *host = strstr(url, "://");
	char at[CONF_PATH], *fixed;
	struct target t;
	size_t end;

	if (*url == '\0')
		return 0;
	conf_at(at, path, "url");
	end = host == NULL
		  ? 0
		  : (size_t)(host + 3 - url) + strcspn(host + 3, "/?#$\\");
	if ((fixed = strndup(url, end)) == NULL)
		return err_nomem(in->e);
	if (host == NULL || end > n || (url[end] != '\0' && end == n))
		conf_error(&in->conf, "bad-value", at,
		    "url must begin with http:// or https:// and a host; a "
		    "template may only follow after the host and a /");
	else if (target_parse(fixed, &t) == -1)
		conf_error(&in->conf, "bad-value", at,
		    "url: not an http or https address");
	c->origin = fixed;
	return 0;
}

static int
rules_call_body(struct rules_in *in, const struct json *obj, const char *path)
{
	int n = (json_get(obj, "json") != NULL) +
		(json_get(obj, "form") != NULL) +
		(json_get(obj, "body") != NULL);

	if (n > 1)
		conf_error(&in->conf, "bad-value", path,
		    "a call sends one of json, form, body");
	return 0;
}

/* "env:NAME" as the last word of a header's value; NULL: there is none. */
static const char *
rules_header_secret(const char *value)
{
	const char *s = strrchr(value, ' ');

	s = s == NULL ? value : s + 1;
	return str_prefix(s, CALL_SECRET) ? s + strlen(CALL_SECRET) : NULL;
}

static int
rules_header_fixed(struct rules_in *in, const struct json *h, const char *path,
    const char *name, struct call *c)
{
	const char *value = json_str(h);
	size_t before = (size_t)(name - strlen(CALL_SECRET) - value);
	struct err why = ERR_INIT;
	char *secret = in->conf.secret(in->conf.arg, name, &why), *line = NULL;
	char **v;

	if (secret == NULL || *secret == '\0' ||
	    strpbrk(secret, "\r\n") != NULL) {
		conf_missing(&in->conf, path, name,
		    secret == NULL ? NULL : "is empty or has several lines",
		    &why);
		free(secret);
		return 0;
	}
	v = realloc(c->secrets, (c->nsecrets + 1) * sizeof *v);
	if (v != NULL)
		c->secrets = v;
	if (v == NULL || asprintf(&line, "%s: %.*s%s", json_name(h),
			     (int)before, value, secret) == -1)
		line = NULL;
	explicit_bzero(secret, strlen(secret));
	free(secret);
	if (line == NULL)
		return err_nomem(in->e);
	v[c->nsecrets++] = line;
	return 0;
}

static bool
rules_header_name(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			     "xyz0123456789!#$%&'*+-.^_`|~");

	return n > 0 && s[n] == '\0';
}

/* Those with a secret become fixed lines and leave the template. */
static int
rules_call_headers(
    struct rules_in *in, struct json *tpl, const char *path, struct call *c)
{
	struct json *headers = json_get(tpl, "headers"), *h, *next;
	char at[CONF_PATH], item[CONF_PATH];
	const char *secret;

	conf_at(at, path, "headers");
	if (json_count(headers) > CALL_HEADERS_MAX)
		conf_error(&in->conf, "bad-value", at, "more than %d headers",
		    CALL_HEADERS_MAX);
	if (json_kind(headers) != JSON_OBJECT)
		return 0; /* told with the others */
	for (h = json_first(headers); h != NULL; h = next) {
		next = json_next(h);
		conf_at(item, at, json_name(h));
		if (!rules_header_name(json_name(h)))
			conf_error(&in->conf, "bad-value", item,
			    "no name of a header");
		if (json_kind(h) != JSON_STRING) {
			conf_error(&in->conf, "wrong-kind", item,
			    "a header's value must be a text");
			continue;
		}
		if ((secret = rules_header_secret(json_str(h))) == NULL)
			continue;
		if (rules_header_fixed(in, h, item, secret, c) == -1)
			return -1;
		json_del(headers, json_name(h));
	}
	return 0;
}

static int
rules_call_read(struct rules_in *in, const struct json *obj, const char *path,
    struct call *c)
{
	struct json *tpl = json_dup(obj);
	int rc = -1;

	if (tpl == NULL)
		return err_nomem(in->e);
	json_del(tpl, "method");
	json_del(tpl, "timeout");
	if (rules_call_method(in, obj, path, c) == 0 &&
	    rules_call_url(in, obj, path, c) == 0 &&
	    rules_call_body(in, obj, path) == 0 &&
	    rules_call_headers(in, tpl, path, c) == 0)
		rc = rules_tpl(in, tpl, path, &c->tpl);
	json_free(tpl);
	return rc;
}

int
rules_call(struct rules_in *in, const struct json *obj, const char *path,
    struct call **out)
{
	const struct json *o = conf_object(obj, "call");
	char at[CONF_PATH];
	struct call *c;

	if (o == NULL)
		return 0;
	conf_at(at, path, "call");
	CONF_KEYS(&in->conf, o, at, call_keys);
	if ((c = *out = calloc(1, sizeof *c)) == NULL)
		return err_nomem(in->e);
	c->timeout_ms = (int)conf_ms(&in->conf, o, at, "timeout", 1,
	    CALL_TIMEOUT_MAX_MS, CALL_TIMEOUT_MS);
	return rules_call_read(in, o, at, c);
}

/* -- run -- */

static const struct conf_key run_keys[] = {
    {"argv", CONF_LIST},
    {"stdin", CONF_ANY},
    {"timeout", CONF_TIME},
};

/* The program itself stands in the file, its arguments may be templates. */
static void
rules_run_argv(struct rules_in *in, const struct json *argv, const char *path)
{
	const struct json *x = json_first(argv);
	char at[CONF_PATH];
	size_t i;

	if (x == NULL || json_count(argv) > PROGRAM_ARGS_MAX)
		conf_error(&in->conf, "bad-value", path,
		    "run needs the program and its arguments, %d at most",
		    PROGRAM_ARGS_MAX);
	for (i = 0; x != NULL; x = json_next(x), i++)
		if (json_str(x) == NULL ||
		    (i == 0 && (*json_str(x) == '\0' ||
				   strstr(json_str(x), "${") != NULL)))
			conf_error(&in->conf, "bad-value",
			    conf_at_i(at, path, i),
			    i == 0 ? "the program must be named plainly"
				   : "an argument is a text");
}

/* {"argv", "stdin"} as a template; a bare list is the argv. */
static int
rules_run_tpl(struct rules_in *in, const struct json *run, const char *path,
    struct program *p)
{
	const struct json *argv = run, *input = NULL;
	char at[CONF_PATH];

	snprintf(at, sizeof at, "%s", path);
	if (json_kind(run) == JSON_OBJECT) {
		argv = json_get(run, "argv");
		input = json_get(run, "stdin");
		conf_at(at, path, "argv");
	}
	rules_run_argv(in, argv, at);
	if (rules_tpl(in, argv, at, &p->argv) == -1)
		return -1;
	if (input != NULL)
		return rules_tpl(
		    in, input, conf_at(at, path, "stdin"), &p->input);
	/* it gets all there is */
	in->reads |= READS_PERSON | READS_ROOM | READS_MEMORY | READS_EVENT;
	return 0;
}

int
rules_run(struct rules_in *in, const struct json *obj, const char *path,
    struct program **out)
{
	const struct json *run = json_get(obj, "run");
	char at[CONF_PATH];
	struct program *p;

	if (run == NULL)
		return 0;
	conf_at(at, path, "run");
	if (json_kind(run) != JSON_LIST && json_kind(run) != JSON_OBJECT) {
		conf_error(&in->conf, "wrong-kind", at,
		    "run must be a list (the program and its arguments), or "
		    "an object with argv");
		return 0;
	}
	if (in->env->cfg != NULL && !in->env->cfg->allow_run)
		conf_error(&in->conf, "not-allowed", at,
		    "programs are run only with WEBEXBOT_ALLOW_RUN=1");
	CONF_KEYS(&in->conf, json_kind(run) == JSON_OBJECT ? run : NULL, at,
	    run_keys);
	if ((p = *out = calloc(1, sizeof *p)) == NULL)
		return err_nomem(in->e);
	p->timeout_ms = (int)conf_ms(&in->conf, run, at, "timeout", 1,
	    CALL_TIMEOUT_MAX_MS, CALL_TIMEOUT_MS);
	return rules_run_tpl(in, run, at, p);
}
