/* webexbot cards: card templates on the command line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "card/card.h"
#include "card/evaluate.h"
#include "cli/cli.h"
#include "cli/preview.h"

#define CARDS_LINE_MAX (8u * 1024 * 1024)
#define CARDS_ARENA (192u * 1024 * 1024)

struct cards_args {
	bool json, strict;
	const char *data;
	const char *folder;
	const char *listen;
	int n; /* words left */
	char **v;
};

/* -- problems -- */

/* Where reports go: lines on stderr, or objects of one list on stdout. */
struct cards_out {
	bool json;
	size_t n;
	struct buf b;
};

static void
cards_tell_json(struct cards_out *o, const char *file, const char *text,
    size_t len, const struct problem *p)
{
	int line = 0, col = 0;

	buf_adds(&o->b, o->n++ == 0 ? "[\n" : ",\n");
	buf_adds(&o->b, "  {\"file\": ");
	json_quote(file, strlen(file), &o->b);
	if (text != NULL) {
		json_place(text, problem_find(p, text, len), &line, &col);
		buf_addf(&o->b, ", \"line\": %d, \"column\": %d", line, col);
	}
	buf_addf(&o->b, ", \"level\": \"%s\", \"code\": \"%s\", \"path\": ",
	    p->warning ? "warning" : "error", p->code);
	json_quote(p->path, strlen(p->path), &o->b);
	buf_adds(&o->b, ", \"message\": ");
	json_quote(p->text, strlen(p->text), &o->b);
	buf_addc(&o->b, '}');
}

static void
cards_tell(void *arg, const char *file, const char *text, size_t len,
    const struct problem *p)
{
	struct cards_out *o = arg;

	if (o->json) {
		cards_tell_json(o, file, text, len, p);
		return;
	}
	buf_clear(&o->b);
	problem_print(p, file, text, len, &o->b);
	fputs(buf_str(&o->b), stderr);
}

/* -- words -- */

static const char *
cards_folder(struct cli *c, const struct cards_args *a)
{
	struct cfg *cfg;

	if (a->folder != NULL)
		return a->folder;
	cfg = cli_cfg(c);
	return cfg == NULL ? NULL : cfg->cards;
}

static int
cards_words(struct cards_args *a, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			a->json = true;
		else if (strcmp(argv[i], "--strict") == 0)
			a->strict = true;
		else if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
			a->data = argv[++i];
		else if (strcmp(argv[i], "--cards") == 0 && i + 1 < argc)
			a->folder = argv[++i];
		else if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc)
			a->listen = argv[++i];
		else if (argv[i][0] == '-' && argv[i][1] != '\0')
			return -1;
		else
			a->v[a->n++] = argv[i];
	}
	return 0;
}

static bool
cards_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* -- list -- */

static int
cards_list(struct cli *c, const struct cards_args *a)
{
	const char *folder = cards_folder(c, a);
	struct err e = ERR_INIT;
	struct cards *cs;
	size_t i;

	if (folder == NULL)
		return CLI_USAGE;
	if (a->n > 0)
		return cli_usage(c);
	if (!cards_is_folder(folder))
		return cli_say(CLI_FAILED, "%s: no such folder", folder);
	if ((cs = cards_load(folder, clk_wall_ms(), NULL, NULL, &e)) == NULL)
		return cli_err(CLI_FAILED, &e);
	if (a->json)
		printf("[");
	for (i = 0; i < cards_count(cs); i++) {
		const struct card *card = cards_at(cs, i);
		bool sample = card_sample(card)->kind != VAL_MISSING;
		struct buf b;

		buf_init(&b, 64 * 1024);
		if (a->json) {
			buf_adds(&b,
			    i == 0 ? "\n  {\"name\": " : ",\n  {\"name\": ");
			json_quote(
			    card_name(card), strlen(card_name(card)), &b);
			buf_adds(&b, ", \"file\": ");
			json_quote(
			    card_file(card), strlen(card_file(card)), &b);
			buf_addf(
			    &b, ", \"sample\": %s}", sample ? "true" : "false");
		} else {
			buf_addf(&b, "%-24s %s%s\n", card_name(card),
			    card_file(card),
			    sample ? "" : "  (no sample data)");
		}
		fputs(buf_str(&b), stdout);
		buf_done(&b);
	}
	if (a->json)
		printf("%s]\n", i == 0 ? "" : "\n");
	if (cards_errors(cs) > 0)
		cli_say(CLI_FAILED, "cards with errors are not listed, see "
				    "webexbot cards check");
	cards_free(cs);
	return CLI_OK;
}

