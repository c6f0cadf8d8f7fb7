/* The base layer: JSON, settings, texts, buffers, arenas, time, patterns. */
#include "unit/wb_test.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/b64.h"
#include "base/buf.h"
#include "base/cfg.h"
#include "base/clk.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/re.h"
#include "base/stat.h"
#include "base/str.h"

static void
test_json_is_strict(void **state)
{
	static const char *const good[] = {"0", "-1.5e+3", "\"\\u00e9\"", "[]",
	    "{}", " [1, {\"a\":null}] ", "\"\\ud83d\\ude00\"", "true"};
	static const struct {
		const char *text, *want;
	} bad[] = {
	    {"", "1:1: unexpected end, a value was expected"},
	    {"01", "1:2: unexpected '1', the end was expected"},
	    {"1.", "1:3: unexpected end, a digit was expected"},
	    {"+1", "1:1: unexpected '+', a value was expected"},
	    {"[1,]", "1:4: unexpected ']', the comma before it is one too "
		     "many"},
	    {"{\"a\":1, }", "1:9: unexpected '}', the comma before it is one "
			    "too many"},
	    {"{a:1}", "1:2: unexpected 'a', a member name in quotes was "
		      "expected"},
	    {"{\"a\" 1}", "1:6: unexpected '1', ':' was expected"},
	    {"[1 2]", "1:4: unexpected '2', ',' or ']' was expected"},
	    {"\"\n\"", "1:2: unexpected byte 0x0a, a control character must "
		       "be escaped"},
	    {"\"\xff\"", "1:2: unexpected byte 0xff, not UTF-8"},
	    {"\"\\q\"", "1:3: unexpected 'q', no such escape"},
	    {"[\"\\u0000\",", "1:11: unexpected end, a value was expected"},
	    {"\"abc", "1:5: unexpected end, a text without its closing "
		      "quote"},
	    {"nul", "1:1: unexpected 'n', a value was expected"},
	    {"1 1", "1:3: unexpected '1', the end was expected"},
	    {"{\n \"a\": [tru]\n}", "2:8: unexpected 't', a value was "
				    "expected"},
	    {"\xef\xbb\xbf{}", "1:1: starts with a byte order mark: save it as "
			       "UTF-8 without BOM"},
	};
	struct json *j;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		j = json_parse_str(good[i], NULL);
		assert_non_null(j);
		json_free(j);
	}
	for (i = 0; i < COUNT(bad); i++) {
		struct err e = ERR_INIT;

		assert_null(json_parse_str(bad[i].text, &e));
		assert_string_equal(e.text, bad[i].want);
	}
}

/* What programs send that cut a text within an emoji. */
static void
test_json_replaces_what_no_text_holds(void **state)
{
	static const char *const texts[][2] = {{"\"a\\u0000b\"", "a\xef\xbf\xbd"
								 "b"},
	    {"\"\\ud83d\"", "\xef\xbf\xbd"}, {"\"\\ude00\"", "\xef\xbf\xbd"},
	    {"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"},
	    {"\"\\\\u0000\"", "\\u0000"}};
	struct json *j;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(texts); i++) {
		j = json_parse_str(texts[i][0], NULL);
		assert_string_equal(json_str(j), texts[i][1]);
		json_free(j);
	}
	j = json_parse_str("{\"a\\ud800\": 1}", NULL);
	assert_non_null(json_get(j, "a\xef\xbf\xbd"));
	json_free(j);
}

static void
test_json_depth_is_bounded(void **state)
{
	char deep[3 * JSON_DEPTH];
	struct err e = ERR_INIT;
	struct json *j;

	(void)state;
	memset(deep, '[', JSON_DEPTH);
	memset(deep + JSON_DEPTH, ']', JSON_DEPTH);
	j = json_parse(deep, 2 * JSON_DEPTH, &e);
	assert_non_null(j);
	json_free(j);
	memset(deep, '[', JSON_DEPTH + 1);
	assert_null(json_parse(deep, 2 * JSON_DEPTH, &e));
	assert_non_null(strstr(e.text, "nested deeper than 64"));
}

