/*
 * A simulator, a client for it, and a listener for its webhooks: what the
 * tests of the simulator have in common.
 */
#ifndef SIM_TEST_H
#define SIM_TEST_H

#include "unit/wb_test.h"

#include <pthread.h>

#include "base/clk.h"
#include "base/file.h"
#include "base/json.h"
#include "net/http.h"
#include "net/xfer.h"
#include "sim/sim.h"

#define BOT "sim-bot-token"
#define ANNA "sim-anna-token"
#define BEN "sim-ben-token"
#define T __attribute__((unused)) static

static struct sim *sim;
static struct xfer *client;

T int
sim_up(void **state)
{
	struct sim_opts o = {.threads = 24};
	struct xfer_opts x = {
	    .timeout_ms = 20000, .connections = 4, .agent = "test"};
	struct err e = ERR_INIT;

	(void)state;
	sim = sim_start(&o, &e);
	if (sim == NULL || (client = xfer_start(&x, &e)) == NULL) {
		fprintf(stderr, "sim: %s\n", e.text);
		return -1;
	}
	return 0;
}

T int
sim_down(void **state)
{
	(void)state;
	xfer_stop(client);
	sim_stop(sim);
	return 0;
}

/* -- calls -- */

struct reply {
	struct xfer_res *res;
	struct json *json; /* NULL: no JSON came */
	int status;
};

T struct reply
call_as(const char *method, const char *path, const char *token,
    const char *type, const void *body, size_t len)
{
	char url[4096], auth[256], ctype[256];
	const char *headers[3] = {auth, ctype, NULL};
	struct xfer_req q = {.method = method,
	    .url = url,
	    .headers = headers,
	    .body = body,
	    .body_len = len,
	    .resp_max = 64 << 20};
	struct err e = ERR_INIT;
	struct reply r = {0};

	snprintf(url, sizeof url, "%s%s", sim_url(sim), path);
	snprintf(auth, sizeof auth, "Authorization: Bearer %s", token);
	snprintf(ctype, sizeof ctype, "Content-Type: %s", type);
	r.res = xfer_wait(client, &q, &e);
	assert_non_null(r.res);
	r.status = r.res->status;
	if (r.res->body_len > 0)
		r.json = json_parse(r.res->body, r.res->body_len, NULL);
	return r;
}

T struct reply
call(const char *method, const char *path, const char *token, const char *body)
{
	return call_as(method, path, token, "application/json", body,
	    body == NULL ? 0 : strlen(body));
}

__attribute__((format(printf, 4, 5))) T struct reply
callf(const char *method, const char *path, const char *token, const char *fmt,
    ...)
{
	static char body[1 << 20];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(body, sizeof body, fmt, ap);
	va_end(ap);
	return call(method, path, token, body);
}

T void
done(struct reply *r)
{
	json_free(r->json);
	xfer_res_free(r->res);
	memset(r, 0, sizeof *r);
}

/* Call, expect a status, forget the rest. */
T void
expect(int status, const char *method, const char *path, const char *token,
    const char *body)
{
	struct reply r = call(method, path, token, body);

	if (r.status != status)
		fprintf(stderr, "%s %s %s: %d, not %d: %s\n", method, path,
		    body == NULL ? "" : body, r.status, status, r.res->body);
	assert_int_equal(r.status, status);
	done(&r);
}

/* A text of the answer, copied into a static place of its own. */
T const char *
text(const struct reply *r, const char *dotted)
{
	static char kept[16][4096];
	static unsigned next;
	const char *s = json_path_str(r->json, dotted);
	char *to = kept[next++ % 16];

	if (s == NULL)
		return "(none)";
	snprintf(to, 4096, "%s", s);
	return to;
}

T struct json *
item(const struct reply *r, size_t n)
{
	struct json *i = json_first(json_get(r->json, "items"));

	while (i != NULL && n-- > 0)
		i = json_next(i);
	return i;
}

T size_t
items(const struct reply *r)
{
	return json_count(json_get(r->json, "items"));
}

/* The id of a room by its title or the first name of its person. */
T const char *
room_of(const char *name)
{
	static char id[4][256];
	static unsigned next;
	char path[256], *to = id[next++ % 4];
	struct json *x;
	struct reply r;

	snprintf(path, sizeof path, "/v1/rooms?max=1000");
	r = call("GET", path, BOT, NULL);
	for (x = json_first(json_get(r.json, "items")); x != NULL;
	     x = json_next(x))
		if (strncmp(json_get_str(x, "title"), name, strlen(name)) == 0)
			break;
	assert_non_null(x);
	snprintf(to, sizeof id[0], "%s", json_get_str(x, "id"));
	done(&r);
	return to;
}

T void
reset(void)
{
	expect(200, "POST", "/sim/reset", "", "{}");
}

/* -- shapes -- */

T void
names_of(const struct json *j, const char *prefix, struct buf *out)
{
	const struct json *x;
	char path[512];

	for (x = json_first(j); x != NULL; x = json_next(x)) {
		snprintf(path, sizeof path, "%s.%s", prefix, json_name(x));
		buf_addf(out, "%s ", path);
		if (json_kind(x) == JSON_OBJECT)
			names_of(x, path, out);
	}
}

