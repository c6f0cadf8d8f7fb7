/*
 * The steps of a rule that asks somebody else before it answers: a program
 * over HTTP, or one on this machine.  While it takes its time the job waits
 * and no thread of the engine does.  The engine's thread, but for
 * call_work.
 */
#include "bot/job.h"

#include <stdio.h>

#include "base/cfg.h"
#include "base/log.h"
#include "base/stat.h"
#include "bot/call.h"
#include "bot/program.h"
#include "bot/turn.h"
#include "bot/workers.h"

/* A program at work; in the arena of its job. */
struct call_work {
	struct work work; /* first */
	struct job *job;
	struct program_run run;
};

static bool
call_is_on(const struct turn *t)
{
	const struct rule *r = t->route.rule;

	return (r->call != NULL || r->run != NULL) && t->what == TURN_ANSWER;
}

/* On a worker's thread. */
static void
call_work(struct work *work)
{
	struct call_work *w = (struct call_work *)work;

	w->job->called = program_answer(&w->run);
	stat_inc(call_ok(w->job->called) ? STAT_calls_ok : STAT_calls_failed);
	job_resume(w->job);
}

static enum job_next
call_run(struct job *j, const struct program_run *run)
{
	const struct engine_opts *o = engine_opts(j->en);
	struct call_work *w = arena_zalloc(j->arena, sizeof *w);

	if (w == NULL)
		return job_nomem(j);
	if (o->stage != NULL) /* a rehearsal: told, not done */
		return job_submit(j, &(struct xfer_req){.method = "RUN",
					 .url = run->argv[0],
					 .body = run->in,
					 .body_len = run->in_len});
	w->work.fn = call_work;
	w->job = j;
	w->run = *run;
	w->run.dir = o->cfg->cards;
	job_trace(j, "run", "program", run->argv[0], NULL);
	engine_aside(j);
	workers_do(o->workers, &w->work);
	return JOB_WAIT;
}

static enum job_next
call_submit(struct job *j, const struct call *c, struct xfer_req *q)
{
	job_trace(j, "call", "method", c->method, "host", c->origin, NULL);
	return job_submit(j, q);
}

enum job_next
call_step(struct job *j)
{
	struct turn *t = j->turn;
	const struct rule *r = t->route.rule;
	struct err e = ERR_INIT;
	struct program_run run;
	struct xfer_req q;
	struct val data;
	int rc;

	if (!call_is_on(t))
		return JOB_GO;
	if (job_dropped(j) != JOB_GO)
		return JOB_OVER;
	if ((rc = turn_data(t, &data, &e)) == 0)
		rc = r->call != NULL
			 ? call_render(r->call, &data, t->arena, &q, &e)
			 : program_render(r->run, &data, t->arena, &run, &e);
	if (rc == 0)
		return r->call != NULL ? call_submit(j, r->call, &q)
				       : call_run(j, &run);
	if (job_may_pass(j, &e))
		return job_cannot(j, &e);
	log_warn("%s: call: %s", r->name, e.text);
	j->called = call_failed(e.text);
	return JOB_GO;
}

enum job_next
called_step(struct job *j)
{
	struct turn *t = j->turn;
	char status[16];

	if (!call_is_on(t))
		return JOB_GO;
	if (j->stopped) { /* as it is stored, for the next start */
		j->item->owner = NULL;
		return JOB_OVER;
	}
	if (j->called == NULL)
		return job_nomem(j);
	t->called = j->called;
	j->called = NULL;
	snprintf(status, sizeof status, "%.0f",
	    json_num(json_get(t->called, "status")));
	job_trace(j, "called", "status", status, NULL);
	if (!call_ok(t->called) && t->route.rule->failed.n > 0)
		t->says = &t->route.rule->failed;
	return JOB_GO;
}
