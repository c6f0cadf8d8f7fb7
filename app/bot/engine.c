/*
 * The engine; see engine.h.  engine_run and everything it calls is its own
 * thread; job_resume and engine_wake come from others (xfer's, the store's
 * writer, handlers) and only put a job into the inbox.
 */
#include "bot/engine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/thr.h"
#include "bot/engine_int.h"
#include "bot/epitaph.h"
#include "bot/memory.h"
#include "bot/people.h"
#include "bot/turn.h"

#define ENGINE_PUT_MS 10000     /* without progress in putting, see engine.h */
#define ENGINE_STALL_MS 500     /* before storing is tried again */
#define ENGINE_CLAIMS 256       /* in a row */
#define ENGINE_BYTES (8u << 20) /* bodies of a queue worked on at once */
#define ENGINE_OTHERS 4       /* of those one that prefers what is for others */
#define ENGINE_PARKED_MS 1500 /* what is parked keeps its place for that */
#define ENGINE_NOMEM_MS 100   /* before a claim is */

const struct engine_opts *
engine_opts(const struct engine *en)
{
	return &en->o;
}

struct people *
engine_people(struct engine *en)
{
	return en->people;
}

const struct job *
engine_jobs(struct engine *en)
{
	return en->jobs;
}

struct memory *
engine_memory(struct engine *en)
{
	return en->memory;
}

/* -- turns within a lane -- */

static void engine_step(struct engine *en, struct job *j);

void
engine_park(struct job *j, bool parked)
{
	if (j->parked != parked)
		j->en->parked[j->queue] += parked ? j->bytes : -j->bytes;
	j->parked = parked;
}

static void
engine_go_on(struct job *j)
{
	if (!j->aside)
		return;
	pthread_mutex_lock(&j->en->lock);
	j->en->aside--;
	pthread_mutex_unlock(&j->en->lock);
	j->aside = false;
	if (j->alone)
		evq_narrow(j->en->o.q, j->item, false);
	j->alone = false;
}

/* An event of this lane has been settled: whose turn is it? */
static void
engine_unpark(struct engine *en, enum evq_which queue, const char *lane)
{
	struct job *j = evq_front(en->o.q, queue, lane);

	if (j == NULL || !j->parked)
		return;
	engine_park(j, false);
	engine_go_on(j);
	engine_step(en, j);
}

static struct job *engine_begin(
    struct engine *en, struct evq_item *it, const struct step *steps);
static void engine_end(struct engine *en, struct job *j);

/*
 * The first of a lane waits for a while: those that are parked behind it need
 * no place meanwhile, and are fetched once more.
 */
static void
engine_unclaim_lane(struct engine *en, const char *lane)
{
	struct job *j, *next;

	for (j = en->jobs; j != NULL; j = next) {
		next = j->all_next;
		if (j->parked && strcmp(j->lane, lane) == 0) {
			evq_unclaim(en->o.q, j->item, 0);
			engine_end(en, j);
		}
	}
}

/*
 * Where many wait, one that waits for a program or a handler does so alone:
 * what is parked behind it would take the places of other rooms.
 */
static void
engine_alone(struct job *j)
{
	engine_unclaim_lane(j->en, j->lane);
	evq_narrow(j->en->o.q, j->item, true);
	j->alone = true;
}

void
engine_aside(struct job *j)
{
	struct engine *en = j->en;
	bool many;

	if (j->aside || j->item == NULL || j->queue == EVQ_OUTSIDE)
		return;
	pthread_mutex_lock(&en->lock);
	en->aside++;
	many = en->aside > (int)en->o.cfg->inflight / 2;
	pthread_mutex_unlock(&en->lock);
	j->aside = true;
	if (many && !j->parked)
		engine_alone(j);
}