static void
test_json_finds_places(void **state)
{
	static const char text[] =
	    "{\n  \"a\": 1, // one\n  \"b\": [ {}, { \"c/d\": \"x\" } ]\n}";
	static const struct {
		const char *pointer;
		bool key;
		int line, col;
	} t[] = {
	    {"", false, 1, 1},
	    {"/a", false, 2, 8},
	    {"/a", true, 2, 3},
	    {"/b/1", false, 3, 14},
	    {"/b/1/c~1d", false, 3, 23},
	    {"/b/1/c~1d", true, 3, 16},
	    {"/b/7", false, 3, 8},
	    {"/nowhere/at/all", false, 1, 1},
	};
	char copy[sizeof text];
	int line, col;
	size_t i;

	(void)state;
	memcpy(copy, text, sizeof text);
	json_blank_comments(copy, sizeof text - 1);
	assert_null(strstr(copy, "one"));
	for (i = 0; i < COUNT(t); i++) {
		json_place(copy,
		    json_find(copy, sizeof text - 1, t[i].pointer, t[i].key),
		    &line, &col);
		assert_int_equal(line, t[i].line);
		assert_int_equal(col, t[i].col);
	}
}

/* "OFFSET:NAME " for each. */
static void
twice(void *arg, size_t at, const char *s, size_t n)
{
	buf_addf(arg, "%zu:%.*s ", at, (int)n, s);
}

static void
test_json_tells_what_is_there_twice(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
	    {"{}", ""},
	    {"[\"a\", \"a\", \"a\"]", ""},
	    {"{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":1},{\"a\":1}]}", ""},
	    {"{\"a\":1,\"A\":2,\"b\":\"a\"}", ""},
	    {"{\"a\" : 1, \"a\":2}", "10:a "},
	    {"{\"a\":{\"b\":[],\"c\":1,\"b\":{}},\"d\":1,\"a\":[],\"a\":0}",
		"19:b 33:a 40:a "},
	    {"[{\"x\":\"\\\"x\\\":\",\"x\" :[\"x\"]}]", "15:x "},
	    {"{\"\":1,\"\":2}", "6: "},
	};
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		buf_init(&b, 1000);
		assert_int_equal(
		    json_twice(t[i].text, strlen(t[i].text), twice, &b), 0);
		assert_string_equal(buf_str(&b), t[i].want);
		buf_done(&b);
	}
}

/* A hundred thousand members take no longer than they need. */
static void
test_json_twice_is_one_pass(void **state)
{
	struct buf text, b;
	size_t i;

	(void)state;
	buf_init(&text, 4 << 20);
	buf_init(&b, 1000);
	buf_addc(&text, '{');
	for (i = 0; i < 100000; i++)
		buf_addf(&text, "\"m%zu\":0,", i);
	buf_adds(&text, "\"m7\":1}");
	assert_int_equal(
	    json_twice(buf_str(&text), buf_len(&text), twice, &b), 0);
	assert_non_null(strstr(buf_str(&b), ":m7 "));
	buf_done(&text);
	buf_done(&b);
}

static void
test_json_comments_are_not_in_texts(void **state)
{
	static const char in[] =
	    "{\"a\": \"http://x /* no */ \\\" // no\"} /* y\nes */ // yes";
	char s[sizeof in];
	struct json *j;

	(void)state;
	memcpy(s, in, sizeof in);
	json_blank_comments(s, sizeof in - 1);
	j = json_parse_str(s, NULL);
	assert_string_equal(json_get_str(j, "a"), "http://x /* no */ \" // no");
	assert_ptr_equal(strchr(s, '\n') - s, strchr(in, '\n') - in);
	json_free(j);
}

/* What `text` holds, once it is printed as `text` again; b has it. */
static struct json *
printed_as_read(const char *text, struct buf *b)
{
	struct json *j = json_parse_str(text, NULL);

	buf_init(b, 1000);
	assert_int_equal(json_print(j, b), 0);
	assert_string_equal(buf_str(b), text);
	return j;
}

static void
test_json_numbers_read_back(void **state)
{
	static const char text[] =
	    "[9007199254740991,-1795488072123456,0.1,1e+21,1.5e-7,"
	    "1.7976931348623157e+308,0.30000000000000004,100]";
	struct buf b;
	struct json *j = printed_as_read(text, &b);

	(void)state;
	buf_done(&b);
	json_free(j);
}

static void
test_json_prints_what_it_read(void **state)
{
	static const char text[] =
	    "{\"a\":[1,-2.5,true,null,\"q\\\"\\n\"],\"b\":{}}";
	struct buf b;
	struct json *j = printed_as_read(text, &b);

	(void)state;
	buf_clear(&b);
	assert_int_equal(json_print_pretty(j, &b), 0);
	assert_non_null(strstr(buf_str(&b), "\n  \"b\": {}\n}"));
	buf_done(&b);
	buf_init(&b, 10); /* too small */
	assert_int_equal(json_print(j, &b), -1);
	assert_int_equal(buf_len(&b), 0);
	buf_done(&b);
	assert_null(json_path_str(json_get(j, "none"), "x.y"));
	json_free(j);
}

