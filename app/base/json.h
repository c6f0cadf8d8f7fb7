/*
 * JSON values.  The only door to cJSON: its types stop here.
 *
 * A value that was parsed or made by the caller is the caller's and goes to
 * json_free; a value got from another one is lent.  Not shared between
 * threads while it changes.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct json;

/*
 * jansson, which comes in behind cjose, has functions of these names: two
 * of one name in a process are one too many.
 */
#define json_object json_object_
#define json_true json_true_

enum json_kind {
	JSON_NONE, /* no value: the pointer was NULL */
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_LIST,
	JSON_OBJECT,
};

#define JSON_DEPTH 64 /* nesting we accept unless a caller asks for less */

/*
 * Parse exactly one value.  Strict RFC 8259: UTF-8, no comments, no depth
 * over JSON_DEPTH.  U+FFFD stands for \u0000 (texts are C strings here) and
 * for half a surrogate pair, which is what programs make that cut a text
 * within an emoji.  NULL: `e` says "LINE:COL: what".
 */
struct json *json_parse(const char *text, size_t len, struct err *e);
/*
 * The texts at n paths ("name" or "name.name", n at most 32) of the object in
 * `text`, found in the pass that checks it: a few members without building
 * the tree.  Each is lent by `text`, without its quotes; p NULL: there is no
 * text.  0, or -1 as json_parse, or 1: one of them or a name is written with
 * an escape, so that it takes a tree.
 */
struct json_span {
	const char *p;
	size_t n;
};
int json_texts(const char *text, size_t len, const char *const *paths,
    struct json_span *out, size_t n, struct err *e);
/* The same for a NUL-terminated text; for literals and tests. */
struct json *json_parse_str(const char *text, struct err *e);

/*
 * Read a file and parse it; `comments` allows // and C comments.  \u0000 and
 * half a surrogate pair are mistakes here.  NULL: `e` says
 * "FILE:LINE:COL: what".  With text != NULL the file's text (comments
 * blanked) goes to the caller for json_find and free().
 */
struct json *json_load(
    const char *path, size_t max, bool comments, char **text, struct err *e);

void json_free(struct json *j);
struct json *json_dup(const struct json *j);

/* Reading.  All take NULL as a missing value. */
enum json_kind json_kind(const struct json *j);
const char *json_kind_name(enum json_kind k);
const char *json_str(const struct json *j); /* NULL unless a text */
double json_num(const struct json *j);      /* 0 unless a number */
bool json_true(const struct json *j);       /* the value true itself */
size_t json_count(const struct json *j);    /* members or items: linear */
bool json_eq(const struct json *a, const struct json *b);

/* Member of an object, exact case; the first one of that name. */
struct json *json_get(const struct json *obj, const char *name);
/* A text member, NULL if missing or another kind. */
const char *json_get_str(const struct json *obj, const char *name);
/* The first text of this name that is not empty, at any depth; or NULL. */
const char *json_any_str(const struct json *j, const char *name);
/* json_get along "data.personId"; names with a dot cannot be reached. */
struct json *json_path(const struct json *obj, const char *dotted);
const char *json_path_str(const struct json *obj, const char *dotted);

/* for (x = json_first(v); x != NULL; x = json_next(x)) */
struct json *json_first(const struct json *listorobj);
struct json *json_next(const struct json *item);
const char *json_name(const struct json *member);

/* Making.  NULL or -1 when memory is out. */
struct json *json_object(void);
struct json *json_list(void);
struct json *json_new_null(void);
struct json *json_new_str(const char *s);
struct json *json_new_num(double n);
struct json *json_new_bool(bool b);

/*
 * Set a member (replacing one of that name) or append an item.  They take
 * `v` even when they fail; v == NULL fails, so calls can be nested.
 */
int json_set(struct json *obj, const char *name, struct json *v);
/* Append a member that is known not to be there: does not look for it. */
int json_put(struct json *obj, const char *name, struct json *v);
int json_add(struct json *list, struct json *v);
int json_set_str(struct json *obj, const char *name, const char *s);
int json_set_num(struct json *obj, const char *name, double n);
int json_set_bool(struct json *obj, const char *name, bool b);
void json_del(struct json *obj, const char *name);

/* Append as text; 0 or -1 (buffer full or memory). */
int json_print(const struct json *j, struct buf *out);
int json_print_pretty(const struct json *j, struct buf *out);
/* Append `s` as a JSON text, with quotes. */
int json_quote(const char *s, size_t n, struct buf *out);

/* -- places in a text (json_scan.c) -- */

/*
 * Check syntax, UTF-8 and depth in one pass without recursion.  -1: *at is
 * the offset, `e` says what without a place.
 */
int json_check(
    const char *text, size_t len, unsigned depth, size_t *at, struct err *e);
/* The same, but \u0000 and half a surrogate pair become \ufffd in place. */
int json_mend(
    char *text, size_t len, unsigned depth, size_t *at, struct err *e);
/* Blank out comments, keeping every line and column. */
void json_blank_comments(char *text, size_t len);
/*
 * Offset of the value at a JSON pointer ("/commands/3/word", RFC 6901), or
 * of the nearest value around it that is there.  `key`: the member's name
 * instead of its value.  The text must have passed json_check.
 */
size_t json_find(const char *text, size_t len, const char *pointer, bool key);
/*
 * Tell of each member whose name its object has had before: the offset of the
 * name, and the name as it is written (s[0..n), without quotes).  The text
 * must have passed json_check.  One pass.  -1: memory.
 */
int json_twice(const char *text, size_t len,
    void (*told)(void *arg, size_t at, const char *s, size_t n), void *arg);
/* Line and column, from 1; columns count characters. */
void json_place(const char *text, size_t at, int *line, int *col);
/* "LINE:COL: " before what `e` says of that byte; -1. */
int json_refuse(const char *text, size_t at, struct err *e);

#endif
