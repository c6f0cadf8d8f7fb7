/* Wiring of a bot; see bot.h.  Called by the main thread. */
#include "bot/bot_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/stat.h"
#include "bot/api.h"
#include "bot/epitaph.h"
#include "bot/hub.h"
#include "bot/vet.h"
#include "net/verify.h"
#include "webex/wx_hook.h"

/* Events of one room that are fetched at the same time. */
#define BOT_WINDOW 8
#define BOT_MOMENT_MS 1000
#define BOT_UNDERWAY_MS 2000 /* a request that left before a crash */

/* -- webhook paths -- */

static void
bot_on_webex(struct http_req *r, void *arg)
{
	struct bot *b = arg;

	if (intake_webex(r, &b->intake))
		keeper_nudge(b->keeper);
}

static void
bot_on_inbound(struct http_req *r, void *arg)
{
	struct bot *b = arg;

	inbound_post(r, &b->inbound);
}

static void
bot_on_connect(struct http_req *r, void *arg)
{
	struct bot *b = arg;

	inbound_connect(r, &b->inbound);
}

static void
bot_on_event(struct http_req *r, void *arg)
{
	struct bot *b = arg;

	inbound_event(r, &b->inbound);
}

/* HEAD or GET on a webhook path: whoever checks the address gets 200. */
static void
bot_on_probe(struct http_req *r, void *arg)
{
	(void)arg;
	http_text(r, 200, "text/plain; charset=utf-8", "");
}

static const struct {
	const char *path;
	void (*post)(struct http_req *r, void *arg);
	void (*too_large)(struct http_req *r); /* NULL: 413 as text */
} bot_paths[] = {
    {WX_HOOK_PATH, bot_on_webex, NULL},
    {INBOUND_PATH, bot_on_inbound, inbound_too_large},
    {INBOUND_CONNECT_PATH, bot_on_connect, NULL},
    {INBOUND_EVENT_PATH, bot_on_event, NULL},
};
#define BOT_PATHS (sizeof bot_paths / sizeof bot_paths[0])

static void
bot_on_too_large(struct http_req *r, void *arg)
{
	size_t i;

	(void)arg;
	for (i = 0; i < BOT_PATHS; i++) {
		if (!http_routed(r, bot_paths[i].path))
			continue;
		if (bot_paths[i].too_large != NULL)
			bot_paths[i].too_large(r);
		else
			stat_inc(STAT_webhooks_too_large);
	}
}

static struct http *
bot_listen(struct bot *b, struct err *e)
{
	/* the size of bodies is a setting, so the table is made here */
	struct http_route *routes;
	size_t i;
	struct http_opts o = {.name = "WEBEXBOT_LISTEN",
	    .listen = b->cfg->listen,
	    .tls_cert = b->cfg->tls_cert,
	    .tls_key = b->cfg->tls_key,
	    .tls_client_ca = b->cfg->tls_client_ca,
	    .trusted = b->cfg->trusted_proxies,
	    .threads = (int)b->cfg->http_threads,
	    .timeout_ms = (int)b->cfg->http_timeout,
	    .nroutes = 2 * BOT_PATHS,
	    .too_large = bot_on_too_large,
	    .arg = b};

	if ((routes = calloc(o.nroutes, sizeof *routes)) == NULL) {
		err_nomem(e);
		return NULL;
	}
	for (i = 0; i < BOT_PATHS; i++) {
		routes[2 * i] = (struct http_route){
		    bot_paths[i].path, HTTP_GET | HTTP_HEAD, 0, bot_on_probe};
		routes[2 * i + 1] = (struct http_route){bot_paths[i].path,
		    HTTP_POST, (size_t)b->cfg->body_max, bot_paths[i].post};
	}
	o.routes = b->routes = routes;
	return http_start(&o, e);
}

/* -- start -- */

static void
bot_wake(void *arg)
{
	struct bot *b = arg;
	bool open;

	if (b->engine != NULL)
		engine_wake(b->engine);
	pthread_mutex_lock(&b->lock);
	open = b->admin.q != NULL;
	pthread_cond_broadcast(&b->moved);
	pthread_mutex_unlock(&b->lock);
	if (open)
		admin_look(&b->admin);
}

static void
bot_refused(void *arg, bool full)
{
	struct bot *b = arg;

	keeper_refused(b->keeper, full);
}

static bool
bot_handles(void *arg, const char *resource, const char *event)
{
	struct bot *b = arg;
	struct brain *brain = brain_get(&b->brain);
	bool handles = brain_handles(brain, resource, event);

	brain_unref(brain);
	return handles;
}

