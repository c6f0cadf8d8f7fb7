/* XML: what is read, what is refused, what is found; time zones. */
#include "wb_test.h"

#include "base/tz.h"
#include "base/xml.h"

static struct xml *
parsed(const char *s)
{
	struct err e = ERR_INIT;
	struct xml *x = xml_parse(s, strlen(s), &e);

	if (x == NULL)
		fail_msg("%s: %s", s, e.text);
	return x;
}

static void
refused(const char *s, const char *why)
{
	struct err e = ERR_INIT;

	assert_null(xml_parse(s, strlen(s), &e));
	assert_int_equal(e.kind, ERR_PERM);
	if (strstr(e.text, why) == NULL)
		fail_msg("%s: %s", s, e.text);
}

static void
test_xml_walks(void **state)
{
	struct xml *x =
	    parsed("<r k=\"1\">t&lt;<x:b xmlns:x=\"u\">in</x:b></r>");
	const struct xml_node *r = xml_root(x), *n;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(xml_kind(r), XML_ELEMENT);
	xml_name(r, &b);
	n = xml_attrs(r);
	assert_int_equal(xml_kind(n), XML_ATTR);
	xml_name(n, &b);
	xml_text(n, &b);
	n = xml_first(r);
	assert_int_equal(xml_kind(n), XML_TEXT);
	xml_text(n, &b);
	n = xml_next(n);
	xml_name(n, &b);
	assert_null(xml_next(n));
	xml_text(r, &b);
	assert_string_equal(buf_str(&b), "rk1t<x:bt<in");
	buf_clear(&b);
	assert_int_equal(xml_print(x, n, &b), 0);
	assert_string_equal(buf_str(&b), "<x:b xmlns:x=\"u\">in</x:b>");
	buf_done(&b);
	xml_free(x);
}

static void
test_xml_refuses_what_is_dangerous(void **state)
{
	(void)state;
	refused("<a>", "line 1");
	refused("", "");
	refused("text", "");
	refused("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", "document type");
	refused(
	    "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "document type");
	refused("<a>&e;</a>", "");
}

static void
test_xml_depth_is_bounded(void **state)
{
	struct err e = ERR_INIT;
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < 10000; i++)
		buf_adds(&b, "<a>");
	for (i = 0; i < 10000; i++)
		buf_adds(&b, "</a>");
	assert_null(xml_parse(b.p, b.len, &e));
	buf_done(&b);
}

static void
test_xml_xpath(void **state)
{
	struct xml *x = parsed("<r><i p=\"1\">a</i><i p=\"2\">b</i></r>");
	struct err e = ERR_INIT;
	struct xml_found f;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(xml_xpath(x, "//i[@p='2']", &f, &e), 0);
	assert_int_equal(f.kind, XML_NODES);
	assert_int_equal(f.n, 1);
	xml_text(f.nodes[0], &b);
	assert_string_equal(buf_str(&b), "b");
	xml_found_done(&f);
	assert_int_equal(xml_xpath(x, "count(//i)", &f, &e), 0);
	assert_int_equal(f.kind, XML_NUMBER);
	assert_true(f.num == 2);
	xml_found_done(&f);
	assert_int_equal(xml_xpath(x, "string(//i)", &f, &e), 0);
	assert_int_equal(f.kind, XML_STRING);
	assert_string_equal(f.text, "a");
	xml_found_done(&f);
	assert_int_equal(xml_xpath(x, "count(r/i)", &f, &e), 0);
	assert_true(f.num == 2); /* from the document on */
	xml_found_done(&f);
	assert_int_equal(xml_xpath(x, "r/..", &f, &e), 0);
	assert_int_equal(f.n, 1);
	buf_clear(&b);
	assert_int_equal(xml_print(x, f.nodes[0], &b), 0);
	assert_string_equal(
	    buf_str(&b), "<r><i p=\"1\">a</i><i p=\"2\">b</i></r>");
	xml_found_done(&f);
	assert_int_equal(xml_xpath(x, "//i['", &f, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
	xml_found_done(&f);
	buf_done(&b);
	xml_free(x);
}

static int
offset(const char *zone, int64_t at)
{
	const struct tz *z = tz_find(zone);

	if (z == NULL)
		fail_msg("%s", zone);
	return tz_offset(z, at);
}

static void
test_tz_offsets(void **state)
{
	(void)state;
	if (tz_find("Europe/Berlin") == NULL)
		skip(); /* a machine without zone files */
	assert_int_equal(offset("UTC", 0), 0);
	assert_int_equal(offset("Europe/Berlin", 1704067200), 3600);
	assert_int_equal(offset("Europe/Berlin", 1719792000), 7200);
	/* the second of the change, 2024-03-31T01:00:00Z */
	assert_int_equal(offset("Europe/Berlin", 1711846799), 3600);
	assert_int_equal(offset("Europe/Berlin", 1711846800), 7200);
	assert_int_equal(offset("Asia/Kolkata", 1704067200), 19800);
	assert_int_equal(offset("America/New_York", 1704067200), -18000);
	/* beyond the table: the rule at its end, 2100-07-01 */
	assert_int_equal(offset("Europe/Berlin", INT64_C(4118083200)), 7200);
	assert_int_equal(
	    offset("Australia/Sydney", INT64_C(4118083200)), 36000);
}

static void
test_tz_names_stay_inside(void **state)
{
	static const char *const names[] = {"", "/", "/etc/passwd",
	    "../../etc/passwd", "Europe/../../../etc/passwd", "Europe",
	    "Nowhere/City", "Europe/Berlin/", ".", "zone.tab",
	    "Europe//Berlin"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(names); i++)
		if (tz_find(names[i]) != NULL)
			fail_msg("%s", names[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_xml_walks),
	    cmocka_unit_test(test_xml_refuses_what_is_dangerous),
	    cmocka_unit_test(test_xml_depth_is_bounded),
	    cmocka_unit_test(test_xml_xpath),
	    cmocka_unit_test(test_tz_offsets),
	    cmocka_unit_test(test_tz_names_stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
