/*
 * Settings as they are read: from the file and the environment, and what is
 * wrong or hardly meant there; see cfg.h.  Main thread, before others start,
 * but for cfg_reread.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cfg_int.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"

#define CFG_FILE_DEFAULT "webexbot.env"
#define CFG_FILE_MAX (64 * 1024)
#define CFG_TYPO 3 /* letters that may be wrong in a name of ours */

/* NAME_FILE of a secret NAME and the other way round; false: it has none. */
static bool
cfg_other(const char *name, char other[CFG_NAME_MAX])
{
	int row = cfg_row(name);

	if (row >= 0 && (cfg_rows[row].flags & CFG_SECRET))
		snprintf(other, CFG_NAME_MAX, "%s_FILE", name);
	else if (row == -1 && (row = cfg_file_row(name)) >= 0)
		snprintf(other, CFG_NAME_MAX, "%s", cfg_rows[row].name);
	else
		return false;
	return true;
}

/* Of NAME and NAME_FILE in one place NAME counts, unless it is empty. */
static bool
cfg_overruled(
    const struct cfg *c, const char *name, const char *value, bool env)
{
	char other[CFG_NAME_MAX];

	if (!cfg_other(name, other) || (cfg_row(name) >= 0 && *value != '\0'))
		return false;
	return (env ? cfg_env(other) : cfg_filed(c, other)) != NULL;
}

/* Names under our prefixes must be known; others are none of ours. */
static bool
cfg_ours(const char *name)
{
	return str_prefix(name, CFG_PREFIX) || cfg_row(name) >= 0 ||
	       cfg_file_row(name) >= 0;
}

/* A name that is none of ours, but looks as if it were meant to be. */
static bool
cfg_near(const char *name, char near[CFG_NAME_MAX])
{
	char base[CFG_NAME_MAX];
	size_t n = strlen(name);
	bool file = str_suffix(name, "_FILE");
	const char *s;

	if (!str_prefix(name, "WEBEX_") || cfg_ours(name) || n >= sizeof base)
		return false;
	snprintf(base, sizeof base, "%.*s", (int)n - (file ? 5 : 0), name);
	s = str_near(base, cfg_rows, cfg_nrows, sizeof cfg_rows[0], CFG_TYPO);
	if (s == NULL)
		return false;
	file = file && (cfg_rows[cfg_row(s)].flags & CFG_SECRET);
	snprintf(near, CFG_NAME_MAX, "%s%s", s, file ? "_FILE" : "");
	return true;
}

static int cfg_warn(struct cfg *c, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
cfg_warn(struct cfg *c, struct err *e, const char *fmt, ...)
{
	struct cfg_origin *o = c->origin;
	va_list ap;
	int n;

	if (o->nwarnings == CFG_WARNINGS)
		return 0;
	va_start(ap, fmt);
	n = vasprintf(&o->warnings[o->nwarnings], fmt, ap);
	va_end(ap);
	if (n == -1)
		return err_nomem(e);
	o->nwarnings++;
	return 0;
}

void
cfg_warnings(const struct cfg *c, cfg_told *told, void *arg)
{
	size_t i;

	for (i = 0; i < c->origin->nwarnings; i++) {
		struct err e = ERR_INIT;

		err_set(&e, ERR_PERM, "%s", c->origin->warnings[i]);
		told(arg, &e);
	}
}

/* Does the settings file hold a secret: ours, or one for bot.json? */
static bool
cfg_holds_secret(const struct cfg *c)
{
	struct map_node *n = map_first(c->origin->file);

	for (; n != NULL; n = map_next(n)) {
		const char *name = map_key(n);
		int row = cfg_row(name);

		if (*(const char *)map_value(n) != '\0' &&
		    (row >= 0 ? (cfg_rows[row].flags & CFG_SECRET) != 0
			      : !cfg_ours(name) && !str_suffix(name, "_FILE")))
			return true;
	}
	return false;
}

static void
cfg_tell_exposed(const char *path, cfg_told *told, void *arg)
{
	struct err e = ERR_INIT;
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & S_IROTH) == 0)
		return;
	err_set(&e, ERR_PERM, "%s can be read by everybody: chmod 600 %s", path,
	    path);
	told(arg, &e);
}