/* The change is stored, or was refused by the store. */
static enum job_next
finish(struct job *j)
{
	struct engine *en = j->en;

	if (!j->stored) {
		if (en->stalled == NULL) { /* one line for all of them */
			log_error("%s, trying again", j->refusal == NULL
							  ? "the store refuses"
							  : j->refusal);
			en->stall_until = clk_mono_ms() + ENGINE_STALL_MS;
		}
		j->next = NULL;
		*en->stalled_end = j;
		en->stalled_end = &j->next;
		return JOB_STAY;
	}
	if (j->change.ready != NULL) {
		struct job *r = engine_begin(en, j->change.ready, steps_reply);

		if (r != NULL) {
			r->fresh = true;
			r->again = EVQ_WAITING;
			engine_step(en, r);
		}
	}
	if (j->which != EVQ_EVENTS)
		return JOB_OVER;
	if (j->change.item == NULL)
		engine_unpark(en, j->queue, j->lane);
	else if (j->change.due > clk_wall_ms() + ENGINE_PARKED_MS &&
		 evq_front(en->o.q, j->queue, j->lane) == NULL)
		engine_unclaim_lane(en, j->lane);
	return JOB_OVER;
}

const struct step steps_finish[] = {{"finish", finish}};

/* -- the loop -- */

static void
engine_end(struct engine *en, struct job *j)
{
	if (j == en->pulse) {
		en->pulse = NULL;
	} else {
		engine_go_on(j);
		engine_park(j, false);
		en->bytes[j->queue] -= j->bytes;
		pthread_mutex_lock(&en->lock);
		en->outside -= j->queue == EVQ_OUTSIDE;
		if (--en->inflight == 0)
			pthread_cond_broadcast(&en->idle);
		en->look = true;
		pthread_mutex_unlock(&en->lock);
		stat_add(STAT_inflight, -1);
	}
	job_free(j);
}

static void
engine_step(struct engine *en, struct job *j)
{
	enum job_next next;

	epitaph_event(j->event, NULL);
	for (;;) {
		CRASH_POINT(j->step->name);
		next = j->step->fn(j);
		if (next == JOB_GO || next == JOB_WAIT)
			j->step++;
		if (next != JOB_GO && next != JOB_AT)
			break;
	}
	epitaph_event(0, NULL);
	if (next == JOB_OVER)
		engine_end(en, j);
}

static struct job *
engine_begin(struct engine *en, struct evq_item *it, const struct step *steps)
{
	struct job *j = job_new(en, it, steps);

	if (j == NULL) {
		evq_unclaim(en->o.q, it, ENGINE_NOMEM_MS);
		return NULL;
	}
	en->bytes[j->queue] += j->bytes = it->len;
	pthread_mutex_lock(&en->lock);
	en->inflight++;
	en->outside += j->queue == EVQ_OUTSIDE;
	pthread_mutex_unlock(&en->lock);
	stat_add(STAT_inflight, 1);
	return j;
}

/*
 * A claimed item that was dropped meanwhile: whose turn is it now?  False:
 * memory is out.
 */
static bool
engine_forget(struct engine *en, struct evq_item *it)
{
	enum evq_which which = it->which, queue = it->queue;
	char *lane = strdup(lane_name(&it->in));

	if (lane == NULL) {
		evq_unclaim(en->o.q, it, ENGINE_NOMEM_MS);
		return false;
	}
	evq_forget(en->o.q, it);
	if (which == EVQ_EVENTS)
		engine_unpark(en, queue, lane);
	free(lane);
	return true;
}

int
engine_outside(const struct engine *en)
{
	return ((int)en->o.cfg->inflight + 3) / 4;
}

struct outhook_load *
engine_triggers(struct engine *en)
{
	return &en->triggers;
}

enum job_next
job_dropped(struct job *j)
{
	if (!j->item->dropped)
		return JOB_GO;
	log_info("event ev=%lld is not gone on with: it was dropped",
	    (long long)j->event);
	engine_forget(j->en, j->item);
	return JOB_OVER;
}

