/*
 * The bot file: whatever it holds, reading it ends, names its problems, and
 * what was read without one can be routed by.
 */
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "bot/route.h"
#include "bot/rules.h"
#include "fuzz/fuzz.h"

static void
fuzz_route(const struct rules *rs)
{
	static const char *const texts[] = {
	    "", "a", "remind anna 7", "x \"y z\" \"", "\xc3\xa4 1e9 a@b.c"};
	static const struct route_cond all = {NULL, NULL};
	struct arena *a = arena_new(1 << 22);
	struct err e = ERR_INIT;
	struct route r;
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		MUST(route_text(rs, texts[i], &all, a, &r, &e) == 0);
	for (i = 0; i < rs->n; i++) {
		MUST(route_text(rs, rs->v[i].key, &all, a, &r, &e) == 0);
		MUST(route_action(rs, rs->v[i].key, &all, a, &r, &e) == 0);
	}
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	struct json *j = json_parse((const char *)p, n, &e);
	static struct cards *cards;
	struct rules_env env;
	struct rules *rs;

	if (j == NULL)
		return 0;
	if (cards == NULL)
		cards = cards_load("/nonexistent", 0, NULL, NULL, &e);
	env = (struct rules_env){.cards = cards};
	err_clear(&e);
	rs = rules_new(j, &env, &ps, &e);
	MUST(rs != NULL);
	if (ps.errors == 0)
		fuzz_route(rs);
	rules_free(rs);
	problems_done(&ps);
	json_free(j);
	return 0;
}
