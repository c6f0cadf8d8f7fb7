#include "card/card.h"
#include "card/fallback.h"
#include "base/map.h"
#include "base/str.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct card { struct tpl *tpl; char name[64]; };
struct cards { struct map *m; };
struct cards *cards_load(const char *dir, struct problems *ps, struct err *e)
{
	struct cards *cs = calloc(1, sizeof *cs);
	DIR *d = opendir(dir);
	struct dirent *ent;
	char path[512];
	cs->m = map_new();
	while (d && (ent = readdir(d))) {
		if (!str_suffix(ent->d_name, ".card.json")) continue;
		snprintf(path, sizeof path, "%s/%s", dir, ent->d_name);
		struct json *j = json_load(path, 1<<20, false, NULL, e);
		if (!j) return NULL;
		struct card *c = calloc(1, sizeof *c);
		c->tpl = tpl_compile(j, ps, e);
		json_free(j);
		if (!c->tpl) return NULL;
		snprintf(c->name, sizeof c->name, "%.*s", (int)(strlen(ent->d_name) - 10), ent->d_name);
		map_put(cs->m, c->name, c, NULL);
	}
	if (d) closedir(d);
	return cs;
}
void cards_unref(struct cards *cs) { struct map_node *n; if (!cs) return; for (n = map_first(cs->m); n; n = map_next(n)) tpl_free(((struct card *)map_value(n))->tpl); map_free(cs->m, free); free(cs); }
const struct card *cards_find(struct cards *cs, const char *name) { return map_get(cs->m, name); }
const char *cards_near(struct cards *cs, const char *name) { (void)cs; (void)name; return NULL; }
int card_render(const struct card *c, const struct val *data, int64_t now, struct arena *a, struct val *out, struct problems *ps, struct err *e)
{ (void)ps; return tpl_render(c->tpl, data, NULL, now, a, out, NULL, e); }
const char *card_fallback(const struct card *c, const struct val *v, struct arena *a) { (void)v; return arena_strdup(a, c->name); }
bool card_uses(const struct card *c, const char *name) { return tpl_uses(c->tpl, name); }
