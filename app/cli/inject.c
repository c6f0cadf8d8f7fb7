/*
 * webexbot inject FILE: one saved notification through the whole bot.  The
 * signature is not asked for, and one that has been seen before is taken
 * again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "bot/event.h"
#include "bot/rehearse.h"
#include "bot/saved.h"
#include "cli/aside.h"
#include "cli/cli.h"
#include "cli/outcome.h"

#define INJECT_WAIT_MS 60000

struct inject {
	const char *file;
	bool dry, json;
	char *raw;
	size_t len;
};

/* The file, "-" for standard input; -1: `e` says why. */
static int
inject_read(struct inject *in, size_t max, struct err *e)
{
	const char *path = strcmp(in->file, "-") == 0 ? "/dev/stdin" : in->file;

	struct json *j;

	if ((in->raw = file_read(path, max, &in->len, e)) == NULL)
		return -1;
	if ((j = json_parse(in->raw, in->len, e)) == NULL)
		return err_prefix(e, "%s:", in->file);
	json_free(j);
	return 0;
}

/* Is all that rules look at in the notification itself? */
static bool
inject_tells(const struct inject *in)
{
	struct json *j = json_parse(in->raw, in->len, NULL);
	const char *resource = json_get_str(j, "resource");
	const struct json *data = json_get(j, "data");
	bool tells = true;

	if (str_eq(resource, "messages"))
		tells = json_get_str(data, "text") != NULL;
	else if (str_eq(resource, "attachmentActions"))
		tells = json_get(data, "inputs") != NULL;
	json_free(j);
	return tells;
}

static int
inject_dry(struct cli *c, const struct inject *in)
{
	struct err e = ERR_INIT;
	struct json *out;
	int status = CLI_OK;

	if (*c->cfg->access_token == '\0' && !inject_tells(in))
		return cli_say(CLI_USAGE,
		    "WEBEX_ACCESS_TOKEN is not set: what was said must be "
		    "fetched, unless the notification has it as data.text or "
		    "data.inputs");
	out = rehearse_saved(c->cfg, c->bot, in->raw, in->len, &e);
	if (out == NULL)
		return cli_say(CLI_FAILED, "%s: %s", in->file, e.text);
	if (outcome_print(c->cfg, out, in->json) == -1)
		status = cli_say(CLI_FAILED, "out of memory");
	else if (strcmp(json_get_str(out, "state"), "done") != 0)
		status = CLI_FAILED;
	json_free(out);
	return status;
}

static int64_t
inject_put(struct aside *a, struct saved *s, struct err *e)
{
	int64_t id = aside_put(a, &s->item, e);

	if (id == 0) {
		s->item.key = NULL; /* seen before: it is wanted again */
		id = aside_put(a, &s->item, e);
	}
	return id;
}

static int
inject_show(const struct inject *in, struct json *o)
{
	outcome_body(o);
	return outcome_event(o, "rule", json_get_str(o, "rule"), in->json);
}

static int
inject_real(struct cli *c, const struct inject *in)
{
	struct err e = ERR_INIT;
	struct aside *a = NULL;
	struct json *o = NULL;
	struct saved s;
	int64_t id;
	int status;

	if (saved_read(&s, in->raw, in->len, &e) == -1) {
		saved_done(&s);
		return cli_say(CLI_FAILED, "%s: %s", in->file, e.text);
	}
	if ((a = aside_open(c, &e)) != NULL &&
	    (id = inject_put(a, &s, &e)) != -1)
		o = aside_wait(a, id, INJECT_WAIT_MS, &e);
	status = o == NULL ? cli_err(CLI_FAILED, &e) : inject_show(in, o);
	json_free(o);
	aside_close(a);
	saved_done(&s);
	return status;
}

static int
inject_args(struct inject *in, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--dry-run") == 0)
			in->dry = true;
		else if (strcmp(argv[i], "--json") == 0)
			in->json = true;
		else if ((argv[i][0] == '-' && argv[i][1] != '\0') ||
			 in->file != NULL)
			return -1;
		else
			in->file = argv[i];
	}
	return in->file == NULL ? -1 : 0;
}

static int
inject_run(struct cli *c, int argc, char **argv)
{
	struct inject in = {0};
	struct err e = ERR_INIT;
	int status;

	if (inject_args(&in, argc, argv) == -1)
		return cli_usage(c);
	if (cli_cfg_quiet(c) == NULL)
		return CLI_USAGE;
	if (!in.dry && aside_ready(c, &e) == -1)
		return cli_err(CLI_USAGE, &e);
	if (inject_read(&in, (size_t)c->cfg->body_max, &e) == -1)
		return cli_err(CLI_FAILED, &e);
	status = in.dry ? inject_dry(c, &in) : inject_real(c, &in);
	free(in.raw);
	return status;
}

const struct cli_cmd cli_inject = {
    .name = "inject",
    .usage = "inject FILE [--dry-run] [--json]",
    .help = "puts one saved notification through the whole bot; --dry-run: "
	    "prints what it would send",
    .run = inject_run,
};
