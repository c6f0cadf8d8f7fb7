/* Webex Connect's pure parts: codes, signatures, addresses, bodies, notices. */
#include "wb_test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/urlenc.h"
#include "connect/auth.h"
#include "connect/codes.h"
#include "connect/notice.h"
#include "connect/outhook.h"
#include "connect/params.h"
#include "connect/rate.h"
#include "connect/sign.h"
#include "connect/target.h"
#include "connect/vars.h"

#define PAYLOADS "tests/data/payloads"

/* -- codes -- */

static void
test_codes_of_answers_in_both_forms(void **state)
{
	static const struct {
		const char *body;
		int code;
	} rows[] = {
	    {"{\"response\":[{\"code\":\"1002\"}]}", 1002},
	    {"{\"response\":{\"code\":\"7001\",\"description\":\"x\"}}", 7001},
	    {"{\"response\":[{\"code\":\"1002\"},{\"code\":\"7025\"}]}", 7025},
	    {"{\"response\":[{\"code\":1002}]}", 1002},
	    {"{\"response\":[]}", 0},
	    {"{\"response\":\"1002\"}", 0},
	    {"{\"code\":\"1002\"}", 0},
	    {"", 0},
	    {"not json", 0},
	};
	char why[CODE_WHY];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(
		    code_of(rows[i].body, strlen(rows[i].body), why),
		    rows[i].code);
}

static void
test_codes_have_their_statuses(void **state)
{
	(void)state;
	assert_int_equal(code_row(CODE_QUEUED)->status, 200);
	assert_int_equal(code_row(CODE_TOO_LARGE)->status, 413);
	assert_int_equal(code_row(CODE_RATE)->status, 429);
	assert_int_equal(code_row((enum code)9999)->code, CODE_INTERNAL);
}

/* -- addresses -- */

static void
test_target_refuses_what_leads_inside(void **state)
{
	static const char *const bad[] = {"http://example.com/",
	    "https://127.0.0.1/", "https://127.1/", "https://0x7f000001/",
	    "https://2130706433/", "https://localhost/", "https://a.localhost",
	    "https://10.1.2.3/", "https://192.168.0.1/", "https://172.16.0.1/",
	    "https://169.254.169.254/latest/meta-data", "https://[::1]/",
	    "https://[fe80::1]/", "https://[::ffff:127.0.0.1]/",
	    "https://0.0.0.0/", "https://user@example.com/",
	    "https://example.com\\@127.0.0.1/", "https://exa mple.com/",
	    "ftp://example.com/", "file:///etc/passwd", "https://", "//x", "",
	    "https://db.internal/", "https://example.com:0/",
	    "https://example.com:99999/"};
	static const char *const good[] = {"https://example.com",
	    "https://example.com:8443/x?y=z#f", "HTTPS://EXAMPLE.COM/",
	    "https://93.184.216.34/", "https://[2606:2800:220:1::1]/"};
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		err_clear(&e);
		if (target_check(bad[i], TARGET_STRANGER, &e) == 0)
			fail_msg("%s was allowed", bad[i]);
	}
	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		err_clear(&e);
		if (target_check(good[i], TARGET_STRANGER, &e) == -1)
			fail_msg("%s: %s", good[i], e.text);
	}
	err_clear(&e);
	assert_int_equal(
	    target_check("http://127.0.0.1:9/", TARGET_OPERATOR, &e), 0);
	assert_int_equal(
	    target_check("http://127.0.0.1:9/", TARGET_HTTPS, &e), -1);
	err_clear(&e);
	assert_int_equal(
	    target_check("http://example.com/", TARGET_OPERATOR, &e), -1);
	assert_int_equal(target_check("http://10.0.0.1/", TARGET_ANY, &e), 0);
}

/* -- parameters, forms, rates -- */

