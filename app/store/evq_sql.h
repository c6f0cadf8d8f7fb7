/*
 * The file of evq_sqlite.c as SQL: its schema and its statements, for the
 * queue and for who looks at it beside a running bot (evq_view.c).
 */
#ifndef STORE_EVQ_SQL_H
#define STORE_EVQ_SQL_H

#include <stdarg.h>

#define SQ_VERSION 1 /* of the schema, in PRAGMA user_version */

enum sq_id {
	SQ_BEGIN,
	SQ_COMMIT,
	SQ_ROLLBACK,
	SQ_SEEN,
	SQ_PUT,
	SQ_SETTLE,
	SQ_AGAIN,
	SQ_REPLY,
	SQ_REPLY_TO,
	SQ_EVENT_STATE,
	SQ_CARD_PUT,
	SQ_MEMO_PUT,
	SQ_MEMO_DEL,
	SQ_POKED,
	SQ_POKED_REPLIES,
	SQ_POKED_DEAD,
	SQ_UNPOKE,
	SQ_OLD,
	SQ_OLD_REPLIES,
	SQ_OLD_EVENT,
	SQ_OLD_SEEN,
	SQ_OLD_ONCE,
	SQ_OLD_CARDS,
	SQ_OLD_MEMOS,
	SQ_WRITER_COUNT,
	/* of the reader */
	SQ_FETCH_EVENT = SQ_WRITER_COUNT,
	SQ_FETCH_REPLY,
	SQ_CARD_GET,
	SQ_SENT_GET,
	SQ_LAST_GET,
	SQ_MEMO_GET,
	SQ_FATE_GET,
	SQ_COUNT
};

#define SQ_PATH_MAX 4096
/*
 * The file that who works on the store has locked: beside the store itself,
 * whatever name it is opened by.
 */
void sq_lock_name(const char *path, char name[SQ_PATH_MAX]);

extern const char sq_schema[];
extern const char *const sq_text[SQ_COUNT];

/*
 * Bind by letters: i an int64_t, t a text or NULL, b a pointer and a length.
 * Texts and blobs must stay until the statement is reset.  What the statement
 * does not ask for is left out.
 */
struct sqlite3_stmt;
void sq_bind(struct sqlite3_stmt *st, const char *kinds, va_list ap);

#endif
