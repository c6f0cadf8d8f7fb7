/*
 * The store seen from another process: `webexbot events`, with the bot
 * running or not.  See the end of evq.h.  It changes only what the bot does
 * not work on, and leaves a note (table poke) of what is to be done again or
 * not at all.
 */
#include "store/evq.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/file.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clk.h"
#include "base/str.h"
#include "store/evq_sql.h"

#define VIEW_BUSY_MS 10000
/* A bot at work on the store gets its turn, too: SQLite keeps no queue. */
#define VIEW_WORK_MS 100
#define VIEW_REST_MS 150

struct evq_view {
	sqlite3 *db;
	bool shared;  /* with a bot at work */
	int64_t work; /* ms since the last rest */
};

static int
view_err(struct evq_view *v, struct err *e)
{
	return err_set(e, ERR_TEMP, "store: %s", sqlite3_errmsg(v->db));
}

static sqlite3_stmt *
view_prepare(struct evq_view *v, struct err *e, const char *sql,
    const char *kinds, va_list ap)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(v->db, sql, -1, &st, NULL) != SQLITE_OK)
		view_err(v, e);
	else
		sq_bind(st, kinds, ap);
	return st;
}

/* A statement with its values (sq_bind), to be stepped and finalized. */
static sqlite3_stmt *
view_query(
    struct evq_view *v, struct err *e, const char *sql, const char *kinds, ...)
{
	sqlite3_stmt *st;
	va_list ap;

	va_start(ap, kinds);
	st = view_prepare(v, e, sql, kinds, ap);
	va_end(ap);
	return st;
}

/* Run one that gives no rows; 0 or -1. */
static int
view_run(
    struct evq_view *v, struct err *e, const char *sql, const char *kinds, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	int rc;

	va_start(ap, kinds);
	st = view_prepare(v, e, sql, kinds, ap);
	va_end(ap);
	if (st == NULL)
		return -1;
	rc = sqlite3_step(st) == SQLITE_DONE ? 0 : view_err(v, e);
	sqlite3_finalize(st);
	return rc;
}

static int
view_begin(struct evq_view *v, int64_t *began, struct err *e)
{
	const struct timespec rest = {0, VIEW_REST_MS * 1000000L};

	if (v->shared && v->work >= VIEW_WORK_MS) {
		nanosleep(&rest, NULL);
		v->work = 0;
	}
	*began = clk_mono_ms();
	return view_run(v, e, sq_text[SQ_BEGIN], "");
}

/* End it: 0, or -1 and nothing has changed. */
static int
view_end(struct evq_view *v, int64_t began, bool ok, struct err *e)
{
	if (ok)
		ok = view_run(v, e, sq_text[SQ_COMMIT], "") == 0;
	if (!ok)
		sqlite3_exec(v->db, "ROLLBACK", NULL, NULL, NULL);
	v->work += clk_mono_ms() - began;
	return ok ? 0 : -1;
}

/* Mostly it is looked for in the wrong folder. */
static void
evq_view_missing(const char *path, struct err *e)
{
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);

	err_set(e, ERR_PERM,
	    "store: %s%s%s is not there (WEBEXBOT_STORE names it)",
	    here == NULL ? "" : here, here == NULL ? "" : "/", path);
	free(here);
}

