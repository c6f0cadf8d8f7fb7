/* The contract of the queue, the same for every backend, and the lanes. */
#include "unit/wb_test.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/str.h"
#include "store/evq.h"

static char dir[] = "/tmp/wbevq.XXXXXX";
static char where[128];
static struct evq *q;

/* -- lanes -- */

static void
add(struct lanes *ls, const char *lane, struct lane_item *it)
{
	assert_int_equal(lanes_hold(ls, lane, it), 0);
	lanes_add(ls, it);
}

static void
test_lanes_keep_order_within_and_take_turns(void **state)
{
	struct lanes *ls = lanes_new(2);
	struct lane_item it[6];
	size_t i;

	(void)state;
	memset(it, 0, sizeof it);
	for (i = 0; i < 4; i++)
		add(ls, "a", &it[i]);
	add(ls, "b", &it[4]);
	add(ls, "c", &it[5]);
	assert_ptr_equal(lanes_take(ls, 1), &it[0]);
	assert_ptr_equal(lanes_take(ls, 1), &it[4]);
	assert_ptr_equal(lanes_take(ls, 1), &it[5]);
	assert_ptr_equal(lanes_take(ls, 1), &it[1]);
	assert_null(lanes_take(ls, 1)); /* the window of a is full */
	assert_int_equal(lanes_due(ls, 1), -1);
	assert_true(lane_first(&it[0]));
	assert_false(lane_first(&it[1]));
	lanes_del(ls, &it[0]);
	assert_ptr_equal(lanes_first(ls, "a"), &it[1]);
	assert_true(lane_first(&it[1]));
	assert_ptr_equal(lanes_take(ls, 1), &it[2]);
	/* one that waits holds up those behind it, taken or not */
	lanes_back(ls, &it[1], 100);
	assert_null(lanes_take(ls, 50));
	assert_int_equal(lanes_due(ls, 50), 100);
	assert_ptr_equal(lanes_take(ls, 100), &it[1]);
	lanes_del(ls, &it[1]);
	lanes_del(ls, &it[2]);
	assert_ptr_equal(lanes_take(ls, 100), &it[3]);
	for (i = 3; i < 6; i++)
		lanes_del(ls, &it[i]);
	assert_false(lanes_has(ls, "a"));
	assert_null(lanes_any(ls));
	lanes_free(ls);
}

static void
test_lanes_sort_by_order(void **state)
{
	struct lanes *ls = lanes_new(2);
	struct lane_item it[4];
	size_t i;

	(void)state;
	memset(it, 0, sizeof it);
	it[0].order = 30;
	it[1].order = 40;
	it[2].order = 10; /* said before, told of later */
	it[3].order = 35;
	add(ls, "a", &it[0]);
	assert_ptr_equal(lanes_take(ls, 1), &it[0]);
	for (i = 1; i < 4; i++)
		add(ls, "a", &it[i]);
	/* what is taken stays in front */
	assert_ptr_equal(lanes_take(ls, 1), &it[2]);
	lanes_del(ls, &it[0]);
	assert_ptr_equal(lanes_take(ls, 1), &it[3]);
	lanes_del(ls, &it[2]);
	assert_ptr_equal(lanes_take(ls, 1), &it[1]);
	lanes_del(ls, &it[3]);
	lanes_del(ls, &it[1]);
	lanes_free(ls);
}

static void
test_lanes_survive_random_use(void **state)
{
	enum { N = 400 };
	struct lanes *ls = lanes_new(3);
	struct lane_item *it = calloc(N, sizeof *it), *t;
	int64_t now = 1;
	unsigned r = 12345, left = N, i;
	char name[8];

	(void)state;
	for (i = 0; i < N; i++) {
		r = r * 1103515245 + 12345;
		snprintf(name, sizeof name, "%u", r >> 16 & 15);
		add(ls, name, &it[i]);
	}
	while (left > 0) {
		if ((t = lanes_take(ls, now)) == NULL) {
			now = lanes_due(ls, now);
			assert_true(now > 0);
			continue;
		}
		r = r * 1103515245 + 12345;
		if (!lane_first(t) || r >> 16 & 1) {
			lanes_back(ls, t, now + (r >> 20 & 31));
		} else {
			lanes_del(ls, t);
			left--;
		}
	}
	lanes_free(ls);
	free(it);
}

/* -- the queue -- */

static pthread_mutex_t woken_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken_cond = PTHREAD_COND_INITIALIZER;
static unsigned woken;

static void
wake(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&woken_lock);
	woken++;
	pthread_cond_broadcast(&woken_cond);
	pthread_mutex_unlock(&woken_lock);
}

static struct evq *
open_queue(void)
{
	struct evq_opts o = {.where = where,
	    .queue_max = 1000,
	    .keep_ms = 1000000,
	    .window = 4,
	    .wake = wake};
	struct err e = ERR_INIT;
	struct evq *x = evq_open(&o, &e);

	if (x == NULL)
		fail_msg("%s", e.text);
	return x;
}

