/* The pure parts of the simulator: markdown, forms, cards, ids, JSON. */
#include "unit/wb_test.h"

#include "base/json.h"
#include "sim/attach.h"
#include "sim/event.h"
#include "sim/fault.h"
#include "sim/form.h"
#include "sim/id.h"
#include "sim/jw.h"
#include "sim/mark.h"
#include "sim/world.h"

static struct world *world;
static struct person *anna, *bot;

static int
up(void **state)
{
	(void)state;
	world = world_new(100);
	anna = world_add_person(world, "anna@example.com", "Anna Adams", "Anna",
	    false, "00000000-0000-4000-8000-000000000001", "a");
	bot = world_add_person(world, "demo-bot@webex.bot", "Demo Bot", "Demo",
	    true, "00000000-0000-4000-8000-000000000002", "b");
	return anna != NULL && bot != NULL ? 0 : -1;
}

static int
down(void **state)
{
	(void)state;
	world_free(world);
	return 0;
}

/* -- markdown -- */

static const struct {
	const char *in, *html, *text;
} marks[] = {
    {"hello", "<p>hello</p>", "hello"},
    {"", "", ""},
    {"a\nb", "<p>a<br/>b</p>", "a\nb"},
    {"a\n\nb", "<p>a</p><p>b</p>", "a\nb"},
    {"**a** *b* _c_ __d__ ~~e~~",
	"<p><strong>a</strong> <em>b</em> <em>c</em> <strong>d</strong> "
	"<s>e</s></p>",
	"a b c d e"},
    {"**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>", "a b c"},
    {"*a **b** c*", "<p><em>a <strong>b</strong> c</em></p>", "a b c"},
    {"snake_case_name and 2*3*4", "<p>snake_case_name and 2<em>3</em>4</p>",
	"snake_case_name and 234"},
    {"a * b * c", "<p>a * b * c</p>", "a * b * c"},
    {"**open", "<p>**open</p>", "**open"},
    {"`a*b*` c", "<p><code>a*b*</code> c</p>", "a*b* c"},
    {"# One\n### Three", "<h1>One</h1><h3>Three</h3>", "One\nThree"},
    {"#no", "<p>#no</p>", "#no"},
    {"- a\n- b\n\nc", "<ul><li>a</li><li>b</li></ul><p>c</p>", "a\nb\nc"},
    {"1. a\n2. b", "<ol><li>a</li><li>b</li></ol>", "a\nb"},
    {"> a\n> b", "<blockquote>a<br/>b</blockquote>", "a\nb"},
    {"a\n---\nb", "<p>a</p><hr/><p>b</p>", "a\nb"},
    {"```json\n{\"a\": 1}\n```\nx",
	"<pre><code>{&quot;a&quot;: 1}\n</code></pre><p>x</p>",
	"{\"a\": 1}\nx"},
    {"```\nnever closed", "<pre><code>never closed\n</code></pre>",
	"never closed"},
    {"[a](https://example.com/?q=1&r=2)",
	"<p><a href=\"https://example.com/?q=1&amp;r=2\" rel=\"nofollow\">a"
	"</a></p>",
	"a"},
    {"[a](javascript:x)", "<p>[a](javascript:x)</p>", "[a](javascript:x)"},
    {"<https://example.com>",
	"<p><a href=\"https://example.com\" rel=\"nofollow\">"
	"https://example.com</a></p>",
	"https://example.com"},
    {"<b>a</b> & \"c\"", "<p>&lt;b&gt;a&lt;/b&gt; &amp; &quot;c&quot;</p>",
	"<b>a</b> & \"c\""},
    {"\\*a\\* \\<@all>", "<p>*a* &lt;@all&gt;</p>", "*a* <@all>"},
    {"hi <@personEmail:nobody@example.com|Nob> x", "<p>hi Nob x</p>",
	"hi Nob x"},
    {"<@all> hi",
	"<p><spark-mention data-object-type=\"groupMention\" "
	"data-group-type=\"all\">All</spark-mention> hi</p>",
	"All hi"},
};