struct evq_view *
evq_view_open(const char *where, struct err *e)
{
	struct evq_view *v = calloc(1, sizeof *v);
	sqlite3_stmt *st;
	int version = -1;

	if (v == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (!str_prefix(where, "sqlite:")) {
		err_set(e, ERR_PERM, "store: \"%s\" is not sqlite:FILE", where);
		goto fail;
	}
	v->shared = evq_view_owner(where) != 0;
	where += strlen("sqlite:");
	if (access(where, F_OK) == -1) {
		evq_view_missing(where, e);
		goto fail;
	}
	if (sqlite3_open_v2(where, &v->db, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK) {
		view_err(v, e);
		goto fail;
	}
	sqlite3_busy_timeout(v->db, VIEW_BUSY_MS);
	if ((st = view_query(v, e, "PRAGMA user_version", "")) == NULL)
		goto fail;
	if (sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	if (version == SQ_VERSION)
		return v;
	err_set(
	    e, ERR_PERM, "store: %s is not of this version of webexbot", where);
fail:
	evq_view_close(v);
	return NULL;
}

void
evq_view_close(struct evq_view *v)
{
	if (v != NULL)
		sqlite3_close(v->db);
	free(v);
}

static int
view_set_text(struct json *o, const char *name, sqlite3_stmt *st, int col)
{
	const char *s = (const char *)sqlite3_column_text(st, col);

	return json_set(o, name, s == NULL ? json_new_null() : json_new_str(s));
}

static int
view_set_time(struct json *o, const char *name, int64_t ms)
{
	char text[CLK_TEXT];

	return json_set_str(o, name, clk_text(ms, text));
}

/* The reason: why a reply waits, or the event's own. */
#define VIEW_COLUMNS                                                           \
	"id, source, kind, room, received, state, attempts, coalesce("         \
	"(SELECT r.reason FROM reply r WHERE r.event = event.id AND"           \
	" r.state BETWEEN 1 AND 3 AND r.reason IS NOT NULL ORDER BY r.id"      \
	" LIMIT 1), reason), tracking, rule, updated, due, settled"

#define VIEW_LIST                                                              \
	"SELECT " VIEW_COLUMNS " FROM event"                                   \
	" WHERE (?1 < 0 OR state = ?1) AND (?2 IS NULL OR room = ?2)"          \
	" AND received >= ?3 AND "

/* A row of VIEW_COLUMNS as an object; NULL when memory is out. */
static struct json *
view_event(sqlite3_stmt *st)
{
	struct json *o = json_object();
	int state = sqlite3_column_int(st, 5);
	int64_t due = sqlite3_column_int64(st, 11);

	if (json_set_num(o, "id", (double)sqlite3_column_int64(st, 0)) == -1 ||
	    view_set_text(o, "source", st, 1) == -1 ||
	    view_set_text(o, "kind", st, 2) == -1 ||
	    view_set_text(o, "room", st, 3) == -1 ||
	    view_set_time(o, "received", sqlite3_column_int64(st, 4)) == -1 ||
	    json_set_str(o, "state", evq_state_name((enum evq_state)state)) ==
		-1 ||
	    json_set_num(o, "attempts", sqlite3_column_int(st, 6)) == -1 ||
	    view_set_text(o, "reason", st, 7) == -1 ||
	    view_set_text(o, "trackingId", st, 8) == -1 ||
	    view_set_text(o, "rule", st, 9) == -1 ||
	    view_set_time(o, "updated", sqlite3_column_int64(st, 10)) == -1 ||
	    (state == EVQ_WAITING && due > 0 &&
		view_set_time(o, "due", due) == -1)) {
		json_free(o);
		return NULL;
	}
	return o;
}

struct json *
evq_view_list(struct evq_view *v, const struct evq_filter *f, struct err *e)
{
	sqlite3_stmt *st = view_query(v, e,
	    f->oldest ? VIEW_LIST "id > ?5 ORDER BY id LIMIT ?4"
		      : VIEW_LIST
		"(?5 = 0 OR id < ?5) ORDER BY id DESC LIMIT ?4",
	    "itiii", (int64_t)f->state, f->room, f->since, f->limit, f->last);
	struct json *list = json_list();
	int rc = SQLITE_DONE;

	if (st == NULL)
		goto fail;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		if (json_add(list, view_event(st)) == -1) {
			err_nomem(e);
			goto fail;
		}
	if (rc != SQLITE_DONE) {
		view_err(v, e);
		goto fail;
	}
	sqlite3_finalize(st);
	return list;
fail:
	sqlite3_finalize(st);
	json_free(list);
	return NULL;
}

/* JSON lines as a list; what does not parse is left out. */
static struct json *
view_trace(const char *lines)
{
	struct json *list = json_list(), *j;
	size_t n;

	for (; lines != NULL && *lines != '\0';
	     lines += n + (lines[n] == '\n')) {
		n = strcspn(lines, "\n");
		if ((j = json_parse(lines, n, NULL)) != NULL)
			json_add(list, j);
	}
	return list;
}

static int
view_add_replies(struct evq_view *v, struct json *o, int64_t id, struct err *e)
{
	sqlite3_stmt *st = view_query(v, e,
	    "SELECT id, state, attempts, reason, tracking, message, body,"
	    " trace FROM reply WHERE event = ?1 ORDER BY id",
	    "i", id);
	struct json *list = json_list(), *r;
	int rc = -1;

	if (st == NULL)
		goto out;
	while (sqlite3_step(st) == SQLITE_ROW) {
		int state = sqlite3_column_int(st, 1);

		r = json_object();
		if (json_add(list, r) == -1 ||
		    json_set_num(
			r, "id", (double)sqlite3_column_int64(st, 0)) == -1 ||
		    json_set_str(r, "state",
			evq_state_name((enum evq_state)state)) == -1 ||
		    json_set_num(r, "attempts", sqlite3_column_int(st, 2)) ==
			-1 ||
		    view_set_text(r, "reason", st, 3) == -1 ||
		    view_set_text(r, "trackingId", st, 4) == -1 ||
		    view_set_text(r, "messageId", st, 5) == -1 ||
		    view_set_text(r, "request", st, 6) == -1 ||
		    json_set(r, "trace",
			view_trace((const char *)sqlite3_column_text(st, 7))) ==
			-1) {
			err_nomem(e);
			goto out;
		}
	}
	rc = json_set(o, "replies", list);
	list = NULL;
out:
	json_free(list);
	sqlite3_finalize(st);
	return rc;
}

struct json *
evq_view_show(struct evq_view *v, int64_t id, struct err *e)
{
	sqlite3_stmt *st = view_query(v, e,
	    "SELECT " VIEW_COLUMNS ", body, trace FROM event WHERE id = ?1",
	    "i", id);
	struct json *o = NULL;
	int rc;

	if (st == NULL)
		return NULL;
	if ((rc = sqlite3_step(st)) == SQLITE_DONE) {
		err_set(e, ERR_PERM, "event %" PRId64 ": not there", id);
	} else if (rc != SQLITE_ROW) {
		view_err(v, e);
	} else if ((o = view_event(st)) == NULL ||
		   view_set_text(o, "body", st, 13) == -1 ||
		   json_set(o, "trace",
		       view_trace((const char *)sqlite3_column_text(st, 14))) ==
		       -1 ||
		   view_add_replies(v, o, id, e) == -1) {
		err_nomem(e);
		json_free(o);
		o = NULL;
	}
	sqlite3_finalize(st);
	return o;
}

/* Run statements over one event in a transaction; the changes of the
 * first say whether it was in a state that allows it. */
static int
view_change(struct evq_view *v, int64_t id, const char *const *sql,
    const char *why, struct err *e)
{
	int i, hit = 0;
	int64_t began;
	bool ok = true;

	if (view_begin(v, &began, e) == -1)
		return -1;
	for (i = 0; ok && sql[i] != NULL; i++) {
		ok = view_run(v, e, sql[i], "iit", id, clk_wall_ms(), why) == 0;
		if (i == 0 && (hit = sqlite3_changes(v->db)) == 0)
			break;
	}
	return view_end(v, began, ok, e) == 0 ? hit : -1;
}

static int
view_state(struct evq_view *v, int64_t id, struct err *e)
{
	struct json *o = evq_view_show(v, id, e);
	const char *s = json_get_str(o, "state");

	if (s != NULL)
		err_set(e, ERR_PERM, "event %" PRId64 " is %s", id, s);
	json_free(o);
	return -1;
}

#define VIEW_REPLACED "replaced by a replay"
/* Of a reply: what another program did not take in. */
#define VIEW_OUTSIDE                                                           \
	"(lane GLOB '" EVQ_LANE_ALONE "*' OR lane GLOB '" EVQ_LANE_OUTBOUND    \
	"*' OR lane GLOB '" EVQ_LANE_TRIGGER "*')"
#define VIEW_UNTAKEN                                                           \
	" event = ?1 AND state = 5 AND " VIEW_OUTSIDE                          \
	" AND coalesce(reason, '') NOT IN ('" VIEW_REPLACED "', '" EVQ_DROPPED \
	"')"
#define VIEW_REPLAYED                                                          \
	" updated = ?2, reason = NULL, tracking = NULL,"                       \
	" trace = coalesce(trace, '') || '{\"what\":\"replayed\"}' || "        \
	"char(10)"

/* 1: done; 0: there is more to it; -1. */
static int
view_replay_outside(struct evq_view *v, int64_t id, struct err *e)
{
	static const char *const sql[] = {
	    "UPDATE event SET state = 1,"
	    " pending = (SELECT count(*) FROM reply WHERE" VIEW_UNTAKEN
	    ")," VIEW_REPLAYED " WHERE id = ?1 AND state = 5 AND settled = 1"
	    " AND EXISTS(SELECT 1 FROM reply WHERE" VIEW_UNTAKEN ")"
	    " AND EXISTS(SELECT 1 FROM reply WHERE event = ?1 AND state = 4"
	    " AND NOT " VIEW_OUTSIDE ")"
	    " AND NOT EXISTS(SELECT 1 FROM reply WHERE event = ?1"
	    " AND state <> 4 AND coalesce(reason, '') <> '" VIEW_REPLACED
	    "' AND NOT (" VIEW_UNTAKEN "))",
	    "UPDATE reply SET state = 0, attempts = 0, due = 0, updated = ?2,"
	    " tracking = NULL, reason = NULL WHERE" VIEW_UNTAKEN
	    " AND (SELECT state FROM event WHERE id = ?1) = 1",
	    "INSERT OR IGNORE INTO poke(id) VALUES(?1)", NULL};

	return view_change(v, id, sql, NULL, e);
}

int
evq_view_replay(struct evq_view *v, int64_t id, bool whole, struct err *e)
{
	static const char *const sql[] = {
	    "UPDATE event SET state = 0, settled = 0, pending = 0,"
	    " attempts = 0, due = 0," VIEW_REPLAYED
	    " WHERE id = ?1 AND state >= 3 AND settled = 1",
	    "UPDATE reply SET state = 5, reason = '" VIEW_REPLACED "'"
	    " WHERE event = ?1 AND state <> 4",
	    "INSERT OR IGNORE INTO poke(id) VALUES(?1)", NULL};
	int hit = whole ? 0 : view_replay_outside(v, id, e);

	if (hit == 0)
		hit = view_change(v, id, sql, NULL, e);
	if (hit > 0)
		return 0;
	return hit == 0 ? view_state(v, id, e) : -1;
}

int
evq_view_end(struct evq_view *v, int64_t id, const char *why, struct err *e)
{
	static const char *const sql[] = {
	    "UPDATE event SET state = 5, settled = 1, pending = 0,"
	    " updated = ?2, reason = ?3 WHERE id = ?1 AND state <> 4"
	    " AND coalesce(reason, '') <> ?3",
	    "UPDATE reply SET state = 5, updated = ?2, reason = ?3"
	    " WHERE event = ?1 AND state < 4",
	    "INSERT OR IGNORE INTO poke(id) VALUES(?1)", NULL};
	int hit = view_change(v, id, sql, why, e);

	if (hit > 0)
		return 0;
	return hit == 0 ? view_state(v, id, e) : -1;
}

int
evq_view_drop(struct evq_view *v, int64_t id, struct err *e)
{
	return evq_view_end(v, id, EVQ_DROPPED, e);
}

/* -- putting -- */

long
evq_view_owner(const char *where)
{
	char path[SQ_PATH_MAX], pid[32] = "";
	long owner = 0;
	int fd;

	if (!str_prefix(where, "sqlite:"))
		return 0;
	sq_lock_name(where + strlen("sqlite:"), path);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	if (read(fd, pid, sizeof pid - 1) > 0)
		owner = strtol(pid, NULL, 10);
	/* of a dead one the lock is left alone: another may be starting */
	if (owner <= 0 || (kill((pid_t)owner, 0) == -1 && errno == ESRCH) ||
	    flock(fd, LOCK_SH | LOCK_NB) == 0)
		owner = 0;
	close(fd); /* and with it the lock, if we got it */
	return owner;
}

static int
view_insert(
    struct evq_view *v, const struct evq_new *n, int64_t *id, struct err *e)
{
	int64_t now = clk_wall_ms();

	if (view_run(v, e, sq_text[SQ_PUT], "ttttiibi", n->lane, n->source,
		n->kind, n->room, now, n->due, n->body, n->len,
		n->order != 0 ? n->order : now) == -1)
		return -1;
	*id = sqlite3_last_insert_rowid(v->db);
	return view_run(v, e, "INSERT INTO poke(id) VALUES(?1)", "i", *id);
}

/* Note a key: 1: it has been seen, 0: not, -1. */
static int
view_seen(struct evq_view *v, const char *key, struct err *e)
{
	if (key == NULL)
		return 0;
	if (view_run(v, e, sq_text[SQ_SEEN], "ti", key, clk_wall_ms()) == -1)
		return -1;
	return sqlite3_changes(v->db) == 0;
}

int64_t
evq_view_put(struct evq_view *v, const struct evq_new *n, struct err *e)
{
	int64_t id = 0, began;
	int seen;
	bool ok;

	if (view_begin(v, &began, e) == -1)
		return -1;
	seen = view_seen(v, n->key, e);
	ok = seen == 0 && view_insert(v, n, &id, e) == 0;
	if (view_end(v, began, ok, e) == 0)
		return id;
	return seen == 1 ? 0 : -1;
}

int
evq_view_remember(struct evq_view *v, const struct evq_memo *m, struct err *e)
{
	return view_run(v, e, sq_text[SQ_MEMO_PUT], "ttti", m->scope, m->key,
	    m->value, clk_wall_ms());
}

int
evq_view_count(struct evq_view *v, const char *source, const char *kind,
    int64_t first, int64_t counts[EVQ_DEAD + 1], struct err *e)
{
	sqlite3_stmt *st = view_query(v, e,
	    "SELECT state, count(*) FROM event"
	    " WHERE id >= ?1 AND source = ?2 AND kind = ?3 GROUP BY state",
	    "itt", first, source, kind);
	int rc, state;

	if (st == NULL)
		return -1;
	memset(counts, 0, (EVQ_DEAD + 1) * sizeof *counts);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		state = sqlite3_column_int(st, 0);
		if (state >= 0 && state <= EVQ_DEAD)
			counts[state] = sqlite3_column_int64(st, 1);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : view_err(v, e);
}

int64_t
evq_view_left(
    struct evq_view *v, const char *source, const char *kind, struct err *e)
{
	sqlite3_stmt *st = view_query(v, e,
	    "SELECT (SELECT count(*) FROM event INDEXED BY event_open"
	    " WHERE settled = 0 AND source = ?1 AND kind = ?2)"
	    " + (SELECT count(*) FROM reply r INDEXED BY reply_open"
	    " JOIN event e ON e.id = r.event WHERE r.state < 4"
	    " AND e.source = ?1 AND e.kind = ?2)",
	    "tt", source, kind);
	int64_t n = -1;

	if (st == NULL)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	else
		view_err(v, e);
	sqlite3_finalize(st);
	return n;
}

int
evq_view_copy(const char *from, const char *to, struct err *e)
{
	static const char *const sql[] = {
	    "INSERT INTO copy.card SELECT * FROM main.card",
	    "INSERT INTO copy.memory SELECT * FROM main.memory"};
	struct evq_view *v = evq_view_open(from, e);
	size_t i;
	int rc;

	if (v == NULL)
		return -1;
	rc = view_run(v, e, "ATTACH ?1 AS copy", "t", to + strlen("sqlite:"));
	for (i = 0; rc == 0 && i < sizeof sql / sizeof sql[0]; i++)
		rc = view_run(v, e, sql[i], "");
	evq_view_close(v);
	return rc;
}
