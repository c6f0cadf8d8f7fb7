/*
 * Rendering a card: from the text of the data to the text of the card, as
 * often as fits into some milliseconds.
 *
 *	cards TEMPLATE DATA MS
 *
 * Prints the card, and then the microseconds of one rendering.  cards.js
 * does the same with the package of npm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/file.h"
#include "card/tpl.h"

#define BENCH_FILE (16u << 20)
#define BENCH_ARENA (256u << 20)

static _Noreturn void
die(const struct err *e)
{
	fprintf(stderr, "cards: %s\n", e->text);
	exit(1);
}

static void
render(const struct tpl *t, const char *data, size_t n, struct arena *a,
    struct buf *out)
{
	struct err e = ERR_INIT;
	struct val in, card;

	arena_reset(a);
	buf_clear(out);
	if (val_parse(a, data, n, &in, &e) == -1 ||
	    tpl_render(t, &in, NULL, clk_wall_ms(), a, &card, NULL, &e) == -1)
		die(&e);
	if (val_print(&card, out) == -1)
		exit(1);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new(BENCH_ARENA);
	struct err e = ERR_INIT;
	int64_t start, end;
	struct json *j;
	struct tpl *t;
	struct buf out;
	char *data;
	size_t len;
	long n = 0;

	if (argc != 4 || a == NULL)
		return 2;
	if ((j = json_load(argv[1], BENCH_FILE, false, NULL, &e)) == NULL ||
	    (t = tpl_compile(j, NULL, &e)) == NULL ||
	    (data = file_read(argv[2], BENCH_FILE, &len, &e)) == NULL)
		die(&e);
	buf_init(&out, BENCH_ARENA);
	render(t, data, len, a, &out);
	puts(buf_str(&out));
	start = clk_mono_us();
	end = start + atoi(argv[3]) * 1000LL;
	do {
		render(t, data, len, a, &out);
		n++;
	} while (clk_mono_us() < end);
	printf("%.3f\n", (double)(clk_mono_us() - start) / (double)n);
	buf_done(&out);
	arena_free(a);
	free(data);
	tpl_free(t);
	json_free(j);
	return 0;
}
