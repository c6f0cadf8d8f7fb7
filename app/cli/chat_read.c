/* Reading a chat script; see chat.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/re.h"
#include "base/str.h"
#include "cli/chat.h"

#define CHAT_ARENA_MAX (64u << 20)
#define CHAT_LINES_MAX 100000

/* While one line is read. */
struct chat_in {
	struct chat_script *s;
	struct chat_line *l;
	const char *p; /* what is left of the line */
	struct err *e;
};

static int
chat_bad(struct chat_in *in, const char *what, const char *text)
{
	return err_set(in->e, ERR_PERM, "%s:%d: %s%s%.80s", in->s->path,
	    in->l->line, what, *text == '\0' ? "" : ": ", text);
}

static const char *
chat_keep(struct chat_in *in, const char *p, size_t n)
{
	const char *s = arena_strndup(in->s->arena, p, n);

	if (s == NULL)
		err_nomem(in->e);
	return s;
}

static void
chat_blanks(struct chat_in *in)
{
	in->p += strspn(in->p, " \t");
}

/* The next word if it is this one. */
static bool
chat_is(struct chat_in *in, const char *word)
{
	size_t n = strlen(word);

	chat_blanks(in);
	if (strncmp(in->p, word, n) != 0 ||
	    (in->p[n] != '\0' && !isspace((unsigned char)in->p[n])))
		return false;
	in->p += n;
	return true;
}

/* A word, or a text in double quotes as in JSON; NULL: `e` is set. */
static const char *
chat_word(struct chat_in *in, const char *what)
{
	const char *s = NULL;
	struct json *j;
	size_t n;

	chat_blanks(in);
	if (*in->p != '"') {
		if ((n = strcspn(in->p, " \t")) == 0) {
			chat_bad(in, what, "missing");
			return NULL;
		}
		s = chat_keep(in, in->p, n);
		in->p += n;
		return s;
	}
	for (n = 1; in->p[n] != '\0' && in->p[n] != '"'; n++)
		if (in->p[n] == '\\' && in->p[n + 1] != '\0')
			n++;
	j = in->p[n] == '\0' ? NULL : json_parse(in->p, n + 1, NULL);
	if (json_str(j) == NULL)
		chat_bad(in, what, "a quote without its end");
	else
		s = chat_keep(in, json_str(j), strlen(json_str(j)));
	in->p += j == NULL ? 0 : n + 1;
	json_free(j);
	return s;
}

/* All that is left, blanks around it cut. */
static const char *
chat_rest(struct chat_in *in)
{
	size_t n;

	chat_blanks(in);
	for (n = strlen(in->p); n > 0 && isspace((unsigned char)in->p[n - 1]);
	     n--)
		;
	return chat_keep(in, in->p, n);
}

static int
chat_object(struct chat_in *in)
{
	struct err why = ERR_INIT;
	struct json *j;

	if ((in->l->text = chat_rest(in)) == NULL)
		return -1;
	j = json_parse_str(in->l->text, &why);
	if (json_kind(j) != JSON_OBJECT)
		chat_bad(in, "an object is needed", why.text);
	json_free(j);
	return in->e->kind == ERR_NONE ? 0 : -1;
}

/* -- what is expected -- */

static int
chat_contains(struct chat_in *in)
{
	struct chat_line *l = in->l;

	while (chat_is(in, "contains")) {
		if (l->ncontains == CHAT_CONTAINS_MAX)
			return chat_bad(in, "too many contains", "");
		l->contains[l->ncontains] = chat_word(in, "contains");
		if (l->contains[l->ncontains++] == NULL)
			return -1;
	}
	chat_blanks(in);
	return *in->p == '\0' ? 0 : chat_bad(in, "what is that", in->p);
}

/* /PATTERN/ */
static int
chat_pattern(struct chat_in *in)
{
	struct err why = ERR_INIT;
	const char *s = chat_rest(in);
	struct re *re;
	size_t n;

	if (s == NULL)
		return -1;
	if ((n = strlen(s)) < 3 || s[0] != '/' || s[n - 1] != '/')
		return chat_bad(in, "matches needs /PATTERN/", s);
	if ((in->l->text = chat_keep(in, s + 1, n - 2)) == NULL)
		return -1;
	if ((re = re_new(in->l->text, NULL, &why)) == NULL)
		return chat_bad(in, "the pattern", why.text);
	re_free(re);
	return 0;
}

