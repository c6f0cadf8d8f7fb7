/* The control API: people who talk; see ctl.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "base/clk.h"
#include "sim/attach.h"
#include "sim/ctl.h"
#include "sim/event.h"
#include "sim/jw.h"
#include "sim/pick.h"
#include "sim/post.h"
#include "sim/show.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define CHAT_FILE (20UL << 20)
#define CHAT_TEXT (64 * 1024)
#define BURST_ROOMS 10000
#define BURST_MESSAGES 1000
#define BURST_BREATH 50 /* messages between looks at the lock */

static int
ctl_post_fail(struct ctl *c, const struct post_err *e)
{
	return ctl_fail(c, e->status, "%s",
	    e->text != NULL ? e->text : "the platform refuses this");
}

/* -- say -- */

struct ctl_file {
	const char *name, *type, *text, *base64, *state;
	int scans;
};

/* The one of `files`; its data goes to `data`. */
static int
ctl_read_file(struct ctl *c, const struct json *files, struct msg_file *f,
    struct buf *data)
{
	struct ctl_file in = {.name = "file.txt", .type = "text/plain"};
#define FIELD(f) offsetof(struct ctl_file, f)
	static const struct pick rows[] = {
	    {"name", PICK_TEXT, FIELD(name), 0, 0},
	    {"type", PICK_TEXT, FIELD(type), 0, 0},
	    {"text", PICK_TEXT, FIELD(text), 0, 0},
	    {"base64", PICK_TEXT, FIELD(base64), 0, 0},
	    {"state", PICK_TEXT, FIELD(state), 0, 0},
	    {"scans", PICK_INT, FIELD(scans), 0, 1000000},
	};
#undef FIELD

	if (json_kind(files) != JSON_LIST || json_count(files) != 1)
		return ctl_fail(c, 400, "files: a list of one file");
	if (pick_read(json_first(files), rows, COUNT(rows), &in, &c->e) == -1)
		return -1;
	buf_init(data, CHAT_FILE);
	if (in.text != NULL)
		buf_adds(data, in.text);
	if (in.base64 != NULL &&
	    b64_decode(in.base64, strlen(in.base64), data) == -1)
		return ctl_fail(c, 400, "base64: cannot be read");
	f->name = in.name;
	f->type = in.type;
	f->scans = (unsigned)in.scans;
	if (in.state != NULL && strcmp(in.state, "infected") == 0)
		f->state = CONTENT_INFECTED;
	else if (in.state != NULL && strcmp(in.state, "unscannable") == 0)
		f->state = CONTENT_UNSCANNABLE;
	else if (in.state != NULL)
		return ctl_fail(c, 400, "state: infected or unscannable");
	f->data = buf_str(data);
	f->len = buf_len(data);
	return 0;
}

struct ctl_say {
	const char *person, *room, *text, *markdown, *parent;
	const struct json *files;
	bool mention;
	struct mark_style style;
};

#define FIELD(f) offsetof(struct ctl_say, f)
static const struct pick say_rows[] = {
    {"person", PICK_TEXT, FIELD(person), 0, 0},
    {"room", PICK_TEXT, FIELD(room), 0, 0},
    {"text", PICK_TEXT, FIELD(text), 0, 0},
    {"markdown", PICK_TEXT, FIELD(markdown), 0, 0},
    {"parentId", PICK_TEXT, FIELD(parent), 0, 0},
    {"files", PICK_JSON, FIELD(files), 0, 0},
    {"mention", PICK_BOOL, FIELD(mention), 0, 0},
    {"mentionRawId", PICK_BOOL, FIELD(style.raw_id), 0, 0},
    {"mentionIdFirst", PICK_BOOL, FIELD(style.id_first), 0, 0},
    {"mentionNoParagraph", PICK_BOOL, FIELD(style.bare), 0, 0},
    {"mentionFirstName", PICK_BOOL, FIELD(style.first_name), 0, 0},
};
#undef FIELD

