/* Calls of rules; see call.h. */
#include "bot/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "connect/target.h"
#include "connect/vars.h"

void
call_free(struct call *c)
{
	if (c == NULL)
		return;
	while (c->nsecrets > 0) {
		char *s = c->secrets[--c->nsecrets];

		explicit_bzero(s, strlen(s));
		free(s);
	}
	free(c->secrets);
	tpl_free(c->tpl);
	free(c->origin);
	free(c->method);
	free(c);
}

/* -- rendering -- */

/* A member as text; NULL in *out when it is not there. */
static int
call_text(const struct val *v, const char *name, struct arena *a,
    const char **out, struct err *e)
{
	const struct val *m = val_gets(v, name);

	*out = NULL;
	if (m == NULL || val_none(m))
		return 0;
	*out = val_cstr(a, m);
	return *out == NULL ? err_nomem(e) : 0;
}

/* What can stand in no address is encoded; the rest is the author's. */
static void
call_add_url(struct buf *out, const char *s)
{
	urlenc_some(out, s, strlen(s), " \"<>\\^`{|}");
}

/*
 * Does a path go up?  A text put into it must not lead to what the author
 * did not mean; a dot may be encoded, and every server undoes that.
 */
static bool
call_goes_up(const char *path)
{
	size_t dots = 0, others = 0;

	for (;; path++) {
		if (*path == '/' || strchr("?#", *path) != NULL) {
			if (dots > 0 && dots <= 2 && others == 0)
				return true;
			if (*path != '/')
				return false;
			dots = others = 0;
		} else if (*path == '.') {
			dots++;
		} else if (strncasecmp(path, "%2e", 3) == 0) {
			dots++;
			path += 2;
		} else {
			others++;
		}
	}
}

/* The members of an object as name=value&...; missing ones are left out. */
static int
call_form(
    const struct val *obj, struct arena *a, struct buf *out, struct err *e)
{
	const struct val_member *m;
	const char *value, *name;
	struct buf pair;
	size_t i;
	int rc = 0;

	buf_init(&pair, CALL_BODY_MAX);
	for (i = 0; rc == 0 && obj->kind == VAL_OBJ && i < obj->obj->n; i++) {
		m = &obj->obj->m[i];
		if (val_none(&m->v))
			continue;
		name = arena_strndup(a, m->name, m->len);
		value = val_cstr(a, &m->v);
		buf_clear(&pair);
		if (name == NULL || value == NULL ||
		    urlenc_form(&pair, name, value) == -1)
			rc = err_nomem(e);
		else
			buf_addf(out, "%s%s", out->len > 0 ? "&" : "",
			    buf_str(&pair));
	}
	buf_done(&pair);
	return rc;
}

static int
call_url(const struct call *c, const struct val *v, struct arena *a,
    struct xfer_req *q, struct err *e)
{
	const struct val *query = val_gets(v, "query");
	struct buf b, form;
	const char *url;
	int rc = -1;

	buf_init(&b, TARGET_MAX);
	buf_init(&form, TARGET_MAX);
	if (call_text(v, "url", a, &url, e) == -1)
		goto out;
	/* it begins with these bytes when it is compiled; be sure */
	if (url == NULL || !str_prefix(url, c->origin)) {
		err_set(e, ERR_PERM, "the address to call is not as written");
		goto out;
	}
	if (call_goes_up(url + strlen(c->origin))) {
		err_set(e, ERR_PERM, "the address to call has . or .. in it");
		goto out;
	}
	call_add_url(&b, url);
	if (query != NULL && call_form(query, a, &form, e) == -1)
		goto out;
	if (form.len > 0)
		buf_addf(&b, "%s%s", strchr(url, '?') == NULL ? "?" : "&",
		    buf_str(&form));
	if (buf_check(&form, "the query", e) == -1 ||
	    buf_check(&b, "the address to call", e) == -1)
		rc = -1;
	else if ((q->url = arena_strndup(a, b.p, b.len)) == NULL)
		err_nomem(e);
	else
		rc = 0;
out:
	buf_done(&b);
	buf_done(&form);
	return rc;
}