static int
setup_mem(void **state)
{
	(void)state;
	strcpy(where, "mem:");
	q = open_queue();
	return 0;
}

static int
setup_sqlite(void **state)
{
	static int n;

	(void)state;
	if (n == 0 && mkdtemp(dir) == NULL)
		return -1;
	snprintf(where, sizeof where, "sqlite:%s/q%d.db", dir, n++);
	q = open_queue();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	evq_close(q);
	q = NULL;
	return 0;
}

static enum evq_put
put(const char *key, const char *lane, const char *body)
{
	struct evq_new n = {.key = key,
	    .lane = lane,
	    .source = "webex",
	    .kind = "messages.created",
	    .room = lane,
	    .body = body,
	    .len = strlen(body)};
	struct err e = ERR_INIT;

	return evq_put(q, &n, NULL, &e);
}

/* Submit a change and wait for it. */
struct waiting {
	bool done, ok;
};

static void
changed(struct evq_change *c, bool ok, const struct err *e)
{
	struct waiting *w = c->arg;

	(void)e;
	pthread_mutex_lock(&woken_lock);
	w->done = true;
	w->ok = ok;
	pthread_cond_broadcast(&woken_cond);
	pthread_mutex_unlock(&woken_lock);
}

static bool
change(struct evq_change *c)
{
	struct waiting w = {false, false};

	c->done = changed;
	c->arg = &w;
	evq_change(q, c);
	pthread_mutex_lock(&woken_lock);
	while (!w.done)
		pthread_cond_wait(&woken_cond, &woken_lock);
	pthread_mutex_unlock(&woken_lock);
	return w.ok;
}

static void
finish(struct evq_item *it)
{
	struct evq_change c = {.item = it, .to = EVQ_DONE};

	assert_true(change(&c));
	assert_null(c.item);
}

static void
claim_expect(enum evq_which which, const char *body, struct evq_item **out)
{
	struct evq_item *it = evq_claim(q, which);

	assert_non_null(it);
	assert_string_equal(it->body, body);
	assert_int_equal(it->len, strlen(body));
	*out = it;
}

/* Of one lane. */
static const struct evq_reply two_replies[] = {
    {"a", "r1", 2, 0}, {"a", "r2", 2, 0}};

static void
test_evq_repeats_are_known(void **state)
{
	struct evq_item *it;

	(void)state;
	assert_int_equal(put("k1", "a", "one"), EVQ_STORED);
	assert_int_equal(put("k1", "a", "one"), EVQ_REPEATED);
	assert_int_equal(put("k2", "a", "two"), EVQ_STORED);
	assert_int_equal(put(NULL, "a", "three"), EVQ_STORED);
	assert_int_equal(put(NULL, "a", "three"), EVQ_STORED);
	claim_expect(EVQ_EVENTS, "one", &it);
	finish(it);
	assert_int_equal(put("k1", "a", "one"), EVQ_REPEATED);
}

/* Catch-up begins at the last of Webex, whatever others have sent since. */
static void
test_evq_knows_when_a_source_was_heard_last(void **state)
{
	struct evq_new other = {.lane = "b",
	    .source = "inbound",
	    .kind = "order",
	    .room = "b",
	    .body = "x",
	    .len = 1};
	struct err e = ERR_INIT;
	int64_t at;

	(void)state;
	assert_int_equal(evq_last_received(q, "webex"), 0);
	assert_int_equal(evq_last_received(q, NULL), 0);
	put("k1", "a", "one");
	at = evq_last_received(q, "webex");
	assert_true(at > 0);
	while (clk_wall_ms() <= at)
		;
	assert_int_equal(evq_put(q, &other, NULL, &e), EVQ_STORED);
	assert_int_equal(evq_last_received(q, "webex"), at);
	assert_true(evq_last_received(q, NULL) > at);
	assert_true(evq_last_received(q, "inbound") > at);
	/* of one that has not been heard since the oldest known */
	assert_int_equal(evq_last_received(q, "event"), at);
}

static void
test_evq_replies_follow_their_event(void **state)
{
	static const struct evq_reply replies[] = {
	    {"a", "r1", 2, 0}, {"a", "r2", 2, 0}, {"b", "r3", 2, 0}};
	struct evq_change c = {
	    .to = EVQ_DONE, .rule = "ping", .replies = replies, .nreplies = 3};
	struct evq_item *ev, *r1, *r2, *r3;

	(void)state;
	put("k", "a", "event");
	claim_expect(EVQ_EVENTS, "event", &ev);
	c.item = ev;
	assert_true(change(&c));
	/* the first is claimed already, the second waits for it */
	r1 = c.ready;
	assert_non_null(r1);
	assert_string_equal(r1->body, "r1");
	assert_int_equal(r1->state, EVQ_SENDING);
	claim_expect(EVQ_REPLIES, "r3", &r3);
	assert_null(evq_claim(q, EVQ_REPLIES));
	finish(r1);
	claim_expect(EVQ_REPLIES, "r2", &r2);
	assert_int_equal(r2->state, EVQ_QUEUED);
	finish(r2);
	finish(r3);
	assert_int_equal(evq_open_items(q), 0);
}

