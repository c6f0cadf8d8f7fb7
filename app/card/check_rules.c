/*
 * Rules over several objects of a card: ids, inputs and the buttons that send
 * them, ranges, and how much Webex takes.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "card/check_int.h"
#include "card/date.h"

#define WEBEX_ACTIONS 5
#define WEBEX_IMAGES 10

/* -- forms -- */

static int
check_digits(const struct val *v, size_t at, size_t n)
{
	int d = 0;

	for (; n > 0; at++, n--) {
		if (at >= v->n || !isdigit((unsigned char)v->s[at]))
			return -1;
		d = d * 10 + (v->s[at] - '0');
	}
	return d;
}

bool
check_is_date(const struct val *v)
{
	int y = check_digits(v, 0, 4), m = check_digits(v, 5, 2);
	int d = check_digits(v, 8, 2);

	return v->n == 10 && v->s[4] == '-' && v->s[7] == '-' && y >= 0 &&
	       m >= 1 && m <= 12 && d >= 1 && d <= date_month_days(y, m);
}

bool
check_is_time(const struct val *v)
{
	int h = check_digits(v, 0, 2), m = check_digits(v, 3, 2);

	return v->n == 5 && v->s[2] == ':' && h >= 0 && h <= 23 && m >= 0 &&
	       m <= 59;
}

/* -- notes -- */

static void
check_note(struct check *c, struct check_list *l, const struct val *v,
    size_t card, bool none)
{
	size_t cap = l->cap == 0 ? 16 : l->cap * 2;
	struct check_seen *more;

	if (l->n == l->cap) {
		if ((more = realloc(l->v, cap * sizeof *more)) == NULL) {
			c->failed = true;
			return;
		}
		l->v = more;
		l->cap = cap;
	}
	l->v[l->n] = (struct check_seen){strdup(c->at.s), v, card, none};
	if (l->v[l->n].path == NULL)
		c->failed = true;
	else
		l->n++;
}

static void
check_list_done(struct check_list *l)
{
	while (l->n > 0)
		free(l->v[--l->n].path);
	free(l->v);
}

void
check_done(struct check *c)
{
	check_list_done(&c->ids);
	check_list_done(&c->inputs);
	check_list_done(&c->targets);
	check_list_done(&c->submits);
	free(c->parent);
}

size_t
check_note_card(struct check *c, size_t around)
{
	size_t *more = realloc(c->parent, (c->cards + 1) * sizeof *more);

	if (more == NULL) {
		c->failed = true;
		return around;
	}
	c->parent = more;
	c->parent[c->cards] = around;
	return c->cards++;
}

void
check_note_id(struct check *c, const struct val *id)
{
	if (id->n > 0)
		check_note(c, &c->ids, id, 0, false);
}

void
check_note_target(struct check *c, const struct val *id)
{
	check_note(c, &c->targets, id, 0, false);
}

bool
check_sends_none(const struct val *button)
{
	const struct val *v = val_gets(button, "associatedInputs");

	return v != NULL && v->kind == VAL_TEXT && v->n == 4 &&
	       strncasecmp(v->s, "none", 4) == 0;
}

void
check_note_data(struct check *c, const struct val *button,
    const struct val *data, size_t card)
{
	check_note(c, &c->submits, data, card, check_sends_none(button));
}

void
check_count_actions(struct check *c, size_t n)
{
	c->actions += n;
	if (c->actions <= WEBEX_ACTIONS || c->many_actions || c->template)
		return;
	c->many_actions = true;
	problems_warn(c->ps, "too-many-actions", c->at.s, PROBLEM_WHOLE,
	    "Webex takes at most %d actions in a card", WEBEX_ACTIONS);
}

/* -- one input -- */

static void
check_warn_at(
    struct check *c, const char *member, const char *code, const char *text)
{
	size_t mark = pointer_down(&c->at, member, strlen(member));

	problems_warn(c->ps, code, c->at.s, PROBLEM_WHOLE, "%s", text);
	pointer_up(&c->at, mark);
}

static void
check_range(struct check *c, const char *type, const struct val *v)
{
	const struct val *min = val_gets(v, "min"), *max = val_gets(v, "max");
	bool wrong = false;

	if (min == NULL || max == NULL || min->kind != max->kind)
		return;
	if (min->kind == VAL_NUM)
		wrong = min->num > max->num;
	else if (min->kind == VAL_TEXT &&
		 (strcmp(type, "Input.Date") == 0
			 ? check_is_date(min) && check_is_date(max)
			 : check_is_time(min) && check_is_time(max)))
		wrong = memcmp(min->s, max->s, min->n) > 0;
	if (wrong)
		check_warn_at(c, "min", "bad-range", "min is above max");
}

