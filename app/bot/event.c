/*
 * Events as bytes and as values; see event.h.  Pure, but for the clock in the
 * key of a change.
 */
#include "bot/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "net/verify.h"
#include "webex/wx_id.h"

#define EVENT_NAME_MAX 40
#define EVENT_ID_MAX 1024 /* ids and times; Webex' have about 80 bytes */

/* Where the fields of a notification are. */
static const char *const event_paths[] = {"resource", "event", "actorId",
    "data.id", "data.roomId", "data.roomType", "data.personId",
    "data.personEmail", "data.messageId", "data.updated", "data.created"};
static const size_t event_fields[] = {offsetof(struct event, resource),
    offsetof(struct event, event), offsetof(struct event, actor),
    offsetof(struct event, id), offsetof(struct event, room),
    offsetof(struct event, place), offsetof(struct event, person),
    offsetof(struct event, email), offsetof(struct event, message),
    offsetof(struct event, updated), offsetof(struct event, created)};
#define EVENT_FIELDS (sizeof event_fields / sizeof event_fields[0])

static const char **
event_field(struct event *ev, size_t i)
{
	return (const char **)(void *)((char *)ev + event_fields[i]);
}

static const char *
event_str(const struct json *obj, const char *path)
{
	const char *s = json_path_str(obj, path);

	return s == NULL ? "" : s;
}

static void
event_clear(struct event *ev)
{
	size_t i;

	memset(ev, 0, sizeof *ev);
	ev->source = ev->kind = "";
	for (i = 0; i < EVENT_FIELDS; i++)
		*event_field(ev, i) = "";
}

/* The fields of a notification of Webex, lent by its body. */
static void
event_fill_webex(struct event *ev)
{
	size_t i;

	for (i = 0; i < EVENT_FIELDS; i++)
		*event_field(ev, i) = event_str(ev->body, event_paths[i]);
}

/* The same without a tree: they are few and mostly plain. */
static int
event_pick_webex(struct event *ev, const char *raw, size_t len, struct err *e)
{
	struct json_span at[EVENT_FIELDS];
	int rc = json_texts(raw, len, event_paths, at, EVENT_FIELDS, e);
	size_t i, n = 0;
	char *p;

	if (rc == 1) {
		if ((ev->body = json_parse(raw, len, e)) == NULL)
			return -1;
		event_fill_webex(ev);
	}
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	for (i = 0; i < EVENT_FIELDS; i++)
		n += at[i].n + 1;
	if ((p = ev->texts = malloc(n)) == NULL)
		return err_nomem(e);
	for (i = 0; i < EVENT_FIELDS; i++) {
		if (at[i].p == NULL)
			continue;
		*event_field(ev, i) = p;
		memcpy(p, at[i].p, at[i].n);
		p[at[i].n] = '\0';
		p += at[i].n + 1;
	}
	return 0;
}

/* What follows from the fields. */
static void
event_name_webex(struct event *ev)
{
	ev->source = "webex";
	if (strcmp(ev->resource, "rooms") == 0)
		ev->room = ev->id;
	snprintf(ev->kind_text, sizeof ev->kind_text, "%.*s.%.*s",
	    EVENT_NAME_MAX, ev->resource, EVENT_NAME_MAX, ev->event);
	ev->kind = ev->kind_text;
}

/* Names such as attachmentActions or telephony_calls; "" is none. */
static bool
event_is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
			     "WXYZ0123456789_");

	return n > 0 && n <= EVENT_NAME_MAX && s[n] == '\0';
}

static bool
event_fits(const struct event *ev)
{
	return strlen(ev->id) <= EVENT_ID_MAX &&
	       strlen(ev->room) <= EVENT_ID_MAX &&
	       strlen(ev->message) <= EVENT_ID_MAX &&
	       strlen(ev->updated) <= EVENT_ID_MAX;
}

int
event_read_webex(struct event *ev, const char *raw, size_t len, struct err *e)
{
	event_clear(ev);
	if (event_pick_webex(ev, raw, len, e) == -1)
		return err_prefix(e, "not JSON: ");
	event_name_webex(ev);
	if (event_is_name(ev->resource) && event_is_name(ev->event) &&
	    *ev->id != '\0' && event_fits(ev))
		return 0;
	err_set(e, ERR_PERM, "no usable %s in the notification",
	    !event_is_name(ev->resource) ? "resource"
	    : !event_is_name(ev->event)  ? "event"
	    : *ev->id == '\0'            ? "data.id"
					 : "data, an id is too long");
	event_done(ev);
	return -1;
}

void
event_done(struct event *ev)
{
	json_free(ev->head);
	json_free(ev->body);
	free(ev->texts);
	event_clear(ev);
}

/*
 * UUIDs of Webex' ids are of version 1: written from the time's high end to
 * the node, they grow with the time.  "" for an id of another make.
 */
