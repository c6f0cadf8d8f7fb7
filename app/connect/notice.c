/* Notifications as one model; see notice.h. */
#include "connect/notice.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "net/verify.h"

#define NOTICE_PART_MAX 65536 /* of JSON within a text */
#define NOTICE_BODY_MAX (8u << 20)
#define NOTICE_WORD 64
#define NOTICE_SOURCES 6

/* -- tables -- */

struct notice_word {
	const char *theirs; /* as notice_fits compares */
	const char *ours;
};

static const struct notice_word notice_channels[] = {
    {"sms", "sms"},
    {"mms", "mms"},
    {"rcs", "rcs"},
    {"whatsapp", "whatsapp"},
    {"email", "email"},
    {"voice", "voice"},
    {"applebusinesschat", "apple"},
    {"abc", "apple"},
    {"rt", "livechat"},
    {"rtm", "livechat"},
    {"inapp", "livechat"},
    {"livechat", "livechat"},
    {"messenger", "messenger"},
    {"facebook", "messenger"},
    {"fbmessenger", "messenger"},
    {"push", "push"},
};

/* The console's words, where the wire has others. */
static const struct notice_word notice_statuses[] = {
    {"undelivered", "undelivered"},
    {"notverified", "not-verified"},
    {"bounce", "bounced"},
    {"complaint", "complaint"},
    {"tromboneconnect", "trombone-connect"},
    {"trombonerelease", "trombone-release"},
};

/* What a person said or chose; anything else with a name is an event. */
static const char *const notice_said[] = {"mo", "inboundmessage", "message",
    "attachment", "location", "postback", "onpostback", "list", "reply",
    "interactiveresponse", "quickreplyresponse", "formresponse",
    "onformresponse"};

/* A member of the model and where it may come from, the first that is there. */
struct notice_row {
	const char *name;
	const char *from[NOTICE_SOURCES];
};

/* Within deliveryInfo, then beside it. */
static const struct notice_row notice_receipt_rows[] = {
    {"status", {"deliveryStatus"}},
    {"code", {"code"}},
    {"description", {"Description", "description"}},
    {"to", {"destination", "waid", "bsuid"}},
    {"toType", {"destinationType"}},
    {"transid", {"transid"}},
    {"subtid", {"subtid"}},
    {"correlationid", {"correlationid", "correlationId"}},
    {"callbackData", {"callbackData"}},
    {"time", {"timeStamp", "timestamp", "ts"}},
    {"info", {"additionalInfo"}},
    {"messageCount", {"messageCount"}},
    {"carrier", {"carrier"}},
    {"serviceProvider", {"serviceProvider"}},
    {"carrierTime", {"carrierSubmitTimeStamp"}},
    {"bsuid", {"bsuid"}},
    {"pushId", {"pushId"}},
    {"deviceId", {"deviceid"}},
};

static const struct notice_row notice_incoming_rows[] = {
    {"event", {"event"}},
    {"type", {"type"}},
    {"from", {"oa", "waid", "abcUserId", "msisdn", "from", "bsuid"}},
    {"to", {"da", "abcAccountId", "to", "senderId", "appId"}},
    {"text", {"message", "textMessage", "buttonText", "listRowTitle",
		 "replyButtonTitle", "postback"}},
    {"subject", {"subject"}},
    {"html", {"htmlMessage"}},
    /* userld: the documents spell it with a small L */
    {"userId", {"userId", "userld"}},
    {"username", {"username"}},
    {"appId", {"appId"}},
    {"clientId", {"clientId"}},
    {"transid", {"tid", "transid"}},
    {"relatedTid", {"relatedTid"}},
    {"correlationid", {"correlationId", "correlationid"}},
    {"messageId", {"messageId", "messageid"}},
    {"time", {"ts", "datetime", "timestamp"}},
    {"threadId", {"thread_id"}},
    {"threadTitle", {"thread_title"}},
    {"carrier", {"carrier", "x_networkid"}},
    {"serviceProvider", {"serviceProvider"}},
    {"payload", {"buttonPayload", "listRowIdentifier", "replyButtonIdentifier",
		    "requestIdentifier"}},
    {"contextId", {"contextId"}},
    {"locale", {"locale"}},
    {"latitude", {"latitude"}},
    {"longitude", {"longitude"}},
};

