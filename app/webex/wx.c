/* Calls of the REST API; see wx.h.  Any thread may submit. */
#include "webex/wx_int.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "net/retry.h"

#define WX_URL_MAX 4096
#define WX_ERROR_MAX 160        /* of the reason that an error body gives */
#define WX_LIST_MAX (8u << 20)  /* bytes of a page of messages */
#define WX_429_DEFAULT_MS 15000 /* 429 without a usable Retry-After */
#define WX_AHEAD_MAX_MS (24 * 3600 * 1000)

static const struct {
	const char *method;
	const char *path;
	enum wx_group group;
	bool may_repeat;
} wx_endpoints[] = {
#define ENDPOINT(id, method, path, group, may_repeat)                          \
	{method, path, WX_##group, may_repeat},
#include "tbl/endpoints.h"
#undef ENDPOINT
};

const char *
wx_method(enum wx_endpoint ep)
{
	return wx_endpoints[ep].method;
}

const char *
wx_path(enum wx_endpoint ep)
{
	return wx_endpoints[ep].path;
}

struct wx *
wx_new(const struct wx_opts *o, struct err *e)
{
	struct wx *w = calloc(1, sizeof *w);
	const char *host = strstr(o->base, "://");
	size_t n = strlen(o->base);

	if (host == NULL || !str_prefix(o->base, "http")) {
		err_set(e, ERR_PERM,
		    "WEBEX_API_URL: \"%s\" is no http or https address",
		    o->base);
		free(w);
		return NULL;
	}
	while (n > 0 && o->base[n - 1] == '/')
		n--;
	if (w == NULL || (w->base = strndup(o->base, n)) == NULL) {
		err_nomem(e);
		free(w);
		return NULL;
	}
	w->xfer = o->xfer;
	w->details = o->details;
	host += 3;
	w->host_len = (size_t)(host - o->base) + strcspn(host, "/");
	pthread_mutex_init(&w->lock, NULL);
	clk_cond_init(&w->stopped);
	if (wx_set_token(w, o->token, e) != -1) {
		wx_trust(w, w->token);
		return w;
	}
	wx_free(w);
	return NULL;
}

void
wx_free(struct wx *w)
{
	if (w == NULL)
		return;
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->stopped);
	free(w->auth);
	free(w->base);
	free(w);
}

void
wx_stop(struct wx *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->stopped);
	pthread_mutex_unlock(&w->lock);
}

bool
wx_pause(struct wx *w, int64_t ms)
{
	int64_t until = clk_mono_ms() + ms;
	bool go;

	pthread_mutex_lock(&w->lock);
	while (!w->stop && clk_mono_ms() < until)
		clk_cond_wait(&w->stopped, &w->lock, until);
	go = !w->stop;
	pthread_mutex_unlock(&w->lock);
	return go;
}

int
wx_set_token(struct wx *w, const char *token, struct err *e)
{
	char *auth, *old;
	const char *p;
	int rc;

	for (p = token; *p != '\0'; p++)
		if (!isgraph((unsigned char)*p))
			return err_set(e, ERR_PERM,
			    "WEBEX_ACCESS_TOKEN holds a blank or control "
			    "character");
	if (asprintf(&auth, "Authorization: Bearer %s", token) == -1)
		return err_nomem(e);
	pthread_mutex_lock(&w->lock);
	old = w->auth;
	w->auth = auth;
	rc = !str_eq(old, auth);
	w->token += (unsigned)rc;
	pthread_mutex_unlock(&w->lock);
	free(old);
	return rc;
}

unsigned
wx_token(struct wx *w)
{
	unsigned token;

	pthread_mutex_lock(&w->lock);
	token = w->token;
	pthread_mutex_unlock(&w->lock);
	return token;
}

bool
wx_trust(struct wx *w, unsigned token)
{
	bool same;

	pthread_mutex_lock(&w->lock);
	if ((same = w->token == token))
		w->proved = token;
	pthread_mutex_unlock(&w->lock);
	return same;
}

bool
wx_same_host(const struct wx *w, const char *url)
{
	return strncmp(url, w->base, w->host_len) == 0 &&
	       (url[w->host_len] == '/' || url[w->host_len] == '\0');
}