#define BOT_FILES 512 /* beside those of the HTTP threads */

/* Each connection and each call takes one; the soft limit is often 1024. */
static void
bot_raise_files(const struct cfg *cfg)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		return;
	if (r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	if (r.rlim_cur < (rlim_t)cfg->http_threads + BOT_FILES)
		log_warn("this process may have %llu descriptors only, which "
			 "is few for %lld threads and their calls: raise its "
			 "limit (ulimit -n, or LimitNOFILE of its unit)",
		    (unsigned long long)r.rlim_cur, cfg->http_threads);
}

int
bot_check(const struct cfg *cfg, const struct wb_bot *api, struct err *e)
{
	struct brain_slot slot = {.current = NULL, .secrets = true};
	int rc;

	pthread_mutex_init(&slot.lock, NULL);
	rc = brain_load(&slot, cfg, api, e);
	brain_unref(slot.current);
	pthread_mutex_destroy(&slot.lock);
	return rc;
}

static int
bot_use_secret(struct bot *b, const char *secret, struct err *e)
{
	enum verify_alg alg;

	if (verify_alg(b->cfg->signature_algorithm, &alg) == -1)
		return err_set(e, ERR_BUG, "no such algorithm");
	return intake_use_secret(&b->intake, alg, secret, e);
}

static int
bot_start_secrets(struct bot *b, struct err *e)
{
	if (vet_settings(b->cfg, e) == -1)
		return -1;
	return bot_use_secret(b, b->cfg->webhook_secret, e);
}

static int
bot_start_store(struct bot *b, struct err *e)
{
	struct evq_opts o = {
	    .where = b->aside.store != NULL ? b->aside.store : b->cfg->store,
	    .queue_max = b->cfg->queue_max,
	    .keep_ms = b->cfg->keep,
	    .reach_ms = b->cfg->catchup,
	    .window = BOT_WINDOW,
	    .underway_ms = BOT_UNDERWAY_MS,
	    .wake = bot_wake,
	    .arg = b};

	if ((b->q = evq_open(&o, e)) == NULL)
		return -1;
	epitaph_start(o.where);
	pthread_mutex_lock(&b->lock); /* its writer is at work already */
	b->admin.board = b->board;
	b->admin.q = b->q;
	pthread_mutex_unlock(&b->lock);
	return 0;
}

static int
bot_start_webex(struct bot *b, struct err *e)
{
	struct xfer_opts xo = {.timeout_ms = (int)b->cfg->api_timeout,
	    .connections = (int)b->cfg->api_connections,
	    .ca_file = b->cfg->ca_file,
	    .agent = "webexbot/" WB_VERSION};
	struct wx_opts wo = {
	    .base = b->cfg->api_url, .token = b->cfg->access_token};

	if ((b->xfer = xfer_start(&xo, e)) == NULL)
		return -1;
	wo.xfer = b->brain.xfer = b->xfer;
	return (b->wx = wx_new(&wo, e)) == NULL ? -1 : 0;
}

static int
bot_start_engine(struct bot *b, struct err *e)
{
	struct engine_opts o = {.cfg = b->cfg,
	    .q = b->q,
	    .wx = b->wx,
	    .xfer = b->xfer,
	    .self = b->self,
	    .board = b->board,
	    .brain = &b->brain,
	    .stage = b->aside.stage,
	    .api = b->api};

	b->workers = workers_start((int)b->cfg->workers, e);
	if ((o.workers = b->workers) == NULL)
		return -1;
	return (b->engine = engine_start(&o, e)) == NULL ? -1 : 0;
}

static int
bot_start_web(struct bot *b, struct err *e)
{
	b->intake.q = b->q;
	b->intake.self = b->self;
	b->intake.header = b->cfg->signature_header;
	b->intake.ignore_bots = b->cfg->ignore_bots;
	b->intake.handles = bot_handles;
	b->intake.refused = bot_refused;
	b->intake.arg = b;
	b->inbound.q = b->q;
	b->inbound.brain = &b->brain;
	b->inbound.private_ok = b->cfg->allow_private;
	if ((b->web = bot_listen(b, e)) == NULL)
		return -1;
	if (*b->cfg->admin_listen == '\0')
		return 0;
	b->adm = admin_start(&b->admin, b->cfg->admin_listen, e);
	return b->adm == NULL ? -1 : 0;
}

