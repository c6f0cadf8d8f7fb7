/*
 * webexbot config [check] [--json]: every setting, its value and where it
 * came from; `check` only checks, bot file and cards included.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "bot/bot.h"
#include "bot/vet.h"
#include "cli/cli.h"

#define CONFIG_MAX (1 << 20)

static void
config_text(const struct cfg *cfg, struct buf *out)
{
	unsigned i;

	for (i = 0; i < cfg_nrows; i++) {
		buf_addf(out, "%s=", cfg_rows[i].name);
		cfg_show(cfg, i, out);
		buf_addf(out, "  # %s\n", cfg_origin(cfg, i));
	}
}

static int
config_json(const struct cfg *cfg, struct buf *out)
{
	struct json *list = json_list(), *o;
	struct buf value;
	unsigned i;
	int rc = 0;

	buf_init(&value, CONFIG_MAX);
	for (i = 0; i < cfg_nrows && rc == 0; i++) {
		buf_clear(&value);
		cfg_show(cfg, i, &value);
		o = json_object();
		rc = json_add(list, o) == -1 ||
			     json_set_str(o, "name", cfg_rows[i].name) == -1 ||
			     json_set_str(o, "value", buf_str(&value)) == -1 ||
			     json_set_str(o, "origin", cfg_origin(cfg, i)) == -1
			 ? -1
			 : 0;
	}
	if (rc == 0)
		rc = json_print_pretty(list, out);
	buf_addc(out, '\n');
	buf_done(&value);
	json_free(list);
	return rc;
}

/* Text for mdoc(7): a backslash and a leading dot or quote mean more. */
static void
config_mdoc_text(const char *s, struct buf *out)
{
	size_t n;

	if (*s == '.' || *s == '\'')
		buf_adds(out, "\\&");
	for (; *s != '\0'; s++) {
		buf_addf(out, *s == '\\' ? "\\e" : "%c", *s);
		n = *s == '.' ? strspn(s + 1, " ") : 0;
		if (n > 0 && isupper((unsigned char)s[n + 1])) {
			buf_addc(out, '\n'); /* a sentence, a line */
			s += n;
		}
	}
}

/* The items of webexbot.env(5), from the table itself. */
static void
config_mdoc(struct buf *out)
{
	unsigned i;

	for (i = 0; i < cfg_nrows; i++) {
		const struct cfg_row *r = &cfg_rows[i];

		buf_addf(out, ".It Ev %s\n", r->name);
		config_mdoc_text(r->help, out);
		buf_addc(out, '\n');
		if (strcmp(r->type, "ENUM") == 0)
			buf_addf(out, "One of\n.Ql %s .\n", r->lo);
		else if (*r->lo != '\0')
			buf_addf(out, "Within %s and %s.\n", r->lo, r->hi);
		if (*r->def != '\0')
			buf_addf(out, "The default is\n.Ql %s .\n", r->def);
		if (r->flags & CFG_SECRET)
			buf_addf(
			    out, "A secret: also as\n.Ev %s_FILE .\n", r->name);
	}
}

static void
config_told(void *arg, const struct err *e)
{
	int *status = arg;

	*status = cli_err(CLI_FAILED, e);
}

/*
 * Everything that is wrong is told: whoever writes rules need not have a
 * token yet, and whoever sets up a bot wants to mend it all at once.
 */
static int
config_check(struct cli *c)
{
	struct err e = ERR_INIT;
	int status = CLI_OK;

	c->cfg = cfg_load_told(c->env_file, config_told, &status, &e);
	if (c->cfg == NULL)
		return cli_err(CLI_FAILED, &e);
	cfg_exposed(c->cfg, cli_warn, NULL);
	vet_warn(c->cfg, cli_warn, NULL);
	vet_tell(c->cfg, config_told, &status);
	if (bot_check(c->cfg, c->bot, &e) == -1)
		return cli_err(CLI_FAILED, &e);
	puts(status == CLI_OK ? "settings, rules and cards are fine"
			      : "rules and cards are fine");
	return status;
}

static int
config_run(struct cli *c, int argc, char **argv)
{
	bool check = false, json = false, mdoc = false;
	struct buf out;
	int i, rc = 0;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "check") == 0)
			check = true;
		else if (strcmp(argv[i], "--json") == 0)
			json = true;
		else if (strcmp(argv[i], "--mdoc") == 0)
			mdoc = true;
		else
			return cli_usage(c);
	}
	if (check)
		return config_check(c);
	if (cli_cfg(c) == NULL)
		return CLI_USAGE;
	buf_init(&out, CONFIG_MAX);
	if (mdoc)
		config_mdoc(&out);
	else if (json)
		rc = config_json(c->cfg, &out);
	else
		config_text(c->cfg, &out);
	fputs(buf_str(&out), stdout);
	buf_done(&out);
	return rc == 0 ? CLI_OK : CLI_FAILED;
}

const struct cli_cmd cli_config = {
    .name = "config",
    .usage = "config [check] [--json|--mdoc]",
    .help = "prints every setting with its value and where it came from; "
	    "check: only checks settings, rules and cards",
    .run = config_run,
};
