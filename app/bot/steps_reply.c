/*
 * The steps of a reply: mark it as being sent, send it, settle it.  One
 * that may have been sent before (a crash, a cut answer) is looked up
 * first, as far as the API lets a bot look: its own messages in the room,
 * not older than what it answers (by Webex' own clock), with the same
 * content, and not known as another reply.
 */
#include "bot/job.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "base/cfg.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "bot/self.h"

#define REPLY_LOOK_MS 1000 /* before a lookup: lists lag behind */
#define REPLY_LOOK_MAX "100"
#define REPLY_LOOK_PAGES 50

static const char *
reply_str(const struct job *j, const char *path)
{
	return json_path_str(j->out, path);
}

static bool
reply_is(const struct job *j, const char *call)
{
	return str_eq(reply_str(j, "call"), call);
}

static enum job_next
reply_decode(struct job *j)
{
	struct err e = ERR_INIT;

	j->out = json_parse(j->item->body, j->item->len, &e);
	if (j->out == NULL && e.kind == ERR_BUG)
		return job_retry(j, 1000, true, "%s", e.text);
	if (j->out == NULL)
		return job_dead(j, "the stored reply: %s", e.text);
	if (reply_is(j, "http"))
		j->step = steps_http;
	return JOB_GO;
}

/* -- looking up -- */

static bool
reply_doubtful(const struct job *j)
{
	return !j->fresh && reply_is(j, "post") &&
	       (j->item->state == EVQ_SENDING ||
		   j->item->state == EVQ_UNCERTAIN);
}

static void
reply_add_query(struct buf *b, const char *name, const char *value)
{
	const char *p;

	if (value == NULL)
		return;
	buf_addf(b, "%s%s=", b->len > 0 ? "&" : "", name);
	for (p = value; *p != '\0'; p++)
		if (isalnum((unsigned char)*p) || strchr("-_.~", *p) != NULL)
			buf_addc(b, *p);
		else
			buf_addf(b, "%%%02X", (unsigned char)*p);
}

static enum job_next
reply_look(struct job *j)
{
	struct wx_call c = {.endpoint = WX_MESSAGE_LIST};
	enum job_next next;
	struct buf query;

	if (!reply_doubtful(j))
		return JOB_GO;
	j->again = EVQ_UNCERTAIN;
	buf_init(&query, 4096);
	if (reply_str(j, "body.roomId") == NULL)
		c.endpoint = WX_MESSAGE_DIRECT_LIST;
	else
		reply_add_query(&query, "max", REPLY_LOOK_MAX);
	reply_add_query(&query, "roomId", reply_str(j, "body.roomId"));
	reply_add_query(&query, "parentId", reply_str(j, "body.parentId"));
	reply_add_query(&query, "personId", reply_str(j, "body.toPersonId"));
	reply_add_query(
	    &query, "personEmail", reply_str(j, "body.toPersonEmail"));
	c.query = buf_str(&query);
	next = job_call(j, &c);
	buf_done(&query);
	return next;
}

/* Equal but for blanks at the end, which the platform may cut. */
static bool
reply_same_text(const char *a, const char *b)
{
	size_t n, m;

	if (a == NULL || b == NULL)
		return false;
	for (n = strlen(a); n > 0 && isspace((unsigned char)a[n - 1]); n--)
		;
	for (m = strlen(b); m > 0 && isspace((unsigned char)b[m - 1]); m--)
		;
	return n == m && memcmp(a, b, n) == 0;
}

static bool
reply_same(const struct json *body, const struct json *m)
{
	const char *markdown = json_get_str(body, "markdown");
	const char *text = json_get_str(body, "text");
	const struct json *card = json_first(json_get(body, "attachments"));
	const struct json *theirs = json_first(json_get(m, "attachments"));

	if (card != NULL && theirs != NULL)
		return json_eq(
		    json_get(card, "content"), json_get(theirs, "content"));
	if (markdown != NULL && json_get(m, "markdown") != NULL)
		return reply_same_text(markdown, json_get_str(m, "markdown"));
	if (text != NULL)
		return reply_same_text(text, json_get_str(m, "text"));
	return reply_same_text(markdown, json_get_str(m, "text"));
}

