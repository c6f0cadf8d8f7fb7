/*
 * Calls that are waited for, tried again with patience, and lists page by
 * page; see wx.h.  For threads that may wait.
 */
#include "webex/wx_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clk.h"
#include "net/retry.h"

#define WX_PAGES_MAX 1000 /* of one list */

/* What the last try came to; xfer_res_free. */
struct wx_waited {
	struct xfer_res *res; /* lends `a` */
	struct wx_answer a;
};

static int
wx_wait_once(
    struct wx *w, const struct wx_call *c, struct wx_waited *wt, struct err *e)
{
	struct wx_request r;

	/* what an earlier try has left */
	if (c->sink > 0 &&
	    (ftruncate(c->sink, 0) == -1 || lseek(c->sink, 0, SEEK_SET) == -1))
		return err_set(
		    e, ERR_BUG, "a temporary file: %s", strerror(errno));
	xfer_res_free(wt->res);
	wt->res =
	    wx_request(w, c, &r, e) == 0 ? xfer_wait(w->xfer, &r.q, e) : NULL;
	wx_request_done(&r);
	if (wt->res == NULL)
		return -1;
	wx_take(w, c->endpoint, wt->res, &wt->a);
	return 0;
}

static int
wx_wait_error(struct wx *w, const struct wx_call *c, const struct wx_waited *wt,
    struct err *e)
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
    struct wx_waited *wt, struct err *e)
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

static int
wx_wait_parse(struct wx *w, const struct wx_call *c, struct wx_waited *wt,
    struct json **out, struct err *e)
{
	*out = NULL;
	if (wt->a.body[0] == '\0')
		return 0;
	if ((*out = json_parse(wt->a.body, strlen(wt->a.body), e)) != NULL)
		return 0;
	return err_prefix(e,
	    "%s %s%s: the answer is no JSON: ", wx_method(c->endpoint), w->base,
	    wx_path(c->endpoint));
}

int
wx_wait(struct wx *w, const struct wx_call *c, int64_t patience_ms,
    struct json **out, struct err *e)
{
	struct wx_waited wt = {.res = NULL};
	struct json *j = NULL;
	int rc = -1;

	if (wx_wait_raw(w, c, patience_ms, &wt, e) == 0)
		rc = wx_wait_parse(w, c, &wt, &j, e);
	if (rc == 0 && out != NULL)
		*out = j;
	else
		json_free(j);
	xfer_res_free(wt.res);
	return rc;
}

int
wx_wait_pages(struct wx *w, const struct wx_call *first, int64_t patience_ms,
    bool (*more)(void *arg, const struct json *items), void *arg, struct err *e)
{
	struct wx_call c = *first;
	struct wx_waited wt = {.res = NULL};
	struct json *page = NULL;
	char *next = NULL;
	bool go = true;
	int n, rc = 0;

	/* pages may be empty while a next one is named: go on to the end */
	for (n = 0; rc == 0 && go && n < WX_PAGES_MAX; n++) {
		rc = wx_wait_raw(w, &c, patience_ms, &wt, e);
		if (rc == 0)
			rc = wx_wait_parse(w, &c, &wt, &page, e);
		if (rc == 0)
			go = more(arg, json_get(page, "items")) &&
			     wt.a.next[0] != '\0';
		json_free(page);
		page = NULL;
		free(next);
		next = rc == 0 && go ? strdup(wt.a.next) : NULL;
		if (rc == 0 && go && next == NULL)
			rc = err_nomem(e);
		c.url = next;
	}
	free(next);
	xfer_res_free(wt.res);
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
	const struct wx_call first = {.endpoint = ep, .query = query};
	struct json *all = json_list();

	if (all == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (wx_wait_pages(w, &first, patience_ms, wx_join, all, e) == 0)
		return all;
	json_free(all);
	return NULL;
}
