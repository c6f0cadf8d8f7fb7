/*
 * Checking cards; see check.h.  One walk over the card looks at each object
 * with the table of its type and notes ids, inputs and buttons; what concerns
 * several of them at once is looked at afterwards (check_rules.c).
 */
#include "card/check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "card/check_int.h"
#include "card/check_tab.h"
#include "card/jsre.h"

#define CHECK_DEPTH 100
#define TYPES (sizeof check_types / sizeof check_types[0])

struct check_at {
	const struct check_type *type; /* of the object */
	const struct val *obj;
	size_t card; /* the card it is in */
};

static void check_object(
    struct check *c, const struct val *v, int in, size_t card);

/* -- saying it -- */

#define check_error(c, code, ...)                                              \
	problems_error((c)->ps, code, (c)->at.s, PROBLEM_WHOLE, __VA_ARGS__)
#define check_warn(c, code, ...)                                               \
	problems_warn((c)->ps, code, (c)->at.s, PROBLEM_WHOLE, __VA_ARGS__)

static void
check_kind(struct check *c, const char *what, const struct val *v)
{
	check_error(
	    c, "wrong-kind", "%s is expected, not %s", what, val_kind_name(v));
}

static void
check_value(struct check *c, const struct val *v, const char *want)
{
	check_error(c, "bad-value", "\"%.*s\" is not %s",
	    v->n > 60 ? 60 : (int)v->n, v->s, want);
}

/* A text that templates will replace may become anything. */
static bool
check_open(const struct check *c, const struct val *v)
{
	return c->template && v->kind == VAL_TEXT && v->n > 2 &&
	       memmem(v->s, v->n, "${", 2) != NULL;
}

static void
check_left_over(struct check *c, const struct val *v)
{
	const char *s = memmem(v->s, v->n, "${", 2);

	if (s != NULL && !c->template &&
	    memchr(s, '}', v->n - (size_t)(s - v->s)) != NULL)
		check_warn(c, "unresolved-expression",
		    "an expression was not replaced: %.*s",
		    v->n > 60 ? 60 : (int)v->n, v->s);
}

/* -- texts of a form -- */

static bool
check_listed(const char *values, const struct val *v)
{
	const char *s, *end;

	for (s = values + 1; *s != '\0'; s = end + 1) {
		end = strchr(s, ' ');
		if ((size_t)(end - s) == v->n &&
		    strncasecmp(s, v->s, v->n) == 0)
			return true;
	}
	return false;
}

/* Digits, a point and digits, then `unit`. */
static bool
check_number_text(const struct val *v, const char *unit)
{
	size_t n = strlen(unit), i, digits = 0, points = 0;

	if (v->n < n || memcmp(v->s + v->n - n, unit, n) != 0)
		return false;
	for (i = 0; i + n < v->n; i++) {
		digits += isdigit((unsigned char)v->s[i]) != 0;
		points += v->s[i] == '.';
		if (!isdigit((unsigned char)v->s[i]) && v->s[i] != '.')
			return false;
	}
	return digits > 0 && points <= 1;
}

static bool
check_color(const struct val *v)
{
	size_t i;

	if ((v->n != 7 && v->n != 9) || v->s[0] != '#')
		return false;
	for (i = 1; i < v->n; i++)
		if (!isxdigit((unsigned char)v->s[i]))
			return false;
	return true;
}

static void
check_regex(struct check *c, const struct val *v)
{
	struct err e = ERR_INIT;
	struct re *re = jsre_new(v->s, v->n, false, false, &e);

	if (e.kind == ERR_BUG)
		c->failed = true;
	else if (re == NULL)
		check_value(c, v, "a regular expression");
	re_free(re);
}

/* 1.0 to 1.3; later ones are too new. */
static void
check_version(struct check *c, const struct val *v)
{
	size_t i = 0;
	long major = 0, minor = 0;

	for (; i < v->n && i < 4 && isdigit((unsigned char)v->s[i]); i++)
		major = major * 10 + (v->s[i] - '0');
	if (i == 0 || i + 1 >= v->n || v->s[i] != '.' || v->n - i > 5) {
		check_value(c, v, "a version such as 1.3");
		return;
	}
	for (i++; i < v->n && isdigit((unsigned char)v->s[i]); i++)
		minor = minor * 10 + (v->s[i] - '0');
	if (i < v->n || major < 1)
		check_value(c, v, "a version such as 1.3");
	else if (major > 1 || minor > 3)
		check_error(c, "too-new",
		    "version %.*s: Webex draws cards up to 1.3", (int)v->n,
		    v->s);
}

/* -- members -- */