/* When the message was written that this answers; 0: not known. */
static int64_t
reply_after(const struct job *j)
{
	int64_t after = 0;

	if (reply_str(j, "after") != NULL)
		clk_parse(reply_str(j, "after"), &after);
	return after;
}

/*
 * Our message in the list, NULL when it is not there; *older: the list ends
 * before the time it must have been written after.
 */
static const char *
reply_find(struct job *j, const struct json *list, bool *older)
{
	const struct engine_opts *o = engine_opts(j->en);
	const struct json *m, *body = json_get(j->out, "body");
	int64_t after = reply_after(j), at;
	const char *id;

	*older = true;
	for (m = json_first(json_get(list, "items")); m != NULL;
	     m = json_next(m)) {
		id = json_get_str(m, "id");
		if (id == NULL || json_get_str(m, "created") == NULL ||
		    clk_parse(json_get_str(m, "created"), &at) == -1)
			continue;
		*older = at >= after;
		if (*older && self_is(o->self, json_get_str(m, "personId")) &&
		    reply_same(body, m) && !evq_sent(o->q, id))
			return id;
	}
	return NULL;
}

static enum job_next reply_arrived(struct job *j, const char *message);

/* The next page, and then this step again. */
static enum job_next
reply_look_on(struct job *j)
{
	struct wx_call c = {.endpoint = j->answer.endpoint,
	    .url = arena_strdup(j->arena, j->answer.next)};

	if (c.url == NULL)
		return job_retry(j, REPLY_LOOK_MS, true, "out of memory");
	j->step--;
	return job_call(j, &c);
}

static enum job_next
reply_looked(struct job *j)
{
	const struct cfg *cfg = engine_opts(j->en)->cfg;
	struct err e = ERR_INIT;
	struct json *list = NULL;
	const char *id;
	enum job_next next;
	bool older;

	if (!reply_doubtful(j))
		return JOB_GO;
	if (j->answer.verdict == WX_OK && j->answer.body == NULL)
		err_nomem(&e);
	else if (j->answer.verdict == WX_OK)
		list = json_parse(j->answer.body, j->answer.len, &e);
	if (e.kind == ERR_BUG)
		return job_retry(j, REPLY_LOOK_MS, true, "%s", e.text);
	if (list != NULL) {
		id = reply_find(j, list, &older);
		if (id == NULL && older && j->answer.next != NULL &&
		    ++j->pages < REPLY_LOOK_PAGES) {
			next = reply_look_on(j);
		} else {
			job_trace(
			    j, "lookup", "found", id == NULL ? "no" : id, NULL);
			next = id == NULL ? JOB_GO : reply_arrived(j, id);
		}
		json_free(list);
		return next;
	}
	if (j->answer.verdict != WX_OK && j->answer.verdict != WX_REFUSED &&
	    j->answer.verdict != WX_MISSING)
		return job_failed(j); /* look again later */
	job_trace(
	    j, "lookup", "found", "unknown", "uncertain", cfg->uncertain, NULL);
	if (strcmp(cfg->uncertain, "send") == 0)
		return JOB_GO;
	j->change.to = EVQ_UNCERTAIN;
	j->change.due = -1;
	j->change.reason = "it may have been sent (WEBEXBOT_UNCERTAIN=skip)";
	return job_settle(j);
}

/* -- sending -- */

static enum job_next
reply_mark(struct job *j)
{
	if (j->fresh || j->item->state == EVQ_SENDING) {
		j->stored = true;
		return JOB_GO;
	}
	j->change.to = EVQ_SENDING;
	return job_store(j);
}

