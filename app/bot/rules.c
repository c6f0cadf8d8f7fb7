/* bot.json to rows; see rules.h. */
#include "bot/rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "bot/trigger.h"

#define RULES_MAX 10000      /* commands and actions */
#define RULES_REPLIES_MAX 20 /* of one rule */

/* What a member may be. */
enum rules_type {
	RT_TEXT,
	RT_OBJECT,
	RT_LIST,
	RT_BOOL,  /* or a template that gives one */
	RT_REPLY, /* an object or a list of them */
	RT_ANY,
};

struct rules_key {
	const char *name;
	enum rules_type type;
};

/* While a file is read. */
struct rules_in {
	struct cards *cards;
	struct problems *ps;
	struct err *e;
};

static const char *const rules_type_names[] = {"a text", "an object", "a list",
    "true or false", "a reply (an object, or a list of them)", "anything"};

static bool
rules_fits(const struct json *v, enum rules_type t)
{
	switch (json_kind(v)) {
	case JSON_STRING:
		return t == RT_TEXT || t == RT_BOOL || t == RT_ANY;
	case JSON_OBJECT:
		return t == RT_OBJECT || t == RT_REPLY || t == RT_ANY;
	case JSON_LIST:
		return t == RT_LIST || t == RT_REPLY || t == RT_ANY;
	case JSON_BOOL:
		return t == RT_BOOL || t == RT_ANY;
	default:
		return t == RT_ANY;
	}
}

/* A JSON pointer one step further down. */
static const char *
rules_at(char out[512], const char *path, const char *name)
{
	snprintf(out, 512, "%.400s/%.100s", path, name);
	return out;
}

/* Every member must be known and of its kind. */
static void
rules_keys(struct rules_in *in, const struct json *obj, const char *path,
    const struct rules_key *keys, size_t n)
{
	const struct json *m;
	const char *near;
	char at[512];
	size_t i;

	for (m = json_first(obj); m != NULL; m = json_next(m)) {
		rules_at(at, path, json_name(m));
		for (i = 0; i < n; i++)
			if (strcmp(keys[i].name, json_name(m)) == 0)
				break;
		if (i < n && rules_fits(m, keys[i].type))
			continue;
		if (i < n) {
			problems_error(in->ps, "wrong-kind", at, PROBLEM_WHOLE,
			    "%s must be %s, it is %s", json_name(m),
			    rules_type_names[keys[i].type],
			    json_kind_name(json_kind(m)));
			continue;
		}
		near = str_nearest(json_name(m), keys, n, sizeof *keys);
		problems_error(in->ps, "unknown-member", at, PROBLEM_MEMBER,
		    near == NULL ? "unknown member %s"
				 : "unknown member %s, did you mean %s?",
		    json_name(m), near);
	}
}
#define RULES_KEYS(in, obj, path, keys)                                        \
	rules_keys(in, obj, path, keys, sizeof keys / sizeof keys[0])

static const char *
rules_text(const struct json *obj, const char *name)
{
	const char *s = json_get_str(obj, name);

	return s == NULL ? "" : s;
}

/* -- replies -- */

static const struct rules_key reply_keys[] = {
    {"text", RT_TEXT},
    {"markdown", RT_TEXT},
    {"card", RT_TEXT},
    {"data", RT_ANY},
    {"code", RT_ANY},
    {"thread", RT_BOOL},
    {"to", RT_OBJECT},
    {"replace", RT_BOOL},
    {"edit", RT_BOOL},
    {"trigger", RT_OBJECT}, /* checked in trigger.c */
    {"$when", RT_ANY},
    {"$data", RT_ANY},
};

static const struct rules_key to_keys[] = {
    {"roomId", RT_TEXT},
    {"toPersonId", RT_TEXT},
    {"toPersonEmail", RT_TEXT},
};

/* A card that is named plainly must be there. */
static void
rules_check_card(
    struct rules_in *in, const struct json *reply, const char *path)
{
	const char *card = json_get_str(reply, "card"), *near;
	char at[512];

	if (card == NULL || strstr(card, "${") != NULL ||
	    cards_find(in->cards, card) != NULL)
		return;
	near = cards_near(in->cards, card);
	problems_error(in->ps, "unknown-card", rules_at(at, path, "card"),
	    PROBLEM_WHOLE,
	    near == NULL ? "no card %s (%s.card.json is not there)"
			 : "no card %s (%s.card.json is not there), did you "
			   "mean %s?",
	    card, card, near);
}

/*
 * May rendering this reply read that name?  A card without data of its own
 * is rendered with all there is.
 */
