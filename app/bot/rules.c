/*
 * bot.json to rows; see rules.h.  Reading goes on after a problem, so that
 * one look names all of them.
 */
#include "bot/rules_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "bot/memory.h"

#define RULES_MAX 10000 /* commands and actions */
#define RULES_SHOWN 60  /* bytes of a condition in the name of its rule */

void
rule_done(struct rule *r)
{
	re_free(r->re);
	free(r->cron);
	usage_free(r->usage);
	rule_says_done(&r->misuse);
	tpl_free(r->when);
	rule_ask_done(&r->ask);
	tpl_free(r->remember);
	rules_access_done(&r->access);
	call_free(r->call);
	program_free(r->run);
	rule_says_done(&r->says);
	rule_says_done(&r->failed);
	rule_says_done(&r->again);
	rule_says_done(&r->invalid);
	rules_free_texts(r->others, r->nothers);
	free(r->key);
	free(r->help);
	free(r->name);
	free(r->place);
}

static int
rule_init(struct rule *r, enum rule_kind kind, const char *what,
    const char *key, const char *help, const char *place)
{
	r->kind = kind;
	r->key = strdup(key);
	r->help = strdup(help);
	r->place = strdup(place);
	if (asprintf(&r->name, "%s%s%s", what,
		*what != '\0' && *key != '\0' ? " " : "", key) == -1)
		r->name = NULL;
	return r->key != NULL && r->help != NULL && r->place != NULL &&
		       r->name != NULL
		   ? 0
		   : -1;
}

static struct rule *
rules_add(struct rules *rs)
{
	struct rule *v = realloc(rs->v, (rs->n + 1) * sizeof *v);

	if (v == NULL)
		return NULL;
	rs->v = v;
	memset(&v[rs->n], 0, sizeof *v);
	return &v[rs->n++];
}

/* What every rule may have. */
#define RULE_KEYS                                                              \
	{"when", CONF_TEXT}, {"access", CONF_OBJECT}, {"ask", CONF_ANY},       \
	    {"call", CONF_OBJECT}, {"run", CONF_ANY},                          \
	    {"remember", CONF_OBJECT}, {"reply", CONF_REPLY},                  \
	{                                                                      \
		"failed", CONF_REPLY                                           \
	}

static const struct conf_key remember_keys[] = {
    {MEMORY_ROOM, CONF_OBJECT},
    {MEMORY_PERSON, CONF_OBJECT},
};

static int
rules_remember(struct rules_in *in, const struct json *obj, const char *path,
    struct tpl **out)
{
	const struct json *o = conf_object(obj, "remember");
	char at[CONF_PATH];

	if (o == NULL)
		return 0;
	conf_at(at, path, "remember");
	CONF_KEYS(&in->conf, o, at, remember_keys);
	return rules_tpl(in, o, at, out);
}

/* What does nothing is a mistake. */
static void
rules_body_check(struct rules_in *in, const struct json *obj, const char *path)
{
	static const char *const deeds[] = {
	    "reply", "call", "run", "remember", "ask"};
	size_t i, n = sizeof deeds / sizeof deeds[0];
	char at[CONF_PATH];

	for (i = 0; i < n && json_get(obj, deeds[i]) == NULL; i++)
		;
	if (i == n)
		conf_error(
		    &in->conf, "missing-member", path, "a rule needs a reply");
	if (json_get(obj, "failed") != NULL && json_get(obj, "call") == NULL &&
	    json_get(obj, "run") == NULL)
		conf_error(&in->conf, "bad-value", conf_at(at, path, "failed"),
		    "failed is for a call or run, and there is none");
	if (json_get(obj, "call") != NULL && json_get(obj, "run") != NULL)
		conf_error(&in->conf, "bad-value", conf_at(at, path, "run"),
		    "a rule has a call or a run, not both");
}

