/*
 * What nobody should send: the simulator answers something with a status
 * and stays up.  Worth most under the sanitizers.
 */
#include "unit/sim_test.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const paths[] = {"/v1/messages", "/v1/messages/x",
    "/v1/rooms", "/v1/rooms/x", "/v1/memberships", "/v1/memberships/x",
    "/v1/webhooks", "/v1/webhooks/x", "/v1/attachment/actions", "/v1/people/me",
    "/v1/contents/x", "/v1/", "/v1//", "/v1/%00", "/v1/%zz",
    "/v1/messages/%2e%2e", "/sim/say", "/sim/submit", "/sim/add", "/sim/remove",
    "/sim/person", "/sim/faults", "/sim/options", "/sim/deliveries",
    "/sim/burst", "/sim/reset", "/sim/clock", "/sim/idle", "/sim/messages",
    "/sim/traffic", "/sim/state", "/page/x", "/"};

static const char *const bodies[] = {"", "{", "{}", "[]", "null", "7", "\"x\"",
    "{\"text\":null}", "{\"text\":[[[[[[[[{}]]]]]]]]}", "{\"roomId\":{}}",
    "{\"files\":[[]]}", "{\"files\":[{\"name\":1}]}",
    "{\"attachments\":{\"content\":[]}}", "{\"attachments\":[null]}",
    "{\"inputs\":[]}", "{\"times\":1e99}", "{\"times\":-1}", "{\"what\":\"\"}",
    "{\"hold\":1}", "{\"parallel\":0}", "{\"advanceMs\":1.5}",
    "{\"email\":\"\"}", "{\"text\":\"\\ud800\"}", "{\"text\":\"\\u0000\"}",
    "{\"name\":\"a\",\"targetUrl\":\"http://\",\"resource\":\"messages\","
    "\"event\":\"created\",\"filter\":\"&&=&roomId=&\"}",
    "{\"text\":\"\xff\xfe\"}", "{\"a\":1}{\"b\":2}",
    "{\"toPersonEmail\":\"anna@example.com\",\"markdown\":\"<@personId:|>"
    "<@><@all|>**`[](\"}"};

static void
test_sim_attack_every_path_with_every_body(void **state)
{
	static const char *const methods[] = {
	    "POST", "PUT", "GET", "DELETE", "PATCH", "HEAD"};
	struct reply r;
	size_t i, k, m;

	(void)state;
	for (i = 0; i < COUNT(paths); i++)
		for (k = 0; k < COUNT(bodies); k++)
			for (m = 0; m < (k == 0 ? COUNT(methods) : 2); m++) {
				r = call(methods[m], paths[i], BOT, bodies[k]);
				/* who refuses a body unread hangs up, and
				 * the next call may find that out */
				if (r.res->end == XFER_CUT) {
					done(&r);
					r = call(methods[m], paths[i], BOT,
					    bodies[k]);
				}
				assert_int_equal(r.res->end, XFER_ANSWERED);
				assert_true(r.status >= 200);
				assert_true(r.status < 500);
				done(&r);
			}
	reset();
	expect(200, "GET", "/v1/people/me", BOT, NULL);
}

static void
test_sim_attack_long_things(void **state)
{
	static char big[3 << 20], path[20000];
	struct reply r;
	size_t n = sizeof big - 1;

	(void)state;
	memset(big, '[', n);
	expect(413, "POST", "/v1/rooms", BOT, big);
	expect(400, "POST", "/v1/messages", BOT, big);
	memset(big, ' ', n);
	expect(400, "POST", "/sim/say", "", big);
	snprintf(big, sizeof big, "{\"title\":\"%0*d\"}", 900000, 1);
	r = call("POST", "/v1/rooms", BOT, big);
	assert_int_equal(r.status, 200);
	done(&r);
	snprintf(path, sizeof path, "/v1/webhooks?max=%0*d&cursor=%0*d", 3000,
	    1, 4000, 1);
	expect(200, "GET", path, BOT, NULL);
	snprintf(path, sizeof path, "/v1/people?id=%0*d", 3500, 1);
	expect(200, "GET", path, BOT, NULL);
	snprintf(big, sizeof big,
	    "{\"name\":\"%0*d\",\"targetUrl\":\"http://127.0.0.1:1/\","
	    "\"resource\":\"messages\",\"event\":\"created\",\"filter\":"
	    "\"roomId=%0*d\"}",
	    100000, 1, 2000, 1);
	expect(400, "POST", "/v1/webhooks", BOT, big);
	/* an envelope that does not fit its ceiling is not sent */
	snprintf(big, sizeof big,
	    "{\"name\":\"%0*d\",\"targetUrl\":\"http://127.0.0.1:1/\","
	    "\"resource\":\"messages\",\"event\":\"created\"}",
	    500000, 1);
	expect(200, "POST", "/v1/webhooks", BOT, big);
	expect(200, "POST", "/sim/say", "", "{\"text\":\"a\"}");
	expect(200, "GET", "/sim/idle?wait=10000", "", NULL);
	reset();
}

