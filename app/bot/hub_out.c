/* "outbound" and "events.notify" of the bot file; see hub.h. */
#include "bot/hub.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "bot/hub_int.h"
#include "connect/target.h"
#include "net/xfer.h"

#define HUB_OUT_MAX 100

static void
hub_out_free_one(struct outhook **o)
{
	outhook_free(*o);
	*o = NULL;
}

void
hub_out_free(struct hub *h)
{
	while (h->nout > 0)
		hub_out_free_one(&h->out[--h->nout]);
	free(h->out);
	hub_out_free_one(&h->notify);
}

int
hub_read_out(struct hub_in *in, const struct json *file)
{
	const struct json *list = json_get(file, "outbound"), *x;
	const struct json *notify =
	    conf_object(conf_object(file, "events"), "notify");
	size_t n = json_count(list), i = 0;
	struct hub *h = in->h;
	char at[CONF_PATH];

	h->notify = outhook_new_notify(&in->conf, notify, "/events/notify");
	if (h->notify == NULL)
		return -1;
	if (json_kind(list) != JSON_LIST || n == 0)
		return 0;
	if (n > HUB_OUT_MAX) {
		conf_error(&in->conf, "bad-value", "/outbound",
		    "more than %d targets", HUB_OUT_MAX);
		return 0;
	}
	if ((h->out = calloc(n, sizeof(struct outhook *))) == NULL)
		return -1;
	for (x = json_first(list); x != NULL; x = json_next(x)) {
		conf_at_i(at, "/outbound", i++);
		if (json_kind(x) != JSON_OBJECT) {
			conf_error(&in->conf, "wrong-kind", at,
			    "a target is an object");
			continue;
		}
		h->out[h->nout] = outhook_new(&in->conf, x, at);
		if (h->out[h->nout] == NULL)
			return -1;
		h->nout++;
	}
	return 0;
}

struct outhook *const *
hub_outbound(const struct hub *h, size_t *n)
{
	*n = h->nout;
	return h->out;
}

struct outhook *
hub_outhook(const struct hub *h, const char *use, const char *url, size_t i)
{
	if (strcmp(use, "notify") == 0)
		return h->notify;
	if (i < h->nout && strcmp(h->out[i]->url, url) == 0)
		return h->out[i];
	for (i = 0; i < h->nout; i++)
		if (strcmp(h->out[i]->url, url) == 0)
			return h->out[i];
	return NULL;
}

/* -- a look at start -- */

struct hub_probe {
	size_t i;
	char host[TARGET_HOST];
};

/* On the xfer thread. */
static void
hub_probed(struct xfer_res *res, void *arg)
{
	struct hub_probe *p = arg;

	if (res->end != XFER_ANSWERED && res->end != XFER_STOPPED)
		log_warn("outbound %zu (%s) cannot be reached (%s): sending "
			 "all the same",
		    p->i, p->host, res->error);
	free(p);
}

/*
 * A connection and no request: many a receiver knows POST only, and takes
 * each request for a notification.
 */
void
hub_probe(const struct hub *h, struct xfer *x)
{
	struct hub_probe *p;
	struct target t;
	size_t i;

	for (i = 0; i < h->nout; i++) {
		struct xfer_req q = {.method = "HEAD",
		    .url = h->out[i]->url,
		    .connect_only = true,
		    .timeout_ms = OUTHOOK_TIMEOUT_MS,
		    .done = hub_probed};

		if (target_parse(h->out[i]->url, &t) == -1 ||
		    (p = calloc(1, sizeof *p)) == NULL)
			continue;
		p->i = i;
		memcpy(p->host, t.host, sizeof p->host);
		q.arg = p;
		if (xfer_submit(x, &q, NULL) == -1)
			free(p);
	}
}
