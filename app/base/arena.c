/* Bump allocation in doubling blocks; see arena.h. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_FIRST 512
#define ARENA_BLOCK_MAX (256 * 1024)
#define ARENA_ALIGN 16

struct block {
	struct block *next; /* older */
	size_t size;
	size_t used;
	_Alignas(ARENA_ALIGN) char mem[];
};

struct arena {
	struct block *top;
	size_t size;
	size_t max;
	bool full;
};

struct arena *
arena_new(size_t max)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a != NULL)
		a->max = max;
	return a;
}

static void
arena_drop(struct arena *a, struct block *keep)
{
	struct block *b;

	while ((b = a->top) != keep) {
		a->top = b->next;
		a->size -= b->size;
		free(b);
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_drop(a, NULL);
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *b = a->top;

	while (b != NULL && b->next != NULL)
		b = b->next;
	arena_drop(a, b);
	a->full = false;
	if (b != NULL)
		b->used = 0;
}

static int
arena_more(struct arena *a, size_t n)
{
	size_t size = a->top == NULL ? ARENA_FIRST : a->top->size * 2;
	struct block *b;

	if (size > ARENA_BLOCK_MAX)
		size = ARENA_BLOCK_MAX;
	if (size < n)
		size = n;
	if (size > a->max - a->size)
		size = a->max - a->size;
	a->full = a->full || size < n;
	if (size < n || (b = malloc(sizeof *b + size)) == NULL)
		return -1;
	b->next = a->top;
	b->size = size;
	b->used = 0;
	a->top = b;
	a->size += size;
	return 0;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	void *p;

	if (n > SIZE_MAX - ARENA_ALIGN)
		return NULL;
	n = (n + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	if (n == 0)
		n = ARENA_ALIGN;
	if (a->top == NULL || a->top->size - a->top->used < n)
		if (arena_more(a, n) == -1)
			return NULL;
	p = a->top->mem + a->top->used;
	a->top->used += n;
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);

	return p == NULL ? NULL : memset(p, 0, n);
}

void *
arena_dup(struct arena *a, const void *src, size_t n)
{
	void *p = arena_alloc(a, n);

	if (p != NULL && n != 0)
		memcpy(p, src, n);
	return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (p != NULL) {
		memcpy(p, s, n);
		p[n] = '\0';
	}
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (p = arena_alloc(a, (size_t)n + 1)) == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

bool
arena_full(const struct arena *a)
{
	return a->full;
}
