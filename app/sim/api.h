/*
 * The REST API under /v1: one call from request to answer.  Who asks, the
 * faults, the body, the row of the table, the answer, the record.
 *
 * A handler (one row of the table, in api_*.c) runs under sim->mu, writes
 * JSON to `out` and is done, or calls api_fail.
 */
#ifndef SIM_API_H
#define SIM_API_H

#include "base/buf.h"
#include "base/json.h"
#include "net/http.h"
#include "sim/fault.h"
#include "sim/form.h"
#include "sim/inner.h"
#include "sim/msg.h"

#define API_BODY (1UL << 20)  /* of a call without a file */
#define API_FILE (20UL << 20) /* of a file; the platform takes 100 MB */

struct api_call {
	struct sim *sim;
	struct http_req *req;
	const struct api_row *row;
	const char *id;    /* the `*` segment of the row, NULL: none */
	struct person *me; /* valid under mu only */
	struct json *body; /* of POST and PUT: always an object */
	struct msg_file file;
	bool has_file;
	char *fetched; /* a file named by URL; file.data points into it */
	char *names;   /* what file.name and file.type point into */
	struct arena *args;

	int status;
	struct buf out;     /* the answer, JSON unless `type` is set */
	const char *remark; /* for the record */
	char type[128];     /* of a file that is the answer */
	char disposition[320];
	char link[1024];
	char retry_after[64];

	char who[128]; /* of the record */
	bool bot;
	char track[ID_TRACK];
	int64_t since; /* us */
};

struct api_row {
	const char *path;    /* below /v1, "messages/" and "*" */
	const char *methods; /* "GET", "GET HEAD" */
	const char *what;    /* for faults */
	void (*fn)(struct api_call *c);
};

extern const struct api_row api_rows[];
extern const size_t api_nrows;

/* The one handler behind all routes of /v1; arg is the simulator. */
void api_serve(struct http_req *r, void *arg);

/* An error answer; text NULL: what the platform says for that status. */
void api_fail(struct api_call *c, int status, const char *text);

/* A query value, lent for as long as the call lasts; NULL: not there. */
const char *api_arg(struct api_call *c, const char *name);
/* A text member of the body; NULL: not there, or not a text. */
const char *api_text(const struct api_call *c, const char *name);
/* false: there, but of another kind. */
bool api_kind_ok(
    const struct api_call *c, const char *name, enum json_kind kind);

/* -- lists -- */

/* The query value `max`, else `usual`; never above `most`. */
size_t api_max(struct api_call *c, size_t usual, size_t most);
/* Link to the next page: the query as it was, with name=value set. */
void api_next(struct api_call *c, const char *name, const char *value);
/* {"items":[ and ]} */
void api_list_open(struct api_call *c);
void api_list_close(struct api_call *c);

/*
 * One step through a list: false when the page is full (the link is set) or
 * the item stands before the cursor.  Start with {0}.
 */
struct api_page {
	const char *cursor; /* skip up to this id */
	size_t left;
	const char *last; /* id of the last item shown */
	bool full;
};
void api_page_open(
    struct api_call *c, struct api_page *p, size_t usual, size_t most);
bool api_page_item(struct api_call *c, struct api_page *p, const char *id);
void api_page_close(struct api_call *c, struct api_page *p);

/* -- the rows -- */
void api_people_me(struct api_call *c);
void api_people_get(struct api_call *c);
void api_people_list(struct api_call *c);
void api_rooms_list(struct api_call *c);
void api_rooms_get(struct api_call *c);
void api_rooms_create(struct api_call *c);
void api_rooms_update(struct api_call *c);
void api_rooms_delete(struct api_call *c);
void api_members_list(struct api_call *c);
void api_members_get(struct api_call *c);
void api_members_create(struct api_call *c);
void api_members_update(struct api_call *c);
void api_members_delete(struct api_call *c);
void api_messages_list(struct api_call *c);
void api_messages_direct(struct api_call *c);
void api_messages_get(struct api_call *c);
void api_messages_create(struct api_call *c);
void api_messages_update(struct api_call *c);
void api_messages_delete(struct api_call *c);
void api_actions_create(struct api_call *c);
void api_actions_get(struct api_call *c);
void api_hooks_list(struct api_call *c);
void api_hooks_get(struct api_call *c);
void api_hooks_create(struct api_call *c);
void api_hooks_update(struct api_call *c);
void api_hooks_delete(struct api_call *c);
void api_contents_get(struct api_call *c);

/* A room the caller is a member of; NULL: answered 404. */
struct room *api_room(struct api_call *c, const char *id);
/* Body of a POST before mu is taken: JSON, form, files by URL. */
bool api_read_body(struct api_call *c);

#endif
