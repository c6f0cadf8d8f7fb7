/* Checking submits; see submit.h. */
#include "card/submit.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/uni.h"
#include "card/check_int.h"
#include "card/jsre.h"

#define SUBMIT_DEPTH 100
#define SUBMIT_MAX 1000

/* Inputs and buttons of a card, each with the card it is in. */
struct submit_item {
	const struct val *v;
	size_t card;
	bool spare; /* inside a fallback: may be there in place of another */
};

struct submit {
	struct submit_item in[SUBMIT_MAX];
	size_t ins;
	struct submit_item button[SUBMIT_MAX];
	size_t buttons;
	size_t around[SUBMIT_MAX]; /* of each card: the card around it */
	size_t cards;
	unsigned depth;
	unsigned spare; /* fallbacks around */
	bool spares;    /* there are some */
	const struct val *values;
};

/* -- what the card has -- */

static void submit_walk(struct submit *s, const struct val *v, size_t card);

static void
submit_object(struct submit *s, const struct val *v, size_t card)
{
	const struct val *type = val_gets(v, "type");
	const struct val *spare = val_gets(v, "fallback");
	uint32_t i;

	if (type != NULL && type->kind == VAL_TEXT && type->n > 6 &&
	    memcmp(type->s, "Input.", 6) == 0 && s->ins < SUBMIT_MAX)
		s->in[s->ins++] = (struct submit_item){v, card, s->spare > 0};
	if (val_is(type, "Action.Submit") && s->buttons < SUBMIT_MAX) {
		s->button[s->buttons++] =
		    (struct submit_item){.v = v, .card = card};
		return; /* its data are no elements */
	}
	if (val_is(type, "AdaptiveCard") && s->cards < SUBMIT_MAX) {
		s->around[s->cards] = card;
		card = s->cards++;
	}
	for (i = 0; i < v->n; i++) {
		s->spare += &v->obj->m[i].v == spare;
		s->spares = s->spares || s->spare > 0;
		submit_walk(s, &v->obj->m[i].v, card);
		s->spare -= &v->obj->m[i].v == spare;
	}
}

static void
submit_walk(struct submit *s, const struct val *v, size_t card)
{
	uint32_t i;

	if (s->depth == SUBMIT_DEPTH)
		return;
	s->depth++;
	if (v->kind == VAL_OBJ)
		submit_object(s, v, card);
	for (i = 0; v->kind == VAL_LIST && i < v->n; i++)
		submit_walk(s, &v->items[i], card);
	s->depth--;
}

static bool
submit_reaches(
    const struct submit *s, const struct submit_item *button, size_t card)
{
	size_t at;

	if (button == NULL)
		return true;
	if (check_sends_none(button->v))
		return false;
	for (at = button->card; at != CHECK_NONE; at = s->around[at])
		if (at == card)
			return true;
	return false;
}

/* -- one value -- */

static bool
submit_flag(const struct val *input, const char *name)
{
	const struct val *v = val_gets(input, name);

	return v != NULL && v->kind == VAL_BOOL && v->b;
}

/* The author's message where there is one, else ours. */
static void
submit_say(struct problems *ps, const struct val *input, const char *code,
    const char *path, const char *ours)
{
	const struct val *label = val_gets(input, "label");
	const struct val *text = val_gets(input, "errorMessage");
	bool own = text != NULL && text->kind == VAL_TEXT && text->n > 0;

	if (label == NULL || label->kind != VAL_TEXT || label->n == 0)
		label = val_gets(input, "id");
	problems_error(ps, code, path, PROBLEM_WHOLE, "%.*s: %.*s",
	    (int)label->n, label->s, own ? (int)text->n : (int)strlen(ours),
	    own ? text->s : ours);
}

/* Is text `v` beyond `limit` of the same form? */
static bool
submit_beyond(const struct val *limit, const struct val *v, int sign,
    bool (*form)(const struct val *))
{
	int d;

	if (limit == NULL || limit->kind != VAL_TEXT || !form(limit))
		return false;
	d = memcmp(v->s, limit->s, v->n);
	return sign < 0 ? d < 0 : d > 0;
}

static const char *
submit_moment(const struct val *input, const struct val *v,
    bool (*form)(const struct val *), const char **code)
{
	if (!form(v)) {
		*code = "bad-value";
		return form == check_is_date ? "a date such as 2024-02-29"
					     : "a time such as 10:30";
	}
	*code = "out-of-range";
	if (submit_beyond(val_gets(input, "min"), v, -1, form))
		return "this is too early";
	if (submit_beyond(val_gets(input, "max"), v, 1, form))
		return "this is too late";
	return NULL;
}

