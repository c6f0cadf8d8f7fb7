/*
 * Replies as items of the outbox, and their way out.  An item is one call
 * that changes something at Webex; items of a room leave one after the
 * other.
 */
#ifndef BOT_OUTBOX_H
#define BOT_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "store/evq.h"

#define OUTBOX_REPLIES_MAX 100 /* of one event */
#define OUTBOX_PARTS_MAX 10    /* of one text */
#define OUTBOX_BODY_MAX (512 * 1024)

/* Replies while they are collected; all memory is the arena's. */
struct outbox {
	struct arena *arena;
	struct evq_reply *v;
	size_t n;
	size_t cap;
	const char *after; /* "created" of what they answer: by Webex' clock */
	int64_t received;  /* of the event, clk_wall_ms */
	int64_t expiry;    /* what is to go at once goes before that; 0: none */
};

/* A message to be posted.  One of room, person and email is set. */
struct outbox_post {
	const char *room;
	const char *person;
	const char *email;
	const char *parent;   /* thread root, or NULL */
	const char *text;     /* or NULL */
	const char *markdown; /* or NULL */
	const char *card;     /* JSON text, or NULL */
	const char *name;     /* of the card */
	const char *file;     /* of the cards folder, or NULL */
	const char *file_url; /* a public address instead, or NULL */
	const char *edit;     /* message to change instead, or NULL */
	const char *as;       /* the name it may be changed by later */
	const char *edit_as;  /* the name of the one to change instead */
	int64_t at;           /* when it is sent, clk_wall_ms; 0: at once */
};

/*
 * Add a message, as several when its text is too long for one; of one that
 * is too long for OUTBOX_PARTS_MAX the rest is cut, and its end says so.
 * -1: too many replies, too large, or memory is out.
 */
int outbox_post(struct outbox *o, const struct outbox_post *p, struct err *e);
/*
 * Add an item of another kind (steps_http.c): an object with "call" and
 * "received" and what its steps need.  Borrows `item`.
 */
int outbox_item(
    struct outbox *o, const char *lane, const struct json *item, struct err *e);
/*
 * Add the deletion of one of our messages in a room: by id, or (NULL) the
 * one that was posted there under the name `as`.  With after > 0 it stays if
 * one of that many items before this one fails: what they put in its place.
 * At `at` (clk_wall_ms; 0: now), or with what takes its place.
 */
int outbox_delete(struct outbox *o, const char *room, const char *message,
    const char *as, size_t after, int64_t at, struct err *e);
/* Before the lane of what goes out later: OUTBOX_LATER, "MS PLACE". */
#define OUTBOX_LATER "at "
/* Of the lane of a reply: the room or person it goes to. */
const char *outbox_place(const char *lane);

/* The scope of names in the store; the key is "LANE NAME". */
#define OUTBOX_SENT "~sent"

#endif