static void
test_buf_keeps_its_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_int_equal(buf_adds(&b, "abc"), 0);
	assert_int_equal(buf_adds(&b, "def"), -1);
	assert_int_equal(buf_adds(&b, "x"), -1); /* failed stays failed */
	assert_string_equal(buf_str(&b), "abc");
	buf_cut(&b, 2);
	assert_int_equal(buf_addf(&b, "%d", 123), 0);
	assert_string_equal(buf_str(&b), "ab123");
	buf_done(&b);
}

static void
test_arena_has_a_ceiling(void **state)
{
	struct arena *a = arena_new(10000);
	char *s;

	(void)state;
	s = arena_printf(a, "%s-%d", "x", 7);
	assert_string_equal(s, "x-7");
	assert_null(arena_alloc(a, 20000));
	assert_true(arena_full(a));
	arena_reset(a);
	assert_non_null(arena_zalloc(a, 5000));
	assert_false(arena_full(a));
	assert_null(arena_alloc(a, 5000));
	assert_true(arena_full(a));
	arena_reset(a);
	assert_non_null(arena_alloc(a, 5000));
	arena_free(a);
}

static void
test_str_reads_numbers_times_sizes(void **state)
{
	long long n = 7;

	(void)state;
	assert_int_equal(str_num("42", 0, 100, &n), 0);
	assert_int_equal(n, 42);
	assert_int_equal(str_num("101", 0, 100, &n), -1);
	assert_int_equal(str_num("4x", 0, 100, &n), -1);
	assert_int_equal(str_num("", 0, 100, &n), -1);
	assert_int_equal(str_num("99999999999999999999", 0, 100, &n), -1);
	assert_int_equal(str_ms("10", &n), 0);
	assert_int_equal(n, 10000);
	assert_int_equal(str_ms("250ms", &n), 0);
	assert_int_equal(n, 250);
	assert_int_equal(str_ms("7d", &n), 0);
	assert_int_equal(n, 7 * 86400000LL);
	assert_int_equal(str_ms("7w", &n), -1);
	assert_int_equal(str_size("256k", &n), 0);
	assert_int_equal(n, 262144);
	assert_int_equal(str_size("-1", &n), -1);
	assert_int_equal(str_size("9999999999999g", &n), -1);
}

static void
test_str_globs_and_near_names(void **state)
{
	static const char *const names[] = {
	    "WEBEXBOT_LISTEN", "WEBEXBOT_STORE", "WEBEXBOT_CARDS"};

	(void)state;
	assert_true(str_glob("*@example.com", "Anna@Example.com"));
	assert_false(str_glob("*@example.com", "anna@example.com.evil"));
	assert_true(str_glob("a*b*c", "axxbyyc"));
	assert_false(str_glob("a*b*c", "axxbyy"));
	assert_true(str_glob("*", ""));
	assert_string_equal(
	    str_nearest("WEBEXBOT_LISTN", names, 3, sizeof names[0]),
	    "WEBEXBOT_LISTEN");
	assert_null(str_nearest("ELSE", names, 3, sizeof names[0]));
}

/* Read-only to the linker, but changed since: as code that hooks patch. */
static const char test_patched[] __attribute__((aligned(65536))) = "as linked";

static void
test_mem_trim_leaves_what_was_changed(void **state)
{
	/* that it is constant is hidden, or the compiler drops the write */
	char *volatile hidden = (char *)(uintptr_t)test_patched;
	char *p = hidden;
	volatile const char *seen = test_patched;

	(void)state;
	mem_trim();
	assert_int_equal(seen[0], 'a');
	assert_int_equal(mprotect(p, 1, PROT_READ | PROT_WRITE), 0);
	p[0] = 'A';
	assert_int_equal(mprotect(p, 1, PROT_READ), 0);
	mem_trim();
	assert_int_equal(seen[0], 'A');
}

