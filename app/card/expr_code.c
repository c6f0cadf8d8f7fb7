/* What compiled expressions share: memory, patterns, names they read. */
#include <stdlib.h>
#include <string.h>

#include "base/uni.h"
#include "card/expr_int.h"

#define CODE_MAX (16u * 1024 * 1024)

struct expr_use {
	struct expr_use *next;
	uint32_t hash;
	uint32_t n;
	char s[];
};

struct expr_re {
	struct expr_re *next;
	struct re *re;
};

struct expr_code *
expr_code_new(enum expr_mode mode)
{
	struct arena *a = arena_new(CODE_MAX);
	struct expr_code *c;

	if (a == NULL || (c = arena_zalloc(a, sizeof *c)) == NULL) {
		arena_free(a);
		return NULL;
	}
	c->a = a;
	c->mode = mode;
	return c;
}

void
expr_code_free(struct expr_code *c)
{
	struct expr_re *r;

	if (c == NULL)
		return;
	for (r = c->res; r != NULL; r = r->next)
		re_free(r->re);
	if (!c->borrowed)
		arena_free(c->a);
}

struct arena *
expr_code_arena(struct expr_code *c)
{
	return c->a;
}

int
expr_code_use(struct expr_code *c, const char *name, size_t n)
{
	uint32_t hash = uni_ihash(name, n);
	struct expr_use *u;

	for (u = c->uses; u != NULL; u = u->next)
		if (u->hash == hash && uni_ieq(u->s, u->n, name, n))
			return 0;
	if ((u = arena_alloc(c->a, sizeof *u + n)) == NULL)
		return -1;
	u->hash = hash;
	u->n = (uint32_t)n;
	memcpy(u->s, name, n);
	u->next = c->uses;
	c->uses = u;
	return 0;
}

bool
expr_uses(const struct expr_code *c, const char *name)
{
	const struct expr_use *u;
	size_t n = strlen(name);

	for (u = c->uses; u != NULL && !c->uses_all; u = u->next)
		if (uni_ieq(u->s, u->n, name, n))
			return true;
	return c->uses_all;
}

struct re *
expr_code_re(struct expr_code *c, const char *pattern, size_t n, bool full,
    struct err *e)
{
	struct re *re = expr_re(pattern, n, full, e);
	struct expr_re *r;

	if (re == NULL)
		return NULL;
	if ((r = arena_alloc(c->a, sizeof *r)) == NULL) {
		re_free(re);
		err_nomem(e);
		return NULL;
	}
	r->re = re;
	r->next = c->res;
	c->res = r;
	return re;
}