/* The same for all: condition, access, call, replies. */
static int
rules_body(struct rules_in *in, const struct json *obj, const char *path,
    struct rules *rs, struct rule *r)
{
	in->reads = 0;
	in->rule = r;
	in->obj = obj;
	if (rules_when(in, obj, path, "when", &r->when) == -1)
		return -1;
	rs->reads_first |= in->reads;
	if (rules_access(in, obj, path, &r->access) == -1 ||
	    rules_ask(in, obj, path, &r->ask) == -1 ||
	    rules_call(in, obj, path, &r->call) == -1 ||
	    rules_run(in, obj, path, &r->run) == -1 ||
	    rules_remember(in, obj, path, &r->remember) == -1 ||
	    rules_says(in, obj, path, "misuse", &r->misuse) == -1 ||
	    rules_says(in, obj, path, "reply", &r->says) == -1 ||
	    rules_says(in, obj, path, "failed", &r->failed) == -1 ||
	    rules_says(in, obj, path, "again", &r->again) == -1 ||
	    rules_says(in, obj, path, "invalid", &r->invalid) == -1)
		return -1;
	in->rule = NULL;
	in->obj = NULL;
	rules_body_check(in, obj, path);
	rs->asks |= r->ask.n > 0;
	rs->reads_some |= in->reads;
	r->reads = in->reads;
	return 0;
}

/* -- commands -- */

static const struct conf_key command_keys[] = {
    {"word", CONF_TEXTS},
    {"aliases", CONF_TEXTS},
    {"phrase", CONF_TEXTS},
    {"regex", CONF_TEXT},
    {"usage", CONF_TEXT},
    {"misuse", CONF_REPLY},
    {"help", CONF_TEXT},
    RULE_KEYS,
};

/* word, phrase or regex, or none beside a condition: which, or -1. */
static int
rules_pattern(struct rules_in *in, const struct json *cmd, const char *path)
{
	static const char *const kinds[] = {"word", "phrase", "regex"};
	int i, found = RULE_ANY, n = 0;

	for (i = 0; i < 3; i++)
		if (json_get(cmd, kinds[i]) != NULL) {
			found = i;
			n++;
		}
	if (n == 0 && json_get(cmd, "usage") != NULL)
		return RULE_WORD;
	if (n == 1 || (n == 0 && json_get(cmd, "when") != NULL))
		return found;
	if (n == 0)
		conf_error(&in->conf, "missing-member", path,
		    "a command needs one of word, phrase, regex, usage, when");
	else
		conf_error(&in->conf, "bad-value", path,
		    "a command has one of word, phrase and regex, not "
		    "several");
	return -1;
}

/* The words or phrases of a command: the first is its name. */
static int
rules_words(struct rules_in *in, const struct json *cmd, const char *path,
    const char *kind, struct rule *r)
{
	char at[CONF_PATH];
	size_t i;

	if (rules_texts(in, cmd, path, kind, &r->others, &r->nothers) == -1)
		return -1;
	conf_at(at, path, kind);
	if (r->nothers == 0) {
		conf_error(
		    &in->conf, "bad-value", at, "a %s must not be empty", kind);
		return 0;
	}
	free(r->key);
	r->key = r->others[0];
	memmove(r->others, r->others + 1, --r->nothers * sizeof *r->others);
	for (i = 0; r->kind == RULE_WORD && i <= r->nothers; i++)
		if (strpbrk(i == 0 ? r->key : r->others[i - 1], " \t\r\n") !=
		    NULL)
			conf_error(&in->conf, "bad-value", at,
			    "a word must not be empty and holds no blank");
	return 0;
}

static int
rules_aliases(struct rules_in *in, const struct json *cmd, const char *path,
    struct rule *r)
{
	char **more = NULL, **all, at[CONF_PATH];
	size_t n = 0;
	int rc = 0;

