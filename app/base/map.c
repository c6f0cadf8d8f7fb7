/* Tables; the only user of uthash.  See map.h. */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct map_node {
	UT_hash_handle hh;
	void *value;
	char key[];
};

struct map {
	struct map_node *nodes;
};

struct map *
map_new(void)
{
	return calloc(1, sizeof(struct map));
}

void
map_free(struct map *m, void (*drop)(void *))
{
	struct map_node *n, *next;

	if (m == NULL)
		return;
	HASH_ITER(hh, m->nodes, n, next)
	{
		HASH_DEL(m->nodes, n);
		if (drop != NULL)
			drop(n->value);
		free(n);
	}
	free(m);
}

static struct map_node *
map_find(const struct map *m, const char *key)
{
	struct map_node *n;

	HASH_FIND(hh, m->nodes, key, strlen(key), n);
	return n;
}

void *
map_get(const struct map *m, const char *key)
{
	struct map_node *n = map_find(m, key);

	return n == NULL ? NULL : n->value;
}

int
map_put(struct map *m, const char *key, void *value, void **old)
{
	struct map_node *n = map_find(m, key);
	size_t len = strlen(key);

	if (old != NULL)
		*old = n == NULL ? NULL : n->value;
	if (n != NULL) {
		n->value = value;
		return 0;
	}
	if ((n = calloc(1, sizeof *n + len + 1)) == NULL)
		return -1;
	memcpy(n->key, key, len + 1);
	n->value = value;
	HASH_ADD_KEYPTR(hh, m->nodes, n->key, len, n);
	if (n->hh.tbl == NULL) {
		free(n);
		return -1;
	}
	return 0;
}

void *
map_del(struct map *m, const char *key)
{
	struct map_node *n = map_find(m, key);
	void *value;

	if (n == NULL)
		return NULL;
	value = n->value;
	HASH_DEL(m->nodes, n);
	free(n);
	return value;
}

size_t
map_count(const struct map *m)
{
	return HASH_COUNT(m->nodes);
}

struct map_node *
map_first(const struct map *m)
{
	return m->nodes;
}

struct map_node *
map_next(const struct map_node *n)
{
	return n->hh.next;
}

const char *
map_key(const struct map_node *n)
{
	return n->key;
}

void *
map_value(const struct map_node *n)
{
	return n->value;
}
