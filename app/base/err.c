/* Errors as values; see err.h.  Any thread; no state. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL || e->kind != ERR_NONE)
		return -1;
	e->kind = kind;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	char head[sizeof e->text];
	va_list ap;
	size_t n, m;

	if (e == NULL || e->kind == ERR_NONE)
		return -1;
	va_start(ap, fmt);
	vsnprintf(head, sizeof head, fmt, ap);
	va_end(ap);
	n = strlen(head);
	m = strlen(e->text);
	if (n + m >= sizeof e->text)
		m = sizeof e->text - 1 - n;
	memmove(e->text + n, e->text, m);
	memcpy(e->text, head, n);
	e->text[n + m] = '\0';
	return -1;
}

int
err_add(struct err *e, const char *text)
{
	size_t n;

	if (e == NULL || e->kind == ERR_NONE)
		return -1;
	n = strlen(e->text);
	snprintf(e->text + n, sizeof e->text - n, "%s", text);
	return -1;
}

int
err_nomem(struct err *e)
{
	return err_set(e, ERR_BUG, "out of memory");
}

void
err_clear(struct err *e)
{
	e->kind = ERR_NONE;
	e->text[0] = '\0';
}
