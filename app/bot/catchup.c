/*
 * After a downtime: what people said to the bot meanwhile.  Webex tells of a
 * message once and does not promise to try again; the rooms tell when they
 * were last active, so the few that matter are asked.  Each message becomes
 * an event with the key its notification would have had, so that what did
 * come in is not answered again.  The keeper's thread, and a few beside it
 * while there are rooms to ask.
 */
#include "bot/keeper.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/str.h"
#include "base/thr.h"
#include "bot/event.h"
#include "bot/intake.h"

#define CATCHUP_PATIENCE_MS 20000
/* while it holds others up: the engine waits for 10 s at a time */
#define CATCHUP_TRY_MS 1000
#define CATCHUP_TIMEOUT_MS 8000
#define CATCHUP_LIST_MS 10000  /* that Webex may refuse the rooms alone */
#define CATCHUP_ROOMS_MS 20000 /* and the messages of some */
#define CATCHUP_ASK_MS 3000    /* between looks whether it is back */
#define CATCHUP_ROOMS_MAX 10000
#define CATCHUP_ID_MAX 500
#define CATCHUP_MESSAGES_MAX 10000 /* of a room */
#define CATCHUP_MORE 256           /* of either are made room for at once */
#define CATCHUP_NOTICE_MAX (64 * 1024)
#define CATCHUP_SIDE 7        /* threads beside the keeper's */
#define CATCHUP_DOWN 3        /* rooms in a row that fail: so would the rest */
#define CATCHUP_TRIES 3       /* before a refusal is believed */
#define CATCHUP_AGAIN_MS 500  /* between them, then twice that */
#define CATCHUP_PAUSE_MS 1000 /* between rounds */
#define CATCHUP_FULL_MS 60000 /* for which a queue may stay full */
#define CATCHUP_ROOM_MS 50    /* between looks whether it still is */

/* A room that was active. */
struct catchup_room {
	char *id;
	bool direct;
	bool done;
};

struct catchup {
	const struct keeper_opts *o;
	int64_t since;
	int64_t patience; /* for one list */
	int timeout_ms;   /* of a call; 0: the default */
	int64_t until;    /* clk_mono_ms: rooms are held up, if Webex answers */
	struct catchup_room *rooms;
	size_t nrooms;
	bool nomem;
	pthread_mutex_t lock;
	/* under it */
	size_t next;     /* to be asked */
	unsigned failed; /* in a row */
	int queued;
	struct err why;
};

/* What was missed in one. */
struct catchup_asked {
	const struct catchup *c;
	const struct catchup_room *room;
	char **notices; /* that did not come, the newest first */
	size_t n;       /* of those */
	bool nomem;
	int queued;
};

/* Is the time in this member at or after `since`? */
static bool
catchup_recent(
    const struct catchup *c, const struct json *o, const char *member)
{
	const char *s = json_get_str(o, member);
	int64_t at;

	return s != NULL && clk_parse(s, &at) == 0 && at >= c->since;
}

/* The list with room for one more, behind `n` of that size; NULL: no memory. */
static void *
catchup_room_for(void *list, size_t n, size_t size)
{
	return n % CATCHUP_MORE != 0 ? list
				     : realloc(list, (n + CATCHUP_MORE) * size);
}

static int
catchup_add(struct catchup *c, const struct json *r)
{
	const char *id = json_get_str(r, "id");
	struct catchup_room *more;

	if (id == NULL || strlen(id) > CATCHUP_ID_MAX)
		return 0;
	more = catchup_room_for(c->rooms, c->nrooms, sizeof *more);
	if (more == NULL)
		return -1;
	c->rooms = more;
	more += c->nrooms;
	if ((more->id = strdup(id)) == NULL)
		return -1;
	more->direct = str_eq(json_get_str(r, "type"), "direct");
	more->done = false;
	c->nrooms++;
	return 0;
}

/*
 * Rooms come with the latest activity first, as asked for.  Nobody promises
 * it, so only a page without any ends the list.
 */