/* The mention of the bot before what is said, all as markdown. */
static void
ctl_mention(struct ctl *c, const struct ctl_say *say, struct buf *out)
{
	const char *s;

	buf_addf(out, "<@personId:%s> ", c->sim->world->bot->id);
	if (say->markdown != NULL)
		buf_adds(out, say->markdown);
	for (s = say->text; say->markdown == NULL && s && *s != '\0'; s++) {
		if (ispunct((unsigned char)*s))
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
}

static int
ctl_say_as(struct ctl *c, const struct ctl_say *say, struct msg_file *file)
{
	struct person *p = ctl_person(c, say->person);
	struct room *r = p == NULL ? NULL : ctl_room(c, say->room, p);
	struct post post = {.text = say->text,
	    .markdown = say->markdown,
	    .parent = say->parent,
	    .file = file,
	    .style = &say->style};
	struct post_err e = {0};
	struct message *m;
	struct buf marked;

	if (r == NULL)
		return -1;
	if (world_member_of(c->sim->world, r, p) == NULL)
		return ctl_fail(c, 403, "%s is not in that room", p->name);
	buf_init(&marked, CHAT_TEXT);
	if (say->mention) {
		ctl_mention(c, say, &marked);
		post.text = NULL;
		post.markdown = buf_str(&marked);
	}
	m = post_add(c->sim, p, r, &post, &e);
	buf_done(&marked);
	if (m == NULL)
		return ctl_post_fail(c, &e);
	event_item(c->sim, m, &c->out);
	return 0;
}

int
ctl_say(struct ctl *c)
{
	struct ctl_say say = {
	    .person = "anna", .room = "direct", .style = c->sim->tune.style};
	struct msg_file file = {0};
	struct buf data = {0};
	int rc;

	if (pick_read(c->body, say_rows, COUNT(say_rows), &say, &c->e) == -1)
		return -1;
	rc = say.files == NULL ? 0 : ctl_read_file(c, say.files, &file, &data);
	if (rc == 0)
		rc = ctl_say_as(c, &say, say.files == NULL ? NULL : &file);
	buf_done(&data);
	return rc;
}

/* -- submit -- */

struct ctl_submit {
	const char *person, *room, *message, *press;
	const struct json *inputs;
};

#define FIELD(f) offsetof(struct ctl_submit, f)
static const struct pick submit_rows[] = {
    {"person", PICK_TEXT, FIELD(person), 0, 0},
    {"room", PICK_TEXT, FIELD(room), 0, 0},
    {"messageId", PICK_TEXT, FIELD(message), 0, 0},
    {"press", PICK_TEXT, FIELD(press), 0, 0},
    {"inputs", PICK_JSON, FIELD(inputs), 0, 0},
};
#undef FIELD

/* The card that is meant: by its message, or the latest in a room. */
static struct message *
ctl_card(struct ctl *c, const struct ctl_submit *in, struct person *p)
{
	struct message *m = NULL;
	struct room *r;

	if (in->message != NULL) {
		m = msg_find(c->sim->world, in->message);
	} else if ((r = ctl_room(c, in->room, p)) != NULL) {
		m = TAILQ_LAST(&r->messages, room_messages);
		while (m != NULL && m->card == NULL)
			m = TAILQ_PREV(m, room_messages, in_room);
	}
	if (m == NULL || m->card == NULL ||
	    world_member_of(c->sim->world, m->room, p) == NULL) {
		ctl_fail(c, 404, "no such card");
		return NULL;
	}
	return m;
}

static int
ctl_inputs(struct ctl *c, const struct ctl_submit *in, const char *card,
    struct buf *out)
{
	struct json *j;

	if (json_kind(in->inputs) != JSON_OBJECT && in->inputs != NULL)
		return ctl_fail(c, 400, "inputs: an object");
	if (in->press == NULL)
		return in->inputs == NULL ? buf_adds(out, "{}")
					  : json_print(in->inputs, out);
	if ((j = attach_press(card, in->press, in->inputs)) == NULL)
		return ctl_fail(c, 404, "%s: no such button", in->press);
	json_print(j, out);
	json_free(j);
	return 0;
}

int
ctl_submit(struct ctl *c)
{
	struct ctl_submit in = {.person = "anna", .room = "direct"};
	struct post_err e = {0};
	struct action *a = NULL;
	struct message *m;
	struct person *p;
	struct buf inputs;
	int rc = -1;

	if (pick_read(c->body, submit_rows, COUNT(submit_rows), &in, &c->e) ==
		-1 ||
	    (p = ctl_person(c, in.person)) == NULL ||
	    (m = ctl_card(c, &in, p)) == NULL)
		return -1;
	buf_init(&inputs, CHAT_TEXT);
	if (ctl_inputs(c, &in, m->card, &inputs) == 0) {
		a = post_submit(c->sim, p, m, buf_str(&inputs), &e);
		rc = a != NULL ? 0 : ctl_post_fail(c, &e);
	}
	if (rc == 0)
		show_action(&c->out, a);
	buf_done(&inputs);
	return rc;
}

/* -- rooms and people -- */

struct ctl_where {
	const char *person, *room, *title, *by;
};

#define FIELD(f) offsetof(struct ctl_where, f)
static const struct pick where_rows[] = {
    {"person", PICK_TEXT, FIELD(person), 0, 0},
    {"room", PICK_TEXT, FIELD(room), 0, 0},
    {"title", PICK_TEXT, FIELD(title), 0, 0},
    {"by", PICK_TEXT, FIELD(by), 0, 0},
};
#undef FIELD

/* Somebody (the bot) is added to a room, a new one or one that is there. */
int
ctl_add(struct ctl *c)
{
	struct ctl_where in = {
	    .person = "bot", .title = "New space", .by = "anna"};
	struct person *p, *by;
	struct room *r;

	if (pick_read(c->body, where_rows, COUNT(where_rows), &in, &c->e) ==
		-1 ||
	    (p = ctl_person(c, in.person)) == NULL ||
	    (by = ctl_person(c, in.by)) == NULL)
		return -1;
	if (in.room != NULL)
		r = ctl_room(c, in.room, by);
	else if ((r = post_room(c->sim, in.title, by)) == NULL)
		ctl_fail(c, 503, "no more rooms");
	if (r == NULL)
		return -1;
	if (r->direct)
		return ctl_fail(c, 400, "a direct room has two people");
	if (world_member_of(c->sim->world, r, p) != NULL)
		return ctl_fail(c, 409, "%s is there already", p->name);
	if (post_join(c->sim, r, p, false, by) == NULL)
		return ctl_fail(c, 503, "no more members");
	show_room(&c->out, r, by);
	return 0;
}

int
ctl_remove(struct ctl *c)
{
	struct ctl_where in = {.person = "bot", .by = "anna"};
	struct person *p, *by;
	struct member *m;
	struct room *r;

	if (pick_read(c->body, where_rows, COUNT(where_rows), &in, &c->e) ==
		-1 ||
	    (p = ctl_person(c, in.person)) == NULL ||
	    (by = ctl_person(c, in.by)) == NULL)
		return -1;
	if (in.room == NULL)
		return ctl_fail(c, 400, "room: which one?");
	if ((r = ctl_room(c, in.room, by)) == NULL)
		return -1;
	m = world_member_of(c->sim->world, r, p);
	if (m == NULL || r->direct)
		return ctl_fail(c, 404, "%s is not in such a room", p->name);
	post_leave(c->sim, m, by);
	return 0;
}

struct ctl_who {
	const char *email, *name;
};

int
ctl_add_person(struct ctl *c)
{
	struct ctl_who in = {0};
	struct person *p;
	char nick[64];
	static const struct pick rows[] = {
	    {"email", PICK_TEXT, offsetof(struct ctl_who, email), 0, 0},
	    {"displayName", PICK_TEXT, offsetof(struct ctl_who, name), 0, 0},
	};

	if (pick_read(c->body, rows, COUNT(rows), &in, &c->e) == -1)
		return -1;
	if (in.email == NULL || in.name == NULL ||
	    strchr(in.email, '@') == NULL)
		return ctl_fail(c, 400, "email and displayName are needed");
	snprintf(
	    nick, sizeof nick, "%.*s", (int)strcspn(in.name, " "), in.name);
	p = world_add_person(
	    c->sim->world, in.email, in.name, nick, false, NULL, NULL);
	if (p == NULL)
		return ctl_fail(c, 409, "%s is there already", in.email);
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "id", p->id);
	jw_str(&c->out, "email", p->email);
	jw_str(&c->out, "token", p->token);
	jw_close(&c->out, '}');
	event_page(c->sim, "rooms");
	return 0;
}

