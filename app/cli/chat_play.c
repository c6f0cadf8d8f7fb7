/*
 * Playing a chat script: a simulator and a bot of its own in this process,
 * the store in memory.  People act through the simulator's control API; the
 * bot has answered when no delivery is under way and nothing is due in its
 * queue, so silence is known without waiting.  See chat.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "bot/bot.h"
#include "cli/chat.h"
#include "cli/webhooks.h"
#include "net/verify.h"
#include "net/xfer.h"
#include "sim/sim.h"

#define PLAY_ORIGIN "chat script" /* of its settings */
#define PLAY_ANY "127.0.0.1:0"
#define PLAY_SETTLE_MS 20000
#define PLAY_BODY_MAX (8 << 20)
#define PLAY_REPORT_MAX (4 << 20)
#define PLAY_GOT_MAX 10000

struct play {
	struct cli cli; /* with settings of our own */
	const struct chat_script *s;
	struct chat_result *r;
	struct sim *sim;
	struct bot *bot;
	struct xfer *x;
	struct json *state; /* of the simulator: rooms and people */
	int64_t seq;        /* what has been seen of it */
	struct json *items; /* lists of messages, kept for `got` */
	struct chat_got *got;
	size_t ngot;
	size_t from; /* the first since the last action */
	const struct chat_line *action;
	size_t told;   /* lines of the source that `update` has */
	int64_t moved; /* ms by which the clock was moved by hand */
};

/* -- the control API -- */

static struct json *
play_call(struct play *p, const char *method, const char *path,
    const char *body, struct err *e)
{
	static const char *const headers[] = {
	    "Content-Type: application/json", NULL};
	struct xfer_req q = {.method = method,
	    .headers = headers,
	    .body = body,
	    .body_len = body == NULL ? 0 : strlen(body),
	    .resp_max = PLAY_BODY_MAX};
	struct xfer_res *res;
	struct json *j = NULL;
	char url[512];
	const char *why;

	snprintf(url, sizeof url, "%s/sim/%s", sim_url(p->sim), path);
	q.url = url;
	if ((res = xfer_wait(p->x, &q, e)) == NULL)
		return NULL;
	if (res->end != XFER_ANSWERED) {
		err_set(e, ERR_BUG, "the simulator: %s", res->error);
	} else if ((j = json_parse(res->body, res->body_len, e)) != NULL &&
		   res->status != 200) {
		why = json_get_str(j, "message");
		err_set(e, ERR_PERM, "%s", why == NULL ? path : why);
		json_free(j);
		j = NULL;
	}
	xfer_res_free(res);
	return j;
}

static int
play_post(struct play *p, const char *path, const char *body, struct err *e)
{
	struct json *j = play_call(p, "POST", path, body, e);

	json_free(j);
	return j == NULL ? -1 : 0;
}

static int
play_post_json(
    struct play *p, const char *path, const struct json *body, struct err *e)
{
	struct buf b;
	int rc = -1;

	buf_init(&b, PLAY_BODY_MAX);
	if (json_print(body, &b) == -1)
		err_nomem(e);
	else
		rc = play_post(p, path, buf_str(&b), e);
	buf_done(&b);
	return rc;
}

/* -- start and stop -- */

static int
play_set(struct play *p, const char *name, const char *value, struct err *e)
{
	return cfg_set(p->cli.cfg, name, value, PLAY_ORIGIN, e);
}

/* `cards DIR` counts from the script's own folder. */
static int
play_cards(struct play *p, const char *dir, struct err *e)
{
	const char *slash = strrchr(p->s->path, '/');
	char *path = NULL;
	int rc;

	if (*dir == '/' || slash == NULL)
		return play_set(p, "WEBEXBOT_CARDS", dir, e);
	if (asprintf(&path, "%.*s/%s", (int)(slash - p->s->path), p->s->path,
		dir) == -1)
		return err_nomem(e);
	rc = play_set(p, "WEBEXBOT_CARDS", path, e);
	free(path);
	return rc;
}

