/*
 * The steps of a reply: mark it as being sent, send it, settle it.  One
 * that may have been sent before (a crash, a cut answer) is looked up
 * first, as far as the API lets a bot look: its own messages in the room,
 * not older than what it answers (by Webex' own clock), with the same
 * content, and not known as another reply.  An edit may have become a new
 * message before it was cut off, so it is looked up as well.
 */
#include "bot/job.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/cfg.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "base/urlenc.h"
#include "bot/outbox.h"
#include "bot/self.h"
#include "bot/upload.h"

#define REPLY_LOOK_MS 1000  /* before a lookup: lists lag behind */
#define REPLY_LOOK_MAX "25" /* a thousand may be looked up at once */
#define REPLY_LOOK_PAGES 200
#define REPLY_AFTER_MS 600000 /* between our clock and Webex' */

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

static const char *
reply_name_key(struct job *j, const char *name)
{
	return arena_printf(j->arena, "%s %s", outbox_place(j->lane), name);
}

/*
 * A message that is meant by its name: its id, as it was when it was sent.
 * Where there is none, there is nothing to delete, and an edit is a new
 * message.  1: go on; 0: nothing to do; -1: memory.
 */
static int
reply_resolve(struct job *j)
{
	const char *name = reply_str(j, "of"), *key;
	struct json *sent, *body = json_get(j->out, "body");
	char *text;
	int rc;

	if (name == NULL)
		return 1;
	if ((key = reply_name_key(j, name)) == NULL)
		return -1;
	text = evq_memory(engine_opts(j->en)->q, OUTBOX_SENT, key);
	sent = text == NULL ? NULL : json_parse_str(text, NULL);
	free(text);
	if (json_get_str(sent, "id") == NULL) {
		json_free(sent);
		if (reply_is(j, "delete"))
			return 0;
		return json_set_str(j->out, "call", "post") == -1 ? -1 : 1;
	}
	rc = json_set_str(j->out, "id", json_get_str(sent, "id"));
	if (body != NULL && json_get_str(sent, "roomId") != NULL) {
		json_del(body, "toPersonId");
		json_del(body, "toPersonEmail");
		if (json_set_str(
			body, "roomId", json_get_str(sent, "roomId")) == -1)
			rc = -1;
	}
	json_free(sent);
	return rc == -1 ? -1 : 1;
}

int
steps_fate_before(const struct job *j, struct evq_fate *out)
{
	int64_t before = (int64_t)json_num(json_get(j->out, "before"));

	return evq_fate(engine_opts(j->en)->q, j->item->event,
	    j->item->id - before, j->item->id, out);
}

bool
steps_reply_expired(const struct job *j, int64_t at)
{
	int64_t expiry = (int64_t)json_num(json_get(j->out, "expiry"));

	return expiry > 0 && at >= expiry;
}

static enum job_next reply_arrived(struct job *j, const struct json *message);

static enum job_next
reply_decode(struct job *j)
{
	struct err e = ERR_INIT;
	struct evq_fate fate = {0, 0, 0};
	int rc;

	j->out = json_parse(j->item->body, j->item->len, &e);
	if (j->out == NULL) {
		err_prefix(&e, "the stored reply: ");
		return job_cannot(j, &e);
	}
	if (reply_is(j, "http")) {
		j->step = steps_http;
		return JOB_AT;
	}
	if ((rc = reply_resolve(j)) == -1)
		return job_nomem(j);
	/* what was to take its place did not arrive: it stays */
	if (rc == 1 && reply_is(j, "delete") &&
	    steps_fate_before(j, &fate) == -1)
		return job_retry(
		    j, REPLY_LOOK_MS, true, "the store cannot be read");
	if (fate.dead > 0) {
		job_trace(j, "kept", "reason", "its replacement failed", NULL);
		rc = 0;
	}
	return rc == 0 ? reply_arrived(j, NULL) : JOB_GO;
}

/* -- looking up -- */

static bool
reply_doubtful(const struct job *j)
{
	return !j->fresh && !reply_is(j, "delete") &&
	       (j->item->state == EVQ_SENDING ||
		   j->item->state == EVQ_UNCERTAIN);
}

