/* The card store; see card.h.  A loaded set is only read, by any thread. */
#include "card/card.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "card/check.h"
#include "card/fallback.h"

#define CARD_SUFFIX ".card.json"
#define SAMPLE_SUFFIX ".sample.json"
#define CARD_ARENA (64u * 1024 * 1024)
#define CARDS_MAX 10000

struct card {
	char *name;
	char *file;
	struct tpl *tpl;
	struct json *sample_json;
	struct arena *arena; /* of `sample` */
	struct val sample;
};

struct cards_row {
	const char *name;
	struct card *card;
};

struct cards {
	struct cards_row *v; /* by name */
	size_t n;
	size_t errors;
	size_t warnings;
};

/* A file while it is looked at. */
struct card_src {
	const char *file;
	char *text;
	size_t len;
	struct json *json;
	cards_report *report;
	void *arg;
};

/* -- reading -- */

/* "PATH: " before a message that is shown behind the path. */
static size_t
card_prefix(const char *text, const char *path)
{
	size_t n = strlen(path);

	if (strncmp(text, path, n) != 0 || text[n] != ':')
		return 0;
	return n + 1 + (text[n + 1] == ' ');
}

/* Which one counts is for the reader to know, not for the writer to guess. */
static void
card_twice(void *arg, size_t at, const char *s, size_t n)
{
	struct problems *ps = arg;

	problems_warn(ps, "duplicate-member", NULL, at,
	    "%.*s is there twice, the last one counts", (int)n, s);
}

static int
card_read(
    struct card_src *s, const char *path, struct problems *ps, struct err *e)
{
	struct err why = ERR_INIT;
	size_t at = 0;

	s->file = path;
	if ((s->text = file_read(path, CARD_FILE_MAX, &s->len, &why)) == NULL) {
		problems_error(ps, "file", "", PROBLEM_WHOLE, "%s",
		    why.text + card_prefix(why.text, path));
		return why.kind == ERR_BUG ? err_nomem(e) : 0;
	}
	if (json_check(s->text, s->len, JSON_DEPTH, &at, &why) == -1) {
		problems_error(ps, "json", NULL, at, "%s", why.text);
		return 0;
	}
	s->json = json_parse(s->text, s->len, &why);
	if (s->json == NULL ||
	    json_twice(s->text, s->len, card_twice, ps) == -1)
		return err_nomem(e);
	return 0;
}

static void
card_src_done(struct card_src *s)
{
	free(s->text);
	json_free(s->json);
	s->text = NULL;
	s->json = NULL;
}

struct card_place {
	size_t at; /* in the file */
	size_t i;
};

static int
card_place_order(const void *a, const void *b)
{
	const struct card_place *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* Tell the problems as they come in the file. */
static int
card_tell(const struct card_src *s, const struct problems *ps, struct err *e)
{
	struct card_place *p;
	size_t i;

	if (s->report == NULL || ps->n == 0)
		return 0;
	if ((p = calloc(ps->n, sizeof *p)) == NULL)
		return err_nomem(e);
	for (i = 0; i < ps->n; i++) {
		p[i].i = i;
		if (s->text != NULL)
			p[i].at = problem_find(&ps->v[i], s->text, s->len);
	}
	qsort(p, ps->n, sizeof *p, card_place_order);
	for (i = 0; i < ps->n; i++)
		s->report(s->arg, s->file, s->text, s->len, &ps->v[p[i].i]);
	free(p);
	return 0;
}

/* -- checking -- */

static int
card_check_literal(const struct card_src *s, struct problems *ps, struct err *e)
{
	struct arena *a = arena_new(CARD_ARENA);
	struct val v;
	int rc = -1;

	if (a == NULL)
		return err_nomem(e);
	if (val_from_json(a, s->json, &v, e) == 0)
		rc = check_template(&v, ps, e);
	arena_free(a);
	return rc;
}

/* As rendered with the sample; what was said already is not said again. */
static int
card_check_sample(
    const struct card *c, int64_t now, struct problems *ps, struct err *e)
{
	const char *with = tpl_fixed(c->tpl) ? "" : "with the sample data: ";
	struct arena *a = arena_new(CARD_ARENA);
	struct tpl_trace tr = {0};
	struct err why = ERR_INIT;
	struct tpl_fail f = {0};
	struct val out;
	int rc = -1;

	if (a == NULL)
		return err_nomem(e);
	if (tpl_render_traced(
		c->tpl, &c->sample, now, a, &out, &f, &tr, &why) == -1)
		problems_error(ps, "render", f.path, PROBLEM_WHOLE, "%s%s",
		    with, why.text);
	else
		check_rendered(&out, &tr, with, ps, &why);
	rc = why.kind == ERR_BUG ? err_nomem(e) : 0;
	tpl_trace_done(&tr);
	arena_free(a);
	return rc;
}

/* -- one card -- */

static char *
card_name_of(const char *path)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base == NULL ? path : base + 1;
	n = strlen(base);
	if (str_suffix(base, CARD_SUFFIX))
		n -= strlen(CARD_SUFFIX);
	return strndup(base, n);
}

