/* Drawing what is being typed; see preview.h. */
#include "card/preview.h"

#include <string.h>

#include "base/json.h"
#include "card/check.h"
#include "card/fallback.h"
#include "card/tpl.h"

#define PREVIEW_ARENA (64u * 1024 * 1024)
#define PREVIEW_FALLBACK (64 * 1024)

/* One of the two texts. */
struct preview_text {
	const char *name; /* "template" */
	const char *s;
	size_t n;
	struct json *json; /* NULL: it is none */
	struct problems ps;
};

struct preview {
	struct preview_text tpl, data;
	struct tpl *compiled; /* the card borrows from it */
	struct arena *arena;
	struct val card; /* missing: nothing came out */
};

/* -- problems -- */

static void
preview_problem(const struct preview_text *t, const struct problem *p,
    size_t *n, struct buf *out)
{
	int line, col;

	json_place(t->s, problem_find(p, t->s, t->n), &line, &col);
	buf_addf(out,
	    "%s{\"in\":\"%s\",\"line\":%d,\"column\":%d,\"level\":\"%s\","
	    "\"code\":\"%s\",\"path\":",
	    (*n)++ == 0 ? "" : ",", t->name, line, col,
	    p->warning ? "warning" : "error", p->code);
	json_quote(p->path, strlen(p->path), out);
	buf_adds(out, ",\"message\":");
	json_quote(p->text, strlen(p->text), out);
	buf_addc(out, '}');
}

static void
preview_problems(const struct preview_text *t, size_t *n, struct buf *out)
{
	size_t i;

	for (i = 0; i < t->ps.n; i++)
		preview_problem(t, &t->ps.v[i], n, out);
}

static int
preview_card(const struct val *card, struct buf *out, struct err *e)
{
	struct buf text;
	bool nomem;

	buf_init(&text, PREVIEW_FALLBACK);
	buf_adds(out, "\"card\":");
	val_print(card, out);
	if (fallback_text(card, &text) == 0) {
		buf_adds(out, ",\"fallback\":");
		json_quote(buf_str(&text), buf_len(&text), out);
	}
	buf_addc(out, ',');
	nomem = text.nomem;
	buf_done(&text);
	return nomem ? err_nomem(e) : 0;
}

static int
preview_print(const struct preview *v, struct buf *out, struct err *e)
{
	size_t n = 0;

	buf_addc(out, '{');
	if (v->card.kind != VAL_MISSING && preview_card(&v->card, out, e) == -1)
		return -1;
	buf_adds(out, "\"problems\":[");
	preview_problems(&v->tpl, &n, out);
	preview_problems(&v->data, &n, out);
	buf_adds(out, "]}");
	if (v->tpl.ps.failed || v->data.ps.failed)
		return err_nomem(e);
	return buf_check(out, "the preview", e);
}

/* -- reading and rendering -- */

/* 0: it is JSON, or has a problem; -1: memory. */
static int
preview_read(struct preview_text *t, struct err *e)
{
	struct err why = ERR_INIT;
	size_t at = 0;

	if (json_check(t->s, t->n, JSON_DEPTH, &at, &why) == -1) {
		problems_error(&t->ps, "json", NULL, at, "%s", why.text);
		return 0;
	}
	t->json = json_parse(t->s, t->n, &why);
	return t->json == NULL ? err_nomem(e) : 0;
}

static int
preview_draw(struct preview *v, int64_t now, struct err *e)
{
	struct err why = ERR_INIT;
	struct tpl_fail f = {0};
	struct tpl_trace tr = {0};
	struct val data;
	int rc;

	if (val_from_json(v->arena, v->data.json, &data, e) == -1)
		return -1;
	if (tpl_render_traced(v->compiled, &data, now, v->arena, &v->card, &f,
		&tr, &why) == -1) {
		v->card = val_missing();
		problems_error(&v->tpl.ps, "render", f.path, PROBLEM_WHOLE,
		    "%s", why.text);
		rc = why.kind == ERR_BUG ? err_nomem(e) : 0;
	} else {
		rc = check_rendered(&v->card, &tr, "", &v->tpl.ps, e);
	}
	tpl_trace_done(&tr);
	return rc;
}

static int
preview_run(struct preview *v, int64_t now, struct err *e)
{
	struct err why = ERR_INIT;
	struct val literal;

	if (preview_read(&v->tpl, e) == -1 ||
	    (v->data.n > 0 && preview_read(&v->data, e) == -1))
		return -1;
	if (v->tpl.json == NULL)
		return 0;
	v->compiled = tpl_compile(v->tpl.json, &v->tpl.ps, &why);
	if (why.kind == ERR_BUG)
		return err_nomem(e);
	if (val_from_json(v->arena, v->tpl.json, &literal, e) == -1 ||
	    check_template(&literal, &v->tpl.ps, e) == -1)
		return -1;
	if (v->compiled == NULL || v->data.ps.errors > 0)
		return 0;
	return preview_draw(v, now, e);
}

int
preview_render(const char *template, size_t tlen, const char *data, size_t dlen,
    int64_t now, struct buf *out, struct err *e)
{
	struct preview v = {
	    .tpl = {"template", template, tlen, NULL, PROBLEMS_INIT},
	    .data = {"data", data, dlen, NULL, PROBLEMS_INIT}};
	int rc = -1;

	if ((v.arena = arena_new(PREVIEW_ARENA)) == NULL)
		err_nomem(e);
	else if (preview_run(&v, now, e) == 0)
		rc = preview_print(&v, out, e);
	problems_done(&v.tpl.ps);
	problems_done(&v.data.ps);
	json_free(v.tpl.json);
	json_free(v.data.json);
	tpl_free(v.compiled);
	arena_free(v.arena);
	return rc;
}