static bool
check_new_value(struct check *c, const struct check_at *at,
    const struct check_member *m, const struct val *v)
{
	size_t i;

	for (i = 0; i < sizeof check_new_values / sizeof *check_new_values;
	     i++) {
		if (strcmp(check_new_values[i].type, at->type->name) != 0 ||
		    strcmp(check_new_values[i].member, m->name) != 0 ||
		    v->n != strlen(check_new_values[i].value) ||
		    strncasecmp(check_new_values[i].value, v->s, v->n) != 0)
			continue;
		check_error(c, "too-new",
		    "%s came with 1.%d, Webex draws "
		    "cards up to 1.3",
		    check_new_values[i].value, check_new_values[i].since - 10);
		return true;
	}
	return false;
}

static void
check_enum(struct check *c, const struct check_at *at,
    const struct check_member *m, const struct val *v)
{
	char want[160];

	if (check_listed(m->values, v) || check_new_value(c, at, m, v))
		return;
	snprintf(want, sizeof want, "one of%s", m->values);
	want[strlen(want) - 1] = '\0';
	check_value(c, v, want);
}

static void
check_image(struct check *c, const struct val *v)
{
	if (v->n >= 7 && strncasecmp(v->s, "http://", 7) == 0)
		check_warn(c, "insecure-url",
		    "the address of an image should be https");
	check_left_over(c, v);
}

/* Members that are texts, by their form. */
static void
check_text(struct check *c, const struct check_at *at,
    const struct check_member *m, const struct val *v)
{
	switch (m->kind) {
	case K_ENUM:
		check_enum(c, at, m, v);
		break;
	case K_COLOR:
		if (!check_color(v))
			check_value(c, v, "a colour such as #RRGGBB");
		break;
	case K_PIXELS:
		if (!check_number_text(v, "px"))
			check_value(c, v, "a size such as 50px");
		break;
	case K_SIZE:
		if (!check_number_text(v, "px") && !check_listed(m->values, v))
			check_value(
			    c, v, "auto, stretch or a size such as 50px");
		break;
	case K_WIDTH:
		if (!check_number_text(v, "px") && !check_number_text(v, "") &&
		    !check_listed(V_HEIGHT, v))
			check_value(c, v,
			    "auto, stretch, a size such as 50px or a weight");
		break;
	case K_DATE:
		if (!check_is_date(v))
			check_value(c, v, "a date such as 2024-02-29");
		break;
	case K_TIME:
		if (!check_is_time(v))
			check_value(c, v, "a time such as 10:30");
		break;
	case K_REGEX:
		check_regex(c, v);
		break;
	case K_INPUT_ID:
		if (v->n == 0)
			check_error(c, "bad-value",
			    "the id of an input must not be empty: its value "
			    "would not be sent");
		/* fall through */
	case K_ID:
		check_note_id(c, v);
		break;
	case K_VERSION:
		check_version(c, v);
		break;
	case K_IMAGE:
		check_image(c, v);
		break;
	default:
		check_left_over(c, v);
		break;
	}
}

static void
check_requires(struct check *c, const struct val *v)
{
	size_t mark;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		const struct val_member *m = &v->obj->m[i];

		if (m->v.kind == VAL_TEXT)
			continue;
		mark = pointer_down(&c->at, m->name, m->len);
		check_kind(c, "a text", &m->v);
		pointer_up(&c->at, mark);
	}
}

static void
check_list(struct check *c, const struct check_at *at,
    const struct check_member *m, const struct val *v)
{
	size_t mark;
	uint32_t i;

	if (m->in == IN_ACTIONS)
		check_count_actions(c, v->n);
	for (i = 0; i < v->n; i++) {
		const struct val *item = &v->items[i];

		mark = pointer_down_i(&c->at, i);
		if (check_open(c, item))
			;
		else if (item->kind == VAL_TEXT && m->kind == K_LIST_OR_TEXTS) {
			if (m->in == IN_TARGETS)
				check_note_target(c, item);
			else
				check_left_over(c, item);
		} else if (item->kind != VAL_OBJ) {
			check_kind(c,
			    m->kind == K_LIST_OR_TEXTS ? "a text or an object"
						       : "an object",
			    item);
		} else {
			check_object(c, item, m->in, at->card);
		}
		pointer_up(&c->at, mark);
	}
}