/* JSON within a text, or JSON itself; also accepted empty. */
static const struct notice_row notice_parts[] = {
    {"attachments", {"attachments"}},
    {"location", {"location"}},
    {"contacts", {"contacts"}},
    {"thread", {"thread"}},
    {"extras", {"extras"}},
    {"data", {"interactiveData", "listPicker", "datePicker", "formResponse",
		 "quickreplies", "invitationResponse"}},
    {"preferences", {"user_preferences"}},
};

#define ROWS(t) (sizeof(t) / sizeof(t)[0])

/* -- words -- */

/* Lower case, without hyphens, blanks and underscores; cut at its ceiling. */
static void
notice_plain(const char *s, char out[NOTICE_WORD])
{
	size_t n = 0;

	for (; *s != '\0' && n + 1 < NOTICE_WORD; s++)
		if (strchr("-_ ", *s) == NULL)
			out[n++] = (char)tolower((unsigned char)*s);
	out[n] = '\0';
}

bool
notice_fits(const char *pattern, const char *value)
{
	char a[NOTICE_WORD], b[NOTICE_WORD];

	if (str_glob(pattern, value))
		return true;
	notice_plain(pattern, a);
	notice_plain(value, b);
	return str_glob(a, b);
}

bool
notice_channel_known(const char *pattern, const char **near)
{
	char plain[NOTICE_WORD];
	size_t i;

	for (i = 0; i < ROWS(notice_channels); i++)
		if (notice_fits(pattern, notice_channels[i].ours))
			return true;
	/* theirs are not ours: AppleBusinessChat is apple */
	notice_plain(pattern, plain);
	*near = str_nearest(plain, notice_channels, ROWS(notice_channels),
	    sizeof notice_channels[0]);
	for (i = 0; i < ROWS(notice_channels); i++)
		if (*near == notice_channels[i].theirs)
			*near = notice_channels[i].ours;
	return false;
}

/* A copy, cut at a character. */
static void
notice_cut(const char *s, char out[NOTICE_WORD])
{
	size_t n = strlen(s);

	if (n >= NOTICE_WORD)
		n = str_utf8_cut(s, NOTICE_WORD - 1);
	memcpy(out, s, n);
	out[n] = '\0';
}

/* Our word for theirs; NULL: we have none. */
static const char *
notice_word(const struct notice_word *w, size_t n, const char *theirs)
{
	char plain[NOTICE_WORD];
	size_t i;

	notice_plain(theirs, plain);
	for (i = 0; i < n; i++)
		if (strcmp(w[i].theirs, plain) == 0)
			return w[i].ours;
	return NULL;
}

/* Set a word of a table; an unknown one in lower case, - for blanks. */
static int
notice_set_word(struct json *o, const char *name, const struct notice_word *w,
    size_t n, const char *theirs)
{
	const char *ours = notice_word(w, n, theirs);
	char lower[NOTICE_WORD];
	size_t i;

	if (ours == NULL) {
		notice_cut(theirs, lower);
		for (i = 0; lower[i] != '\0'; i++)
			lower[i] = lower[i] == ' '
				       ? '-'
				       : (char)tolower((unsigned char)lower[i]);
		ours = lower;
	}
	return json_set_str(o, name, ours);
}

/* -- values -- */

/* A text as a text; numbers and truth values in their JSON form. */
static int
notice_text(const struct json *v, struct buf *out)
{
	switch (json_kind(v)) {
	case JSON_STRING:
		return buf_adds(out, json_str(v));
	case JSON_NUMBER:
	case JSON_BOOL:
		return json_print(v, out);
	default:
		return 0;
	}
}

/*
 * "[alice@example.com]" and ["a","b"], as text or as JSON: the addresses
 * with commas.
 */
static int
notice_addresses(const struct json *v, struct buf *out)
{
	struct json *own = NULL;
	const struct json *x;
	const char *s = json_str(v);
	size_t n = s == NULL ? 0 : strlen(s);
	int rc = 0;

	if (s != NULL && *s == '[')
		v = own = json_parse(s, n, NULL);
	if (json_kind(v) == JSON_LIST) {
		for (x = json_first(v); x != NULL; x = json_next(x)) {
			if (out->len > 0)
				buf_adds(out, ", ");
			rc |= notice_text(x, out);
		}
	} else if (n >= 2 && s[0] == '[' && s[n - 1] == ']') {
		rc = buf_add(out, s + 1, n - 2);
	} else {
		rc = notice_text(v, out);
	}
	json_free(own);
	return rc;
}