	if (json_get(cmd, "aliases") == NULL)
		return 0;
	if (r->kind != RULE_WORD && r->kind != RULE_PHRASE)
		conf_error(&in->conf, "bad-value", conf_at(at, path, "aliases"),
		    "aliases are for a word or a phrase");
	if (rules_texts(in, cmd, path, "aliases", &more, &n) == -1)
		rc = -1;
	all =
	    n == 0 ? NULL : realloc(r->others, (r->nothers + n) * sizeof *all);
	if (all != NULL) {
		memcpy(all + r->nothers, more, n * sizeof *all);
		r->others = all;
		r->nothers += n;
		free(more);
		return rc;
	}
	rules_free_texts(more, n);
	return n == 0 ? rc : err_nomem(in->e);
}

/* The argument pattern; its first word may stand for the command's. */
static int
rules_usage(struct rules_in *in, const struct json *cmd, const char *path,
    struct rule *r)
{
	const char *s = json_get_str(cmd, "usage");
	struct err why = ERR_INIT;
	char at[CONF_PATH];

	if (s == NULL)
		return 0;
	conf_at(at, path, "usage");
	if (r->kind != RULE_WORD) {
		conf_error(&in->conf, "bad-value", at, "usage is for a word");
		return 0;
	}
	if ((r->usage = usage_new(s, &why)) == NULL) {
		if (why.kind == ERR_BUG)
			return err_nomem(in->e);
		conf_error(&in->conf, "bad-value", at, "usage: %s", why.text);
		return 0;
	}
	if (*r->key == '\0') {
		free(r->key);
		if ((r->key = strdup(usage_word(r->usage))) == NULL)
			return err_nomem(in->e);
	} else if (!str_ieq(r->key, usage_word(r->usage))) {
		conf_error(&in->conf, "bad-value", at,
		    "usage must begin with the word %s", r->key);
	}
	return 0;
}

static int
rules_command_key(struct rules_in *in, const struct json *cmd, const char *path,
    struct rule *r)
{
	static const char *const kinds[] = {"word", "phrase", "regex", "when"};
	const char *kind = kinds[r->kind], *shown;
	size_t n;

	if ((r->kind == RULE_WORD || r->kind == RULE_PHRASE) &&
	    json_get(cmd, kind) != NULL &&
	    rules_words(in, cmd, path, kind, r) == -1)
		return -1;
	if (rules_aliases(in, cmd, path, r) == -1 ||
	    rules_usage(in, cmd, path, r) == -1)
		return -1;
	if (r->kind == RULE_REGEX)
		conf_need(&in->conf, cmd, path, "regex");
	if (r->kind == RULE_REGEX &&
	    rules_re(in, cmd, path, "regex", &r->re) == -1)
		return -1;
	free(r->name);
	shown = r->kind == RULE_ANY ? conf_str(cmd, "when") : r->key;
	n = strlen(shown);
	if (r->kind == RULE_ANY && n > RULES_SHOWN)
		n = str_utf8_cut(shown, RULES_SHOWN);
	if (asprintf(&r->name, "%s %.*s", kind, (int)n, shown) != -1)
		return 0;
	r->name = NULL;
	return err_nomem(in->e);
}

static int
rules_command(struct rules_in *in, const struct json *cmd, const char *path,
    struct rules *rs)
{
	struct rule *r;
	int kind;

	if (json_kind(cmd) != JSON_OBJECT) {
		conf_error(
		    &in->conf, "wrong-kind", path, "a command is an object");
		return 0;
	}
	CONF_KEYS(&in->conf, cmd, path, command_keys);
	if ((kind = rules_pattern(in, cmd, path)) == -1)
		kind = RULE_ANY; /* to find what else is wrong */
	if ((r = rules_add(rs)) == NULL ||
	    rule_init(r, (enum rule_kind)kind, "",
		kind == RULE_REGEX ? conf_str(cmd, "regex") : "",
		conf_str(cmd, "help"), path) == -1)
		return err_nomem(in->e);
	if (rules_command_key(in, cmd, path, r) == -1)
		return -1;
	return rules_body(in, cmd, path, rs, r);
}

/* -- submits, welcome, fallback -- */

