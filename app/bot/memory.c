/* Memory of rooms and persons; see memory.h. */
#include "bot/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"

#define MEMORY_NAME_MAX (4u << 20) /* ids are as long as Webex makes them */

/* A value on its way to the store; the last one counts. */
struct memory_row {
	char *value; /* NULL: forgotten */
	unsigned writers;
};

struct memory {
	struct evq *q;
	struct map *rows;
};

static void
memory_drop(void *arg)
{
	struct memory_row *r = arg;

	free(r->value);
	free(r);
}

struct memory *
memory_new(struct evq *q)
{
	struct memory *m = calloc(1, sizeof *m);

	if (m == NULL || (m->rows = map_new()) == NULL) {
		free(m);
		return NULL;
	}
	m->q = q;
	return m;
}

void
memory_free(struct memory *m)
{
	if (m == NULL)
		return;
	map_free(m->rows, memory_drop);
	free(m);
}

static int
memory_name(struct buf *b, const char *scope, const char *key, struct err *e)
{
	buf_init(b, MEMORY_NAME_MAX);
	return buf_addf(b, "%s %s", scope, key) == -1 ? err_nomem(e) : 0;
}

struct json *
memory_get(struct memory *m, const char *scope, const char *key, struct err *e)
{
	struct memory_row *r = NULL;
	struct json *j = NULL;
	char *stored = NULL;
	struct buf name;

	if (memory_name(&name, scope, key, e) == 0) {
		r = map_get(m->rows, buf_str(&name));
		if (r == NULL)
			stored = evq_memory(m->q, scope, key);
		if (stored != NULL || (r != NULL && r->value != NULL))
			j = json_parse_str(r != NULL ? r->value : stored, e);
	}
	free(stored);
	buf_done(&name);
	return j;
}

int
memory_print(
    const struct json *value, const char *scope, struct buf *out, struct err *e)
{
	buf_init(out, MEMORY_MAX);
	if (json_print(value, out) == 0)
		return 0;
	return out->failed && !out->nomem
		   ? err_set(e, ERR_PERM,
			 "more than %d bytes to remember of one %s", MEMORY_MAX,
			 scope)
		   : err_nomem(e);
}

int
memory_set(struct memory_change *c, const char *scope, const char *key,
    const struct json *value, struct err *e)
{
	struct evq_memo *v;
	struct buf b;
	size_t cap = c->cap == 0 ? 4 : c->cap * 2;
	int rc;

	if (c->n == c->cap) {
		if ((v = arena_alloc(c->arena, cap * sizeof *v)) == NULL)
			return err_nomem(e);
		if (c->n > 0)
			memcpy(v, c->v, c->n * sizeof *v);
		c->v = v;
		c->cap = cap;
	}
	v = &c->v[c->n];
	memset(v, 0, sizeof *v);
	if (json_first(value) != NULL) {
		rc = memory_print(value, scope, &b, e);
		if (rc == 0 &&
		    (v->value = arena_strndup(c->arena, b.p, b.len)) == NULL)
			rc = err_nomem(e);
		buf_done(&b);
		if (rc == -1)
			return -1;
	}
	v->scope = arena_strdup(c->arena, scope);
	v->key = arena_strdup(c->arena, key);
	if (v->scope == NULL || v->key == NULL)
		return err_nomem(e);
	c->n++;
	return 0;
}

static int
memory_hold(struct memory *m, const struct evq_memo *memo, struct err *e)
{
	struct memory_row *r;
	char *value = NULL;
	struct buf name;
	int rc = -1;

	if (memory_name(&name, memo->scope, memo->key, e) == -1)
		goto out;
	if (memo->value != NULL && (value = strdup(memo->value)) == NULL)
		goto nomem;
	if ((r = map_get(m->rows, buf_str(&name))) == NULL) {
		r = calloc(1, sizeof *r);
		if (r == NULL ||
		    map_put(m->rows, buf_str(&name), r, NULL) == -1) {
			free(r);
			goto nomem;
		}
	}
	free(r->value);
	r->value = value;
	r->writers++;
	value = NULL;
	rc = 0;
	goto out;
nomem:
	err_nomem(e);
out:
	free(value);
	buf_done(&name);
	return rc;
}

static void
memory_release(struct memory *m, const struct evq_memo *memo)
{
	struct memory_row *r;
	struct buf name;

	/* without memory for the name the row stays: what it says is true */
	if (memory_name(&name, memo->scope, memo->key, NULL) == 0 &&
	    (r = map_get(m->rows, buf_str(&name))) != NULL && --r->writers == 0)
		memory_drop(map_del(m->rows, buf_str(&name)));
	buf_done(&name);
}

int
memory_begin(struct memory *m, const struct memory_change *c, struct err *e)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (memory_hold(m, &c->v[i], e) == -1) {
			while (i > 0)
				memory_release(m, &c->v[--i]);
			return -1;
		}
	return 0;
}

void
memory_end(struct memory *m, const struct memory_change *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		memory_release(m, &c->v[i]);
}

void
memory_again(struct memory *m, struct memory_change *c)
{
	const struct memory_row *r;
	struct buf name;
	size_t i;

	for (i = 0; i < c->n; i++) {
		struct evq_memo *v = &c->v[i];
		const char *value;

		if (memory_name(&name, v->scope, v->key, NULL) == 0 &&
		    (r = map_get(m->rows, buf_str(&name))) != NULL &&
		    !str_eq(r->value, v->value)) {
			value = r->value == NULL
				    ? NULL
				    : arena_strdup(c->arena, r->value);
			if (value != NULL || r->value == NULL)
				v->value = value;
		}
		buf_done(&name);
	}
}
