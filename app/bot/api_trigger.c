/*
 * Triggers of Webex Connect for handlers; see wb_trigger in webexbot.h.  On
 * the thread of the handler.
 */
#include "bot/api.h"

#include <string.h>

#include "base/clk.h"
#include "base/json.h"
#include "bot/trigger.h"
#include "card/problem.h"
#include "card/tpl.h"

/* The same checks as in the bot file: hosts and secrets are written out. */
static struct tpl *
api_trigger_compile(const char *text, struct err *e)
{
	struct problems ps = PROBLEMS_INIT;
	struct json *j = json_parse_str(text, e);
	struct tpl *tpl = NULL;

	if (j == NULL)
		return NULL;
	if (json_kind(j) != JSON_OBJECT)
		err_set(e, ERR_PERM, "not an object");
	else
		trigger_check(j, "", &ps);
	if (ps.n > 0)
		err_set(e, ERR_PERM, "%s", ps.v[0].text);
	else if (ps.errors > 0 || ps.failed)
		err_nomem(e);
	else if (json_kind(j) == JSON_OBJECT)
		tpl = tpl_compile(j, NULL, e);
	problems_done(&ps);
	json_free(j);
	return tpl;
}

/* What the template is filled from. */
static const struct val *
api_trigger_data(struct wb_turn *w, const char *data, struct val *own)
{
	if (data == NULL)
		return api_data(w);
	if (val_parse(w->t->arena, data, strlen(data), own, &w->why) == -1) {
		err_prefix(&w->why, "data: ");
		return NULL;
	}
	return own;
}

static int
api_trigger(struct wb_turn *turn, const char *trigger, const char *data)
{
	int64_t now = clk_wall_ms();
	const struct val *from;
	struct val own, v;
	struct tpl *tpl;
	int rc = -1;

	if (trigger == NULL)
		return err_set(&turn->why, ERR_PERM, "nothing");
	if ((from = api_trigger_data(turn, data, &own)) == NULL)
		return -1;
	if ((tpl = api_trigger_compile(trigger, &turn->why)) != NULL &&
	    tpl_render(tpl, from, NULL, now, turn->t->arena, &v, NULL,
		&turn->why) == 0)
		rc = trigger_put(turn->t, &v, api_at(turn), &turn->why);
	tpl_free(tpl);
	return rc;
}

int
wb_trigger(struct wb_turn *turn, const char *trigger, const char *data)
{
	struct err was = api_begin(turn);
	int rc = api_trigger(turn, trigger, data);

	if (rc == -1)
		err_prefix(&turn->why, "wb_trigger: ");
	return api_end(turn, &was, rc);
}
