/*
 * Every allocation made to fail in turn: the error is clean, nothing leaks.
 * Under sanitizers only the ceilings of arenas are tried.  xPath is left
 * out: libxml2 keeps a word on its last error.
 */
#include "card_test.h"
#include "mem_test.h"

#include "card/card.h"
#include "card/check.h"
#include "card/fallback.h"
#include "card/preview.h"
#include "card/submit.h"

/* -- the work -- */

static const char template[] =
    "{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"body\":["
    "{\"type\":\"TextBlock\",\"text\":\"Hello ${toUpper(person.name)}, ${n}\"},"
    "{\"type\":\"TextBlock\",\"$when\":\"${exists(n)}\",\"text\":"
    "\"${formatDateTime(d, 'yyyy-MM-dd')} ${isMatch(s, '^[a-z]+$')}\"},"
    "{\"type\":\"FactSet\",\"facts\":[{\"$data\":\"${rows}\",\"title\":"
    "\"${$index}\",\"value\":\"${formatNumber(v, 2)}\"}]},"
    "{\"type\":\"TextBlock\",\"text\":\"${join(foreach(rows, r, "
    "concat(r.v, {a: [1, r]})), ', ')} ${json(j).k} ${split(s, 'e')}\"},"
    "{\"type\":\"TextBlock\",\"text\":\"${union(rows, createArray(1))} "
    "${sortBy(rows, 'v')} ${jPath(json(j), '$.k')} ${stringOrValue(e)}\"},"
    "{\"type\":\"Input.Text\",\"id\":\"a\",\"regex\":\"^[a-z]+$\","
    "\"isRequired\":true}],"
    "\"actions\":[{\"type\":\"Action.Nope\",\"title\":\"${no.such}\"},"
    "{\"type\":\"Action.OpenUrl\",\"title\":\"x\",\"url\":\"${u}\"},{\"type\":"
    "\"Action.Submit\",\"title\":\"${uriHost(w)}"
    " ${base64(s)} ${convertFromUTC(d, 'Europe/Vienna', 'HH')} "
    "${replaceIgnoreCase(s, 't(e)', '$1')} ${xml(json(j))}\"}]}";

static const char data[] =
    "{\"person\":{\"name\":\"Zo\xc3\xab\"},\"n\":3,\"s\":\"texte\","
    "\"d\":\"2024-02-29T23:59:58.123Z\",\"rows\":[{\"v\":2.5},{\"v\":1}],"
    "\"j\":\"{\\\"k\\\":[1]}\",\"e\":\"${n + 1}\",\"u\":\"not a "
    "url\",\"w\":\"https://h\xc3\xa4.example/p?q\"}";

static const char inputs[] = "{\"a\":\"UPPER\",\"b\":\"?\"}";

static int
work_rendered(
    const struct val *card, struct arena *a, struct buf *out, struct err *e)
{
	struct problems ps = PROBLEMS_INIT;
	struct val in;
	int rc = -1;

	if (val_parse(a, inputs, strlen(inputs), &in, e) == 0 &&
	    check_card(card, &ps, e) == 0 &&
	    submit_check(card, &in, &ps, e) == 0)
		rc = 0;
	if (rc == 0 && (ps.failed || val_print(card, out) == -1 ||
			   fallback_text(card, out) == -1 ||
			   problems_json(&ps, out) == -1))
		rc = err_nomem(e);
	problems_done(&ps);
	return rc;
}

/* From text to text; -1: `e` says why. */
static int
work(size_t max, struct buf *out, struct err *e)
{
	struct json *j = json_parse(template, strlen(template), e);
	struct problems ps = PROBLEMS_INIT;
	struct arena *a = arena_new(max);
	struct tpl *t = NULL;
	struct val v, card;
	int rc = -1;

	if (j == NULL || a == NULL) {
		err_nomem(e);
		goto out;
	}
	if ((t = tpl_compile(j, &ps, e)) == NULL ||
	    val_parse(a, data, strlen(data), &v, e) == -1 ||
	    tpl_render(t, &v, NULL, ONE_DAY, a, &card, NULL, e) == -1)
		goto out;
	rc = work_rendered(&card, a, out, e);
out:
	problems_done(&ps);
	tpl_free(t);
	arena_free(a);
	json_free(j);
	return rc;
}

static int
work_store(struct buf *out, struct err *e)
{
	struct cards *cs =
	    cards_load("tests/data/card/store", ONE_DAY, NULL, NULL, e);
	int rc;

	if (cs == NULL)
		return -1;
	rc = buf_addf(out, "%zu %zu", cards_count(cs), cards_errors(cs));
	cards_free(cs);
	return rc == -1 ? err_nomem(e) : 0;
}

/* A template that has faults and is drawn, data that are none. */
static int
work_preview(struct buf *out, struct err *e)
{
	static const char torn[] = "{\"a\": }";

	return preview_render(template, strlen(template), data, strlen(data),
		   ONE_DAY, out, e) == -1 ||
		       preview_render(template, strlen(template), torn,
			   strlen(torn), ONE_DAY, out, e) == -1
		   ? -1
		   : 0;
}

/* -- the tests -- */

static int
work_whole(struct buf *out, struct err *e)
{
	return work(MUCH, out, e);
}

static void
test_card_survives_every_failing_allocation(void **state)
{
	(void)state;
	if (!OWN_MALLOC)
		skip();
	fail_each(work_whole);
}

static void
test_card_store_survives_every_failing_allocation(void **state)
{
	(void)state;
	if (!OWN_MALLOC)
		skip();
	fail_each(work_store);
}

static void
test_card_preview_survives_every_failing_allocation(void **state)
{
	(void)state;
	if (!OWN_MALLOC)
		skip();
	fail_each(work_preview);
}

/* An arena of any size: all of it, or "out of memory". */
static void
test_card_survives_every_arena(void **state)
{
	struct buf want, got;
	size_t max, fine = 0;

	(void)state;
	warm_up(work_whole, &want);
	for (max = 0; max < 256 * 1024; max += 256) {
		struct err e = ERR_INIT;

		buf_init(&got, MUCH);
		if (work(max, &got, &e) == 0) {
			assert_string_equal(buf_str(&got), buf_str(&want));
			fine++;
		} else {
			assert_int_equal(e.kind, ERR_BUG);
		}
		buf_done(&got);
	}
	buf_done(&want);
	assert_true(fine > 0 && fine < max / 256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_card_survives_every_failing_allocation),
	    cmocka_unit_test(test_card_store_survives_every_failing_allocation),
	    cmocka_unit_test(
		test_card_preview_survives_every_failing_allocation),
	    cmocka_unit_test(test_card_survives_every_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
