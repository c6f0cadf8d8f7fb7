/* What is done beside the events; see keeper.h. */
#include "bot/keeper.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/log.h"
#include "base/stat.h"
#include "base/str.h"
#include "base/thr.h"
#include "webex/wx_hook.h"
#include "webex/wx_id.h"

#define KEEPER_POLL_MS 100 /* while the bot does not know itself */
#define KEEPER_PATIENCE_MS 20000
#define KEEPER_NEVER_MS (24 * 3600 * 1000)
#define KEEPER_AGAIN_MS 60000  /* after a check that failed */
#define KEEPER_MARGIN_MS 60000 /* between our clock and Webex' */
#define KEEPER_REFUSED_MS 5000 /* between fetches of what was refused */
#define KEEPER_STORE_MS 100    /* between looks whether it can be stored */
#define KEEPER_UNSURE 10       /* times in a row after which it is not urgent */
#define KEEPER_UNSURE_MS 1000  /* between those */
#define KEEPER_NUDGE_MS 2000   /* between checks that webhooks ask for */
#define KEEPER_NOTE_MS 3000    /* between looks for a person's note */
#define KEEPER_GAP_MS 15000    /* of sleep: no sleep, nothing of us ran */

/* what is remembered */
#define KEEPER_SCOPE "keeper"
#define KEEPER_MISSED "missed" /* since when */
#define KEEPER_MENDED "mended" /* a person's note */
#define KEEPER_BOT "bot"       /* whose store it is */
#define KEEPER_BORN "born"     /* when it was new */

struct keeper {
	struct keeper_opts o;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	bool nudged;        /* look now */
	bool asked;         /* look as soon as KEEPER_NUDGE_MS allow it */
	_Atomic bool wrong; /* the webhooks, when they were last looked at */
	/* clk_wall_ms, 0: not known, or nothing */
	int64_t born;   /* nothing came before that, and nothing was missed */
	int64_t right;  /* when the webhooks were last known to be right */
	int64_t missed; /* since when messages may be missing */
	bool unsaved;   /* that, or that it is over, is not on the disk */
	bool was_well;  /* at the last check */
	int unsure;     /* checks in a row: a webhook may have been
			 * re-activated, or not */
	int64_t looked; /* clk_mono_ms of the last check */
	int64_t note;   /* the last that was read */
	bool noted;     /* a person has mended what we have not seen */

	pthread_mutex_t refusals; /* over what follows; held for no time */
	int64_t refused;          /* when we first had to refuse one; 0: none */
	bool holding;             /* it comes before what comes now */
};

/* What we know to be wrong, or to begin with, is looked at anyway. */
static void
keeper_read_note(struct keeper *k)
{
	int64_t note = evq_memory_num(k->o.q, KEEPER_SCOPE, KEEPER_MENDED);

	if (note != k->note && k->was_well && k->looked != 0)
		k->noted = true;
	k->note = note;
}

/* A time to remember; 0: forget it.  False: it could not be stored. */
static bool
keeper_note(struct evq *q, const char *key, int64_t at)
{
	struct err e = ERR_INIT;

	if (evq_remember_num(q, KEEPER_SCOPE, key, at, &e) == 0)
		return true;
	log_warn("%s", e.text);
	return false;
}

static void
keeper_remember(struct keeper *k)
{
	k->unsaved = !keeper_note(k->o.q, KEEPER_MISSED, k->missed);
}

/*
 * When to fetch what was refused: when it can be stored.  Until then what
 * comes after it is held up, however long it takes.
 */
static int64_t
keeper_refused_until(struct keeper *k, int64_t now, int64_t until)
{
	int64_t next = k->looked + KEEPER_REFUSED_MS;
	bool any, holding;

	pthread_mutex_lock(&k->refusals);
	any = k->refused != 0;
	holding = k->holding;
	pthread_mutex_unlock(&k->refusals);
	if (!any || k->looked == 0)
		return until;
	if (!evq_healthy(k->o.q)) {
		if (holding)
			engine_put_more(k->o.engine);
		next = now + KEEPER_STORE_MS;
	}
	return next < until ? next : until;
}

/*
 * The process was stopped, or the machine: what was sent to us meanwhile may
 * have been refused as well, though not by us.
 */
