/*
 * What exists, as the JSON objects of the REST API (O1): members and order
 * as in answers of the platform.  Each appends one object as a list item or
 * as the outermost value.  Guarded by sim->mu.
 */
#ifndef SIM_SHOW_H
#define SIM_SHOW_H

#include "base/buf.h"
#include "sim/world.h"

void show_person(struct buf *b, const struct person *p);
/* A direct room is titled with the name of the other one. */
void show_room(
    struct buf *b, const struct room *r, const struct person *viewer);
void show_member(struct buf *b, const struct member *m);
/* `url`: the address of the simulator, for the links to files. */
void show_message(struct buf *b, const struct message *m, const char *url);
/* The members of a message, for one who opened the bracket. */
void show_message_in(struct buf *b, const struct message *m, const char *url);
void show_action(struct buf *b, const struct action *a);
void show_hook(struct buf *b, const struct hook *h);

/* Parts that notifications have in common with the objects. */
const char *show_type(const struct room *r);
void show_mentions(struct buf *b, const struct message *m);
void show_files(struct buf *b, const struct message *m, const char *url);
void show_member_in(struct buf *b, const struct member *m);

#endif