static int
card_load_sample(struct card *c, const struct card_src *card, size_t *errors,
    size_t *warnings, struct err *e)
{
	struct problems ps = PROBLEMS_INIT;
	struct card_src s = {.report = card->report, .arg = card->arg};
	size_t n = strlen(card->file);
	char *path;
	int rc = 0;

	c->sample = val_missing();
	if (!str_suffix(card->file, CARD_SUFFIX))
		return 0;
	if ((path = malloc(n + sizeof SAMPLE_SUFFIX)) == NULL)
		return err_nomem(e);
	memcpy(path, card->file, n);
	strcpy(path + n - strlen(CARD_SUFFIX), SAMPLE_SUFFIX);
	if (access(path, F_OK) == 0) {
		rc = card_read(&s, path, &ps, e);
		if (rc == 0)
			rc = card_tell(&s, &ps, e);
		*errors += ps.errors;
		*warnings += ps.warnings;
	}
	if (rc == 0 && s.json != NULL) {
		c->sample_json = s.json;
		s.json = NULL;
		c->arena = arena_new(CARD_ARENA);
		rc = c->arena == NULL ? err_nomem(e)
				      : val_from_json(c->arena, c->sample_json,
					    &c->sample, e);
	}
	problems_done(&ps);
	card_src_done(&s);
	free(path);
	return rc;
}

static int
card_make(struct card *c, struct card_src *s, int64_t now, struct problems *ps,
    size_t *errors, size_t *warnings, struct err *e)
{
	struct err why = ERR_INIT;

	if (s->json == NULL)
		return 0;
	c->tpl = tpl_compile(s->json, ps, &why);
	if (why.kind == ERR_BUG)
		return err_nomem(e);
	if (card_check_literal(s, ps, e) == -1 ||
	    card_load_sample(c, s, errors, warnings, e) == -1)
		return -1;
	/* what does not stand need not be rendered */
	if (ps->errors == 0 &&
	    (c->sample.kind != VAL_MISSING || tpl_fixed(c->tpl)))
		return card_check_sample(c, now, ps, e);
	return 0;
}

struct card *
card_load(const char *path, int64_t now, cards_report *report, void *arg,
    size_t *errors, size_t *warnings, struct err *e)
{
	struct card_src s = {.report = report, .arg = arg};
	struct problems ps = PROBLEMS_INIT;
	struct card *c = calloc(1, sizeof *c);
	size_t before = *errors;
	int rc = -1;

	if (c == NULL || (c->name = card_name_of(path)) == NULL ||
	    (c->file = strdup(path)) == NULL)
		err_nomem(e);
	else
		rc = card_read(&s, c->file, &ps, e);
	if (rc == 0)
		rc = card_make(c, &s, now, &ps, errors, warnings, e);
	if (ps.failed)
		rc = err_nomem(e);
	if (card_tell(&s, &ps, e) == -1)
		rc = -1;
	*errors += ps.errors;
	*warnings += ps.warnings;
	problems_done(&ps);
	card_src_done(&s);
	if (rc == -1 || *errors > before) {
		card_free(c);
		return NULL;
	}
	return c;
}

void
card_free(struct card *c)
{
	if (c == NULL)
		return;
	free(c->name);
	free(c->file);
	tpl_free(c->tpl);
	arena_free(c->arena);
	json_free(c->sample_json);
	free(c);
}

const char *
card_name(const struct card *c)
{
	return c->name;
}

const char *
card_file(const struct card *c)
{
	return c->file;
}

const struct val *
card_sample(const struct card *c)
{
	return &c->sample;
}

bool
card_uses(const struct card *c, const char *name)
{
	return tpl_uses(c->tpl, name);
}

int
card_render(const struct card *c, const struct val *data, int64_t now,
    struct arena *a, struct val *out, struct problems *ps, struct err *e)
{
	*out = val_missing();
	if (tpl_render(c->tpl, data, NULL, now, a, out, NULL, e) == -1)
		return err_prefix(e, "card %s: ", c->name);
	return ps == NULL ? 0 : check_card(out, ps, e);
}