static void
reply_add_query(struct buf *b, const char *name, const char *value)
{
	if (value != NULL)
		urlenc_form(b, name, value);
}

static enum job_next
reply_look(struct job *j)
{
	struct wx_call c = {.endpoint = WX_MESSAGE_LIST};
	enum job_next next;
	struct buf query;

	if (!reply_doubtful(j))
		return JOB_GO;
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
	/* half a question would be answered "not there" */
	next = query.nomem ? job_retry(j, REPLY_LOOK_MS, true, "out of memory")
			   : job_call(j, &c);
	buf_done(&query);
	return next;
}

/* Equal but for blanks at both ends, which the platform may cut. */
static bool
reply_same_text(const char *a, const char *b)
{
	size_t n, m;

	if (a == NULL || b == NULL)
		return false;
	while (isspace((unsigned char)*a))
		a++;
	while (isspace((unsigned char)*b))
		b++;
	for (n = strlen(a); n > 0 && isspace((unsigned char)a[n - 1]); n--)
		;
	for (m = strlen(b); m > 0 && isspace((unsigned char)b[m - 1]); m--)
		;
	return n == m && memcmp(a, b, n) == 0;
}

static bool
reply_same(struct job *j, const struct json *body, const struct json *m)
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
	if (markdown == NULL &&
	    (reply_str(j, "file") != NULL || json_get(body, "files") != NULL))
		return json_get(m, "files") != NULL &&
		       json_get_str(m, "text") == NULL;
	return reply_same_text(markdown, json_get_str(m, "text"));
}

/* When the message was written that this answers, as near as is known. */
static int64_t
reply_after(const struct job *j)
{
	int64_t after;

	if (reply_str(j, "after") != NULL &&
	    clk_parse(reply_str(j, "after"), &after) == 0)
		return after;
	return (int64_t)json_num(json_get(j->out, "received")) -
	       wx_ahead_ms(engine_opts(j->en)->wx) - REPLY_AFTER_MS;
}

/* Has the lookup of another one found it, and is that not stored yet? */
static bool
reply_found_by_other(const struct job *j, const char *id)
{
	const struct job *o;

	for (o = engine_jobs(j->en); o != NULL; o = o->all_next)
		if (o != j && str_eq(o->found, id))
			return true;
	return false;
}

/* Do they surely go to different rooms? */
static bool
reply_elsewhere(const struct json *a, const struct json *b)
{
	static const char *const members[] = {
	    "roomId", "toPersonId", "toPersonEmail"};
	const char *x, *y;
	size_t i;

	for (i = 0; i < sizeof members / sizeof members[0]; i++) {
		x = json_get_str(a, members[i]);
		y = json_get_str(b, members[i]);
		if (x != NULL && y != NULL)
			return strcmp(x, y) != 0;
	}
	return false;
}

/*
 * Is one with the same content on its way by another lane?  Then what is in
 * the list may be that one, of which we do not know yet.
 */
static bool
reply_has_twin(struct job *j)
{
	const struct json *body = json_get(j->out, "body"), *other;
	const struct job *o;

	for (o = engine_jobs(j->en); o != NULL; o = o->all_next) {
		other = json_get(o->out, "body");
		if (o != j && o->answer.endpoint == WX_MESSAGE_POST &&
		    !reply_elsewhere(body, other) && reply_same(j, body, other))
			return true;
	}
	return false;
}

/*
 * Our message in the list, NULL when it is not there; *older: the list ends
 * before the time it must have been written after.
 */
static const struct json *
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
		    reply_same(j, body, m) && !reply_found_by_other(j, id) &&
		    !evq_sent(o->q, id))
			return m;
	}
	return NULL;
}

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

/* Whether it arrived cannot be known: a person has decided what to do. */
static enum job_next
reply_unknown(struct job *j)
{
	const struct cfg *cfg = engine_opts(j->en)->cfg;

	job_trace(
	    j, "lookup", "found", "unknown", "uncertain", cfg->uncertain, NULL);
	if (strcmp(cfg->uncertain, "send") == 0)
		return JOB_GO;
	j->change.to = EVQ_UNCERTAIN;
	j->change.due = -1;
	j->change.reason = "it may have been sent (WEBEXBOT_UNCERTAIN=skip)";
	return job_settle(j);
}