static const char *
submit_number(const struct val *input, const struct val *v, const char **code)
{
	const struct val *min = val_gets(input, "min");
	const struct val *max = val_gets(input, "max");
	double d = 0;

	*code = "bad-value";
	if (num_read(v->s, v->n, &d) != v->n)
		return "a number is expected";
	*code = "out-of-range";
	if (min != NULL && min->kind == VAL_NUM && d < min->num)
		return "this is too small";
	if (max != NULL && max->kind == VAL_NUM && d > max->num)
		return "this is too large";
	return NULL;
}

/* A pattern of the card that is wrong fails nobody. */
static bool
submit_matches(
    const struct val *regex, const struct val *v, struct problems *ps)
{
	struct err e = ERR_INIT;
	struct re *re = jsre_new(regex->s, regex->n, false, false, &e);
	bool ok = re == NULL || re_search(re, v->s, v->n, 0, NULL, 0, &e) == 1;

	if (e.kind == ERR_BUG)
		ps->failed = true;
	re_free(re);
	return ok;
}

static const char *
submit_text(const struct val *input, const struct val *v, struct problems *ps,
    const char **code)
{
	const struct val *max = val_gets(input, "maxLength");
	const struct val *regex = val_gets(input, "regex");

	*code = "too-long";
	if (max != NULL && max->kind == VAL_NUM &&
	    (double)uni_units(v->s, v->n) > max->num)
		return "this is too long";
	*code = "bad-value";
	if (regex != NULL && regex->kind == VAL_TEXT && regex->n > 0 &&
	    !submit_matches(regex, v, ps))
		return "this does not have the form that is asked for";
	return NULL;
}

/*
 * Which texts of choices follow one another from s[0] to its end?  With
 * `multi` commas part them, and may be in them: what is reached is marked.
 */
static bool
submit_chosen(
    const struct val *choices, const struct val *v, bool multi, bool *reached)
{
	const struct val *value;
	uint32_t i, k;
	size_t end;

	reached[0] = true;
	for (i = 0; i <= v->n; i++) {
		for (k = 0; reached[i] && k < choices->n; k++) {
			value = val_gets(&choices->items[k], "value");
			if (value == NULL || value->kind != VAL_TEXT ||
			    value->n > v->n - i ||
			    memcmp(value->s, v->s + i, value->n) != 0)
				continue;
			end = (size_t)i + value->n;
			if (end == v->n)
				return true;
			if (multi && v->s[end] == ',')
				reached[end + 1] = true;
		}
	}
	return false;
}

static const char *
submit_choice(const struct val *input, const struct val *v, struct problems *ps,
    const char **code)
{
	const struct val *choices = val_gets(input, "choices");
	bool *reached = calloc((size_t)v->n + 1, sizeof *reached);
	bool ok;

	*code = "unknown-choice";
	if (reached == NULL)
		ps->failed = true;
	ok = reached == NULL ||
	     (choices != NULL && choices->kind == VAL_LIST &&
		 submit_chosen(
		     choices, v, submit_flag(input, "isMultiSelect"), reached));
	free(reached);
	return ok ? NULL : "this is none of the choices";
}

static const char *
submit_toggle(const struct val *input, const struct val *v, bool expected,
    const char **code)
{
	const struct val *on = val_gets(input, "valueOn");
	const struct val *off = val_gets(input, "valueOff");
	struct val yes = val_text("true", 4), no = val_text("false", 5);

	if (on != NULL && on->kind == VAL_TEXT)
		yes = *on;
	if (off != NULL && off->kind == VAL_TEXT)
		no = *off;
	*code = "unknown-choice";
	if (v->n == yes.n && memcmp(v->s, yes.s, v->n) == 0)
		return NULL;
	if (v->n != no.n || memcmp(v->s, no.s, v->n) != 0)
		return "this is none of the choices";
	*code = "required";
	return expected && submit_flag(input, "isRequired")
		   ? "this must be switched on"
		   : NULL;
}

/*
 * The platform sends texts; a number or a truth value is taken for one.
 * False: `v` is a list or an object.
 */
