/* Parsing jPath; see jpath_parse.h. */
#include "card/jpath_parse.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/uni.h"

#define JP_DEPTH 40

enum jp_tok { JT_END, JT_NAME, JT_NUMBER, JT_TEXT, JT_WORD, JT_SIGN, JT_BAD };

struct jp_scan {
	struct expr_run *x;
	const char *s;
	size_t n, i;
	unsigned depth;
	/* the token ahead */
	enum jp_tok tok;
	char sign[4];
	struct val v;
};

static struct jp *jp_or(struct jp_scan *p);
static struct jp *jp_path(struct jp_scan *p);
static struct jp *jp_concat(struct jp_scan *p);
static struct jp *jp_unary(struct jp_scan *p);

/* -- tokens -- */

static bool
jp_name_char(char c, bool first)
{
	return isalpha((unsigned char)c) || c == '_' || c == '$' || c == '@' ||
	       (!first && isdigit((unsigned char)c));
}

static char
jp_at(const struct jp_scan *p, size_t i)
{
	return p->i + i < p->n ? p->s[p->i + i] : '\0';
}

/* Length of the sign at i, 0: none. */
static size_t
jp_sign(const struct jp_scan *p)
{
	char a = jp_at(p, 0), b = jp_at(p, 1), c = jp_at(p, 2);

	if (a == '\0')
		return 0;
	if (a == '.')
		return isdigit((unsigned char)b) ? 0 : b == '.' ? 2 : 1;
	if (b == '=') {
		if (c == '=' && strchr("=!^$*", a) != NULL)
			return 3;
		if (c != '=' && c != '\0' && strchr("^$*", c) != NULL &&
		    a == '=')
			return 3;
		if (c != '=' && (c == '\0' || strchr("^$*", c) == NULL) &&
		    strchr("=!^$*><", a) != NULL)
			return 2;
	} else if (a == '=' && b != '\0' && strchr("^$*", b) != NULL) {
		return 2;
	}
	if (a == b && (a == '|' || a == '&'))
		return 2;
	return strchr(":{}()[]^+-*/%!><|", a) != NULL ? 1 : 0;
}

static void
jp_text(struct jp_scan *p)
{
	char q = jp_at(p, 0), *t;
	size_t len = 0;

	if ((t = expr_alloc(p->x, p->n - p->i)) == NULL)
		return;
	for (p->i++; p->i < p->n && p->s[p->i] != q; p->i++) {
		if (p->s[p->i] == '\\' && p->i + 1 < p->n)
			p->i++;
		t[len++] = p->s[p->i];
	}
	if (p->i == p->n)
		return;
	p->i++;
	p->tok = JT_TEXT;
	p->v = val_text(t, len);
}

static void
jp_name(struct jp_scan *p)
{
	size_t from = p->i;

	while (jp_name_char(jp_at(p, 0), false))
		p->i++;
	p->tok = JT_NAME;
	p->v = val_text(p->s + from, p->i - from);
	if (val_is(&p->v, "true") || val_is(&p->v, "false")) {
		p->tok = JT_WORD;
		p->v = val_bool(val_is(&p->v, "true"));
	} else if (val_is(&p->v, "null")) {
		p->tok = JT_WORD;
		p->v = val_null();
	}
}

static void
jp_number(struct jp_scan *p)
{
	size_t from = p->i;
	double d = NAN;
	int points = 0;

	for (; isdigit((unsigned char)jp_at(p, 0)) || jp_at(p, 0) == '.';
	     p->i++)
		points += jp_at(p, 0) == '.';
	if (points > 1)
		return;
	num_read(p->s + from, p->i - from, &d);
	p->tok = JT_NUMBER;
	p->v = val_num(d);
}

static void
jp_next(struct jp_scan *p)
{
	size_t len;
	char c;

	while ((c = jp_at(p, 0)) == ' ' || c == '\t' || c == '\r' || c == '\n')
		p->i++;
	p->tok = JT_BAD;
	p->v = val_missing();
	p->sign[0] = '\0';
	if (p->i >= p->n) {
		p->tok = JT_END;
	} else if ((len = jp_sign(p)) > 0) {
		p->tok = JT_SIGN;
		memcpy(p->sign, p->s + p->i, len);
		p->sign[len] = '\0';
		p->i += len;
	} else if (jp_name_char(c, true)) {
		jp_name(p);
	} else if (c == '"' || c == '\'') {
		jp_text(p);
	} else if (isdigit((unsigned char)c) || c == '.') {
		jp_number(p);
	}
}

