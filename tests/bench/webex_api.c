/*
 * The REST API of the Webex of `make bench`, what it shows, and the calls of
 * the bench; see webex.h.  As much as a burst needs of a bot and of the peer.
 */
#include "webex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOMS_MOST 10000
#define BURST_MOST 100000
#define WAIT_MOST_MS 600000
#define MESSAGES_MOST (4 * BURST_MOST) /* with those of the bot */

struct world world;
struct buf reply;

/* -- messages -- */

/* Ids count up in units of 100 ns since 1582, as a UUID of version 1 does. */
static void
message_id(char out[ID_MAX])
{
	uint64_t t = ((uint64_t)clk_wall_ms() + 12219292800000ULL) * 10000;

	world.tick = t > world.tick ? t : world.tick + 1;
	t = world.tick;
	make_id(out, "MESSAGE", t << 32 | (t >> 32 & 0xffff) << 16 | 0x8a3c,
	    0x5b7c9d1f3aULL);
}

static void
message_drop(void *arg)
{
	struct message *m = arg;

	free(m->said);
	free(m);
}

/* Takes `said`. */
static struct message *
message_add(struct room *r, char *said, bool mine)
{
	struct message *m = calloc(1, sizeof *m);

	if (m == NULL)
		die("calloc");
	message_id(m->id);
	clk_text(clk_wall_ms(), m->created);
	m->room = r;
	m->said = said;
	m->mine = mine;
	if (map_put(world.messages, m->id, m, NULL) == -1)
		die("map");
	hooks_tell(m);
	return m;
}

/* -- calls of the API: an answer goes to `reply`; they return the status -- */

/* A value of the query, as it is written there; "" for none. */
static void
call_arg(const struct call *c, const char *name, char *out, size_t max)
{
	const char *p = c->query;
	size_t n = strlen(name), len;

	for (; *p != '\0'; p += len + (p[len] == '&')) {
		len = strcspn(p, "&");
		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=' &&
		    len - n - 1 < max) {
			memcpy(out, p + n + 1, len - n - 1);
			out[len - n - 1] = '\0';
			return;
		}
	}
	*out = '\0';
}

int
api_no(int status, const char *why)
{
	buf_clear(&reply);
	buf_addf(&reply,
	    "{\"message\":\"%s\",\"errors\":[{\"description\":"
	    "\"%s\"}]}",
	    why, why);
	return status;
}

void
api_quoted(struct buf *b, const char *name, const char *s)
{
	buf_addf(b, "\"%s\":", name);
	json_quote(s, strlen(s), b);
}

static int
people_me(struct call *c)
{
	(void)c;
	buf_addf(&reply,
	    "{\"id\":\"%s\",\"emails\":[\"" BOT_EMAIL "\"],\"phoneNumbers\":[]"
	    ",\"displayName\":\"Demo Bot\",\"nickName\":\"Demo\",\"created\":"
	    "\"2026-05-04T08:00:00.000Z\",\"status\":\"unknown\",\"type\":"
	    "\"bot\"}",
	    world.me);
	return 200;
}

/* Of those in the list `id`, the known ones. */
static int
people_list(struct call *c)
{
	static char ids[REQUEST_MOST];
	const char *sep = "";
	char *at, *id;
	struct room *r;

	call_arg(c, "id", ids, sizeof ids);
	buf_adds(&reply, "{\"notFoundIds\":null,\"items\":[");
	for (id = strtok_r(ids, ",", &at); id != NULL;
	     id = strtok_r(NULL, ",", &at)) {
		if ((r = map_get(world.people, id)) == NULL)
			continue;
		buf_addf(&reply,
		    "%s{\"id\":\"%s\",\"emails\":[\"%s\"],\"phoneNumbers\":[],"
		    "\"displayName\":\"%s\",\"created\":"
		    "\"2026-05-04T08:00:00.000Z\",\"status\":\"active\","
		    "\"type\":\"person\"}",
		    sep, r->person, r->email, r->email);
		sep = ",";
	}
	buf_adds(&reply, "]}");
	return 200;
}

static int
room_get(struct call *c)
{
	const struct room *r = map_get(world.rooms, c->id);

	if (r == NULL)
		return api_no(404, "Could not find a room with provided ID.");
	buf_addf(&reply,
	    "{\"id\":\"%s\",\"title\":\"%s\",\"type\":\"direct\",\"isLocked\":"
	    "false,\"creatorId\":\"%s\",\"created\":\"2026-05-04T08:00:00.000Z"
	    "\",\"lastActivity\":\"2026-05-04T08:00:00.000Z\"}",
	    r->id, r->email, r->person);
	return 200;
}

