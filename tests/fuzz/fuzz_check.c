/*
 * The checker, the fallback text and the check of submits: any JSON as a
 * card, its own values as what was filled in.
 */
#include <string.h>

#include "base/json.h"
#include "card/check.h"
#include "card/fallback.h"
#include "card/submit.h"
#include "fuzz/fuzz.h"

#define FUZZ_ARENA (64u * 1024 * 1024)

static void
fuzz_problems(struct problems *ps, const char *text, size_t n)
{
	struct err e = ERR_INIT;
	struct buf b;
	size_t i;

	buf_init(&b, FUZZ_ARENA);
	MUST(problems_json(ps, &b) == 0);
	MUST(json_check(b.p, b.len, 1000, &(size_t){0}, &e) == 0);
	for (i = 0; i < ps->n; i++)
		MUST(problem_find(&ps->v[i], text, n) <= n);
	buf_done(&b);
	problems_done(ps);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct problems ps = PROBLEMS_INIT;
	const char *text = (const char *)p;
	struct err e = ERR_INIT;
	struct json *j = json_parse(text, n, &e);
	struct arena *a;
	const struct val *filled;
	struct val v;
	struct buf b;

	if (j == NULL)
		return 0;
	a = arena_new(FUZZ_ARENA);
	MUST(val_from_json(a, j, &v, &e) == 0);
	MUST(check_card(&v, &ps, &e) == 0);
	fuzz_problems(&ps, text, n);
	ps = (struct problems)PROBLEMS_INIT;
	MUST(check_template(&v, &ps, &e) == 0);
	fuzz_problems(&ps, text, n);
	ps = (struct problems)PROBLEMS_INIT;
	filled = val_gets(&v, "inputs");
	MUST(submit_check(&v, filled == NULL ? &v : filled, &ps, &e) == 0);
	fuzz_problems(&ps, text, n);
	buf_init(&b, FUZZ_ARENA);
	MUST(fallback_text(&v, &b) == 0 && buf_len(&b) > 0);
	buf_done(&b);
	arena_free(a);
	json_free(j);
	return 0;
}
