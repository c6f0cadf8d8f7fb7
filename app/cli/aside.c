/* Work from outside; see aside.h. */
#include "cli/aside.h"

#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/str.h"
#include "bot/bot.h"
#include "bot/vet.h"

#define ASIDE_LOOK_MS 20 /* into the store of another process */

struct aside {
	struct bot *bot; /* NULL: another process is at work */
	struct evq_view *view;
};

int
aside_ready(const struct cli *c, struct err *e)
{
	return evq_view_owner(c->cfg->store) != 0 ? 0 : vet_token(c->cfg, e);
}

struct aside *
aside_open(struct cli *c, struct err *e)
{
	struct bot_aside how = {NULL, NULL};
	struct aside *a = calloc(1, sizeof *a);

	if (a == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (evq_view_owner(c->cfg->store) == 0) {
		if (vet_token(c->cfg, e) == -1 ||
		    (a->bot = bot_start_aside(c->cfg, c->bot, &how, e)) == NULL)
			goto fail;
	}
	if ((a->view = evq_view_open(c->cfg->store, e)) != NULL)
		return a;
fail:
	aside_close(a);
	return NULL;
}

void
aside_close(struct aside *a)
{
	if (a == NULL)
		return;
	evq_view_close(a->view);
	bot_stop(a->bot);
	free(a);
}

int64_t
aside_put(struct aside *a, const struct evq_new *n, struct err *e)
{
	return a->bot != NULL ? bot_put(a->bot, n, e)
			      : evq_view_put(a->view, n, e);
}

static bool
aside_over(const struct json *o)
{
	const char *s = json_get_str(o, "state");

	return s != NULL && (strcmp(s, "done") == 0 || strcmp(s, "dead") == 0 ||
				strcmp(s, "uncertain") == 0);
}

struct evq_view *
aside_view(struct aside *a)
{
	return a->view;
}

void
aside_nap(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t c;

	clk_cond_init(&c);
	pthread_mutex_lock(&m);
	clk_cond_wait(&c, &m, clk_mono_ms() + ASIDE_LOOK_MS);
	pthread_mutex_unlock(&m);
	pthread_cond_destroy(&c);
}

struct json *
aside_wait(struct aside *a, int64_t id, int64_t ms, struct err *e)
{
	int64_t until = clk_mono_ms() + ms;
	struct json *o;
	const char *why;
	char *problems;

	while ((o = evq_view_show(a->view, id, e)) != NULL && !aside_over(o)) {
		if (clk_mono_ms() >= until)
			break;
		json_free(o);
		aside_nap();
	}
	if (o == NULL || aside_over(o))
		return o;
	problems = a->bot == NULL ? NULL : bot_problems(a->bot);
	why = problems != NULL && *problems != '\0' ? problems
						    : json_get_str(o, "reason");
	err_set(e, ERR_TEMP,
	    "event %lld is still %s%s%s; the bot goes on with it",
	    (long long)id, json_get_str(o, "state"), why == NULL ? "" : ": ",
	    why == NULL ? "" : why);
	free(problems);
	json_free(o);
	return NULL;
}
