/* Writing JSON text; see jw.h.  Pure. */
#include "sim/jw.h"

#include <inttypes.h>
#include <string.h>

#include "base/clk.h"
#include "base/json.h"

void
jw_comma(struct buf *b)
{
	size_t n = buf_len(b);
	char last = n == 0 ? '{' : buf_str(b)[n - 1];

	if (strchr("{[ \n:", last) == NULL)
		buf_addc(b, ',');
}

static void
jw_key(struct buf *b, const char *key)
{
	jw_comma(b);
	if (key == NULL)
		return;
	buf_addc(b, '"');
	buf_adds(b, key);
	buf_add(b, "\":", 2);
}

void
jw_open(struct buf *b, const char *key, char bracket)
{
	jw_key(b, key);
	buf_addc(b, bracket);
}

void
jw_close(struct buf *b, char bracket)
{
	buf_addc(b, bracket);
}

void
jw_str(struct buf *b, const char *key, const char *s)
{
	if (s == NULL)
		return;
	jw_key(b, key);
	json_quote(s, strlen(s), b);
}

void
jw_num(struct buf *b, const char *key, int64_t n)
{
	jw_key(b, key);
	buf_addf(b, "%" PRId64, n);
}

void
jw_bool(struct buf *b, const char *key, bool on)
{
	jw_key(b, key);
	buf_adds(b, on ? "true" : "false");
}

void
jw_time(struct buf *b, const char *key, int64_t wall_ms)
{
	char at[CLK_TEXT];

	jw_str(b, key, clk_text(wall_ms, at));
}

void
jw_raw(struct buf *b, const char *key, const char *json)
{
	if (json == NULL)
		return;
	jw_key(b, key);
	buf_adds(b, json);
}
