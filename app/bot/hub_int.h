/* Reading the hub's parts; for hub*.c only. */
#ifndef BOT_HUB_INT_H
#define BOT_HUB_INT_H

#include "base/map.h"
#include "bot/hub.h"
#include "connect/conf.h"

struct hub {
	struct map *inbound; /* ID to struct hub_inbound */
	struct gate *events;
	struct map *types; /* evtid to struct hub_event */
	struct hub_connect *connect;
	struct outhook **out;
	size_t nout;
	struct outhook *notify; /* for notifyurl */
};

/* While a file is read. */
struct hub_in {
	struct conf conf;
	const struct hub_opts *o;
	struct hub *h;
	struct err *e;
};

/*
 * A rule with its replies, which must say where they go: nobody asked in a
 * room.  0 or -1: memory is out.
 */
int hub_rule(struct hub_in *in, struct rule *r, const char *what,
    const char *key, const struct json *obj, const char *path);

/* What checks of callers need. */
void hub_auth_opts(const struct hub_in *in, struct auth_opts *out);

/* hub_out.c: "outbound" and "events.notify"; likewise. */
int hub_read_out(struct hub_in *in, const struct json *file);
void hub_out_free(struct hub *h);

/* hub_connect.c: "connect"; 0 or -1: memory is out. */
int hub_read_connect(struct hub_in *in, const struct json *file);
void hub_connect_free(struct hub_connect *hc);

#endif