static void
test_evq_retry_waits_and_counts(void **state)
{
	struct evq_change c = {.to = EVQ_WAITING, .reason = "429"};
	struct evq_item *it;

	(void)state;
	put("k", "a", "event");
	put("l", "a", "next");
	claim_expect(EVQ_EVENTS, "event", &it);
	c.item = it;
	c.due = clk_wall_ms() + 100000;
	assert_true(change(&c));
	assert_null(evq_claim(q, EVQ_EVENTS)); /* holds up its lane */
	/* by the clock that is not set back, to a millisecond or two */
	assert_in_range(evq_due(q, EVQ_EVENTS) - clk_mono_ms(), 99000, 100001);
	clk_advance(100001);
	assert_int_equal(evq_due(q, EVQ_EVENTS), 0);
	claim_expect(EVQ_EVENTS, "event", &it);
	assert_int_equal(it->attempts, 1);
	c.item = it;
	c.due = 0;
	c.free_try = true;
	assert_true(change(&c));
	claim_expect(EVQ_EVENTS, "event", &it);
	assert_int_equal(it->attempts, 1);
	finish(it);
}

static void
test_evq_a_reply_for_later_waits(void **state)
{
	struct evq_reply replies[] = {
	    {"at 1 a", "later", 5, 0}, {"a", "now", 3, 0}};
	struct evq_change c = {
	    .to = EVQ_DONE, .replies = replies, .nreplies = 2};
	struct evq_item *ev, *now, *later;

	(void)state;
	put("k", "a", "event");
	claim_expect(EVQ_EVENTS, "event", &ev);
	replies[0].due = clk_wall_ms() + 100000;
	c.item = ev;
	assert_true(change(&c));
	assert_null(c.ready); /* the first is not sent at once */
	claim_expect(EVQ_REPLIES, "now", &now);
	finish(now);
	assert_null(evq_claim(q, EVQ_REPLIES));
	assert_in_range(evq_due(q, EVQ_REPLIES) - clk_mono_ms(), 99000, 100001);
	clk_advance(100001);
	claim_expect(EVQ_REPLIES, "later", &later);
	finish(later);
	assert_int_equal(evq_open_items(q), 0);
}

static void
test_evq_view_puts_beside_the_bot(void **state)
{
	struct evq_new n = {.key = "k9",
	    .lane = "a",
	    .source = "send",
	    .kind = "send",
	    .room = "",
	    .body = "beside",
	    .len = 6};
	int64_t counts[EVQ_DEAD + 1], id;
	struct err e = ERR_INIT;
	struct evq_view *v;
	struct evq_item *it;

	(void)state;
	v = evq_view_open(where, &e);
	assert_non_null(v);
	assert_int_equal(evq_view_owner(where), getpid());
	id = evq_view_put(v, &n, &e);
	assert_true(id > 0);
	assert_int_equal(evq_view_put(v, &n, &e), 0); /* seen */
	assert_int_equal(evq_view_left(v, "send", "send", &e), 1);
	for (it = NULL; it == NULL; it = evq_claim(q, EVQ_EVENTS))
		clk_advance(1000); /* to the next look around */
	assert_int_equal(it->id, id);
	assert_memory_equal(it->body, "beside", 6);
	finish(it);
	assert_int_equal(evq_view_left(v, "send", "send", &e), 0);
	assert_int_equal(evq_view_count(v, "send", "send", id, counts, &e), 0);
	assert_int_equal(counts[EVQ_DONE], 1);
	evq_view_close(v);
}

static void
test_evq_unclaimed_comes_again(void **state)
{
	struct evq_item *it;

	(void)state;
	put("k", "a", "event");
	claim_expect(EVQ_EVENTS, "event", &it);
	assert_null(evq_claim(q, EVQ_EVENTS));
	evq_unclaim(q, it, 50);
	assert_null(evq_claim(q, EVQ_EVENTS));
	clk_advance(51);
	claim_expect(EVQ_EVENTS, "event", &it);
	finish(it);
}

static void
test_evq_full_queue_refuses(void **state)
{
	char key[16];
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(put(key, key, "x"), EVQ_STORED);
	}
	assert_int_equal(put("more", "a", "x"), EVQ_FULL);
}