static void
test_params_reads_quoted_and_plain(void **state)
{
	struct param p[] = {{"realm", NULL}, {"nc", NULL}, {NULL, NULL}};
	char *own;

	(void)state;
	assert_int_equal(
	    params_read("Realm=\"a \\\"b\\\", c\" , nc=00000001,x=y", p, &own),
	    0);
	assert_string_equal(params_get(p, "realm"), "a \"b\", c");
	assert_string_equal(params_get(p, "nc"), "00000001");
	free(own);
	assert_int_equal(params_read("nc=1, nc=2", p, &own), -1);
	free(own);
	assert_int_equal(params_read("realm=\"open", p, &own), -1);
	free(own);
	assert_int_equal(params_read("realm", p, &own), -1);
	free(own);
	assert_null(params_scheme("Digestx a=b", "Digest"));
	assert_string_equal(params_scheme("digest  a=b", "Digest"), "a=b");
}

static void
test_rate_gives_its_share_a_second(void **state)
{
	struct rate r;
	int n;

	(void)state;
	rate_init(&r, 10, 10);
	for (n = 0; rate_take(&r, 1000); n++)
		;
	assert_int_equal(n, 10);
	assert_false(rate_take(&r, 1099));
	assert_true(rate_take(&r, 1100));
	assert_false(rate_take(&r, 1100));
	/* saved up: a second's worth at most */
	for (n = 0; rate_take(&r, 1000000); n++)
		;
	assert_int_equal(n, 10);
	/* time that goes back gives nothing */
	assert_false(rate_take(&r, 5));
	rate_done(&r);
	rate_init(&r, 0, 0);
	for (n = 0; n < 1000; n++)
		assert_true(rate_take(&r, 0));
	rate_done(&r);
}

static void
test_urlenc_both_ways(void **state)
{
	struct buf b, back;

	(void)state;
	buf_init(&b, 1024);
	buf_init(&back, 1024);
	urlenc_add(&b, "a b/\xc3\xbc&=~", 9, URLENC_PLAIN);
	assert_string_equal(buf_str(&b), "a%20b%2F%C3%BC%26%3D~");
	urlenc_decode(&back, b.p, b.len);
	assert_string_equal(buf_str(&back), "a b/\xc3\xbc&=~");
	buf_clear(&back);
	urlenc_decode(&back, "%zz%4", 5);
	assert_string_equal(buf_str(&back), "%zz%4");
	buf_clear(&b);
	urlenc_form(&b, "a", "1 2");
	urlenc_form(&b, "b", "&");
	assert_string_equal(buf_str(&b), "a=1%202&b=%26");
	buf_done(&b);
	buf_done(&back);
}

static void
test_outhook_final_is_the_platforms_list(void **state)
{
	static const int final[] = {
	    202, 208, 226, 300, 308, 400, 402, 404, 411, 414, 416, 418, 505};
	static const int again[] = {
	    201, 209, 309, 401, 403, 412, 413, 417, 429, 500, 502, 503, 504};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof final / sizeof final[0]; i++)
		assert_true(outhook_final(final[i]));
	for (i = 0; i < sizeof again / sizeof again[0]; i++)
		assert_false(outhook_final(again[i]));
}

/* -- bodies -- */

static void
xml_becomes(const char *xml, const char *json)
{
	struct err e = ERR_INIT;
	struct json *v = vars_parse(VARS_XML, xml, strlen(xml), &e);
	struct buf b;

	buf_init(&b, 65536);
	if (v == NULL)
		fail_msg("%s: %s", xml, e.text);
	json_print(v, &b);
	assert_string_equal(buf_str(&b), json);
	json_free(v);
	buf_done(&b);
}

static void
test_vars_maps_xml(void **state)
{
	(void)state;
	xml_becomes("<a>x</a>", "{\"a\":\"x\"}");
	xml_becomes("<a/>", "{\"a\":\"\"}");
	xml_becomes("<a b='1'/>", "{\"a\":{\"@b\":\"1\"}}");
	xml_becomes("<a b='1'>x</a>", "{\"a\":{\"@b\":\"1\",\"#text\":\"x\"}}");
	xml_becomes("<a><b>1</b><b>2</b><c/></a>",
	    "{\"a\":{\"b\":[\"1\",\"2\"],\"c\":\"\"}}");
	xml_becomes(
	    "<a>x <b>1</b> y</a>", "{\"a\":{\"b\":\"1\",\"#text\":\"x  y\"}}");
	xml_becomes("<a><![CDATA[<x>&]]></a>", "{\"a\":\"<x>&\"}");
	xml_becomes("<a>x<![CDATA[<y>]]>z</a>", "{\"a\":\"x<y>z\"}");
	xml_becomes("<a>&lt;&amp;&#228;</a>", "{\"a\":\"<&\xc3\xa4\"}");
	xml_becomes("<?xml version='1.0'?><!-- c --><n:a xmlns:n='u'/>",
	    "{\"n:a\":\"\"}");
}

