/* The record of traffic; see traffic.h. */
#include "sim/traffic.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/json.h"
#include "base/str.h"
#include "net/http.h"
#include "sim/jw.h"

#define TRAFFIC_ITEMS 4096
#define TRAFFIC_BYTES (8UL << 20)
#define TRAFFIC_HEAD (16 * 1024)
#define TRAFFIC_STREAMS 64
#define TRAFFIC_SEND (256 * 1024) /* bytes in one go */
#define TRAFFIC_OUT (64UL << 20)
#define TRAFFIC_PING 15000 /* ms */

struct traffic_item {
	uint64_t seq;
	const char *event; /* a constant: "traffic", "message", ... */
	char *head;        /* JSON members, or a whole JSON value */
	char *req, *resp;
	size_t req_len, resp_len;   /* as kept */
	size_t req_full, resp_full; /* as they were */
	size_t size;
};

struct traffic {
	pthread_mutex_t mu;
	pthread_cond_t cond;
	struct traffic_item ring[TRAFFIC_ITEMS];
	uint64_t first, next; /* seqs in the ring: first <= seq < next */
	size_t bytes;
	int streams;
	bool stopping;
};

static struct traffic_item *
traffic_at(struct traffic *t, uint64_t seq)
{
	return &t->ring[seq % TRAFFIC_ITEMS];
}

struct traffic *
traffic_new(void)
{
	struct traffic *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	pthread_mutex_init(&t->mu, NULL);
	clk_cond_init(&t->cond);
	t->first = t->next = 1;
	return t;
}

static void
traffic_drop(struct traffic *t)
{
	struct traffic_item *i = traffic_at(t, t->first++);

	t->bytes -= i->size;
	free(i->head);
	free(i->req);
	free(i->resp);
	memset(i, 0, sizeof *i);
}

void
traffic_clear(struct traffic *t)
{
	pthread_mutex_lock(&t->mu);
	while (t->first < t->next)
		traffic_drop(t);
	pthread_mutex_unlock(&t->mu);
}

void
traffic_free(struct traffic *t)
{
	if (t == NULL)
		return;
	traffic_clear(t);
	pthread_cond_destroy(&t->cond);
	pthread_mutex_destroy(&t->mu);
	free(t);
}

void
traffic_stop(struct traffic *t)
{
	pthread_mutex_lock(&t->mu);
	t->stopping = true;
	pthread_cond_broadcast(&t->cond);
	pthread_mutex_unlock(&t->mu);
}

/* -- what comes in -- */

/* Takes what `i` holds. */
static void
traffic_put(struct traffic *t, struct traffic_item *i)
{
	if (i->head == NULL) {
		free(i->req);
		free(i->resp);
		return;
	}
	i->size = sizeof *i + strlen(i->head) + i->req_len + i->resp_len;
	pthread_mutex_lock(&t->mu);
	while (t->first < t->next && (t->next - t->first == TRAFFIC_ITEMS ||
					 t->bytes + i->size > TRAFFIC_BYTES))
		traffic_drop(t);
	i->seq = t->next++;
	t->bytes += i->size;
	*traffic_at(t, i->seq) = *i;
	if (t->streams > 0)
		pthread_cond_broadcast(&t->cond);
	pthread_mutex_unlock(&t->mu);
}

/* What is kept of a body: a bounded text, or nothing of binary ones. */
static char *
traffic_body(const char *p, size_t len, size_t *kept)
{
	char *copy;

	*kept = 0;
	if (p == NULL || len == 0)
		return NULL;
	if (len > TRAFFIC_BODY)
		len = str_utf8_cut(p, TRAFFIC_BODY);
	if (!str_utf8_ok(p, len) || memchr(p, '\0', len) != NULL ||
	    (copy = malloc(len)) == NULL)
		return NULL;
	memcpy(copy, p, len);
	*kept = len;
	return copy;
}

void
traffic_call(struct traffic *t, const struct traffic_note *n)
{
	struct traffic_item i = {.event = "traffic"};
	struct buf b;

	buf_init(&b, TRAFFIC_HEAD);
	jw_time(&b, "time", clk_wall_ms());
	jw_str(&b, "kind", n->kind);
	jw_str(&b, "who", n->who);
	jw_str(&b, "method", n->method);
	jw_str(&b, "path", n->path);
	jw_num(&b, "status", n->status);
	jw_str(&b, "remark", n->remark);
	jw_str(&b, "trackingId", n->track);
	buf_addf(
	    &b, ",\"ms\":%" PRId64 ".%03d", n->us / 1000, (int)(n->us % 1000));
	i.head = buf_take(&b);
	buf_done(&b);
	i.req = traffic_body(n->req, n->req_len, &i.req_len);
	i.resp = traffic_body(n->resp, n->resp_len, &i.resp_len);
	i.req_full = n->req_len;
	i.resp_full = n->resp_len;
	traffic_put(t, &i);
}