/* What other programs do not take in fills no queue but its own. */
static void
test_evq_bounds_what_is_for_others(void **state)
{
	static struct evq_reply replies[1003];
	static char lanes[1003][32];
	struct evq_change c = {
	    .to = EVQ_DONE, .replies = replies, .nreplies = 1000};
	int i;

	(void)state;
	for (i = 0; i < 1003; i++) {
		snprintf(lanes[i], sizeof lanes[i], EVQ_LANE_ALONE "%d", i);
		replies[i] = (struct evq_reply){lanes[i], "r", 1, 0};
	}
	strcpy(lanes[1001], "a"); /* one for the room between two too many */
	put("k1", "a", "event");
	c.item = evq_claim(q, EVQ_EVENTS);
	assert_true(change(&c));
	put("k2", "a", "event");
	c.item = evq_claim(q, EVQ_EVENTS);
	c.replies += 1000;
	c.nreplies = 3;
	assert_true(change(&c));
	assert_false(evq_full(q));
	assert_int_equal(put("k3", "b", "next"), EVQ_STORED);
	assert_int_equal(evq_open_items(q), 1000 + 1 + 1);
	assert_non_null(evq_claim(q, EVQ_REPLIES));
	for (i = 0; evq_claim(q, EVQ_OUTSIDE) != NULL; i++)
		;
	assert_int_equal(i, 1000);
}

static void
test_evq_remembers_cards_and_memory(void **state)
{
	static const struct evq_reply reply = {"a", "r", 1, 0};
	static const struct evq_memo memo = {"room:a", "step", "2"};
	struct evq_change c = {.to = EVQ_DONE,
	    .replies = &reply,
	    .nreplies = 1,
	    .memos = &memo,
	    .nmemos = 1};
	struct evq_change sent = {
	    .to = EVQ_DONE, .message = "M1", .card = "order", .content = "{}"};
	char *s, *content;

	(void)state;
	put("k", "a", "event");
	c.item = evq_claim(q, EVQ_EVENTS);
	assert_true(change(&c));
	sent.item = c.ready;
	assert_true(change(&sent));
	assert_true(evq_sent(q, "M1"));
	assert_false(evq_sent(q, "M2"));
	s = evq_card(q, "M1", &content);
	assert_string_equal(s, "order");
	assert_string_equal(content, "{}");
	free(s);
	free(content);
	assert_null(evq_card(q, "M2", NULL));
	s = evq_memory(q, "room:a", "step");
	assert_string_equal(s, "2");
	free(s);
	assert_null(evq_memory(q, "room:b", "step"));
}

static void
test_evq_remembers_without_an_event(void **state)
{
	struct evq_memo m = {"keeper", "missed", "123"};
	struct err e = ERR_INIT;
	char *s;

	(void)state;
	assert_int_equal(evq_remember(q, &m, &e), 0);
	s = evq_memory(q, "keeper", "missed");
	assert_string_equal(s, "123");
	free(s);
	m.value = NULL;
	assert_int_equal(evq_remember(q, &m, &e), 0);
	assert_null(evq_memory(q, "keeper", "missed"));
	assert_int_equal(evq_open_items(q), 0);
}

static void *
put_many(void *arg)
{
	const char *name = arg;
	char key[32];
	int i;

	for (i = 0; i < 50; i++) {
		snprintf(key, sizeof key, "%s-%d", name, i);
		if (put(key, name, "x") != EVQ_STORED ||
		    put(key, name, "x") != EVQ_REPEATED)
			return arg;
	}
	return NULL;
}

static void
test_evq_many_threads_put(void **state)
{
	static char names[8][8];
	pthread_t t[8];
	struct evq_item *it;
	void *failed;
	int i, n = 0;

	(void)state;
	for (i = 0; i < 8; i++) {
		snprintf(names[i], sizeof names[i], "t%d", i);
		pthread_create(&t[i], NULL, put_many, names[i]);
	}
	for (i = 0; i < 8; i++) {
		pthread_join(t[i], &failed);
		assert_null(failed);
	}
	while ((it = evq_claim(q, EVQ_EVENTS)) != NULL) {
		finish(it);
		n++;
	}
	assert_int_equal(n, 400);
}

/* -- only for backends that outlive the process -- */

static void
test_evq_sqlite_reopens_where_it_was(void **state)
{
	static const struct evq_reply replies[] = {
	    {"a", "r1", 2, 0}, {"a", "r2", 2, 0}};
	struct evq_change c = {
	    .to = EVQ_DONE, .replies = replies, .nreplies = 2};
	struct evq_item *it;

	(void)state;
	put("k1", "a", "one");
	put("k2", "a", "two");
	c.item = evq_claim(q, EVQ_EVENTS);
	assert_true(change(&c));
	assert_int_equal(c.ready->state, EVQ_SENDING);
	evq_close(q);
	q = open_queue();
	assert_int_equal(put("k1", "a", "one"), EVQ_REPEATED);
	claim_expect(EVQ_EVENTS, "two", &it);
	finish(it);
	assert_null(evq_claim(q, EVQ_EVENTS));
	/* it may have left before the crash */
	claim_expect(EVQ_REPLIES, "r1", &it);
	assert_int_equal(it->state, EVQ_SENDING);
	finish(it);
	claim_expect(EVQ_REPLIES, "r2", &it);
	assert_int_equal(it->state, EVQ_QUEUED);
	finish(it);
}

