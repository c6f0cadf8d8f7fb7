/*
 * Messages and their files.  Guarded by sim->mu, like all of the world.
 *
 * A deleted message stays in its room and in the timeline as a stub without
 * content, for the chat page and for those who wait for it; no REST call
 * finds it any more.
 */
#ifndef SIM_MSG_H
#define SIM_MSG_H

#include "sim/world.h"

struct msg_file {
	const char *name;
	const char *type;
	const void *data;
	size_t len;
	unsigned scans;
	enum content_state state;
};

/* What a message is made from; copied.  Texts may be NULL. */
struct msg_new {
	struct room *room;
	struct person *author;
	const char *parent;
	const char *text;
	const char *markdown;
	const char *html;
	const char *card;
	const struct msg_file *file; /* NULL: none */
	struct person *const *mentions;
	size_t nmentions;
	bool all;
};

/* NULL: out of memory, or no more room for files (see msg_room_for). */
struct message *msg_add(struct world *w, const struct msg_new *n);
bool msg_room_for(const struct world *w, size_t file_bytes);
/* Not a deleted one. */
struct message *msg_find(struct world *w, const char *id);
/* New texts (and card, when not NULL); 0 or -1 (out of memory). */
int msg_edit(struct world *w, struct message *m, const struct msg_new *n);
void msg_delete(struct world *w, struct message *m);
bool msg_mentions(const struct message *m, const struct person *p);

struct content *msg_content(struct world *w, const char *id);

/* Without a trace. */
void msg_drop(struct world *w, struct message *m);
void msg_drop_all(struct world *w);

#endif
