/*
 * The table of functions: one part a group of them (expr_logic.c and its
 * like), looked up through a small hash table that is made once.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "card/expr_int.h"

static const struct expr_fn *const expr_groups[] = {expr_fn_logic, expr_fn_num,
    expr_fn_text, expr_fn_regex, expr_fn_list, expr_fn_lambda, expr_fn_conv,
    expr_fn_obj, expr_fn_dates, expr_fn_zone, expr_fn_timex, expr_fn_uri,
    expr_fn_path};

#define GROUPS (sizeof expr_groups / sizeof expr_groups[0])
#define SLOTS 512
#define FUNCTIONS_MAX 256

static const struct expr_fn *expr_slots[SLOTS];
static const char *expr_names[FUNCTIONS_MAX]; /* no operators */
static const struct expr_fn *expr_named_fn[FUNCTIONS_MAX];
static size_t expr_count;
static pthread_once_t expr_once = PTHREAD_ONCE_INIT;

static void
expr_fn_init(void)
{
	const struct expr_fn *fn;
	size_t g, i;

	for (g = 0; g < GROUPS; g++) {
		for (fn = expr_groups[g]; fn->name != NULL; fn++) {
			i = str_hash(fn->name, strlen(fn->name)) % SLOTS;
			while (expr_slots[i] != NULL)
				i = (i + 1) % SLOTS;
			expr_slots[i] = fn;
			if (fn->name[0] >= 'A' && expr_count < FUNCTIONS_MAX &&
			    fn->name[0] != '^' && fn->name[0] != '|') {
				expr_named_fn[expr_count] = fn;
				expr_names[expr_count++] = fn->name;
			}
		}
	}
}

const struct expr_fn *
expr_fn_find(const char *name, size_t len)
{
	const struct expr_fn *fn;
	size_t i;

	pthread_once(&expr_once, expr_fn_init);
	i = str_hash(name, len) % SLOTS;
	for (; (fn = expr_slots[i]) != NULL; i = (i + 1) % SLOTS)
		if (strlen(fn->name) == len && memcmp(fn->name, name, len) == 0)
			return fn;
	return NULL;
}

const char *
expr_fn_near(const char *name, size_t len)
{
	char t[64];

	pthread_once(&expr_once, expr_fn_init);
	if (len >= sizeof t)
		return NULL;
	memcpy(t, name, len);
	t[len] = '\0';
	return str_nearest(t, expr_names, expr_count, sizeof expr_names[0]);
}

size_t
expr_functions(void)
{
	pthread_once(&expr_once, expr_fn_init);
	return expr_count;
}

const char *
expr_function_name(size_t i)
{
	return expr_names[i];
}

/* -- checking arguments beforehand -- */

static const struct {
	char letter;
	uint8_t types;
	const char *name;
} expr_letters[] = {
    {'n', EXPR_T_NUM, "a number"},
    {'t', EXPR_T_TEXT, "a text"},
    {'b', EXPR_T_BOOL, "true or false"},
    {'l', EXPR_T_LIST, "a list"},
    {'s', EXPR_T_LIST | EXPR_T_TEXT, "a list or a text"},
    {'x', EXPR_T_NUM | EXPR_T_TEXT, "a number or a text"},
    {'*', 0xff, "anything"},
};

static void
expr_fn_count(const char *args, size_t *least, size_t *most)
{
	const char *s;

	*least = *most = 0;
	for (s = args; *s != '\0'; s++) {
		if (*s == '?')
			continue;
		if (*s == '+' || *s == '~') {
			*most = SIZE_MAX;
			*least -= *s == '~';
			continue;
		}
		*least += s[1] != '?';
		if (*most != SIZE_MAX)
			++*most;
	}
}

static const char *
expr_fn_count_text(size_t least, size_t most, size_t n, char *text, size_t size)
{
	if (most == SIZE_MAX)
		snprintf(text, size, "takes %zu or more arguments, not %zu",
		    least, n);
	else if (least == most)
		snprintf(text, size, "takes %zu argument%s, not %zu", least,
		    least == 1 ? "" : "s", n);
	else
		snprintf(text, size, "takes %zu to %zu arguments, not %zu",
		    least, most, n);
	return text;
}

const char *
expr_fn_check(const struct expr_fn *fn, struct expr_node **kids, size_t n,
    char *text, size_t size, size_t *bad)
{
	const char *s = fn->args;
	size_t least, most, i, k;

	expr_fn_count(fn->args, &least, &most);
	if (n < least || n > most)
		return expr_fn_count_text(least, most, n, text, size);
	if ((fn->flags & EXPR_F_LAMBDA) &&
	    (kids[1]->op != EXPR_ACCESS || kids[1]->n != 0)) {
		*bad = 1;
		return "the second argument must be a plain name";
	}
	for (i = 0; i < n; i++) {
		for (k = 0; expr_letters[k].letter != *s; k++)
			;
		if ((kids[i]->ret & EXPR_T_ANY) == 0 &&
		    (kids[i]->ret & expr_letters[k].types) == 0) {
			*bad = i;
			snprintf(text, size, "argument %zu must be %s", i + 1,
			    expr_letters[k].name);
			return text;
		}
		if (s[1] == '?')
			s++;
		if (s[1] != '+' && s[1] != '~')
			s++;
	}
	return NULL;
}