static void
test_utf8(void **state)
{
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xe0\x80\x80",
	    "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
	    "\xe2\x82"};
	size_t i;

	(void)state;
	assert_true(str_utf8_ok("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10));
	for (i = 0; i < COUNT(bad); i++)
		assert_false(str_utf8_ok(bad[i], strlen(bad[i])));
	assert_int_equal(str_utf8_cut("\xe2\x82\xac", 2), 0);
}

/* Whatever the byte, and wherever it is within a machine word. */
static void
test_plain_runs(void **state)
{
	char s[21];
	size_t at, n;
	int c;

	(void)state;
	for (c = 0; c < 256; c++)
		for (at = 0; at < sizeof s; at++) {
			bool plain =
			    c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

			memset(s, 'x', sizeof s);
			s[at] = (char)c;
			for (n = 0; n <= sizeof s; n++)
				assert_int_equal(
				    str_plain(s, n), plain || n <= at ? n : at);
		}
}

static void
test_b64_both_alphabets(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	b64_encode("\xff\xfe\xfd\xfc", 4, &b);
	assert_string_equal(buf_str(&b), "//79/A==");
	buf_clear(&b);
	b64url_encode("\xff\xfe\xfd\xfc", 4, &b);
	assert_string_equal(buf_str(&b), "__79_A");
	buf_clear(&b);
	assert_int_equal(b64_decode("__79/A==", 8, &b), 0);
	assert_memory_equal(b.p, "\xff\xfe\xfd\xfc", 4);
	assert_int_equal(b64_decode("A", 1, &b), -1);
	assert_int_equal(b64_decode("A*==", 4, &b), -1);
	buf_done(&b);
}

static void
test_map_keeps_order(void **state)
{
	static char one[] = "1", two[] = "2", three[] = "3";
	struct map *m = map_new();
	struct map_node *n;
	void *old;

	(void)state;
	map_put(m, "b", one, NULL);
	map_put(m, "a", two, NULL);
	map_put(m, "b", three, &old);
	assert_ptr_equal(old, one);
	assert_int_equal(map_count(m), 2);
	n = map_first(m);
	assert_string_equal(map_key(n), "b");
	assert_ptr_equal(map_value(n), three);
	assert_string_equal(map_key(map_next(n)), "a");
	assert_ptr_equal(map_del(m, "b"), three);
	assert_null(map_get(m, "b"));
	map_free(m, NULL);
}

static void
test_clk_reads_and_writes_times(void **state)
{
	char out[CLK_TEXT];
	int64_t ms, other;

	(void)state;
	assert_int_equal(clk_parse("2026-05-04T09:15:02.417Z", &ms), 0);
	assert_string_equal(clk_text(ms, out), "2026-05-04T09:15:02.417Z");
	assert_int_equal(clk_parse("2026-05-04T11:15:02.417+02:00", &other), 0);
	assert_int_equal(ms, other);
	assert_int_equal(clk_parse("2026-05-04T09:15:02+00:00", &other), 0);
	assert_int_equal(other, ms - 417);
	assert_int_equal(clk_parse("2026-05-04", &ms), -1);
	assert_int_equal(clk_parse("2026-05-04T09:15:02", &ms), -1);
}

static void
test_re_has_limits(void **state)
{
	struct err e = ERR_INIT;
	struct re *r = re_new("^(?<host>[a-z]+)-(?<n>\\d+)?$", NULL, &e);
	struct re_span g[3];
	char slow[60];
	size_t at;

	(void)state;
	assert_int_equal(re_match(r, "abc-12", 6, true, g, 3, &e), 1);
	assert_int_equal(g[1].from, 0);
	assert_int_equal(g[1].to, 3);
	assert_int_equal(re_match(r, "abc-", 4, true, g, 3, &e), 1);
	assert_false(g[2].set);
	assert_int_equal(re_match(r, "ABC-1", 5, true, g, 3, &e), 0);
	re_free(r);
	r = re_new("(a+)+[bc]", NULL, &e);
	memset(slow, 'a', sizeof slow);
	assert_int_equal(re_match(r, slow, sizeof slow, true, g, 1, &e), -1);
	assert_non_null(strstr(e.text, "too long"));
	re_free(r);
	err_clear(&e);
	assert_null(re_new("a(b", &at, &e));
	assert_int_equal(at, 3);
}

/* -- settings -- */

static struct cfg *
settings(const char *file, struct err *e)
{
	FILE *f = fopen("wbcfg.env", "w");
	struct cfg *c;

	fputs(file, f);
	fclose(f);
	c = cfg_load("wbcfg.env", e);
	unlink("wbcfg.env");
	return c;
}

static void
test_cfg_reads_a_file_and_the_environment(void **state)
{
	struct err e = ERR_INIT;
	struct cfg *c;
	struct buf b;
	unsigned i;

	(void)state;
	setenv("WEBEXBOT_STORE", "sqlite:env.db", 1);
	c = settings(
	    "\xef\xbb\xbf# a comment\n\nexport WEBEXBOT_CARDS = 'my cards'\n"
	    "WEBEXBOT_STORE=sqlite:file.db\n"
	    "WEBEX_ACCESS_TOKEN=tok\nMY_OWN=1\n"
	    "WEBEXBOT_KEEP=2h\nWEBEXBOT_BODY_MAX=64k\n",
	    &e);
	unsetenv("WEBEXBOT_STORE");
	assert_non_null(c);
	assert_string_equal(c->cards, "my cards");
	assert_string_equal(c->store, "sqlite:env.db");
	assert_int_equal(c->keep, 2 * 3600 * 1000);
	assert_int_equal(c->body_max, 65536);
	buf_init(&b, 10000);
	for (i = 0; i < cfg_nrows; i++) {
		buf_clear(&b);
		cfg_show(c, i, &b);
		assert_null(strstr(buf_str(&b), "tok"));
		if (strcmp(cfg_rows[i].name, "WEBEXBOT_CARDS") == 0)
			assert_string_equal(cfg_origin(c, i), "wbcfg.env:3");
	}
	buf_done(&b);
	cfg_free(c);
}

static void
test_cfg_names_what_is_wrong(void **state)
{
	static const struct {
		const char *file, *want;
	} t[] = {
	    {"WEBEXBOT_LISTN=x\n", "wbcfg.env:1:1: WEBEXBOT_LISTN: no such "
				   "setting, did you mean WEBEXBOT_LISTEN?"},
	    {"\nWEBEXBOT_LOG=xml\n", "wbcfg.env:2:1: WEBEXBOT_LOG: \"xml\" "
				     "is not one of text|json"},
	    {"WEBEXBOT_BODY_MAX=9g\n", "wbcfg.env:1:1: WEBEXBOT_BODY_MAX: "
				       "9g is not within 1k to 4m"},
	    {"WEBEXBOT_INFLIGHT=many\n",
		"wbcfg.env:1:1: WEBEXBOT_INFLIGHT: \"many\" is not a whole "
		"number"},
	    {"WEBEXBOT_IGNORE_BOTS=maybe\n",
		"wbcfg.env:1:1: WEBEXBOT_IGNORE_BOTS: \"maybe\" is not 1 "
		"or 0"},
	    {"what\n", "wbcfg.env:1:1: not a NAME=value line"},
	    {"=x\n", "wbcfg.env:1:1: not a NAME=value line"},
	    {"WEBEXBOT_KEEP=7d # a week\n",
		"wbcfg.env:1:1: WEBEXBOT_KEEP: \"7d # a week\" is not a time "
		"such as 500ms, 10s, 5m, 7d (a comment may follow a quoted "
		"value only)"},
	    {"\xef\xbb\xbfwhat\n", "wbcfg.env:1:1: not a NAME=value line"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct err e = ERR_INIT;

		assert_null(settings(t[i].file, &e));
		assert_string_equal(e.text, t[i].want);
	}
}

/* At the start and when it is read again, in whatever order they stand. */
static void
test_cfg_secret_and_file_have_an_order(void **state)
{
	static const char A[] = "WEBEX_ACCESS_TOKEN", F[] = "WEBEX_ACCESS_TOKEN"
							    "_FILE";
	static const struct {
		const char *env, *env_file, *file, *want;
	} t[] = {
	    {"", "wbsecret", "", "from a file"},
	    {"env", "wbsecret", "", "env"},
	    {NULL, "wbsecret", "WEBEX_ACCESS_TOKEN=x\n", "from a file"},
	    {"env", NULL, "WEBEX_ACCESS_TOKEN_FILE=wbsecret\n", "env"},
	    {NULL, NULL,
		"WEBEX_ACCESS_TOKEN=x\nWEBEX_ACCESS_TOKEN_FILE=wbsecret\n",
		"x"},
	    {NULL, NULL,
		"WEBEX_ACCESS_TOKEN_FILE=wbsecret\nWEBEX_ACCESS_TOKEN=\n",
		"from a file"},
	};
	FILE *f = fopen("wbsecret", "w");
	size_t i;

	(void)state;
	fputs("from a file\n", f);
	fclose(f);
	for (i = 0; i < COUNT(t); i++) {
		struct err e = ERR_INIT;
		struct cfg *c;
		char *again;

		if (t[i].env_file != NULL)
			setenv(F, t[i].env_file, 1);
		if (t[i].env != NULL)
			setenv(A, t[i].env, 1);
		c = settings(t[i].file, &e);
		assert_non_null(c);
		assert_string_equal(c->access_token, t[i].want);
		/* as it is read again on SIGHUP */
		assert_non_null(again = cfg_secret(c, A, &e));
		assert_string_equal(again, t[i].want);
		free(again);
		cfg_free(c);
		unsetenv(A);
		unsetenv(F);
	}
	unlink("wbsecret");
}

static void
test_cfg_reads_secrets_from_files(void **state)
{
	struct err e = ERR_INIT;
	FILE *f = fopen("wbsecret", "w");
	struct cfg *c;
	char *s;

	(void)state;
	fputs("from a file\n", f);
	fclose(f);
	c = settings("WEBEX_WEBHOOK_SECRET_FILE=wbsecret\n"
		     "OTHER_FILE=wbsecret\nPLAIN=p\n"
		     "WEBEX_ACCESS_TOKEN_FILE=wb-not-there\n",
	    &e);
	assert_non_null(c);
	assert_string_equal(c->webhook_secret, "from a file");
	assert_string_equal(c->access_token, "");
	assert_non_null(
	    strstr(cfg_origin_of(c, "WEBEX_ACCESS_TOKEN"), "not there"));
	s = cfg_secret(c, "OTHER", &e);
	assert_string_equal(s, "from a file");
	free(s);
	s = cfg_secret(c, "PLAIN", &e);
	assert_string_equal(s, "p");
	free(s);
	assert_null(cfg_secret(c, "NONE", &e));
	assert_int_equal(e.kind, ERR_NONE);
	cfg_free(c);
	unlink("wbsecret");
}

static void
keep_told(void *arg, const struct err *e)
{
	struct buf *b = arg;

	buf_addf(b, "%s\n", e->text);
}

static void
test_cfg_knows_the_place_of_a_setting(void **state)
{
	struct err e = ERR_INIT;
	struct cfg *c;
	char place[64];
	struct buf b;

	(void)state;
	c = settings("WEBEXBOT_STORE=sqlite:a\n  export WEBEXBOT_CARDS=b # c\n"
		     "MINE=\"x\" # y\nWEBEX_API_ULR=d\n",
	    &e);
	assert_non_null(c);
	assert_true(cfg_place(c, "WEBEXBOT_CARDS", place, sizeof place));
	assert_string_equal(place, "wbcfg.env:2:10");
	assert_false(cfg_place(c, "WEBEXBOT_KEEP", place, sizeof place));
	assert_false(cfg_place(c, "MINE", place, sizeof place));
	assert_int_equal(cfg_set(c, "WEBEXBOT_STORE", "mem:", "a test", &e), 0);
	assert_false(cfg_place(c, "WEBEXBOT_STORE", place, sizeof place));
	buf_init(&b, 1000);
	cfg_warnings(c, keep_told, &b);
	assert_string_equal(buf_str(&b),
	    "wbcfg.env:2:10: WEBEXBOT_CARDS: a comment may follow a quoted "
	    "value only\n"
	    "wbcfg.env:4:1: WEBEX_API_ULR: no such setting, did you mean "
	    "WEBEX_API_URL?\n");
	buf_done(&b);
	cfg_free(c);
}

static void
test_cfg_refuses_a_secret_of_several_lines(void **state)
{
	static const struct {
		const char *text, *want;
		size_t n;
	} t[] = {{"tok\r\n",
		     "holds a carriage return: save it with the line "
		     "ends of Unix",
		     5},
	    {"a\nb\n", "holds more than one line", 4},
	    {"tok\n\n", "holds more than one line", 5},
	    {"a\tb", "holds a control character", 3},
	    {"a\0b", "holds a control character", 3}};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		FILE *f = fopen("wbsecret", "w");
		struct err e = ERR_INIT;
		char want[200];

		fwrite(t[i].text, 1, t[i].n, f);
		fclose(f);
		assert_null(settings("WEBEX_ACCESS_TOKEN_FILE=wbsecret\n", &e));
		snprintf(want, sizeof want,
		    "wbcfg.env:1:1: WEBEX_ACCESS_TOKEN_FILE: wbsecret: %s",
		    t[i].want);
		assert_string_equal(e.text, want);
	}
	unlink("wbsecret");
}

/* As in a shell: what follows a closing quote and a blank is a comment. */
static void
test_cfg_cuts_quotes_and_what_follows(void **state)
{
	static const struct {
		const char *line, *want;
	} t[] = {{"A=\"a b\" # why", "a b"}, {"A='a b'\t#", "a b"},
	    {"A=\"a\"#b", "\"a\"#b"}, {"A=a # b", "a # b"},
	    {"A=\"a\"b\"", "a\"b"}, {"A='a", "'a"}, {"A='", "'"},
	    {"A=\"a\" \"b\"", "a\" \"b"}, {"A=\"\" # none", NULL}};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(t); i++) {
		struct err e = ERR_INIT;
		struct cfg *c = settings(t[i].line, &e);
		char *s;

		assert_non_null(c);
		s = cfg_secret(c, "A", &e);
		if (t[i].want == NULL)
			assert_null(s);
		else
			assert_string_equal(s, t[i].want);
		free(s);
		cfg_free(c);
	}
}

