/*
 * Outbound webhooks: where what the bot saw is forwarded to, by the rules
 * that Webex Connect keeps itself (platform facts 1.1).  Read-only once
 * made but for the token of its authorization and its load.
 */
#ifndef CONNECT_OUTHOOK_H
#define CONNECT_OUTHOOK_H

#include "connect/client.h"
#include "connect/conf.h"
#include "connect/sign.h"

#define OUTHOOK_TIMEOUT_MS 10000
#define OUTHOOK_TRIES 4 /* the first one and three more */
#define OUTHOOK_TRACE "x-wx-gtrid"

enum outhook_on {
	OUTHOOK_MESSAGES = 1,
	OUTHOOK_ACTIONS = 2,
	OUTHOOK_MEMBERSHIPS = 4,
	OUTHOOK_RECEIPTS = 8,
	OUTHOOK_INCOMING = 16,
	OUTHOOK_INBOUND = 32,
	OUTHOOK_EVENTS = 64,
};
/* "messages" and so on, as in the file and before the dot of a type. */
const char *outhook_word(enum outhook_on on);

/* What a target is at; the engine's thread. */
struct outhook_load {
	int busy;   /* requests under way */
	int64_t us; /* that the last one took */
};

struct outhook {
	unsigned on; /* of enum outhook_on */
	char *url;
	struct sign *sign; /* NULL: unsigned */
	struct client *client;
	bool order; /* one after the other */
	struct outhook_load load;
};

/* Read one of "outbound"; NULL: memory is out. */
struct outhook *outhook_new(
    struct conf *c, const struct json *v, const char *path);
/*
 * The same without "on" and "url", which the caller of the event API gives
 * ("events.notify"); NULL `v`: unsigned, no authorization.
 */
struct outhook *outhook_new_notify(
    struct conf *c, const struct json *v, const char *path);
void outhook_free(struct outhook *o);

/* Is an answer with this status, which is not 200, not to be tried again? */
bool outhook_final(int status);

#endif
