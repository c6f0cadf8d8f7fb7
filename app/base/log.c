/* Log lines; see log.h.  Any thread: a line is one write(2). */
#include "base/log.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/str.h"

#define LOG_LINE_MAX 4096

static bool log_json;
static enum log_level log_least = LOG_INFO;

static const char *const log_names[] = {"debug", "info", "warn", "error"};

void
log_init(bool as_json, enum log_level least)
{
	log_json = as_json;
	log_least = least;
}

bool
log_on(enum log_level level)
{
	return level >= log_least;
}

/* The length of the character at s; U+FFFD for a byte that is none. */
static size_t
log_char(const char *s, uint32_t *cp)
{
	size_t n = str_utf8(s, strnlen(s, 4), cp);

	if (n > 0)
		return n;
	*cp = 0xfffd;
	return 1;
}

/* What would end a line, move a cursor, or be no text at all. */
static bool
log_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
	       cp == 0x2029 || cp == 0xfffd;
}

static void
log_quoted(struct buf *b, const char *s)
{
	uint32_t cp;
	size_t n;

	buf_addc(b, '"');
	for (; *s != '\0'; s += n) {
		n = log_char(s, &cp);
		if (cp == '"' || cp == '\\')
			buf_addf(b, "\\%c", *s);
		else if (cp == '\n')
			buf_adds(b, "\\n");
		else if (log_control(cp))
			buf_addf(b, "\\u%04x", (unsigned)cp);
		else
			buf_add(b, s, n);
	}
	buf_addc(b, '"');
}

/* A message is prose: only what would break the line is taken out. */
static void
log_prose(struct buf *b, const char *s)
{
	uint32_t cp;
	size_t n;

	for (; *s != '\0'; s += n) {
		n = log_char(s, &cp);
		if (log_control(cp))
			buf_addc(b, ' ');
		else
			buf_add(b, s, n);
	}
}

static bool
log_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (!isgraph((unsigned char)*s) || *s == '"' || *s == '=')
			return false;
	return true;
}

/* What does not fit whole is left out; false. */
static bool
log_fits(struct log_line *l, size_t mark)
{
	bool fits = !l->b.failed && l->b.len <= LOG_LINE_MAX - 3;

	if (!fits)
		buf_cut(&l->b, mark);
	return fits;
}

static void
log_msg(struct log_line *l, const char *msg)
{
	size_t mark = buf_len(&l->b);

	if (log_json)
		log_quoted(&l->b, msg);
	else
		log_prose(&l->b, msg);
	if (!log_fits(l, mark))
		buf_adds(&l->b, "\"(a message too long for a line)\"");
}

void
log_open(struct log_line *l, enum log_level level, const char *msg)
{
	char at[CLK_TEXT];

	buf_init(&l->b, LOG_LINE_MAX);
	if ((l->off = !log_on(level)))
		return;
	clk_text(clk_wall_ms(), at);
	if (log_json) {
		buf_addf(&l->b,
		    "{\"time\":\"%s\",\"level\":\"%s\",\"msg\":", at,
		    log_names[level]);
	} else {
		buf_addf(&l->b, "%s %s ", at, log_names[level]);
	}
	log_msg(l, msg);
}

void
log_str(struct log_line *l, const char *key, const char *value)
{
	size_t mark = buf_len(&l->b);

	if (l->off || value == NULL || *value == '\0')
		return;
	if (log_json)
		buf_addf(&l->b, ",\"%s\":", key);
	else
		buf_addf(&l->b, " %s=", key);
	if (log_json || !log_plain(value))
		log_quoted(&l->b, value);
	else
		buf_adds(&l->b, value);
	log_fits(l, mark);
}

void
log_num(struct log_line *l, const char *key, int64_t value)
{
	size_t mark = buf_len(&l->b);

	if (l->off)
		return;
	buf_addf(
	    &l->b, log_json ? ",\"%s\":%" PRId64 : " %s=%" PRId64, key, value);
	log_fits(l, mark);
}

void
log_close(struct log_line *l)
{
	if (!l->off) {
		buf_adds(&l->b, log_json ? "}\n" : "\n");
		if (write(STDERR_FILENO, l->b.p, l->b.len) < 0)
			l->off = true; /* nowhere left to say so */
	}
	buf_done(&l->b);
}

static void log_vput(enum log_level level, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
log_vput(enum log_level level, const char *fmt, va_list ap)
{
	struct log_line l;
	struct buf msg;

	if (!log_on(level))
		return;
	buf_init(&msg, LOG_LINE_MAX / 2);
	if (buf_vaddf(&msg, fmt, ap) == -1) {
		buf_clear(&msg);
		buf_adds(&msg, "(a message too long for a line)");
	}
	log_open(&l, level, buf_str(&msg));
	log_close(&l);
	buf_done(&msg);
}

#define LOG_FN(name, level)                                                    \
	void name(const char *fmt, ...)                                        \
	{                                                                      \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, fmt);                                             \
		log_vput(level, fmt, ap);                                      \
		va_end(ap);                                                    \
	}

LOG_FN(log_debug, LOG_DEBUG)
LOG_FN(log_info, LOG_INFO)
LOG_FN(log_warn, LOG_WARN)
LOG_FN(log_error, LOG_ERROR)