static bool
catchup_take_rooms(void *arg, const struct json *items)
{
	struct catchup *c = arg;
	const struct json *r;
	bool any = json_first(items) == NULL;

	engine_put_more(c->o->engine);
	for (r = json_first(items); r != NULL; r = json_next(r)) {
		if (!catchup_recent(c, r, "lastActivity"))
			continue;
		if (c->nrooms == CATCHUP_ROOMS_MAX) {
			log_warn("more than %d rooms were active: what was "
				 "missed in the others stays so",
			    CATCHUP_ROOMS_MAX);
			return false;
		}
		if ((c->nomem = catchup_add(c, r) == -1))
			return false;
		any = true;
	}
	return any;
}

/* The notification of a message that did not come, as text, into `out`. */
static int
catchup_notice(const struct json *m, bool direct, struct buf *out)
{
	static const char *const members[] = {
	    "id", "roomId", "parentId", "personId", "personEmail", "created"};
	struct json *o = json_object(), *data = json_object();
	const char *s;
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof members / sizeof members[0]; i++)
		if ((s = json_get_str(m, members[i])) != NULL)
			rc |= json_set_str(data, members[i], s);
	rc |= json_set_str(data, "roomType", direct ? "direct" : "group");
	s = json_get_str(m, "personId");
	rc |= json_set_str(o, "name", "webexbot:catch-up");
	rc |= json_set_str(o, "resource", "messages");
	rc |= json_set_str(o, "event", "created");
	rc |= json_set_str(o, "actorId", s == NULL ? "" : s);
	rc |= json_set(o, "data", data);
	rc |= json_print(o, out);
	json_free(o);
	return rc;
}

/* As text: there may be thousands, in several rooms at once. */
static int
catchup_keep(struct catchup_asked *r, const struct json *m)
{
	char **more;
	struct buf b;

	more = catchup_room_for(r->notices, r->n, sizeof *more);
	if (more == NULL) {
		r->nomem = true;
		return -1;
	}
	r->notices = more;
	buf_init(&b, CATCHUP_NOTICE_MAX);
	if (catchup_notice(m, r->room->direct, &b) == 0 &&
	    (r->notices[r->n] = strdup(buf_str(&b))) != NULL)
		r->n++;
	else
		r->nomem = true;
	buf_done(&b);
	return r->nomem ? -1 : 0;
}

/* Did somebody else say it, who is listened to? */
static bool
catchup_wanted(const struct catchup *c, const struct json *m)
{
	const char *email = json_get_str(m, "personEmail");

	return !self_is(c->o->self, json_get_str(m, "personId")) &&
	       !(c->o->cfg->ignore_bots && email != NULL &&
		   intake_is_bot(email));
}

/* Messages come with the newest first. */
static bool
catchup_take_messages(void *arg, const struct json *items)
{
	struct catchup_asked *r = arg;
	const struct json *m;

	engine_put_more(r->c->o->engine);
	for (m = json_first(items); m != NULL; m = json_next(m)) {
		if (!catchup_recent(r->c, m, "created"))
			return false;
		if (!catchup_wanted(r->c, m))
			continue;
		if (r->n == CATCHUP_MESSAGES_MAX) {
			log_warn("more than %d messages were missed in a "
				 "room: the older ones stay so",
			    CATCHUP_MESSAGES_MAX);
			return false;
		}
		if (catchup_keep(r, m) == -1)
			return false;
	}
	return true;
}

/* What waits in the rooms goes on. */
static void
catchup_unbar(const struct catchup *c)
{
	size_t i;

	for (i = 0; i < c->nrooms; i++)
		evq_unbar(c->o->q, c->rooms[i].id);
}

