/* Values of templates; see val.h. */
#include "card/val.h"

#include <string.h>

#include "base/uni.h"

#define VAL_INDEX_MIN 9 /* members from which an index pays */

struct val
val_str(const char *s)
{
	return val_text(s, strlen(s));
}

const char *
val_kind_name(const struct val *v)
{
	static const char *const names[] = {"missing", "null", "true or false",
	    "a number", "a text", "a list", "an object", "bytes", "a number"};

	return names[v->kind];
}

struct val_obj *
val_obj_new(struct arena *a, size_t cap)
{
	struct val_obj *o = arena_zalloc(a, sizeof *o);

	if (o == NULL || cap == 0)
		return o;
	o->m = arena_alloc(a, cap * sizeof *o->m);
	if (o->m == NULL)
		return NULL;
	o->cap = (uint32_t)cap;
	return o;
}

static void
val_index_add(struct val_obj *o, uint32_t i)
{
	uint32_t at = o->m[i].hash & o->mask;

	while (o->index[at] != 0)
		at = (at + 1) & o->mask;
	o->index[at] = i + 1;
}

/* Keep the index at most half full.  Members of one hash stay in order. */
static int
val_index_grow(struct arena *a, struct val_obj *o)
{
	uint32_t size = 32, i;

	while (size < o->n * 4)
		size *= 2;
	o->index = arena_zalloc(a, size * sizeof *o->index);
	if (o->index == NULL)
		return -1;
	o->mask = size - 1;
	for (i = 0; i < o->n; i++)
		val_index_add(o, i);
	return 0;
}

static int
val_obj_grow(struct arena *a, struct val_obj *o)
{
	uint32_t cap = o->cap < 4 ? 4 : o->cap * 2;
	struct val_member *m = arena_alloc(a, cap * sizeof *m);

	if (m == NULL)
		return -1;
	if (o->n > 0)
		memcpy(m, o->m, o->n * sizeof *m);
	o->m = m;
	o->cap = cap;
	return 0;
}

/*
 * Members are met in order: the first that `exact` or `any case` takes wins.
 */
static struct val_member *
val_seek(const struct val_obj *o, const char *name, size_t len, uint32_t hash,
    bool exact)
{
	struct val_member *m;
	uint32_t at, i;

	for (at = o->mask == 0 ? 0 : hash & o->mask;; at++) {
		if (o->mask != 0) {
			if ((i = o->index[at & o->mask]) == 0)
				return NULL;
			m = &o->m[i - 1];
		} else {
			if (at == o->n)
				return NULL;
			m = &o->m[at];
		}
		if (m->hash != hash)
			continue;
		if (m->len == len && memcmp(m->name, name, len) == 0)
			return m;
		if (!exact && uni_ieq(m->name, m->len, name, len))
			return m;
	}
}

int
val_put_hash(struct arena *a, struct val_obj *o, const char *name, size_t len,
    uint32_t hash, struct val v)
{
	struct val_member *m = val_seek(o, name, len, hash, true);

	if (m != NULL) {
		m->v = v;
		return 0;
	}
	if (o->n == o->cap && val_obj_grow(a, o) == -1)
		return -1;
	m = &o->m[o->n++];
	m->name = name;
	m->len = (uint32_t)len;
	m->hash = hash;
	m->v = v;
	if (o->mask != 0 && o->n * 2 <= o->mask)
		val_index_add(o, o->n - 1);
	else if (o->n >= VAL_INDEX_MIN && val_index_grow(a, o) == -1)
		return -1;
	return 0;
}

int
val_put(struct arena *a, struct val_obj *o, const char *name, size_t len,
    struct val v)
{
	return val_put_hash(a, o, name, len, uni_ihash(name, len), v);
}

int
val_puts(struct arena *a, struct val_obj *o, const char *name, struct val v)
{
	return val_put(a, o, name, strlen(name), v);
}

const struct val *
val_find(const struct val *v, const char *name, size_t len, uint32_t hash)
{
	const struct val_member *m;

	if (v == NULL || v->kind != VAL_OBJ)
		return NULL;
	m = val_seek(v->obj, name, len, hash, false);
	return m == NULL ? NULL : &m->v;
}

const struct val *
val_get(const struct val *v, const char *name, size_t len)
{
	return val_find(v, name, len, uni_ihash(name, len));
}

const struct val *
val_member(const struct val *v, const char *name, size_t len)
{
	const struct val_member *m;

	if (v == NULL || v->kind != VAL_OBJ)
		return NULL;
	m = val_seek(v->obj, name, len, uni_ihash(name, len), true);
	return m == NULL ? NULL : &m->v;
}

const struct val *
val_gets(const struct val *v, const char *name)
{
	return val_member(v, name, strlen(name));
}

int
val_push(struct arena *a, struct val_vec *l, struct val v)
{
	struct val *more;
	size_t cap;

	if (l->n == l->cap) {
		cap = l->cap == 0 ? 8 : l->cap * 2;
		if ((more = arena_alloc(a, cap * sizeof *more)) == NULL)
			return -1;
		if (l->n > 0)
			memcpy(more, l->v, l->n * sizeof *more);
		l->v = more;
		l->cap = cap;
	}
	l->v[l->n++] = v;
	return 0;
}
