/*
 * webexbot inbound list|new|test: the inbound webhooks of bot.json; a new
 * one with fresh secrets, to be pasted; the variables of an example, and a
 * signed test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clk.h"
#include "base/file.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "bot/brain.h"
#include "bot/hand.h"
#include "bot/hub.h"
#include "cli/cli.h"
#include "connect/codes.h"
#include "connect/inbound.h"
#include "connect/vars.h"
#include "net/verify.h"
#include "net/xfer.h"

#define INBOUND_FILE_MAX (4 << 20)
#define INBOUND_OUT_MAX (4 << 20)
#define INBOUND_TIMEOUT_MS 10000
#define INBOUND_HEADERS 5

struct inbound_cli {
	struct cli *cli;
	struct brain_slot slot;
	const char *args[3]; /* after the options */
	int nargs;
	const char *url; /* --url */
	bool json;
	bool dry;
	struct buf out;
};

static int
inbound_cli_args(struct inbound_cli *in, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			in->json = true;
		else if (strcmp(argv[i], "--dry-run") == 0)
			in->dry = true;
		else if (strcmp(argv[i], "--url") == 0 && i + 1 < argc)
			in->url = argv[++i];
		else if (str_prefix(argv[i], "--") || in->nargs == 3)
			return -1;
		else
			in->args[in->nargs++] = argv[i];
	}
	return in->nargs == 0 ? -1 : 0;
}

/* With the real secrets, since one is to be signed with. */
static int
inbound_cli_load(struct inbound_cli *in, bool secrets, struct err *e)
{
	pthread_mutex_init(&in->slot.lock, NULL);
	in->slot.secrets = secrets;
	return brain_load(&in->slot, in->cli->cfg, in->cli->bot, e);
}

/* Where callers reach the bot. */
static const char *
inbound_cli_base(const struct inbound_cli *in, char *out, size_t size)
{
	const struct cfg *cfg = in->cli->cfg;
	size_t n = strcspn(cfg->listen, ",");
	bool tls = n > 0 && cfg->listen[n - 1] == 's';

	if (in->url != NULL)
		return in->url;
	if (*cfg->public_url != '\0')
		return cfg->public_url;
	snprintf(out, size, "http%s://%.*s", tls ? "s" : "",
	    (int)(tls ? n - 1 : n), cfg->listen);
	return out;
}

/*
 * The address of one; what the operator gave may be it already, as it stands
 * in the other program.
 */
static void
inbound_cli_url(const struct inbound_cli *in, const char *id, struct buf *out)
{
	char base[256], path[600] = "";
	const char *url = inbound_cli_base(in, base, sizeof base);
	size_t n = strlen(url);
	struct buf b;

	buf_init(&b, sizeof path - 1);
	buf_adds(&b, "/events/");
	urlenc_add(&b, id, strlen(id), URLENC_PLAIN);
	snprintf(path, sizeof path, "%s", buf_str(&b));
	buf_done(&b);
	while (n > 0 && url[n - 1] == '/')
		n--;
	buf_add(out, url, n);
	if (!str_suffix(buf_str(out), path))
		buf_adds(out, path);
}

/* -- list -- */

static void
inbound_cli_row(void *arg, struct hub_inbound *hi)
{
	struct inbound_cli *in = arg;
	const char *id = inbound_id(hi->in);
	bool answers = hi->rule.says.n > 0;
	char kind[INBOUND_ID_MAX + 16];
	struct buf asks;

	snprintf(kind, sizeof kind, "inbound.%s", id);
	answers |= hand_hears(in->cli->bot, kind);

	buf_init(&asks, 4096);
	gate_describe(inbound_gate(hi->in), &asks);
	if (inbound_sign(hi->in) != NULL)
		buf_addf(&asks, "%ssignature %s in %s",
		    asks.len > 0 ? ", " : "",
		    sign_algorithm(inbound_sign(hi->in)),
		    sign_header(inbound_sign(hi->in)));
	if (in->json && in->out.len > 1)
		buf_adds(&in->out, ",\n ");
	if (in->json)
		buf_addf(&in->out,
		    "{\"id\": \"%s\", \"active\": %s, \"asks\": \"%s\", "
		    "\"replies\": %zu}",
		    id, inbound_active(hi->in) ? "true" : "false",
		    buf_str(&asks), hi->rule.says.n);
	else
		buf_addf(&in->out, "%s  %s  %s%s\n", id,
		    asks.len > 0 ? buf_str(&asks) : "open to anybody",
		    answers ? "answers" : "no reply",
		    inbound_active(hi->in) ? "" : "  (not active)");
	buf_done(&asks);
}

static int
inbound_cli_list(struct inbound_cli *in)
{
	struct err e = ERR_INIT;

	if (in->nargs != 1)
		return cli_usage(in->cli);
	if (inbound_cli_load(in, false, &e) == -1)
		return cli_err(CLI_FAILED, &e);
	if (in->json)
		buf_addc(&in->out, '[');
	hub_inbound_each(brain_hub(in->slot.current), inbound_cli_row, in);
	if (in->json)
		buf_adds(&in->out, "]\n");
	else if (in->out.len == 0)
		buf_adds(&in->out, "no inbound webhooks\n");
	fputs(buf_str(&in->out), stdout);
	return CLI_OK;
}

