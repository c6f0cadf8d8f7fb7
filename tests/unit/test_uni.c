/* Unicode text counted in UTF-16 units. */
#include "wb_test.h"

#include "base/uni.h"

#define SMILE "\xf0\x9f\x99\x82"
#define HIGH "\xed\xa0\xbd" /* its first half */
#define LOW "\xed\xb9\x82"

static void
test_uni_counts_units(void **state)
{
	(void)state;
	assert_int_equal(uni_units("", 0), 0);
	assert_int_equal(uni_units("abc", 3), 3);
	assert_int_equal(uni_units("\xc3\xa4", 2), 1);
	assert_int_equal(uni_units(SMILE "!", 5), 3);
	assert_int_equal(uni_units(HIGH, 3), 1);
}

static void
sliced(const char *s, size_t from, size_t to, const char *want)
{
	struct buf b;

	buf_init(&b, 1000);
	assert_int_equal(uni_slice(s, strlen(s), from, to, &b), 0);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void
test_uni_slices_between_halves(void **state)
{
	(void)state;
	sliced("abcd", 1, 3, "bc");
	sliced("abcd", 2, 99, "cd");
	sliced("abcd", 3, 1, "");
	sliced("a" SMILE "b", 0, 2, "a" HIGH);
	sliced("a" SMILE "b", 2, 4, LOW "b");
	sliced("a" SMILE "b", 1, 3, SMILE);
	sliced("\xc3\xa4\xc3\xb6", 1, 2, "\xc3\xb6");
}

static void
test_uni_halves_that_meet_are_one(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	uni_add(&b, "x" HIGH, 4);
	uni_add(&b, LOW "y", 4);
	assert_string_equal(buf_str(&b), "x" SMILE "y");
	buf_clear(&b);
	uni_add(&b, LOW, 3);
	uni_add(&b, HIGH, 3);
	assert_string_equal(buf_str(&b), LOW HIGH);
	buf_done(&b);
}

static void
test_uni_clean(void **state)
{
	char s[] = "a" HIGH "b\xff" SMILE "\xc3";

	(void)state;
	uni_clean(s, sizeof s - 1);
	assert_string_equal(s, "a\xef\xbf\xbd"
			       "b?" SMILE "?");
}

static void
cased(const char *s, const char *lower, const char *upper, const char *lang)
{
	struct buf b;

	buf_init(&b, 100);
	uni_lower(s, strlen(s), lang, &b);
	assert_string_equal(buf_str(&b), lower);
	buf_clear(&b);
	uni_upper(s, strlen(s), lang, &b);
	assert_string_equal(buf_str(&b), upper);
	buf_done(&b);
}

static void
test_uni_case(void **state)
{
	(void)state;
	cased("aBc1", "abc1", "ABC1", NULL);
	cased("Stra\xc3\x9f"
	      "e",
	    "stra\xc3\x9f"
	    "e",
	    "STRASSE", NULL);
	cased("\xc3\x84\xc3\xb6", "\xc3\xa4\xc3\xb6", "\xc3\x84\xc3\x96", NULL);
	cased("Ii", "ii", "II", NULL);
	cased("Ii", "\xc4\xb1i", "I\xc4\xb0", "tr");
	/* sigma at the end of a word */
	cased("\xce\x91\xce\xa3", "\xce\xb1\xcf\x82", "\xce\x91\xce\xa3", NULL);
	cased(SMILE, SMILE, SMILE, NULL);
	cased("\xef\xac\x81", "\xef\xac\x81", "FI", NULL); /* fi */
}

static void
test_uni_equal_but_for_case(void **state)
{
	(void)state;
	assert_true(uni_ieq("Name", 4, "nAME", 4));
	assert_true(uni_ieq("\xc3\x84", 2, "\xc3\xa4", 2));
	assert_false(uni_ieq("a", 1, "b", 1));
	assert_false(uni_ieq("a", 1, "aa", 2));
	assert_int_equal(uni_ihash("Name", 4), uni_ihash("nAME", 4));
	assert_int_equal(
	    uni_ihash("\xc3\x84pfel", 6), uni_ihash("\xc3\xa4PFEL", 6));
}

static void
test_uni_order_and_blanks(void **state)
{
	const char *s = " \t\xe2\x80\x83x y\xef\xbb\xbf";
	size_t n = strlen(s);

	(void)state;
	assert_true(uni_cmp("a", 1, "b", 1) < 0);
	assert_true(uni_cmp("a", 1, "a", 1) == 0);
	assert_true(uni_cmp("ab", 2, "a", 1) > 0);
	/* U+FF5E comes after U+1F642 in UTF-16 */
	assert_true(uni_cmp("\xef\xbd\x9e", 3, SMILE, 4) > 0);
	s = uni_trim(s, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(s, "x y", 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_uni_counts_units),
	    cmocka_unit_test(test_uni_slices_between_halves),
	    cmocka_unit_test(test_uni_halves_that_meet_are_one),
	    cmocka_unit_test(test_uni_clean),
	    cmocka_unit_test(test_uni_case),
	    cmocka_unit_test(test_uni_equal_but_for_case),
	    cmocka_unit_test(test_uni_order_and_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
