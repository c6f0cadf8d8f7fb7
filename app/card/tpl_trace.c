/* From a place in what was rendered back into the template; see tpl.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "card/tpl_int.h"

struct tpl_spot {
	const struct val_obj *o;
	const char *path;
};

int
tpl_trace_note(struct tpl_trace *tr, const struct val_obj *o, const char *path)
{
	size_t cap = tr->cap == 0 ? 64 : tr->cap * 2;
	struct tpl_spot *v;

	if (tr->n == tr->cap) {
		if ((v = realloc(tr->v, cap * sizeof *v)) == NULL)
			return -1;
		tr->v = v;
		tr->cap = cap;
	}
	tr->v[tr->n++] = (struct tpl_spot){o, path};
	return 0;
}

void
tpl_trace_done(struct tpl_trace *tr)
{
	free(tr->v);
	memset(tr, 0, sizeof *tr);
}

static int
tpl_spot_order(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct tpl_spot *)a)->o;
	uintptr_t y = (uintptr_t)((const struct tpl_spot *)b)->o;

	return x < y ? -1 : x > y;
}

static const char *
tpl_trace_find(const struct tpl_trace *tr, const struct val *v)
{
	struct tpl_spot key = {v->obj, NULL};
	const struct tpl_spot *found;

	if (v->kind != VAL_OBJ || tr->n == 0)
		return NULL;
	found = bsearch(&key, tr->v, tr->n, sizeof key, tpl_spot_order);
	return found == NULL ? NULL : found->path;
}

/* One step of a JSON pointer without its slash: "body", "3", "a~1b". */
static const struct val *
tpl_step(const struct val *v, const char *s, size_t n)
{
	char name[512];
	long long i;
	size_t k, len = 0;

	if (n >= sizeof name)
		return NULL;
	for (k = 0; k < n; k++) {
		name[len] = s[k];
		if (s[k] == '~' && k + 1 < n)
			name[len] = s[++k] == '1' ? '/' : '~';
		len++;
	}
	name[len] = '\0';
	if (v->kind == VAL_OBJ)
		return val_member(v, name, len);
	if (v->kind != VAL_LIST || v->n == 0 ||
	    str_num(name, 0, (long long)v->n - 1, &i) == -1)
		return NULL;
	return &v->items[i];
}

void
tpl_origin(struct tpl_trace *tr, const struct val *rendered, const char *path,
    char out[TPL_PATH])
{
	const char *at = path, *base, *known = "", *rest = path, *end;
	const struct val *v = rendered;

	if (!tr->sorted && tr->n > 1)
		qsort(tr->v, tr->n, sizeof *tr->v, tpl_spot_order);
	tr->sorted = true;
	while (v != NULL) {
		if ((base = tpl_trace_find(tr, v)) != NULL) {
			known = base;
			rest = at;
		}
		if (*at != '/')
			break;
		end = at + 1 + strcspn(at + 1, "/");
		v = tpl_step(v, at + 1, (size_t)(end - at - 1));
		at = end;
	}
	snprintf(out, TPL_PATH, "%s%s", known, rest);
}
