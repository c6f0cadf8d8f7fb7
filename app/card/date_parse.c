/*
 * The date parser of browsers: ISO 8601 first, else words and numbers in the
 * order people write them ("Feb 29, 2024 10:30 pm GMT+2", "02/29/2024").
 * The rules are those of V8, which the reference runs on.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/uni.h"
#include "card/date.h"

enum date_tok {
	DT_END,
	DT_NUMBER,
	DT_SIGN, /* : - + . ) */
	DT_WORD,
	DT_BLANK,
	DT_OTHER,
	DT_INVALID,
};

enum date_word { DW_NONE, DW_MONTH, DW_AMPM, DW_ZONE, DW_T };

struct date_token {
	enum date_tok tok;
	enum date_word word;
	char sign;
	int n;   /* number, or value of the word */
	int len; /* bytes */
};

struct date_scan {
	const char *s;
	size_t n, i;
	struct date_token t; /* the current token */
};

#define NONE INT32_MAX

struct date_parts {
	int day[3], days;
	int month; /* by name */
	bool iso;
	int time[4], times;
	int ampm;
	int zone_sign, zone_hour, zone_minute;
};

static const struct {
	char s[4];
	enum date_word word;
	int n;
} date_words[] = {
    {"jan", DW_MONTH, 1},
    {"feb", DW_MONTH, 2},
    {"mar", DW_MONTH, 3},
    {"apr", DW_MONTH, 4},
    {"may", DW_MONTH, 5},
    {"jun", DW_MONTH, 6},
    {"jul", DW_MONTH, 7},
    {"aug", DW_MONTH, 8},
    {"sep", DW_MONTH, 9},
    {"oct", DW_MONTH, 10},
    {"nov", DW_MONTH, 11},
    {"dec", DW_MONTH, 12},
    {"am", DW_AMPM, 0},
    {"pm", DW_AMPM, 12},
    {"ut", DW_ZONE, 0},
    {"utc", DW_ZONE, 0},
    {"z", DW_ZONE, 0},
    {"gmt", DW_ZONE, 0},
    {"cdt", DW_ZONE, -5},
    {"cst", DW_ZONE, -6},
    {"edt", DW_ZONE, -4},
    {"est", DW_ZONE, -5},
    {"mdt", DW_ZONE, -6},
    {"mst", DW_ZONE, -7},
    {"pdt", DW_ZONE, -7},
    {"pst", DW_ZONE, -8},
    {"t", DW_T, 0},
};

/* -- tokens -- */

static bool
date_space_at(const struct date_scan *c, size_t *len)
{
	uint32_t cp;

	*len = uni_next(c->s + c->i, c->n - c->i, &cp);
	return uni_space(cp);
}

static void
date_word(struct date_scan *c)
{
	char t[4] = "";
	size_t len = 0, k, i;

	while (c->i < c->n && (unsigned char)c->s[c->i] >= 'A' &&
	       !date_space_at(c, &k)) {
		if (len < 3)
			t[len] = (char)tolower((unsigned char)c->s[c->i]);
		len++;
		c->i += k;
	}
	c->t = (struct date_token){
	    .tok = DT_WORD, .word = DW_NONE, .len = (int)len};
	for (i = 0; i < sizeof date_words / sizeof date_words[0]; i++) {
		if (strcmp(t, date_words[i].s) == 0 &&
		    (len <= 3 || date_words[i].word == DW_MONTH)) {
			c->t.word = date_words[i].word;
			c->t.n = date_words[i].n;
			return;
		}
	}
}

/* Nine digits count, leading zeros do not. */
static void
date_number(struct date_scan *c)
{
	size_t from = c->i, digits = 0;
	int n = 0;

	while (c->i < c->n && c->s[c->i] == '0')
		c->i++;
	for (; c->i < c->n && isdigit((unsigned char)c->s[c->i]); c->i++)
		if (digits++ < 9)
			n = n * 10 + (c->s[c->i] - '0');
	c->t = (struct date_token){
	    .tok = DT_NUMBER, .n = n, .len = (int)(c->i - from)};
}

