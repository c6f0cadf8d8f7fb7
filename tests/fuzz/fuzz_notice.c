/* Notifications: reading, keys, packing for the queue and back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

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
	if (event_key_webex(&ev, key) == 0 &&
	    event_pack(&ev, NULL, (const char *)p, n, &b) == 0) {
		raw = event_raw(b.p, b.len, &rawlen);
		if (raw == NULL || rawlen != n || memcmp(raw, p, n) != 0 ||
		    event_unpack(&back, b.p, b.len, &e) == -1 ||
		    strcmp(back.id, ev.id) != 0 ||
		    event_key_webex(&back, again) == -1 ||
		    strcmp(key, again) != 0)
			abort();
		event_done(&back);
	}
	buf_done(&b);
	event_done(&ev);
	return 0;
}
