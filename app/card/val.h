/*
 * The values that templates work on: JSON, and a little more (missing,
 * bytes, 64-bit whole numbers).  A value lives in an arena or borrows from
 * what it was made of; it is never changed once others can see it, so it may
 * be shared freely, also between threads.
 */
#ifndef CARD_VAL_H
#define CARD_VAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum val_kind {
	VAL_MISSING, /* not there; `s` may hold the path that was looked up */
	VAL_NULL,
	VAL_BOOL,
	VAL_NUM,
	VAL_TEXT, /* UTF-8, half surrogates allowed (base/uni.h), not ended */
	VAL_LIST,
	VAL_OBJ,
	VAL_BYTES,
	VAL_BIG, /* a whole number of 64 bits: ticks */
};

struct val {
	uint8_t kind;
	bool b;
	uint32_t n; /* bytes of text, items, members */
	union {
		double num;
		int64_t big;
		const char *s;
		const struct val *items;
		const struct val_obj *obj;
		const unsigned char *bytes;
	};
};

struct val_member {
	const char *name;
	uint32_t len;
	uint32_t hash; /* uni_ihash */
	struct val v;
};

/* Members in order; names are unique (exact case). */
struct val_obj {
	uint32_t n;
	uint32_t cap;
	uint32_t mask;   /* of the index, 0: none */
	uint32_t *index; /* open addressing by hash: member + 1 */
	struct val_member *m;
};

#define VAL_DEPTH 300 /* nesting that is printed, compared, converted */

static inline struct val
val_missing(void)
{
	return (struct val){.kind = VAL_MISSING, .s = NULL};
}

static inline struct val
val_null(void)
{
	return (struct val){.kind = VAL_NULL, .s = NULL};
}

static inline struct val
val_bool(bool b)
{
	return (struct val){.kind = VAL_BOOL, .b = b, .s = NULL};
}

static inline struct val
val_num(double d)
{
	return (struct val){.kind = VAL_NUM, .num = d};
}

static inline struct val
val_text(const char *s, size_t n)
{
	return (struct val){.kind = VAL_TEXT, .n = (uint32_t)n, .s = s};
}

struct val val_str(const char *s); /* borrows a C string */

static inline struct val
val_list(const struct val *items, size_t n)
{
	return (struct val){.kind = VAL_LIST, .n = (uint32_t)n, .items = items};
}

static inline struct val
val_part(const struct val *list, size_t from, size_t n)
{
	return val_list(n == 0 ? NULL : list->items + from, n);
}

static inline struct val
val_of(const struct val_obj *o)
{
	return (struct val){.kind = VAL_OBJ, .n = o->n, .obj = o};
}

static inline bool
val_none(const struct val *v) /* missing or null */
{
	return v->kind <= VAL_NULL;
}

static inline bool
val_is(const struct val *v, const char *text)
{
	size_t i = 0;

	if (v == NULL || v->kind != VAL_TEXT)
		return false;
	while (i < v->n && text[i] != '\0' && v->s[i] == text[i])
		i++;
	return i == v->n && text[i] == '\0';
}

const char *val_kind_name(const struct val *v); /* "a text" */

/* -- objects while they are made -- */

/* NULL or -1: the arena is full.  `cap` is a guess. */
struct val_obj *val_obj_new(struct arena *a, size_t cap);
/* Set a member, replacing one of exactly that name.  Borrows the name. */
int val_put(struct arena *a, struct val_obj *o, const char *name, size_t len,
    struct val v);
/* The same for a C string and with the hash at hand. */
int val_puts(
    struct arena *a, struct val_obj *o, const char *name, struct val v);
int val_put_hash(struct arena *a, struct val_obj *o, const char *name,
    size_t len, uint32_t hash, struct val v);

/* Append a member known to be new, to an object that has room for it. */
static inline void
val_add(struct val_obj *o, const char *name, uint32_t len, uint32_t hash,
    struct val v)
{
	o->m[o->n++] = (struct val_member){name, len, hash, v};
}

/* -- looking -- */

/* The first member of that name whatever its case; NULL: none, no object. */
const struct val *val_get(const struct val *v, const char *name, size_t len);
const struct val *val_find(
    const struct val *v, const char *name, size_t len, uint32_t hash);
/* Exact case. */
const struct val *val_member(const struct val *v, const char *name, size_t len);
const struct val *val_gets(const struct val *v, const char *name);

/* -- lists while they are made -- */

struct val_vec {
	struct val *v;
	size_t n;
	size_t cap;
};
int val_push(struct arena *a, struct val_vec *l, struct val v);
static inline struct val
val_done(const struct val_vec *l)
{
	return val_list(l->v, l->n);
}

/* -- to and from -- */

/*
 * A value from JSON.  Texts and names are borrowed: `j` must live as long as
 * the value.  NULL counts as missing.
 */
int val_from_json(
    struct arena *a, const struct json *j, struct val *out, struct err *e);
/* Parse JSON text; nothing is borrowed. */
int val_parse(struct arena *a, const char *text, size_t len, struct val *out,
    struct err *e);
/* For the caller to free.  NULL: no memory, or nested too deep. */
struct json *val_to_json(const struct val *v);

/*
 * Append as JSON text, as JSON.stringify does: what is missing is left out
 * of objects and null in lists, as are NaN and infinities; bytes are a
 * list of numbers.  -1: the buffer is full, or nested too deep.
 */
int val_print(const struct val *v, struct buf *out);
int val_print_pretty(const struct val *v, struct buf *out);
/*
 * U+0000 and half a surrogate pair, which cutting a text by UTF-16 units can
 * leave, are written as U+FFFD; this one writes escapes as JSON.stringify
 * does.
 */
int val_print_exact(const struct val *v, struct buf *out);
int val_quote(const char *s, size_t n, struct buf *out);
/* A text as clean UTF-8, anything else as JSON.  NULL: memory,
 * or nested too deep. */
const char *val_cstr(struct arena *a, const struct val *v);

#endif
