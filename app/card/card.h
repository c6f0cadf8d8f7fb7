/*
 * The card store: a folder of NAME.card.json (templates) with
 * NAME.sample.json (sample data) beside them.  A set is loaded as a whole,
 * never changes afterwards, and is freed when its last user lets go.
 */
#ifndef CARD_CARD_H
#define CARD_CARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "card/problem.h"
#include "card/tpl.h"
#include "card/val.h"

#define CARD_FILE_MAX (1024 * 1024)

struct cards;
struct card;

/*
 * Is told of each problem.  `text` is the file's text, in which `p->path`
 * counts; NULL: it could not be read.
 */
typedef void cards_report(void *arg, const char *file, const char *text,
    size_t len, const struct problem *p);

/*
 * Load all cards of `dir`, in order of their names.  Each is checked as it
 * stands and, when there is sample data, as rendered with it at time `now`.
 * Cards with errors are left out of the set but counted.  A folder that is
 * not there is an empty set.  NULL: it cannot be read, or memory is out.
 */
struct cards *cards_load(const char *dir, int64_t now, cards_report *report,
    void *arg, struct err *e);
/*
 * The names of all card files of `dir` in order, whether or not they can be
 * used; `name` is lent.  A folder that is not there has none.
 */
int cards_names(const char *dir, void (*one)(void *arg, const char *name),
    void *arg, struct err *e);
void cards_free(struct cards *cs);

size_t cards_errors(const struct cards *cs);
size_t cards_warnings(const struct cards *cs);
size_t cards_count(const struct cards *cs);
const struct card *cards_at(const struct cards *cs, size_t i);
const struct card *cards_find(const struct cards *cs, const char *name);
/* The name that may have been meant; NULL: none is near. */
const char *cards_near(const struct cards *cs, const char *name);

/*
 * One card file.  Its problems are reported and counted in *errors and
 * *warnings (added to).  NULL: there were errors.
 */
struct card *card_load(const char *path, int64_t now, cards_report *report,
    void *arg, size_t *errors, size_t *warnings, struct err *e);
void card_free(struct card *c);

const char *card_name(const struct card *c);
const char *card_file(const struct card *c);
/* May rendering read member `name` of the data?  See tpl_uses. */
bool card_uses(const struct card *c, const char *name);
/* The sample data; a missing value when there is none. */
const struct val *card_sample(const struct card *c);

/*
 * Render, and check what came out: `ps` (may be NULL: no check) holds its
 * problems, ps->errors says whether Webex would refuse it.  -1: `e` says why
 * nothing came out and *out is missing.  The result lives in `a` (see
 * tpl_render).
 */
int card_render(const struct card *c, const struct val *data, int64_t now,
    struct arena *a, struct val *out, struct problems *ps, struct err *e);

/*
 * What to send beside the rendered card `v` for clients that cannot draw it,
 * or in its place when it is missing.  NULL: memory.
 */
const char *card_fallback(
    const struct card *c, const struct val *v, struct arena *a);

#endif