static bool
submit_as_text(const struct val *v, char shown[NUM_TEXT], struct val *out)
{
	*out = *v;
	if (v->kind == VAL_BOOL)
		*out = val_str(v->b ? "true" : "false");
	else if (v->kind == VAL_NUM)
		*out = val_text(shown, num_text(v->num, shown));
	return out->kind == VAL_TEXT;
}

static bool
submit_empty(const struct val *v)
{
	return v == NULL || val_none(v) || (v->kind == VAL_TEXT && v->n == 0);
}

static void
submit_input(const struct val *input, const struct val *v, bool expected,
    struct problems *ps)
{
	const struct val *id = val_gets(input, "id");
	const struct val *type = val_gets(input, "type");
	struct pointer path = {"", 0};
	const char *code = "", *why = NULL;
	struct val as_text;
	char shown[NUM_TEXT];

	if (id == NULL || id->kind != VAL_TEXT || id->n == 0)
		return;
	pointer_down(&path, id->s, id->n);
	if (submit_empty(v)) {
		if (expected && submit_flag(input, "isRequired"))
			submit_say(ps, input, "required", path.s,
			    "an answer is needed");
		return;
	}
	if (!submit_as_text(v, shown, &as_text)) {
		problems_error(ps, "wrong-kind", path.s, PROBLEM_WHOLE,
		    "%.*s: a text is expected, not %s", (int)id->n, id->s,
		    val_kind_name(v));
		return;
	}
	v = &as_text;
	if (val_is(type, "Input.Number"))
		why = submit_number(input, v, &code);
	else if (val_is(type, "Input.Date"))
		why = submit_moment(input, v, check_is_date, &code);
	else if (val_is(type, "Input.Time"))
		why = submit_moment(input, v, check_is_time, &code);
	else if (val_is(type, "Input.Toggle"))
		why = submit_toggle(input, v, expected, &code);
	else if (val_is(type, "Input.ChoiceSet"))
		why = submit_choice(input, v, ps, &code);
	else if (val_is(type, "Input.Text"))
		why = submit_text(input, v, ps, &code);
	if (why != NULL)
		submit_say(ps, input, code, path.s, why);
}

/* -- the whole -- */

/* What a button's data says, and what was sent in its place. */
static bool
submit_same(const struct val *a, const struct val *b)
{
	char at[NUM_TEXT], bt[NUM_TEXT];
	struct val ta, tb;
	const struct val *other;
	bool same = true;
	uint32_t i;

	if (val_none(a) || val_none(b))
		return val_none(a) && val_none(b);
	if (submit_as_text(a, at, &ta) && submit_as_text(b, bt, &tb))
		return ta.n == tb.n && memcmp(ta.s, tb.s, ta.n) == 0;
	if (a->kind != b->kind || a->n != b->n)
		return false;
	for (i = 0; a->kind == VAL_LIST && i < a->n && same; i++)
		same = submit_same(&a->items[i], &b->items[i]);
	for (i = 0; a->kind == VAL_OBJ && i < a->n && same; i++) {
		other = val_member(b, a->obj->m[i].name, a->obj->m[i].len);
		same = other != NULL && submit_same(&a->obj->m[i].v, other);
	}
	return same;
}

static bool
submit_has_id(const struct submit_item *in, const char *name, size_t len)
{
	const struct val *id = val_gets(in->v, "id");

	return id != NULL && id->kind == VAL_TEXT && id->n == len &&
	       memcmp(id->s, name, len) == 0;
}

static bool
submit_is_input(const struct submit *s, const struct val_member *m)
{
	size_t i;

	for (i = 0; i < s->ins; i++)
		if (submit_has_id(&s->in[i], m->name, m->len))
			return true;
	return false;
}

/*
 * An element and its fallback may have inputs of one name: what fits one of
 * them fits, and the element's speaks for all.
 */
static bool
submit_elsewhere(const struct submit *s, size_t i, const struct val *id,
    const struct val *v, struct problems *ps)
{
	const struct submit_item *in = &s->in[i], *other;
	bool fits = false;
	size_t k;

	for (k = 0; k < s->ins && !fits; k++) {
		struct problems one = PROBLEMS_INIT;

		other = &s->in[k];
		if (k == i || !(in->spare || other->spare) ||
		    !submit_has_id(other, id->s, id->n))
			continue;
		if (in->spare && (!other->spare || k < i))
			return true;
		submit_input(other->v, v, false, &one);
		fits = one.errors == 0;
		ps->failed = ps->failed || one.failed;
		problems_done(&one);
	}
	return fits;
}

