/* Inside the settings: cfg.c and cfg_load.c. */
#ifndef BASE_CFG_INT_H
#define BASE_CFG_INT_H

#include <pthread.h>

#include "base/cfg.h"

#define CFG_NAME_MAX 128
#define CFG_PREFIX "WEBEXBOT_"
#define CFG_WARNINGS 32 /* more are not told */

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

/* Its number; -1: there is none. */
int cfg_row(const char *name);
/* NAME_FILE of a secret: the row of NAME, or -1. */
int cfg_file_row(const char *name);
/* Is this value none at all?  An empty one is, but for a few settings. */
bool cfg_unset(const char *name, const char *value);
/* The environment's value, NULL: none, or one that counts as none. */
const char *cfg_env(const char *name);
/* The same of the settings file. */
const char *cfg_filed(const struct cfg *c, const char *name);
/*
 * A secret's file that is not there leaves it unset, for the registration
 * makes one; who needs the secret says so, naming the origin.
 */
int cfg_set_file(struct cfg *c, unsigned row, const char *name,
    const char *path, struct err *e);
/* What a secret's file holds, for the caller to free; NULL: error. */
char *cfg_read_secret(const char *path, struct err *e);
/* All at their defaults. */
struct cfg *cfg_new(struct err *e);
/* Do both hold the same? */
bool cfg_same(const struct cfg *a, const struct cfg *b, unsigned row);

#endif
