/* Events as bytes and as values; see event.h.  Pure. */
#include "bot/event.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "net/verify.h"

#define EVENT_NAME_MAX 40
#define EVENT_ID_MAX 1024 /* ids and times; Webex' have about 80 bytes */

static const char *
event_str(const struct json *obj, const char *path)
{
	const char *s = json_path_str(obj, path);

	return s == NULL ? "" : s;
}

static void
event_clear(struct event *ev)
{
	memset(ev, 0, sizeof *ev);
	ev->source = ev->kind = ev->resource = ev->event = ev->id = ev->room =
	    ev->person = ev->actor = ev->email = ev->message = ev->updated =
		ev->created = "";
}

/* The fields of a notification of Webex, lent by its body. */
static void
event_fill_webex(struct event *ev)
{
	ev->source = "webex";
	ev->resource = event_str(ev->body, "resource");
	ev->event = event_str(ev->body, "event");
	ev->id = event_str(ev->body, "data.id");
	ev->room = event_str(ev->body, "data.roomId");
	ev->person = event_str(ev->body, "data.personId");
	ev->actor = event_str(ev->body, "actorId");
	ev->email = event_str(ev->body, "data.personEmail");
	ev->message = event_str(ev->body, "data.messageId");
	ev->updated = event_str(ev->body, "data.updated");
	ev->created = event_str(ev->body, "data.created");
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
	if ((ev->body = json_parse(raw, len, e)) == NULL)
		return err_prefix(e, "not JSON: ");
	event_fill_webex(ev);
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
	event_clear(ev);
}

int
event_key_webex(const struct event *ev, char key[EVENT_KEY])
{
	char hex[VERIFY_HEX_MAX];
	struct buf b;
	int rc;

	buf_init(&b, 64 * 1024);
	buf_addf(
	    &b, "%s\n%s\n%s\n%s", ev->resource, ev->event, ev->id, ev->updated);
	/* its id is made of person and room: who comes back has the same */
	if (strcmp(ev->resource, "memberships") == 0)
		buf_addf(&b, "\n%s", ev->created);
	rc = b.failed ? -1 : verify_digest(VERIFY_SHA256, b.p, b.len, hex);
	buf_done(&b);
	if (rc == 0)
		snprintf(key, EVENT_KEY, "webex:%.40s", hex);
	return rc;
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

	event_clear(ev);
	if (raw == NULL)
		return err_set(e, ERR_PERM, "the stored event has no envelope");
	ev->head = json_parse(bytes, (size_t)(raw - 1 - bytes), e);
	if (ev->head == NULL)
		return err_prefix(e, "the stored event's envelope: ");
	ev->body = json_parse(raw, rawlen, e);
	if (ev->body == NULL && e->kind == ERR_BUG) {
		event_done(ev);
		return -1;
	}
	err_clear(e); /* not every source sends JSON */
	if (str_eq(json_get_str(ev->head, "source"), "webex")) {
		event_fill_webex(ev);
		return 0;
	}
	ev->source = event_str(ev->head, "source");
	ev->kind = event_str(ev->head, "kind");
	return 0;
}