/* What an earlier run has left. */
static void
bot_tell_open(struct bot *b)
{
	long long n = (long long)evq_open_items(b->q);

	if (n > 0)
		log_info("%lld event%s or repl%s from before %s gone on with",
		    n, n > 1 ? "s" : "", n > 1 ? "ies" : "y",
		    n > 1 ? "are" : "is");
}

static int
bot_start_keeper(struct bot *b, struct err *e)
{
	struct keeper_opts o = {.cfg = b->cfg,
	    .q = b->q,
	    .wx = b->wx,
	    .xfer = b->xfer,
	    .self = b->self,
	    .board = b->board,
	    .brain = &b->brain,
	    .engine = b->engine,
	    .intake = &b->intake};

	struct sched_opts so = {
	    .q = b->q, .brain = &b->brain, .catchup_ms = b->cfg->catchup};

	bot_tell_open(b);
	if ((b->keeper = keeper_new(&o, e)) == NULL)
		return -1;
	return (b->sched = sched_start(&so, e)) == NULL ? -1 : 0;
}

int
bot_start_core(struct bot *b, struct err *e)
{
	bot_raise_files(b->cfg);
	if (bot_start_webex(b, e) == -1 ||
	    brain_load(&b->brain, b->cfg, b->api, e) == -1 ||
	    bot_start_store(b, e) == -1)
		return -1;
	return bot_start_engine(b, e);
}

struct bot *
bot_new(struct cfg *cfg, const struct wb_bot *api, struct err *e)
{
	struct bot *b = calloc(1, sizeof *b);

	if (b == NULL) {
		err_nomem(e);
		return NULL;
	}
	b->cfg = cfg;
	b->api = api;
	pthread_mutex_init(&b->brain.lock, NULL);
	pthread_mutex_init(&b->reloading, NULL);
	pthread_mutex_init(&b->lock, NULL);
	clk_cond_init(&b->moved);
	if ((b->board = board_new()) != NULL && (b->self = self_new()) != NULL)
		return b;
	err_nomem(e);
	bot_stop(b);
	return NULL;
}

static void bot_reload_brain(void *arg);

/* A system that gives no watch still has SIGHUP. */
static void
bot_start_watch(struct bot *b)
{
	struct err e = ERR_INIT;

	if (!b->cfg->watch)
		return;
	b->watch = watch_start(b->cfg->cards, bot_reload_brain, b, &e);
	if (b->watch == NULL)
		log_warn("WEBEXBOT_WATCH: %s; SIGHUP reads rules and cards "
			 "again",
		    e.text);
}

struct bot *
bot_start(struct cfg *cfg, const struct wb_bot *api, struct err *e)
{
	struct bot *b = bot_new(cfg, api, e);

	if (b == NULL)
		return NULL;
	b->brain.secrets = true;
	if (bot_start_secrets(b, e) == 0 && bot_start_core(b, e) == 0 &&
	    bot_start_keeper(b, e) == 0 && bot_start_web(b, e) == 0) {
		api_attach(api, b, 0);
		/* before anybody may exchange it */
		hub_probe(brain_hub(b->brain.current), b->xfer);
		bot_start_watch(b);
		return b;
	}
	bot_stop(b);
	return NULL;
}

int
bot_go(struct bot *b, struct err *e)
{
	return keeper_start(b->keeper, e);
}

/* Until then, and at least a moment, which who is idle needs to end. */
static int64_t
bot_left(int64_t until)
{
	int64_t ms = until - clk_mono_ms();

	return ms > BOT_MOMENT_MS ? ms : BOT_MOMENT_MS;
}

/* In the order that leaves no callback without its receiver. */
void
bot_stop(struct bot *b)
{
	int64_t until;

	if (b == NULL)
		return;
	until = clk_mono_ms() + b->cfg->stop_timeout;
	atomic_store(&b->intake.stopping, true);
	atomic_store(&b->inbound.stopping, true);
	atomic_store(&b->admin.stopping, true);
	if (b->engine != NULL)
		engine_drain(b->engine, b->cfg->stop_timeout);
	http_stop(b->web);
	http_stop(b->adm);
	watch_stop(b->watch);
	keeper_stop(b->keeper);
	sched_stop(b->sched);
	if (b->wx != NULL)
		wx_stop(b->wx);
	xfer_stop(b->xfer);
	keeper_free(b->keeper);
	if (!api_attach(b->api, NULL, bot_left(until)) ||
	    !workers_stop(b->workers, bot_left(until))) {
		log_warn("a handler still runs: ending without it, its event "
			 "is done after the next start");
		b->api->live->stuck = true;
		return;
	}
	if (b->engine != NULL)
		engine_stop(b->engine);
	evq_close(b->q);
	epitaph_stop();
	engine_free(b->engine);
	workers_free(b->workers);
	wx_free(b->wx);
	xfer_free(b->xfer);
	brain_unref(b->brain.current);
	intake_secret_done(&b->intake);
	self_free(b->self);
	board_free(b->board);
	pthread_cond_destroy(&b->moved);
	free(b->routes);
	free(b);
}