static void
keeper_note_gap(struct keeper *k, int64_t from)
{
	int64_t gap = clk_wall_ms() - from;

	if (gap < KEEPER_GAP_MS || k->o.cfg->catchup == 0)
		return;
	log_warn(
	    "nothing of this process ran for %lld s, or the clock was set: "
	    "looking for what was missed",
	    (long long)gap / 1000);
	pthread_mutex_lock(&k->refusals);
	if (k->refused == 0 || from < k->refused)
		k->refused = from;
	pthread_mutex_unlock(&k->refusals);
}

/* Sleep, or until it is nudged or finds a note; false: stop. */
static bool
keeper_sleep(struct keeper *k, int64_t ms)
{
	int64_t end = clk_mono_ms() + ms, until, now, from;
	bool go;

	pthread_mutex_lock(&k->lock);
	for (;;) {
		now = clk_mono_ms();
		until = keeper_refused_until(k, now, end);
		if (k->asked && k->looked + KEEPER_NUDGE_MS < until)
			until = k->looked + KEEPER_NUDGE_MS;
		keeper_read_note(k);
		if (k->unsaved && evq_healthy(k->o.q))
			keeper_remember(k);
		if (k->stop || k->nudged || now >= until || k->noted)
			break;
		if (now + KEEPER_NOTE_MS < until)
			until = now + KEEPER_NOTE_MS;
		from = clk_wall_ms();
		clk_cond_wait(&k->wake, &k->lock, until);
		keeper_note_gap(k, from);
	}
	k->nudged = k->asked = false;
	go = !k->stop;
	pthread_mutex_unlock(&k->lock);
	return go;
}

/* -- catching up -- */

/*
 * Messages since then may be missing; 0: none has ever been answered.  On
 * the disk: what came in since would else be taken for the end of what is
 * missing, if the bot dies before all of it is fetched.
 */
static void
keeper_owe(struct keeper *k, int64_t since)
{
	if (since == 0 || k->o.cfg->catchup == 0)
		return;
	since -= KEEPER_MARGIN_MS;
	if (since < k->born)
		since = k->born;
	if (k->missed != 0 && since >= k->missed)
		return;
	k->missed = since;
	keeper_remember(k);
}

/* Fetch what is owed; -1: it is owed on. */
static int
keeper_fetch(struct keeper *k, const struct catchup_first *first, struct err *e)
{
	int64_t now = clk_wall_ms(), since = now - k->o.cfg->catchup;
	int n;

	if (k->missed != 0 && k->o.cfg->catchup == 0) {
		k->missed = 0; /* by a command that stood in, or before */
		keeper_remember(k);
	}
	if (k->missed == 0)
		return 0;
	/* one that is to come was noted while the clock was wrong */
	if (since < k->missed && k->missed <= now)
		since = k->missed;
	/* Webex says when by its own clock */
	since -= wx_ahead_ms(k->o.wx);
	if ((n = catchup_run(&k->o, since, first, e)) == -1)
		return -1;
	k->missed = 0;
	keeper_remember(k);
	if (n > 0)
		log_info("%d message%s missed, answering now", n,
		    n > 1 ? "s were" : " was");
	return 0;
}

/* What cannot be fetched is tried again beside the checks. */
static void
keeper_tell(struct keeper *k, const struct err *e)
{
	bool stop;

	pthread_mutex_lock(&k->lock);
	stop = k->stop;
	pthread_mutex_unlock(&k->lock);
	if (stop) /* it is noted, and the next start's */
		return;
	log_warn("what was missed could not be fetched: %s, trying again "
		 "within %d s",
	    e->text, KEEPER_AGAIN_MS / 1000);
}

static void
keeper_catch_up(struct keeper *k)
{
	struct err e = ERR_INIT;

	if (keeper_fetch(k, NULL, &e) == -1)
		keeper_tell(k, &e);
}

/* Claims go on, but for one that was refused meanwhile. */
static void
keeper_let_go(void *arg)
{
	struct keeper *k = arg;

	pthread_mutex_lock(&k->refusals);
	engine_allow_claims(k->o.engine, !k->holding);
	pthread_mutex_unlock(&k->refusals);
}

/*
 * The same, and what comes in meanwhile is not answered before it; nor when
 * Webex refuses for a moment.
 */
