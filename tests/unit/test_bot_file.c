/*
 * A bot file with any of its values of another kind: it is refused or taken,
 * with its problems at a place, and never the end of the program.
 */
#include "wb_test.h"

#include "base/buf.h"
#include "base/cfg.h"
#include "base/file.h"
#include "bot/hub.h"
#include "bot/rules.h"

#define TEXT_MAX (64 * 1024)

struct file {
	const char *text;
	size_t len;
	const struct rules_env *env;
	size_t refused;
};

/* Past the value at `at`. */
static size_t
value_end(const char *s, size_t at)
{
	size_t depth = 0;

	for (;; at++) {
		if (s[at] == '"')
			for (at++; s[at] != '"'; at++)
				at += s[at] == '\\';
		else if (s[at] == '{' || s[at] == '[')
			depth++;
		else if (s[at] == '}' || s[at] == ']')
			depth--;
		if (depth == 0 && strchr(",}]\n", s[at + 1]) != NULL)
			return at + 1;
	}
}

/* Where the next value begins: no name of a member. */
static size_t
value_next(const char *s, size_t at)
{
	size_t end;

	for (; s[at] != '\0'; at++) {
		if (s[at] == '"') {
			for (end = at + 1; s[end] != '"'; end++)
				end += s[end] == '\\';
			if (s[end + 1] != ':')
				return at;
			at = end;
		} else if (strchr("{[-0123456789tfn", s[at]) != NULL) {
			return at;
		}
	}
	return at;
}

static void
read_file(struct file *f, const char *text, size_t len)
{
	struct problems ps = PROBLEMS_INIT;
	const struct hub_opts o = {.env = f->env, .ps = &ps};
	struct err e = ERR_INIT;
	struct json *j = json_parse(text, len, &e);
	struct rules *rules;
	struct hub *hub;
	size_t i;

	assert_string_equal(e.text, "");
	rules = rules_new(j, f->env, &ps, &e);
	assert_non_null(rules);
	hub = hub_new(j, &o, &e);
	assert_non_null(hub);
	for (i = 0; i < ps.n; i++)
		assert_true(problem_find(&ps.v[i], text, len) <= len);
	f->refused += ps.errors > 0;
	hub_free(hub);
	rules_free(rules);
	problems_done(&ps);
	json_free(j);
}

static void
test_any_value_may_be_of_any_kind(void **state)
{
	static const char *const others[] = {"[[]]", "[1]", "[\"x\"]",
	    "[{\"a\":1}]", "[null]", "{\"a\":[]}", "{\"\":{}}", "[]", "{}",
	    "null", "true", "-1", "1e300", "\"\"", "\"x\""};
	struct err e = ERR_INIT;
	struct cfg *cfg = cfg_load(NULL, &e);
	struct cards *cards = cards_load("/nonexistent", 0, NULL, NULL, &e);
	struct rules_env env = {.cards = cards, .cfg = cfg, .stand_ins = true};
	struct file f = {.env = &env};
	size_t at, end, i, tried = 0;
	char *text;
	struct buf b;

	(void)state;
	assert_non_null(cfg);
	assert_non_null(cards);
	text =
	    file_read("tests/data/bot-every-member.json", TEXT_MAX, &f.len, &e);
	assert_non_null(text);
	buf_init(&b, TEXT_MAX);
	for (at = value_next(text, 0); text[at] != '\0';
	     at = value_next(text, at + (strchr("{[", text[at]) != NULL
						? 1
						: value_end(text, at) - at))) {
		end = value_end(text, at);
		for (i = 0; i < COUNT(others); i++, tried++) {
			buf_clear(&b);
			buf_add(&b, text, at);
			buf_adds(&b, others[i]);
			buf_adds(&b, text + end);
			read_file(&f, buf_str(&b), buf_len(&b));
		}
	}
	assert_true(tried > 3000);
	assert_true(f.refused > tried / 2);
	buf_done(&b);
	free(text);
	cards_free(cards);
	cfg_free(cfg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_any_value_may_be_of_any_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