void
traffic_event(struct traffic *t, const char *name, const char *json)
{
	struct traffic_item i = {.event = name, .head = strdup(json)};

	traffic_put(t, &i);
}

/* -- what goes out -- */

static void
traffic_print_body(
    struct buf *out, const char *name, const char *p, size_t kept, size_t full)
{
	if (full == 0)
		return;
	buf_addf(out, ",\"%sBytes\":%zu", name, full);
	if (p == NULL)
		return;
	buf_addf(out, ",\"%s\":", name);
	json_quote(p, kept, out);
}

static void
traffic_print(struct buf *out, const struct traffic_item *i)
{
	if (strcmp(i->event, "traffic") != 0) {
		buf_adds(out, i->head);
		return;
	}
	buf_addf(out, "{\"seq\":%" PRIu64 ",", i->seq);
	buf_adds(out, i->head);
	traffic_print_body(out, "request", i->req, i->req_len, i->req_full);
	traffic_print_body(out, "response", i->resp, i->resp_len, i->resp_full);
	buf_addc(out, '}');
}

void
traffic_list(struct traffic *t, uint64_t since, struct buf *out)
{
	const struct traffic_item *i;
	uint64_t seq;

	pthread_mutex_lock(&t->mu);
	buf_addf(out, "{\"seq\":%" PRIu64 ",\"items\":[", t->next - 1);
	seq = since + 1 > t->first ? since + 1 : t->first;
	for (; seq < t->next; seq++) {
		i = traffic_at(t, seq);
		if (strcmp(i->event, "traffic") != 0)
			continue;
		jw_comma(out);
		traffic_print(out, i);
	}
	buf_adds(out, "]}");
	pthread_mutex_unlock(&t->mu);
}

/* Move what there is after *seq to `out`; false: stopping. */
static bool
traffic_more(struct traffic *t, uint64_t *seq, struct buf *out)
{
	const struct traffic_item *i;
	bool more;

	pthread_mutex_lock(&t->mu);
	if (!t->stopping && *seq + 1 >= t->next)
		clk_cond_wait(&t->cond, &t->mu, clk_mono_ms() + TRAFFIC_PING);
	if (*seq + 1 < t->first) {
		buf_addf(out, "event: reset\nid: %" PRIu64 "\ndata: {}\n\n",
		    t->next - 1);
		*seq = t->next - 1;
	}
	while (*seq + 1 < t->next && buf_len(out) < TRAFFIC_SEND) {
		i = traffic_at(t, ++*seq);
		buf_addf(out, "id: %" PRIu64 "\nevent: %s\ndata: ", i->seq,
		    i->event);
		traffic_print(out, i);
		buf_adds(out, "\n\n");
	}
	if (buf_len(out) == 0)
		buf_adds(out, ":\n\n");
	more = !t->stopping;
	pthread_mutex_unlock(&t->mu);
	return more;
}

static bool
traffic_enter(struct traffic *t, uint64_t *now)
{
	bool in;

	pthread_mutex_lock(&t->mu);
	if ((in = !t->stopping && t->streams < TRAFFIC_STREAMS))
		t->streams++;
	*now = t->next - 1;
	pthread_mutex_unlock(&t->mu);
	return in;
}

void
traffic_stream(struct traffic *t, struct http_req *r, uint64_t since)
{
	struct buf out;
	uint64_t seq;
	int rc;

	if (!traffic_enter(t, &seq)) {
		http_text(r, 503, "text/plain", "too many streams\n");
		return;
	}
	buf_init(&out, TRAFFIC_OUT);
	http_add(r, "Cache-Control", "no-store");
	http_stream(r, 200, "text/event-stream");
	buf_addf(&out,
	    "retry: 1000\nevent: hello\ndata: {\"seq\":%" PRIu64 "}\n\n", seq);
	rc = http_send(r, buf_str(&out), buf_len(&out));
	if (since != 0 && since < seq)
		seq = since;
	while (rc == 0) {
		buf_clear(&out);
		if (!traffic_more(t, &seq, &out))
			break;
		rc = http_send(r, buf_str(&out), buf_len(&out));
	}
	buf_done(&out);
	pthread_mutex_lock(&t->mu);
	t->streams--;
	pthread_mutex_unlock(&t->mu);
}
