/*
 * webexbot demo: the simulator and the bot wired together on loopback, in
 * one process, with nothing left behind.  Settings that name the outside
 * world are replaced; WEBEXBOT_CARDS and the like hold, so one's own bot
 * can be tried the same way.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "bot/bot.h"
#include "cli/cli.h"
#include "cli/demo.h"
#include "cli/preview.h"
#include "cli/webhooks.h"
#include "net/verify.h"
#include "sim/sim.h"
#include "store/scratch.h"

#define DEMO_LISTEN "127.0.0.1:8081"
#define DEMO_ORIGIN "demo" /* of its settings */
#define DEMO_ANY "127.0.0.1:0"
#define DEMO_THREADS 128 /* an open page holds a few */

struct demo {
	struct cli *cli;
	const char *listen; /* of the chat page, NULL: the usual */
	struct sim *sim;
	struct preview_gallery *gallery;
	struct bot *bot;
	struct scratch store;
	char *rules; /* for the phone */
};

static int
demo_set(struct demo *d, const char *name, const char *value, struct err *e)
{
	return cfg_set(d->cli->cfg, name, value, DEMO_ORIGIN, e);
}

/* The usual port, or any when that is taken and none was asked for. */
static int
demo_start_sim(struct demo *d, struct err *e)
{
	struct sim_opts o = {
	    .listen = d->listen != NULL ? d->listen : DEMO_LISTEN,
	    .threads = DEMO_THREADS};
	struct err first = ERR_INIT;

	d->gallery = preview_open(d->cli->cfg->cards, true, e);
	if (d->gallery == NULL)
		return -1;
	o.preview = preview_serve;
	o.preview_arg = d->gallery;
	d->sim = sim_start(&o, d->listen != NULL ? e : &first);
	if (d->sim == NULL && d->listen == NULL) {
		o.listen = DEMO_ANY;
		d->sim = sim_start(&o, e);
	}
	return d->sim == NULL ? -1 : 0;
}

/*
 * Where there is no cards folder, those that came with the program are taken:
 * installed (PREFIX/bin, PREFIX/share), or of the clone it was built in.
 */
static int
demo_cards(struct demo *d, struct err *e)
{
	static const char *const places[] = {
	    "../share/webexbot/cards", "../cards"};
	char path[4096], *real = NULL;
	ssize_t n;
	size_t i;
	int rc = 0;

	if (access(d->cli->cfg->cards, F_OK) == 0 ||
	    strcmp(cfg_origin_of(d->cli->cfg, "WEBEXBOT_CARDS"), "default") !=
		0 ||
	    (n = readlink("/proc/self/exe", path, sizeof path - 64)) <= 0)
		return 0;
	while (n > 0 && path[n - 1] != '/')
		n--;
	for (i = 0; real == NULL && i < 2; i++) {
		strcpy(path + n, places[i]);
		real = realpath(path, NULL);
	}
	if (real != NULL)
		rc = demo_set(d, "WEBEXBOT_CARDS", real, e);
	free(real);
	return rc;
}

/* Never one of a bot's: its events are none of this Webex. */
static int
demo_store(struct demo *d, struct err *e)
{
	if (scratch_make(&d->store, e) == -1)
		return -1;
	return demo_set(d, "WEBEXBOT_STORE", d->store.where, e);
}

static int
demo_settings(struct demo *d, struct err *e)
{
	char url[256], secret[65];

	snprintf(url, sizeof url, "%s/v1", sim_url(d->sim));
	if (verify_random_hex(32, secret) == -1)
		return err_set(e, ERR_BUG, "no random numbers");
	if (demo_set(d, "WEBEX_API_URL", url, e) == -1 ||
	    demo_set(d, "WEBEX_ACCESS_TOKEN", sim_bot_token(d->sim), e) == -1 ||
	    demo_set(d, "WEBEX_WEBHOOK_SECRET", secret, e) == -1 ||
	    demo_set(d, "WEBEXBOT_LISTEN", DEMO_ANY, e) == -1 ||
	    demo_set(d, "WEBEXBOT_ADMIN_LISTEN", DEMO_ANY, e) == -1)
		return -1;
	return demo_store(d, e);
}

/* What the chat page offers to say. */
static int
demo_tries(struct demo *d, struct err *e)
{
	struct buf words;
	int rc;

	buf_init(&words, 4096);
	bot_words(d->bot, &words);
	rc = words.failed ? 0 : sim_tries(d->sim, buf_str(&words));
	buf_done(&words);
	return rc == 0 ? 0 : err_nomem(e);
}

static int
demo_start(struct demo *d, struct err *e)
{
	if (demo_phone_secrets(e) == -1 || demo_cards(d, e) == -1 ||
	    demo_start_sim(d, e) == -1 || demo_settings(d, e) == -1 ||
	    demo_phone_rules(sim_url(d->sim), &d->rules, e) == -1)
		return -1;
	d->cli->cfg->extra = d->rules;
	if ((d->bot = bot_start(d->cli->cfg, d->cli->bot, e)) == NULL)
		return -1;
	if (demo_tries(d, e) == -1 || demo_phone_connect(d->cli->cfg, d->sim,
					  bot_address(d->bot, 0), e) == -1)
		return -1;
	return webhooks_go(d->cli, d->bot, DEMO_ORIGIN, e);
}

static void
demo_stop(struct demo *d)
{
	bot_stop(d->bot);
	preview_stop(d->gallery);
	sim_stop(d->sim);
	preview_free(d->gallery);
	d->cli->cfg->extra = NULL;
	free(d->rules);
	scratch_drop(&d->store);
}

static int
demo_run(struct cli *c, int argc, char **argv)
{
	struct demo d = {.cli = c};
	struct err e = ERR_INIT;
	sigset_t set;
	int sig, rc;

	if (argc == 3 && strcmp(argv[1], "--listen") == 0)
		d.listen = argv[2];
	else if (argc != 1)
		return cli_usage(c);
	if (cli_cfg(c) == NULL)
		return CLI_USAGE;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if ((rc = demo_start(&d, &e)) == 0) {
		printf("\n  The bot is ready. Chat with it here:  %s/\n"
		       "  A phone, and Webex Connect:  %s/connect\n"
		       "  Rules and cards: %s/   Health: http://%s/readyz\n"
		       "  Webhooks and inbound webhooks: http://%s/\n"
		       "  Ctrl-C stops both.\n\n",
		    sim_url(d.sim), sim_url(d.sim), c->cfg->cards,
		    bot_admin_address(d.bot), bot_address(d.bot, 0));
		fflush(stdout);
		while (sigwait(&set, &sig) != 0)
			;
	}
	demo_stop(&d);
	if (rc == 0)
		puts("stopped");
	return rc == 0 ? CLI_OK : cli_err(CLI_FAILED, &e);
}

const struct cli_cmd cli_demo = {
    .name = "demo",
    .usage = "demo [--listen ADDR:PORT]",
    .help = "the simulator and the bot wired together on loopback; prints "
	    "the address of the chat page",
    .run = demo_run,
};