static bool
rules_reads(struct rules_in *in, const struct json *reply, const struct tpl *t,
    const char *name)
{
	const char *card = json_get_str(reply, "card");
	const struct card *c;

	if (tpl_uses(t, name))
		return true;
	if (card == NULL || json_get(reply, "data") != NULL)
		return false;
	c = cards_find(in->cards, card);
	return c == NULL || card_uses(c, name);
}

static int
rules_reply(struct rules_in *in, const struct json *reply, const char *path,
    struct rule *r)
{
	const struct json *to = json_get(reply, "to");
	struct tpl **v;
	char at[512];

	RULES_KEYS(in, reply, path, reply_keys);
	if (to != NULL) {
		RULES_KEYS(in, to, rules_at(at, path, "to"), to_keys);
		if (json_count(to) != 1)
			problems_error(in->ps, "bad-value", at, PROBLEM_WHOLE,
			    "to needs one of roomId, toPersonId, "
			    "toPersonEmail");
	}
	if (json_get(reply, "text") == NULL &&
	    json_get(reply, "markdown") == NULL &&
	    json_get(reply, "card") == NULL &&
	    json_get(reply, "code") == NULL &&
	    json_get(reply, "trigger") == NULL)
		problems_error(in->ps, "missing-member", path, PROBLEM_WHOLE,
		    "a reply needs text, markdown, code, card or trigger");
	rules_check_card(in, reply, path);
	if (json_kind(json_get(reply, "trigger")) == JSON_OBJECT)
		trigger_check(json_get(reply, "trigger"),
		    rules_at(at, path, "trigger"), in->ps);
	v = realloc(r->replies, (r->nreplies + 1) * sizeof *v);
	if (v == NULL)
		return err_nomem(in->e);
	r->replies = v;
	v[r->nreplies] = tpl_compile_part(reply, path, true, in->ps, in->e);
	if (v[r->nreplies] == NULL) {
		if (in->e->kind == ERR_BUG)
			return -1;
		err_clear(in->e); /* said in the problems */
		return 0;
	}
	r->reads_person |= rules_reads(in, reply, v[r->nreplies], "person");
	r->reads_room |= rules_reads(in, reply, v[r->nreplies], "room");
	r->nreplies++;
	return 0;
}

static int
rules_replies(struct rules_in *in, const struct json *obj, const char *path,
    struct rule *r)
{
	const struct json *v = json_get(obj, "reply"), *x;
	char at[512], item[512], index[24];
	size_t i = 0;

	rules_at(at, path, "reply");
	if (json_kind(v) == JSON_OBJECT)
		return rules_reply(in, v, at, r);
	if (json_count(v) > RULES_REPLIES_MAX) {
		problems_error(in->ps, "bad-value", at, PROBLEM_WHOLE,
		    "more than %d replies", RULES_REPLIES_MAX);
		return 0;
	}
	for (x = json_first(v); x != NULL; x = json_next(x), i++) {
		snprintf(index, sizeof index, "%zu", i);
		rules_at(item, at, index);
		if (json_kind(x) != JSON_OBJECT)
			problems_error(in->ps, "wrong-kind", item,
			    PROBLEM_WHOLE, "a reply is an object");
		else if (rules_reply(in, x, item, r) == -1)
			return -1;
	}
	return 0;
}

/* -- rules -- */

void
rule_done(struct rule *r)
{
	size_t i;

	for (i = 0; i < r->nreplies; i++)
		tpl_free(r->replies[i]);
	free(r->replies);
	re_free(r->re);
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
	if (asprintf(&r->name, "%s%s%s", what, *key != '\0' ? " " : "", key) ==
	    -1)
		r->name = NULL;
	return r->key != NULL && r->help != NULL && r->place != NULL &&
		       r->name != NULL
		   ? 0
		   : -1;
}

int
rule_read(struct rule *r, const char *what, const char *key,
    const struct json *obj, const char *path, struct cards *cards,
    struct problems *ps, struct err *e)
{
	struct rules_in in = {cards, ps, e};

