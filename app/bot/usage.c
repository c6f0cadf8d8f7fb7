/* Argument patterns; see usage.h. */
#include "bot/usage.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/uni.h"

#define USAGE_NAME_MAX 40

const char *const usage_names[] = {
    "text", "word", "number", "integer", "email"};
const char *const usage_wants[] = {
    "some text", "one word", "a number", "a whole number", "an e-mail address"};

struct usage_part {
	char *name; /* of an argument, or the word itself */
	bool literal;
	bool optional;
	enum usage_type type;
};

struct usage {
	char *text;
	char *word;
	struct usage_part parts[USAGE_PARTS];
	size_t n;
};

void
usage_free(struct usage *u)
{
	if (u == NULL)
		return;
	while (u->n > 0)
		free(u->parts[--u->n].name);
	free(u->word);
	free(u->text);
	free(u);
}

const char *
usage_word(const struct usage *u)
{
	return u->word;
}

const char *
usage_text(const struct usage *u)
{
	return u->text;
}

const char *
usage_argument_at(const struct usage *u, size_t i)
{
	size_t k;

	for (k = 0; k < u->n; k++)
		if (!u->parts[k].literal && i-- == 0)
			return u->parts[k].name;
	return NULL;
}

/* -- the pattern -- */

static int
usage_type(const char *s, size_t n, enum usage_type *out)
{
	size_t i;

	for (i = 0; i < USAGE_TYPES; i++)
		if (strlen(usage_names[i]) == n &&
		    memcmp(usage_names[i], s, n) == 0) {
			*out = (enum usage_type)i;
			return 0;
		}
	return -1;
}

/* <name> or <name:type>, s[0..n) being all of it. */
static int
usage_argument(struct usage_part *p, const char *s, size_t n, struct err *e)
{
	const char *colon;
	size_t len, i;

	if (n < 3 || s[0] != '<' || s[n - 1] != '>')
		return err_set(e, ERR_PERM,
		    "%.*s: an argument is written <name> or [<name>]", (int)n,
		    s);
	s++;
	n -= 2;
	colon = memchr(s, ':', n);
	len = colon == NULL ? n : (size_t)(colon - s);
	for (i = 0; i < len && (isalnum((unsigned char)s[i]) || s[i] == '_');
	     i++)
		;
	if (i < len || len == 0 || len > USAGE_NAME_MAX ||
	    isdigit((unsigned char)*s))
		return err_set(e, ERR_PERM,
		    "%.*s: a name has letters, digits and _", (int)len, s);
	if (colon != NULL && usage_type(colon + 1, n - len - 1, &p->type) == -1)
		return err_set(e, ERR_PERM,
		    "%.*s: no such type; one of: text word number integer "
		    "email",
		    (int)(n - len - 1), colon + 1);
	return (p->name = strndup(s, len)) == NULL ? err_nomem(e) : 0;
}

/* A word that stands for itself has none of the marks. */
static bool
usage_is_marked(const char *s, size_t n)
{
	while (n-- > 0)
		if (strchr("<>[]", s[n]) != NULL)
			return true;
	return false;
}

static int
usage_part(struct usage *u, const char *s, size_t n, struct err *e)
{
	struct usage_part *p = &u->parts[u->n];
	size_t i;

	if (u->n == USAGE_PARTS)
		return err_set(
		    e, ERR_PERM, "more than %d arguments", USAGE_PARTS);
	if (*s == '[' && s[n - 1] == ']') {
		p->optional = true;
		s++;
		n -= 2;
	} else if (u->n > 0 && p[-1].optional) {
		return err_set(e, ERR_PERM,
		    "%.*s: what follows an optional argument must be optional",
		    (int)n, s);
	}
	if (n == 0 || (*s != '<' && (p->optional || usage_is_marked(s, n))))
		return err_set(e, ERR_PERM,
		    "%.*s: an argument is written <name> or [<name>]", (int)n,
		    s);
	p->literal = *s != '<';
	if (p->literal)
		p->name = strndup(s, n);
	else if (usage_argument(p, s, n, e) == -1)
		return -1;
	if (p->name == NULL)
		return err_nomem(e);
	for (i = 0; i < u->n && !p->literal; i++)
		if (!u->parts[i].literal &&
		    strcasecmp(u->parts[i].name, p->name) == 0) {
			err_set(e, ERR_PERM, "<%s> is there twice", p->name);
			free(p->name);
			return -1;
		}
	u->n++;
	return 0;
}