static void
test_sim_mark_html_and_text(void **state)
{
	static const struct mark_style plain;
	struct mark m;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(marks); i++) {
		assert_int_equal(
		    mark_render(world, marks[i].in, &plain, &m), 0);
		assert_string_equal(buf_str(&m.html), marks[i].html);
		assert_string_equal(buf_str(&m.text), marks[i].text);
		mark_done(&m);
	}
}

static void
test_sim_mark_mentions_in_all_variants(void **state)
{
	static const struct {
		struct mark_style style;
		const char *before, *after; /* the id */
	} rows[] = {
	    {{0},
		"<p><spark-mention data-object-type=\"person\" "
		"data-object-id=\"",
		"\">Demo Bot</spark-mention> go</p>"},
	    {{.bare = true, .id_first = true},
		"<spark-mention data-object-id=\"",
		"\" data-object-type=\"person\">Demo Bot</spark-mention> go"},
	    {{.first_name = true},
		"<p><spark-mention data-object-type=\"person\" "
		"data-object-id=\"",
		"\">Demo</spark-mention> go</p>"},
	};
	char want[512], source[512];
	struct mark_style raw = {.raw_id = true};
	struct mark m;
	size_t i;

	(void)state;
	snprintf(source, sizeof source, "<@personId:%s> go", bot->id);
	for (i = 0; i < COUNT(rows); i++) {
		snprintf(want, sizeof want, "%s%s%s", rows[i].before, bot->id,
		    rows[i].after);
		assert_int_equal(
		    mark_render(world, source, &rows[i].style, &m), 0);
		assert_string_equal(buf_str(&m.html), want);
		assert_int_equal(m.nmentions, 1);
		assert_ptr_equal(m.mentions[0], bot);
		mark_done(&m);
	}
	mark_render(
	    world, "<@personEmail:DEMO-bot@webex.bot|you> go", &raw, &m);
	assert_non_null(strstr(buf_str(&m.html), bot->uuid));
	assert_string_equal(buf_str(&m.text), "you go");
	mark_done(&m);
}

/* A line of nothing but marks must not cost the square of its length. */
static void
test_sim_mark_hostile_lines_end(void **state)
{
	static const char *const pieces[] = {"*", "**a", "[", "[a](", "`", "_a",
	    "<@", "~~", "*a*", "> ", "- ", "\\"};
	static const struct mark_style plain;
	char *line = malloc(40001);
	struct mark m;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(pieces); i++) {
		for (n = 0; n + 8 < 40000; n += strlen(pieces[i]))
			strcpy(line + n, pieces[i]);
		mark_render(world, line, &plain, &m);
		mark_done(&m);
	}
	free(line);
}

/* -- forms -- */

static void
test_sim_form_splits(void **state)
{
	static const char body[] =
	    "--XX\r\nContent-Disposition: form-data; name=\"roomId\"\r\n\r\n"
	    "abc\r\n--XX\r\nContent-Disposition: form-data; name=\"files\"; "
	    "filename=\"a b.txt\"\r\nContent-Type: text/plain\r\n\r\n"
	    "one\r\ntwo\r\n--XX\r\ncontent-disposition: form-data; "
	    "name=empty\r\n\r\n\r\n--XX--\r\n";
	struct form_part p[FORM_PARTS_MAX];

	(void)state;
	assert_int_equal(form_parse("multipart/form-data; boundary=XX", body,
			     sizeof body - 1, p),
	    3);
	assert_string_equal(p[0].name, "roomId");
	assert_int_equal(p[0].len, 3);
	assert_string_equal(p[1].filename, "a b.txt");
	assert_string_equal(p[1].type, "text/plain");
	assert_memory_equal(p[1].data, "one\r\ntwo", 8);
	assert_int_equal(p[1].len, 8);
	assert_string_equal(p[2].name, "empty");
	assert_int_equal(p[2].len, 0);
}

