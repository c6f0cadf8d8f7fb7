/* Templates: what is decided, what is named in problems, what is bounded. */
#include <pthread.h>

#include "card_test.h"

/* -- decisions -- */

static void
test_tpl_missing_null_and_objects_in_texts(void **state)
{
	(void)state;
	card_test_gives("\"a ${no.such} b\"", "{}", "\"a ${no.such} b\"");
	card_test_gives("\"${no.such}\"", "{}", "\"${no.such}\"");
	card_test_gives("\"a ${n} b\"", "{\"n\":null}", "\"a  b\"");
	card_test_gives("\"${n}\"", "{\"n\":null}", "null");
	card_test_gives(
	    "\"a ${o} b\"", "{\"o\":{\"k\":[1]}}", "\"a {\\\"k\\\":[1]} b\"");
	card_test_gives("\"${o}\"", "{\"o\":{\"k\":[1]}}", "{\"k\":[1]}");
	card_test_gives("\"${l}, ${l}\"", "{\"l\":[1,\"b\"]}", "\"1,b, 1,b\"");
}

static void
test_tpl_functions_get_what_is_missing(void **state)
{
	(void)state;
	card_test_gives("\"${coalesce(no, 'd')}\"", "{}", "\"d\"");
	card_test_gives("\"${no ?? 'd'} x\"", "{}", "\"d x\"");
	card_test_gives("\"${exists(no)}\"", "{}", "false");
	card_test_gives("\"${if(no, 1, 2)}\"", "{}", "2");
}

static void
test_tpl_when_keeps_true_only(void **state)
{
	(void)state;
	card_test_gives(
	    "[{\"a\":1,\"$when\":\"${t}\"}]", "{\"t\":true}", "[{\"a\":1}]");
	card_test_gives("[{\"a\":1,\"$when\":\"${t}\"}]", "{\"t\":1}", "[]");
	card_test_gives("[{\"a\":1,\"$when\":\"${t}\"}]", "{}", "[]");
	card_test_gives(
	    "[{\"a\":1,\"$when\":\"${true}\"}]", "{}", "[{\"a\":1}]");
	card_test_gives("[{\"a\":1,\"$when\":false}]", "{}", "[]");
}

static void
test_tpl_a_when_without_a_bool_is_counted(void **state)
{
	struct card_test c;

	(void)state;
	card_test_compile(&c, "[{\"$when\":\"${n}\"},{\"$when\":\"${t}\"}]");
	assert_int_equal(card_test_render(&c, "{\"n\":1,\"t\":false}"), 0);
	assert_int_equal(c.f.warnings, 1);
	card_test_done(&c);
}

static void
test_tpl_repeats_over_lists(void **state)
{
	const char *rows = "{\"l\":[{\"n\":\"a\"},{\"n\":\"b\"}],\"x\":1}";

	(void)state;
	card_test_gives("[{\"$data\":\"${l}\",\"t\":\"${$index}: ${n} of "
			"${count($root.l)}\"}]",
	    rows, "[{\"t\":\"0: a of 2\"},{\"t\":\"1: b of 2\"}]");
	card_test_gives("[{\"$data\":\"${l}\",\"$when\":\"${n == 'b'}\","
			"\"t\":\"${n}\"}]",
	    rows, "[{\"t\":\"b\"}]");
	card_test_gives("[1,{\"$data\":\"${none}\",\"t\":\"${n}\"}]",
	    "{\"none\":[]}", "[1]");
}

static void
test_tpl_cut_characters_leave_as_clean_text(void **state)
{
	const char *smile = "{\"s\":\"\xf0\x9f\x99\x82!\"}";

	(void)state;
	card_test_gives("\"${substring(s, 0, 1)}\"", smile, "\"\xef\xbf\xbd\"");
	card_test_gives("\"${substring(s, 0, 1)}${substring(s, 1, 1)}\"", smile,
	    "\"\xf0\x9f\x99\x82\"");
	card_test_gives("\"${length(s)}\"", smile, "3");
	card_test_gives("\"${uriComponentToString('a%00b')}\"", "{}",
	    "\"a\xef\xbf\xbd"
	    "b\"");
}