/* "Name: value" without line ends, so that no value can add a header. */
static const char *
call_header(const struct val_member *m, struct arena *a)
{
	const char *value = val_cstr(a, &m->v);
	char *line, *p;

	if (value == NULL)
		return NULL;
	line = arena_printf(a, "%.*s: %s", (int)m->len, m->name, value);
	for (p = line; p != NULL && *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	return line;
}

static bool
call_has_header(const char *const *lines, size_t n, const char *name)
{
	size_t len = strlen(name);

	while (n-- > 0)
		if (strncasecmp(lines[n], name, len) == 0 &&
		    lines[n][len] == ':')
			return true;
	return false;
}

static int
call_headers(const struct call *c, const struct val *v, const char *type,
    struct arena *a, struct xfer_req *q, struct err *e)
{
	const struct val *h = val_gets(v, "headers");
	const char **lines =
	    arena_alloc(a, (2 * CALL_HEADERS_MAX + 3) * sizeof *lines);
	size_t i, n = 0;

	if (lines == NULL)
		return err_nomem(e);
	for (i = 0; h != NULL && h->kind == VAL_OBJ && i < h->obj->n &&
		    i < CALL_HEADERS_MAX;
	     i++)
		if (!val_none(&h->obj->m[i].v) &&
		    (lines[n++] = call_header(&h->obj->m[i], a)) == NULL)
			return err_nomem(e);
	for (i = 0; i < c->nsecrets; i++)
		lines[n++] = c->secrets[i];
	if (type != NULL && !call_has_header(lines, n, "Content-Type")) {
		lines[n] = arena_printf(a, "Content-Type: %s", type);
		if (lines[n++] == NULL)
			return err_nomem(e);
	}
	if (!call_has_header(lines, n, "Accept"))
		lines[n++] = "Accept: application/json, */*;q=0.5";
	lines[n] = NULL;
	q->headers = lines;
	return 0;
}

/* The body, and in *type what it is. */
static int
call_body(const struct val *v, struct arena *a, struct xfer_req *q,
    const char **type, struct err *e)
{
	const struct val *json = val_gets(v, "json");
	const struct val *form = val_gets(v, "form");
	const char *text = NULL;
	struct buf b;
	int rc = 0;

	buf_init(&b, CALL_BODY_MAX);
	*type = NULL;
	if (json != NULL) {
		*type = "application/json";
		val_print(json, &b);
	} else if (form != NULL) {
		*type = "application/x-www-form-urlencoded";
		rc = call_form(form, a, &b, e);
	} else {
		rc = call_text(v, "body", a, &text, e);
		if (text != NULL) {
			*type = "text/plain; charset=utf-8";
			buf_adds(&b, text);
		}
	}
	if (rc == 0)
		rc = buf_check(&b, "the body to send", e);
	if (rc == 0 && b.len > 0) {
		q->body_len = b.len;
		if ((q->body = arena_dup(a, b.p, b.len)) == NULL)
			rc = err_nomem(e);
	}
	buf_done(&b);
	return rc;
}

int
call_render(const struct call *c, const struct val *data, struct arena *a,
    struct xfer_req *out, struct err *e)
{
	const char *type;
	struct val v;

	memset(out, 0, sizeof *out);
	out->method = c->method;
	out->timeout_ms = c->timeout_ms;
	out->resp_max = CALL_BODY_MAX;
	if (tpl_render(c->tpl, data, NULL, clk_wall_ms(), a, &v, NULL, e) == -1)
		return -1;
	return call_url(c, &v, a, out, e) == -1 ||
		       call_body(&v, a, out, &type, e) == -1 ||
		       call_headers(c, &v, type, a, out, e) == -1
		   ? -1
		   : 0;
}

/* -- answers -- */

/*
 * What the body is: as it is labelled; without a label, by its first byte.
 * What is labelled wrongly is a text.
 */
static struct json *
call_read_body(const struct xfer_res *r)
{
	const char *type = xfer_header(r, "Content-Type");
	const char *s = r->body + strspn(r->body, " \t\r\n");
	struct json *j = NULL;
	bool json, xml;

	if (*s == '\0')
		return json_new_str("");
	json = type != NULL && strcasestr(type, "json") != NULL;
	xml = type != NULL && strcasestr(type, "xml") != NULL;
	if (xml)
		j = vars_parse(VARS_XML, r->body, r->body_len, NULL);
	else if (json || *s == '{' || *s == '[')
		j = json_parse(r->body, r->body_len, NULL);
	if (j != NULL)
		return j;
	if (strlen(r->body) != r->body_len ||
	    !str_utf8_ok(r->body, r->body_len))
		return json_new_null(); /* no text: a picture or the like */
	return json_new_str(r->body);
}

/* Names in lower case; of several of one name the last. */
static struct json *
call_read_headers(const struct xfer_res *r)
{
	struct json *o = json_object();
	struct xfer_field f = {NULL, NULL};

	while (o != NULL && xfer_next_header(r, &f))
		if (str_utf8_ok(f.value, strlen(f.value)) &&
		    json_set_str(o, f.name, f.value) == -1) {
			json_free(o);
			return NULL;
		}
	return o;
}

struct json *
call_answer(const struct xfer_res *r)
{
	struct json *o;

	if (r->end == XFER_TOO_LARGE)
		return call_failed("the answer is too large");
	if (r->end != XFER_ANSWERED)
		return call_failed(r->error == NULL ? "no answer" : r->error);
	o = json_object();
	/* the body first: headers are read in place */
	if (json_set(o, "body", call_read_body(r)) == 0 &&
	    json_set(o, "headers", call_read_headers(r)) == 0 &&
	    json_set_num(o, "status", r->status) == 0 &&
	    json_set_num(o, "ms", (double)(r->us / 1000)) == 0)
		return o;
	json_free(o);
	return NULL;
}

struct json *
call_failed(const char *why)
{
	struct json *o = json_object();

	if (json_set_num(o, "status", 0) == 0 &&
	    json_set_str(o, "error", why) == 0 &&
	    json_set(o, "headers", json_object()) == 0 &&
	    json_set_str(o, "body", "") == 0)
		return o;
	json_free(o);
	return NULL;
}

bool
call_ok(const struct json *answer)
{
	double status = json_num(json_get(answer, "status"));

	return status >= 200 && status < 300;
}
