/* Growing buffers; see buf.h.  No thread of its own, no sharing. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof *b);
	b->max = max;
}

void
buf_done(struct buf *b)
{
	free(b->p);
	b->p = NULL;
	b->len = b->cap = 0;
	b->failed = b->nomem = false;
}

/* Make room for n more bytes and a NUL. */
static int
buf_grow(struct buf *b, size_t n)
{
	size_t want, cap;
	char *p;

	if (b->failed)
		return -1;
	if (n > b->max || b->len > b->max - n)
		goto fail;
	want = b->len + n + 1;
	if (want <= b->cap)
		return 0;
	cap = b->cap < 64 ? 64 : b->cap * 2;
	if (cap < want)
		cap = want;
	if (cap > b->max + 1)
		cap = b->max + 1;
	if ((p = realloc(b->p, cap)) == NULL) {
		b->nomem = true;
		goto fail;
	}
	b->p = p;
	b->cap = cap;
	return 0;
fail:
	b->failed = true;
	return -1;
}

char *
buf_room(struct buf *b, size_t n)
{
	return buf_grow(b, n) == -1 ? NULL : b->p + b->len;
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
	if (buf_grow(b, n) == -1)
		return -1;
	if (n != 0)
		memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
	return 0;
}

int
buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_addc(struct buf *b, char c)
{
	if (buf_grow(b, 1) == -1)
		return -1;
	b->p[b->len++] = c;
	b->p[b->len] = '\0';
	return 0;
}

int
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->failed ? 0 : b->cap - b->len;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room == 0 ? NULL : b->p + b->len, room, fmt, again);
	va_end(again);
	if (n < 0 || (size_t)n >= room) {
		if (room != 0)
			b->p[b->len] = '\0';
		if (n < 0 || buf_grow(b, (size_t)n) == -1)
			return -1;
		vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	}
	b->len += (size_t)n;
	return 0;
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int rc;

	va_start(ap, fmt);
	rc = buf_vaddf(b, fmt, ap);
	va_end(ap);
	return rc;
}

int
buf_check(const struct buf *b, const char *what, struct err *e)
{
	if (!b->failed)
		return 0;
	return b->nomem ? err_nomem(e)
			: err_set(e, ERR_PERM, "%s is larger than %zu bytes",
			      what, b->max);
}

void
buf_cut(struct buf *b, size_t len)
{
	b->failed = b->nomem = false;
	if (b->p == NULL || len > b->len)
		return;
	b->len = len;
	b->p[len] = '\0';
}

void
buf_inherit(struct buf *b, const struct buf *part)
{
	b->failed = b->failed || part->failed;
	b->nomem = b->nomem || part->nomem;
}

const char *
buf_str(const struct buf *b)
{
	return b->p == NULL ? "" : b->p;
}

char *
buf_take(struct buf *b)
{
	char *p;

	if (b->failed || buf_grow(b, 0) == -1)
		return NULL;
	p = b->p;
	p[b->len] = '\0';
	b->p = NULL;
	b->len = b->cap = 0;
	return p;
}

int
buf_add_utf8(struct buf *b, const char *s, size_t n)
{
	size_t i, good, k;
	uint32_t cp;

	for (i = 0; i < n; i += good + 1) {
		for (good = 0; i + good < n; good += k)
			if ((k = str_utf8(s + i + good, n - i - good, &cp)) ==
			    0)
				break;
		buf_add(b, s + i, good);
		if (i + good < n)
			buf_adds(b, "\xef\xbf\xbd");
	}
	return b->failed ? -1 : 0;
}
