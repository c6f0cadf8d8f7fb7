/* Bodies of inbound webhooks: XML and JSON as data, and as variables. */
#include "fuzz.h"

#include <string.h>

#include "connect/vars.h"

static int
count(void *arg, const char *name, const struct json *v)
{
	(void)v;
	MUST(name != NULL);
	++*(size_t *)arg;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	enum vars_kind kind = vars_kind(NULL, p, n);
	struct err e = ERR_INIT;
	struct json *v = vars_parse(kind, p, n, &e), *tree, *back;
	size_t seen = 0;
	struct buf b;

	if (v == NULL) {
		MUST(e.kind != ERR_NONE);
		return 0;
	}
	MUST(kind == VARS_JSON ||
	     (json_kind(v) == JSON_OBJECT && json_count(v) == 1));
	vars_each(v, count, &seen);
	MUST((tree = vars_tree(v)) != NULL);
	json_free(tree);
	/* what was taken can be stored and read again */
	buf_init(&b, 8u << 20);
	if (json_print(v, &b) == 0) {
		MUST((back = json_parse(b.p, b.len, NULL)) != NULL);
		json_free(back);
	}
	buf_done(&b);
	json_free(v);
	return 0;
}
