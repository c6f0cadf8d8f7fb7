/*
 * Templates: any JSON compiles or has problems; what compiles renders to
 * something that prints as JSON and can be checked, or to an error.
 */
#include <string.h>

#include "base/json.h"
#include "card/check.h"
#include "card/fallback.h"
#include "card/tpl.h"
#include "fuzz/fuzz.h"

#define FUZZ_ARENA (192u * 1024 * 1024)

static const char fuzz_data[] =
    "{\"name\":\"Anna\",\"n\":3,\"yes\":true,\"none\":null,"
    "\"rows\":[{\"id\":1,\"tags\":[\"a\",\"b\"]},{\"id\":\"2\"},null,[4]],"
    "\"o\":{\"k\":\"v\",\"when\":\"2024-02-29T12:00:00.000Z\"}}";

/* What is wrong with it stands somewhere in the template. */
static void
fuzz_origins(
    const struct val *v, struct tpl_trace *tr, const char *text, size_t n)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	size_t i;

	MUST(check_rendered(v, tr, "", &ps, &e) == 0);
	for (i = 0; i < ps.n; i++)
		MUST(problem_find(&ps.v[i], text, n) <= n);
	problems_done(&ps);
}

static void
fuzz_result(const struct val *v)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, FUZZ_ARENA);
	if (val_print(v, &b) == 0)
		MUST(json_check(b.p, b.len, 1000, &(size_t){0}, &e) == 0);
	buf_clear(&b);
	MUST(fallback_text(v, &b) == 0);
	MUST(buf_len(&b) > 0 && buf_len(&b) <= FALLBACK_MAX);
	MUST(check_card(v, &ps, &e) == 0);
	problems_done(&ps);
	buf_done(&b);
}

static void
fuzz_render(const struct tpl *t, const char *text, size_t n)
{
	struct arena *a = arena_new(FUZZ_ARENA);
	struct tpl_trace tr = {0};
	struct tpl_fail f = {0};
	struct err e = ERR_INIT;
	struct val data, out;
	int rc;

	MUST(val_parse(a, fuzz_data, strlen(fuzz_data), &data, &e) == 0);
	rc = tpl_render(t, &data, &data, 1709251198123, a, &out, &f, &e);
	if (rc == -1)
		MUST(e.kind != ERR_NONE && f.kind != EXPR_OK);
	else if (out.kind != VAL_MISSING)
		fuzz_result(&out);
	err_clear(&e);
	if (tpl_render_traced(
		t, &data, 1709251198123, a, &out, NULL, &tr, &e) == 0)
		fuzz_origins(&out, &tr, text, n);
	tpl_trace_done(&tr);
	err_clear(&e);
	rc = tpl_test(t, &data, NULL, 0, a, &e);
	MUST(rc >= -1 && rc <= 1 && (rc != -1 || e.kind != ERR_NONE));
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	struct json *j = json_parse((const char *)p, n, &e);
	struct tpl *t;
	struct buf b;
	size_t i;

	if (j == NULL)
		return 0;
	buf_init(&b, FUZZ_ARENA);
	if ((t = tpl_compile(j, &ps, &e)) != NULL)
		fuzz_render(t, (const char *)p, n);
	else
		MUST(e.kind != ERR_NONE);
	for (i = 0; i < ps.n; i++) {
		MUST(problem_find(&ps.v[i], (const char *)p, n) <= n);
		MUST(problem_print(&ps.v[i], "f", (const char *)p, n, &b) == 0);
	}
	buf_done(&b);
	tpl_free(t);
	problems_done(&ps);
	json_free(j);
	return 0;
}
