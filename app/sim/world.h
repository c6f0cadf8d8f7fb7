/*
 * What exists in the simulated cloud: people, rooms, memberships, messages,
 * files, card submits, webhooks.  In memory, each kind with a ceiling; of
 * messages the oldest go first.  Knows nothing of HTTP or JSON.
 *
 * Everything here is guarded by the one lock of the simulator (sim->mu).
 * What a function returns is lent until that lock is released.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "sim/id.h"

#define WORLD_PEOPLE_MAX 20000
#define WORLD_ROOMS_MAX 20000
#define WORLD_MEMBERS_MAX 1000 /* of one room */
#define WORLD_MESSAGES 50000   /* kept, unless told otherwise */
#define WORLD_ACTIONS 20000    /* kept */
#define WORLD_HOOKS_MAX 1000
#define WORLD_MENTIONS_MAX 50
#define WORLD_FILES_BYTES (256UL << 20) /* of all files together */

/* Webex disables a webhook at 100 failures in five minutes (W1). */
#define WORLD_HOOK_FAILS 100

struct map;
struct world;

struct person {
	char id[ID_MAX];
	char uuid[ID_UUID];
	char *email;
	char *name; /* displayName */
	char *nick;
	char *token;
	bool bot;
	int64_t created;
	TAILQ_HEAD(, member) members;
};

struct room {
	char id[ID_MAX];
	char uuid[ID_UUID];
	char cluster[ID_CLUSTER]; /* "us", or where the room lives */
	char *title;              /* NULL in a direct room */
	bool direct;
	bool locked;
	struct person *creator;
	int64_t created;
	int64_t active; /* lastActivity */
	size_t nmembers;
	TAILQ_HEAD(, member) members;
	TAILQ_HEAD(room_messages, message) messages; /* oldest first */
};

struct member {
	char id[ID_MAX];
	struct room *room;
	struct person *person;
	bool moderator;
	bool hidden;
	int64_t created;
	TAILQ_ENTRY(member) in_room;
	TAILQ_ENTRY(member) in_person;
};

enum content_state { CONTENT_OK, CONTENT_INFECTED, CONTENT_UNSCANNABLE };

struct content {
	char id[ID_MAX];
	struct room *room;
	char *name;
	char *type;
	char *data;
	size_t len;
	unsigned scans; /* answers 423 so many times */
	enum content_state state;
};

struct message {
	char id[ID_MAX];
	char uuid[ID_UUID];
	uint64_t seq;     /* of its creation */
	uint64_t changed; /* of its last change */
	struct room *room;
	struct person *author;
	char *parent; /* id */
	char *text;
	char *markdown;
	char *html;
	char *card; /* JSON of its one attachment's content */
	struct content *file;
	struct person **mentions;
	size_t nmentions;
	bool all; /* <@all> */
	bool deleted;
	char *was, *was_card; /* what a deleted one said, for scripts */
	unsigned edits;
	int64_t created;
	int64_t updated;
	TAILQ_ENTRY(message) in_room;
	TAILQ_ENTRY(message) in_time; /* by `changed` */
};
TAILQ_HEAD(message_list, message);

struct action {
	char id[ID_MAX];
	char message[ID_MAX]; /* ids: both may be gone by now */
	char room[ID_MAX];
	struct person *person;
	char *inputs; /* a JSON object */
	int64_t created;
};

struct hook {
	char id[ID_MAX];
	char *name;
	char *target;
	char *resource;
	char *event;
	char *filter; /* NULL: none */
	char *secret; /* NULL: none */
	struct person *owner;
	bool active;
	int64_t created;
	int64_t fails[WORLD_HOOK_FAILS]; /* a ring of moments (monotonic) */
	unsigned nfails;
	int64_t probation; /* until then one failure is enough */
};

struct world {
	struct map *people, *emails, *tokens; /* by id, email, token */
	struct map *rooms, *directs;          /* by id, by pair of uuids */
	struct map *members;
	struct map *messages;
	struct map *actions;
	struct map *contents;
	struct map *hooks;
	struct message_list timeline; /* deleted ones stay in it for a time */
	struct person *bot;
	size_t keep_messages;
	size_t nmessages; /* in the timeline */
	size_t content_bytes;
	uint64_t seq;
	char cluster[ID_CLUSTER]; /* of rooms made from now on */
};

/* Empty.  NULL: out of memory. */
struct world *world_new(size_t keep_messages);
void world_free(struct world *w);

/* The organization all people belong to, and the bot's application. */
const char *world_org(void);
const char *world_app(void);

/* -- people; uuid and token NULL: random ones -- */
struct person *world_add_person(struct world *w, const char *email,
    const char *name, const char *nick, bool bot, const char *uuid,
    const char *token);
struct person *world_person(struct world *w, const char *id);
struct person *world_by_email(struct world *w, const char *email);
struct person *world_by_token(struct world *w, const char *token);

/* -- rooms -- */

/* title NULL: direct.  The creator is not a member yet. */
struct room *world_add_room(struct world *w, const char *title,
    struct person *creator, const char *uuid);
struct room *world_room(struct world *w, const char *id);
/* The direct room of two people, made if `make`; *made says so. */
struct room *world_direct(
    struct world *w, struct person *a, struct person *b, bool make, bool *made);
/* Make a direct room with its two members the one of this pair. */
int world_pair_room(struct world *w, struct room *r);
/* The other one in a direct room. */
struct person *world_other(const struct room *r, const struct person *p);
void world_del_room(struct world *w, struct room *r);

struct member *world_add_member(
    struct world *w, struct room *r, struct person *p, bool moderator);
struct member *world_member(struct world *w, const char *id);
struct member *world_member_of(
    struct world *w, const struct room *r, const struct person *p);
void world_del_member(struct world *w, struct member *m);

/* -- card submits -- */
struct action *world_add_action(struct world *w, const struct message *m,
    struct person *p, const char *inputs);
struct action *world_action(struct world *w, const char *id);

/* -- webhooks; all texts are copied, filter and secret may be NULL -- */
struct hook *world_add_hook(struct world *w, struct person *owner,
    const char *name, const char *target, const char *resource,
    const char *event, const char *filter, const char *secret);
struct hook *world_hook(struct world *w, const char *id);
void world_del_hook(struct world *w, struct hook *h);
/* The webhooks of people who are in both worlds, with their ids; 0 or -1. */
int world_move_hooks(struct world *to, struct world *from);

#endif
