/* Replies as an event; see send.h. */
#include "bot/send.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"

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
send_pack(const char *kind, const struct outbox *o,
    const struct evq_memo *memos, size_t nmemos, struct buf *out, struct err *e)
{
	size_t i;

	buf_adds(out, "{\"source\":\"" SEND_SOURCE "\",");
	send_text(out, "kind", kind, "}\n{\"replies\":[");
	for (i = 0; i < o->n; i++) {
		buf_adds(out, i > 0 ? ",{" : "{");
		send_text(out, "lane", o->v[i].lane, ",\"call\":");
		buf_add(out, o->v[i].body, o->v[i].len);
		buf_addc(out, '}');
	}
	buf_adds(out, "],\"memos\":[");
	for (i = 0; i < nmemos; i++) {
		buf_adds(out, i > 0 ? ",{" : "{");
		send_text(out, "scope", memos[i].scope, ",");
		send_text(out, "key", memos[i].key, ",");
		send_text(out, "value", memos[i].value, "}");
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
			rc = v[i++].body == NULL ? -1 : 0;
		}
		buf_done(&b);
	}
	j->change.replies = v;
	j->change.nreplies = i;
	return rc;
}

static int
send_memos(struct job *j, const struct json *list)
{
	size_t n = json_count(list), i = 0;
	struct evq_memo *v = arena_alloc(j->arena, (n + 1) * sizeof *v);
	const struct json *x;

	if (v == NULL)
		return -1;
	for (x = json_first(list); x != NULL; x = json_next(x)) {
		v[i].scope = json_get_str(x, "scope");
		v[i].key = json_get_str(x, "key");
		v[i].value = json_get_str(x, "value");
		if (v[i].scope != NULL && v[i].key != NULL)
			i++;
	}
	j->change.memos = v;
	j->change.nmemos = i;
	return 0;
}

enum job_next
send_step(struct job *j)
{
	if (!str_eq(j->ev.source, SEND_SOURCE))
		return JOB_GO;
	if (json_kind(j->ev.body) != JSON_OBJECT)
		return job_dead(j, "what was to be sent is damaged");
	if (send_replies(j, json_get(j->ev.body, "replies")) == -1 ||
	    send_memos(j, json_get(j->ev.body, "memos")) == -1)
		return job_retry(j, 1000, true, "out of memory");
	j->change.to = EVQ_DONE;
	j->change.rule = j->ev.kind;
	return job_settle(j);
}
