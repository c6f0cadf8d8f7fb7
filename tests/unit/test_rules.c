/* The bot file as rows, argument patterns, and which rule answers. */
#include "wb_test.h"

#include "base/arena.h"
#include "base/buf.h"
#include "bot/memory.h"
#include "bot/route.h"
#include "bot/rules.h"
#include "bot/usage.h"
#include "card/val.h"

struct set {
	struct json *file;
	struct rules *rules;
	struct problems ps;
	struct arena *a;
	struct cards *cards;
};

/* `text` with ' for ". */
static struct set
set_new(const char *text)
{
	struct set s = {.ps = PROBLEMS_INIT, .a = arena_new(1 << 20)};
	struct err e = ERR_INIT;
	struct rules_env env;
	char *copy = strdup(text), *p;

	for (p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	s.file = json_parse_str(copy, &e);
	assert_string_equal(e.text, "");
	s.cards = cards_load("/nonexistent", 0, NULL, NULL, &e);
	assert_non_null(s.cards);
	env = (struct rules_env){.cards = s.cards};
	s.rules = rules_new(s.file, &env, &s.ps, &e);
	assert_non_null(s.rules);
	free(copy);
	return s;
}

static void
set_done(struct set *s)
{
	rules_free(s->rules);
	problems_done(&s->ps);
	json_free(s->file);
	cards_free(s->cards);
	arena_free(s->a);
}

static struct route
set_route(struct set *s, const char *text)
{
	static const struct route_cond none = {NULL, NULL};
	struct err e = ERR_INIT;
	struct route r;

	assert_int_equal(route_text(s->rules, text, &none, s->a, &r, &e), 0);
	return r;
}

/* -- argument patterns -- */

static void
test_usage_fits_and_says_why(void **state)
{
	static const struct {
		const char *pattern, *args;
		const char *want; /* JSON, or the reason after a ! */
	} rows[] = {
	    {"r <a> <b>", "x y", "{\"a\":\"x\",\"b\":\"y\"}"},
	    {"r <a> <b>", " x   y  z ", "{\"a\":\"x\",\"b\":\"y  z\"}"},
	    {"r <a> <b>", "\"x y\" z", "{\"a\":\"x y\",\"b\":\"z\"}"},
	    {"r <a> <b>", "\"x\"y z", "{\"a\":\"\\\"x\\\"y\",\"b\":\"z\"}"},
	    {"r <a> <b>", "x", "!<b> is missing"},
	    {"r <a>", "\"a b\"", "{\"a\":\"a b\"}"},
	    {"r <a>", "\"a\" \"b\"", "{\"a\":\"\\\"a\\\" \\\"b\\\"\"}"},
	    {"r <a> [<b>]", "x", "{\"a\":\"x\"}"},
	    {"r [<a>] [<b:number>]", "", "{}"},
	    {"r [<a>] [<b:number>]", "x 1.5", "{\"a\":\"x\",\"b\":1.5}"},
	    {"r [<a>] [<b:number>]", "x y", "!<b> must be a number"},
	    {"r <n:integer>", "7", "{\"n\":7}"},
	    {"r <n:integer>", "-7", "{\"n\":-7}"},
	    {"r <n:integer>", "7.5", "!<n> must be a whole number"},
	    {"r <n:integer>", "0x7", "!<n> must be a whole number"},
	    {"r <n:integer>", "nan", "!<n> must be a whole number"},
	    {"r <n:integer>", "1e400", "!<n> must be a whole number"},
	    {"r <n:integer>", "7 8", "!there is more than that"},
	    {"r <m:email>", "a@b.c", "{\"m\":\"a@b.c\"}"},
	    {"r <m:email>", "a@", "!<m> must be an e-mail address"},
	    {"r <m:email>", "@b", "!<m> must be an e-mail address"},
	    {"r <m:email>", "a@b@c", "!<m> must be an e-mail address"},
	    {"r <w:word>", "a b", "!there is more than that"},
	    {"r <w:word>", "\"a b\"", "!<w> must be one word"},
	    {"r <a> AT <b>", "x at y", "{\"a\":\"x\",\"b\":\"y\"}"},
	    {"r <a> at <b>", "x y", "!the word at is missing"},
	    {"r", "", "{}"},
	    {"r", "x", "!there is more than that"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct arena *a = arena_new(1 << 16);
		struct err e = ERR_INIT;
		struct usage *u = usage_new(rows[i].pattern, &e);
		struct val_obj *o = val_obj_new(a, 4);
		const char *why = NULL;
		struct buf b;
		struct val v;
		int rc;

		assert_string_equal(e.text, "");
		rc = usage_match(u, rows[i].args, a, o, &why, &e);
		assert_int_equal(rc, rows[i].want[0] != '!');
		buf_init(&b, 4096);
		v = val_of(o);
		if (rc == 1)
			val_print(&v, &b);
		else
			buf_addf(&b, "!%s", why);
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_done(&b);
		usage_free(u);
		arena_free(a);
	}
}

static void
test_usage_refuses_patterns(void **state)
{
	static const char *const bad[] = {"", "  ", "<a>", "r <a", "r a>",
	    "r <a:thing>", "r <>", "r <1a>", "r <a-b>", "r <a> <a>",
	    "r <a> <A>", "r [<a>] <b>", "r [a]", "r x<a>", "r [<a>] at",
	    "r <a><b>"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		struct err e = ERR_INIT;

		if (usage_new(bad[i], &e) != NULL)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(e.kind, ERR_PERM);
	}
}

/* -- routing -- */

static void
test_route_takes_the_first(void **state)
{
	struct set s =
	    set_new("{'commands':["
		    "{'word':['one','uno'],'reply':{'text':'a'}},"
		    "{'phrase':['two words','deux'],'reply':{'text':'b'}},"
		    "{'regex':'^x(?<n>\\\\d+)$','reply':{'text':'c'}},"
		    "{'usage':'three "
		    "<a:number>','aliases':'drei','reply':{'text':'d'}},"
		    "{'when':'true','reply':{'text':'e'}}]}");
	static const struct {
		const char *text, *rule;
	} rows[] = {{"one", "word one"}, {"UNO and more", "word one"},
	    {"onetwo", "when true"}, {"Two Words", "phrase two words"},
	    {"two words more", "when true"}, {"DEUX", "phrase two words"},
	    {"x12", "regex ^x(?<n>\\d+)$"}, {"x12y", "when true"},
	    {"Drei 4", "word three"}, {"three x", "word three"}};
	struct route r;
	size_t i;

	(void)state;
	assert_int_equal(s.ps.errors, 0);
	for (i = 0; i < COUNT(rows); i++) {
		r = set_route(&s, rows[i].text);
		assert_non_null(r.rule);
		assert_string_equal(r.rule->name, rows[i].rule);
		assert_int_equal(
		    r.misuse != NULL, strcmp(rows[i].text, "three x") == 0);
	}
	set_done(&s);
}

static int
no(void *arg, const struct rule *r, const struct route *m, struct err *e)
{
	(void)arg, (void)m, (void)e;
	return strcmp(r->place, "/commands/1") == 0;
}

static void
test_route_passes_over_false_conditions(void **state)
{
	struct set s =
	    set_new("{'commands':["
		    "{'word':'a','when':'x','reply':{'text':'1'}},"
		    "{'word':'a','when':'y','reply':{'text':'2'}}]}");
	struct route_cond cond = {no, NULL};
	struct err e = ERR_INIT;
	struct route r;

	(void)state;
	assert_int_equal(route_text(s.rules, "a", &cond, s.a, &r, &e), 0);
	assert_ptr_equal(r.rule, &s.rules->v[1]);
	assert_int_equal(route_text(s.rules, "b", &cond, s.a, &r, &e), 0);
	assert_null(r.rule);
	set_done(&s);
}

static void
test_route_access(void **state)
{
	static char *emails[] = {(char *)"*@a.com", (char *)"ben@*"};
	static char *domains[] = {(char *)"b.org", (char *)"*.c.net"};
	static char *rooms[] = {(char *)"R1"};
	struct rules_access ac = {.emails = emails,
	    .nemails = 2,
	    .domains = domains,
	    .ndomains = 2,
	    .rooms = rooms,
	    .nrooms = 1};
	struct rules_access any = {.nemails = 0};

	(void)state;
	assert_true(route_allowed(&ac, "x@a.com", "R1"));
	assert_true(route_allowed(&ac, "BEN@q", "R1"));
	assert_true(route_allowed(&ac, "x@B.ORG", "R1"));
	assert_true(route_allowed(&ac, "x@d.c.net", "R1"));
	assert_false(route_allowed(&ac, "x@c.net", "R1"));
	assert_false(route_allowed(&ac, "x@evilb.org", "R1"));
	assert_false(route_allowed(&ac, "x@b.org.evil", "R1"));
	assert_false(route_allowed(&ac, "x@a.com", "R2"));
	assert_false(route_allowed(&ac, "", "R1"));
	assert_true(route_allowed_room(&ac, "R1"));
	assert_false(route_allowed_room(&ac, ""));
	assert_true(route_allowed(&any, "", ""));
}

/* -- the file -- */

static void
test_rules_name_every_problem(void **state)
{
	static const struct {
		const char *file, *path, *text;
	} rows[] = {
	    {"{'commands':[{'word':'a'}]}", "/commands/0",
		"a rule needs a reply"},
	    {"{'commands':[{'word':'a','phrase':'b','reply':{'text':''}}]}",
		"/commands/0",
		"a command has one of word, phrase and regex, not several"},
	    {"{'commands':[{'reply':{'text':''}}]}", "/commands/0",
		"a command needs one of word, phrase, regex, usage, when"},
	    {"{'commands':[{'word':[],'reply':{'text':''}}]}",
		"/commands/0/word", "a word must not be empty"},
	    {"{'commands':[{'regex':'','reply':{'text':''}}]}",
		"/commands/0/regex", "regex must not be empty"},
	    {"{'commands':[{'phrase':'a','usage':'a','reply':{'text':''}}]}",
		"/commands/0/usage", "usage is for a word"},
	    {"{'commands':[{'word':'b','usage':'a','reply':{'text':''}}]}",
		"/commands/0/usage", "usage must begin with the word b"},
	    {"{'commands':[{'word':'b','reply':{'text':'','to':{}}}]}",
		"/commands/0/reply/to",
		"to needs one of roomId, toPersonId, toPersonEmail"},
	    {"{'commands':[{'word':'b','failed':{'text':'x'},'reply':"
	     "{'text':''}}]}",
		"/commands/0/failed",
		"failed is for a call or run, and there is none"},
	    {"{'commands':[{'word':'b','ask':[],'reply':{'text':''}}]}",
		"/commands/0/ask", "ask needs questions, 100 at most"},
	    {"{'commands':[{'word':'b','ask':[{'name':'x'}],'reply':"
	     "{'text':''}}]}",
		"/commands/0/ask/0", "a question needs a reply that asks it"},
	    {"{'commands':[{'word':'b','ask':[{'name':'x','type':'int',"
	     "'reply':{'text':''}}],'reply':{'text':''}}]}",
		"/commands/0/ask/0/type",
		"int: no such type; one of: text word number integer email"},
	    {"{'commands':[{'word':'b','remember':{'user':{}}}]}",
		"/commands/0/remember/user", "unknown member user"},
	    {"{'commands':[{'word':'b','call':{'url':'ftp://x/'}}]}",
		"/commands/0/call/url", "url: not an http or https address"},
	    {"{'commands':[{'word':'b','reply':{'file':'../x'}}]}",
		"/commands/0/reply/file",
		"file must be a name in the cards folder (not .json), or an "
		"address"},
	    {"{'on':[{'event':'rooms.updated','ask':[{'name':'x','reply':"
	     "{'text':''}}]}]}",
		"/on/0", "nobody is there to be asked when this happens"},
	    {"{'schedule':[{'name':'s','cron':'* * * * *','ask':[{'name':'x',"
	     "'reply':{'text':''}}]}]}",
		"/schedule/0/ask",
		"nobody is there to be asked when this happens"},
	    {"{'commands':{}}", "/commands",
		"commands must be a list, it is an object"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct set s = set_new(rows[i].file);

		assert_true(s.ps.errors > 0);
		assert_string_equal(s.ps.v[0].text, rows[i].text);
		assert_string_equal(s.ps.v[0].path, rows[i].path);
		set_done(&s);
	}
}

/* A list that is empty asks for nothing; all of them: a warning. */
static void
test_rules_empty_lists_ask_for_nothing(void **state)
{
	static const struct {
		const char *access;
		size_t problems;
		bool anna, eve;
	} rows[] = {
	    {"{'emails':['*@example.com'],'rooms':[]}", 0, true, false},
	    {"{'emails':[],'domains':['example.com']}", 0, true, false},
	    {"{'emails':[],'rooms':['R1']}", 0, true, true},
	    {"{'emails':[]}", 1, true, true},
	    {"{'emails':[],'rooms':[]}", 1, true, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		char file[200];
		struct set s;

		snprintf(file, sizeof file, "{'commands':[],'access':%s}",
		    rows[i].access);
		s = set_new(file);
		assert_int_equal(s.ps.errors, 0);
		assert_int_equal(s.ps.n, rows[i].problems);
		assert_int_equal(
		    route_allowed(&s.rules->access, "anna@example.com", "R1"),
		    rows[i].anna);
		assert_int_equal(
		    route_allowed(&s.rules->access, "eve@evil.com", "R1"),
		    rows[i].eve);
		set_done(&s);
	}
}

/* As they stand in the log and in lists. */
static void
test_rules_have_names(void **state)
{
	struct set s =
	    set_new("{'commands':[{'word':'a','reply':{'text':'x'}}],"
		    "'actions':[{'card':'b','reply':{'text':'x'}}],"
		    "'on':[{'event':'rooms.updated','reply':{'text':'x'}}],"
		    "'schedule':[{'name':'s','cron':'* * * * *','reply':"
		    "{'to':{'roomId':'R'},'text':'x'}}]}");
	static const char *const want[] = {
	    "word a", "action b", "on rooms.updated", "schedule.s"};
	size_t i;

	(void)state;
	assert_int_equal(s.rules->n, COUNT(want));
	for (i = 0; i < COUNT(want); i++)
		assert_string_equal(s.rules->v[i].name, want[i]);
	assert_string_equal(s.rules->fallback.name, "fallback");
	set_done(&s);
}

static void
test_rules_know_what_they_read(void **state)
{
	struct set s = set_new(
	    "{'commands':["
	    "{'word':'a','reply':{'text':'${match.args}'}},"
	    "{'word':'b','reply':{'text':'${person.id}'}},"
	    "{'word':'c','call':{'url':'http://h/${room.id}'}},"
	    "{'word':'d','when':'count(files) > 1','reply':{'text':''}},"
	    "{'word':'e','remember':{'room':{'x':'${memory.room.x}'}}}]}");
	static const unsigned want[] = {
	    0, READS_PERSON, READS_ROOM, READS_FILES, READS_MEMORY};
	size_t i;

	(void)state;
	assert_int_equal(s.ps.errors, 0);
	for (i = 0; i < COUNT(want); i++)
		assert_int_equal(s.rules->v[i].reads, want[i]);
	assert_int_equal(s.rules->reads_first, READS_FILES);
	set_done(&s);
}

/* -- memory -- */

static struct json *
remembered(struct memory *m)
{
	struct err e = ERR_INIT;
	struct json *j = memory_get(m, MEMORY_PERSON, "P", &e);

	assert_int_equal(e.kind, ERR_NONE);
	return j;
}

static void
test_memory_is_seen_while_it_is_written(void **state)
{
	struct evq_opts o = {.where = "mem:", .queue_max = 10, .window = 1};
	struct err e = ERR_INIT;
	struct evq *q = evq_open(&o, &e);
	struct memory *m = memory_new(q);
	struct arena *a = arena_new(1 << 20);
	struct memory_change one = {.arena = a}, two = {.arena = a};
	struct json *v = json_parse_str("{\"n\":1}", &e), *got;

	(void)state;
	assert_null(remembered(m));
	assert_int_equal(memory_set(&one, MEMORY_PERSON, "P", v, &e), 0);
	assert_null(remembered(m));
	assert_int_equal(memory_begin(m, &one, &e), 0);
	got = remembered(m);
	assert_true(json_eq(got, v));
	json_free(got);
	/* a second writer; the first one's end does not hide it */
	json_set_num(v, "n", 2);
	assert_int_equal(memory_set(&two, MEMORY_PERSON, "P", v, &e), 0);
	assert_int_equal(memory_begin(m, &two, &e), 0);
	memory_end(m, &one);
	got = remembered(m);
	assert_true(json_eq(got, v));
	json_free(got);
	/* nothing was stored, so nothing is left */
	memory_end(m, &two);
	assert_null(remembered(m));
	json_free(v);
	memory_free(m);
	arena_free(a);
	evq_close(q);
}

static void
test_memory_has_a_ceiling(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct memory_change c = {.arena = a};
	struct json *v = json_object();
	struct err e = ERR_INIT;
	char *big = calloc(1, MEMORY_MAX + 1);

	(void)state;
	memset(big, 'x', MEMORY_MAX);
	json_set_str(v, "big", big);
	assert_int_equal(memory_set(&c, MEMORY_ROOM, "R", v, &e), -1);
	assert_int_equal(e.kind, ERR_PERM);
	assert_int_equal(c.n, 0);
	free(big);
	json_free(v);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_usage_fits_and_says_why),
	    cmocka_unit_test(test_usage_refuses_patterns),
	    cmocka_unit_test(test_route_takes_the_first),
	    cmocka_unit_test(test_route_passes_over_false_conditions),
	    cmocka_unit_test(test_route_access),
	    cmocka_unit_test(test_rules_name_every_problem),
	    cmocka_unit_test(test_rules_empty_lists_ask_for_nothing),
	    cmocka_unit_test(test_rules_have_names),
	    cmocka_unit_test(test_rules_know_what_they_read),
	    cmocka_unit_test(test_memory_is_seen_while_it_is_written),
	    cmocka_unit_test(test_memory_has_a_ceiling),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
