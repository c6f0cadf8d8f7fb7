/* Finding the rule; see route.h. */
#include "bot/route.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/str.h"

#define ROUTE_GROUPS 64

static int
route_match(struct arena *a, const char *text, const char *args,
    struct route *out, struct err *e)
{
	struct val_obj *m = val_obj_new(a, 4);

	if (m == NULL || val_puts(a, m, "text", val_str(text)) == -1 ||
	    val_puts(a, m, "args", val_str(args)) == -1)
		return err_nomem(e);
	out->args = args;
	out->match = val_of(m);
	return 0;
}

/* Outer blanks cut. */
static const char *
route_trim(struct arena *a, const char *s, size_t n)
{
	while (n > 0 && isspace((unsigned char)*s)) {
		s++;
		n--;
	}
	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	return arena_strndup(a, s, n);
}

static int
route_word(const struct rule *r, const char *text, struct arena *a,
    struct route *out, struct err *e)
{
	size_t n = strcspn(text, " \t\r\n");
	const char *args;

	if (n != strlen(r->key) || strncasecmp(text, r->key, n) != 0)
		return 0;
	if ((args = route_trim(a, text + n, strlen(text + n))) == NULL)
		return err_nomem(e);
	return route_match(a, text, args, out, e) == -1 ? -1 : 1;
}

static int
route_phrase(const struct rule *r, const char *text, struct arena *a,
    struct route *out, struct err *e)
{
	if (strcasecmp(text, r->key) != 0)
		return 0;
	return route_match(a, text, "", out, e) == -1 ? -1 : 1;
}

static int
route_regex(const struct rule *r, const char *text, struct arena *a,
    struct route *out, struct err *e)
{
	struct re_span g[ROUTE_GROUPS + 1];
	struct err slow = ERR_INIT;
	struct val_obj *m;
	const char *s;
	size_t i, n = re_names(r->re) + 1;
	int rc;

	if (n > ROUTE_GROUPS + 1)
		n = ROUTE_GROUPS + 1;
	rc = re_match(r->re, text, strlen(text), true, g, n, &slow);
	if (rc == -1 && slow.kind == ERR_BUG)
		return err_nomem(e);
	if (rc == -1)
		log_warn(
		    "bot.json%s: %s, taken as no match", r->place, slow.text);
	if (rc != 1)
		return 0;
	if (route_match(a, text, "", out, e) == -1)
		return -1;
	m = (struct val_obj *)(uintptr_t)out->match.obj;
	for (i = 1; i < n; i++) {
		if (!g[i].set)
			continue;
		s = arena_strndup(a, text + g[i].from, g[i].to - g[i].from);
		if (s == NULL ||
		    val_puts(a, m, re_name(r->re, i - 1), val_str(s)) == -1)
			return err_nomem(e);
	}
	out->match = val_of(m);
	return 1;
}

int
route_text(const struct rules *rs, const char *text, struct arena *a,
    struct route *out, struct err *e)
{
	static int (*const by_kind[])(const struct rule *r, const char *text,
	    struct arena *a, struct route *out, struct err *e) = {
	    [RULE_WORD] = route_word,
	    [RULE_PHRASE] = route_phrase,
	    [RULE_REGEX] = route_regex,
	};
	static const struct rule help = {.key = (char *)(uintptr_t) "help"};
	size_t i;
	int rc;

	for (i = 0; i < rs->n; i++) {
		if (rs->v[i].kind > RULE_REGEX)
			continue;
		rc = by_kind[rs->v[i].kind](&rs->v[i], text, a, out, e);
		if (rc != 0) {
			out->rule = &rs->v[i];
			return rc == 1 ? 0 : -1;
		}
	}
	if ((rc = route_word(&help, text, a, out, e)) != 0) {
		out->rule = &rs->help;
		return rc == 1 ? 0 : -1;
	}
	out->rule = rs->has_fallback ? &rs->fallback : NULL;
	return route_match(a, text, "", out, e);
}

int
route_action(const struct rules *rs, const char *card, struct arena *a,
    struct route *out, struct err *e)
{
	static char name[] = "stale card";
	static const struct rule stale = {.kind = RULE_STALE, .name = name};
	size_t i;

	out->rule = NULL;
	for (i = 0; i < rs->n && out->rule == NULL; i++)
		if (rs->v[i].kind == RULE_ACTION && card == NULL)
			out->rule = &stale;
		else if (rs->v[i].kind == RULE_ACTION &&
			 strcmp(rs->v[i].key, card) == 0)
			out->rule = &rs->v[i];
	return route_match(a, "", "", out, e);
}

int
route_welcome(
    const struct rules *rs, struct arena *a, struct route *out, struct err *e)
{
	out->rule = rs->has_welcome ? &rs->welcome : NULL;
	return route_match(a, "", "", out, e);
}

bool
route_allowed(
    const struct rules_access *ac, const char *email, const char *room)
{
	bool person = ac->nemails == 0, place = ac->nrooms == 0;
	size_t i;

	for (i = 0; i < ac->nemails && !person; i++)
		person = str_glob(ac->emails[i], email);
	for (i = 0; i < ac->nrooms && !place; i++)
		place = strcmp(ac->rooms[i], room) == 0;
	return person && place;
}
