/*
 * The bot file as rows: what is said to what.  Read-only once loaded, so
 * any thread may use it.
 */
#ifndef BOT_RULES_H
#define BOT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cfg.h"
#include "base/json.h"
#include "base/re.h"
#include "base/when.h"
#include "bot/call.h"
#include "bot/program.h"
#include "bot/usage.h"
#include "card/card.h"
#include "card/problem.h"
#include "card/tpl.h"

enum rule_kind {
	RULE_WORD,   /* the first word, any case */
	RULE_PHRASE, /* the whole text, any case */
	RULE_REGEX,  /* the whole text */
	RULE_ANY,    /* every message; has a condition */
	RULE_ACTION, /* a submit of a card */
	RULE_EVENT,  /* anything else Webex tells of */
	RULE_WELCOME,
	RULE_FALLBACK,
	RULE_HUB,  /* what came from Webex Connect or any program */
	RULE_HELP, /* built in */
};

/* What rendering needs that is fetched or read only when it does. */
enum {
	READS_PERSON = 1,
	READS_ROOM = 2,
	READS_MEMORY = 4,
	READS_FILES = 8,
	READS_EVENT = 16
};

/* Templates of replies; each gives one, several or none. */
struct rule_says {
	struct tpl **v;
	size_t n;
};

/* Who may; a list that is empty lets everybody. */
struct rules_access {
	char **emails; /* patterns with * */
	size_t nemails;
	char **domains; /* of addresses */
	size_t ndomains;
	char **rooms;
	size_t nrooms;
	struct rule_says refuse; /* none: silence */
};

/* A question of a conversation. */
struct rule_question {
	char *name; /* of the answer */
	char *card; /* answered by a submit of it, NULL: by a text */
	struct rule_says says;
	struct tpl *when; /* asked only then, NULL: always */
	/* what an answer must be: */
	int type; /* enum usage_type; USAGE_TEXT: anything */
	struct re *re;
	char **choices;
	size_t nchoices;
	struct tpl *check;
	struct rule_says again; /* said when it is not */
};

struct rule_ask {
	struct rule_question *v;
	size_t n;
	int64_t timeout_ms; /* between a question and its answer */
	char **cancel;      /* words that end it */
	size_t ncancel;
	struct rule_says cancelled;
};

struct hand;

struct rule {
	enum rule_kind kind;
	const struct hand *hand; /* written in C; NULL: in the file */
	char *key;               /* the word, phrase, pattern, card or event */
	char **others;           /* further words that mean the same */
	size_t nothers;
	char *help;  /* "" when there is none */
	char *name;  /* for the log and `webexbot match`: "word hello" */
	char *place; /* JSON pointer in the bot file */
	struct re *re;
	struct usage *usage;     /* of a word: its arguments, NULL: any */
	struct rule_says misuse; /* said when they do not fit */
	struct tpl *when;        /* a condition, NULL: none */
	struct rules_access access;
	struct rule_ask ask;  /* before anything else is done */
	struct call *call;    /* made before the replies; NULL: none */
	struct program *run;  /* instead of a call; NULL: none */
	struct tpl *remember; /* {"room": {}, "person": {}}, NULL */
	struct rule_says says;
	struct rule_says failed;  /* instead, when the call failed */
	bool once;                /* a submit: one for each person */
	struct rule_says again;   /* said to further ones */
	struct rule_says invalid; /* said to one that does not fit its card */
	unsigned reads;
	struct cron *cron;     /* of a schedule, NULL: none */
	const struct tz *zone; /* NULL: UTC */
};

/* Events that schedules make: "schedule.NAME". */
#define RULES_SCHEDULE "schedule"

struct rules {
	struct rule *v; /* commands, actions, events, in the file's order */
	size_t n;
	struct rule welcome, fallback, help;
	bool has_welcome, has_fallback;
	struct rules_access access; /* to all of it */
	unsigned reads_first;       /* before a rule can be chosen */
	unsigned reads_refuse;      /* by the refusal */
	unsigned reads_some;        /* by some rule */
	bool asks;                  /* some rule does */
};

/* What Webex tells of beside messages and submits: "rooms.updated". */
struct rules_event {
	const char *resource;
	const char *event;
};
extern const struct rules_event rules_events[];
extern const size_t rules_nevents;
#define RULES_EVENT_MAX 64
/* "memberships.created" */
void rules_event_kind(const struct rules_event *ev, char out[RULES_EVENT_MAX]);
/* Does some rule answer this kind? */
bool rules_handle(const struct rules *rs, const char *kind);

#define RULES_FILE "bot.json"
#define RULES_FILE_MAX (1 << 20)

/* What the bot file refers to; borrowed while it is read. */
struct rules_env {
	struct cards *cards;
	const struct cfg *cfg; /* where secrets are */
	bool stand_ins;        /* they are not needed: nothing leaves */
};
/* A secret that the bot file names; for the caller to free; NULL: none. */
char *rules_env_secret(
    const struct rules_env *env, const char *name, struct err *e);

/*
 * Make rules of a parsed bot file (NULL: an empty one).  Every problem goes
 * to `ps` with its JSON pointer.  NULL: memory is out.  When ps->errors has
 * grown, the rules are not to be used.
 */
struct rules *rules_new(const struct json *file, const struct rules_env *env,
    struct problems *ps, struct err *e);
void rules_free(struct rules *r);

/*
 * A rule of its own, of an object with "reply" elsewhere in the file (see
 * hub.h); called `what` and `key`.  0; -1: memory is out.  rule_done frees,
 * either way.
 */
int rule_read(struct rule *r, const char *what, const char *key,
    const struct json *obj, const char *path, const struct rules_env *env,
    struct problems *ps, struct err *e);
void rule_done(struct rule *r);
/*
 * The replies under `name` of what nobody in a room has asked for: each that
 * says something must name its target.
 */
struct conf;
void rule_needs_target(
    struct conf *c, const struct json *obj, const char *path, const char *name);

/* A file of the cards folder that may be sent: no path, no bot file. */
bool rules_file_ok(const char *name);

/* Is it one that a message is held against? */
static inline bool
rule_is_command(const struct rule *r)
{
	return r->kind <= RULE_ANY;
}

#endif
