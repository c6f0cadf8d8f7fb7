/* The control API: faults, people who talk, waiting, time, the page. */
#include "unit/sim_test.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static int
fresh(void **state)
{
	(void)state;
	reset();
	return 0;
}

/* -- faults -- */

static void
test_sim_ctl_fault_429_then_well(void **state)
{
	struct reply r;
	int i;

	(void)state;
	expect(200, "POST", "/sim/faults", "",
	    "{\"what\":\"people\",\"status\":429,\"retryAfter\":7,"
	    "\"times\":2}");
	for (i = 0; i < 2; i++) {
		r = call("GET", "/v1/people/me", BOT, NULL);
		assert_int_equal(r.status, 429);
		assert_string_equal(xfer_header(r.res, "Retry-After"), "7");
		assert_non_null(json_get(r.json, "trackingId"));
		done(&r);
	}
	expect(200, "GET", "/v1/people/me", BOT, NULL);
}

static void
test_sim_ctl_fault_forms(void **state)
{
	struct reply r;

	(void)state;
	expect(200, "POST", "/sim/faults", "",
	    "{\"status\":429,\"retryAfter\":\"soon\",\"html\":true}");
	r = call("GET", "/v1/people/me", BOT, NULL);
	assert_int_equal(r.status, 429);
	assert_string_equal(xfer_header(r.res, "Retry-After"), "soon");
	assert_string_equal(xfer_header(r.res, "Content-Type"), "text/html");
	assert_null(r.json);
	done(&r);
	expect(200, "POST", "/sim/faults", "",
	    "{\"status\":502,\"message\":\"odd\"}");
	r = call("GET", "/v1/people/me", BOT, NULL);
	assert_string_equal(text(&r, "message"), "odd");
	done(&r);
	/* people are spared unless named */
	expect(200, "POST", "/sim/faults", "", "{\"status\":503}");
	expect(200, "GET", "/v1/people/me", ANNA, NULL);
	r = call("GET", "/sim/faults", "", NULL);
	assert_int_equal(items(&r), 1);
	done(&r);
	expect(200, "DELETE", "/sim/faults", "", NULL);
	expect(200, "GET", "/v1/people/me", BOT, NULL);
	expect(400, "POST", "/sim/faults", "", "{\"status\":\"x\"}");
}

/* Cut before: not carried out.  Cut after: carried out all the same. */
static void
test_sim_ctl_fault_cuts(void **state)
{
	static const struct {
		const char *cut;
		int messages;
	} rows[] = {{"before", 0}, {"after", 1}};
	struct reply r;
	size_t i;

	(void)state;
	expect(200, "DELETE", "/sim/traffic", "", NULL);
	for (i = 0; i < COUNT(rows); i++) {
		r = callf("POST", "/sim/faults", "",
		    "{\"what\":\"messages\",\"method\":\"POST\",\"cut\":"
		    "\"%s\"}",
		    rows[i].cut);
		assert_int_equal(r.status, 200);
		done(&r);
		r = call("POST", "/v1/messages", BOT,
		    "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"a\"}");
		assert_int_equal(r.res->end, XFER_CUT);
		done(&r);
		r = call("GET", "/sim/messages", "", NULL);
		assert_int_equal(items(&r), rows[i].messages);
		done(&r);
	}
	r = call("GET", "/sim/traffic", "", NULL);
	assert_int_equal(json_num(json_get(item(&r, 0), "status")), 0);
	done(&r);
}

static void
test_sim_ctl_fault_delay_ends_by_the_clock(void **state)
{
	struct reply r;
	int64_t start = clk_mono_ms();

	(void)state;
	expect(200, "POST", "/sim/faults", "",
	    "{\"what\":\"people\",\"delayMs\":80}");
	r = call("GET", "/v1/people/me", BOT, NULL);
	assert_int_equal(r.status, 200);
	assert_true(clk_mono_ms() - start >= 80);
	done(&r);
	expect(200, "POST", "/sim/options", "", "{\"latencyMs\":60}");
	start = clk_mono_ms();
	expect(200, "GET", "/v1/people/me", BOT, NULL);
	assert_true(clk_mono_ms() - start >= 60);
}

