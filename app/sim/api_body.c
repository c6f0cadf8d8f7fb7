/*
 * The body of a POST or PUT, before anything is locked: JSON or a form, and
 * the file that goes with a message; see api.h.
 */
#include "sim/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "net/xfer.h"

#define API_FETCH_MS 5000

static bool
api_bad(struct api_call *c, int status, const char *text)
{
	api_fail(c, status, text);
	return false;
}

/* -- forms -- */

static int
api_form_text(struct api_call *c, const struct form_part *p)
{
	char *s;
	int rc;

	if (!str_utf8_ok(p->data, p->len) ||
	    memchr(p->data, '\0', p->len) != NULL ||
	    (s = strndup(p->data, p->len)) == NULL)
		return -1;
	rc = json_set_str(c->body, p->name, s);
	free(s);
	return rc;
}

/* The names of a file, kept for as long as the call. */
static int
api_name_file(struct api_call *c, const char *name, size_t n, const char *type)
{
	size_t k = strlen(type);

	if (n == 0 || !str_utf8_ok(name, n)) {
		name = "file";
		n = 4;
	}
	if (k == 0) {
		type = "application/octet-stream";
		k = strlen(type);
	}
	if ((c->names = malloc(n + k + 2)) == NULL)
		return -1;
	memcpy(c->names, name, n);
	c->names[n] = '\0';
	memcpy(c->names + n + 1, type, k + 1);
	c->file.name = c->names;
	c->file.type = c->names + n + 1;
	c->has_file = true;
	return 0;
}

static bool
api_read_form(struct api_call *c, const char *type, const char *p, size_t len)
{
	struct form_part parts[FORM_PARTS_MAX];
	int n = form_parse(type, p, len, parts), i;

	if (n == -1)
		return api_bad(c, 400, NULL);
	for (i = 0; i < n; i++) {
		if (*parts[i].filename == '\0') {
			if (api_form_text(c, &parts[i]) == -1)
				return api_bad(c, 400, NULL);
			continue;
		}
		if (c->has_file || strcmp(parts[i].name, "files") != 0)
			return api_bad(c, 400, NULL);
		if (api_name_file(c, parts[i].filename,
			strlen(parts[i].filename), parts[i].type) == -1)
			return api_bad(c, 500, NULL);
		c->file.data = parts[i].data;
		c->file.len = parts[i].len;
	}
	return true;
}

/* -- files by URL -- */

static bool
api_fetched(struct api_call *c, const char *url, struct xfer_res *res)
{
	const char *type = xfer_header(res, "Content-Type"), *name;
	size_t n;

	if (res->end != XFER_ANSWERED || res->status != 200)
		return api_bad(c, 400, "Unable to retrieve the file.");
	url += strcspn(url, ":");
	n = strcspn(url, "?#");
	for (name = url + n; name > url && name[-1] != '/'; name--)
		;
	if ((c->fetched = malloc(res->body_len + 1)) == NULL ||
	    api_name_file(c, name, (size_t)(url + n - name),
		type != NULL ? type : "") == -1)
		return api_bad(c, 500, NULL);
	memcpy(c->fetched, res->body, res->body_len);
	c->file.data = c->fetched;
	c->file.len = res->body_len;
	return true;
}

static bool
api_fetch(struct api_call *c, const char *url)
{
	struct xfer_req q = {.method = "GET",
	    .url = url,
	    .resp_max = API_FILE,
	    .timeout_ms = API_FETCH_MS};
	struct xfer_res *res;
	bool ok;

	if (!str_prefix(url, "http://") && !str_prefix(url, "https://"))
		return api_bad(c, 400, NULL);
	if ((res = xfer_wait(c->sim->xfer, &q, NULL)) == NULL)
		return api_bad(c, 400, "Unable to retrieve the file.");
	ok = api_fetched(c, url, res);
	xfer_res_free(res);
	return ok;
}

/* files: a list of at most one public URL (O1). */
static bool
api_read_files(struct api_call *c)
{
	const struct json *files = json_get(c->body, "files"), *first;

	first = json_first(files);
	if (files == NULL || (json_kind(files) == JSON_LIST && first == NULL))
		return true;
	if (json_kind(files) != JSON_LIST || json_next(first) != NULL ||
	    json_str(first) == NULL)
		return api_bad(c, 400, NULL);
	return api_fetch(c, json_str(first));
}

bool
api_read_body(struct api_call *c)
{
	const char *type = http_header(c->req, "Content-Type"), *p, *m;
	bool post, messages = strcmp(c->row->path, "messages") == 0;
	size_t len;

	m = http_method(c->req);
	post = strcmp(m, "POST") == 0;
	if (!post && strcmp(m, "PUT") != 0)
		return true;
	p = http_body(c->req, &len);
	if (type != NULL && str_prefix(type, "multipart/form-data")) {
		if (!post || !messages)
			return api_bad(c, 415, NULL);
		if ((c->body = json_object()) == NULL)
			return api_bad(c, 500, NULL);
		return api_read_form(c, type, p, len);
	}
	if (type == NULL || strncasecmp(type, "application/json", 16) != 0)
		return api_bad(c, 415, NULL);
	c->body = json_parse(p, len, NULL);
	if (json_kind(c->body) != JSON_OBJECT)
		return api_bad(c, 400, NULL);
	return !post || !messages || *c->who == '?' || api_read_files(c);
}
