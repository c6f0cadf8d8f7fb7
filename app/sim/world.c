/* People, rooms, memberships, submits, webhooks; see world.h. */
#include "sim/world.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/map.h"
#include "sim/msg.h"

#define PAIR_MAX (2 * ID_UUID)

const char *
world_org(void)
{
	/* ciscospark://us/ORGANIZATION/0a51a000-0000-4000-8000-000000000001 */
	return "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wYTUxYTAwMC0wMDAwLTQwM"
	       "DAtODAwMC0wMDAwMDAwMDAwMDE";
}

const char *
world_app(void)
{
	/* ciscospark://us/APPLICATION/0a51a000-0000-4000-8000-000000000002 */
	return "Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OLzBhNTFhMDAwLTAwMDAtNDAwM"
	       "C04MDAwLTAwMDAwMDAwMDAwMg";
}

static void
world_drop_person(void *arg)
{
	struct person *p = arg;

	free(p->email);
	free(p->name);
	free(p->nick);
	free(p->token);
	free(p);
}

static void
world_drop_room(void *arg)
{
	struct room *r = arg;

	free(r->title);
	free(r);
}

static void
world_drop_action(void *arg)
{
	struct action *a = arg;

	free(a->inputs);
	free(a);
}

static void
world_drop_hook(void *arg)
{
	struct hook *h = arg;

	free(h->name);
	free(h->target);
	free(h->resource);
	free(h->event);
	free(h->filter);
	free(h->secret);
	free(h);
}

struct world *
world_new(size_t keep_messages)
{
	struct world *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	TAILQ_INIT(&w->timeline);
	w->keep_messages = keep_messages;
	memcpy(w->cluster, "us", 3);
	if ((w->people = map_new()) == NULL ||
	    (w->emails = map_new()) == NULL ||
	    (w->tokens = map_new()) == NULL || (w->rooms = map_new()) == NULL ||
	    (w->directs = map_new()) == NULL ||
	    (w->members = map_new()) == NULL ||
	    (w->messages = map_new()) == NULL ||
	    (w->actions = map_new()) == NULL ||
	    (w->contents = map_new()) == NULL ||
	    (w->hooks = map_new()) == NULL) {
		world_free(w);
		return NULL;
	}
	return w;
}

void
world_free(struct world *w)
{
	if (w == NULL)
		return;
	msg_drop_all(w);
	map_free(w->contents, NULL);
	map_free(w->messages, NULL);
	map_free(w->actions, world_drop_action);
	map_free(w->hooks, world_drop_hook);
	map_free(w->members, free);
	map_free(w->directs, NULL);
	map_free(w->rooms, world_drop_room);
	map_free(w->tokens, NULL);
	map_free(w->emails, NULL);
	map_free(w->people, world_drop_person);
	free(w);
}

/* -- people -- */

static void
world_lower(const char *s, char *out, size_t max)
{
	size_t i;

	for (i = 0; s[i] != '\0' && i + 1 < max; i++)
		out[i] = (char)tolower((unsigned char)s[i]);
	out[i] = '\0';
}

struct person *
world_by_email(struct world *w, const char *email)
{
	char key[256];

	world_lower(email, key, sizeof key);
	return map_get(w->emails, key);
}

struct person *
world_person(struct world *w, const char *id)
{
	return map_get(w->people, id);
}

struct person *
world_by_token(struct world *w, const char *token)
{
	return map_get(w->tokens, token);
}

static int
world_list_person(struct world *w, struct person *p)
{
	char key[256];

	world_lower(p->email, key, sizeof key);
	if (map_put(w->tokens, p->token, p, NULL) == -1)
		return -1;
	if (map_put(w->emails, key, p, NULL) == -1)
		goto token;
	if (map_put(w->people, p->id, p, NULL) == 0)
		return 0;
	map_del(w->emails, key);
token:
	map_del(w->tokens, p->token);
	return -1;
}

