/* Replies as outbox items; see outbox.h.  steps_reply.c sends them. */
#include "bot/outbox.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "webex/split.h"
#include "webex/wx.h"

static int
outbox_add(
    struct outbox *o, const char *lane, const struct buf *b, struct err *e)
{
	struct evq_reply *v;
	size_t cap;

	if (buf_check(b, "a reply", e) == -1)
		return -1;
	if (o->n == OUTBOX_REPLIES_MAX)
		return err_set(
		    e, ERR_PERM, "more than %d replies", OUTBOX_REPLIES_MAX);
	if (o->n == o->cap) {
		cap = o->cap == 0 ? 4 : o->cap * 2;
		if ((v = arena_alloc(o->arena, cap * sizeof *v)) == NULL)
			return err_nomem(e);
		if (o->n > 0)
			memcpy(v, o->v, o->n * sizeof *v);
		o->v = v;
		o->cap = cap;
	}
	v = &o->v[o->n];
	v->due = 0;
	v->lane = arena_strdup(o->arena, lane);
	v->body = arena_strndup(o->arena, b->p, b->len);
	v->len = b->len;
	if (v->lane == NULL || v->body == NULL)
		return err_nomem(e);
	o->n++;
	return 0;
}

/* ,"name":"value" unless there is no value. */
static void
outbox_member(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (b->len > 0 && b->p[b->len - 1] != '{')
		buf_addc(b, ',');
	buf_addf(b, "\"%s\":", name);
	json_quote(value, strlen(value), b);
}

/* The envelope up to its body. */
static void
outbox_head(const struct outbox *o, const char *call, struct buf *b)
{
	buf_addf(
	    b, "{\"call\":\"%s\",\"received\":%" PRId64, call, o->received);
	outbox_member(b, "after", o->after);
}

/* One for later holds up nobody but its own further parts; NULL: memory. */
static const char *
outbox_lane(struct outbox *o, const char *lane, int64_t at)
{
	return at == 0 ? lane
		       : arena_printf(
			     o->arena, OUTBOX_LATER "%" PRId64 " %s", at, lane);
}

const char *
outbox_place(const char *lane)
{
	const char *blank;

	if (!str_prefix(lane, OUTBOX_LATER))
		return lane;
	blank = strchr(lane + strlen(OUTBOX_LATER), ' ');
	return blank == NULL ? lane : blank + 1;
}

static int
outbox_one(struct outbox *o, const struct outbox_post *p, struct err *e)
{
	const char *lane = p->room != NULL     ? p->room
			   : p->person != NULL ? p->person
					       : p->email;
	struct buf b;
	int rc;

	if ((lane = outbox_lane(o, lane, p->at)) == NULL)
		return err_nomem(e);
	buf_init(&b, OUTBOX_BODY_MAX);
	outbox_head(
	    o, p->edit == NULL && p->edit_as == NULL ? "post" : "edit", &b);
	if (o->expiry > 0 && p->at == 0)
		buf_addf(&b, ",\"expiry\":%" PRId64, o->expiry);
	outbox_member(&b, "card", p->name);
	outbox_member(&b, "id", p->edit);
	outbox_member(&b, "of", p->edit_as);
	/* where it cannot be changed, the new one takes the name */
	outbox_member(&b, "as", p->edit_as != NULL ? p->edit_as : p->as);
	outbox_member(&b, "file", p->file);
	buf_adds(&b, ",\"body\":{");
	outbox_member(&b, "roomId", p->room);
	outbox_member(&b, "toPersonId", p->person);
	outbox_member(&b, "toPersonEmail", p->email);
	outbox_member(&b, "parentId", p->parent);
	outbox_member(&b, "text", p->text);
	outbox_member(&b, "markdown", p->markdown);
	if (p->card != NULL)
		buf_addf(&b,
		    ",\"attachments\":[{\"contentType\":"
		    "\"application/vnd.microsoft.card.adaptive\","
		    "\"content\":%s}]",
		    p->card);
	if (p->file_url != NULL) {
		buf_adds(&b, ",\"files\":[");
		json_quote(p->file_url, strlen(p->file_url), &b);
		buf_addc(&b, ']');
	}
	buf_adds(&b, "}}");
	rc = outbox_add(o, lane, &b, e);
	if (rc == 0)
		o->v[o->n - 1].due = p->at;
	buf_done(&b);
	return rc;
}

