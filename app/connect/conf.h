/*
 * Reading parts of the bot file: members by a table, each problem told with
 * its JSON pointer, secrets from outside the file.  Reading goes on after a
 * problem so that one run names all of them; what was made then is not to
 * be used.  One thread at a time.
 */
#ifndef CONNECT_CONF_H
#define CONNECT_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

#define CONF_PATH 512
#define CONF_SECRETS 4 /* of one thing, while they are being changed */

/* A problem; the texts are lent for the call and hold no secret. */
struct conf_problem {
	bool warning;     /* else an error */
	const char *code; /* "unknown-member", "bad-value", ... as in cards */
	const char *path; /* JSON pointer in the bot file */
	bool member;      /* about the member's name, not its value */
	const char *text; /* one sentence without a full stop */
};

struct conf {
	void (*problem)(void *arg, const struct conf_problem *p);
	/*
	 * The value behind "env:NAME" for the caller to free (cfg_secret);
	 * NULL: it is not set, or cannot be read and `e` says why.
	 */
	char *(*secret)(void *arg, const char *name, struct err *e);
	void *arg;
	const char *folder;       /* where file names start; NULL: here */
	bool allow_private;       /* WEBEXBOT_ALLOW_PRIVATE_URLS */
	unsigned errors;          /* told so far */
	bool nomem;               /* memory was out: nothing is to be used */
	char misspelt[CONF_PATH]; /* the last such member */
};

enum conf_type {
	CONF_TEXT,
	CONF_SECRET, /* "env:NAME", or a list of them, the current one first */
	CONF_NUMBER,
	CONF_BOOL,
	CONF_OBJECT,
	CONF_LIST,
	CONF_REPLY, /* an object, or a list of them; somebody else's */
	CONF_TEXTS, /* a text, or a list of them */
	CONF_FLAG,  /* true or false, or a template that gives one */
	CONF_TIME,  /* "10s", or seconds */
	CONF_ANY,
};

struct conf_key {
	const char *name;
	enum conf_type type;
};

/* Every member must be in the table and of its type. */
void conf_keys(struct conf *c, const struct json *obj, const char *path,
    const struct conf_key *keys, size_t n);
#define CONF_KEYS(c, obj, path, keys)                                          \
	conf_keys(c, obj, path, keys, sizeof(keys) / sizeof((keys)[0]))

void conf_error(struct conf *c, const char *code, const char *path,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void conf_warn(struct conf *c, const char *code, const char *path,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* `path` one step further down, escaped (RFC 6901); returns out. */
const char *conf_at(char out[CONF_PATH], const char *path, const char *name);
const char *conf_at_i(char out[CONF_PATH], const char *path, size_t i);

/* The object called `name`; NULL when it is missing or something else. */
const struct json *conf_object(const struct json *obj, const char *name);
/* A text member, lent; "" when it is missing or no text. */
const char *conf_str(const struct json *obj, const char *name);
/* The same, and a problem when it is missing or empty. */
const char *conf_need(
    struct conf *c, const struct json *obj, const char *path, const char *name);
/*
 * A text that may stand in the file or come from outside ("env:NAME"), such
 * as a user's name; for the caller.  NULL: memory is out.
 */
char *conf_name(
    struct conf *c, const struct json *obj, const char *path, const char *name);
/* A copy for the caller; notes that memory is out. */
char *conf_dup(struct conf *c, const char *s);
/* A number within lo..hi; `def` when it is missing. */
double conf_num(struct conf *c, const struct json *obj, const char *path,
    const char *name, double lo, double hi, double def);
bool conf_bool(const struct json *obj, const char *name, bool def);
/* A time ("500ms", "10s", or seconds) in milliseconds, within lo..hi. */
long long conf_ms(struct conf *c, const struct json *obj, const char *path,
    const char *name, long long lo, long long hi, long long def);
/* Of a list of who is let in: one that is there names somebody. */
void conf_some(
    struct conf *c, const struct json *obj, const char *path, const char *name);
/* A list of texts as one text with commas, for the caller; NULL: none. */
char *conf_list(
    struct conf *c, const struct json *obj, const char *path, const char *name);

/* Is the text one of `n` words?  Its place, or -1 with a problem. */
int conf_word(struct conf *c, const char *path, const char *what,
    const char *text, const char *const *words, size_t n);

/*
 * An address of somebody else's that the operator wrote: https, or http when
 * it is allowed or the host is private anyway.  Lent; "" and a problem.
 */
const char *conf_url(struct conf *c, const struct json *obj, const char *path,
    const char *name, bool needed);

/* Secrets: the current one and those it replaces. */
struct conf_secrets {
	char *v[CONF_SECRETS];
	size_t n;
};

/* Read them; none and a problem when they cannot be had. */
void conf_secrets(struct conf *c, const struct json *obj, const char *path,
    const char *name, bool needed, struct conf_secrets *out);
/*
 * The problem of a secret that is not there: `e` says why, or `what` it is,
 * or (NULL) it is not set.
 */
void conf_missing(struct conf *c, const char *path, const char *name,
    const char *what, const struct err *e);
/* Wiped and freed. */
void conf_secrets_done(struct conf_secrets *s);
/* Is it one of them?  In a time that tells lengths at most; NULL is not. */
bool conf_secrets_match(const struct conf_secrets *s, const char *given);

#endif