static void
test_tpl_backticks(void **state)
{
	struct card_test c;
	struct json *j;

	(void)state;
	card_test_gives("\"`code`\"", "{}", "\"`code`\"");
	card_test_compile(&c, "\"`code` ${a}\"");
	assert_null(c.t);
	assert_string_equal(c.ps.v[0].code, "syntax");
	assert_int_equal(c.ps.v[0].at, 0);
	card_test_done(&c);

	/* replies are markdown */
	j = json_parse_str("\"`code` ${a}\"", NULL);
	memset(&c, 0, sizeof c);
	buf_init(&c.text, MUCH);
	c.t = tpl_compile_part(j, "/commands/0/reply", true, &c.ps, &c.e);
	assert_non_null(c.t);
	assert_int_equal(card_test_render(&c, "{\"a\":1}"), 0);
	assert_string_equal(buf_str(&c.text), "\"`code` 1\"");
	card_test_done(&c);
	json_free(j);
}

/* -- problems -- */

static void
test_tpl_names_all_faults_at_their_places(void **state)
{
	static const struct {
		const char *code, *path, *text;
		size_t at;
	} want[] = {
	    {"unknown-function", "/a", "did you mean formatDateTime?", 7},
	    {"syntax", "/b/1", "syntax", 5},
	    {"arguments", "/c~1d", "length", 2},
	};
	struct card_test c;
	size_t i;

	(void)state;
	card_test_compile(&c, "{\"a\":\"text ${formatDatetime(x)}\","
			      "\"b\":[\"${ok}\",\"${1 +} 2\"],"
			      "\"c/d\":\"${length(1, 2)}\"}");
	assert_null(c.t);
	assert_int_equal(c.e.kind, ERR_PERM);
	/* an unknown function alone would not have refused it */
	assert_non_null(strstr(c.e.text, "/b/1: syntax"));
	assert_int_equal(c.ps.errors, COUNT(want));
	for (i = 0; i < COUNT(want); i++) {
		assert_string_equal(c.ps.v[i].code, want[i].code);
		assert_string_equal(c.ps.v[i].path, want[i].path);
		assert_int_equal(c.ps.v[i].at, want[i].at);
		assert_non_null(strstr(c.ps.v[i].text, want[i].text));
	}
	card_test_done(&c);
}

static void
test_tpl_an_unknown_function_fails_when_it_is_called(void **state)
{
	struct card_test c;

	(void)state;
	card_test_compile(&c, "\"${if(t, nosuch(1), 'fine')}\"");
	assert_int_equal(c.ps.errors, 1);
	assert_non_null(c.t);
	assert_int_equal(card_test_render(&c, "{\"t\":false}"), 0);
	assert_string_equal(buf_str(&c.text), "\"fine\"");
	assert_int_equal(card_test_render(&c, "{\"t\":true}"), -1);
	assert_int_equal(c.f.kind, EXPR_UNKNOWN);
	card_test_done(&c);
}

static void
test_tpl_names_the_place_of_a_failure(void **state)
{
	struct card_test c;

	(void)state;
	card_test_compile(&c, "{\"body\":[{\"x\":\"${1 / n}\"}]}");
	assert_int_equal(card_test_render(&c, "{\"n\":0}"), -1);
	assert_int_equal(c.e.kind, ERR_PERM);
	assert_string_equal(c.f.path, "/body/0/x");
	assert_non_null(strstr(c.e.text, "/body/0/x"));
	/* in a longer text it is shown instead */
	card_test_done(&c);
	card_test_gives("\"a ${1 / n}\"", "{\"n\":0}", "\"a ${(1 / n)}\"");
}

/* -- what it reads -- */

static void
uses(const char *template, const char *name, bool want)
{
	struct card_test c;

	card_test_compile(&c, template);
	assert_non_null(c.t);
	if (tpl_uses(c.t, name) != want)
		fail_msg("%s: %s", template, name);
	card_test_done(&c);
}

static void
test_tpl_uses(void **state)
{
	(void)state;
	uses("\"Hello ${person.displayName}\"", "person", true);
	uses("\"Hello ${person.displayName}\"", "room", false);
	uses("\"Hello ${PERSON.displayName}\"", "person", true);
	uses("\"Hello\"", "person", false);
	uses("\"${$root.room.title}\"", "room", true);
	uses("\"${$root.room.title}\"", "person", false);
	uses("\"${$data.room}\"", "room", true);
	uses("\"${$root['person']}\"", "person", true);
	uses("\"${$root}\"", "person", true);
	uses("\"${json($data)}\"", "person", true);
	uses("\"${$root[name]}\"", "person", true);
	uses("{\"$when\":\"${person.ok}\"}", "person", true);
	uses("{\"$data\":\"${rows}\",\"t\":\"${person}\"}", "person", true);
	uses("\"${foreach(rows, person, person.x)}\"", "room", false);
	uses("\"${stringOrValue(t)}\"", "room", true);
}

