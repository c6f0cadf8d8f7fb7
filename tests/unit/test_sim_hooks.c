/*
 * Webhooks of the simulator: what is delivered to whom, in what shape and
 * order, and when a webhook is disabled.
 */
#include "unit/sim_test.h"

#include "net/verify.h"

static struct ear *ear;

static int
fresh(void **state)
{
	(void)state;
	reset();
	if (ear == NULL)
		ear = ear_open();
	ear_forget(ear);
	ear_answer(ear, 200);
	ear->delay_ms = 0;
	return 0;
}

static int
over(void **state)
{
	if (ear != NULL)
		ear_close(ear);
	return sim_down(state);
}

static void
say(const char *body)
{
	expect(200, "POST", "/sim/say", "", body);
}

static void
deliveries(const char *body)
{
	expect(200, "POST", "/sim/deliveries", "", body);
}

static void
fault(const char *body)
{
	expect(200, "POST", "/sim/faults", "", body);
}

static const char *
heard_text(size_t n, const char *dotted)
{
	const char *s = json_path_str(ear->heard[n].json, dotted);

	return s == NULL ? "(none)" : s;
}

/* The status of the one webhook there is. */
static const char *
hook_status(void)
{
	static char status[32];
	struct reply r = call("GET", "/v1/webhooks", BOT, NULL);

	snprintf(
	    status, sizeof status, "%s", json_get_str(item(&r, 0), "status"));
	done(&r);
	return status;
}

/* -- the REST side -- */

static void
test_sim_hooks_create_list_update_delete(void **state)
{
	const char *id;
	char path[512];
	struct reply r;

	(void)state;
	r = callf("POST", "/v1/webhooks", BOT,
	    "{\"name\":\"a\",\"targetUrl\":\"%s\",\"resource\":\"messages\","
	    "\"event\":\"created\",\"secret\":\"s\"}",
	    ear->url);
	assert_int_equal(r.status, 200);
	same_shape(r.json, "rest-webhook");
	assert_string_equal(text(&r, "status"), "active");
	id = text(&r, "id");
	done(&r);
	snprintf(path, sizeof path, "/v1/webhooks/%s", id);
	expect(200, "GET", path, BOT, NULL);
	expect(404, "GET", path, ANNA, NULL);
	expect(400, "PUT", path, BOT, "{\"name\":\"b\"}");
	r = call("PUT", path, BOT,
	    "{\"name\":\"b\",\"targetUrl\":\"https://example.com/\","
	    "\"resource\":\"rooms\",\"event\":\"updated\",\"secret\":\"t\"}");
	assert_string_equal(text(&r, "name"), "b");
	assert_string_equal(text(&r, "targetUrl"), "https://example.com/");
	assert_string_equal(text(&r, "secret"), "t");
	assert_string_equal(text(&r, "resource"), "messages");
	assert_string_equal(text(&r, "event"), "created");
	done(&r);
	/* it can activate, not deactivate */
	expect(400, "PUT", path, BOT,
	    "{\"name\":\"b\",\"targetUrl\":\"https://example.com/\","
	    "\"status\":\"inactive\"}");
	expect(204, "DELETE", path, BOT, NULL);
	expect(404, "DELETE", path, BOT, NULL);
}

