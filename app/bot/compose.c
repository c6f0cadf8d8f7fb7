/* Messages from outside; see compose.h. */
#include "bot/compose.h"

#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "bot/brain.h"
#include "bot/turn.h"
#include "webex/wx_id.h"

#define COMPOSE_ARENA_MAX (64u << 20)

struct composer {
	struct brain_slot brain;
	struct arena *arena; /* of one message */
};

struct composer *
composer_new(const struct cfg *cfg, const struct wb_bot *api, struct err *e)
{
	struct composer *c = calloc(1, sizeof *c);

	if (c == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&c->brain.lock, NULL);
	if ((c->arena = arena_new(COMPOSE_ARENA_MAX)) == NULL)
		err_nomem(e);
	else if (brain_load(&c->brain, cfg, api, e) == 0)
		return c;
	composer_free(c);
	return NULL;
}

void
composer_free(struct composer *c)
{
	if (c == NULL)
		return;
	brain_unref(c->brain.current);
	arena_free(c->arena);
	pthread_mutex_destroy(&c->brain.lock);
	free(c);
}

/* A card that cannot be rendered is a mistake here, not a text instead. */
static int
compose_card(struct turn *t, const struct compose *m, struct outbox_post *p,
    struct err *e)
{
	const char *data = m->data == NULL ? "{}" : m->data;
	struct val_obj *o = val_obj_new(t->arena, 1);
	struct val reply, own;

	if (val_parse(t->arena, data, strlen(data), &own, e) == -1)
		return err_prefix(e, "%s:", m->file);
	if (o == NULL || val_puts(t->arena, o, "data", own) == -1)
		return err_nomem(e);
	reply = val_of(o);
	p->name = m->card;
	if (turn_card(t, &reply, &own, p, e) == -1)
		return -1;
	if (p->name == NULL)
		return err_set(e, ERR_PERM,
		    "card %s cannot be rendered with this data (webexbot "
		    "cards render %s --data FILE says why)",
		    m->card, m->card);
	return 0;
}

static int
compose_post(struct turn *t, const struct compose *m, struct err *e)
{
	struct outbox_post p = {.text = m->text, .markdown = m->markdown};

	if (strchr(m->to, '@') != NULL)
		p.email = m->to;
	else if (wx_id_is(m->to, "PEOPLE"))
		p.person = m->to;
	else
		p.room = m->to;
	if (m->card != NULL && compose_card(t, m, &p, e) == -1)
		return -1;
	return outbox_post(&t->out, &p, e);
}

int
compose(struct composer *c, const char *kind, const struct compose *m,
    struct buf *out, struct err *e)
{
	struct turn t = {.arena = c->arena,
	    .brain = brain_get(&c->brain),
	    .text = "",
	    .room_id = strchr(m->to, '@') == NULL ? m->to : "",
	    .person_id = "",
	    .email = ""};
	int rc = -1;

	t.out.arena = c->arena;
	t.out.received = clk_wall_ms();
	if (compose_post(&t, m, e) == 0)
		rc = send_pack(kind, &t.out, NULL, NULL, out, e);
	turn_free(&t);
	arena_reset(c->arena);
	return rc;
}
