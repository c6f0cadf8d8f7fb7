/* /memberships; see api.h. */
#include <string.h>

#include "base/str.h"
#include "sim/api.h"
#include "sim/event.h"
#include "sim/post.h"
#include "sim/show.h"

#define MEMBERS_MOST 1000

static void
api_members_of_room(struct api_call *c, const struct room *r)
{
	const char *id = api_arg(c, "personId");
	const char *email = api_arg(c, "personEmail");
	const struct member *m;
	struct api_page page;

	api_page_open(c, &page, 100, MEMBERS_MOST);
	TAILQ_FOREACH(m, &r->members, in_room)
	{
		if ((id == NULL || strcmp(id, m->person->id) == 0) &&
		    (email == NULL || str_ieq(email, m->person->email)) &&
		    api_page_item(c, &page, m->id))
			show_member(&c->out, m);
		if (page.full)
			break;
	}
	api_page_close(c, &page);
}

/* Without a room: one's own.  With a person a room is needed (O1). */
void
api_members_list(struct api_call *c)
{
	const char *room = api_arg(c, "roomId");
	const struct room *r;
	const struct member *m;
	struct api_page page;

	if (room != NULL) {
		if ((r = api_room(c, room)) != NULL)
			api_members_of_room(c, r);
		return;
	}
	if (api_arg(c, "personId") != NULL ||
	    api_arg(c, "personEmail") != NULL) {
		api_fail(c, 400, NULL);
		return;
	}
	api_page_open(c, &page, 100, MEMBERS_MOST);
	TAILQ_FOREACH(m, &c->me->members, in_person)
	{
		if (api_page_item(c, &page, m->id))
			show_member(&c->out, m);
		if (page.full)
			break;
	}
	api_page_close(c, &page);
}

/* One in a room that the caller is in; NULL: answered. */
static struct member *
api_member(struct api_call *c)
{
	struct member *m = world_member(c->sim->world, c->id);

	if (m != NULL && world_member_of(c->sim->world, m->room, c->me) != NULL)
		return m;
	api_fail(c, 404, NULL);
	return NULL;
}

void
api_members_get(struct api_call *c)
{
	const struct member *m = api_member(c);

	if (m != NULL)
		show_member(&c->out, m);
}

static struct person *
api_members_whom(struct api_call *c)
{
	const char *id = api_text(c, "personId");
	const char *email = api_text(c, "personEmail");

	if ((id == NULL) == (email == NULL))
		return NULL;
	return id != NULL ? world_person(c->sim->world, id)
			  : world_by_email(c->sim->world, email);
}

void
api_members_create(struct api_call *c)
{
	const char *id = api_text(c, "roomId");
	struct person *p = api_members_whom(c);
	struct member *m;
	struct room *r;

	if (id == NULL || p == NULL ||
	    !api_kind_ok(c, "isModerator", JSON_BOOL)) {
		api_fail(c, 400, NULL);
		return;
	}
	if ((r = api_room(c, id)) == NULL)
		return;
	if (world_member_of(c->sim->world, r, p) != NULL) {
		api_fail(c, 409, "User is already a participant");
	} else if (r->direct) {
		api_fail(c, 403, NULL);
	} else if ((m = post_join(c->sim, r, p,
			json_true(json_get(c->body, "isModerator")), c->me)) ==
		   NULL) {
		api_fail(c, 503, "The simulator has no room for this.");
	} else {
		show_member(&c->out, m);
	}
}

void
api_members_update(struct api_call *c)
{
	struct member *m = api_member(c);
	const struct json *moderator, *hidden;

	if (m == NULL)
		return;
	moderator = json_get(c->body, "isModerator");
	hidden = json_get(c->body, "isRoomHidden");
	if ((moderator == NULL && hidden == NULL) ||
	    !api_kind_ok(c, "isModerator", JSON_BOOL) ||
	    !api_kind_ok(c, "isRoomHidden", JSON_BOOL)) {
		api_fail(c, 400, NULL);
		return;
	}
	if (moderator != NULL)
		m->moderator = json_true(moderator);
	if (hidden != NULL)
		m->hidden = json_true(hidden);
	event_member(c->sim, "updated", m, c->me);
	show_member(&c->out, m);
}

void
api_members_delete(struct api_call *c)
{
	struct member *m = api_member(c);

	if (m == NULL)
		return;
	if (m->room->direct) {
		api_fail(c, 403, NULL);
		return;
	}
	post_leave(c->sim, m, c->me);
	c->status = 204;
}
