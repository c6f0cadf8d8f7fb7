/* JavaScript regular expressions; see jsre.h. */
#include "card/jsre.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/uni.h"

#define JSRE_PATTERN_MAX 16384
#define JSRE_MAX (JSRE_PATTERN_MAX * 256) /* one \\S in a class is 200 */
#define JSRE_ENDS "\\n\\r\\x{2028}\\x{2029}"
#define JSRE_SPACE                                                             \
	"\\s\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}"    \
	"\\x{205f}\\x{3000}\\x{feff}"
#define JSRE_NO_SPACE                                                          \
	"\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}"          \
	"\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}"            \
	"\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}"            \
	"\\x{ff00}-\\x{10ffff}"

struct jsre {
	const char *s;
	size_t n, i;
	bool common;
	bool multi, dotall; /* flags m and s */
	unsigned open;      /* groups */
	bool atom;          /* a quantifier may follow */
	struct buf *out;
	struct err *e;
};

static int
jsre_bad(struct jsre *j, const char *what)
{
	return err_set(j->e, ERR_PERM, "%s at character %zu", what, j->i + 1);
}

static bool
jsre_at(const struct jsre *j, const char *word)
{
	size_t n = strlen(word);

	return j->n - j->i >= n && memcmp(j->s + j->i, word, n) == 0;
}

static void
jsre_char(struct jsre *j, uint32_t cp)
{
	if (cp < 0x80 && isalnum((int)cp))
		buf_addc(j->out, (char)cp);
	else
		buf_addf(j->out, "\\x{%x}", (unsigned)cp);
}

/* Up to `most` digits of `base` from i on. */
static size_t
jsre_digits(const struct jsre *j, size_t i, int base, size_t most)
{
	size_t k = 0;

	while (k < most && i + k < j->n &&
	       (base == 8       ? j->s[i + k] >= '0' && j->s[i + k] <= '7'
		   : base == 10 ? isdigit((unsigned char)j->s[i + k]) != 0
				: isxdigit((unsigned char)j->s[i + k]) != 0))
		k++;
	return k;
}

static uint32_t
jsre_value(const struct jsre *j, size_t i, size_t len, int base)
{
	char t[8] = "";

	memcpy(t, j->s + i, len < 7 ? len : 7);
	return (uint32_t)strtoul(t, NULL, base);
}

/* \d and its like; they may stand in a class. */
static bool
jsre_class_escape(struct jsre *j, char c, bool in)
{
	if (strchr("dDwW", c) != NULL)
		buf_addf(j->out, "\\%c", c);
	else if (c == 's')
		buf_adds(j->out, in ? JSRE_SPACE : "[" JSRE_SPACE "]");
	else if (c == 'S')
		buf_adds(j->out, in ? JSRE_NO_SPACE : "[^" JSRE_SPACE "]");
	else
		return false;
	return true;
}

/* \12, \123: a character; in the full language \1 may refer back. */
static int
jsre_number_escape(struct jsre *j, bool in)
{
	size_t octal = jsre_digits(j, j->i + 1, 8, 3), dec;

	dec = jsre_digits(j, j->i + 1, 10, 2);
	if (!j->common && !in && j->s[j->i + 1] != '0') {
		buf_addf(j->out, "(?:\\g{%u})",
		    (unsigned)jsre_value(j, j->i + 1, dec, 10));
		j->i += 1 + dec;
		return 0;
	}
	if (octal == 3 && j->s[j->i + 1] > '3')
		octal = 2;
	if (octal < 2 && !(octal == 1 && !j->common))
		return jsre_bad(j, "a back reference");
	jsre_char(j, jsre_value(j, j->i + 1, octal, 8));
	j->i += 1 + octal;
	return 0;
}

/* \b \B \k<name>: of the full language only. */
static bool
jsre_full_escape(struct jsre *j, char c, bool in)
{
	size_t end;

	if (j->common)
		return false;
	if (c == 'b' && in) {
		buf_adds(j->out, "\\x{8}");
	} else if (!in && (c == 'b' || c == 'B')) {
		buf_addf(j->out, "\\%c", c);
	} else if (c == 'u' && jsre_digits(j, j->i + 2, 16, 4) == 4) {
		jsre_char(j, jsre_value(j, j->i + 2, 4, 16));
		j->i += 4;
	} else if (c == 'k' && j->i + 2 < j->n && j->s[j->i + 2] == '<') {
		for (end = j->i + 3; end < j->n && j->s[end] != '>'; end++)
			;
		if (end == j->n)
			return false;
		buf_adds(j->out, "\\k{");
		buf_add(j->out, j->s + j->i + 3, end - j->i - 3);
		buf_addc(j->out, '}');
		j->i = end - 1;
	} else {
		return false;
	}
	j->i += 2;
	return true;
}

