/* Files of a message for a handler; see webexbot.h.  On its thread. */
#include "bot/api.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "webex/wx.h"

#define FILE_PATIENCE_MS 20000

static const char *
file_url(const struct wb_turn *turn, size_t i)
{
	const struct json *f = json_first(json_get(turn->t->message, "files"));

	for (; f != NULL && i > 0; i--)
		f = json_next(f);
	return json_str(f);
}

static FILE *
api_fetch(struct wb_turn *turn, size_t i, size_t max)
{
	struct wx_call c = {.endpoint = WX_CONTENT_GET,
	    .url = file_url(turn, i),
	    .sink_max = max};
	FILE *f;

	if (c.url == NULL || turn->wx == NULL || max == 0) {
		err_set(&turn->why, ERR_PERM, "wb_file: %s",
		    c.url == NULL      ? "no such file"
		    : turn->wx == NULL ? "not in a rehearsal"
				       : "nothing fits into 0 bytes");
		return NULL;
	}
	if ((f = tmpfile()) == NULL) {
		err_set(&turn->why, ERR_BUG, "wb_file: a temporary file: %s",
		    strerror(errno));
		return NULL;
	}
	c.sink = fileno(f);
	if (wx_wait(turn->wx, &c, FILE_PATIENCE_MS, NULL, &turn->why) == 0 &&
	    fseek(f, 0, SEEK_SET) == 0)
		return f;
	fclose(f);
	return NULL;
}

FILE *
wb_file(struct wb_turn *turn, size_t i, size_t max)
{
	struct err was = api_begin(turn);
	FILE *f = api_fetch(turn, i, max);

	api_end(turn, &was, f == NULL ? -1 : 0);
	return f;
}
