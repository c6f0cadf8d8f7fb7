/*
 * The simulator: a small Webex cloud in this process.  REST under /v1,
 * signed webhook deliveries, a control API under /sim, the chat page at /.
 * Written from what is known of the platform, sharing no code with the
 * client.  Any number of simulators may run side by side.
 *
 * The world at the start is the same each time: Anna and Ben, a bot, a
 * direct room of each with the bot, and one room for all.  Their tokens are
 * sim-anna-token, sim-ben-token and sim-bot-token.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stddef.h>

#include "base/err.h"

struct http_req;
struct sim;

struct sim_opts {
	const char *listen;   /* NULL: 127.0.0.1, any free port */
	const char *bot_name; /* NULL: "Demo Bot" */
	int rooms;            /* more rooms with Anna, Ben and the bot */
	int latency_ms;       /* added to each REST call of the bot */
	int threads;          /* connections served at once; 0: 1200 */
	size_t messages;      /* kept; 0: 50000 */
	const char *ca_file;  /* for its deliveries; NULL: the system's */
	/*
	 * Requests for /preview/..., where the gallery of cards asks; the
	 * simulator itself knows nothing of cards.  NULL: there is none.
	 */
	void (*preview)(struct http_req *r, void *arg);
	void *preview_arg;
};

/* Listens when it returns.  `o` may be NULL.  NULL: `e` says why. */
struct sim *sim_start(const struct sim_opts *o, struct err *e);
/* Ends all streams and deliveries; frees. */
void sim_stop(struct sim *s);

/* "http://127.0.0.1:PORT": the chat page; with "/v1" the REST base. */
const char *sim_url(const struct sim *s);
const char *sim_bot_token(const struct sim *s);
const char *sim_bot_id(const struct sim *s);

/*
 * Words that the bot answers, as a comma list, which the chat page offers
 * (only "help" before); 0 or -1: memory is out.
 */
int sim_tries(struct sim *s, const char *words);

/*
 * Where its Webex Connect sends notifications, as POST /connect/target takes
 * it; 0 or -1: memory is out.
 */
struct json;
int sim_connect(struct sim *s, const struct json *target);
/* What it takes as the service key of events and inbound webhooks. */
const char *sim_connect_key(void);

#endif
