/*
 * webexbot broadcast: one message to many rooms of the bot.  Each room is an
 * event of its own with a key, so a broadcast that was cut off goes on where
 * it was when it is started again, and no room gets it twice.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/json.h"
#include "base/str.h"
#include "bot/vet.h"
#include "cli/cli.h"
#include "cli/send.h"
#include "net/verify.h"
#include "net/xfer.h"
#include "webex/wx.h"

#define BROADCAST_KIND "broadcast"
#define BROADCAST_PATIENCE_MS 60000
#define BROADCAST_BAR 30

struct broadcast {
	struct send s;
	const char *rooms; /* pattern of titles, NULL: all */
	const char *type;  /* direct, group, NULL: both */
	const char *name;
	char digest[VERIFY_HEX_MAX];
	long long rate; /* messages a second */
	bool dry;
	struct json *list; /* of rooms */
	int64_t put, before, first, start;
};

/* -1: `e` says what is wrong, or it is the usage that does. */
static int
broadcast_args(struct broadcast *b, int argc, char **argv, struct err *e)
{
	int i;

	b->rate = 10;
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--dry-run") == 0)
			b->dry = true;
		else if (strcmp(argv[i], "--rooms") == 0 && i + 1 < argc)
			b->rooms = argv[++i];
		else if (strcmp(argv[i], "--type") == 0 && i + 1 < argc)
			b->type = argv[++i];
		else if (strcmp(argv[i], "--name") == 0 && i + 1 < argc)
			b->name = argv[++i];
		else if (strcmp(argv[i], "--rate") == 0 && i + 1 < argc) {
			if (str_num(argv[++i], 1, 1000, &b->rate) == -1)
				return err_set(e, ERR_PERM,
				    "broadcast: --rate: \"%.80s\" is no number "
				    "from 1 to 1000",
				    argv[i]);
		} else if (send_option(&b->s, argc, argv, &i) == -1)
			return -1;
	}
	if (b->type != NULL && strcmp(b->type, "direct") != 0 &&
	    strcmp(b->type, "group") != 0)
		return err_set(e, ERR_PERM,
		    "broadcast: --type: \"%.80s\" is neither direct nor group",
		    b->type);
	return b->s.m.to != NULL ? -1 : 0;
}

/* -- the rooms -- */

static int
broadcast_list(struct cli *c, struct broadcast *b, struct err *e)
{
	struct xfer_opts xo = {.timeout_ms = (int)c->cfg->api_timeout,
	    .connections = 2,
	    .ca_file = c->cfg->ca_file,
	    .agent = "webexbot/" WB_VERSION};
	struct wx_opts wo = {.base = c->cfg->api_url,
	    .token = c->cfg->access_token,
	    .details = true};
	struct wx *wx = NULL;

	if ((wo.xfer = xfer_start(&xo, e)) == NULL)
		return -1;
	if ((wx = wx_new(&wo, e)) != NULL)
		b->list = wx_wait_list(
		    wx, WX_ROOM_LIST, "max=1000", BROADCAST_PATIENCE_MS, e);
	xfer_stop(wo.xfer);
	wx_free(wx);
	xfer_free(wo.xfer);
	return b->list == NULL ? -1 : 0;
}

static bool
broadcast_wants(const struct broadcast *b, const struct json *room)
{
	const char *title = json_get_str(room, "title");

	if (json_get_str(room, "id") == NULL ||
	    (b->type != NULL && !str_eq(b->type, json_get_str(room, "type"))))
		return false;
	return b->rooms == NULL || (title != NULL && str_glob(b->rooms, title));
}

/* -- putting -- */

/* Without a name, what is said is its name. */
static int
broadcast_name(struct broadcast *b, struct err *e)
{
	const struct compose *m = &b->s.m;
	struct buf text;
	int rc;

	if (b->name != NULL)
		return 0;
	buf_init(&text, 4 << 20);
	buf_addf(&text, "%s\n%s\n%s\n%s", m->text == NULL ? "" : m->text,
	    m->markdown == NULL ? "" : m->markdown,
	    m->card == NULL ? "" : m->card, m->data == NULL ? "" : m->data);
	rc = text.failed
		 ? -1
		 : verify_digest(VERIFY_SHA256, text.p, text.len, b->digest);
	buf_done(&text);
	if (rc == -1)
		return err_nomem(e);
	b->digest[16] = '\0';
	b->name = b->digest;
	return 0;
}

static int
broadcast_put(struct broadcast *b, struct composer *co, struct aside *a,
    const char *room, struct err *e)
{
	struct compose m = b->s.m;
	struct evq_new n = {.kind = BROADCAST_KIND};
	char *key = NULL;
	int64_t id;

	if (asprintf(&key, "broadcast:%s:%s", b->name, room) == -1)
		return err_nomem(e);
	m.to = room;
	n.key = key;
	n.due = b->start + b->put * 1000 / b->rate;
	id = send_put(co, a, &m, &n, e);
	free(key);
	if (id == -1)
		return -1;
	if (id == 0) {
		b->before++;
		return 0;
	}
	if (b->put++ == 0)
		b->first = id;
	return 0;
}

static int
broadcast_put_all(
    struct broadcast *b, struct composer *co, struct aside *a, struct err *e)
{
	const struct json *r;

