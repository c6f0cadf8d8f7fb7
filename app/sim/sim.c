/*
 * Start and stop, the routes, the world at the start; see sim.h.  Handlers
 * run on the threads of connections, deliveries on two of their own.
 */
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "net/http.h"
#include "net/xfer.h"
#include "sim/api.h"
#include "sim/connect.h"
#include "sim/ctl.h"
#include "sim/deliver.h"
#include "sim/fault.h"
#include "sim/inner.h"
#include "sim/issuer.h"
#include "sim/page.h"
#include "sim/traffic.h"

#define SIM_THREADS 1200 /* an answer that is late holds one */
#define SIM_REQUEST_MS 30000
#define SIM_CONNECTIONS 64 /* as many as are delivered at once */
#define SIM_MESSAGES_MIN 100

#define SIM_ANY                                                                \
	(HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_PUT | HTTP_DELETE | HTTP_PATCH)

static void
sim_preview(struct http_req *r, void *arg)
{
	struct sim *s = arg;

	if (s->preview != NULL)
		s->preview(r, s->preview_arg);
	else
		http_text(r, 404, "text/plain", "no cards are shown here\n");
}

/* A form is a little larger than the file in it. */
static const struct http_route sim_routes[] = {
    {"/", HTTP_GET | HTTP_HEAD, 0, page_serve},
    {"/cards", HTTP_GET | HTTP_HEAD, 0, page_serve},
    {"/LICENSES", HTTP_GET | HTTP_HEAD, 0, page_serve},
    {"/page/*", HTTP_GET | HTTP_HEAD, 0, page_serve},
    {"/preview/*", HTTP_GET | HTTP_POST, API_FILE, sim_preview},
    {"/preview/*/*", HTTP_GET, 0, sim_preview},
    {"/sim/events", HTTP_GET, 0, ctl_events},
    {"/sim/script", HTTP_GET, 0, ctl_script},
    {"/sim/*", HTTP_GET | HTTP_POST | HTTP_DELETE, 2 * API_FILE, ctl_serve},
    {"/connect", HTTP_GET | HTTP_HEAD, 0, page_serve},
    {"/connect/log", HTTP_GET, 0, connect_log},
    {"/connect/target", HTTP_GET | HTTP_POST, CONNECT_BODY, connect_target},
    {"/connect/token", HTTP_POST, CONNECT_BODY, connect_token},
    {"/connect/jwks", HTTP_GET, 0, connect_jwks},
    {"/connect/rotate", HTTP_POST, CONNECT_BODY, connect_rotate},
    {"/connect/send", HTTP_POST, CONNECT_BODY, connect_send},
    {"/connect/introspect", HTTP_POST, CONNECT_BODY, connect_introspect},
    {"/events/*", HTTP_POST, CONNECT_BODY, connect_inbound},
    {"/resources/v1/events/externalevent", HTTP_POST, CONNECT_BODY,
	connect_event},
    {"/v1/messages", HTTP_POST, API_FILE + API_BODY, api_serve},
    {"/v1/*", SIM_ANY, API_BODY, api_serve},
    {"/v1/*/*", SIM_ANY, API_BODY, api_serve},
    {"/v1/*/*/*", SIM_ANY, API_BODY, api_serve},
};

/* -- the world at the start; the ids never change -- */

static const struct sim_person {
	const char *email, *name, *nick, *uuid, *token;
	bool bot;
} sim_people[] = {
    {"anna@example.com", "Anna Adams", "Anna",
	"0a51a000-0001-4a4a-8000-00000000a44a", "sim-anna-token", false},
    {"ben@example.com", "Ben Bauer", "Ben",
	"0a51a000-0001-4b4b-8000-00000000be40", "sim-ben-token", false},
    {"demo-bot@webex.bot", "Demo Bot", "Demo",
	"0a51a000-0001-4c4c-8000-000000000b07", "sim-bot-token", true},
};
#define SIM_PEOPLE (sizeof sim_people / sizeof *sim_people)

static const char sim_room_uuid[] = "0a51a000-0002-4000-8000-%012d";

static int
sim_add_people(struct sim *s, struct person *p[SIM_PEOPLE])
{
	const struct sim_person *row;
	char nick[sizeof s->bot_name];
	const char *name;
	size_t i;

	for (i = 0; i < SIM_PEOPLE; i++) {
		row = &sim_people[i];
		name = row->name;
		snprintf(nick, sizeof nick, "%s", row->nick);
		if (row->bot) {
			name = s->bot_name;
			snprintf(nick, sizeof nick, "%.*s",
			    (int)strcspn(name, " "), name);
		}
		p[i] = world_add_person(s->world, row->email, name, nick,
		    row->bot, row->uuid, row->token);
		if (p[i] == NULL)
			return -1;
	}
	s->world->bot = p[SIM_PEOPLE - 1];
	return 0;
}