static const struct conf_key action_keys[] = {
    {"card", CONF_TEXT},
    {"once", CONF_BOOL},
    {"again", CONF_REPLY},
    {"invalid", CONF_REPLY},
    RULE_KEYS,
};

static int
rules_action(struct rules_in *in, const struct json *act, const char *path,
    struct rules *rs)
{
	const char *card = json_get_str(act, "card");
	char at[CONF_PATH];
	struct rule *r;

	if (json_kind(act) != JSON_OBJECT) {
		conf_error(
		    &in->conf, "wrong-kind", path, "an action is an object");
		return 0;
	}
	CONF_KEYS(&in->conf, act, path, action_keys);
	if (card == NULL) {
		conf_error(&in->conf, "missing-member", path,
		    "an action needs the card it answers");
		return 0;
	}
	rules_check_card(in, act, path);
	if ((r = rules_add(rs)) == NULL ||
	    rule_init(r, RULE_ACTION, "action", card, "", path) == -1)
		return err_nomem(in->e);
	r->once = json_true(json_get(act, "once"));
	if (!r->once && json_get(act, "again") != NULL)
		conf_warn(&in->conf, "never-used", conf_at(at, path, "again"),
		    "again is never said without once");
	return rules_body(in, act, path, rs, r);
}

/* -- events -- */

const struct rules_event rules_events[] = {
    {"memberships", "created"},
    {"memberships", "updated"},
    {"memberships", "deleted"},
    {"rooms", "created"},
    {"rooms", "updated"},
    {"rooms", "migrated"},
    {"messages", "updated"},
    {"messages", "deleted"},
    {"meetings", "created"},
    {"meetings", "updated"},
    {"meetings", "deleted"},
    {"meetings", "started"},
    {"meetings", "ended"},
    {"meetingParticipants", "joined"},
    {"meetingParticipants", "left"},
    {"meetingTranscripts", "created"},
    {"recordings", "created"},
    {"recordings", "updated"},
    {"recordings", "deleted"},
};
const size_t rules_nevents = sizeof rules_events / sizeof rules_events[0];

void
rules_event_kind(const struct rules_event *ev, char out[RULES_EVENT_MAX])
{
	snprintf(out, RULES_EVENT_MAX, "%s.%s", ev->resource, ev->event);
}

bool
rules_handle(const struct rules *rs, const char *kind)
{
	size_t i;

	for (i = 0; i < rs->n; i++)
		if (rs->v[i].kind == RULE_EVENT &&
		    strcmp(rs->v[i].key, kind) == 0)
			return true;
	return false;
}

static const struct conf_key event_keys[] = {
    {"event", CONF_TEXT},
    RULE_KEYS,
};

/* The event must be one that Webex knows, and no message or submit. */
static void
rules_event_name(struct rules_in *in, const char *name, const char *path)
{
	char names[32][RULES_EVENT_MAX], at[CONF_PATH];
	const char *words[32];
	size_t i;

	for (i = 0; i < rules_nevents; i++) {
		rules_event_kind(&rules_events[i], names[i]);
		words[i] = names[i];
	}
	conf_at(at, path, "event");
	if (strcmp(name, "messages.created") == 0 ||
	    strcmp(name, "attachmentActions.created") == 0)
		conf_error(&in->conf, "bad-value", at,
		    "%s is answered by commands and actions", name);
	else
		conf_word(&in->conf, at, "event", name, words, rules_nevents);
}

static int
rules_event(struct rules_in *in, const struct json *on, const char *path,
    struct rules *rs)
{
	const char *name;
	struct rule *r;

	if (json_kind(on) != JSON_OBJECT) {
		conf_error(&in->conf, "wrong-kind", path,
		    "a rule for an event is an object");
		return 0;
	}
	CONF_KEYS(&in->conf, on, path, event_keys);
	name = conf_need(&in->conf, on, path, "event");
	if (*name != '\0')
		rules_event_name(in, name, path);
	if (json_get(on, "ask") != NULL)
		conf_error(&in->conf, "bad-value", path,
		    "nobody is there to be asked when this happens");
	if ((r = rules_add(rs)) == NULL ||
	    rule_init(r, RULE_EVENT, "on", name, "", path) == -1)
		return err_nomem(in->e);
	return rules_body(in, on, path, rs, r);
}