static bool
jp_is(const struct jp_scan *p, const char *sign)
{
	return p->tok == JT_SIGN && strcmp(p->sign, sign) == 0;
}

static void *
jp_bad(struct jp_scan *p)
{
	expr_fail(p->x, "jPath: the path is wrong near character %zu",
	    uni_units(p->s, p->i) + 1);
	return NULL;
}

static bool
jp_expect(struct jp_scan *p, const char *sign)
{
	if (!jp_is(p, sign)) {
		jp_bad(p);
		return false;
	}
	jp_next(p);
	return true;
}

/* -- nodes -- */

static struct jp *
jp_new(struct jp_scan *p, enum jp_type type, struct jp *kid)
{
	struct jp *j = expr_alloc(p->x, sizeof *j);

	if (j == NULL)
		return NULL;
	memset(j, 0, sizeof *j);
	j->type = type;
	j->kid = kid;
	return j;
}

static void
jp_append(struct jp *j, struct jp *kid)
{
	struct jp **at = &j->kid;

	while (*at != NULL)
		at = &(*at)->next;
	*at = kid;
}

static bool
jp_starts_path(const struct jp_scan *p)
{
	return jp_is(p, ".") || jp_is(p, "..") || jp_is(p, "^") ||
	       (p->tok == JT_NAME && p->v.s[0] == '$');
}

/* ( a | b ) with what may follow it. */
static struct jp *
jp_group_path(struct jp_scan *p, struct jp *(*part)(struct jp_scan *))
{
	struct jp *j, *k, *group;

	jp_next(p);
	if ((j = jp_concat(p)) == NULL || !jp_expect(p, ")"))
		return NULL;
	if (!jp_is(p, "[") && !jp_is(p, "{") && !jp_is(p, "("))
		return j;
	if (j->type != JP_PATH) {
		if ((group = jp_new(p, JP_PATH, j)) == NULL)
			return NULL;
		j = group;
	}
	while (jp_is(p, "[") || jp_is(p, "{") || jp_is(p, "(")) {
		if ((k = part(p)) == NULL)
			return NULL;
		jp_append(j, k);
	}
	return j;
}

static struct jp *
jp_select(struct jp_scan *p)
{
	struct jp *j = jp_new(p, JP_SELECT, NULL);

	if (j == NULL)
		return NULL;
	j->deep = jp_is(p, "..");
	jp_next(p);
	if (jp_is(p, "*"))
		j->all = true;
	else if (p->tok == JT_NAME || p->tok == JT_TEXT)
		j->v = p->v;
	else
		return j;
	jp_next(p);
	return j;
}

static struct jp *
jp_place(struct jp_scan *p)
{
	struct jp *j = jp_new(p, JP_PLACE, NULL), *from, *to;

	if (j == NULL)
		return NULL;
	jp_next(p);
	/* [:to] keeps an empty first kid */
	if (jp_is(p, ":")) {
		j->range = true;
		jp_next(p);
		from = jp_new(p, JP_LITERAL, NULL);
		if (from == NULL || (to = jp_unary(p)) == NULL)
			return NULL;
		from->v = val_num(0);
		j->kid = from;
		from->next = to;
	} else {
		if ((j->kid = jp_unary(p)) == NULL)
			return NULL;
		if (jp_is(p, ":")) {
			j->range = true;
			jp_next(p);
			if (!jp_is(p, "]") &&
			    (j->kid->next = jp_unary(p)) == NULL)
				return NULL;
		}
	}
	return jp_expect(p, "]") ? j : NULL;
}

static struct jp *
jp_part(struct jp_scan *p)
{
	struct jp *j;

	if (++p->depth > JP_DEPTH)
		return jp_bad(p);
	if (jp_is(p, ".") || jp_is(p, "..")) {
		j = jp_select(p);
	} else if (jp_is(p, "[")) {
		j = jp_place(p);
	} else if (jp_is(p, "(")) {
		j = jp_group_path(p, jp_part);
	} else {
		jp_next(p);
		if ((j = jp_or(p)) != NULL)
			j = jp_new(p, JP_FILTER, j);
		if (j != NULL && !jp_expect(p, "}"))
			j = NULL;
	}
	p->depth--;
	return j;
}