/* -- new -- */

/* "deploy-2" as the part of a variable's name: DEPLOY_2. */
static void
inbound_cli_name(const char *id, char *out, size_t size)
{
	size_t n = 0;

	for (; *id != '\0' && n + 1 < size; id++)
		out[n++] =
		    (*id >= 'a' && *id <= 'z') ? (char)(*id - 'a' + 'A')
		    : (*id >= 'A' && *id <= 'Z') || (*id >= '0' && *id <= '9')
			? *id
			: '_';
	out[n] = '\0';
}

static int
inbound_cli_new(struct inbound_cli *in)
{
	char id[13], name[64], key[41], raw[33], sign[65];
	const char *what = in->nargs > 1 ? in->args[1] : id;
	char base[256];
	struct buf jwt;
	size_t i;

	if (in->nargs > 2)
		return cli_usage(in->cli);
	if (in->nargs > 1 && !inbound_id_ok(what))
		return cli_say(CLI_USAGE, "%s: %s", what, INBOUND_ID_RULE);
	if (verify_random_hex(6, id) == -1 ||
	    verify_random_hex(20, key) == -1 ||
	    verify_random_hex(16, raw) == -1 ||
	    verify_random_hex(32, sign) == -1)
		return cli_say(CLI_FAILED, "no random numbers");
	for (i = 0; id[i] != '\0'; i++)
		if (id[i] >= 'a')
			id[i] = (char)(id[i] - 'a' + 'A');
	inbound_cli_name(what, name, sizeof name);
	buf_init(&jwt, 256);
	b64_encode(raw, strlen(raw), &jwt);
	buf_addf(&in->out,
	    "Into \"inbound\" of bot.json (leave out what callers cannot do:\n"
	    "key or jwt will do, and a signature, if there is one, is\n"
	    "always asked for):\n\n"
	    "    \"%s\": {\n"
	    "      \"key\": \"env:INBOUND_%s_KEY\",\n"
	    "      \"jwt\": { \"serviceId\": \"%s\", "
	    "\"secret\": \"env:INBOUND_%s_JWT\" },\n"
	    "      \"signature\": { \"algorithm\": \"sha256\", "
	    "\"secret\": \"env:INBOUND_%s_SIGN\" },\n"
	    "      \"rate\": 10,\n"
	    "      \"reply\": { \"to\": { \"toPersonEmail\": "
	    "\"you@example.com\" }, \"code\": \"${event}\" }\n"
	    "    }\n\n"
	    "Into the environment, or webexbot.env:\n\n"
	    "    INBOUND_%s_KEY=%s\n"
	    "    INBOUND_%s_JWT=%s\n"
	    "    INBOUND_%s_SIGN=%s\n\n"
	    "Then try it, with an example of what will come (or with\n"
	    "cards/curl.sample.json):\n\n"
	    "    webexbot inbound test %s example.json\n\n"
	    "Its address: %s/events/%s\n",
	    what, name, what, name, name, name, key, name, buf_str(&jwt), name,
	    sign, what, inbound_cli_base(in, base, sizeof base), what);
	fputs(buf_str(&in->out), stdout);
	buf_done(&jwt);
	return CLI_OK;
}

/* -- test -- */

static int
inbound_cli_variable(void *arg, const char *name, const struct json *value)
{
	struct buf *out = arg;

	buf_addf(out, "%s = ", name);
	json_print(value, out);
	return buf_addc(out, '\n');
}

/* The headers that this webhook asks for; they live in `lines`. */
static int
inbound_cli_headers(const struct hub_inbound *hi, const char *body, size_t len,
    bool xml, struct buf lines[INBOUND_HEADERS],
    const char *headers[INBOUND_HEADERS])
{
	const struct gate *g = inbound_gate(hi->in);
	const struct sign *s = inbound_sign(hi->in);
	int n = 0, rc = 0;

	buf_addf(
	    &lines[n++], "Content-Type: application/%s", xml ? "xml" : "json");
	if (gate_key(g) != NULL) {
		buf_addf(&lines[n++], "key: %s", gate_key(g));
	} else {
		buf_adds(&lines[n], "Authorization: Bearer ");
		if (gate_token(g, clk_wall_ms(), &lines[n]) == 0)
			n++;
		else
			buf_clear(&lines[n]);
	}
	if (s != NULL) {
		buf_addf(&lines[n], "%s: ", sign_header(s));
		rc = sign_make(s, body, len, &lines[n++]);
	}
	headers[n] = NULL;
	while (n > 0) {
		n--;
		headers[n] = buf_str(&lines[n]);
	}
	return rc;
}

