/*
 * A malloc that fails when it is told to, and a loop that makes each
 * allocation of some work fail in turn.  The C library's is put aside for
 * that, which sanitizers do too: under them OWN_MALLOC is 0.  Included once
 * by a test program.
 */
#ifndef MEM_TEST_H
#define MEM_TEST_H

#include <errno.h>

#include "wb_test.h"

#include "base/buf.h"
#include "base/err.h"

#define MEM_MUCH (192u * 1024 * 1024)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_MALLOC 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_MALLOC 0
#endif
#endif
#if !defined(OWN_MALLOC) && defined(__GLIBC__)
#define OWN_MALLOC 1
#endif

/* -- a malloc that fails when it is told to -- */

static struct mem {
	bool on;
	long left; /* calls until one fails */
	long used; /* blocks that are not freed */
	bool failed;
} mem;

#if OWN_MALLOC
#pragma GCC visibility push(default) /* the libraries' calls too */
void *malloc(size_t n);
void *calloc(size_t k, size_t n);
void *realloc(void *p, size_t n);
void free(void *p);
#pragma GCC visibility pop
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t k, size_t n);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static bool
mem_fails(void)
{
	if (!mem.on || mem.left-- > 0)
		return false;
	mem.failed = true;
	errno = ENOMEM;
	return mem.left == -1;
}

static void *
mem_count(void *p)
{
	mem.used += mem.on && p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	return mem_fails() ? NULL : mem_count(__libc_malloc(n));
}

void *
calloc(size_t k, size_t n)
{
	return mem_fails() ? NULL : mem_count(__libc_calloc(k, n));
}

void *
realloc(void *p, size_t n)
{
	if (mem_fails())
		return NULL;
	return p == NULL ? mem_count(__libc_realloc(NULL, n))
			 : __libc_realloc(p, n);
}

void
free(void *p)
{
	mem.used -= mem.on && p != NULL;
	__libc_free(p);
}
#endif

/* What tables are made once is made here. */
static void
warm_up(int (*fn)(struct buf *, struct err *), struct buf *out)
{
	struct err e = ERR_INIT;

	buf_init(out, MEM_MUCH);
	if (fn(out, &e) == -1)
		fail_msg("%s", e.text);
}

/* Fail the n-th allocation, for every n there is. */
static void
fail_each(int (*fn)(struct buf *, struct err *))
{
	struct buf want, got;
	bool failed = true;
	long n;

	warm_up(fn, &want);
	for (n = 0; failed; n++) {
		struct err e = ERR_INIT;
		int rc;

		buf_init(&got, MEM_MUCH);
		memset(&mem, 0, sizeof mem);
		mem.left = n;
		mem.on = true;
		rc = fn(&got, &e);
		failed = mem.failed;
		if (rc == 0 && strcmp(buf_str(&got), buf_str(&want)) != 0)
			rc = 1;
		buf_done(&got);
		mem.on = false;
		if (rc == 1)
			fail_msg("allocation %ld: another result", n);
		if (rc == -1 && e.kind != ERR_BUG)
			fail_msg("allocation %ld: %d %s", n, e.kind, e.text);
		if (mem.used != 0)
			fail_msg("allocation %ld: %ld leaked", n, mem.used);
	}
	buf_done(&want);
	assert_true(n > 20);
}

#endif
