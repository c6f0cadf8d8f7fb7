/*
 * webexbot events list|show|replay|drop: what is queued, done, dead; with
 * the bot running beside it or not.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/json.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/outcome.h"
#include "store/evq.h"

#define EVENTS_OUT_MAX (64 << 20)
#define EVENTS_PAGE 500
#define EVENTS_SHOWN 100 /* where nobody says --limit or --json */

struct events {
	struct evq_view *view;
	const char *verb;
	bool json;
	bool all; /* every event that the filter lets through */
	struct evq_filter filter;
	long long limit; /* 0: none; -1: the usual */
	size_t printed;
	int64_t ids[256];
	size_t nids;
	bool whole;           /* replay */
	struct json *changed; /* with json: what was done */
	int left;             /* of those found: nothing to do */
	bool failed;          /* one of those named */
};

/* What others sent must not move the cursor of whoever reads it. */
static void
events_add(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		/* also the control characters of eight bits, in UTF-8 */
		if (c == 0xc2 && (unsigned char)s[1] < 0xa0 && s[1] != '\0')
			s++;
		else if (c >= 0x20 && c != 0x7f) {
			buf_addc(out, (char)c);
			continue;
		}
		buf_addc(out, '?');
	}
}

/* In columns what every event has, then what it has besides. */
static void
events_line(const struct json *o, struct buf *out)
{
	static const struct {
		const char *name;
		size_t width;
	} columns[] = {
	    {"received", 24}, {"state", 9}, {"source", 7}, {"kind", 25}};
	static const char *const fields[] = {
	    "rule", "reason", "trackingId", "room"};
	const char *s;
	size_t i, end;

	buf_addf(out, "%6.0f", json_num(json_get(o, "id")));
	for (i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		buf_adds(out, "  ");
		end = out->len + columns[i].width;
		if ((s = json_get_str(o, columns[i].name)) != NULL)
			events_add(out, s);
		while (!out->failed && out->len < end)
			buf_addc(out, ' ');
	}
	buf_addf(out, "  attempts=%.0f", json_num(json_get(o, "attempts")));
	for (i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if ((s = json_get_str(o, fields[i])) != NULL && *s != '\0') {
			buf_addf(out, "  %s=", fields[i]);
			events_add(out, s);
		}
	buf_addc(out, '\n');
}

/* `each` of those that the filter lets through, page by page. */
static int
events_all(struct events *ev,
    int (*each)(struct events *ev, const struct json *o, struct err *e),
    struct err *e)
{
	int64_t left = ev->limit > 0 ? ev->limit : INT64_MAX;
	struct json *list;
	const struct json *o;
	size_t n;
	int rc = 0;

	do {
		ev->filter.limit = left < EVENTS_PAGE ? left : EVENTS_PAGE;
		if ((list = evq_view_list(ev->view, &ev->filter, e)) == NULL)
			return -1;
		n = json_count(list);
		left -= (int64_t)n;
		for (o = json_first(list); o != NULL && rc == 0;
		     o = json_next(o)) {
			ev->filter.last = (int64_t)json_num(json_get(o, "id"));
			rc = each(ev, o, e);
		}
		json_free(list);
	} while (rc == 0 && n == EVENTS_PAGE && left > 0);
	return rc;
}

static int
events_list_one(struct events *ev, const struct json *o, struct err *e)
{
	struct buf out;

	(void)e;
	buf_init(&out, EVENTS_OUT_MAX);
	if (ev->json) {
		buf_adds(&out, ev->printed > 0 ? ",\n" : "[\n");
		json_print_pretty(o, &out);
	} else {
		events_line(o, &out);
	}
	ev->printed++;
	fputs(buf_str(&out), stdout);
	buf_done(&out);
	return 0;
}

static int
events_list(struct events *ev, struct err *e)
{
	bool usual = ev->limit == -1 && !ev->json;
	struct json *more;

	if (usual)
		ev->limit = EVENTS_SHOWN;
	if (events_all(ev, events_list_one, e) == -1)
		return -1;
	if (ev->json)
		puts(ev->printed > 0 ? "\n]" : "[]");
	ev->filter.limit = 1;
	if (!usual || ev->printed < EVENTS_SHOWN ||
	    (more = evq_view_list(ev->view, &ev->filter, NULL)) == NULL)
		return 0;
	if (json_first(more) != NULL)
		fprintf(stderr,
		    "webexbot: these are the newest %d, --limit 0 lists all\n",
		    EVENTS_SHOWN);
	json_free(more);
	return 0;
}

/* -- one event as a story -- */

static void
events_trace(const struct json *trace, const char *indent, struct buf *out)
{
	const struct json *line, *m;

	for (line = json_first(trace); line != NULL; line = json_next(line)) {
		buf_adds(out, indent);
		for (m = json_first(line); m != NULL; m = json_next(m)) {
			const char *s = json_str(m);

			if (s == NULL || *s == '\0')
				continue;
			if (strcmp(json_name(m), "at") != 0 &&
			    strcmp(json_name(m), "what") != 0)
				buf_addf(out, "%s=", json_name(m));
			events_add(out, s);
			buf_addc(out, ' ');
		}
		if (buf_len(out) > 0 && out->p[out->len - 1] == ' ')
			buf_cut(out, out->len - 1);
		buf_addc(out, '\n');
	}
}

static void
events_story(const struct json *o, struct buf *out)
{
	const struct json *r;

	events_line(o, out);
	events_trace(json_get(o, "trace"), "  ", out);
	for (r = json_first(json_get(o, "replies")); r != NULL;
	     r = json_next(r)) {
		const char *reason = json_get_str(r, "reason");
		const char *id = json_get_str(r, "messageId");

		buf_addf(out, "  reply %.0f: %s%s", json_num(json_get(r, "id")),
		    json_get_str(r, "state"), reason == NULL ? "" : ", ");
		events_add(out, reason == NULL ? "" : reason);
		buf_adds(out, id == NULL ? "" : ", message ");
		events_add(out, id == NULL ? "" : id);
		buf_addc(out, '\n');
		events_trace(json_get(r, "trace"), "    ", out);
	}
}

static int
events_show(struct events *ev, int64_t id, struct err *e)
{
	struct json *o = evq_view_show(ev->view, id, e);
	struct buf out;

	if (o == NULL)
		return -1;
	outcome_body(o);
	buf_init(&out, EVENTS_OUT_MAX);
	if (ev->json) {
		json_print_pretty(o, &out);
		buf_addc(&out, '\n');
	} else {
		events_story(o, &out);
	}
	fputs(buf_str(&out), stdout);
	buf_done(&out);
	json_free(o);
	return 0;
}

static int
events_change(struct events *ev, int64_t id,
    int (*change)(struct events *ev, int64_t id, struct err *e),
    const char *done, const char *state, struct err *e)
{
	struct json *o;

	if (change(ev, id, e) == -1)
		return -1;
	if (!ev->json) {
		printf("%" PRId64 "  %s\n", id, done);
		return 0;
	}
	o = json_object();
	if (json_set_num(o, "id", (double)id) == -1 ||
	    json_set_str(o, "state", state) == -1) {
		json_free(o);
		return err_nomem(e);
	}
	return json_add(ev->changed, o) == -1 ? err_nomem(e) : 0;
}

static int
events_replay(struct events *ev, int64_t id, struct err *e)
{
	return evq_view_replay(ev->view, id, ev->whole, e);
}

static int
events_drop(struct events *ev, int64_t id, struct err *e)
{
	return evq_view_drop(ev->view, id, e);
}

static int
events_one(struct events *ev, int64_t id, struct err *e)
{
	if (strcmp(ev->verb, "show") == 0)
		return events_show(ev, id, e);
	if (strcmp(ev->verb, "replay") == 0)
		return events_change(
		    ev, id, events_replay, "queued", "queued", e);
	return events_change(ev, id, events_drop, "dropped", "dead", e);
}

/*
 * One that the filters let through.  Those that are in no state for it are
 * left alone, and so is on replay what a person has dropped.
 */
static int
events_found(struct events *ev, const struct json *o, struct err *e)
{
	struct err why = ERR_INIT;

	if ((strcmp(ev->verb, "replay") == 0 &&
		str_eq(json_get_str(o, "reason"), EVQ_DROPPED)) ||
	    (events_one(ev, (int64_t)json_num(json_get(o, "id")), &why) == -1 &&
		why.kind == ERR_PERM)) {
		ev->left++;
		return 0;
	}
	return why.kind == ERR_NONE ? 0 : err_set(e, why.kind, "%s", why.text);
}

/* One that is named: what cannot be done keeps no other from being done. */
static int
events_named(struct events *ev, int64_t id, struct err *e)
{
	struct err why = ERR_INIT;

	if (events_one(ev, id, &why) == 0)
		return 0;
	if (why.kind == ERR_PERM && ev->nids > 1) {
		cli_err(CLI_FAILED, &why);
		ev->failed = true;
		return 0;
	}
	return err_set(e, why.kind, "%s", why.text);
}

/* Those named, or with filters all that they let through. */
static int
events_each(struct events *ev, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < ev->nids && rc == 0; i++)
		rc = events_named(ev, ev->ids[i], e);
	if (!ev->all || rc == -1)
		return rc;
	ev->filter.oldest = true; /* in the order they were said */
	rc = events_all(ev, events_found, e);
	if (ev->left > 0)
		fprintf(stderr,
		    "webexbot: %d left as they are: there is nothing to %s, "
		    "or they were dropped\n",
		    ev->left, ev->verb);
	return rc;
}

