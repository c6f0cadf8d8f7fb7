/*
 * Every allocation made to fail in turn: the error is clean, nothing leaks.
 * The C library's malloc is put aside for that, which sanitizers do too, so
 * under them only the ceilings of arenas are tried.  xPath is left out:
 * libxml2 keeps a word on its last error.
 */
#include <errno.h>

#include "card_test.h"

#include "card/card.h"
#include "card/check.h"
#include "card/fallback.h"
#include "card/preview.h"
#include "card/submit.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_MALLOC 0
#endif
#endif
#if !defined(OWN_MALLOC) && defined(__GLIBC__)
#define OWN_MALLOC 1
#endif

/* -- a malloc that fails when it is told to -- */

static struct mem {
	bool on;
	long left; /* calls until one fails */
	long used; /* blocks that are not freed */
	bool failed;
} mem;

#if OWN_MALLOC
#pragma GCC visibility push(default) /* the libraries' calls too */
void *malloc(size_t n);
void *calloc(size_t k, size_t n);
void *realloc(void *p, size_t n);
void free(void *p);
#pragma GCC visibility pop
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t k, size_t n);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static bool
mem_fails(void)
{
	if (!mem.on || mem.left-- > 0)
		return false;
	mem.failed = true;
	errno = ENOMEM;
	return mem.left == -1;
}

static void *
mem_count(void *p)
{
	mem.used += mem.on && p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	return mem_fails() ? NULL : mem_count(__libc_malloc(n));
}

void *
calloc(size_t k, size_t n)
{
	return mem_fails() ? NULL : mem_count(__libc_calloc(k, n));
}

void *
realloc(void *p, size_t n)
{
	if (mem_fails())
		return NULL;
	return p == NULL ? mem_count(__libc_realloc(NULL, n))
			 : __libc_realloc(p, n);
}

void
free(void *p)
{
	mem.used -= mem.on && p != NULL;
	__libc_free(p);
}
#endif

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
	cards_unref(cs);
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

/* What tables are made once is made here. */
static void
warm_up(int (*fn)(struct buf *, struct err *), struct buf *out)
{
	struct err e = ERR_INIT;

	buf_init(out, MUCH);
	if (fn(out, &e) == -1)
		fail_msg("%s", e.text);
}

/* Fail the n-th allocation, for every n there is. */
static void
fail_each(int (*fn)(struct buf *, struct err *))
{
	struct buf want, got;
	bool failed = true;
	long n;

	warm_up(fn, &want);
	for (n = 0; failed; n++) {
		struct err e = ERR_INIT;
		int rc;

		buf_init(&got, MUCH);
		memset(&mem, 0, sizeof mem);
		mem.left = n;
		mem.on = true;
		rc = fn(&got, &e);
		failed = mem.failed;
		if (rc == 0 && strcmp(buf_str(&got), buf_str(&want)) != 0)
			rc = 1;
		buf_done(&got);
		mem.on = false;
		if (rc == 1)
			fail_msg("allocation %ld: another result", n);
		if (rc == -1 && e.kind != ERR_BUG)
			fail_msg("allocation %ld: %d %s", n, e.kind, e.text);
		if (mem.used != 0)
			fail_msg("allocation %ld: %ld leaked", n, mem.used);
	}
	buf_done(&want);
	assert_true(n > 20);
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