/* A full queue is emptied by answers: those that are there go on first. */
static enum evq_put
catchup_store(const struct catchup *c, const struct evq_new *n, struct err *e)
{
	int64_t until = clk_mono_ms() + CATCHUP_FULL_MS;
	const struct keeper_opts *o = c->o;
	enum evq_put rc = evq_put(o->q, n, NULL, e);

	if (rc == EVQ_FULL)
		catchup_unbar(c);
	while (rc == EVQ_FULL && clk_mono_ms() < until &&
	       wx_pause(o->wx, CATCHUP_ROOM_MS)) {
		engine_allow_claims(o->engine, true);
		rc = evq_put(o->q, n, NULL, e);
	}
	engine_put_more(o->engine);
	if (rc == EVQ_FULL)
		err_set(e, ERR_TEMP, "the queue is full");
	return rc;
}

static int
catchup_put(struct catchup_asked *r, const char *raw, struct err *e)
{
	char key[EVENT_KEY];
	struct event ev;
	struct evq_new n;
	size_t len = strlen(raw);
	struct buf b;
	int rc = -1;

	if (event_read_webex(&ev, raw, len, e) == -1)
		return -1;
	if (event_item_webex(&ev, raw, len, key, &b, &n) == -1) {
		err_nomem(e);
	} else {
		rc = catchup_store(r->c, &n, e);
		r->queued += rc == EVQ_STORED;
		rc = rc == EVQ_STORED || rc == EVQ_REPEATED ? 0 : -1;
	}
	buf_done(&b);
	event_done(&ev);
	return rc;
}

static int
catchup_ask(struct catchup_asked *r, struct err *e)
{
	char query[CATCHUP_ID_MAX + 100];
	const struct wx_call list = {.endpoint = WX_MESSAGE_LIST,
	    .query = query,
	    .timeout_ms = r->c->timeout_ms};
	size_t i;
	int rc;

	engine_put_more(r->c->o->engine);
	/* in a group a bot may only list what mentions it */
	snprintf(query, sizeof query, "roomId=%s&max=50%s", r->room->id,
	    r->room->direct ? "" : "&mentionedPeople=me");
	rc = wx_wait_pages(
	    r->c->o->wx, &list, r->c->patience, catchup_take_messages, r, e);
	if (rc == 0 && r->nomem)
		rc = err_nomem(e);
	for (i = r->n; i > 0 && rc == 0; i--) {
		rc = catchup_put(r, r->notices[i - 1], e);
		CRASH_POINT("caught-up");
	}
	while (r->n > 0)
		free(r->notices[--r->n]);
	free(r->notices);
	r->notices = NULL;
	r->nomem = false;
	return rc;
}

/*
 * One that is refused is asked for again before it is left out, such as a
 * room that we have been put out of.  -1: it may go well another time.
 */
static int
catchup_room(struct catchup_asked *r, struct err *e)
{
	int64_t pause = CATCHUP_AGAIN_MS;
	int n;

	for (n = 1;; n++, pause *= 2) {
		if (catchup_ask(r, e) == 0)
			return 0;
		if (e->kind != ERR_PERM)
			return -1;
		if (n == CATCHUP_TRIES)
			break;
		if (!wx_pause(r->c->o->wx, pause))
			return -1;
		err_clear(e);
	}
	log_info("a room is left out: %s", e->text);
	err_clear(e);
	return 0;
}

/*
 * A room that fails does not keep the others from being fetched, and holds
 * up only what is said in it.
 */
