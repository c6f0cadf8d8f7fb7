/* Who the bot is; see self.h. */
#include "bot/self.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "webex/wx_id.h"

struct self {
	struct self_data data;
	struct json *json;
	_Atomic bool known;
};

struct self *
self_new(void)
{
	return calloc(1, sizeof(struct self));
}

void
self_free(struct self *s)
{
	if (s != NULL)
		json_free(s->json);
	free(s);
}

const struct self_data *
self_get(struct self *s)
{
	return atomic_load(&s->known) ? &s->data : NULL;
}

static const char *
self_str(const struct json *me, const char *name)
{
	const char *v = json_get_str(me, name);

	return v == NULL ? "" : v;
}

int
self_set(struct self *s, struct json *me, struct err *e)
{
	const char *id = json_get_str(me, "id");
	const char *email = json_str(json_first(json_get(me, "emails")));
	const struct self_data *old = self_get(s);

	if (id == NULL || *id == '\0') {
		json_free(me);
		return err_set(
		    e, ERR_PERM, "GET /people/me answered without an id");
	}
	if (old != NULL) {
		bool same = wx_id_same(old->id, id);

		json_free(me);
		return same ? 0
			    : err_set(e, ERR_PERM,
				  "the token is of another account than at "
				  "the start");
	}
	s->json = me;
	s->data = (struct self_data){.id = id,
	    .name = self_str(me, "displayName"),
	    .nick = self_str(me, "nickName"),
	    .email = email == NULL ? "" : email,
	    .type = self_str(me, "type"),
	    .json = me};
	atomic_store(&s->known, true);
	return 0;
}

bool
self_is(struct self *s, const char *person)
{
	const struct self_data *me = self_get(s);

	return me != NULL && wx_id_same(me->id, person);
}
