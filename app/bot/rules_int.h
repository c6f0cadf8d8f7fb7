/* Shared by the files that read the bot file; rules.c is the top. */
#ifndef BOT_RULES_INT_H
#define BOT_RULES_INT_H

#include "bot/rules.h"
#include "connect/conf.h"

/* While a file is read. */
struct rules_in {
	struct conf conf;
	const struct rules_env *env;
	struct problems *ps;
	struct err *e;
	/* the rule that is being read, and as it stands; NULL: none */
	const struct rule *rule;
	const struct json *obj;
	unsigned reads; /* READS_ of it */
	size_t shift;   /* bytes before a text that the file does not have */
};

/* Members of the data that are there only when somebody reads them. */
struct rules_read {
	const char *name;
	unsigned bit;
};
extern const struct rules_read rules_reads[];
extern const size_t rules_nreads;

/* -- rules_read.c: pieces that several parts have -- */

void rules_in_init(struct rules_in *in, const struct rules_env *env,
    struct problems *ps, struct err *e);
/*
 * Compile a template that stands at `path` and note what it reads.  *out
 * stays NULL when it has faults, which are said.  -1: memory.
 */
int rules_tpl(struct rules_in *in, const struct json *j, const char *path,
    struct tpl **out);
/* A condition: "${...}" or the bare expression.  Missing: NULL. */
int rules_when(struct rules_in *in, const struct json *obj, const char *path,
    const char *name, struct tpl **out);
/*
 * A pattern under `name`; NULL when it is missing or has a fault, which is
 * said.  -1: memory.
 */
int rules_re(struct rules_in *in, const struct json *obj, const char *path,
    const char *name, struct re **out);
/* Copies of a text or a list of texts under `name`. */
int rules_texts(struct rules_in *in, const struct json *obj, const char *path,
    const char *name, char ***out, size_t *n);
void rules_free_texts(char **v, size_t n);
/* A card that is named plainly must be there. */
void rules_check_card(
    struct rules_in *in, const struct json *obj, const char *path);
/* `access` of a rule or of all. */
int rules_access(struct rules_in *in, const struct json *obj, const char *path,
    struct rules_access *out);
void rules_access_done(struct rules_access *ac);

/* -- rules_reply.c -- */

/* One reply or a list of them under `name`; none when it is missing. */
int rules_says(struct rules_in *in, const struct json *obj, const char *path,
    const char *name, struct rule_says *out);
void rule_says_done(struct rule_says *s);

/* -- rules_call.c -- */

int rules_call(struct rules_in *in, const struct json *obj, const char *path,
    struct call **out);
int rules_run(struct rules_in *in, const struct json *obj, const char *path,
    struct program **out);

/* -- rules_reach.c -- */

#define RULES_REACH_MAX 1000 /* rules that each is held against */

/* Warn of rules that can never match. */
void rules_reach(struct rules_in *in, const struct rules *rs);

/* -- rules_roots.c -- */

/* Warn of names in a template that nobody gives. */
void rules_roots(struct rules_in *in, const struct tpl *tpl);

/* -- rules_names.c -- */

/* Warn of names that no reply has; -1: memory. */
int rules_names(struct rules_in *in, const struct json *file);

/* -- rules_ask.c -- */

int rules_ask(struct rules_in *in, const struct json *obj, const char *path,
    struct rule_ask *out);
void rule_ask_done(struct rule_ask *a);

#endif