int64_t
wx_ahead_ms(struct wx *w)
{
	int64_t ms = atomic_load(&w->ahead);

	return ms < 0 ? 0 : ms < WX_AHEAD_MAX_MS ? ms : WX_AHEAD_MAX_MS;
}

/* -- limit groups -- */

int64_t
wx_rest_ms(struct wx *w, enum wx_endpoint ep)
{
	enum wx_group g = wx_endpoints[ep].group;
	int64_t left;

	pthread_mutex_lock(&w->lock);
	left = w->rest_until[g] - clk_mono_ms();
	pthread_mutex_unlock(&w->lock);
	return left > 0 ? left : 0;
}

static void
wx_rest(struct wx *w, enum wx_endpoint ep, int64_t ms)
{
	enum wx_group g = wx_endpoints[ep].group;
	int64_t until = clk_mono_ms() + ms;

	pthread_mutex_lock(&w->lock);
	if (until > w->rest_until[g])
		w->rest_until[g] = until;
	pthread_mutex_unlock(&w->lock);
}

/* -- judging -- */

/* Logged and shown: a word without blanks, else nothing. */
static void
wx_read_tracking(const char *s, struct wx_answer *out)
{
	size_t n = 0;

	while (s != NULL && n < sizeof out->tracking - 1 &&
	       isgraph((unsigned char)s[n]))
		n++;
	if (n > 0)
		memcpy(out->tracking, s, n);
	out->tracking[n] = '\0';
}

/*
 * The reason in an error body, if it is one of Webex's.  By trust of
 * nothing: a 429 may come with HTML, a proxy may answer with anything.
 */
static void
wx_read_error(const struct xfer_res *r, struct wx_answer *out)
{
	struct json *j = json_parse(r->body, r->body_len, NULL);
	const char *text = json_get_str(j, "message");
	size_t n = text == NULL ? 0 : strnlen(text, WX_ERROR_MAX);

	snprintf(out->error, sizeof out->error, "%d%s", r->status,
	    r->status < 300 ? " without JSON, which is not from Webex" : "");
	snprintf(out->detail, sizeof out->detail, "%.*s",
	    n == 0 ? 0 : (int)str_utf8_cut(text, n), n == 0 ? "" : text);
	if (out->tracking[0] == '\0')
		wx_read_tracking(json_get_str(j, "trackingId"), out);
	json_free(j);
}

/* rel="next" of a Link header (RFC 8288), into the header's own memory. */
static const char *
wx_next(const struct xfer_res *r)
{
	char *link = (char *)xfer_header(r, "Link"), *end, *params;

	while (link != NULL && (link = strchr(link, '<')) != NULL) {
		if ((end = strchr(link, '>')) == NULL)
			return "";
		params = end + 1;
		if (strstr(params, "rel=\"next\"") != NULL &&
		    strstr(params, "rel=\"next\"") <
			params + strcspn(params, "<")) {
			*end = '\0';
			return link + 1;
		}
		link = params;
	}
	return "";
}

/*
 * Webex answers with an object; whatever else comes with a 200 (the page of a
 * proxy, half an answer, nothing at all) is not from there.
 */
static bool
wx_is_answer(enum wx_endpoint ep, const struct xfer_res *r)
{
	size_t n = r->body_len;

	if (wx_endpoints[ep].group == WX_CONTENTS ||
	    strcmp(wx_endpoints[ep].method, "DELETE") == 0)
		return true;
	if (r->body == NULL || r->body[strspn(r->body, " \t\r\n")] != '{')
		return false;
	while (n > 0 && strchr(" \t\r\n", r->body[n - 1]) != NULL)
		n--;
	return n > 0 && r->body[n - 1] == '}';
}

