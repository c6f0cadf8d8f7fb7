/*
 * Templates of the Adaptive Cards templating language: any JSON value whose
 * texts may hold ${expressions}, with $data and $when in its objects.
 * Compiled once; rendering allocates from the caller's arena only, and may be
 * done by several threads with one template.
 */
#ifndef CARD_TPL_H
#define CARD_TPL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "card/expr.h"
#include "card/problem.h"
#include "card/val.h"

struct tpl;

/*
 * Compile a whole card, a reply, or a single text.  Nothing of `j` is kept.
 *
 * Faults are added to `ps` (may be NULL), all of them: errors with code
 * "syntax", "arguments" or "unknown-function", the JSON pointer of the text
 * and the place in it; a literal $when and a ${ that is text as warnings
 * ("when", "loose").  NULL: there were faults, or memory was out (`e` says
 * which, in one line).  Only unknown functions do not make it NULL: they fail
 * when they are called.
 */
struct tpl *tpl_compile(
    const struct json *j, struct problems *ps, struct err *e);
/*
 * The same for a part of a larger file, `path` being where it stands there.
 * With `ticks` a bare backtick in a text is itself: replies are markdown,
 * which is full of them.
 */
struct tpl *tpl_compile_part(const struct json *j, const char *path, bool ticks,
    struct problems *ps, struct err *e);
void tpl_free(struct tpl *t);

/* Is it without expressions, so that it is the same with any data? */
bool tpl_fixed(const struct tpl *t);

/*
 * May the template read member `name` of the root data?  One that takes the
 * data as a whole reads everything.
 */
bool tpl_uses(const struct tpl *t, const char *name);

/*
 * Tell of each place where a member of the data is named (tpl_names.c): not
 * of what is named within an object with $data, where names are members of
 * its items, and not of the names of lambdas.  All is lent for the call.
 */
struct tpl_name {
	const char *path; /* JSON pointer of the text it stands in */
	size_t at;        /* byte in that text */
	const char *s;    /* s[0..n) */
	size_t n;
	const char *sub; /* the member of it that is read; NULL: none, or */
	size_t nsub;     /* which one is not known beforehand */
};
typedef void tpl_named(void *arg, const struct tpl_name *name);
void tpl_names(const struct tpl *t, tpl_named *one, void *arg);

struct tpl_fail {
	enum expr_fail kind;
	char path[160];    /* JSON pointer in the template, may be cut */
	unsigned warnings; /* objects dropped for a $when that is no bool */
};

/*
 * Render with `data` as $root (and $data), `host` (may be NULL) as $host and
 * `now`, milliseconds since 1970, as the time.  The result lives in `a` and
 * borrows from the template and the data; a missing kind means nothing came
 * out.  -1: `e` says why (ERR_PERM: the template does not fit the data or
 * hits a ceiling; ERR_BUG: memory), `f` (may be NULL) where.
 */
int tpl_render(const struct tpl *t, const struct val *data,
    const struct val *host, int64_t now, struct arena *a, struct val *out,
    struct tpl_fail *f, struct err *e);

/*
 * The same, and what was made is noted in `tr` (cleared by the caller; NULL:
 * not), so that tpl_origin can tell where a place of the result stands in the
 * template: as a JSON pointer, exact for members of objects in it, the nearest
 * object for what came from the data.
 */
struct tpl_spot;
struct tpl_trace {
	struct tpl_spot *v;
	size_t n, cap;
	bool sorted;
};
#define TPL_PATH 512
int tpl_render_traced(const struct tpl *t, const struct val *data, int64_t now,
    struct arena *a, struct val *out, struct tpl_fail *f, struct tpl_trace *tr,
    struct err *e);
void tpl_origin(struct tpl_trace *tr, const struct val *rendered,
    const char *path, char out[TPL_PATH]);
void tpl_trace_done(struct tpl_trace *tr);

/*
 * The template as a condition, by the rules of $when: 1 for true, 0 for
 * anything else, -1 for an unknown function or a ceiling.
 */
int tpl_test(const struct tpl *t, const struct val *data,
    const struct val *host, int64_t now, struct arena *a, struct err *e);
/* Is the condition written out as true, whatever the data? */
bool tpl_always(const struct tpl *t);

#endif