/* "PATH@BYTE NAME.SUB " for each. */
static void
named(void *arg, const struct tpl_name *n)
{
	buf_addf(arg, "%s@%zu %.*s", n->path, n->at, (int)n->n, n->s);
	if (n->sub != NULL)
		buf_addf(arg, ".%.*s", (int)n->nsub, n->sub);
	buf_addc(arg, ' ');
}

static void
test_tpl_names_what_it_reads(void **state)
{
	static const struct {
		const char *t, *want;
	} rows[] = {
	    {"\"Hello\"", ""},
	    {"\"Hi ${a.b.c} ${ d }\"", "@5 a.b @15 d "},
	    {"\"\\\\${a}\"", ""},
	    {"\"${a[0].b}${a['b']}\"", "@2 a @11 a "},
	    {"\"${a[b.c].d}\"", "@4 b.c @2 a "},
	    {"\"${if(exists(a.x), a.x, concat('y', b))}\"",
		"@12 a.x @18 a.x @35 b "},
	    {"\"${first(split(a.x, b)).c}\"", "@14 a.x @19 b "},
	    {"\"${foreach(a, b, b.x + c)} ${b}\"", "@10 a @22 c @28 b "},
	    {"\"${where(a, A, a.x)}\"", "@8 a "},
	    {"\"${$root.a.b} ${$data.a} ${$index} ${$host.a}\"", "@8 a.b "},
	    {"{\"x\":[\"${a}\",{\"$when\":\"${b.c}\",\"y\":\"${d}\"}]}",
		"/x/0@2 a /x/1/$when@2 b.c /x/1/y@2 d "},
	    {"{\"x\":{\"$data\":\"${a.l}\",\"$when\":\"${b}\","
	     "\"y\":\"${c} ${$root.d.e}\"},\"z\":\"${f}\"}",
		"/x/$data@2 a.l /x/y@13 d.e /z@2 f "},
	};
	struct card_test c;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		card_test_compile(&c, rows[i].t);
		assert_non_null(c.t);
		buf_init(&b, 1000);
		tpl_names(c.t, named, &b);
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_done(&b);
		card_test_done(&c);
	}
}

static void
test_tpl_as_a_condition(void **state)
{
	static const struct {
		const char *t, *data;
		int want;
	} rows[] = {
	    {"\"${a == 1}\"", "{\"a\":1}", 1},
	    {"\"${a == 1}\"", "{\"a\":2}", 0},
	    {"\"${a}\"", "{\"a\":1}", 0},
	    {"\"${a > 1}\"", "{\"a\":\"x\"}", 0},
	    {"\"${true}\"", "{}", 1},
	    {"\"${no}\"", "{}", 0},
	    {"\"text\"", "{}", 0},
	    {"\"${nosuch(1)}\"", "{}", -1},
	};
	struct card_test c;
	struct val v;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		card_test_compile(&c, rows[i].t);
		err_clear(&c.e);
		c.a = arena_new(MUCH);
		val_parse(c.a, rows[i].data, strlen(rows[i].data), &v, &c.e);
		assert_int_equal(
		    tpl_test(c.t, &v, NULL, 0, c.a, &c.e), rows[i].want);
		assert_int_equal(c.e.kind != ERR_NONE, rows[i].want == -1);
		card_test_done(&c);
	}
}

/* -- ceilings -- */

/* The template "${open open inside close close}". */
static char *
nested(const char *before, const char *open, const char *inside,
    const char *close, const char *after, int times)
{
	struct buf b;
	char *s;
	int i;

	buf_init(&b, MUCH);
	buf_addc(&b, '"');
	buf_adds(&b, "${");
	buf_adds(&b, before);
	for (i = 0; i < times; i++)
		buf_adds(&b, open);
	buf_adds(&b, inside);
	for (i = 0; i < times; i++)
		buf_adds(&b, close);
	buf_adds(&b, after);
	buf_adds(&b, "}\"");
	s = strdup(buf_str(&b));
	buf_done(&b);
	return s;
}

