/*
 * An event: what came in, as bytes in the queue and as values in memory.
 * Queued it is one line of JSON (the envelope) and then the body exactly as
 * it was received.
 */
#ifndef BOT_EVENT_H
#define BOT_EVENT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "store/evq.h"

#define EVENT_KEY 80

struct event {
	const char *source; /* webex connect inbound event */
	const char *kind;   /* messages.created; of others their own name */
	/* of Webex notifications; "" when missing */
	const char *resource;
	const char *event;
	const char *id;      /* data.id */
	const char *room;    /* data.roomId */
	const char *place;   /* data.roomType */
	const char *person;  /* data.personId */
	const char *actor;   /* actorId */
	const char *email;   /* data.personEmail */
	const char *message; /* data.messageId */
	const char *updated; /* data.updated */
	const char *created; /* data.created */

	struct json *head; /* the envelope, NULL before it is queued */
	/* NULL: not JSON, or not needed yet; of Webex see event_body */
	struct json *body;
	char *texts;     /* what the fields above are lent by, if no body */
	const char *raw; /* of a queued one, lent by its bytes */
	size_t rawlen;
	char kind_text[96];
};

/*
 * Read a Webex notification: the fields, not the body.  -1: not JSON, or
 * without resource, event or data.id (ERR_PERM).  event_done frees.
 */
int event_read_webex(
    struct event *ev, const char *raw, size_t len, struct err *e);
void event_done(struct event *ev);

/*
 * The key that repetitions share: resource, event, data.id and updated
 * (platform facts 1.6), of memberships created as well, and of a change
 * without its time the body `raw`; as a digest, behind the time and place
 * that are in the UUID of a Webex id, so that keys of the same time lie side
 * by side in an index.  0 or -1.
 */
int event_key_webex(
    const struct event *ev, const char *raw, size_t len, char key[EVENT_KEY]);

/* To queue bytes: an envelope (NULL: source and kind only) and the body. */
int event_pack(const struct event *ev, const struct json *envelope,
    const char *raw, size_t len, struct buf *out);
/*
 * A notification of Webex on its way into the queue: its room is its lane,
 * and there it stands where it was said.  `n` borrows all the others; `bytes`
 * is begun here, buf_done after either.  0 or -1: memory is out.
 */
int event_item_webex(const struct event *ev, const char *raw, size_t len,
    char key[EVENT_KEY], struct buf *bytes, struct evq_new *n);
/*
 * And back; `bytes` are lent until event_done.  -1: these are no bytes of
 * ours, or memory is out (ERR_BUG).
 */
int event_unpack(
    struct event *ev, const char *bytes, size_t len, struct err *e);
/*
 * The body of a queued event as values, made when they are first asked for.
 * NULL: it is not JSON, or memory is out (ERR_BUG).
 */
const struct json *event_body(struct event *ev, struct err *e);
/* Its bytes go away, and nobody will ask for its body. */
void event_forget_bytes(struct event *ev);
/* Where the raw body starts in queue bytes. */
const char *event_raw(const char *bytes, size_t len, size_t *rawlen);

#endif