static int
play_settings(struct play *p, struct err *e)
{
	static const char *const fixed[][2] = {{"WEBEXBOT_LISTEN", PLAY_ANY},
	    {"WEBEXBOT_ADMIN_LISTEN", ""}, {"WEBEXBOT_STORE", "mem:"},
	    {"WEBEXBOT_WEBHOOK_CHECK", "0"}, {"WEBEXBOT_CATCHUP", "0"}};
	char url[256], secret[65];
	size_t i;

	snprintf(url, sizeof url, "%s/v1", sim_url(p->sim));
	if (verify_random_hex(32, secret) == -1)
		return err_set(e, ERR_BUG, "no random numbers");
	if (play_set(p, "WEBEX_API_URL", url, e) == -1 ||
	    play_set(p, "WEBEX_ACCESS_TOKEN", sim_bot_token(p->sim), e) == -1 ||
	    play_set(p, "WEBEX_WEBHOOK_SECRET", secret, e) == -1)
		return -1;
	for (i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		if (play_set(p, fixed[i][0], fixed[i][1], e) == -1)
			return -1;
	for (i = 0; i < p->s->n; i++) {
		const struct chat_line *l = &p->s->v[i];

		if ((l->verb == CHAT_SET &&
			play_set(p, l->name, l->text, e) == -1) ||
		    (l->verb == CHAT_CARDS && play_cards(p, l->text, e) == -1))
			return -1;
	}
	return 0;
}

static int
play_start(struct play *p, struct err *e)
{
	struct xfer_opts xo = {
	    .timeout_ms = 60000, .connections = 4, .agent = "webexbot test"};
	struct sim_opts so = {.listen = PLAY_ANY, .threads = 64};

	if ((p->cli.cfg = cfg_load(p->cli.env_file, e)) == NULL)
		return -1;
	p->cli.cfg->stand_ins = true;
	if ((p->x = xfer_start(&xo, e)) == NULL ||
	    (p->sim = sim_start(&so, e)) == NULL || play_settings(p, e) == -1)
		return -1;
	if ((p->bot = bot_start(p->cli.cfg, p->cli.bot, e)) == NULL)
		return -1;
	return webhooks_go(&p->cli, p->bot, PLAY_ORIGIN, e);
}

static void
play_stop(struct play *p)
{
	bot_stop(p->bot);
	sim_stop(p->sim);
	xfer_stop(p->x);
	xfer_free(p->x);
	cfg_free(p->cli.cfg);
	json_free(p->state);
	json_free(p->items);
	while (p->ngot > 0)
		free((void *)(uintptr_t)p->got[--p->ngot].card);
	free(p->got);
}

/* -- what came back -- */

/* Title, or the one person whose direct room it is. */
static bool
play_find_room(struct play *p, const char *id, struct chat_got *g)
{
	const struct json *r, *m;

	for (r = json_first(json_get(p->state, "rooms")); r != NULL;
	     r = json_next(r)) {
		if (!str_eq(json_get_str(r, "id"), id))
			continue;
		if (str_eq(json_get_str(r, "type"), "group")) {
			g->room = json_get_str(r, "title");
			return true;
		}
		for (m = json_first(json_get(r, "members")); m != NULL;
		     m = json_next(m))
			if (!str_suffix(json_str(m), "@webex.bot"))
				g->who = json_str(m);
		return true;
	}
	return false;
}

static int
play_place(struct play *p, struct chat_got *g, struct err *e)
{
	const char *id = json_get_str(g->message, "roomId");
	struct json *state;

	if (id == NULL || play_find_room(p, id, g))
		return 0;
	if ((state = play_call(p, "GET", "state", NULL, e)) == NULL)
		return -1;
	/* others have borrowed from the old one */
	if (json_set(state, "before",
		p->state == NULL ? json_new_null() : p->state) == -1)
		return err_nomem(e);
	p->state = state;
	play_find_room(p, id, g);
	return 0;
}

static int
play_take(struct play *p, const struct json *m, struct err *e)
{
	struct chat_got *v, g = {.message = m};
	const char *id = json_get_str(m, "id");

	if (p->ngot == PLAY_GOT_MAX)
		return err_set(e, ERR_PERM, "the bot says too much");
	if (play_place(p, &g, e) == -1)
		return -1;
	v = realloc(p->got, (p->ngot + 1) * sizeof *v);
	if (v == NULL)
		return err_nomem(e);
	p->got = v;
	g.card = id == NULL ? NULL : bot_card_of(p->bot, id);
	v[p->ngot++] = g;
	return 0;
}

/* Everything the bot has made, changed or deleted since the last look. */
static int
play_look(struct play *p, struct err *e)
{
	const struct json *m;
	struct json *got;
	char path[64];

	snprintf(path, sizeof path, "messages?by=bot&max=10000&since=%lld",
	    (long long)p->seq);
	if ((got = play_call(p, "GET", path, NULL, e)) == NULL)
		return -1;
	p->seq = (int64_t)json_num(json_get(got, "seq"));
	if (p->items == NULL)
		p->items = json_list();
	if (json_add(p->items, got) == -1)
		return err_nomem(e);
	for (m = json_first(json_get(got, "items")); m != NULL;
	     m = json_next(m))
		if (play_take(p, m, e) == -1)
			return -1;
	return 0;
}

/* Until nothing is on its way to the bot and nothing is due in it. */
static int
play_settle(struct play *p, struct err *e)
{
	int64_t until = clk_mono_ms() + PLAY_SETTLE_MS;
	struct json *j;
	bool idle;

	do {
		if ((j = play_call(p, "GET", "idle?wait=20000", NULL, e)) ==
		    NULL)
			return -1;
		json_free(j);
		idle = bot_wait_idle(p->bot, PLAY_SETTLE_MS);
		if ((j = play_call(p, "GET", "idle", NULL, e)) == NULL)
			return -1;
		idle = idle && json_true(json_get(j, "idle"));
		json_free(j);
	} while (!idle && clk_mono_ms() < until);
	if (!idle)
		return err_set(e, ERR_TEMP, "the bot does not come to rest");
	return play_look(p, e);
}

/* -- actions -- */

static const char *
play_room(const struct chat_line *l)
{
	return l->room != NULL ? l->room : "direct";
}

/* Somebody the simulator does not know yet is made up. */
static int
play_meet(struct play *p, const char *email, const char *name, struct err *e)
{
	struct err known = ERR_INIT;
	struct json *who = json_object();
	char first[128];
	int rc;

	snprintf(first, sizeof first, "%.*s", (int)strcspn(email, "@"), email);
	first[0] = (char)(first[0] >= 'a' && first[0] <= 'z' ? first[0] - 32
							     : first[0]);
	json_set_str(who, "email", email);
	json_set_str(who, "displayName", name != NULL ? name : first);
	rc = play_post_json(p, "person", who, &known);
	json_free(who);
	if (rc == -1 && name != NULL)
		return err_set(e, ERR_PERM, "%s", known.text);
	return 0; /* else: is there already */
}

/* The latest message of a room that is not in a thread, or its root. */
static int
play_parent(
    struct play *p, const struct chat_line *l, struct json *say, struct err *e)
{
	const char *id = NULL, *parent;
	const struct json *m;
	size_t i;

	for (i = p->ngot; i > 0 && id == NULL; i--) {
		m = p->got[i - 1].message;
		if (!str_eq(p->got[i - 1].room, l->room) ||
		    (l->room == NULL && !str_eq(p->got[i - 1].who, l->who)))
			continue;
		parent = json_get_str(m, "parentId");
		id = parent != NULL ? parent : json_get_str(m, "id");
	}
	if (id == NULL)
		return err_set(
		    e, ERR_PERM, "thread: the bot has said nothing there");
	return json_set_str(say, "parentId", id) == -1 ? err_nomem(e) : 0;
}

static int
play_say(struct play *p, const struct chat_line *l, struct err *e)
{
	struct json *say = json_object(), *files, *f;
	int rc = 0;

	json_set_str(say, "person", l->who);
	json_set_str(say, "room", play_room(l));
	json_set_bool(say, "mention", l->room != NULL && !l->aside);
	if (l->verb == CHAT_SEND) {
		files = json_list();
		f = json_object();
		json_set_str(f, "name", l->name);
		json_set_str(f, "text", l->text);
		json_add(files, f);
		json_set(say, "files", files);
		if (l->saying != NULL)
			json_set_str(say, "text", l->saying);
	} else {
		json_set_str(say, "text", l->text);
	}
	if (l->thread)
		rc = play_parent(p, l, say, e);
	if (rc == 0)
		rc = play_post_json(p, "say", say, e);
	json_free(say);
	return rc;
}

static int
play_submit(struct play *p, const struct chat_line *l, struct err *e)
{
	struct json *o = json_object();
	int rc;

	json_set_str(o, "person", l->who);
	json_set_str(o, "room", play_room(l));
	if (l->name != NULL)
		json_set_str(o, "press", l->name);
	if (l->text != NULL)
		json_set(o, "inputs", json_parse_str(l->text, NULL));
	rc = play_post_json(p, "submit", o, e);
	json_free(o);
	return rc;
}

static int
play_move(struct play *p, const struct chat_line *l, struct err *e)
{
	struct err missing = ERR_INIT;
	struct json *o = json_object();
	bool add = l->verb == CHAT_ADD;
	int rc;

	json_set_str(o, "by", l->who);
	json_set_str(o, "room", l->room);
	rc = play_post_json(p, add ? "add" : "remove", o, &missing);
	if (rc == -1 && add) { /* a room that is not there is made */
		json_del(o, "room");
		json_set_str(o, "title", l->room);
		rc = play_post_json(p, "add", o, e);
	} else if (rc == -1) {
		err_set(e, ERR_PERM, "%s", missing.text);
	}
	json_free(o);
	return rc;
}

static int
play_wait(struct play *p, const struct chat_line *l, struct err *e)
{
	char body[64];

	snprintf(body, sizeof body, "{\"advanceMs\":%lld}", (long long)l->ms);
	if (play_post(p, "clock", body, e) == -1)
		return -1;
	p->moved += l->ms;
	bot_wake_up(p->bot);
	return 0;
}

static int
play_act(struct play *p, const struct chat_line *l, struct err *e)
{
	if (l->verb <= CHAT_REMOVE && play_meet(p, l->who, NULL, e) == -1)
		return -1;
	switch (l->verb) {
	case CHAT_SAY:
	case CHAT_SEND:
		return play_say(p, l, e);
	case CHAT_SUBMIT:
		return play_submit(p, l, e);
	case CHAT_ADD:
	case CHAT_REMOVE:
		return play_move(p, l, e);
	case CHAT_FAULT:
		return play_post(p, "faults", l->text, e);
	case CHAT_OPTIONS:
		return play_post(p, "options", l->text, e);
	case CHAT_WAIT:
		return play_wait(p, l, e);
	case CHAT_PERSON:
		return play_meet(p, l->who, l->name, e);
	default:
		return 0; /* of the start */
	}
}

/* -- verdicts -- */

/* Lines `from` (1..) to `to`, not included, of the script. */
static void
play_source(const struct play *p, int from, int to, struct buf *out)
{
	const char *s = p->s->source;
	int n;

	for (n = 1; *s != '\0' && n < to; n++) {
		size_t k = strcspn(s, "\n");

		k += s[k] == '\n';
		if (n >= from)
			buf_add(out, s, k);
		s += k;
	}
}

/* Each line of s[0..n) with a mark before it. */
static void
play_marked(struct buf *out, const char *mark, const char *s, size_t n)
{
	const char *end = s + n;
	size_t k;

	while (s < end) {
		k = strcspn(s, "\n");
		if (k > (size_t)(end - s))
			k = (size_t)(end - s);
		buf_addf(out, "%s%.*s\n", mark, (int)k, s);
		s += k + 1;
	}
}

/* The bytes of whole lines that both start with. */
static size_t
play_common(const char *a, const char *b)
{
	size_t i, n = 0;

	for (i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		if (a[i] == '\n')
			n = i + 1;
	return n;
}

/* Lines that are expected, and lines that came; both end their last line. */
static void
play_diff(struct buf *out, const char *want, const char *got)
{
	size_t head = play_common(want, got), tail = 0, i;
	size_t nw = strlen(want), ng = strlen(got);

	for (i = 1;
	     i <= nw - head && i <= ng - head && want[nw - i] == got[ng - i];
	     i++)
		if (i == nw - head || i == ng - head ||
		    (want[nw - i - 1] == '\n' && got[ng - i - 1] == '\n'))
			tail = i;
	if ((nw - tail > head && want[nw - tail - 1] != '\n') ||
	    (ng - tail > head && got[ng - tail - 1] != '\n'))
		tail = 0;
	play_marked(out, "      ", want, head);
	play_marked(out, "    - ", want + head, nw - tail - head);
	play_marked(out, "    + ", got + head, ng - tail - head);
	play_marked(out, "      ", want + nw - tail, tail);
}

static void
play_fail(struct play *p, const struct chat_line *l, const char *expected,
    const char *got)
{
	struct buf *out = &p->r->report;
	struct buf said;

	p->r->failed = true;
	buf_addf(out, "%s:%d:\n", p->s->path, l->line);
	if (p->action != NULL) {
		buf_init(&said, PLAY_REPORT_MAX);
		play_source(p, p->action->line,
		    p->action->line + p->action->lines, &said);
		play_marked(out, "      ", buf_str(&said), said.len);
		buf_done(&said);
	}
	play_diff(out, expected, got);
}

static bool
play_same_place(const struct chat_line *l, const struct chat_got *g)
{
	return l->room != NULL ? str_eq(l->room, g->room)
			       : g->room == NULL && g->who != NULL &&
				     str_ieq(l->who, g->who);
}

/* What may pass without being expected. */
static bool
play_is_quiet(const struct chat_got *g)
{
	return json_true(json_get(g->message, "deleted"));
}

/* The next one at that place that is still to be explained. */
static struct chat_got *
play_next(struct play *p, const struct chat_line *l)
{
	bool deleted = l->kind == CHAT_DELETED;
	size_t i;

	for (i = p->from; i < p->ngot; i++)
		if (p->got[i].by == NULL && play_same_place(l, &p->got[i]) &&
		    play_is_quiet(&p->got[i]) == deleted)
			return &p->got[i];
	return NULL;
}

static bool
play_expect(struct play *p, const struct chat_line *l)
{
	struct chat_got *g = play_next(p, l);
	struct buf want, got;
	bool ok = g == NULL ? l->kind == CHAT_NOTHING : chat_fits(l, g);

	if (g != NULL && l->kind != CHAT_NOTHING)
		g->by = l;
	if (ok)
		return true;
	buf_init(&want, PLAY_REPORT_MAX);
	buf_init(&got, PLAY_REPORT_MAX);
	play_source(p, l->line, l->line + l->lines, &want);
	if (g == NULL)
		buf_adds(&got, "bot < nothing");
	else
		chat_tell(g, p->action, true, &got);
	buf_addc(&got, '\n');
	if (want.len > 0 && want.p[want.len - 1] != '\n')
		buf_addc(&want, '\n');
	play_fail(p, l, buf_str(&want), buf_str(&got));
	if (g != NULL)
		g->by = l;
	buf_done(&want);
	buf_done(&got);
	return false;
}

/* What nobody has expected. */
static bool
play_leftover(struct play *p, const struct chat_line *last)
{
	bool ok = true;
	struct buf got;
	size_t i;

	for (i = p->from; i < p->ngot; i++) {
		if (p->got[i].by != NULL || play_is_quiet(&p->got[i]))
			continue;
		buf_init(&got, PLAY_REPORT_MAX);
		chat_tell(&p->got[i], p->action, true, &got);
		buf_addc(&got, '\n');
		play_fail(p, last, "", buf_str(&got));
		buf_done(&got);
		ok = false;
	}
	return ok;
}

/* -- one action and what is expected after it -- */

/* The lines of the script up to `line` as they are. */
static void
play_copy(struct play *p, int line)
{
	play_source(p, (int)p->told + 1, line, &p->r->update);
	p->told = (size_t)line - 1;
}

/*
 * What came, as it is to be expected from now on: by the line that it fits,
 * or by a new one, which tells a card's text unless that was not asked for.
 */
static void
play_now(struct play *p, const struct chat_got *g, struct buf *out)
{
	const struct chat_line *l = g->by;

	if (l != NULL && chat_fits(l, g))
		play_source(p, l->line, l->line + l->lines, out);
	else
		chat_tell(g, p->action,
		    l == NULL || l->kind != CHAT_CARD || l->ncontains > 0, out);
	if (out->len > 0 && out->p[out->len - 1] != '\n')
		buf_addc(out, '\n');
}

/* The same group of lines, as it would have held. */
static void
play_update(struct play *p, size_t first, size_t end)
{
	struct buf *out = &p->r->update;
	bool any = false;
	size_t i, k;

	for (i = first; i < end && p->s->v[i].verb != CHAT_BOT; i++)
		;
	if (i < end) {
		play_copy(p, p->s->v[i].line);
	} else {
		play_copy(p, p->s->v[first].line + p->s->v[first].lines);
	}
	for (k = p->from; k < p->ngot; k++)
		if (!play_is_quiet(&p->got[k])) {
			play_now(p, &p->got[k], out);
			any = true;
		}
	if (!any)
		buf_adds(out, "bot < nothing\n");
	/* comments between expectations stay, the expectations go */
	for (; i < end; i++) {
		play_copy(p, p->s->v[i].line);
		p->told = (size_t)(p->s->v[i].line + p->s->v[i].lines - 1);
	}
}

/* Lines first..end: an action and its expectations. */
static int
play_group(struct play *p, size_t first, size_t end, struct err *e)
{
	const struct chat_line *l = &p->s->v[first];
	bool ok = true;
	size_t i = first;

	p->from = p->ngot;
	if (l->verb != CHAT_BOT) {
		p->action = l;
		if (play_act(p, l, e) == -1 || play_settle(p, e) == -1)
			return err_prefix(e, "%s:%d: ", p->s->path, l->line);
		i++;
	}
	for (; i < end; i++)
		ok &= play_expect(p, &p->s->v[i]);
	ok &= play_leftover(p, &p->s->v[end - 1]);
	if (!ok)
		play_update(p, first, end);
	return 0;
}

static void
play_script(struct play *p, struct err *e)
{
	size_t i = 0, end;

	while (i < p->s->n && e->kind == ERR_NONE) {
		for (end = i + 1;
		     end < p->s->n && p->s->v[end].verb == CHAT_BOT; end++)
			;
		play_group(p, i, end, e);
		i = end;
	}
	play_copy(p, INT32_MAX);
}

void
chat_play(struct cli *c, const struct chat_script *s, struct chat_result *r)
{
	struct play p = {.cli = *c, .s = s, .r = r};
	int64_t start = clk_mono_us();
	struct err e = ERR_INIT;

	memset(r, 0, sizeof *r);
	buf_init(&r->report, PLAY_REPORT_MAX);
	buf_init(&r->update, PLAY_REPORT_MAX);
	p.cli.cfg = NULL;
	if (play_start(&p, &e) == 0)
		play_script(&p, &e);
	if (e.kind != ERR_NONE) {
		r->failed = true;
		buf_addf(&r->report, "%s%s%s\n",
		    str_prefix(e.text, s->path) ? "" : s->path,
		    str_prefix(e.text, s->path) ? "" : ": ", e.text);
		buf_clear(&r->update); /* it was not played to its end */
	}
	play_stop(&p);
	r->ms = (clk_mono_us() - start) / 1000 - p.moved;
}

void
chat_result_done(struct chat_result *r)
{
	buf_done(&r->report);
	buf_done(&r->update);
}