static void
show_member(const struct room *r, const char *person, const char *email)
{
	buf_addf(&reply,
	    "{\"id\":\"%s-%s\",\"roomId\":\"%s\",\"roomType\":\"direct\","
	    "\"personId\":\"%s\",\"personEmail\":\"%s\",\"personDisplayName\":"
	    "\"%s\",\"isModerator\":false,\"isMonitor\":false,\"isRoomHidden\""
	    ":false,\"created\":\"2026-05-04T08:00:00.000Z\"}",
	    r->id, person, r->id, person, email, email);
}

/* Of one room, one person's or all. */
static int
membership_list(struct call *c)
{
	char room[ID_MAX], person[ID_MAX];
	struct room *r;
	bool bot, other;

	call_arg(c, "roomId", room, sizeof room);
	call_arg(c, "personId", person, sizeof person);
	r = map_get(world.rooms, room);
	bot = r != NULL && (*person == '\0' || strcmp(person, world.me) == 0);
	other =
	    r != NULL && (*person == '\0' || strcmp(person, r->person) == 0);
	buf_adds(&reply, "{\"items\":[");
	if (bot)
		show_member(r, world.me, BOT_EMAIL);
	if (bot && other)
		buf_addc(&reply, ',');
	if (other)
		show_member(r, r->person, r->email);
	buf_adds(&reply, "]}");
	return 200;
}

static int
hook_list(struct call *c)
{
	const char *shown;
	int i;

	(void)c;
	buf_adds(&reply, "{\"items\":[");
	for (i = 0; (shown = hooks_shown(i)) != NULL; i++)
		buf_addf(&reply, "%s{%s}", i == 0 ? "" : ",", shown);
	buf_adds(&reply, "]}");
	return 200;
}

static int
hook_post(struct call *c)
{
	struct json *j = json_parse(c->body, c->len, NULL);
	const char *shown = hooks_add(j);

	json_free(j);
	if (shown == NULL)
		return api_no(400, "Not a webhook that fits.");
	buf_addf(&reply, "{%s}", shown);
	return 200;
}

static void
show_message(const struct message *m)
{
	buf_addf(&reply,
	    "{\"id\":\"%s\",\"roomId\":\"%s\",\"roomType\":\"direct\",%s,"
	    "\"personId\":\"%s\",\"personEmail\":\"%s\",\"created\":\"%s\"}",
	    m->id, m->room->id, m->said != NULL ? m->said : world.said,
	    m->mine ? world.me : m->room->person,
	    m->mine ? BOT_EMAIL : m->room->email, m->created);
}

static int
message_get(struct call *c)
{
	const struct message *m = map_get(world.messages, c->id);

	if (m == NULL)
		return api_no(404, "Unable to get message.");
	show_message(m);
	return 200;
}

/* Count an answer in that room, to that message if one is named. */
static void
message_count(struct room *r, struct message *parent)
{
	bool again = parent != NULL && parent->answered;

	if (parent != NULL)
		parent->answered = true;
	if (again || r->answers == r->messages) {
		world.doubled++;
		return;
	}
	r->answers++;
	world.count++;
	world.last = clk_mono_us();
}

static int
message_refuse(int status, const char *why)
{
	world.refused++;
	return api_no(status, why);
}

/* "text", "markdown" and "parentId" as they came; NULL: neither text. */
static char *
message_said(const struct json *j)
{
	static const char *const names[] = {"text", "markdown", "parentId"};
	const char *s;
	char *said = NULL;
	struct buf b;
	size_t i;

	buf_init(&b, REQUEST_MOST);
	for (i = 0; i < sizeof names / sizeof *names; i++) {
		if ((s = json_get_str(j, names[i])) == NULL || *s == '\0')
			continue;
		if (i == 2 && buf_len(&b) == 0)
			break;
		if (buf_len(&b) > 0)
			buf_addc(&b, ',');
		api_quoted(&b, names[i], s);
	}
	if (buf_len(&b) > 0)
		said = buf_take(&b);
	buf_done(&b);
	return said;
}

static int
message_post(struct call *c)
{
	struct json *j = json_parse(c->body, c->len, NULL);
	const char *room = json_get_str(j, "roomId");
	const char *person = json_get_str(j, "toPersonId");
	const char *above = json_get_str(j, "parentId");
	struct message *parent = NULL;
	struct room *r = NULL;
	char *said;
	int status;

	if (room != NULL)
		r = map_get(world.rooms, room);
	else if (person != NULL)
		r = map_get(world.people, person);
	if (above != NULL)
		parent = map_get(world.messages, above);
	if (r == NULL)
		status = message_refuse(404, "There is no such room.");
	else if (above != NULL && (parent == NULL || parent->room != r))
		status = message_refuse(404, "Unable to find parent message.");
	else if (map_count(world.messages) >= MESSAGES_MOST)
		status = message_refuse(503, "Too many messages.");
	else if ((said = message_said(j)) == NULL)
		status = message_refuse(400, "Text is missing.");
	else {
		message_count(r, parent);
		show_message(message_add(r, said, true));
		status = 200;
	}
	json_free(j);
	return status;
}

