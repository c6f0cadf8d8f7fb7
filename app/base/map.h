/*
 * A table from text to pointer that remembers the order of insertion.  Not
 * shared between threads unless the owner locks.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

struct map;
struct map_node;

struct map *map_new(void);
/* `drop` is called for each value; may be NULL. */
void map_free(struct map *m, void (*drop)(void *));

void *map_get(const struct map *m, const char *key);
/* Add or replace; the old value (NULL: none) goes to *old if asked for. */
int map_put(struct map *m, const char *key, void *value, void **old);
/* Remove; returns the value, NULL if there was none. */
void *map_del(struct map *m, const char *key);
size_t map_count(const struct map *m);

/* Oldest first: for (n = map_first(m); n != NULL; n = map_next(n)) */
struct map_node *map_first(const struct map *m);
struct map_node *map_next(const struct map_node *n);
const char *map_key(const struct map_node *n);
void *map_value(const struct map_node *n);

#endif