static int
rules_each(struct rules_in *in, const struct json *file, const char *name,
    struct rules *rs,
    int (*one)(struct rules_in *in, const struct json *x, const char *path,
	struct rules *rs))
{
	const struct json *list = json_get(file, name), *x;
	char path[64];
	size_t i = 0;

	if (json_kind(list) != JSON_LIST)
		return 0; /* told already, where it is there */
	for (x = json_first(list); x != NULL; x = json_next(x), i++) {
		if (i == RULES_MAX) {
			conf_error(&in->conf, "bad-value", "",
			    "more than %d %s", RULES_MAX, name);
			return 0;
		}
		snprintf(path, sizeof path, "/%s/%zu", name, i);
		if (one(in, x, path, rs) == -1)
			return -1;
	}
	return 0;
}

static const struct conf_key answer_keys[] = {RULE_KEYS};

/* welcome, fallback: an object with a reply. */
static int
rules_answer(struct rules_in *in, const struct json *file, const char *name,
    enum rule_kind kind, struct rules *rs, struct rule *r, bool *has)
{
	const struct json *obj = conf_object(file, name);
	char path[64];

	snprintf(path, sizeof path, "/%s", name);
	if (rule_init(r, kind, name, "", "", path) == -1)
		return err_nomem(in->e);
	if (obj == NULL)
		return 0;
	CONF_KEYS(&in->conf, obj, path, answer_keys);
	if (kind == RULE_WELCOME && json_get(obj, "ask") != NULL)
		conf_error(&in->conf, "bad-value", path,
		    "nobody has said anything yet who could be asked");
	*has = true;
	return rules_body(in, obj, path, rs, r);
}

/* -- schedules -- */

static const struct conf_key schedule_keys[] = {
    {"name", CONF_TEXT},
    {"cron", CONF_TEXT},
    {"zone", CONF_TEXT},
    RULE_KEYS,
};

static int
rules_cron(
    struct rules_in *in, const struct json *s, const char *path, struct rule *r)
{
	const char *cron = conf_need(&in->conf, s, path, "cron");
	const char *zone = conf_str(s, "zone");
	struct err why = ERR_INIT;
	char at[CONF_PATH];

	if ((r->cron = calloc(1, sizeof *r->cron)) == NULL)
		return err_nomem(in->e);
	if (*cron != '\0' && cron_parse(cron, r->cron, &why) == -1)
		conf_error(&in->conf, "bad-value", conf_at(at, path, "cron"),
		    "%s", why.text);
	if (*zone != '\0' && (r->zone = tz_find(zone)) == NULL)
		conf_error(&in->conf, "bad-value", conf_at(at, path, "zone"),
		    "no time zone %s", zone);
	return 0;
}

/* Its event is "schedule.NAME". */
static int
rules_schedule(struct rules_in *in, const struct json *s, const char *path,
    struct rules *rs)
{
	char key[64], at[CONF_PATH];
	const char *name;
	struct rule *r;
	size_t i;

	if (json_kind(s) != JSON_OBJECT) {
		conf_error(
		    &in->conf, "wrong-kind", path, "a schedule is an object");
		return 0;
	}
	CONF_KEYS(&in->conf, s, path, schedule_keys);
	name = conf_need(&in->conf, s, path, "name");
	snprintf(key, sizeof key, RULES_SCHEDULE ".%.40s", name);
	for (i = 0; i < rs->n; i++)
		if (rs->v[i].cron != NULL && strcmp(rs->v[i].key, key) == 0)
			conf_error(&in->conf, "bad-value",
			    conf_at(at, path, "name"),
			    "another schedule has this name");
	if (json_get(s, "ask") != NULL)
		conf_error(&in->conf, "bad-value", conf_at(at, path, "ask"),
		    "nobody is there to be asked when this happens");
	rule_needs_target(&in->conf, s, path, "reply");
	rule_needs_target(&in->conf, s, path, "failed");
	if ((r = rules_add(rs)) == NULL ||
	    rule_init(r, RULE_EVENT, "", key, "", path) == -1)
		return err_nomem(in->e);
	return rules_cron(in, s, path, r) == -1
		   ? -1
		   : rules_body(in, s, path, rs, r);
}