static void *
catchup_rooms(void *arg)
{
	struct catchup *c = arg;

	pthread_mutex_lock(&c->lock);
	while (c->next < c->nrooms && c->failed < CATCHUP_DOWN) {
		struct catchup_room *room = &c->rooms[c->next++];
		struct catchup_asked r = {.c = c, .room = room};
		struct err e = ERR_INIT;

		if (room->done)
			continue;
		pthread_mutex_unlock(&c->lock);
		room->done = catchup_room(&r, &e) == 0;
		if (room->done)
			evq_unbar(c->o->q, room->id);
		pthread_mutex_lock(&c->lock);
		c->queued += r.queued;
		c->failed = room->done ? 0 : c->failed + 1;
		if (!room->done)
			err_set(&c->why, e.kind, "%s", e.text);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* One after the other would take a second for ten of them. */
static int
catchup_all(struct catchup *c, struct err *e)
{
	pthread_t side[CATCHUP_SIDE];
	size_t n, i;

	c->next = 0;
	c->failed = 0;
	err_clear(&c->why);
	for (n = 0; n < CATCHUP_SIDE && n + 1 < c->nrooms; n++)
		if (thr_start(&side[n], "wb-catch-up", catchup_rooms, c) != 0)
			break;
	catchup_rooms(c);
	for (i = 0; i < n; i++)
		pthread_join(side[i], NULL);
	if (c->why.kind == ERR_NONE)
		return 0;
	return err_set(e, c->why.kind, "%s", c->why.text);
}

static void
catchup_forget(struct catchup *c)
{
	while (c->nrooms > 0)
		free(c->rooms[--c->nrooms].id);
	free(c->rooms);
	c->rooms = NULL;
	c->nomem = false;
}

static int
catchup_list(struct catchup *c, struct err *e)
{
	const struct wx_call list = {.endpoint = WX_ROOM_LIST,
	    .query = "sortBy=lastactivity&max=100",
	    .timeout_ms = c->timeout_ms};

	catchup_forget(c);
	if (wx_wait_pages(
		c->o->wx, &list, c->patience, catchup_take_rooms, c, e) == -1)
		return -1;
	return c->nomem ? err_nomem(e) : 0;
}

/* Once it is known which they are, only those that are asked are held up. */
static int
catchup_bar(struct catchup *c, const struct catchup_first *first, struct err *e)
{
	size_t i;

	for (i = 0; i < c->nrooms; i++)
		if (evq_bar(c->o->q, c->rooms[i].id) == -1)
			return err_nomem(e);
	first->known(first->arg);
	return 0;
}

/* Does Webex answer at all? */
static bool
catchup_answered(const struct catchup *c, struct err *e)
{
	const struct wx_call who = {
	    .endpoint = WX_PEOPLE_ME, .timeout_ms = c->timeout_ms};

	engine_put_more(c->o->engine);
	return wx_wait(c->o->wx, &who, 0, NULL, e) == 0;
}

/*
 * What Webex refuses alone is not waited for for ever.  While it refuses
 * everything, waiting costs nothing: nobody could be answered either.
 */
static bool
catchup_again(struct catchup *c)
{
	struct err e = ERR_INIT;

	if (clk_mono_ms() < c->until) {
		engine_put_more(c->o->engine);
		return wx_pause(c->o->wx, CATCHUP_PAUSE_MS);
	}
	if (c->until == 0 || catchup_answered(c, &e))
		return false;
	engine_down(c->o->engine, e.text);
	do {
		err_clear(&e);
		engine_put_more(c->o->engine);
		if (!wx_pause(c->o->wx, CATCHUP_ASK_MS))
			return false;
	} while (!catchup_answered(c, &e));
	c->until = clk_mono_ms() + CATCHUP_LIST_MS;
	return true;
}

int
catchup_run(const struct keeper_opts *o, int64_t since,
    const struct catchup_first *first, struct err *e)
{
	struct catchup c = {.o = o,
	    .since = since,
	    .patience = CATCHUP_PATIENCE_MS,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .why = ERR_INIT};
	int rc;

	if (first != NULL) {
		c.patience = CATCHUP_TRY_MS;
		c.timeout_ms = o->cfg->api_timeout < CATCHUP_TIMEOUT_MS
				   ? (int)o->cfg->api_timeout
				   : CATCHUP_TIMEOUT_MS;
		c.until = clk_mono_ms() + CATCHUP_LIST_MS;
	}
	while ((rc = catchup_list(&c, e)) == -1 && catchup_again(&c))
		err_clear(e);
	if (rc == 0 && first != NULL) {
		rc = catchup_bar(&c, first, e);
		c.until = clk_mono_ms() + CATCHUP_ROOMS_MS;
	}
	while (
	    rc == 0 && (rc = catchup_all(&c, e)) == -1 && catchup_again(&c)) {
		err_clear(e);
		rc = 0;
	}
	catchup_unbar(&c);
	catchup_forget(&c);
	return rc == 0 ? c.queued : -1;
}