struct person *
world_add_person(struct world *w, const char *email, const char *name,
    const char *nick, bool bot, const char *uuid, const char *token)
{
	struct person *p;
	char made[ID_UUID];

	if (map_count(w->people) >= WORLD_PEOPLE_MAX ||
	    world_by_email(w, email) != NULL ||
	    (p = calloc(1, sizeof *p)) == NULL)
		return NULL;
	id_uuid(made);
	snprintf(p->uuid, sizeof p->uuid, "%s", uuid != NULL ? uuid : made);
	id_public(NULL, "PEOPLE", p->uuid, p->id);
	TAILQ_INIT(&p->members);
	p->bot = bot;
	p->created = clk_wall_ms();
	p->email = strdup(email);
	p->name = strdup(name);
	p->nick = strdup(nick);
	p->token = strdup(token != NULL ? token : made);
	if (p->email != NULL && p->name != NULL && p->nick != NULL &&
	    p->token != NULL && world_list_person(w, p) == 0)
		return p;
	world_drop_person(p);
	return NULL;
}

/* -- rooms -- */

struct room *
world_room(struct world *w, const char *id)
{
	return map_get(w->rooms, id);
}

struct room *
world_add_room(struct world *w, const char *title, struct person *creator,
    const char *uuid)
{
	struct room *r;

	if (map_count(w->rooms) >= WORLD_ROOMS_MAX ||
	    (r = calloc(1, sizeof *r)) == NULL)
		return NULL;
	TAILQ_INIT(&r->members);
	TAILQ_INIT(&r->messages);
	if (uuid != NULL)
		snprintf(r->uuid, sizeof r->uuid, "%s", uuid);
	else
		id_uuid(r->uuid);
	memcpy(r->cluster, w->cluster, sizeof r->cluster);
	id_public(r->cluster, "ROOM", r->uuid, r->id);
	r->direct = title == NULL;
	r->creator = creator;
	r->created = r->active = clk_wall_ms();
	if ((title == NULL || (r->title = strdup(title)) != NULL) &&
	    map_put(w->rooms, r->id, r, NULL) == 0)
		return r;
	world_drop_room(r);
	return NULL;
}

static void
world_pair(const struct person *a, const struct person *b, char key[PAIR_MAX])
{
	bool swap = strcmp(a->uuid, b->uuid) > 0;

	snprintf(
	    key, PAIR_MAX, "%s:%s", (swap ? b : a)->uuid, (swap ? a : b)->uuid);
}

int
world_pair_room(struct world *w, struct room *r)
{
	const struct member *a = TAILQ_FIRST(&r->members);
	char key[PAIR_MAX];

	world_pair(a->person, TAILQ_NEXT(a, in_room)->person, key);
	return map_put(w->directs, key, r, NULL);
}

struct room *
world_direct(
    struct world *w, struct person *a, struct person *b, bool make, bool *made)
{
	struct room *r;
	char key[PAIR_MAX];

	world_pair(a, b, key);
	*made = false;
	if ((r = map_get(w->directs, key)) != NULL || !make || a == b)
		return r;
	if ((r = world_add_room(w, NULL, a, NULL)) == NULL)
		return NULL;
	if (world_add_member(w, r, a, false) == NULL ||
	    world_add_member(w, r, b, false) == NULL ||
	    world_pair_room(w, r) == -1) {
		world_del_room(w, r);
		return NULL;
	}
	*made = true;
	return r;
}

struct person *
world_other(const struct room *r, const struct person *p)
{
	const struct member *m;

	TAILQ_FOREACH(m, &r->members, in_room)
	if (m->person != p)
		return m->person;
	return NULL;
}

void
world_del_room(struct world *w, struct room *r)
{
	struct message *m;
	struct member *a, *b;
	char key[PAIR_MAX];

	a = TAILQ_FIRST(&r->members);
	b = a == NULL ? NULL : TAILQ_NEXT(a, in_room);
	if (r->direct && b != NULL) {
		world_pair(a->person, b->person, key);
		map_del(w->directs, key);
	}
	while ((m = TAILQ_FIRST(&r->messages)) != NULL)
		msg_drop(w, m);
	while ((a = TAILQ_FIRST(&r->members)) != NULL)
		world_del_member(w, a);
	map_del(w->rooms, r->id);
	world_drop_room(r);
}

/* -- memberships -- */

static void
world_member_id(const struct room *r, const struct person *p, char out[ID_MAX])
{
	char pair[PAIR_MAX];

	snprintf(pair, sizeof pair, "%s:%s", p->uuid, r->uuid);
	id_public(NULL, "MEMBERSHIP", pair, out);
}

