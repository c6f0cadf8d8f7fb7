/* Numbers as JavaScript has them. */
#include <float.h>
#include <math.h>

#include "wb_test.h"

#include "base/num.h"

static const char *
text(double d)
{
	static char t[NUM_TEXT + 1];

	t[num_text(d, t)] = '\0';
	return t;
}

static const char *
fixed(double d, int digits)
{
	static char t[NUM_FIXED + 1];

	t[num_fixed(d, digits, t)] = '\0';
	return t;
}

static void
test_num_is_written_as_javascript_does(void **state)
{
	static const struct {
		double d;
		const char *want;
	} rows[] = {
	    {0, "0"},
	    {-0.0, "0"},
	    {5, "5"},
	    {-1.5, "-1.5"},
	    {0.1 + 0.2, "0.30000000000000004"},
	    {1.0 / 3, "0.3333333333333333"},
	    {100, "100"},
	    {123456789012345680000.0, "123456789012345680000"},
	    {1e21, "1e+21"},
	    {1.5e300, "1.5e+300"},
	    {0.000001, "0.000001"},
	    {1e-7, "1e-7"},
	    {1.25e-9, "1.25e-9"},
	    {9007199254740993.0, "9007199254740992"},
	    {4294967296.0, "4294967296"},
	    {DBL_MAX, "1.7976931348623157e+308"},
	    {DBL_MIN, "2.2250738585072014e-308"},
	    {5e-324, "5e-324"},
	    {INFINITY, "Infinity"},
	    {-INFINITY, "-Infinity"},
	    {NAN, "NaN"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_string_equal(text(rows[i].d), rows[i].want);
}

/* Significant digits of a text. */
static int
digits_of(const char *t)
{
	int n = 0, zeros = 0;

	for (; *t != '\0' && *t != 'e'; t++) {
		if (*t == '0' && n > 0)
			zeros++;
		if (*t < '1' || *t > '9')
			continue;
		n += zeros + 1;
		zeros = 0;
	}
	return n;
}

/* The fewest digits that read back as `d`. */
static int
digits_needed(double d)
{
	char t[64];
	int n;

	for (n = 1; n < 17; n++) {
		snprintf(t, sizeof t, "%.*e", n - 1, d);
		if (strtod(t, NULL) == d)
			break;
	}
	return n;
}

/* A double of any size, of a few decimals, or a quarter. */
static double
some_double(uint64_t *x, int i)
{
	double d;

	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	if (i % 3 == 1)
		return (double)(int64_t)(*x >> 20) / 1000;
	if (i % 3 == 2)
		return (double)(int32_t)(*x >> 8) / 4;
	memcpy(&d, x, sizeof d);
	return d;
}

static void
test_num_text_is_exact_and_shortest(void **state)
{
	uint64_t x = 88172645463325252u;
	char t[NUM_TEXT + 1];
	double d, back;
	int i;

	(void)state;
	for (i = 0; i < 30000; i++) {
		d = some_double(&x, i);
		if (!isfinite(d) || d == 0)
			continue;
		t[num_text(d, t)] = '\0';
		if (strtod(t, NULL) != d)
			fail_msg("%.17g: %s", d, t);
		assert_int_equal(num_read(t, strlen(t), &back), strlen(t));
		if (back != d)
			fail_msg("%s is read as %.17g", t, back);
		if (digits_of(t) > digits_needed(d))
			fail_msg("%s is not the shortest", t);
	}
}

static void
test_num_fixed(void **state)
{
	(void)state;
	assert_string_equal(fixed(1.005, 2), "1.00"); /* is 1.00499... */
	assert_string_equal(fixed(2.5, 0), "3");
	assert_string_equal(fixed(-2.5, 0), "-3");
	assert_string_equal(fixed(1234.5, 2), "1234.50");
	assert_string_equal(fixed(0.000001, 7), "0.0000010");
	assert_string_equal(fixed(1e20, 2), "100000000000000000000.00");
	assert_string_equal(fixed(1e21, 2), "1e+21");
	assert_string_equal(fixed(-0.0000001, 2), "-0.00");
	assert_string_equal(fixed(0.5, 20), "0.50000000000000000000");
}

static void
test_num_read_takes_the_longest_number(void **state)
{
	static const struct {
		const char *s;
		size_t used;
		double d;
	} rows[] = {
	    {"12", 2, 12},
	    {"-1.5e3x", 6, -1500},
	    {"1e", 1, 1},
	    {"1e+", 1, 1},
	    {".5", 2, 0.5},
	    {"5.", 2, 5},
	    {"007", 3, 7},
	    {"1,5", 1, 1},
	    {"1e400", 5, INFINITY},
	    {"0x10", 1, 0},
	    {"inf", 0, 0},
	    {"nan", 0, 0},
	    {"", 0, 0},
	    {"-", 0, 0},
	    {".", 0, 0},
	    {" 1", 0, 0},
	};
	double d;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		d = 0;
		if (num_read(rows[i].s, strlen(rows[i].s), &d) != rows[i].used)
			fail_msg("%s", rows[i].s);
		assert_true(d == rows[i].d);
	}
}

static void
test_num_round(void **state)
{
	(void)state;
	assert_true(num_round(2.5) == 3);
	assert_true(num_round(-2.5) == -2);
	assert_true(num_round(0.49999999999999994) == 0);
	assert_true(signbit(num_round(-0.2)));
	assert_true(num_round(9007199254740991.0) == 9007199254740991.0);
	assert_true(isnan(num_round(NAN)));
	assert_true(num_whole(3) && !num_whole(3.5) && !num_whole(INFINITY));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_num_is_written_as_javascript_does),
	    cmocka_unit_test(test_num_text_is_exact_and_shortest),
	    cmocka_unit_test(test_num_fixed),
	    cmocka_unit_test(test_num_read_takes_the_longest_number),
	    cmocka_unit_test(test_num_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