static enum job_next
reply_send(struct job *j)
{
	struct wx_call c = {
	    .endpoint = WX_MESSAGE_POST, .id = reply_str(j, "id")};
	struct json *body = json_get(j->out, "body");
	enum job_next next;
	struct buf b;

	if (j->change.to == EVQ_SENDING)
		buf_clear(&j->trace); /* stored with the mark */
	memset(&j->change, 0, sizeof j->change);
	j->again = EVQ_WAITING;
	if (!j->stored)
		return job_retry(j, 1000, true, "%s", j->refusal);
	if (reply_is(j, "delete"))
		c.endpoint = WX_MESSAGE_DELETE;
	else if (reply_is(j, "edit") && !j->plain)
		c.endpoint = WX_MESSAGE_PUT;
	buf_init(&b, j->item->len + 16);
	if (body != NULL && json_print(body, &b) == -1) {
		buf_done(&b);
		return job_retry(j, 1000, true, "out of memory");
	}
	c.body = b.p;
	c.len = b.len;
	next = job_call(j, &c);
	buf_done(&b);
	return next;
}

/* It is there, as this message (NULL: nothing new is). */
static enum job_next
reply_arrived(struct job *j, const char *message)
{
	struct json *card = json_first(json_path(j->out, "body.attachments"));
	struct buf content;

	memset(&j->change, 0, sizeof j->change);
	j->change.to = EVQ_DONE;
	if (message != NULL)
		j->change.message = arena_strdup(j->arena, message);
	buf_init(&content, j->item->len + 256);
	if (message != NULL && card != NULL && reply_str(j, "card") != NULL) {
		/* what a submit of it will be held against */
		buf_adds(&content, "{\"parentId\":");
		json_print(json_path(j->out, "body.parentId"), &content);
		buf_adds(&content, ",\"card\":");
		json_print(json_get(card, "content"), &content);
		buf_addc(&content, '}');
		j->change.card = reply_str(j, "card");
		j->change.content =
		    arena_strndup(j->arena, buf_str(&content), content.len);
	}
	buf_done(&content);
	stat_observe_us(STAT_answer_seconds,
	    (clk_wall_ms() - (int64_t)json_num(json_get(j->out, "received"))) *
		1000);
	return job_settle(j);
}

/*
 * Webex says 400 to a card, mostly without a usable reason: the text beside
 * it goes out alone, so that a person gets an answer at all.
 */
static bool
reply_try_plain(struct job *j)
{
	struct json *body = json_get(j->out, "body");

	if (j->answer.status != 400 || j->plain ||
	    json_get(body, "attachments") == NULL ||
	    (json_get(body, "text") == NULL &&
		json_get(body, "markdown") == NULL))
		return false;
	log_warn("card %s was refused by Webex (%s, trackingId %s): sending "
		 "its text alone",
	    reply_str(j, "card"), j->answer.error, j->answer.tracking);
	json_del(body, "attachments");
	json_del(j->out, "card");
	j->plain = true;
	return true;
}

static enum job_next
reply_sent(struct job *j)
{
	enum wx_verdict v = j->answer.verdict;
	struct json *m;
	enum job_next next;

	if (v == WX_LOST) {
		memset(&j->change, 0, sizeof j->change);
		snprintf(j->reason, sizeof j->reason,
		    "no certain answer (%s), looking it up", j->answer.error);
		j->change.reason = j->reason;
		j->change.to = EVQ_UNCERTAIN;
		j->change.due = clk_wall_ms() + REPLY_LOOK_MS;
		return job_settle(j);
	}
	/* PUT of a card is undocumented: where it fails, a new message */
	if ((v == WX_REFUSED || v == WX_MISSING) && reply_is(j, "edit") &&
	    !j->plain) {
		j->plain = true;
		j->step -= 1;
		return reply_send(j);
	}
	if (v == WX_REFUSED && reply_try_plain(j)) {
		j->step -= 1;
		return reply_send(j);
	}
	if (v == WX_MISSING && reply_is(j, "delete"))
		return reply_arrived(j, NULL);
	if (v != WX_OK)
		return job_failed(j);
	m = json_parse(j->answer.body, j->answer.len, NULL);
	next = reply_arrived(j, json_get_str(m, "id"));
	json_free(m);
	return next;
}

const struct step steps_reply[] = {
    {"decode", reply_decode},
    {"look", reply_look},
    {"looked", reply_looked},
    {"mark", reply_mark},
    {"send", reply_send},
    {"sent", reply_sent},
};
