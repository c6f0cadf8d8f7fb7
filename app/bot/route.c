/* Finding the rule; see route.h. */
#include "bot/route.h"

#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/uni.h"

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
	out->misuse = NULL;
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

/* Is it one of the rule's words, or phrases?  Any case. */
static bool
route_is(const struct rule *r, const char *s, size_t n)
{
	size_t i;

	if (uni_ieq(s, n, r->key, strlen(r->key)))
		return true;
	for (i = 0; i < r->nothers; i++)
		if (uni_ieq(s, n, r->others[i], strlen(r->others[i])))
			return true;
	return false;
}

/* Without the marks of an argument, which a markdown takes for a tag. */
static const char *
route_plain(struct arena *a, const char *why)
{
	const char *end = *why == '<' ? strchr(why, '>') : NULL;

	return end == NULL ? why
			   : arena_printf(a, "%.*s%s", (int)(end - why - 1),
				 why + 1, end + 1);
}

/* The arguments by their names; those that do not fit are told so. */
static int
route_usage(const struct rule *r, const char *args, struct arena *a,
    struct route *out, struct err *e)
{
	struct val_obj *m = (struct val_obj *)(uintptr_t)out->match.obj;
	const char *why = NULL, *plain;
	int rc = usage_match(r->usage, args, a, m, &why, e);

	if (rc == -1)
		return -1;
	if (rc == 0 && ((plain = route_plain(a, why)) == NULL ||
			   val_puts(a, m, "problem", val_str(plain)) == -1))
		return err_nomem(e);
	out->misuse = why;
	out->match = val_of(m);
	return 1;
}

static int
route_word(const struct rule *r, const char *text, struct arena *a,
    struct route *out, struct err *e)
{
	size_t n = strcspn(text, " \t\r\n");
	const char *args;

	if (!route_is(r, text, n))
		return 0;
	if ((args = route_trim(a, text + n, strlen(text + n))) == NULL)
		return err_nomem(e);
	if (route_match(a, text, args, out, e) == -1)
		return -1;
	return r->usage == NULL ? 1 : route_usage(r, args, a, out, e);
}

static int
route_phrase(const struct rule *r, const char *text, struct arena *a,
    struct route *out, struct err *e)
{
	if (!route_is(r, text, strlen(text)))
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

static int
route_any(const struct rule *r, const char *text, struct arena *a,
    struct route *out, struct err *e)
{
	(void)r;
	return route_match(a, text, text, out, e) == -1 ? -1 : 1;
}

/* Take `r`, which fits what was said, if its condition holds: 1, 0, -1. */
static int
route_take(const struct rule *r, const struct route_cond *cond,
    struct route *out, struct err *e)
{
	int rc = 1;

	if (r->when != NULL && cond->test != NULL)
		rc = cond->test(cond->arg, r, out, e);
	if (rc == 1)
		out->rule = r;
	return rc;
}

int
route_text(const struct rules *rs, const char *text,
    const struct route_cond *cond, struct arena *a, struct route *out,
    struct err *e)
{
	static int (*const by_kind[])(const struct rule *r, const char *text,
	    struct arena *a, struct route *out, struct err *e) = {
	    [RULE_WORD] = route_word,
	    [RULE_PHRASE] = route_phrase,
	    [RULE_REGEX] = route_regex,
	    [RULE_ANY] = route_any,
	};
	static const struct rule help = {.key = (char *)(uintptr_t) "help"};
	size_t i;
	int rc;

	out->rule = NULL;
	for (i = 0; i < rs->n; i++) {
		const struct rule *r = &rs->v[i];

		if (!rule_is_command(r))
			continue;
		if ((rc = by_kind[r->kind](r, text, a, out, e)) == 1)
			rc = route_take(r, cond, out, e);
		if (rc != 0)
			return rc == 1 ? 0 : -1;
	}
	if ((rc = route_word(&help, text, a, out, e)) != 0) {
		out->rule = &rs->help;
		return rc == 1 ? 0 : -1;
	}
	if (route_match(a, text, "", out, e) == -1)
		return -1;
	return !rs->has_fallback ||
		       route_take(&rs->fallback, cond, out, e) != -1
		   ? 0
		   : -1;
}

/* The first rule of that kind and key whose condition holds. */
static int
route_key(const struct rules *rs, enum rule_kind kind, const char *key,
    const struct route_cond *cond, struct arena *a, struct route *out,
    struct err *e)
{
	size_t i;

	out->rule = NULL;
	if (route_match(a, "", "", out, e) == -1)
		return -1;
	for (i = 0; i < rs->n && out->rule == NULL; i++)
		if (rs->v[i].kind == kind && strcmp(rs->v[i].key, key) == 0 &&
		    route_take(&rs->v[i], cond, out, e) == -1)
			return -1;
	return 0;
}

int
route_action(const struct rules *rs, const char *card,
    const struct route_cond *cond, struct arena *a, struct route *out,
    struct err *e)
{
	return route_key(
	    rs, RULE_ACTION, card == NULL ? "" : card, cond, a, out, e);
}

int
route_event(const struct rules *rs, const char *event,
    const struct route_cond *cond, struct arena *a, struct route *out,
    struct err *e)
{
	return route_key(rs, RULE_EVENT, event, cond, a, out, e);
}

int
route_welcome(const struct rules *rs, const struct route_cond *cond,
    struct arena *a, struct route *out, struct err *e)
{
	out->rule = NULL;
	if (route_match(a, "", "", out, e) == -1)
		return -1;
	return !rs->has_welcome || route_take(&rs->welcome, cond, out, e) != -1
		   ? 0
		   : -1;
}

/* What follows the @ against a domain (or a pattern of it). */
static bool
route_domain(const char *email, const char *domain)
{
	const char *at = strrchr(email, '@');

	return at != NULL && str_glob(domain + (*domain == '@'), at + 1);
}

bool
route_allowed(
    const struct rules_access *ac, const char *email, const char *room)
{
	bool person = ac->nemails == 0 && ac->ndomains == 0;
	size_t i;

	for (i = 0; i < ac->nemails && !person; i++)
		person = str_glob(ac->emails[i], email);
	for (i = 0; i < ac->ndomains && !person; i++)
		person = route_domain(email, ac->domains[i]);
	return person && route_allowed_room(ac, room);
}

bool
route_allowed_room(const struct rules_access *ac, const char *room)
{
	size_t i;

	for (i = 0; i < ac->nrooms; i++)
		if (strcmp(ac->rooms[i], room) == 0)
			return true;
	return ac->nrooms == 0;
}