static void
keeper_catch_up_first(struct keeper *k)
{
	const struct catchup_first first = {keeper_let_go, k};
	struct err e = ERR_INIT;

	engine_allow_claims(k->o.engine, false);
	if (keeper_fetch(k, &first, &e) == -1)
		keeper_tell(k, &e);
	keeper_let_go(k);
}

/* -- the webhooks -- */

/* Does our own public address answer?  One failure switches it off again. */
static bool
keeper_probe(struct keeper *k, const char *target, struct err *e)
{
	int status = wx_hook_probe(k->o.xfer, target, e);

	if (status != -1 && status != 200)
		err_set(e, ERR_TEMP, "HTTP %d", status);
	return status == 200;
}

static int
keeper_activate(struct keeper *k, const struct wx_step *s, struct err *e)
{
	const char *secrets = intake_secret(k->o.intake);
	char *secret = strndup(secrets, strcspn(secrets, ","));
	struct wx_call c;
	struct buf body;
	int rc = -1;

	/*
	 * What comes in from now on must not overtake what was missed, nor
	 * be taken for the end of it if we are killed.  Not again and again.
	 */
	if (k->unsure == 0)
		engine_allow_claims(k->o.engine, false);
	keeper_owe(k, k->right);
	buf_init(&body, 64 * 1024);
	if (secret == NULL || wx_step_call(s, secret, &c, &body) == -1)
		err_nomem(e);
	else
		rc = wx_wait(k->o.wx, &c, KEEPER_PATIENCE_MS, NULL, e);
	buf_done(&body);
	free(secret);
	return rc;
}

/*
 * One that is inactive and otherwise right is re-activated; whatever else
 * differs is a person's decision, and is reported.  True: mended.
 */
static bool
keeper_mend(
    struct keeper *k, const struct wx_step *s, bool *unsure, struct buf *wrong)
{
	struct err e = ERR_INIT;

	buf_addf(wrong, "%s/%s ", s->resource, s->event);
	if (s->verb == WX_CREATE) {
		buf_adds(wrong, "is missing");
	} else if (s->moved) {
		buf_addf(wrong, "points to %s", s->from);
	} else if (s->rekeyed) {
		buf_adds(wrong, "has another secret than WEBEX_WEBHOOK_SECRET");
	} else if (!keeper_probe(k, s->target, &e)) {
		buf_addf(wrong, "is inactive, and %s does not answer (%s)",
		    s->target, e.text);
	} else if (keeper_activate(k, s, &e) == -1) {
		*unsure = *unsure || e.kind != ERR_PERM;
		buf_addf(wrong,
		    "is inactive and could not be re-activated "
		    "(%s)",
		    e.text);
	} else {
		log_warn("webhook %s/%s was inactive and has been "
			 "re-activated",
		    s->resource, s->event);
		stat_inc(STAT_webhooks_reactivated);
		return true;
	}
	return false;
}

/* A plan's step, for who only looks: is there something to do? */
static bool
keeper_differs(const struct keeper *k, struct wx_step *s)
{
	if (s->moved && *k->o.cfg->public_url == '\0') {
		/* nobody has said where it should point */
		free(s->target);
		s->target = s->from;
		s->from = NULL;
		s->moved = false;
	}
	return s->verb == WX_CREATE ||
	       (s->verb == WX_UPDATE && (s->moved || s->asleep || s->rekeyed));
}

static int
keeper_check_plan(struct keeper *k, const struct json *hooks, bool *mended,
    bool *unsure, struct err *e)
{
	struct brain *brain = brain_get(k->o.brain);
	const struct wx_want *wants;
	size_t n, i, bad = 0;
	char *target = wx_hook_target(k->o.cfg->public_url);
	struct wx_plan p = {NULL, 0};
	struct buf wrong;
	int rc = -1;

	buf_init(&wrong, 4096);
	wants = brain_wants(brain, &n);
	if (target == NULL)
		err_nomem(e);
	else
		rc = wx_plan(
		    hooks, wants, n, target, intake_secret(k->o.intake), &p, e);
	for (i = 0; rc == 0 && i < p.n; i++) {
		struct wx_step *s = &p.steps[i];
		struct buf one;

		if (!keeper_differs(k, s))
			continue;
		buf_init(&one, 1024);
		if (keeper_mend(k, s, unsure, &one)) {
			*mended = true;
		} else {
			bad++;
			buf_addf(&wrong, "%s%s", wrong.len > 0 ? "; " : "",
			    buf_str(&one));
		}
		buf_done(&one);
	}
	stat_set(STAT_webhooks_wrong, (int64_t)bad);
	if (rc == 0)
		board_set(k->o.board, BOARD_WEBHOOKS,
		    bad > 0 ? "webhooks: %s (webexbot webhooks apply mends "
			      "that)"
			    : NULL,
		    buf_str(&wrong));
	wx_plan_done(&p);
	free(target);
	buf_done(&wrong);
	brain_unref(brain);
	return rc;
}

