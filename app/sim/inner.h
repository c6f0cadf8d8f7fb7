/*
 * The whole of a simulator, for the files of this folder.
 *
 * One lock, `mu`, guards the world, the switches, the faults and the queue
 * of deliveries.  It is never held while the network is used or an answer
 * is written.  The record of traffic has a lock of its own, which may be
 * taken while `mu` is held, never the other way round.
 */
#ifndef SIM_INNER_H
#define SIM_INNER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/mark.h"
#include "sim/sim.h"
#include "sim/world.h"

#define SIM_URL_MAX 160
#define SIM_OUT_MAX (32UL << 20) /* of any answer */
#define SIM_WAIT_MAX 300000      /* ms, of a long poll */

/* Switches of POST /sim/options. */
struct sim_tune {
	struct mark_style style; /* of mentions in html */
	bool edit_cards;         /* PUT takes messages with cards (U14) */
	bool all_reaches_bots;   /* <@all> counts as a mention */
	int latency_ms;          /* added to each REST call of the bot */
	int disable_after;       /* failures until a webhook is disabled */
	int timeout_ms;          /* of a delivery */
};

struct sim {
	pthread_mutex_t mu;
	pthread_cond_t changed; /* a message, a delivery, the end */
	pthread_cond_t pause;   /* the end, or the clock was moved */
	bool stopping;
	int waiting; /* long polls under way */
	struct sim_tune tune;
	struct world *world;
	struct faults *faults;
	struct deliver *deliver;
	struct traffic *traffic;
	struct xfer *xfer;
	struct connect *connect;
	struct issuer *issuer;
	struct http *http;
	void (*preview)(struct http_req *r, void *arg); /* or NULL */
	void *preview_arg;
	int rooms;
	int latency_ms; /* as started: what a reset goes back to */
	size_t messages;
	char *tries; /* see sim_tries, or NULL */
	char url[SIM_URL_MAX];
	char bot_name[128];
	char bot_id[ID_MAX];
};

/* The world as it is at the start; 0 or -1 (out of memory).  Under mu. */
int sim_populate(struct sim *s, struct err *e);
/* Back to the start; with `hooks` the webhooks stay.  Under mu. */
int sim_reset(struct sim *s, bool hooks, struct err *e);

/* Wait, cut short when the simulator stops.  Not under mu. */
void sim_pause(struct sim *s, int ms);
/*
 * For a long poll, under mu: wait for `changed` until the deadline.  False:
 * the time is up, or the simulator stops.
 */
bool sim_wait(struct sim *s, int64_t until);
/* Everyone who waits looks again: the clock was moved. */
void sim_wake(struct sim *s);

#endif
