/*
 * webexbot match TEXT: which rule answers this text, and with what.  Nothing
 * is fetched, sent or stored: the person, the room and the message are made
 * up.
 */
#include <string.h>

#include "base/json.h"
#include "bot/rehearse.h"
#include "cli/cli.h"
#include "cli/outcome.h"

struct match {
	struct rehearse_said said;
	bool json;
};

static int
match_args(struct match *m, int argc, char **argv)
{
	bool plain = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (!plain && strcmp(argv[i], "--") == 0)
			plain = true;
		else if (!plain && strcmp(argv[i], "--json") == 0)
			m->json = true;
		else if (!plain && strcmp(argv[i], "--as") == 0)
			m->said.email = argv[++i];
		else if (!plain && strcmp(argv[i], "--room") == 0)
			m->said.room = argv[++i];
		else if ((!plain && strncmp(argv[i], "--", 2) == 0) ||
			 m->said.text != NULL)
			return -1;
		else
			m->said.text = argv[i];
		if (i == argc)
			return -1;
	}
	return m->said.text == NULL || m->said.email == NULL ? -1 : 0;
}

static int
match_run(struct cli *c, int argc, char **argv)
{
	struct match m = {.said = {.email = "you@example.com"}};
	struct err e = ERR_INIT;
	struct json *out;
	int status = CLI_OK;

	if (match_args(&m, argc, argv) == -1)
		return cli_usage(c);
	if (cli_cfg_quiet(c) == NULL)
		return CLI_USAGE;
	if ((out = rehearse_said(c->cfg, c->bot, &m.said, &e)) == NULL)
		return cli_err(CLI_FAILED, &e);
	if (outcome_print(c->cfg, out, m.json) == -1)
		status = cli_say(CLI_FAILED, "out of memory");
	else if (json_count(json_get(out, "requests")) == 0 ||
		 strcmp(json_get_str(out, "state"), "done") != 0)
		status = CLI_FAILED;
	json_free(out);
	return status;
}

const struct cli_cmd cli_match = {
    .name = "match",
    .usage = "match TEXT [--as EMAIL] [--room ID] [--json]",
    .help = "which rule answers this text, and with what; sends nothing",
    .run = match_run,
};