void
bot_wake_up(struct bot *b)
{
	engine_wake(b->engine);
	if (b->sched != NULL)
		sched_wake(b->sched);
}

/* -- reload -- */

static void
bot_told(void *arg, const struct err *e)
{
	bool *well = arg;

	log_warn("%s", e->text);
	*well = false;
}

/*
 * Rules and cards, read aside and swapped at once, with the secrets that the
 * settings file has by now; one at a time, so that the last to read is the
 * last to swap.  The main thread or the watch's, which does not ask whether
 * that file is `well`.
 */
static int
bot_read_brain(struct bot *b, bool *well)
{
	struct err e = ERR_INIT;
	int rc;

	pthread_mutex_lock(&b->reloading);
	if (cfg_reread(b->cfg, well == NULL ? NULL : bot_told, well, &e) ==
	    -1) {
		log_warn("%s, keeping the secrets it had", e.text);
		err_clear(&e);
		if (well != NULL)
			*well = false;
	}
	rc = brain_load(&b->brain, b->cfg, b->api, &e);
	stat_inc(rc == 0 ? STAT_reloads_ok : STAT_reloads_failed);
	if (rc == -1)
		board_set(b->board, BOARD_RULES,
		    "%s: keeping the rules and cards as they were", e.text);
	else
		board_set(b->board, BOARD_RULES, NULL);
	pthread_mutex_unlock(&b->reloading);
	if (rc == 0) {
		log_info("rules and cards are read again");
		keeper_look(b->keeper);
		sched_wake(b->sched);
	}
	return rc;
}

static void
bot_reload_brain(void *arg)
{
	bot_read_brain(arg, NULL);
}

/* The file of settings has been read again. */
static int
bot_read_token(struct bot *b)
{
	struct err e = ERR_INIT;
	char *token = cfg_secret(b->cfg, "WEBEX_ACCESS_TOKEN", &e);
	int rc = -1;

	if (token != NULL)
		rc = wx_set_token(b->wx, token, &e);
	else if (e.kind == ERR_NONE)
		err_set(&e, ERR_PERM, "WEBEX_ACCESS_TOKEN is not set any more");
	if (rc != -1)
		engine_poke(b->engine, rc == 1);
	else if (e.kind != ERR_NONE)
		log_error("%s, keeping the old token", e.text);
	free(token);
	return e.kind == ERR_NONE ? 0 : -1;
}

/* Likewise; Webex is told of it by `webexbot webhooks apply`. */
static int
bot_read_secret(struct bot *b)
{
	struct err e = ERR_INIT;
	char *secret = cfg_webhook_secret(b->cfg, &e);

	if (secret == NULL && e.kind == ERR_NONE)
		err_set(
		    &e, ERR_PERM, "WEBEX_WEBHOOK_SECRET is not set any more");
	if (secret != NULL && strcmp(secret, intake_secret(&b->intake)) != 0 &&
	    bot_use_secret(b, secret, &e) == 0) {
		log_info("the webhook secret is another one");
		keeper_look(b->keeper);
	}
	if (e.kind != ERR_NONE)
		log_error("%s, keeping the old webhook secret", e.text);
	free(secret);
	return e.kind == ERR_NONE ? 0 : -1;
}

static int
bot_read_certificate(struct bot *b)
{
	struct err e = ERR_INIT;

	if (http_reload(b->web, &e) == 0) {
		board_set(b->board, BOARD_TLS, NULL);
		return 0;
	}
	log_error("TLS: %s", e.text);
	board_set(b->board, BOARD_TLS, "TLS: %s: keeping the old certificate",
	    e.text);
	return -1;
}

void
bot_reload(struct bot *b)
{
	bool well = bot_read_certificate(b) == 0;

	if (bot_read_brain(b, &well) == -1)
		well = false;
	well &= bot_read_token(b) == 0;
	well &= bot_read_secret(b) == 0;
	log_info(well ? "reloaded" : "reloaded in part, see above");
}

const char *
bot_address(const struct bot *b, size_t i)
{
	return http_address(b->web, i);
}

const char *
bot_admin_address(const struct bot *b)
{
	return b->adm == NULL ? NULL : http_address(b->adm, 0);
}
