/* Persons and rooms; see people.h. */
#include "bot/people.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/map.h"

#define PEOPLE_MAX 1000
#define PEOPLE_KEEP_MS (10 * 60 * 1000)

struct people {
	struct map *map;
};

struct people_row {
	int64_t at;
	struct json *json;
};

static void
people_row_free(void *p)
{
	struct people_row *r = p;

	if (r != NULL)
		json_free(r->json);
	free(r);
}

struct people *
people_new(void)
{
	struct people *p = calloc(1, sizeof *p);

	if (p != NULL && (p->map = map_new()) == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

void
people_free(struct people *p)
{
	if (p != NULL)
		map_free(p->map, people_row_free);
	free(p);
}

struct json *
people_get(struct people *p, const char *id)
{
	struct people_row *r = map_get(p->map, id);

	if (r == NULL)
		return NULL;
	if (clk_mono_ms() - r->at < PEOPLE_KEEP_MS)
		return json_dup(r->json);
	people_row_free(map_del(p->map, id));
	return NULL;
}

void
people_put(struct people *p, const char *id, const struct json *j)
{
	struct people_row *r;

	if (j == NULL || (r = calloc(1, sizeof *r)) == NULL)
		return;
	if (map_count(p->map) >= PEOPLE_MAX) /* the oldest goes */
		people_row_free(map_del(p->map, map_key(map_first(p->map))));
	people_row_free(map_del(p->map, id));
	r->at = clk_mono_ms();
	if ((r->json = json_dup(j)) == NULL ||
	    map_put(p->map, id, r, NULL) == -1)
		people_row_free(r);
}

void
people_forget(struct people *p, const char *id)
{
	people_row_free(map_del(p->map, id));
}