const char *
card_fallback(const struct card *c, const struct val *v, struct arena *a)
{
	const char *text = NULL;
	struct buf b;

	buf_init(&b, CARD_ARENA);
	if (val_none(v))
		buf_addf(&b, "Card %s", c->name);
	else
		fallback_text(v, &b);
	if (!b.failed)
		text = arena_strndup(a, buf_str(&b), buf_len(&b));
	buf_done(&b);
	return text;
}

/* -- a folder of them -- */

static int
cards_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
cards_free_names(char **names, size_t n)
{
	while (n > 0)
		free(names[--n]);
	free(names);
}

/* Paths of the card files, sorted. */
static int
cards_list(const char *dir, char ***out, size_t *count, struct err *e)
{
	DIR *d = opendir(dir);
	char **names = NULL, **more;
	struct dirent *ent;
	size_t n = 0;

	if (d == NULL && errno == ENOENT)
		return 0;
	if (d == NULL)
		return err_set(e, errno == ENOMEM ? ERR_BUG : ERR_PERM,
		    "%s: %s", dir, strerror(errno));
	while ((ent = readdir(d)) != NULL && n < CARDS_MAX) {
		size_t len = strlen(dir) + strlen(ent->d_name) + 2;

		if (ent->d_name[0] == '.' ||
		    !str_suffix(ent->d_name, CARD_SUFFIX))
			continue;
		if ((more = realloc(names, (n + 1) * sizeof *names)) == NULL)
			goto nomem;
		names = more;
		if ((names[n] = malloc(len)) == NULL)
			goto nomem;
		snprintf(names[n++], len, "%s%s%s", dir,
		    str_suffix(dir, "/") ? "" : "/", ent->d_name);
	}
	closedir(d);
	if (n > 0)
		qsort(names, n, sizeof *names, cards_order);
	*out = names;
	*count = n;
	return 0;
nomem:
	closedir(d);
	cards_free_names(names, n);
	return err_nomem(e);
}

/* By name: of a-b.card.json and a.card.json the latter is first. */
static int
cards_by_name(const void *a, const void *b)
{
	const struct cards_row *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct cards *
cards_load(const char *dir, int64_t now, cards_report *report, void *arg,
    struct err *e)
{
	struct cards *cs = calloc(1, sizeof *cs);
	char **names = NULL;
	size_t n = 0, i;
	int rc = -1;

	if (cs == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (cards_list(dir, &names, &n, e) == -1)
		goto out;
	if ((cs->v = calloc(n + 1, sizeof *cs->v)) == NULL) {
		err_nomem(e);
		goto out;
	}
	for (i = 0; i < n; i++) {
		struct err why = ERR_INIT;
		struct card *c = card_load(names[i], now, report, arg,
		    &cs->errors, &cs->warnings, &why);

		if (c != NULL)
			cs->v[cs->n++] = (struct cards_row){c->name, c};
		if (why.kind == ERR_BUG) {
			err_nomem(e);
			goto out;
		}
	}
	qsort(cs->v, cs->n, sizeof *cs->v, cards_by_name);
	rc = 0;
out:
	cards_free_names(names, n);
	if (rc == 0)
		return cs;
	cards_free(cs);
	return NULL;
}

int
cards_names(const char *dir, void (*one)(void *arg, const char *name),
    void *arg, struct err *e)
{
	char **paths = NULL, *name;
	size_t n = 0, i;
	int rc = cards_list(dir, &paths, &n, e);

	for (i = 0; i < n && rc == 0; i++) {
		if ((name = card_name_of(paths[i])) == NULL)
			rc = err_nomem(e);
		else
			one(arg, name);
		free(name);
	}
	cards_free_names(paths, n);
	return rc;
}

void
cards_free(struct cards *cs)
{
	if (cs == NULL)
		return;
	while (cs->n > 0)
		card_free(cs->v[--cs->n].card);
	free(cs->v);
	free(cs);
}

size_t
cards_errors(const struct cards *cs)
{
	return cs->errors;
}

size_t
cards_warnings(const struct cards *cs)
{
	return cs->warnings;
}

size_t
cards_count(const struct cards *cs)
{
	return cs->n;
}

const struct card *
cards_at(const struct cards *cs, size_t i)
{
	return cs->v[i].card;
}

const struct card *
cards_find(const struct cards *cs, const char *name)
{
	size_t lo = 0, hi = cs->n, mid;
	int d;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if ((d = strcmp(cs->v[mid].name, name)) == 0)
			return cs->v[mid].card;
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const char *
cards_near(const struct cards *cs, const char *name)
{
	return str_nearest(name, cs->v, cs->n, sizeof cs->v[0]);
}