/* True: well; false: look again sooner. */
static bool
keeper_check(struct keeper *k)
{
	int64_t now = clk_wall_ms();
	struct err e = ERR_INIT;
	struct json *hooks;
	bool mended = false, unsure = false, well;
	int rc = -1;

	hooks = wx_wait_list(
	    k->o.wx, WX_WEBHOOK_LIST, "max=100", KEEPER_PATIENCE_MS, &e);
	if (hooks != NULL)
		rc = keeper_check_plan(k, hooks, &mended, &unsure, &e);
	json_free(hooks);
	if (rc == -1)
		log_info("the webhooks could not be checked: %s", e.text);
	well = rc == 0 && !board_has(k->o.board, BOARD_WEBHOOKS);
	/* mended by us, or by a person meanwhile */
	if (mended || (well && !k->was_well)) {
		keeper_owe(k, k->right);
		keeper_catch_up_first(k);
	}
	k->unsure = unsure ? k->unsure + 1 : 0;
	if (!unsure)
		keeper_let_go(k);
	if (well)
		k->right = now;
	k->was_well = well;
	return well;
}

/* -- the thread -- */

/* How long until the next look. */
static int64_t
keeper_rest(const struct keeper *k, bool well)
{
	int64_t every = k->o.cfg->webhook_check;

	if (k->unsure > 0 && k->unsure <= KEEPER_UNSURE)
		return KEEPER_UNSURE_MS;
	if ((!well || k->missed != 0) &&
	    (every == 0 || every > KEEPER_AGAIN_MS))
		return KEEPER_AGAIN_MS;
	return every == 0 ? KEEPER_NEVER_MS : every;
}

/* The first of all: what is said from now on is for us, after restarts too. */
static void
keeper_be_born(struct keeper *k)
{
	k->right = k->born = clk_wall_ms();
	keeper_note(k->o.q, KEEPER_BORN, k->born);
}

/*
 * A token of another bot has taken its place: what was said to the one before
 * is not for us, nor what was said to us before we were there.
 */
static void
keeper_check_bot(struct keeper *k)
{
	const char *me = self_get(k->o.self)->id;
	char *before = evq_memory(k->o.q, KEEPER_SCOPE, KEEPER_BOT);
	struct evq_memo m = {KEEPER_SCOPE, KEEPER_BOT, me};
	struct err e = ERR_INIT;
	bool same = before != NULL && wx_id_same(before, me);

	if (before != NULL && !same) {
		log_warn("the store is another bot's: what came in for it "
			 "goes on as this one, and what was said before now "
			 "is not fetched");
		keeper_be_born(k);
		k->missed = 0;
		keeper_remember(k);
	}
	free(before);
	if (!same && evq_remember(k->o.q, &m, &e) == -1)
		log_warn("%s", e.text);
}

/* Since when messages were refused that can be fetched now; 0: none. */
static int64_t
keeper_take_refused(struct keeper *k)
{
	int64_t refused;

	if (!evq_healthy(k->o.q))
		return 0;
	pthread_mutex_lock(&k->refusals);
	refused = k->refused;
	k->refused = 0;
	k->holding = false;
	pthread_mutex_unlock(&k->refusals);
	return refused;
}

