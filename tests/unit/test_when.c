/* Moments as people write them, and schedules. */
#include "unit/wb_test.h"

#include "base/clk.h"
#include "base/when.h"

#define NOW "2026-03-27T08:30:00Z" /* a Friday */

static int64_t
ms(const char *s)
{
	int64_t t;

	assert_int_equal(clk_parse(s, &t), 0);
	return t;
}

static void
test_when_parses_moments(void **state)
{
	static const struct {
		const char *text, *expected; /* NULL: none */
	} rows[] = {
	    {"10m", "2026-03-27T08:40:00Z"},
	    {"2026-05-04T09:15:00Z", "2026-05-04T09:15:00Z"},
	    {"2026-05-04T09:15:00+02:00", "2026-05-04T07:15:00Z"},
	    {"2026-05-04 09:15", "2026-05-04T09:15:00Z"},
	    {"2026-05-04 09:15 Europe/Berlin", "2026-05-04T07:15:00Z"},
	    {"2026-01-04 09:15 Europe/Berlin", "2026-01-04T08:15:00Z"},
	    {"09:15", "2026-03-27T09:15:00Z"},
	    {"08:30", "2026-03-28T08:30:00Z"}, /* not now: the next one */
	    {"09:15 Europe/Berlin", "2026-03-28T08:15:00Z"},
	    {"09:45 Europe/Berlin", "2026-03-27T08:45:00Z"},
	    {"24:00", NULL},
	    {"2026-02-30 09:15", NULL},
	    {"09:15 Nowhere/Land", NULL},
	    {"soon", NULL},
	    {"", NULL},
	};
	struct err e;
	int64_t at;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		err_clear(&e);
		if (rows[i].expected == NULL) {
			assert_int_equal(
			    when_parse(rows[i].text, ms(NOW), &at, &e), -1);
			assert_int_not_equal(e.kind, ERR_NONE);
			continue;
		}
		assert_int_equal(when_parse(rows[i].text, ms(NOW), &at, &e), 0);
		assert_int_equal(at, ms(rows[i].expected));
	}
}

static void
test_when_finds_the_next_time(void **state)
{
	static const struct {
		const char *cron, *zone, *after, *expected; /* NULL: never */
	} rows[] = {
	    {"0 9 * * 1-5", NULL, NOW, "2026-03-27T09:00:00Z"},
	    {"0 8 * * mon-fri", NULL, NOW, "2026-03-30T08:00:00Z"},
	    {"30 8 * * *", NULL, NOW, "2026-03-28T08:30:00Z"},
	    {"*/15 * * * *", NULL, NOW, "2026-03-27T08:45:00Z"},
	    {"5,10 */2 * * *", NULL, NOW, "2026-03-27T10:05:00Z"},
	    {"0 0 1 jan *", NULL, NOW, "2027-01-01T00:00:00Z"},
	    {"0 0 29 2 *", NULL, NOW, "2028-02-29T00:00:00Z"},
	    {"0 0 30 2 *", NULL, NOW, NULL},
	    /* either day is enough */
	    {"0 0 13 * 0", NULL, NOW, "2026-03-29T00:00:00Z"},
	    {"0 0 * * 7", NULL, NOW, "2026-03-29T00:00:00Z"},
	    /* the hour that is left out, the one that comes twice */
	    {"30 2 29 3 *", "Europe/Berlin", NOW, "2027-03-29T00:30:00Z"},
	    {"30 2 25 10 *", "Europe/Berlin", NOW, "2026-10-25T01:30:00Z"},
	    {"0 9 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
		"2026-03-29T07:00:00Z"},
	    {"0 9 * * *", "Europe/Berlin", "2026-03-27T07:59:59Z",
		"2026-03-27T08:00:00Z"},
	};
	struct err e = ERR_INIT;
	struct cron c;
	int64_t t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(cron_parse(rows[i].cron, &c, &e), 0);
		t = cron_next(&c,
		    rows[i].zone == NULL ? NULL : tz_find(rows[i].zone),
		    ms(rows[i].after) / 1000);
		assert_int_equal(t, rows[i].expected == NULL
					? -1
					: ms(rows[i].expected) / 1000);
	}
}

static void
test_when_refuses_what_is_no_schedule(void **state)
{
	static const char *const rows[] = {"", "* * * *", "* * * * * *",
	    "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
	    "5-3 * * * *", "*/0 * * * *", "x * * * *", "1,,2 * * * *",
	    "1-5x * * * *"};
	struct cron c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct err e = ERR_INIT;

		assert_int_equal(cron_parse(rows[i], &c, &e), -1);
		assert_int_equal(e.kind, ERR_PERM);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_when_parses_moments),
	    cmocka_unit_test(test_when_finds_the_next_time),
	    cmocka_unit_test(test_when_refuses_what_is_no_schedule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
