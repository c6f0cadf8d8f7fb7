/* Programs of rules; see program.h. */
#include "bot/program.h"

#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/proc.h"
#include "base/str.h"
#include "bot/call.h"

#define PROGRAM_IN_MAX (4u << 20)
#define PROGRAM_ERRORS_MAX 4096

void
program_free(struct program *p)
{
	if (p == NULL)
		return;
	tpl_free(p->argv);
	tpl_free(p->input);
	free(p);
}

static int
program_argv(const struct program *p, const struct val *data, struct arena *a,
    struct program_run *out, struct err *e)
{
	struct val v;
	size_t i;

	if (tpl_render(p->argv, data, NULL, clk_wall_ms(), a, &v, NULL, e) ==
	    -1)
		return -1;
	if (v.kind != VAL_LIST || v.n == 0)
		return err_set(e, ERR_PERM, "nothing to run");
	out->argv = arena_zalloc(a, (v.n + 1) * sizeof *out->argv);
	for (i = 0; out->argv != NULL && i < v.n; i++)
		if ((out->argv[i] = val_cstr(a, &v.items[i])) == NULL)
			return err_nomem(e);
	return out->argv == NULL ? err_nomem(e) : 0;
}

/* One line of JSON; a text of the rule's own goes as it is. */
static int
program_input(const struct val *v, bool plain, struct buf *b)
{
	if (!plain || v->kind != VAL_TEXT)
		return val_print(v, b) == -1 ? -1 : buf_addc(b, '\n');
	return buf_add(b, v->s, v->n);
}

int
program_render(const struct program *p, const struct val *data, struct arena *a,
    struct program_run *out, struct err *e)
{
	struct val v = *data;
	struct buf b;
	int rc = 0;

	memset(out, 0, sizeof *out);
	out->timeout_ms = p->timeout_ms;
	if (program_argv(p, data, a, out, e) == -1 ||
	    (p->input != NULL && tpl_render(p->input, data, NULL, clk_wall_ms(),
				     a, &v, NULL, e) == -1))
		return -1;
	buf_init(&b, PROGRAM_IN_MAX);
	if (program_input(&v, p->input != NULL, &b) == -1)
		rc = b.nomem
			 ? err_nomem(e)
			 : err_set(e, ERR_PERM, "more than %u bytes to read",
			       PROGRAM_IN_MAX);
	else if ((out->in = arena_strndup(a, buf_str(&b), b.len)) == NULL)
		rc = err_nomem(e);
	out->in_len = b.len;
	buf_done(&b);
	return rc;
}

/* JSON as data, anything else as a text without the line's end. */
static struct json *
program_body(const struct buf *out)
{
	struct json *j = json_parse(buf_str(out), out->len, NULL);
	size_t n = out->len;
	char *text;

	if (j != NULL)
		return j;
	if (memchr(buf_str(out), '\0', n) != NULL ||
	    !str_utf8_ok(buf_str(out), n))
		return json_new_null();
	while (n > 0 && strchr("\r\n", out->p[n - 1]) != NULL)
		n--;
	if ((text = strndup(buf_str(out), n)) != NULL)
		j = json_new_str(text);
	free(text);
	return j;
}

static struct json *
program_result(const struct proc *p)
{
	struct json *o = json_object();
	const char *why = buf_str(p->errors);

	if (json_set_num(o, "status", p->status == 0 ? 200 : 500) == 0 &&
	    json_set_num(o, "exit", p->status) == 0 &&
	    json_set(o, "body", program_body(p->out)) == 0 &&
	    json_set_str(
		o, "error", str_utf8_ok(why, strlen(why)) ? why : "") == 0)
		return o;
	json_free(o);
	return NULL;
}

struct json *
program_answer(const struct program_run *run)
{
	struct proc p = {.argv = run->argv,
	    .dir = run->dir,
	    .in = run->in,
	    .in_len = run->in_len,
	    .timeout_ms = run->timeout_ms};
	struct err e = ERR_INIT;
	struct buf out, errors;
	struct json *j;

	buf_init(&out, CALL_BODY_MAX);
	buf_init(&errors, PROGRAM_ERRORS_MAX);
	p.out = &out;
	p.errors = &errors;
	j = proc_run(&p, &e) == 0 ? program_result(&p) : call_failed(e.text);
	buf_done(&out);
	buf_done(&errors);
	return j;
}
