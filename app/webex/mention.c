/*
 * Removing the bot's mention; see mention.h.  The platform leaves the name
 * in `text`; only `html` marks it (platform facts 2.9), and clients differ:
 * with or without <p>, attributes in any order, a short name inside.
 */
#include "webex/mention.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/html.h"
#include "webex/wx_id.h"

struct mention_walk {
	const struct mention_bot *bot;
	struct buf *out;
	size_t start;
	int inside; /* nesting below the bot's mention, 0: not in it */
	bool found;
	bool glue; /* a mention was cut here: no second blank */
};

static bool
mention_is_block(const char *name)
{
	static const char *const blocks[] = {"p", "div", "br", "li", "ul", "ol",
	    "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
	    "table", "tr"};
	size_t i;

	for (i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
		if (strcasecmp(name, blocks[i]) == 0)
			return true;
	return false;
}

static bool
mention_at_start(const struct mention_walk *w)
{
	return buf_len(w->out) == w->start;
}

static char
mention_last(const struct mention_walk *w)
{
	return mention_at_start(w) ? '\n' : w->out->p[w->out->len - 1];
}

static void
mention_break(struct mention_walk *w)
{
	if (!mention_at_start(w) && mention_last(w) != '\n')
		buf_addc(w->out, '\n');
}

static void
mention_open(void *arg, const char *name, const char *const *attrs)
{
	struct mention_walk *w = arg;

	if (w->inside > 0) {
		w->inside++;
	} else if (strcasecmp(name, "spark-mention") == 0 &&
		   wx_id_same(html_attr(attrs, "data-object-id"), w->bot->id)) {
		w->inside = 1;
		w->found = true;
	} else if (mention_is_block(name)) {
		mention_break(w);
	}
}

static void
mention_close(void *arg, const char *name)
{
	struct mention_walk *w = arg;

	if (w->inside > 0) {
		if (--w->inside == 0)
			w->glue = true;
	} else if (mention_is_block(name)) {
		mention_break(w);
	}
}

/* Bytes of the blank at s, a no-break one too, which clients like; 0: none. */
static size_t
mention_blank(const char *s, size_t n)
{
	if (n > 0 && isspace((unsigned char)*s))
		return 1;
	return n > 1 && memcmp(s, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

/* Append it, no-break blanks as plain ones: commands are split at those. */
static int
mention_add(struct buf *out, const char *s, size_t n)
{
	const char *p, *end = s + n;

	for (; (p = memmem(s, (size_t)(end - s), "\xc2\xa0", 2)) != NULL;
	     s = p + 2)
		if (buf_add(out, s, (size_t)(p - s)) == -1 ||
		    buf_addc(out, ' ') == -1)
			return -1;
	return buf_add(out, s, (size_t)(end - s));
}

static void
mention_text(void *arg, const char *s, size_t n)
{
	struct mention_walk *w = arg;
	size_t k;

	if (w->inside > 0)
		return;
	if (w->glue && n > 0) {
		/* "Bot, help" and "Bot: help" are said as well */
		if (mention_at_start(w) && (*s == ',' || *s == ':')) {
			s++;
			n--;
		}
		while ((k = mention_blank(s, n)) > 0 &&
		       isspace((unsigned char)mention_last(w))) {
			s += k;
			n -= k;
		}
		w->glue = false;
	}
	mention_add(w->out, s, n);
}

static void
mention_trim_end(struct buf *out, size_t start)
{
	while (out->len > start && isspace((unsigned char)out->p[out->len - 1]))
		buf_cut(out, out->len - 1);
}

/* Past the name at the start of s, with an optional @ and , or :. */
static const char *
mention_skip_name(const char *s, const char *name)
{
	const char *p = s + (*s == '@');
	size_t n = name == NULL ? 0 : strlen(name);

	if (n == 0 || strncasecmp(p, name, n) != 0)
		return s;
	p += n;
	if (mention_blank(p, strlen(p)) == 0 &&
	    (isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80 ||
		*p == '_' || *p == '-'))
		return s;
	return p + (*p == ',' || *p == ':');
}

static const char *
mention_skip_blanks(const char *s)
{
	size_t k;

	while ((k = mention_blank(s, strlen(s))) > 0)
		s += k;
	return s;
}

static int
mention_from_text(const char *text, bool group, const struct mention_bot *bot,
    struct buf *out)
{
	size_t start = buf_len(out);
	const char *p;

	text = mention_skip_blanks(text);
	if (group) {
		p = mention_skip_name(text, bot->name);
		if (p == text)
			p = mention_skip_name(text, bot->nick);
		text = mention_skip_blanks(p);
	}
	if (mention_add(out, text, strlen(text)) == -1)
		return -1;
	mention_trim_end(out, start);
	return 0;
}

int
mention_strip(const char *html, const char *text, bool group,
    const struct mention_bot *bot, struct buf *out)
{
	struct mention_walk w = {.bot = bot, .out = out, .start = buf_len(out)};
	struct html_walk how = {mention_open, mention_close, mention_text, &w};
	size_t skip;

	if (html != NULL && strcasestr(html, "spark-mention") != NULL &&
	    html_walk(html, strlen(html), &how) == 0 && w.found) {
		if (out->failed)
			return -1;
		mention_trim_end(out, w.start);
		for (skip = w.start;
		     skip < out->len && isspace((unsigned char)out->p[skip]);
		     skip++)
			;
		if (skip > w.start) {
			memmove(
			    out->p + w.start, out->p + skip, out->len - skip);
			buf_cut(out, out->len - (skip - w.start));
		}
		return 0;
	}
	buf_cut(out, w.start);
	return mention_from_text(text == NULL ? "" : text, group, bot, out);
}
