/*
 * Regular expressions (PCRE2, UTF-8), with a match limit so that a hostile
 * subject costs a bounded time.  The only door to PCRE2.  A compiled
 * pattern may be used by many threads at once.
 */
#ifndef BASE_RE_H
#define BASE_RE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct re;

/* NULL: `e` says what is wrong; *at (if asked for) the offset in it. */
struct re *re_new(const char *pattern, size_t *at, struct err *e);
void re_free(struct re *r);

/* Named groups, in no particular order. */
size_t re_names(const struct re *r);
const char *re_name(const struct re *r, size_t i);

struct re_span {
	bool set;
	size_t from, to;
};

/*
 * Search `s`, or match it whole.  1: found; groups[0] is the match,
 * groups[i] named group i - 1 for i up to `n` - 1.  0: no.  -1: the match
 * limit was hit or memory is out.
 */
int re_match(const struct re *r, const char *s, size_t len, bool whole,
    struct re_span *groups, size_t n, struct err *e);

/* Groups in parentheses, named or not. */
size_t re_groups(const struct re *r);
/* Number of a named group; 0: there is none of that name. */
size_t re_group(const struct re *r, const char *name);
/*
 * Search from byte `from` on; groups are by number.  Results as re_match.
 */
int re_search(const struct re *r, const char *s, size_t len, size_t from,
    struct re_span *groups, size_t n, struct err *e);

#endif