/* -- arguments -- */

static int
events_state(const char *name, int *out)
{
	static const struct {
		const char *name;
		enum evq_state state;
	} states[] = {{"queued", EVQ_QUEUED}, {"waiting", EVQ_WAITING},
	    {"uncertain", EVQ_UNCERTAIN}, {"done", EVQ_DONE},
	    {"dead", EVQ_DEAD}};
	size_t i;

	for (i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(states[i].name, name) == 0) {
			*out = (int)states[i].state;
			return 0;
		}
	return -1;
}

/* A moment, or a time back from now ("2h"). */
static int
events_since(const char *s, int64_t *out)
{
	long long ms;

	char day[32];

	if (str_ms(s, &ms) == 0) {
		*out = clk_wall_ms() - ms;
		return 0;
	}
	snprintf(day, sizeof day, "%.16sT00:00:00Z", s); /* a date only */
	return strlen(s) == strlen("2026-05-04") ? clk_parse(day, out)
						 : clk_parse(s, out);
}

/* -1 without an error: there is no such option. */
static int
events_option(
    struct events *ev, const char *name, const char *value, struct err *e)
{
	static const char *const names[] = {
	    "--state", "--room", "--since", "--limit"};
	size_t i = 0;

	while (i < 4 && strcmp(name, names[i]) != 0)
		i++;
	if (i == 4)
		return -1;
	if (value == NULL)
		return err_set(e, ERR_PERM, "%s: a value is missing", name);
	switch (i) {
	case 0:
		if (events_state(value, &ev->filter.state) == -1)
			return err_set(e, ERR_PERM,
			    "--state: \"%s\" is not one of queued, waiting, "
			    "done, dead, uncertain",
			    value);
		break;
	case 1:
		ev->filter.room = value;
		break;
	case 2:
		if (events_since(value, &ev->filter.since) == -1)
			return err_set(e, ERR_PERM,
			    "--since: \"%s\" is no time such as 2h or "
			    "2026-05-04T09:15:00Z",
			    value);
		break;
	case 3:
		if (str_num(value, 0, INT32_MAX, &ev->limit) == -1)
			return err_set(
			    e, ERR_PERM, "--limit: \"%s\" is no number", value);
	}
	ev->all = true;
	return 0;
}

