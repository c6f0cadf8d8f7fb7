/* Calls of the REST API; see wx.h.  Any thread may submit. */
#include "webex/wx.h"

#include <ctype.h>
#include <pthread.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "net/retry.h"

#define WX_URL_MAX 4096
#define WX_ERROR_MAX 160        /* of the reason that an error body gives */
#define WX_LIST_MAX (8u << 20)  /* bytes of a page of messages */
#define WX_PAGES_MAX 1000       /* of one list */
#define WX_429_DEFAULT_MS 15000 /* 429 without a usable Retry-After */

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

struct wx {
	struct xfer *xfer;
	char *base;
	size_t host_len;      /* of base: scheme, host and port */
	bool details;         /* in errors of wx_wait */
	pthread_mutex_t lock; /* over what follows */
	char *auth;           /* "Authorization: Bearer ..." */
	int64_t rest_until[WX_GROUPS];
	pthread_cond_t stopped;
	bool stop;
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
	if (wx_set_token(w, o->token, e) == 0)
		return w;
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
	pthread_mutex_unlock(&w->lock);
	free(old);
	return 0;
}

bool
wx_same_host(const struct wx *w, const char *url)
{
	return strncmp(url, w->base, w->host_len) == 0 &&
	       (url[w->host_len] == '/' || url[w->host_len] == '\0');
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
 * proxy, nothing at all) is not from there.
 */
