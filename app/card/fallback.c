/* Text of a card; see fallback.h. */
#include "card/fallback.h"

#include <string.h>

#include "base/str.h"
#include "base/uni.h"

#define FALLBACK_DEPTH 100

struct fallback {
	struct buf *out;
	size_t from;
	unsigned depth;
};

static bool
fallback_text_of(const struct val *v, const char *name, struct val *out)
{
	const struct val *m = val_gets(v, name);

	if (m == NULL || m->kind != VAL_TEXT || m->n == 0)
		return false;
	*out = *m;
	return true;
}

static void
fallback_line(struct fallback *f)
{
	if (buf_len(f->out) > f->from)
		buf_addc(f->out, '\n');
}

static void
fallback_inlines(struct fallback *f, const struct val *list)
{
	struct val t;
	uint32_t i;

	if (list == NULL || list->kind != VAL_LIST || list->n == 0)
		return;
	fallback_line(f);
	for (i = 0; i < list->n; i++) {
		t = list->items[i];
		if (t.kind == VAL_TEXT || fallback_text_of(&t, "text", &t))
			buf_add(f->out, t.s, t.n);
	}
}

static void
fallback_facts(struct fallback *f, const struct val *list)
{
	struct val title, value;
	uint32_t i;

	for (i = 0; list != NULL && list->kind == VAL_LIST && i < list->n;
	     i++) {
		if (!fallback_text_of(&list->items[i], "title", &title))
			title = val_text("", 0);
		if (!fallback_text_of(&list->items[i], "value", &value))
			value = val_text("", 0);
		if (title.n + value.n == 0)
			continue;
		fallback_line(f);
		buf_add(f->out, title.s, title.n);
		if (title.n > 0 && title.s[title.n - 1] != ':')
			buf_addc(f->out, ':');
		if (title.n > 0 && value.n > 0)
			buf_addc(f->out, ' ');
		buf_add(f->out, value.s, value.n);
	}
}

static void
fallback_list(struct fallback *f, const struct val *list)
{
	/* members that hold elements */
	static const char *const inside[] = {"body", "items", "columns"};
	const struct val *shown;
	struct val text;
	uint32_t i;
	size_t k;

	if (list == NULL || list->kind != VAL_LIST ||
	    f->depth == FALLBACK_DEPTH)
		return;
	f->depth++;
	for (i = 0; i < list->n && buf_len(f->out) - f->from < FALLBACK_MAX;
	     i++) {
		const struct val *v = &list->items[i];

		shown = val_gets(v, "isVisible");
		if (v->kind != VAL_OBJ ||
		    (shown != NULL && shown->kind == VAL_BOOL && !shown->b))
			continue;
		if (val_is(val_gets(v, "type"), "TextBlock") &&
		    fallback_text_of(v, "text", &text)) {
			fallback_line(f);
			buf_add(f->out, text.s, text.n);
		}
		fallback_inlines(f, val_gets(v, "inlines"));
		fallback_facts(f, val_gets(v, "facts"));
		for (k = 0; k < sizeof inside / sizeof inside[0]; k++)
			fallback_list(f, val_gets(v, inside[k]));
	}
	f->depth--;
}

int
fallback_text(const struct val *card, struct buf *out)
{
	struct fallback f = {out, buf_len(out), 0};
	struct val one = val_list(card, 1), text;

	if (fallback_text_of(card, "fallbackText", &text))
		buf_add(out, text.s, text.n);
	else
		fallback_list(&f, &one);
	if (out->failed)
		return -1;
	if (buf_len(out) == f.from)
		return buf_adds(out, "A card");
	if (buf_len(out) - f.from > FALLBACK_MAX)
		buf_cut(
		    out, f.from + str_utf8_cut(out->p + f.from, FALLBACK_MAX));
	uni_clean(out->p + f.from, buf_len(out) - f.from);
	return 0;
}
