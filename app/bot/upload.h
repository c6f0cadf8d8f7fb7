/* A file of the cards folder as multipart/form-data (RFC 7578). */
#ifndef BOT_UPLOAD_H
#define BOT_UPLOAD_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define UPLOAD_MAX (20u << 20) /* of a file */

/*
 * Append the text members of `body` and the file `folder`/`name`; *type is
 * the Content-Type, in the arena.  -1: the file cannot be read (ERR_PERM),
 * or memory.
 */
int upload_form(const char *folder, const char *name, const struct json *body,
    struct arena *a, struct buf *out, const char **type, struct err *e);

#endif