struct member *
world_member(struct world *w, const char *id)
{
	return map_get(w->members, id);
}

struct member *
world_member_of(struct world *w, const struct room *r, const struct person *p)
{
	char id[ID_MAX];

	world_member_id(r, p, id);
	return map_get(w->members, id);
}

struct member *
world_add_member(
    struct world *w, struct room *r, struct person *p, bool moderator)
{
	struct member *m;

	if (r->nmembers >= WORLD_MEMBERS_MAX ||
	    (m = calloc(1, sizeof *m)) == NULL)
		return NULL;
	world_member_id(r, p, m->id);
	m->room = r;
	m->person = p;
	m->moderator = moderator;
	m->created = clk_wall_ms();
	if (map_put(w->members, m->id, m, NULL) == -1) {
		free(m);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&r->members, m, in_room);
	TAILQ_INSERT_TAIL(&p->members, m, in_person);
	r->nmembers++;
	return m;
}

void
world_del_member(struct world *w, struct member *m)
{
	map_del(w->members, m->id);
	TAILQ_REMOVE(&m->room->members, m, in_room);
	TAILQ_REMOVE(&m->person->members, m, in_person);
	m->room->nmembers--;
	free(m);
}

/* -- submits -- */

struct action *
world_action(struct world *w, const char *id)
{
	return map_get(w->actions, id);
}

struct action *
world_add_action(struct world *w, const struct message *m, struct person *p,
    const char *inputs)
{
	struct action *a;
	char uuid[ID_UUID];

	if ((a = calloc(1, sizeof *a)) == NULL)
		return NULL;
	id_uuid(uuid);
	id_public(m->room->cluster, "ATTACHMENT_ACTION", uuid, a->id);
	memcpy(a->message, m->id, sizeof a->message);
	memcpy(a->room, m->room->id, sizeof a->room);
	a->person = p;
	a->created = clk_wall_ms();
	if ((a->inputs = strdup(inputs)) == NULL ||
	    map_put(w->actions, a->id, a, NULL) == -1) {
		world_drop_action(a);
		return NULL;
	}
	if (map_count(w->actions) > WORLD_ACTIONS)
		world_drop_action(
		    map_del(w->actions, map_key(map_first(w->actions))));
	return a;
}

/* -- webhooks -- */

struct hook *
world_hook(struct world *w, const char *id)
{
	return map_get(w->hooks, id);
}

struct hook *
world_add_hook(struct world *w, struct person *owner, const char *name,
    const char *target, const char *resource, const char *event,
    const char *filter, const char *secret)
{
	struct hook *h;
	char uuid[ID_UUID];

	if (map_count(w->hooks) >= WORLD_HOOKS_MAX ||
	    (h = calloc(1, sizeof *h)) == NULL)
		return NULL;
	id_uuid(uuid);
	id_public(NULL, "WEBHOOK", uuid, h->id);
	h->owner = owner;
	h->active = true;
	h->created = clk_wall_ms();
	h->name = strdup(name);
	h->target = strdup(target);
	h->resource = strdup(resource);
	h->event = strdup(event);
	h->filter = filter != NULL ? strdup(filter) : NULL;
	h->secret = secret != NULL ? strdup(secret) : NULL;
	if (h->name != NULL && h->target != NULL && h->resource != NULL &&
	    h->event != NULL && (filter == NULL) == (h->filter == NULL) &&
	    (secret == NULL) == (h->secret == NULL) &&
	    map_put(w->hooks, h->id, h, NULL) == 0)
		return h;
	world_drop_hook(h);
	return NULL;
}

void
world_del_hook(struct world *w, struct hook *h)
{
	map_del(w->hooks, h->id);
	world_drop_hook(h);
}

int
world_move_hooks(struct world *to, struct world *from)
{
	struct map_node *n;
	struct person *owner;
	struct hook *h;

	while ((n = map_first(from->hooks)) != NULL) {
		h = map_del(from->hooks, map_key(n));
		owner = world_person(to, h->owner->id);
		if (owner == NULL) {
			world_drop_hook(h);
			continue;
		}
		h->owner = owner;
		if (map_put(to->hooks, h->id, h, NULL) == -1) {
			world_drop_hook(h);
			return -1;
		}
	}
	return 0;
}
