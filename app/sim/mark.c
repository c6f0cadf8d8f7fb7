/*
 * Markdown to html and text; see mark.h.  Blocks line by line here, what is
 * inside a line in mark_inline.c.
 */
#include "sim/mark_inline.h"

#include <ctype.h>
#include <string.h>

enum mark_kind {
	MARK_BLANK,
	MARK_TEXT,
	MARK_FENCE,
	MARK_HEADING,
	MARK_RULE,
	MARK_QUOTE,
	MARK_ITEM,
	MARK_NUMBER,
};

struct mark_line {
	const char *s; /* after the marker */
	size_t n;
	enum mark_kind kind;
	int level; /* of a heading */
};

static bool
mark_is_rule(const char *s, size_t n)
{
	size_t i, marks = 0;

	for (i = 0; i < n; i++) {
		if (s[i] == s[0])
			marks++;
		else if (s[i] != ' ')
			return false;
	}
	return marks >= 3 && (s[0] == '-' || s[0] == '*' || s[0] == '_');
}

static size_t
mark_number(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && i < 9 && isdigit((unsigned char)s[i]))
		i++;
	if (i == 0 || i + 1 >= n || (s[i] != '.' && s[i] != ')') ||
	    s[i + 1] != ' ')
		return 0;
	return i + 2;
}

static void
mark_skip(struct mark_line *l, size_t k, enum mark_kind kind)
{
	l->s += k;
	l->n -= k;
	l->kind = kind;
}

static void
mark_classify(struct mark_line *l)
{
	size_t k = 0;

	while (l->n > 0 && (*l->s == ' ' || *l->s == '\t'))
		mark_skip(l, 1, MARK_TEXT);
	l->kind = MARK_TEXT;
	if (l->n == 0) {
		l->kind = MARK_BLANK;
		return;
	}
	while (k < l->n && k < 7 && l->s[k] == '#')
		k++;
	if (k >= 1 && k <= 6 && k < l->n && l->s[k] == ' ') {
		l->level = (int)k;
		mark_skip(l, k + 1, MARK_HEADING);
	} else if (l->n >= 3 && memcmp(l->s, "```", 3) == 0) {
		mark_skip(l, 3, MARK_FENCE);
	} else if (mark_is_rule(l->s, l->n)) {
		l->kind = MARK_RULE;
	} else if (*l->s == '>') {
		mark_skip(l, 1 + (l->n > 1 && l->s[1] == ' '), MARK_QUOTE);
	} else if (l->n > 1 && strchr("-*+", *l->s) && l->s[1] == ' ') {
		mark_skip(l, 2, MARK_ITEM);
	} else if ((k = mark_number(l->s, l->n)) > 0) {
		mark_skip(l, k, MARK_NUMBER);
	}
}

/* The next line, without its line end; false at the end of the text. */
static bool
mark_next(const char **at, struct mark_line *l)
{
	const char *s = *at;

	if (*s == '\0')
		return false;
	l->s = s;
	l->n = strcspn(s, "\n");
	*at = s + l->n + (s[l->n] == '\n');
	while (l->n > 0 && (l->s[l->n - 1] == '\r' || l->s[l->n - 1] == ' '))
		l->n--;
	return true;
}

static void
mark_text_line(struct mark *m)
{
	if (buf_len(&m->text) > 0)
		buf_addc(&m->text, '\n');
}

/* Everything up to the closing fence, or to the end. */
static void
mark_fence(struct mark_ctx *c, const char **at)
{
	struct mark_line l;

	buf_adds(&c->out->html, "<pre><code>");
	while (mark_next(at, &l)) {
		if (l.n >= 3 && memcmp(l.s, "```", 3) == 0)
			break;
		mark_text_line(c->out);
		mark_escape(&c->out->html, l.s, l.n);
		buf_addc(&c->out->html, '\n');
		buf_add(&c->out->text, l.s, l.n);
	}
	buf_adds(&c->out->html, "</code></pre>");
}

/*
 * Lines of one kind that follow each other; *l is the first of them and the
 * first one after them when it returns true.
 */
static bool
mark_run(struct mark_ctx *c, const char **at, struct mark_line *l,
    const char *before, const char *between, const char *after)
{
	enum mark_kind kind = l->kind;
	bool more = true, first = true;

	buf_adds(&c->out->html, before);
	while (more && l->kind == kind) {
		if (!first)
			buf_adds(&c->out->html, between);
		first = false;
		mark_text_line(c->out);
		mark_inline(c, l->s, l->n);
		if ((more = mark_next(at, l)))
			mark_classify(l);
	}
	buf_adds(&c->out->html, after);
	return more;
}

static const struct mark_block {
	enum mark_kind kind;
	const char *before, *between, *after;
} mark_blocks[] = {
    {MARK_QUOTE, "<blockquote>", "<br/>", "</blockquote>"},
    {MARK_ITEM, "<ul><li>", "</li><li>", "</li></ul>"},
    {MARK_NUMBER, "<ol><li>", "</li><li>", "</li></ol>"},
    {MARK_TEXT, "<p>", "<br/>", "</p>"},
};

static bool
mark_block(struct mark_ctx *c, const char **at, struct mark_line *l)
{
	size_t i, n = sizeof mark_blocks / sizeof *mark_blocks;
	const struct mark_block *b;
	bool more;

	if (l->kind == MARK_HEADING) {
		buf_addf(&c->out->html, "<h%d>", l->level);
		mark_text_line(c->out);
		mark_inline(c, l->s, l->n);
		buf_addf(&c->out->html, "</h%d>", l->level);
	} else if (l->kind == MARK_RULE) {
		buf_adds(&c->out->html, "<hr/>");
	} else if (l->kind == MARK_FENCE) {
		mark_fence(c, at);
	}
	for (i = 0; i < n; i++) {
		b = &mark_blocks[i];
		if (b->kind == l->kind)
			return mark_run(
			    c, at, l, b->before, b->between, b->after);
	}
	if ((more = mark_next(at, l)))
		mark_classify(l);
	return more;
}

/* A single paragraph loses its <p> in the variant without one. */
static void
mark_strip(struct buf *html)
{
	size_t n = buf_len(html);

	if (n < 7 || strstr(html->p + 3, "<p>") != NULL ||
	    memcmp(html->p, "<p>", 3) != 0 ||
	    memcmp(html->p + n - 4, "</p>", 4) != 0)
		return;
	memmove(html->p, html->p + 3, n - 7);
	buf_cut(html, n - 7);
}

int
mark_render(struct world *w, const char *markdown,
    const struct mark_style *style, struct mark *out)
{
	struct mark_ctx c = {.world = w, .style = style, .out = out};
	struct mark_line l = {0};
	const char *at = markdown;
	bool more;

	memset(out, 0, sizeof *out);
	buf_init(&out->html, MARK_MAX);
	buf_init(&out->text, MARK_MAX);
	if ((more = mark_next(&at, &l)))
		mark_classify(&l);
	while (more)
		more = mark_block(&c, &at, &l);
	if (out->html.failed || out->text.failed)
		return -1;
	if (style->bare)
		mark_strip(&out->html);
	return 0;
}

void
mark_done(struct mark *m)
{
	buf_done(&m->html);
	buf_done(&m->text);
}