/* -- calls of the bench -- */

static void
burst_room(struct room *r, int n)
{
	make_id(r->id, "ROOM", 7, (uint64_t)n);
	make_id(r->person, "PEOPLE", 9, (uint64_t)n);
	snprintf(r->email, sizeof r->email, "load-%d@example.com", n);
	if (map_put(world.rooms, r->id, r, NULL) == -1 ||
	    map_put(world.people, r->person, r, NULL) == -1)
		die("map");
}

static int
burst_start(int rooms, int messages, const char *text)
{
	struct buf said;
	int i, k;

	buf_init(&said, REQUEST_MOST);
	api_quoted(&said, "text", text);
	world.said = buf_take(&said);
	buf_done(&said);
	world.all = calloc((size_t)rooms, sizeof *world.all);
	if (world.all == NULL || world.said == NULL)
		die("calloc");
	world.start = world.last = clk_mono_us();
	for (k = 0; k < messages; k++)
		for (i = 0; i < rooms; i++) {
			if (k == 0)
				burst_room(&world.all[i], i + 1);
			message_add(&world.all[i], NULL, false);
			world.all[i].messages++;
		}
	buf_addf(&reply, "{\"messages\":%d}", rooms * messages);
	return 200;
}

static int
burst_post(struct call *c)
{
	struct json *j = json_parse(c->body, c->len, NULL);
	const char *text = json_get_str(j, "text");
	double rooms = json_num(json_get(j, "rooms"));
	double messages = json_num(json_get(j, "messages"));
	int status;

	if (world.all != NULL)
		status = api_no(409, "There has been a burst.");
	else if (!(rooms >= 1 && rooms <= ROOMS_MOST && messages >= 1 &&
		     rooms * messages <= BURST_MOST) ||
		 text == NULL)
		status = api_no(400, "rooms, messages, text");
	else
		status = burst_start((int)rooms, (int)messages, text);
	json_free(j);
	return status;
}

void
api_counts(void)
{
	buf_addf(&reply,
	    "{\"count\":%ld,\"us\":%lld,\"doubled\":%ld,\"refused\":%ld,"
	    "\"delivered\":%ld,\"failed\":%ld}",
	    world.count, (long long)(world.last - world.start), world.doubled,
	    world.refused, world.delivered, world.failed);
}

static int
wait_get(struct call *c)
{
	char arg[32];

	call_arg(c, "count", arg, sizeof arg);
	c->count = strtol(arg, NULL, 10);
	call_arg(c, "ms", arg, sizeof arg);
	c->ms = strtol(arg, NULL, 10);
	if (c->ms < 0 || c->ms > WAIT_MOST_MS)
		c->ms = WAIT_MOST_MS;
	return 0;
}

/* A path that ends in a slash has an id behind it. */
static const struct row {
	const char *method, *path;
	int (*run)(struct call *c);
} rows[] = {
    {"GET", "/v1/messages/", message_get},
    {"POST", "/v1/messages", message_post},
    {"GET", "/v1/people/me", people_me},
    {"GET", "/v1/people", people_list},
    {"GET", "/v1/rooms/", room_get},
    {"GET", "/v1/memberships", membership_list},
    {"GET", "/v1/webhooks", hook_list},
    {"POST", "/v1/webhooks", hook_post},
    {"POST", "/burst", burst_post},
    {"GET", "/wait", wait_get},
};

int
api_run(const char *method, const char *path, struct call *c)
{
	size_t i, n;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		n = strlen(rows[i].path);
		if (strcmp(method, rows[i].method) != 0 ||
		    strncmp(path, rows[i].path, n) != 0)
			continue;
		c->id = path + n;
		if ((rows[i].path[n - 1] == '/') == (*c->id != '\0'))
			return rows[i].run(c);
	}
	return api_no(404, "The requested resource could not be found.");
}

void
api_start(void)
{
	buf_init(&reply, REPLY_MOST);
	make_id(world.me, "PEOPLE", 1, 1);
	world.rooms = map_new();
	world.people = map_new();
	world.messages = map_new();
	if (world.rooms == NULL || world.people == NULL ||
	    world.messages == NULL)
		die("map");
}

void
api_stop(void)
{
	map_free(world.messages, message_drop);
	map_free(world.rooms, NULL);
	map_free(world.people, NULL);
	free(world.all);
	free(world.said);
	buf_done(&reply);
}
