/*
 * webexbot webhooks list|plan|apply|delete|doctor: the webhooks of the bot
 * against those it needs.  Everything waits; nothing runs beside it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "bot/bot.h"
#include "bot/brain.h"
#include "bot/keeper.h"
#include "bot/vet.h"
#include "cli/cli.h"
#include "cli/webhooks.h"
#include "net/verify.h"
#include "net/xfer.h"
#include "webex/wx.h"
#include "webex/wx_hook.h"
#include "webex/wx_id.h"

#define HOOKS_PATIENCE_MS 60000
#define HOOKS_SECRET_BYTES 32
#define HOOKS_OUT_MAX (1 << 20)

struct hooks {
	struct cli *cli;
	struct cfg *cfg;
	bool json;
	bool verbose;
	bool quiet;
	struct xfer *xfer;
	struct wx *wx;
	struct json *me;
	struct json *list; /* all webhooks of the account */
	char *target;
	char *secret;  /* the current one */
	int bad;       /* what the doctor has found */
	bool mendable; /* some of it, by apply */
	struct json *verdicts;
};

static int
hooks_connect(struct hooks *h, struct err *e)
{
	struct xfer_opts xo = {.timeout_ms = (int)h->cfg->api_timeout,
	    .connections = 4,
	    .ca_file = h->cfg->ca_file,
	    .agent = "webexbot/" WB_VERSION};
	struct wx_opts wo = {.base = h->cfg->api_url,
	    .token = h->cfg->access_token,
	    .details = true};

	if ((h->xfer = xfer_start(&xo, e)) == NULL)
		return -1;
	wo.xfer = h->xfer;
	return (h->wx = wx_new(&wo, e)) == NULL ? -1 : 0;
}

/* The token works, and it is a bot's. */
static int
hooks_prove(struct hooks *h, struct err *e)
{
	struct wx_call c = {.endpoint = WX_PEOPLE_ME};
	const char *type;

	if (wx_wait(h->wx, &c, HOOKS_PATIENCE_MS, &h->me, e) == -1)
		return err_prefix(e, "the token could not be proved%s: ",
		    strstr(e->text, ": 404") == NULL
			? ""
			: " (is WEBEX_API_URL right?)");
	type = json_get_str(h->me, "type");
	if (type != NULL && strcmp(type, "bot") != 0)
		return err_set(e, ERR_PERM,
		    "WEBEX_ACCESS_TOKEN is the token of a %s, not of a bot: "
		    "its messages would be answered as well, and it expires",
		    type);
	return 0;
}

static int
hooks_fetch(struct hooks *h, struct err *e)
{
	h->list = wx_wait_list(
	    h->wx, WX_WEBHOOK_LIST, "max=100", HOOKS_PATIENCE_MS, e);
	return h->list == NULL ? -1 : 0;
}

static int
hooks_target(struct hooks *h, struct err *e)
{
	h->target = wx_hook_target(h->cfg->public_url);
	return h->target == NULL ? err_nomem(e) : 0;
}

/*
 * The secret in use, or with `make` a new one, into the file that
 * WEBEX_WEBHOOK_SECRET_FILE names (mode 0600).
 */
static int
hooks_make_secret(struct hooks *h, struct err *e)
{
	const char *path = cfg_secret_file(h->cfg);
	char hex[2 * HOOKS_SECRET_BYTES + 2];

	if (verify_random_hex(HOOKS_SECRET_BYTES, hex) == -1)
		return err_set(e, ERR_BUG, "no random numbers");
	strcat(hex, "\n");
	if (file_write(path, hex, strlen(hex), 0600, e) == -1)
		return -1;
	hex[2 * HOOKS_SECRET_BYTES] = '\0';
	if ((h->secret = strdup(hex)) == NULL)
		return err_nomem(e);
	fprintf(stderr,
	    "webexbot: made a random secret and stored it in %s (mode 0600)\n",
	    path);
	return 0;
}

static int
hooks_secret(struct hooks *h, bool make, struct err *e)
{
	size_t n = strcspn(h->cfg->webhook_secret, ",");

	if (n > 0) {
		h->secret = strndup(h->cfg->webhook_secret, n);
		return h->secret == NULL ? err_nomem(e) : 0;
	}
	if (make)
		return hooks_make_secret(h, e);
	h->secret = strdup("");
	return h->secret == NULL ? err_nomem(e) : 0;
}

