/* The control API: state, switches, faults, clock; see ctl.h. */
#include <string.h>

#include "base/clk.h"
#include "base/map.h"
#include "sim/ctl.h"
#include "sim/deliver.h"
#include "sim/fault.h"
#include "sim/jw.h"
#include "sim/pick.h"
#include "sim/show.h"
#include "sim/traffic.h"

#define STATE_MOST 200 /* people and rooms listed */
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* -- state -- */

static void
ctl_show_people(struct ctl *c)
{
	const struct map_node *n;
	const struct person *p;
	int left = STATE_MOST;

	jw_open(&c->out, "people", '[');
	for (n = map_first(c->sim->world->people); n != NULL && left-- > 0;
	     n = map_next(n)) {
		p = map_value(n);
		jw_open(&c->out, NULL, '{');
		jw_str(&c->out, "id", p->id);
		jw_str(&c->out, "email", p->email);
		jw_str(&c->out, "displayName", p->name);
		jw_str(&c->out, "nickName", p->nick);
		jw_str(&c->out, "type", p->bot ? "bot" : "person");
		jw_str(&c->out, "token", p->token);
		jw_close(&c->out, '}');
	}
	jw_close(&c->out, ']');
}

static void
ctl_show_rooms(struct ctl *c)
{
	const struct map_node *n;
	const struct member *m;
	const struct room *r;
	int left = STATE_MOST;

	jw_open(&c->out, "rooms", '[');
	for (n = map_first(c->sim->world->rooms); n != NULL && left-- > 0;
	     n = map_next(n)) {
		r = map_value(n);
		jw_open(&c->out, NULL, '{');
		jw_str(&c->out, "id", r->id);
		jw_str(&c->out, "title", r->title);
		jw_str(&c->out, "type", show_type(r));
		jw_time(&c->out, "lastActivity", r->active);
		jw_open(&c->out, "members", '[');
		TAILQ_FOREACH(m, &r->members, in_room)
		jw_str(&c->out, NULL, m->person->email);
		jw_close(&c->out, ']');
		jw_close(&c->out, '}');
	}
	jw_close(&c->out, ']');
}

static void
ctl_show_hooks(struct ctl *c)
{
	const struct map_node *n;

	jw_open(&c->out, "webhooks", '[');
	for (n = map_first(c->sim->world->hooks); n != NULL; n = map_next(n))
		show_hook(&c->out, map_value(n));
	jw_close(&c->out, ']');
}

static void
ctl_show_counts(struct ctl *c)
{
	const struct world *w = c->sim->world;

	jw_open(&c->out, "counts", '{');
	jw_num(&c->out, "people", (int64_t)map_count(w->people));
	jw_num(&c->out, "rooms", (int64_t)map_count(w->rooms));
	jw_num(&c->out, "messages", (int64_t)map_count(w->messages));
	jw_num(&c->out, "actions", (int64_t)map_count(w->actions));
	jw_num(&c->out, "webhooks", (int64_t)map_count(w->hooks));
	jw_num(&c->out, "fileBytes", (int64_t)w->content_bytes);
	jw_num(&c->out, "deliveriesPending",
	    (int64_t)deliver_pending(c->sim->deliver));
	jw_num(&c->out, "waiting", c->sim->waiting);
	jw_close(&c->out, '}');
}

int
ctl_state(struct ctl *c)
{
	char rest[SIM_URL_MAX + 4] = "";

	strcat(strcat(rest, c->sim->url), "/v1");
	jw_open(&c->out, NULL, '{');
	jw_str(&c->out, "url", c->sim->url);
	jw_str(&c->out, "api", rest);
	jw_bool(&c->out, "gallery", c->sim->preview != NULL);
	jw_str(
	    &c->out, "tries", c->sim->tries == NULL ? "help" : c->sim->tries);
	jw_time(&c->out, "time", clk_wall_ms());
	jw_num(&c->out, "seq", (int64_t)c->sim->world->seq);
	ctl_show_people(c);
	ctl_show_rooms(c);
	ctl_show_hooks(c);
	ctl_show_counts(c);
	jw_close(&c->out, '}');
	return 0;
}

int
ctl_reset(struct ctl *c)
{
	bool keep = false;
	static const struct pick rows[] = {
	    {"keepWebhooks", PICK_BOOL, 0, 0, 0},
	};

	if (pick_read(c->body, rows, COUNT(rows), &keep, &c->e) == -1)
		return -1;
	return sim_reset(c->sim, keep, &c->e);
}

/* -- time -- */

int
ctl_clock(struct ctl *c)
{
	int ms = 0;
	static const struct pick rows[] = {
	    {"advanceMs", PICK_INT, 0, 0, 1 << 30},
	};

	if (pick_read(c->body, rows, COUNT(rows), &ms, &c->e) == -1)
		return -1;
	clk_advance(ms);
	sim_wake(c->sim);
	jw_open(&c->out, NULL, '{');
	jw_time(&c->out, "time", clk_wall_ms());
	jw_close(&c->out, '}');
	return 0;
}

/* Answers when nothing is on its way, or after `wait` ms. */
int
ctl_idle(struct ctl *c)
{
	struct sim *s = c->sim;
	long long wait = 0;
	int64_t until;

	if (ctl_num(c, "wait", SIM_WAIT_MAX, &wait) == -1)
		return -1;
	until = clk_mono_ms() + wait;
	while (deliver_pending(s->deliver) > 0 && sim_wait(s, until))
		;
	jw_open(&c->out, NULL, '{');
	jw_bool(&c->out, "idle", deliver_pending(s->deliver) == 0);
	jw_num(&c->out, "pending", (int64_t)deliver_pending(s->deliver));
	jw_close(&c->out, '}');
	return 0;
}