/* Is s[0..n) the value of a choice? */
static bool
check_is_choice(const struct val *choices, const char *s, size_t n)
{
	const struct val *value;
	uint32_t i;

	for (i = 0; i < choices->n; i++) {
		value = val_gets(&choices->items[i], "value");
		if (value != NULL && value->kind == VAL_TEXT && value->n == n &&
		    memcmp(value->s, s, n) == 0)
			return true;
	}
	return false;
}

/* Several values are sent as one text, with commas between them. */
static void
check_commas(struct check *c, const struct val *choices)
{
	size_t all = pointer_down(&c->at, "choices", 7), mark;
	const struct val *value;
	uint32_t i;

	for (i = 0; i < choices->n; i++) {
		value = val_gets(&choices->items[i], "value");
		if (value == NULL || value->kind != VAL_TEXT ||
		    memchr(value->s, ',', value->n) == NULL)
			continue;
		mark = pointer_down_i(&c->at, i);
		check_warn_at(c, "value", "bad-value",
		    "with isMultiSelect a comma parts values: this one reads "
		    "as several");
		pointer_up(&c->at, mark);
	}
	pointer_up(&c->at, all);
}

static void
check_choices(struct check *c, const struct val *v)
{
	const struct val *choices = val_gets(v, "choices");
	const struct val *value = val_gets(v, "value");
	const struct val *multi = val_gets(v, "isMultiSelect");
	const char *s, *end, *stop;
	size_t n;

	if (choices == NULL || choices->kind != VAL_LIST)
		return;
	if (multi != NULL && multi->kind == VAL_BOOL && multi->b)
		check_commas(c, choices);
	if (value == NULL || value->kind != VAL_TEXT || value->n == 0)
		return;
	s = value->s;
	stop = s + value->n;
	if (multi == NULL || multi->kind != VAL_BOOL)
		multi = NULL;
	for (;; s = end + 1) {
		end = memchr(s, ',', (size_t)(stop - s));
		if (multi == NULL || !multi->b || end == NULL)
			end = stop;
		n = (size_t)(end - s);
		if (!check_is_choice(choices, s, n)) {
			check_warn_at(c, "value", "unknown-choice",
			    "no choice has this value");
			return;
		}
		if (end == stop)
			return;
	}
}

static void
check_input(struct check *c, const char *type, const struct val *v, size_t card)
{
	const struct val *id = val_gets(v, "id");
	const struct val *must = val_gets(v, "isRequired");

	if (id != NULL && id->kind == VAL_TEXT && id->n > 0)
		check_note(c, &c->inputs, id, card, false);
	if (c->template)
		return;
	if (must != NULL && must->kind == VAL_BOOL && must->b &&
	    val_gets(v, "errorMessage") == NULL)
		check_warn_at(c, "isRequired", "no-error-message",
		    "without errorMessage nothing is shown when it is empty");
	check_range(c, type, v);
	if (strcmp(type, "Input.ChoiceSet") == 0)
		check_choices(c, v);
}

void
check_note_object(
    struct check *c, const char *type, const struct val *v, size_t card)
{
	const struct val *id;
	size_t mark;

	if (strncmp(type, "Input.", 6) == 0 &&
	    strcmp(type, "Input.Choice") != 0)
		check_input(c, type, v, card);
	c->images += strcmp(type, "Image") == 0;
	id = val_gets(v, "elementId");
	if (strcmp(type, "TargetElement") == 0 && id != NULL &&
	    id->kind == VAL_TEXT) {
		mark = pointer_down(&c->at, "elementId", 9);
		check_note_target(c, id);
		pointer_up(&c->at, mark);
	}
}

/* -- afterwards -- */

static int
check_id_cmp(const struct val *a, const struct val *b)
{
	size_t n = a->n < b->n ? a->n : b->n;
	int d = memcmp(a->s, b->s, n);

	return d != 0 ? d : a->n < b->n ? -1 : a->n > b->n;
}