static int
sim_add_room(struct sim *s, int n, const char *title,
    struct person *const *people, size_t npeople)
{
	char uuid[ID_UUID];
	struct room *r;
	size_t i;

	snprintf(uuid, sizeof uuid, sim_room_uuid, n);
	r = world_add_room(s->world, title, people[0], uuid);
	if (r == NULL)
		return -1;
	for (i = 0; i < npeople; i++)
		if (world_add_member(s->world, r, people[i], false) == NULL)
			return -1;
	return title != NULL ? 0 : world_pair_room(s->world, r);
}

int
sim_populate(struct sim *s, struct err *e)
{
	struct person *p[SIM_PEOPLE], *pair[2];
	char title[32];
	int i;

	if (sim_add_people(s, p) == -1)
		return err_nomem(e);
	pair[1] = s->world->bot;
	for (i = 0; i < 2; i++) {
		pair[0] = p[i];
		if (sim_add_room(s, i + 1, NULL, pair, 2) == -1)
			return err_nomem(e);
	}
	for (i = 0; i <= s->rooms; i++) {
		snprintf(
		    title, sizeof title, i == 0 ? "Demo space" : "Space %d", i);
		if (sim_add_room(s, i + 3, title, p, SIM_PEOPLE) == -1)
			return err_nomem(e);
	}
	memcpy(s->bot_id, s->world->bot->id, sizeof s->bot_id);
	return 0;
}

static void
sim_tune_defaults(struct sim *s)
{
	memset(&s->tune, 0, sizeof s->tune);
	s->tune.disable_after = WORLD_HOOK_FAILS;
	s->tune.timeout_ms = 10000;
	s->tune.latency_ms = s->latency_ms;
}

int
sim_reset(struct sim *s, bool hooks, struct err *e)
{
	struct world *old = s->world;

	if ((s->world = world_new(s->messages)) == NULL ||
	    sim_populate(s, e) == -1 ||
	    (hooks && world_move_hooks(s->world, old) == -1)) {
		world_free(s->world);
		s->world = old;
		return err_nomem(e);
	}
	/* who waits for a seq must not see the numbers start again */
	s->world->seq = old->seq;
	world_free(old);
	faults_clear(s->faults);
	deliver_clear(s->deliver);
	deliver_hold(s->deliver, false);
	deliver_order(s->deliver, DELIVER_PARALLEL, false);
	sim_tune_defaults(s);
	traffic_event(s->traffic, "reset", "{}");
	pthread_cond_broadcast(&s->changed);
	return 0;
}

/* -- waiting -- */

void
sim_pause(struct sim *s, int ms)
{
	int64_t until = clk_mono_ms() + ms;

	pthread_mutex_lock(&s->mu);
	while (!s->stopping && clk_mono_ms() < until)
		clk_cond_wait(&s->pause, &s->mu, until);
	pthread_mutex_unlock(&s->mu);
}

bool
sim_wait(struct sim *s, int64_t until)
{
	if (s->stopping || clk_mono_ms() >= until)
		return false;
	s->waiting++;
	clk_cond_wait(&s->changed, &s->mu, until);
	s->waiting--;
	return true;
}

void
sim_wake(struct sim *s)
{
	pthread_cond_broadcast(&s->pause);
	pthread_cond_broadcast(&s->changed);
	deliver_wake(s->deliver);
}

/* -- start and stop -- */

/* A simulator that listens everywhere is reached on loopback. */
static void
sim_set_url(struct sim *s)
{
	const char *at = http_address(s->http, 0), *port = strrchr(at, ':');
	bool tls = port != NULL && port[strlen(port) - 1] == 's';
	char host[SIM_URL_MAX - 16];

	snprintf(
	    host, sizeof host, "%.*s", port == NULL ? 0 : (int)(port - at), at);
	if (strcmp(host, "") == 0 || strcmp(host, "*") == 0 ||
	    strcmp(host, "0.0.0.0") == 0 || strcmp(host, "[::]") == 0)
		strcpy(host, "127.0.0.1");
	snprintf(s->url, sizeof s->url, "http%s://%s:%.*s", tls ? "s" : "",
	    host, port == NULL ? 0 : (int)strspn(port + 1, "0123456789"),
	    port == NULL ? "" : port + 1);
}