static void
test_vars_refuses_hostile_xml(void **state)
{
	static const char *const bad[] = {"",
	    "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
	    "<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>",
	    "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
	    "<a>&unknown;</a>", "<a></b>", "<a><a>", "<a b='1' b='2'/>",
	    "<a>\x01</a>", "<a/><b/>", "x"};
	struct err e = ERR_INIT;
	struct buf deep;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct json *v =
		    vars_parse(VARS_XML, bad[i], strlen(bad[i]), &e);

		if (v != NULL)
			fail_msg("%s was taken", bad[i]);
		err_clear(&e);
	}
	buf_init(&deep, 1 << 20);
	for (i = 0; i <= VARS_DEPTH; i++)
		buf_adds(&deep, "<a>");
	for (i = 0; i <= VARS_DEPTH; i++)
		buf_adds(&deep, "</a>");
	assert_null(vars_parse(VARS_XML, deep.p, deep.len, &e));
	buf_done(&deep);
}

static int
vars_note(void *arg, const char *name, const struct json *v)
{
	buf_addf(arg, "%s=", name);
	json_print(v, arg);
	return buf_addc(arg, ';');
}

static void
test_vars_names_as_the_console_does(void **state)
{
	struct json *v = json_parse_str("{\"a\":{\"b\":[{\"c\":1},{\"c\":2}]},"
					"\"d\":[true],\"e\":null}",
	    NULL);
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	vars_each(v, vars_note, &b);
	assert_string_equal(buf_str(&b), "a.b.c=1;a.b[1].c=2;d=true;e=null;");
	json_free(v);
	buf_done(&b);
}

static void
test_vars_kind_by_type_then_content(void **state)
{
	(void)state;
	assert_int_equal(vars_kind("application/xml; x", "{}", 2), VARS_XML);
	assert_int_equal(vars_kind("application/soap+xml", "", 0), VARS_XML);
	assert_int_equal(vars_kind("application/json", "<a/>", 4), VARS_JSON);
	assert_int_equal(vars_kind("text/plain", " \n<a/>", 6), VARS_XML);
	assert_int_equal(vars_kind(NULL, "[1]", 3), VARS_JSON);
}

/* -- notices -- */

static struct json *
payload(const char *name)
{
	struct err e = ERR_INIT;
	char path[300];
	struct json *j;

	snprintf(path, sizeof path, PAYLOADS "/%s", name);
	if ((j = json_load(path, 1 << 20, false, NULL, &e)) == NULL)
		fail_msg("%s", e.text);
	return j;
}