static int
inbound_cli_post(struct inbound_cli *in, const struct hub_inbound *hi,
    const char *body, size_t len, bool xml)
{
	struct xfer_opts o = {.timeout_ms = INBOUND_TIMEOUT_MS,
	    .connections = 2,
	    .ca_file = in->cli->cfg->ca_file,
	    .agent = "webexbot/" WB_VERSION};
	const char *headers[INBOUND_HEADERS];
	struct xfer_req q = {.method = "POST",
	    .headers = headers,
	    .body = body,
	    .body_len = len};
	struct buf lines[INBOUND_HEADERS], url;
	struct xfer_res *res = NULL;
	struct err e = ERR_INIT;
	char why[CODE_WHY];
	struct xfer *x;
	int i, status = CLI_FAILED;

	for (i = 0; i < INBOUND_HEADERS; i++)
		buf_init(&lines[i], 16384);
	buf_init(&url, 4096);
	inbound_cli_url(in, inbound_id(hi->in), &url);
	q.url = buf_str(&url);
	if (inbound_cli_headers(hi, body, len, xml, lines, headers) == -1)
		err_set(&e, ERR_PERM, "it cannot be signed");
	else if ((x = xfer_start(&o, &e)) != NULL) {
		res = xfer_wait(x, &q, &e);
		xfer_stop(x);
		xfer_free(x);
	}
	if (res == NULL) {
		cli_err(CLI_FAILED, &e);
	} else if (res->end != XFER_ANSWERED) {
		cli_say(CLI_FAILED, "%s: %s", q.url, res->error);
	} else {
		printf("%d %s\n", res->status, res->body);
		if (code_of(res->body, res->body_len, why) == CODE_QUEUED)
			status = CLI_OK;
	}
	xfer_res_free(res);
	for (i = 0; i < INBOUND_HEADERS; i++)
		buf_done(&lines[i]);
	buf_done(&url);
	return status;
}

/*
 * The file of an example.  What a card is shown with has it as "event", as
 * templates see it: that part is what a program sends.
 */
static struct json *
inbound_cli_read(
    const char *path, struct buf *body, enum vars_kind *kind, struct err *e)
{
	struct json *data, *event;
	size_t len;
	char *text = file_read(path, INBOUND_FILE_MAX, &len, e);

	if (text == NULL)
		return NULL;
	*kind = vars_kind(NULL, text, len);
	if ((data = vars_parse(*kind, text, len, e)) == NULL)
		err_prefix(e, "%s: ", path);
	else if (str_suffix(path, ".sample.json") &&
		 (event = json_get(data, "event")) != NULL) {
		event = json_dup(event);
		json_free(data);
		if ((data = event) == NULL || json_print(data, body) == -1)
			err_nomem(e);
	} else {
		buf_add(body, text, len);
	}
	free(text);
	return data;
}

static int
inbound_cli_test(struct inbound_cli *in)
{
	struct err e = ERR_INIT;
	struct hub_inbound *hi;
	struct json *data;
	enum vars_kind kind = VARS_JSON;
	struct buf body;
	int status;

	if (in->nargs != 3)
		return cli_usage(in->cli);
	if (inbound_cli_load(in, !in->dry, &e) == -1)
		return cli_err(CLI_FAILED, &e);
	hi = hub_inbound(brain_hub(in->slot.current), in->args[1]);
	if (hi == NULL)
		return cli_say(CLI_FAILED,
		    "%s: bot.json has no inbound webhook of this ID",
		    in->args[1]);
	buf_init(&body, INBOUND_FILE_MAX);
	if ((data = inbound_cli_read(in->args[2], &body, &kind, &e)) == NULL) {
		status = cli_err(CLI_FAILED, &e);
	} else {
		vars_each(data, inbound_cli_variable, &in->out);
		fputs(buf_str(&in->out), stdout);
		fflush(stdout);
		status = in->dry ? CLI_OK
				 : inbound_cli_post(in, hi, buf_str(&body),
				       buf_len(&body), kind == VARS_XML);
	}
	json_free(data);
	buf_done(&body);
	return status;
}

static int
inbound_cli_run(struct cli *c, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(struct inbound_cli *in);
	} rows[] = {{"list", inbound_cli_list}, {"new", inbound_cli_new},
	    {"test", inbound_cli_test}};
	struct inbound_cli in = {.cli = c};
	int status = CLI_USAGE;
	size_t i;

	if (inbound_cli_args(&in, argc, argv) == -1)
		return cli_usage(c);
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].name, in.args[0]) == 0)
			break;
	if (i == sizeof rows / sizeof rows[0])
		return cli_usage(c);
	if (cli_cfg(c) == NULL)
		return CLI_USAGE;
	buf_init(&in.out, INBOUND_OUT_MAX);
	status = rows[i].fn(&in);
	brain_unref(in.slot.current);
	buf_done(&in.out);
	return status;
}

const struct cli_cmd cli_inbound = {
    .name = "inbound",
    .usage = "inbound list [--json] | new [ID] | "
	     "test ID FILE [--url URL] [--dry-run]",
    .help = "inbound webhooks: what there is, one with fresh secrets, the "
	    "variables of an example and a signed test",
    .run = inbound_cli_run,
};
