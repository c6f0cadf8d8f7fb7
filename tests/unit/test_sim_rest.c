/* The REST API of the simulator, from outside, against saved answers. */
#include "unit/sim_test.h"

/* -- who asks -- */

static void
test_sim_rest_needs_a_token(void **state)
{
	struct reply r = call("GET", "/v1/people/me", "nobody", NULL);
	const char *track;

	(void)state;
	assert_int_equal(r.status, 401);
	same_shape(r.json, "rest-error-401");
	assert_string_equal(text(&r, "message"),
	    "The request requires a valid access token set in the "
	    "Authorization request header.");
	track = xfer_header(r.res, "trackingId");
	assert_string_equal(text(&r, "trackingId"), track);
	assert_memory_equal(track, "ROUTER_", 7);
	done(&r);
}

static void
test_sim_rest_unknown_paths_and_methods(void **state)
{
	static const struct {
		int status;
		const char *method, *path;
	} rows[] = {
	    {404, "GET", "/v1/nothing"},
	    {404, "GET", "/v1/attachment"},
	    {404, "GET", "/v1/messages/a/b"},
	    {405, "DELETE", "/v1/people/me"},
	    {405, "PUT", "/v1/messages"},
	    {405, "POST", "/v1/webhooks/abc"},
	};
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		r = call(rows[i].method, rows[i].path, BOT, NULL);
		assert_int_equal(r.status, rows[i].status);
		assert_non_null(json_get(r.json, "trackingId"));
		done(&r);
	}
}

static void
test_sim_rest_people(void **state)
{
	struct reply r = call("GET", "/v1/people/me", BOT, NULL);
	char path[512];

	(void)state;
	assert_int_equal(r.status, 200);
	same_shape(r.json, "rest-people-me-bot");
	assert_string_equal(text(&r, "id"), sim_bot_id(sim));
	assert_string_equal(text(&r, "type"), "bot");
	assert_string_equal(text(&r, "displayName"), "Demo Bot");
	done(&r);
	snprintf(path, sizeof path, "/v1/people/%s", sim_bot_id(sim));
	expect(200, "GET", path, ANNA, NULL);
	expect(404, "GET", "/v1/people/abc", ANNA, NULL);
	expect(400, "GET", "/v1/people", ANNA, NULL);
	r = call("GET", "/v1/people?email=BEN%40example.com", BOT, NULL);
	assert_int_equal(items(&r), 1);
	assert_string_equal(
	    json_get_str(item(&r, 0), "displayName"), "Ben Bauer");
	done(&r);
	r = call("GET", "/v1/people?email=no@example.com", BOT, NULL);
	assert_int_equal(items(&r), 0);
	done(&r);
	r = call("GET", "/v1/people?displayName=an", BOT, NULL);
	assert_int_equal(items(&r), 1);
	done(&r);
}

/* -- messages -- */

static void
test_sim_rest_message_by_a_person(void **state)
{
	char path[512];
	struct reply r;

	(void)state;
	r = callf("POST", "/v1/messages", ANNA,
	    "{\"toPersonEmail\":\"demo-bot@webex.bot\",\"text\":\"hello\"}");
	assert_int_equal(r.status, 200);
	same_shape(r.json, "rest-message-direct");
	snprintf(path, sizeof path, "/v1/messages/%s", text(&r, "id"));
	done(&r);
	r = call("GET", path, BOT, NULL);
	same_shape(r.json, "rest-message-direct");
	assert_string_equal(text(&r, "text"), "hello");
	done(&r);
	/* not for those who are not in the room */
	r = call("GET", path, BEN, NULL);
	assert_int_equal(r.status, 404);
	same_shape(r.json, "rest-error-404-message");
	assert_string_equal(text(&r, "message"), "Unable to get message.");
	done(&r);
}

