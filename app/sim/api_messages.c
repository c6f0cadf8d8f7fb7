/* /messages; see api.h. */
#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "sim/api.h"
#include "sim/post.h"
#include "sim/show.h"

#define MESSAGES_MOST 1000
#define MESSAGES_MENTIONED 100 /* at most, with mentionedPeople (O1) */

/*
 * A bot may read what a group room says to it and nothing else (B1).  What
 * one may not see looks like what is not there.
 */
static bool
api_message_visible(const struct api_call *c, const struct message *m)
{
	if (world_member_of(c->sim->world, m->room, c->me) == NULL)
		return false;
	return !c->me->bot || m->room->direct || m->author == c->me ||
	       msg_mentions(m, c->me) || m->all;
}

static struct message *
api_message(struct api_call *c, const char *failed)
{
	struct message *m = msg_find(c->sim->world, c->id);

	if (m != NULL && api_message_visible(c, m))
		return m;
	api_fail(c, 404, failed);
	return NULL;
}

void
api_messages_get(struct api_call *c)
{
	const struct message *m = api_message(c, "Unable to get message.");

	if (m != NULL)
		show_message(&c->out, m, c->sim->url);
}

/* -- lists: newest first -- */

struct api_messages {
	const char *parent;
	bool mentioned; /* only what mentions the caller */
	int64_t before; /* created earlier than this */
	struct message *from;
	size_t max;
};

static void
api_messages_show(
    struct api_call *c, const struct room *r, const struct api_messages *q)
{
	const struct message *m, *last = NULL;
	size_t left = q->max;

	api_list_open(c);
	m = q->from != NULL ? TAILQ_PREV(q->from, room_messages, in_room)
			    : TAILQ_LAST(&r->messages, room_messages);
	for (; m != NULL; m = TAILQ_PREV(m, room_messages, in_room)) {
		if (m->deleted || m->created >= q->before ||
		    (q->mentioned && !msg_mentions(m, c->me)) ||
		    (q->parent != NULL &&
			(m->parent == NULL ||
			    strcmp(m->parent, q->parent) != 0)))
			continue;
		if (left-- == 0)
			break;
		last = m;
		show_message(&c->out, m, c->sim->url);
	}
	api_list_close(c);
	if (m != NULL && last != NULL)
		api_next(c, "beforeMessage", last->id);
}

/* The query values that both lists know; false: answered. */
static bool
api_messages_query(struct api_call *c, struct api_messages *q)
{
	const char *before = api_arg(c, "before");
	const char *id = api_arg(c, "beforeMessage");

	q->parent = api_arg(c, "parentId");
	q->before = INT64_MAX;
	q->max =
	    api_max(c, 50, q->mentioned ? MESSAGES_MENTIONED : MESSAGES_MOST);
	if (before != NULL && clk_parse(before, &q->before) == -1) {
		api_fail(c, 400, NULL);
		return false;
	}
	if (id != NULL && (q->from = msg_find(c->sim->world, id)) == NULL) {
		api_fail(c, 404, NULL);
		return false;
	}
	return true;
}

void
api_messages_list(struct api_call *c)
{
	const char *id = api_arg(c, "roomId");
	const char *whom = api_arg(c, "mentionedPeople");
	struct api_messages q = {0};
	struct room *r;

	if (id == NULL || (whom != NULL && strcmp(whom, "me") != 0 &&
			      strcmp(whom, c->me->id) != 0)) {
		api_fail(c, 400, NULL);
		return;
	}
	if ((r = api_room(c, id)) == NULL)
		return;
	if (c->me->bot && !r->direct && whom == NULL) {
		api_fail(c, 403, "Failed to get activity.");
		return;
	}
	q.mentioned = whom != NULL;
	if (!api_messages_query(c, &q))
		return;
	if (q.from != NULL && q.from->room != r)
		api_fail(c, 400, NULL);
	else
		api_messages_show(c, r, &q);
}

