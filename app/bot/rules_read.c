/* Pieces of the bot file that several parts have; see rules_int.h. */
#include "bot/rules_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RULES_WHEN_MAX 8192
/* In place of a secret where only the file is looked at; also base64. */
#define RULES_STAND_IN "c3RhbmQtaW4h"

static void
rules_problem(void *arg, const struct conf_problem *p)
{
	struct rules_in *in = arg;
	size_t at = p->member ? PROBLEM_MEMBER : PROBLEM_WHOLE;

	if (p->warning)
		problems_warn(in->ps, p->code, p->path, at, "%s", p->text);
	else
		problems_error(in->ps, p->code, p->path, at, "%s", p->text);
}

char *
rules_env_secret(const struct rules_env *env, const char *name, struct err *e)
{
	const struct cfg *cfg = env->stand_ins ? NULL : env->cfg;
	char *s = cfg == NULL ? NULL : cfg_secret(cfg, name, e);

	if (s != NULL || e->kind != ERR_NONE ||
	    (!env->stand_ins && (cfg == NULL || !cfg->stand_ins)))
		return s;
	return strdup(RULES_STAND_IN);
}

static char *
rules_secret(void *arg, const char *name, struct err *e)
{
	struct rules_in *in = arg;

	return rules_env_secret(in->env, name, e);
}

void
rules_in_init(struct rules_in *in, const struct rules_env *env,
    struct problems *ps, struct err *e)
{
	memset(in, 0, sizeof *in);
	in->env = env;
	in->ps = ps;
	in->e = e;
	in->conf.problem = rules_problem;
	in->conf.secret = rules_secret;
	in->conf.arg = in;
	if (env->cfg != NULL) {
		in->conf.folder = env->cfg->cards;
		in->conf.allow_private = env->cfg->allow_private;
	}
}

const struct rules_read rules_reads[] = {
    {"person", READS_PERSON},
    {"room", READS_ROOM},
    {"memory", READS_MEMORY},
    {"files", READS_FILES},
    {"event", READS_EVENT},
};
const size_t rules_nreads = sizeof rules_reads / sizeof rules_reads[0];

int
rules_tpl(struct rules_in *in, const struct json *j, const char *path,
    struct tpl **out)
{
	size_t i;

	*out = tpl_compile_part(j, path, true, in->ps, in->e);
	if (*out == NULL) {
		if (in->e->kind == ERR_BUG)
			return -1;
		err_clear(in->e); /* said in the problems */
		return 0;
	}
	rules_roots(in, *out);
	for (i = 0; i < rules_nreads; i++)
		if (tpl_uses(*out, rules_reads[i].name))
			in->reads |= rules_reads[i].bit;
	return 0;
}

int
rules_when(struct rules_in *in, const struct json *obj, const char *path,
    const char *name, struct tpl **out)
{
	const char *s = json_get_str(obj, name);
	char at[CONF_PATH];
	struct json *j;
	char *text;
	bool bare;
	int rc;

	if (s == NULL)
		return 0;
	if (*s == '\0' || strlen(s) > RULES_WHEN_MAX) {
		conf_error(&in->conf, "bad-value", conf_at(at, path, name),
		    "%s must be an expression", name);
		return 0;
	}
	bare = strstr(s, "${") == NULL;
	if (asprintf(&text, bare ? "${%s}" : "%s", s) == -1)
		return err_nomem(in->e);
	j = json_new_str(text);
	free(text);
	if (j == NULL)
		return err_nomem(in->e);
	in->shift = bare ? strlen("${") : 0;
	rc = rules_tpl(in, j, conf_at(at, path, name), out);
	in->shift = 0;
	json_free(j);
	return rc;
}

int
rules_re(struct rules_in *in, const struct json *obj, const char *path,
    const char *name, struct re **out)
{
	const char *s = json_get_str(obj, name);
	struct err why = ERR_INIT;
	char at[CONF_PATH];
	size_t off = 0;

	if (s == NULL || (*out = re_new(s, &off, &why)) != NULL)
		return 0;
	if (why.kind == ERR_BUG)
		return err_nomem(in->e);
	problems_error(
	    in->ps, "bad-value", conf_at(at, path, name), off, "%s", why.text);
	return 0;
}

