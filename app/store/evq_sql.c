/* Schema and statements; see evq_sql.h. */
#include "store/evq_sql.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

/* What is told of an item: one that is tried for days must not grow. */
#define SQ_TRACE(more, open)                                                   \
	"trace = CASE WHEN length(trace) > 65536 THEN trace"                   \
	" ELSE coalesce(trace, '') || coalesce(" more ", '') END"              \
	" WHERE id = ?1 AND " open

const char sq_schema[] =
    "CREATE TABLE event(id INTEGER PRIMARY KEY, lane TEXT NOT NULL,"
    " source TEXT NOT NULL, kind TEXT NOT NULL, room TEXT NOT NULL,"
    " received INTEGER NOT NULL, updated INTEGER NOT NULL,"
    " state INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0,"
    " pending INTEGER NOT NULL DEFAULT 0,"
    " attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,"
    " ord INTEGER NOT NULL, reason TEXT, tracking TEXT, rule TEXT, body BLOB "
    "NOT NULL, trace TEXT);"
    "CREATE INDEX event_open ON event(id) WHERE settled = 0;"
    "CREATE TABLE reply(id INTEGER PRIMARY KEY, event INTEGER NOT NULL,"
    " lane TEXT NOT NULL, state INTEGER NOT NULL, updated INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,"
    " reason TEXT, tracking TEXT, message TEXT, body BLOB NOT NULL,"
    " trace TEXT);"
    "CREATE INDEX reply_event ON reply(event);"
    "CREATE INDEX reply_open ON reply(id) WHERE state < 4;"
    "CREATE TABLE seen(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
    " at INTEGER NOT NULL);"
    "CREATE TABLE card(id INTEGER PRIMARY KEY, message TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL, content TEXT NOT NULL, at INTEGER NOT NULL);"
    "CREATE TABLE memory(scope TEXT NOT NULL, key TEXT NOT NULL,"
    " value TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(scope, key))"
    " WITHOUT ROWID;"
    "CREATE TABLE poke(id INTEGER PRIMARY KEY);";

