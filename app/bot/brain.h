/*
 * What the bot says: the rules of bot.json and the cards, as one counted
 * set that is swapped at once, so that no event sees half of each.
 */
#ifndef BOT_BRAIN_H
#define BOT_BRAIN_H

#include <pthread.h>
#include <stdbool.h>

struct brain;

/* Where the current set is. */
struct brain_slot {
	pthread_mutex_t lock;
	struct brain *current;
};

/* A reference to the current one, for brain_unref. */
struct brain *brain_get(struct brain_slot *slot);
void brain_unref(struct brain *b);

#endif
