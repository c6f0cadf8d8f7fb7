/*
 * Whether Webex is there, and lets us in: what the answers tell of it, and
 * the question that is asked again and again while they tell nothing good.
 * See engine_int.h.  The engine's thread.
 */
#include <string.h>

#include "base/clk.h"
#include "bot/engine_int.h"

#define PULSE_DOWN 3           /* calls that fail in a row: Webex is down */
#define PULSE_MS 3000          /* between two questions whether it is back */
#define PULSE_SOON_MS 500      /* after an answer that says nothing of it */
#define PULSE_TIMEOUT_MS 10000 /* one that hangs holds all up; at first */
#define PULSE_SLOW 6           /* doublings of it */
#define PULSE_PAUSE_MS 5000    /* a 429 that is a problem */

static void
pulse_hold(struct engine *en, enum engine_hold why, const char *text)
{
	if (en->hold != HOLD_NO && why != HOLD_TOKEN)
		return;
	if (en->hold == HOLD_NO)
		en->pulse_at = clk_mono_ms() + PULSE_MS;
	en->hold = why;
	if (why == HOLD_TOKEN)
		board_set(en->o.board, BOARD_TOKEN,
		    "Webex refuses the token (%s): events are kept, trying "
		    "again every %d s and on SIGHUP",
		    text, PULSE_MS / 1000);
	else
		board_set(en->o.board, BOARD_API,
		    "Webex does not answer (%s): events are kept, trying "
		    "again every %d s",
		    text, PULSE_MS / 1000);
}

static void
pulse_release(struct engine *en)
{
	en->failures = 0;
	if (en->hold == HOLD_NO)
		return;
	if (en->hold == HOLD_START || en->hold == HOLD_TOKEN)
		en->back_at = clk_mono_ms();
	en->hold = HOLD_NO;
	board_set(en->o.board, BOARD_TOKEN, NULL);
	board_set(en->o.board, BOARD_API, NULL);
}

void
pulse_down(struct engine *en, const char *why)
{
	pulse_hold(en, HOLD_DOWN, why);
}

void
pulse_doubt(struct engine *en)
{
	en->unproved = true;
	if (en->hold == HOLD_NO || en->hold == HOLD_DOWN)
		en->hold = HOLD_PROOF;
}

void
pulse_learn(struct engine *en, const struct job *j)
{
	const struct job_answer *a = &j->answer;
	int64_t id = j->item == NULL ? 0 : j->item->id;

	if (a->verdict == WX_AUTH) {
		/* asked before the token was known to be good */
		if (j->called_us >= en->good_us)
			pulse_hold(en, HOLD_TOKEN, a->error);
	} else if (a->verdict == WX_RETRY &&
		   (a->status == 0 || a->status == 503)) {
		/* one that always fails says nothing about the others */
		if (en->failures == 0 || en->failing != id)
			en->failures++;
		en->failing = id;
		if (en->failures >= PULSE_DOWN)
			pulse_hold(en, HOLD_DOWN, a->error);
	} else if (a->status != 0 &&
		   (a->status >= 400 || a->verdict == WX_OK)) {
		en->failures = 0;
		if (en->hold != HOLD_DOWN || a->status >= 500)
			return;
		en->hold = HOLD_NO;
		board_set(en->o.board, BOARD_API, NULL);
	}
}

/* As long as any call may take, where one does take that long. */
static int
pulse_timeout(const struct engine *en)
{
	int64_t most = en->o.cfg->api_timeout;
	int64_t ms = (int64_t)PULSE_TIMEOUT_MS << en->pulse_slow;

	return (int)(ms < most ? ms : most);
}

/*
 * GET /people/me: who we are, and whether we are let in.  The pause of one
 * limit group is none of the others', so when that group rests another is
 * asked whether the token we have is good.
 */
