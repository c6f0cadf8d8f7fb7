/*
 * One line an event, on stderr, as text (key=value) or JSON.  Values are
 * quoted and escaped, so a line is always one line.  Never put a body, a
 * token, a secret or a message text into a line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Once, before other threads start.  The default is text at info. */
void log_init(bool as_json, enum log_level least);
bool log_on(enum log_level level);

/* A whole line with a message only. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A line with fields: open, add, close.  NULL or "" values are left out, and
 * what a line has no room for.
 */
struct log_line {
	struct buf b;
	bool off;
};
void log_open(struct log_line *l, enum log_level level, const char *msg);
void log_str(struct log_line *l, const char *key, const char *value);
void log_num(struct log_line *l, const char *key, int64_t value);
void log_close(struct log_line *l);

#endif
