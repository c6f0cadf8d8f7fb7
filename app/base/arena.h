/*
 * Memory of one job: many small allocations, freed at once.  Not shared
 * between threads.  An allocation fails (NULL) at the ceiling or when the
 * machine has no memory; callers turn that into ERR_BUG.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(size_t max);
void arena_free(struct arena *a);

/* Forget everything, keep the first block for the next job. */
void arena_reset(struct arena *a);

void *arena_alloc(struct arena *a, size_t n);  /* aligned, not cleared */
void *arena_zalloc(struct arena *a, size_t n); /* cleared */
void *arena_dup(struct arena *a, const void *p, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Has an allocation failed at the ceiling? */
bool arena_full(const struct arena *a);

#endif
