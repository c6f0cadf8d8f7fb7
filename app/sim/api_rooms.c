/* /rooms; see api.h. */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "sim/api.h"
#include "sim/event.h"
#include "sim/post.h"
#include "sim/show.h"

#define ROOMS_MOST 1000

static int
rooms_by_id(const void *a, const void *b)
{
	const struct room *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static int
rooms_by_activity(const void *a, const void *b)
{
	const struct room *const *x = a, *const *y = b;

	return ((*y)->active > (*x)->active) - ((*y)->active < (*x)->active);
}

static int
rooms_by_creation(const void *a, const void *b)
{
	const struct room *const *x = a, *const *y = b;

	return ((*y)->created > (*x)->created) -
	       ((*y)->created < (*x)->created);
}

static const struct {
	const char *name;
	int (*fn)(const void *, const void *);
} rooms_orders[] = {
    {"id", rooms_by_id},
    {"lastactivity", rooms_by_activity},
    {"created", rooms_by_creation},
};

/* The rooms the caller is in, as asked for; NULL: answered. */
static const struct room **
rooms_sorted(struct api_call *c, size_t *n)
{
	const char *by = api_arg(c, "sortBy");
	const struct room **v;
	const struct member *m;
	size_t i, orders = sizeof rooms_orders / sizeof rooms_orders[0];

	for (i = 0; by != NULL && i < orders; i++)
		if (strcmp(by, rooms_orders[i].name) == 0)
			break;
	if (by != NULL && i == orders) {
		api_fail(c, 400, NULL);
		return NULL;
	}
	*n = 0;
	TAILQ_FOREACH(m, &c->me->members, in_person)
	{
		(*n)++;
	}
	if ((v = calloc(*n + 1, sizeof *v)) == NULL) {
		api_fail(c, 503, NULL);
		return NULL;
	}
	*n = 0;
	TAILQ_FOREACH(m, &c->me->members, in_person)
	{
		v[(*n)++] = m->room;
	}
	if (by != NULL)
		qsort(v, *n, sizeof *v, rooms_orders[i].fn);
	return v;
}

void
api_rooms_list(struct api_call *c)
{
	const char *type = api_arg(c, "type");
	const struct room **v;
	struct api_page page;
	size_t i, n;

	if (type != NULL && strcmp(type, "direct") != 0 &&
	    strcmp(type, "group") != 0) {
		api_fail(c, 400, NULL);
		return;
	}
	if ((v = rooms_sorted(c, &n)) == NULL)
		return;
	api_page_open(c, &page, 100, ROOMS_MOST);
	for (i = 0; i < n && !page.full; i++)
		if ((type == NULL || strcmp(type, show_type(v[i])) == 0) &&
		    api_page_item(c, &page, v[i]->id))
			show_room(&c->out, v[i], c->me);
	api_page_close(c, &page);
	free(v);
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