/* -- check -- */

struct cards_sum {
	size_t cards, errors, warnings;
};

static int
cards_check_path(const char *path, struct cards_out *o, struct cards_sum *sum)
{
	size_t before = sum->errors;
	struct err e = ERR_INIT;
	struct cards *cs;
	struct card *card;

	if (cards_is_folder(path)) {
		cs = cards_load(path, clk_wall_ms(), cards_tell, o, &e);
		if (cs == NULL)
			return cli_err(CLI_FAILED, &e);
		sum->cards += cards_count(cs);
		sum->errors += cards_errors(cs);
		sum->warnings += cards_warnings(cs);
		cards_free(cs);
		return CLI_OK;
	}
	card = card_load(path, clk_wall_ms(), cards_tell, o, &sum->errors,
	    &sum->warnings, &e);
	if (e.kind != ERR_NONE)
		return cli_err(CLI_FAILED, &e);
	sum->cards += sum->errors == before;
	card_free(card);
	return CLI_OK;
}

static int
cards_check(struct cli *c, const struct cards_args *a)
{
	struct cards_out o = {.json = a->json};
	struct cards_sum sum = {0, 0, 0};
	const char *folder = NULL;
	int i, rc = CLI_OK;

	if (a->n == 0 && (folder = cards_folder(c, a)) == NULL)
		return CLI_USAGE;
	buf_init(&o.b, 64u * 1024 * 1024);
	if (folder != NULL)
		rc = cards_check_path(folder, &o, &sum);
	for (i = 0; i < a->n && rc == CLI_OK; i++)
		rc = cards_check_path(a->v[i], &o, &sum);
	if (a->json && rc == CLI_OK)
		printf("%s%s]\n", o.n == 0 ? "[" : buf_str(&o.b),
		    o.n == 0 ? "" : "\n");
	else if (rc == CLI_OK)
		printf("%zu card%s fine, %zu error%s, %zu warning%s\n",
		    sum.cards, sum.cards == 1 ? "" : "s", sum.errors,
		    sum.errors == 1 ? "" : "s", sum.warnings,
		    sum.warnings == 1 ? "" : "s");
	buf_done(&o.b);
	if (rc == CLI_OK && (sum.errors > 0 || (a->strict && sum.warnings > 0)))
		rc = CLI_FAILED;
	return rc;
}

/* -- render -- */

/* The file of card NAME; "" with a message: there is none. */
static int
cards_path(struct cli *c, const struct cards_args *a, char path[4096])
{
	const char *name = a->v[0], *folder;

	if (strchr(name, '/') != NULL || str_suffix(name, ".json")) {
		snprintf(path, 4096, "%s", name);
	} else {
		if ((folder = cards_folder(c, a)) == NULL)
			return CLI_USAGE;
		snprintf(path, 4096, "%s/%s.card.json", folder, name);
	}
	if (access(path, R_OK) == 0)
		return CLI_OK;
	return cli_say(CLI_FAILED, "%s: %s", path, strerror(errno));
}

static int
cards_data(const struct cards_args *a, const struct card *card,
    struct arena *arena, struct json **j, struct val *data)
{
	struct err e = ERR_INIT;

	*data = *card_sample(card);
	if (a->data == NULL && data->kind != VAL_MISSING)
		return CLI_OK;
	*j = a->data == NULL
		 ? json_object()
		 : json_load(strcmp(a->data, "-") == 0 ? "/dev/stdin" : a->data,
		       16 * 1024 * 1024, false, NULL, &e);
	if (*j == NULL || val_from_json(arena, *j, data, &e) == -1)
		return cli_err(CLI_FAILED, &e);
	return CLI_OK;
}

