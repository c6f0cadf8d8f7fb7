/* Collected problems; see problem.h. */
#include "card/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/uni.h"

static void
problem_drop(struct problem *p)
{
	free(p->path);
	free(p->text);
}

void
problems_done(struct problems *ps)
{
	problems_cut(ps, 0);
	free(ps->v);
	memset(ps, 0, sizeof *ps);
}

void
problems_cut(struct problems *ps, size_t n)
{
	while (ps->n > n) {
		struct problem *p = &ps->v[--ps->n];

		if (p->warning)
			ps->warnings--;
		else
			ps->errors--;
		problem_drop(p);
	}
}

const struct problem *
problems_fault(const struct problems *ps, size_t from)
{
	const struct problem *unknown = NULL;
	size_t i;

	for (i = from; i < ps->n; i++) {
		if (ps->v[i].warning)
			continue;
		if (strcmp(ps->v[i].code, "unknown-function") != 0)
			return &ps->v[i];
		if (unknown == NULL)
			unknown = &ps->v[i];
	}
	return unknown;
}

static struct problem *
problems_more(struct problems *ps)
{
	size_t cap = ps->cap == 0 ? 16 : ps->cap * 2;
	struct problem *v;

	if (ps->n < ps->cap)
		return &ps->v[ps->n];
	if ((v = realloc(ps->v, cap * sizeof *v)) == NULL)
		return NULL;
	ps->v = v;
	ps->cap = cap;
	return &ps->v[ps->n];
}

static void __attribute__((format(printf, 6, 0)))
problems_vadd(struct problems *ps, bool warning, const char *code,
    const char *path, size_t at, const char *fmt, va_list ap)
{
	char text[512];
	struct problem *p;

	if (ps == NULL)
		return;
	vsnprintf(text, sizeof text, fmt, ap);
	uni_clean(text, strlen(text));
	if (warning)
		ps->warnings++;
	else
		ps->errors++;
	if (ps->n == PROBLEMS_MAX)
		return;
	if ((p = problems_more(ps)) == NULL) {
		ps->failed = true;
		return;
	}
	*p = (struct problem){warning, code, strdup(path == NULL ? "" : path),
	    path == NULL, at, strdup(text)};
	if (p->path == NULL || p->text == NULL) {
		problem_drop(p);
		ps->failed = true;
		return;
	}
	uni_clean(p->path, strlen(p->path));
	ps->n++;
}

void
problems_error(struct problems *ps, const char *code, const char *path,
    size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problems_vadd(ps, false, code, path, at, fmt, ap);
	va_end(ap);
}

void
problems_warn(struct problems *ps, const char *code, const char *path,
    size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problems_vadd(ps, true, code, path, at, fmt, ap);
	va_end(ap);
}

/* -- places -- */

/* Bytes that the escape at s (a backslash) stands for; *used: its length. */
static size_t
problem_escape(const char *s, size_t *used)
{
	unsigned cp;

	*used = 2;
	if (s[1] != 'u')
		return 1;
	*used = 6;
	cp = (unsigned)strtoul((char[5]){s[2], s[3], s[4], s[5], 0}, NULL, 16);
	if (cp >= 0xd800 && cp < 0xdc00) {
		*used = 12; /* a pair, as json_check has seen */
		return 4;
	}
	return cp < 0x80 ? 1 : cp < 0x800 ? 2 : 3;
}

size_t
problem_find(const struct problem *p, const char *json, size_t len)
{
	size_t at = p->at, used, i;

	if (p->raw)
		return at < len ? at : len;
	i = json_find(json, len, p->path, at == PROBLEM_MEMBER);

	if (at == PROBLEM_WHOLE || at == PROBLEM_MEMBER || i >= len ||
	    json[i] != '"')
		return i;
	for (i++; i < len && json[i] != '"' && at > 0; i += used) {
		size_t n = 1;

		used = 1;
		if (json[i] == '\\')
			n = problem_escape(json + i, &used);
		at = at > n ? at - n : 0;
	}
	return i;
}

/* The line around `at`, cut to what a terminal shows, and a caret. */
static void
problem_caret(const char *json, size_t len, size_t at, struct buf *out)
{
	size_t from = at, to = at, i;
	bool cut;

	while (from > 0 && json[from - 1] != '\n' && at - from < 60)
		from--;
	while (from < at && ((unsigned char)json[from] & 0xc0) == 0x80)
		from++;
	while (
	    to < len && json[to] != '\n' && json[to] != '\r' && to - from < 110)
		to++;
	to = to < len ? from + str_utf8_cut(json + from, to - from) : to;
	cut = from > 0 && json[from - 1] != '\n';
	buf_adds(out, cut ? "    ..." : "    ");
	for (i = from; i < to; i++)
		buf_addc(out, json[i] == '\t' ? ' ' : json[i]);
	buf_adds(out, cut ? "\n       " : "\n    ");
	for (i = from; i < at && i < to; i++)
		if (((unsigned char)json[i] & 0xc0) != 0x80)
			buf_addc(out, ' ');
	buf_adds(out, "^\n");
}

int
problem_print(const struct problem *p, const char *file, const char *json,
    size_t len, struct buf *out)
{
	const char *level = p->warning ? "warning" : "error";
	int line, col;
	size_t at;

	if (json == NULL) {
		buf_addf(out, "%s: %s: %s", file, level, p->text);
		if (*p->path != '\0')
			buf_addf(out, " (at %s)", p->path);
		return buf_addc(out, '\n');
	}
	at = problem_find(p, json, len);
	json_place(json, at, &line, &col);
	buf_addf(out, "%s:%d:%d: %s: %s\n", file, line, col, level, p->text);
	problem_caret(json, len, at, out);
	return out->failed ? -1 : 0;
}

int
problems_json(const struct problems *ps, struct buf *out)
{
	size_t i;

	buf_addc(out, '[');
	for (i = 0; i < ps->n; i++) {
		const struct problem *p = &ps->v[i];

		buf_addf(out, "%s{\"level\":\"%s\",\"code\":\"%s\",",
		    i > 0 ? "," : "", p->warning ? "warning" : "error",
		    p->code);
		buf_adds(out, "\"path\":");
		json_quote(p->path, strlen(p->path), out);
		buf_adds(out, ",\"message\":");
		json_quote(p->text, strlen(p->text), out);
		buf_addc(out, '}');
	}
	return buf_addc(out, ']');
}

/* -- pointers -- */

static void
pointer_add(struct pointer *p, char c)
{
	if (p->n < sizeof p->s - 1) {
		p->s[p->n] = c;
		p->s[p->n + 1] = '\0';
	}
	p->n++;
}

size_t
pointer_down(struct pointer *p, const char *name, size_t len)
{
	size_t mark = p->n, i;

	pointer_add(p, '/');
	for (i = 0; i < len; i++) {
		if (name[i] == '~' || name[i] == '/') {
			pointer_add(p, '~');
			pointer_add(p, name[i] == '~' ? '0' : '1');
		} else {
			pointer_add(p, name[i]);
		}
	}
	return mark;
}

size_t
pointer_down_i(struct pointer *p, size_t i)
{
	char t[24];
	int n = snprintf(t, sizeof t, "%zu", i);

	return pointer_down(p, t, (size_t)n);
}

void
pointer_up(struct pointer *p, size_t mark)
{
	p->n = mark;
	if (mark < sizeof p->s)
		p->s[mark] = '\0';
}

void
pointer_set(struct pointer *p, const char *path)
{
	p->n = (size_t)snprintf(p->s, sizeof p->s, "%s", path);
}