/* -- talking -- */

static void
test_sim_ctl_say_variants(void **state)
{
	static const struct {
		const char *body, *text, *html;
	} rows[] = {
	    {"{\"text\":\"a *b*\"}", "a *b*", NULL},
	    {"{\"markdown\":\"a *b*\"}", "a b", "<p>a <em>b</em></p>"},
	    {"{\"room\":\"demo space\",\"text\":\"a *b*\",\"mention\":true,"
	     "\"mentionNoParagraph\":true,\"mentionFirstName\":true,"
	     "\"mentionIdFirst\":true,\"mentionRawId\":true}",
		"Demo a *b*",
		"<spark-mention data-object-id=\"0a51a000-0001-4c4c-8000-"
		"000000000b07\" data-object-type=\"person\">Demo"
		"</spark-mention> a *b*"},
	};
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		r = call("POST", "/sim/say", "", rows[i].body);
		assert_int_equal(r.status, 200);
		assert_string_equal(text(&r, "text"), rows[i].text);
		if (rows[i].html != NULL)
			assert_string_equal(text(&r, "html"), rows[i].html);
		else
			assert_null(json_get(r.json, "html"));
		done(&r);
	}
}

static void
test_sim_ctl_says_what_is_wrong(void **state)
{
	static const struct {
		int status;
		const char *path, *body, *why;
	} rows[] = {
	    {400, "/sim/say", "{\"txt\":\"a\"}", "perhaps text?"},
	    {400, "/sim/say", "{\"text\":", "the body: 1:9:"},
	    {400, "/sim/say", "[]", "object"},
	    {400, "/sim/say", "{}", "refuses"},
	    {404, "/sim/say", "{\"person\":\"zoe\",\"text\":\"a\"}", "zoe"},
	    {404, "/sim/say", "{\"room\":\"nowhere\",\"text\":\"a\"}",
		"nowhere"},
	    {400, "/sim/say", "{\"files\":[]}", "one file"},
	    {400, "/sim/say", "{\"files\":[{\"base64\":\"!\"}]}", "base64"},
	    {404, "/sim/submit", "{}", "no such card"},
	    {409, "/sim/add", "{\"room\":\"Demo space\"}", "already"},
	    {400, "/sim/remove", "{}", "which one"},
	    {404, "/sim/nothing", "{}", "no such thing"},
	    {405, "/sim/state", "{}", "method"},
	    {400, "/sim/burst", "{\"rooms\":0}", "rooms"},
	    {400, "/sim/clock", "{\"advanceMs\":-1}", "advanceMs"},
	    {400, "/sim/options", "{\"latencyMs\":true}", "latencyMs"},
	    {400, "/sim/options", "{\"cluster\":\"\"}", "cluster"},
	    {409, "/sim/person",
		"{\"email\":\"anna@example.com\",\"displayName\":\"A\"}",
		"already"},
	};
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		r = call("POST", rows[i].path, "", rows[i].body);
		if (r.status != rows[i].status ||
		    strstr(text(&r, "message"), rows[i].why) == NULL)
			fprintf(stderr, "%s %s: %d %s\n", rows[i].path,
			    rows[i].body, r.status, text(&r, "message"));
		assert_int_equal(r.status, rows[i].status);
		assert_non_null(strstr(text(&r, "message"), rows[i].why));
		done(&r);
	}
}

static void
test_sim_ctl_submit_presses_a_button(void **state)
{
	struct reply r;
	char path[512];

	(void)state;
	expect(200, "POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"attachments\":[{"
	    "\"contentType\":\"application/vnd.microsoft.card.adaptive\","
	    "\"content\":{\"type\":\"AdaptiveCard\",\"version\":\"1.3\","
	    "\"body\":[{\"type\":\"Input.Text\",\"id\":\"a\",\"value\":\"1\"}],"
	    "\"actions\":[{\"type\":\"Action.Submit\",\"title\":\"Go\","
	    "\"data\":{\"k\":\"v\"}}]}}]}");
	r = call("POST", "/sim/submit", "",
	    "{\"press\":\"Go\",\"inputs\":{\"b\":\"2\"}}");
	assert_int_equal(r.status, 200);
	snprintf(
	    path, sizeof path, "/v1/attachment/actions/%s", text(&r, "id"));
	done(&r);
	r = call("GET", path, BOT, NULL);
	assert_string_equal(text(&r, "inputs.k"), "v");
	assert_string_equal(text(&r, "inputs.a"), "1");
	assert_string_equal(text(&r, "inputs.b"), "2");
	done(&r);
	expect(404, "POST", "/sim/submit", "", "{\"press\":\"Stop\"}");
	expect(404, "POST", "/sim/submit", "", "{\"person\":\"ben\"}");
}

