/*
 * webexbot test PATH...: plays chat scripts; a folder stands for the *.chat
 * in it, and in the folders below.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "cli/chat.h"
#include "cli/cli.h"

#define TEST_FILES_MAX 10000
#define TEST_DEPTH_MAX 16
#define TEST_JUNIT_MAX (64 << 20)

struct test {
	struct cli *c;
	char **paths;
	size_t n;
	const char *junit;
	bool update;
	struct buf cases; /* of the junit file */
	size_t failed;
	int64_t ms;
};

/* -- finding -- */

static int
test_add(struct test *t, const char *path, struct err *e)
{
	char **v = realloc(t->paths, (t->n + 1) * sizeof *v);

	if (v == NULL)
		return err_nomem(e);
	t->paths = v;
	if (t->n == TEST_FILES_MAX)
		return err_set(
		    e, ERR_PERM, "more than %d scripts", TEST_FILES_MAX);
	if ((v[t->n] = strdup(path)) == NULL)
		return err_nomem(e);
	t->n++;
	return 0;
}

static int
test_find(struct test *t, const char *path, int depth, struct err *e)
{
	struct dirent **names;
	struct stat st;
	char *below;
	int i, n, rc = 0;

	if (stat(path, &st) == -1)
		return err_set(e, ERR_PERM, "%s: it is not there", path);
	if (!S_ISDIR(st.st_mode))
		return depth == 0 || str_suffix(path, ".chat")
			   ? test_add(t, path, e)
			   : 0;
	if (depth == TEST_DEPTH_MAX)
		return err_set(e, ERR_PERM, "%s: too deep", path);
	if ((n = scandir(path, &names, NULL, alphasort)) == -1)
		return err_set(e, ERR_PERM, "%s: cannot be read", path);
	for (i = 0; i < n; i++) {
		if (rc == 0 && names[i]->d_name[0] != '.') {
			if (asprintf(&below, "%s/%s", path, names[i]->d_name) ==
			    -1) {
				rc = err_nomem(e);
			} else {
				rc = test_find(t, below, depth + 1, e);
				free(below);
			}
		}
		free(names[i]);
	}
	free(names);
	return rc;
}

/* -- reporting -- */

static void
test_xml(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '<')
			buf_adds(out, "&lt;");
		else if (c == '>')
			buf_adds(out, "&gt;");
		else if (c == '&')
			buf_adds(out, "&amp;");
		else if (c == '"')
			buf_adds(out, "&quot;");
		else if (c >= ' ' || c == '\n' || c == '\t')
			buf_addc(out, *s);
	}
}

static void
test_case(struct test *t, const char *path, const struct chat_result *r)
{
	struct buf *out = &t->cases;

	buf_adds(out, "  <testcase classname=\"chat\" name=\"");
	test_xml(out, path);
	buf_addf(out, "\" time=\"%.3f\"", (double)r->ms / 1000);
	if (!r->failed) {
		buf_adds(out, "/>\n");
		return;
	}
	buf_adds(out, ">\n    <failure message=\"not what was expected\">");
	test_xml(out, buf_str(&r->report));
	buf_adds(out, "</failure>\n  </testcase>\n");
}

static int
test_junit(struct test *t, struct err *e)
{
	struct buf out;
	int rc;

	if (t->junit == NULL)
		return 0;
	buf_init(&out, TEST_JUNIT_MAX);
	buf_addf(&out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n<testsuite name=\"webexbot\" tests=\"%zu\" "
	    "failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"%.3f\">\n",
	    t->n, t->failed, (double)t->ms / 1000);
	buf_add(&out, buf_str(&t->cases), t->cases.len);
	buf_adds(&out, "</testsuite>\n</testsuites>\n");
	rc = out.failed || t->cases.failed
		 ? err_set(e, ERR_PERM, "%s: too large", t->junit)
		 : file_write(t->junit, out.p, out.len, 0644, e);
	buf_done(&out);
	return rc;
}

/* -- one script -- */

static int
test_rewrite(const char *path, const struct chat_result *r, struct err *e)
{
	if (r->update.failed || r->update.len == 0)
		return 0;
	return file_write(path, r->update.p, r->update.len, 0644, e);
}

static int
test_one(struct test *t, const char *path, struct err *e)
{
	struct chat_script s;
	struct chat_result r = {0};
	struct err why = ERR_INIT;
	int rc = 0;

	if (chat_read(&s, path, &why) == -1) {
		buf_init(&r.report, sizeof why.text + 2);
		buf_addf(&r.report, "%s\n", why.text);
		r.failed = true;
	} else {
		chat_play(t->c, &s, &r);
	}
	if (r.failed && t->update && r.update.len > 0) {
		rc = test_rewrite(path, &r, e);
		printf("updated  %s\n", path);
	} else if (r.failed) {
		t->failed++;
		printf("FAILED   %s\n%s", path, buf_str(&r.report));
	} else {
		printf("ok       %s (%lld ms)\n", path, (long long)r.ms);
	}
	fflush(stdout);
	t->ms += r.ms;
	test_case(t, path, &r);
	chat_result_done(&r);
	chat_done(&s);
	return rc;
}

/* -- the command -- */

static int
test_args(struct test *t, int argc, char **argv, struct err *e)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--update") == 0)
			t->update = true;
		else if (strcmp(argv[i], "--junit") == 0 && i + 1 < argc)
			t->junit = argv[++i];
		else if (argv[i][0] == '-')
			return cli_usage(t->c);
	}
	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--junit") == 0)
			i++;
		else if (argv[i][0] != '-' && test_find(t, argv[i], 0, e) == -1)
			return cli_err(CLI_USAGE, e);
	if (t->n == 0)
		return argc == 1 ? cli_usage(t->c)
				 : cli_say(CLI_USAGE, "no chat scripts there");
	return CLI_OK;
}

static int
test_run(struct cli *c, int argc, char **argv)
{
	struct test t = {.c = c};
	struct err e = ERR_INIT;
	size_t i;
	int status;

	buf_init(&t.cases, TEST_JUNIT_MAX);
	status = test_args(&t, argc, argv, &e);
	if (status == CLI_OK && cli_cfg_quiet(c) == NULL)
		status = CLI_USAGE;
	for (i = 0; status == CLI_OK && i < t.n; i++)
		if (test_one(&t, t.paths[i], &e) == -1)
			status = cli_err(CLI_FAILED, &e);
	if (status == CLI_OK && test_junit(&t, &e) == -1)
		status = cli_err(CLI_FAILED, &e);
	if (status == CLI_OK) {
		printf("%zu passed, %zu failed\n", t.n - t.failed, t.failed);
		status = t.failed == 0 ? CLI_OK : CLI_FAILED;
	}
	buf_done(&t.cases);
	while (t.n > 0)
		free(t.paths[--t.n]);
	free(t.paths);
	return status;
}

const struct cli_cmd cli_test = {
    .name = "test",
    .usage = "test PATH... [--junit FILE] [--update]",
    .help = "runs chat scripts against the bot and the simulator; --update: "
	    "writes what came back into them",
    .run = test_run,
};
