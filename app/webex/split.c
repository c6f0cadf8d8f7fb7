/* Splitting long texts; see split.h. */
#include "webex/split.h"

#include <string.h>

#include "base/str.h"

#define SPLIT_FENCE_MAX 64 /* of what is repeated; a longer fence is none */

struct split_fence {
	const char *line; /* "```json", NULL: not in a fence */
	size_t len;
	char mark;    /* ` or ~ */
	size_t marks; /* how many */
};

/* Follow the fences over the whole lines of s[0..n). */
static void
split_follow(const char *s, size_t n, struct split_fence *f)
{
	size_t line, k, indent;

	for (; n > 0; s += line, n -= line) {
		const char *nl = memchr(s, '\n', n);

		line = nl == NULL ? n : (size_t)(nl - s) + 1;
		indent = strspn(s, " ");
		if (indent > 3 || indent >= line)
			continue;
		for (k = 0; indent + k < line && s[indent + k] == s[indent];
		     k++)
			;
		if ((s[indent] != '`' && s[indent] != '~') || k < 3)
			continue;
		if (f->line == NULL && k < SPLIT_FENCE_MAX) {
			f->line = s + indent;
			f->len = line - indent - (nl != NULL);
			f->mark = s[indent];
			f->marks = k;
		} else if (f->line != NULL && s[indent] == f->mark &&
			   k >= f->marks) {
			f->line = NULL;
		}
	}
}

/* Not inside <@personEmail:...|...>: the start of it, else n. */
static size_t
split_before_mention(const char *s, size_t n)
{
	size_t i = n;

	while (i > 0 && n - i < 512 && s[i - 1] != '>' && s[i - 1] != '\n') {
		i--;
		if (s[i] == '<' && s[i + 1] == '@' && i > 0)
			return i;
	}
	return n;
}

/* Where to cut s[0..most): as late as possible, at the best kind of place. */
static size_t
split_place(const char *s, size_t most)
{
	size_t n, i;

	for (i = most; i > most / 2; i--)
		if (s[i - 1] == '\n')
			return i;
	for (i = most; i > most / 2; i--)
		if (s[i - 1] == ' ' && (n = split_before_mention(s, i)) > 0)
			return n;
	n = str_utf8_cut(s, most);
	n = split_before_mention(s, n);
	return n > 0 ? n : most;
}

/* A fence that was opened in the part before is opened again. */
static size_t
split_reopen(const char *s, size_t at, struct split_fence *f, struct buf *out)
{
	size_t mark = buf_len(out);

	memset(f, 0, sizeof *f);
	split_follow(s, at, f);
	if (f->line != NULL && at > 0) {
		buf_add(
		    out, f->line, f->len < SPLIT_FENCE_MAX ? f->len : f->marks);
		buf_addc(out, '\n');
	}
	return buf_len(out) - mark;
}

bool
split_next(const char *s, size_t *at, size_t max, bool markdown,
    struct buf *out, int *failed)
{
	struct split_fence f = {0};
	size_t left = strlen(s + *at), used = 0, close, n;

	*failed = 0;
	if (left == 0)
		return false;
	if (markdown)
		used = split_reopen(s, *at, &f, out);
	if (left + used <= max) {
		n = left;
		close = 0;
	} else {
		/* room to close a fence, whether or not one will be open */
		close = markdown ? SPLIT_FENCE_MAX + 2 : 0;
		n = split_place(s + *at, max - used - close);
	}
	buf_add(out, s + *at, n);
	*at += n;
	if (close > 0) {
		memset(&f, 0, sizeof f);
		split_follow(s, *at, &f);
		if (f.line != NULL) {
			if (s[*at - 1] != '\n')
				buf_addc(out, '\n');
			buf_add(out, f.line, f.marks);
		}
	}
	*failed = out->failed ? -1 : 0;
	return true;
}