static bool
wx_is_answer(enum wx_endpoint ep, const struct xfer_res *r)
{
	if (wx_endpoints[ep].group == WX_CONTENTS ||
	    strcmp(wx_endpoints[ep].method, "DELETE") == 0)
		return true;
	return r->body != NULL && r->body[strspn(r->body, " \t\r\n")] == '{';
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

static void
wx_done(struct xfer_res *r, void *arg)
{
	struct wx_job *j = arg;
	struct wx_answer a;

	wx_judge(j->endpoint, r, clk_wall_ms(), &a);
	if (a.status == 429)
		wx_rest(j->w, j->endpoint, a.retry_ms);
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
wx_submit(struct wx *w, const struct wx_call *c, struct err *e)
{
	struct wx_job *j = calloc(1, sizeof *j);
	const char *headers[4] = {NULL};
	struct xfer_req q = {.method = wx_endpoints[c->endpoint].method,
	    .headers = headers,
	    .body = c->body,
	    .body_len = c->len,
	    .sink = c->sink,
	    .resp_max = c->sink_max != 0 ? c->sink_max : wx_most(c->endpoint),
	    .timeout_ms = c->timeout_ms,
	    .done = wx_done,
	    .arg = j};
	struct buf url;
	char *auth, *type = NULL;
	int rc = -1;

	buf_init(&url, WX_URL_MAX);
	pthread_mutex_lock(&w->lock);
	auth = strdup(w->auth);
	pthread_mutex_unlock(&w->lock);
	if (j == NULL || auth == NULL) {
		err_nomem(e);
		goto out;
	}
	j->w = w;
	j->endpoint = c->endpoint;
	j->done = c->done;
	j->arg = c->arg;
	headers[0] = auth;
	headers[1] = c->sink > 0 ? "Accept: */*" : "Accept: application/json";
	if (c->len > 0 && c->type == NULL)
		headers[2] = "Content-Type: application/json; charset=utf-8";
	else if (c->len > 0 && (headers[2] = type = wx_header(
				    "Content-Type", c->type)) == NULL) {
		err_nomem(e);
		goto out;
	}
	if (wx_url(w, c, &url, e) == -1)
		goto out;
	q.url = buf_str(&url);
	rc = xfer_submit(w->xfer, &q, e);
out:
	if (rc == -1)
		free(j);
	free(auth);
	free(type);
	buf_done(&url);
	return rc;
}

/* -- waiting -- */

struct wx_waiting {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
	struct wx_answer a;
	char *body;
	char next[WX_URL_MAX];
};

static void
wx_wait_done(const struct wx_answer *a, void *arg)
{
	struct wx_waiting *wt = arg;

	pthread_mutex_lock(&wt->lock);
	wt->a = *a;
	wt->body = strndup(a->body, a->len);
	snprintf(wt->next, sizeof wt->next, "%s", a->next);
	wt->done = true;
	pthread_cond_signal(&wt->cond);
	pthread_mutex_unlock(&wt->lock);
}

static int
wx_wait_once(
    struct wx *w, const struct wx_call *c, struct wx_waiting *wt, struct err *e)
{
	struct wx_call copy = *c;

	copy.done = wx_wait_done;
	copy.arg = wt;
	/* what an earlier try has left */
	if (c->sink > 0 &&
	    (ftruncate(c->sink, 0) == -1 || lseek(c->sink, 0, SEEK_SET) == -1))
		return err_set(
		    e, ERR_BUG, "a temporary file: %s", strerror(errno));
	wt->done = false;
	free(wt->body);
	wt->body = NULL;
	if (wx_submit(w, &copy, e) == -1)
		return -1;
	pthread_mutex_lock(&wt->lock);
	while (!wt->done)
		pthread_cond_wait(&wt->cond, &wt->lock);
	pthread_mutex_unlock(&wt->lock);
	return wt->body == NULL ? err_nomem(e) : 0;
}

static int
wx_wait_error(struct wx *w, const struct wx_call *c,
    const struct wx_waiting *wt, struct err *e)
{
	bool tracked = wt->a.tracking[0] != '\0';
	bool told = w->details && wt->a.detail[0] != '\0';
	bool passing = wt->a.verdict == WX_RETRY || wt->a.verdict == WX_AUTH ||
		       wt->a.verdict == WX_CANCELLED;

	return err_set(e, passing ? ERR_TEMP : ERR_PERM,
	    "%s %s%s: %s%s%s%s%s%s", wx_method(c->endpoint), w->base,
	    wx_path(c->endpoint), wt->a.error, told ? ": " : "",
	    told ? wt->a.detail : "", tracked ? " (trackingId " : "",
	    wt->a.tracking, tracked ? ")" : "");
}

static int
wx_wait_raw(struct wx *w, const struct wx_call *c, int64_t patience_ms,
    struct wx_waiting *wt, struct err *e)
{
	int64_t until = clk_mono_ms() + patience_ms, ms;
	unsigned attempt = 0;

	for (;;) {
		/* the group's pause, whoever was asked for it */
		ms = wx_rest_ms(w, c->endpoint);
		if (ms > 0 && (clk_mono_ms() + ms > until || !wx_pause(w, ms)))
			return err_set(e, ERR_TEMP,
			    "%s %s%s: Webex asked for a pause",
			    wx_method(c->endpoint), w->base,
			    wx_path(c->endpoint));
		if (wx_wait_once(w, c, wt, e) == -1)
			return -1;
		if (wt->a.verdict == WX_OK)
			return 0;
		ms = wt->a.retry_ms >= 0 ? wt->a.retry_ms
					 : retry_backoff_ms(++attempt, 500,
					       10000, retry_random());
		if (wt->a.verdict != WX_RETRY || clk_mono_ms() + ms > until ||
		    !wx_pause(w, ms))
			return wx_wait_error(w, c, wt, e);
	}
}

static struct wx_waiting *
wx_waiting_new(struct err *e)
{
	struct wx_waiting *wt = calloc(1, sizeof *wt);

	if (wt == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&wt->lock, NULL);
	pthread_cond_init(&wt->cond, NULL);
	return wt;
}

static void
wx_waiting_free(struct wx_waiting *wt)
{
	pthread_mutex_destroy(&wt->lock);
	pthread_cond_destroy(&wt->cond);
	free(wt->body);
	free(wt);
}

static int
wx_wait_parse(struct wx *w, const struct wx_call *c, struct wx_waiting *wt,
    struct json **out, struct err *e)
{
	*out = NULL;
	if (wt->body[0] == '\0')
		return 0;
	if ((*out = json_parse(wt->body, strlen(wt->body), e)) != NULL)
		return 0;
	return err_prefix(e,
	    "%s %s%s: the answer is no JSON: ", wx_method(c->endpoint), w->base,
	    wx_path(c->endpoint));
}

int
wx_wait(struct wx *w, const struct wx_call *c, int64_t patience_ms,
    struct json **out, struct err *e)
{
	struct wx_waiting *wt = wx_waiting_new(e);
	struct json *j = NULL;
	int rc = -1;

	if (wt == NULL)
		return -1;
	if (wx_wait_raw(w, c, patience_ms, wt, e) == 0)
		rc = wx_wait_parse(w, c, wt, &j, e);
	if (rc == 0 && out != NULL)
		*out = j;
	else
		json_free(j);
	wx_waiting_free(wt);
	return rc;
}

int
wx_wait_pages(struct wx *w, enum wx_endpoint ep, const char *query,
    int64_t patience_ms, bool (*more)(void *arg, const struct json *items),
    void *arg, struct err *e)
{
	struct wx_call c = {.endpoint = ep, .query = query};
	struct wx_waiting *wt = wx_waiting_new(e);
	struct json *page = NULL;
	char *next = NULL;
	bool go = true;
	int n, rc = wt == NULL ? -1 : 0;

	/* pages may be empty while a next one is named: go on to the end */
	for (n = 0; rc == 0 && go && n < WX_PAGES_MAX; n++) {
		rc = wx_wait_raw(w, &c, patience_ms, wt, e);
		if (rc == 0)
			rc = wx_wait_parse(w, &c, wt, &page, e);
		if (rc == 0)
			go = more(arg, json_get(page, "items")) &&
			     wt->next[0] != '\0';
		json_free(page);
		page = NULL;
		free(next);
		next = rc == 0 && go ? strdup(wt->next) : NULL;
		if (rc == 0 && go && next == NULL)
			rc = err_nomem(e);
		c.url = next;
	}
	free(next);
	if (wt != NULL)
		wx_waiting_free(wt);
	return rc;
}

static bool
wx_join(void *arg, const struct json *items)
{
	struct json *all = arg, *item;

	for (item = json_first(items); item != NULL; item = json_next(item))
		json_add(all, json_dup(item));
	return true;
}

struct json *
wx_wait_list(struct wx *w, enum wx_endpoint ep, const char *query,
    int64_t patience_ms, struct err *e)
{
	struct json *all = json_list();

	if (all == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (wx_wait_pages(w, ep, query, patience_ms, wx_join, all, e) == 0)
		return all;
	json_free(all);
	return NULL;
}
