/*
 * webexbot run: the bot in the foreground, until SIGTERM or SIGINT; SIGHUP
 * reads certificate, token, rules and cards again.
 */
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "bot/bot.h"
#include "bot/vet.h"
#include "cli/cli.h"

static int
run_until_signal(struct bot *b, const sigset_t *set)
{
	int sig;

	for (;;) {
		if (sigwait(set, &sig) != 0)
			continue;
		if (sig != SIGHUP)
			return sig;
		bot_reload(b);
	}
}

static void
run_told(void *arg, const struct err *e)
{
	(void)arg;
	log_warn("%s", e->text);
}

static int
run_run(struct cli *c, int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct cfg *cfg;
	struct bot *b;
	sigset_t set;
	size_t i;

	(void)argv;
	if (argc != 1)
		return cli_usage(c);
	/*
	 * Before anything else, so that a SIGHUP that comes early is not the
	 * end, and before the first thread, so that all leave signals to us.
	 */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if ((cfg = cli_cfg(c)) == NULL)
		return CLI_USAGE;
	vet_warn(cfg, run_told, NULL);
	if (vet_settings(cfg, &e) == -1)
		return cli_err(CLI_USAGE, &e);
	if ((b = bot_start(cfg, c->bot, &e)) == NULL)
		return cli_err(CLI_FAILED, &e);
	for (i = 0; bot_address(b, i) != NULL; i++)
		log_info("listening on %s", bot_address(b, i));
	if (bot_admin_address(b) != NULL)
		log_info("health and metrics on %s", bot_admin_address(b));
	if (bot_go(b, &e) == -1) {
		bot_stop(b);
		return cli_err(CLI_FAILED, &e);
	}
	mem_trim();
	log_info("stopping (signal %d)", run_until_signal(b, &set));
	bot_stop(b);
	log_info("stopped");
	return CLI_OK;
}

const struct cli_cmd cli_run = {
    .name = "run",
    .usage = "run",
    .help = "the bot: receives webhooks, answers; in the foreground",
    .run = run_run,
};