static int
chat_want(struct chat_in *in)
{
	struct chat_line *l = in->l;

	l->edited = chat_is(in, "edited");
	if (chat_is(in, "nothing")) {
		l->kind = CHAT_NOTHING;
		return chat_contains(in);
	}
	if (chat_is(in, "deleted")) {
		l->kind = CHAT_DELETED;
		return chat_contains(in);
	}
	if (chat_is(in, "matches")) {
		l->kind = CHAT_MATCHES;
		return chat_pattern(in);
	}
	if (chat_is(in, "card")) {
		l->kind = CHAT_CARD;
		chat_blanks(in);
		l->text = "";
		if (*in->p != '\0' && !str_prefix(in->p, "contains ") &&
		    (l->text = chat_word(in, "card")) == NULL)
			return -1;
		return chat_contains(in);
	}
	chat_blanks(in);
	if (str_prefix(in->p, "contains ")) {
		l->kind = CHAT_CONTAINS;
		return chat_contains(in);
	}
	l->kind = CHAT_TEXT;
	if (*in->p == '"') {
		l->text = chat_word(in, "text");
		return l->text == NULL ? -1 : chat_contains(in);
	}
	return (l->text = chat_rest(in)) == NULL ? -1 : 0;
}

static int
chat_bot(struct chat_in *in, const struct chat_line *last)
{
	struct chat_line *l = in->l;

	l->verb = CHAT_BOT;
	if (last != NULL) {
		l->who = last->who;
		l->room = last->room;
	}
	for (;;) {
		if (chat_is(in, "in")) {
			if ((l->room = chat_word(in, "in")) == NULL)
				return -1;
		} else if (chat_is(in, "to")) {
			l->room = NULL;
			if ((l->who = chat_word(in, "to")) == NULL)
				return -1;
		} else if (chat_is(in, "thread")) {
			l->thread = true;
		} else {
			break;
		}
	}
	if (!chat_is(in, "<"))
		return chat_bad(in, "bot: a < is missing", in->p);
	if (l->who == NULL && l->room == NULL)
		return chat_bad(in, "nobody has said anything yet", "");
	return chat_want(in);
}

/* -- what people do -- */

static int
chat_sends(struct chat_in *in)
{
	in->l->verb = CHAT_SEND;
	if ((in->l->name = chat_word(in, "sends")) == NULL)
		return -1;
	chat_blanks(in);
	if (str_prefix(in->p, "saying \"")) {
		chat_is(in, "saying");
		if ((in->l->saying = chat_word(in, "saying")) == NULL)
			return -1;
	}
	return (in->l->text = chat_rest(in)) == NULL ? -1 : 0;
}

static int
chat_moves(struct chat_in *in, enum chat_verb verb, const char *way)
{
	in->l->verb = verb;
	if (!chat_is(in, "bot") || !chat_is(in, way))
		return chat_bad(in, "adds bot to, or removes bot from", in->p);
	return (in->l->room = chat_word(in, way)) == NULL ? -1 : 0;
}

static int
chat_person(struct chat_in *in)
{
	struct chat_line *l = in->l;

	if ((l->who = chat_word(in, "who")) == NULL)
		return -1;
	if (strchr(l->who, '@') == NULL)
		return chat_bad(
		    in, "neither an address nor a word of scripts", l->who);
	for (;;) {
		if (chat_is(in, "in")) {
			if ((l->room = chat_word(in, "in")) == NULL)
				return -1;
		} else if (chat_is(in, "thread")) {
			l->thread = true;
		} else if (chat_is(in, "aside")) {
			l->aside = true;
		} else {
			break;
		}
	}
	if (chat_is(in, ">"))
		return (l->text = chat_rest(in)) == NULL ? -1 : 0;
	if (chat_is(in, "submits")) {
		l->verb = CHAT_SUBMIT;
		return chat_object(in);
	}
	if (chat_is(in, "presses")) {
		l->verb = CHAT_SUBMIT;
		if ((l->name = chat_word(in, "presses")) == NULL)
			return -1;
		chat_blanks(in);
		return *in->p == '\0' ? 0 : chat_object(in);
	}
	if (chat_is(in, "sends"))
		return chat_sends(in);
	if (chat_is(in, "adds"))
		return chat_moves(in, CHAT_ADD, "to");
	if (chat_is(in, "removes"))
		return chat_moves(in, CHAT_REMOVE, "from");
	return chat_bad(in, "does what", in->p);
}

/* -- the rest -- */