static void
test_evq_sqlite_has_one_owner(void **state)
{
	struct evq_opts o = {.where = where, .queue_max = 1, .window = 1};
	struct err e = ERR_INIT;

	(void)state;
	assert_null(evq_open(&o, &e));
	assert_non_null(strstr(e.text, "in use by process"));
}

static void
test_evq_sqlite_has_one_owner_by_whatever_name(void **state)
{
	char name[300];
	struct evq_opts o = {.where = name, .queue_max = 1, .window = 1};
	struct err e = ERR_INIT;

	(void)state;
	snprintf(name, sizeof name, "%s-link", where);
	assert_int_equal(
	    symlink(where + strlen("sqlite:"), name + strlen("sqlite:")), 0);
	assert_null(evq_open(&o, &e));
	assert_non_null(strstr(e.text, "in use by process"));
	assert_true(evq_view_owner(name) == getpid());
	unlink(name + strlen("sqlite:"));
}

static void
test_evq_sqlite_refuses_what_it_does_not_know(void **state)
{
	struct evq_opts o = {.where = where, .queue_max = 1, .window = 1};
	const char *path = where + strlen("sqlite:");
	char cmd[256];
	FILE *f;

	(void)state;
	evq_close(q);
	q = NULL;
	f = fopen(path, "r+");
	fseek(f, 60, SEEK_SET); /* user_version, big-endian */
	fwrite("\0\0\0\x63", 1, 4, f);
	fclose(f);
	snprintf(cmd, sizeof cmd, "%s-wal", path);
	unlink(cmd);
	{
		struct err e = ERR_INIT;

		assert_null(evq_open(&o, &e));
		assert_non_null(strstr(e.text, "newer webexbot"));
	}
	f = fopen(path, "w");
	fprintf(f, "%4096s", "this is not a database");
	fclose(f);
	{
		struct err e = ERR_INIT;

		assert_null(evq_open(&o, &e));
		assert_non_null(strstr(e.text, "damaged"));
	}
	{
		struct err e = ERR_INIT;

		o.where = "sqlite:/nowhere/at/all.db";
		assert_null(evq_open(&o, &e));
		assert_non_null(strstr(e.text, "/nowhere/at/all.db"));
	}
}

static const char *
state_of(struct evq_view *v, int64_t id)
{
	static char out[16];
	struct err e = ERR_INIT;
	struct json *o = evq_view_show(v, id, &e);

	snprintf(out, sizeof out, "%s", json_get_str(o, "state"));
	json_free(o);
	return out;
}

static void
test_evq_view_lists_replays_and_drops(void **state)
{
	struct evq_filter f = {.state = -1, .limit = 10};
	struct evq_change dead = {
	    .to = EVQ_DEAD, .reason = "404", .tracking = "T1"};
	struct evq_change wait = {.to = EVQ_WAITING, .reason = "503"};
	struct err e = ERR_INIT;
	struct evq_view *v = evq_view_open(where, &e);
	struct evq_item *it;
	struct json *list;

	(void)state;
	assert_non_null(v);
	put("k1", "a", "one");
	put("k2", "b", "two");
	it = evq_claim(q, EVQ_EVENTS);
	dead.item = it;
	assert_true(change(&dead));
	list = evq_view_list(v, &f, &e);
	assert_int_equal(json_count(list), 2);
	assert_string_equal(json_get_str(json_first(list), "state"), "queued");
	assert_string_equal(
	    json_get_str(json_next(json_first(list)), "state"), "dead");
	assert_string_equal(
	    json_get_str(json_next(json_first(list)), "trackingId"), "T1");
	json_free(list);
	f.state = EVQ_DEAD;
	list = evq_view_list(v, &f, &e);
	assert_int_equal(json_count(list), 1);
	json_free(list);
	/* a replay reaches the running bot */
	assert_int_equal(evq_view_replay(v, 1, false, &e), 0);
	assert_string_equal(state_of(v, 1), "queued");
	it = evq_claim(q, EVQ_EVENTS);
	assert_string_equal(it->body, "two");
	finish(it);
	pthread_mutex_lock(&woken_lock);
	while ((it = evq_claim(q, EVQ_EVENTS)) == NULL)
		pthread_cond_wait(&woken_cond, &woken_lock);
	pthread_mutex_unlock(&woken_lock);
	assert_string_equal(it->body, "one");
	/* dropped while it is being worked on: its end changes nothing */
	assert_int_equal(evq_view_drop(v, 1, &e), 0);
	finish(it);
	assert_string_equal(state_of(v, 1), "dead");
	/* dropped and played again while it waits: it is there once, now */
	put("k3", "c", "three");
	claim_expect(EVQ_EVENTS, "three", &it);
	wait.item = it;
	wait.due = clk_wall_ms() + 100000;
	assert_true(change(&wait));
	assert_int_equal(evq_view_drop(v, 3, &e), 0);
	assert_int_equal(evq_view_replay(v, 3, false, &e), 0);
	pthread_mutex_lock(&woken_lock);
	while ((it = evq_claim(q, EVQ_EVENTS)) == NULL)
		pthread_cond_wait(&woken_cond, &woken_lock);
	pthread_mutex_unlock(&woken_lock);
	assert_null(evq_claim(q, EVQ_EVENTS));
	/* and while it is claimed: who forgets it then gives it back */
	assert_int_equal(evq_view_drop(v, 3, &e), 0);
	while (!it->dropped)
		usleep(1000);
	assert_int_equal(evq_view_replay(v, 3, false, &e), 0);
	while (it->dropped)
		usleep(1000);
	evq_forget(q, it);
	claim_expect(EVQ_EVENTS, "three", &it);
	finish(it);
	assert_string_equal(state_of(v, 3), "done");
	assert_int_equal(evq_open_items(q), 0);
	assert_int_equal(evq_view_replay(v, 99, false, &e), -1);
	assert_non_null(strstr(e.text, "event 99: not there"));
	err_clear(&e);
	assert_int_equal(evq_view_drop(v, 2, &e), -1);
	assert_string_equal(e.text, "event 2 is done");
	evq_view_close(v);
}