/*
 * The members of `j` are those of a saved body, in its order; `but` names
 * those that only one of them has ("inputs avatar").
 */
T void
same_shape(const struct json *j, const char *file)
{
	struct buf a, b;
	struct json *want;
	struct err e = ERR_INIT;
	char path[256];

	snprintf(path, sizeof path, "tests/data/sim/%s.json", file);
	want = json_load(path, 1 << 20, false, NULL, &e);
	assert_non_null(want);
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	/* what answers depend on: an avatar, the inputs of a card */
	json_del(want, "avatar");
	if (json_get(want, "inputs") != NULL)
		json_set(want, "inputs", json_object());
	names_of(j, "", &a);
	names_of(want, "", &b);
	assert_string_equal(buf_str(&a), buf_str(&b));
	buf_done(&a);
	buf_done(&b);
	json_free(want);
}

/* -- a listener for webhooks -- */

#define HEARD_MAX 4096

struct heard {
	char *body;
	char sign[128];
	struct json *json;
};

struct ear {
	pthread_mutex_t mu;
	pthread_cond_t cond;
	struct http *http;
	struct heard heard[HEARD_MAX];
	size_t n;
	int status;   /* what it answers */
	int delay_ms; /* before it answers */
	char url[128];
};

T void
ear_hear(struct http_req *r, void *arg)
{
	const char *sign = http_header(r, "X-Spark-Signature");
	struct ear *ear = arg;
	struct heard *h;
	struct timespec ts = {0, 0};
	size_t len;
	int status;

	pthread_mutex_lock(&ear->mu);
	ts.tv_nsec = ear->delay_ms * 1000000L;
	pthread_mutex_unlock(&ear->mu);
	if (ts.tv_nsec > 0)
		nanosleep(&ts, NULL);
	pthread_mutex_lock(&ear->mu);
	if (ear->n < HEARD_MAX) {
		h = &ear->heard[ear->n++];
		h->body = strdup(http_body(r, &len));
		snprintf(
		    h->sign, sizeof h->sign, "%s", sign == NULL ? "" : sign);
		h->json = json_parse(h->body, len, NULL);
	}
	status = ear->status;
	pthread_cond_broadcast(&ear->cond);
	pthread_mutex_unlock(&ear->mu);
	http_answer(r, status, NULL, NULL, 0);
}

static const struct http_route ear_routes[] = {
    {"/hook", HTTP_POST, 1 << 20, ear_hear},
};

T struct ear *
ear_open(void)
{
	struct ear *ear = calloc(1, sizeof *ear);
	struct http_opts o = {.name = "ear",
	    .listen = "127.0.0.1:0",
	    .threads = 24,
	    .timeout_ms = 10000,
	    .routes = ear_routes,
	    .nroutes = 1,
	    .arg = ear};
	struct err e = ERR_INIT;

	pthread_mutex_init(&ear->mu, NULL);
	clk_cond_init(&ear->cond);
	ear->status = 200;
	ear->http = http_start(&o, &e);
	assert_non_null(ear->http);
	snprintf(ear->url, sizeof ear->url, "http://%s/hook",
	    http_address(ear->http, 0));
	return ear;
}

T void
ear_forget(struct ear *ear)
{
	pthread_mutex_lock(&ear->mu);
	while (ear->n > 0) {
		free(ear->heard[--ear->n].body);
		json_free(ear->heard[ear->n].json);
	}
	pthread_mutex_unlock(&ear->mu);
}

T void
ear_close(struct ear *ear)
{
	http_stop(ear->http);
	ear_forget(ear);
	pthread_mutex_destroy(&ear->mu);
	pthread_cond_destroy(&ear->cond);
	free(ear);
}

T void
ear_answer(struct ear *ear, int status)
{
	pthread_mutex_lock(&ear->mu);
	ear->status = status;
	pthread_mutex_unlock(&ear->mu);
}

/* Wait until `n` came and nothing more is on its way. */
T void
ear_expect(struct ear *ear, size_t n)
{
	struct reply r = call("GET", "/sim/idle?wait=10000", "", NULL);
	size_t got;

	assert_true(json_true(json_get(r.json, "idle")));
	done(&r);
	pthread_mutex_lock(&ear->mu);
	got = ear->n;
	pthread_mutex_unlock(&ear->mu);
	assert_int_equal(got, n);
}

T void
ear_hook(struct ear *ear, const char *resource, const char *event,
    const char *filter)
{
	struct reply r;

	r = callf("POST", "/v1/webhooks", BOT,
	    "{\"name\":\"test %s %s\",\"targetUrl\":\"%s\",\"resource\":"
	    "\"%s\",\"event\":\"%s\",\"secret\":\"s3cret\"%s%s%s}",
	    resource, event, ear->url, resource, event,
	    filter == NULL ? "" : ",\"filter\":\"",
	    filter == NULL ? "" : filter, filter == NULL ? "" : "\"");
	assert_int_equal(r.status, 200);
	done(&r);
}

#endif
