/* Cases, one a line; see evaluate.h. */
#include "card/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/clk.h"
#include "base/json.h"
#include "card/check.h"
#include "card/expr.h"
#include "card/tpl.h"
#include "card/val.h"

#define EVALUATE_ARENA (192u * 1024 * 1024)

struct evaluate {
	const struct json *in;
	struct arena *a;
	struct buf *out;
	int64_t now;
};

static int
evaluate_error(struct evaluate *v, const char *kind, const char *text)
{
	buf_adds(v->out, "\"error\":{\"kind\":\"");
	buf_adds(v->out, kind);
	buf_adds(v->out, "\",\"message\":");
	val_quote(text, strlen(text), v->out);
	return buf_addc(v->out, '}');
}

static const char *
evaluate_kind(enum expr_fail f)
{
	return f == EXPR_UNKNOWN  ? "unknown-function"
	       : f == EXPR_SYNTAX ? "syntax"
				  : "evaluation";
}

/* What JSON cannot hold is named beside the value; NULL: it can. */
static const char *
evaluate_special(const struct val *v)
{
	if (v->kind == VAL_BYTES)
		return "bytes";
	if (v->kind == VAL_BIG)
		return "bigint";
	if (v->kind != VAL_NUM)
		return NULL;
	if (isnan(v->num))
		return "nan";
	if (isinf(v->num))
		return v->num > 0 ? "infinity" : "-infinity";
	return v->num == 0 && signbit(v->num) ? "-0" : NULL;
}

static int
evaluate_value(struct evaluate *v, const struct val *value)
{
	const char *special = evaluate_special(value);
	size_t mark = buf_len(v->out);

	if (value->kind == VAL_MISSING)
		return 0; /* nothing but the id */
	if (special != NULL)
		buf_addf(v->out, "\"special\":\"%s\",", special);
	buf_adds(v->out, "\"value\":");
	if (val_print_exact(value, v->out) == 0)
		return 0;
	buf_cut(v->out, mark);
	return evaluate_error(v, "evaluation", "the result is too large");
}

/* A fault found before there is data; NULL: `e` says what was wrong. */
static int
evaluate_problem(
    struct evaluate *v, const struct problem *p, const struct err *e)
{
	if (p == NULL)
		return evaluate_error(v, "evaluation", e->text);
	return evaluate_error(v, p->code, p->text);
}

static int
evaluate_data(struct evaluate *v, const char *name, struct val *out)
{
	*out = val_missing();
	return val_from_json(v->a, json_get(v->in, name), out, NULL);
}

static int
evaluate_run(struct evaluate *v, const struct expr_node *n)
{
	struct expr_env env = {
	    .host = val_missing(), .index = -1, .now = v->now};
	struct val value;
	struct expr_run x;
	int rc;

	if (evaluate_data(v, "data", &env.data) == -1)
		return evaluate_error(v, "evaluation", "the data is too large");
	env.root = env.data;
	expr_run_init(&x, EXPR_PLAIN, v->a, &env);
	if (expr_eval(&x, n, false, &value) == -1)
		rc = evaluate_error(v, evaluate_kind(x.fail), x.e.text);
	else
		rc = evaluate_value(v, &value);
	expr_run_done(&x);
	return rc;
}

static int
evaluate_expression(struct evaluate *v)
{
	const char *text = json_get_str(v->in, "template");
	struct expr_code *code = expr_code_new(EXPR_PLAIN);
	struct problems ps = PROBLEMS_INIT;
	const struct expr_node *n = NULL;
	struct err e = ERR_INIT;
	int rc;

	if (code == NULL)
		err_nomem(&e);
	else if (text == NULL)
		err_set(&e, ERR_PERM, "template: a text is expected");
	else
		n = expr_compile(code, text, strlen(text), &ps, "", 0, &e);
	/* here an unknown function is a fault like others */
	rc = n == NULL ? evaluate_problem(v, ps.n > 0 ? ps.v : NULL, &e)
		       : evaluate_run(v, n);
	problems_done(&ps);
	expr_code_free(code);
	return rc;
}

static int
evaluate_template(struct evaluate *v)
{
	struct problems ps = PROBLEMS_INIT;
	struct val data, host, value;
	struct err e = ERR_INIT;
	struct tpl_fail f;
	struct tpl *t;
	int rc;

	t = tpl_compile(json_get(v->in, "template"), &ps, &e);
	if (t == NULL)
		rc = evaluate_problem(v, problems_fault(&ps, 0), &e);
	else if (evaluate_data(v, "data", &data) == -1 ||
		 evaluate_data(v, "host", &host) == -1)
		rc = evaluate_error(v, "evaluation", "the data is too large");
	else if (tpl_render(t, &data, &host, v->now, v->a, &value, &f, &e) ==
		 -1)
		rc = evaluate_error(v, evaluate_kind(f.kind), e.text);
	else
		rc = evaluate_value(v, &value);
	problems_done(&ps);
	tpl_free(t);
	return rc;
}

static int
evaluate_check(struct evaluate *v)
{
	struct problems ps = PROBLEMS_INIT;
	struct err e = ERR_INIT;
	struct val card;
	int rc;

	if (evaluate_data(v, "card", &card) == -1 ||
	    check_card(&card, &ps, &e) == -1)
		rc = evaluate_error(v, "evaluation", "the card is too large");
	else {
		buf_adds(v->out, "\"problems\":");
		rc = problems_json(&ps, v->out);
	}
	problems_done(&ps);
	return rc;
}

static int
evaluate_case(struct evaluate *v)
{
	const char *kind = json_get_str(v->in, "kind");
	const char *now = json_get_str(v->in, "now");

	v->now = clk_wall_ms();
	if (now != NULL && clk_parse(now, &v->now) == -1)
		return evaluate_error(v, "input",
		    "now: a time such as 2024-02-29T10:30:00.000Z is expected");
	if (kind != NULL && strcmp(kind, "expression") == 0)
		return evaluate_expression(v);
	if (kind != NULL && strcmp(kind, "template") == 0)
		return evaluate_template(v);
	if (kind != NULL && strcmp(kind, "check") == 0)
		return evaluate_check(v);
	return evaluate_error(
	    v, "input", "kind: expression, template or check is expected");
}

int
evaluate_line(const char *line, size_t n, struct buf *out)
{
	struct evaluate v = {.out = out};
	struct err e = ERR_INIT;
	struct json *in;
	size_t body;

	buf_addc(out, '{');
	in = json_parse(line, n, &e);
	v.in = in;
	if (json_get(in, "id") != NULL) {
		buf_adds(out, "\"id\":");
		json_print(json_get(in, "id"), out);
		buf_addc(out, ',');
	}
	body = buf_len(out);
	if (json_kind(in) != JSON_OBJECT)
		evaluate_error(&v, "input",
		    in == NULL ? e.text : "a JSON object is expected");
	else if ((v.a = arena_new(EVALUATE_ARENA)) == NULL)
		evaluate_error(&v, "evaluation", "out of memory");
	else
		evaluate_case(&v);
	if (buf_len(out) == body && body > 1 && !out->failed)
		buf_cut(out, body - 1); /* only an id: no comma */
	arena_free(v.a);
	json_free(in);
	return buf_adds(out, "}\n");
}
