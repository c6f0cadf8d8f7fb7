/* Ids, mentions, splitting, judging answers, planning webhooks. */
#include "unit/wb_test.h"

#include "base/str.h"
#include "webex/mention.h"
#include "webex/split.h"
#include "webex/wx.h"
#include "webex/wx_hook.h"
#include "webex/wx_id.h"
#include "webex/wx_int.h"

#define BOT                                                                    \
	"Y2lzY29zcGFyazovL3VzL1BFT1BMRS81ZjBjMWQyZS0zYjRhLTRjNWQtOGU2Zi03MDgx" \
	"OTJhM2I0YzU"
#define RAW "5f0c1d2e-3b4a-4c5d-8e6f-708192a3b4c5"
#define ANNA                                                                   \
	"Y2lzY29zcGFyazovL3VzL1BFT1BMRS9hMWIyYzNkNC0wMDAxLTRlNWYtOWEwYi1jMWQy" \
	"ZTNmNDAwMDE"

static void
test_ids_are_the_same_by_uuid(void **state)
{
	char uuid[WX_UUID];

	(void)state;
	assert_int_equal(wx_id_uuid(BOT, uuid), 0);
	assert_string_equal(uuid, RAW);
	assert_true(wx_id_same(BOT, RAW));
	assert_true(
	    wx_id_same(BOT "=", "5F0C1D2E-3B4A-4C5D-8E6F-708192A3B4C5"));
	assert_true(wx_id_same("opaque", "opaque"));
	assert_false(wx_id_same(BOT, ANNA));
	assert_false(wx_id_same(NULL, NULL));
	assert_false(wx_id_same("", ""));
	assert_int_equal(wx_id_uuid("not base64!", uuid), -1);
	/* another cluster, the same person */
	assert_int_equal(
	    wx_id_uuid(
		"Y2lzY29zcGFyazovL3VybjpURUFNOmV1LWNlbnRyYWwtMV9rL1JPT00v"
		"N2QxZTVhODAtNmMxMS0xMWYwLTliMWQtM2YyYzVhNmI3Yzk5",
		uuid),
	    0);
	assert_string_equal(uuid, "7d1e5a80-6c11-11f0-9b1d-3f2c5a6b7c99");
}

#define M(id, in)                                                              \
	"<spark-mention data-object-type=\"person\" data-object-id=\"" id      \
	"\">" in "</spark-mention>"
#define MR(id, in)                                                             \
	"<spark-mention data-object-id=\"" id                                  \
	"\" data-object-type=\"person\">" in "</spark-mention>"

static void
test_mention_is_removed(void **state)
{
	static const struct {
		const char *html, *text;
		bool group;
		const char *want;
	} t[] = {
	    {"<p>" M(BOT, "Demo Bot") " status of build 42</p>",
		"Demo Bot status of build 42", true, "status of build 42"},
	    {MR(RAW, "Demo") " status of build 42", "Demo status of build 42",
		true, "status of build 42"},
	    {"<p>" M(BOT, "Demo") "&nbsp;help</p>", "Demo help", true, "help"},
	    {"<p>say&nbsp;" M(BOT, "Demo") "&nbsp;a&nbsp;b&nbsp;</p>", "x",
		true, "say a b"},
	    {NULL, "Demo Bot\xc2\xa0help\xc2\xa0me\xc2\xa0", true, "help me"},
	    {M(BOT, "Demo") ": help", "Demo: help", true, "help"},
	    {M(BOT, "Demo") ", help", "Demo, help", true, "help"},
	    {"<p>hey " M(BOT, "Demo") " help me</p>", "hey Demo help me", true,
		"hey help me"},
	    {"<p>help " M(BOT, "Demo") "</p>", "help Demo", true, "help"},
	    {M(BOT, "Demo") " " M(ANNA, "Anna") " wants <b>tea</b>",
		"Demo Anna wants tea", true, "Anna wants tea"},
	    {M(BOT, "Demo") " a &lt;b&gt; &amp; c", "Demo a <b> & c", true,
		"a <b> & c"},
	    {"<p>" M(BOT, "Demo") " one</p><p>two<br>three</p>", "x", true,
		"one\ntwo\nthree"},
	    {M(BOT, "Demo"), "Demo", true, ""},
	    {"<SPARK-MENTION DATA-OBJECT-ID='" RAW "'>D</SPARK-MENTION> hi",
		"D hi", true, "hi"},
	    {"<p>" M(ANNA, "Anna") " hello</p>", "Anna hello", true,
		"Anna hello"},
	    {NULL, "Demo Bot help", true, "help"},
	    {NULL, "demo bot: help", true, "help"},
	    {NULL, "@Demo help", true, "help"},
	    {NULL, "Demo help", false, "Demo help"},
	    {NULL, "Demolition help", true, "Demolition help"},
	    {NULL, "  ping  ", false, "ping"},
	    {NULL, NULL, true, ""},
	    {"<spark-mention", "x", true, "x"},
	};
	static const struct mention_bot bot = {BOT, "Demo Bot", "Demo"};
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 10000);
	for (i = 0; i < COUNT(t); i++) {
		buf_clear(&out);
		buf_adds(&out, "<<");
		assert_int_equal(
		    mention_strip(t[i].html, t[i].text, t[i].group, &bot, &out),
		    0);
		assert_string_equal(buf_str(&out) + 2, t[i].want);
	}
	buf_done(&out);
}