static void
test_tpl_bombs_end_with_an_error(void **state)
{
	char *grow;
	const char *ten = "{\"l\":[1,2,3,4,5,6,7,8,9,10],\"s\":\"0123456789\"}";

	(void)state;
	card_test_fails("\"${range(0, 1000000000)}\"", "{}", "100000 items");
	card_test_fails("\"${foreach(range(0,99999),a,foreach(range(0,99999),"
			"b,a))}\"",
	    "{}", "too");
	card_test_fails("[{\"$data\":\"${range(0,9999)}\",\"x\":[{\"$data\":"
			"\"${range(0,9999)}\",\"x\":\"${$index}\"}]}]",
	    "{}", "too");
	card_test_fails("\"${foreach(l,a,foreach(l,b,foreach(l,c,foreach(l,d,"
			"foreach(l,e,foreach(l,f,foreach(l,g,foreach(l,h,s)))"
			")))))}\"",
	    ten, "");
	grow = nested("", "replace(", "'1'", ",'1','1111111111')", "", 12);
	card_test_fails(grow, "{}", "too");
	free(grow);
	card_test_fails(
	    "\"${join(foreach(range(0,99999),x,join(l,s)),s)}\"", ten, "too");
}

struct deep {
	const char *before, *open, *inside, *close, *after;
	int most; /* this many still compile */
};

static const struct deep deeps[] = {
    {"", "(", "1", ")", "", 90},
    {"", "!", "true", "", "", 90},
    {"", "-", "1", "", "", 90},
    {"", "[", "1", "]", "", 40},
    {"", "{a:", "1", "}", "", 40},
    {"", "if(true,", "1", ",2)", "", 60},
    {"", "add(1,", "1", ")", "", 60},
    {"", "a[", "0", "]", "", 60},
    {"", "first(", "l", ")", "", 60},
    {"", "foreach(l,x,", "x", ")", "", 30},
    {"", "", "1", "+1", "", 190},
    {"", "", "a", ".a", "", 190},
    {"", "", "a", "[0]", "", 190},
    {"", "concat('a',", "'b'", ")", "", 60},
    {"", "createArray(", "1", ")", "", 60},
    {"", "json(string(", "createArray(1)", "))", "", 30},
    {"", "union(", "l", ",l)", "", 30},
    {"isMatch(s,'", "(", "a", ")", "')", 100},
    {"isMatch('aaaaaaaa','", "(?:", "a", ")*", "')", 100},
    {"replaceIgnoreCase('a','", "(", "a", ")", "','')", 100},
    {"json('", "[", "1", "]", "')", 10},
    {"json('", "{\\\"a\\\":", "1", "}", "')", 10},
    {"xPath('", "<a>", "b", "</a>", "','//a')", 10},
    {"xPath('<a/>','", "/*", "", "", "')", 10},
    {"xPath('<a/>','", "(", "1", ")", "')", 10},
    {"xPath('<a/>','", "*[", "1", "]", "')", 10},
    {"jPath(l,'$", "[?(@.a", "==1", ")]", "')", 1},
    {"jPath(l,'$[?(", "(", "1", ")", ")]')", 10},
    {"jPath(l,'$", "..", "a", "", "')", 10},
    {"stringOrValue('", "`${", "1", "}`", "')", 1},
    {"", "stringOrValue(concat('$','{',", "'1'", ",'}'))", "", 20},
};

/* In a thread of little stack: none of it may overflow. */
static void *
deep_run(void *arg)
{
	const char *failed = NULL;
	struct card_test c;
	char *s;
	size_t i;
	int n;

	(void)arg;
	for (i = 0; i < COUNT(deeps); i++) {
		const struct deep *d = &deeps[i];

		for (n = d->most; n <= 10000; n = n * 3 + 1) {
			s = nested(d->before, d->open, d->inside, d->close,
			    d->after, n);
			card_test_compile(&c, s);
			if (c.t != NULL)
				card_test_render(&c, "{\"l\":[1],\"a\":[0]}");
			if (n == d->most && c.t == NULL)
				failed = d->open;
			card_test_done(&c);
			free(s);
		}
	}
	return (void *)failed;
}

