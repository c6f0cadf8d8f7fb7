/*
 * The dispatcher: wb_bot_main finds the subcommand and runs it.  Main
 * thread.
 */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <webexbot/webexbot.h>

#include "base/log.h"
#include "base/str.h"
#include "bot/api.h"

extern const struct cli_cmd cli_run, cli_demo, cli_sim, cli_webhooks, cli_cards,
    cli_events, cli_match, cli_inject, cli_test, cli_send, cli_broadcast,
    cli_inbound, cli_config, cli_help, cli_version;

const struct cli_cmd *const cli_cmds[] = {&cli_run, &cli_demo, &cli_sim,
    &cli_webhooks, &cli_cards, &cli_events, &cli_match, &cli_inject, &cli_test,
    &cli_send, &cli_broadcast, &cli_inbound, &cli_config, &cli_help,
    &cli_version, NULL};

static const char *cli_name = "webexbot"; /* as it was started */

const char *
cli_program(void)
{
	return cli_name;
}

static void
cli_called(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	if (*name != '\0')
		cli_name = name;
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

/* What follows "FILE:LINE:COL: "; NULL: it names no place. */
static const char *
cli_place(const char *text)
{
	const char *p = strstr(text, ": "), *what = p;
	int i;

	for (i = 0; i < 2 && p != NULL; i++) {
		const char *end = p;

		while (p > text && p[-1] >= '0' && p[-1] <= '9')
			p--;
		p = p < end && p > text && p[-1] == ':' ? p - 1 : NULL;
	}
	return p != NULL && p > text ? what + 2 : NULL;
}

/* What has a place stands alone. */
int
cli_err(int status, const struct err *e)
{
	if (cli_place(e->text) == NULL)
		return cli_say(status, "%s", e->text);
	fprintf(stderr, "%s\n", e->text);
	return status;
}

void
cli_warn(void *arg, const struct err *e)
{
	const char *what = cli_place(e->text);

	(void)arg;
	if (what == NULL)
		cli_say(CLI_OK, "warning: %s", e->text);
	else
		fprintf(stderr, "%.*swarning: %s\n", (int)(what - e->text),
		    e->text, what);
}

#define CLI_WORDS 32

/* The words of a usage that are written as they stand there. */
static size_t
cli_words(const char *usage, char words[CLI_WORDS][32])
{
	static const char small[] = "abcdefghijklmnopqrstuvwxyz-";
	const char *p = usage;
	size_t n = 0, len;

	while (n < CLI_WORDS && *(p += strcspn(p, small)) != '\0') {
		len = strspn(p, small);
		if (len < sizeof words[0]) {
			memcpy(words[n], p, len);
			words[n++][len] = '\0';
		}
		p += len;
	}
	return n;
}

/*
 * What is none of them: an option, or the first argument where the usage
 * begins with a verb.
 */
static const char *
cli_stray(const struct cli *c, const char **near)
{
	static char words[CLI_WORDS][32]; /* one error, and it is the end */
	static char word[32];
	const char *names[CLI_WORDS];
	size_t n = cli_words(c->cmd->usage, words), i, len;
	const char *first = c->cmd->usage + strlen(c->cmd->name);
	bool verb = islower((unsigned char)first[strspn(first, " [")]) != 0;
	char **arg;

	for (i = 0; i < n; i++)
		names[i] = words[i];
	for (arg = c->argv; arg != NULL && *arg != NULL; arg++) {
		if (strcmp(*arg, "--") == 0)
			break;
		if (strcmp(*arg, "-") == 0 ||
		    (**arg != '-' && !(verb && arg == c->argv)))
			continue;
		len = strcspn(*arg, "=");
		if (len == 0 || len >= sizeof word)
			continue;
		memcpy(word, *arg, len);
		word[len] = '\0';
		for (i = 0; i < n && strcmp(word, words[i]) != 0; i++)
			;
		if (i == n) {
			*near = str_nearest(word, names, n, sizeof names[0]);
			return word;
		}
	}
	return NULL;
}

/* Does the usage show --name with a value? */
static bool
cli_takes_value(const struct cli_cmd *cmd, const char *name, size_t n)
{
	const char *p = cmd->usage;

	while ((p = strstr(p, "--")) != NULL) {
		if (strncmp(p, name, n) == 0 && p[n] == ' ' &&
		    isalpha((unsigned char)p[n + 1]))
			return true;
		p += 2;
	}
	return false;
}

/* Does it show anything beside options and their values? */
static bool
cli_takes_any(const struct cli_cmd *cmd)
{
	const char *p = cmd->usage + strlen(cmd->name);
	bool value = false; /* of the option before */
	size_t n;

	for (; *(p += strspn(p, " []|")) != '\0'; p += n) {
		n = strcspn(p, " []|");
		if (!value && isalpha((unsigned char)*p))
			return true;
		value = p[n] == '|' ? value : *p == '-' && p[n] == ' ';
	}
	return false;
}

/* The first argument of a command that takes none. */
static const char *
cli_extra(const struct cli *c)
{
	char **arg;

	if (c->argv == NULL || cli_takes_any(c->cmd))
		return NULL;
	for (arg = c->argv; *arg != NULL; arg++) {
		if (**arg != '-')
			return *arg;
		if (cli_takes_value(c->cmd, *arg, strlen(*arg)) &&
		    *++arg == NULL)
			break;
	}
	return NULL;
}

/* An option at the end whose value is missing. */
static const char *
cli_bare(const struct cli *c)
{
	char **arg = c->argv;

	while (arg != NULL && *arg != NULL && arg[1] != NULL)
		arg++;
	return arg != NULL && *arg != NULL && str_prefix(*arg, "--") &&
		       cli_takes_value(c->cmd, *arg, strlen(*arg))
		   ? *arg
		   : NULL;
}

int
cli_usage(const struct cli *c)
{
	const char *near = NULL, *stray = cli_stray(c, &near), *what;

	if (stray != NULL)
		return cli_say(CLI_USAGE, "%s: %s: not known%s%s; usage: %s %s",
		    c->cmd->name, stray, near == NULL ? "" : ", did you mean ",
		    near == NULL ? "" : near, cli_name, c->cmd->usage);
	if ((what = cli_bare(c)) != NULL)
		return cli_say(CLI_USAGE, "%s: %s: a value is missing",
		    c->cmd->name, what);
	if ((what = cli_extra(c)) != NULL)
		return cli_say(CLI_USAGE,
		    "%s: %.80s: takes no argument; usage: %s %s", c->cmd->name,
		    what, cli_name, c->cmd->usage);
	return cli_say(CLI_USAGE, "usage: %s %s", cli_name, c->cmd->usage);
}

struct cfg *
cli_cfg(struct cli *c)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	struct err e = ERR_INIT;
	int level;

	if (c->cfg != NULL)
		return c->cfg;
	if ((c->cfg = cfg_load(c->env_file, &e)) == NULL) {
		cli_err(CLI_USAGE, &e);
		return NULL;
	}
	for (level = 0; strcmp(levels[level], c->cfg->log_level) != 0; level++)
		;
	log_init(
	    strcmp(c->cfg->log_format, "json") == 0, (enum log_level)level);
	return c->cfg;
}

