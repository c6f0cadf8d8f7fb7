/*
 * The steps of an event that came from Webex Connect or any program: nothing
 * is fetched, the rule that its envelope names renders its replies.
 */
#include "bot/job.h"

#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "bot/forward.h"
#include "bot/hand.h"
#include "bot/hub.h"
#include "bot/turn.h"
#include "connect/notice.h"
#include "connect/vars.h"

/* A text of the envelope, "" when it is missing. */
static const char *
hub_head(const struct job *j, const char *name)
{
	const char *s = json_get_str(j->ev.head, name);

	return s == NULL ? "" : s;
}

/* Dead, but what came in is forwarded, and whoever asked is told. */
int
hub_forward_dead(struct job *j, const char *why, struct err *e)
{
	struct turn *t = j->turn;
	size_t told;

	if (forward_notify(t, "failed", why, e) == -1)
		return -1;
	told = t->out.n;
	/* that it has none, or too large a one, may be why */
	if (j->ev.body != NULL && forward_hub(t, e) == -1) {
		t->out.n = told;
		err_clear(e);
	}
	return 0;
}

/*
 * The end of it with its replies; `why` is for `events show`.  Who is told
 * of the end is told of that of the replies, which stand before it.
 */
static enum job_next
hub_settle(struct job *j, const char *status, const char *why)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;
	size_t own;

	if (forward_notify(t, status, why == NULL ? "done" : why, &e) == -1)
		return steps_cannot(j, &e);
	own = t->out.n;
	if (strcmp(status, "expired") != 0 && forward_hub(t, &e) == -1 &&
	    !steps_not_forwarded(j, own, &e))
		return steps_cannot(j, &e);
	j->change.to = EVQ_DONE;
	j->change.reason = why;
	j->change.replies = t->out.v;
	j->change.nreplies = t->out.n;
	return job_settle(j);
}

/* JSON was parsed with the envelope. */
static enum job_next
hub_body(struct job *j)
{
	struct err e = ERR_INIT;
	const char *raw;
	size_t len;

	if (j->ev.body != NULL)
		return JOB_GO;
	raw = event_raw(j->item->body, j->item->len, &len);
	j->ev.body = vars_parse(str_eq(json_get_str(j->ev.head, "type"), "xml")
				    ? VARS_XML
				    : VARS_JSON,
	    raw, len, &e);
	if (j->ev.body != NULL)
		return JOB_GO;
	return steps_cannot(j, &e);
}

/* -- which rule -- */

static const struct rule *
hub_rule_inbound(struct job *j, const char **why)
{
	struct hub_inbound *hi =
	    hub_inbound(brain_hub(j->turn->brain), hub_head(j, "id"));

	*why = hi == NULL ? "bot.json has this ID no longer" : "";
	return hi == NULL ? NULL : &hi->rule;
}

static const struct rule *
hub_rule_notice(struct job *j, const char **why)
{
	struct turn *t = j->turn;

	if ((t->notice = notice_new(j->ev.body)) == NULL) {
		*why = NULL;
		return NULL;
	}
	*why = "no rule fits";
	return hub_notice(brain_hub(t->brain), t->notice);
}

static const struct rule *
hub_rule_event(struct job *j, const char **why)
{
	struct hub_event *he =
	    hub_event(brain_hub(j->turn->brain), hub_head(j, "evtid"));

	*why = he == NULL ? "bot.json has this event no longer" : "";
	return he == NULL ? NULL : &he->rule;
}

/* *why NULL: memory is out. */
static const struct {
	const char *source;
	const struct rule *(*find)(struct job *j, const char **why);
} hub_sources[] = {
    {"inbound", hub_rule_inbound},
    {"connect", hub_rule_notice},
    {"event", hub_rule_event},
};

static int64_t
hub_expiry(const struct job *j)
{
	return (int64_t)json_num(json_get(j->ev.head, "expiry"));
}

/* Past its time, an event of the API is not run, */
static bool
hub_expired(const struct job *j)
{
	int64_t expiry = hub_expiry(j);

	return expiry > 0 && clk_wall_ms() >= expiry;
}

bool
steps_hub_takes(const struct job *j)
{
	size_t i;

	for (i = 0; i < sizeof hub_sources / sizeof hub_sources[0]; i++)
		if (str_eq(hub_sources[i].source, j->ev.source))
			return true;
	return false;
}

static enum job_next
hub_route(struct job *j)
{
	const struct rule *r = NULL;
	const char *why = "of an unknown source";
	struct err e = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof hub_sources / sizeof hub_sources[0]; i++)
		if (strcmp(hub_sources[i].source, j->ev.source) == 0)
			r = hub_sources[i].find(j, &why);
	if (hub_expired(j))
		return hub_settle(j, "expired", "expired");
	j->turn->out.expiry = hub_expiry(j);
	if (why == NULL || hand_route_hub(engine_opts(j->en)->api, j->turn,
			       &j->turn->route, &e) == -1)
		return job_nomem(j);
	if (j->turn->route.rule != NULL) {
		j->change.rule = j->turn->route.rule->name;
		return JOB_GO;
	}
	if (r == NULL)
		return hub_settle(j, "done", why);
	j->change.rule = r->name;
	if (r->says.n == 0)
		return hub_settle(j, "done", "no reply is set");
	j->turn->route.rule = r;
	j->turn->says = &r->says;
	return JOB_GO;
}

static enum job_next
hub_run(struct job *j)
{
	struct turn *t = j->turn;
	struct err e = ERR_INIT;
	struct val data;

	if (j->hand != NULL)
		return hub_settle(j, "done", NULL);
	if (turn_data(t, &data, &e) == 0 && turn_render(t, &data, &e) == 0)
		return hub_settle(j, "done", NULL);
	return steps_cannot(j, &e);
}

const struct step steps_hub[] = {
    {"body", hub_body},
    {"route", hub_route},
    {"turn", job_turn},
    {"hand", hand_run},
    {"hand", hand_ran},
    {"run", hub_run},
};
