/* The card store, submits, fallback texts, the public header. */
#include <sys/stat.h>
#include <unistd.h>

#include <webexbot/cards.h>

#include "card_test.h"

#include "card/card.h"
#include "card/evaluate.h"
#include "card/fallback.h"
#include "card/submit.h"

#define STORE "tests/data/card/store"

/* -- the store -- */

static void
print_problem(void *arg, const char *file, const char *text, size_t len,
    const struct problem *p)
{
	problem_print(p, file, text, len, arg);
}

static void
test_card_store_tells_all_problems_at_their_places(void **state)
{
	static const char want[] = STORE
	    "/broken.card.json:7:21: error: unknown function "
	    "formatDatetime, did you mean formatDateTime?\n"
	    "          \"text\": \"On ${formatDatetime(when)} "
	    "\\\"\xc3\xa4\xc3\x9f\\\" ${1 +}\",\n"
	    "                        ^\n" STORE
	    "/broken.card.json:7:55: error: syntax: the expression ends "
	    "here, a value was expected\n"
	    "          \"text\": \"On ${formatDatetime(when)} "
	    "\\\"\xc3\xa4\xc3\x9f\\\" ${1 +}\",\n"
	    "                                                          "
	    "^\n" STORE
	    "/broken.card.json:8:7: error: TextBlock has no member wrp, "
	    "did you mean wrap?\n"
	    "          \"wrp\": true\n"
	    "          ^\n" STORE
	    "/broken.card.json:10:5: error: url of Image is missing\n"
	    "        { \"type\": \"Image\" }\n"
	    "        ^\n" STORE
	    "/literal.card.json:6:37: error: the id is used at /body/0/id "
	    "already\n"
	    "        { \"type\": \"Input.Number\", \"id\": \"a\", \"min\": 5, "
	    "\"max\": 1 }\n"
	    "                                        ^\n" STORE
	    "/literal.card.json:6:49: warning: min is above max\n"
	    "        { \"type\": \"Input.Number\", \"id\": \"a\", \"min\": 5, "
	    "\"max\": 1 }\n"
	    "                                                    ^\n" STORE
	    "/plain.card.json:4:3: warning: Webex does not use "
	    "fallbackText of AdaptiveCard\n"
	    "      \"fallbackText\": \"Nothing to see\",\n"
	    "      ^\n" STORE
	    "/rendered.card.json:5:49: error: with the sample data: "
	    "\"huge\" is not one of default small medium large "
	    "extraLarge\n"
	    "        { \"type\": \"TextBlock\", \"text\": \"x\", \"size\": "
	    "\"${size}\" },\n"
	    "                                                    ^\n" STORE
	    "/rendered.card.json:6:36: error: with the sample data: a "
	    "text is expected, not a number\n"
	    "        { \"type\": \"TextBlock\", \"text\": \"${1 / zero}\" "
	    "}\n"
	    "                                       ^\n" STORE
	    "/torn.card.json:3:12: error: unexpected ',', a value was "
	    "expected\n"
	    "      \"body\": [,]\n"
	    "               ^\n";
	struct err e = ERR_INIT;
	struct cards *cs;
	struct buf b;

	(void)state;
	buf_init(&b, MUCH);
	cs = cards_load(STORE, ONE_DAY, print_problem, &b, &e);
	assert_non_null(cs);
	assert_string_equal(buf_str(&b), want);
	assert_int_equal(cards_errors(cs), 8);
	assert_int_equal(cards_warnings(cs), 2);
	cards_free(cs);
	buf_done(&b);
}