struct cfg *
cli_cfg_quiet(struct cli *c)
{
	struct cfg *cfg = cli_cfg(c);

	if (cfg != NULL)
		log_init(strcmp(cfg->log_format, "json") == 0, LOG_ERROR);
	return cfg;
}

/* Take --env-file FILE (or =FILE) out, wherever it stands; -1: no FILE. */
static int
cli_take_env_file(struct cli *c, int *argc, char **argv)
{
	int i, k = 0;

	for (i = 0; i < *argc; i++) {
		if (strcmp(argv[i], "--env-file") == 0) {
			if (++i == *argc)
				return -1;
			c->env_file = argv[i];
		} else if (str_prefix(argv[i], "--env-file=")) {
			c->env_file = argv[i] + strlen("--env-file=");
		} else if (strcmp(argv[i], "--") == 0) {
			while (i < *argc)
				argv[k++] = argv[i++];
		} else {
			argv[k++] = argv[i];
		}
	}
	argv[k] = NULL;
	*argc = k;
	return 0;
}

/*
 * --name=value as two words, so that commands know one form only.  The words
 * of the caller stay as they are; what is split is in one block, for free().
 * NULL: no memory.
 */
static char **
cli_split(const struct cli_cmd *cmd, int *argc, char **argv)
{
	size_t room = (2 * (size_t)*argc + 1) * sizeof(char *), n;
	char **out, *name;
	int i, k = 0;
	bool more = true, value = false;

	for (i = 0; i < *argc; i++)
		room += strlen(argv[i]) + 1;
	if ((out = malloc(room)) == NULL)
		return NULL;
	name = (char *)(out + 2 * (size_t)*argc + 1);
	for (i = 0; i < *argc; i++) {
		out[k++] = argv[i];
		more = more && strcmp(argv[i], "--") != 0;
		n = strcspn(argv[i], "=");
		if (!more || value || !str_prefix(argv[i], "--") ||
		    !cli_takes_value(cmd, argv[i], n)) {
			value = false;
			continue;
		}
		value = argv[i][n] == '\0'; /* what follows is none */
		if (value)
			continue;
		out[k - 1] = memcpy(name, argv[i], n);
		name[n] = '\0';
		name += n + 1;
		out[k++] = argv[i] + n + 1;
	}
	out[k] = NULL;
	*argc = k;
	return out;
}