static void
count_told(void *arg, const struct err *e)
{
	assert_int_equal(e->kind, ERR_PERM);
	++*(int *)arg;
}

static void
test_cfg_tells_all_that_is_wrong(void **state)
{
	struct err e = ERR_INIT;
	FILE *f = fopen("wbcfg.env", "w");
	struct cfg *c;
	int n = 0;

	(void)state;
	fputs("WEBEXBOT_KEEP=x\nnothing\nWEBEXBOT_LISTN=y\n"
	      "WEBEXBOT_BODY_MAX=64k\n",
	    f);
	fclose(f);
	setenv("WEBEXBOT_WORKERS", "z", 1);
	c = cfg_load_told("wbcfg.env", count_told, &n, &e);
	unsetenv("WEBEXBOT_WORKERS");
	assert_non_null(c);
	assert_int_equal(n, 4);
	assert_int_equal(c->body_max, 65536);
	assert_int_equal(c->keep, 7 * 86400000LL);
	cfg_free(c);
	unlink("wbcfg.env");
}

static void
test_stat_prints_prometheus_text(void **state)
{
	struct buf b;

	(void)state;
	stat_add(STAT_webhooks_stored, 3);
	stat_observe_us(STAT_accept_seconds, 700);
	buf_init(&b, 100000);
	stat_print(&b);
	assert_non_null(
	    strstr(buf_str(&b), "# TYPE webexbot_webhooks_total counter\n"));
	assert_non_null(strstr(
	    buf_str(&b), "webexbot_webhooks_total{result=\"stored\"} 3\n"));
	assert_non_null(strstr(
	    buf_str(&b), "webexbot_webhook_seconds_bucket{le=\"0.0005\"} 0\n"));
	assert_non_null(strstr(
	    buf_str(&b), "webexbot_webhook_seconds_bucket{le=\"0.001\"} 1\n"));
	assert_non_null(
	    strstr(buf_str(&b), "webexbot_webhook_seconds_count 1\n"));
	buf_done(&b);
}

