/*
 * Problems found in cards and templates: collected, not thrown, so that a
 * run names all of them.  Not shared between threads.
 */
#ifndef CARD_PROBLEM_H
#define CARD_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define PROBLEMS_MAX 1000 /* further ones are counted only */

struct problem {
	bool warning;     /* else an error */
	const char *code; /* "syntax", "unknown-member"; not owned */
	char *path;       /* JSON pointer to the value */
	bool raw;         /* `at` counts in the file */
	size_t at;        /* byte in the text at `path`; PROBLEM_WHOLE */
	char *text;       /* one sentence without a full stop */
};

/* The code of a secret where none should be: blank it before showing it. */
#define PROBLEM_SECRET "bad-secret"
#define PROBLEM_WHOLE ((size_t)-1)  /* the value as a whole */
#define PROBLEM_MEMBER ((size_t)-2) /* the name of the member */

struct problems {
	struct problem *v;
	size_t n;
	size_t cap;
	size_t errors;
	size_t warnings;
	bool failed; /* memory was out: the list is not complete */
};

#define PROBLEMS_INIT                                                          \
	{                                                                      \
		NULL, 0, 0, 0, 0, false                                        \
	}

void problems_done(struct problems *ps);
/* Forget those from number `n` on. */
void problems_cut(struct problems *ps, size_t n);

/*
 * Of those from number `from` on, the error that refuses a template: the
 * first, an unknown function only if there is no other, since that fails
 * when it is called.  NULL: no errors.
 */
const struct problem *problems_fault(const struct problems *ps, size_t from);

/* `ps` may be NULL: nobody asks.  `path` NULL: `at` counts in the file. */
void problems_error(struct problems *ps, const char *code, const char *path,
    size_t at, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void problems_warn(struct problems *ps, const char *code, const char *path,
    size_t at, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Byte of the JSON text that a problem is about: inside a string, escapes
 * counted.  The text must have passed json_check.
 */
size_t problem_find(const struct problem *p, const char *json, size_t len);

/*
 * Append "FILE:LINE:COL: error: text" with the source line and a caret under
 * it.  Without the source: "FILE: error: text (at /path)".
 */
int problem_print(const struct problem *p, const char *file, const char *json,
    size_t len, struct buf *out);

/* Append as a JSON list of {"level","code","path","message"}. */
int problems_json(const struct problems *ps, struct buf *out);

/* A JSON pointer that grows and shrinks with the walk. */
struct pointer {
	char s[512];
	size_t n; /* where it would end; longer ones are cut */
};
/* Go down; returns what pointer_up takes to come back. */
size_t pointer_down(struct pointer *p, const char *name, size_t len);
size_t pointer_down_i(struct pointer *p, size_t i);
void pointer_up(struct pointer *p, size_t mark);
void pointer_set(struct pointer *p, const char *path);

#endif