static struct jp *
jp_path(struct jp_scan *p)
{
	struct jp *j, *k;

	if (!jp_starts_path(p))
		return jp_bad(p);
	if ((j = jp_new(p, JP_PATH, NULL)) == NULL)
		return NULL;
	if (jp_is(p, "^")) {
		strcpy(j->op, "^");
		jp_next(p);
	} else if (p->tok == JT_NAME) {
		j->missing = p->v.n > 1; /* $name: none are given */
		jp_next(p);
	}
	while (jp_is(p, ".") || jp_is(p, "..") || jp_is(p, "[") ||
	       jp_is(p, "{") || jp_is(p, "(")) {
		if ((k = jp_part(p)) == NULL)
			return NULL;
		jp_append(j, k);
	}
	return j;
}

static struct jp *
jp_concat(struct jp_scan *p)
{
	struct jp *j, *k, *all = NULL;

	if (++p->depth > JP_DEPTH)
		return jp_bad(p);
	j = jp_is(p, "(") ? jp_group_path(p, jp_part) : jp_path(p);
	while (j != NULL && jp_is(p, "|")) {
		jp_next(p);
		if (all == NULL && (j = all = jp_new(p, JP_CONCAT, j)) == NULL)
			return NULL;
		k = jp_is(p, "(") ? jp_group_path(p, jp_part) : jp_path(p);
		if (k == NULL)
			return NULL;
		jp_append(all, k);
	}
	p->depth--;
	return j;
}

/* -- expressions -- */

static struct jp *
jp_primary(struct jp_scan *p)
{
	struct jp *j;

	if (p->tok == JT_TEXT || p->tok == JT_NUMBER || p->tok == JT_WORD) {
		if ((j = jp_new(p, JP_LITERAL, NULL)) != NULL)
			j->v = p->v;
		jp_next(p);
		return j;
	}
	if (jp_starts_path(p))
		return jp_path(p);
	if (!jp_is(p, "("))
		return jp_bad(p);
	jp_next(p);
	j = jp_or(p);
	return j != NULL && jp_expect(p, ")") ? j : NULL;
}

static struct jp *
jp_unary(struct jp_scan *p)
{
	struct jp *j, *k;
	char op[4];

	if (!jp_is(p, "!") && !jp_is(p, "-"))
		return jp_primary(p);
	if (++p->depth > JP_DEPTH)
		return jp_bad(p);
	strcpy(op, p->sign);
	jp_next(p);
	if ((k = jp_unary(p)) == NULL || (j = jp_new(p, JP_UNARY, k)) == NULL)
		return NULL;
	strcpy(j->op, op);
	p->depth--;
	return j;
}

/*
 * Binary operators, loosest first.  A right side takes its own level again,
 * but for + and -: as the original does it.
 */
static const struct {
	const char *ops; /* blanks around each */
	enum jp_type type;
	bool again;
} jp_levels[] = {
    {" || ", JP_LOGIC, false},
    {" && ", JP_LOGIC, false},
    {" == != === !== ^== ==^ ^= =^ $== ==$ $= =$ *== ==* *= =* ", JP_COMPARE,
	true},
    {" < > <= >= ", JP_COMPARE, true},
    {" + - ", JP_MATH, false},
    {" * / % ", JP_MATH, true},
};

#define JP_LEVELS (sizeof jp_levels / sizeof jp_levels[0])

static struct jp *
jp_level(struct jp_scan *p, size_t level)
{
	struct jp *j, *k, *op;
	unsigned chain = 0;
	char word[8];

	if (level == JP_LEVELS)
		return jp_unary(p);
	if (++p->depth > 8 * JP_DEPTH)
		return jp_bad(p);
	j = jp_level(p, level + 1);
	while (j != NULL && p->tok == JT_SIGN) {
		word[0] = ' ';
		strcpy(word + 1, p->sign);
		strcat(word, " ");
		if (strstr(jp_levels[level].ops, word) == NULL)
			break;
		if (++chain > JP_DEPTH)
			return jp_bad(p);
		if ((op = jp_new(p, jp_levels[level].type, j)) == NULL)
			return NULL;
		strcpy(op->op, p->sign);
		jp_next(p);
		k = jp_level(p, level + !jp_levels[level].again);
		if (k == NULL)
			return NULL;
		j->next = k;
		j = op;
	}
	p->depth--;
	return j;
}

static struct jp *
jp_or(struct jp_scan *p)
{
	return jp_level(p, 0);
}

struct jp *
jp_parse(struct expr_run *x, const char *s, size_t n)
{
	struct jp_scan p = {.x = x, .s = s, .n = n};
	struct jp *j;

	jp_next(&p);
	if ((j = jp_concat(&p)) == NULL)
		return NULL;
	return p.tok == JT_END ? j : jp_bad(&p);
}