static int
events_args(struct events *ev, int argc, char **argv, struct err *e)
{
	long long id;
	int i;

	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			ev->json = true;
		} else if (strcmp(argv[i], "--whole") == 0) {
			ev->whole = true;
		} else if (argv[i][0] == '-') {
			if (events_option(ev, argv[i], argv[i + 1], e) == -1)
				return -1;
			i++;
		} else if (str_num(argv[i], 1, INT64_MAX, &id) == -1 ||
			   ev->nids == sizeof ev->ids / sizeof ev->ids[0]) {
			return err_set(e, ERR_PERM,
			    "\"%s\" is no event id (or there are too many)",
			    argv[i]);
		} else {
			ev->ids[ev->nids++] = id;
		}
	}
	return 0;
}

static int
events_run(struct cli *c, int argc, char **argv)
{
	static const char *const verbs[] = {"list", "show", "replay", "drop"};
	struct events ev = {.filter = {.state = -1}, .limit = -1};
	struct err e = ERR_INIT;
	size_t i;
	int rc;

	for (i = 0; argc > 1 && i < 4 && strcmp(argv[1], verbs[i]) != 0; i++)
		;
	if (argc < 2 || i == 4)
		return cli_usage(c);
	if (events_args(&ev, argc, argv, &e) == -1)
		return e.kind == ERR_NONE ? cli_usage(c)
					  : cli_err(CLI_USAGE, &e);
	if ((i == 0) != (ev.nids == 0) && !(i > 1 && ev.all))
		return cli_usage(c);
	if (cli_cfg(c) == NULL)
		return CLI_USAGE;
	if ((ev.view = evq_view_open(c->cfg->store, &e)) == NULL)
		return cli_err(CLI_FAILED, &e);
	ev.verb = verbs[i];
	if (ev.json && i > 1)
		ev.changed = json_list();
	rc = i == 0 ? events_list(&ev, &e) : events_each(&ev, &e);
	if (ev.changed != NULL) /* also what was done before it failed */
		outcome_json(ev.changed);
	json_free(ev.changed);
	evq_view_close(ev.view);
	if (rc == -1)
		return cli_err(CLI_FAILED, &e);
	return ev.failed ? CLI_FAILED : CLI_OK;
}

const struct cli_cmd cli_events = {
    .name = "events",
    .usage = "events list|show ID|replay ID...|drop ID... [--state STATE] "
	     "[--room ID] [--since TIME] [--limit N] [--whole] [--json]",
    .help = "what is queued, done, dead; play again, or drop",
    .more = "  list       what came in, newest first\n"
	    "  show       one event as a story\n"
	    "  replay     from the start; where only other programs did not\n"
	    "             take it in, for them; --whole: answers again, too\n"
	    "  drop       never tries it again\n"
	    "  ID         the number of an event; replay and drop also take\n"
	    "             the filters --state, --room and --since\n"
	    "  STATE      queued, waiting, done, dead or uncertain\n"
	    "  TIME       2h (so long ago), or 2026-05-04T09:15:00Z\n"
	    "  N          how many at most, 0: no limit; 100, with --json 0\n",
    .run = events_run,
};
