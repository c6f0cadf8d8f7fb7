/* webexbot cards: card templates on the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "card/evaluate.h"
#include "cli/cli.h"

#define CARDS_LINE_MAX (8u * 1024 * 1024)

/* A line in, a line out, until the end of the input. */
static int
cards_evaluate(void)
{
	char *line = NULL;
	size_t cap = 0;
	struct buf out;
	ssize_t n;
	int rc = CLI_OK;

	buf_init(&out, 4 * CARDS_LINE_MAX);
	while ((n = getline(&line, &cap, stdin)) != -1) {
		if (n > 0 && line[n - 1] == '\n')
			n--;
		if (n == 0)
			continue;
		buf_clear(&out);
		if (evaluate_line(line, (size_t)n, &out) == -1) {
			buf_clear(&out);
			buf_adds(&out, "{\"error\":{\"kind\":\"evaluation\","
				       "\"message\":\"out of memory\"}}\n");
		}
		fwrite(buf_str(&out), 1, buf_len(&out), stdout);
		if (fflush(stdout) == EOF) {
			rc = CLI_FAILED;
			break;
		}
	}
	free(line);
	buf_done(&out);
	return rc;
}

static int
cards_run(struct cli *c, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "evaluate") == 0)
		return cards_evaluate();
	return cli_usage(c);
}

const struct cli_cmd cli_cards = {
    .name = "cards",
    .usage = "cards list|check|render|evaluate",
    .help = "lists, checks and renders card templates",
    .run = cards_run,
};