/* What JSON kinds a member may have. */
static const char *
check_wanted(const struct check_member *m, const struct val *v)
{
	bool text = v->kind == VAL_TEXT, obj = v->kind == VAL_OBJ;

	switch (m->kind) {
	case K_ANY:
		return NULL;
	case K_BOOL:
		return v->kind == VAL_BOOL ? NULL : "true or false";
	case K_BOOL_OR_NULL:
		return v->kind == VAL_BOOL || v->kind == VAL_NULL
			   ? NULL
			   : "true, false or null";
	case K_NUMBER:
		return v->kind == VAL_NUM ? NULL : "a number";
	case K_WIDTH:
		return text || v->kind == VAL_NUM ? NULL : "a text or a number";
	case K_REQUIRES:
	case K_ONE:
		return obj ? NULL : "an object";
	case K_DATA:
		return obj || text ? NULL : "an object or a text";
	case K_FALLBACK:
		return obj || text ? NULL : "an object or \"drop\"";
	case K_BACKGROUND:
		return obj || text ? NULL : "an address or an object";
	case K_LIST:
	case K_LIST_OR_TEXTS:
		return v->kind == VAL_LIST ? NULL : "a list";
	default:
		return text ? NULL : "a text";
	}
}

static void
check_member_value(struct check *c, const struct check_at *at,
    const struct check_member *m, const struct val *v)
{
	const char *want;

	if (check_open(c, v))
		return;
	if ((want = check_wanted(m, v)) != NULL) {
		check_kind(c, want, v);
		return;
	}
	if (m->kind == K_LIST || m->kind == K_LIST_OR_TEXTS)
		check_list(c, at, m, v);
	else if (m->kind == K_FALLBACK && v->kind == VAL_TEXT) {
		if (v->n != 4 || strncasecmp(v->s, "drop", 4) != 0)
			check_value(c, v, "\"drop\" or an object");
	} else if (m->kind == K_BACKGROUND && v->kind == VAL_TEXT)
		check_image(c, v);
	else if (m->kind == K_BACKGROUND)
		check_object(c, v, IN_BACKGROUND, at->card);
	else if (m->kind == K_REQUIRES)
		check_requires(c, v);
	else if (m->kind == K_DATA)
		check_note_data(c, at->obj, v, at->card);
	else if (v->kind == VAL_OBJ && m->kind != K_ANY)
		check_object(c, v, m->in, at->card);
	else if (v->kind == VAL_TEXT)
		check_text(c, at, m, v);
}

static const struct check_member *
check_find(const struct check_type *t, const char *name, size_t len)
{
	const struct check_member *const *g, *m;

	for (g = t->members; *g != NULL; g++)
		for (m = *g; m->name != NULL; m++)
			if (strlen(m->name) == len &&
			    memcmp(m->name, name, len) == 0)
				return m;
	return NULL;
}

/* The nearest name that the type has. */
static const char *
check_near(const struct check_type *t, const char *name)
{
	const struct check_member *const *g, *m;
	const char *names[64] = {"$data", "$when"};
	size_t n = 2;

	for (g = t->members; *g != NULL; g++)
		for (m = *g; m->name != NULL && n < 64; m++)
			if (m->since == 0)
				names[n++] = m->name;
	return str_nearest(name, names, n, sizeof names[0]);
}

static void
check_unknown(
    struct check *c, const struct check_type *t, const struct val_member *m)
{
	char name[64] = "";
	const char *near;

	if (m->len < sizeof name)
		memcpy(name, m->name, m->len);
	near = check_near(t, name);
	problems_error(c->ps, "unknown-member", c->at.s, PROBLEM_MEMBER,
	    "%s has no member %.*s%s%s%s", t->name,
	    m->len > 60 ? 60 : (int)m->len, m->name,
	    near == NULL ? "" : ", did you mean ", near == NULL ? "" : near,
	    near == NULL ? "" : "?");
}

static void
check_member(
    struct check *c, const struct check_at *at, const struct val_member *v)
{
	const struct check_member *m;

	if ((m = check_find(at->type, v->name, v->len)) == NULL) {
		check_unknown(c, at->type, v);
		return;
	}
	if (m->since > 0) {
		problems_error(c->ps, "too-new", c->at.s, PROBLEM_MEMBER,
		    "%s came with 1.%d, Webex draws cards up to 1.3", m->name,
		    m->since - 10);
		return;
	}
	if (m->flags & NO_WEBEX)
		problems_warn(c->ps, "webex-unsupported", c->at.s,
		    PROBLEM_MEMBER, "Webex does not use %s of %s", m->name,
		    at->type->name);
	check_member_value(c, at, m, &v->v);
}

/* -- objects -- */

static const struct check_type *
check_type_named(const struct val *name)
{
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (val_is(name, check_types[i].name))
			return &check_types[i];
	return NULL;
}

/* Where only one type may stand its name may be left out. */
static const struct check_type *
check_type_implied(int in)
{
	const int alone = IN_COLUMNS | IN_IMAGES | IN_FACTS | IN_CHOICES |
			  IN_SOURCES | IN_BACKGROUND | IN_TARGETS;
	size_t i;

	for (i = 0; (in & alone) != 0 && i < TYPES; i++)
		if (check_types[i].in & in)
			return &check_types[i];
	return NULL;
}