	memset(r, 0, sizeof *r);
	if (rule_init(r, RULE_HUB, what, key, "", path) == -1)
		return err_nomem(e);
	return rules_replies(&in, obj, path, r);
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

static const struct rules_key command_keys[] = {
    {"word", RT_TEXT},
    {"phrase", RT_TEXT},
    {"regex", RT_TEXT},
    {"help", RT_TEXT},
    {"call", RT_OBJECT},
    {"reply", RT_REPLY},
};

/* word, phrase or regex: exactly one; which, or -1. */
static int
rules_pattern(struct rules_in *in, const struct json *cmd, const char *path)
{
	static const char *const kinds[] = {"word", "phrase", "regex"};
	int i, found = -1, n = 0;
	char at[512];

	for (i = 0; i < 3; i++)
		if (json_get(cmd, kinds[i]) != NULL) {
			found = i;
			n++;
		}
	if (n != 1) {
		problems_error(in->ps, "bad-value", path, PROBLEM_WHOLE,
		    "a command needs one of word, phrase, regex");
		return -1;
	}
	if (json_get_str(cmd, kinds[found]) == NULL)
		return -1; /* said already */
	rules_at(at, path, kinds[found]);
	if (rules_text(cmd, kinds[found])[0] == '\0' ||
	    (found == RULE_WORD &&
		strpbrk(rules_text(cmd, "word"), " \t\n") != NULL)) {
		problems_error(in->ps, "bad-value", at, PROBLEM_WHOLE,
		    "a %s must not be empty%s", kinds[found],
		    found == RULE_WORD ? " and holds no blank" : "");
		return -1;
	}
	return found;
}

static int
rules_command(struct rules_in *in, const struct json *cmd, const char *path,
    struct rules *rs)
{
	static const char *const kinds[] = {"word", "phrase", "regex"};
	struct err why = ERR_INIT;
	char at[512];
	struct rule *r;
	size_t off = 0;
	int kind;

	if (json_kind(cmd) != JSON_OBJECT) {
		problems_error(in->ps, "wrong-kind", path, PROBLEM_WHOLE,
		    "a command is an object");
		return 0;
	}
	RULES_KEYS(in, cmd, path, command_keys);
	if (json_get(cmd, "reply") == NULL)
		problems_error(in->ps, "missing-member", path, PROBLEM_WHOLE,
		    "a command needs a reply");
	if ((kind = rules_pattern(in, cmd, path)) == -1)
		kind = RULE_WORD; /* to find what else is wrong */
	if ((r = rules_add(rs)) == NULL ||
	    rule_init(r, (enum rule_kind)kind, kinds[kind],
		rules_text(cmd, kinds[kind]), rules_text(cmd, "help"),
		path) == -1)
		return err_nomem(in->e);
	if (kind == RULE_REGEX &&
	    (r->re = re_new(r->key, &off, &why)) == NULL) {
		if (why.kind == ERR_BUG)
			return err_nomem(in->e);
		problems_error(in->ps, "bad-value", rules_at(at, path, "regex"),
		    off, "%s", why.text);
	}
	return rules_replies(in, cmd, path, r);
}

static const struct rules_key action_keys[] = {
    {"card", RT_TEXT},
    {"call", RT_OBJECT},
    {"reply", RT_REPLY},
};

static int
rules_action(struct rules_in *in, const struct json *act, const char *path,
    struct rules *rs)
{
	const char *card = json_get_str(act, "card");
	struct rule *r;

	if (json_kind(act) != JSON_OBJECT) {
		problems_error(in->ps, "wrong-kind", path, PROBLEM_WHOLE,
		    "an action is an object");
		return 0;
	}
	RULES_KEYS(in, act, path, action_keys);
	if (card == NULL) {
		problems_error(in->ps, "missing-member", path, PROBLEM_WHOLE,
		    "an action needs the card it answers");
		return 0;
	}
	rules_check_card(in, act, path);
	if ((r = rules_add(rs)) == NULL ||
	    rule_init(r, RULE_ACTION, "action", card, "", path) == -1)
		return err_nomem(in->e);
	return rules_replies(in, act, path, r);
}

static int
rules_each(struct rules_in *in, const struct json *file, const char *name,
    struct rules *rs,
    int (*one)(struct rules_in *in, const struct json *x, const char *path,
	struct rules *rs))
{
	const struct json *x;
	char path[64];
	size_t i = 0;

	for (x = json_first(json_get(file, name)); x != NULL;
	     x = json_next(x), i++) {
		if (i == RULES_MAX) {
			problems_error(in->ps, "bad-value", "", PROBLEM_WHOLE,
			    "more than %d %s", RULES_MAX, name);
			return 0;
		}
		snprintf(path, sizeof path, "/%s/%zu", name, i);
		if (one(in, x, path, rs) == -1)
			return -1;
	}
	return 0;
}

static const struct rules_key answer_keys[] = {
    {"call", RT_OBJECT},
    {"reply", RT_REPLY},
};

/* welcome, fallback: an object with a reply. */
static int
rules_answer(struct rules_in *in, const struct json *file, const char *name,
    enum rule_kind kind, struct rule *r, bool *has)
{
	const struct json *obj = json_get(file, name);
	char path[64];