static void
test_file_is_written_as_a_whole(void **state)
{
	struct err e = ERR_INIT;
	size_t n;
	char *s;

	(void)state;
	assert_int_equal(file_write("wbfile", "abc", 3, 0600, &e), 0);
	assert_int_equal(file_write("wbfile", "defg", 4, 0600, &e), 0);
	s = file_read("wbfile", 100, &n, &e);
	assert_string_equal(s, "defg");
	free(s);
	assert_null(file_read("wbfile", 3, &n, &e));
	assert_string_equal(e.text, "wbfile: larger than 3 bytes");
	unlink("wbfile");
	/* the file that was asked for is named, not the one beside it */
	err_clear(&e);
	assert_int_equal(file_write("wb/none", "abc", 3, 0600, &e), -1);
	assert_string_equal(e.text, "wb/none: No such file or directory");
}

/* A folder of our own; what is written lies in it. */
static char dir[] = "/tmp/wbbase.XXXXXX";

static int
enter(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL || chdir(dir) == -1;
}

static int
leave(void **state)
{
	(void)state;
	return chdir("/") == -1 || rmdir(dir) == -1;
}

/* What was sent by others can neither end a line nor move a cursor. */
static void
test_log_lines_are_text(void **state)
{
	static const char evil[] = "a\"\\\n\x1b[2J \xc3\xa9 \xe9 \xc2\x9b "
				   "\xe2\x80\xa8";
	static const char json[] = "\"k\":\"a\\\"\\\\\\n\\u001b[2J \xc3\xa9 "
				   "\\ufffd \\u009b \\u2028\"}\n";
	char line[512];
	struct log_line l;
	int in[2], keep = dup(STDERR_FILENO);
	const char *at;
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(in), 0);
	dup2(in[1], STDERR_FILENO);
	log_init(true, LOG_INFO);
	log_open(&l, LOG_INFO, "m");
	log_str(&l, "k", evil);
	log_close(&l);
	log_init(false, LOG_INFO);
	log_info("%s", evil);
	dup2(keep, STDERR_FILENO);
	close(keep);
	close(in[1]);
	n = read(in[0], line, sizeof line - 1);
	close(in[0]);
	assert_true(n > 0);
	line[n] = '\0';
	at = strstr(line, json);
	assert_non_null(at);
	assert_non_null(strstr(at, " info a\"\\  [2J \xc3\xa9      \n"));
}

