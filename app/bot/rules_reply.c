/* Replies of the bot file; see rules_int.h. */
#include "bot/rules_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/str.h"
#include "base/when.h"
#include "bot/trigger.h"

#define RULES_REPLIES_MAX 20 /* of one rule */

static const struct conf_key reply_keys[] = {
    {"text", CONF_TEXT},
    {"markdown", CONF_TEXT},
    {"card", CONF_TEXT},
    {"data", CONF_ANY},
    {"code", CONF_ANY},
    {"thread", CONF_FLAG},
    {"to", CONF_OBJECT},
    {"replace", CONF_FLAG},
    {"edit", CONF_FLAG},
    {"delete", CONF_FLAG},
    {"as", CONF_TEXT},
    {"at", CONF_TEXT},
    {"file", CONF_TEXT},
    {"trigger", CONF_OBJECT},
    {"$when", CONF_ANY},
    {"$data", CONF_ANY},
};

static const struct conf_key to_keys[] = {
    {"roomId", CONF_TEXT},
    {"toPersonId", CONF_TEXT},
    {"toPersonEmail", CONF_TEXT},
};

/* What a reply needs one of; all but the last are something in a room. */
static const char *const reply_contents[] = {
    "text", "markdown", "card", "code", "file", "delete", "trigger"};
#define REPLY_CONTENTS (sizeof reply_contents / sizeof reply_contents[0])
#define REPLY_SAYS (REPLY_CONTENTS - 1)

bool
rules_file_ok(const char *name)
{
	return *name != '\0' && *name != '.' && strchr(name, '/') == NULL &&
	       strlen(name) < 200 && !str_suffix(name, ".json");
}

/* A trigger alone goes to no room. */
static void
reply_needs_target(struct conf *c, const struct json *reply, const char *path)
{
	bool says = json_get(reply, "trigger") == NULL;
	size_t i;

	for (i = 0; i < REPLY_SAYS; i++)
		says |= json_get(reply, reply_contents[i]) != NULL;
	if (json_kind(reply) == JSON_OBJECT && says &&
	    json_get(reply, "to") == NULL)
		conf_error(c, "missing-member", path,
		    "nobody asks here, so the reply must say where it goes: "
		    "\"to\": {\"roomId\": \"...\"} or {\"toPersonEmail\": "
		    "\"...\"}");
}

void
rule_needs_target(
    struct conf *c, const struct json *obj, const char *path, const char *name)
{
	const struct json *reply = json_get(obj, name), *x;
	char at[CONF_PATH], item[CONF_PATH];
	size_t i = 0;

	conf_at(at, path, name);
	reply_needs_target(c, reply, at);
	if (json_kind(reply) == JSON_LIST)
		for (x = json_first(reply); x != NULL; x = json_next(x))
			reply_needs_target(c, x, conf_at_i(item, at, i++));
}

/* A time that is written plainly must be one. */
static void
reply_check_at(struct rules_in *in, const struct json *reply, const char *path)
{
	const char *s = json_get_str(reply, "at");
	struct err why = ERR_INIT;
	char at[CONF_PATH];
	int64_t when;

	if (s != NULL && strstr(s, "${") == NULL &&
	    when_parse(s, clk_wall_ms(), &when, &why) == -1)
		conf_error(&in->conf, "bad-value", conf_at(at, path, "at"),
		    "%s", why.text);
}

/* A file that is named plainly must be there. */
static void
reply_check_file(
    struct rules_in *in, const struct json *reply, const char *path)
{
	const char *name = json_get_str(reply, "file");
	char at[CONF_PATH], *file;

	if (name == NULL || strstr(name, "${") != NULL ||
	    str_prefix(name, "https://") || str_prefix(name, "http://"))
		return;
	conf_at(at, path, "file");
	if (!rules_file_ok(name)) {
		conf_error(&in->conf, "bad-value", at,
		    "file must be a name in the cards folder (not .json), or "
		    "an address");
		return;
	}
	if (in->conf.folder == NULL ||
	    asprintf(&file, "%s/%s", in->conf.folder, name) == -1)
		return;
	if (access(file, R_OK) == -1)
		conf_error(&in->conf, "bad-value", at,
		    "%s: not there, or not to be read", name);
	free(file);
}

