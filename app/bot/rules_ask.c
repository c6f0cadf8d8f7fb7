/* Conversations of the bot file; see rules_int.h. */
#include "bot/rules_int.h"

#include <stdlib.h>
#include <string.h>

#define ASK_QUESTIONS_MAX 100
#define ASK_TIMEOUT_MS (10 * 60 * 1000)
#define ASK_TIMEOUT_MAX_MS (30LL * 24 * 3600 * 1000)

static const struct conf_key ask_keys[] = {
    {"questions", CONF_LIST},
    {"timeout", CONF_TIME},
    {"cancel", CONF_TEXTS},
    {"cancelled", CONF_REPLY},
};

static const struct conf_key question_keys[] = {
    {"name", CONF_TEXT},
    {"reply", CONF_REPLY},
    {"when", CONF_TEXT},
    {"type", CONF_TEXT},
    {"regex", CONF_TEXT},
    {"choices", CONF_LIST},
    {"check", CONF_TEXT},
    {"again", CONF_REPLY},
};

static void
question_done(struct rule_question *q)
{
	free(q->name);
	free(q->card);
	rule_says_done(&q->says);
	rule_says_done(&q->again);
	tpl_free(q->when);
	tpl_free(q->check);
	re_free(q->re);
	rules_free_texts(q->choices, q->nchoices);
}

void
rule_ask_done(struct rule_ask *a)
{
	while (a->n > 0)
		question_done(&a->v[--a->n]);
	free(a->v);
	rules_free_texts(a->cancel, a->ncancel);
	rule_says_done(&a->cancelled);
}

/* A question that shows a card is answered by its submit. */
static int
question_card(struct rules_in *in, const struct json *q, const char *path,
    struct rule_question *out)
{
	const struct json *reply = json_get(q, "reply"), *x = reply;
	char at[CONF_PATH];
	const char *card;

	if (json_kind(reply) == JSON_LIST)
		for (x = json_first(reply);
		     x != NULL && json_get(x, "card") == NULL; x = json_next(x))
			;
	if ((card = json_get_str(x, "card")) == NULL)
		return 0;
	if (strstr(card, "${") != NULL)
		conf_error(&in->conf, "bad-value", conf_at(at, path, "reply"),
		    "the card of a question must be named plainly");
	if (json_get(q, "type") != NULL || json_get(q, "regex") != NULL ||
	    json_get(q, "choices") != NULL)
		conf_error(&in->conf, "bad-value", path,
		    "type, regex and choices are for texts; a card has "
		    "checks of its own, and there is check");
	return (out->card = strdup(card)) == NULL ? err_nomem(in->e) : 0;
}

static int
question_read(struct rules_in *in, const struct json *q, const char *path,
    struct rule_question *out)
{
	const char *name = conf_need(&in->conf, q, path, "name");
	const char *type = json_get_str(q, "type");
	char at[CONF_PATH];

	CONF_KEYS(&in->conf, q, path, question_keys);
	if (json_get(q, "reply") == NULL)
		conf_error(&in->conf, "missing-member", path,
		    "a question needs a reply that asks it");
	if ((out->name = strdup(name)) == NULL)
		return err_nomem(in->e);
	if (type != NULL)
		out->type = conf_word(&in->conf, conf_at(at, path, "type"),
		    "type", type, usage_names, USAGE_TYPES);
	if (out->type < 0)
		out->type = USAGE_TEXT; /* said */
	return question_card(in, q, path, out) == -1 ||
		       rules_says(in, q, path, "reply", &out->says) == -1 ||
		       rules_says(in, q, path, "again", &out->again) == -1 ||
		       rules_when(in, q, path, "when", &out->when) == -1 ||
		       rules_when(in, q, path, "check", &out->check) == -1 ||
		       rules_re(in, q, path, "regex", &out->re) == -1 ||
		       rules_texts(in, q, path, "choices", &out->choices,
			   &out->nchoices) == -1
		   ? -1
		   : 0;
}

static int
ask_questions(struct rules_in *in, const struct json *list, const char *path,
    struct rule_ask *out)
{
	size_t n = json_count(list), i, k;
	const struct json *x;
	char at[CONF_PATH];

	if (n == 0 || n > ASK_QUESTIONS_MAX) {
		conf_error(&in->conf, "bad-value", path,
		    "ask needs questions, %d at most", ASK_QUESTIONS_MAX);
		return 0;
	}
	if ((out->v = calloc(n, sizeof *out->v)) == NULL)
		return err_nomem(in->e);
	for (x = json_first(list); x != NULL; x = json_next(x)) {
		i = out->n++;
		conf_at_i(at, path, i);
		if (json_kind(x) != JSON_OBJECT)
			conf_error(&in->conf, "wrong-kind", at,
			    "a question is an object");
		else if (question_read(in, x, at, &out->v[i]) == -1)
			return -1;
		for (k = 0; k < i; k++)
			if (out->v[i].name != NULL && out->v[k].name != NULL &&
			    strcmp(out->v[k].name, out->v[i].name) == 0)
				conf_error(&in->conf, "bad-value", at,
				    "the name %s is there twice",
				    out->v[i].name);
	}
	return 0;
}

int
rules_ask(struct rules_in *in, const struct json *obj, const char *path,
    struct rule_ask *out)
{
	const struct json *ask = json_get(obj, "ask"), *list = ask;
	char at[CONF_PATH], item[CONF_PATH];

	out->timeout_ms = ASK_TIMEOUT_MS;
	if (ask == NULL)
		return 0;
	conf_at(at, path, "ask");
	if (json_kind(ask) == JSON_LIST)
		return ask_questions(in, ask, at, out);
	if (json_kind(ask) != JSON_OBJECT) {
		conf_error(&in->conf, "wrong-kind", at,
		    "ask must be a list of questions, or an object with "
		    "questions");
		return 0;
	}
	CONF_KEYS(&in->conf, ask, at, ask_keys);
	list = json_get(ask, "questions");
	out->timeout_ms = conf_ms(&in->conf, ask, at, "timeout", 1000,
	    ASK_TIMEOUT_MAX_MS, ASK_TIMEOUT_MS);
	if (rules_texts(in, ask, at, "cancel", &out->cancel, &out->ncancel) ==
		-1 ||
	    rules_says(in, ask, at, "cancelled", &out->cancelled) == -1)
		return -1;
	return ask_questions(in, list, conf_at(item, at, "questions"), out);
}
