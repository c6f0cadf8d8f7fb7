/*
 * The control API: GET /sim/messages, which tests wait on instead of
 * sleeping; see ctl.h.
 *
 *   room    id, title, or an email (its direct room with the bot)
 *   since   a seq: messages made, edited or deleted after it
 *   by      bot (the default), people, any
 *   wait    ms to wait until there are `count` (1) of them
 *   items   0: the count only
 *   max     items listed (1000), the oldest first
 *   last    instead: the last so many of the room, in their order
 */
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "sim/ctl.h"
#include "sim/event.h"
#include "sim/jw.h"

#define WATCH_MOST 10000

struct ctl_watch {
	char room[ID_MAX]; /* "": any; by id, since rooms may go */
	uint64_t since;
	long long wait, count, items, max, last;
	bool bot, people;
	uint64_t seen; /* what has been counted so far */
	long long found;
};

static bool
ctl_watched(const struct ctl_watch *w, const struct message *m)
{
	return (*w->room == '\0' || strcmp(w->room, m->room->id) == 0) &&
	       (m->author->bot ? w->bot : w->people);
}

static int
ctl_watch_room(struct ctl *c, struct ctl_watch *w)
{
	const char *name = http_arg(c->req, "room");
	struct room *r;

	if (name == NULL)
		return 0;
	if ((r = ctl_room(c, name, NULL)) == NULL)
		return -1;
	memcpy(w->room, r->id, sizeof w->room);
	return 0;
}

static int
ctl_watch_query(struct ctl *c, struct ctl_watch *w)
{
	const char *by = http_arg(c->req, "by");
	long long since = 0;

	w->bot = by == NULL || strcmp(by, "people") != 0;
	w->people = by != NULL && strcmp(by, "bot") != 0;
	if (by != NULL && strcmp(by, "bot") != 0 && w->bot &&
	    strcmp(by, "any") != 0)
		return ctl_fail(c, 400, "by: bot, people or any");
	w->count = w->items = 1;
	w->max = 1000;
	if (ctl_num(c, "since", INT64_MAX, &since) == -1 ||
	    ctl_num(c, "wait", SIM_WAIT_MAX, &w->wait) == -1 ||
	    ctl_num(c, "count", INT64_MAX, &w->count) == -1 ||
	    ctl_num(c, "items", 1, &w->items) == -1 ||
	    ctl_num(c, "max", WATCH_MOST, &w->max) == -1 ||
	    ctl_num(c, "last", WATCH_MOST, &w->last) == -1)
		return -1;
	w->since = w->seen = (uint64_t)since;
	return ctl_watch_room(c, w);
}

/* Count what came since the last look: the timeline is ordered by change. */
static void
ctl_watch_count(struct ctl *c, struct ctl_watch *w)
{
	const struct message *m;
	uint64_t newest = w->seen;

	TAILQ_FOREACH_REVERSE(
	    m, &c->sim->world->timeline, message_list, in_time)
	{
		if (m->changed <= w->seen)
			break;
		if (newest < m->changed)
			newest = m->changed;
		w->found += ctl_watched(w, m);
	}
	w->seen = newest;
}

/* The end of a room, whatever has been asked for besides. */
static void
ctl_watch_last(struct ctl *c, const struct ctl_watch *w)
{
	const struct room *r = world_room(c->sim->world, w->room);
	const struct message *m = NULL, *first = NULL;
	long long left = w->last;

	jw_open(&c->out, "items", '[');
	if (r != NULL)
		m = TAILQ_LAST(&r->messages, room_messages);
	for (; m != NULL && left-- > 0;
	     m = TAILQ_PREV(m, room_messages, in_room))
		first = m;
	for (m = first; m != NULL; m = TAILQ_NEXT(m, in_room))
		event_item(c->sim, m, &c->out);
	jw_close(&c->out, ']');
}

static void
ctl_watch_list(struct ctl *c, const struct ctl_watch *w)
{
	const struct message *m, *first = NULL;
	long long left = w->max;

	jw_open(&c->out, "items", '[');
	TAILQ_FOREACH_REVERSE(
	    m, &c->sim->world->timeline, message_list, in_time)
	{
		if (m->changed <= w->since)
			break;
		first = m;
	}
	for (m = first; m != NULL && left > 0; m = TAILQ_NEXT(m, in_time))
		if (ctl_watched(w, m)) {
			event_item(c->sim, m, &c->out);
			left--;
		}
	jw_close(&c->out, ']');
}

int
ctl_messages(struct ctl *c)
{
	struct sim *s = c->sim;
	struct ctl_watch w = {0};
	int64_t until;

	if (ctl_watch_query(c, &w) == -1)
		return -1;
	until = clk_mono_ms() + w.wait;
	ctl_watch_count(c, &w);
	while (w.found < w.count && sim_wait(s, until))
		ctl_watch_count(c, &w);
	jw_open(&c->out, NULL, '{');
	jw_num(&c->out, "seq", (int64_t)s->world->seq);
	jw_num(&c->out, "count", w.found);
	if (w.last > 0)
		ctl_watch_last(c, &w);
	else if (w.items != 0)
		ctl_watch_list(c, &w);
	jw_close(&c->out, '}');
	return 0;
}
