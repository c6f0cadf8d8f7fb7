/* Templates and values in one line each, for the tests of cards. */
#ifndef CARD_TEST_H
#define CARD_TEST_H

#include "wb_test.h"

#include "base/json.h"
#include "card/tpl.h"

#define ONE_DAY INT64_C(1709251198123) /* 2024-02-29T23:59:58.123Z */
#define MUCH (192u * 1024 * 1024)

struct card_test {
	struct json *j;
	struct tpl *t;
	struct problems ps;
	struct arena *a;
	struct val out;
	struct tpl_fail f;
	struct err e;
	struct buf text; /* the result as JSON, or the error */
};

static inline void
card_test_done(struct card_test *c)
{
	buf_done(&c->text);
	problems_done(&c->ps);
	tpl_free(c->t);
	arena_free(c->a);
	json_free(c->j);
}

/* Compile `template`; c->t is NULL when it has faults. */
static inline void
card_test_compile(struct card_test *c, const char *template)
{
	memset(c, 0, sizeof *c);
	buf_init(&c->text, MUCH);
	c->j = json_parse_str(template, &c->e);
	if (c->j == NULL)
		fail_msg("%s: %s", c->e.text, template);
	c->t = tpl_compile(c->j, &c->ps, &c->e);
}

static inline int
card_test_render(struct card_test *c, const char *data)
{
	struct val v;
	int rc;

	arena_free(c->a);
	c->a = arena_new(MUCH);
	err_clear(&c->e);
	buf_clear(&c->text);
	assert_int_equal(val_parse(c->a, data, strlen(data), &v, &c->e), 0);
	rc = tpl_render(c->t, &v, NULL, ONE_DAY, c->a, &c->out, &c->f, &c->e);
	if (rc == -1)
		buf_adds(&c->text, c->e.text);
	else if (c->out.kind != VAL_MISSING)
		assert_int_equal(val_print(&c->out, &c->text), 0);
	return rc;
}

/* `template` with `data` gives `want`, as JSON. */
static inline void
card_test_gives(const char *template, const char *data, const char *want)
{
	struct card_test c;

	card_test_compile(&c, template);
	if (c.t == NULL)
		fail_msg("%s: %s", template, c.e.text);
	if (card_test_render(&c, data) == -1)
		fail_msg("%s: %s", template, c.e.text);
	assert_string_equal(buf_str(&c.text), want);
	card_test_done(&c);
}

/* Rendering `template` with `data` fails, and says `want` somewhere. */
static inline void
card_test_fails(const char *template, const char *data, const char *want)
{
	struct card_test c;

	card_test_compile(&c, template);
	if (c.t == NULL)
		fail_msg("%s: %s", template, c.e.text);
	if (card_test_render(&c, data) != -1)
		fail_msg("%s: gives %.200s", template, buf_str(&c.text));
	if (strstr(c.e.text, want) == NULL)
		fail_msg("%s: %s", template, c.e.text);
	assert_int_not_equal(c.f.kind, EXPR_OK);
	card_test_done(&c);
}

#endif