int
rules_texts(struct rules_in *in, const struct json *obj, const char *path,
    const char *name, char ***out, size_t *n)
{
	const struct json *list = json_get(obj, name), *x;
	size_t count = json_kind(list) == JSON_STRING ? 1 : json_count(list);
	char at[CONF_PATH], item[CONF_PATH];
	size_t i = 0;

	if (count == 0)
		return 0;
	if ((*out = calloc(count, sizeof **out)) == NULL)
		return err_nomem(in->e);
	conf_at(at, path, name);
	for (x = json_kind(list) == JSON_STRING ? list : json_first(list);
	     x != NULL && i < count; x = json_next(x), i++) {
		if (json_str(x) == NULL || *json_str(x) == '\0') {
			conf_error(&in->conf, "wrong-kind",
			    conf_at_i(item, at, i), "must be a text");
			continue;
		}
		if (((*out)[*n] = strdup(json_str(x))) == NULL)
			return err_nomem(in->e);
		(*n)++;
	}
	return 0;
}

void
rules_free_texts(char **v, size_t n)
{
	while (n > 0)
		free(v[--n]);
	free(v);
}

static bool
rules_card_is_there(const struct rules_in *in, const char *card)
{
	char *file;
	bool there;

	if (in->conf.folder == NULL ||
	    asprintf(&file, "%s/%s.card.json", in->conf.folder, card) == -1)
		return false;
	there = access(file, F_OK) == 0;
	free(file);
	return there;
}

void
rules_check_card(struct rules_in *in, const struct json *obj, const char *path)
{
	const char *card = json_get_str(obj, "card"), *near;
	char at[CONF_PATH];

	if (card == NULL || strstr(card, "${") != NULL ||
	    cards_find(in->env->cards, card) != NULL)
		return;
	if (rules_card_is_there(in, card))
		return; /* with errors of its own, which are told */
	near = cards_near(in->env->cards, card);
	conf_error(&in->conf, "unknown-card", conf_at(at, path, "card"),
	    near == NULL ? "no card %s (%s.card.json is not there)"
			 : "no card %s (%s.card.json is not there), did you "
			   "mean %s?",
	    card, card, near);
}

static const struct conf_key access_keys[] = {
    {"emails", CONF_TEXTS},
    {"domains", CONF_TEXTS},
    {"rooms", CONF_TEXTS},
    {"refuse", CONF_REPLY},
};

/* Addresses and patterns of them; what is neither lets nobody in. */
static void
access_check_emails(struct rules_in *in, const struct json *a, const char *path)
{
	const struct json *list = json_get(a, "emails"), *x;
	bool one = json_kind(list) == JSON_STRING;
	char at[CONF_PATH], item[CONF_PATH];
	size_t i = 0;

	conf_at(at, path, "emails");
	for (x = one ? list : json_first(list); x != NULL;
	     x = one ? NULL : json_next(x), i++)
		if (json_str(x) != NULL && *json_str(x) != '\0' &&
		    strpbrk(json_str(x), "@*") == NULL)
			conf_warn(&in->conf, "bad-value",
			    one ? at : conf_at_i(item, at, i),
			    "%s fits nobody: an address has an @, and * stands "
			    "for any text",
			    json_str(x));
}

/* An empty list asks for nothing; where all are empty, that may be a slip. */
static void
access_check_empty(struct rules_in *in, const struct json *a, const char *path)
{
	static const char *const lists[] = {"emails", "domains", "rooms"};
	const char *empty = NULL;
	char at[CONF_PATH];
	size_t i;

	for (i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		const struct json *list = json_get(a, lists[i]);

		if (list == NULL)
			continue;
		if (json_kind(list) != JSON_LIST || json_first(list) != NULL)
			return;
		if (empty == NULL)
			empty = lists[i];
	}
	if (empty != NULL)
		conf_warn(&in->conf, "bad-value", conf_at(at, path, empty),
		    "an empty list lets everybody in");
}

int
rules_access(struct rules_in *in, const struct json *obj, const char *path,
    struct rules_access *out)
{
	const struct json *a = conf_object(obj, "access");
	char at[CONF_PATH];

	if (a == NULL)
		return 0;
	conf_at(at, path, "access");
	CONF_KEYS(&in->conf, a, at, access_keys);
	access_check_empty(in, a, at);
	access_check_emails(in, a, at);
	if (rules_texts(in, a, at, "emails", &out->emails, &out->nemails) ==
		-1 ||
	    rules_texts(in, a, at, "domains", &out->domains, &out->ndomains) ==
		-1 ||
	    rules_texts(in, a, at, "rooms", &out->rooms, &out->nrooms) == -1)
		return -1;
	return rules_says(in, a, at, "refuse", &out->refuse);
}

void
rules_access_done(struct rules_access *ac)
{
	rules_free_texts(ac->emails, ac->nemails);
	rules_free_texts(ac->domains, ac->ndomains);
	rules_free_texts(ac->rooms, ac->nrooms);
	rule_says_done(&ac->refuse);
}
