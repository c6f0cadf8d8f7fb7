/*
 * What is remembered of a room or a person: one object each, kept in the
 * store and written in the transaction that settles the event.  A change
 * that is on its way to the disk is seen by every event that looks, so two
 * rooms of one person lose nothing of each other.  The engine's thread.
 */
#ifndef BOT_MEMORY_H
#define BOT_MEMORY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "store/evq.h"

#define MEMORY_MAX 65536 /* bytes of one object as JSON */

/* Scopes in the store; the key is an id of Webex. */
#define MEMORY_ROOM "room"
#define MEMORY_PERSON "person"
#define MEMORY_ASK "~ask" /* questions that are open: "ROOM PERSON" */

struct memory;

struct memory *memory_new(struct evq *q);
void memory_free(struct memory *m);

/*
 * The object, for the caller to free; NULL: nothing is remembered, or
 * memory is out and `e` is set.
 */
struct json *memory_get(
    struct memory *m, const char *scope, const char *key, struct err *e);

/* Changes of one event, until they are stored. */
struct memory_change {
	struct arena *arena; /* of the job: holds the texts */
	struct evq_memo *v;
	size_t n;
	size_t cap;
};

/* An object as it is stored, into `out`, set up here.  -1: as memory_set. */
int memory_print(const struct json *value, const char *scope, struct buf *out,
    struct err *e);
/*
 * Note that the object becomes `value` (NULL, empty: forgotten).  -1: it is
 * too large (ERR_PERM), or memory.
 */
int memory_set(struct memory_change *c, const char *scope, const char *key,
    const struct json *value, struct err *e);

/* They are on their way to the store: others see them from now on. */
int memory_begin(
    struct memory *m, const struct memory_change *c, struct err *e);
/*
 * They were refused and are tried again: by now others may have arrived, and
 * must not be written over by what was known before.
 */
void memory_again(struct memory *m, struct memory_change *c);
/* They have arrived, or never will. */
void memory_end(struct memory *m, const struct memory_change *c);

#endif