static void
test_sim_ctl_rooms_in_another_region(void **state)
{
	struct reply r;

	(void)state;
	expect(200, "POST", "/sim/options", "",
	    "{\"cluster\":\"urn:TEAM:eu-central-1_k\"}");
	r = call("POST", "/sim/add", "", "{\"title\":\"Europe\"}");
	assert_int_equal(r.status, 200);
	assert_memory_equal(text(&r, "id"),
	    "Y2lzY29zcGFyazovL3VybjpURUFNOmV1LWNlbnRyYWwtMV9rL1JPT00v", 56);
	done(&r);
	r = call("POST", "/sim/say", "",
	    "{\"room\":\"Europe\",\"text\":\"a\",\"mention\":true}");
	assert_memory_equal(text(&r, "id"),
	    "Y2lzY29zcGFyazovL3VybjpURUFNOmV1LWNlbnRyYWwtMV9rL01FU1NBR0Uv", 60);
	done(&r);
}

/* -- waiting -- */

static void *
post_later(void *arg)
{
	struct reply r;

	(void)arg;
	r = call("POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"late\"}");
	done(&r);
	return NULL;
}

static void
test_sim_ctl_messages_waits_for_the_bot(void **state)
{
	char path[256];
	pthread_t thread;
	struct reply r;
	int since;

	(void)state;
	r = call("POST", "/sim/say", "", "{\"text\":\"a\"}");
	since = (int)json_num(json_get(r.json, "seq"));
	done(&r);
	snprintf(path, sizeof path,
	    "/sim/messages?room=anna@example.com&since=%d&wait=10000", since);
	pthread_create(&thread, NULL, post_later, NULL);
	r = call("GET", path, "", NULL);
	pthread_join(thread, NULL);
	assert_int_equal(items(&r), 1);
	assert_string_equal(json_get_str(item(&r, 0), "text"), "late");
	assert_true(json_true(json_get(item(&r, 0), "bot")));
	done(&r);
	/* by, and what nobody says in time */
	r = call("GET", "/sim/messages?by=any", "", NULL);
	assert_int_equal(items(&r), 2);
	done(&r);
	r = call("GET", "/sim/messages?by=people&items=0", "", NULL);
	assert_int_equal(json_num(json_get(r.json, "count")), 1);
	assert_null(json_get(r.json, "items"));
	done(&r);
	r = call("GET", "/sim/messages?room=ben@example.com&wait=20", "", NULL);
	assert_int_equal(items(&r), 0);
	done(&r);
	expect(400, "GET", "/sim/messages?by=nobody", "", NULL);
	expect(404, "GET", "/sim/messages?room=nowhere", "", NULL);
	expect(400, "GET", "/sim/messages?since=x", "", NULL);
}

/* Edits and deletions are changes, too; a deleted one is a stub. */
static void
test_sim_ctl_messages_tells_of_changes(void **state)
{
	char path[512], since[128];
	struct reply r;
	const struct json *x;

	(void)state;
	r = call("POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"gone\"}");
	snprintf(path, sizeof path, "/v1/messages/%s", text(&r, "id"));
	done(&r);
	r = call("GET", "/sim/messages", "", NULL);
	snprintf(since, sizeof since, "/sim/messages?since=%d",
	    (int)json_num(json_get(r.json, "seq")));
	done(&r);
	expect(204, "DELETE", path, BOT, NULL);
	r = call("GET", since, "", NULL);
	assert_int_equal(items(&r), 1);
	x = item(&r, 0);
	assert_true(json_true(json_get(x, "deleted")));
	assert_null(json_get(x, "text"));
	done(&r);
}