static void
date_parens(struct date_scan *c)
{
	int depth = 0;

	do {
		depth += c->s[c->i] == '(';
		depth -= c->s[c->i] == ')';
		c->i++;
	} while (depth > 0 && c->i < c->n);
}

static struct date_token
date_next(struct date_scan *c)
{
	struct date_token was = c->t;
	size_t k;
	char ch;

	c->t = (struct date_token){.tok = DT_END};
	if (c->i >= c->n)
		return was;
	ch = c->s[c->i];
	if (isdigit((unsigned char)ch)) {
		date_number(c);
	} else if (strchr(":-+.)", ch) != NULL && ch != '\0') {
		c->t = (struct date_token){.tok = DT_SIGN, .sign = ch};
		c->i++;
	} else if (date_space_at(c, &k)) {
		c->t.tok = DT_BLANK;
		c->i += k;
	} else if ((unsigned char)ch >= 'A') {
		date_word(c);
	} else if (ch == '(') {
		c->t.tok = DT_OTHER;
		date_parens(c);
	} else {
		c->t.tok = DT_OTHER;
		c->i++;
	}
	return was;
}

static bool
date_is(const struct date_scan *c, char sign)
{
	return c->t.tok == DT_SIGN && c->t.sign == sign;
}

static bool
date_skip(struct date_scan *c, char sign)
{
	if (!date_is(c, sign))
		return false;
	date_next(c);
	return true;
}

static bool
date_fixed(const struct date_scan *c, int len, int lo, int hi)
{
	return c->t.tok == DT_NUMBER && c->t.len == len && c->t.n >= lo &&
	       c->t.n <= hi;
}

static int
date_milliseconds(struct date_token t)
{
	int len = t.len > 9 ? 9 : t.len, n = t.n;

	for (; len < 3; len++)
		n *= 10;
	for (; len > 3; len--)
		n /= 10;
	return n;
}

static struct date_token
date_invalid(void)
{
	return (struct date_token){.tok = DT_INVALID};
}

/* -- ISO 8601 -- */

static bool
date_iso_offset(struct date_scan *c, struct date_parts *p)
{
	int n;

	p->zone_sign = date_next(c).sign == '+' ? 1 : -1;
	if (c->t.tok == DT_NUMBER && c->t.len == 4) {
		n = date_next(c).n;
		p->zone_hour = n / 100;
		p->zone_minute = n % 100;
		return p->zone_hour <= 23 && p->zone_minute <= 59;
	}
	if (!date_fixed(c, 2, 0, 23))
		return false;
	p->zone_hour = date_next(c).n;
	if (!date_skip(c, ':') || !date_fixed(c, 2, 0, 59))
		return false;
	p->zone_minute = date_next(c).n;
	return true;
}

/* After the T. */
static bool
date_iso_time(struct date_scan *c, struct date_parts *p)
{
	int most;

	if (!date_fixed(c, 2, 0, 24))
		return false;
	most = c->t.n == 24 ? 0 : 59; /* 24:00 is the end of the day */
	p->time[p->times++] = date_next(c).n;
	if (!date_skip(c, ':') || !date_fixed(c, 2, 0, most))
		return false;
	p->time[p->times++] = date_next(c).n;
	if (date_skip(c, ':')) {
		if (!date_fixed(c, 2, 0, most))
			return false;
		p->time[p->times++] = date_next(c).n;
		if (date_skip(c, '.')) {
			if (c->t.tok != DT_NUMBER || (most == 0 && c->t.n > 0))
				return false;
			p->time[p->times++] = date_milliseconds(date_next(c));
		}
	}
	if (c->t.tok == DT_WORD && c->t.word == DW_ZONE && c->t.len == 1) {
		date_next(c);
		p->zone_sign = 1;
		p->zone_hour = p->zone_minute = 0;
	} else if (date_is(c, '+') || date_is(c, '-')) {
		if (!date_iso_offset(c, p))
			return false;
	}
	return c->t.tok == DT_END;
}