static int
jsre_escape(struct jsre *j, bool in)
{
	static const char *const named = "ntrfv", *const what = "\n\t\r\f\v";
	const char *at;
	uint32_t cp;
	size_t k;
	char c;

	if (j->i + 1 >= j->n)
		return jsre_bad(j, "a lone backslash");
	c = j->s[j->i + 1];
	if (jsre_full_escape(j, c, in))
		return 0;
	if (isdigit((unsigned char)c) && (c < '8' || !in || j->common))
		return jsre_number_escape(j, in);
	if (jsre_class_escape(j, c, in)) {
		j->i += 2;
		return 0;
	}
	if (c == 'x' && jsre_digits(j, j->i + 2, 16, 2) == 2) {
		jsre_char(j, jsre_value(j, j->i + 2, 2, 16));
		j->i += 4;
		return 0;
	}
	if (c == 'c' && j->i + 2 < j->n &&
	    isalpha((unsigned char)j->s[j->i + 2])) {
		jsre_char(j, (uint32_t)j->s[j->i + 2] & 31);
		j->i += 3;
		return 0;
	}
	if ((at = strchr(named, c)) != NULL && c != '\0' &&
	    !(j->common && c == 'v')) {
		jsre_char(j, (uint32_t)what[at - named]);
		j->i += 2;
		return 0;
	}
	/* \a \e \p are letters to JavaScript; others the subset refuses */
	if (j->common && isalpha((unsigned char)c) && strchr("aepP", c) == NULL)
		return jsre_bad(j, "an escape that is not supported");
	if (j->common && (c == 'p' || c == 'P') &&
	    (j->i + 2 >= j->n || j->s[j->i + 2] != '{'))
		return jsre_bad(j, "an escape that is not supported");
	k = uni_next(j->s + j->i + 1, j->n - j->i - 1, &cp);
	jsre_char(j, cp);
	j->i += 1 + k;
	return 0;
}

/* Does \d or its like come, which bounds no range? */
static bool
jsre_at_set(const struct jsre *j)
{
	return jsre_at(j, "\\") && j->i + 1 < j->n &&
	       strchr("dDwWsS", j->s[j->i + 1]) != NULL;
}

static int
jsre_class_atom(struct jsre *j)
{
	uint32_t cp;

	if (j->s[j->i] == '\\')
		return jsre_escape(j, true);
	j->i += uni_next(j->s + j->i, j->n - j->i, &cp);
	jsre_char(j, cp);
	return 0;
}

/* One atom, or two with a - between them: a range, unless one is a set. */
static int
jsre_class_range(struct jsre *j)
{
	bool set = jsre_at_set(j);

	if (jsre_class_atom(j) == -1)
		return -1;
	if (!jsre_at(j, "-") || jsre_at(j, "-]") || j->i + 1 == j->n)
		return 0;
	j->i++;
	buf_adds(j->out, set || jsre_at_set(j) ? "\\-" : "-");
	return jsre_class_atom(j);
}

static int
jsre_class(struct jsre *j)
{
	j->i++;
	if (jsre_at(j, "^]")) { /* anything at all */
		buf_adds(j->out, "[\\x{0}-\\x{10ffff}]");
		j->i += 2;
		return 0;
	}
	if (jsre_at(j, "]")) {
		if (j->common)
			return jsre_bad(j, "an empty class [ ]");
		buf_adds(j->out, "(?!)");
		j->i++;
		return 0;
	}
	buf_addc(j->out, '[');
	if (jsre_at(j, "^")) {
		buf_addc(j->out, '^');
		j->i++;
	}
	while (j->i < j->n && j->s[j->i] != ']')
		if (jsre_class_range(j) == -1)
			return -1;
	if (j->i == j->n)
		return jsre_bad(j, "the ] of a class is missing");
	j->i++;
	return buf_addc(j->out, ']');
}

static int
jsre_group(struct jsre *j)
{
	static const char *const looks[] = {"(?=", "(?!", "(?<=", "(?<!"};
	const char *open = "(";
	size_t k, name = 0;

	if (jsre_at(j, "(?:"))
		open = "(?:";
	else if (jsre_at(j, "(?<") && !jsre_at(j, "(?<=") &&
		 !jsre_at(j, "(?<!"))
		open = "(?<";
	for (k = 0; k < 4; k++)
		if (jsre_at(j, looks[k]))
			open = looks[k];
	if (j->common && strlen(open) > 1 &&
	    (strchr(open, '=') != NULL || strchr(open, '!') != NULL))
		return jsre_bad(j, "look-around");
	if (strcmp(open, "(") == 0 && jsre_at(j, "(?"))
		return jsre_bad(j, "a group that is not supported");
	buf_adds(j->out, open);
	j->i += strlen(open);
	if (strcmp(open, "(?<") == 0) {
		while (j->i + name < j->n &&
		       (isalnum((unsigned char)j->s[j->i + name]) ||
			   j->s[j->i + name] == '_'))
			name++;
		if (name == 0 || isdigit((unsigned char)j->s[j->i]) ||
		    j->i + name == j->n || j->s[j->i + name] != '>')
			return jsre_bad(j, "the name of a group");
		buf_add(j->out, j->s + j->i, name + 1);
		j->i += name + 1;
	}
	j->open++;
	return 0;
}