/* Split, check each part's size, and hand back the parts joined by "|". */
static const char *
parts(const char *s, size_t max, bool markdown, struct buf *all)
{
	struct buf part;
	size_t at = 0;
	int failed;

	buf_clear(all);
	buf_init(&part, 100000);
	while (split_next(s, &at, max, markdown, &part, &failed)) {
		assert_int_equal(failed, 0);
		assert_in_range(buf_len(&part), 1, max);
		assert_true(str_utf8_ok(buf_str(&part), buf_len(&part)));
		if (buf_len(all) > 0)
			buf_adds(all, "|");
		buf_adds(all, buf_str(&part));
		buf_clear(&part);
	}
	buf_done(&part);
	return buf_str(all);
}

/* A fence as long as a part is text like any other. */
static void
test_split_long_fences(void **state)
{
	struct buf all, text;
	size_t i;

	(void)state;
	buf_init(&all, 1000000);
	buf_init(&text, 1000000);
	for (i = 0; i < 20000; i++)
		buf_addc(&text, '`');
	assert_int_equal(
	    strlen(parts(buf_str(&text), 7439, true, &all)), 20000 + 2);
	buf_addc(&text, '\n');
	for (i = 0; i < 3000; i++)
		buf_adds(&text, "~~~~ text ");
	parts(buf_str(&text), 300, true, &all);
	buf_done(&text);
	buf_done(&all);
}

static void
test_split_cuts_at_good_places(void **state)
{
	struct buf all, text;
	size_t i, n;

	(void)state;
	buf_init(&all, 1000000);
	buf_init(&text, 1000000);
	assert_string_equal(parts("short", 10, false, &all), "short");
	assert_string_equal(parts("", 10, false, &all), "");
	assert_string_equal(
	    parts("one two\nthree", 10, false, &all), "one two\n|three");
	assert_string_equal(
	    parts("one two three", 10, false, &all), "one two |three");
	assert_string_equal(
	    parts("aaaaaaaaaaaaa", 10, false, &all), "aaaaaaaaaa|aaa");
	/* 3-byte characters: nine bytes fit, ten would cut one */
	assert_string_equal(
	    parts("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 10, false,
		&all),
	    "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac|\xe2\x82\xac");
	assert_string_equal(
	    parts("hello <@personId:X|An na> x", 20, false, &all),
	    "hello |<@personId:X|An na> |x");
	/* a fence goes on in the next part */
	buf_adds(&text, "```json\n");
	for (i = 0; i < 100; i++)
		buf_addf(&text, "line %zu\n", i);
	buf_adds(&text, "```\nend\n");
	parts(buf_str(&text), 300, true, &all);
	for (n = 0, i = 0; i < all.len; i++)
		n += strncmp(all.p + i, "```", 3) == 0;
	assert_int_equal(n % 2, 0);
	assert_non_null(strstr(all.p, "\n```|```json\nline"));
	assert_non_null(strstr(all.p, "line 99\n```\nend\n"));
	buf_done(&all);
	buf_done(&text);
}

static enum wx_verdict
judge_body(enum wx_endpoint ep, enum xfer_end end, int status, const char *body)
{
	struct buf none = {0};
	struct {
		const struct buf *lines;
	} head = {&none};
	struct xfer_res r = {.end = end,
	    .status = status,
	    .body = (char *)body,
	    .body_len = strlen(body),
	    .head = (struct xfer_head *)&head};
	struct wx_answer a;

	wx_judge(ep, &r, 0, &a);
	return a.verdict;
}

static enum wx_verdict
judge(enum wx_endpoint ep, enum xfer_end end, int status)
{
	return judge_body(ep, end, status, "<html>");
}

