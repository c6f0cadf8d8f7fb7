/*
 * Data against fixed templates: every function meets values it did not
 * expect.  The input is JSON; its members a to d are the arguments.
 */
#include <string.h>

#include "base/json.h"
#include "card/tpl.h"
#include "fuzz/fuzz.h"

#define FUZZ_ARENA (192u * 1024 * 1024)

/*
 * A list of ${name(a, b, ...)} for every function and number of arguments
 * it takes; a failing one shows itself and the others go on.
 */
static struct tpl *
fuzz_template(void)
{
	static const char *const args[] = {"a", "a,b", "a,b,c", "a,b,c,d",
	    "a,x,x", "a,x,contains(x,b)", "a,x,concat(x,b)"};
	struct json *list = json_list();
	struct err e = ERR_INIT;
	struct tpl *t;
	size_t i, k;

	for (i = 0; i < expr_functions(); i++) {
		for (k = 0; k < sizeof args / sizeof args[0]; k++) {
			const char *name = expr_function_name(i);
			char text[160];
			struct json *one;

			snprintf(
			    text, sizeof text, " ${%s(%s)}", name, args[k]);
			one = json_new_str(text);
			if ((t = tpl_compile(one, NULL, &e)) != NULL)
				json_add(list, json_dup(one));
			tpl_free(t);
			json_free(one);
		}
	}
	json_add(
	    list, json_new_str("${a[b]} ${a.b} ${b[a]} ${a + b} ${a - b}"));
	json_add(list, json_new_str("${a % b} ${a / b} ${a ^ b} ${a & b}"));
	json_add(
	    list, json_new_str("${a < b} ${a == b} ${!a} ${-a} ${a ?? b}"));
	t = tpl_compile(list, NULL, &e);
	MUST(t != NULL);
	json_free(list);
	return t;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct tpl *all;
	struct err e = ERR_INIT;
	struct json *j = json_parse((const char *)p, n, &e);
	struct val data, out;
	struct arena *a;
	struct buf b;

	if (j == NULL)
		return 0;
	if (all == NULL)
		all = fuzz_template();
	a = arena_new(FUZZ_ARENA);
	buf_init(&b, FUZZ_ARENA);
	MUST(val_from_json(a, j, &data, &e) == 0);
	if (tpl_render(all, &data, NULL, 0, a, &out, NULL, &e) == -1)
		MUST(e.kind != ERR_NONE);
	else if (val_print(&out, &b) == 0)
		MUST(json_check(b.p, b.len, 1000, &(size_t){0}, &e) == 0);
	buf_done(&b);
	arena_free(a);
	json_free(j);
	return 0;
}