/* DT_END: it was ISO.  Else the first token that was not, or DT_INVALID. */
static struct date_token
date_iso(struct date_scan *c, struct date_parts *p)
{
	if (date_is(c, '+') || date_is(c, '-')) {
		struct date_token sign = date_next(c);

		if (c->t.tok != DT_NUMBER || c->t.len != 6)
			return sign;
		if (sign.sign == '-' && c->t.n == 0)
			return sign;
		p->day[p->days++] =
		    (sign.sign == '-' ? -1 : 1) * date_next(c).n;
	} else if (c->t.tok == DT_NUMBER && c->t.len == 4) {
		p->day[p->days++] = date_next(c).n;
	} else {
		return date_next(c);
	}
	if (date_skip(c, '-')) {
		if (!date_fixed(c, 2, 1, 12))
			return date_next(c);
		p->day[p->days++] = date_next(c).n;
		if (date_skip(c, '-')) {
			if (!date_fixed(c, 2, 1, 31))
				return date_next(c);
			p->day[p->days++] = date_next(c).n;
		}
	}
	if (c->t.tok == DT_WORD && c->t.word == DW_T) {
		date_next(c);
		if (!date_iso_time(c, p))
			return date_invalid();
	} else if (c->t.tok != DT_END) {
		return date_next(c);
	}
	p->iso = true;
	return (struct date_token){.tok = DT_END};
}

/* -- words and numbers -- */

static bool
date_add_time(struct date_parts *p, int n)
{
	if (p->times == 4)
		return false;
	p->time[p->times++] = n;
	return true;
}

static bool
date_wants_time(const struct date_parts *p, int n)
{
	return ((p->times == 1 || p->times == 2) && n <= 59) ||
	       (p->times == 3 && n <= 999);
}

static bool
date_end_time(struct date_parts *p, int n)
{
	date_add_time(p, n);
	while (date_add_time(p, 0))
		;
	return true;
}

static bool
date_loose_number(struct date_scan *c, struct date_parts *p, int n)
{
	if (date_skip(c, ':')) {
		if (date_skip(c, ':')) {
			if (p->times > 0)
				return false;
			return date_add_time(p, n) && date_add_time(p, 0);
		}
		if (!date_add_time(p, n))
			return false;
		if (date_is(c, '.'))
			date_next(c);
		return true;
	}
	if (date_is(c, '.') && date_wants_time(p, n)) {
		date_next(c);
		date_add_time(p, n);
		if (c->t.tok != DT_NUMBER)
			return false;
		return date_end_time(p, date_milliseconds(date_next(c)));
	}
	date_skip(c, '.');
	if (p->zone_hour != NONE && p->zone_minute == NONE && n <= 59) {
		p->zone_minute = n;
		return true;
	}
	if (date_wants_time(p, n)) {
		date_end_time(p, n);
		return c->t.tok == DT_END || c->t.tok == DT_BLANK ||
		       (c->t.tok == DT_WORD && c->t.word == DW_ZONE &&
			   c->t.len == 1) ||
		       date_is(c, '+') || date_is(c, '-');
	}
	if (p->days == 3)
		return false;
	p->day[p->days++] = n;
	date_skip(c, '-');
	return true;
}

static bool
date_loose_word(
    struct date_scan *c, struct date_parts *p, struct date_token t, bool number)
{
	if (t.word == DW_AMPM && p->times > 0) {
		p->ampm = t.n;
	} else if (t.word == DW_MONTH) {
		p->month = t.n;
		date_skip(c, '-');
	} else if (t.word == DW_ZONE && number) {
		p->zone_sign = t.n < 0 ? -1 : 1;
		p->zone_hour = t.n < 0 ? -t.n : t.n;
		p->zone_minute = 0;
	} else {
		/* other words stand before the first number, apart from it */
		return !number && c->t.tok != DT_NUMBER;
	}
	return true;
}

