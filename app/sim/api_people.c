/* /people; see api.h. */
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "sim/api.h"
#include "sim/show.h"

#define PEOPLE_MOST 1000
#define PEOPLE_IDS 4096

void
api_people_me(struct api_call *c)
{
	show_person(&c->out, c->me);
}

void
api_people_get(struct api_call *c)
{
	const struct person *p = world_person(c->sim->world, c->id);

	if (p == NULL)
		api_fail(c, 404, NULL);
	else
		show_person(&c->out, p);
}

static void
api_people_by_ids(struct api_call *c, const char *ids)
{
	char list[PEOPLE_IDS], *at = list, *id;
	const struct person *p;

	if (strlen(ids) >= sizeof list) {
		api_fail(c, 400, NULL);
		return;
	}
	memcpy(list, ids, strlen(ids) + 1);
	api_list_open(c);
	while ((id = str_next(&at, ',')) != NULL)
		if ((p = world_person(c->sim->world, id)) != NULL)
			show_person(&c->out, p);
	api_list_close(c);
}

static void
api_people_by_name(struct api_call *c, const char *name)
{
	struct world *w = c->sim->world;
	const struct map_node *n;
	const struct person *p;
	struct api_page page;

	api_page_open(c, &page, 100, PEOPLE_MOST);
	for (n = map_first(w->people); n != NULL && !page.full;
	     n = map_next(n)) {
		p = map_value(n);
		if (strncasecmp(p->name, name, strlen(name)) == 0 &&
		    api_page_item(c, &page, p->id))
			show_person(&c->out, p);
	}
	api_page_close(c, &page);
}

/* One of email, displayName and id is needed (O1). */
void
api_people_list(struct api_call *c)
{
	const char *email = api_arg(c, "email");
	const char *name = api_arg(c, "displayName");
	const char *ids = api_arg(c, "id");
	const struct person *p;

	if (email != NULL) {
		api_list_open(c);
		if ((p = world_by_email(c->sim->world, email)) != NULL)
			show_person(&c->out, p);
		api_list_close(c);
	} else if (ids != NULL) {
		api_people_by_ids(c, ids);
	} else if (name != NULL) {
		api_people_by_name(c, name);
	} else {
		api_fail(c, 400, NULL);
	}
}
