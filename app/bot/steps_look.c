/*
 * The steps that find out what a rule reads: who it is, which room, which
 * files.  Nothing is asked that nobody reads.  They stand in the table
 * twice, before a rule is chosen and after.  The engine's thread.
 */
#include "bot/job.h"

#include <string.h>

#include "base/cfg.h"
#include "bot/people.h"
#include "bot/turn.h"

/* What must be known now: for conditions, then for the rule. */
static bool
look_reads(const struct turn *t, unsigned what)
{
	const struct rules *rs = brain_rules(t->brain);
	const struct rule *r = t->route.rule;

	return ((r == NULL ? rs->reads_first : r->reads | rs->reads_refuse) &
		   what) != 0;
}

/* -- who it is and which room -- */

/* As it was lately, or as Webex says. */
static enum job_next
look_ask(struct job *j, enum wx_endpoint ep, const char *id, struct json **out)
{
	struct wx_call c = {.endpoint = ep, .id = id};

	*out = people_get(engine_people(j->en), id);
	return *out != NULL ? JOB_GO : job_call(j, &c);
}

/* Where nothing came, the notification's own words have to do. */
static enum job_next
look_take(struct job *j, enum wx_endpoint ep, const char *id, struct json **out)
{
	const struct job_answer *a = &j->answer;

	if (*out != NULL || a->endpoint != ep)
		return JOB_GO;
	if (a->verdict == WX_RETRY || a->verdict == WX_AUTH ||
	    a->verdict == WX_CANCELLED)
		return job_failed(j);
	if (a->verdict == WX_OK && a->body != NULL) {
		*out = json_parse(a->body, a->len, NULL);
		people_put(engine_people(j->en), id, *out);
	}
	return JOB_GO;
}

static bool
look_by_person(const struct rules_access *ac)
{
	return ac->nemails + ac->ndomains > 0;
}

/* A submit names no address: access rules have to ask for it. */
static bool
look_needs_email(const struct turn *t)
{
	const struct rule *r = t->route.rule;

	return *t->email == '\0' && r != NULL &&
	       (look_by_person(&brain_rules(t->brain)->access) ||
		   look_by_person(&r->access));
}

enum job_next
look_person(struct job *j)
{
	struct turn *t = j->turn;

	j->answer.endpoint = WX_ENDPOINTS; /* none asked */
	if (*t->person_id == '\0' || t->person != NULL ||
	    (!look_reads(t, READS_PERSON) && !look_needs_email(t)))
		return JOB_GO;
	return look_ask(j, WX_PERSON_GET, t->person_id, &t->person);
}

enum job_next
look_person_take(struct job *j)
{
	struct turn *t = j->turn;
	const char *email;
	enum job_next next =
	    look_take(j, WX_PERSON_GET, t->person_id, &t->person);

	if (next != JOB_GO)
		return next;
	if (*t->email == '\0' && t->person != NULL) {
		email = json_str(json_first(json_get(t->person, "emails")));
		t->email = email == NULL ? "" : email;
	}
	return JOB_GO;
}

enum job_next
look_room(struct job *j)
{
	struct turn *t = j->turn;

	j->answer.endpoint = WX_ENDPOINTS;
	if (*t->room_id == '\0' || t->room != NULL ||
	    !look_reads(t, READS_ROOM))
		return JOB_GO;
	return look_ask(j, WX_ROOM_GET, t->room_id, &t->room);
}

enum job_next
look_room_take(struct job *j)
{
	struct turn *t = j->turn;

	return look_take(j, WX_ROOM_GET, t->room_id, &t->room);
}

/* -- what files it holds -- */

#define LOOK_FILES_MAX 10

/* The next file that nothing is known of yet; NULL: there is none. */
static const char *
look_next_file(const struct turn *t)
{
	const struct json *f = json_first(json_get(t->message, "files"));
	size_t i, n = json_count(t->files);

	if (n >= LOOK_FILES_MAX)
		return NULL;
	for (i = 0; i < n && f != NULL; i++)
		f = json_next(f);
	return f == NULL ? NULL : json_str(f) == NULL ? "" : json_str(f);
}

/* Note one, with what its headers said. */
static int
look_add_file(struct turn *t, const char *url, const char *state,
    const struct job_answer *a)
{
	struct json *f = json_object();

	if (t->files == NULL)
		t->files = json_list();
	if (t->files == NULL || json_set_str(f, "url", url) == -1 ||
	    json_set_str(f, "state", state) == -1 ||
	    json_set_str(f, "name", a == NULL ? "" : a->file) == -1 ||
	    json_set_str(f, "type", a == NULL ? "" : a->file_type) == -1 ||
	    (a != NULL && a->file_size >= 0 &&
		json_set_num(f, "size", (double)a->file_size) == -1)) {
		json_free(f);
		return -1;
	}
	return json_add(t->files, f);
}

/* HEAD of its address, if that is one of Webex': the token goes there. */
enum job_next
look_file(struct job *j)
{
	struct turn *t = j->turn;
	struct wx_call c = {.endpoint = WX_CONTENT_HEAD};
	const char *url;

	j->answer.endpoint = WX_ENDPOINTS;
	if (!look_reads(t, READS_FILES))
		return JOB_GO;
	if (t->files == NULL && (t->files = json_list()) == NULL)
		return job_nomem(j);
	while ((url = look_next_file(t)) != NULL) {
		if (wx_same_host(engine_opts(j->en)->wx, url)) {
			c.url = url;
			return job_call(j, &c);
		}
		if (look_add_file(t, url, "elsewhere", NULL) == -1)
			return job_nomem(j);
	}
	return JOB_GO;
}

/* What becomes of a file whose headers did not come; NULL: ask again. */
static const char *
look_file_state(struct job *j)
{
	const struct job_answer *a = &j->answer;
	bool last = j->item->attempts + 1 >= engine_opts(j->en)->cfg->attempts;

	switch (a->verdict) {
	case WX_OK:
		return "ready";
	case WX_MISSING:
		return "missing";
	case WX_REFUSED:
		return a->status == 410   ? "infected"
		       : a->status == 428 ? "unscannable"
					  : "unknown";
	case WX_RETRY:
		return a->status == 423 && last ? "scanning" : NULL;
	default:
		return NULL;
	}
}

enum job_next
look_file_take(struct job *j)
{
	struct turn *t = j->turn;
	const char *state;

	if (j->answer.endpoint != WX_CONTENT_HEAD)
		return JOB_GO;
	if ((state = look_file_state(j)) == NULL)
		return job_failed(j);
	if (look_add_file(t, look_next_file(t), state,
		j->answer.verdict == WX_OK ? &j->answer : NULL) == -1)
		return job_nomem(j);
	j->step--; /* the next one */
	return JOB_AT;
}
