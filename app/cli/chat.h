/*
 * Chat scripts: who says what, what comes back; see webexbot-chat(5).  A
 * script is read into lines, played against a bot and a simulator of its
 * own, and what came back can be told in its own language.
 */
#ifndef CLI_CHAT_H
#define CLI_CHAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/cli.h"

#define CHAT_FILE_MAX (1 << 20)
#define CHAT_CONTAINS_MAX 8

enum chat_verb {
	CHAT_SAY,     /* text */
	CHAT_SUBMIT,  /* text: inputs as JSON, name: a button, or NULL */
	CHAT_SEND,    /* name: of the file, text: its content */
	CHAT_ADD,     /* the bot to a room */
	CHAT_REMOVE,  /* and from it */
	CHAT_FAULT,   /* text: JSON for the simulator */
	CHAT_OPTIONS, /* likewise */
	CHAT_WAIT,    /* ms */
	CHAT_PERSON,  /* who, name */
	CHAT_CARDS,   /* text: a folder */
	CHAT_SET,     /* name, text: a setting */
	CHAT_BOT,     /* what is expected */
};

enum chat_kind {
	CHAT_TEXT,     /* this text or markdown as a whole */
	CHAT_CARD,     /* the card of this name, "": any */
	CHAT_CONTAINS, /* anything that contains ... */
	CHAT_MATCHES,  /* a text the pattern is found in */
	CHAT_NOTHING,
	CHAT_DELETED, /* a message of the bot went away */
};

struct chat_line {
	int line;  /* where it stands, from 1 */
	int lines; /* how many there are of it */
	enum chat_verb verb;
	const char *who;  /* an address; of CHAT_BOT: whose direct room */
	const char *room; /* a title; NULL: the direct room */
	const char *text;
	const char *name;
	const char *saying; /* of CHAT_SEND: the message, or NULL */
	bool thread;        /* in the thread of the latest message there */
	bool aside;         /* without a mention */
	int64_t ms;
	/* of CHAT_BOT */
	enum chat_kind kind;
	bool edited;
	const char *contains[CHAT_CONTAINS_MAX];
	size_t ncontains;
};

struct chat_script {
	const char *path;
	struct arena *arena;
	char *source; /* the file */
	struct chat_line *v;
	size_t n;
};

/* -1: `e` says FILE:LINE: what is wrong. */
int chat_read(struct chat_script *s, const char *path, struct err *e);
void chat_done(struct chat_script *s);

/* -- playing -- */

struct chat_result {
	bool failed;
	int64_t ms;
	struct buf report; /* of what failed, for people */
	struct buf update; /* the script as it would hold */
};

/* Play it; problems of any kind are in the result. */
void chat_play(
    struct cli *c, const struct chat_script *s, struct chat_result *r);
void chat_result_done(struct chat_result *r);

/* -- what came back -- */

struct chat_got {
	const struct json *message; /* as the simulator lists it */
	const char *who;            /* whose direct room, or NULL */
	const char *room;           /* title, or NULL */
	const char *card;           /* name, or NULL */
	const struct chat_line *by; /* what expected it, or NULL */
};

/* Is it what the line expects? */
bool chat_fits(const struct chat_line *l, const struct chat_got *g);
/*
 * Append it as a line of a script would expect it; with `shown`, a card with
 * the first text in it.
 */
void chat_tell(const struct chat_got *g, const struct chat_line *where,
    bool shown, struct buf *out);

#endif
