/*
 * Checkpoints of a SQLite write-ahead log, away from the commits: a thread
 * with a connection of its own copies the log into the file, so that no
 * commit waits for it.
 */
#ifndef STORE_CKPT_H
#define STORE_CKPT_H

#include "base/err.h"

struct ckpt;
struct sqlite3;

/* Takes over the checkpoints of `writer`, whose file `path` is. */
struct ckpt *ckpt_start(
    struct sqlite3 *writer, const char *path, struct err *e);
/* Before `writer` is closed; NULL is fine. */
void ckpt_stop(struct ckpt *c);

#endif