/* The first of the row's sources that is there and not empty. */
static int
notice_row(
    struct json *o, const struct notice_row *row, const struct json *body)
{
	bool addresses =
	    strcmp(row->name, "from") == 0 || strcmp(row->name, "to") == 0;
	const struct json *v;
	struct buf b;
	size_t i;
	int rc = 0;

	if (json_get(o, row->name) != NULL)
		return 0;
	buf_init(&b, NOTICE_BODY_MAX);
	for (i = 0; i < NOTICE_SOURCES && row->from[i] != NULL; i++) {
		v = json_get(body, row->from[i]);
		rc |= addresses ? notice_addresses(v, &b) : notice_text(v, &b);
		if (b.len > 0)
			break;
	}
	if (b.len > 0)
		rc |= json_set_str(o, row->name, buf_str(&b));
	buf_done(&b);
	return rc;
}

/* JSON within a text; what cannot be read stays out of the model. */
static int
notice_part(
    struct json *o, const struct notice_row *row, const struct json *body)
{
	struct json *v = NULL;
	const char *s;
	size_t i;

	for (i = 0; i < NOTICE_SOURCES && row->from[i] != NULL; i++) {
		const struct json *from = json_get(body, row->from[i]);

		if (json_kind(from) == JSON_LIST ||
		    json_kind(from) == JSON_OBJECT) {
			if ((v = json_dup(from)) == NULL)
				return -1;
			break;
		}
		s = json_str(from);
		if (s != NULL && strlen(s) <= NOTICE_PART_MAX &&
		    (v = json_parse_str(s, NULL)) != NULL)
			break;
	}
	return v == NULL ? 0 : json_set(o, row->name, v);
}

/* -- the two kinds of bodies -- */

static int
notice_receipt(struct json *o, const struct json *body)
{
	const struct json *outer = json_get(body, "deliveryInfoNotification");
	const struct json *inner = json_get(outer, "deliveryInfo");
	const char *channel = json_get_str(inner, "deliveryChannel"), *status;
	char theirs[NOTICE_WORD];
	size_t i;
	int rc = json_set_str(o, "kind", "receipt");

	rc |= notice_set_word(o, "channel", notice_channels,
	    ROWS(notice_channels), channel == NULL ? "" : channel);
	for (i = 0; i < ROWS(notice_receipt_rows); i++) {
		/* live chat has inside what the others have beside it */
		rc |= notice_row(o, &notice_receipt_rows[i], inner);
		rc |= notice_row(o, &notice_receipt_rows[i], outer);
		rc |= notice_row(o, &notice_receipt_rows[i], body);
	}
	if ((status = json_get_str(o, "status")) != NULL) {
		notice_cut(status, theirs);
		rc |= notice_set_word(o, "status", notice_statuses,
		    ROWS(notice_statuses), theirs);
	}
	for (i = 0; i < ROWS(notice_parts); i++)
		rc |= notice_part(o, &notice_parts[i], inner);
	return rc;
}

static bool
notice_is_said(const char *event)
{
	char plain[NOTICE_WORD];
	size_t i;

	notice_plain(event, plain);
	for (i = 0; i < ROWS(notice_said); i++)
		if (strcmp(notice_said[i], plain) == 0)
			return true;
	return *plain == '\0'; /* SMS have none */
}

/* What a person chose, in words, where no text came with it. */
static int
notice_choice(struct json *o)
{
	const struct json *data = json_get(o, "data"), *x;
	const char *picked = json_get_str(data, "selectedIdentifier");
	const char *title = json_get_str(data, "title");

	if (json_get(o, "text") != NULL || data == NULL)
		return 0;
	for (x = json_first(json_get(data, "items"));
	     picked != NULL && x != NULL; x = json_next(x))
		if (str_eq(json_get_str(x, "identifier"), picked))
			return json_set_str(o, "text",
			    json_get_str(x, "title") == NULL
				? picked
				: json_get_str(x, "title"));
	return title == NULL ? 0 : json_set_str(o, "text", title);
}

