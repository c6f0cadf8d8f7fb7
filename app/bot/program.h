/*
 * A program that a rule runs on this machine: JSON on its standard input,
 * what it prints is data for the replies, as if it had been called.
 * Read-only once made.
 */
#ifndef BOT_PROGRAM_H
#define BOT_PROGRAM_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "card/tpl.h"
#include "card/val.h"

#define PROGRAM_ARGS_MAX 64

struct program {
	struct tpl *argv;
	struct tpl *input; /* NULL: all of the data */
	int timeout_ms;
};

void program_free(struct program *p);

/* One run; all memory is the arena's. */
struct program_run {
	const char **argv; /* NULL at the end */
	const char *dir;   /* borrowed */
	const char *in;
	size_t in_len;
	int timeout_ms;
};

/* -1: the template does not fit the data, or memory. */
int program_render(const struct program *p, const struct val *data,
    struct arena *a, struct program_run *out, struct err *e);

/*
 * Run it and wait; any thread.  As call_answer: {"status", "exit", "body",
 * "error"}, status being 200 for exit 0, 500 for another, 0 when it did not
 * run or was killed.  NULL: memory.
 */
struct json *program_answer(const struct program_run *run);

#endif