/* -- switches -- */

#define FIELD(f) offsetof(struct sim_tune, f)
static const struct pick option_rows[] = {
    {"mentionRawId", PICK_BOOL, FIELD(style.raw_id), 0, 0},
    {"mentionIdFirst", PICK_BOOL, FIELD(style.id_first), 0, 0},
    {"mentionNoParagraph", PICK_BOOL, FIELD(style.bare), 0, 0},
    {"mentionFirstName", PICK_BOOL, FIELD(style.first_name), 0, 0},
    {"editCards", PICK_BOOL, FIELD(edit_cards), 0, 0},
    {"allReachesBots", PICK_BOOL, FIELD(all_reaches_bots), 0, 0},
    {"latencyMs", PICK_INT, FIELD(latency_ms), 0, 600000},
    {"disableAfter", PICK_INT, FIELD(disable_after), 1, WORLD_HOOK_FAILS},
    {"deliveryTimeoutMs", PICK_INT, FIELD(timeout_ms), 1, 600000},
};
#undef FIELD

int
ctl_options(struct ctl *c)
{
	const char *base = (const char *)&c->sim->tune;
	const struct pick *row;
	size_t i;

	jw_open(&c->out, NULL, '{');
	for (i = 0; i < COUNT(option_rows); i++) {
		row = &option_rows[i];
		if (row->kind == PICK_BOOL)
			jw_bool(&c->out, row->name,
			    *(const bool *)(base + row->at));
		else
			jw_num(&c->out, row->name,
			    *(const int *)(const void *)(base + row->at));
	}
	jw_str(&c->out, "cluster", c->sim->world->cluster);
	jw_close(&c->out, '}');
	return 0;
}

/* "urn:TEAM:eu-central-1_k": where rooms made from now on live (2.7). */
static int
ctl_set_cluster(struct ctl *c)
{
	const char *s = json_get_str(c->body, "cluster");

	if (json_get(c->body, "cluster") == NULL)
		return 0;
	if (s == NULL || *s == '\0' || strlen(s) >= ID_CLUSTER)
		return ctl_fail(
		    c, 400, "cluster: a text of 1 to %d bytes", ID_CLUSTER - 1);
	strcpy(c->sim->world->cluster, s);
	json_del(c->body, "cluster");
	return 0;
}

int
ctl_set_options(struct ctl *c)
{
	struct sim_tune tune = c->sim->tune;

	if (ctl_set_cluster(c) == -1 ||
	    pick_read(c->body, option_rows, COUNT(option_rows), &tune, &c->e) ==
		-1)
		return -1;
	c->sim->tune = tune;
	return ctl_options(c);
}

/* -- faults -- */

int
ctl_faults(struct ctl *c)
{
	faults_list(c->sim->faults, &c->out);
	return 0;
}

int
ctl_add_fault(struct ctl *c)
{
	if (faults_add(c->sim->faults, c->body, &c->e) == -1)
		return -1;
	return ctl_faults(c);
}

int
ctl_clear_faults(struct ctl *c)
{
	faults_clear(c->sim->faults);
	return ctl_faults(c);
}

/* -- deliveries -- */

int
ctl_deliveries(struct ctl *c)
{
	const struct deliver *d = c->sim->deliver;

	jw_open(&c->out, NULL, '{');
	jw_num(&c->out, "pending", (int64_t)deliver_pending(d));
	jw_bool(&c->out, "hold", deliver_held(d));
	jw_bool(&c->out, "newestFirst", deliver_newest_first(d));
	jw_num(&c->out, "parallel", deliver_parallel(d));
	jw_close(&c->out, '}');
	return 0;
}

struct ctl_order {
	bool hold, newest, clear;
	int parallel;
};

int
ctl_set_deliveries(struct ctl *c)
{
	struct deliver *d = c->sim->deliver;
	struct ctl_order o = {deliver_held(d), deliver_newest_first(d), false,
	    deliver_parallel(d)};
	static const struct pick rows[] = {
	    {"hold", PICK_BOOL, offsetof(struct ctl_order, hold), 0, 0},
	    {"newestFirst", PICK_BOOL, offsetof(struct ctl_order, newest), 0,
		0},
	    {"clear", PICK_BOOL, offsetof(struct ctl_order, clear), 0, 0},
	    {"parallel", PICK_INT, offsetof(struct ctl_order, parallel), 1,
		10000},
	};

	if (pick_read(c->body, rows, COUNT(rows), &o, &c->e) == -1)
		return -1;
	if (o.clear)
		deliver_clear(d);
	deliver_order(d, o.parallel, o.newest);
	deliver_hold(d, o.hold);
	return ctl_deliveries(c);
}

/* -- traffic -- */

int
ctl_traffic(struct ctl *c)
{
	long long since = 0;

	if (ctl_num(c, "since", INT64_MAX, &since) == -1)
		return -1;
	traffic_list(c->sim->traffic, (uint64_t)since, &c->out);
	return 0;
}

int
ctl_clear_traffic(struct ctl *c)
{
	traffic_clear(c->sim->traffic);
	return 0;
}