/* The deepest JSON there can be, with lists in the data to repeat over. */
static void *
deep_json(void *arg)
{
	struct card_test c;
	struct buf b;
	int i;

	(void)arg;
	buf_init(&b, MUCH);
	for (i = 0; i < JSON_DEPTH / 2; i++)
		buf_adds(&b, "[{\"$data\":\"${$root.l}\",\"x\":");
	buf_adds(&b, "\"${$index}\"");
	for (i = 0; i < JSON_DEPTH / 2; i++)
		buf_adds(&b, "}]");
	card_test_compile(&c, buf_str(&b));
	assert_non_null(c.t);
	assert_int_equal(card_test_render(&c, "{\"l\":[1]}"), 0);
	card_test_done(&c);
	buf_done(&b);
	return NULL;
}

static void
in_small_thread(void *(*fn)(void *))
{
	pthread_attr_t attr;
	void *failed;
	pthread_t t;

	pthread_attr_init(&attr);
	assert_int_equal(pthread_attr_setstacksize(&attr, 200 * 1024), 0);
	assert_int_equal(pthread_create(&t, &attr, fn, NULL), 0);
	pthread_join(t, &failed);
	pthread_attr_destroy(&attr);
	if (failed != NULL)
		fail_msg("%s", (char *)failed);
}

static void
test_tpl_depth_fits_a_small_stack(void **state)
{
	(void)state;
	in_small_thread(deep_run);
	in_small_thread(deep_json);
}

/* -- threads -- */

struct shared {
	const struct tpl *t;
	int bad;
};

static void *
shared_run(void *arg)
{
	struct shared *s = arg;
	const char *data = "{\"l\":[1,2,3],\"s\":\"a1b2\",\"d\":"
			   "\"2024-03-10T12:00:00.000Z\"}";
	struct err e = ERR_INIT;
	struct val v, out;
	struct arena *a;
	struct buf b;
	int i;

	buf_init(&b, MUCH);
	for (i = 0; i < 200; i++) {
		a = arena_new(MUCH);
		buf_clear(&b);
		if (val_parse(a, data, strlen(data), &v, &e) == -1 ||
		    tpl_render(s->t, &v, NULL, 0, a, &out, NULL, &e) == -1 ||
		    val_print(&out, &b) == -1 ||
		    strcmp(buf_str(&b),
			"[\"1,2,3 true\",\"2024-03-10 05\",2,4,6]") != 0)
			s->bad++;
		arena_free(a);
	}
	buf_done(&b);
	return NULL;
}

static void
test_tpl_one_template_many_threads(void **state)
{
	struct card_test c;
	struct shared s[4];
	pthread_t t[COUNT(s)];
	size_t i;

	(void)state;
	card_test_compile(&c,
	    "[\"${l} ${isMatch(s, '^[a-z0-9]+$')}\","
	    "\"${convertFromUTC(d, 'America/Los_Angeles', 'yyyy-MM-dd HH')}\","
	    "\"${foreach(l, x, x * 2)}\"]");
	assert_non_null(c.t);
	for (i = 0; i < COUNT(s); i++) {
		s[i] = (struct shared){c.t, 0};
		assert_int_equal(
		    pthread_create(&t[i], NULL, shared_run, &s[i]), 0);
	}
	for (i = 0; i < COUNT(s); i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < COUNT(s); i++)
		assert_int_equal(s[i].bad, 0);
	card_test_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tpl_missing_null_and_objects_in_texts),
	    cmocka_unit_test(test_tpl_functions_get_what_is_missing),
	    cmocka_unit_test(test_tpl_when_keeps_true_only),
	    cmocka_unit_test(test_tpl_a_when_without_a_bool_is_counted),
	    cmocka_unit_test(test_tpl_repeats_over_lists),
	    cmocka_unit_test(test_tpl_cut_characters_leave_as_clean_text),
	    cmocka_unit_test(test_tpl_backticks),
	    cmocka_unit_test(test_tpl_names_all_faults_at_their_places),
	    cmocka_unit_test(
		test_tpl_an_unknown_function_fails_when_it_is_called),
	    cmocka_unit_test(test_tpl_names_the_place_of_a_failure),
	    cmocka_unit_test(test_tpl_uses),
	    cmocka_unit_test(test_tpl_names_what_it_reads),
	    cmocka_unit_test(test_tpl_as_a_condition),
	    cmocka_unit_test(test_tpl_bombs_end_with_an_error),
	    cmocka_unit_test(test_tpl_depth_fits_a_small_stack),
	    cmocka_unit_test(test_tpl_one_template_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
