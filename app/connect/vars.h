/*
 * What came in a body, as data for templates: JSON as it is, XML by a fixed
 * mapping, and the flat list of dotted variables that the platform's
 * console shows.  Pure.
 */
#ifndef CONNECT_VARS_H
#define CONNECT_VARS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define VARS_DEPTH 64 /* elements of XML within each other */

enum vars_kind { VARS_JSON, VARS_XML };

/*
 * What a body is said to be by its Content-Type (NULL: nothing said), or,
 * when that names neither, by its first byte.
 */
enum vars_kind vars_kind(const char *type, const void *body, size_t n);

/*
 * Read a body; the caller frees.  XML becomes an object with the root
 * element as its only member; an element with nothing but text is that
 * text; else an object with attributes as "@name", elements by name (those
 * that are repeated as a list) and its own text, if there is any, as
 * "#text".  NULL: `e` says what is wrong and where (ERR_PERM), or memory.
 */
struct json *vars_parse(
    enum vars_kind kind, const void *body, size_t n, struct err *e);

/*
 * Call `fn` for each text, number, boolean and null in `data`, in order,
 * under its dotted name.  A list's only item has its list's name, as on the
 * platform; of several the second is "name[1]" and so on.  Stops at the
 * first answer that is not 0 and returns it.
 */
int vars_each(const struct json *data,
    int (*fn)(void *arg, const char *name, const struct json *value),
    void *arg);

/*
 * A copy in which each list is its first item, so that those names work as
 * paths too; NULL when memory is out.
 */
struct json *vars_tree(const struct json *data);

#endif