void
api_messages_direct(struct api_call *c)
{
	const char *id = api_arg(c, "personId");
	const char *email = api_arg(c, "personEmail");
	struct world *w = c->sim->world;
	struct person *p = NULL;
	struct api_messages q = {0};
	struct room *r = NULL;
	bool made;

	if (id != NULL)
		p = world_person(w, id);
	else if (email != NULL)
		p = world_by_email(w, email);
	if (p != NULL)
		r = world_direct(w, c->me, p, false, &made);
	if (r == NULL)
		api_fail(c, id == NULL && email == NULL ? 400 : 404, NULL);
	else if (api_messages_query(c, &q)) {
		if (q.from != NULL && q.from->room != r)
			api_fail(c, 400, NULL);
		else
			api_messages_show(c, r, &q);
	}
}

/* -- writing -- */

/* Exactly one target; NULL: answered. */
static struct room *
api_messages_target(struct api_call *c)
{
	const char *room = api_text(c, "roomId");
	const char *id = api_text(c, "toPersonId");
	const char *email = api_text(c, "toPersonEmail");
	struct person *p;
	struct room *r;

	if ((room != NULL) + (id != NULL) + (email != NULL) != 1) {
		api_fail(c, 400, NULL);
		return NULL;
	}
	if (room != NULL)
		return api_room(c, room);
	p = id != NULL ? world_person(c->sim->world, id)
		       : world_by_email(c->sim->world, email);
	if (p == NULL || p == c->me) {
		api_fail(c, p == NULL ? 404 : 400, NULL);
		return NULL;
	}
	if ((r = post_direct(c->sim, c->me, p)) == NULL)
		api_fail(c, 503, "The simulator has no room for this.");
	return r;
}

static bool
api_messages_texts(struct api_call *c, struct post *p)
{
	static const char *const names[] = {"roomId", "toPersonId",
	    "toPersonEmail", "text", "markdown", "parentId"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (!api_kind_ok(c, names[i], JSON_STRING)) {
			api_fail(c, 400, NULL);
			return false;
		}
	p->text = api_text(c, "text");
	p->markdown = api_text(c, "markdown");
	p->parent = api_text(c, "parentId");
	p->attachments = json_get(c->body, "attachments");
	if (json_kind(p->attachments) == JSON_NULL)
		p->attachments = NULL;
	if (c->has_file)
		p->file = &c->file;
	return true;
}

void
api_messages_create(struct api_call *c)
{
	struct post_err e = {0};
	struct post p = {0};
	struct message *m;
	struct room *r;

	if (!api_messages_texts(c, &p) || (r = api_messages_target(c)) == NULL)
		return;
	if (c->has_file && c->file.len > API_FILE)
		api_fail(c, 413, NULL);
	else if ((m = post_add(c->sim, c->me, r, &p, &e)) == NULL)
		api_fail(c, e.status, e.text);
	else
		show_message(&c->out, m, c->sim->url);
}

void
api_messages_update(struct api_call *c)
{
	struct message *m = api_message(c, NULL);
	struct post_err e = {0};
	struct post p = {0};
	const char *room;

	if (m == NULL || !api_messages_texts(c, &p))
		return;
	room = api_text(c, "roomId");
	p.parent = NULL;
	if (room == NULL || strcmp(room, m->room->id) != 0 ||
	    json_get(c->body, "html") != NULL ||
	    (p.text == NULL && p.markdown == NULL && p.attachments == NULL))
		api_fail(c, 400, NULL);
	else if (post_edit(c->sim, c->me, m, &p, &e) == -1)
		api_fail(c, e.status, e.text);
	else
		show_message(&c->out, m, c->sim->url);
}

/* One's own; a moderator may delete what others wrote. */
void
api_messages_delete(struct api_call *c)
{
	struct message *m = api_message(c, NULL);
	const struct member *me;

	if (m == NULL)
		return;
	me = world_member_of(c->sim->world, m->room, c->me);
	if (m->author != c->me && !me->moderator) {
		api_fail(c, 403, NULL);
		return;
	}
	post_delete(c->sim, c->me, m);
	c->status = 204;
}