static int
sim_listen(struct sim *s, const struct sim_opts *o, struct err *e)
{
	struct http_opts h = {
	    .name = "sim",
	    .listen = o->listen != NULL ? o->listen : "127.0.0.1:0",
	    .threads = o->threads > 0 ? o->threads : SIM_THREADS,
	    .timeout_ms = SIM_REQUEST_MS,
	    .routes = sim_routes,
	    .nroutes = sizeof sim_routes / sizeof *sim_routes,
	    .arg = s,
	};

	if ((s->http = http_start(&h, e)) == NULL)
		return -1;
	return 0;
}

static int
sim_open(struct sim *s, const struct sim_opts *o, struct err *e)
{
	struct xfer_opts x = {.timeout_ms = 10000,
	    .connections = SIM_CONNECTIONS,
	    .ca_file = o->ca_file,
	    .agent = "webexbot-sim/" WB_VERSION};

	if ((s->world = world_new(s->messages)) == NULL ||
	    (s->faults = faults_new()) == NULL ||
	    (s->traffic = traffic_new()) == NULL)
		return err_nomem(e);
	sim_tune_defaults(s);
	if (sim_populate(s, e) == -1 || (s->xfer = xfer_start(&x, e)) == NULL ||
	    (s->connect = connect_new(s->xfer, e)) == NULL ||
	    (s->issuer = issuer_new(e)) == NULL ||
	    (s->deliver = deliver_start(s, e)) == NULL)
		return -1;
	/* a request may come before the address is known here */
	pthread_mutex_lock(&s->mu);
	if (sim_listen(s, o, e) == 0)
		sim_set_url(s);
	pthread_mutex_unlock(&s->mu);
	return s->http != NULL ? 0 : -1;
}

struct sim *
sim_start(const struct sim_opts *o, struct err *e)
{
	static const struct sim_opts none;
	struct sim *s = calloc(1, sizeof *s);

	if (s == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (o == NULL)
		o = &none;
	pthread_mutex_init(&s->mu, NULL);
	clk_cond_init(&s->changed);
	clk_cond_init(&s->pause);
	s->preview = o->preview;
	s->preview_arg = o->preview_arg;
	s->rooms = o->rooms;
	s->latency_ms = o->latency_ms;
	s->messages = o->messages != 0 ? o->messages : WORLD_MESSAGES;
	if (s->messages < SIM_MESSAGES_MIN)
		s->messages = SIM_MESSAGES_MIN;
	snprintf(s->bot_name, sizeof s->bot_name, "%s",
	    o->bot_name != NULL ? o->bot_name : "Demo Bot");
	if (sim_open(s, o, e) == 0)
		return s;
	sim_stop(s);
	return NULL;
}

/* Streams and long polls end first, since the server waits for them. */
void
sim_stop(struct sim *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->mu);
	s->stopping = true;
	pthread_cond_broadcast(&s->changed);
	pthread_cond_broadcast(&s->pause);
	pthread_mutex_unlock(&s->mu);
	if (s->traffic != NULL)
		traffic_stop(s->traffic);
	http_stop(s->http);
	if (s->deliver != NULL)
		deliver_stop(s->deliver);
	if (s->xfer != NULL)
		xfer_stop(s->xfer);
	deliver_free(s->deliver);
	connect_free(s->connect);
	issuer_free(s->issuer);
	xfer_free(s->xfer);
	traffic_free(s->traffic);
	faults_free(s->faults);
	world_free(s->world);
	free(s->tries);
	pthread_cond_destroy(&s->changed);
	pthread_cond_destroy(&s->pause);
	pthread_mutex_destroy(&s->mu);
	free(s);
}

const char *
sim_url(const struct sim *s)
{
	return s->url;
}

const char *
sim_bot_token(const struct sim *s)
{
	(void)s;
	return sim_people[SIM_PEOPLE - 1].token;
}

const char *
sim_bot_id(const struct sim *s)
{
	return s->bot_id;
}

int
sim_tries(struct sim *s, const char *words)
{
	char *copy = strdup(words);

	if (copy == NULL)
		return -1;
	pthread_mutex_lock(&s->mu);
	free(s->tries);
	s->tries = copy;
	pthread_mutex_unlock(&s->mu);
	return 0;
}

int
sim_connect(struct sim *s, const struct json *target)
{
	return connect_aim(s->connect, target);
}

const char *
sim_connect_key(void)
{
	return CONNECT_KEY;
}
