/* Messages and their files; see msg.h. */
#include "sim/msg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/map.h"

/* -- files -- */

struct content *
msg_content(struct world *w, const char *id)
{
	return map_get(w->contents, id);
}

static void
msg_drop_file(struct world *w, struct message *m)
{
	struct content *c = m->file;

	if (c == NULL)
		return;
	map_del(w->contents, c->id);
	w->content_bytes -= c->len;
	free(c->name);
	free(c->type);
	free(c->data);
	free(c);
	m->file = NULL;
}

bool
msg_room_for(const struct world *w, size_t bytes)
{
	return bytes <= WORLD_FILES_BYTES &&
	       w->content_bytes <= WORLD_FILES_BYTES - bytes;
}

static int
msg_add_file(struct world *w, struct message *m, const struct msg_file *f)
{
	char rest[ID_UUID + 4];
	struct content *c;

	if (!msg_room_for(w, f->len) || (c = calloc(1, sizeof *c)) == NULL)
		return -1;
	snprintf(rest, sizeof rest, "%s/0", m->uuid);
	id_public(m->room->cluster, "CONTENT", rest, c->id);
	c->room = m->room;
	c->scans = f->scans;
	c->state = f->state;
	c->len = f->len;
	m->file = c;
	w->content_bytes += c->len;
	c->name = strdup(f->name);
	c->type = strdup(f->type);
	if ((c->data = malloc(f->len + 1)) != NULL && f->len > 0)
		memcpy(c->data, f->data, f->len);
	if (c->name != NULL && c->type != NULL && c->data != NULL &&
	    map_put(w->contents, c->id, c, NULL) == 0)
		return 0;
	msg_drop_file(w, m);
	return -1;
}

/* -- messages -- */

static void
msg_clear(struct message *m)
{
	free(m->text);
	free(m->markdown);
	free(m->html);
	free(m->card);
	free(m->mentions);
	m->text = m->markdown = m->html = m->card = NULL;
	m->mentions = NULL;
	m->nmentions = 0;
}

static void
msg_free(struct world *w, struct message *m)
{
	msg_drop_file(w, m);
	msg_clear(m);
	free(m->was);
	free(m->was_card);
	free(m->parent);
	free(m);
}

void
msg_drop(struct world *w, struct message *m)
{
	if (!m->deleted)
		map_del(w->messages, m->id);
	TAILQ_REMOVE(&m->room->messages, m, in_room);
	TAILQ_REMOVE(&w->timeline, m, in_time);
	w->nmessages--;
	msg_free(w, m);
}

void
msg_drop_all(struct world *w)
{
	struct message *m;

	while ((m = TAILQ_FIRST(&w->timeline)) != NULL)
		msg_drop(w, m);
}

/* Copy a text into *to; a NULL text is fine. */
static int
msg_dup(char **to, const char *s)
{
	if (s == NULL)
		return 0;
	return (*to = strdup(s)) != NULL ? 0 : -1;
}

static int
msg_fill(struct message *m, const struct msg_new *n)
{
	m->all = n->all;
	if (n->nmentions > 0) {
		m->mentions = calloc(n->nmentions, sizeof *m->mentions);
		if (m->mentions == NULL)
			return -1;
		memcpy(m->mentions, n->mentions,
		    n->nmentions * sizeof *m->mentions);
		m->nmentions = n->nmentions;
	}
	if (msg_dup(&m->text, n->text) == -1 ||
	    msg_dup(&m->markdown, n->markdown) == -1 ||
	    msg_dup(&m->html, n->html) == -1 ||
	    msg_dup(&m->card, n->card) == -1)
		return -1;
	return 0;
}

struct message *
msg_add(struct world *w, const struct msg_new *n)
{
	struct message *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	id_uuid(m->uuid);
	id_public(n->room->cluster, "MESSAGE", m->uuid, m->id);
	m->room = n->room;
	m->author = n->author;
	m->created = clk_wall_ms();
	if (msg_fill(m, n) == -1 || msg_dup(&m->parent, n->parent) == -1 ||
	    (n->file != NULL && msg_add_file(w, m, n->file) == -1) ||
	    map_put(w->messages, m->id, m, NULL) == -1) {
		msg_free(w, m);
		return NULL;
	}
	m->seq = m->changed = ++w->seq;
	m->room->active = m->created;
	TAILQ_INSERT_TAIL(&m->room->messages, m, in_room);
	TAILQ_INSERT_TAIL(&w->timeline, m, in_time);
	if (++w->nmessages > w->keep_messages)
		msg_drop(w, TAILQ_FIRST(&w->timeline));
	return m;
}

struct message *
msg_find(struct world *w, const char *id)
{
	return map_get(w->messages, id);
}

static void
msg_touch(struct world *w, struct message *m)
{
	m->changed = ++w->seq;
	m->updated = clk_wall_ms();
	TAILQ_REMOVE(&w->timeline, m, in_time);
	TAILQ_INSERT_TAIL(&w->timeline, m, in_time);
}

int
msg_edit(struct world *w, struct message *m, const struct msg_new *n)
{
	struct message made = {0};

	if (msg_fill(&made, n) == -1 ||
	    (n->card == NULL && msg_dup(&made.card, m->card) == -1)) {
		msg_clear(&made);
		return -1;
	}
	msg_clear(m);
	m->text = made.text;
	m->markdown = made.markdown;
	m->html = made.html;
	m->card = made.card;
	m->mentions = made.mentions;
	m->nmentions = made.nmentions;
	m->all = made.all;
	m->edits++;
	msg_touch(w, m);
	return 0;
}

void
msg_delete(struct world *w, struct message *m)
{
	map_del(w->messages, m->id);
	m->deleted = true;
	if (m->markdown != NULL) {
		m->was = m->markdown;
		m->markdown = NULL;
	} else {
		m->was = m->text;
		m->text = NULL;
	}
	m->was_card = m->card;
	m->card = NULL;
	msg_clear(m);
	msg_drop_file(w, m);
	msg_touch(w, m);
}

bool
msg_mentions(const struct message *m, const struct person *p)
{
	size_t i;

	for (i = 0; i < m->nmentions; i++)
		if (m->mentions[i] == p)
			return true;
	return false;
}
