/*
 * Rules that can never match, because one before them takes everything they
 * would.  Only what is certain is said: of two patterns nobody can tell.
 */
#include "bot/rules_int.h"

#include <string.h>

#include "base/uni.h"

/* The n-th word or phrase, NULL past the end. */
static const char *
reach_key(const struct rule *r, size_t n)
{
	return n == 0 ? r->key : n <= r->nothers ? r->others[n - 1] : NULL;
}

/* Does the rule take a message whose first word, or whole text, this is? */
static bool
reach_takes(const struct rule *r, const char *text)
{
	const char *key;
	size_t i, n = strcspn(text, " \t\r\n");

	for (i = 0; (key = reach_key(r, i)) != NULL; i++)
		if (r->kind == RULE_PHRASE
			? uni_ieq(key, strlen(key), text, strlen(text))
			: uni_ieq(key, strlen(key), text, n))
			return true;
	return false;
}

/* Nothing but its pattern decides. */
static bool
reach_open(const struct rule *r)
{
	return r->when == NULL || tpl_always(r->when);
}

/* A rule that takes whatever is said. */
static bool
reach_any(const struct rule *r)
{
	return r->kind == RULE_ANY && r->when != NULL && tpl_always(r->when);
}

/* The same, or a pattern that matches it. */
static bool
reach_all(const struct rule *r)
{
	static const char *const all[] = {
	    ".*", "^.*$", "(?s).*", "(?s)^.*$", ".+", "^.+$"};
	size_t i;

	if (reach_any(r))
		return true;
	for (i = 0; r->kind == RULE_REGEX && i < sizeof all / sizeof all[0];
	     i++)
		if (strcmp(r->key, all[i]) == 0)
			return true;
	return false;
}

/* Does `a`, which comes first, take all that `b` would? */
static bool
reach_covers(const struct rule *a, const struct rule *b)
{
	const char *key;
	size_t i;

	if (rule_is_command(a) != rule_is_command(b))
		return false;
	if (!rule_is_command(a))
		return a->kind == b->kind && strcmp(a->key, b->key) == 0;
	if (reach_all(a))
		return true;
	if (b->kind == RULE_REGEX || b->kind == RULE_ANY)
		return a->kind == b->kind && b->kind == RULE_REGEX &&
		       strcmp(a->key, b->key) == 0;
	if (a->kind == RULE_REGEX || a->kind == RULE_ANY ||
	    (a->kind == RULE_PHRASE && b->kind == RULE_WORD))
		return false;
	for (i = 0; (key = reach_key(b, i)) != NULL; i++)
		if (!reach_takes(a, key))
			return false;
	return true;
}

static void
reach_warn(struct rules_in *in, const struct rule *first, const struct rule *r)
{
	conf_warn(&in->conf, "unreachable", r->place,
	    "%s can never match: %s (%s) comes first", r->name, first->name,
	    first->place);
}

void
rules_reach(struct rules_in *in, const struct rules *rs)
{
	size_t i, k;

	for (i = 1; i < rs->n; i++)
		for (k = 0; k < i && k < RULES_REACH_MAX; k++)
			if (reach_open(&rs->v[k]) &&
			    reach_covers(&rs->v[k], &rs->v[i])) {
				reach_warn(in, &rs->v[k], &rs->v[i]);
				break;
			}
	for (k = 0; k < rs->n && !reach_any(&rs->v[k]); k++)
		;
	if (k < rs->n && rs->has_fallback)
		reach_warn(in, &rs->v[k], &rs->fallback);
}