/* What was printed has arrived; nobody who reads is no error. */
static int
cli_printed(int status)
{
	if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE ||
	    status != CLI_OK)
		return status;
	return cli_say(CLI_FAILED, "stdout: %s", strerror(errno));
}

const struct cli_cmd *
cli_find(const char *name)
{
	size_t i;

	for (i = 0; cli_cmds[i] != NULL; i++)
		if (strcmp(cli_cmds[i]->name, name) == 0)
			return cli_cmds[i];
	return NULL;
}

/* Is it one of the verbs that a usage offers outside of its brackets? */
static bool
cli_is_verb(const struct cli_cmd *cmd, const char *name)
{
	const char *p = cmd->usage + strlen(cmd->name);
	size_t n = strlen(name);
	bool verb = true; /* what comes next may be one */
	int depth = 0;

	for (; *p != '\0'; p += *p != '\0') {
		depth += (*p == '[') - (*p == ']');
		if (verb && depth == 0 && strncmp(p, name, n) == 0 &&
		    strchr(" |", p[n]) != NULL)
			return n > 0;
		if (*p != ' ')
			verb = *p == '|';
	}
	return false;
}

/* The command that has it as a verb: `doctor` is `webhooks doctor`. */
static const struct cli_cmd *
cli_of_verb(const char *name)
{
	size_t i;

	for (i = 0; cli_cmds[i] != NULL; i++)
		if (cli_is_verb(cli_cmds[i], name))
			return cli_cmds[i];
	return NULL;
}

static int
cli_unknown(const char *name)
{
	const struct cli_cmd *of = cli_of_verb(name);
	const char *names[32], *near;
	size_t n;

	if (of != NULL)
		return cli_say(CLI_USAGE,
		    "%s: no such command, did you mean %s %s?", name, of->name,
		    name);

	for (n = 0; cli_cmds[n] != NULL; n++)
		names[n] = cli_cmds[n]->name;
	near = str_nearest(name, names, n, sizeof names[0]);
	if (near != NULL)
		return cli_say(CLI_USAGE,
		    "%s: no such command, did you mean %s?", name, near);
	return cli_say(CLI_USAGE, "%s: no such command; %s help lists them",
	    name, cli_name);
}

/* COMMAND ... --help */
static bool
cli_wants_help(int argc, char **argv)
{
	int i;

	for (i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

int
wb_bot_main(struct wb_bot *bot, int argc, char **argv)
{
	struct cli c = {.bot = bot};
	char **split = NULL;
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (bot == NULL)
		return cli_say(CLI_FAILED, "out of memory");
	cli_called(argc > 0 ? argv[0] : "");
	if (cli_take_env_file(&c, &argc, argv) == -1) {
		status = cli_say(CLI_USAGE, "--env-file: a file is missing");
	} else if (argc < 2) {
		c.cmd = &cli_help;
		status = cli_say(CLI_USAGE,
		    "usage: %s COMMAND [ARGUMENT...]; %s help lists the "
		    "commands, %s demo shows a bot at work",
		    cli_name, cli_name, cli_name);
	} else {
		const char *name = argv[1];

		if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
			name = "help";
		else if (strcmp(name, "--version") == 0)
			name = "version";
		c.cmd = cli_find(name);
		if (c.cmd != NULL &&
		    (split = cli_split(c.cmd, &argc, argv)) != NULL)
			argv = split;
		if (c.cmd != NULL && cli_wants_help(argc, argv)) {
			c.cmd = &cli_help; /* COMMAND --help: help COMMAND */
			argv[2] = argv[1];
			argc = 3;
		}
		c.argv = argv + 2;
		if (bot->e.kind != ERR_NONE)
			status = cli_err(CLI_USAGE, &bot->e);
		else if (c.cmd == NULL)
			status = cli_unknown(name);
		else
			status = c.cmd->run(&c, argc - 1, argv + 1);
	}
	status = cli_printed(status);
	free(split);
	if (bot->live->stuck)
		return status;
	cfg_free(c.cfg);
	wb_bot_free(bot);
	return status;
}
