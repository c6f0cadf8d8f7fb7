/*
 * Misspelt names in templates: what nobody gives shows in the room as it is
 * written.  Only what is certain is said: of a person, a room or a called
 * program's answer nobody knows all members.
 */
#include "bot/rules_int.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/uni.h"

/* What turn_data gives. */
static const char *const roots_names[] = {"event", "notice", "message",
    "action", "inputs", "submit", "person", "room", "match", "hasFiles",
    "files", "answers", "answer", "memory", "call", "bot"};
#define ROOTS (sizeof roots_names / sizeof roots_names[0])
#define ROOTS_SUBS 128 /* of match, or questions */
#define ROOTS_NAME 64  /* longer ones are told, but near nothing */

static bool
roots_is(const char *name, const char *s, size_t n)
{
	return uni_ieq(name, strlen(name), s, n);
}

/* Warn unless s[0..n) is one of them. */
static void
roots_check(struct rules_in *in, const struct tpl_name *t, const char *s,
    size_t n, const char *const *names, size_t count, const char *what)
{
	size_t at = t->at > in->shift ? t->at - in->shift : 0, i;
	char name[ROOTS_NAME];
	const char *near;

	for (i = 0; i < count; i++)
		if (roots_is(names[i], s, n))
			return;
	snprintf(name, sizeof name, "%.*s", (int)n, s);
	near = str_nearest(name, names, count, sizeof *names);
	if (near != NULL)
		problems_warn(in->ps, "unknown-name", t->path, at,
		    "%s %.*s%s, did you mean %s?", what, (int)n, s,
		    s == t->s ? " here" : "", near);
	else
		problems_warn(in->ps, "unknown-name", t->path, at, "%s %.*s%s",
		    what, (int)n, s, s == t->s ? " here" : "");
}

/* What was matched, and what its pattern names. */
static void
roots_match(struct rules_in *in, const struct tpl_name *t)
{
	const struct rule *rule = in->rule;
	const char *names[ROOTS_SUBS] = {"text", "args"}, *s;
	size_t n = 2, i;

	if (rule->usage != NULL) {
		names[n++] = "problem";
		for (i = 0; (s = usage_argument_at(rule->usage, i)) != NULL;
		     i++)
			names[n++] = s;
	}
	if (rule->re != NULL && re_names(rule->re) > ROOTS_SUBS - n)
		return;
	for (i = 0; rule->re != NULL && i < re_names(rule->re); i++)
		names[n++] = re_name(rule->re, i);
	roots_check(in, t, t->sub, t->nsub, names, n, "match has no");
}

/* The rule's own questions. */
static void
roots_answers(struct rules_in *in, const struct tpl_name *t)
{
	const struct json *ask = json_get(in->obj, "ask"), *x;
	const char *names[ROOTS_SUBS];
	size_t n = 0;

	if (json_kind(ask) == JSON_OBJECT)
		ask = json_get(ask, "questions");
	for (x = json_first(ask); x != NULL && n < ROOTS_SUBS; x = json_next(x))
		if (json_get_str(x, "name") != NULL)
			names[n++] = json_get_str(x, "name");
	roots_check(in, t, t->sub, t->nsub, names, n, "there is no question");
}

static void
roots_named(void *arg, const struct tpl_name *t)
{
	struct rules_in *in = arg;

	roots_check(in, t, t->s, t->n, roots_names, ROOTS, "no");
	if (in->rule == NULL || t->sub == NULL)
		return;
	if (roots_is("match", t->s, t->n))
		roots_match(in, t);
	else if (roots_is("answers", t->s, t->n))
		roots_answers(in, t);
}

void
rules_roots(struct rules_in *in, const struct tpl *tpl)
{
	tpl_names(tpl, roots_named, in);
}