/* One that waits for somebody else lets nothing be claimed behind it. */
static void
test_evq_narrow_lanes(void **state)
{
	struct evq_item *one, *two;

	(void)state;
	put("k1", "a", "one");
	put("k2", "a", "two");
	put("k3", "b", "other");
	claim_expect(EVQ_EVENTS, "one", &one);
	evq_narrow(q, one, true);
	claim_expect(EVQ_EVENTS, "other", &two);
	finish(two);
	assert_null(evq_claim(q, EVQ_EVENTS));
	assert_int_equal(evq_due(q, EVQ_EVENTS), -1);
	evq_narrow(q, one, false);
	claim_expect(EVQ_EVENTS, "two", &two);
	evq_unclaim(q, two, 0);
	/* its end lets others on as well */
	evq_narrow(q, one, true);
	assert_null(evq_claim(q, EVQ_EVENTS));
	finish(one);
	claim_expect(EVQ_EVENTS, "two", &two);
	finish(two);
}

/* A lane that is barred keeps what it has and what comes; others go on. */
static void
test_evq_bar_holds_a_lane(void **state)
{
	struct evq_item *it;

	(void)state;
	put("k1", "a", "one");
	put("k2", "a", "two");
	claim_expect(EVQ_EVENTS, "one", &it);
	assert_int_equal(evq_bar(q, "a"), 0);
	assert_int_equal(evq_bar(q, "a"), 0); /* twice is once */
	assert_int_equal(evq_bar(q, "empty"), 0);
	assert_int_equal(evq_bar(q, "b"), 0);
	finish(it); /* what is claimed goes on */
	put("k3", "b", "three");
	put("k4", "c", "other");
	claim_expect(EVQ_EVENTS, "other", &it);
	finish(it);
	assert_null(evq_claim(q, EVQ_EVENTS));
	assert_int_equal(evq_due(q, EVQ_EVENTS), -1);
	evq_unbar(q, "empty");
	evq_unbar(q, "b");
	claim_expect(EVQ_EVENTS, "three", &it);
	evq_unclaim(q, it, 0);
	assert_int_equal(evq_bar(q, "b"), 0);
	assert_null(evq_claim(q, EVQ_EVENTS));
	evq_unbar(q, "a");
	evq_unbar(q, "never barred");
	claim_expect(EVQ_EVENTS, "two", &it);
	finish(it);
	evq_unbar(q, "b");
	claim_expect(EVQ_EVENTS, "three", &it);
	finish(it);
}

static bool
reason_is(struct evq_view *v, int64_t id, const char *want)
{
	struct err e = ERR_INIT;
	struct json *o = evq_view_show(v, id, &e);
	bool is = str_eq(json_get_str(o, "reason"), want);

	json_free(o);
	return is;
}

/* An event tells why a reply waits, as long as it does. */
static void
test_evq_sqlite_tells_the_reason_of_its_replies(void **state)
{
	struct evq_change two = {
	    .to = EVQ_DONE, .replies = two_replies, .nreplies = 2};
	struct evq_change wait = {.to = EVQ_WAITING, .reason = "503"};
	struct evq_change dead = {.to = EVQ_DEAD, .reason = "403"};
	struct err e = ERR_INIT;
	struct evq_view *v = evq_view_open(where, &e);
	struct evq_item *it;

	(void)state;
	put("k1", "a", "one");
	two.item = evq_claim(q, EVQ_EVENTS);
	assert_true(change(&two));
	wait.item = two.ready;
	assert_true(change(&wait));
	assert_true(reason_is(v, 1, "503"));
	claim_expect(EVQ_REPLIES, "r1", &it);
	finish(it);
	assert_true(reason_is(v, 1, NULL));
	claim_expect(EVQ_REPLIES, "r2", &it);
	dead.item = it;
	assert_true(change(&dead));
	assert_true(reason_is(v, 1, "403"));
	evq_view_close(v);
}

