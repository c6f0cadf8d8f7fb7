/* Saved notifications; see saved.h. */
#include "bot/saved.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

int
saved_notice(const struct json *body, char key[NOTICE_KEY],
    char kind[NOTICE_TYPE], char lane[SAVED_LANE])
{
	struct json *notice = notice_new(body);
	int rc = -1;

	if (notice != NULL && notice_key(body, key) == 0) {
		notice_type(notice, kind);
		/* in order for each person */
		snprintf(lane, SAVED_LANE, EVQ_LANE_CONNECT "%.100s",
		    notice_get(
			notice, str_eq(notice_get(notice, "kind"), "receipt")
				    ? "to"
				    : "from"));
		rc = 0;
	}
	json_free(notice);
	return rc;
}

/* What tells the bodies of Webex Connect (platform facts 1.6). */
static bool
saved_is_notice(const struct json *body)
{
	static const char *const marks[] = {
	    "deliveryInfoNotification", "channel", "Channel"};
	size_t i;

	if (json_get(body, "resource") != NULL)
		return false;
	for (i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (json_get(body, marks[i]) != NULL)
			return true;
	return false;
}

/* 1: it is none. */
static int
saved_read_notice(struct saved *s, const char *raw, size_t len, struct err *e)
{
	struct json *body = json_parse(raw, len, NULL);
	int rc = 1;

	if (saved_is_notice(body)) {
		s->ev.source = "connect";
		s->ev.kind = s->kind;
		buf_init(&s->bytes, len + 256);
		rc = saved_notice(body, s->key, s->kind, s->lane);
		rc |= event_pack(&s->ev, NULL, raw, len, &s->bytes);
		s->item = (struct evq_new){.key = s->key,
		    .lane = s->lane,
		    .source = s->ev.source,
		    .kind = s->kind,
		    .room = "",
		    .body = buf_str(&s->bytes),
		    .len = buf_len(&s->bytes)};
	}
	json_free(body);
	return rc == -1 ? err_nomem(e) : rc;
}

int
saved_read(struct saved *s, const char *raw, size_t len, struct err *e)
{
	int rc;

	memset(s, 0, sizeof *s);
	if ((rc = saved_read_notice(s, raw, len, e)) != 1)
		return rc;
	if (event_read_webex(&s->ev, raw, len, e) == -1)
		return -1;
	if (event_item_webex(&s->ev, raw, len, s->key, &s->bytes, &s->item) ==
	    -1)
		return err_nomem(e);
	s->item.order = 0; /* it comes in now, whenever it was said */
	return 0;
}

void
saved_done(struct saved *s)
{
	buf_done(&s->bytes);
	event_done(&s->ev);
}