static void
test_card_store_finds_by_name(void **state)
{
	struct err e = ERR_INIT;
	struct cards *cs = cards_load(STORE, ONE_DAY, NULL, NULL, &e);

	(void)state;
	assert_non_null(cs);
	assert_int_equal(cards_count(cs), 2);
	assert_string_equal(card_name(cards_at(cs, 0)), "order");
	assert_string_equal(card_name(cards_find(cs, "plain")), "plain");
	assert_null(cards_find(cs, "broken"));
	assert_null(cards_find(cs, ""));
	assert_string_equal(cards_near(cs, "ordre"), "order");
	assert_null(cards_near(cs, "feedback"));
	assert_true(card_uses(cards_find(cs, "order"), "lines"));
	assert_false(card_uses(cards_find(cs, "order"), "person"));
	cards_free(cs);
}

static void
test_card_store_without_a_folder_is_empty(void **state)
{
	struct err e = ERR_INIT;
	struct cards *cs =
	    cards_load(STORE "/nothing", ONE_DAY, NULL, NULL, &e);

	(void)state;
	assert_non_null(cs);
	assert_int_equal(cards_count(cs), 0);
	assert_null(cards_find(cs, "order"));
	assert_null(cards_near(cs, "order"));
	cards_free(cs);
	/* but a file in its place is an error */
	assert_null(
	    cards_load(STORE "/order.card.json", ONE_DAY, NULL, NULL, &e));
	assert_int_equal(e.kind, ERR_PERM);
	cards_free(NULL);
}

static void
test_card_renders_and_checks(void **state)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	struct cards *cs = cards_load(STORE, ONE_DAY, NULL, NULL, &e);
	const struct card *c = cards_find(cs, "order");
	struct arena *a = arena_new(MUCH);
	struct val out, data;

	(void)state;
	assert_int_equal(
	    card_render(c, card_sample(c), ONE_DAY, a, &out, &ps, &e), 0);
	assert_int_equal(ps.n, 0);
	assert_string_equal(card_fallback(c, &out, a),
	    "Order A-17 of 29 February 2024\nTea: 3.50\nCake: 12.00");

	/* what is missing is seen */
	assert_int_equal(val_parse(a, "{\"lines\":[]}", 12, &data, &e), 0);
	assert_int_equal(card_render(c, &data, ONE_DAY, a, &out, &ps, &e), 0);
	assert_true(ps.warnings > 0);

	/* nothing comes out: a text in its place */
	err_clear(&e);
	assert_int_equal(
	    val_parse(a, "{\"lines\":[{\"name\":1}]}", 22, &data, &e), 0);
	out = val_missing();
	assert_string_equal(card_fallback(c, &out, a), "Card order");
	problems_done(&ps);
	arena_free(a);
	cards_free(cs);
}

/* -- submits -- */

static const char form[] =
    "{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"body\":["
    "{\"type\":\"Input.Text\",\"id\":\"t\",\"isRequired\":true,"
    "\"errorMessage\":\"Your name, please\",\"maxLength\":5,"
    "\"regex\":\"^[a-z]+$\",\"label\":\"Name\"},"
    "{\"type\":\"Input.Number\",\"id\":\"n\",\"min\":1,\"max\":9},"
    "{\"type\":\"Input.Date\",\"id\":\"d\",\"min\":\"2024-01-01\","
    "\"max\":\"2024-12-31\"},"
    "{\"type\":\"Input.Time\",\"id\":\"h\",\"min\":\"08:00\"},"
    "{\"type\":\"Input.Toggle\",\"id\":\"b\",\"title\":\"x\"},"
    "{\"type\":\"Input.ChoiceSet\",\"id\":\"c\",\"choices\":["
    "{\"title\":\"A\",\"value\":\"a\"},{\"title\":\"B\",\"value\":\"b\"}]},"
    "{\"type\":\"Container\",\"items\":[{\"type\":\"Input.ChoiceSet\","
    "\"id\":\"m\",\"isMultiSelect\":true,\"choices\":["
    "{\"title\":\"A\",\"value\":\"a\"},{\"title\":\"B\",\"value\":\"b\"}]}]}"
    "],\"actions\":[{\"type\":\"Action.Submit\",\"title\":\"OK\","
    "\"data\":{\"k\":1}},{\"type\":\"Action.Submit\",\"title\":\"No\","
    "\"associatedInputs\":\"none\",\"data\":{\"no\":true}}]}";