static const char *
check_type_near(const struct val *name)
{
	char t[64] = "";

	if (name->n < sizeof t)
		memcpy(t, name->s, name->n);
	return str_nearest(t, check_types, TYPES, sizeof check_types[0]);
}

/* The type of an object that stands `in`; NULL: it has none that we know. */
static const struct check_type *
check_type(struct check *c, const struct val *v, int in)
{
	const struct val *name = val_gets(v, "type");
	const struct check_type *t;
	const char *near;
	size_t mark;

	if (name == NULL && (t = check_type_implied(in)) != NULL)
		return t;
	mark = pointer_down(&c->at, "type", 4);
	t = NULL;
	if (name == NULL) {
		problems_error(c->ps, "missing-member", c->at.s, PROBLEM_WHOLE,
		    "type is missing");
		/* what a card is, is clear */
		t = in == IN_CARD ? &check_types[0] : NULL;
	} else if (check_open(c, name)) {
		;
	} else if (name->kind != VAL_TEXT) {
		check_kind(c, "a text", name);
	} else if ((t = check_type_named(name)) == NULL) {
		near = check_type_near(name);
		check_error(c, "unknown-type", "unknown type %.*s%s%s%s",
		    name->n > 60 ? 60 : (int)name->n, name->s,
		    near == NULL ? "" : ", did you mean ",
		    near == NULL ? "" : near, near == NULL ? "" : "?");
	} else if (t->since > 0) {
		check_error(c, "too-new",
		    "%s came with 1.%d, Webex draws cards up to 1.3", t->name,
		    t->since - 10);
		t = NULL;
	} else if ((t->in & in) == 0) {
		pointer_up(&c->at, mark);
		check_error(
		    c, "not-allowed-here", "%s cannot stand here", t->name);
		return NULL;
	} else if (t->flags & NO_WEBEX) {
		check_warn(
		    c, "webex-unsupported", "Webex does not draw %s", t->name);
	}
	pointer_up(&c->at, mark);
	return t;
}

static void
check_required(
    struct check *c, const struct check_type *t, const struct val *v, bool top)
{
	const struct check_member *const *g, *m;
	size_t mark;

	for (g = t->members; *g != NULL; g++) {
		for (m = *g; m->name != NULL; m++) {
			if ((m->flags & REQUIRED) == 0 ||
			    val_gets(v, m->name) != NULL ||
			    (m->kind == K_VERSION && !top))
				continue;
			mark = pointer_down(&c->at, m->name, strlen(m->name));
			problems_error(c->ps, "missing-member", c->at.s,
			    PROBLEM_WHOLE, "%s of %s is missing", m->name,
			    t->name);
			pointer_up(&c->at, mark);
		}
	}
}

static bool
check_skipped(const struct check *c, const struct val_member *m)
{
	static const char *const names[] = {"$data", "$when", "$root", "$index",
	    "$host", "$_acTemplateVersion"};
	struct val name = val_text(m->name, m->len);
	size_t i;

	for (i = 0; c->template && i < sizeof names / sizeof names[0]; i++)
		if (val_is(&name, names[i]))
			return true;
	return val_is(&name, "type");
}

static void
check_object(struct check *c, const struct val *v, int in, size_t card)
{
	struct check_at at = {.obj = v, .card = card};
	size_t mark;
	uint32_t i;

	if (c->depth == CHECK_DEPTH) {
		check_error(c, "not-allowed-here", "nested too deep");
		return;
	}
	if ((at.type = check_type(c, v, in)) == NULL)
		return;
	c->depth++;
	if (in == IN_CARD)
		at.card = check_note_card(c, card);
	check_required(c, at.type, v, c->depth == 1);
	for (i = 0; i < v->n; i++) {
		const struct val_member *m = &v->obj->m[i];

		if (check_skipped(c, m))
			continue;
		mark = pointer_down(&c->at, m->name, m->len);
		check_member(c, &at, m);
		pointer_up(&c->at, mark);
	}
	check_note_object(c, at.type->name, v, at.card);
	c->depth--;
}

static int
check_run(
    const struct val *v, bool template, struct problems *ps, struct err *e)
{
	struct check c = {.ps = ps, .template = template};
	int rc = 0;

	if (v->kind == VAL_OBJ)
		check_object(&c, v, IN_CARD, CHECK_NONE);
	else if (!check_open(&c, v))
		check_kind(&c, "an object", v);
	if (!template)
		check_rules(&c);
	if (c.failed || ps->failed)
		rc = err_nomem(e);
	check_done(&c);
	return rc;
}

int
check_card(const struct val *card, struct problems *ps, struct err *e)
{
	return check_run(card, false, ps, e);
}

int
check_template(const struct val *tpl, struct problems *ps, struct err *e)
{
	return check_run(tpl, true, ps, e);
}