static void
test_notice_tidies_the_payloads(void **state)
{
	/* file: member, value, ... */
	static const char *const rows[][12] = {
	    {"connect-sms-incoming.json", "kind", "message", "channel", "sms",
		"from", "15550100123", "to", "56263", "userId", "8765"},
	    {"connect-sms-receipt-undelivered.json", "status", "undelivered",
		"code", "7203", "to", "15550100123", "kind", "receipt",
		"channel", "sms"},
	    {"connect-livechat-receipt-clicked-ids-inside.json", "transid",
		"c0c0c0c0-0015-4aaa-8bbb-000000000015", "channel", "livechat",
		"status", "clicked"},
	    {"connect-email-receipt-not-verified.json", "status",
		"not-verified"},
	    {"connect-email-receipt-bounce.json", "status", "bounced",
		"correlationid", "mail-77", "callbackData", "ctx-2"},
	    {"connect-voice-receipt-dropped.json", "status", "dropped",
		"channel", "voice"},
	    {"connect-apple-receipt-failed.json", "channel", "apple", "status",
		"failed"},
	    {"connect-whatsapp-incoming-text.json", "text", "hi", "from",
		"15550100123", "username", "Alice"},
	    {"connect-whatsapp-list.json", "text", "Row 1", "payload", "row-1",
		"kind", "message"},
	    {"connect-whatsapp-postback.json", "text", "Yes", "payload",
		"cGF5bG9hZC0x"},
	    {"connect-whatsapp-reply.json", "text", "First"},
	    {"connect-whatsapp-user-preference.json", "kind", "event"},
	    {"connect-email-incoming-old-shape.json", "from",
		"alice@example.com", "to", "support@example.com", "subject",
		"Question", "channel", "email"},
	    {"connect-email-incoming-new-shape.json", "from",
		"alice@example.com", "to", "support@example.com", "text",
		"Hello", "kind", "message"},
	    {"connect-email-subscribe.json", "kind", "event", "event",
		"Subscribe", "to", "promo@example.com"},
	    {"connect-apple-quickreply.json", "text", "Complaint", "kind",
		"message"},
	    {"connect-apple-typing.json", "kind", "event"},
	    {"connect-rcs-incoming-text.json", "messageId", "rcs-msg-example-1",
		"from", "+15550100123", "text", "hello"},
	    {"connect-rcs-location.json", "latitude", "52.5200", "kind",
		"message"},
	    {"connect-livechat-incoming.json", "from", "cust-90", "text",
		"where is my order", "threadTitle", "Orders"},
	    {"connect-livechat-profile-create.json", "kind", "event", "from",
		"cust-90"},
	};
	struct json *body, *n;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		body = payload(rows[i][0]);
		n = notice_new(body);
		assert_non_null(n);
		for (k = 1; k + 1 < 12 && rows[i][k] != NULL; k += 2)
			if (!str_eq(notice_get(n, rows[i][k]), rows[i][k + 1]))
				fail_msg("%s: %s is \"%s\", not \"%s\"",
				    rows[i][0], rows[i][k],
				    notice_get(n, rows[i][k]), rows[i][k + 1]);
		json_free(n);
		json_free(body);
	}
}

/* Every one has a kind, a channel we know, somebody and a type. */
static void
test_notice_of_every_payload_is_whole(void **state)
{
	static const char known[] = " sms mms rcs whatsapp email voice apple "
				    "livechat messenger push ";
	char type[NOTICE_TYPE], word[80];
	DIR *d = opendir(PAYLOADS);
	struct json *body, *n;
	struct dirent *f;
	int seen = 0;

	(void)state;
	assert_non_null(d);
	while ((f = readdir(d)) != NULL) {
		if (!str_prefix(f->d_name, "connect-") ||
		    strstr(f->d_name, "event-api") != NULL ||
		    strstr(f->d_name, "inbound-webhook") != NULL ||
		    strstr(f->d_name, "messaging") != NULL)
			continue;
		body = payload(f->d_name);
		n = notice_new(body);
		snprintf(word, sizeof word, " %s ", notice_get(n, "channel"));
		if (strstr(known, word) == NULL ||
		    strchr(notice_type(n, type), '.') == NULL ||
		    *notice_get(n, "transid") == '\0' ||
		    *notice_get(n, "to") == '\0' ||
		    *notice_get(n, "time") == '\0')
			fail_msg("%s: %s %s", f->d_name, word, type);
		seen++;
		json_free(n);
		json_free(body);
	}
	closedir(d);
	assert_true(seen > 60);
}

static void
test_notice_parses_json_within_texts(void **state)
{
	struct json *body = payload("connect-whatsapp-incoming-image.json");
	struct json *n = notice_new(body);

	(void)state;
	assert_string_equal(
	    json_get_str(json_first(json_get(n, "attachments")), "mime_type"),
	    "image/jpeg");
	json_free(n);
	json_free(body);
	body =
	    json_parse_str("{\"channel\":\"sms\",\"attachments\":\"[broken\","
			   "\"location\":\"\",\"message\":7,\"oa\":null}",
		NULL);
	n = notice_new(body);
	assert_null(json_get(n, "attachments"));
	assert_null(json_get(n, "location"));
	assert_string_equal(notice_get(n, "text"), "7");
	json_free(n);
	json_free(body);
}

