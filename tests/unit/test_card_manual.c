/* cards.7 has a row for every function, and for no others. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wb_test.h"

#include "base/file.h"
#include "card/expr.h"

#define PAGE "app/man/cards.7"

static char *
rows(void)
{
	struct err e = ERR_INIT;
	char *page = file_read(PAGE, 1 << 20, NULL, &e), *at, *end;

	assert_non_null(page);
	at = strstr(page, ".Sh FUNCTIONS");
	end = strstr(page, ".Ss Pictures of dates");
	assert_non_null(at);
	assert_non_null(end);
	*end = '\0';
	memmove(page, at, strlen(at) + 1);
	return page;
}

/* Is "NAME(" in a row's head? */
static bool
has_row(const char *page, const char *name)
{
	const char *line, *end, *at;
	char want[80];

	snprintf(want, sizeof want, "%s(", name);
	for (line = strstr(page, "\n.It"); line != NULL;
	     line = strstr(line + 1, "\n.It")) {
		end = strchr(line + 1, '\n');
		for (at = strstr(line, want); at != NULL && at < end;
		     at = strstr(at + 1, want))
			if (at[-1] == '"' || at[-1] == ' ')
				return true;
	}
	return false;
}

static void
test_manual_has_every_function(void **state)
{
	char *page = rows();
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < expr_functions(); i++) {
		const char *name = expr_function_name(i);

		if (!isalpha((unsigned char)*name))
			continue; /* an operator */
		n++;
		if (!has_row(page, name))
			fail_msg("%s is not in " PAGE, name);
	}
	assert_true(n > 140);
	free(page);
}

static bool
is_function(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < expr_functions(); i++)
		if (strlen(expr_function_name(i)) == len &&
		    memcmp(expr_function_name(i), name, len) == 0)
			return true;
	return false;
}

static void
test_manual_has_no_other_function(void **state)
{
	char *page = rows(), *line, *next, *at;
	size_t len;

	(void)state;
	for (line = strstr(page, "\n.It"); line != NULL; line = next) {
		next = strstr(line + 1, "\n.It");
		*strchr(line + 1, '\n') = '\0';
		for (at = strchr(line, '('); at != NULL;
		     at = strchr(at + 1, '(')) {
			for (len = 0; isalnum((unsigned char)at[-1 - (int)len]);
			     len++)
				;
			if (!is_function(at - len, len))
				fail_msg("%s: no such function", line + 1);
		}
	}
	free(page);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_manual_has_every_function),
	    cmocka_unit_test(test_manual_has_no_other_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
