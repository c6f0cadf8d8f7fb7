/* webexbot help, webexbot version. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static int
help_list(void)
{
	size_t i;

	printf("%s: a self-hosted Webex bot and webhook hub\n"
	       "\n"
	       "usage: %s [--env-file FILE] COMMAND [ARGUMENT...]\n\n",
	    cli_program(), cli_program());
	for (i = 0; cli_cmds[i] != NULL; i++)
		printf("  %-10s %s\n", cli_cmds[i]->name, cli_cmds[i]->help);
	printf("\n"
	       "`%s help COMMAND` tells more of one, `man webexbot` of all;\n"
	       "`%s help run` lists the settings.\n",
	    cli_program(), cli_program());
	return CLI_OK;
}

static void
help_settings(void)
{
	unsigned i;

	puts("\nSettings, from the environment or a file of NAME=value lines "
	     "(./webexbot.env\nor --env-file FILE; the environment wins).  A "
	     "secret NAME may be given as\nNAME_FILE, a file that holds it.\n");
	for (i = 0; i < cfg_nrows; i++) {
		const struct cfg_row *r = &cfg_rows[i];

		printf("  %s", r->name);
		if (*r->def != '\0')
			printf(" (default %s)", r->def);
		printf("\n      %s\n", r->help);
		if (strcmp(r->type, "ENUM") == 0)
			printf("      one of %s\n", r->lo);
	}
}

static int
help_run(struct cli *c, int argc, char **argv)
{
	const struct cli_cmd *cmd;

	if (argc == 1)
		return help_list();
	if (argc > 2)
		return cli_usage(c);
	if ((cmd = cli_find(argv[1])) == NULL)
		return cli_say(CLI_USAGE,
		    "%s: no such command; %s help lists them", argv[1],
		    cli_program());
	printf("usage: %s %s\n\n%s\n", cli_program(), cmd->usage, cmd->help);
	if (cmd->more != NULL)
		printf("\n%s", cmd->more);
	if (strcmp(cmd->name, "run") == 0)
		help_settings();
	return CLI_OK;
}

static int
version_run(struct cli *c, int argc, char **argv)
{
	(void)argv;
	if (argc != 1)
		return cli_usage(c);
	puts("webexbot " WB_VERSION);
	return CLI_OK;
}

const struct cli_cmd cli_help = {
    .name = "help",
    .usage = "help [COMMAND]",
    .help = "lists the commands, or tells more of one",
    .run = help_run,
};

const struct cli_cmd cli_version = {
    .name = "version",
    .usage = "version",
    .help = "prints the version",
    .run = version_run,
};