static void
test_evq_view_leaves_a_note(void **state)
{
	struct evq_memo m = {"scope", "key", "value"};
	struct err e = ERR_INIT;
	struct evq_view *v = evq_view_open(where, &e);
	char *text;

	(void)state;
	assert_int_equal(evq_view_remember(v, &m, &e), 0);
	m.value = "newer";
	assert_int_equal(evq_view_remember(v, &m, &e), 0);
	text = evq_memory(q, "scope", "key");
	assert_string_equal(text, "newer");
	free(text);
	evq_view_close(v);
}

static bool
is_there(struct evq_view *v, int64_t id)
{
	struct err e = ERR_INIT;
	struct json *o = evq_view_show(v, id, &e);

	json_free(o);
	return o != NULL;
}

/* Old events go, but not with replies that are still under way. */
static void
test_evq_sqlite_prunes_what_is_done_with(void **state)
{
	struct evq_change two = {
	    .to = EVQ_DONE, .replies = two_replies, .nreplies = 2};
	struct evq_change dead = {.to = EVQ_DEAD, .reason = "403"};
	struct evq_change sent = {.to = EVQ_DONE, .message = "M2"};
	struct evq_opts o = {
	    .where = where, .queue_max = 1000, .keep_ms = 0, .window = 4};
	struct err e = ERR_INIT;
	struct evq_view *v;
	struct evq_item *it;
	int i;

	(void)state;
	evq_close(q);
	assert_non_null(q = evq_open(&o, &e));
	put("k1", "x", "old");
	claim_expect(EVQ_EVENTS, "old", &it);
	finish(it);
	put("k2", "a", "answered twice");
	two.item = evq_claim(q, EVQ_EVENTS);
	assert_true(change(&two));
	dead.item = two.ready;
	assert_true(change(&dead));
	put("k3", "x", "the last");
	claim_expect(EVQ_EVENTS, "the last", &it);
	finish(it);
	assert_non_null(v = evq_view_open(where, &e));
	for (i = 0; i < 60 && is_there(v, 1); i++) {
		clk_advance(61000); /* to the next look */
		usleep(100000);
	}
	assert_false(is_there(v, 1));
	assert_true(is_there(v, 2));
	assert_true(is_there(v, 3));
	claim_expect(EVQ_REPLIES, "r2", &it);
	sent.item = it;
	assert_true(change(&sent));
	assert_true(evq_sent(q, "M2"));
	evq_view_close(v);
}

/* As what has come in is looked over now and then; the clock goes on. */
static void
prune_for_long(void)
{
	int i;

	for (i = 0; i < 20; i++) {
		clk_advance(61000);
		usleep(50000);
	}
}

/*
 * A key is there as long as its message may be fetched again, and the latest
 * are in any case: the clock may have been wrong when they came.
 */
static void
test_evq_sqlite_keeps_keys_as_long_as_they_are_needed(void **state)
{
	struct evq_opts o = {.where = where,
	    .queue_max = 10000,
	    .reach_ms = 3600 * 1000,
	    .window = 4};
	struct err e = ERR_INIT;
	char key[16];
	int i;

	(void)state;
	evq_close(q);
	assert_non_null(q = evq_open(&o, &e));
	put("k", "a", "one");
	clk_advance(3LL * 24 * 3600 * 1000);
	put("k-next", "a", "of another day");
	prune_for_long();
	assert_int_equal(put("k", "a", "again"), EVQ_REPEATED);
	for (i = 0; i < 2000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		put(key, "a", "many");
	}
	evq_close(q);
	o.reach_ms = 7LL * 24 * 3600 * 1000;
	assert_non_null(q = evq_open(&o, &e));
	prune_for_long();
	assert_int_equal(put("k", "a", "again"), EVQ_REPEATED);
	evq_close(q);
	o.reach_ms = 3600 * 1000;
	assert_non_null(q = evq_open(&o, &e));
	prune_for_long();
	assert_int_equal(put("k", "a", "again"), EVQ_STORED);
}