static void
test_sim_attack_forms(void **state)
{
	static const char *const forms[] = {"--b\r\n", "--b--",
	    "--b\r\n\r\n\r\n--b--",
	    "--b\r\nContent-Disposition: form-data; name=\"files\"; filename="
	    "\"\"\r\n\r\nx\r\n--b--",
	    "--b\r\nContent-Disposition: form-data; filename=\"x\"\r\n\r\nx"
	    "\r\n--b--",
	    "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\xff"
	    "\r\n--b--",
	    "--b\r\nContent-Disposition: form-data; name=\"toPersonEmail\""
	    "\r\n\r\nanna@example.com\r\n--b\r\nContent-Disposition: form-data;"
	    " name=\"files\"; filename=\"\xff\x01\\\"\r\nContent-Type: \r\n"
	    "\r\n\r\n--b--"};
	struct reply r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(forms); i++) {
		r = call_as("POST", "/v1/messages", BOT,
		    "multipart/form-data; boundary=b", forms[i],
		    strlen(forms[i]));
		assert_true(r.status == 400 || r.status == 200);
		done(&r);
	}
	r = call_as("POST", "/v1/rooms", BOT, "multipart/form-data; boundary=b",
	    "--b--", 5);
	assert_int_equal(r.status, 415);
	done(&r);
}

/* -- everything at once -- */

static const struct {
	const char *method, *path, *token, *body;
} deeds[] = {
    {"POST", "/sim/say", "", "{\"text\":\"a\"}"},
    {"POST", "/sim/say", "",
	"{\"room\":\"Demo space\",\"text\":\"a\",\"mention\":true}"},
    {"POST", "/sim/reset", "", "{}"},
    {"POST", "/sim/burst", "", "{\"rooms\":20,\"messages\":5}"},
    {"POST", "/v1/messages", BOT,
	"{\"toPersonEmail\":\"anna@example.com\",\"markdown\":\"**a**\"}"},
    {"POST", "/v1/webhooks", BOT,
	"{\"name\":\"a\",\"targetUrl\":\"http://127.0.0.1:1/\",\"resource\":"
	"\"all\",\"event\":\"all\"}"},
    {"GET", "/v1/webhooks", BOT, NULL},
    {"GET", "/v1/rooms", BOT, NULL},
    {"GET", "/sim/messages?by=any&wait=5", "", NULL},
    {"GET", "/sim/messages?room=direct&wait=20&count=9", "", NULL},
    {"GET", "/sim/idle?wait=20", "", NULL},
    {"GET", "/sim/traffic", "", NULL},
    {"GET", "/sim/state", "", NULL},
    {"POST", "/sim/deliveries", "", "{\"clear\":true,\"newestFirst\":true}"},
    {"POST", "/sim/deliveries", "", "{\"newestFirst\":false,\"parallel\":9}"},
    {"POST", "/sim/faults", "",
	"{\"what\":\"deliveries\",\"repeat\":3,\"delayMs\":5}"},
    {"POST", "/sim/add", "", "{\"title\":\"x\"}"},
    {"POST", "/sim/remove", "", "{\"room\":\"x\"}"},
    {"POST", "/sim/clock", "", "{\"advanceMs\":1}"},
    {"DELETE", "/sim/traffic", "", NULL},
};

static void *
hammer(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg, i, n;
	struct reply r;

	for (i = 0; i < 150; i++) {
		seed = seed * 1103515245 + 12345;
		n = (seed >> 16) % COUNT(deeds);
		r = call(deeds[n].method, deeds[n].path, deeds[n].token,
		    deeds[n].body);
		if (r.status >= 500)
			fprintf(stderr, "%s: %d\n", deeds[n].path, r.status);
		done(&r);
	}
	return NULL;
}

static void
test_sim_attack_all_at_once(void **state)
{
	pthread_t threads[8];
	uintptr_t i;

	(void)state;
	for (i = 0; i < COUNT(threads); i++)
		pthread_create(&threads[i], NULL, hammer, (void *)(i + 1));
	for (i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	reset();
	expect(200, "GET", "/v1/people/me", BOT, NULL);
}

/* Stopping with streams, long polls and deliveries under way. */
static void *
poll_long(void *arg)
{
	struct reply r = call("GET", arg, "", NULL);

	done(&r);
	return NULL;
}

/* Somebody who takes connections and never answers. */
static int
mute(int *port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t n = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
	assert_int_equal(listen(fd, 64), 0);
	getsockname(fd, (struct sockaddr *)&sin, &n);
	*port = ntohs(sin.sin_port);
	return fd;
}

static void
test_sim_attack_stop_in_the_middle(void **state)
{
	static char polled[] = "/sim/messages?wait=60000";
	static char idle[] = "/sim/idle?wait=60000";
	struct sim_opts o = {.threads = 24};
	struct sim *first = sim;
	struct reply r;
	double waiting;
	pthread_t a, b;
	int64_t start;
	int port, fd = mute(&port);

	(void)state;
	assert_non_null(sim = sim_start(&o, NULL));
	r = callf("POST", "/v1/webhooks", BOT,
	    "{\"name\":\"a\",\"targetUrl\":\"http://127.0.0.1:%d/\","
	    "\"resource\":\"all\",\"event\":\"all\"}",
	    port);
	assert_int_equal(r.status, 200);
	done(&r);
	expect(200, "POST", "/sim/burst", "", "{\"rooms\":9}");
	pthread_create(&a, NULL, poll_long, polled);
	pthread_create(&b, NULL, poll_long, idle);
	do {
		r = call("GET", "/sim/state", "", NULL);
		waiting = json_num(json_path(r.json, "counts.waiting"));
		done(&r);
	} while (waiting < 2);
	start = clk_mono_ms();
	sim_stop(sim);
	assert_true(clk_mono_ms() - start < 10000);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	close(fd);
	sim = first;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sim_attack_every_path_with_every_body),
	    cmocka_unit_test(test_sim_attack_long_things),
	    cmocka_unit_test(test_sim_attack_forms),
	    cmocka_unit_test(test_sim_attack_all_at_once),
	    cmocka_unit_test(test_sim_attack_stop_in_the_middle),
	};

	return cmocka_run_group_tests(tests, sim_up, sim_down);
}
