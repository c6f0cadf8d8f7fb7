/* What send and broadcast have in common. */
#ifndef CLI_SEND_H
#define CLI_SEND_H

#include "bot/compose.h"
#include "cli/aside.h"

/* Of both, for `webexbot help`. */
#define SEND_VALUES                                                            \
	"  NAME       of --card: cards/NAME.card.json\n"                       \
	"  FILE       its data as JSON; - is the standard input\n"             \
	"  TIME       10m (from now), 09:15 or \"09:15 Europe/Berlin\",\n"     \
	"             2026-05-04T09:15:00Z\n"

struct send {
	struct compose m;
	const char *data_file;
	const char *at;
	char *data; /* for free() */
	int64_t due;
	bool json;
};

/* Take argv[*i] (and its value) if it is one of these options; 0 or -1. */
int send_option(struct send *s, int argc, char **argv, int *i);
/* Is there something to say, and when? */
int send_ready(struct send *s, struct err *e);
/* The file of --data into m.data. */
int send_read_data(struct send *s, struct err *e);
/*
 * Put one message; n->kind, key and due are the caller's.  The id; 0: its
 * key has been seen; -1.
 */
int64_t send_put(struct composer *c, struct aside *a, const struct compose *m,
    struct evq_new *n, struct err *e);

#endif
