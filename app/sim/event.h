/*
 * Something happened: which webhooks hear of it, and what they are told
 * (sections 1.1 to 1.3 and 1.7 of the platform's facts: the envelope, the
 * data of each resource, what a bot is told about, filters).  The chat page
 * hears of it too.  All under sim->mu.
 */
#ifndef SIM_EVENT_H
#define SIM_EVENT_H

#include <stdbool.h>

#include "sim/inner.h"

/* `event` is created, updated or deleted; `actor` did it. */
void event_message(struct sim *s, const char *event, const struct message *m,
    const struct person *actor);
/* The page only: for a deletion, once the message is a stub. */
void event_show(struct sim *s, const char *event, const struct message *m);
void event_action(
    struct sim *s, const struct action *a, const struct message *m);
void event_member(struct sim *s, const char *event, const struct member *m,
    const struct person *actor);
void event_room(struct sim *s, const char *event, const struct room *r,
    const struct person *actor);
/* For the page: the list of rooms or webhooks is another one. */
void event_page(struct sim *s, const char *name);

/* One message as the chat page and the tests see it, stubs included. */
void event_item(const struct sim *s, const struct message *m, struct buf *b);

/* Is it a filter for that resource ("roomId=...&roomType=direct")? */
bool event_filter_ok(const char *resource, const char *filter);

#endif