/* Who has answered a card goes with it. */
static void
test_evq_sqlite_forgets_old_cards(void **state)
{
	static const struct evq_reply reply = {"a", "r", 1, 0};
	static const struct evq_memo memos[] = {
	    {"once M1", "P1 order", "{}"}, {"room", "M1", "{}"}};
	struct evq_change c = {.to = EVQ_DONE,
	    .replies = &reply,
	    .nreplies = 1,
	    .memos = memos,
	    .nmemos = 2};
	struct evq_change sent = {
	    .to = EVQ_DONE, .message = "M1", .card = "order", .content = "{}"};
	char *s = NULL;
	int i;

	(void)state;
	put("k", "a", "event");
	c.item = evq_claim(q, EVQ_EVENTS);
	assert_true(change(&c));
	sent.item = c.ready;
	assert_true(change(&sent));
	clk_advance(89LL * 24 * 3600 * 1000);
	put("k2", "b", "to wait for a commit");
	s = evq_memory(q, "once M1", "P1 order");
	assert_non_null(s);
	free(s);
	clk_advance(2LL * 24 * 3600 * 1000);
	for (i = 0; i < 60 && (s = evq_card(q, "M1", NULL)) != NULL; i++) {
		free(s);
		clk_advance(61000); /* to the next look */
		usleep(100000);
	}
	assert_null(s);
	assert_null(evq_memory(q, "once M1", "P1 order"));
	s = evq_memory(q, "room", "M1");
	assert_non_null(s);
	free(s);
}

static bool
remembers(const char *scope)
{
	char *value = evq_memory(q, scope, "k");

	free(value);
	return value != NULL;
}

/* Open questions and the like pass; what a person was promised stays. */
static void
test_evq_sqlite_forgets_what_passes(void **state)
{
	static const struct evq_memo memos[] = {
	    {"~ask", "k", "1"}, {"person", "k", "2"}};
	struct evq_change c = {.to = EVQ_DONE, .memos = memos, .nmemos = 2};
	int i;

	(void)state;
	put("k1", "x", "event");
	c.item = evq_claim(q, EVQ_EVENTS);
	assert_true(change(&c));
	assert_true(remembers("~ask"));
	clk_advance(91 * 86400000LL);
	for (i = 0; i < 60 && remembers("~ask"); i++) {
		clk_advance(61000); /* to the next look */
		usleep(100000);
	}
	assert_false(remembers("~ask"));
	assert_true(remembers("person"));
}

/* Memory may be written with a reply as well: what it is called. */
static void
test_evq_remembers_with_a_reply(void **state)
{
	static const struct evq_reply reply = {"a", "r", 1, 0};
	static const struct evq_memo memo = {"~sent", "k", "M1"};
	struct evq_change c = {
	    .to = EVQ_DONE, .replies = &reply, .nreplies = 1};
	struct evq_change sent = {
	    .to = EVQ_DONE, .message = "M1", .memos = &memo, .nmemos = 1};

	(void)state;
	put("k", "a", "event");
	c.item = evq_claim(q, EVQ_EVENTS);
	assert_true(change(&c));
	assert_false(remembers("~sent"));
	sent.item = c.ready;
	assert_true(change(&sent));
	assert_true(remembers("~sent"));
}

static int
remove_dir(void **state)
{
	char cmd[64];

	(void)state;
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	return system(cmd);
}

#define EVERY_BACKEND(f)                                                       \
	cmocka_unit_test_setup_teardown(f, setup_mem, teardown),               \
	    cmocka_unit_test_setup_teardown(f, setup_sqlite, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lanes_keep_order_within_and_take_turns),
	    cmocka_unit_test(test_lanes_sort_by_order),
	    cmocka_unit_test(test_lanes_survive_random_use),
	    EVERY_BACKEND(test_evq_repeats_are_known),
	    EVERY_BACKEND(test_evq_knows_when_a_source_was_heard_last),
	    EVERY_BACKEND(test_evq_replies_follow_their_event),
	    EVERY_BACKEND(test_evq_retry_waits_and_counts),
	    EVERY_BACKEND(test_evq_unclaimed_comes_again),
	    EVERY_BACKEND(test_evq_narrow_lanes),
	    EVERY_BACKEND(test_evq_bar_holds_a_lane),
	    EVERY_BACKEND(test_evq_a_reply_for_later_waits),
	    EVERY_BACKEND(test_evq_full_queue_refuses),
	    EVERY_BACKEND(test_evq_bounds_what_is_for_others),
	    EVERY_BACKEND(test_evq_remembers_cards_and_memory),
	    EVERY_BACKEND(test_evq_remembers_without_an_event),
	    EVERY_BACKEND(test_evq_remembers_with_a_reply),
	    EVERY_BACKEND(test_evq_many_threads_put),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_reopens_where_it_was, setup_sqlite, teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_has_one_owner, setup_sqlite, teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_has_one_owner_by_whatever_name, setup_sqlite,
		teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_refuses_what_it_does_not_know, setup_sqlite,
		teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_forgets_old_cards, setup_sqlite, teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_prunes_what_is_done_with, setup_sqlite,
		teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_keeps_keys_as_long_as_they_are_needed,
		setup_sqlite, teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_forgets_what_passes, setup_sqlite, teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_view_lists_replays_and_drops, setup_sqlite, teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_view_puts_beside_the_bot, setup_sqlite, teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_view_leaves_a_note, setup_sqlite, teardown),
	    cmocka_unit_test_setup_teardown(
		test_evq_sqlite_tells_the_reason_of_its_replies, setup_sqlite,
		teardown),
	};

	return cmocka_run_group_tests(tests, NULL, remove_dir);
}
