/* Replies as an event; see send.h. */
#include "bot/send.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "bot/hand.h"

static void
send_text(struct buf *b, const char *name, const char *value, const char *end)
{
	buf_addf(b, "\"%s\":", name);
	if (value == NULL)
		buf_adds(b, "null");
	else
		json_quote(value, strlen(value), b);
	buf_adds(b, end);
}

int
send_pack(const char *kind, const struct outbox *o, const struct turn *t,
    const struct json *wishes, struct buf *out, struct err *e)
{
	size_t i;

	buf_adds(out, "{\"source\":\"" SEND_SOURCE "\",");
	send_text(out, "kind", kind, "}\n{");
	send_text(out, "room", t == NULL ? "" : t->room_id, ",");
	send_text(out, "person", t == NULL ? "" : t->person_id, ",");
	if (wishes != NULL) {
		buf_adds(out, "\"wishes\":");
		json_print(wishes, out);
		buf_addc(out, ',');
	}
	buf_adds(out, "\"replies\":[");
	for (i = 0; i < o->n; i++) {
		buf_adds(out, i > 0 ? ",{" : "{");
		send_text(out, "lane", o->v[i].lane, ",");
		buf_addf(out, "\"due\":%lld,\"call\":", (long long)o->v[i].due);
		buf_add(out, o->v[i].body, o->v[i].len);
		buf_addc(out, '}');
	}
	buf_adds(out, "]}");
	if (out->failed)
		return out->nomem
			   ? err_nomem(e)
			   : err_set(e, ERR_PERM, "too much for one message");
	return 0;
}

/* -- and back -- */

static int
send_replies(struct job *j, const struct json *list)
{
	size_t n = json_count(list), i = 0;
	struct evq_reply *v = arena_alloc(j->arena, (n + 1) * sizeof *v);
	const struct json *x;
	struct buf b;
	int rc = v == NULL ? -1 : 0;

	for (x = json_first(list); rc == 0 && x != NULL; x = json_next(x)) {
		const char *lane = json_get_str(x, "lane");

		buf_init(&b, OUTBOX_BODY_MAX + 1024);
		rc = json_print(json_get(x, "call"), &b);
		if (rc == 0) {
			v[i].lane = lane == NULL ? "" : lane;
			v[i].body = arena_strndup(j->arena, b.p, b.len);
			v[i].len = b.len;
			v[i].due = (int64_t)json_num(json_get(x, "due"));
			rc = v[i++].body == NULL ? -1 : 0;
		}
		buf_done(&b);
	}
	j->change.replies = v;
	j->change.nreplies = i;
	return rc;
}

static const char *
send_str(const struct job *j, const char *name)
{
	const char *s = json_get_str(j->ev.body, name);

	return s == NULL ? "" : s;
}

static int
send_remember(struct job *j, struct err *e)
{
	const struct json *wishes = json_get(j->ev.body, "wishes");
	struct turn *t = j->turn;

	t->room_id = send_str(j, "room");
	t->person_id = send_str(j, "person");
	if (wishes == NULL)
		return 0;
	if (hand_remember(t, wishes, e) == -1)
		return -1;
	j->change.memos = t->changes.v;
	j->change.nmemos = t->changes.n;
	return 0;
}

enum job_next
send_step(struct job *j)
{
	struct err e = ERR_INIT;

	if (!str_eq(j->ev.source, SEND_SOURCE))
		return JOB_GO;
	if (json_kind(j->ev.body) != JSON_OBJECT)
		return job_dead(j, "what was to be sent is damaged");
	if (send_replies(j, json_get(j->ev.body, "replies")) == -1)
		return job_nomem(j);
	if (send_remember(j, &e) == -1)
		return job_cannot(j, &e);
	j->change.to = EVQ_DONE;
	j->change.rule = j->ev.kind;
	return job_settle(j);
}