/* What may be claimed now. */
static void
engine_may_claim(struct engine *en, bool may[EVQ_WHICH])
{
	int limit = (int)en->o.cfg->inflight, busy;
	bool room, allowed, webex;
	size_t i;

	pthread_mutex_lock(&en->lock);
	if (!en->allowed && en->allow_at != 0 && clk_mono_ms() >= en->allow_at)
		en->allowed = true;
	may[EVQ_OUTSIDE] = !en->drain && en->outside < engine_outside(en);
	/* who waits for somebody else counts for little */
	busy = en->inflight - en->outside - en->aside;
	room = !en->drain && busy < limit && busy + en->aside < 2 * limit;
	allowed = en->allowed;
	pthread_mutex_unlock(&en->lock);
	webex = room && allowed && en->hold == HOLD_NO &&
		wx_rest_ms(en->o.wx, WX_MESSAGE_GET) == 0;
	may[EVQ_EVENTS] = may[EVQ_REPLIES] = webex;
	/* who we are may be read by its replies */
	may[EVQ_HUB] = room && self_get(en->o.self) != NULL;
	for (i = 0; i < EVQ_WHICH; i++)
		may[i] = may[i] && (en->bytes[i] < ENGINE_BYTES ||
				       en->bytes[i] == en->parked[i]);
}

/*
 * Replies first: they are what people wait for.  Then events, which are
 * bounded by what is in flight; for other programs now and then before them.
 */
static struct evq_item *
engine_next(struct engine *en, bool others)
{
	static const enum evq_which orders[2][EVQ_WHICH] = {
	    {EVQ_REPLIES, EVQ_EVENTS, EVQ_HUB, EVQ_OUTSIDE},
	    {EVQ_OUTSIDE, EVQ_REPLIES, EVQ_HUB, EVQ_EVENTS}};
	const enum evq_which *order = orders[others];
	struct evq_item *it = NULL;
	bool may[EVQ_WHICH];
	size_t i;

	engine_may_claim(en, may);
	for (i = 0; i < EVQ_WHICH && it == NULL; i++)
		if (may[order[i]])
			it = evq_claim(en->o.q, order[i]);
	return it;
}

static bool
engine_claim(struct engine *en, bool others)
{
	struct evq_item *it = engine_next(en, others);
	struct job *j;

	if (it == NULL)
		return false;
	if (it->body == NULL)
		return engine_forget(en, it);
	j = engine_begin(
	    en, it, it->which == EVQ_EVENTS ? steps_event : steps_reply);
	if (j == NULL)
		return false;
	engine_step(en, j);
	return true;
}

static void
engine_unstall(struct engine *en)
{
	struct job *j, *list = en->stalled;

	if (list == NULL || clk_mono_ms() < en->stall_until)
		return;
	en->stalled = NULL;
	en->stalled_end = &en->stalled;
	while ((j = list) != NULL) {
		list = j->next;
		if (j->turn != NULL && j->turn->held)
			memory_again(en->memory, &j->turn->changes);
		evq_change(en->o.q, &j->change);
	}
}