static void
test_answers_are_judged(void **state)
{
	static const struct {
		enum xfer_end end;
		int status;
		enum wx_verdict get, post;
	} t[] = {
	    {XFER_ANSWERED, 200, WX_RETRY, WX_LOST}, /* a proxy's page */
	    {XFER_ANSWERED, 204, WX_RETRY, WX_LOST},
	    {XFER_ANSWERED, 302, WX_RETRY, WX_LOST},
	    {XFER_ANSWERED, 400, WX_REFUSED, WX_REFUSED},
	    {XFER_ANSWERED, 401, WX_AUTH, WX_AUTH},
	    {XFER_ANSWERED, 403, WX_REFUSED, WX_REFUSED},
	    {XFER_ANSWERED, 404, WX_MISSING, WX_MISSING},
	    {XFER_ANSWERED, 423, WX_RETRY, WX_RETRY},
	    {XFER_ANSWERED, 429, WX_RETRY, WX_RETRY},
	    {XFER_ANSWERED, 500, WX_RETRY, WX_LOST},
	    {XFER_ANSWERED, 502, WX_RETRY, WX_LOST},
	    {XFER_ANSWERED, 503, WX_RETRY, WX_RETRY},
	    {XFER_ANSWERED, 504, WX_RETRY, WX_LOST},
	    {XFER_ANSWERED, 520, WX_RETRY, WX_LOST},
	    {XFER_NOT_SENT, 0, WX_RETRY, WX_RETRY},
	    {XFER_CUT, 0, WX_RETRY, WX_LOST},
	    {XFER_TOO_LARGE, 0, WX_REFUSED, WX_LOST},
	    {XFER_STOPPED, 0, WX_CANCELLED, WX_CANCELLED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		assert_int_equal(
		    judge(WX_MESSAGE_GET, t[i].end, t[i].status), t[i].get);
		assert_int_equal(
		    judge(WX_MESSAGE_POST, t[i].end, t[i].status), t[i].post);
	}
	assert_int_equal(
	    judge_body(WX_MESSAGE_POST, XFER_ANSWERED, 200, " {\"id\":\"M\"}"),
	    WX_OK);
	assert_int_equal(
	    judge_body(WX_MESSAGE_POST, XFER_ANSWERED, 200, ""), WX_LOST);
	assert_int_equal(
	    judge_body(WX_MESSAGE_GET, XFER_ANSWERED, 200, "{\"id\":\"M\"}\n"),
	    WX_OK);
	assert_int_equal(
	    judge_body(WX_MESSAGE_GET, XFER_ANSWERED, 200, "{\"id\":\"M"),
	    WX_RETRY);
	assert_int_equal(
	    judge_body(WX_MESSAGE_POST, XFER_ANSWERED, 200, "{\"id\":\"M"),
	    WX_LOST);
	assert_int_equal(
	    judge_body(WX_MESSAGE_DELETE, XFER_ANSWERED, 204, ""), WX_OK);
	assert_int_equal(
	    judge_body(WX_CONTENT_GET, XFER_ANSWERED, 200, "text"), WX_OK);
}

/* The plan as one line a step. */
static char *
plan(const char *hooks, size_t nwants)
{
	static const struct wx_want wants[] = {
	    {"messages", "created"}, {"attachmentActions", "created"}};
	struct json *j = json_parse_str(hooks, NULL);
	struct err e = ERR_INIT;
	struct wx_plan p;
	struct buf out;
	size_t i;
	char *s;

	assert_non_null(j);
	buf_init(&out, 10000);
	assert_int_equal(
	    wx_plan(j, wants, nwants, "https://new/h", "k", &p, &e), 0);
	for (i = 0; i < p.n; i++) {
		wx_step_text(&p.steps[i], true, &out);
		buf_adds(&out, "\n");
	}
	wx_plan_done(&p);
	json_free(j);
	s = buf_take(&out);
	return s;
}

#define HOOK(id, name, res, url, status)                                       \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"resource\":\"" res         \
	"\",\"event\":\"created\",\"targetUrl\":\"" url                        \
	"\",\"secret\":\"k\",\"status\":\"" status "\"}"

static void
test_plan_of_webhooks(void **state)
{
	static const struct {
		const char *hooks;
		size_t wants;
		const char *want;
	} t[] = {
	    {"[]", 1, "messages/created: created, points to https://new/h\n"},
	    {"[" HOOK("1", "other", "messages", "https://new/h", "active") "]",
		1, "messages/created: created, points to https://new/h\n"},
	    {"[" HOOK(
		 "1", "webexbot:x", "messages", "https://new/h", "active") "]",
		1, "messages/created: kept, points to https://new/h\n"},
	    {"[" HOOK(
		 "1", "webexbot:x", "messages", "https://old/h", "active") "]",
		1,
		"messages/created: updated, moved from https://old/h to "
		"https://new/h\n"},
	    {"[" HOOK("1", "webexbot:x", "messages", "https://new/h",
		 "inactive") "]",
		1, "messages/created: updated, re-activated\n"},
	    {"[" HOOK("1", "webexbot:x", "messages", "https://old/h",
		 "active") "," HOOK("2", "webexbot:x", "messages",
		 "https://new/h", "active") "," HOOK("3", "webexbot:x", "rooms",
		 "https://new/h", "active") "]",
		1,
		"messages/created: kept, points to https://new/h\n"
		"messages/created: deleted (double, was https://old/h)\n"
		"rooms/created: deleted (not needed, was https://new/h)\n"},
	    {"[" HOOK("1", "webexbot:x", "messages", "https://new/h",
		 "active") "," HOOK("2", "mine", "messages", "https://new/h",
		 "active") "]",
		0, "messages/created: deleted (was https://new/h)\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		char *s = plan(t[i].hooks, t[i].wants);

		assert_string_equal(s, t[i].want);
		free(s);
	}
}

static void
test_plan_tells_what_is_found(void **state)
{
	static char messages[] = "messages", created[] = "created",
		    old[] = "https://old/h", new[] = "https://new/h";
	static const struct {
		struct wx_step s;
		const char *want;
	} t[] = {
	    {{.verb = WX_KEEP, .target = new}, "points to https://new/h"},
	    {{.verb = WX_CREATE, .target = new}, "is missing"},
	    {{.verb = WX_UPDATE, .target = new, .moved = true, .from = old},
		"points to https://old/h, not to https://new/h"},
	    {{.verb = WX_UPDATE, .asleep = true, .rekeyed = true},
		"is inactive; has another secret"},
	    {{.verb = WX_DELETE, .target = old, .why = "double"},
		"is there once too often, points to https://old/h"},
	    {{.verb = WX_DELETE, .target = old, .why = "not needed"},
		"is not needed, points to https://old/h"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct wx_step s = t[i].s;
		struct buf out;

		s.resource = messages;
		s.event = created;
		buf_init(&out, 1000);
		wx_step_finding(&s, &out);
		assert_true(str_prefix(buf_str(&out), "messages/created: "));
		assert_string_equal(
		    buf_str(&out) + strlen("messages/created: "), t[i].want);
		buf_done(&out);
	}
}

/* Who a new token is of is asked with it, and nothing else. */
static void
test_a_new_token_is_not_used_before_it_is_trusted(void **state)
{
	struct wx_opts o = {.base = "http://127.0.0.1:1/v1", .token = "one"};
	struct wx_call c = {.endpoint = WX_ROOM_LIST};
	struct err e = ERR_INIT;
	struct wx_request r;
	unsigned first;
	struct wx *w;

	(void)state;
	assert_non_null(w = wx_new(&o, &e));
	first = wx_token(w);
	assert_int_equal(wx_set_token(w, "one", &e), 0);
	assert_int_equal(wx_request(w, &c, &r, &e), 0);
	wx_request_done(&r);
	assert_int_equal(wx_set_token(w, "two", &e), 1);
	assert_false(wx_trust(w, first)); /* an answer that was on its way */
	assert_int_equal(wx_request(w, &c, &r, &e), -1);
	assert_int_equal(e.kind, ERR_TEMP);
	wx_request_done(&r);
	err_clear(&e);
	c.endpoint = WX_PEOPLE_ME;
	assert_int_equal(wx_request(w, &c, &r, &e), 0);
	wx_request_done(&r);
	c.endpoint = WX_ROOM_LIST;
	assert_true(wx_trust(w, wx_token(w)));
	assert_int_equal(wx_request(w, &c, &r, &e), 0);
	wx_request_done(&r);
	wx_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ids_are_the_same_by_uuid),
	    cmocka_unit_test(test_mention_is_removed),
	    cmocka_unit_test(test_split_long_fences),
	    cmocka_unit_test(test_split_cuts_at_good_places),
	    cmocka_unit_test(test_answers_are_judged),
	    cmocka_unit_test(test_a_new_token_is_not_used_before_it_is_trusted),
	    cmocka_unit_test(test_plan_of_webhooks),
	    cmocka_unit_test(test_plan_tells_what_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
