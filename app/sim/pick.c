/* JSON members into struct fields; see pick.h.  Pure. */
#include "sim/pick.h"

#include <string.h>

#include "base/str.h"

static int
pick_int(const struct pick *row, const struct json *v, int *out, struct err *e)
{
	double n = json_num(v);

	if (json_kind(v) != JSON_NUMBER || n != (double)(int)n || n < row->lo ||
	    n > row->hi)
		return err_set(e, ERR_PERM, "%s: a number from %d to %d",
		    row->name, row->lo, row->hi);
	*out = (int)n;
	return 0;
}

static int
pick_one(
    const struct pick *row, const struct json *v, void *into, struct err *e)
{
	void *field = (char *)into + row->at;

	switch (row->kind) {
	case PICK_INT:
		return pick_int(row, v, field, e);
	case PICK_BOOL:
		if (json_kind(v) != JSON_BOOL)
			return err_set(
			    e, ERR_PERM, "%s: true or false", row->name);
		*(bool *)field = json_true(v);
		return 0;
	case PICK_TEXT:
		if ((*(const char **)field = json_str(v)) == NULL)
			return err_set(e, ERR_PERM, "%s: a text", row->name);
		return 0;
	case PICK_JSON:
		*(const struct json **)field = v;
		return 0;
	}
	return 0;
}

int
pick_read(const struct json *obj, const struct pick *rows, size_t n, void *into,
    struct err *e)
{
	const struct json *v;
	const char *near;
	size_t i;

	if (json_kind(obj) != JSON_OBJECT)
		return err_set(e, ERR_PERM, "the body must be a JSON object");
	for (v = json_first(obj); v != NULL; v = json_next(v)) {
		for (i = 0; i < n; i++)
			if (strcmp(rows[i].name, json_name(v)) == 0)
				break;
		if (i == n) {
			near = str_nearest(json_name(v), rows, n, sizeof *rows);
			return err_set(e, ERR_PERM,
			    near != NULL ? "%s: unknown, perhaps %s?"
					 : "%s: unknown",
			    json_name(v), near);
		}
		if (pick_one(&rows[i], v, into, e) == -1)
			return -1;
	}
	return 0;
}