static void
test_notice_key_passes_over_layout_only(void **state)
{
	struct json *a = json_parse_str("{\"a\": 1,\n \"b\":[ ]}", NULL);
	struct json *b = json_parse_str("{\"a\":1,\"b\":[]}", NULL);
	struct json *c = json_parse_str("{\"a\":2,\"b\":[]}", NULL);
	char ka[NOTICE_KEY], kb[NOTICE_KEY], kc[NOTICE_KEY];

	(void)state;
	assert_int_equal(notice_key(a, ka), 0);
	assert_int_equal(notice_key(b, kb), 0);
	assert_int_equal(notice_key(c, kc), 0);
	assert_string_equal(ka, kb);
	assert_string_not_equal(ka, kc);
	json_free(a);
	json_free(b);
	json_free(c);
}

static void
test_notice_fits_as_people_write(void **state)
{
	(void)state;
	assert_true(notice_fits("Failed", "failed"));
	assert_true(notice_fits("Un-Delivered", "undelivered"));
	assert_true(notice_fits("Not Verified", "not-verified"));
	assert_true(notice_fits("+1555*", "+15550100123"));
	assert_false(notice_fits("failed", "delivered"));
	assert_false(notice_fits("", "x"));
}

/* -- checks of callers -- */

static char *
give_secret(void *arg, const char *name, struct err *e)
{
	(void)arg;
	(void)e;
	return str_eq(name, "MISSING") ? NULL : strdup(name);
}

static void
count_problem(void *arg, const struct conf_problem *p)
{
	(void)p;
	++*(int *)arg;
}

struct caller {
	const char *authorization;
	const char *other;
};

static const char *
caller_header(void *arg, const char *name)
{
	const struct caller *c = arg;

	if (str_ieq(name, "Authorization"))
		return c->authorization;
	return str_ieq(name, "x-key") ? c->other : NULL;
}

static enum auth_end
check(struct auth *a, const char *authorization, const char *other)
{
	struct caller c = {authorization, other};
	struct ask q = {.method = "POST",
	    .path = "/webhooks/connect",
	    .query = "",
	    .client = "192.0.2.1",
	    .header = caller_header,
	    .arg = &c,
	    .body = "{}",
	    .len = 2,
	    .now = 1777900000000};
	struct auth_said said;

	return auth_check(a, &q, false, &said);
}

static struct auth *
make(const char *json, int *problems)
{
	struct conf c = {
	    .problem = count_problem, .secret = give_secret, .arg = problems};
	struct auth_opts o = {NULL, "https://bot.example.com/base"};
	struct json *v = json_parse_str(json, NULL);
	struct auth *a;

	assert_non_null(v);
	*problems = 0;
	a = auth_new(&c, v, "/connect/receive/auth", &o);
	json_free(v);
	assert_non_null(a);
	return a;
}

static void
test_auth_refuses_malformed_credentials(void **state)
{
	static const char *const rows[] = {
	    "{\"basic\":{\"user\":\"u\",\"password\":\"env:p\"}}",
	    "{\"digest\":{\"user\":\"u\",\"password\":\"env:p\"}}",
	    "{\"aws\":{\"accessKey\":\"A\",\"secretKey\":\"env:s\"}}",
	    "{\"apiKey\":{\"header\":\"x-key\",\"value\":\"env:v\"}}",
	    "{\"oauth2\":{\"introspect\":\"https://example.com/i\","
	    "\"clientId\":\"c\",\"clientSecret\":\"env:s\"}}"};
	static const char *const bad[] = {"", "Basic", "Basic ", "Basic dTpx",
	    "Basic dQ==", "Basic \xff", "Digest", "Digest username=\"u\"",
	    "Digest nonce=\"\", nc=00000001", "Digest ,,,",
	    "Digest =", "AWS4-HMAC-SHA256",
	    "AWS4-HMAC-SHA256 Credential=A/1/2/3/4",
	    "AWS4-HMAC-SHA256 Credential=A/////, SignedHeaders=;;, Signature=",
	    "Bearer"};
	struct auth *a;
	size_t i, k;
	int problems;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		a = make(rows[i], &problems);
		assert_int_equal(problems, 0);
		for (k = 0; k < sizeof bad / sizeof bad[0]; k++)
			if (check(a, bad[k], "") == AUTH_OK)
				fail_msg("%s let %s in", rows[i], bad[k]);
		assert_int_not_equal(check(a, NULL, NULL), AUTH_OK);
		auth_free(a);
	}
	a = make(rows[0], &problems);
	assert_int_equal(check(a, "Basic dTpw", NULL), AUTH_OK);
	auth_free(a);
	a = make(rows[3], &problems);
	assert_int_equal(check(a, NULL, "v"), AUTH_OK);
	auth_free(a);
}

