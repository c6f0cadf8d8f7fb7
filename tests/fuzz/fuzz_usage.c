/* A line of argument pattern, then arguments. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "bot/usage.h"
#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *text = malloc(n + 1), *args;
	struct err e = ERR_INIT;
	const char *why = NULL;
	struct usage *u = NULL;
	struct val_obj *o;
	struct arena *a = arena_new(1 << 24);
	int rc;

	memcpy(text, p, n);
	text[n] = '\0';
	if ((args = strchr(text, '\n')) != NULL) {
		*args++ = '\0';
		u = usage_new(text, &e);
		MUST(u != NULL || e.kind == ERR_PERM);
	}
	if (u != NULL) {
		o = val_obj_new(a, 4);
		rc = usage_match(u, args, a, o, &why, &e);
		MUST(rc == 1 || (rc == 0 && why != NULL));
	}
	usage_free(u);
	arena_free(a);
	free(text);
	return 0;
}