static void
submits(const char *card, const char *inputs, const char *want)
{
	struct problems ps = PROBLEMS_INIT;
	struct arena *a = arena_new(MUCH);
	struct err e = ERR_INIT;
	struct val c, in;
	struct buf b;
	size_t i;

	buf_init(&b, MUCH);
	assert_int_equal(val_parse(a, card, strlen(card), &c, &e), 0);
	assert_int_equal(val_parse(a, inputs, strlen(inputs), &in, &e), 0);
	assert_int_equal(submit_check(&c, &in, &ps, &e), 0);
	for (i = 0; i < ps.n; i++)
		buf_addf(&b, "%s%s %s", i > 0 ? ", " : "", ps.v[i].code,
		    ps.v[i].path);
	if (strcmp(buf_str(&b), want) != 0)
		fail_msg("%s: %s", inputs, buf_str(&b));
	buf_done(&b);
	problems_done(&ps);
	arena_free(a);
}

static void
test_submit_checks(void **state)
{
	static const char *const rows[][2] = {
	    {"{\"t\":\"ann\",\"k\":1}", ""},
	    {"{\"t\":\"ann\",\"n\":\"\",\"d\":\"\",\"h\":\"\",\"b\":\"\","
	     "\"c\":\"\",\"m\":\"\"}",
		""},
	    {"{\"t\":\"ann\",\"n\":\"9\",\"d\":\"2024-02-29\","
	     "\"h\":\"08:00\",\"b\":\"false\",\"c\":\"b\",\"m\":\"a,b\"}",
		""},
	    {"{}", "required /t"},
	    {"{\"t\":\"\"}", "required /t"},
	    {"{\"no\":true}", ""}, /* the button that sends no inputs */
	    {"{\"t\":\"annemarie\"}", "too-long /t"},
	    {"{\"t\":\"ANN\"}", "bad-value /t"},
	    {"{\"t\":\"ann\",\"n\":\"0\"}", "out-of-range /n"},
	    {"{\"t\":\"ann\",\"n\":\"9.5\"}", "out-of-range /n"},
	    {"{\"t\":\"ann\",\"n\":\"x\"}", "bad-value /n"},
	    {"{\"t\":\"ann\",\"n\":3,\"b\":true,\"c\":null}", ""},
	    {"{\"t\":\"ann\",\"n\":10}", "out-of-range /n"},
	    {"{\"t\":\"ann\",\"n\":[3]}", "wrong-kind /n"},
	    {"{\"t\":\"ann\",\"k\":\"1\"}", ""},
	    {"{\"t\":\"ann\",\"k\":2}", "bad-value /k"},
	    {"{\"t\":\"ann\",\"k\":{\"x\":1}}", "bad-value /k"},
	    {"{\"no\":\"yes\"}", "required /t, unknown-input /no"},
	    {"{\"t\":\"ann\",\"d\":\"2023-02-29\"}", "bad-value /d"},
	    {"{\"t\":\"ann\",\"d\":\"2025-01-01\"}", "out-of-range /d"},
	    {"{\"t\":\"ann\",\"h\":\"07:59\"}", "out-of-range /h"},
	    {"{\"t\":\"ann\",\"h\":\"24:00\"}", "bad-value /h"},
	    {"{\"t\":\"ann\",\"b\":\"maybe\"}", "unknown-choice /b"},
	    {"{\"t\":\"ann\",\"c\":\"z\"}", "unknown-choice /c"},
	    {"{\"t\":\"ann\",\"c\":\"a,b\"}", "unknown-choice /c"},
	    {"{\"t\":\"ann\",\"m\":\"a,z\"}", "unknown-choice /m"},
	    {"{\"t\":\"ann\",\"hack\":\"1\"}", "unknown-input /hack"},
	    {"[]", "wrong-kind "},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		submits(form, rows[i][0], rows[i][1]);
}

static void
test_submit_of_a_card_without_inputs(void **state)
{
	static const char head[] =
	    "{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"body\":[],"
	    "\"actions\":[{\"type\":\"Action.Submit\",\"title\":\"OK\"";
	static const char *const rows[][3] = {
	    {"", "{}", ""},
	    {"", "{\"dish\":\"soup\"}", ""},
	    {",\"data\":{}", "{\"dish\":\"soup\"}", ""},
	    {",\"data\":{\"k\":1}", "{\"k\":1,\"dish\":\"soup\"}",
		"unknown-input /dish"},
	};
	char card[300];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		snprintf(card, sizeof card, "%s%s}]}", head, rows[i][0]);
		submits(card, rows[i][1], rows[i][2]);
	}
}

