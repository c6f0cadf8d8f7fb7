/* /rooms; see api.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "sim/api.h"
#include "sim/event.h"
#include "sim/post.h"
#include "sim/show.h"

#define ROOMS_MOST 1000

void
api_rooms_list(struct api_call *c)
{
	const char *type = api_arg(c, "type");
	const struct member *m;
	struct api_page page;

	if (type != NULL && strcmp(type, "direct") != 0 &&
	    strcmp(type, "group") != 0) {
		api_fail(c, 400, NULL);
		return;
	}
	api_page_open(c, &page, 100, ROOMS_MOST);
	TAILQ_FOREACH(m, &c->me->members, in_person)
	{
		if ((type == NULL || strcmp(type, show_type(m->room)) == 0) &&
		    api_page_item(c, &page, m->room->id))
			show_room(&c->out, m->room, c->me);
		if (page.full)
			break;
	}
	api_page_close(c, &page);
}

void
api_rooms_get(struct api_call *c)
{
	const struct room *r = api_room(c, c->id);

	if (r != NULL)
		show_room(&c->out, r, c->me);
}

void
api_rooms_create(struct api_call *c)
{
	const char *title = api_text(c, "title");
	struct room *r;

	if (title == NULL || *title == '\0') {
		api_fail(c, 400, NULL);
		return;
	}
	if ((r = post_room(c->sim, title, c->me)) == NULL) {
		api_fail(c, 503, "The simulator has no room for this.");
		return;
	}
	r->locked = json_true(json_get(c->body, "isLocked"));
	show_room(&c->out, r, c->me);
}

void
api_rooms_update(struct api_call *c)
{
	struct room *r = api_room(c, c->id);
	const char *title = api_text(c, "title");
	char *copy;

	if (r == NULL)
		return;
	if (r->direct || title == NULL || *title == '\0' ||
	    !api_kind_ok(c, "isLocked", JSON_BOOL) ||
	    (copy = strdup(title)) == NULL) {
		api_fail(c, 400, NULL);
		return;
	}
	free(r->title);
	r->title = copy;
	if (json_kind(json_get(c->body, "isLocked")) == JSON_BOOL)
		r->locked = json_true(json_get(c->body, "isLocked"));
	r->active = clk_wall_ms();
	event_room(c->sim, "updated", r, c->me);
	show_room(&c->out, r, c->me);
}

/* A direct room cannot be deleted. */
void
api_rooms_delete(struct api_call *c)
{
	struct room *r = api_room(c, c->id);

	if (r == NULL)
		return;
	if (r->direct) {
		api_fail(c, 400, NULL);
		return;
	}
	world_del_room(c->sim->world, r);
	event_page(c->sim, "rooms");
	c->status = 204;
}
