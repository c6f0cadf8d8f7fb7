/*
 * webexbot sim: the simulator alone, in the foreground, until it is told to
 * stop.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/cli.h"
#include "cli/preview.h"
#include "sim/sim.h"

static int
sim_number(const char *name, const char *s, int most, int *out, struct err *e)
{
	long long n;

	if (str_num(s, 0, most, &n) == -1)
		return err_set(e, ERR_PERM,
		    "sim: %s: \"%.80s\" is no number from 0 to %d", name, s,
		    most);
	*out = (int)n;
	return 0;
}

/* --name VALUE or --name=VALUE; the value, and *i on it; NULL: not it. */
static const char *
sim_value(const char *name, int argc, char **argv, int *i)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) != 0)
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	return argv[*i][n] == '\0' && *i + 1 < argc ? argv[++*i] : NULL;
}

/* -1: `e` says what is wrong, or it is the usage that does. */
static int
sim_args(struct sim_opts *o, int argc, char **argv, struct err *e)
{
	const char *v;
	int i;

	for (i = 1; i < argc; i++) {
		if ((v = sim_value("--listen", argc, argv, &i)) != NULL)
			o->listen = v;
		else if ((v = sim_value("--bot-name", argc, argv, &i)) != NULL)
			o->bot_name = v;
		else if ((v = sim_value("--rooms", argc, argv, &i)) != NULL) {
			if (sim_number("--rooms", v, 1000, &o->rooms, e) == -1)
				return -1;
		} else if ((v = sim_value("--latency", argc, argv, &i)) !=
			   NULL) {
			if (sim_number("--latency", v, 600000, &o->latency_ms,
				e) == -1)
				return -1;
		} else {
			return -1;
		}
	}
	return 0;
}

static void
sim_hello(const struct sim *s)
{
	printf("Chat page  %s/\n", sim_url(s));
	printf("REST API   %s/v1\n", sim_url(s));
	printf("Bot token  %s\n\n", sim_bot_token(s));
	printf("Point a bot at it:\n");
	printf("  export WEBEX_API_URL=%s/v1\n", sim_url(s));
	printf("  export WEBEX_ACCESS_TOKEN=%s\n", sim_bot_token(s));
	printf("  export WEBEXBOT_PUBLIC_URL=http://127.0.0.1:8080\n");
	printf("  webexbot webhooks apply && webexbot run\n");
	fflush(stdout);
}

static int
sim_run(struct cli *c, int argc, char **argv)
{
	struct sim_opts o = {.listen = "127.0.0.1:8081"};
	struct preview_gallery *gallery;
	struct err e = ERR_INIT;
	struct sim *s;
	sigset_t stop;
	int sig;

	if (sim_args(&o, argc, argv, &e) == -1)
		return e.kind == ERR_NONE ? cli_usage(c)
					  : cli_err(CLI_USAGE, &e);
	if (cli_cfg(c) == NULL)
		return CLI_USAGE;
	o.ca_file = c->cfg->ca_file;
	if ((gallery = preview_open(c->cfg->cards, true, &e)) == NULL)
		return cli_err(CLI_FAILED, &e);
	o.preview = preview_serve;
	o.preview_arg = gallery;
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	if ((s = sim_start(&o, &e)) == NULL) {
		preview_free(gallery);
		return cli_err(CLI_FAILED, &e);
	}
	sim_hello(s);
	sigwait(&stop, &sig);
	preview_stop(gallery);
	sim_stop(s);
	preview_free(gallery);
	return CLI_OK;
}

const struct cli_cmd cli_sim = {
    .name = "sim",
    .usage = "sim [--listen ADDR:PORT] [--bot-name NAME] [--rooms N] "
	     "[--latency MS]",
    .help = "the simulator alone: a small Webex cloud with a chat page",
    .run = sim_run,
};
