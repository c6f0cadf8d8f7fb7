/* Notifications; see event.h. */
#include "sim/event.h"

#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "sim/deliver.h"
#include "sim/jw.h"
#include "sim/msg.h"
#include "sim/show.h"
#include "sim/traffic.h"

#define EVENT_DATA (64 * 1024)
#define EVENT_BODY (96 * 1024)
#define EVENT_PAGE (2UL << 20)
#define EVENT_FILTER 1024

/* What a filter or a rule may ask about; NULL what does not apply. */
struct event {
	const char *resource;
	const char *event;
	const struct room *room;
	const struct person *actor;
	const struct person *person; /* author, submitter, member */
	const struct message *message;
	const struct member *member;
	const char *data; /* JSON */
};

/* -- filters (W1) -- */

static bool
event_bool(const char *want, bool is)
{
	return strcmp(want, is ? "true" : "false") == 0;
}

static bool
event_by_room(const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return strcmp(e->room->id, v) == 0;
}

static bool
event_by_type(const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return strcmp(show_type(e->room), v) == 0;
}

static bool
event_by_person(const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return strcmp(e->person->id, v) == 0;
}

static bool
event_by_email(const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return str_ieq(e->person->email, v);
}

/* Ids, a comma list; "me" is the owner of the webhook. */
static bool
event_by_mention(const struct event *e, const struct person *me, const char *v)
{
	char list[EVENT_FILTER], *at = list, *id;
	size_t i;

	if (strlen(v) >= sizeof list)
		return false;
	memcpy(list, v, strlen(v) + 1);
	while ((id = str_next(&at, ',')) != NULL)
		for (i = 0; i < e->message->nmentions; i++)
			if (e->message->mentions[i] ==
				(strcmp(id, "me") == 0 ? me : NULL) ||
			    strcmp(e->message->mentions[i]->id, id) == 0)
				return true;
	return false;
}

static bool
event_by_files(const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return event_bool(v, e->message->file != NULL);
}

static bool
event_by_cards(const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return event_bool(v, e->message->card != NULL);
}

static bool
event_by_message(const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return strcmp(e->message->id, v) == 0;
}

static bool
event_by_moderator(
    const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return event_bool(v, e->member->moderator);
}

static bool
event_by_locked(const struct event *e, const struct person *me, const char *v)
{
	(void)me;
	return event_bool(v, e->room->locked);
}

static const struct event_filter {
	const char *resource;
	const char *name;
	bool (*fits)(
	    const struct event *e, const struct person *me, const char *v);
} event_filters[] = {
    {"messages", "roomId", event_by_room},
    {"messages", "roomType", event_by_type},
    {"messages", "personId", event_by_person},
    {"messages", "personEmail", event_by_email},
    {"messages", "mentionedPeople", event_by_mention},
    {"messages", "hasFiles", event_by_files},
    {"messages", "hasAttachments", event_by_cards},
    {"attachmentActions", "messageId", event_by_message},
    {"attachmentActions", "personId", event_by_person},
    {"attachmentActions", "roomId", event_by_room},
    {"memberships", "roomId", event_by_room},
    {"memberships", "personId", event_by_person},
    {"memberships", "personEmail", event_by_email},
    {"memberships", "isModerator", event_by_moderator},
    {"rooms", "type", event_by_type},
    {"rooms", "isLocked", event_by_locked},
};

static const struct event_filter *
event_find_filter(const char *resource, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof event_filters / sizeof *event_filters; i++)
		if (strcmp(event_filters[i].resource, resource) == 0 &&
		    strcmp(event_filters[i].name, name) == 0)
			return &event_filters[i];
	return NULL;
}

/* Split a piece "name=value" of a filter; false: it is none. */
static bool
event_piece(const char *resource, char *piece, const struct event_filter **row,
    const char **value)
{
	char *eq = strchr(piece, '=');

	if (eq == NULL)
		return false;
	*eq = '\0';
	*value = eq + 1;
	*row = event_find_filter(resource, piece);
	return *row != NULL;
}

