/*
 * The codes of inbound webhooks and of the Event API, and answers with them
 * (platform facts 2 and 3; the HTTP statuses are the contract's).  Pure.
 */
#ifndef CONNECT_CODES_H
#define CONNECT_CODES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"

enum code {
	CODE_TOO_LARGE = 430,
	CODE_QUEUED = 1002,
	CODE_BAD_JSON = 7000,
	CODE_AUTH_FAILED = 7001,
	CODE_KEY_MISSING = 7002,
	CODE_EVENTS_MISSING = 7003,
	CODE_BAD_VALUE = 7004,
	CODE_INTERNAL = 7005,
	CODE_INACTIVE = 7007,
	CODE_NO_ENDPOINT = 7008,
	CODE_ADDRESS = 7010,
	CODE_EXPIRED = 7019,
	CODE_RATE = 7020,
	CODE_PARAMETERS = 7025,
	CODE_BAD_XML = 7027,
	CODE_BAD_SIGNATURE = 7028,
	CODE_NO_SIGNATURE = 7029,
};

struct code_row {
	enum code code;
	int status; /* HTTP, of inbound webhooks */
	const char *text;
};

/* All of them, by number. */
extern const struct code_row code_rows[];
extern const unsigned code_nrows;
/* The row; of an unknown one that of CODE_INTERNAL. */
const struct code_row *code_row(enum code code);

#define CODE_TRANSID 40
/* A fresh "transid": a random UUID; 0 or -1. */
int code_transid(char out[CODE_TRANSID]);

/* {"code","description","transid","correlationid"}; NULLs are left out. */
struct json *code_entry(enum code code, const char *description,
    const char *transid, const char *correlationid);
/*
 * {"response": entries}; takes `entries` (a list, or one object), which may
 * be NULL when memory was out.  0 or -1.
 */
int code_answer(struct json *entries, struct buf *out);

/*
 * The code of an answer, in a list or as an object; of several the first
 * that is not CODE_QUEUED.  0: there is none.  `why` is its description.
 */
#define CODE_WHY 200
int code_of(const char *body, size_t n, char why[CODE_WHY]);

#endif