static enum job_next
reply_looked(struct job *j)
{
	enum wx_verdict v = j->answer.verdict;
	struct err e = ERR_INIT;
	struct json *list = NULL;
	const struct json *found;
	enum job_next next;
	bool older;

	if (!reply_doubtful(j))
		return JOB_GO;
	if (v == WX_OK && j->answer.body == NULL)
		err_nomem(&e);
	else if (v == WX_OK)
		list = json_parse(j->answer.body, j->answer.len, &e);
	if (e.kind == ERR_BUG)
		return job_retry(j, REPLY_LOOK_MS, true, "%s", e.text);
	if (list != NULL) {
		found = reply_find(j, list, &older);
		if (found == NULL && older && j->answer.next != NULL &&
		    ++j->pages < REPLY_LOOK_PAGES) {
			/* our token stays with the host we know */
			next =
			    wx_same_host(engine_opts(j->en)->wx, j->answer.next)
				? reply_look_on(j)
				: reply_unknown(j);
		} else if (found != NULL && reply_has_twin(j)) {
			next = job_retry(j, REPLY_LOOK_MS, true,
			    "one with the same content is being sent");
		} else {
			job_trace(j, "lookup", "found",
			    found == NULL ? "no" : json_get_str(found, "id"),
			    NULL);
			j->found = found == NULL
				       ? NULL
				       : arena_strdup(j->arena,
					     json_get_str(found, "id"));
			next = found == NULL ? JOB_GO : reply_arrived(j, found);
		}
		json_free(list);
		return next;
	}
	if (v != WX_OK && v != WX_REFUSED && v != WX_MISSING)
		return job_failed(j); /* look again later */
	/* one refusal, or a part of a list, may be a gateway's */
	if (++j->item->missing < JOB_MISSING_SENDS)
		return job_retry(j, REPLY_LOOK_MS * j->item->missing, true,
		    "%s", v == WX_OK ? "half a list" : j->answer.error);
	j->item->missing = 0;
	return reply_unknown(j);
}

/* -- sending -- */

/*
 * Anew as well when it was marked before a crash: it leaves only now.  What
 * has never got a certain answer is not sent for ever.
 */
static enum job_next
reply_mark(struct job *j)
{
	if (steps_reply_expired(j, clk_wall_ms()))
		return job_dead(j, "expired");
	if (j->fresh) {
		j->stored = true;
		return JOB_GO;
	}
	if (reply_doubtful(j) &&
	    j->item->attempts >= engine_opts(j->en)->cfg->attempts)
		return job_dead(j, "no certain answer, given up after %d tries",
		    j->item->attempts);
	j->change.to = EVQ_SENDING;
	return job_store(j);
}

static int
reply_body(struct job *j, struct wx_call *c, struct buf *out, struct err *e)
{
	struct json *body = json_get(j->out, "body");

	if (body == NULL)
		return 0;
	if (reply_str(j, "file") != NULL) {
		if (upload_form(engine_opts(j->en)->cfg->cards,
			reply_str(j, "file"), body, j->arena, out, &c->type,
			e) == -1)
			return -1;
	} else if (json_print(body, out) == -1) {
		return err_nomem(e);
	}
	c->body = out->p;
	c->len = out->len;
	return 0;
}

static enum job_next
reply_send(struct job *j)
{
	struct wx_call c = {
	    .endpoint = WX_MESSAGE_POST, .id = reply_str(j, "id")};
	struct err e = ERR_INIT;
	enum job_next next;
	struct buf b;

	if (j->change.to == EVQ_SENDING && j->change.item == NULL)
		return JOB_OVER; /* dropped meanwhile, and it is gone */
	if (j->change.to == EVQ_SENDING)
		buf_clear(&j->trace); /* stored with the mark */
	memset(&j->change, 0, sizeof j->change);
	j->again = EVQ_WAITING;
	if (!j->stored)
		return job_retry(j, 1000, true, "%s",
		    j->refusal == NULL ? "the store refuses" : j->refusal);
	if (reply_is(j, "delete"))
		c.endpoint = WX_MESSAGE_DELETE;
	else if (reply_is(j, "edit") && !j->anew)
		c.endpoint = WX_MESSAGE_PUT;
	buf_init(&b, j->item->len + UPLOAD_MAX + 4096);
	if (reply_body(j, &c, &b, &e) == 0)
		next = job_call(j, &c);
	else
		next = job_cannot(j, &e);
	buf_done(&b);
	return next;
}