/* What json_texts hands out is what the tree has, or it says that it takes one.
 */
static void
test_json_texts(void **state)
{
	static const char *const paths[] = {"a", "d.id", "d.x", "b"};
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
	    {"{\"a\":\"1\",\"d\":{\"id\":\"2\",\"x\":\"\"},\"b\":3}", 0},
	    {"{\"d\":{\"y\":{\"id\":\"deep\"},\"id\":\"2\"},\"d\":{\"x\":\"n\"}"
	     "}",
		0},
	    {"{\"d\":1,\"d\":{\"id\":\"2\"},\"a\":{\"a\":\"in\"}}", 0},
	    {"{\"d\":{\"id\":null,\"id\":\"2\"},\"a\":\"1\",\"a\":\"2\"}", 0},
	    {"{\"d\":[{\"id\":\"2\"}],\"c\":{\"a\":\"1\",\"id\":\"4\"}}", 0},
	    {"{\"d\":[\"id\",\"x\"],\"b\":[\"t\"],\"a\":\"1\"}", 0},
	    {"[{\"a\":\"1\"},\"a\"]", 0},
	    {"\"a\"", 0},
	    {" {\"d.id\" : \"flat\" , \"a\" : \"\xc3\xa4\" } ", 0},
	    {"{\"a\":\"x\\ny\"}", 1},
	    {"{\"\\u0061\":\"1\"}", 1},
	    {"{\"a\":\"\\ud800\"}", 1},
	    {"{\"c\":\"x\\ny\",\"d\":{\"c\":{\"\\u0069d\":\"1\"}},\"a\":\"1\"}",
		0},
	    {"{\"a\":\"1\"", -1},
	    {"{\"a\":\"1\"}}", -1},
	};
	struct json_span at[4];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *text = cases[i].text;
		struct err e = ERR_INIT, too = ERR_INIT;
		struct json *tree = json_parse(text, strlen(text), &too);

		assert_int_equal(
		    json_texts(text, strlen(text), paths, at, 4, &e),
		    cases[i].rc);
		assert_string_equal(e.text, too.text);
		for (k = 0; cases[i].rc == 0 && k < 4; k++) {
			const char *s = json_path_str(tree, paths[k]);

			assert_int_equal(at[k].p == NULL, s == NULL);
			if (s != NULL) {
				assert_int_equal(at[k].n, strlen(s));
				assert_memory_equal(at[k].p, s, at[k].n);
			}
		}
		json_free(tree);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_json_texts),
	    cmocka_unit_test(test_json_is_strict),
	    cmocka_unit_test(test_json_replaces_what_no_text_holds),
	    cmocka_unit_test(test_json_depth_is_bounded),
	    cmocka_unit_test(test_json_finds_places),
	    cmocka_unit_test(test_json_tells_what_is_there_twice),
	    cmocka_unit_test(test_json_twice_is_one_pass),
	    cmocka_unit_test(test_json_comments_are_not_in_texts),
	    cmocka_unit_test(test_json_numbers_read_back),
	    cmocka_unit_test(test_json_prints_what_it_read),
	    cmocka_unit_test(test_buf_keeps_its_ceiling),
	    cmocka_unit_test(test_arena_has_a_ceiling),
	    cmocka_unit_test(test_str_reads_numbers_times_sizes),
	    cmocka_unit_test(test_str_globs_and_near_names),
	    cmocka_unit_test(test_mem_trim_leaves_what_was_changed),
	    cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_plain_runs),
	    cmocka_unit_test(test_b64_both_alphabets),
	    cmocka_unit_test(test_map_keeps_order),
	    cmocka_unit_test(test_clk_reads_and_writes_times),
	    cmocka_unit_test(test_re_has_limits),
	    cmocka_unit_test(test_cfg_reads_a_file_and_the_environment),
	    cmocka_unit_test(test_cfg_names_what_is_wrong),
	    cmocka_unit_test(test_cfg_secret_and_file_have_an_order),
	    cmocka_unit_test(test_cfg_reads_secrets_from_files),
	    cmocka_unit_test(test_cfg_knows_the_place_of_a_setting),
	    cmocka_unit_test(test_cfg_refuses_a_secret_of_several_lines),
	    cmocka_unit_test(test_cfg_cuts_quotes_and_what_follows),
	    cmocka_unit_test(test_cfg_tells_all_that_is_wrong),
	    cmocka_unit_test(test_stat_prints_prometheus_text),
	    cmocka_unit_test(test_file_is_written_as_a_whole),
	    cmocka_unit_test(test_log_lines_are_text),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
