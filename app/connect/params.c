/* Parameters of an Authorization value; see params.h. */
#include "connect/params.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *
params_scheme(const char *value, const char *scheme)
{
	size_t n = strlen(scheme);

	if (value == NULL || strncasecmp(value, scheme, n) != 0 ||
	    (value[n] != ' ' && value[n] != '\0'))
		return NULL;
	return value + n + strspn(value + n, " ");
}

static char *
params_blanks(char *s)
{
	return s + strspn(s, " \t");
}

/* A quoted text in place: *s moves behind it.  NULL: it does not end. */
static char *
params_quoted(char **s)
{
	char *start = *s + 1, *from = start, *to = start;

	for (; *from != '"'; from++) {
		if (*from == '\\')
			from++;
		if (*from == '\0')
			return NULL;
		*to++ = *from;
	}
	*s = from + 1;
	*to = '\0';
	return start;
}

/*
 * One parameter from *s on, which moves behind it and its comma.  The
 * character that ends a token is kept in *s by moving on before it is cut.
 */
static int
params_one(char **s, char **name, char **value)
{
	char *p = *s, *end;

	*name = p;
	p += strcspn(p, "=, \t\"");
	if (p == *name || *p != '=')
		return -1;
	*p++ = '\0';
	if (*p == '"') {
		if ((*value = params_quoted(&p)) == NULL)
			return -1;
		end = NULL;
	} else {
		*value = p;
		p += strcspn(p, ", \t\"");
		end = p;
	}
	p = params_blanks(p);
	if (*p != ',' && *p != '\0')
		return -1;
	*s = *p == '\0' ? p : params_blanks(p + 1);
	if (end != NULL)
		*end = '\0';
	return 0;
}

int
params_read(const char *text, struct param *table, char **own)
{
	char *s, *name, *value;
	struct param *t;
	int n = 0;

	*own = NULL;
	for (t = table; t->name != NULL; t++)
		t->value = NULL;
	if (strlen(text) > PARAMS_TEXT || (s = *own = strdup(text)) == NULL)
		return -1;
	s = params_blanks(s);
	while (*s != '\0') {
		if (*s == ',') { /* empty elements are allowed */
			s = params_blanks(s + 1);
			continue;
		}
		if (++n > PARAMS_MAX || params_one(&s, &name, &value) == -1)
			return -1;
		for (t = table; t->name != NULL; t++)
			if (strcasecmp(t->name, name) == 0) {
				if (t->value != NULL)
					return -1;
				t->value = value;
			}
	}
	return 0;
}

const char *
params_get(const struct param *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table->value == NULL ? "" : table->value;
	return "";
}