/* By id, then as they stand in the card. */
static int
check_id_order(const void *a, const void *b)
{
	const struct check_seen *const *x = a, *const *y = b;
	int d = check_id_cmp((*x)->v, (*y)->v);

	return d != 0 ? d : *x < *y ? -1 : *x > *y;
}

static struct check_seen **
check_sorted_ids(struct check *c)
{
	struct check_seen **ids = calloc(c->ids.n + 1, sizeof *ids);
	size_t i;

	if (ids == NULL) {
		c->failed = true;
		return NULL;
	}
	for (i = 0; i < c->ids.n; i++)
		ids[i] = &c->ids.v[i];
	qsort(ids, c->ids.n, sizeof *ids, check_id_order);
	return ids;
}

/* Is there an element with this id? */
static bool
check_has_id(struct check_seen **ids, size_t n, const struct val *id)
{
	size_t lo = 0, hi = n, mid;
	int d;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if ((d = check_id_cmp(ids[mid]->v, id)) == 0)
			return true;
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* Is one inside the fallback of an element that the other is in, or is? */
static bool
check_instead(const char *a, const char *b)
{
	static const char word[] = "fallback/";
	size_t i, at = 0;

	for (i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		if (a[i] == '/')
			at = i + 1;
	return strncmp(a + at, word, sizeof word - 1) == 0 ||
	       strncmp(b + at, word, sizeof word - 1) == 0;
}

static void
check_ids(struct check *c)
{
	struct check_seen **ids = check_sorted_ids(c);
	size_t i, k, first = 0;

	if (ids == NULL)
		return;
	for (i = 1; i < c->ids.n; i++) {
		if (check_id_cmp(ids[i]->v, ids[first]->v) != 0)
			first = i;
		for (k = first; k < i; k++)
			if (!check_instead(ids[k]->path, ids[i]->path))
				break;
		if (k < i)
			problems_error(c->ps, "duplicate-id", ids[i]->path,
			    PROBLEM_WHOLE, "the id is used at %s already",
			    ids[k]->path);
	}
	for (i = 0; i < c->targets.n; i++) {
		const struct val *id = c->targets.v[i].v;

		if (!check_has_id(ids, c->ids.n, id))
			problems_error(c->ps, "unknown-target",
			    c->targets.v[i].path, PROBLEM_WHOLE,
			    "no element has the id %.*s",
			    id->n > 60 ? 60 : (int)id->n, id->s);
	}
	free(ids);
}

/* Is `card` the button's card, or one around it? */
static bool
check_reaches(const struct check *c, size_t button, size_t card)
{
	while (button != CHECK_NONE) {
		if (button == card)
			return true;
		button = c->parent[button];
	}
	return false;
}

static void
check_data_member(
    struct check *c, const struct check_seen *s, const struct val_member *m)
{
	const struct val name = val_text(m->name, m->len);
	size_t i;

	for (i = 0; i < c->inputs.n; i++) {
		const struct check_seen *in = &c->inputs.v[i];

		if (check_id_cmp(&name, in->v) != 0 ||
		    !check_reaches(c, s->card, in->card))
			continue;
		pointer_set(&c->at, s->path);
		pointer_down(&c->at, m->name, m->len);
		problems_warn(c->ps, "data-input-clash", c->at.s,
		    PROBLEM_MEMBER,
		    "an input has this id, too: which value is sent differs "
		    "between clients");
		return;
	}
}

static void
check_submit(struct check *c, const struct check_seen *s)
{
	size_t i;
	uint32_t k;

	if (s->none)
		return;
	for (k = 0; s->v->kind == VAL_OBJ && k < s->v->n; k++)
		check_data_member(c, s, &s->v->obj->m[k]);
	for (i = 0; s->v->kind == VAL_TEXT && i < c->inputs.n; i++) {
		if (!check_reaches(c, s->card, c->inputs.v[i].card))
			continue;
		problems_warn(c->ps, "text-data-with-inputs", s->path,
		    PROBLEM_WHOLE,
		    "data is a text: the values of the inputs cannot be added "
		    "to it");
		return;
	}
}

void
check_rules(struct check *c)
{
	size_t i;

	check_ids(c);
	for (i = 0; i < c->submits.n; i++)
		check_submit(c, &c->submits.v[i]);
	if (c->images > WEBEX_IMAGES)
		problems_warn(c->ps, "too-many-images", "", PROBLEM_WHOLE,
		    "%zu images: Webex takes at most %d", c->images,
		    WEBEX_IMAGES);
}