/* With e NULL: is it well formed?  Else: does the event fit? */
static bool
event_filtered(const char *resource, const char *filter, const struct event *e,
    const struct person *me)
{
	char copy[EVENT_FILTER], *at = copy, *piece;
	const struct event_filter *row;
	const char *value;

	if (strlen(filter) >= sizeof copy)
		return false;
	memcpy(copy, filter, strlen(filter) + 1);
	while ((piece = str_next(&at, '&')) != NULL)
		if (!event_piece(resource, piece, &row, &value) ||
		    (e != NULL && !row->fits(e, me, value)))
			return false;
	return true;
}

bool
event_filter_ok(const char *resource, const char *filter)
{
	return event_filtered(resource, filter, NULL, NULL);
}

/* -- who hears -- */

/*
 * In a group room a bot hears of messages that mention it (B1) and, as in a
 * direct room, of its own (U1); of submits of its own cards.
 */
static bool
event_reaches_bot(
    const struct sim *s, const struct event *e, const struct person *bot)
{
	const struct message *m = e->message;

	if (m == NULL)
		return true;
	if (strcmp(e->resource, "attachmentActions") == 0)
		return m->author == bot;
	return e->room->direct || m->author == bot || msg_mentions(m, bot) ||
	       (m->all && s->tune.all_reaches_bots);
}

static bool
event_reaches(const struct sim *s, const struct event *e, const struct hook *h)
{
	const char *r = h->resource;

	if (!h->active)
		return false;
	/* the firehose leaves out attachmentActions (W1) */
	if (strcmp(r, e->resource) != 0 &&
	    (strcmp(r, "all") != 0 ||
		strcmp(e->resource, "attachmentActions") == 0))
		return false;
	if (strcmp(h->event, e->event) != 0 && strcmp(h->event, "all") != 0)
		return false;
	if (world_member_of(s->world, e->room, h->owner) == NULL &&
	    (e->member == NULL || e->person != h->owner))
		return false;
	if (h->owner->bot && !event_reaches_bot(s, e, h->owner))
		return false;
	return h->filter == NULL ||
	       event_filtered(e->resource, h->filter, e, h->owner);
}

/* -- what they are told -- */

static char *
event_body(const struct hook *h, const struct event *e)
{
	struct buf b;
	char *body;

	buf_init(&b, EVENT_BODY);
	jw_open(&b, NULL, '{');
	jw_str(&b, "id", h->id);
	jw_str(&b, "name", h->name);
	jw_str(&b, "targetUrl", h->target);
	jw_str(&b, "resource", e->resource);
	jw_str(&b, "event", e->event);
	jw_str(&b, "filter", h->filter);
	jw_str(&b, "orgId", world_org());
	jw_str(&b, "createdBy", h->owner->id);
	jw_str(&b, "appId", world_app());
	jw_str(&b, "ownedBy", "creator");
	jw_str(&b, "status", "active");
	jw_time(&b, "created", h->created);
	jw_str(&b, "actorId", e->actor->id);
	jw_raw(&b, "data", e->data);
	jw_close(&b, '}');
	body = buf_take(&b);
	buf_done(&b);
	return body;
}

static void
event_fire(struct sim *s, struct event *e, struct buf *data)
{
	struct map_node *n;
	struct hook *h;

	if (!data->failed) {
		e->data = buf_str(data);
		for (n = map_first(s->world->hooks); n != NULL;
		     n = map_next(n)) {
			h = map_value(n);
			if (event_reaches(s, e, h))
				deliver_put(s->deliver, h, e->room->id,
				    event_body(h, e));
		}
	}
	buf_done(data);
}

