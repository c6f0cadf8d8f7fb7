/*
 * The argument pattern of a command: "remind <who> <when>".  Each <name> is
 * one word, or several in double quotes; the last may be any number of
 * words.  <name:type> wants more of it: number, integer, email, word.
 * [<name>] may be left out; everything after it as well.  Other words stand
 * for themselves, in any case.  Pure; read-only once made.
 */
#ifndef BOT_USAGE_H
#define BOT_USAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "card/val.h"

#define USAGE_PARTS 32

/* What an argument, or an answer, must be. */
enum usage_type {
	USAGE_TEXT,
	USAGE_WORD,
	USAGE_NUMBER,
	USAGE_INTEGER,
	USAGE_EMAIL,
	USAGE_TYPES
};
/* Their names, and what they want: "a whole number". */
extern const char *const usage_names[USAGE_TYPES];
extern const char *const usage_wants[USAGE_TYPES];

/* The text as a value of that type (borrows it); false: it is none. */
bool usage_value(enum usage_type type, const char *s, struct val *out);

struct usage;

/* NULL: `e` says what is wrong with the pattern. */
struct usage *usage_new(const char *pattern, struct err *e);
void usage_free(struct usage *u);

/* The pattern's first word: the command itself, lent. */
const char *usage_word(const struct usage *u);
/* The pattern as it was written, lent. */
const char *usage_text(const struct usage *u);

/* The name of the i-th argument, lent; NULL past the last. */
const char *usage_argument_at(const struct usage *u, size_t i);

/*
 * Hold the arguments (what follows the command's word) against it and put
 * each into `out` under its name.  1: they fit; 0: *why says what is wrong,
 * for the person who said it, an argument as "<name>"; -1: memory.
 */
int usage_match(const struct usage *u, const char *args, struct arena *a,
    struct val_obj *out, const char **why, struct err *e);

#endif