/* -- many at once -- */

/* The direct room of the n-th of many people with the bot. */
static struct room *
ctl_load_room(struct ctl *c, int n)
{
	struct world *w = c->sim->world;
	char email[64], name[64];
	struct person *p;
	bool made;

	snprintf(email, sizeof email, "load-%d@example.com", n);
	snprintf(name, sizeof name, "Load %d", n);
	if ((p = world_by_email(w, email)) == NULL)
		p = world_add_person(w, email, name, name, false, NULL, NULL);
	return p == NULL ? NULL : world_direct(w, p, w->bot, true, &made);
}

/*
 * Post `messages` to each of `rooms`.  The lock is let go now and then; the
 * world may have been reset meanwhile, so the rooms are looked up anew.
 */
static int
ctl_burst_post(struct ctl *c, int rooms, int messages, const char *text)
{
	struct post post = {.text = text};
	struct post_err e = {0};
	struct room *r;
	int i, n = 0;

	for (i = 0; i < rooms * messages && !c->sim->stopping; i++) {
		r = ctl_load_room(c, i % rooms + 1);
		if (r == NULL)
			return ctl_fail(c, 503, "no more people or rooms");
		if (post_add(c->sim, TAILQ_FIRST(&r->members)->person, r, &post,
			&e) == NULL)
			return ctl_post_fail(c, &e);
		if (++n % BURST_BREATH == 0) {
			pthread_mutex_unlock(&c->sim->mu);
			pthread_mutex_lock(&c->sim->mu);
		}
	}
	return 0;
}