static void
test_sim_ctl_burst(void **state)
{
	struct reply r;

	(void)state;
	r = call("POST", "/sim/burst", "",
	    "{\"rooms\":50,\"messages\":4,\"text\":\"x\"}");
	assert_int_equal(r.status, 200);
	assert_int_equal(json_num(json_get(r.json, "messages")), 200);
	done(&r);
	r = call("GET", "/sim/state", "", NULL);
	assert_int_equal(json_num(json_path(r.json, "counts.messages")), 200);
	assert_int_equal(json_num(json_path(r.json, "counts.rooms")), 53);
	done(&r);
	/* the same people and rooms the next time */
	expect(200, "POST", "/sim/burst", "", "{\"rooms\":50}");
	r = call("GET", "/sim/state", "", NULL);
	assert_int_equal(json_num(json_path(r.json, "counts.rooms")), 53);
	done(&r);
}

static void
test_sim_ctl_reset_keeps_what_it_is_told(void **state)
{
	struct reply r;

	(void)state;
	expect(200, "POST", "/v1/webhooks", BOT,
	    "{\"name\":\"a\",\"targetUrl\":\"http://127.0.0.1:1/\","
	    "\"resource\":\"rooms\",\"event\":\"updated\"}");
	expect(200, "POST", "/sim/say", "", "{\"text\":\"a\"}");
	expect(200, "POST", "/sim/options", "", "{\"latencyMs\":5}");
	expect(200, "POST", "/sim/reset", "", "{\"keepWebhooks\":true}");
	r = call("GET", "/v1/webhooks", BOT, NULL);
	assert_int_equal(items(&r), 1);
	done(&r);
	r = call("GET", "/sim/options", "", NULL);
	assert_int_equal(json_num(json_get(r.json, "latencyMs")), 0);
	done(&r);
	r = call("GET", "/sim/messages?by=any", "", NULL);
	assert_int_equal(items(&r), 0);
	done(&r);
	reset();
	r = call("GET", "/v1/webhooks", BOT, NULL);
	assert_int_equal(items(&r), 0);
	done(&r);
}

/* -- the page, its stream, and other sites -- */

/* A raw request; the answer as far as `until`, into `out`. */
static void
raw(const char *request, const char *until, char *out, size_t size)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	size_t n = 0;
	ssize_t k;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_port = htons((uint16_t)atoi(strrchr(sim_url(sim), ':') + 1));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	assert_true(write(fd, request, strlen(request)) > 0);
	out[0] = '\0';
	while (strstr(out, until) == NULL && n + 1 < size &&
	       (k = read(fd, out + n, size - n - 1)) > 0) {
		n += (size_t)k;
		out[n] = '\0';
	}
	close(fd);
}

static void
test_sim_ctl_events_stream(void **state)
{
	static char out[65536];
	char request[256];
	struct reply r;

	(void)state;
	r = call("GET", "/sim/traffic?since=1000000000", "", NULL);
	snprintf(request, sizeof request,
	    "GET /sim/events?since=%d HTTP/1.1\r\nHost: x\r\n\r\n",
	    (int)json_num(json_get(r.json, "seq")));
	done(&r);
	expect(200, "POST", "/sim/say", "", "{\"text\":\"streamed\"}");
	raw(request, "\"streamed\"", out, sizeof out);
	assert_non_null(strstr(out, "text/event-stream"));
	assert_non_null(strstr(out, "event: hello\n"));
	assert_non_null(strstr(out, "event: message\n"));
	assert_non_null(strstr(out, "\"streamed\""));
}