static int
chat_wait(struct chat_in *in)
{
	const char *s = chat_word(in, "wait");
	long long ms;

	if (s == NULL)
		return -1;
	if (str_ms(s, &ms) == -1 || ms > 1LL << 30)
		return chat_bad(in, "wait: no time such as 10s", s);
	in->l->ms = ms;
	return 0;
}

static int
chat_named(struct chat_in *in, const char **first, const char **second)
{
	if ((*first = chat_word(in, "a name")) == NULL)
		return -1;
	return (*second = chat_word(in, "a value")) == NULL ? -1 : 0;
}

static int
chat_parse(struct chat_in *in, const struct chat_line *last)
{
	struct chat_line *l = in->l;

	if (chat_is(in, "bot"))
		return chat_bot(in, last);
	if (chat_is(in, "fault")) {
		l->verb = CHAT_FAULT;
		return chat_object(in);
	}
	if (chat_is(in, "options")) {
		l->verb = CHAT_OPTIONS;
		return chat_object(in);
	}
	if (chat_is(in, "wait")) {
		l->verb = CHAT_WAIT;
		return chat_wait(in);
	}
	if (chat_is(in, "cards")) {
		l->verb = CHAT_CARDS;
		return (l->text = chat_word(in, "cards")) == NULL ? -1 : 0;
	}
	if (chat_is(in, "person")) {
		l->verb = CHAT_PERSON;
		return chat_named(in, &l->who, &l->name);
	}
	if (chat_is(in, "set")) {
		l->verb = CHAT_SET;
		return chat_named(in, &l->name, &l->text);
	}
	return chat_person(in);
}

static struct chat_line *
chat_add(struct chat_script *s, int line)
{
	struct chat_line *v;
	size_t cap;

	if ((s->n & (s->n - 1)) == 0) {
		cap = s->n == 0 ? 1 : s->n * 2;
		if ((v = realloc(s->v, cap * sizeof *v)) == NULL)
			return NULL;
		s->v = v;
	}
	v = &s->v[s->n++];
	memset(v, 0, sizeof *v);
	v->line = line;
	v->lines = 1;
	return v;
}

/* "| more": one more line of the text before. */
static int
chat_more(struct chat_in *in, const char *more)
{
	struct chat_line *l = in->l;

	if (l == NULL || l->text == NULL ||
	    (l->verb != CHAT_SAY && l->verb != CHAT_SEND &&
		(l->verb != CHAT_BOT || l->kind != CHAT_TEXT)))
		return err_set(in->e, ERR_PERM,
		    "%s: a | goes on with a text, and there is none before it",
		    in->s->path);
	if (*more == ' ')
		more++;
	l->text = arena_printf(in->s->arena, "%s\n%s", l->text, more);
	l->lines++;
	return l->text == NULL ? err_nomem(in->e) : 0;
}

static int
chat_line(struct chat_in *in, const char *text, int line)
{
	const struct chat_line *last = NULL;
	size_t i;

	in->p = text;
	chat_blanks(in);
	if (*in->p == '\0' || *in->p == '#')
		return 0;
	if (*in->p == '|')
		return chat_more(in, in->p + 1);
	if (in->s->n == CHAT_LINES_MAX)
		return err_set(in->e, ERR_PERM, "%s: too long", in->s->path);
	if ((in->l = chat_add(in->s, line)) == NULL)
		return err_nomem(in->e);
	for (i = in->s->n - 1; i > 0 && last == NULL; i--)
		if (in->s->v[i - 1].who != NULL &&
		    in->s->v[i - 1].verb < CHAT_FAULT)
			last = &in->s->v[i - 1];
	return chat_parse(in, last);
}

int
chat_read(struct chat_script *s, const char *path, struct err *e)
{
	struct chat_in in = {.s = s, .e = e};
	char *copy, *at, *line;
	int n = 0, rc = 0;

	memset(s, 0, sizeof *s);
	s->path = path;
	if ((s->source = file_read(path, CHAT_FILE_MAX, NULL, e)) == NULL)
		return -1;
	s->arena = arena_new(CHAT_ARENA_MAX);
	if (s->arena == NULL || (copy = strdup(s->source)) == NULL)
		return err_nomem(e);
	at = copy;
	while (rc == 0 && (line = strsep(&at, "\n")) != NULL) {
		n++;
		line[strcspn(line, "\r")] = '\0';
		rc = chat_line(&in, line, n);
	}
	free(copy);
	return rc;
}

void
chat_done(struct chat_script *s)
{
	free(s->source);
	free(s->v);
	arena_free(s->arena);
	memset(s, 0, sizeof *s);
}