struct usage *
usage_new(const char *pattern, struct err *e)
{
	struct usage *u = calloc(1, sizeof *u);
	const char *s = pattern;
	size_t n;

	if (u == NULL || (u->text = strdup(pattern)) == NULL)
		goto nomem;
	while (*(s += strspn(s, " \t")) != '\0') {
		n = strcspn(s, " \t");
		if (u->word != NULL) {
			if (usage_part(u, s, n, e) == -1)
				goto fail;
		} else if (*s == '<' || *s == '[') {
			err_set(e, ERR_PERM,
			    "it must begin with the command's word");
			goto fail;
		} else if ((u->word = strndup(s, n)) == NULL) {
			goto nomem;
		}
		s += n;
	}
	if (u->word != NULL)
		return u;
	err_set(e, ERR_PERM, "it is empty");
	goto fail;
nomem:
	err_nomem(e);
fail:
	usage_free(u);
	return NULL;
}

/* -- arguments -- */

/* The next word or quoted text; *s moves on.  NULL: the end, or memory. */
static const char *
usage_next(const char **s, struct arena *a)
{
	const char *from, *end;

	*s += strspn(*s, " \t\r\n");
	if (**s == '\0')
		return NULL;
	if (**s == '"' && (end = strchr(*s + 1, '"')) != NULL &&
	    (end[1] == '\0' || isspace((unsigned char)end[1]))) {
		from = *s + 1;
		*s = end + 1;
	} else {
		from = *s;
		end = from + strcspn(from, " \t\r\n");
		*s = end;
	}
	return arena_strndup(a, from, (size_t)(end - from));
}

/* All that is left, outer blanks cut; quotes around all of it go. */
static const char *
usage_rest(const char **s, struct arena *a)
{
	const char *from = *s + strspn(*s, " \t\r\n");
	size_t n = strlen(from);

	while (n > 0 && isspace((unsigned char)from[n - 1]))
		n--;
	*s += strlen(*s);
	if (n > 1 && from[0] == '"' &&
	    memchr(from + 1, '"', n - 1) == from + n - 1) {
		from++;
		n -= 2;
	}
	return arena_strndup(a, from, n);
}

static bool
usage_is_email(const char *s)
{
	const char *at = strchr(s, '@');

	return at != NULL && at > s && at[1] != '\0' &&
	       strchr(at + 1, '@') == NULL && strpbrk(s, " \t\"<>,;") == NULL;
}

bool
usage_value(enum usage_type type, const char *s, struct val *out)
{
	char *end;
	double d;

	*out = val_str(s);
	switch (type) {
	case USAGE_NUMBER:
	case USAGE_INTEGER:
		if (s[strspn(s, "+-.0123456789eE")] != '\0')
			return false;
		d = strtod(s, &end);
		if (*s == '\0' || *end != '\0' || d > 1e15 || d < -1e15 ||
		    (type == USAGE_INTEGER && d != (double)(long long)d))
			return false;
		*out = val_num(d);
		return true;
	case USAGE_EMAIL:
		return usage_is_email(s);
	case USAGE_WORD:
		return *s != '\0' && strpbrk(s, " \t\r\n") == NULL;
	default:
		return *s != '\0';
	}
}

static int
usage_wrong(const struct usage_part *p, const char *s, struct arena *a,
    const char **why, struct err *e)
{
	if (p->literal)
		*why = arena_printf(a, "the word %s is missing", p->name);
	else if (s == NULL)
		*why = arena_printf(a, "<%s> is missing", p->name);
	else
		*why = arena_printf(
		    a, "<%s> must be %s", p->name, usage_wants[p->type]);
	return *why == NULL ? err_nomem(e) : 0;
}

int
usage_match(const struct usage *u, const char *args, struct arena *a,
    struct val_obj *out, const char **why, struct err *e)
{
	const char *s = args, *text;
	struct val v;
	size_t i;

	for (i = 0; i < u->n; i++) {
		const struct usage_part *p = &u->parts[i];
		bool left = s[strspn(s, " \t\r\n")] != '\0';

		if (!left && p->optional)
			return 1;
		text = !left ? NULL
		       : i + 1 == u->n && !p->literal && p->type == USAGE_TEXT
			   ? usage_rest(&s, a)
			   : usage_next(&s, a);
		if (left && text == NULL)
			return err_nomem(e);
		if (text == NULL ||
		    (p->literal ? !uni_ieq(text, strlen(text), p->name,
				      strlen(p->name))
				: !usage_value(p->type, text, &v)))
			return usage_wrong(p, text, a, why, e);
		if (!p->literal && val_puts(a, out, p->name, v) == -1)
			return err_nomem(e);
	}
	if (s[strspn(s, " \t\r\n")] == '\0')
		return 1;
	*why = "there is more than that";
	return 0;
}
