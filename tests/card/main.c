/*
 * `cards` alone, for tests and bulk checks: the subcommand with a little of
 * what the program would give it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

extern const struct cli_cmd cli_cards;

struct cfg *
cli_cfg(struct cli *c)
{
	struct err e = ERR_INIT;

	if (c->cfg == NULL && (c->cfg = cfg_load(NULL, &e)) == NULL)
		cli_err(CLI_USAGE, &e);
	return c->cfg;
}

int
cli_say(int status, const char *fmt, ...)
{
	va_list ap;

	fputs("webexbot: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}

int
cli_err(int status, const struct err *e)
{
	return cli_say(status, "%s", e->text);
}

int
cli_usage(const struct cli *c)
{
	return cli_say(CLI_USAGE, "usage: webexbot %s", c->cmd->usage);
}

int
main(int argc, char **argv)
{
	struct cli c = {.cmd = &cli_cards};
	int rc = cli_cards.run(&c, argc, argv);

	cfg_free(c.cfg);
	return rc;
}
