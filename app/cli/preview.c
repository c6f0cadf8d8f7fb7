/* The gallery of cards; see preview.h. */
#include "cli/preview.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "card/card.h"
#include "card/preview.h"
#include "cli/cli.h"
#include "net/http.h"
#include "sim/page.h"

#define PREVIEW_LISTEN "127.0.0.1:8082"
#define PREVIEW_ANY "127.0.0.1:0"
#define PREVIEW_BODY (6u * 1024 * 1024)
#define PREVIEW_OUT (16u * 1024 * 1024)
#define PREVIEW_THREADS 32
#define PREVIEW_STREAMS 16
#define PREVIEW_BEAT_MS 2000 /* to notice that a reader is gone */

struct preview_gallery {
	char *dir;
	bool chat;
	int stop[2]; /* a pipe: closed to end the streams */
	atomic_int streams;
	atomic_bool stopping;
};

struct preview_gallery *
preview_open(const char *dir, bool chat, struct err *e)
{
	struct preview_gallery *g = calloc(1, sizeof *g);

	if (g == NULL || (g->dir = strdup(dir)) == NULL) {
		free(g);
		err_nomem(e);
		return NULL;
	}
	g->chat = chat;
	if (pipe2(g->stop, O_CLOEXEC) == 0)
		return g;
	err_set(e, ERR_PERM, "a pipe: %s", strerror(errno));
	free(g->dir);
	free(g);
	return NULL;
}

void
preview_stop(struct preview_gallery *g)
{
	if (g != NULL && !atomic_exchange(&g->stopping, true))
		close(g->stop[1]);
}

void
preview_free(struct preview_gallery *g)
{
	if (g == NULL)
		return;
	preview_stop(g);
	close(g->stop[0]);
	free(g->dir);
	free(g);
}

/* -- answers -- */

static void
preview_answer(struct http_req *r, int status, const struct buf *b)
{
	http_add(r, "Cache-Control", "no-store");
	if (b->failed)
		http_text(r, 500, "text/plain", "the answer is too large\n");
	else
		http_answer(
		    r, status, "application/json", buf_str(b), buf_len(b));
}

static void
preview_fail(struct http_req *r, int status, const char *why)
{
	struct buf b;

	buf_init(&b, PREVIEW_OUT);
	buf_adds(&b, "{\"message\":");
	json_quote(why, strlen(why), &b);
	buf_addc(&b, '}');
	preview_answer(r, status, &b);
	buf_done(&b);
}

/* -- what there is -- */

/* Called for each card file of the folder, sorted, broken ones as well. */
static void
preview_add_name(void *arg, const char *name)
{
	struct buf *b = arg;

	if (b->len > 0 && b->p[b->len - 1] == '"')
		buf_addc(b, ',');
	json_quote(name, strlen(name), b);
}

static void
preview_list(struct preview_gallery *g, struct http_req *r)
{
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, PREVIEW_OUT);
	buf_adds(&b, "{\"folder\":");
	json_quote(g->dir, strlen(g->dir), &b);
	buf_addf(&b, ",\"chat\":%s,\"cards\":[", g->chat ? "true" : "false");
	if (cards_names(g->dir, preview_add_name, &b, &e) == -1) {
		preview_fail(r, 500, e.text);
	} else {
		buf_adds(&b, "]}");
		preview_answer(r, 200, &b);
	}
	buf_done(&b);
}

/* ,"MEMBER":the text of a file; null when it is not there. */
static int
preview_file(const struct preview_gallery *g, const char *name,
    const char *suffix, const char *member, struct buf *out, struct err *e)
{
	char path[4096];
	char *text;
	size_t n;

	snprintf(path, sizeof path, "%s/%s%s", g->dir, name, suffix);
	buf_addf(out, "\"%s\":", member);
	if (access(path, F_OK) != 0) {
		buf_adds(out, "null");
		return 0;
	}
	if ((text = file_read(path, CARD_FILE_MAX, &n, e)) == NULL)
		return -1;
	if (!str_utf8_ok(text, n)) {
		free(text);
		return err_set(e, ERR_PERM, "%s: no UTF-8", path);
	}
	json_quote(text, n, out);
	free(text);
	return 0;
}

static void
preview_card(struct preview_gallery *g, struct http_req *r, const char *name)
{
	struct err e = ERR_INIT;
	struct buf b;

	if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL) {
		preview_fail(r, 404, "no such card");
		return;
	}
	buf_init(&b, PREVIEW_OUT);
	buf_addc(&b, '{');
	if (preview_file(g, name, ".card.json", "template", &b, &e) == -1 ||
	    buf_addc(&b, ',') == -1 ||
	    preview_file(g, name, ".sample.json", "data", &b, &e) == -1) {
		preview_fail(r, 500, e.text);
	} else {
		buf_addc(&b, '}');
		preview_answer(r, 200, &b);
	}
	buf_done(&b);
}

/* -- drawing -- */

static void
preview_draw(struct http_req *r)
{
	struct err e = ERR_INIT;
	const char *body, *tpl, *data;
	struct json *j;
	struct buf b;
	size_t n;

	body = http_body(r, &n);
	j = json_parse(body, n, &e);
	tpl = json_get_str(j, "template");
	data = json_get_str(j, "data");
	buf_init(&b, PREVIEW_OUT);
	if (tpl == NULL)
		preview_fail(r, 400, "template and data, as texts");
	else if (preview_render(tpl, strlen(tpl), data == NULL ? "" : data,
		     data == NULL ? 0 : strlen(data), clk_wall_ms(), &b,
		     &e) == -1)
		preview_fail(r, 500, e.text);
	else
		preview_answer(r, 200, &b);
	buf_done(&b);
	json_free(j);
}