static void
reply_check(struct rules_in *in, const struct json *reply, const char *path)
{
	const struct json *to = json_get(reply, "to");
	char at[CONF_PATH];
	size_t i, n = REPLY_CONTENTS;

	CONF_KEYS(&in->conf, reply, path, reply_keys);
	if (json_kind(to) == JSON_OBJECT) {
		CONF_KEYS(&in->conf, to, conf_at(at, path, "to"), to_keys);
		if (json_count(to) != 1)
			conf_error(&in->conf, "bad-value", at,
			    "to needs one of roomId, toPersonId, "
			    "toPersonEmail");
	}
	for (i = 0; i < n && json_get(reply, reply_contents[i]) == NULL; i++)
		;
	if (i == n)
		conf_error(&in->conf, "missing-member", path,
		    "a reply needs text, markdown, code, card, file or "
		    "trigger");
	if (json_get(reply, "card") != NULL && json_get(reply, "file") != NULL)
		conf_error(&in->conf, "bad-value", path,
		    "Webex takes a card or a file in one message, not both");
	if (json_kind(json_get(reply, "trigger")) == JSON_OBJECT)
		trigger_check(json_get(reply, "trigger"),
		    conf_at(at, path, "trigger"), in->ps);
	rules_check_card(in, reply, path);
	reply_check_at(in, reply, path);
	reply_check_file(in, reply, path);
}

/* A card without data of its own is rendered with all there is. */
static void
reply_reads_card(struct rules_in *in, const struct json *reply)
{
	const char *name = json_get_str(reply, "card");
	const struct card *c;
	size_t i;

	if (name == NULL || json_get(reply, "data") != NULL)
		return;
	c = cards_find(in->env->cards, name);
	for (i = 0; i < rules_nreads; i++)
		if (c == NULL || card_uses(c, rules_reads[i].name))
			in->reads |= rules_reads[i].bit;
}

static int
rules_reply(struct rules_in *in, const struct json *reply, const char *path,
    struct rule_says *out)
{
	struct tpl **v;

	if (json_kind(reply) != JSON_OBJECT) {
		conf_error(
		    &in->conf, "wrong-kind", path, "a reply is an object");
		return 0;
	}
	reply_check(in, reply, path);
	reply_reads_card(in, reply);
	if ((v = realloc(out->v, (out->n + 1) * sizeof *v)) == NULL)
		return err_nomem(in->e);
	out->v = v;
	if (rules_tpl(in, reply, path, &v[out->n]) == -1)
		return -1;
	if (v[out->n] != NULL)
		out->n++;
	return 0;
}

int
rules_says(struct rules_in *in, const struct json *obj, const char *path,
    const char *name, struct rule_says *out)
{
	const struct json *v = json_get(obj, name), *x;
	char at[CONF_PATH], item[CONF_PATH];
	size_t i = 0;

	conf_at(at, path, name);
	if (json_kind(v) == JSON_OBJECT)
		return rules_reply(in, v, at, out);
	if (json_kind(v) != JSON_LIST)
		return 0; /* missing, or said already */
	if (json_count(v) > RULES_REPLIES_MAX) {
		conf_error(&in->conf, "bad-value", at, "more than %d replies",
		    RULES_REPLIES_MAX);
		return 0;
	}
	for (x = json_first(v); x != NULL; x = json_next(x), i++)
		if (rules_reply(in, x, conf_at_i(item, at, i), out) == -1)
			return -1;
	return 0;
}

void
rule_says_done(struct rule_says *s)
{
	while (s->n > 0)
		tpl_free(s->v[--s->n]);
	free(s->v);
}
