/* Faults on demand; see fault.h. */
#include "sim/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sim/jw.h"
#include "sim/pick.h"

struct fault_row {
	struct fault_row *next;
	char what[64];
	char method[16]; /* "": any */
	char with[256];  /* in the path or the query; "": any */
	char who[16];    /* bot, people, * */
	int times;       /* 0: for ever */
	int skip;
	int id;
	struct fault fault;
};

struct faults {
	struct fault_row *rows; /* oldest first */
	int count;
	int last;
};

struct faults *
faults_new(void)
{
	return calloc(1, sizeof(struct faults));
}

void
faults_clear(struct faults *f)
{
	struct fault_row *r;

	while ((r = f->rows) != NULL) {
		f->rows = r->next;
		free(r);
	}
	f->count = 0;
}

void
faults_free(struct faults *f)
{
	if (f == NULL)
		return;
	faults_clear(f);
	free(f);
}

/* -- reading one -- */

static const char *const fault_whats[] = {"*", "people", "rooms", "memberships",
    "messages", "attachment/actions", "webhooks", "contents", "deliveries"};

struct fault_spec {
	const char *what, *method, *with, *who, *cut, *message;
	const struct json *retry_after; /* a number or any text */
	int status, delay_ms, times, skip, repeat;
	bool html, badsign;
};

#define FIELD(f) offsetof(struct fault_spec, f)
static const struct pick fault_members[] = {
    {"what", PICK_TEXT, FIELD(what), 0, 0},
    {"method", PICK_TEXT, FIELD(method), 0, 0},
    {"with", PICK_TEXT, FIELD(with), 0, 0},
    {"who", PICK_TEXT, FIELD(who), 0, 0},
    {"status", PICK_INT, FIELD(status), 200, 599},
    {"retryAfter", PICK_JSON, FIELD(retry_after), 0, 0},
    {"message", PICK_TEXT, FIELD(message), 0, 0},
    {"delayMs", PICK_INT, FIELD(delay_ms), 0, 600000},
    {"cut", PICK_TEXT, FIELD(cut), 0, 0},
    {"html", PICK_BOOL, FIELD(html), 0, 0},
    {"times", PICK_INT, FIELD(times), 0, 1000000},
    {"skip", PICK_INT, FIELD(skip), 0, 1000000},
    {"repeat", PICK_INT, FIELD(repeat), 1, 100},
    {"badSignature", PICK_BOOL, FIELD(badsign), 0, 0},
};
#undef FIELD

static int
fault_word(const char *name, const char *value, const char *const *list,
    size_t n, struct err *e)
{
	const char *near;
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i], value) == 0)
			return 0;
	near = str_nearest(value, list, n, sizeof *list);
	return err_set(e, ERR_PERM,
	    near != NULL ? "%s: %s: unknown, perhaps %s?" : "%s: %s: unknown",
	    name, value, near);
}

static int
fault_check(const struct fault_spec *s, struct err *e)
{
	static const char *const whos[] = {"bot", "people", "*"};
	static const char *const cuts[] = {"before", "after"};
	bool deliveries = strcmp(s->what, "deliveries") == 0;

	if (fault_word("what", s->what, fault_whats,
		sizeof fault_whats / sizeof *fault_whats, e) == -1 ||
	    fault_word("who", s->who, whos, 3, e) == -1 ||
	    (s->cut != NULL && fault_word("cut", s->cut, cuts, 2, e) == -1))
		return -1;
	if (deliveries && s->status != 0)
		return err_set(e, ERR_PERM,
		    "status: a delivery gets its status from the bot");
	if (!deliveries && (s->repeat > 1 || s->badsign))
		return err_set(e, ERR_PERM,
		    "repeat and badSignature: for deliveries only");
	if (strlen(s->with) >= sizeof((struct fault_row *)NULL)->with)
		return err_set(e, ERR_PERM, "with: too long");
	if (s->status == 0 && s->delay_ms == 0 && s->cut == NULL &&
	    s->repeat == 1 && !s->badsign)
		return err_set(e, ERR_PERM,
		    "nothing to do: status, delayMs, cut, repeat or "
		    "badSignature");
	return 0;
}

/* The platform sends seconds; what is not a number is for the brave. */
static void
fault_retry(const struct json *v, char out[64])
{
	if (json_kind(v) == JSON_NUMBER)
		snprintf(out, 64, "%d", (int)json_num(v));
	else if (json_kind(v) == JSON_STRING)
		snprintf(out, 64, "%s", json_str(v));
}

