/* Notifications: reading, keys, packing for the queue and back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Read in passing and read from the tree: the same. */
static int
same(const struct event *a, const struct event *b)
{
	return strcmp(a->kind, b->kind) == 0 && strcmp(a->id, b->id) == 0 &&
	       strcmp(a->room, b->room) == 0 &&
	       strcmp(a->person, b->person) == 0 &&
	       strcmp(a->actor, b->actor) == 0 &&
	       strcmp(a->email, b->email) == 0 &&
	       strcmp(a->message, b->message) == 0 &&
	       strcmp(a->updated, b->updated) == 0 &&
	       strcmp(a->created, b->created) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char key[EVENT_KEY], again[EVENT_KEY];
	struct err e = ERR_INIT;
	struct event ev, back;
	const char *raw;
	struct buf b;
	size_t rawlen;

	if (event_read_webex(&ev, (const char *)p, n, &e) == -1) {
		if (e.kind == ERR_NONE)
			abort();
		return 0;
	}
	buf_init(&b, n + 256);
	if (event_key_webex(&ev, "", 0, key) == 0 &&
	    event_pack(&ev, NULL, (const char *)p, n, &b) == 0) {
		raw = event_raw(b.p, b.len, &rawlen);
		if (raw == NULL || rawlen != n || memcmp(raw, p, n) != 0 ||
		    event_unpack(&back, b.p, b.len, &e) == -1 ||
		    !same(&back, &ev) ||
		    event_key_webex(&back, "", 0, again) == -1 ||
		    strcmp(key, again) != 0)
			abort();
		event_done(&back);
	}
	buf_done(&b);
	event_done(&ev);
	return 0;
}
