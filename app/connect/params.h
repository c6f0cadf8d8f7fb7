/*
 * The parameters of an Authorization value: name=token or name="quoted",
 * separated by commas (RFC 9110 11.2).  Pure.
 */
#ifndef CONNECT_PARAMS_H
#define CONNECT_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#define PARAMS_MAX 32    /* in one value */
#define PARAMS_TEXT 8192 /* of one value, as a whole */

struct param {
	const char *name; /* to look for, any case; NULL ends a table */
	char *value;      /* found, unquoted; NULL: was not there */
};

/*
 * Is the value of that scheme?  Where its parameters start, NULL: it is not.
 */
const char *params_scheme(const char *value, const char *scheme);

/*
 * Read `text` into `table`; others are passed over.  The texts are in *own,
 * which the caller frees.  -1: malformed, one twice, too long or too many.
 */
int params_read(const char *text, struct param *table, char **own);
/* The value found for `name`, "" when it was not there. */
const char *params_get(const struct param *table, const char *name);

#endif
