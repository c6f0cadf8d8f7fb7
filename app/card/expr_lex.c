/*
 * Words of the expression language, and the pieces of texts with ${ } in
 * them.  Where the reference's lexer has rules that surprise (a group in ${ }
 * may not begin with a blank), they are kept: templates depend on them.
 */
#include "card/expr_lex.h"

#include <ctype.h>
#include <string.h>

#include "base/uni.h"
#include "card/expr.h"

static bool
expr_lex_letter(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool
expr_lex_alnum(char c)
{
	return expr_lex_letter(c) || isdigit((unsigned char)c);
}

size_t
expr_lex_name(const char *s, size_t n, size_t i)
{
	if (i >= n ||
	    !(expr_lex_letter(s[i]) || strchr("#@$%", s[i]) != NULL) ||
	    s[i] == '\0')
		return i;
	i += n - i >= 2 && s[i] == '@' && s[i + 1] == '@' ? 2 : 1;
	while (i < n && expr_lex_alnum(s[i]))
		i++;
	return i;
}

size_t
expr_lex_quoted(const char *s, size_t n, size_t i)
{
	char q = s[i];
	size_t last = 0;

	/*
	 * \' is a quote inside, unless the text would never end: then the
	 * last \' ends it, as in 'C:\'.
	 */
	for (i++; i < n; i++) {
		if (s[i] == '\\' && i + 1 < n &&
		    (s[i + 1] == q || s[i + 1] == '\\')) {
			i++;
			if (s[i] == q)
				last = i + 1;
		} else if (s[i] == q) {
			return i + 1;
		}
	}
	return last;
}

/* Blanks between words: also no-break space and byte order mark. */
static size_t
expr_lex_blank(const char *s, size_t n, size_t i)
{
	for (;;) {
		if (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n'))
			i++;
		else if (n - i >= 2 && (memcmp(s + i, "\r\n", 2) == 0 ||
					   memcmp(s + i, "\xc2\xa0", 2) == 0))
			i += 2;
		else if (n - i >= 3 && memcmp(s + i, "\xef\xbb\xbf", 3) == 0)
			i += 3;
		else
			return i;
	}
}

static const struct {
	char s[3];
	unsigned char tok;
} expr_signs[] = {
    /* longer ones first */
    {"==", TOK_EQ},
    {"!=", TOK_NE},
    {"<>", TOK_LTGT},
    {"<=", TOK_LE},
    {">=", TOK_GE},
    {"=>", TOK_ARROW},
    {"&&", TOK_AND},
    {"||", TOK_OR},
    {"??", TOK_ELSE},
    {"+", TOK_ADD},
    {"-", TOK_SUB},
    {"!", TOK_NOT},
    {"^", TOK_POW},
    {"*", TOK_MUL},
    {"/", TOK_DIV},
    {"%", TOK_MOD},
    {"&", TOK_JOIN},
    {"<", TOK_LT},
    {">", TOK_GT},
    {"(", TOK_OPEN},
    {")", TOK_CLOSE},
    {"[", TOK_OPEN_LIST},
    {"]", TOK_CLOSE_LIST},
    {"{", TOK_OPEN_OBJ},
    {"}", TOK_CLOSE_OBJ},
    {".", TOK_DOT},
    {",", TOK_COMMA},
    {":", TOK_COLON},
    {"?", TOK_ASK},
    {"`", TOK_TICK},
};

static size_t
expr_lex_digits(const char *s, size_t n, size_t i)
{
	while (i < n && isdigit((unsigned char)s[i]))
		i++;
	return i;
}

static void
expr_lex_sign(struct expr_lex *l)
{
	size_t k, len;
	uint32_t cp;

	for (k = 0; k < sizeof expr_signs / sizeof expr_signs[0]; k++) {
		len = strlen(expr_signs[k].s);
		if (l->n - l->from >= len &&
		    memcmp(l->s + l->from, expr_signs[k].s, len) == 0) {
			l->tok = expr_signs[k].tok;
			l->to = l->from + len;
			return;
		}
	}
	l->tok = TOK_BAD;
	l->to = l->from + uni_next(l->s + l->from, l->n - l->from, &cp);
}

void
expr_lex_next(struct expr_lex *l, bool operand)
{
	const char *s = l->s;
	size_t i;

	i = l->from = expr_lex_blank(s, l->n, l->to);
	if (i >= l->n) {
		l->tok = TOK_END;
		l->to = i;
	} else if (isdigit((unsigned char)s[i])) {
		l->tok = TOK_NUMBER;
		l->to = expr_lex_digits(s, l->n, i);
		if (l->n - l->to >= 2 && s[l->to] == '.' &&
		    isdigit((unsigned char)s[l->to + 1]))
			l->to = expr_lex_digits(s, l->n, l->to + 1);
	} else if (s[i] == '\'' || s[i] == '"') {
		l->to = expr_lex_quoted(s, l->n, i);
		l->tok = l->to == 0 ? TOK_BAD : TOK_TEXT;
		if (l->to == 0)
			l->to = l->n;
	} else if ((l->to = expr_lex_name(s, l->n, i)) > i &&
		   !(s[i] == '%' && (!operand || l->to == i + 1))) {
		l->tok = TOK_NAME;
	} else {
		expr_lex_sign(l);
	}
}

enum expr_tok
expr_lex_peek(const struct expr_lex *l)
{
	struct expr_lex next = *l;

	expr_lex_next(&next, false);
	return next.tok;
}

/* Past the text at i; `brief`: no quote is escaped, as in ${'\'} 'x'. */
static size_t
expr_quoted(const char *s, size_t n, size_t i, bool brief)
{
	const char *end;

	if (!brief)
		return expr_lex_quoted(s, n, i);
	end = memchr(s + i + 1, s[i], n - i - 1);
	return end == NULL ? 0 : (size_t)(end - s) + 1;
}

/*
 * Past the group {name: ...} at i, which ${ } may hold; 0: it is none.
 * Groups nest; no recursion, as only the depth matters.
 */
static size_t
expr_group(const char *s, size_t n, size_t i, bool brief)
{
	unsigned depth = 0;
	size_t k;

	do {
		if (s[i] == '{') {
			depth++;
			if (i + 1 < n && s[i + 1] == '}') {
				i++;
				continue;
			}
			i++;
			if (i < n && (s[i] == '\'' || s[i] == '"'))
				k = expr_quoted(s, n, i, brief);
			else
				k = expr_lex_name(s, n, i);
			if (k <= i || k + 1 >= n || s[k] != ':' ||
			    s[k + 1] == '}')
				return 0;
			i = k + 1;
		} else if (s[i] == '}') {
			i++;
			if (--depth == 0)
				return i;
		} else if (s[i] == '\'' || s[i] == '"') {
			if ((i = expr_quoted(s, n, i, brief)) == 0)
				return 0;
		} else if (s[i] == '\n' || s[i] == '\r' || s[i] == '`') {
			return 0;
		} else {
			i++;
		}
	} while (i < n);
	return 0;
}

/* Past the ${expression} at i; 0: it is none. */
static size_t
expr_template(const char *s, size_t n, size_t i, bool brief)
{
	size_t from = i + 2;

	for (i = from; i < n;) {
		if (s[i] == '}')
			return i > from ? i + 1 : 0;
		if (s[i] == '\'' || s[i] == '"')
			i = expr_quoted(s, n, i, brief);
		else if (s[i] == '{')
			i = expr_group(s, n, i, brief);
		else if (s[i] == '\n' || s[i] == '\r' || s[i] == '`')
			return 0;
		else
			i++;
		if (i == 0)
			return 0;
	}
	return 0;
}

bool
expr_piece(const char *s, size_t n, size_t *at, struct expr_piece *p)
{
	size_t i = *at, end;

	if (i >= n)
		return false;
	p->kind = EXPR_PIECE_TEXT;
	if (s[i] == '`') {
		p->kind = EXPR_PIECE_TICK;
		p->s = s + i;
		p->n = 1;
		*at = i + 1;
		return true;
	}
	if (s[i] == '\\' && i + 1 < n && (s[i + 1] == '`' || s[i + 1] == '$')) {
		p->s = s + i + 1; /* the escaped sign itself */
		p->n = 1;
		*at = i + 2;
		return true;
	}
	if (s[i] == '$' && i + 1 < n && s[i + 1] == '{' &&
	    ((end = expr_template(s, n, i, false)) > 0 ||
		(end = expr_template(s, n, i, true)) > 0)) {
		p->kind = EXPR_PIECE_EXPR;
		p->n = end - i - 3;
		p->s = uni_trim(s + i + 2, &p->n);
		*at = end;
		return true;
	}
	p->s = s + i;
	do
		i++;
	while (i < n && s[i] != '`' && s[i] != '\\' && s[i] != '$');
	p->n = i - *at;
	*at = i;
	return true;
}
