/* Whole files, with a ceiling. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/err.h"

/*
 * The content of a file, NUL-terminated, for the caller to free.  NULL: not
 * there, not readable, or larger than `max`; `e` names the file.
 */
char *file_read(const char *path, size_t max, size_t *len, struct err *e);

/*
 * Write a whole file so that a crash leaves the old one or the new one:
 * a temporary beside it, fsync, rename.
 */
int file_write(
    const char *path, const void *p, size_t n, int mode, struct err *e);

/*
 * A quarter of the descriptors that this process may have, at most `most`:
 * whoever opens as many as others ask for leaves some to the rest.
 */
int file_quarter(int most);

#endif
