/*
 * The part of the bot file about Webex Connect and other programs: inbound
 * webhooks, the event API, notifications, outbound webhooks, each with the
 * rule that answers.  Belongs to the brain; read-only once loaded but for
 * what the checks count, so any thread may use it.
 */
#ifndef BOT_HUB_H
#define BOT_HUB_H

#include <stdbool.h>

#include "base/cfg.h"
#include "base/json.h"
#include "bot/rules.h"
#include "connect/evapi.h"
#include "connect/inbound.h"
#include "connect/outhook.h"
#include "connect/receive.h"

struct hub;
struct xfer;

struct hub_opts {
	const struct rules_env *env; /* its cfg must be there */
	struct problems *ps;
	/*
	 * For keys and answers of other servers (auth.h); NULL: there is no
	 * bot, only the file is looked at.
	 */
	struct xfer *xfer;
};

/* `file` NULL: an empty one.  NULL: memory is out. */
struct hub *hub_new(
    const struct json *file, const struct hub_opts *o, struct err *e);
void hub_free(struct hub *h);

/* An inbound webhook by its ID; NULL: there is none. */
struct hub_inbound {
	struct inbound *in;
	struct rule rule; /* says nothing: nothing happens */
};
struct hub_inbound *hub_inbound(const struct hub *h, const char *id);

void hub_inbound_each(const struct hub *h,
    void (*fn)(void *arg, struct hub_inbound *hi), void *arg);

/* The event API: who may use it; NULL: there is none. */
struct gate *hub_events(const struct hub *h);
struct hub_event {
	struct evapi_type *type;
	struct rule rule;
};
/* A type by its evtid; NULL: there is none. */
struct hub_event *hub_event(const struct hub *h, const char *evtid);

/* The outbound webhooks; *n of them. */
struct outhook *const *hub_outbound(const struct hub *h, size_t *n);
/* Look whether they can be reached; the log tells later who cannot. */
void hub_probe(const struct hub *h, struct xfer *x);
/*
 * The one that a stored item is for, "outbound" by its address or "notify";
 * of several with this address the one that is still at place `i`.  NULL: it
 * is no longer there.
 */
struct outhook *hub_outhook(
    const struct hub *h, const char *use, const char *url, size_t i);

/* Who may send notifications of Webex Connect; NULL: nobody. */
struct receive *hub_receive(const struct hub *h);
/* The first rule that fits a notification (notice.h); NULL: none does. */
const struct rule *hub_notice(const struct hub *h, const struct json *notice);

#endif