static int
hooks_plan(struct hooks *h, bool none, struct wx_plan *p, struct err *e)
{
	struct brain_slot slot = {.current = NULL};
	const struct wx_want *wants = NULL;
	size_t n = 0;
	int rc;

	pthread_mutex_init(&slot.lock, NULL);
	if (!none) {
		if (brain_load(&slot, h->cfg, h->cli->bot, e) == -1)
			return -1;
		wants = brain_wants(slot.current, &n);
	}
	rc = wx_plan(h->list, wants, n, h->target, h->secret, p, e);
	brain_unref(slot.current);
	return rc;
}

/* -- output -- */

static void
hooks_print(const struct hooks *h, const struct wx_plan *p, bool done)
{
	struct json *list = json_list();
	struct buf out;
	size_t i;

	buf_init(&out, HOOKS_OUT_MAX);
	for (i = 0; i < p->n; i++) {
		if (h->json) {
			json_add(list, wx_step_json(&p->steps[i]));
			continue;
		}
		wx_step_text(&p->steps[i], done, &out);
		buf_addc(&out, '\n');
	}
	if (h->json) {
		json_print_pretty(list, &out);
		buf_addc(&out, '\n');
	}
	fputs(buf_str(&out), stdout);
	buf_done(&out);
	json_free(list);
}

static const char *
hooks_field(const struct json *hook, const char *name)
{
	const char *s = json_get_str(hook, name);

	return s == NULL ? "-" : s;
}

static int
hooks_list(struct hooks *h)
{
	struct json *hook;
	struct buf out;

	buf_init(&out, HOOKS_OUT_MAX);
	for (hook = json_first(h->list); hook != NULL; hook = json_next(hook)) {
		const char *name = hooks_field(hook, "name");

		json_del(hook, "secret");
		buf_addf(&out, "%-8s %s/%s -> %s%s%s\n",
		    hooks_field(hook, "status"), hooks_field(hook, "resource"),
		    hooks_field(hook, "event"), hooks_field(hook, "targetUrl"),
		    str_prefix(name, WX_HOOK_PREFIX) ? "" : "  (not ours: ",
		    str_prefix(name, WX_HOOK_PREFIX) ? "" : name);
		if (!str_prefix(name, WX_HOOK_PREFIX))
			buf_cut(&out, buf_len(&out) - 1), buf_adds(&out, ")\n");
	}
	if (h->json) {
		buf_clear(&out);
		json_print_pretty(h->list, &out);
		buf_addc(&out, '\n');
	} else if (buf_len(&out) == 0) {
		buf_adds(&out, "no webhooks\n");
	}
	fputs(buf_str(&out), stdout);
	buf_done(&out);
	return 0;
}

/* -- carrying out -- */

/* JSON in one line, its secret masked; an empty line where there is none. */
static void
hooks_tell_json(const char *before, struct json *j)
{
	struct buf b;

	buf_init(&b, 64 * 1024);
	if (json_get(j, "secret") != NULL)
		json_set_str(j, "secret", "********");
	if (j != NULL)
		json_print(j, &b);
	fprintf(stderr, "%s %s\n", before, buf_str(&b));
	buf_done(&b);
}

/* A call and its answer, or why there is none. */
static void
hooks_tell(const struct wx_step *s, const struct wx_call *c,
    const struct buf *body, struct json *answer, const struct err *e)
{
	struct json *asked =
	    body->len == 0 ? NULL : json_parse(body->p, body->len, NULL);
	char call[256];

	snprintf(call, sizeof call, "%s %s%s%s", wx_method(c->endpoint),
	    wx_path(c->endpoint), s->id == NULL ? "" : " ",
	    s->id == NULL ? "" : s->id);
	hooks_tell_json(call, asked);
	hooks_tell_json(e->kind == ERR_NONE ? "-> ok" : e->text, answer);
	json_free(asked);
}

static int
hooks_step(struct hooks *h, const struct wx_step *s, struct err *e)
{
	struct json *answer = NULL;
	struct wx_call c;
	struct buf body;
	int rc = -1;

	if (s->verb == WX_KEEP)
		return 0;
	buf_init(&body, 64 * 1024);
	if (wx_step_call(s, h->secret, &c, &body) == -1)
		err_nomem(e);
	else
		rc = wx_wait(h->wx, &c, HOOKS_PATIENCE_MS, &answer, e);
	if (h->verbose)
		hooks_tell(s, &c, &body, answer, e);
	json_free(answer);
	buf_done(&body);
	return rc == 0 ? 0 : err_prefix(e, "%s/%s: ", s->resource, s->event);
}

