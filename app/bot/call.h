/*
 * What a rule calls: another program over HTTP.  Compiled with the bot file,
 * rendered for each event, and its answer made data for the replies.  Knows
 * no engine; read-only once made, so any thread may render.
 */
#ifndef BOT_CALL_H
#define BOT_CALL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "card/tpl.h"
#include "card/val.h"
#include "net/xfer.h"

#define CALL_HEADERS_MAX 32
#define CALL_TIMEOUT_MS 10000
#define CALL_TIMEOUT_MAX_MS 120000
#define CALL_BODY_MAX (1u << 20) /* of a request, and of an answer */

struct call {
	char *method;
	char *origin;    /* "https://host:port", as written: fixed */
	struct tpl *tpl; /* url, query, headers, and json, form or body */
	char **secrets;  /* header lines that hold a secret */
	size_t nsecrets;
	int timeout_ms;
};

void call_free(struct call *c);

/*
 * The request for `data`, in the arena; `done` and `arg` are the caller's to
 * set.  -1: the template does not fit the data, or memory.
 */
int call_render(const struct call *c, const struct val *data, struct arena *a,
    struct xfer_req *out, struct err *e);

/*
 * {"status", "headers", "body", "ms"} for the caller to free; without a
 * connection status is 0 and "error" says why.  A body is JSON or XML as
 * data, or a text.  NULL: memory.
 */
struct json *call_answer(const struct xfer_res *r);
/* One that was not made: status 0 and the reason. */
struct json *call_failed(const char *why);
/* Did it do what was asked?  2xx. */
bool call_ok(const struct json *answer);

#endif
