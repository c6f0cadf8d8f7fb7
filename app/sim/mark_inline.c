/* Inside a line of markdown; see mark_inline.h. */
#include "sim/mark_inline.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

#define MARK_DEPTH 8
#define MARK_MENTION_MAX 400

void
mark_escape(struct buf *html, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		switch (s[i]) {
		case '<':
			buf_adds(html, "&lt;");
			break;
		case '>':
			buf_adds(html, "&gt;");
			break;
		case '&':
			buf_adds(html, "&amp;");
			break;
		case '"':
			buf_adds(html, "&quot;");
			break;
		default:
			buf_addc(html, s[i]);
		}
}

static void
mark_both(struct mark_ctx *c, const char *s, size_t n)
{
	mark_escape(&c->out->html, s, n);
	buf_add(&c->out->text, s, n);
}

/* -- mentions -- */

static void
mark_note(struct mark *m, struct person *p)
{
	size_t i;

	for (i = 0; i < m->nmentions; i++)
		if (m->mentions[i] == p)
			return;
	if (m->nmentions < WORLD_MENTIONS_MAX)
		m->mentions[m->nmentions++] = p;
}

static void
mark_tag(struct mark_ctx *c, const char *type, const char *id_name,
    const char *id, const char *shown)
{
	struct buf *html = &c->out->html;
	bool first = c->style->id_first;

	buf_adds(html, "<spark-mention");
	if (first)
		buf_addf(html, " %s=\"%s\"", id_name, id);
	buf_addf(html, " data-object-type=\"%s\"", type);
	if (!first)
		buf_addf(html, " %s=\"%s\"", id_name, id);
	buf_addc(html, '>');
	mark_both(c, shown, strlen(shown));
	buf_adds(html, "</spark-mention>");
}

static void
mark_person(struct mark_ctx *c, struct person *p, const char *shown)
{
	if (shown == NULL || *shown == '\0')
		shown = c->style->first_name ? p->nick : p->name;
	mark_note(c->out, p);
	mark_tag(c, "person", "data-object-id",
	    c->style->raw_id ? p->uuid : p->id, shown);
}

/* s is "@...": what stands between < and >.  False: no mention. */
static bool
mark_mention(struct mark_ctx *c, const char *s, size_t n)
{
	static const char email[] = "@personEmail:", id[] = "@personId:";
	struct person *p = NULL;
	char what[MARK_MENTION_MAX], *name;

	if (n >= sizeof what)
		return false;
	memcpy(what, s, n);
	what[n] = '\0';
	if ((name = strchr(what, '|')) != NULL)
		*name++ = '\0';
	if (strcmp(what, "@all") == 0) {
		c->out->all = true;
		mark_tag(c, "groupMention", "data-group-type", "all",
		    name != NULL && *name != '\0' ? name : "All");
		return true;
	}
	if (str_prefix(what, email))
		p = world_by_email(c->world, what + sizeof email - 1);
	else if (str_prefix(what, id))
		p = world_person(c->world, what + sizeof id - 1);
	else
		return false;
	if (p != NULL)
		mark_person(c, p, name);
	else if (name != NULL)
		mark_both(c, name, strlen(name));
	return true;
}

/* -- spans -- */

/* Where s[0..n) has `mark` again, or n. */
static size_t
mark_find(const char *s, size_t n, const char *mark)
{
	const char *p = memmem(s, n, mark, strlen(mark));

	return p == NULL ? n : (size_t)(p - s);
}

/* The same; a single mark is not found in a double one. */
static size_t
mark_close(const char *s, size_t n, const char *mark)
{
	size_t at = mark_find(s, n, mark);

	while (mark[1] == '\0' && at + 1 < n && s[at + 1] == *mark)
		at += 2 + mark_find(s + at + 2, n - at - 2, mark);
	return at;
}

static bool
mark_word(const char *s, size_t n, size_t at)
{
	return at < n && isalnum((unsigned char)s[at]);
}

static const struct mark_span {
	const char *mark;
	const char *tag;
} mark_spans[] = {
    {"**", "strong"},
    {"__", "strong"},
    {"~~", "s"},
    {"*", "em"},
    {"_", "em"},
};
#define MARK_SPANS (sizeof mark_spans / sizeof *mark_spans)

/*
 * Emphasis that begins at s[at]; how many bytes it took, 0: none.  `*none`
 * remembers marks that do not come again, so that a line of nothing but
 * marks costs its length and not the square of it.
 */
static size_t
mark_emphasis(
    struct mark_ctx *c, const char *s, size_t n, size_t at, unsigned *none)
{
	size_t i, k, from, len;

