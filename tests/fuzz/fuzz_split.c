/* Markdown or not, the size of a part, then a text to split. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fuzz/fuzz.h"
#include "webex/split.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	size_t at = 0, from = 0, max;
	struct buf part;
	char *text;
	int failed;

	if (n < 2 || !str_utf8_ok((const char *)p + 2, n - 2))
		return 0;
	max = 256 + (size_t)p[1] * 28; /* to about WX_TEXT_MAX */
	text = malloc(n - 1);
	memcpy(text, p + 2, n - 2);
	text[n - 2] = '\0';
	buf_init(&part, 1 << 24);
	while (split_next(text, &at, max, p[0] & 1, &part, &failed)) {
		MUST(failed == 0 && at > from);
		MUST(buf_len(&part) > 0 && buf_len(&part) <= max);
		MUST((p[0] & 1) ||
		     (buf_len(&part) == at - from &&
			 memcmp(buf_str(&part), text + from, at - from) == 0));
		buf_clear(&part);
		from = at;
	}
	MUST(text[at] == '\0');
	buf_done(&part);
	free(text);
	return 0;
}