/* {2}, {2,}, {2,3} at i: its length; 0: these are plain characters. */
static size_t
jsre_count(const struct jsre *j)
{
	size_t a = jsre_digits(j, j->i + 1, 10, 9), i = j->i + 1 + a;

	if (a == 0)
		return 0;
	if (i < j->n && j->s[i] == ',')
		i += 1 + jsre_digits(j, i + 1, 10, 9);
	return i < j->n && j->s[i] == '}' ? i + 1 - j->i : 0;
}

static int
jsre_quantifier(struct jsre *j, size_t len)
{
	if (!j->atom)
		return jsre_bad(j, "nothing to repeat");
	buf_add(j->out, j->s + j->i, len);
	j->i += len;
	if (j->i < j->n && j->s[j->i] == '?') {
		buf_addc(j->out, '?');
		j->i++;
	} else if (j->i < j->n && j->s[j->i] == '+') {
		return jsre_bad(j, "nothing to repeat");
	}
	j->atom = false;
	return 0;
}

static int
jsre_one(struct jsre *j)
{
	char c = j->s[j->i];
	size_t len = c == '{' ? jsre_count(j) : 1;
	uint32_t cp;
	bool atom = true;

	if (c == '*' || c == '+' || c == '?' || (c == '{' && len > 0))
		return jsre_quantifier(j, len);
	if (c == '\\') {
		if (jsre_escape(j, false) == -1)
			return -1;
	} else if (c == '[') {
		if (jsre_class(j) == -1)
			return -1;
	} else if (c == '(') {
		if (jsre_group(j) == -1)
			return -1;
		atom = false;
	} else if (c == ')') {
		if (j->open == 0)
			return jsre_bad(j, "a ) too many");
		j->open--;
		j->i++;
		buf_addc(j->out, ')');
	} else if (c == '|') {
		j->i++;
		buf_addc(j->out, '|');
		atom = false;
	} else if (c == '^') {
		j->i++;
		buf_adds(
		    j->out, j->multi ? "(?:\\A|(?<=[" JSRE_ENDS "]))" : "\\A");
		atom = false;
	} else if (c == '$') {
		j->i++;
		buf_adds(j->out, j->multi ? "(?=\\z|[" JSRE_ENDS "])" : "\\z");
		atom = false;
	} else if (c == '.') {
		j->i++;
		buf_adds(j->out,
		    j->dotall ? "[\\x{0}-\\x{10ffff}]" : "[^" JSRE_ENDS "]");
	} else {
		j->i += uni_next(j->s + j->i, j->n - j->i, &cp);
		jsre_char(j, cp);
	}
	j->atom = atom;
	return 0;
}

/* Take the first (?i), (?m) and (?s) out, wherever they stand. */
static size_t
jsre_flags(struct jsre *j, char *s, size_t n, bool *fold)
{
	static const char *const flags[] = {"(?i)", "(?m)", "(?s)"};
	bool *set[] = {fold, &j->multi, &j->dotall};
	char *at;
	size_t k;

	for (k = 0; k < 3; k++) {
		at = memmem(s, n, flags[k], 4);
		if (at == NULL)
			continue;
		*set[k] = true;
		n -= 4;
		memmove(at, at + 4, n - (size_t)(at - s));
	}
	return n;
}

static int
jsre_translate(const char *pattern, size_t n, bool common, bool fold,
    struct buf *out, struct err *e)
{
	struct jsre j = {.common = common, .out = out, .e = e};
	char *s = malloc(n + 1);
	int rc = -1;

	if (s == NULL)
		return err_nomem(e);
	memcpy(s, pattern, n);
	if (common)
		n = jsre_flags(&j, s, n, &fold);
	j.s = s;
	j.n = n;
	if (fold)
		buf_adds(out, "(?i)");
	while (j.i < n)
		if (jsre_one(&j) == -1)
			goto out;
	if (j.open > 0)
		jsre_bad(&j, "a ) is missing");
	else
		rc = out->failed ? -1 : 0;
out:
	if (out->failed)
		err_nomem(e);
	free(s);
	return rc;
}

struct re *
jsre_new(const char *s, size_t n, bool common, bool fold, struct err *e)
{
	struct re *re = NULL;
	struct buf b;

	if (n > JSRE_PATTERN_MAX) {
		err_set(e, ERR_PERM, "it is longer than %d bytes",
		    JSRE_PATTERN_MAX);
		return NULL;
	}
	buf_init(&b, JSRE_MAX);
	if (jsre_translate(s, n, common, fold, &b, e) == 0)
		re = re_new(buf_str(&b), NULL, e);
	buf_done(&b);
	return re;
}
