/*
 * An event that crashes the program would do so after each start.  Which one
 * it was is said, and noted beside the store; after some times it is dead, so
 * that the others go on.
 */
#ifndef BOT_EPITAPH_H
#define BOT_EPITAPH_H

#include <stdint.h>

/*
 * Watch for crashes of events of this store (WEBEXBOT_STORE), and end the one
 * that has crashed us again and again.  Once, when the store is open and
 * before anything is claimed.
 */
void epitaph_start(const char *store);
/* A proper end: what was noted is past. */
void epitaph_stop(void);

/*
 * What this thread works at from now on: an event, 0: none, and whose code
 * (lent; NULL: ours).
 */
void epitaph_event(int64_t id, const char *handler);

#endif
