/*
 * Every allocation made to fail in turn while a bot file is read, a rule is
 * chosen and its call is rendered: "out of memory", and nothing leaks.
 */
#include "mem_test.h"

#include "base/arena.h"
#include "bot/memory.h"
#include "bot/route.h"
#include "bot/rules.h"

#define ARENA (1u << 20)

static const char file[] =
    "{\"commands\":["
    "{\"word\":[\"one\",\"uno\"],\"aliases\":[\"eins\"],\"help\":\"h\","
    "\"reply\":[{\"text\":\"a ${match.args}\"},{\"card\":\"x${1}\"}]},"
    "{\"regex\":\"^x(?<n>\\\\d+)$\",\"when\":\"match.n > 3\","
    "\"access\":{\"emails\":[\"*@a\"],\"domains\":\"b\",\"rooms\":[\"R\"],"
    "\"refuse\":{\"text\":\"no\"}},"
    "\"call\":{\"method\":\"put\",\"url\":\"https://h:1/${match.n}\","
    "\"query\":{\"q\":\"${match.n}\"},\"headers\":{\"A\":\"b ${match.n}\"},"
    "\"form\":{\"a\":\"${match.n}\"}},"
    "\"remember\":{\"room\":{\"n\":\"${match.n}\"}},"
    "\"reply\":{\"text\":\"${call.status}\"},\"failed\":{\"text\":\"f\"}},"
    "{\"usage\":\"three <a:number> [<b>]\",\"misuse\":{\"text\":\"m\"},"
    "\"ask\":{\"cancel\":[\"s\"],\"cancelled\":{\"text\":\"c\"},"
    "\"questions\":[{\"name\":\"q\",\"type\":\"email\",\"regex\":\"a+\","
    "\"choices\":[\"y\"],\"check\":\"answer\",\"again\":{\"text\":\"g\"},"
    "\"reply\":{\"text\":\"?\"}}]},\"run\":[\"p\",\"${1}\"]},"
    "{\"word\":\"ONE\",\"reply\":{\"text\":\"never\"}}],"
    "\"actions\":[{\"card\":\"${1}\",\"reply\":{\"text\":\"s\"}}],"
    "\"on\":[{\"event\":\"rooms.updated\",\"reply\":{\"text\":\"r\"}}],"
    "\"welcome\":{\"reply\":{\"text\":\"w\"}},"
    "\"fallback\":{\"reply\":{\"text\":\"f\"}},\"wrong\":1}";

/* Routes, and what the call of the rule comes to. */
static int
work_route(const struct rules *rs, struct buf *out, struct err *e)
{
	static const struct route_cond all = {NULL, NULL};
	static const char *const texts[] = {
	    "uno two", "x42", "three 4 five six", "three x", "else"};
	struct arena *a = arena_new(ARENA);
	struct xfer_req q;
	struct val_obj *data;
	struct route r;
	struct val v;
	int rc = a == NULL ? err_nomem(e) : 0;
	size_t i;

	for (i = 0; rc == 0 && i < sizeof texts / sizeof texts[0]; i++) {
		rc = route_text(rs, texts[i], &all, a, &r, e);
		if (rc == 0 && (buf_addf(out, "%s|", r.rule->name) == -1 ||
				   val_print(&r.match, out) == -1))
			rc = err_nomem(e);
		if (rc == -1 || r.rule->call == NULL)
			continue;
		data = val_obj_new(a, 1);
		if (data == NULL || val_puts(a, data, "match", r.match) == -1) {
			rc = err_nomem(e);
			continue;
		}
		v = val_of(data);
		rc = call_render(r.rule->call, &v, a, &q, e);
		if (rc == 0 && buf_addf(out, "%s %s %.*s", q.method, q.url,
				   (int)q.body_len, (const char *)q.body) == -1)
			rc = err_nomem(e);
	}
	arena_free(a);
	return rc;
}

static struct cards *cards; /* none */

static int
work_file(struct buf *out, struct err *e)
{
	struct problems ps = PROBLEMS_INIT;
	struct json *j = json_parse_str(file, e);
	struct rules_env env = {.cards = cards};
	struct rules *rs = NULL;
	size_t i;
	int rc = -1;

	if (j != NULL)
		rs = rules_new(j, &env, &ps, e);
	if (rs != NULL)
		rc = ps.failed ? err_nomem(e) : work_route(rs, out, e);
	for (i = 0; i < ps.n && rc == 0; i++)
		if (buf_addf(out, "%s\n", ps.v[i].text) == -1)
			rc = err_nomem(e);
	rules_free(rs);
	problems_done(&ps);
	json_free(j);
	return rc;
}

static void
test_rules_survive_every_failing_allocation(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	if (!OWN_MALLOC)
		skip();
	cards = cards_load("/nonexistent", 0, NULL, NULL, &e);
	assert_non_null(cards);
	fail_each(work_file);
	cards_free(cards);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rules_survive_every_failing_allocation),
	};

	return cmocka_run_group_tests_name("rules_memory", tests, NULL, NULL);
}