	for (i = 0; i < MARK_SPANS; i++) {
		k = strlen(mark_spans[i].mark);
		if (n - at > k && memcmp(s + at, mark_spans[i].mark, k) == 0)
			break;
	}
	if (i == MARK_SPANS || c->depth >= MARK_DEPTH || *none & 1u << i)
		return 0;
	from = at + k;
	if (s[from] == ' ' ||
	    (s[at] == '_' && at > 0 && mark_word(s, n, at - 1)))
		return 0;
	len = mark_close(s + from, n - from, mark_spans[i].mark);
	if (len == n - from) {
		*none |= 1u << i;
		return 0;
	}
	if (len == 0 || s[from + len - 1] == ' ' ||
	    (s[at] == '_' && mark_word(s, n, from + len + k)))
		return 0;
	buf_addf(&c->out->html, "<%s>", mark_spans[i].tag);
	c->depth++;
	mark_inline(c, s + from, len);
	c->depth--;
	buf_addf(&c->out->html, "</%s>", mark_spans[i].tag);
	return 2 * k + len;
}

static bool
mark_link_ok(const char *s, size_t n)
{
	static const char *const schemes[] = {"https://", "http://", "mailto:"};
	size_t i, k;

	for (i = 0; i < 3; i++) {
		k = strlen(schemes[i]);
		if (n > k && strncasecmp(s, schemes[i], k) == 0)
			return memchr(s, ' ', n) == NULL;
	}
	return false;
}

static void
mark_open_link(struct mark_ctx *c, const char *url, size_t n)
{
	buf_adds(&c->out->html, "<a href=\"");
	mark_escape(&c->out->html, url, n);
	buf_adds(&c->out->html, "\" rel=\"nofollow\">");
}

/* [text](url) at s[at]; how many bytes, 0: none. */
static size_t
mark_link(
    struct mark_ctx *c, const char *s, size_t n, size_t at, unsigned *none)
{
	size_t mid, end;
	unsigned bit = 1u << MARK_SPANS;

	if (c->depth >= MARK_DEPTH || *none & bit)
		return 0;
	mid = at + 1 + mark_find(s + at + 1, n - at - 1, "](");
	if (mid == n) {
		*none |= bit;
		return 0;
	}
	end = mid + 2 + mark_find(s + mid + 2, n - mid - 2, ")");
	if (end == n || !mark_link_ok(s + mid + 2, end - mid - 2))
		return 0;
	mark_open_link(c, s + mid + 2, end - mid - 2);
	c->depth++;
	mark_inline(c, s + at + 1, mid - at - 1);
	c->depth--;
	buf_adds(&c->out->html, "</a>");
	return end + 1 - at;
}

static size_t
mark_code(
    struct mark_ctx *c, const char *s, size_t n, size_t at, unsigned *none)
{
	size_t len = mark_find(s + at + 1, n - at - 1, "`");
	unsigned bit = 2u << MARK_SPANS;

	if (*none & bit || len == n - at - 1) {
		*none |= bit;
		return 0;
	}
	buf_adds(&c->out->html, "<code>");
	mark_both(c, s + at + 1, len);
	buf_adds(&c->out->html, "</code>");
	return len + 2;
}

/* <@mention> or <https://address>. */
static size_t
mark_angle(struct mark_ctx *c, const char *s, size_t n, size_t at)
{
	size_t max =
	    n - at - 1 > MARK_MENTION_MAX ? MARK_MENTION_MAX : n - at - 1;
	size_t len = mark_find(s + at + 1, max, ">");

	if (len == max)
		return 0;
	if (s[at + 1] == '@')
		return mark_mention(c, s + at + 1, len) ? len + 2 : 0;
	if (!mark_link_ok(s + at + 1, len))
		return 0;
	mark_open_link(c, s + at + 1, len);
	mark_both(c, s + at + 1, len);
	buf_adds(&c->out->html, "</a>");
	return len + 2;
}

static size_t
mark_special(
    struct mark_ctx *c, const char *s, size_t n, size_t at, unsigned *none)
{
	switch (s[at]) {
	case '*':
	case '_':
	case '~':
		return mark_emphasis(c, s, n, at, none);
	case '[':
		return mark_link(c, s, n, at, none);
	case '`':
		return mark_code(c, s, n, at, none);
	case '<':
		return mark_angle(c, s, n, at);
	case '\\':
		if (at + 1 == n || !ispunct((unsigned char)s[at + 1]))
			return 0;
		mark_both(c, s + at + 1, 1);
		return 2;
	default:
		return 0;
	}
}

void
mark_inline(struct mark_ctx *c, const char *s, size_t n)
{
	unsigned none = 0;
	size_t at = 0, k;

	while (at < n) {
		if ((k = mark_special(c, s, n, at, &none)) == 0) {
			mark_both(c, s + at, 1);
			k = 1;
		}
		at += k;
	}
}