static enum wx_verdict
wx_verdict(enum wx_endpoint ep, const struct xfer_res *r)
{
	bool again = wx_endpoints[ep].may_repeat;

	switch (r->end) {
	case XFER_NOT_SENT:
		return WX_RETRY;
	case XFER_STOPPED:
		return WX_CANCELLED;
	case XFER_TOO_LARGE:
		return again ? WX_REFUSED : WX_LOST;
	case XFER_CUT:
		return again ? WX_RETRY : WX_LOST;
	case XFER_ANSWERED:
		break;
	}
	switch (r->status) {
	case 401:
		return WX_AUTH;
	case 404:
		return WX_MISSING;
	case 423: /* a file that is being scanned */
	case 429:
	case 503:
		return WX_RETRY;
	case 408: /* the other side gave up waiting; it may have begun */
		return again ? WX_RETRY : WX_LOST;
	default:
		if (r->status >= 200 && r->status < 300 && wx_is_answer(ep, r))
			return WX_OK;
		/* of gateways as well, such as 520, and of proxies */
		if (r->status < 400 || r->status >= 500)
			return again ? WX_RETRY : WX_LOST;
		return WX_REFUSED;
	}
}

/*
 * What the headers tell of a file.  The name is what its sender chose:
 * quotes around it go, and what an escape or another form would add.
 */
static void
wx_read_file(const struct xfer_res *r, struct wx_answer *out)
{
	const char *s = xfer_header(r, "Content-Disposition");
	long long size;
	size_t n;

	out->file_size = -1;
	if (s != NULL && (s = strcasestr(s, "filename=")) != NULL) {
		s += strlen("filename=");
		n = *s == '"' ? strcspn(++s, "\"") : strcspn(s, "; ");
		snprintf(out->file, sizeof out->file, "%.*s", (int)n, s);
	}
	if ((s = xfer_header(r, "Content-Type")) != NULL)
		snprintf(out->file_type, sizeof out->file_type, "%.*s",
		    (int)strcspn(s, "; "), s);
	if ((s = xfer_header(r, "Content-Length")) != NULL &&
	    str_num(s, 0, INT64_MAX, &size) == 0)
		out->file_size = size;
	if (!str_utf8_ok(out->file, strlen(out->file)))
		out->file[0] = '\0';
}

void
wx_judge(enum wx_endpoint ep, const struct xfer_res *r, int64_t wall_ms,
    struct wx_answer *out)
{
	memset(out, 0, sizeof *out);
	out->verdict = wx_verdict(ep, r);
	out->status = r->status;
	out->us = r->us;
	out->body = r->body;
	out->len = r->body_len;
	out->retry_ms = -1;
	out->next = "";
	wx_read_tracking(xfer_header(r, "trackingId"), out);
	if (r->end != XFER_ANSWERED)
		snprintf(out->error, sizeof out->error, "%s",
		    r->error == NULL ? "no answer" : r->error);
	else if (out->verdict == WX_OK && ep == WX_CONTENT_HEAD)
		wx_read_file(r, out);
	else if (out->verdict == WX_OK)
		out->next = wx_next(r);
	else
		wx_read_error(r, out);
	if (out->verdict == WX_RETRY && r->end == XFER_ANSWERED)
		out->retry_ms =
		    retry_after_ms(xfer_header(r, "Retry-After"), wall_ms);
	if (out->verdict == WX_RETRY && r->status == 429 && out->retry_ms < 0)
		out->retry_ms = WX_429_DEFAULT_MS;
}

/* -- one call -- */

struct wx_job {
	struct wx *w;
	enum wx_endpoint endpoint;
	void (*done)(const struct wx_answer *a, void *arg);
	void *arg;
};

/* Not what whole seconds and the way of the answer may make of it. */
static void
wx_read_date(struct wx *w, const struct xfer_res *r, int64_t now)
{
	int64_t ms;

	if (retry_date(xfer_header(r, "Date"), &ms) == -1)
		return;
	ms = now - ms;
	atomic_store(&w->ahead, ms - r->us / 1000 > 999 ? ms : 0);
}

void
wx_take(struct wx *w, enum wx_endpoint ep, const struct xfer_res *r,
    struct wx_answer *out)
{
	int64_t now = clk_wall_ms();

	wx_judge(ep, r, now, out);
	wx_read_date(w, r, now);
	if (out->status == 429)
		wx_rest(w, ep, out->retry_ms);
}