/* -- the file -- */

static const struct conf_key file_keys[] = {
    {"$schema", CONF_TEXT},
    {"commands", CONF_LIST},
    {"actions", CONF_LIST},
    {"on", CONF_LIST},
    {"schedule", CONF_LIST},
    {"welcome", CONF_OBJECT},
    {"fallback", CONF_OBJECT},
    {"access", CONF_OBJECT},
    /* read in hub.c */
    {"inbound", CONF_OBJECT},
    {"events", CONF_OBJECT},
    {"connect", CONF_OBJECT},
    {"outbound", CONF_LIST},
};

static int
rules_read(struct rules_in *in, const struct json *file, struct rules *rs)
{
	CONF_KEYS(&in->conf, file, "", file_keys);
	if (rules_each(in, file, "commands", rs, rules_command) == -1 ||
	    rules_each(in, file, "actions", rs, rules_action) == -1 ||
	    rules_each(in, file, "on", rs, rules_event) == -1 ||
	    rules_each(in, file, "schedule", rs, rules_schedule) == -1 ||
	    rules_answer(in, file, "welcome", RULE_WELCOME, rs, &rs->welcome,
		&rs->has_welcome) == -1 ||
	    rules_answer(in, file, "fallback", RULE_FALLBACK, rs, &rs->fallback,
		&rs->has_fallback) == -1)
		return -1;
	in->reads = 0;
	if (rules_access(in, file, "", &rs->access) == -1)
		return -1;
	rs->reads_refuse = in->reads;
	if (rule_init(&rs->help, RULE_HELP, "help", "", "lists the commands",
		"") == -1)
		return err_nomem(in->e);
	rules_reach(in, rs);
	if (rules_names(in, file) == -1)
		return -1;
	return in->conf.nomem ? err_nomem(in->e) : 0;
}

int
rule_read(struct rule *r, const char *what, const char *key,
    const struct json *obj, const char *path, const struct rules_env *env,
    struct problems *ps, struct err *e)
{
	struct rules_in in;

	memset(r, 0, sizeof *r);
	rules_in_init(&in, env, ps, e);
	if (rule_init(r, RULE_HUB, what, key, "", path) == -1 ||
	    rules_says(&in, obj, path, "reply", &r->says) == -1 ||
	    in.conf.nomem)
		return err_nomem(e);
	r->reads = in.reads;
	return 0;
}

struct rules *
rules_new(const struct json *file, const struct rules_env *env,
    struct problems *ps, struct err *e)
{
	struct rules *rs = calloc(1, sizeof *rs);
	struct rules_in in;

	if (rs == NULL) {
		err_nomem(e);
		return NULL;
	}
	rules_in_init(&in, env, ps, e);
	if (file != NULL && json_kind(file) != JSON_OBJECT) {
		conf_error(&in.conf, "wrong-kind", "",
		    "the bot file must be an object");
		file = NULL;
	}
	if (rules_read(&in, file, rs) == 0)
		return rs;
	rules_free(rs);
	return NULL;
}

void
rules_free(struct rules *rs)
{
	size_t i;

	if (rs == NULL)
		return;
	for (i = 0; i < rs->n; i++)
		rule_done(&rs->v[i]);
	free(rs->v);
	rule_done(&rs->welcome);
	rule_done(&rs->fallback);
	rule_done(&rs->help);
	rules_access_done(&rs->access);
	free(rs);
}
