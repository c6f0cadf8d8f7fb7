/*
 * The language and the checker against cases of a line each, in
 * tests/data/card/: expressions.jsonl, templates.jsonl, checks.jsonl.
 *
 *   {"data": ...}                 data of the lines that follow
 *   {"e": text, ...}              an expression; "t": a template
 *     "v": value, "special": name what comes out; "none": nothing
 *     "error": kind               it fails
 *   {"card": ..., "problems": []} "level code path" of each problem
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/json.h"
#include "card/evaluate.h"

static bool
same(const struct json *a, const struct json *b)
{
	const struct json *x, *y;
	double m, n;

	if (json_kind(a) != json_kind(b))
		return false;
	switch (json_kind(a)) {
	case JSON_NUMBER:
		m = json_num(a);
		n = json_num(b);
		return m == n || fabs(m - n) <= 1e-9 * fmax(fabs(m), fabs(n));
	case JSON_STRING:
		return strcmp(json_str(a), json_str(b)) == 0;
	case JSON_BOOL:
		return json_true(a) == json_true(b);
	case JSON_LIST:
		y = json_first(b);
		for (x = json_first(a); x != NULL && y != NULL;
		     x = json_next(x), y = json_next(y))
			if (!same(x, y))
				return false;
		return x == NULL && y == NULL;
	case JSON_OBJECT:
		for (x = json_first(a); x != NULL; x = json_next(x))
			if (!same(x, json_get(b, json_name(x))))
				return false;
		return json_count(a) == json_count(b);
	default:
		return true;
	}
}

static const char *
text_or(const struct json *j, const char *name)
{
	const char *s = json_get_str(j, name);

	return s == NULL ? "" : s;
}

/* Is the answer what the case expects? */
static bool
answered(const struct json *c, const struct json *r)
{
	const char *want = text_or(c, "error");
	const char *got = text_or(json_get(r, "error"), "kind");

	if (*want != '\0')
		return strcmp(want, got) == 0 ||
		       (strcmp(want, "evaluation") == 0 &&
			   strcmp(got, "arguments") == 0);
	if (*got != '\0' ||
	    strcmp(text_or(c, "special"), text_or(r, "special")) != 0)
		return false;
	if (json_true(json_get(c, "none")))
		return json_get(r, "value") == NULL;
	return same(json_get(c, "v"), json_get(r, "value"));
}

static struct json *
ask(const struct json *in)
{
	struct json *out;
	struct buf line, b;

	buf_init(&line, SIZE_MAX / 2);
	buf_init(&b, SIZE_MAX / 2);
	assert_int_equal(json_print(in, &line), 0);
	assert_int_equal(evaluate_line(buf_str(&line), buf_len(&line), &b), 0);
	out = json_parse(buf_str(&b), buf_len(&b), NULL);
	buf_done(&line);
	buf_done(&b);
	return out;
}

static struct json *
question(const struct json *c, const struct json *data)
{
	bool expr = json_get(c, "e") != NULL;
	struct json *in = json_object();

	json_set_str(in, "kind", expr ? "expression" : "template");
	json_set(in, "template", json_dup(json_get(c, expr ? "e" : "t")));
	if (data != NULL)
		json_set(in, "data", json_dup(data));
	if (json_get(c, "host") != NULL)
		json_set(in, "host", json_dup(json_get(c, "host")));
	if (json_get(c, "now") != NULL)
		json_set(in, "now", json_dup(json_get(c, "now")));
	return in;
}

static bool
check_same(const struct json *c, const struct json *r)
{
	const struct json *want = json_get(c, "problems"), *w, *p;
	const struct json *got = json_get(r, "problems");
	bool found;
	struct buf b;

	if (json_count(want) != json_count(got))
		return false;
	for (w = json_first(want); w != NULL; w = json_next(w)) {
		found = false;
		for (p = json_first(got); p != NULL; p = json_next(p)) {
			buf_init(&b, 4096);
			buf_addf(&b, "%s %s %s", text_or(p, "level"),
			    text_or(p, "code"), text_or(p, "path"));
			found = found || strcmp(buf_str(&b), json_str(w)) == 0;
			buf_done(&b);
		}
		if (!found)
			return false;
	}
	return true;
}

/* Run a line; false: it went wrong (and says how). */
static bool
run(const char *file, int n, const struct json *c, const struct json *data)
{
	struct json *in, *out;
	struct buf b;
	bool ok;

	if (json_get(c, "card") != NULL) {
		in = json_object();
		json_set_str(in, "kind", "check");
		json_set(in, "card", json_dup(json_get(c, "card")));
	} else {
		in = question(c, data);
	}
	out = ask(in);
	ok =
	    json_get(c, "card") != NULL ? check_same(c, out) : answered(c, out);
	if (!ok) {
		buf_init(&b, SIZE_MAX / 2);
		json_print(out, &b);
		print_error("%s:%d: got %s\n", file, n, buf_str(&b));
		buf_done(&b);
	}
	json_free(in);
	json_free(out);
	return ok;
}

static void
cases(const char *file, int least)
{
	struct json *data = NULL, *c;
	int n = 0, ran = 0, bad = 0;
	FILE *f = fopen(file, "r");
	char *line = NULL;
	size_t cap = 0;

	assert_non_null(f);
	while (getline(&line, &cap, f) != -1) {
		n++;
		c = json_parse_str(line, NULL);
		assert_non_null(c);
		if (json_get(c, "data") != NULL) {
			json_free(data);
			data = json_true(json_get(c, "none"))
				   ? NULL
				   : json_dup(json_get(c, "data"));
		} else {
			ran++;
			bad += !run(file, n, c, data);
		}
		json_free(c);
	}
	json_free(data);
	free(line);
	fclose(f);
	assert_true(ran >= least);
	assert_int_equal(bad, 0);
}

static void
test_card_expressions_give_what_they_should(void **state)
{
	(void)state;
	cases("tests/data/card/expressions.jsonl", 900);
}

static void
test_card_templates_give_what_they_should(void **state)
{
	(void)state;
	cases("tests/data/card/templates.jsonl", 200);
}

static void
test_card_checker_finds_what_it_should(void **state)
{
	(void)state;
	cases("tests/data/card/checks.jsonl", 170);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_card_expressions_give_what_they_should),
	    cmocka_unit_test(test_card_templates_give_what_they_should),
	    cmocka_unit_test(test_card_checker_finds_what_it_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
