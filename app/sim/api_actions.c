/* /attachment/actions; see api.h. */
#include <string.h>

#include "sim/api.h"
#include "sim/post.h"
#include "sim/show.h"

/* inputs: texts, as a renderer sends them; anything JSON is taken. */
void
api_actions_create(struct api_call *c)
{
	const char *type = api_text(c, "type"), *id = api_text(c, "messageId");
	const struct json *inputs = json_get(c->body, "inputs");
	struct post_err e = {0};
	struct message *m;
	struct action *a;
	struct buf b;

	if (type == NULL || strcmp(type, "submit") != 0 || id == NULL ||
	    json_kind(inputs) != JSON_OBJECT) {
		api_fail(c, 400, NULL);
		return;
	}
	m = msg_find(c->sim->world, id);
	if (m == NULL ||
	    world_member_of(c->sim->world, m->room, c->me) == NULL) {
		api_fail(c, 404, "Unable to get message.");
		return;
	}
	buf_init(&b, API_BODY);
	if (json_print(inputs, &b) == -1)
		api_fail(c, 500, NULL);
	else if ((a = post_submit(c->sim, c->me, m, buf_str(&b), &e)) == NULL)
		api_fail(c, e.status, e.text);
	else
		show_action(&c->out, a);
	if (c->status == 200)
		c->status = 202; /* the one POST that is accepted (O1) */
	buf_done(&b);
}

/* For those in the room; a bot reads the submits of its own cards. */
void
api_actions_get(struct api_call *c)
{
	const struct action *a = world_action(c->sim->world, c->id);
	struct world *w = c->sim->world;
	const struct room *r = a == NULL ? NULL : world_room(w, a->room);
	const struct message *m = a == NULL ? NULL : msg_find(w, a->message);

	if (r == NULL || world_member_of(w, r, c->me) == NULL ||
	    (c->me->bot && m != NULL && m->author != c->me))
		api_fail(c, 404, NULL);
	else
		show_action(&c->out, a);
}