	b->start = b->s.due > 0 ? b->s.due : clk_wall_ms();
	for (r = json_first(b->list); r != NULL; r = json_next(r))
		if (broadcast_wants(b, r) &&
		    broadcast_put(b, co, a, json_get_str(r, "id"), e) == -1)
			return -1;
	return 0;
}

/* -- progress -- */

static void
broadcast_bar(int64_t done, int64_t all)
{
	int full = all == 0 ? BROADCAST_BAR : (int)(done * BROADCAST_BAR / all);
	int i;

	if (!isatty(STDERR_FILENO))
		return;
	fputs("\r[", stderr);
	for (i = 0; i < BROADCAST_BAR; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %" PRId64 "/%" PRId64 "%s", done, all,
	    done == all ? "\n" : "");
	fflush(stderr);
}

static int
broadcast_follow(struct aside *a, struct err *e)
{
	int64_t left, all = -1;

	for (;;) {
		left = evq_view_left(
		    aside_view(a), SEND_SOURCE, BROADCAST_KIND, e);
		if (left == -1)
			return -1;
		if (all < left)
			all = left;
		broadcast_bar(all - left, all);
		if (left == 0)
			return 0;
		aside_nap();
	}
}

static int
broadcast_end(struct broadcast *b, struct aside *a)
{
	int64_t counts[EVQ_DEAD + 1];
	struct err e = ERR_INIT;

	if (b->s.due > clk_wall_ms()) {
		printf("%s: %" PRId64 " rooms queued\n", b->name, b->put);
		return CLI_OK;
	}
	if (broadcast_follow(a, &e) == -1 ||
	    evq_view_count(aside_view(a), SEND_SOURCE, BROADCAST_KIND,
		b->put > 0 ? b->first : INT64_MAX, counts, &e) == -1)
		return cli_err(CLI_FAILED, &e);
	printf("%s: %" PRId64 " sent, %" PRId64 " dead, %" PRId64
	       " had it before\n",
	    b->name, counts[EVQ_DONE] + counts[EVQ_UNCERTAIN], counts[EVQ_DEAD],
	    b->before);
	return counts[EVQ_DEAD] == 0 ? CLI_OK : CLI_FAILED;
}

static int
broadcast_dry(const struct broadcast *b)
{
	const struct json *r;
	const char *title;

	for (r = json_first(b->list); r != NULL; r = json_next(r))
		if (broadcast_wants(b, r)) {
			title = json_get_str(r, "title");
			printf("%s  %s\n", json_get_str(r, "id"),
			    title == NULL ? "" : title);
		}
	return CLI_OK;
}

static bool
broadcast_any(const struct broadcast *b)
{
	const struct json *r;

	for (r = json_first(b->list); r != NULL; r = json_next(r))
		if (broadcast_wants(b, r))
			return true;
	return false;
}

static int
broadcast_go(struct cli *c, struct broadcast *b)
{
	struct composer *co = NULL;
	struct aside *a = NULL;
	struct err e = ERR_INIT;
	int status;

	if (send_read_data(&b->s, &e) == -1 || broadcast_name(b, &e) == -1 ||
	    broadcast_list(c, b, &e) == -1)
		return cli_err(CLI_FAILED, &e);
	if (!broadcast_any(b) && b->rooms != NULL) /* misspelt, most likely */
		return cli_say(CLI_FAILED,
		    "--rooms: \"%s\": no room has that title", b->rooms);
	if (b->dry)
		return broadcast_dry(b);
	if ((co = composer_new(c->cfg, c->bot, &e)) == NULL ||
	    (a = aside_open(c, &e)) == NULL ||
	    broadcast_put_all(b, co, a, &e) == -1)
		status = cli_err(CLI_FAILED, &e);
	else
		status = broadcast_end(b, a);
	aside_close(a);
	composer_free(co);
	return status;
}

static int
broadcast_run(struct cli *c, int argc, char **argv)
{
	struct broadcast b = {.s = {.json = false}};
	struct err e = ERR_INIT;
	int status;

	if (broadcast_args(&b, argc, argv, &e) == -1)
		return e.kind == ERR_NONE ? cli_usage(c)
					  : cli_err(CLI_USAGE, &e);
	if (send_ready(&b.s, &e) == -1)
		return cli_err(CLI_USAGE, &e);
	if (cli_cfg_quiet(c) == NULL)
		return CLI_USAGE;
	if (vet_token(c->cfg, &e) == -1) /* the rooms are asked for */
		return cli_err(CLI_USAGE, &e);
	status = broadcast_go(c, &b);
	json_free(b.list);
	free(b.s.data);
	return status;
}

const struct cli_cmd cli_broadcast = {
    .name = "broadcast",
    .usage = "broadcast [--text TEXT] [--markdown TEXT] [--card NAME [--data "
	     "FILE]] [--rooms TITLE*] [--type direct|group] [--name NAME] "
	     "[--rate N] [--at TIME] [--dry-run]",
    .help = "one message to many rooms of the bot; started again, it goes on "
	    "where it was",
    .more = "  TITLE*     rooms whose title is like that, * for any text\n"
	    "  --name     of the broadcast: each room has it once under one;\n"
	    "             without it, what is said is its name\n"
	    "  N          messages a second, 1 to 1000 (10)\n"
	    "  --dry-run  lists the rooms\n" SEND_VALUES,
    .run = broadcast_run,
};