static void *
keeper_run(void *arg)
{
	struct keeper *k = arg;
	int64_t every = k->o.cfg->webhook_check, refused;
	bool well;

	while (self_get(k->o.self) == NULL)
		if (!keeper_sleep(k, KEEPER_POLL_MS))
			return NULL;
	keeper_check_bot(k);
	keeper_catch_up_first(k);
	for (;;) {
		well = every == 0 || keeper_check(k);
		k->looked = clk_mono_ms();
		atomic_store(&k->wrong, !well);
		if (!keeper_sleep(k, keeper_rest(k, well)))
			return NULL;
		/* Webex does not promise to come again with those */
		refused = keeper_take_refused(k);
		keeper_owe(k, refused);
		if (k->noted)
			keeper_owe(k, k->right);
		k->noted = false;
		if (refused != 0 && !evq_full(k->o.q))
			keeper_catch_up_first(k);
		else
			keeper_catch_up(k);
	}
}

struct keeper *
keeper_new(const struct keeper_opts *o, struct err *e)
{
	struct keeper *k = calloc(1, sizeof *k);

	if (k == NULL) {
		err_nomem(e);
		return NULL;
	}
	k->o = *o;
	k->born = evq_memory_num(k->o.q, KEEPER_SCOPE, KEEPER_BORN);
	k->right = evq_last_received(o->q, "webex");
	if (k->right == 0)
		k->right = k->born;
	k->missed = evq_memory_num(k->o.q, KEEPER_SCOPE, KEEPER_MISSED);
	k->note = evq_memory_num(k->o.q, KEEPER_SCOPE, KEEPER_MENDED);
	k->was_well = true;
	pthread_mutex_init(&k->lock, NULL);
	pthread_mutex_init(&k->refusals, NULL);
	clk_cond_init(&k->wake);
	/* before anything comes in that would be taken for the last */
	keeper_owe(k, k->right);
	if (k->right == 0)
		keeper_be_born(k);
	return k;
}

int
keeper_start(struct keeper *k, struct err *e)
{
	if (thr_start(&k->thread, "wb-keeper", keeper_run, k) != 0)
		return err_set(e, ERR_BUG, "no thread for the keeper");
	k->started = true;
	return 0;
}

static void
keeper_wake(struct keeper *k, bool *why)
{
	pthread_mutex_lock(&k->lock);
	*why = true;
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

void
keeper_nudge(struct keeper *k)
{
	if (k != NULL && atomic_exchange(&k->wrong, false))
		keeper_wake(k, &k->asked);
}

void
keeper_refused(struct keeper *k, bool full)
{
	bool first;

	if (k == NULL)
		return;
	pthread_mutex_lock(&k->refusals);
	if ((first = k->refused == 0))
		k->refused = clk_wall_ms();
	if (!full && k->o.cfg->catchup != 0) {
		k->holding = true;
		engine_allow_claims(k->o.engine, false);
	}
	pthread_mutex_unlock(&k->refusals);
	if (!first)
		return;
	pthread_mutex_lock(&k->lock);
	pthread_cond_signal(&k->wake);
	pthread_mutex_unlock(&k->lock);
}

void
keeper_absent(struct evq *q)
{
	int64_t since = evq_last_received(q, "webex") - KEEPER_MARGIN_MS;
	int64_t born = evq_memory_num(q, KEEPER_SCOPE, KEEPER_BORN);

	if (since < born)
		since = born;
	if (since > 0 && evq_memory_num(q, KEEPER_SCOPE, KEEPER_MISSED) == 0)
		keeper_note(q, KEEPER_MISSED, since);
}

void
keeper_mended(const char *store)
{
	char text[32];
	struct evq_memo m = {KEEPER_SCOPE, KEEPER_MENDED, text};
	struct evq_view *v;
	struct err e = ERR_INIT;

	/* one that starts looks by itself */
	if (evq_view_owner(store) == 0)
		return;
	snprintf(text, sizeof text, "%" PRId64, clk_wall_ms());
	v = evq_view_open(store, &e);
	if (v == NULL || evq_view_remember(v, &m, &e) == -1)
		log_warn(
		    "the bot could not be told, and looks later: %s", e.text);
	evq_view_close(v);
}

void
keeper_look(struct keeper *k)
{
	if (k != NULL)
		keeper_wake(k, &k->nudged);
}

void
keeper_stop(struct keeper *k)
{
	if (k != NULL)
		keeper_wake(k, &k->stop);
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	if (k->started)
		pthread_join(k->thread, NULL);
	pthread_cond_destroy(&k->wake);
	pthread_mutex_destroy(&k->lock);
	pthread_mutex_destroy(&k->refusals);
	free(k);
}