const char *const sq_text[SQ_COUNT] = {
    [SQ_BEGIN] = "BEGIN IMMEDIATE",
    [SQ_COMMIT] = "COMMIT",
    [SQ_ROLLBACK] = "ROLLBACK",
    [SQ_SEEN] = "INSERT INTO seen(key, at) VALUES(?1, ?2)"
		" ON CONFLICT DO NOTHING",
    [SQ_PUT] = "INSERT INTO event(lane, source, kind, room, received, updated,"
	       " state, due, body, ord)"
	       " VALUES(?1, ?2, ?3, ?4, ?5, ?5, 0, ?6, ?7, ?8)",
    /* an event that was dropped while it was worked on stays dropped */
    [SQ_SETTLE] = "UPDATE event SET state = ?2, settled = 1, pending = ?3,"
		  " updated = ?4, reason = ?5, tracking = ?6, rule = ?7,"
		  " attempts = attempts + 1, " SQ_TRACE("?8", "settled = 0"),
    [SQ_AGAIN] = "UPDATE event SET state = 1, due = ?2, updated = ?4,"
		 " attempts = attempts + ?3, reason = ?5, tracking = ?6,"
		 " " SQ_TRACE("?7", "settled = 0"),
    [SQ_REPLY] = "INSERT INTO reply(event, lane, state, updated, body, due)"
		 " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [SQ_REPLY_TO] = "UPDATE reply SET state = ?2, due = ?3, updated = ?5,"
		    " attempts = attempts + ?4, reason = ?6, tracking = ?7,"
		    " message = ?8, " SQ_TRACE("?9", "state < 4"),
    /* the state of an event follows the replies it still waits for */
    [SQ_EVENT_STATE] =
	"UPDATE event SET pending = pending - ?2, updated = ?3,"
	" state = CASE WHEN ?4 = 5 OR state = 5 THEN 5"
	" WHEN ?4 = 3 THEN 3"
	" WHEN pending > ?2 THEN 1"
	" WHEN EXISTS(SELECT 1 FROM reply WHERE event = ?1 AND state = 3)"
	" THEN 3 ELSE 4 END,"
	" reason = CASE WHEN ?2 AND ?4 IN (3, 5) THEN coalesce(?5, reason)"
	" ELSE reason END, tracking = coalesce(?6, tracking)"
	" WHERE id = ?1",
    [SQ_CARD_PUT] = "INSERT OR REPLACE INTO card(message, name, content, at)"
		    " VALUES(?1, ?2, ?3, ?4)",
    [SQ_MEMO_PUT] = "INSERT OR REPLACE INTO memory VALUES(?1, ?2, ?3, ?4)",
    [SQ_MEMO_DEL] = "DELETE FROM memory WHERE scope = ?1 AND key = ?2",
    [SQ_POKED] = "SELECT e.id, e.lane, e.received, e.attempts, "
		 "e.state, e.due,"
		 " e.ord"
		 " FROM poke p JOIN event e ON e.id = p.id"
		 " WHERE e.settled = 0 ORDER BY e.id",
    /* what others are to take in after all */
    [SQ_POKED_REPLIES] =
	"SELECT r.id, r.lane, r.updated, r.attempts, r.state, r.due, 0, r.event"
	" FROM poke p JOIN reply r ON r.event = p.id JOIN event e ON e.id = "
	"p.id"
	" WHERE e.settled = 1 AND r.state = 0 ORDER BY r.id",
    /* and what waits in vain: dropped, or replaced by the replay */
    [SQ_POKED_DEAD] =
	"SELECT 0, e.id, e.lane, e.ord FROM poke p JOIN event e ON e.id = p.id"
	" WHERE e.settled = 1"
	" UNION ALL SELECT 1, r.id, r.lane, 0 FROM poke p"
	" JOIN reply r ON r.event = p.id WHERE r.state = 5",
    [SQ_UNPOKE] = "DELETE FROM poke",
    /* not the last: it tells when the bot was last alive, and keeps its id */
    [SQ_OLD] = "SELECT id, state, received, pending, updated FROM event"
	       " WHERE id > ?1"
	       " AND id < (SELECT max(id) FROM event) ORDER BY id LIMIT ?2",
    [SQ_OLD_REPLIES] = "DELETE FROM reply WHERE event = ?1",
    [SQ_OLD_EVENT] = "DELETE FROM event WHERE id = ?1",
    /*
     * Not those of the last minutes before a downtime: catch-up begins there.
     * Nor the latest, which may look old only as the clock was wrong.
     */
    [SQ_OLD_SEEN] = "DELETE FROM seen WHERE id IN"
		    " (SELECT id FROM seen ORDER BY id LIMIT ?2)"
		    " AND id <= (SELECT max(id) FROM seen) - 2000"
		    " AND at < min(?1, (SELECT received FROM event"
		    " ORDER BY id DESC LIMIT 1) - 600000)",
    /* who has answered it goes with a card */
    [SQ_OLD_ONCE] = "DELETE FROM memory WHERE scope IN"
		    " (SELECT 'once ' || message FROM card WHERE id IN"
		    " (SELECT id FROM card ORDER BY id LIMIT ?2)"
		    " AND at < ?1)",
    [SQ_OLD_CARDS] = "DELETE FROM card WHERE id IN"
		     " (SELECT id FROM card ORDER BY id LIMIT ?2)"
		     " AND at < ?1",
    [SQ_OLD_MEMOS] = "DELETE FROM memory WHERE (scope, key) IN"
		     " (SELECT scope, key FROM memory WHERE scope >= '~'"
		     " AND at < ?1 LIMIT ?2)",
    [SQ_FETCH_EVENT] = "SELECT body, attempts FROM event"
		       " WHERE id = ?1 AND settled = 0",
    [SQ_FETCH_REPLY] = "SELECT body, attempts FROM reply"
		       " WHERE id = ?1 AND state < 4",
    [SQ_CARD_GET] = "SELECT name, content FROM card WHERE message = ?1",
    /* asked after crashes only, of the latest: a scan of a few pages */
    [SQ_SENT_GET] = "SELECT 1 FROM reply WHERE id >"
		    " (SELECT max(id) FROM reply) - 20000 AND message = ?1",
    /* at starts only: back to the last of the source, 20,000 rows at most */
    [SQ_LAST_GET] =
	"SELECT coalesce((SELECT received FROM event WHERE ?1 IS NULL OR"
	" source = ?1 OR id <= (SELECT max(id) FROM event) - 20000"
	" ORDER BY id DESC LIMIT 1),"
	" (SELECT received FROM event ORDER BY id LIMIT 1))",
    [SQ_FATE_GET] =
	"SELECT count(*) FILTER (WHERE state = 5 OR (state = 3 AND due < 0)),"
	" max(updated) FILTER (WHERE state = 5 OR (state = 3 AND due < 0)),"
	" count(*) FILTER (WHERE state < 3 OR (state = 3 AND due >= 0))"
	" FROM reply WHERE event = ?1 AND id >= ?2 AND id < ?3",
    [SQ_MEMO_GET] = "SELECT value FROM memory WHERE scope = ?1 AND key = ?2",
};

void
sq_lock_name(const char *path, char name[SQ_PATH_MAX])
{
	char *real = realpath(path, NULL);

	snprintf(name, SQ_PATH_MAX, "%s-lock", real == NULL ? path : real);
	free(real);
}

void
sq_bind(sqlite3_stmt *st, const char *kinds, va_list ap)
{
	const void *p;
	int i;

	for (i = 1; *kinds != '\0'; kinds++, i++) {
		if (*kinds == 'i') {
			sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
		} else if (*kinds == 't') {
			sqlite3_bind_text(
			    st, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
		} else {
			p = va_arg(ap, const void *);
			sqlite3_bind_blob64(
			    st, i, p, va_arg(ap, size_t), SQLITE_STATIC);
		}
	}
}