#define OUTBOX_CUT_MAX 160 /* of the words below */

/*
 * The next part.  The last that is allowed tells how much is left out; -1:
 * memory.
 */
static int
outbox_part(const char *s, size_t *at, bool markdown, bool final, struct buf *b)
{
	size_t from = *at, left;
	int failed;

	split_next(s, at, WX_TEXT_MAX, markdown, b, &failed);
	if (final && !failed && s[*at] != '\0') {
		*at = from;
		buf_clear(b);
		split_next(
		    s, at, WX_TEXT_MAX - OUTBOX_CUT_MAX, markdown, b, &failed);
		left = strlen(s + *at);
		buf_addf(b,
		    markdown ? "\n\n_The rest is cut off: %zu bytes more._"
			     : "\n\nThe rest is cut off: %zu bytes more.",
		    left);
		*at += left;
	}
	return failed || b->failed ? -1 : 0;
}

/* All parts but the last go ahead; the last carries card and file. */
static int
outbox_parts(
    struct outbox *o, const struct outbox_post *p, bool markdown, struct err *e)
{
	const char *s = markdown ? p->markdown : p->text;
	struct outbox_post part = *p;
	struct buf b;
	size_t at = 0, n;
	bool last = false;
	int rc = 0;

	buf_init(&b, OUTBOX_BODY_MAX);
	part.text = part.markdown = NULL;
	for (n = 1; rc == 0 && !last; n++) {
		rc = outbox_part(s, &at, markdown, n == OUTBOX_PARTS_MAX, &b);
		if (rc == -1) {
			err_nomem(e);
			break;
		}
		last = s[at] == '\0';
		*(markdown ? &part.markdown : &part.text) = buf_str(&b);
		part.card = last ? p->card : NULL;
		part.name = last ? p->name : NULL;
		part.file = last ? p->file : NULL;
		part.file_url = last ? p->file_url : NULL;
		part.as = last ? p->as : NULL;
		part.edit = part.edit_as = NULL;
		rc = outbox_one(o, &part, e);
		buf_clear(&b);
	}
	buf_done(&b);
	return rc;
}

int
outbox_post(struct outbox *o, const struct outbox_post *p, struct err *e)
{
	struct outbox_post only;

	if (p->markdown != NULL && strlen(p->markdown) > WX_TEXT_MAX)
		return outbox_parts(o, p, true, e);
	if (p->text == NULL || strlen(p->text) <= WX_TEXT_MAX)
		return outbox_one(o, p, e);
	if (p->markdown == NULL)
		return outbox_parts(o, p, false, e);
	/* the markdown says it all; clients make their own plain text */
	only = *p;
	only.text = NULL;
	return outbox_one(o, &only, e);
}

int
outbox_delete(struct outbox *o, const char *room, const char *message,
    const char *as, size_t after, int64_t at, struct err *e)
{
	const struct evq_reply *last = after > 0 ? &o->v[o->n - 1] : NULL;
	const char *lane = outbox_lane(o, room, at);
	struct buf b;
	int rc;

	if (lane == NULL)
		return err_nomem(e);
	/* behind what takes its place, wherever and whenever that goes */
	if (last != NULL && message != NULL) {
		lane = last->lane;
		at = last->due;
	}
	buf_init(&b, OUTBOX_BODY_MAX);
	outbox_head(o, "delete", &b);
	outbox_member(&b, "id", message);
	outbox_member(&b, "of", as);
	if (after > 0)
		buf_addf(&b, ",\"before\":%zu", after);
	buf_addc(&b, '}');
	rc = outbox_add(o, lane, &b, e);
	if (rc == 0)
		o->v[o->n - 1].due = at;
	buf_done(&b);
	return rc;
}

int
outbox_item(
    struct outbox *o, const char *lane, const struct json *item, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTBOX_BODY_MAX);
	json_print(item, &b);
	rc = outbox_add(o, lane, &b, e);
	buf_done(&b);
	return rc;
}