/* A member that was sent is an input, or what the button carries. */
static void
submit_member(const struct submit *s, const struct submit_item *button,
    const struct val_member *m, struct problems *ps)
{
	const struct val *data = NULL;
	struct pointer path = {"", 0};
	int shown = m->len > 60 ? 60 : (int)m->len;

	if (submit_is_input(s, m))
		return;
	if (button != NULL)
		data = val_member(val_gets(button->v, "data"), m->name, m->len);
	pointer_down(&path, m->name, m->len);
	if (data == NULL)
		problems_error(ps, "unknown-input", path.s, PROBLEM_WHOLE,
		    "%.*s: the card has no such input", shown, m->name);
	else if (!submit_same(data, &m->v))
		problems_error(ps, "bad-value", path.s, PROBLEM_WHOLE,
		    "%.*s: this is not what the button sends", shown, m->name);
}

/* Check as if `button` (NULL: none is known) had been pressed. */
static void
submit_try(const struct submit *s, const struct submit_item *button,
    struct problems *ps)
{
	const struct submit_item *in;
	const struct val *id, *v;
	size_t i;
	uint32_t k;

	for (i = 0; i < s->ins; i++) {
		in = &s->in[i];
		id = val_gets(in->v, "id");
		v = id == NULL || id->kind != VAL_TEXT
			? NULL
			: val_member(s->values, id->s, id->n);
		if (s->spares && !submit_empty(v) &&
		    submit_elsewhere(s, i, id, v, ps))
			continue;
		submit_input(in->v, v,
		    !in->spare && submit_reaches(s, button, in->card), ps);
	}
	for (k = 0; k < s->values->n; k++)
		submit_member(s, button, &s->values->obj->m[k], ps);
}

/* A pressed button's data is in what was sent, or an input of that name. */
static bool
submit_fits(const struct submit *s, const struct submit_item *button)
{
	const struct val *data = val_gets(button->v, "data"), *sent;
	uint32_t i;

	for (i = 0; data != NULL && data->kind == VAL_OBJ && i < data->n; i++) {
		const struct val_member *m = &data->obj->m[i];

		sent = val_member(s->values, m->name, m->len);
		if (!val_none(&m->v) &&
		    (sent == NULL ||
			(!submit_is_input(s, m) && !submit_same(&m->v, sent))))
			return false;
	}
	return true;
}

/*
 * Which button was pressed is not told: of those whose data was sent, or
 * else of those that send inputs, the one that leaves the fewest problems.
 */
static int
submit_best(const struct submit *s, struct problems *ps, struct err *e)
{
	size_t best = SIZE_MAX, least = SIZE_MAX, i, fit = 0;
	bool failed = false;

	for (i = 0; i < s->buttons; i++)
		fit += submit_fits(s, &s->button[i]);
	for (i = 0; i < s->buttons; i++) {
		struct problems one = PROBLEMS_INIT;

		if (fit > 0 ? !submit_fits(s, &s->button[i])
			    : check_sends_none(s->button[i].v))
			continue;
		submit_try(s, &s->button[i], &one);
		if (one.errors < least) {
			least = one.errors;
			best = i;
		}
		failed = failed || one.failed;
		problems_done(&one);
	}
	submit_try(s, best == SIZE_MAX ? NULL : &s->button[best], ps);
	return failed || ps->failed ? err_nomem(e) : 0;
}

/* Neither inputs nor data: the card says nothing of what may come. */
static bool
submit_says_nothing(const struct submit *s)
{
	const struct val *data;
	size_t i;

	for (i = 0; i < s->buttons; i++) {
		data = val_gets(s->button[i].v, "data");
		if (data != NULL && !val_none(data) &&
		    (data->kind != VAL_OBJ || data->n > 0))
			return false;
	}
	return s->ins == 0;
}

int
submit_check(const struct val *card, const struct val *inputs,
    struct problems *ps, struct err *e)
{
	struct submit *s;
	int rc;

	if (inputs->kind != VAL_OBJ) {
		problems_error(ps, "wrong-kind", "", PROBLEM_WHOLE,
		    "an object of inputs is expected, not %s",
		    val_kind_name(inputs));
		return 0;
	}
	if ((s = calloc(1, sizeof *s)) == NULL)
		return err_nomem(e);
	s->values = inputs;
	submit_walk(s, card, CHECK_NONE);
	rc = submit_says_nothing(s) ? 0 : submit_best(s, ps, e);
	free(s);
	return rc;
}
