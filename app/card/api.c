/* The public face of this folder; see <webexbot/cards.h>. */
#include <webexbot/cards.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/json.h"
#include "card/check.h"
#include "card/fallback.h"
#include "card/submit.h"
#include "card/tpl.h"

#define API_ARENA (192u * 1024 * 1024)
#define API_TEXT (64u * 1024 * 1024)

struct wb_card {
	struct tpl *tpl;
};

static void
api_error(char **error, const char *text)
{
	if (error != NULL)
		*error = strdup(text);
}

/* Problems as lines, for people. */
static void
api_lines(const struct problems *ps, struct buf *out)
{
	size_t i;

	for (i = 0; i < ps->n; i++) {
		const struct problem *p = &ps->v[i];

		if (p->warning)
			continue;
		buf_adds(out, p->path);
		if (p->at < PROBLEM_MEMBER)
			buf_addf(out, ":%zu", p->at);
		buf_addf(out, ": %s\n", p->text);
	}
}

struct wb_card *
wb_card_compile(const char *json, char **error)
{
	struct problems ps = PROBLEMS_INIT;
	struct wb_card *card = NULL;
	struct err e = ERR_INIT;
	struct json *j = json_parse_str(json, &e);
	struct tpl *t = NULL;
	struct buf b;

	buf_init(&b, API_TEXT);
	if (error != NULL)
		*error = NULL;
	if (j != NULL)
		t = tpl_compile(j, &ps, &e);
	if (t != NULL && ps.errors == 0 &&
	    (card = malloc(sizeof *card)) == NULL)
		err_nomem(&e);
	if (card != NULL) {
		card->tpl = t;
	} else {
		api_lines(&ps, &b);
		api_error(error, buf_len(&b) > 0 ? buf_str(&b) : e.text);
		tpl_free(t);
	}
	buf_done(&b);
	problems_done(&ps);
	json_free(j);
	return card;
}

void
wb_card_free(struct wb_card *card)
{
	if (card == NULL)
		return;
	tpl_free(card->tpl);
	free(card);
}

int
wb_card_uses(const struct wb_card *card, const char *name)
{
	return tpl_uses(card->tpl, name);
}

/* A JSON text as a value in a fresh arena.  NULL: `e` says why. */
static struct arena *
api_value(const char *json, struct val *v, struct err *e)
{
	struct arena *a = arena_new(API_ARENA);

	if (a == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (json == NULL)
		*v = val_missing();
	else if (val_parse(a, json, strlen(json), v, e) == -1) {
		arena_free(a);
		return NULL;
	}
	return a;
}

char *
wb_card_render(
    const struct wb_card *card, const char *data, int64_t now_ms, char **error)
{
	struct err e = ERR_INIT;
	struct val v, out;
	struct arena *a = api_value(data, &v, &e);
	char *text = NULL;
	struct buf b;

	buf_init(&b, API_TEXT);
	if (error != NULL)
		*error = NULL;
	if (a != NULL &&
	    tpl_render(card->tpl, &v, NULL,
		now_ms == 0 ? clk_wall_ms() : now_ms, a, &out, NULL, &e) == 0) {
		if (val_print(&out, &b) == 0)
			text = buf_take(&b);
		if (text == NULL)
			err_set(&e, ERR_PERM, "the result is too large");
	}
	if (text == NULL)
		api_error(error, e.text);
	buf_done(&b);
	arena_free(a);
	return text;
}

/* Problems as a JSON list; returns how many errors there are. */
static int
api_report(const struct problems *ps, char **report)
{
	struct buf b;

	buf_init(&b, API_TEXT);
	problems_json(ps, &b);
	if (report != NULL)
		*report = buf_take(&b);
	buf_done(&b);
	return ps->errors > INT_MAX ? INT_MAX : (int)ps->errors;
}

int
wb_cards_check(const char *json, char **report)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	struct val card;
	struct arena *a = api_value(json, &card, &e);
	int n = -1;

	if (report != NULL)
		*report = NULL;
	if (a != NULL && check_card(&card, &ps, &e) == 0)
		n = api_report(&ps, report);
	else
		api_error(report, e.text);
	problems_done(&ps);
	arena_free(a);
	return n;
}

char *
wb_cards_fallback(const char *json, char **error)
{
	struct err e = ERR_INIT;
	struct val card;
	struct arena *a = api_value(json, &card, &e);
	char *text = NULL;
	struct buf b;

	buf_init(&b, API_TEXT);
	if (error != NULL)
		*error = NULL;
	if (a != NULL && fallback_text(&card, &b) == 0)
		text = buf_take(&b);
	if (text == NULL)
		api_error(error, e.kind == ERR_NONE ? "out of memory" : e.text);
	buf_done(&b);
	arena_free(a);
	return text;
}

int
wb_cards_check_submit(const char *card, const char *inputs, char **report)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	struct val c, in;
	struct arena *a = api_value(card, &c, &e), *b = NULL;
	int n = -1;

	if (report != NULL)
		*report = NULL;
	if (a != NULL)
		b = api_value(inputs, &in, &e);
	if (b != NULL && submit_check(&c, &in, &ps, &e) == 0)
		n = api_report(&ps, report);
	else
		api_error(report, e.text);
	problems_done(&ps);
	arena_free(a);
	arena_free(b);
	return n;
}