static void
test_sim_rest_group_mention(void **state)
{
	const char *room = room_of("Demo space");
	char path[512];
	struct reply r;

	(void)state;
	r = callf("POST", "/v1/messages", ANNA,
	    "{\"roomId\":\"%s\",\"markdown\":\"<@personId:%s> status of "
	    "**build** 42\"}",
	    room, sim_bot_id(sim));
	assert_int_equal(r.status, 200);
	same_shape(r.json, "rest-message-group-mention");
	assert_string_equal(text(&r, "text"), "Demo Bot status of build 42");
	assert_string_equal(
	    json_str(json_first(json_get(r.json, "mentionedPeople"))),
	    sim_bot_id(sim));
	snprintf(path, sizeof path, "/v1/messages/%s", text(&r, "id"));
	done(&r);
	expect(200, "GET", path, BOT, NULL);
	/* what does not mention the bot is not for the bot (B1) */
	r = callf("POST", "/v1/messages", ANNA,
	    "{\"roomId\":\"%s\",\"text\":\"among us\"}", room);
	snprintf(path, sizeof path, "/v1/messages/%s", text(&r, "id"));
	done(&r);
	expect(404, "GET", path, BOT, NULL);
	expect(200, "GET", path, BEN, NULL);
}

static void
test_sim_rest_bot_gets_its_markdown_back(void **state)
{
	struct reply r;

	(void)state;
	r = call("POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"markdown\":\"**b**\","
	    "\"text\":\"plain\"}");
	assert_string_equal(text(&r, "markdown"), "**b**");
	assert_string_equal(text(&r, "html"), "<p><strong>b</strong></p>");
	assert_string_equal(text(&r, "text"), "plain");
	done(&r);
}

static void
test_sim_rest_message_refusals(void **state)
{
	static const struct {
		int status;
		const char *body;
	} rows[] = {
	    {400, "{}"},
	    {400, "[]"},
	    {400, "{\"text\":\"no target\"}"},
	    {400, "{\"roomId\":\"x\",\"toPersonEmail\":\"anna@example.com\","
		  "\"text\":\"two targets\"}"},
	    {404, "{\"roomId\":\"x\",\"text\":\"a\"}"},
	    {404, "{\"toPersonEmail\":\"no@example.com\",\"text\":\"a\"}"},
	    {404, "{\"toPersonId\":\"no\",\"text\":\"a\"}"},
	    {400, "{\"toPersonEmail\":\"demo-bot@webex.bot\",\"text\":\"me\"}"},
	    {400, "{\"toPersonEmail\":\"anna@example.com\"}"},
	    {400, "{\"toPersonEmail\":\"anna@example.com\",\"text\":7}"},
	    {400, "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"\"}"},
	    {404, "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"a\","
		  "\"parentId\":\"x\"}"},
	    {400, "{\"toPersonEmail\":\"anna@example.com\",\"files\":\"x\"}"},
	    {400, "{\"toPersonEmail\":\"anna@example.com\",\"files\":"
		  "[\"http://127.0.0.1:1/a\",\"http://127.0.0.1:1/b\"]}"},
	    {400, "{\"toPersonEmail\":\"anna@example.com\",\"files\":"
		  "[\"http://127.0.0.1:1/a\"]}"},
	    {400, "{\"toPersonEmail\":\"anna@example.com\",\"files\":"
		  "[\"file:///etc/passwd\"]}"},
	};
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		expect(
		    rows[i].status, "POST", "/v1/messages", BOT, rows[i].body);
	r = call("POST", "/v1/messages", BOT, "{\"toPersonEmail\":");
	assert_int_equal(r.status, 400);
	same_shape(r.json, "rest-error-400-generic");
	done(&r);
	r = call_as("POST", "/v1/messages", BOT, "text/plain", "x", 1);
	assert_int_equal(r.status, 415);
	done(&r);
}