static void
test_sim_form_refuses(void **state)
{
	static const struct {
		const char *type, *body;
	} rows[] = {
	    {"application/json", "{}"},
	    {"multipart/form-data", "--X\r\n\r\na\r\n--X--"},
	    {"multipart/form-data; boundary=", "--\r\n\r\na\r\n----"},
	    {"multipart/form-data; boundary=X", ""},
	    {"multipart/form-data; boundary=X", "--X"},
	    {"multipart/form-data; boundary=X", "--X\r\n"},
	    {"multipart/form-data; boundary=X", "--X\r\nA: b\r\n"},
	    {"multipart/form-data; boundary=X", "--X\r\nA: b\r\n\r\nabc"},
	    {"multipart/form-data; boundary=X",
		"--X\r\nA: b\r\n\r\nabc\r\n--X"},
	    {"multipart/form-data; boundary=X", "--Y\r\n\r\nabc\r\n--Y--"},
	};
	struct form_part p[FORM_PARTS_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_int_equal(form_parse(rows[i].type, rows[i].body,
				     strlen(rows[i].body), p),
		    -1);
}

/* -- cards -- */

#define CARD(c)                                                                \
	"[{\"contentType\":\"application/vnd.microsoft.card.adaptive\","       \
	"\"content\":" c "}]"
#define GENERIC "One (or more) of the arguments is invalid."

static void
test_sim_attach_checks(void **state)
{
	static const struct {
		const char *in, *why;
	} rows[] = {
	    {"[]", NULL},
	    {CARD("{\"type\":\"AdaptiveCard\",\"version\":\"1.3\"}"), NULL},
	    {CARD("{\"type\":\"AdaptiveCard\",\"version\":\"1.0\",\"body\":["
		  "{\"type\":\"Container\",\"items\":[{\"type\":\"TextBlock\","
		  "\"text\":\"a\"}]}]}"),
		NULL},
	    {CARD("{\"type\":\"AdaptiveCard\"}"),
		"Missing Adaptive Card Version"},
	    {CARD("{\"type\":\"AdaptiveCard\",\"version\":1.3}"), GENERIC},
	    {CARD("{\"type\":\"AdaptiveCard\",\"version\":\"1.4\"}"), GENERIC},
	    {CARD("{\"type\":\"AdaptiveCard\",\"version\":\"1.10\"}"), GENERIC},
	    {CARD("{\"type\":\"Card\",\"version\":\"1.3\"}"), GENERIC},
	    {CARD("\"{}\""), GENERIC},
	    {CARD("{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"body\":["
		  "{\"type\":\"ColumnSet\",\"columns\":[{\"type\":\"Column\","
		  "\"items\":[{\"type\":\"Table\"}]}]}]}"),
		GENERIC},
	    {CARD("{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"actions\":"
		  "[{\"type\":\"Action.Execute\"}]}"),
		GENERIC},
	    {"{}", GENERIC},
	    {"\"x\"", GENERIC},
	    {"[1]", GENERIC},
	    {"[{\"contentType\":\"text/plain\",\"content\":{}}]", GENERIC},
	};
	const char *why;
	struct json *j;
	char *card;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		j = json_parse_str(rows[i].in, NULL);
		assert_non_null(j);
		assert_int_equal(
		    attach_read(j, &card, &why), rows[i].why == NULL ? 0 : -1);
		if (rows[i].why != NULL)
			assert_string_equal(why, rows[i].why);
		free(card);
		json_free(j);
	}
}