static void
test_sim_ctl_refuses_other_sites(void **state)
{
	static char out[4096];

	(void)state;
	raw("POST /sim/reset HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"
	    "Origin: http://evil.example\r\nContent-Length: 2\r\n\r\n{}",
	    "other sites", out, sizeof out);
	assert_non_null(strstr(out, " 403 "));
	raw("GET /sim/events HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"
	    "Origin: http://evil.example\r\n\r\n",
	    "other sites", out, sizeof out);
	assert_non_null(strstr(out, " 403 "));
	raw("GET /sim/state HTTP/1.1\r\nHost: a:1\r\nOrigin: http://a:1\r\n"
	    "\r\n",
	    "people", out, sizeof out);
	assert_non_null(strstr(out, " 200 "));
}

static void
test_sim_ctl_page(void **state)
{
	static const struct {
		const char *path, *type, *holds;
	} rows[] = {
	    {"/", "text/html; charset=utf-8", "/page/app.js"},
	    {"/page/app.js", "text/javascript; charset=utf-8", "EventSource"},
	    {"/page/style.css", "text/css; charset=utf-8", "--accent"},
	    {"/page/adaptivecards.js", "text/javascript; charset=utf-8",
		"AdaptiveCards"},
	    {"/page/markdown-it.js", "text/javascript; charset=utf-8",
		"markdown"},
	    {"/LICENSES", "text/plain; charset=utf-8",
		"Permission is hereby granted"},
	};
	static char out[4096], request[256];
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		r = call("GET", rows[i].path, "", NULL);
		assert_int_equal(r.status, 200);
		assert_string_equal(
		    xfer_header(r.res, "Content-Type"), rows[i].type);
		assert_non_null(strstr(r.res->body, rows[i].holds));
		assert_memory_equal(
		    xfer_header(r.res, "Content-Security-Policy"),
		    "default-src 'self';", 19);
		snprintf(request, sizeof request,
		    "GET %s HTTP/1.1\r\nHost: x\r\nIf-None-Match: %s\r\n\r\n",
		    rows[i].path, xfer_header(r.res, "ETag"));
		done(&r);
		raw(request, "\r\n\r\n", out, sizeof out);
		assert_non_null(strstr(out, " 304 "));
	}
	expect(404, "GET", "/page/nothing", "", NULL);
}

static void
test_sim_ctl_traffic_is_bounded(void **state)
{
	static char body[600 * 1024];
	struct reply r;
	int n;

	(void)state;
	expect(200, "DELETE", "/sim/traffic", "", NULL);
	n = snprintf(body, sizeof body,
	    "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"");
	memset(body + n, 'x', 500000);
	strcpy(body + n + 500000, "\"}");
	expect(400, "POST", "/v1/messages", BOT, body);
	r = call("GET", "/sim/traffic", "", NULL);
	assert_int_equal(items(&r), 1);
	assert_int_equal(
	    json_num(json_get(item(&r, 0), "requestBytes")), n + 500002);
	assert_int_equal(
	    strlen(json_get_str(item(&r, 0), "request")), 16 * 1024);
	assert_string_equal(json_get_str(item(&r, 0), "who"), "Demo Bot");
	done(&r);
}

#define CTL_TEST(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CTL_TEST(test_sim_ctl_fault_429_then_well),
	    CTL_TEST(test_sim_ctl_fault_forms),
	    CTL_TEST(test_sim_ctl_fault_cuts),
	    CTL_TEST(test_sim_ctl_fault_delay_ends_by_the_clock),
	    CTL_TEST(test_sim_ctl_say_variants),
	    CTL_TEST(test_sim_ctl_says_what_is_wrong),
	    CTL_TEST(test_sim_ctl_submit_presses_a_button),
	    CTL_TEST(test_sim_ctl_rooms_in_another_region),
	    CTL_TEST(test_sim_ctl_messages_waits_for_the_bot),
	    CTL_TEST(test_sim_ctl_messages_tells_of_changes),
	    CTL_TEST(test_sim_ctl_burst),
	    CTL_TEST(test_sim_ctl_reset_keeps_what_it_is_told),
	    CTL_TEST(test_sim_ctl_events_stream),
	    CTL_TEST(test_sim_ctl_refuses_other_sites),
	    CTL_TEST(test_sim_ctl_page),
	    CTL_TEST(test_sim_ctl_traffic_is_bounded),
	};

	return cmocka_run_group_tests(tests, sim_up, sim_down);
}
