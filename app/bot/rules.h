/*
 * The bot file as rows: what is said to what.  Read-only once loaded, so
 * any thread may use it.
 */
#ifndef BOT_RULES_H
#define BOT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "base/re.h"
#include "card/card.h"
#include "card/problem.h"
#include "card/tpl.h"

enum rule_kind {
	RULE_WORD,   /* the first word, any case */
	RULE_PHRASE, /* the whole text, any case */
	RULE_REGEX,  /* the whole text */
	RULE_ACTION, /* a submit of a card */
	RULE_WELCOME,
	RULE_FALLBACK,
	RULE_HELP,   /* built in */
	RULE_REFUSE, /* access denied; has replies or none */
	RULE_HUB,    /* what came from Webex Connect or any program */
};

struct rule {
	enum rule_kind kind;
	char *key;   /* the word, phrase, pattern or card */
	char *help;  /* "" when there is none */
	char *name;  /* for the log and `webexbot match`: "word hello" */
	char *place; /* JSON pointer in the bot file */
	struct re *re;
	struct tpl **replies;
	size_t nreplies;
	bool reads_person; /* some reply or its card does */
	bool reads_room;
};

struct rules_access {
	char **emails; /* patterns with * */
	size_t nemails;
	char **rooms;
	size_t nrooms;
};

struct rules {
	struct rule *v; /* commands, then actions, in the file's order */
	size_t n;
	struct rule welcome, fallback, help, refuse;
	bool has_welcome, has_fallback;
	struct rules_access access;
};

#define RULES_FILE "bot.json"
#define RULES_FILE_MAX (1 << 20)

/*
 * Make rules of a parsed bot file (NULL: an empty one).  Every problem goes
 * to `ps` with its JSON pointer.  NULL: memory is out.  When ps->errors has
 * grown, the rules are not to be used.
 */
struct rules *rules_new(const struct json *file, struct cards *cards,
    struct problems *ps, struct err *e);
void rules_free(struct rules *r);

/*
 * A rule of its own, of an object with "reply" elsewhere in the file (see
 * hub.h); called `what` and `key`.  0; -1: memory is out.  rule_done frees,
 * either way.
 */
int rule_read(struct rule *r, const char *what, const char *key,
    const struct json *obj, const char *path, struct cards *cards,
    struct problems *ps, struct err *e);
void rule_done(struct rule *r);

#endif