/* The earlier of two deadlines, of which -1 is none. */
static int64_t
engine_earlier(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* When to look again without being woken; -1: not at all. */
static int64_t
engine_deadline(struct engine *en)
{
	int64_t rest, deadline = -1;
	bool may[EVQ_WHICH];
	size_t i;

	if (en->stalled != NULL)
		deadline = en->stall_until;
	engine_may_claim(en, may);
	for (i = 0; i < EVQ_WHICH; i++)
		if (may[i])
			deadline = engine_earlier(
			    deadline, evq_due(en->o.q, (enum evq_which)i));
	if (may[EVQ_EVENTS])
		return deadline;
	if (en->hold != HOLD_NO) /* one that is under way ends the wait */
		return en->pulse != NULL
			   ? deadline
			   : engine_earlier(deadline, en->pulse_at);
	if ((rest = wx_rest_ms(en->o.wx, WX_MESSAGE_GET)) > 0)
		deadline = engine_earlier(deadline, clk_mono_ms() + rest);
	pthread_mutex_lock(&en->lock);
	if (!en->allowed && en->allow_at != 0)
		deadline = engine_earlier(deadline, en->allow_at);
	pthread_mutex_unlock(&en->lock);
	return deadline;
}

static struct job *
engine_take_inbox(struct engine *en)
{
	char down[sizeof en->down];
	struct job *list;

	pthread_mutex_lock(&en->lock);
	list = en->inbox;
	en->inbox = NULL;
	en->inbox_end = &en->inbox;
	en->look = false;
	en->busy = true;
	if (en->poke) {
		/* with another token, perhaps: what was asked before is past */
		en->pulse_at = 0;
		en->good_us = clk_mono_us();
	}
	if (en->renewed)
		pulse_doubt(en);
	en->poke = en->renewed = false;
	memcpy(down, en->down, sizeof down);
	en->down[0] = '\0';
	pthread_mutex_unlock(&en->lock);
	if (down[0] != '\0')
		pulse_down(en, down);
	return list;
}

/* Wait for something to do; false: stop. */
static bool
engine_sleep(struct engine *en, int64_t deadline)
{
	bool go;

	pthread_mutex_lock(&en->lock);
	en->busy = false;
	while (en->inbox == NULL && !en->look && !en->poke && !en->stop &&
	       (deadline < 0 || clk_mono_ms() < deadline))
		clk_cond_wait(&en->wake, &en->lock, deadline);
	go = !en->stop;
	pthread_mutex_unlock(&en->lock);
	return go;
}

/*
 * While stopping nothing is claimed, so those that are parked behind an item
 * that waits will not have their turn any more.
 */
static void
engine_unclaim_parked(struct engine *en)
{
	struct job *j, *next;
	bool drain;

	pthread_mutex_lock(&en->lock);
	drain = en->drain;
	pthread_mutex_unlock(&en->lock);
	for (j = drain ? en->jobs : NULL; j != NULL; j = next) {
		next = j->all_next;
		if (j->parked &&
		    evq_front(en->o.q, j->queue, j->lane) == NULL) {
			evq_unclaim(en->o.q, j->item, 0);
			engine_end(en, j);
		}
	}
}

static void
engine_turn(struct engine *en)
{
	struct job *j, *list = engine_take_inbox(en);
	int n;

	while ((j = list) != NULL) {
		list = j->next;
		if (j->answered) {
			j->answered = false;
			pulse_learn(en, j);
			job_trace_call(j);
		}
		engine_go_on(j);
		engine_step(en, j);
	}
	engine_unstall(en);
	if ((j = pulse_next(en)) != NULL)
		engine_step(en, j);
	engine_unclaim_parked(en);
	pulse_tell_pause(en);
	for (n = 0; engine_claim(en, n % ENGINE_OTHERS == 0); n++)
		if (n == ENGINE_CLAIMS) { /* now the inbox has its turn */
			engine_wake(en);
			break;
		}
}

static void *
engine_run(void *arg)
{
	struct engine *en = arg;

	do
		engine_turn(en);
	while (engine_sleep(en, engine_deadline(en)));
	return NULL;
}

/* -- from outside -- */

struct engine *
engine_start(const struct engine_opts *o, struct err *e)
{
	struct engine *en = calloc(1, sizeof *en);

	if (en == NULL || (en->people = people_new()) == NULL ||
	    (en->memory = memory_new(o->q)) == NULL) {
		err_nomem(e);
		goto fail;
	}
	en->o = *o;
	en->inbox_end = &en->inbox;
	en->stalled_end = &en->stalled;
	en->hold = HOLD_START;
	en->back_at = clk_mono_ms();
	pthread_mutex_init(&en->lock, NULL);
	clk_cond_init(&en->wake);
	clk_cond_init(&en->idle);
	if (thr_start(&en->thread, "wb-engine", engine_run, en) == 0)
		return en;
	err_set(e, ERR_BUG, "no thread for the engine");
fail:
	if (en != NULL) {
		memory_free(en->memory);
		people_free(en->people);
	}
	free(en);
	return NULL;
}

static void
engine_signal(struct engine *en, bool *flag)
{
	pthread_mutex_lock(&en->lock);
	*flag = true;
	pthread_cond_signal(&en->wake);
	pthread_mutex_unlock(&en->lock);
}

void
engine_allow_claims(struct engine *en, bool allowed)
{
	pthread_mutex_lock(&en->lock);
	en->allowed = allowed;
	en->allow_at = clk_mono_ms() + ENGINE_PUT_MS;
	en->look = true;
	pthread_cond_signal(&en->wake);
	pthread_mutex_unlock(&en->lock);
}

void
engine_put_more(struct engine *en)
{
	pthread_mutex_lock(&en->lock);
	en->allow_at = clk_mono_ms() + ENGINE_PUT_MS;
	pthread_mutex_unlock(&en->lock);
}

void
engine_wake(struct engine *en)
{
	engine_signal(en, &en->look);
}

void
engine_poke(struct engine *en, bool renewed)
{
	if (renewed)
		engine_signal(en, &en->renewed);
	engine_signal(en, &en->poke);
}

void
engine_down(struct engine *en, const char *why)
{
	pthread_mutex_lock(&en->lock);
	snprintf(en->down, sizeof en->down, "%s", why);
	en->look = true;
	pthread_cond_signal(&en->wake);
	pthread_mutex_unlock(&en->lock);
}

static bool
engine_is_due(struct engine *en, enum evq_which which)
{
	int64_t due = evq_due(en->o.q, which);

	return due >= 0 && due <= clk_mono_ms();
}

bool
engine_idle(struct engine *en)
{
	bool events = engine_is_due(en, EVQ_EVENTS);
	bool replies = engine_is_due(en, EVQ_REPLIES);
	bool others = engine_is_due(en, EVQ_OUTSIDE);
	bool hub = engine_is_due(en, EVQ_HUB);
	bool idle, rests;

	/* in this order: what was claimed since then shows below */
	pthread_mutex_lock(&en->lock);
	idle = en->inflight == 0 && en->inbox == NULL && !en->look && !en->busy;
	pthread_mutex_unlock(&en->lock);
	/* what is due must wait all the same while Webex asks for a pause */
	rests = wx_rest_ms(en->o.wx, WX_MESSAGE_GET) > 0 ||
		board_has(en->o.board, BOARD_TOKEN) ||
		board_has(en->o.board, BOARD_API);
	return idle && !others && (rests || (!events && !replies && !hub));
}

void
engine_drain(struct engine *en, int64_t ms)
{
	int64_t until = clk_mono_ms() + ms;

	engine_signal(en, &en->drain);
	engine_wake(en);
	pthread_mutex_lock(&en->lock);
	while (en->inflight > 0 && clk_mono_ms() < until)
		clk_cond_wait(&en->idle, &en->lock, until);
	if (en->inflight > 0)
		log_info("%d still in flight: they are done after the next "
			 "start",
		    en->inflight);
	pthread_mutex_unlock(&en->lock);
}

void
engine_stop(struct engine *en)
{
	engine_signal(en, &en->stop);
	pthread_join(en->thread, NULL);
}

void
engine_free(struct engine *en)
{
	if (en == NULL)
		return;
	while (en->jobs != NULL)
		job_free(en->jobs);
	memory_free(en->memory);
	people_free(en->people);
	pthread_cond_destroy(&en->wake);
	pthread_cond_destroy(&en->idle);
	pthread_mutex_destroy(&en->lock);
	free(en);
}
