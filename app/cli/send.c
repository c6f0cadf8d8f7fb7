/*
 * webexbot send and broadcast: messages from outside, through the outbox.
 * With the bot running it sends them; without, the command does it itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "base/when.h"
#include "bot/compose.h"
#include "cli/aside.h"
#include "cli/cli.h"
#include "cli/outcome.h"
#include "cli/send.h"

#define SEND_WAIT_MS 60000
#define SEND_DATA_MAX (1 << 20)
#define SEND_ID_MIN 32 /* a raw uuid has 36, a public id more */

int
send_option(struct send *s, int argc, char **argv, int *i)
{
	const struct {
		const char *name;
		const char **value;
	} rows[] = {{"--to", &s->m.to}, {"--text", &s->m.text},
	    {"--markdown", &s->m.markdown}, {"--card", &s->m.card},
	    {"--data", &s->data_file}, {"--at", &s->at}};
	size_t k;

	if (strcmp(argv[*i], "--json") == 0) {
		s->json = true;
		return 0;
	}
	for (k = 0; k < sizeof rows / sizeof rows[0]; k++)
		if (strcmp(argv[*i], rows[k].name) == 0 && *i + 1 < argc) {
			*rows[k].value = argv[++*i];
			return 0;
		}
	return -1;
}

/* What can be told before anything is read: 0 or -1. */
int
send_ready(struct send *s, struct err *e)
{
	if (s->m.text == NULL && s->m.markdown == NULL && s->m.card == NULL)
		return err_set(e, ERR_PERM,
		    "nothing to say: --text, --markdown or --card");
	if (s->data_file != NULL && s->m.card == NULL)
		return err_set(e, ERR_PERM, "--data is for a --card");
	if (s->at != NULL && when_parse(s->at, clk_wall_ms(), &s->due, e) == -1)
		return err_prefix(e, "--at: ");
	return 0;
}

/* Webex says only "not found", and only after a call. */
static bool
send_to_is_fit(const char *to)
{
	static const char id[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz0123456789_-=+/";
	const char *at = strchr(to, '@');

	if (at != NULL)
		return at > to && at[1] != '\0' &&
		       to[strcspn(to, " \t\n")] == '\0';
	return strlen(to) >= SEND_ID_MIN && to[strspn(to, id)] == '\0';
}

int
send_read_data(struct send *s, struct err *e)
{
	const char *path = s->data_file;

	if (path == NULL)
		return 0;
	if (strcmp(path, "-") == 0)
		path = "/dev/stdin";
	s->data = file_read(path, SEND_DATA_MAX, NULL, e);
	s->m.data = s->data;
	s->m.file = path;
	return s->data == NULL ? -1 : 0;
}

int64_t
send_put(struct composer *c, struct aside *a, const struct compose *m,
    struct evq_new *n, struct err *e)
{
	struct buf bytes;
	int64_t id = -1;

	n->source = SEND_SOURCE;
	n->lane = ""; /* of its own: nobody waits for it */
	n->room = strchr(m->to, '@') == NULL ? m->to : "";
	buf_init(&bytes, SEND_BYTES_MAX);
	if (compose(c, n->kind, m, &bytes, e) == 0) {
		n->body = buf_str(&bytes);
		n->len = bytes.len;
		id = aside_put(a, n, e);
	}
	buf_done(&bytes);
	return id;
}

static int
send_show(const struct send *s, const struct json *o)
{
	const struct json *r = json_first(json_get(o, "replies"));

	return outcome_event(
	    o, "message", json_get_str(r, "messageId"), s->json);
}

/* It waits for its time. */
static int
send_planned(const struct send *s, int64_t id)
{
	char at[CLK_TEXT];

	clk_text(s->due, at);
	if (s->json)
		printf("{\"id\":%" PRId64 ",\"state\":\"queued\",\"due\":"
		       "\"%s\"}\n",
		    id, at);
	else
		printf("%" PRId64 "  queued for %s\n", id, at);
	return CLI_OK;
}

static int
send_go(struct send *s, struct composer *c, struct aside *a)
{
	struct evq_new n = {.kind = "send", .due = s->due};
	struct err e = ERR_INIT;
	struct json *o;
	int64_t id = send_put(c, a, &s->m, &n, &e);
	int status;

	if (id == -1)
		return cli_err(CLI_FAILED, &e);
	if (s->due > clk_wall_ms())
		return send_planned(s, id);
	if ((o = aside_wait(a, id, SEND_WAIT_MS, &e)) == NULL)
		return cli_err(CLI_FAILED, &e);
	status = send_show(s, o);
	json_free(o);
	return status;
}

static int
send_run(struct cli *c, int argc, char **argv)
{
	struct send s = {0};
	struct composer *co = NULL;
	struct aside *a = NULL;
	struct err e = ERR_INIT;
	int i, status;

	for (i = 1; i < argc; i++)
		if (send_option(&s, argc, argv, &i) == -1)
			return cli_usage(c);
	if (s.m.to == NULL || *s.m.to == '\0')
		return cli_say(CLI_USAGE, "send: --to is missing");
	if (!send_to_is_fit(s.m.to))
		return cli_say(CLI_USAGE,
		    "--to: \"%.80s\" is neither an email address nor an id",
		    s.m.to);
	if (send_ready(&s, &e) == -1)
		return cli_err(CLI_USAGE, &e);
	if (cli_cfg_quiet(c) == NULL)
		return CLI_USAGE;
	if (aside_ready(c, &e) == -1)
		return cli_err(CLI_USAGE, &e);
	if (send_read_data(&s, &e) == -1 ||
	    (co = composer_new(c->cfg, c->bot, &e)) == NULL ||
	    (a = aside_open(c, &e)) == NULL)
		status = cli_err(CLI_FAILED, &e);
	else
		status = send_go(&s, co, a);
	aside_close(a);
	composer_free(co);
	free(s.data);
	return status;
}

const struct cli_cmd cli_send = {
    .name = "send",
    .usage = "send --to EMAIL|ID [--text TEXT] [--markdown TEXT] [--card NAME "
	     "[--data FILE]] [--at TIME] [--json]",
    .help = "sends a message, whether the bot is running or not",
    .more = "  EMAIL|ID   a person's address, or the id of a person or "
	    "room\n" SEND_VALUES,
    .run = send_run,
};
