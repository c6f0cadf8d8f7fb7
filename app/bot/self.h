/*
 * Who the bot is, once GET /people/me has said so.  Set once, read by any
 * thread; what self_get returns lives as long as the self.
 */
#ifndef BOT_SELF_H
#define BOT_SELF_H

#include <stdbool.h>

#include "base/json.h"

struct self;

struct self_data {
	const char *id;
	const char *name;  /* displayName */
	const char *nick;  /* nickName, "" */
	const char *email; /* the first, "" */
	const char *type;  /* "bot", "person", "" */
	const struct json *json;
};

struct self *self_new(void);
void self_free(struct self *s);

/* NULL: not known yet. */
const struct self_data *self_get(struct self *s);
/*
 * From the body of GET /people/me, which it takes.  0; -1: no id in it, or
 * another id than before (a token of somebody else).
 */
int self_set(struct self *s, struct json *me, struct err *e);

/* Is this person the bot?  False while it is not known. */
bool self_is(struct self *s, const char *person);

#endif