static void
test_sim_attach_press_merges(void **state)
{
	static const char card[] =
	    "{\"body\":[{\"type\":\"Input.Text\",\"id\":\"a\",\"value\":\"1\"},"
	    "{\"type\":\"Input.Text\",\"id\":\"b\"},{\"type\":\"Input.Toggle\","
	    "\"id\":\"c\",\"value\":\"true\"}],\"actions\":[{\"type\":"
	    "\"Action.ShowCard\",\"card\":{\"actions\":[{\"type\":"
	    "\"Action.Submit\",\"title\":\"Go\",\"data\":{\"x\":{\"y\":2}}}]}}"
	    "]}";
	struct json *inputs =
	    json_parse_str("{\"c\":\"false\",\"b\":\"2\"}", NULL);
	struct json *j = attach_press(card, "Go", inputs);
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	json_print(j, &b);
	assert_string_equal(buf_str(&b),
	    "{\"x\":{\"y\":2},\"a\":\"1\",\"c\":\"false\",\"b\":\"2\"}");
	assert_null(attach_press(card, "Stop", inputs));
	buf_done(&b);
	json_free(j);
	json_free(inputs);
}

/* -- ids, faults, filters -- */

static void
test_sim_id_is_what_webex_writes(void **state)
{
	char id[ID_MAX], track[ID_TRACK], uuid[ID_UUID];

	(void)state;
	id_public(NULL, "PEOPLE", "5f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5", id);
	assert_string_equal(id,
	    "Y2lzY29zcGFyazovL3VzL1BFT1BMRS81ZjBjMWQyZS0zYjRhLTRjNWQtOGU2Zi03"
	    "MDgxOTJhM2I0YzU");
	id_public("urn:TEAM:eu-central-1_k", "ROOM",
	    "7d1e5a80-6c11-11f0-9b1d-3f2c5a6b7c99", id);
	assert_string_equal(id,
	    "Y2lzY29zcGFyazovL3VybjpURUFNOmV1LWNlbnRyYWwtMV9rL1JPT00vN2QxZTVh"
	    "ODAtNmMxMS0xMWYwLTliMWQtM2YyYzVhNmI3Yzk5");
	id_uuid(uuid);
	assert_int_equal(strlen(uuid), 36);
	assert_int_equal(uuid[14], '4');
	id_track(track);
	assert_int_equal(strlen(track), strlen("ROUTER_") + 36);
}

static bool
fault_hits(struct faults *f, const char *what, const char *method, bool by_bot,
    struct fault *hit)
{
	const struct fault_call c = {
	    what, method, "/v1/x", "roomId=one&max=50", by_bot};

	return faults_take(f, &c, hit);
}

static void
test_sim_fault_is_used_up(void **state)
{
	struct json *j = json_parse_str("{\"what\":\"messages\",\"method\":"
					"\"POST\",\"status\":429,\"times\":2,"
					"\"skip\":1,\"retryAfter\":3}",
	    NULL);
	struct faults *f = faults_new();
	struct fault hit;

	(void)state;
	assert_int_equal(faults_add(f, j, NULL), 0);
	assert_false(fault_hits(f, "people", "POST", true, &hit));
	assert_false(fault_hits(f, "messages", "GET", true, &hit));
	assert_false(fault_hits(f, "messages", "POST", false, &hit));
	assert_false(fault_hits(f, "messages", "POST", true, &hit)); /* skip */
	assert_true(fault_hits(f, "messages", "POST", true, &hit));
	assert_int_equal(hit.status, 429);
	assert_string_equal(hit.retry_after, "3");
	assert_true(fault_hits(f, "messages", "POST", true, &hit));
	assert_false(fault_hits(f, "messages", "POST", true, &hit));
	faults_free(f);
	json_free(j);
}

static void
test_sim_fault_is_for_some_addresses(void **state)
{
	struct json *two =
	    json_parse_str("{\"with\":\"roomId=two\",\"status\":500}", NULL);
	struct json *one =
	    json_parse_str("{\"with\":\"roomId=one&\",\"status\":501}", NULL);
	struct json *path =
	    json_parse_str("{\"with\":\"/v1/x\",\"status\":502}", NULL);
	struct faults *f = faults_new();
	struct fault hit;

	(void)state;
	assert_int_equal(faults_add(f, two, NULL), 0);
	assert_false(fault_hits(f, "messages", "GET", true, &hit));
	assert_int_equal(faults_add(f, one, NULL), 0);
	assert_int_equal(faults_add(f, path, NULL), 0);
	assert_true(fault_hits(f, "messages", "GET", true, &hit));
	assert_int_equal(hit.status, 501);
	assert_true(fault_hits(f, "messages", "GET", true, &hit));
	assert_int_equal(hit.status, 502);
	assert_false(fault_hits(f, "messages", "GET", true, &hit));
	faults_free(f);
	json_free(two);
	json_free(one);
	json_free(path);
}

