/*
 * Why something failed, and what the caller should decide about it.  A
 * function that can fail returns 0 or -1 and takes a struct err * last.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
	ERR_NONE,
	ERR_TEMP, /* try again later */
	ERR_PERM, /* never: the input or the other side says no */
	ERR_BUG,  /* ours, or this machine's: out of memory and the like */
};

struct err {
	enum err_kind kind;
	char text[512];
};

#define ERR_INIT                                                               \
	{                                                                      \
		ERR_NONE, ""                                                   \
	}

/*
 * Set kind and text, unless `e` already holds a cause: the first one wins.
 * `e` may be NULL.  Returns -1, so that `return err_set(...)` reads well.
 */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put text before what `e` says ("cards/bot.json:3:7: ").  Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Put text behind what `e` says.  Returns -1. */
int err_add(struct err *e, const char *text);

/* Out of memory, as ERR_BUG.  Returns -1. */
int err_nomem(struct err *e);

void err_clear(struct err *e);

#endif
