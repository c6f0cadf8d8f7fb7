/*
 * Members of a JSON object into the fields of a struct, by a table.  For
 * the control API: what is not in the table is an error that names the
 * nearest member.
 */
#ifndef SIM_PICK_H
#define SIM_PICK_H

#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

enum pick_kind {
	PICK_INT,  /* int, within lo..hi */
	PICK_BOOL, /* bool */
	PICK_TEXT, /* const char *, lent from the JSON */
	PICK_JSON, /* const struct json *, lent */
};

struct pick {
	const char *name;
	enum pick_kind kind;
	size_t at; /* offsetof */
	int lo, hi;
};

/* Fields that are not named stay as they are.  0 or -1 (ERR_PERM). */
int pick_read(const struct json *obj, const struct pick *rows, size_t n,
    void *into, struct err *e);

#endif