/* What it may be changed by later. */
static int
reply_keep_name(struct job *j, const struct json *message)
{
	const char *name = reply_str(j, "as");
	const char *id = json_get_str(message, "id");
	struct evq_memo *memo;
	struct buf b;
	int rc = 0;

	if (name == NULL || id == NULL)
		return 0;
	if ((memo = arena_zalloc(j->arena, sizeof *memo)) == NULL)
		return -1;
	buf_init(&b, 4096);
	buf_adds(&b, "{\"id\":");
	json_quote(id, strlen(id), &b);
	if ((id = json_get_str(message, "roomId")) != NULL) {
		buf_adds(&b, ",\"roomId\":");
		json_quote(id, strlen(id), &b);
	}
	buf_addc(&b, '}');
	memo->scope = OUTBOX_SENT;
	memo->key = reply_name_key(j, name);
	memo->value = arena_strndup(j->arena, buf_str(&b), b.len);
	if (b.failed || memo->key == NULL || memo->value == NULL)
		rc = -1;
	buf_done(&b);
	j->change.memos = memo;
	j->change.nmemos = rc == 0;
	return rc;
}

/* It is there, as this message (NULL: nothing new is). */
static enum job_next
reply_arrived(struct job *j, const struct json *arrived)
{
	struct json *card = json_first(json_path(j->out, "body.attachments"));
	const char *message = json_get_str(arrived, "id");
	struct buf content;

	memset(&j->change, 0, sizeof j->change);
	j->change.to = EVQ_DONE;
	if (reply_keep_name(j, arrived) == -1)
		log_warn("out of memory: a message cannot be changed by its "
			 "name");
	if (message != NULL)
		j->change.message = arena_strdup(j->arena, message);
	buf_init(&content, 2 * OUTBOX_BODY_MAX);
	if (message != NULL && card != NULL && reply_str(j, "card") != NULL) {
		/* what a submit of it will be held against */
		buf_addc(&content, '{');
		if (reply_str(j, "body.parentId") != NULL) {
			buf_adds(&content, "\"parentId\":");
			json_print(
			    json_path(j->out, "body.parentId"), &content);
			buf_addc(&content, ',');
		}
		buf_adds(&content, "\"card\":");
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
	    str_eq(reply_str(j, "card"), "") ? "of a handler"
					     : reply_str(j, "card"),
	    j->answer.error, j->answer.tracking);
	json_del(body, "attachments");
	json_del(j->out, "card");
	j->plain = true;
	return true;
}

static enum job_next
reply_lost(struct job *j, const char *why)
{
	memset(&j->change, 0, sizeof j->change);
	job_reason(j, "no certain answer (%s), looking it up", why);
	j->detail = j->answer.detail;
	j->change.to = EVQ_UNCERTAIN;
	j->change.due = clk_wall_ms() + REPLY_LOOK_MS +
			(j->item->attempts > 0 ? job_backoff(j) : 0);
	return job_settle(j);
}

static enum job_next
reply_sent(struct job *j)
{
	enum wx_verdict v = j->answer.verdict;
	struct json *m;
	enum job_next next;

	if (v == WX_LOST)
		return reply_lost(j, j->answer.error);
	/* PUT of a card is undocumented: where it fails, a new message */
	if ((v == WX_REFUSED || v == WX_MISSING) && reply_is(j, "edit") &&
	    !j->anew) {
		j->anew = true;
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
	next = json_get_str(m, "id") == NULL && !reply_is(j, "delete")
		   ? reply_lost(j, "a message without its id")
		   : reply_arrived(j, m);
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