static void
test_submit_choices_with_commas(void **state)
{
	static const char card[] =
	    "{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"body\":[{"
	    "\"type\":\"Input.ChoiceSet\",\"id\":\"m\",\"isMultiSelect\":true,"
	    "\"choices\":[{\"title\":\"1\",\"value\":\"a\"},"
	    "{\"title\":\"2\",\"value\":\"a,b\"},"
	    "{\"title\":\"3\",\"value\":\"c\"}]}]}";
	static const char *const rows[][2] = {
	    {"{\"m\":\"a,b,c\"}", ""},
	    {"{\"m\":\"a,a,b\"}", ""},
	    {"{\"m\":\"c,a,b\"}", ""},
	    {"{\"m\":\"a,c\"}", ""},
	    {"{\"m\":\"b\"}", "unknown-choice /m"},
	    {"{\"m\":\"a,b,\"}", "unknown-choice /m"},
	    {"{\"m\":\"a,b,b\"}", "unknown-choice /m"},
	    {"{\"m\":\",\"}", "unknown-choice /m"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		submits(card, rows[i][0], rows[i][1]);
}

static void
test_submit_of_a_fallback(void **state)
{
	static const char card[] =
	    "{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"body\":[{"
	    "\"type\":\"Input.Date\",\"id\":\"d\",\"isRequired\":true,"
	    "\"fallback\":{\"type\":\"Container\",\"items\":["
	    "{\"type\":\"Input.Text\",\"id\":\"d\",\"regex\":\"^[a-z]+$\"},"
	    "{\"type\":\"Input.Text\",\"id\":\"e\",\"maxLength\":2,"
	    "\"isRequired\":true},{\"type\":\"Input.Toggle\",\"id\":\"t\","
	    "\"title\":\"t\",\"isRequired\":true}]}}]}";
	static const char *const rows[][2] = {
	    {"{\"d\":\"2024-02-29\"}", ""},
	    {"{\"d\":\"2024-02-29\",\"t\":\"false\"}", ""},
	    {"{\"d\":\"monday\",\"e\":\"x\"}", ""},
	    {"{\"d\":\"MONDAY\"}", "bad-value /d"},
	    {"{\"d\":\"2024-02-29\",\"e\":\"xyz\"}", "too-long /e"},
	    {"{}", "required /d"},
	    {"{\"d\":\"\",\"e\":\"x\"}", "required /d"},
	    {"{\"d\":\"2024-02-29\",\"f\":\"x\"}", "unknown-input /f"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		submits(card, rows[i][0], rows[i][1]);
}

static void
test_submit_by_a_button_that_sends_no_inputs(void **state)
{
	(void)state;
	submits("{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"body\":["
		"{\"type\":\"Input.Text\",\"id\":\"t\",\"isRequired\":true}],"
		"\"actions\":[{\"type\":\"Action.Submit\","
		"\"associatedInputs\":\"None\",\"data\":{\"no\":true}}]}",
	    "{\"no\":true}", "");
}

static void
test_submit_speaks_to_the_person(void **state)
{
	struct problems ps = PROBLEMS_INIT;
	struct arena *a = arena_new(MUCH);
	struct err e = ERR_INIT;
	struct val c, in;

	(void)state;
	assert_int_equal(val_parse(a, form, strlen(form), &c, &e), 0);
	assert_int_equal(val_parse(a, "{\"n\":\"10\"}", 10, &in, &e), 0);
	assert_int_equal(submit_check(&c, &in, &ps, &e), 0);
	assert_int_equal(ps.n, 2);
	assert_non_null(strstr(ps.v[0].text, "Your name, please"));
	assert_non_null(strstr(ps.v[1].text, "n: this is too large"));
	problems_done(&ps);
	arena_free(a);
}

/* -- fallback texts -- */

static void
falls_back(const char *card, const char *want)
{
	struct arena *a = arena_new(MUCH);
	struct err e = ERR_INIT;
	struct val v;
	struct buf b;

	buf_init(&b, MUCH);
	assert_int_equal(val_parse(a, card, strlen(card), &v, &e), 0);
	assert_int_equal(fallback_text(&v, &b), 0);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
	arena_free(a);
}

static void
test_fallback_is_what_the_card_says(void **state)
{
	(void)state;
	falls_back("{\"fallbackText\":\"plain\",\"body\":[{\"type\":"
		   "\"TextBlock\",\"text\":\"x\"}]}",
	    "plain");
	falls_back("{\"body\":[{\"type\":\"TextBlock\",\"text\":\"One\"},"
		   "{\"type\":\"Container\",\"items\":[{\"type\":\"TextBlock\","
		   "\"text\":\"Two\"},{\"type\":\"TextBlock\",\"text\":"
		   "\"hidden\",\"isVisible\":false}]},"
		   "{\"type\":\"ColumnSet\",\"columns\":[{\"type\":\"Column\","
		   "\"items\":[{\"type\":\"RichTextBlock\",\"inlines\":[\"a\","
		   "{\"type\":\"TextRun\",\"text\":\"b\"}]}]}]},"
		   "{\"type\":\"FactSet\",\"facts\":[{\"title\":\"T\","
		   "\"value\":\"v\"},{\"title\":\"U:\",\"value\":\"w\"}]}]}",
	    "One\nTwo\nab\nT: v\nU: w");
	falls_back("{\"body\":[]}", "A card");
	falls_back("[]", "A card");
}

static void
test_fallback_is_cut_between_characters(void **state)
{
	struct arena *a = arena_new(MUCH);
	struct val_obj *o = val_obj_new(a, 1);
	char *text = malloc(FALLBACK_MAX + 10);
	struct val v;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < FALLBACK_MAX + 8; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[FALLBACK_MAX + 9] = '\0';
	val_puts(a, o, "fallbackText", val_text(text, i));
	v = val_of(o);
	buf_init(&b, MUCH);
	assert_int_equal(fallback_text(&v, &b), 0);
	assert_int_equal(buf_len(&b), FALLBACK_MAX - FALLBACK_MAX % 2);
	buf_done(&b);
	free(text);
	arena_free(a);
}

/* -- cases, one a line -- */

static void
answers(const char *line, const char *want)
{
	struct buf b;

	buf_init(&b, MUCH);
	assert_int_equal(evaluate_line(line, strlen(line), &b), 0);
	if (strstr(buf_str(&b), want) == NULL)
		fail_msg("%s: %s", line, buf_str(&b));
	assert_int_equal(buf_str(&b)[buf_len(&b) - 1], '\n');
	assert_ptr_equal(
	    strchr(buf_str(&b), '\n'), buf_str(&b) + buf_len(&b) - 1);
	buf_done(&b);
}

static void
test_evaluate_answers_any_line(void **state)
{
	(void)state;
	answers("{\"id\":\"a\",\"kind\":\"expression\",\"template\":\"1 + 1\"}",
	    "{\"id\":\"a\",\"value\":2}");
	answers("{\"id\":1,\"kind\":\"expression\",\"template\":\"max()\"}",
	    "\"kind\":\"arguments\"");
	answers("", "\"error\"");
	answers("{", "\"error\"");
	answers("[]", "\"error\"");
	answers("null", "\"error\"");
	answers("{\"id\":[1]}", "\"error\"");
	answers("{\"id\":7,\"kind\":\"nonsense\"}", "\"error\"");
	answers("{\"id\":7,\"kind\":\"expression\"}", "\"error\"");
	answers(
	    "{\"id\":7,\"kind\":\"expression\",\"template\":3}", "\"error\"");
	answers("\xff\xfe", "\"error\"");
}

/* -- the public header -- */

static void
test_cards_header(void **state)
{
	char *error, *text;
	struct wb_card *c;

	(void)state;
	c = wb_card_compile(
	    "{\"type\":\"TextBlock\",\"text\":\"Hi ${name}\"}", &error);
	assert_non_null(c);
	assert_null(error);
	assert_int_equal(wb_card_uses(c, "name"), 1);
	assert_int_equal(wb_card_uses(c, "other"), 0);
	text = wb_card_render(c, "{\"name\":\"you\"}", 0, &error);
	assert_string_equal(
	    text, "{\"type\":\"TextBlock\",\"text\":\"Hi you\"}");
	free(text);
	assert_null(wb_card_render(c, "{", 0, &error));
	assert_non_null(error);
	free(error);
	assert_null(wb_card_render(c, "{", 0, NULL));
	wb_card_free(c);
	wb_card_free(NULL);

	assert_null(wb_card_compile("[\"${nosuch(}\",\"${1 +}\"]", &error));
	assert_non_null(strstr(error, "/0"));
	assert_non_null(strstr(error, "/1"));
	free(error);
	assert_null(wb_card_compile("nonsense", NULL));
}

static void
test_cards_header_checks(void **state)
{
	char *text, *error;

	(void)state;
	assert_int_equal(wb_cards_check("{\"type\":\"AdaptiveCard\","
					"\"version\":\"1.3\",\"body\":[{"
					"\"type\":\"TextBlok\"}]}",
			     &text),
	    1);
	assert_non_null(strstr(text, "\"path\":\"/body/0/type\""));
	free(text);
	assert_int_equal(wb_cards_check("{", NULL), -1);
	text = wb_cards_fallback("{\"body\":[{\"type\":\"TextBlock\","
				 "\"text\":\"x\"}]}",
	    &error);
	assert_string_equal(text, "x");
	free(text);
	assert_int_equal(wb_cards_check_submit(form, "{}", &text), 1);
	assert_non_null(strstr(text, "required"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		test_card_store_tells_all_problems_at_their_places),
	    cmocka_unit_test(test_card_store_finds_by_name),
	    cmocka_unit_test(test_card_store_without_a_folder_is_empty),
	    cmocka_unit_test(test_card_renders_and_checks),
	    cmocka_unit_test(test_submit_checks),
	    cmocka_unit_test(test_submit_of_a_card_without_inputs),
	    cmocka_unit_test(test_submit_choices_with_commas),
	    cmocka_unit_test(test_submit_of_a_fallback),
	    cmocka_unit_test(test_submit_by_a_button_that_sends_no_inputs),
	    cmocka_unit_test(test_submit_speaks_to_the_person),
	    cmocka_unit_test(test_fallback_is_what_the_card_says),
	    cmocka_unit_test(test_fallback_is_cut_between_characters),
	    cmocka_unit_test(test_evaluate_answers_any_line),
	    cmocka_unit_test(test_cards_header),
	    cmocka_unit_test(test_cards_header_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