static bool
date_loose_offset(struct date_scan *c, struct date_parts *p, char sign)
{
	int n = 0, len = 0;

	p->zone_sign = sign == '+' ? 1 : -1;
	if (c->t.tok == DT_NUMBER) {
		len = c->t.len;
		n = date_next(c).n;
	}
	if (date_is(c, ':')) {
		p->zone_hour = n;
		p->zone_minute = NONE;
	} else if (len == 1 || len == 2) {
		p->zone_hour = n;
		p->zone_minute = 0;
	} else if (len == 3 || len == 4) {
		p->zone_hour = n / 100;
		p->zone_minute = n % 100;
	} else {
		return false;
	}
	return true;
}

static bool
date_loose(struct date_scan *c, struct date_parts *p, struct date_token t)
{
	bool number = p->days > 0, sign;

	for (; t.tok != DT_END; t = date_next(c)) {
		sign = t.tok == DT_SIGN && (t.sign == '+' || t.sign == '-');
		if (t.tok == DT_NUMBER) {
			number = true;
			if (!date_loose_number(c, p, t.n))
				return false;
		} else if (t.tok == DT_WORD) {
			if (!date_loose_word(c, p, t, number))
				return false;
		} else if (sign && (p->times > 0 || (p->zone_hour == 0 &&
							p->zone_minute == 0))) {
			number = true;
			if (!date_loose_offset(c, p, t.sign))
				return false;
		} else if ((sign || (t.tok == DT_SIGN && t.sign == ')')) &&
			   number) {
			return false;
		}
	}
	return true;
}

/* -- the whole -- */

static bool
date_is_day(int n)
{
	return n >= 1 && n <= 31;
}

static bool
date_pick_day(struct date_parts *p, int *y, int *m, int *d)
{
	if (p->days < 1)
		return false;
	while (p->days < 3)
		p->day[p->days++] = 1;
	*m = p->month;
	if (p->month == NONE && (p->iso || !date_is_day(p->day[0]))) {
		*y = p->day[0];
		*m = p->day[1];
		*d = p->day[2];
	} else if (p->month == NONE) {
		*m = p->day[0];
		*d = p->day[1];
		*y = p->day[2];
	} else if (!date_is_day(p->day[0])) {
		*y = p->day[0];
		*d = p->day[1];
	} else {
		*d = p->day[0];
		*y = p->day[1];
	}
	if (!p->iso && *y >= 0 && *y <= 99)
		*y += *y < 50 ? 2000 : 1900;
	return *m >= 1 && *m <= 12 && date_is_day(*d);
}

static bool
date_pick_time(struct date_parts *p)
{
	int *t = p->time;

	while (p->times < 4)
		t[p->times++] = 0;
	if (p->ampm != NONE) {
		if (t[0] > 12)
			return false;
		t[0] = t[0] % 12 + p->ampm;
	}
	if (t[0] <= 23 && t[1] <= 59 && t[2] <= 59 && t[3] <= 999)
		return true;
	return t[0] == 24 && t[1] == 0 && t[2] == 0 && t[3] == 0;
}

double
date_parse(const char *s, size_t n)
{
	struct date_parts p = {.month = NONE,
	    .ampm = NONE,
	    .zone_sign = NONE,
	    .zone_hour = NONE,
	    .zone_minute = NONE};
	struct date_scan c = {.s = s, .n = n};
	struct date_token t;
	double ms, offset = 0;
	int y, m, d;

	date_next(&c);
	t = date_iso(&c, &p);
	if (t.tok == DT_INVALID || (!p.iso && !date_loose(&c, &p, t)))
		return NAN;
	if (!date_pick_day(&p, &y, &m, &d) || !date_pick_time(&p))
		return NAN;
	if (p.zone_sign != NONE) {
		offset = (p.zone_hour == NONE ? 0 : p.zone_hour) * 60.0 +
			 (p.zone_minute == NONE ? 0 : p.zone_minute);
		offset *= p.zone_sign;
	}
	ms = date_join(
	    y, m, d, p.time[0], p.time[1] - offset, p.time[2], p.time[3]);
	return ms;
}
