/*
 * Settings, from tbl/settings.h.  Read once at start, const afterwards, so
 * any thread may read them.  The secrets that bot.json names are looked up
 * when they are wanted, and may be read again.
 */
#ifndef BASE_CFG_H
#define BASE_CFG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define CFG_SECRET 1
#define CFG_EMPTY 2 /* an empty value means something */

/* Where a webhook secret is that was made and given no name. */
#define CFG_SECRET_DEFAULT "webexbot.secret"

#define CFG_C_STR char *
#define CFG_C_ENUM char *
#define CFG_C_INT long long
#define CFG_C_SIZE long long
#define CFG_C_MS long long
#define CFG_C_BOOL bool

struct cfg {
#define SETTING(field, name, type, def, lo, hi, flags, help) CFG_C_##type field;
#include "tbl/settings.h"
#undef SETTING
	struct cfg_origin *origin; /* where each came from */
	/*
	 * No setting: members, as JSON, for a bot file that has none of that
	 * name.  The caller's; NULL: none.
	 */
	const char *extra;
	/* No setting: for tests, a secret that nobody has set is made up. */
	bool stand_ins;
};

/* A row of the table, for listings. */
struct cfg_row {
	const char *name;
	const char *def;
	const char *lo;
	const char *hi;
	const char *help;
	const char *type;
	int flags;
};
extern const struct cfg_row cfg_rows[];
extern const unsigned cfg_nrows;

/*
 * Read defaults, then the file (NULL: ./webexbot.env when it is there),
 * then the environment.  NULL: `e` says which setting is wrong, and for an
 * unknown WEBEXBOT_ name which one is near.
 */
struct cfg *cfg_load(const char *env_file, struct err *e);
/*
 * The same for who wants to hear of everything that is wrong: `told` is
 * called for each, and what is wrong stays at its default.
 */
typedef void cfg_told(void *arg, const struct err *e);
struct cfg *cfg_load_told(
    const char *env_file, cfg_told *told, void *arg, struct err *e);
/* What is allowed and hardly meant: a name near a known one, and the like. */
void cfg_warnings(const struct cfg *c, cfg_told *told, void *arg);
/* Files with secrets that everybody on the machine can read. */
void cfg_exposed(const struct cfg *c, cfg_told *told, void *arg);
void cfg_free(struct cfg *c);

/* Set one by name as if it had come from the environment. */
int cfg_set(struct cfg *c, const char *name, const char *value,
    const char *origin, struct err *e);

/* The value as text (secrets masked), and where it came from; lent. */
void cfg_show(const struct cfg *c, unsigned row, struct buf *out);
const char *cfg_origin(const struct cfg *c, unsigned row);
/* The same by name, "default" for an unknown one. */
const char *cfg_origin_of(const struct cfg *c, const char *name);
/* "FILE:LINE:COL" of the one by name; false: it does not stand in a line. */
bool cfg_place(const struct cfg *c, const char *name, char *out, size_t n);

/* Where a webhook secret that is made belongs; before cfg_reread. */
const char *cfg_secret_file(const struct cfg *c);

/*
 * Read NAME or NAME_FILE from the environment or the settings file: the
 * rule for secrets that bot.json names.  What the environment has wins; of
 * both in one place NAME counts, unless it is empty.  The caller frees it;
 * NULL: unset (no error set) or its file cannot be read (error set).
 */
char *cfg_secret(const struct cfg *c, const char *name, struct err *e);
/*
 * The secret of the webhooks as it is by now, for the caller to free; NULL:
 * unset (no error set), or its file cannot be read.
 */
char *cfg_webhook_secret(const struct cfg *c, struct err *e);
/*
 * Read the settings file again, for cfg_secret only; -1: what it had before
 * is kept.  `told` (NULL: nobody) is called for each line that is wrong, which
 * is as if it were not there, and for each setting that is another by now.
 */
int cfg_reread(const struct cfg *c, cfg_told *told, void *arg, struct err *e);

#endif