static int
cards_print(const struct cards_args *a, const struct card *card)
{
	struct problems ps = PROBLEMS_INIT;
	struct cards_out o = {.json = false};
	struct arena *arena = arena_new(CARDS_ARENA);
	struct json *j = NULL;
	struct err e = ERR_INIT;
	struct val data, out;
	size_t i;
	int rc = CLI_FAILED;

	buf_init(&o.b, CARDS_ARENA);
	if (arena == NULL) {
		err_nomem(&e);
		cli_err(CLI_FAILED, &e);
	} else if (cards_data(a, card, arena, &j, &data) == CLI_OK) {
		if (card_render(card, &data, clk_wall_ms(), arena, &out, &ps,
			&e) == -1 ||
		    (val_print_pretty(&out, &o.b) == -1 && err_nomem(&e)))
			rc = cli_err(CLI_FAILED, &e);
		else
			rc = printf("%s\n", buf_str(&o.b)) < 0 || ps.errors > 0
				 ? CLI_FAILED
				 : CLI_OK;
	}
	for (i = 0; i < ps.n; i++)
		cards_tell(&o, card_file(card), NULL, 0, &ps.v[i]);
	problems_done(&ps);
	buf_done(&o.b);
	json_free(j);
	arena_free(arena);
	return rc;
}

static int
cards_render(struct cli *c, const struct cards_args *a)
{
	struct cards_out o = {.json = false};
	size_t errors = 0, warnings = 0;
	struct err e = ERR_INIT;
	struct card *card;
	char path[4096];
	int rc;

	if (a->n != 1)
		return cli_usage(c);
	if ((rc = cards_path(c, a, path)) != CLI_OK)
		return rc;
	buf_init(&o.b, 1024 * 1024);
	card = card_load(
	    path, clk_wall_ms(), cards_tell, &o, &errors, &warnings, &e);
	buf_done(&o.b);
	if (card == NULL && e.kind != ERR_NONE)
		return cli_err(CLI_FAILED, &e);
	if (card == NULL)
		return CLI_FAILED; /* reported */
	rc = cards_print(a, card);
	card_free(card);
	return rc;
}

/* -- evaluate -- */

/* A line in, a line out, until the end of the input. */
static int
cards_evaluate(struct cli *c, const struct cards_args *a)
{
	char *line = NULL;
	size_t cap = 0;
	struct buf out;
	ssize_t n;
	int rc = CLI_OK;

	if (a->n > 0)
		return cli_usage(c);
	buf_init(&out, 8 * CARDS_LINE_MAX);
	while (rc == CLI_OK && (n = getline(&line, &cap, stdin)) != -1) {
		if (n > 0 && line[n - 1] == '\n')
			n--;
		buf_clear(&out);
		if (evaluate_line(line, (size_t)n, &out) == -1) {
			buf_clear(&out);
			buf_adds(&out, "{\"error\":{\"kind\":\"evaluation\","
				       "\"message\":\"too large\"}}\n");
		}
		fwrite(buf_str(&out), 1, buf_len(&out), stdout);
		if (fflush(stdout) == EOF)
			rc = CLI_FAILED;
	}
	free(line);
	buf_done(&out);
	return rc;
}

/* -- preview -- */

static int
cards_preview(struct cli *c, const struct cards_args *a)
{
	const char *folder = cards_folder(c, a);

	if (folder == NULL)
		return CLI_USAGE;
	if (a->n > 0)
		return cli_usage(c);
	if (!cards_is_folder(folder))
		return cli_say(CLI_FAILED, "%s: no such folder", folder);
	return preview_run(folder, a->listen);
}

/* -- */

static const struct {
	const char *name;
	int (*run)(struct cli *c, const struct cards_args *a);
} cards_verbs[] = {
    {"list", cards_list},
    {"check", cards_check},
    {"render", cards_render},
    {"evaluate", cards_evaluate},
    {"preview", cards_preview},
};

static int
cards_run(struct cli *c, int argc, char **argv)
{
	struct cards_args a = {.v = calloc((size_t)argc + 1, sizeof *a.v)};
	int rc = -1;
	size_t i;

	if (a.v == NULL)
		return cli_say(CLI_FAILED, "out of memory");
	if (argc >= 2 && cards_words(&a, argc - 2, argv + 2) == 0)
		for (i = 0; i < sizeof cards_verbs / sizeof *cards_verbs; i++)
			if (strcmp(argv[1], cards_verbs[i].name) == 0)
				rc = cards_verbs[i].run(c, &a);
	free(a.v);
	return rc == -1 ? cli_usage(c) : rc;
}

const struct cli_cmd cli_cards = {
    .name = "cards",
    .usage = "cards list|check|render|evaluate|preview [--json] [--strict] "
	     "[--cards FOLDER] [--listen ADDR:PORT] [NAME] [--data FILE] "
	     "[PATH...]",
    .help = "lists, checks, renders and shows card templates",
    .run = cards_run,
};