void
cfg_exposed(const struct cfg *c, cfg_told *told, void *arg)
{
	unsigned i;

	if (c->origin->path != NULL && cfg_holds_secret(c))
		cfg_tell_exposed(c->origin->path, told, arg);
	for (i = 0; i < cfg_nrows; i++)
		if (str_prefix(cfg_origin(c, i), "file "))
			cfg_tell_exposed(cfg_origin(c, i) + 5, told, arg);
}

/* Something is wrong: the end (-1), unless all of that is to be told. */
static int
cfg_fault(struct cfg *c, struct err *e)
{
	if (c->origin->told == NULL || e->kind == ERR_BUG)
		return -1;
	c->origin->told(c->origin->arg, e);
	err_clear(e);
	return 0;
}

/* The end of a value that begins with a quote: blanks or a comment follow. */
static char *
cfg_closing(char *value)
{
	char *end = value;

	if (*value != '"' && *value != '\'')
		return NULL;
	while ((end = strchr(end + 1, *value)) != NULL) {
		const char *rest = end + 1 + strspn(end + 1, " \t");

		if (*rest == '\0' || (*rest == '#' && rest > end + 1))
			return end;
	}
	return NULL;
}

/*
 * A NAME=value line in two; quotes around the value are cut.  1; 0: a blank
 * line or a comment; -1: neither.
 */
static int
cfg_pair(char *line, char **name, char **value)
{
	char *eq, *end;

	*name = str_trim(line);
	if (str_prefix(*name, "export "))
		*name = str_trim(*name + 7);
	if (**name == '\0' || **name == '#')
		return 0;
	if ((eq = strchr(*name, '=')) == NULL || eq == *name)
		return -1;
	*eq = '\0';
	*name = str_trim(*name);
	*value = str_trim(eq + 1);
	if ((end = cfg_closing(*value)) != NULL) {
		*end = '\0';
		++*value;
	}
	return 1;
}

static int
cfg_keep(struct map *m, const char *name, const char *value, struct err *e)
{
	char *copy = strdup(value);
	void *old = NULL;

	if (copy == NULL || map_put(m, name, copy, &old) == -1) {
		free(copy);
		return err_nomem(e);
	}
	free(old);
	return 0;
}

/* What is said of a value without quotes that seems to have a comment. */
#define CFG_COMMENT "a comment may follow a quoted value only"

static bool
cfg_commented(const char *value)
{
	return value[-1] != '"' && value[-1] != '\'' &&
	       (*value == '#' || strstr(value, " #") != NULL ||
		   strstr(value, "\t#") != NULL);
}

/* Its value could not be read, nor that of its file. */
static void
cfg_set_bad(struct cfg *c, const char *name)
{
	int row = cfg_row(name);

	if (row < 0)
		row = cfg_file_row(name);
	if (row >= 0)
		c->origin->rows[row].bad = true;
}

/* A setting of the file, unless the environment wins. */
static int
cfg_line_set(struct cfg *c, const char *name, const char *value,
    const char *where, int col, struct err *e)
{
	int row = cfg_row(name);

	if (cfg_set(c, name, value, where, e) == 0) {
		if (row >= 0 && strcmp(cfg_origin_of(c, name), where) == 0)
			c->origin->rows[row].col = col;
		return 0;
	}
	cfg_set_bad(c, name);
	if (cfg_commented(value))
		err_add(e, " (" CFG_COMMENT ")");
	return err_prefix(e, "%s:%d: ", where, col);
}

