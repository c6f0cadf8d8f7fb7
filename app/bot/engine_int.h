/* What engine.c, pulse.c and job.c share, and nobody else. */
#ifndef BOT_ENGINE_INT_H
#define BOT_ENGINE_INT_H

#include <pthread.h>

#include "bot/engine.h"
#include "bot/job.h"
#include "connect/outhook.h"

/* Why nothing is claimed; HOLD_PROOF: whose the new token is, is asked. */
enum engine_hold { HOLD_NO, HOLD_START, HOLD_TOKEN, HOLD_DOWN, HOLD_PROOF };

struct engine {
	struct engine_opts o;
	pthread_t thread;
	pthread_mutex_t lock; /* over what follows, up to `jobs` */
	pthread_cond_t wake;
	struct job *inbox, **inbox_end;
	pthread_cond_t idle;
	bool allowed;     /* claims may be made at all */
	int64_t allow_at; /* if not: when they may, clk_mono_ms; 0: not yet */
	bool look;        /* something may be claimed */
	bool poke;
	bool renewed;   /* and with another token */
	char down[200]; /* why Webex answers nothing, as others saw it */
	bool drain;
	bool stop;
	bool busy;    /* awake */
	int inflight; /* jobs; of them: */
	int outside;  /* requests to other programs */
	int aside;    /* that wait for a turn, a program or a handler */

	struct job *jobs;         /* every one, for engine_free */
	size_t bytes[EVQ_WHICH];  /* of their bodies, by queue */
	size_t parked[EVQ_WHICH]; /* of those that wait for their turn */
	struct job *stalled;      /* the store refused their change */
	struct job **stalled_end;
	int64_t stall_until;
	enum engine_hold hold;
	int64_t pulse_at;
	/* clk_mono_ms: when we began, or the token was last good again */
	int64_t back_at;
	int64_t good_us;    /* the token was good in a call made then */
	bool unproved;      /* it may be another bot's than `self` says */
	unsigned token;     /* of which the last question was asked */
	bool pulse_soon;    /* one question may follow another at once */
	int pulse_slow;     /* those in a row that were not answered */
	int64_t pause_told; /* until when, clk_mono_ms; 0: nothing */
	int failures;       /* in a row, each of another item than the last */
	int64_t failing;
	struct job *pulse;
	struct outhook_load triggers;
	struct people *people;
	struct memory *memory;
};

/* `it` NULL: one of the engine's own.  NULL: memory is out. */
struct job *job_new(
    struct engine *en, struct evq_item *it, const struct step *steps);
void job_free(struct job *j);
/* The call that was answered, for `events show`. */
void job_trace_call(struct job *j);

/* -- pulse.c: whether Webex is there at all -- */

/* The question for it, when it is time; else NULL. */
struct job *pulse_next(struct engine *en);
/* Others saw that it is not. */
void pulse_down(struct engine *en, const char *why);
/* The token may be another bot's: nothing is done before that is known. */
void pulse_doubt(struct engine *en);
/* Each answer tells how Webex is. */
void pulse_learn(struct engine *en, const struct job *j);
/* A pause that people would ask about is a problem as long as it lasts. */
void pulse_tell_pause(struct engine *en);

/* engine.c: after the change of a job is stored, or was refused. */
extern const struct step steps_finish[];

#endif
