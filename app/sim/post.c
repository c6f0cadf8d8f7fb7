/* Writing, changing, submitting; see post.h. */
#include "sim/post.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sim/attach.h"
#include "sim/event.h"

static int
post_no(struct post_err *e, int status, const char *text)
{
	e->status = status;
	e->text = text;
	return -1;
}

/* -- checks -- */

/* Bytes are counted, though the text says characters (U11). */
static int
post_check_length(const struct post *p, struct post_err *e)
{
	if ((p->text == NULL || strlen(p->text) <= POST_BYTES) &&
	    (p->markdown == NULL || strlen(p->markdown) <= POST_BYTES))
		return 0;
	return post_no(e, 400,
	    "Unable to post message to room: Message length limited to 7439 "
	    "characters before encryption and 10000 characters after "
	    "encryption.");
}

/* Threads are flat: a reply goes to the root (K6). */
static int
post_check_parent(struct sim *s, const struct room *r, const struct post *p,
    struct post_err *e)
{
	const struct message *m;

	if (p->parent == NULL)
		return 0;
	m = msg_find(s->world, p->parent);
	if (m == NULL || m->room != r)
		return post_no(e, 404, "Unable to find parent message.");
	if (m->parent != NULL)
		return post_no(e, 400, "Parent message is itself a reply.");
	return 0;
}

static bool
post_empty(const char *s)
{
	return s == NULL || *s == '\0';
}

/* -- making -- */

struct post_made {
	struct mark mark;
	char *card;
	struct msg_new n;
};

static void
post_made_done(struct post_made *d)
{
	mark_done(&d->mark);
	free(d->card);
}

/* Markdown to html and text; a plain text needs no html. */
static int
post_mark(struct sim *s, const struct post *p, struct post_made *d,
    struct post_err *e)
{
	const struct mark_style *style = p->style;

	if (style == NULL)
		style = &s->tune.style;
	d->n.text = post_empty(p->text) ? NULL : p->text;
	if (post_empty(p->markdown))
		return 0;
	if (mark_render(s->world, p->markdown, style, &d->mark) == -1)
		return post_no(e, 500, NULL);
	d->n.markdown = p->markdown;
	d->n.html = buf_str(&d->mark.html);
	if (d->n.text == NULL)
		d->n.text = buf_str(&d->mark.text);
	d->n.mentions = d->mark.mentions;
	d->n.nmentions = d->mark.nmentions;
	d->n.all = d->mark.all;
	return 0;
}

static int
post_make(struct sim *s, const struct post *p, struct post_made *d,
    struct post_err *e)
{
	const char *why;

	memset(d, 0, sizeof *d);
	if (post_check_length(p, e) == -1)
		return -1;
	if (attach_read(p->attachments, &d->card, &why) == -1)
		return post_no(e, 400, why);
	d->n.card = d->card;
	d->n.file = p->file;
	d->n.parent = p->parent;
	if (post_empty(p->text) && post_empty(p->markdown) && d->card == NULL &&
	    p->file == NULL)
		return post_no(e, 400, NULL);
	return post_mark(s, p, d, e);
}

struct message *
post_add(struct sim *s, struct person *author, struct room *r,
    const struct post *p, struct post_err *e)
{
	struct message *m = NULL;
	struct post_made d;

	if (post_make(s, p, &d, e) == -1 || post_check_parent(s, r, p, e) == -1)
		goto out;
	d.n.room = r;
	d.n.author = author;
	if ((m = msg_add(s->world, &d.n)) == NULL) {
		post_no(e, 503, "The simulator has no room for this.");
		goto out;
	}
	event_message(s, "created", m, author);
	pthread_cond_broadcast(&s->changed);
out:
	post_made_done(&d);
	return m;
}

/*
 * Text and markdown only; not for messages with files, nor for cards unless
 * that is switched on, as people report that it works (O1, U14).
 */
static int
post_may_edit(const struct sim *s, const struct person *author,
    const struct message *m, const struct post *p, struct post_err *e)
{
	if (m->author != author)
		return post_no(e, 403, NULL);
	if (m->file != NULL || (m->card != NULL && !s->tune.edit_cards) ||
	    (p->attachments != NULL && !s->tune.edit_cards) ||
	    m->edits >= POST_EDITS)
		return post_no(e, 400, NULL);
	return 0;
}

int
post_edit(struct sim *s, struct person *author, struct message *m,
    const struct post *p, struct post_err *e)
{
	struct post_made d = {0};
	int rc = -1;

	if (post_may_edit(s, author, m, p, e) == -1)
		return -1;
	if (post_make(s, p, &d, e) == -1)
		goto out;
	if (msg_edit(s->world, m, &d.n) == -1) {
		post_no(e, 500, NULL);
		goto out;
	}
	event_message(s, "updated", m, author);
	pthread_cond_broadcast(&s->changed);
	rc = 0;
out:
	post_made_done(&d);
	return rc;
}

void
post_delete(struct sim *s, struct person *who, struct message *m)
{
	event_message(s, "deleted", m, who);
	msg_delete(s->world, m);
	event_show(s, "deleted", m);
	pthread_cond_broadcast(&s->changed);
}

/* -- rooms -- */

struct member *
post_join(struct sim *s, struct room *r, struct person *p, bool moderator,
    struct person *actor)
{
	struct member *m = world_add_member(s->world, r, p, moderator);

	if (m != NULL)
		event_member(s, "created", m, actor);
	return m;
}

/* Memberships of direct rooms are not told of when they end (W1). */
void
post_leave(struct sim *s, struct member *m, struct person *actor)
{
	struct person *p = m->person;
	struct room *r = m->room;
	struct member gone = *m;

	world_del_member(s->world, m);
	gone.person = p;
	gone.room = r;
	event_member(s, "deleted", &gone, actor);
}

struct room *
post_room(struct sim *s, const char *title, struct person *p)
{
	struct room *r = world_add_room(s->world, title, p, NULL);

	if (r == NULL)
		return NULL;
	if (world_add_member(s->world, r, p, false) == NULL) {
		world_del_room(s->world, r);
		return NULL;
	}
	event_room(s, "created", r, p);
	event_member(s, "created", world_member_of(s->world, r, p), p);
	return r;
}

struct room *
post_direct(struct sim *s, struct person *a, struct person *b)
{
	struct member *m;
	struct room *r;
	bool made;

	r = world_direct(s->world, a, b, true, &made);
	if (r == NULL || !made)
		return r;
	event_room(s, "created", r, a);
	TAILQ_FOREACH(m, &r->members, in_room)
	event_member(s, "created", m, a);
	return r;
}

/* -- submits -- */

struct action *
post_submit(struct sim *s, struct person *p, struct message *m,
    const char *inputs, struct post_err *e)
{
	struct action *a;

	if (m->card == NULL) {
		post_no(e, 400, NULL);
		return NULL;
	}
	if ((a = world_add_action(s->world, m, p, inputs)) == NULL) {
		post_no(e, 500, NULL);
		return NULL;
	}
	event_action(s, a, m);
	return a;
}
