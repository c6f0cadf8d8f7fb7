/* Locales; see locale.h. */
#include "card/locale.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/num.h"

/* How numbers are written. */
struct locale_style {
	const char *point;
	const char *comma;
	int second; /* size of the groups after the first of three */
	const char *const *digits;
};

static const char *const locale_arabic[] = {"\xd9\xa0", "\xd9\xa1", "\xd9\xa2",
    "\xd9\xa3", "\xd9\xa4", "\xd9\xa5", "\xd9\xa6", "\xd9\xa7", "\xd9\xa8",
    "\xd9\xa9"};

static const struct locale_style locale_en = {".", ",", 3, NULL};
static const struct locale_style locale_de = {",", ".", 3, NULL};
static const struct locale_style locale_fr = {",", "\xc2\xa0", 3, NULL};
static const struct locale_style locale_ch = {",", "'", 3, NULL};
static const struct locale_style locale_in = {".", ",", 2, NULL};
static const struct locale_style locale_ar = {
    "\xd9\xab", "\xd9\xac", 3, locale_arabic};

static const struct {
	const struct locale_style *style;
	const char *names; /* blanks around each */
} locale_names[] = {
    {&locale_en, " ar-EH en-CA en-GB en-IE en-US es-MX he-IL ja-JP ko-KR "
		 "zh-CN "},
    {&locale_de, " ar-DZ ar-LY ar-MA ar-TN ca-ES de-DE es-BO es-ES it-IT "
		 "mk-MK nl-NL pl-PL pt-BR "},
    {&locale_fr, " cs-CZ fi-FI fr-CA fr-FR hu-HU ru-RU sv-SE uk-UA "},
    {&locale_ch, " de-CH "},
    {&locale_in, " en-IN "},
    {&locale_ar, " ar-001 ar-AE ar-BH ar-DJ ar-EG ar-ER ar-IL ar-IQ ar-JO "
		 "ar-KM ar-KW ar-LB ar-MR ar-OM ar-PS ar-QA ar-SA ar-SD ar-SO "
		 "ar-SS ar-SY ar-TD ar-YE "},
};

static const struct locale_style *
locale_style(const char *name, size_t len)
{
	const char *s;
	size_t i;

	if (len < 5 || len > 6)
		return &locale_en;
	for (i = 0; i < sizeof locale_names / sizeof locale_names[0]; i++)
		for (s = locale_names[i].names; (s = strchr(s, ' ')) != NULL;
		     s++)
			if (strncmp(s + 1, name, len) == 0 && s[1 + len] == ' ')
				return locale_names[i].style;
	return &locale_en;
}

static void
locale_digit(const struct locale_style *st, char c, struct buf *out)
{
	if (st->digits != NULL && isdigit((unsigned char)c))
		buf_adds(out, st->digits[c - '0']);
	else
		buf_addc(out, c);
}

/* Does a separator stand before the last `left` digits? */
static bool
locale_gap(const struct locale_style *st, size_t left)
{
	if (left == 0 || left < 3)
		return false;
	if (st->second == 3)
		return left % 3 == 0;
	/* 3 then nine groups of 2, and again */
	left %= 21;
	return left == 0 || (left >= 3 && (left - 3) % 2 == 0);
}

int
locale_number(
    double d, int digits, const char *name, size_t len, struct buf *out)
{
	const struct locale_style *st = locale_style(name, len);
	char t[NUM_FIXED];
	size_t n, whole, i;
	const char *s = t;

	n = num_fixed(fabs(d), digits, t);
	/* no minus before what rounds to 0 */
	if (d < 0 && strspn(t, "0.") != n)
		buf_addc(out, '-');
	for (whole = 0; isdigit((unsigned char)s[whole]); whole++)
		;
	for (i = 0; i < whole; i++) {
		if (i > 0 && locale_gap(st, whole - i))
			buf_adds(out, st->comma);
		locale_digit(st, s[i], out);
	}
	if (s[i] == '.') {
		buf_adds(out, st->point);
		i++;
	}
	for (; i < n; i++)
		locale_digit(st, s[i], out);
	return out->failed ? -1 : 0;
}

/* -- tags -- */

struct tag {
	const char *s;
	size_t n;
	bool alpha, digit; /* all of it */
};

static bool
locale_subtag(const char *s, size_t n, size_t *at, struct tag *t)
{
	size_t i = *at;

	if (i > n)
		return false;
	*t = (struct tag){s + i, 0, true, true};
	for (; i < n && s[i] != '-'; i++, t->n++) {
		if (!isalnum((unsigned char)s[i]))
			t->n = 100; /* nowhere allowed */
		t->alpha = t->alpha && isalpha((unsigned char)s[i]);
		t->digit = t->digit && isdigit((unsigned char)s[i]);
	}
	*at = i + 1;
	return true;
}

static bool
locale_variant(const struct tag *t)
{
	return (t->n >= 5 && t->n <= 8) ||
	       (t->n == 4 && isdigit((unsigned char)t->s[0]));
}

bool
locale_tag_ok(const char *s, size_t n)
{
	bool more, private;
	struct tag t;
	size_t at = 0, count, longest;

	if (!locale_subtag(s, n, &at, &t) || !t.alpha || t.n < 2 || t.n == 4 ||
	    t.n > 8)
		return false;
	if ((more = locale_subtag(s, n, &at, &t)) && t.n == 4 && t.alpha)
		more = locale_subtag(s, n, &at, &t);
	if (more && ((t.n == 2 && t.alpha) || (t.n == 3 && t.digit)))
		more = locale_subtag(s, n, &at, &t);
	while (more && locale_variant(&t))
		more = locale_subtag(s, n, &at, &t);
	while (more && t.n == 1) {
		private = tolower((unsigned char)t.s[0]) == 'x';
		longest = 0;
		count = 0;
		while ((more = locale_subtag(s, n, &at, &t)) &&
		       (private ? t.n >= 1 : t.n >= 2) && t.n <= 8)
			count++;
		if (count == 0 || (private && more) || longest > 8)
			return false;
	}
	return !more;
}
