/* The admin listener; see admin.h.  Runs on its server's threads. */
#include "bot/admin.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/stat.h"

#define ADMIN_THREADS 4
#define ADMIN_TIMEOUT_MS 5000
#define ADMIN_ANSWER_MAX (256 * 1024)

static void
admin_health(struct http_req *r, void *arg)
{
	(void)arg;
	http_text(r, 200, "text/plain; charset=utf-8", "ok\n");
}

/* Full until a tenth is free: at the brink it would come and go. */
void
admin_look(struct admin *a)
{
	bool full = evq_full(a->q) ||
		    (board_has(a->board, BOARD_STORE) && evq_nearly_full(a->q));

	if (!evq_healthy(a->q))
		board_set(a->board, BOARD_STORE, "the store cannot be written");
	else if (full)
		board_set(a->board, BOARD_STORE,
		    "the queue is full (WEBEXBOT_QUEUE_MAX)");
	else
		board_set(a->board, BOARD_STORE, NULL);
}

static void
admin_ready(struct http_req *r, void *arg)
{
	struct admin *a = arg;
	bool stopping = atomic_load(&a->stopping);
	bool ready = !stopping && evq_healthy(a->q) && !evq_full(a->q);
	struct json *o = json_object();
	struct buf b;

	admin_look(a);
	json_set_str(o, "status",
	    stopping ? "stopping"
	    : ready  ? "ready"
		     : "cannot store");
	json_set(o, "problems", board_list(a->board));
	buf_init(&b, ADMIN_ANSWER_MAX);
	json_print_pretty(o, &b);
	buf_addc(&b, '\n');
	http_answer(
	    r, ready ? 200 : 503, "application/json", buf_str(&b), buf_len(&b));
	buf_done(&b);
	json_free(o);
}

static void
admin_metrics(struct http_req *r, void *arg)
{
	struct admin *a = arg;
	struct buf b;

	stat_set(STAT_open_items, evq_open_items(a->q));
	admin_look(a);
	buf_init(&b, ADMIN_ANSWER_MAX);
	stat_print(&b);
	http_answer(r, 200, "text/plain; version=0.0.4; charset=utf-8",
	    buf_str(&b), buf_len(&b));
	buf_done(&b);
}

static const struct http_route admin_routes[] = {
    {"/healthz", HTTP_GET | HTTP_HEAD, 0, admin_health},
    {"/readyz", HTTP_GET | HTTP_HEAD, 0, admin_ready},
    {"/metrics", HTTP_GET | HTTP_HEAD, 0, admin_metrics},
};

struct http *
admin_start(struct admin *a, const char *listen, struct err *e)
{
	struct http_opts o = {.name = "WEBEXBOT_ADMIN_LISTEN",
	    .listen = listen,
	    .threads = ADMIN_THREADS,
	    .timeout_ms = ADMIN_TIMEOUT_MS,
	    .routes = admin_routes,
	    .nroutes = sizeof admin_routes / sizeof admin_routes[0],
	    .arg = a};

	return http_start(&o, e);
}