void
event_message(struct sim *s, const char *event, const struct message *m,
    const struct person *actor)
{
	struct event e = {
	    "messages", event, m->room, actor, m->author, m, NULL, NULL};
	struct buf b;

	buf_init(&b, EVENT_DATA);
	jw_open(&b, NULL, '{');
	jw_str(&b, "id", m->id);
	jw_str(&b, "roomId", m->room->id);
	jw_str(&b, "roomType", show_type(m->room));
	if (strcmp(event, "deleted") != 0)
		show_files(&b, m, s->url);
	jw_str(&b, "personId", m->author->id);
	jw_str(&b, "personEmail", m->author->email);
	if (strcmp(event, "deleted") != 0) {
		show_mentions(&b, m);
		jw_time(&b, "created", m->created);
		if (m->updated != 0)
			jw_time(&b, "updated", m->updated);
		event_show(s, event, m);
	}
	jw_close(&b, '}');
	event_fire(s, &e, &b);
}

void
event_action(struct sim *s, const struct action *a, const struct message *m)
{
	struct event e = {"attachmentActions", "created", m->room, a->person,
	    a->person, m, NULL, NULL};
	struct buf b;

	buf_init(&b, EVENT_DATA);
	jw_open(&b, NULL, '{');
	jw_str(&b, "id", a->id);
	jw_str(&b, "type", "submit");
	jw_str(&b, "messageId", a->message);
	jw_str(&b, "personId", a->person->id);
	jw_str(&b, "roomId", a->room);
	jw_time(&b, "created", a->created);
	jw_close(&b, '}');
	event_fire(s, &e, &b);
}

void
event_member(struct sim *s, const char *event, const struct member *m,
    const struct person *actor)
{
	struct event e = {
	    "memberships", event, m->room, actor, m->person, NULL, m, NULL};
	struct buf b;

	buf_init(&b, EVENT_DATA);
	jw_open(&b, NULL, '{');
	show_member_in(&b, m);
	jw_close(&b, '}');
	event_fire(s, &e, &b);
	event_page(s, "rooms");
}

/* The title is withheld: it is encrypted (W1). */
void
event_room(struct sim *s, const char *event, const struct room *r,
    const struct person *actor)
{
	struct event e = {
	    "rooms", event, r, actor, r->creator, NULL, NULL, NULL};
	struct buf b;

	buf_init(&b, EVENT_DATA);
	jw_open(&b, NULL, '{');
	jw_str(&b, "id", r->id);
	jw_str(&b, "type", show_type(r));
	jw_bool(&b, "isLocked", r->locked);
	jw_str(&b, "creatorId", r->creator->id);
	jw_time(&b, "lastActivity", r->active);
	jw_time(&b, "created", r->created);
	jw_close(&b, '}');
	event_fire(s, &e, &b);
	event_page(s, "rooms");
}

/* -- for the page -- */

void
event_item(const struct sim *s, const struct message *m, struct buf *b)
{
	jw_open(b, NULL, '{');
	jw_num(b, "seq", (int64_t)m->seq);
	jw_num(b, "changed", (int64_t)m->changed);
	jw_str(b, "displayName", m->author->name);
	jw_bool(b, "bot", m->author->bot);
	jw_num(b, "edits", m->edits);
	if (m->deleted)
		jw_bool(b, "deleted", true);
	if (!m->author->bot)
		jw_str(b, "markdown", m->markdown);
	if (m->file != NULL) {
		jw_str(b, "fileName", m->file->name);
		jw_num(b, "fileBytes", (int64_t)m->file->len);
	}
	show_message_in(b, m, s->url);
	jw_close(b, '}');
}

void
event_show(struct sim *s, const char *event, const struct message *m)
{
	struct buf b;

	buf_init(&b, EVENT_PAGE);
	jw_open(&b, NULL, '{');
	jw_str(&b, "event", event);
	buf_adds(&b, ",\"message\": ");
	event_item(s, m, &b);
	jw_close(&b, '}');
	if (!b.failed)
		traffic_event(s->traffic, "message", buf_str(&b));
	buf_done(&b);
}

void
event_page(struct sim *s, const char *name)
{
	traffic_event(s->traffic, name, "{}");
}