static void
fault_fill(struct fault_row *r, const struct fault_spec *s)
{
	snprintf(r->what, sizeof r->what, "%s", s->what);
	snprintf(r->method, sizeof r->method, "%s", s->method);
	snprintf(r->with, sizeof r->with, "%s", s->with);
	snprintf(r->who, sizeof r->who, "%s", s->who);
	r->times = s->times;
	r->skip = s->skip;
	r->fault.status = s->status;
	fault_retry(s->retry_after, r->fault.retry_after);
	snprintf(r->fault.message, sizeof r->fault.message, "%s", s->message);
	r->fault.delay_ms = s->delay_ms;
	r->fault.html = s->html;
	r->fault.repeat = s->repeat;
	r->fault.badsign = s->badsign;
	if (s->cut != NULL)
		r->fault.cut = strcmp(s->cut, "before") == 0 ? FAULT_CUT_BEFORE
							     : FAULT_CUT_AFTER;
}

int
faults_add(struct faults *f, const struct json *spec, struct err *e)
{
	struct fault_spec s = {.what = "*",
	    .method = "",
	    .with = "",
	    .who = "bot",
	    .message = "",
	    .times = 1,
	    .repeat = 1};
	struct fault_row *r, **at;

	if (pick_read(spec, fault_members,
		sizeof fault_members / sizeof *fault_members, &s, e) == -1 ||
	    fault_check(&s, e) == -1)
		return -1;
	if (f->count == FAULT_MAX)
		return err_set(
		    e, ERR_PERM, "no more than %d faults", FAULT_MAX);
	if ((r = calloc(1, sizeof *r)) == NULL)
		return err_nomem(e);
	fault_fill(r, &s);
	r->id = ++f->last;
	for (at = &f->rows; *at != NULL; at = &(*at)->next)
		;
	*at = r;
	f->count++;
	return 0;
}

static void
fault_show(const struct fault_row *r, struct buf *b)
{
	const struct fault *f = &r->fault;

	jw_open(b, NULL, '{');
	jw_num(b, "id", r->id);
	jw_str(b, "what", r->what);
	if (*r->method != '\0')
		jw_str(b, "method", r->method);
	if (*r->with != '\0')
		jw_str(b, "with", r->with);
	jw_str(b, "who", r->who);
	if (f->status != 0)
		jw_num(b, "status", f->status);
	if (*f->retry_after != '\0')
		jw_str(b, "retryAfter", f->retry_after);
	if (f->delay_ms != 0)
		jw_num(b, "delayMs", f->delay_ms);
	if (f->cut != FAULT_CUT_NO)
		jw_str(
		    b, "cut", f->cut == FAULT_CUT_BEFORE ? "before" : "after");
	if (f->html)
		jw_bool(b, "html", true);
	if (f->repeat != 1)
		jw_num(b, "repeat", f->repeat);
	if (f->badsign)
		jw_bool(b, "badSignature", true);
	if (r->skip != 0)
		jw_num(b, "skip", r->skip);
	jw_num(b, "times", r->times);
	jw_close(b, '}');
}

void
faults_list(const struct faults *f, struct buf *out)
{
	const struct fault_row *r;

	jw_open(out, NULL, '{');
	jw_open(out, "items", '[');
	for (r = f->rows; r != NULL; r = r->next)
		fault_show(r, out);
	jw_close(out, ']');
	jw_close(out, '}');
}

/* -- using them -- */

static bool
fault_fits(const struct fault_row *r, const struct fault_call *c)
{
	if (strcmp(r->what, "*") == 0 ? strcmp(c->what, "deliveries") == 0
				      : strcmp(r->what, c->what) != 0)
		return false;
	if (*r->method != '\0' && strcasecmp(r->method, c->method) != 0)
		return false;
	if (strstr(c->path, r->with) == NULL &&
	    strstr(c->query, r->with) == NULL)
		return false;
	return *r->who == '*' || c->bot == (strcmp(r->who, "bot") == 0);
}

bool
faults_take(struct faults *f, const struct fault_call *c, struct fault *out)
{
	struct fault_row **at, *r;

	for (at = &f->rows; (r = *at) != NULL; at = &r->next) {
		if (!fault_fits(r, c))
			continue;
		if (r->skip > 0) {
			r->skip--;
			continue;
		}
		*out = r->fault;
		if (r->times > 0 && --r->times == 0) {
			*at = r->next;
			free(r);
			f->count--;
		}
		return true;
	}
	return false;
}