/* What is not wrong, but hardly meant. */
static int
cfg_line_warn(struct cfg *c, const char *name, const char *value,
    const char *where, int col, struct err *e)
{
	char near[CFG_NAME_MAX];

	if (cfg_near(name, near) &&
	    cfg_warn(c, e, "%s:%d: %s: no such setting, did you mean %s?",
		where, col, name, near) == -1)
		return -1;
	return cfg_commented(value)
		   ? cfg_warn(c, e, "%s:%d: %s: " CFG_COMMENT, where, col, name)
		   : 0;
}

/* One line of the settings file. */
static int
cfg_line(struct cfg *c, char *line, const char *where, struct err *e)
{
	char *name, *value, other[CFG_NAME_MAX];
	int rc = cfg_pair(line, &name, &value), col = (int)(name - line) + 1;

	if (rc == -1)
		return err_set(
		    e, ERR_PERM, "%s:%d: not a NAME=value line", where, col);
	if (rc == 0)
		return 0;
	if (cfg_keep(c->origin->file, name, value, e) == -1)
		return -1;
	if (cfg_ours(name) && cfg_env(name) == NULL &&
	    !(cfg_other(name, other) && cfg_env(other) != NULL) &&
	    !cfg_overruled(c, name, value, false) &&
	    cfg_line_set(c, name, value, where, col, e) == -1)
		return -1;
	return cfg_line_warn(c, name, value, where, col, e);
}

/* Each line of a text, which is written to; they are counted from 1. */
static char *
cfg_next_line(char **at)
{
	char *line = *at, *end;

	if (line == NULL)
		return NULL;
	if ((end = strchr(line, '\n')) != NULL)
		*end++ = '\0';
	*at = end;
	return line;
}

/* Editors of Windows put a byte order mark before the first line. */
static char *
cfg_first_line(char *text)
{
	return str_prefix(text, "\xef\xbb\xbf") ? text + 3 : text;
}

static int
cfg_read_file(struct cfg *c, const char *path, struct err *e)
{
	char *text, *line, *at, *where = NULL;
	int n = 0, rc = 0;

	if ((text = file_read(path, CFG_FILE_MAX, NULL, e)) == NULL)
		return -1;
	at = cfg_first_line(text);
	if ((c->origin->path = strdup(path)) == NULL)
		rc = err_nomem(e);
	while (rc == 0 && (line = cfg_next_line(&at)) != NULL) {
		if (asprintf(&where, "%s:%d", path, ++n) == -1) {
			rc = err_nomem(e);
			break;
		}
		if (cfg_line(c, line, where, e) == -1)
			rc = cfg_fault(c, e);
		free(where);
	}
	free(text);
	return rc;
}

static int
cfg_read_env(struct cfg *c, struct err *e)
{
	char **env, *eq, name[CFG_NAME_MAX], near[CFG_NAME_MAX];
	size_t n;

	for (env = environ; *env != NULL; env++) {
		if ((eq = strchr(*env, '=')) == NULL)
			continue;
		n = (size_t)(eq - *env);
		if (n >= sizeof name)
			continue;
		memcpy(name, *env, n);
		name[n] = '\0';
		if (cfg_near(name, near) &&
		    cfg_warn(c, e, "%s: no such setting, did you mean %s?",
			name, near) == -1)
			return -1;
		/* an empty one takes nothing away from the file */
		if (cfg_unset(name, eq + 1) &&
		    strcmp(cfg_origin_of(c, name), "default") != 0)
			continue;
		if (!cfg_ours(name) || cfg_overruled(c, name, eq + 1, true) ||
		    cfg_set(c, name, eq + 1, "environment", e) == 0)
			continue;
		cfg_set_bad(c, name);
		if (cfg_fault(c, e) == -1)
			return -1;
	}
	return 0;
}

