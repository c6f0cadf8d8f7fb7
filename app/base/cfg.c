/*
 * Settings: one table, one reader; see cfg.h.  Main thread, before others
 * start, but for cfg_secret and cfg_reread.
 */
#include "base/cfg.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "base/str.h"

#define CFG_FILE_DEFAULT "webexbot.env"
#define CFG_FILE_MAX (64 * 1024)
#define CFG_NAME_MAX 128
#define CFG_SECRET_MAX (16 * 1024)
#define CFG_WARNINGS 32 /* more are not told */
#define CFG_TYPO 3      /* letters that may be wrong in a name of ours */

enum cfg_type { CFG_STR, CFG_ENUM, CFG_INT, CFG_SIZE, CFG_MS, CFG_BOOL };

struct cfg_field {
	enum cfg_type type;
	size_t offset;
};

static const struct cfg_field cfg_fields[] = {
#define SETTING(field, name, type, def, lo, hi, flags, help)                   \
	{CFG_##type, offsetof(struct cfg, field)},
#include "tbl/settings.h"
#undef SETTING
};

const struct cfg_row cfg_rows[] = {
#define SETTING(field, name, type, def, lo, hi, flags, help)                   \
	{name, def, lo, hi, help, #type, flags},
#include "tbl/settings.h"
#undef SETTING
};

const unsigned cfg_nrows = sizeof cfg_rows / sizeof cfg_rows[0];

struct cfg_origin {
	char *path;           /* of the settings file, or NULL */
	pthread_mutex_t lock; /* over `file`, once threads are there */
	struct map *file;     /* every NAME=value of the settings file */
	cfg_told *told;       /* while it is read, or NULL */
	void *arg;            /* of told */
	char *warnings[CFG_WARNINGS];
	size_t nwarnings;
	struct cfg_from {
		char *text; /* "default", "environment", a file:line */
		int col;    /* in that line; 0: it is no such place */
		bool bad;   /* what stood there could not be taken */
	} rows[];
};

static void *
cfg_at(const struct cfg *c, unsigned row)
{
	return (char *)(uintptr_t)c + cfg_fields[row].offset;
}

static int
cfg_row(const char *name)
{
	unsigned i;

	for (i = 0; i < cfg_nrows; i++)
		if (strcmp(cfg_rows[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int
cfg_parse(enum cfg_type t, const char *s, long long *out)
{
	switch (t) {
	case CFG_INT:
		return str_num(s, INT64_MIN, INT64_MAX, out);
	case CFG_SIZE:
		return str_size(s, out);
	case CFG_MS:
		return str_ms(s, out);
	default:
		return -1;
	}
}

static int
cfg_set_num(struct cfg *c, unsigned row, const char *value, struct err *e)
{
	static const char *const form[] = {[CFG_INT] = "a whole number",
	    [CFG_SIZE] = "a size such as 256k or 4m",
	    [CFG_MS] = "a time such as 500ms, 10s, 5m, 7d"};
	const struct cfg_row *r = &cfg_rows[row];
	enum cfg_type t = cfg_fields[row].type;
	long long n, lo, hi;

	if (cfg_parse(t, value, &n) == -1)
		return err_set(e, ERR_PERM, "%s: \"%s\" is not %s", r->name,
		    value, form[t]);
	if ((cfg_parse(t, r->lo, &lo) == 0 && n < lo) ||
	    (cfg_parse(t, r->hi, &hi) == 0 && n > hi))
		return err_set(e, ERR_PERM, "%s: %s is not within %s to %s",
		    r->name, value, r->lo, r->hi);
	*(long long *)cfg_at(c, row) = n;
	return 0;
}

static int
cfg_set_bool(struct cfg *c, unsigned row, const char *value, struct err *e)
{
	static const char *const words[] = {
	    "0", "1", "no", "yes", "false", "true", "off", "on"};
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_ieq(value, words[i])) {
			*(bool *)cfg_at(c, row) = i % 2;
			return 0;
		}
	return err_set(
	    e, ERR_PERM, "%s: \"%s\" is not 1 or 0", cfg_rows[row].name, value);
}

static bool
cfg_one_of(const char *value, const char *list)
{
	size_t n = strlen(value), k;

	for (; *list != '\0'; list += k + (list[k] == '|')) {
		k = strcspn(list, "|");
		if (k == n && strncmp(list, value, n) == 0)
			return true;
	}
	return false;
}

static int
cfg_set_text(struct cfg *c, unsigned row, const char *value, struct err *e)
{
	const struct cfg_row *r = &cfg_rows[row];
	char **at = cfg_at(c, row), *s;

	if (cfg_fields[row].type == CFG_ENUM && !cfg_one_of(value, r->lo))
		return err_set(e, ERR_PERM, "%s: \"%s\" is not one of %s",
		    r->name, value, r->lo);
	if ((s = strdup(value)) == NULL)
		return err_nomem(e);
	free(*at);
	*at = s;
	return 0;
}

static int
cfg_set_row(struct cfg *c, unsigned row, const char *value, const char *origin,
    struct err *e)
{
	struct cfg_from *from = &c->origin->rows[row];
	int rc;

	switch (cfg_fields[row].type) {
	case CFG_STR:
	case CFG_ENUM:
		rc = cfg_set_text(c, row, value, e);
		break;
	case CFG_BOOL:
		rc = cfg_set_bool(c, row, value, e);
		break;
	default:
		rc = cfg_set_num(c, row, value, e);
	}
	if (rc == 0 && origin != from->text) {
		free(from->text);
		from->text = strdup(origin);
		from->col = 0;
	}
	return rc;
}

/* A secret is one line: what an editor has left in it is not seen there. */
static int
cfg_check_secret(const char *path, const char *s, size_t n, struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] == '\r')
			return err_set(e, ERR_PERM,
			    "%s: holds a carriage return: save it with the "
			    "line ends of Unix",
			    path);
		else if (s[i] == '\n')
			return err_set(
			    e, ERR_PERM, "%s: holds more than one line", path);
		else if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return err_set(
			    e, ERR_PERM, "%s: holds a control character", path);
	return 0;
}

static char *
cfg_read_secret(const char *path, struct err *e)
{
	size_t n;
	char *s = file_read(path, CFG_SECRET_MAX, &n, e);

	if (s == NULL)
		return NULL;
	if (n > 0 && s[n - 1] == '\n')
		s[--n] = '\0';
	if (cfg_check_secret(path, s, n, e) == 0)
		return s;
	free(s);
	return NULL;
}

/* NAME_FILE of a secret: the row of NAME, or -1. */
static int
cfg_file_row(const char *name)
{
	char base[64];
	size_t n = strlen(name);
	int row;

	if (!str_suffix(name, "_FILE") || n - 5 >= sizeof base)
		return -1;
	memcpy(base, name, n - 5);
	base[n - 5] = '\0';
	row = cfg_row(base);
	return row >= 0 && (cfg_rows[row].flags & CFG_SECRET) ? row : -1;
}

/*
 * A secret's file that is not there leaves it unset, for the registration
 * makes one; who needs the secret says so, naming the origin.
 */
static int
cfg_set_file(struct cfg *c, unsigned row, const char *name, const char *path,
    struct err *e)
{
	bool there = access(path, F_OK) == 0;
	char *origin = NULL, *s = NULL;
	int rc = -1;

	if (*path == '\0')
		return 0;
	if (there && (s = cfg_read_secret(path, e)) == NULL)
		return err_prefix(e, "%s: ", name);
	if (asprintf(&origin, "file %s%s", path,
		there ? "" : " (which is not there)") == -1)
		err_nomem(e);
	else
		rc = cfg_set_row(c, row, there ? s : "", origin, e);
	free(origin);
	free(s);
	return rc;
}

/* Is this value none at all?  An empty one is, but for a few settings. */
static bool
cfg_unset(const char *name, const char *value)
{
	int row = cfg_row(name);

	return *value == '\0' &&
	       (row < 0 || (cfg_rows[row].flags & CFG_EMPTY) == 0);
}

/* The environment's value, NULL: none, or one that counts as none. */
static const char *
cfg_env(const char *name)
{
	const char *s = getenv(name);

	return s == NULL || cfg_unset(name, s) ? NULL : s;
}

/* The same of the settings file. */
static const char *
cfg_filed(const struct cfg *c, const char *name)
{
	const char *s = map_get(c->origin->file, name);

	return s == NULL || cfg_unset(name, s) ? NULL : s;
}

int
cfg_set(struct cfg *c, const char *name, const char *value, const char *origin,
    struct err *e)
{
	const char *near;
	int row;

	if ((row = cfg_row(name)) >= 0 && cfg_unset(name, value)) {
		value = cfg_rows[row].def;
		if (*value != '\0')
			origin = "default";
	}
	if (row >= 0)
		return cfg_set_row(c, (unsigned)row, value, origin, e);
	if ((row = cfg_file_row(name)) >= 0)
		return cfg_set_file(c, (unsigned)row, name, value, e);
	near = str_nearest(name, cfg_rows, cfg_nrows, sizeof cfg_rows[0]);
	if (near != NULL)
		return err_set(e, ERR_PERM,
		    "%s: no such setting, did you mean %s?", name, near);
	return err_set(e, ERR_PERM, "%s: no such setting", name);
}

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
	return str_prefix(name, "WEBEXBOT_") || cfg_row(name) >= 0 ||
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
	if (row >= 0)
		c->origin->rows[row].bad = true;
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
		if (cfg_ours(name) && !cfg_overruled(c, name, eq + 1, true) &&
		    cfg_set(c, name, eq + 1, "environment", e) == -1 &&
		    cfg_fault(c, e) == -1)
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

static struct cfg *
cfg_new(struct err *e)
{
	struct cfg *c = calloc(1, sizeof *c);
	unsigned i;

	if (c == NULL)
		goto nomem;
	c->origin = calloc(
	    1, sizeof *c->origin + cfg_nrows * sizeof c->origin->rows[0]);
	if (c->origin == NULL)
		goto nomem;
	pthread_mutex_init(&c->origin->lock, NULL);
	if ((c->origin->file = map_new()) == NULL)
		goto nomem;
	for (i = 0; i < cfg_nrows; i++)
		if (cfg_set_row(c, i, cfg_rows[i].def, "default", e) == -1)
			goto fail;
	return c;
nomem:
	err_nomem(e);
fail:
	cfg_free(c);
	return NULL;
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

/* Do both hold the same? */
static bool
cfg_same(const struct cfg *a, const struct cfg *b, unsigned row)
{
	const void *x = cfg_at(a, row), *y = cfg_at(b, row);

	switch (cfg_fields[row].type) {
	case CFG_STR:
	case CFG_ENUM:
		return strcmp(*(char *const *)x, *(char *const *)y) == 0;
	case CFG_BOOL:
		return *(const bool *)x == *(const bool *)y;
	default:
		return *(const long long *)x == *(const long long *)y;
	}
}

/* Not one that a command has set for itself. */
static bool
cfg_from_outside(const struct cfg_from *from)
{
	return from->col > 0 || str_eq(from->text, "default") ||
	       str_eq(from->text, "environment") ||
	       (from->text != NULL && str_prefix(from->text, "file "));
}

/* What only a restart takes, which is all but the token. */
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
		    cfg_same(c, fresh, i) ||
		    strcmp(cfg_rows[i].name, "WEBEX_ACCESS_TOKEN") == 0)
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

void
cfg_free(struct cfg *c)
{
	unsigned i;

	if (c == NULL)
		return;
	for (i = 0; i < cfg_nrows && c->origin != NULL; i++) {
		free(c->origin->rows[i].text);
		if (cfg_fields[i].type == CFG_STR ||
		    cfg_fields[i].type == CFG_ENUM)
			free(*(char **)cfg_at(c, i));
	}
	if (c->origin != NULL) {
		while (c->origin->nwarnings > 0)
			free(c->origin->warnings[--c->origin->nwarnings]);
		map_free(c->origin->file, free);
		pthread_mutex_destroy(&c->origin->lock);
		free(c->origin->path);
	}
	free(c->origin);
	free(c);
}

/* A time in the largest unit that holds it without a rest. */
static void
cfg_show_ms(long long ms, struct buf *out)
{
	static const struct {
		const char *name;
		long long ms;
	} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000},
	    {"ms", 1}};
	size_t i;

	for (i = 0; ms % units[i].ms != 0 || (ms == 0 && i < 3); i++)
		;
	buf_addf(out, "%lld%s", ms / units[i].ms, units[i].name);
}

static void
cfg_show_size(long long n, struct buf *out)
{
	if (n >= 1048576 && n % 1048576 == 0)
		buf_addf(out, "%lldm", n / 1048576);
	else if (n >= 1024 && n % 1024 == 0)
		buf_addf(out, "%lldk", n / 1024);
	else
		buf_addf(out, "%lld", n);
}

void
cfg_show(const struct cfg *c, unsigned row, struct buf *out)
{
	const void *at = cfg_at(c, row);

	switch (cfg_fields[row].type) {
	case CFG_STR:
	case CFG_ENUM:
		if ((cfg_rows[row].flags & CFG_SECRET) &&
		    **(char *const *)at != '\0')
			buf_adds(out, "********");
		else
			buf_adds(out, *(char *const *)at);
		break;
	case CFG_BOOL:
		buf_adds(out, *(const bool *)at ? "1" : "0");
		break;
	case CFG_MS:
		cfg_show_ms(*(const long long *)at, out);
		break;
	case CFG_SIZE:
		cfg_show_size(*(const long long *)at, out);
		break;
	default:
		buf_addf(out, "%lld", *(const long long *)at);
	}
}

const char *
cfg_origin(const struct cfg *c, unsigned row)
{
	return c->origin->rows[row].text;
}

const char *
cfg_origin_of(const struct cfg *c, const char *name)
{
	int row = cfg_row(name);

	return row < 0 ? "default" : cfg_origin(c, (unsigned)row);
}

bool
cfg_place(const struct cfg *c, const char *name, char *out, size_t n)
{
	int row = cfg_row(name);
	const struct cfg_from *from;

	if (row < 0 || (from = &c->origin->rows[row])->col == 0)
		return false;
	snprintf(out, n, "%s:%d", from->text, from->col);
	return true;
}

const char *
cfg_secret_file(const struct cfg *c)
{
	static const char name[] = "WEBEX_WEBHOOK_SECRET_FILE";
	const char *path = cfg_env(name);

	if (path == NULL)
		path = cfg_filed(c, name);
	return path == NULL ? CFG_SECRET_DEFAULT : path;
}

/* NAME, or else the content of the file that NAME_FILE names. */
static char *
cfg_choose(const char *value, const char *path, const char *name, struct err *e)
{
	char *s;

	if (value != NULL) {
		if ((s = strdup(value)) == NULL)
			err_nomem(e);
	} else if ((s = cfg_read_secret(path, e)) == NULL) {
		err_prefix(e, "%s: ", name);
	}
	return s;
}

char *
cfg_secret(const struct cfg *c, const char *name, struct err *e)
{
	const char *value, *path;
	char file[CFG_NAME_MAX], *s = NULL;

	if (snprintf(file, sizeof file, "%s_FILE", name) >= (int)sizeof file)
		return NULL;
	pthread_mutex_lock(&c->origin->lock);
	value = cfg_env(name);
	path = cfg_env(file);
	if (value == NULL && path == NULL) {
		value = cfg_filed(c, name);
		path = cfg_filed(c, file);
	}
	if (value != NULL || path != NULL)
		s = cfg_choose(value, path, file, e);
	pthread_mutex_unlock(&c->origin->lock);
	return s;
}