static int
hooks_carry_out(struct hooks *h, bool none, bool really, struct err *e)
{
	struct wx_plan p;
	bool changed = false;
	size_t i;
	int rc = 0;

	if (hooks_plan(h, none, &p, e) == -1)
		return -1;
	for (i = 0; really && i < p.n && rc == 0; i++) {
		rc = hooks_step(h, &p.steps[i], e);
		changed = changed || p.steps[i].verb != WX_KEEP;
	}
	/* what was said while they were not right is not lost */
	if (changed && !none && !h->quiet)
		keeper_mended(h->cfg->store);
	if (rc == 0 && !h->quiet) {
		hooks_print(h, &p, really);
		if (p.n == 0 && !h->json)
			puts(none ? "none of ours is there" : "nothing to do");
	}
	wx_plan_done(&p);
	return rc;
}

/* -- doctor -- */

static void hooks_verdict(struct hooks *h, bool ok, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
hooks_verdict(struct hooks *h, bool ok, const char *fmt, ...)
{
	char text[1000];
	struct json *o;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	h->bad += !ok;
	if (!h->json) {
		printf("%s%s\n", ok ? "ok    " : "FAIL  ", text);
		return;
	}
	o = json_object();
	if (json_set(o, "ok", json_new_bool(ok)) == -1 ||
	    json_set_str(o, "text", text) == -1) {
		json_free(o);
		o = NULL;
	}
	json_add(h->verdicts, o);
}

static void
hooks_doctor_reach(struct hooks *h)
{
	struct err e = ERR_INIT;
	int status = wx_hook_probe(h->xfer, h->target, &e);

	if (status != -1)
		hooks_verdict(h, status == 200, "%s: HEAD answers HTTP %d",
		    h->target, status);
	else
		hooks_verdict(h, false,
		    "%s: no answer to HEAD: %s (does the bot run, and does "
		    "that address lead to it?)",
		    h->target, e.text);
}

static void
hooks_doctor_plan(struct hooks *h)
{
	struct err e = ERR_INIT;
	struct wx_plan p;
	struct buf out;
	size_t i;

	if (hooks_plan(h, false, &p, &e) == -1) {
		hooks_verdict(h, false, "%s", e.text);
		return;
	}
	buf_init(&out, HOOKS_OUT_MAX);
	for (i = 0; i < p.n; i++) {
		buf_clear(&out);
		wx_step_finding(&p.steps[i], &out);
		h->mendable |= p.steps[i].verb != WX_KEEP;
		hooks_verdict(
		    h, p.steps[i].verb == WX_KEEP, "webhook %s", buf_str(&out));
	}
	buf_done(&out);
	wx_plan_done(&p);
}

static void
hooks_doctor_owner(struct hooks *h)
{
	const char *id = json_get_str(h->me, "id");
	struct json *hook;

	for (hook = json_first(h->list); hook != NULL; hook = json_next(hook)) {
		const char *by = json_get_str(hook, "createdBy");

		if (by != NULL && !wx_id_same(by, id))
			hooks_verdict(h, false,
			    "webhook %s was created by another account: the "
			    "token cannot read what it tells of",
			    hooks_field(hook, "name"));
	}
}

static int
hooks_doctor(struct hooks *h, struct err *e)
{
	const char *name = json_get_str(h->me, "displayName");
	struct buf out;

	h->verdicts = json_list();
	hooks_verdict(
	    h, true, "token: it is %s", name == NULL ? "a bot" : name);
	hooks_verdict(h, *h->secret != '\0', "secret: %s",
	    *h->secret != '\0' ? "is set" : "WEBEX_WEBHOOK_SECRET is not set");
	hooks_doctor_plan(h);
	hooks_doctor_owner(h);
	hooks_doctor_reach(h);
	if (h->json) {
		buf_init(&out, HOOKS_OUT_MAX);
		json_print_pretty(h->verdicts, &out);
		printf("%s\n", buf_str(&out));
		buf_done(&out);
	}
	if (h->bad > 0)
		return err_set(e, ERR_PERM,
		    "not well: %d problem%s, see FAIL above%s", h->bad,
		    h->bad > 1 ? "s" : "",
		    h->mendable ? "; `webexbot webhooks apply` mends the "
				  "webhooks"
				: "");
	if (!h->json)
		puts("all is well: Webex can reach the bot, and the webhooks "
		     "are as they should be");
	return 0;
}

/* -- the command -- */

enum hooks_verb {
	HOOKS_LIST,
	HOOKS_PLAN,
	HOOKS_APPLY,
	HOOKS_DELETE,
	HOOKS_DOCTOR,
	HOOKS_NONE
};

static int
hooks_do(struct hooks *h, enum hooks_verb verb, struct err *e)
{
	if (hooks_connect(h, e) == -1 || hooks_prove(h, e) == -1 ||
	    hooks_fetch(h, e) == -1)
		return -1;
	if (verb == HOOKS_LIST)
		return hooks_list(h);
	if (verb == HOOKS_DELETE)
		return hooks_carry_out(h, true, true, e);
	if (hooks_target(h, e) == -1 ||
	    hooks_secret(h, verb == HOOKS_APPLY, e) == -1)
		return -1;
	if (verb == HOOKS_DOCTOR)
		return hooks_doctor(h, e);
	return hooks_carry_out(h, false, verb == HOOKS_APPLY, e);
}

static void
hooks_done(struct hooks *h)
{
	wx_free(h->wx);
	xfer_stop(h->xfer);
	xfer_free(h->xfer);
	json_free(h->me);
	json_free(h->list);
	json_free(h->verdicts);
	free(h->target);
	free(h->secret);
}

int
webhooks_go(struct cli *c, struct bot *b, const char *origin, struct err *e)
{
	struct hooks h = {.cli = c, .cfg = c->cfg, .quiet = true};
	char url[256];
	int rc;

	snprintf(url, sizeof url, "http://%s", bot_address(b, 0));
	if (cfg_set(c->cfg, "WEBEXBOT_PUBLIC_URL", url, origin, e) == -1)
		return -1;
	rc = hooks_do(&h, HOOKS_APPLY, e);
	hooks_done(&h);
	return rc == -1 ? -1 : bot_go(b, e);
}

/* What the verb needs of the settings. */
static int
hooks_settings(const struct cfg *cfg, enum hooks_verb verb, struct err *e)
{
	if (vet_token(cfg, e) == -1)
		return -1;
	return verb == HOOKS_LIST || verb == HOOKS_DELETE
		   ? 0
		   : vet_public_url(cfg, e);
}

static enum hooks_verb
hooks_verb(const char *name)
{
	static const char *const names[] = {
	    "list", "plan", "apply", "delete", "doctor"};
	int i;

	for (i = 0; i < HOOKS_NONE; i++)
		if (strcmp(name, names[i]) == 0)
			break;
	return (enum hooks_verb)i;
}

static int
webhooks_run(struct cli *c, int argc, char **argv)
{
	struct hooks h = {.cli = c};
	enum hooks_verb verb = HOOKS_NONE;
	struct err e = ERR_INIT;
	int i, rc;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			h.json = true;
		else if (strcmp(argv[i], "--verbose") == 0)
			h.verbose = true;
		else if (verb != HOOKS_NONE ||
			 (verb = hooks_verb(argv[i])) == HOOKS_NONE)
			return cli_usage(c);
	}
	if (verb == HOOKS_NONE)
		return cli_usage(c);
	if ((h.cfg = cli_cfg(c)) == NULL)
		return CLI_USAGE;
	cfg_warnings(h.cfg, cli_warn, NULL);
	if (hooks_settings(h.cfg, verb, &e) == -1)
		return cli_err(CLI_USAGE, &e);
	rc = hooks_do(&h, verb, &e);
	hooks_done(&h);
	return rc == 0 ? CLI_OK : cli_err(CLI_FAILED, &e);
}

const struct cli_cmd cli_webhooks = {
    .name = "webhooks",
    .usage = "webhooks list|plan|apply|delete|doctor [--json] [--verbose]",
    .help = "registration: what is there, what is needed, making it so",
    .more = "  list       all of the account; ours are called webexbot:...\n"
	    "  plan       what apply would do\n"
	    "  apply      creates, moves, re-activates, deletes doubles\n"
	    "  delete     removes ours; others are never touched\n"
	    "  doctor     what is wrong; also asks WEBEXBOT_PUBLIC_URL\n"
	    "  --verbose  tells each call and its answer, secrets masked\n",
    .run = webhooks_run,
};