/* What `webexbot webhooks apply` made when it was told no file. */
static int
cfg_default_secret(struct cfg *c, struct err *e)
{
	int row = cfg_row("WEBEX_WEBHOOK_SECRET");

	if (*c->webhook_secret != '\0' ||
	    str_prefix(cfg_origin(c, (unsigned)row), "file ") ||
	    access(CFG_SECRET_DEFAULT, F_OK) == -1)
		return 0;
	return cfg_set_file(c, (unsigned)row, "WEBEX_WEBHOOK_SECRET_FILE",
	    CFG_SECRET_DEFAULT, e);
}

struct cfg *
cfg_load_told(const char *env_file, cfg_told *told, void *arg, struct err *e)
{
	struct cfg *c;

	if ((c = cfg_new(e)) == NULL)
		return NULL;
	c->origin->told = told;
	c->origin->arg = arg;
	if (env_file == NULL && access(CFG_FILE_DEFAULT, F_OK) == 0)
		env_file = CFG_FILE_DEFAULT;
	if (env_file != NULL && cfg_read_file(c, env_file, e) == -1)
		goto fail;
	if (cfg_read_env(c, e) == -1 ||
	    (cfg_default_secret(c, e) == -1 && cfg_fault(c, e) == -1))
		goto fail;
	c->origin->told = NULL;
	c->origin->arg = NULL;
	return c;
fail:
	cfg_free(c);
	return NULL;
}

struct cfg *
cfg_load(const char *env_file, struct err *e)
{
	return cfg_load_told(env_file, NULL, NULL, e);
}

/* Not one that a command has set for itself. */
static bool
cfg_from_outside(const struct cfg_from *from)
{
	return from->col > 0 || str_eq(from->text, "default") ||
	       str_eq(from->text, "environment") ||
	       (from->text != NULL && str_prefix(from->text, "file "));
}

char *
cfg_webhook_secret(const struct cfg *c, struct err *e)
{
	static const char name[] = "WEBEX_WEBHOOK_SECRET";
	char *s;

	if (!cfg_from_outside(&c->origin->rows[cfg_row(name)]))
		return strdup(c->webhook_secret);
	s = cfg_secret(c, name, e);
	if (s == NULL && e->kind == ERR_NONE &&
	    access(CFG_SECRET_DEFAULT, F_OK) == 0)
		s = cfg_read_secret(CFG_SECRET_DEFAULT, e);
	return s;
}

/* Is read again without a restart. */
static bool
cfg_is_live(const char *name)
{
	return strcmp(name, "WEBEX_ACCESS_TOKEN") == 0 ||
	       strcmp(name, "WEBEX_WEBHOOK_SECRET") == 0;
}

/* What only a restart takes. */
static void
cfg_tell_changed(
    const struct cfg *c, const struct cfg *fresh, cfg_told *told, void *arg)
{
	const struct cfg_from *was = c->origin->rows;
	const struct cfg_from *is = fresh->origin->rows;
	unsigned i;

	for (i = 0; i < cfg_nrows; i++) {
		struct err e = ERR_INIT;

		if (!cfg_from_outside(&was[i]) || is[i].bad ||
		    cfg_same(c, fresh, i) || cfg_is_live(cfg_rows[i].name))
			continue;
		err_set(&e, ERR_PERM,
		    "%s has changed: takes effect after a restart",
		    cfg_rows[i].name);
		told(arg, &e);
	}
}

static void
cfg_told_nobody(void *arg, const struct err *e)
{
	(void)arg;
	(void)e;
}

int
cfg_reread(const struct cfg *c, cfg_told *told, void *arg, struct err *e)
{
	struct cfg_origin *o = c->origin;
	struct cfg *fresh;
	struct map *old;

	if (o->path == NULL)
		return 0;
	if (told == NULL)
		told = cfg_told_nobody;
	if ((fresh = cfg_load_told(o->path, told, arg, e)) == NULL)
		return -1;
	cfg_tell_changed(c, fresh, told, arg);
	pthread_mutex_lock(&o->lock);
	old = o->file;
	o->file = fresh->origin->file;
	pthread_mutex_unlock(&o->lock);
	fresh->origin->file = old;
	cfg_free(fresh);
	return 0;
}