static void
event_id_time(const char *id, char out[WX_UUID])
{
	char u[WX_UUID];

	out[0] = '\0';
	if (wx_id_uuid(id, u) == 0)
		snprintf(out, WX_UUID, "%.4s%.4s%.8s%.4s%.12s", u + 14, u + 9,
		    u, u + 19, u + 24);
}

/*
 * What changed again and again has one id, and not always the time of the
 * change: then the same bytes are a repetition for a minute.
 */
static void
event_add_bytes(const char *raw, size_t len, struct buf *b)
{
	char hex[VERIFY_HEX_MAX];

	if (verify_digest(VERIFY_SHA256, raw, len, hex) == -1)
		b->failed = true;
	buf_addf(b, "\n%s\n%" PRId64, hex, clk_wall_ms() / 60000);
}

int
event_key_webex(
    const struct event *ev, const char *raw, size_t len, char key[EVENT_KEY])
{
	const char *const parts[] = {
	    ev->resource, ev->event, ev->id, ev->updated};
	char hex[VERIFY_HEX_MAX], when[WX_UUID];
	struct buf b;
	size_t i;
	int rc;

	buf_init(&b, 64 * 1024);
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		buf_adds(&b, i == 0 ? "" : "\n");
		buf_adds(&b, parts[i]);
	}
	/* its id is made of person and room: who comes back has the same */
	if (strcmp(ev->resource, "memberships") == 0) {
		buf_addc(&b, '\n');
		buf_adds(&b, ev->created);
	}
	if (strcmp(ev->event, "updated") == 0 && *ev->updated == '\0')
		event_add_bytes(raw, len, &b);
	rc = b.failed ? -1 : verify_digest(VERIFY_SHA256, b.p, b.len, hex);
	buf_done(&b);
	if (rc == -1)
		return -1;
	event_id_time(ev->id, when);
	snprintf(key, EVENT_KEY, "webex:%s%.32s", when, hex);
	return 0;
}

int
event_pack(const struct event *ev, const struct json *envelope, const char *raw,
    size_t len, struct buf *out)
{
	if (envelope != NULL) {
		json_print(envelope, out);
	} else {
		buf_adds(out, "{\"source\":");
		json_quote(ev->source, strlen(ev->source), out);
		buf_adds(out, ",\"kind\":");
		json_quote(ev->kind, strlen(ev->kind), out);
		buf_addc(out, '}');
	}
	buf_addc(out, '\n');
	return buf_add(out, raw, len);
}

int
event_item_webex(const struct event *ev, const char *raw, size_t len,
    char key[EVENT_KEY], struct buf *bytes, struct evq_new *n)
{
	buf_init(bytes, len + 256);
	if (event_key_webex(ev, raw, len, key) == -1 ||
	    event_pack(ev, NULL, raw, len, bytes) == -1)
		return -1;
	*n = (struct evq_new){.key = key,
	    .lane = ev->room,
	    .source = ev->source,
	    .kind = ev->kind,
	    .room = ev->room,
	    .body = buf_str(bytes),
	    .len = buf_len(bytes)};
	/* in the order in which it was said, as far as it is still waiting */
	if (clk_parse(ev->created, &n->order) == -1)
		n->order = 0;
	return 0;
}

const char *
event_raw(const char *bytes, size_t len, size_t *rawlen)
{
	const char *nl = memchr(bytes, '\n', len);

	if (nl == NULL)
		return NULL;
	*rawlen = len - (size_t)(nl + 1 - bytes);
	return nl + 1;
}

int
event_unpack(struct event *ev, const char *bytes, size_t len, struct err *e)
{
	size_t rawlen;
	const char *raw = event_raw(bytes, len, &rawlen);
	bool webex;

	event_clear(ev);
	if (raw == NULL)
		return err_set(e, ERR_PERM, "the stored event has no envelope");
	ev->head = json_parse(bytes, (size_t)(raw - 1 - bytes), e);
	if (ev->head == NULL)
		return err_prefix(e, "the stored event's envelope: ");
	ev->raw = raw;
	ev->rawlen = rawlen;
	webex = str_eq(json_get_str(ev->head, "source"), "webex");
	if ((webex ? event_pick_webex(ev, raw, rawlen, e) == -1
		   : event_body(ev, e) == NULL) &&
	    e->kind == ERR_BUG) {
		event_done(ev);
		return -1;
	}
	err_clear(e); /* not every source sends JSON */
	if (webex) {
		event_name_webex(ev);
		return 0;
	}
	ev->source = event_str(ev->head, "source");
	ev->kind = event_str(ev->head, "kind");
	return 0;
}

void
event_forget_bytes(struct event *ev)
{
	ev->raw = NULL;
	ev->rawlen = 0;
}

const struct json *
event_body(struct event *ev, struct err *e)
{
	if (ev->body == NULL && ev->raw != NULL)
		ev->body = json_parse(ev->raw, ev->rawlen, e);
	return ev->body;
}