/* The limit counts bytes, whatever the text says (U11). */
static void
test_sim_rest_length_limit_is_in_bytes(void **state)
{
	char body[9000], *p;
	int i, n;

	(void)state;
	n = snprintf(body, sizeof body,
	    "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"");
	p = body + n;
	memset(p, 'x', 7439);
	strcpy(p + 7439, "\"}");
	expect(200, "POST", "/v1/messages", BOT, body);
	for (i = 0; i < 7440; i += 2)
		memcpy(p + i, "\xc3\xa4", 2);
	strcpy(p + 7440, "\"}");
	{
		struct reply r = call("POST", "/v1/messages", BOT, body);

		assert_int_equal(r.status, 400);
		same_shape(r.json, "rest-error-400-length");
		assert_non_null(strstr(text(&r, "message"),
		    "limited to 7439 characters before encryption"));
		done(&r);
	}
}

static void
test_sim_rest_cards(void **state)
{
	struct reply r;
	char path[512];

	(void)state;
	r = call("POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"alt\","
	    "\"attachments\":[{\"contentType\":"
	    "\"application/vnd.microsoft.card.adaptive\",\"content\":{\"type\":"
	    "\"AdaptiveCard\",\"version\":\"1.3\",\"body\":[],\"n\":1.5}}]}");
	assert_int_equal(r.status, 200);
	snprintf(path, sizeof path, "/v1/messages/%s", text(&r, "id"));
	done(&r);
	r = call("GET", path, ANNA, NULL);
	assert_true(
	    json_num(json_path(json_first(json_get(r.json, "attachments")),
		"content.n")) == 1.5);
	done(&r);
	r = call("POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"attachments\":[{"
	    "\"contentType\":\"application/vnd.microsoft.card.adaptive\","
	    "\"content\":{\"type\":\"AdaptiveCard\"}}]}");
	assert_int_equal(r.status, 400);
	same_shape(r.json, "rest-error-400-card-version");
	assert_string_equal(
	    text(&r, "message"), "Missing Adaptive Card Version");
	done(&r);
}

static void
test_sim_rest_threads_are_flat(void **state)
{
	const char *room = room_of("Demo space"), *root, *reply;
	char path[1024];
	struct reply r;

	(void)state;
	r = callf("POST", "/v1/messages", ANNA,
	    "{\"roomId\":\"%s\",\"text\":\"root\"}", room);
	root = text(&r, "id");
	done(&r);
	r = callf("POST", "/v1/messages", ANNA,
	    "{\"roomId\":\"%s\",\"parentId\":\"%s\",\"markdown\":"
	    "\"<@personEmail:demo-bot@webex.bot> and build 43?\"}",
	    room, root);
	assert_int_equal(r.status, 200);
	same_shape(r.json, "rest-message-reply-in-thread");
	assert_string_equal(text(&r, "parentId"), root);
	reply = text(&r, "id");
	done(&r);
	r = callf("POST", "/v1/messages", ANNA,
	    "{\"roomId\":\"%s\",\"parentId\":\"%s\",\"text\":\"no\"}", room,
	    reply);
	assert_int_equal(r.status, 400);
	done(&r);
	/* a root of another room is none */
	r = callf("POST", "/v1/messages", ANNA,
	    "{\"toPersonEmail\":\"demo-bot@webex.bot\",\"parentId\":\"%s\","
	    "\"text\":\"no\"}",
	    root);
	assert_int_equal(r.status, 404);
	done(&r);
	snprintf(path, sizeof path, "/v1/messages?roomId=%s&parentId=%s", room,
	    root);
	r = call("GET", path, BEN, NULL);
	assert_int_equal(items(&r), 1);
	done(&r);
}

static void
test_sim_rest_edit_and_delete(void **state)
{
	const char *room = room_of("Anna"), *id;
	char path[512];
	struct reply r;
	int i;

	(void)state;
	r = callf("POST", "/v1/messages", BOT,
	    "{\"roomId\":\"%s\",\"text\":\"one\"}", room);
	id = text(&r, "id");
	done(&r);
	snprintf(path, sizeof path, "/v1/messages/%s", id);
	expect(400, "PUT", path, BOT, "{\"text\":\"no room\"}");
	expect(400, "PUT", path, BOT, "{\"roomId\":\"x\",\"text\":\"a\"}");
	r = callf("PUT", path, BOT,
	    "{\"roomId\":\"%s\",\"text\":\"a\","
	    "\"html\":\"<b>a</b>\"}",
	    room);
	assert_int_equal(r.status, 400);
	done(&r);
	r = callf(
	    "PUT", path, ANNA, "{\"roomId\":\"%s\",\"text\":\"a\"}", room);
	assert_int_equal(r.status, 403);
	done(&r);
	for (i = 0; i < 10; i++) {
		r = callf("PUT", path, BOT,
		    "{\"roomId\":\"%s\",\"markdown\":\"_%d_\"}", room, i);
		assert_int_equal(r.status, 200);
		assert_non_null(json_get_str(r.json, "updated"));
		done(&r);
	}
	r = callf(
	    "PUT", path, BOT, "{\"roomId\":\"%s\",\"text\":\"11th\"}", room);
	assert_int_equal(r.status, 400);
	done(&r);
	r = call("GET", path, ANNA, NULL);
	assert_string_equal(text(&r, "text"), "9");
	done(&r);
	expect(403, "DELETE", path, ANNA, NULL);
	expect(204, "DELETE", path, BOT, NULL);
	expect(404, "DELETE", path, BOT, NULL);
	expect(404, "GET", path, BOT, NULL);
}

/* Documented as refused; people report that it works (U14): a switch. */
static void
test_sim_rest_edit_of_cards_is_a_switch(void **state)
{
	const char *room = room_of("Anna");
	char path[512];
	struct reply r;

	(void)state;
	r = callf("POST", "/v1/messages", BOT,
	    "{\"roomId\":\"%s\",\"attachments\":[{\"contentType\":"
	    "\"application/vnd.microsoft.card.adaptive\",\"content\":{\"type\":"
	    "\"AdaptiveCard\",\"version\":\"1.3\"}}]}",
	    room);
	snprintf(path, sizeof path, "/v1/messages/%s", text(&r, "id"));
	done(&r);
	r = callf("PUT", path, BOT, "{\"roomId\":\"%s\",\"text\":\"a\"}", room);
	assert_int_equal(r.status, 400);
	done(&r);
	expect(200, "POST", "/sim/options", "", "{\"editCards\":true}");
	r = callf("PUT", path, BOT, "{\"roomId\":\"%s\",\"text\":\"a\"}", room);
	assert_int_equal(r.status, 200);
	assert_non_null(json_get(r.json, "attachments"));
	done(&r);
	reset();
}

/* -- lists -- */

static void
test_sim_rest_list_pages(void **state)
{
	char path[4096];
	const char *link, *end, *room = room_of("Anna");
	struct reply r;
	int i, n = 0, pages = 0;

	(void)state;
	for (i = 0; i < 7; i++)
		expect(200, "POST", "/sim/say", "", "{\"text\":\"m\"}");
	snprintf(path, sizeof path, "/v1/messages?max=3&roomId=%s", room);
	for (;;) {
		r = call("GET", path, BOT, NULL);
		assert_int_equal(r.status, 200);
		n += (int)items(&r);
		pages++;
		link = xfer_header(r.res, "Link");
		if (link == NULL)
			break;
		end = strstr(link, ">; rel=\"next\"");
		assert_non_null(end);
		link = strstr(link, "/v1/");
		assert_non_null(link);
		snprintf(path, sizeof path, "%.*s", (int)(end - link), link);
		assert_non_null(strstr(path, "roomId="));
		assert_non_null(strstr(path, "max=3"));
		done(&r);
	}
	done(&r);
	assert_int_equal(n, 7);
	assert_int_equal(pages, 3);
	reset();
}

static void
test_sim_rest_bot_lists_mentions_only(void **state)
{
	const char *room = room_of("Demo space");
	char path[1024];
	struct reply r;

	(void)state;
	expect(200, "POST", "/sim/say", "",
	    "{\"room\":\"Demo space\",\"text\":\"one\"}");
	expect(200, "POST", "/sim/say", "",
	    "{\"room\":\"Demo space\",\"text\":\"two\",\"mention\":true}");
	snprintf(path, sizeof path, "/v1/messages?roomId=%s", room);
	r = call("GET", path, BOT, NULL);
	assert_int_equal(r.status, 403);
	done(&r);
	r = call("GET", path, BEN, NULL);
	assert_int_equal(items(&r), 2);
	done(&r);
	strcat(path, "&mentionedPeople=me");
	r = call("GET", path, BOT, NULL);
	assert_int_equal(items(&r), 1);
	done(&r);
	r = call("GET", "/v1/messages/direct?personEmail=anna@example.com", BOT,
	    NULL);
	assert_int_equal(r.status, 200);
	done(&r);
	expect(400, "GET", "/v1/messages", BOT, NULL);
	expect(404, "GET", "/v1/messages?roomId=x", BOT, NULL);
	reset();
}

/* -- rooms and memberships -- */

static void
test_sim_rest_rooms(void **state)
{
	char path[512];
	struct reply r;

	(void)state;
	r = call("GET", "/v1/rooms", BOT, NULL);
	assert_int_equal(items(&r), 3);
	same_shape(item(&r, 2), "rest-room");
	assert_string_equal(json_get_str(item(&r, 0), "title"), "Anna Adams");
	done(&r);
	r = call("GET", "/v1/rooms?type=group", ANNA, NULL);
	assert_int_equal(items(&r), 1);
	done(&r);
	expect(400, "GET", "/v1/rooms?type=odd", ANNA, NULL);
	expect(400, "POST", "/v1/rooms", ANNA, "{}");
	r = call("POST", "/v1/rooms", ANNA, "{\"title\":\"Ours\"}");
	assert_int_equal(r.status, 200);
	snprintf(path, sizeof path, "/v1/rooms/%s", text(&r, "id"));
	done(&r);
	expect(404, "GET", path, BOT, NULL);
	expect(400, "PUT", path, ANNA, "{\"isLocked\":true}");
	r = call("PUT", path, ANNA, "{\"title\":\"Mine\",\"isLocked\":true}");
	assert_string_equal(text(&r, "title"), "Mine");
	assert_true(json_true(json_get(r.json, "isLocked")));
	done(&r);
	expect(204, "DELETE", path, ANNA, NULL);
	expect(404, "GET", path, ANNA, NULL);
	snprintf(path, sizeof path, "/v1/rooms/%s", room_of("Anna"));
	expect(400, "DELETE", path, ANNA, NULL);
}

static void
test_sim_rest_memberships(void **state)
{
	const char *room = room_of("Demo space"), *id;
	char path[1024];
	struct reply r;

	(void)state;
	snprintf(path, sizeof path, "/v1/memberships?roomId=%s", room);
	r = call("GET", path, BOT, NULL);
	assert_int_equal(items(&r), 3);
	same_shape(item(&r, 0), "rest-membership");
	done(&r);
	r = call("GET", "/v1/memberships", BOT, NULL);
	assert_int_equal(items(&r), 3);
	done(&r);
	expect(400, "GET", "/v1/memberships?personId=x", BOT, NULL);
	strcat(path, "&personEmail=ben@example.com");
	r = call("GET", path, BOT, NULL);
	assert_int_equal(items(&r), 1);
	id = json_get_str(item(&r, 0), "id");
	snprintf(path, sizeof path, "/v1/memberships/%s", id);
	done(&r);
	expect(200, "GET", path, BOT, NULL);
	expect(400, "PUT", path, ANNA, "{}");
	expect(400, "PUT", path, ANNA, "{\"isModerator\":\"true\"}");
	r = call("PUT", path, ANNA, "{\"isModerator\":true}");
	assert_true(json_true(json_get(r.json, "isModerator")));
	done(&r);
	expect(204, "DELETE", path, ANNA, NULL);
	expect(404, "GET", path, ANNA, NULL);
	r = callf("POST", "/v1/memberships", ANNA,
	    "{\"roomId\":\"%s\",\"personEmail\":\"ben@example.com\"}", room);
	assert_int_equal(r.status, 200);
	done(&r);
	r = callf("POST", "/v1/memberships", ANNA,
	    "{\"roomId\":\"%s\",\"personEmail\":\"ben@example.com\"}", room);
	assert_int_equal(r.status, 409);
	done(&r);
	expect(400, "POST", "/v1/memberships", ANNA, "{\"roomId\":\"x\"}");
}

/* -- submits -- */

static void
test_sim_rest_attachment_actions(void **state)
{
	const char *message;
	char path[512];
	struct reply r;

	(void)state;
	r = call("POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"attachments\":[{"
	    "\"contentType\":\"application/vnd.microsoft.card.adaptive\","
	    "\"content\":{\"type\":\"AdaptiveCard\",\"version\":\"1.3\"}}]}");
	message = text(&r, "id");
	done(&r);
	r = callf("POST", "/v1/attachment/actions", ANNA,
	    "{\"type\":\"submit\",\"messageId\":\"%s\",\"inputs\":{}}",
	    message);
	assert_int_equal(r.status, 202);
	same_shape(r.json, "rest-attachment-action");
	snprintf(
	    path, sizeof path, "/v1/attachment/actions/%s", text(&r, "id"));
	done(&r);
	expect(200, "GET", path, BOT, NULL);
	expect(404, "GET", path, BEN, NULL);
	expect(404, "GET", "/v1/attachment/actions/x", BOT, NULL);
	r = callf("POST", "/v1/attachment/actions", BEN,
	    "{\"type\":\"submit\",\"messageId\":\"%s\",\"inputs\":{}}",
	    message);
	assert_int_equal(r.status, 404);
	done(&r);
	r = callf("POST", "/v1/attachment/actions", ANNA,
	    "{\"type\":\"submit\",\"messageId\":\"%s\"}", message);
	assert_int_equal(r.status, 400);
	done(&r);
}

/* -- files -- */

static const char upload[] =
    "--bd\r\nContent-Disposition: form-data; name=\"toPersonEmail\"\r\n\r\n"
    "demo-bot@webex.bot\r\n--bd\r\nContent-Disposition: form-data; "
    "name=\"files\"; filename=\"a \\\"b.bin\"\r\nContent-Type: "
    "application/x-thing\r\n\r\n\x01\x02\r\n\x03\r\n--bd--\r\n";

static void
test_sim_rest_files(void **state)
{
	const char *path;
	struct reply r;

	(void)state;
	r = call_as("POST", "/v1/messages", ANNA,
	    "multipart/form-data; boundary=bd", upload, sizeof upload - 1);
	assert_int_equal(r.status, 200);
	same_shape(r.json, "rest-message-file-only");
	path = strstr(json_str(json_first(json_get(r.json, "files"))), "/v1/");
	{
		char keep[512];

		snprintf(keep, sizeof keep, "%s", path);
		done(&r);
		r = call("GET", keep, BOT, NULL);
		assert_int_equal(r.status, 200);
		assert_int_equal(r.res->body_len, 5);
		assert_memory_equal(r.res->body, "\x01\x02\r\n\x03", 5);
		assert_string_equal(
		    xfer_header(r.res, "Content-Type"), "application/x-thing");
		assert_memory_equal(xfer_header(r.res, "Content-Disposition"),
		    "attachment; filename=\"a ", 24);
		done(&r);
		r = call("HEAD", keep, BOT, NULL);
		assert_int_equal(r.status, 200);
		assert_string_equal(xfer_header(r.res, "Content-Length"), "5");
		done(&r);
		expect(401, "GET", keep, "nobody", NULL);
		expect(404, "GET", keep, BEN, NULL);
	}
}

/* 423 while it is scanned, 410 infected, 428 not to be scanned (P1). */
static void
test_sim_rest_files_under_scan(void **state)
{
	static const struct {
		const char *file;
		int first, second, allowed;
	} rows[] = {
	    {"\"scans\":1", 423, 200, 200},
	    {"\"state\":\"infected\"", 410, 410, 410},
	    {"\"state\":\"unscannable\"", 428, 428, 200},
	};
	char path[600];
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		r = callf("POST", "/sim/say", "",
		    "{\"files\":[{\"name\":\"a.txt\",\"text\":\"abc\",%s}]}",
		    rows[i].file);
		assert_int_equal(r.status, 200);
		snprintf(path, sizeof path, "%s",
		    strstr(json_str(json_first(json_get(r.json, "files"))),
			"/v1/"));
		done(&r);
		r = call("GET", path, BOT, NULL);
		assert_int_equal(r.status, rows[i].first);
		if (rows[i].first == 423)
			assert_string_equal(
			    xfer_header(r.res, "Retry-After"), "1");
		done(&r);
		expect(rows[i].second, "GET", path, BOT, NULL);
		strcat(path, "?allow=unscannable");
		expect(rows[i].allowed, "GET", path, BOT, NULL);
	}
}

