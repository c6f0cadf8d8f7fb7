/*
 * Writing JSON text in a given order of members, straight into a buffer.
 * A comma is put where one is needed: not after an opening bracket, a colon
 * or a blank.  A NULL text leaves the member out.
 */
#ifndef SIM_JW_H
#define SIM_JW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* `key` NULL: an item of a list, or the outermost value. */
void jw_open(struct buf *b, const char *key, char bracket);
void jw_close(struct buf *b, char bracket);
void jw_str(struct buf *b, const char *key, const char *s);
void jw_num(struct buf *b, const char *key, int64_t n);
void jw_bool(struct buf *b, const char *key, bool on);
void jw_time(struct buf *b, const char *key, int64_t wall_ms);
void jw_raw(struct buf *b, const char *key, const char *json);
/* What another jw call wrote for an item is appended as one. */
void jw_comma(struct buf *b);

#endif