static void
test_sim_fault_says_what_is_wrong(void **state)
{
	static const struct {
		const char *in, *why;
	} rows[] = {
	    {"{\"what\":\"message\",\"status\":500}", "perhaps messages?"},
	    {"{\"statos\":500}", "perhaps status?"},
	    {"{\"status\":\"500\"}", "a number"},
	    {"{\"status\":50}", "200 to 599"},
	    {"{\"what\":\"messages\"}", "nothing to do"},
	    {"{\"what\":\"deliveries\",\"status\":500}", "from the bot"},
	    {"{\"what\":\"messages\",\"repeat\":2}", "deliveries only"},
	    {"{\"cut\":\"middle\"}", "cut: middle"},
	    {"[]", "a JSON object"},
	};
	struct faults *f = faults_new();
	struct json *j;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct err e = ERR_INIT;

		j = json_parse_str(rows[i].in, NULL);
		assert_int_equal(faults_add(f, j, &e), -1);
		if (strstr(e.text, rows[i].why) == NULL)
			fprintf(stderr, "%s\n", e.text);
		assert_non_null(strstr(e.text, rows[i].why));
		json_free(j);
	}
	faults_free(f);
}

static void
test_sim_filters(void **state)
{
	static const struct {
		const char *resource, *filter;
		bool ok;
	} rows[] = {
	    {"messages", "roomId=abc", true},
	    {"messages", "roomType=group&mentionedPeople=me,x", true},
	    {"messages", "isLocked=true", false},
	    {"rooms", "isLocked=true&type=group", true},
	    {"memberships", "isModerator=true", true},
	    {"messages", "roomId", false},
	    {"all", "roomId=abc", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_int_equal(
		    event_filter_ok(rows[i].resource, rows[i].filter),
		    rows[i].ok);
}

static void
test_sim_jw_commas(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	jw_open(&b, NULL, '{');
	jw_str(&b, "a", "{");
	jw_str(&b, "none", NULL);
	jw_open(&b, "b", '[');
	jw_num(&b, NULL, 1);
	jw_bool(&b, NULL, true);
	jw_open(&b, NULL, '{');
	jw_close(&b, '}');
	jw_close(&b, ']');
	jw_raw(&b, "c", "{}");
	jw_time(&b, "d", 1777885200003);
	jw_close(&b, '}');
	assert_string_equal(buf_str(&b),
	    "{\"a\":\"{\",\"b\":[1,true,{}],\"c\":{},\"d\":"
	    "\"2026-05-04T09:00:00.003Z\"}");
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sim_mark_html_and_text),
	    cmocka_unit_test(test_sim_mark_mentions_in_all_variants),
	    cmocka_unit_test(test_sim_mark_hostile_lines_end),
	    cmocka_unit_test(test_sim_form_splits),
	    cmocka_unit_test(test_sim_form_refuses),
	    cmocka_unit_test(test_sim_attach_checks),
	    cmocka_unit_test(test_sim_attach_press_merges),
	    cmocka_unit_test(test_sim_id_is_what_webex_writes),
	    cmocka_unit_test(test_sim_fault_is_used_up),
	    cmocka_unit_test(test_sim_fault_is_for_some_addresses),
	    cmocka_unit_test(test_sim_fault_says_what_is_wrong),
	    cmocka_unit_test(test_sim_filters),
	    cmocka_unit_test(test_sim_jw_commas),
	};

	return cmocka_run_group_tests(tests, up, down);
}
