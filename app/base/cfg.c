/*
 * Settings: one table, what is in it and where that came from; see cfg.h.
 * Main thread, before others start, but for cfg_secret.
 */
#include "base/cfg_int.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "base/str.h"

#define CFG_SECRET_MAX (16 * 1024)

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

static void *
cfg_at(const struct cfg *c, unsigned row)
{
	return (char *)(uintptr_t)c + cfg_fields[row].offset;
}

int
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

char *
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

int
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

int
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

bool
cfg_unset(const char *name, const char *value)
{
	int row = cfg_row(name);

	return *value == '\0' &&
	       (row < 0 || (cfg_rows[row].flags & CFG_EMPTY) == 0);
}

const char *
cfg_env(const char *name)
{
	const char *s = getenv(name);

	return s == NULL || cfg_unset(name, s) ? NULL : s;
}

const char *
cfg_filed(const struct cfg *c, const char *name)
{
	const char *s = map_get(c->origin->file, name);

	return s == NULL || cfg_unset(name, s) ? NULL : s;
}

/* The one that has these words among its own. */
static const char *
cfg_with_words(const char *words)
{
	size_t n = strlen(words);
	const char *at;
	unsigned i;

	for (i = 0; n > 0 && i < cfg_nrows; i++)
		for (at = cfg_rows[i].name; (at = strstr(at, words)) != NULL;
		     at++)
			if (at > cfg_rows[i].name && at[-1] == '_' &&
			    (at[n] == '\0' || at[n] == '_'))
				return cfg_rows[i].name;
	return NULL;
}

/* A slip of the pen, a part of a name, or at last the least strange one. */
static const char *
cfg_nearest(const char *name)
{
	const char *words =
	    name + (str_prefix(name, CFG_PREFIX) ? strlen(CFG_PREFIX) : 0);
	int slips = 1 + (int)strlen(words) / 4;
	const char *near =
	    str_near(name, cfg_rows, cfg_nrows, sizeof cfg_rows[0], slips);

	if (near == NULL)
		near = cfg_with_words(words);
	if (near == NULL)
		near = str_near(name, cfg_rows, cfg_nrows, sizeof cfg_rows[0],
		    CFG_NAME_MAX);
	return near;
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
	if ((near = cfg_nearest(name)) != NULL)
		return err_set(e, ERR_PERM,
		    "%s: no such setting, did you mean %s?", name, near);
	return err_set(e, ERR_PERM, "%s: no such setting", name);
}

struct cfg *
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

bool
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