static int
notice_incoming(struct json *o, const struct json *body)
{
	const char *channel = json_get_str(body, "channel");
	const char *user, *account;
	size_t i;
	int rc = 0;

	if (channel == NULL)
		channel = json_get_str(body, "Channel");
	if (channel == NULL)
		channel = json_get_str(body, "message_source");
	rc |= notice_set_word(o, "channel", notice_channels,
	    ROWS(notice_channels), channel == NULL ? "" : channel);
	for (i = 0; i < ROWS(notice_incoming_rows); i++)
		rc |= notice_row(o, &notice_incoming_rows[i], body);
	for (i = 0; i < ROWS(notice_parts); i++)
		rc |= notice_part(o, &notice_parts[i], body);
	/* live chat knows its people by the app's own ids only */
	if (json_get(o, "from") == NULL &&
	    (user = json_get_str(o, "userId")) != NULL)
		rc |= json_set_str(o, "from", user);
	if (json_get(o, "to") == NULL &&
	    (account = json_get_str(o, "appId")) != NULL)
		rc |= json_set_str(o, "to", account);
	rc |= notice_choice(o);
	return rc | json_set_str(o, "kind",
			notice_is_said(notice_get(o, "event")) ? "message"
							       : "event");
}

/* What every model has, so that a template need not ask first. */
static int
notice_fill(struct json *o)
{
	static const char *const names[] = {"status", "code", "description",
	    "event", "from", "to", "text", "transid", "correlationid", "time"};
	size_t i;
	int rc = 0;

	for (i = 0; i < ROWS(names); i++)
		if (json_get(o, names[i]) == NULL)
			rc |= json_set_str(o, names[i], "");
	return rc;
}

struct json *
notice_new(const struct json *body)
{
	struct json *o = json_object();
	int rc;

	if (o == NULL)
		return NULL;
	/* first, so that it reads first where it is shown */
	rc = json_set_str(o, "kind", "message");
	rc |=
	    json_kind(json_get(body, "deliveryInfoNotification")) == JSON_OBJECT
		? notice_receipt(o, body)
		: notice_incoming(o, body);
	rc |= notice_fill(o);
	if (rc == 0)
		return o;
	json_free(o);
	return NULL;
}

const char *
notice_get(const struct json *notice, const char *name)
{
	const char *s = json_get_str(notice, name);

	return s == NULL ? "" : s;
}

/* Letters, digits and hyphens of a word in lower case, or `otherwise`. */
static void
notice_name(const char *s, const char *otherwise, char out[NOTICE_WORD])
{
	size_t n = 0;

	for (; *s != '\0' && n + 1 < NOTICE_WORD; s++)
		if (isalnum((unsigned char)*s) || *s == '-')
			out[n++] = (char)tolower((unsigned char)*s);
	out[n] = '\0';
	if (n == 0)
		snprintf(out, NOTICE_WORD, "%s", otherwise);
}

const char *
notice_type(const struct json *notice, char out[NOTICE_TYPE])
{
	static const struct {
		const char *kind, *part, *by;
	} rows[] = {
	    {"receipt", "receipts", "status"},
	    {"message", "messages", "channel"},
	    {"event", "events", "event"},
	};
	char word[NOTICE_WORD];
	size_t i;

	out[0] = '\0';
	for (i = 0; i < ROWS(rows); i++) {
		if (strcmp(notice_get(notice, "kind"), rows[i].kind) != 0)
			continue;
		notice_name(notice_get(notice, rows[i].by), "unknown", word);
		snprintf(out, NOTICE_TYPE, "%s.%s", rows[i].part, word);
	}
	return out;
}

int
notice_key(const struct json *body, char key[NOTICE_KEY])
{
	char hex[VERIFY_HEX_MAX];
	struct buf b;
	int rc = -1;

	buf_init(&b, NOTICE_BODY_MAX);
	if (json_print(body, &b) == 0)
		rc = verify_digest(VERIFY_SHA256, b.p, b.len, hex);
	buf_done(&b);
	if (rc == 0)
		snprintf(key, NOTICE_KEY, "connect:%.40s", hex);
	return rc;
}
