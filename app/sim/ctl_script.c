/*
 * The control API: GET /sim/script?room=, what was said in a room as a chat
 * script (webexbot-chat(5)), to be played again as a test.  Names of cards
 * are not known here: a card is told by the first text in it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "sim/ctl.h"

#define SCRIPT_MAX (4 << 20)

/* "| " before each further line; a text that would be read as something
 * else stands in quotes. */
static void
script_text(const char *s, bool quoted, struct buf *out)
{
	size_t n = strlen(s), k;

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	if (quoted) {
		json_quote(s, n, out);
		buf_addc(out, '\n');
		return;
	}
	do {
		k = strcspn(s, "\n");
		if (k > n)
			k = n;
		buf_add(out, s, k);
		buf_addc(out, '\n');
		n -= k;
		s += k;
		if (n > 0) {
			buf_adds(out, "    | ");
			n--;
			s++;
		}
	} while (n > 0);
}

static void
script_who(const struct room *r, const char *who, struct buf *out)
{
	buf_adds(out, who);
	if (r->direct)
		return;
	buf_adds(out, " in ");
	json_quote(r->title, strlen(r->title), out);
}

/* A file whose content a script can hold. */
static bool
script_can_hold(const struct content *f)
{
	return f->state == CONTENT_OK && f->len > 0 &&
	       !isspace((unsigned char)*f->data) &&
	       memchr(f->data, '\0', f->len) == NULL &&
	       memchr(f->data, '\r', f->len) == NULL &&
	       str_utf8_ok(f->data, f->len);
}

/* `text` is said with it. */
static void
script_file(const struct content *f, const char *text, struct buf *out)
{
	char *data = strndup(f->data, f->len);

	if (data == NULL) {
		out->failed = true;
		return;
	}
	buf_adds(out, " sends ");
	json_quote(f->name, strlen(f->name), out);
	if (*text != '\0') {
		buf_adds(out, " saying ");
		json_quote(text, strlen(text), out);
	}
	buf_addc(out, ' ');
	script_text(data, false, out);
	free(data);
}

/* What somebody said, without the mention that the script puts there. */
static void
script_said(struct ctl *c, const struct message *m, struct buf *out)
{
	const struct person *bot = c->sim->world->bot;
	const char *text = m->text == NULL ? "" : m->text;
	bool mentions = msg_mentions(m, bot);

	if (mentions && str_prefix(text, bot->name))
		text += strlen(bot->name);
	text += strspn(text, " ");
	if (m->file != NULL && !script_can_hold(m->file)) {
		buf_adds(out, "# cannot be said in a script: the file ");
		json_quote(m->file->name, strlen(m->file->name), out);
		buf_addc(out, '\n');
		return;
	}
	script_who(m->room, m->author->email, out);
	if (m->parent != NULL)
		buf_adds(out, " thread");
	if (!m->room->direct && !mentions)
		buf_adds(out, " aside");
	if (m->file != NULL) {
		script_file(m->file, text, out);
		return;
	}
	buf_adds(out, " > ");
	script_text(text, false, out);
}

static void
script_answered(const struct message *m, struct buf *out)
{
	static const char *const words[] = {"card", "contains", "matches",
	    "nothing", "deleted", "edited", "\""};
	const char *text = m->deleted            ? m->was
			   : m->markdown != NULL ? m->markdown
						 : m->text;
	const char *shown = m->deleted ? m->was_card : m->card;
	bool quoted = text == NULL || *text == '\0';
	struct json *card;
	const char *s;
	size_t i;

	buf_adds(out, m->parent != NULL ? "bot thread < " : "bot < ");
	if (m->edits > 0)
		buf_adds(out, "edited ");
	if (shown != NULL) {
		card = json_parse_str(shown, NULL);
		s = json_any_str(card, "text");
		buf_adds(out, "card");
		if (s != NULL) {
			buf_adds(out, " contains ");
			json_quote(s, strlen(s), out);
		}
		buf_addc(out, '\n');
		json_free(card);
		return;
	}
	for (i = 0; text != NULL && i < sizeof words / sizeof words[0]; i++)
		quoted |= str_prefix(text, words[i]);
	script_text(text == NULL ? "" : text, quoted, out);
}

/* Submits in this room, made after one moment and until another. */
static void
script_submits(struct ctl *c, const struct room *r, int64_t after,
    int64_t until, struct buf *out)
{
	const struct map_node *n;
	const struct action *a;

	for (n = map_first(c->sim->world->actions); n != NULL;
	     n = map_next(n)) {
		a = map_value(n);
		if (strcmp(a->room, r->id) != 0 || a->created <= after ||
		    a->created > until)
			continue;
		script_who(r, a->person->email, out);
		buf_addf(out, " submits %s\n", a->inputs);
	}
}

static void
script_room(struct ctl *c, const struct room *r, struct buf *out)
{
	const struct message *m;
	int64_t last = -1;

	buf_adds(out, "# from the chat page; webexbot test plays it\n");
	TAILQ_FOREACH(m, &r->messages, in_room)
	{
		script_submits(c, r, last, m->created, out);
		last = m->created;
		if (m->author == c->sim->world->bot)
			script_answered(m, out);
		else if (!m->deleted)
			script_said(c, m, out);
	}
	script_submits(c, r, last, INT64_MAX, out);
}

void
ctl_script(struct http_req *r, void *arg)
{
	struct ctl c = {.sim = arg, .req = r, .status = 200};
	const char *name = http_arg(r, "room");
	struct room *room = NULL;

	buf_init(&c.out, SCRIPT_MAX);
	pthread_mutex_lock(&c.sim->mu);
	if (ctl_foreign(r))
		ctl_fail(&c, 403, "not for other sites");
	else if (name == NULL)
		ctl_fail(&c, 400, "room: which one?");
	else if ((room = ctl_room(&c, name, NULL)) != NULL)
		script_room(&c, room, &c.out);
	pthread_mutex_unlock(&c.sim->mu);
	if (room == NULL || c.out.failed)
		http_text(r, room == NULL ? c.status : 500, "text/plain",
		    room == NULL ? c.e.text : "too long\n");
	else
		http_answer(r, 200, "text/plain; charset=utf-8",
		    buf_str(&c.out), buf_len(&c.out));
	buf_done(&c.out);
}
