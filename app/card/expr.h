/*
 * The expression language of Adaptive Cards templates: `order.total * 2`,
 * `if(exists(name), name, 'you')`, 154 functions.  An expression is compiled
 * once and evaluated many times, by several threads at once.
 */
#ifndef CARD_EXPR_H
#define CARD_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "card/problem.h"
#include "card/val.h"

/* Ceilings: beyond them compiling or evaluating fails, never the process. */
#define EXPR_NEST 100      /* parentheses in one another */
#define EXPR_DEPTH 200     /* operations in one another: a+b+c are two */
#define EXPR_STEPS 4000000 /* work of one rendering */
#define EXPR_BYTES (48u * 1024 * 1024) /* memory made by one rendering */
#define EXPR_LIST 100000               /* items of one list */
#define EXPR_TEXT (4u * 1024 * 1024)   /* bytes of one text */

/* What compiled expressions share: memory, and which names they read. */
struct expr_code;
struct expr_node;

/*
 * EXPR_PLAIN: names are members of the data, an unknown function is a
 * problem.  EXPR_TEMPLATE: names are members of $data; $root, $data, $index
 * and $host are known; a missing member keeps its path, to be shown as
 * ${path}; an unknown function is a problem that fails only when it is
 * called.
 */
enum expr_mode { EXPR_PLAIN, EXPR_TEMPLATE };

struct expr_code *expr_code_new(enum expr_mode mode);
void expr_code_free(struct expr_code *c);
struct arena *expr_code_arena(struct expr_code *c);

/*
 * May some expression read member `name` of the root data?  An expression
 * that takes the data as a whole counts for every name.
 */
bool expr_uses(const struct expr_code *c, const char *name);

/*
 * Compile text[0..len), which stands `at` bytes into the text at `path`.
 * NULL: problems were added ("syntax", "arguments", "unknown-function"), or
 * `e` is set (memory).
 */
struct expr_node *expr_compile(struct expr_code *c, const char *text,
    size_t len, struct problems *ps, const char *path, size_t at,
    struct err *e);

/*
 * The pieces of a text with ${expressions}.  *i moves on; false: the end.
 * EXPR_PIECE_TEXT: s[0..n) are literal bytes.  EXPR_PIECE_EXPR: s[0..n) is
 * the inside of ${ }, blanks cut.  EXPR_PIECE_TICK: a backtick, which ends
 * such a text in an expression and is an error in a template.
 */
enum expr_piece_kind { EXPR_PIECE_TEXT, EXPR_PIECE_EXPR, EXPR_PIECE_TICK };
struct expr_piece {
	enum expr_piece_kind kind;
	const char *s;
	size_t n;
};
bool expr_piece(const char *s, size_t n, size_t *i, struct expr_piece *p);

/* -- evaluating -- */

struct expr_env {
	struct val root;
	struct val data;
	struct val host;
	double index; /* below 0: missing */
	int64_t now;  /* milliseconds since 1970 */
};

/* How an evaluation failed; the kinds of `webexbot cards evaluate`. */
enum expr_fail {
	EXPR_OK,
	EXPR_FAILED,  /* "evaluation": the data does not fit */
	EXPR_UNKNOWN, /* "unknown-function" */
	EXPR_SYNTAX,  /* "syntax", in what stringOrValue was given */
	EXPR_LIMIT,   /* a ceiling was hit */
	EXPR_MEMORY,
};

/* One rendering: private to its thread. */
struct expr_run {
	struct arena *a;
	enum expr_mode mode;
	struct expr_env env;
	enum expr_fail fail;
	struct err e;
	struct buf tmp; /* texts while they grow */
	size_t steps;
	size_t bytes;
	unsigned depth;
	bool keep;                       /* missing members keep their path */
	const struct expr_node *call;    /* what runs, for messages */
	const struct expr_local *locals; /* lambda names, innermost first */
};

void expr_run_init(struct expr_run *x, enum expr_mode mode, struct arena *a,
    const struct expr_env *env);
void expr_run_done(struct expr_run *x);

/*
 * Evaluate.  0, or -1 with x->fail and x->e set; EXPR_FAILED may be cleared
 * with expr_forgive to go on.  `keep`: a missing member keeps its path.
 */
int expr_eval(
    struct expr_run *x, const struct expr_node *n, bool keep, struct val *out);
void expr_forgive(struct expr_run *x);

/* What is known without data. */
bool expr_is_const(const struct expr_node *n);
const struct val *expr_const(const struct expr_node *n);
/* Is it a call of concat (or &)?  Then its arguments. */
const struct expr_node *const *expr_joined(
    const struct expr_node *n, size_t *count);

/* Append the expression as text again, normalised. */
int expr_print(const struct expr_node *n, struct buf *out);

/*
 * Append `v` as a part of a text: null is empty, missing is ${path}, lists
 * are joined by commas, objects are JSON.  Counts against the ceilings.
 */
int expr_join(struct expr_run *x, const struct val *v, struct buf *out);
/* Walk a result that goes into the output, counting its size. */
int expr_weigh(struct expr_run *x, const struct val *v);
/* A missing value that kept its path becomes the text ${path}. */
int expr_shown(struct expr_run *x, struct val *v);

/* Memory of a rendering, counted; failing as expr_eval does. */
/* What x->tmp holds from `mark` on becomes a text. */
int expr_take(struct expr_run *x, size_t mark, struct val *out);
int expr_push(struct expr_run *x, struct val_vec *l, struct val v);
struct val_obj *expr_new_obj(struct expr_run *x, size_t cap);

/* -- the table of functions, for lists and "did you mean" -- */

struct expr_fn;
size_t expr_functions(void);
const char *expr_function_name(size_t i);

#endif
