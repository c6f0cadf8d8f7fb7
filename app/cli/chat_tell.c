/* What came back, held against a script and told as one; see chat.h. */
#include <ctype.h>
#include <string.h>

#include "base/re.h"
#include "base/str.h"
#include "cli/chat.h"

static const struct json *
chat_content(const struct chat_got *g)
{
	return json_get(
	    json_first(json_get(g->message, "attachments")), "content");
}

/* What the bot wrote: markdown if there is some. */
static const char *
chat_said(const struct chat_got *g)
{
	const char *s = json_get_str(g->message, "markdown");

	if (s == NULL)
		s = json_get_str(g->message, "text");
	return s == NULL ? "" : s;
}

static size_t
chat_len(const char *s)
{
	size_t n = strlen(s);

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		n--;
	return n;
}

/* The same but for blanks at the end. */
static bool
chat_same(const char *a, const char *b)
{
	size_t n = chat_len(a);

	return n == chat_len(b) && memcmp(a, b, n) == 0;
}

/* In some text of it, at any depth. */
static bool
chat_holds(const struct json *j, const char *s)
{
	const struct json *x;

	if (json_kind(j) == JSON_STRING)
		return strstr(json_str(j), s) != NULL;
	if (json_kind(j) != JSON_LIST && json_kind(j) != JSON_OBJECT)
		return false;
	for (x = json_first(j); x != NULL; x = json_next(x))
		if (chat_holds(x, s))
			return true;
	return false;
}

static bool
chat_fits_contains(const struct chat_line *l, const struct chat_got *g)
{
	const char *file = json_get_str(g->message, "fileName");
	size_t i;

	for (i = 0; i < l->ncontains; i++)
		if (strstr(chat_said(g), l->contains[i]) == NULL &&
		    (file == NULL || strstr(file, l->contains[i]) == NULL) &&
		    !chat_holds(chat_content(g), l->contains[i]))
			return false;
	return true;
}

static bool
chat_fits_pattern(const char *pattern, const char *s)
{
	struct re *re = re_new(pattern, NULL, NULL);
	struct re_span span;
	int rc = 0;

	if (re != NULL)
		rc = re_match(re, s, strlen(s), false, &span, 1, NULL);
	re_free(re);
	return rc == 1;
}

static bool
chat_deleted(const struct chat_got *g)
{
	return json_true(json_get(g->message, "deleted"));
}

bool
chat_fits(const struct chat_line *l, const struct chat_got *g)
{
	bool edited = json_num(json_get(g->message, "edits")) > 0;
	const char *text = json_get_str(g->message, "text");

	if (chat_deleted(g) || l->kind == CHAT_DELETED)
		return chat_deleted(g) && l->kind == CHAT_DELETED;
	if (edited != l->edited ||
	    (l->thread && json_get_str(g->message, "parentId") == NULL) ||
	    !chat_fits_contains(l, g))
		return false;
	switch (l->kind) {
	case CHAT_TEXT:
		return chat_content(g) == NULL &&
		       (chat_same(l->text, chat_said(g)) ||
			   (text != NULL && chat_same(l->text, text)));
	case CHAT_CARD:
		return chat_content(g) != NULL &&
		       (*l->text == '\0' || str_eq(l->text, g->card));
	case CHAT_MATCHES:
		return chat_fits_pattern(l->text, chat_said(g));
	case CHAT_CONTAINS:
		return true;
	default:
		return false;
	}
}

/* -- telling -- */

/* Would it be read as something else than this text? */
static bool
chat_quotes(const char *s)
{
	static const char *const words[] = {
	    "card", "contains", "matches", "nothing", "deleted", "edited"};
	size_t i, n = strcspn(s, " \n");

	if (*s == '\0' || *s == '"' || isspace((unsigned char)*s))
		return true;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strlen(words[i]) == n && strncmp(s, words[i], n) == 0)
			return true;
	return false;
}

static void
chat_tell_text(const char *s, struct buf *out)
{
	size_t n = chat_len(s), k;
	const char *end = s + n;

	if (chat_quotes(s)) {
		json_quote(s, n, out);
		return;
	}
	for (;;) {
		k = strcspn(s, "\n");
		if (k > (size_t)(end - s))
			k = (size_t)(end - s);
		buf_add(out, s, k);
		s += k;
		if (s >= end)
			break;
		buf_adds(out, "\n    | ");
		s++;
	}
}

static void
chat_tell_where(
    const struct chat_got *g, const struct chat_line *where, struct buf *out)
{
	if (g->room != NULL &&
	    (where == NULL || !str_eq(where->room, g->room))) {
		buf_adds(out, " in ");
		json_quote(g->room, strlen(g->room), out);
	} else if (g->room == NULL && g->who != NULL &&
		   (where == NULL || where->room != NULL ||
		       !str_eq(where->who, g->who))) {
		buf_addf(out, " to %s", g->who);
	}
}

static void
chat_tell_card(const struct chat_got *g, bool shown, struct buf *out)
{
	const char *s = json_any_str(chat_content(g), "text");

	buf_adds(out, "card");
	if (g->card != NULL)
		buf_addf(out, " %s", g->card);
	if (shown && s != NULL) {
		buf_adds(out, " contains ");
		json_quote(s, strlen(s), out);
	}
}

void
chat_tell(const struct chat_got *g, const struct chat_line *where, bool shown,
    struct buf *out)
{
	buf_adds(out, "bot");
	chat_tell_where(g, where, out);
	if (json_get_str(g->message, "parentId") != NULL)
		buf_adds(out, " thread");
	buf_adds(out, " < ");
	if (chat_deleted(g)) {
		buf_adds(out, "deleted");
		return;
	}
	if (json_num(json_get(g->message, "edits")) > 0)
		buf_adds(out, "edited ");
	if (chat_content(g) != NULL)
		chat_tell_card(g, shown, out);
	else
		chat_tell_text(chat_said(g), out);
}