static void
test_sim_rest_file_by_url(void **state)
{
	struct reply r;

	(void)state;
	/* the simulator serves its own page: a file like any other */
	r = callf("POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"files\":"
	    "[\"%s/page/icon.svg\"]}",
	    sim_url(sim));
	assert_int_equal(r.status, 200);
	{
		char path[512];

		snprintf(path, sizeof path, "%s",
		    strstr(json_str(json_first(json_get(r.json, "files"))),
			"/v1/"));
		done(&r);
		r = call("GET", path, ANNA, NULL);
	}
	assert_string_equal(
	    xfer_header(r.res, "Content-Type"), "image/svg+xml");
	assert_non_null(
	    strstr(xfer_header(r.res, "Content-Disposition"), "icon.svg"));
	done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sim_rest_needs_a_token),
	    cmocka_unit_test(test_sim_rest_unknown_paths_and_methods),
	    cmocka_unit_test(test_sim_rest_people),
	    cmocka_unit_test(test_sim_rest_message_by_a_person),
	    cmocka_unit_test(test_sim_rest_group_mention),
	    cmocka_unit_test(test_sim_rest_bot_gets_its_markdown_back),
	    cmocka_unit_test(test_sim_rest_message_refusals),
	    cmocka_unit_test(test_sim_rest_length_limit_is_in_bytes),
	    cmocka_unit_test(test_sim_rest_cards),
	    cmocka_unit_test(test_sim_rest_threads_are_flat),
	    cmocka_unit_test(test_sim_rest_edit_and_delete),
	    cmocka_unit_test(test_sim_rest_edit_of_cards_is_a_switch),
	    cmocka_unit_test(test_sim_rest_list_pages),
	    cmocka_unit_test(test_sim_rest_bot_lists_mentions_only),
	    cmocka_unit_test(test_sim_rest_rooms),
	    cmocka_unit_test(test_sim_rest_memberships),
	    cmocka_unit_test(test_sim_rest_attachment_actions),
	    cmocka_unit_test(test_sim_rest_files),
	    cmocka_unit_test(test_sim_rest_files_under_scan),
	    cmocka_unit_test(test_sim_rest_file_by_url),
	};

	return cmocka_run_group_tests(tests, sim_up, sim_down);
}