static void
test_sim_hooks_refusals(void **state)
{
	static const char *const bodies[] = {
	    "{}",
	    "{\"name\":\"\",\"targetUrl\":\"http://a\",\"resource\":"
	    "\"messages\",\"event\":\"created\"}",
	    "{\"name\":\"a\",\"targetUrl\":\"ftp://a\",\"resource\":"
	    "\"messages\",\"event\":\"created\"}",
	    "{\"name\":\"a\",\"targetUrl\":\"http://a b\",\"resource\":"
	    "\"messages\",\"event\":\"created\"}",
	    "{\"name\":\"a\",\"targetUrl\":\"http://a\",\"resource\":"
	    "\"message\",\"event\":\"created\"}",
	    "{\"name\":\"a\",\"targetUrl\":\"http://a\",\"resource\":"
	    "\"messages\",\"event\":\"create\"}",
	    "{\"name\":\"a\",\"targetUrl\":\"http://a\",\"resource\":"
	    "\"messages\",\"event\":\"created\",\"filter\":\"room=1\"}",
	    "{\"name\":\"a\",\"targetUrl\":\"http://a\",\"resource\":"
	    "\"messages\",\"event\":\"created\",\"secret\":7}",
	    "{\"name\":\"a\",\"targetUrl\":\"http://a\",\"resource\":"
	    "\"messages\",\"event\":\"created\",\"ownedBy\":\"org\"}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bodies); i++)
		expect(400, "POST", "/v1/webhooks", BOT, bodies[i]);
}

static void
test_sim_hooks_list_has_pages(void **state)
{
	char path[512] = "/v1/webhooks?max=2";
	const char *link;
	struct reply r;
	int i, n = 0;

	(void)state;
	for (i = 0; i < 5; i++)
		ear_hook(ear, "rooms", "updated", NULL);
	for (i = 0; i < 3; i++) {
		r = call("GET", path, BOT, NULL);
		n += (int)items(&r);
		link = xfer_header(r.res, "Link");
		assert_int_equal(link != NULL, i < 2);
		if (link != NULL)
			snprintf(path, sizeof path, "%.*s",
			    (int)strcspn(strstr(link, "/v1/"), ">"),
			    strstr(link, "/v1/"));
		done(&r);
	}
	assert_int_equal(n, 5);
	/* max=null, as next links of the platform have had it (2.6) */
	r = call("GET", "/v1/webhooks?max=null", BOT, NULL);
	assert_int_equal(items(&r), 5);
	done(&r);
}

/* -- what is delivered -- */

static void
test_sim_hooks_envelope_and_signature(void **state)
{
	char want[VERIFY_HEX_MAX];

	(void)state;
	deliveries("{\"parallel\":1}"); /* in this order */
	ear_hook(ear, "messages", "created", NULL);
	say("{\"text\":\"hello\"}");
	say("{\"room\":\"Demo space\",\"text\":\"hello\",\"mention\":true}");
	say("{\"files\":[{\"name\":\"a.txt\",\"text\":\"abc\"}]}");
	ear_expect(ear, 3);
	same_shape(ear->heard[0].json, "messages-created-direct");
	assert_string_equal(heard_text(0, "createdBy"), sim_bot_id(sim));
	assert_string_equal(
	    heard_text(0, "actorId"), heard_text(0, "data.personId"));
	/* compact, and signed as it is */
	assert_null(strchr(ear->heard[0].body, '\n'));
	assert_null(strstr(ear->heard[0].body, "\": "));
	verify_hmac(VERIFY_SHA1, "s3cret", 6, ear->heard[0].body,
	    strlen(ear->heard[0].body), want);
	assert_string_equal(ear->heard[0].sign, want);
}

static void
test_sim_hooks_shapes_of_all_events(void **state)
{
	const char *room = room_of("Demo space"), *id;
	char path[512];
	struct reply r;
	size_t i;
	/* what happens, in order, and what is told of it; NULL: untested */
	static const char *const shapes[] = {"rooms-created",
	    "memberships-created", "memberships-created",
	    "messages-created-group", "messages-deleted",
	    "messages-created-file", "attachmentActions-created",
	    "memberships-updated", "rooms-updated", "memberships-deleted"};

	(void)state;
	deliveries("{\"parallel\":1}");
	ear_hook(ear, "messages", "all", NULL);
	ear_hook(ear, "attachmentActions", "created", NULL);
	ear_hook(ear, "memberships", "all", NULL);
	ear_hook(ear, "rooms", "all", NULL);
	r = call("POST", "/v1/rooms", BOT, "{\"title\":\"New\"}");
	id = text(&r, "id");
	done(&r);
	ear_expect(ear, 2);
	r = callf("POST", "/v1/memberships", BOT,
	    "{\"roomId\":\"%s\",\"personEmail\":\"anna@example.com\"}", id);
	done(&r);
	ear_expect(ear, 3);
	say("{\"room\":\"Demo space\",\"text\":\"a\",\"mention\":true}");
	ear_expect(ear, 4);
	snprintf(
	    path, sizeof path, "/v1/messages/%s", heard_text(3, "data.id"));
	expect(204, "DELETE", path, ANNA, NULL);
	ear_expect(ear, 5);
	say("{\"files\":[{\"text\":\"abc\"}]}");
	ear_expect(ear, 6);
	r = call("POST", "/v1/messages", ANNA,
	    "{\"toPersonEmail\":\"demo-bot@webex.bot\",\"text\":\"x\"}");
	done(&r);
	r = callf("POST", "/v1/messages", BOT,
	    "{\"roomId\":\"%s\",\"attachments\":[{\"contentType\":"
	    "\"application/vnd.microsoft.card.adaptive\",\"content\":{\"type\":"
	    "\"AdaptiveCard\",\"version\":\"1.3\"}}]}",
	    room);
	done(&r);
	ear_expect(ear, 8);
	expect(200, "POST", "/sim/submit", "", "{\"room\":\"Demo space\"}");
	ear_expect(ear, 9);
	snprintf(path, sizeof path, "/v1/memberships?roomId=%s", room);
	r = call("GET", path, BOT, NULL);
	snprintf(path, sizeof path, "/v1/memberships/%s",
	    json_get_str(item(&r, 1), "id"));
	done(&r);
	expect(200, "PUT", path, ANNA, "{\"isModerator\":true}");
	ear_expect(ear, 10);
	snprintf(path, sizeof path, "/v1/rooms/%s", room);
	expect(200, "PUT", path, ANNA, "{\"title\":\"a\",\"isLocked\":true}");
	ear_expect(ear, 11);
	expect(200, "POST", "/sim/remove", "", "{\"room\":\"a\"}");
	ear_expect(ear, 12);
	for (i = 0; i < 12; i++)
		if (i < 6)
			same_shape(ear->heard[i].json, shapes[i]);
		else if (i >= 8)
			same_shape(ear->heard[i].json, shapes[i - 2]);
	assert_string_equal(heard_text(11, "data.personId"), sim_bot_id(sim));
}

/* -- who hears -- */

static void
test_sim_hooks_bot_hears_mentions_and_direct_rooms(void **state)
{
	(void)state;
	ear_hook(ear, "messages", "created", NULL);
	say("{\"room\":\"Demo space\",\"text\":\"among us\"}");
	say("{\"room\":\"Demo space\",\"markdown\":\"<@all> all of us\"}");
	ear_expect(ear, 0);
	say("{\"room\":\"Demo space\",\"text\":\"you\",\"mention\":true}");
	say("{\"person\":\"ben\",\"text\":\"hi\"}");
	ear_expect(ear, 2);
	/* its own posts come back to it (U1) */
	expect(200, "POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"text\":\"me\"}");
	ear_expect(ear, 3);
	assert_string_equal(heard_text(2, "data.personId"), sim_bot_id(sim));
	expect(200, "POST", "/sim/options", "", "{\"allReachesBots\":true}");
	say("{\"room\":\"Demo space\",\"markdown\":\"<@all> all of us\"}");
	ear_expect(ear, 4);
}

static void
test_sim_hooks_firehose_leaves_out_submits(void **state)
{
	(void)state;
	ear_hook(ear, "all", "all", NULL);
	say("{\"text\":\"a\"}");
	expect(200, "POST", "/v1/messages", BOT,
	    "{\"toPersonEmail\":\"anna@example.com\",\"attachments\":[{"
	    "\"contentType\":\"application/vnd.microsoft.card.adaptive\","
	    "\"content\":{\"type\":\"AdaptiveCard\",\"version\":\"1.3\"}}]}");
	expect(200, "POST", "/sim/submit", "", "{}");
	ear_expect(ear, 2);
	same_shape(ear->heard[0].json, "firehose-all-all-messages-created");
	assert_string_equal(heard_text(0, "resource"), "messages");
	assert_string_equal(heard_text(0, "event"), "created");
}

static void
test_sim_hooks_filters(void **state)
{
	char filter[300];

	(void)state;
	snprintf(filter, sizeof filter, "roomId=%s", room_of("Demo space"));
	ear_hook(ear, "messages", "created", filter);
	ear_hook(ear, "messages", "created",
	    "roomType=direct&personEmail=ben@example.com");
	ear_hook(ear, "messages", "created", "hasFiles=true");
	ear_hook(ear, "messages", "created", "mentionedPeople=me");
	say("{\"text\":\"nobody hears\"}");
	ear_expect(ear, 0);
	say("{\"person\":\"ben\",\"text\":\"second\"}");
	ear_expect(ear, 1);
	say("{\"files\":[{\"text\":\"third\"}]}");
	ear_expect(ear, 2);
	say("{\"room\":\"Demo space\",\"text\":\"x\",\"mention\":true}");
	ear_expect(ear, 4);
	same_shape(ear->heard[0].json, "messages-created-filtered");
	assert_string_equal(heard_text(0, "filter"),
	    "roomType=direct&personEmail=ben@example.com");
}

/* -- how it is delivered -- */

static void
test_sim_hooks_order_within_a_room(void **state)
{
	char body[64], got[128];
	struct reply r;
	int i;

	(void)state;
	ear_hook(ear, "messages", "created", NULL);
	deliveries("{\"hold\":true}");
	for (i = 0; i < 20; i++) {
		snprintf(body, sizeof body, "{\"text\":\"%d\"}", i);
		say(body);
	}
	assert_int_equal(ear->n, 0);
	deliveries("{\"hold\":false}");
	ear_expect(ear, 20);
	for (i = 0; i < 20; i++) {
		snprintf(got, sizeof got, "/v1/messages/%s",
		    heard_text((size_t)i, "data.id"));
		r = call("GET", got, BOT, NULL);
		snprintf(body, sizeof body, "%d", i);
		assert_string_equal(text(&r, "text"), body);
		done(&r);
	}
}

static void
test_sim_hooks_newest_first(void **state)
{
	struct reply r;
	char path[512];

	(void)state;
	ear_hook(ear, "messages", "created", NULL);
	deliveries("{\"hold\":true,\"newestFirst\":true}");
	say("{\"text\":\"first\"}");
	say("{\"text\":\"second\"}");
	deliveries("{\"hold\":false}");
	ear_expect(ear, 2);
	snprintf(
	    path, sizeof path, "/v1/messages/%s", heard_text(0, "data.id"));
	r = call("GET", path, BOT, NULL);
	assert_string_equal(text(&r, "text"), "second");
	done(&r);
}

static void
test_sim_hooks_dropped_repeated_wrongly_signed(void **state)
{
	char want[VERIFY_HEX_MAX];

	(void)state;
	ear_hook(ear, "messages", "created", NULL);
	fault("{\"what\":\"deliveries\",\"cut\":\"before\"}");
	fault("{\"what\":\"deliveries\",\"repeat\":3}");
	fault("{\"what\":\"deliveries\",\"badSignature\":true}");
	say("{\"text\":\"dropped\"}");
	ear_expect(ear, 0);
	say("{\"text\":\"three times\"}");
	ear_expect(ear, 3);
	assert_string_equal(ear->heard[0].body, ear->heard[2].body);
	say("{\"text\":\"forged\"}");
	ear_expect(ear, 4);
	verify_hmac(VERIFY_SHA1, "s3cret", 6, ear->heard[3].body,
	    strlen(ear->heard[3].body), want);
	assert_string_not_equal(ear->heard[3].sign, want);
	assert_int_equal(strlen(ear->heard[3].sign), 40);
}

static void
test_sim_hooks_late_by_the_clock(void **state)
{
	const char *late;
	struct reply r;

	(void)state;
	ear_hook(ear, "messages", "created", NULL);
	fault("{\"what\":\"deliveries\",\"delayMs\":600000}");
	r = call("POST", "/sim/say", "", "{\"text\":\"late\"}");
	late = text(&r, "id");
	done(&r);
	say("{\"text\":\"overtakes it\"}");
	r = call("GET", "/sim/idle?wait=10", "", NULL);
	assert_false(json_true(json_get(r.json, "idle")));
	done(&r);
	expect(200, "POST", "/sim/clock", "", "{\"advanceMs\":600000}");
	ear_expect(ear, 2);
	assert_string_equal(heard_text(1, "data.id"), late);
}

static void
test_sim_hooks_without_secret_unsigned(void **state)
{
	struct reply r;

	(void)state;
	r = callf("POST", "/v1/webhooks", BOT,
	    "{\"name\":\"a\",\"targetUrl\":\"%s\",\"resource\":\"messages\","
	    "\"event\":\"created\"}",
	    ear->url);
	done(&r);
	say("{\"text\":\"a\"}");
	ear_expect(ear, 1);
	assert_string_equal(ear->heard[0].sign, "");
}

/* -- disabling (1.6) -- */

static void
activate(void)
{
	struct reply r = call("GET", "/v1/webhooks", BOT, NULL);
	char path[512];

	snprintf(path, sizeof path, "/v1/webhooks/%s",
	    json_get_str(item(&r, 0), "id"));
	done(&r);
	r = callf("PUT", path, BOT,
	    "{\"name\":\"a\",\"targetUrl\":\"%s\",\"status\":\"active\"}",
	    ear->url);
	assert_int_equal(r.status, 200);
	done(&r);
}

static void
test_sim_hooks_disabled_after_100_failures(void **state)
{
	(void)state;
	ear_hook(ear, "messages", "created", NULL);
	ear_answer(ear, 500);
	expect(200, "POST", "/sim/burst", "", "{\"rooms\":1,\"messages\":99}");
	ear_expect(ear, 99);
	assert_string_equal(hook_status(), "active");
	say("{\"text\":\"the last straw\"}");
	ear_expect(ear, 100);
	assert_string_equal(hook_status(), "inactive");
	ear_answer(ear, 200);
	say("{\"text\":\"not heard\"}");
	ear_expect(ear, 100);
	/* for five minutes after that one failure is enough */
	activate();
	assert_string_equal(hook_status(), "active");
	say("{\"text\":\"heard\"}");
	ear_expect(ear, 101);
	ear_answer(ear, 404);
	say("{\"text\":\"fails\"}");
	ear_expect(ear, 102);
	assert_string_equal(hook_status(), "inactive");
	activate();
	expect(200, "POST", "/sim/clock", "", "{\"advanceMs\":300001}");
	say("{\"text\":\"fails, but later\"}");
	ear_expect(ear, 103);
	assert_string_equal(hook_status(), "active");
}

static void
test_sim_hooks_failures_fall_out_of_the_window(void **state)
{
	(void)state;
	ear_hook(ear, "messages", "created", NULL);
	expect(200, "POST", "/sim/options", "", "{\"disableAfter\":3}");
	ear_answer(ear, 503);
	say("{\"text\":\"a\"}");
	say("{\"text\":\"b\"}");
	ear_expect(ear, 2);
	expect(200, "POST", "/sim/clock", "", "{\"advanceMs\":300001}");
	say("{\"text\":\"c\"}");
	say("{\"text\":\"d\"}");
	ear_expect(ear, 4);
	assert_string_equal(hook_status(), "active");
	say("{\"text\":\"e\"}");
	ear_expect(ear, 5);
	assert_string_equal(hook_status(), "inactive");
}

static void
test_sim_hooks_a_slow_answer_is_a_failure(void **state)
{
	struct reply r;

	(void)state;
	ear_hook(ear, "messages", "created", NULL);
	expect(200, "POST", "/sim/options", "",
	    "{\"disableAfter\":1,\"deliveryTimeoutMs\":50}");
	ear->delay_ms = 300;
	say("{\"text\":\"a\"}");
	r = call("GET", "/sim/idle?wait=5000", "", NULL);
	done(&r);
	assert_string_equal(hook_status(), "inactive");
	r = call("GET", "/sim/traffic", "", NULL);
	{
		const struct json *x, *last = NULL;

		for (x = json_first(json_get(r.json, "items")); x != NULL;
		     x = json_next(x))
			if (strcmp(json_get_str(x, "kind"), "delivery") == 0)
				last = x;
		assert_string_equal(json_get_str(last, "remark"), "no answer");
	}
	done(&r);
}

#define HOOKS_TEST(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    HOOKS_TEST(test_sim_hooks_create_list_update_delete),
	    HOOKS_TEST(test_sim_hooks_refusals),
	    HOOKS_TEST(test_sim_hooks_list_has_pages),
	    HOOKS_TEST(test_sim_hooks_envelope_and_signature),
	    HOOKS_TEST(test_sim_hooks_shapes_of_all_events),
	    HOOKS_TEST(test_sim_hooks_bot_hears_mentions_and_direct_rooms),
	    HOOKS_TEST(test_sim_hooks_firehose_leaves_out_submits),
	    HOOKS_TEST(test_sim_hooks_filters),
	    HOOKS_TEST(test_sim_hooks_order_within_a_room),
	    HOOKS_TEST(test_sim_hooks_newest_first),
	    HOOKS_TEST(test_sim_hooks_dropped_repeated_wrongly_signed),
	    HOOKS_TEST(test_sim_hooks_late_by_the_clock),
	    HOOKS_TEST(test_sim_hooks_without_secret_unsigned),
	    HOOKS_TEST(test_sim_hooks_disabled_after_100_failures),
	    HOOKS_TEST(test_sim_hooks_failures_fall_out_of_the_window),
	    HOOKS_TEST(test_sim_hooks_a_slow_answer_is_a_failure),
	};

	return cmocka_run_group_tests(tests, sim_up, over);
}