static enum job_next
pulse_ask(struct job *j)
{
	struct engine *en = j->en;
	struct wx_call c = {.endpoint = WX_PEOPLE_ME};
	int64_t rest = wx_rest_ms(en->o.wx, WX_PEOPLE_ME), other;

	if (rest > 0 && !en->unproved && self_get(en->o.self) != NULL) {
		other = wx_rest_ms(en->o.wx, WX_ROOM_LIST);
		c.endpoint = WX_ROOM_LIST;
		c.query = "max=1";
		rest = other < rest ? other : rest;
	}
	if (rest > 0) {
		en->pulse_at = clk_mono_ms() + rest;
		return JOB_OVER;
	}
	en->token = wx_token(en->o.wx);
	c.timeout_ms = pulse_timeout(en);
	return job_call(j, &c);
}

static void
pulse_learn_self(struct job *j)
{
	struct engine *en = j->en;
	struct err e = ERR_INIT;
	struct json *me = json_parse(j->answer.body, j->answer.len, &e);
	const struct self_data *d;

	if (me == NULL || self_set(en->o.self, me, &e) == -1) {
		pulse_hold(en, HOLD_TOKEN, e.text);
		return;
	}
	if (!wx_trust(en->o.wx, en->token)) {
		en->pulse_at = 0; /* this was the one before */
		return;
	}
	en->unproved = false;
	pulse_release(en);
	d = self_get(en->o.self);
	if (strcmp(d->type, "person") == 0)
		board_set(en->o.board, BOARD_TOKEN,
		    "the token is a person's (%s), not a bot's: it will "
		    "expire",
		    d->email);
}

static enum job_next
pulse_take(struct job *j)
{
	struct engine *en = j->en;

	if (j->answer.body == NULL)
		j->answer.verdict = WX_RETRY;
	if (j->answer.verdict == WX_OK && j->answer.endpoint == WX_ROOM_LIST)
		pulse_release(en);
	else if (j->answer.verdict == WX_OK)
		pulse_learn_self(j);
	else if (j->answer.verdict == WX_AUTH)
		pulse_hold(en, HOLD_TOKEN, j->answer.error);
	else if ((en->hold == HOLD_START || en->hold == HOLD_PROOF) &&
		 j->answer.verdict != WX_CANCELLED)
		board_set(en->o.board, BOARD_API,
		    "Webex does not answer (%s): events are kept, trying "
		    "again every %d s",
		    j->answer.error, PULSE_MS / 1000);
	if (j->answer.status == 0)
		en->pulse_slow += en->pulse_slow < PULSE_SLOW;
	else
		en->pulse_slow = 0;
	if (en->hold == HOLD_NO) {
		en->good_us = j->called_us;
		en->pulse_soon = true;
	} else if (en->hold == HOLD_TOKEN && en->pulse_soon &&
		   j->answer.status != 0 && j->answer.verdict != WX_AUTH) {
		/* once: it was not about the token, so do not wait as long */
		en->pulse_soon = false;
		en->pulse_at = clk_mono_ms() + PULSE_SOON_MS;
	}
	return JOB_OVER;
}

static const struct step steps_pulse[] = {
    {"ask", pulse_ask},
    {"take", pulse_take},
};

struct job *
pulse_next(struct engine *en)
{
	if (en->hold == HOLD_NO || en->pulse != NULL ||
	    clk_mono_ms() < en->pulse_at)
		return NULL;
	en->pulse_at = clk_mono_ms() + PULSE_MS;
	return en->pulse = job_new(en, NULL, steps_pulse);
}

void
pulse_tell_pause(struct engine *en)
{
	int64_t rest = wx_rest_ms(en->o.wx, WX_MESSAGE_GET);
	int64_t until = clk_mono_ms() + rest;
	char text[CLK_TEXT];

	if (rest == 0 && en->pause_told != 0) {
		en->pause_told = 0;
		board_set(en->o.board, BOARD_PAUSE, NULL);
	} else if (rest > PULSE_PAUSE_MS && until > en->pause_told + 1000) {
		en->pause_told = until;
		clk_text(clk_wall_ms() + rest, text);
		board_set(en->o.board, BOARD_PAUSE,
		    "Webex asked for a pause (429): events are kept until %s",
		    text);
	}
}
