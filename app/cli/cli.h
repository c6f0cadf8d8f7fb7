/*
 * Subcommands of the program: one file each, found through cli_cmds in
 * cli.c.  Exit status: 0 done; 1 it failed or found problems; 2 wrong usage
 * or settings.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "base/cfg.h"
#include "base/err.h"

enum { CLI_OK, CLI_FAILED, CLI_USAGE };

struct wb_bot;

struct cli {
	struct wb_bot *bot;
	const char *env_file; /* --env-file, NULL: the default */
	const struct cli_cmd *cmd;
	char **argv;     /* its arguments, NULL at the end */
	struct cfg *cfg; /* through cli_cfg */
};

struct cli_cmd {
	const char *name;
	const char *usage; /* "cards list|check|render NAME [--data FILE]" */
	const char *help;  /* one sentence for `webexbot help` */
	const char *more;  /* lines about its words and values, or NULL */
	int (*run)(struct cli *c, int argc, char **argv); /* argv[0]: name */
};

/* All of them, NULL at the end. */
extern const struct cli_cmd *const cli_cmds[];
/* NULL: no such command. */
const struct cli_cmd *cli_find(const char *name);

/* The settings, read once.  NULL: the error is printed; return CLI_USAGE. */
struct cfg *cli_cfg(struct cli *c);
/* The same for a command that has a bot at work but is not the bot. */
struct cfg *cli_cfg_quiet(struct cli *c);

/* What the program is called, which is not webexbot in a bot of one's own. */
const char *cli_program(void);
/* "webexbot: TEXT" on stderr; returns `status`. */
int cli_say(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same from an error. */
int cli_err(int status, const struct err *e);
/* A warning, "FILE:LINE:COL: warning: what" or "webexbot: warning: what". */
void cli_warn(void *arg, const struct err *e);
/*
 * "webexbot: usage: webexbot USAGE", before it what is wrong with the
 * arguments as far as the usage tells: a word that it does not have, an
 * argument where it has none, a value that is missing.  Returns CLI_USAGE.
 */
int cli_usage(const struct cli *c);

#endif
