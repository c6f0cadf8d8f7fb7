/* Values: looking members up, printing, to and from JSON. */
#include "card_test.h"

#include "card/val.h"

static struct val
value(struct arena *a, const char *json)
{
	struct err e = ERR_INIT;
	struct val v;

	if (val_parse(a, json, strlen(json), &v, &e) == -1)
		fail_msg("%s: %s", json, e.text);
	return v;
}

static void
prints(const char *json, const char *want, const char *pretty)
{
	struct arena *a = arena_new(MUCH);
	struct val v = value(a, json);
	struct buf b;

	buf_init(&b, MUCH);
	assert_int_equal(val_print(&v, &b), 0);
	assert_string_equal(buf_str(&b), want);
	buf_clear(&b);
	assert_int_equal(val_print_pretty(&v, &b), 0);
	assert_string_equal(buf_str(&b), pretty);
	buf_done(&b);
	arena_free(a);
}

static void
test_val_prints_as_json(void **state)
{
	(void)state;
	prints(" [ 1 , {\"b\":null, \"a\":[]} , {} , \"\\u00e4\\n\\\"\" ] ",
	    "[1,{\"b\":null,\"a\":[]},{},\"\xc3\xa4\\n\\\"\"]",
	    "[\n  1,\n  {\n    \"b\": null,\n    \"a\": []\n  },\n  {},\n  "
	    "\"\xc3\xa4\\n\\\"\"\n]");
	prints("1e21", "1e+21", "1e+21");
	prints("{\"a\":1,\"a\":2}", "{\"a\":2}", "{\n  \"a\": 2\n}");
}

static void
test_val_prints_what_json_cannot_hold(void **state)
{
	struct arena *a = arena_new(MUCH);
	struct val_obj *o = val_obj_new(a, 2);
	struct val items[] = {val_missing(), val_num(0.0 / 0.0),
	    {.kind = VAL_BIG, .big = INT64_C(9007199254740993)},
	    {.kind = VAL_BYTES, .n = 2, .bytes = (const unsigned char *)"\1\2"},
	    val_str("\xed\xa0\xbd")};
	struct val v;
	struct buf b;

	(void)state;
	buf_init(&b, MUCH);
	val_puts(a, o, "none", val_missing());
	val_puts(a, o, "l", val_list(items, COUNT(items)));
	v = val_of(o);
	assert_int_equal(val_print(&v, &b), 0);
	assert_string_equal(buf_str(&b),
	    "{\"l\":[null,null,\"9007199254740993\",[1,2],\"\xef\xbf\xbd\"]}");
	buf_clear(&b);
	assert_int_equal(val_print_exact(&v, &b), 0);
	assert_non_null(strstr(buf_str(&b), "\"\\ud83d\""));
	assert_string_equal(val_cstr(a, &items[4]), "\xef\xbf\xbd");
	assert_string_equal(val_cstr(a, &items[3]), "[1,2]");
	buf_done(&b);
	arena_free(a);
}

static void
test_val_finds_members_in_any_case(void **state)
{
	struct arena *a = arena_new(MUCH);
	struct val v = value(a, "{\"Name\":1,\"name\":2,\"\xc3\x84\":3}");

	(void)state;
	assert_true(val_get(&v, "NAME", 4)->num == 1); /* the first */
	assert_true(val_get(&v, "name", 4)->num == 1);
	assert_true(val_get(&v, "\xc3\xa4", 2)->num == 3);
	assert_null(val_get(&v, "nam", 3));
	assert_true(val_gets(&v, "name")->num == 2);
	assert_null(val_gets(&v, "NAME"));
	v = val_num(1);
	assert_null(val_get(&v, "name", 4));
	arena_free(a);
}

static void
test_val_large_objects(void **state)
{
	struct arena *a = arena_new(MUCH);
	struct val_obj *o = val_obj_new(a, 0);
	struct val v;
	char name[32];
	int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "Key%d", i);
		val_puts(a, o, arena_strdup(a, name), val_num(i));
	}
	val_puts(a, o, "Key77", val_num(-1)); /* replaces */
	assert_int_equal(o->n, 5000);
	v = val_of(o);
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "kEY%d", i);
		assert_true(
		    val_get(&v, name, strlen(name))->num == (i == 77 ? -1 : i));
	}
	assert_null(val_get(&v, "key5000", 7));
	arena_free(a);
}

static void
test_val_to_json_and_back(void **state)
{
	static const char text[] = "{\"a\":[1,2.5,\"x\",true,null,{\"b\":{}}]}";
	struct arena *a = arena_new(MUCH);
	struct val v = value(a, text), w;
	struct json *j = val_to_json(&v);
	struct err e = ERR_INIT;
	struct buf b;

	(void)state;
	assert_non_null(j);
	assert_int_equal(val_from_json(a, j, &w, &e), 0);
	buf_init(&b, MUCH);
	val_print(&w, &b);
	assert_string_equal(buf_str(&b), text);
	assert_int_equal(val_from_json(a, NULL, &w, &e), 0);
	assert_int_equal(w.kind, VAL_MISSING);
	buf_done(&b);
	json_free(j);
	arena_free(a);
}

/* Lists in one another are printed to a depth, then refused. */
static void
test_val_depth(void **state)
{
	struct val v[VAL_DEPTH + 10];
	struct buf b;
	size_t i;

	(void)state;
	v[0] = val_num(1);
	for (i = 1; i < COUNT(v); i++)
		v[i] = val_list(&v[i - 1], 1);
	buf_init(&b, MUCH);
	assert_int_equal(val_print(&v[VAL_DEPTH - 1], &b), 0);
	assert_int_equal(val_print(&v[VAL_DEPTH + 5], &b), -1);
	assert_null(val_to_json(&v[VAL_DEPTH + 5]));
	buf_done(&b);
}

static void
test_val_refuses_what_is_no_json(void **state)
{
	static const char *const bad[] = {
	    "", "{", "[1,]", "01", "\"\\x\"", "{\"a\"}", "nul", "1 2", "'a'"};
	struct arena *a = arena_new(MUCH);
	struct val v;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		struct err e = ERR_INIT;

		if (val_parse(a, bad[i], strlen(bad[i]), &v, &e) == 0)
			fail_msg("%s", bad[i]);
		assert_int_equal(e.kind, ERR_PERM);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_val_prints_as_json),
	    cmocka_unit_test(test_val_prints_what_json_cannot_hold),
	    cmocka_unit_test(test_val_finds_members_in_any_case),
	    cmocka_unit_test(test_val_large_objects),
	    cmocka_unit_test(test_val_to_json_and_back),
	    cmocka_unit_test(test_val_depth),
	    cmocka_unit_test(test_val_refuses_what_is_no_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
