/*
 * Expressions: any text compiles or has problems that point into it; what
 * compiles prints, and evaluates to a value or an error.
 */
#include <string.h>

#include "base/str.h"
#include "card/expr.h"
#include "fuzz/fuzz.h"

#define FUZZ_ARENA (96u * 1024 * 1024)

static const char fuzz_data[] =
    "{\"a\":1,\"b\":-2.5,\"s\":\"Text \xc3\xa4 \xf0\x9f\x99\x82\",\"t\":true,"
    "\"n\":null,\"l\":[3,\"1\",{\"k\":\"v\"},[],null,2.5,\"b\"],"
    "\"o\":{\"k\":{\"k\":[1,2]},\"K\":0,\"x y\":\"z\"},"
    "\"d\":\"2024-02-29T23:59:58.123Z\",\"x\":\"<a b='1'>t<c/></a>\","
    "\"u\":\"https://u:p@h.example:8080/p?q=1#f\",\"j\":\"{\\\"k\\\":[1]}\"}";

static const struct expr_node *
fuzz_compile(struct expr_code *c, const char *s, size_t n)
{
	struct problems ps = PROBLEMS_INIT;
	const struct expr_node *node;
	struct err e = ERR_INIT;
	size_t i;

	node = expr_compile(c, s, n, &ps, "/t", 0, &e);
	MUST(node != NULL || ps.n > 0);
	for (i = 0; i < ps.n; i++)
		MUST(ps.v[i].at == PROBLEM_WHOLE || ps.v[i].at <= n);
	problems_done(&ps);
	return node;
}

static void
fuzz_eval(const struct expr_node *node, enum expr_mode mode)
{
	struct arena *a = arena_new(FUZZ_ARENA);
	struct expr_env env = {.index = 2, .now = 1709251198123};
	struct err e = ERR_INIT;
	struct expr_run x;
	struct val out;
	struct buf b;

	MUST(val_parse(a, fuzz_data, strlen(fuzz_data), &env.root, &e) == 0);
	env.data = env.root;
	buf_init(&b, FUZZ_ARENA);
	expr_run_init(&x, mode, a, &env);
	if (expr_eval(&x, node, mode == EXPR_TEMPLATE, &out) == -1)
		MUST(x.fail != EXPR_OK && x.e.text[0] != '\0');
	else if (val_print(&out, &b) == 0)
		MUST(json_check(b.p, b.len, 1000, &(size_t){0}, &e) == 0);
	expr_run_done(&x);
	buf_done(&b);
	arena_free(a);
}

static void
fuzz_print(const struct expr_node *node)
{
	struct buf b;

	buf_init(&b, FUZZ_ARENA);
	MUST(expr_print(node, &b) == 0);
	buf_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const enum expr_mode modes[] = {EXPR_PLAIN, EXPR_TEMPLATE};
	const struct expr_node *node;
	struct expr_code *c;
	size_t i;

	if (!str_utf8_ok((const char *)p, n) || memchr(p, '\0', n) != NULL)
		return 0; /* texts come from JSON */
	for (i = 0; i < 2; i++) {
		c = expr_code_new(modes[i]);
		if ((node = fuzz_compile(c, (const char *)p, n)) != NULL) {
			fuzz_print(node);
			fuzz_eval(node, modes[i]);
		}
		expr_code_free(c);
	}
	return 0;
}