	snprintf(path, sizeof path, "/%s", name);
	if (rule_init(r, kind, name, "", "", path) == -1)
		return err_nomem(in->e);
	if (json_kind(obj) != JSON_OBJECT)
		return 0;
	RULES_KEYS(in, obj, path, answer_keys);
	*has = true;
	return rules_replies(in, obj, path, r);
}

/* -- access -- */

static const struct rules_key access_keys[] = {
    {"emails", RT_LIST},
    {"rooms", RT_LIST},
    {"refuse", RT_REPLY},
};

static int
rules_texts(struct rules_in *in, const struct json *list, const char *path,
    char ***out, size_t *n)
{
	size_t count = json_count(list), i = 0;
	const struct json *x;
	char at[512], index[24];

	if (count == 0)
		return 0;
	if ((*out = calloc(count, sizeof **out)) == NULL)
		return err_nomem(in->e);
	for (x = json_first(list); x != NULL; x = json_next(x), i++) {
		if (json_str(x) == NULL) {
			snprintf(index, sizeof index, "%zu", i);
			problems_error(in->ps, "wrong-kind",
			    rules_at(at, path, index), PROBLEM_WHOLE,
			    "must be a text");
			continue;
		}
		if (((*out)[*n] = strdup(json_str(x))) == NULL)
			return err_nomem(in->e);
		(*n)++;
	}
	return 0;
}

static int
rules_access(struct rules_in *in, const struct json *file, struct rules *rs)
{
	const struct json *a = json_get(file, "access"), *refuse;
	struct json *wrap;
	int rc;

	if (rule_init(&rs->refuse, RULE_REFUSE, "refused", "", "", "/access") ==
	    -1)
		return err_nomem(in->e);
	if (json_kind(a) != JSON_OBJECT)
		return 0;
	RULES_KEYS(in, a, "/access", access_keys);
	if (rules_texts(in, json_get(a, "emails"), "/access/emails",
		&rs->access.emails, &rs->access.nemails) == -1 ||
	    rules_texts(in, json_get(a, "rooms"), "/access/rooms",
		&rs->access.rooms, &rs->access.nrooms) == -1)
		return -1;
	if ((refuse = json_get(a, "refuse")) == NULL)
		return 0;
	if (json_kind(refuse) == JSON_OBJECT)
		return rules_reply(in, refuse, "/access/refuse", &rs->refuse);
	/* a list: under the name that rules_replies looks for */
	wrap = json_object();
	rc = json_set(wrap, "reply", json_dup(refuse)) == -1
		 ? err_nomem(in->e)
		 : rules_replies(in, wrap, "/access/refuse", &rs->refuse);
	json_free(wrap);
	return rc;
}

/* -- the file -- */

static const struct rules_key file_keys[] = {
    {"$schema", RT_TEXT},
    {"commands", RT_LIST},
    {"actions", RT_LIST},
    {"welcome", RT_OBJECT},
    {"fallback", RT_OBJECT},
    {"access", RT_OBJECT},
    /* read in hub.c */
    {"inbound", RT_OBJECT},
    {"events", RT_OBJECT},
    {"connect", RT_OBJECT},
    {"outbound", RT_LIST},
};

static int
rules_read(struct rules_in *in, const struct json *file, struct rules *rs)
{
	RULES_KEYS(in, file, "", file_keys);
	if (rules_each(in, file, "commands", rs, rules_command) == -1 ||
	    rules_each(in, file, "actions", rs, rules_action) == -1 ||
	    rules_answer(in, file, "welcome", RULE_WELCOME, &rs->welcome,
		&rs->has_welcome) == -1 ||
	    rules_answer(in, file, "fallback", RULE_FALLBACK, &rs->fallback,
		&rs->has_fallback) == -1 ||
	    rules_access(in, file, rs) == -1)
		return -1;
	if (rule_init(&rs->help, RULE_HELP, "help", "", "lists the commands",
		"") == -1)
		return err_nomem(in->e);
	return 0;
}

struct rules *
rules_new(const struct json *file, struct cards *cards, struct problems *ps,
    struct err *e)
{
	struct rules_in in = {cards, ps, e};
	struct rules *rs = calloc(1, sizeof *rs);

	if (rs == NULL) {
		err_nomem(e);
		return NULL;
	}
	if (file != NULL && json_kind(file) != JSON_OBJECT)
		problems_error(ps, "wrong-kind", "", PROBLEM_WHOLE,
		    "the bot file must be an object");
	if (rules_read(&in, file, rs) == 0)
		return rs;
	rules_free(rs);
	return NULL;
}

static void
rules_free_texts(char **v, size_t n)
{
	while (n > 0)
		free(v[--n]);
	free(v);
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
	rule_done(&rs->refuse);
	rules_free_texts(rs->access.emails, rs->access.nemails);
	rules_free_texts(rs->access.rooms, rs->access.nrooms);
	free(rs);
}
