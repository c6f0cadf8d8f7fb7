/* The attachments of a message; see attach.h. */
#include "sim/attach.h"

#include <string.h>

#include "base/str.h"

#define ATTACH_CARD (512 * 1024)

/* Types of schema 1.3; a card with another one is refused (2.3, U12). */
static const char *const attach_types[] = {"AdaptiveCard", "TextBlock", "Image",
    "Media", "MediaSource", "RichTextBlock", "TextRun", "ActionSet",
    "Container", "ColumnSet", "Column", "FactSet", "Fact", "ImageSet",
    "Input.Text", "Input.Number", "Input.Date", "Input.Time", "Input.Toggle",
    "Input.ChoiceSet", "Input.Choice", "Action.OpenUrl", "Action.Submit",
    "Action.ShowCard", "Action.ToggleVisibility"};

/* Where a card holds further elements. */
static const char *const attach_inside[] = {"body", "actions", "items",
    "columns", "inlines", "images", "card", "selectAction", "inlineAction"};

static bool
attach_known(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof attach_types / sizeof *attach_types; i++)
		if (strcmp(attach_types[i], type) == 0)
			return true;
	return false;
}

/*
 * Call `fn` for an element and all below it until it returns false.  The
 * depth is bounded by the JSON parser.
 */
static bool
attach_walk(
    const struct json *x, bool (*fn)(const struct json *, void *), void *arg)
{
	const struct json *in, *y;
	size_t i;

	if (json_kind(x) != JSON_OBJECT)
		return true;
	if (!fn(x, arg))
		return false;
	for (i = 0; i < sizeof attach_inside / sizeof *attach_inside; i++) {
		in = json_get(x, attach_inside[i]);
		if (json_kind(in) == JSON_OBJECT && !attach_walk(in, fn, arg))
			return false;
		if (json_kind(in) != JSON_LIST)
			continue;
		for (y = json_first(in); y != NULL; y = json_next(y))
			if (!attach_walk(y, fn, arg))
				return false;
	}
	return true;
}

static bool
attach_type_ok(const struct json *x, void *arg)
{
	const struct json *type = json_get(x, "type");

	(void)arg;
	return type == NULL ||
	       (json_str(type) != NULL && attach_known(json_str(type)));
}

/* "1.0" to "1.3". */
static bool
attach_version_ok(const char *v)
{
	return v != NULL && str_prefix(v, "1.") && v[2] >= '0' && v[2] <= '3' &&
	       v[3] == '\0';
}

static int
attach_check(const struct json *card, const char **why)
{
	const char *type = json_get_str(card, "type");

	if (json_kind(card) != JSON_OBJECT)
		return -1;
	if (json_get(card, "version") == NULL) {
		*why = "Missing Adaptive Card Version";
		return -1;
	}
	if (type == NULL || strcmp(type, "AdaptiveCard") != 0 ||
	    !attach_version_ok(json_get_str(card, "version")) ||
	    !attach_walk(card, attach_type_ok, NULL))
		return -1;
	return 0;
}

int
attach_read(const struct json *attachments, char **card, const char **why)
{
	const struct json *first = json_first(attachments);
	const char *type;
	struct buf b;

	*card = NULL;
	*why = "One (or more) of the arguments is invalid.";
	if (attachments == NULL ||
	    (json_kind(attachments) == JSON_LIST && first == NULL))
		return 0;
	type = json_get_str(first, "contentType");
	if (json_kind(attachments) != JSON_LIST || json_next(first) != NULL ||
	    type == NULL ||
	    strcmp(type, "application/vnd.microsoft.card.adaptive") != 0 ||
	    attach_check(json_get(first, "content"), why) == -1)
		return -1;
	buf_init(&b, ATTACH_CARD);
	if (json_print(json_get(first, "content"), &b) == 0)
		*card = buf_take(&b);
	buf_done(&b);
	return *card != NULL ? 0 : -1;
}

/* -- pressing a button -- */

struct attach_press {
	const char *title;
	const struct json *button;
	struct json *values;
};

static bool
attach_find(const struct json *x, void *arg)
{
	struct attach_press *p = arg;
	const char *type = json_get_str(x, "type");
	const char *title = json_get_str(x, "title");
	const char *id = json_get_str(x, "id");

	if (type == NULL)
		return true;
	if (strcmp(type, "Action.Submit") == 0 && title != NULL &&
	    strcmp(title, p->title) == 0 && p->button == NULL)
		p->button = x;
	else if (str_prefix(type, "Input.") && id != NULL &&
		 json_str(json_get(x, "value")) != NULL)
		json_set_str(p->values, id, json_get_str(x, "value"));
	return true;
}

/* The members of `from` into `to`, over those of the same name. */
static void
attach_merge(struct json *to, const struct json *from)
{
	const struct json *x;

	for (x = json_first(from); x != NULL; x = json_next(x))
		json_set(to, json_name(x), json_dup(x));
}

struct json *
attach_press(const char *card, const char *title, const struct json *inputs)
{
	struct json *j = json_parse_str(card, NULL), *out = json_object();
	struct attach_press p = {title, NULL, json_object()};

	attach_walk(j, attach_find, &p);
	if (p.button != NULL) {
		if (json_kind(json_get(p.button, "data")) == JSON_OBJECT)
			attach_merge(out, json_get(p.button, "data"));
		attach_merge(out, p.values);
		if (json_kind(inputs) == JSON_OBJECT)
			attach_merge(out, inputs);
	} else {
		json_free(out);
		out = NULL;
	}
	json_free(p.values);
	json_free(j);
	return out;
}
