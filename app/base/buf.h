/*
 * A growing byte buffer with a ceiling.  A failed append (ceiling or memory)
 * leaves the content as it was and makes the buffer failed: further appends
 * do nothing, so a caller may append many times and ask once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf {
	char *p; /* NUL-terminated when not NULL */
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
	bool nomem; /* for memory, not for the ceiling */
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);

/* Append; 0 or -1 (failed now or before). */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_adds(struct buf *b, const char *s);
int buf_addc(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int buf_vaddf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/*
 * Room for `n` bytes behind the content, to be written by the caller, who
 * then says with buf_took how many there are.  NULL: failed, as above.
 */
char *buf_room(struct buf *b, size_t n);
static inline void
buf_took(struct buf *b, size_t n)
{
	b->len += n;
	b->p[b->len] = '\0';
}

/*
 * Did all appends succeed?  0, or -1 with "WHAT is larger than N bytes"
 * (ERR_PERM) or out of memory (ERR_BUG).
 */
int buf_check(const struct buf *b, const char *what, struct err *e);

/* Shorten to `len` bytes (and forget a failure). */
void buf_cut(struct buf *b, size_t len);
/* Each byte that is not UTF-8 becomes U+FFFD. */
int buf_add_utf8(struct buf *b, const char *s, size_t n);
static inline void
buf_clear(struct buf *b)
{
	buf_cut(b, 0);
}

/* When `part`, made for `b`, has failed, so has `b`. */
void buf_inherit(struct buf *b, const struct buf *part);

/* The content, NUL-terminated, lent until the next append; never NULL. */
const char *buf_str(const struct buf *b);
static inline size_t
buf_len(const struct buf *b)
{
	return b->len;
}

/*
 * Hand the content to the caller, who frees it; the buffer is empty after.
 * NULL when the buffer has failed or memory is out.
 */
char *buf_take(struct buf *b);

#endif
