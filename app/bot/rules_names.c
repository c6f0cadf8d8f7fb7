/*
 * Names of replies: what is edited or deleted by a name that no reply ever
 * gets.  The whole file is looked at, since a rule may change what another
 * one has said.
 */
#include "bot/rules_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define NAMES_MAX 10000

struct names {
	struct rules_in *in;
	const char **v; /* lent by the file */
	size_t n;
	bool open; /* some are made by templates: nobody can tell */
	bool nomem;
	void (*reply)(
	    struct names *ns, const struct json *reply, const char *path);
};

/* Where replies stand. */
static bool
names_of_replies(const char *member)
{
	static const char *const names[] = {"reply", "failed", "again",
	    "invalid", "misuse", "refuse", "cancelled"};
	size_t i, n = sizeof names / sizeof names[0];

	for (i = 0; i < n && strcmp(member, names[i]) != 0; i++)
		;
	return i < n;
}

static void
names_in_replies(struct names *ns, const struct json *v, const char *path)
{
	const struct json *x;
	char at[CONF_PATH];
	size_t i = 0;

	if (json_kind(v) == JSON_OBJECT)
		ns->reply(ns, v, path);
	for (x = json_kind(v) == JSON_LIST ? json_first(v) : NULL; x != NULL;
	     x = json_next(x), i++)
		if (json_kind(x) == JSON_OBJECT)
			ns->reply(ns, x, conf_at_i(at, path, i));
}

/* Depth is bounded by the parser. */
static void
names_walk(struct names *ns, const struct json *v, const char *path)
{
	bool obj = json_kind(v) == JSON_OBJECT;
	const struct json *x;
	char at[CONF_PATH];
	size_t i = 0;

	for (x = json_first(v); x != NULL; x = json_next(x), i++) {
		if (obj)
			conf_at(at, path, json_name(x));
		else
			conf_at_i(at, path, i);
		if (obj && names_of_replies(json_name(x)))
			names_in_replies(ns, x, at);
		else
			names_walk(ns, x, at);
	}
}

static void
names_given(struct names *ns, const struct json *reply, const char *path)
{
	const char *name = json_get_str(reply, "as"), **v;

	(void)path;
	if (name == NULL)
		return;
	ns->open |= strstr(name, "${") != NULL || ns->n == NAMES_MAX;
	if (ns->open)
		return;
	if ((v = realloc(ns->v, (ns->n + 1) * sizeof *v)) == NULL) {
		ns->nomem = true;
		return;
	}
	ns->v = v;
	v[ns->n++] = name;
}

static void
names_meant(struct names *ns, const struct json *reply, const char *path,
    const char *member)
{
	const char *name = json_get_str(reply, member), *near;
	char at[CONF_PATH];
	size_t i;

	if (name == NULL || *name == '\0' || strstr(name, "${") != NULL ||
	    strcmp(name, "true") == 0 || strcmp(name, "false") == 0)
		return;
	for (i = 0; i < ns->n; i++)
		if (strcmp(ns->v[i], name) == 0)
			return;
	near = str_nearest(name, ns->v, ns->n, sizeof *ns->v);
	conf_warn(&ns->in->conf, "unknown-name", conf_at(at, path, member),
	    near == NULL ? "no reply has the name %s (a name is given with as)"
			 : "no reply has the name %s, did you mean %s?",
	    name, near);
}

static void
names_used(struct names *ns, const struct json *reply, const char *path)
{
	names_meant(ns, reply, path, "edit");
	names_meant(ns, reply, path, "delete");
}

int
rules_names(struct rules_in *in, const struct json *file)
{
	struct names ns = {.in = in, .reply = names_given};

	names_walk(&ns, file, "");
	ns.reply = names_used;
	if (!ns.open && !ns.nomem)
		names_walk(&ns, file, "");
	free(ns.v);
	return ns.nomem ? err_nomem(in->e) : 0;
}
