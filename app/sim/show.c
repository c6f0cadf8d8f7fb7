/* The objects of the REST API; see show.h. */
#include "sim/show.h"

#include "sim/jw.h"

void
show_person(struct buf *b, const struct person *p)
{
	jw_open(b, NULL, '{');
	jw_str(b, "id", p->id);
	jw_open(b, "emails", '[');
	jw_str(b, NULL, p->email);
	jw_close(b, ']');
	jw_raw(b, "phoneNumbers", "[]");
	jw_str(b, "displayName", p->name);
	jw_str(b, "nickName", p->nick);
	jw_str(b, "orgId", world_org());
	jw_time(b, "created", p->created);
	jw_str(b, "status", p->bot ? "unknown" : "active");
	jw_str(b, "type", p->bot ? "bot" : "person");
	jw_close(b, '}');
}

const char *
show_type(const struct room *r)
{
	return r->direct ? "direct" : "group";
}

void
show_room(struct buf *b, const struct room *r, const struct person *viewer)
{
	const struct person *other = world_other(r, viewer);
	const char *title = r->title;

	if (title == NULL)
		title = other != NULL ? other->name : "Empty Title";
	jw_open(b, NULL, '{');
	jw_str(b, "id", r->id);
	jw_str(b, "title", title);
	jw_str(b, "type", show_type(r));
	jw_bool(b, "isLocked", r->locked);
	jw_time(b, "lastActivity", r->active);
	jw_str(b, "creatorId", r->creator->id);
	jw_time(b, "created", r->created);
	jw_str(b, "ownerId", world_org());
	jw_bool(b, "isPublic", false);
	jw_bool(b, "isReadOnly", false);
	jw_bool(b, "isAnnouncementOnly", false);
	jw_close(b, '}');
}

void
show_member_in(struct buf *b, const struct member *m)
{
	jw_str(b, "id", m->id);
	jw_str(b, "roomId", m->room->id);
	jw_str(b, "roomType", show_type(m->room));
	jw_str(b, "personId", m->person->id);
	jw_str(b, "personEmail", m->person->email);
	jw_str(b, "personDisplayName", m->person->name);
	jw_str(b, "personOrgId", world_org());
	jw_bool(b, "isModerator", m->moderator);
	jw_bool(b, "isMonitor", false);
	jw_bool(b, "isRoomHidden", m->hidden);
	jw_time(b, "created", m->created);
}

void
show_member(struct buf *b, const struct member *m)
{
	jw_open(b, NULL, '{');
	show_member_in(b, m);
	jw_close(b, '}');
}

void
show_mentions(struct buf *b, const struct message *m)
{
	size_t i;

	if (m->nmentions == 0)
		return;
	jw_open(b, "mentionedPeople", '[');
	for (i = 0; i < m->nmentions; i++)
		jw_str(b, NULL, m->mentions[i]->id);
	jw_close(b, ']');
}

void
show_files(struct buf *b, const struct message *m, const char *url)
{
	if (m->file == NULL)
		return;
	jw_open(b, "files", '[');
	jw_comma(b);
	buf_addf(b, "\"%s/v1/contents/%s\"", url, m->file->id);
	jw_close(b, ']');
}

static void
show_card(struct buf *b, const struct message *m)
{
	if (m->card == NULL)
		return;
	jw_open(b, "attachments", '[');
	jw_open(b, NULL, '{');
	jw_str(b, "contentType", "application/vnd.microsoft.card.adaptive");
	jw_raw(b, "content", m->card);
	jw_close(b, '}');
	jw_close(b, ']');
}

/*
 * A message that a person wrote carries no markdown: their clients send
 * html.  A bot gets its markdown back.
 */
void
show_message_in(struct buf *b, const struct message *m, const char *url)
{
	jw_str(b, "id", m->id);
	jw_str(b, "parentId", m->parent);
	jw_str(b, "roomId", m->room->id);
	jw_str(b, "roomType", show_type(m->room));
	jw_str(b, "text", m->text);
	if (m->author->bot)
		jw_str(b, "markdown", m->markdown);
	jw_str(b, "html", m->html);
	show_files(b, m, url);
	jw_str(b, "personId", m->author->id);
	jw_str(b, "personEmail", m->author->email);
	show_mentions(b, m);
	if (m->all)
		jw_raw(b, "mentionedGroups", "[\"all\"]");
	show_card(b, m);
	if (m->file != NULL)
		jw_bool(b, "isVoiceClip", false);
	jw_time(b, "created", m->created);
	if (m->updated != 0)
		jw_time(b, "updated", m->updated);
}

void
show_message(struct buf *b, const struct message *m, const char *url)
{
	jw_open(b, NULL, '{');
	show_message_in(b, m, url);
	jw_close(b, '}');
}

void
show_action(struct buf *b, const struct action *a)
{
	jw_open(b, NULL, '{');
	jw_str(b, "id", a->id);
	jw_str(b, "type", "submit");
	jw_str(b, "messageId", a->message);
	jw_raw(b, "inputs", a->inputs);
	jw_str(b, "personId", a->person->id);
	jw_str(b, "roomId", a->room);
	jw_time(b, "created", a->created);
	jw_close(b, '}');
}

/* The secret comes back in clear, as it does from the platform (O1). */
void
show_hook(struct buf *b, const struct hook *h)
{
	jw_open(b, NULL, '{');
	jw_str(b, "id", h->id);
	jw_str(b, "name", h->name);
	jw_str(b, "targetUrl", h->target);
	jw_str(b, "resource", h->resource);
	jw_str(b, "event", h->event);
	jw_str(b, "filter", h->filter);
	jw_str(b, "orgId", world_org());
	jw_str(b, "createdBy", h->owner->id);
	jw_str(b, "appId", world_app());
	jw_str(b, "ownedBy", "creator");
	jw_str(b, "secret", h->secret);
	jw_str(b, "status", h->active ? "active" : "inactive");
	jw_time(b, "created", h->created);
	jw_close(b, '}');
}