static void
test_auth_with_a_problem_lets_nobody_in(void **state)
{
	static const char *const bad[] = {
	    "{\"basic\":{\"user\":\"u\",\"password\":\"p\"}}",
	    "{\"basic\":{\"user\":\"u\",\"password\":\"env:MISSING\"}}",
	    "{\"basic\":{\"user\":\"u\"},\"apiKey\":{}}", "{}", "[]",
	    "{\"oauth2\":{}}", "{\"bearer\":{}}", "\"some\""};
	struct auth *a;
	size_t i;
	int problems;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		a = make(bad[i], &problems);
		if (problems == 0)
			fail_msg("%s has no problem", bad[i]);
		assert_int_not_equal(check(a, "Basic dTpw", "v"), AUTH_OK);
		auth_free(a);
	}
}

static void
test_sign_takes_no_other_algorithm(void **state)
{
	struct json *v = json_parse_str("{\"secret\":\"env:k\"}", NULL);
	int problems = 0;
	struct conf c = {
	    .problem = count_problem, .secret = give_secret, .arg = &problems};
	struct sign *s = sign_new(&c, v, "");
	struct buf b;

	(void)state;
	buf_init(&b, 256);
	assert_int_equal(sign_make(s, "{}", 2, &b), 0);
	assert_int_equal(sign_check(s, buf_str(&b), "{}", 2), SIGN_OK);
	assert_int_equal(sign_check(s, buf_str(&b) + 7, "{}", 2), SIGN_OK);
	assert_int_equal(sign_check(s, buf_str(&b), "{} ", 3), SIGN_WRONG);
	assert_int_equal(sign_check(s, NULL, "{}", 2), SIGN_MISSING);
	assert_int_equal(sign_check(s, "sha256=", "{}", 2), SIGN_WRONG);
	assert_int_equal(sign_check(s, "sha1=00", "{}", 2), SIGN_WRONG);
	b.p[b.len - 1] = '\0'; /* one digit short */
	assert_int_equal(sign_check(s, b.p, "{}", 2), SIGN_WRONG);
	buf_done(&b);
	sign_free(s);
	json_free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_codes_of_answers_in_both_forms),
	    cmocka_unit_test(test_codes_have_their_statuses),
	    cmocka_unit_test(test_target_refuses_what_leads_inside),
	    cmocka_unit_test(test_params_reads_quoted_and_plain),
	    cmocka_unit_test(test_rate_gives_its_share_a_second),
	    cmocka_unit_test(test_urlenc_both_ways),
	    cmocka_unit_test(test_outhook_final_is_the_platforms_list),
	    cmocka_unit_test(test_vars_maps_xml),
	    cmocka_unit_test(test_vars_refuses_hostile_xml),
	    cmocka_unit_test(test_vars_names_as_the_console_does),
	    cmocka_unit_test(test_vars_kind_by_type_then_content),
	    cmocka_unit_test(test_notice_tidies_the_payloads),
	    cmocka_unit_test(test_notice_of_every_payload_is_whole),
	    cmocka_unit_test(test_notice_parses_json_within_texts),
	    cmocka_unit_test(test_notice_key_passes_over_layout_only),
	    cmocka_unit_test(test_notice_fits_as_people_write),
	    cmocka_unit_test(test_auth_refuses_malformed_credentials),
	    cmocka_unit_test(test_auth_with_a_problem_lets_nobody_in),
	    cmocka_unit_test(test_sign_takes_no_other_algorithm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