/* -- changes -- */

/* What stands in the queue of notices is one change. */
static void
preview_drain(int fd)
{
	char notices[4096];

	while (read(fd, notices, sizeof notices) > 0)
		;
}

static void
preview_follow(struct preview_gallery *g, struct http_req *r, int fd)
{
	static const char changed[] = "event: changed\ndata: {}\n\n";
	static const char beat[] = ": still here\n\n";
	struct pollfd p[2] = {{fd, POLLIN, 0}, {g->stop[0], POLLIN, 0}};
	int rc = http_send(r, "retry: 500\nevent: hello\ndata: {}\n\n", 36);

	while (rc == 0 && !atomic_load(&g->stopping)) {
		if (poll(p, 2, PREVIEW_BEAT_MS) == -1 && errno != EINTR)
			break;
		if ((p[0].revents & POLLIN) != 0) {
			preview_drain(fd);
			rc = http_send(r, changed, sizeof changed - 1);
		} else {
			rc = http_send(r, beat, sizeof beat - 1);
		}
	}
}

static void
preview_events(struct preview_gallery *g, struct http_req *r)
{
	int fd = -1;

	if (atomic_fetch_add(&g->streams, 1) >= PREVIEW_STREAMS) {
		preview_fail(r, 503, "too many pages are open");
	} else if ((fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) == -1) {
		preview_fail(r, 503, strerror(errno));
	} else {
		/* without the folder there is nothing to tell */
		inotify_add_watch(fd, g->dir,
		    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE);
		http_add(r, "Cache-Control", "no-store");
		http_stream(r, 200, "text/event-stream");
		preview_follow(g, r, fd);
	}
	if (fd != -1)
		close(fd);
	atomic_fetch_sub(&g->streams, 1);
}

/* -- requests -- */

/* Pages of other sites have no business here; programs say nothing. */
static bool
preview_foreign(const struct http_req *r)
{
	const char *origin = http_header(r, "Origin");
	const char *host = http_header(r, "Host"), *p;

	if (origin == NULL)
		return false;
	p = strstr(origin, "://");
	return host == NULL || p == NULL || strcmp(p + 3, host) != 0;
}

void
preview_serve(struct http_req *r, void *gallery)
{
	struct preview_gallery *g = gallery;
	const char *what = http_param(r, 0), *name = http_param(r, 1);
	bool post = strcmp(http_method(r), "POST") == 0;

	if (preview_foreign(r))
		preview_fail(r, 403, "not for other sites");
	else if (post && name == NULL && strcmp(what, "render") == 0)
		preview_draw(r);
	else if (!post && name == NULL && strcmp(what, "cards") == 0)
		preview_list(g, r);
	else if (!post && name == NULL && strcmp(what, "events") == 0)
		preview_events(g, r);
	else if (!post && name != NULL && strcmp(what, "cards") == 0)
		preview_card(g, r, name);
	else
		preview_fail(r, 404, "nothing here");
}

/* -- on its own -- */

static void
preview_page(struct http_req *r, void *arg)
{
	(void)arg;
	page_send_path(r, "/cards");
}

static const struct http_route preview_routes[] = {
    {"/", HTTP_GET | HTTP_HEAD, 0, preview_page},
    {"/cards", HTTP_GET | HTTP_HEAD, 0, page_serve},
    {"/LICENSES", HTTP_GET | HTTP_HEAD, 0, page_serve},
    {"/page/*", HTTP_GET | HTTP_HEAD, 0, page_serve},
    {"/preview/*", HTTP_GET | HTTP_POST, PREVIEW_BODY, preview_serve},
    {"/preview/*/*", HTTP_GET, 0, preview_serve},
};

/* The usual port, or any when that is taken and none was asked for. */
static struct http *
preview_listen(struct preview_gallery *g, const char *listen, struct err *e)
{
	struct http_opts o = {.name = "cards preview",
	    .listen = listen != NULL ? listen : PREVIEW_LISTEN,
	    .threads = PREVIEW_THREADS,
	    .timeout_ms = 30000,
	    .routes = preview_routes,
	    .nroutes = sizeof preview_routes / sizeof preview_routes[0],
	    .arg = g};
	struct err first = ERR_INIT;
	struct http *h = http_start(&o, listen != NULL ? e : &first);

	if (h == NULL && listen == NULL) {
		o.listen = PREVIEW_ANY;
		h = http_start(&o, e);
	}
	return h;
}

int
preview_run(const char *dir, const char *listen)
{
	struct preview_gallery *g;
	struct err e = ERR_INIT;
	struct http *h = NULL;
	sigset_t stop;
	int sig;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	if ((g = preview_open(dir, false, &e)) == NULL ||
	    (h = preview_listen(g, listen, &e)) == NULL) {
		preview_free(g);
		return cli_err(CLI_FAILED, &e);
	}
	printf("The cards of %s  http://%s/\n", dir, http_address(h, 0));
	fflush(stdout);
	while (sigwait(&stop, &sig) != 0)
		;
	preview_stop(g);
	http_stop(h);
	preview_free(g);
	return CLI_OK;
}