struct ctl_burst {
	int rooms, messages;
	const char *text;
};

int
ctl_burst(struct ctl *c)
{
	struct ctl_burst in = {1, 1, "ping"};
	uint64_t since = c->sim->world->seq;
	int64_t start = clk_mono_us();
	static const struct pick rows[] = {
	    {"rooms", PICK_INT, offsetof(struct ctl_burst, rooms), 1,
		BURST_ROOMS},
	    {"messages", PICK_INT, offsetof(struct ctl_burst, messages), 1,
		BURST_MESSAGES},
	    {"text", PICK_TEXT, offsetof(struct ctl_burst, text), 0, 0},
	};

	if (pick_read(c->body, rows, COUNT(rows), &in, &c->e) == -1)
		return -1;
	if (in.rooms * (long long)in.messages > 1000000)
		return ctl_fail(c, 400, "no more than a million messages");
	if (ctl_burst_post(c, in.rooms, in.messages, in.text) == -1)
		return -1;
	jw_open(&c->out, NULL, '{');
	jw_num(&c->out, "since", (int64_t)since);
	jw_num(&c->out, "messages", (int64_t)in.rooms * in.messages);
	jw_num(&c->out, "us", clk_mono_us() - start);
	jw_close(&c->out, '}');
	return 0;
}