static void
wx_done(struct xfer_res *r, void *arg)
{
	struct wx_job *j = arg;
	struct wx_answer a;

	wx_take(j->w, j->endpoint, r, &a);
	j->done(&a, j->arg);
	free(j);
}

static int
wx_url(
    const struct wx *w, const struct wx_call *c, struct buf *url, struct err *e)
{
	const char *path = wx_endpoints[c->endpoint].path;

	if (c->url != NULL) {
		if (!wx_same_host(w, c->url))
			return err_set(e, ERR_PERM,
			    "the next page is on another host: %s", c->url);
		buf_adds(url, c->url);
		return buf_check(url, "the address", e);
	}
	/* curl and servers would take dots for another path */
	if (strchr(path, '*') != NULL &&
	    (c->id == NULL || *c->id == '\0' || strcmp(c->id, ".") == 0 ||
		strcmp(c->id, "..") == 0))
		return err_set(e, ERR_PERM, "%s %s: \"%s\" is no id",
		    wx_method(c->endpoint), path, c->id == NULL ? "" : c->id);
	buf_adds(url, w->base);
	for (; *path != '\0'; path++)
		if (*path == '*')
			urlenc_add(url, c->id, strlen(c->id), URLENC_PLAIN);
		else
			buf_addc(url, *path);
	if (c->query != NULL && *c->query != '\0')
		buf_addf(url, "?%s", c->query);
	return buf_check(url, "the address", e);
}

static char *
wx_header(const char *name, const char *value)
{
	char *line;

	return asprintf(&line, "%s: %s", name, value) == -1 ? NULL : line;
}

/* A page of a hundred long messages is more than most answers are. */
static size_t
wx_most(enum wx_endpoint ep)
{
	return ep == WX_MESSAGE_LIST || ep == WX_MESSAGE_DIRECT_LIST
		   ? WX_LIST_MAX
		   : 0;
}

int
wx_request(
    struct wx *w, const struct wx_call *c, struct wx_request *r, struct err *e)
{
	bool proved;

	memset(r, 0, sizeof *r);
	buf_init(&r->url, WX_URL_MAX);
	pthread_mutex_lock(&w->lock);
	proved = w->token == w->proved;
	r->auth = strdup(w->auth);
	pthread_mutex_unlock(&w->lock);
	if (!proved && c->endpoint != WX_PEOPLE_ME)
		return err_set(e, ERR_TEMP, "whose the new token is, is asked");
	if (r->auth == NULL)
		return err_nomem(e);
	r->headers[0] = r->auth;
	r->headers[1] =
	    c->sink > 0 ? "Accept: */*" : "Accept: application/json";
	if (c->len > 0 && c->type == NULL)
		r->headers[2] = "Content-Type: application/json; charset=utf-8";
	else if (c->len > 0 && (r->headers[2] = r->type = wx_header(
				    "Content-Type", c->type)) == NULL)
		return err_nomem(e);
	if (wx_url(w, c, &r->url, e) == -1)
		return -1;
	r->q = (struct xfer_req){.method = wx_endpoints[c->endpoint].method,
	    .url = buf_str(&r->url),
	    .headers = r->headers,
	    .body = c->body,
	    .body_len = c->len,
	    .sink = c->sink,
	    .resp_max = c->sink_max != 0 ? c->sink_max : wx_most(c->endpoint),
	    .timeout_ms = c->timeout_ms};
	return 0;
}

void
wx_request_done(struct wx_request *r)
{
	free(r->auth);
	free(r->type);
	buf_done(&r->url);
}

int
wx_submit(struct wx *w, const struct wx_call *c, struct err *e)
{
	struct wx_job *j = calloc(1, sizeof *j);
	struct wx_request r;
	int rc;

	if (j == NULL)
		return err_nomem(e);
	*j = (struct wx_job){w, c->endpoint, c->done, c->arg};
	if ((rc = wx_request(w, c, &r, e)) == 0) {
		r.q.done = wx_done;
		r.q.arg = j;
		rc = xfer_submit(w->xfer, &r.q, e);
	}
	wx_request_done(&r);
	if (rc == -1)
		free(j);
	return rc;
}
