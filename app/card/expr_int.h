/* Inside the expression language: shared by expr_*.c only. */
#ifndef CARD_EXPR_INT_H
#define CARD_EXPR_INT_H

#include "base/re.h"
#include "card/expr.h"

/* Types known before there is data; a mask. */
enum {
	EXPR_T_BOOL = 1,
	EXPR_T_NUM = 2,
	EXPR_T_ANY = 4, /* objects, and whatever is not known */
	EXPR_T_TEXT = 8,
	EXPR_T_LIST = 16,
};

enum expr_op {
	EXPR_CONST,
	EXPR_ACCESS,  /* name, or kids[0].name */
	EXPR_ELEMENT, /* kids[0][kids[1]] */
	EXPR_CALL,
	EXPR_OBJECT, /* {name: kid, ...} */
	EXPR_NOFN,   /* a call of a function nobody knows */
};

struct expr_node {
	uint8_t op;
	uint8_t ret;   /* EXPR_T_* */
	uint16_t deep; /* levels below and this one */
	uint32_t n;    /* kids */
	uint32_t at;   /* byte in the text at the problem path */
	uint32_t len;
	union {
		struct val v;                  /* CONST */
		const struct expr_fn *fn;      /* CALL */
		const struct expr_path *path;  /* ACCESS */
		const struct expr_name *names; /* OBJECT */
	};
	const char *name; /* ACCESS, NOFN; not ended, `len` bytes */
	struct re *re;    /* CALL: a constant pattern, compiled */
	struct expr_node **kids;
};

struct expr_name {
	const char *s;
	uint32_t n;
	uint32_t hash;
};

/*
 * A chain of names as one path text, split at . [ and ], as the reference
 * does: each part names a member, or counts items of a list.
 */
struct expr_part {
	const char *s;
	uint32_t n;
	uint32_t hash;
	double index; /* what it counts as; NAN: it is no number */
};

enum expr_base {
	EXPR_BASE_DATA,
	EXPR_BASE_ROOT,
	EXPR_BASE_INDEX,
	EXPR_BASE_HOST,
	EXPR_BASE_VERSION,
	EXPR_BASE_NONE
};

struct expr_path {
	uint8_t base;     /* expr_base, for the first name */
	bool fixed;       /* all parts are known beforehand */
	uint32_t n;       /* parts, when fixed */
	uint32_t len;     /* of the text, when fixed */
	const char *text; /* as shown for missing members */
	const struct expr_part *parts;
	struct expr_node *left; /* what the chain starts from; NULL: a name */
};

/* A lambda's name and item. */
struct expr_local {
	const struct expr_local *next;
	const char *name;
	uint32_t len;
	uint32_t hash;
	struct val v;
};

typedef int expr_eager(
    struct expr_run *x, const struct val *a, size_t n, struct val *out);
typedef int expr_lazy(
    struct expr_run *x, const struct expr_node *n, struct val *out);

/* What each argument must be once it is evaluated. */
enum expr_want {
	EXPR_W_NONE,
	EXPR_W_NUM,
	EXPR_W_WHOLE,
	EXPR_W_TEXT,
	EXPR_W_TEXT_OR_MISSING,
	EXPR_W_NUM_TEXT_OR_MISSING,
	EXPR_W_LIST,
	EXPR_W_NUM_LIST,
	EXPR_W_NUM_OR_NUM_LIST,
	EXPR_W_CONTAINER,
	EXPR_W_CONTAINER_OR_NONE,
	EXPR_W_NOT_NONE,
	EXPR_W_DIVISOR, /* a number, not 0 from the second on */
};

enum {
	EXPR_F_COMPARE =
	    1,            /* missing stays missing; a failing argument: false */
	EXPR_F_JOINS = 2, /* takes ${path} for what is missing */
	EXPR_F_LAMBDA = 4,   /* (list, name, expression) */
	EXPR_F_WHOLE = 8,    /* may read any of the data */
	EXPR_F_PATTERN = 16, /* argument 1 is a regular expression */
};

/*
 * `args`: one letter an argument: n number, t text, b bool, l list, s text or
 * list, x number or text, * anything.  `?` may be left out (as those after
 * it), `+` once or more often, `~` any number.
 */
struct expr_fn {
	const char *name;
	const char *type; /* as printed back; NULL: the name */
	const char *args;
	uint8_t ret;
	uint8_t want;
	uint8_t flags;
	uint8_t tier;
	expr_eager *eager;
	expr_lazy *lazy;
};

/* One table a group; ended by a row without a name. */
extern const struct expr_fn expr_fn_logic[];
extern const struct expr_fn expr_fn_num[];
extern const struct expr_fn expr_fn_text[];
extern const struct expr_fn expr_fn_regex[];
extern const struct expr_fn expr_fn_list[];
extern const struct expr_fn expr_fn_lambda[];
extern const struct expr_fn expr_fn_conv[];
extern const struct expr_fn expr_fn_obj[];
extern const struct expr_fn expr_fn_dates[];
extern const struct expr_fn expr_fn_zone[];
extern const struct expr_fn expr_fn_timex[];
extern const struct expr_fn expr_fn_uri[];
extern const struct expr_fn expr_fn_path[];

const struct expr_fn *expr_fn_find(const char *name, size_t len);
const char *expr_fn_near(const char *name, size_t len);
/* NULL: fine; else what is wrong with these arguments. */
const char *expr_fn_check(const struct expr_fn *fn, struct expr_node **kids,
    size_t n, char *text, size_t size, size_t *bad);

/* -- compiling -- */

struct expr_code {
	struct arena *a;
	enum expr_mode mode;
	bool uses_all;
	bool borrowed; /* the arena is the caller's */
	struct expr_use *uses;
	struct expr_re *res;
};
/* `full`: JavaScript's whole language, any case; else what isMatch takes. */
struct re *expr_re(const char *pattern, size_t n, bool full, struct err *e);
struct re *expr_code_re(struct expr_code *c, const char *pattern, size_t n,
    bool full, struct err *e);
int expr_code_use(struct expr_code *c, const char *name, size_t n);
/* Give each chain of names its path. */
int expr_bind(struct expr_code *c, struct expr_node *n, struct err *e);

/* -- failing -- */

int expr_fail(struct expr_run *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* "ARGUMENT what": names argument `i` of what runs. */
int expr_fail_arg(struct expr_run *x, size_t i, const char *what);
int expr_limit(struct expr_run *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int expr_nomem(struct expr_run *x);

/* -- memory and work, counted -- */

void *expr_alloc(struct expr_run *x, size_t n);
static inline int
expr_step(struct expr_run *x, size_t n)
{
	if ((x->steps += n) > EXPR_STEPS)
		return expr_limit(x, "takes too many steps");
	return 0;
}
int expr_copy(struct expr_run *x, const char *s, size_t n, struct val *out);
/* A new list of n items, to be filled. */
struct val *expr_items(struct expr_run *x, size_t n);
int expr_put(struct expr_run *x, struct val_obj *o, const char *name,
    size_t len, struct val v);

/* -- values -- */

int expr_access(struct expr_run *x, const struct expr_node *n, struct val *out);
bool expr_truth(const struct val *v);
/* Append as JavaScript's String() does. */
int expr_js_text(struct expr_run *x, const struct val *v, struct buf *out);
/* Append as &, concat and string() do. */
int expr_common_text(struct expr_run *x, const struct val *v, struct buf *out);
int expr_json_text(struct expr_run *x, const struct val *v, struct buf *out);
/* -1 with the reason when `out` has failed, else 0. */
int expr_full(struct expr_run *x, const struct buf *out);
/* The operator ==; 1, 0 or -1 (a ceiling). */
int expr_equal(struct expr_run *x, const struct val *a, const struct val *b);
/* The same value: no objects by content. */
bool expr_same(const struct val *a, const struct val *b);
/* Member by name, any case; items and characters by "0", "1"... */
int expr_member(struct expr_run *x, const struct val *v, const char *name,
    size_t len, struct val *out);
int expr_item(
    struct expr_run *x, const struct val *v, double index, struct val *out);
/* A path in `scope`. */
int expr_lookup(struct expr_run *x, const struct val *scope, const char *path,
    size_t len, struct val *out);
/* A path from where names are looked up. */
int expr_lookup_name(
    struct expr_run *x, const char *path, size_t len, struct val *out);
/* Text of UTF-16 units from..to. */
int expr_units(struct expr_run *x, const struct val *t, size_t from, size_t to,
    struct val *out);

/* Local milliseconds now in the zone of argument 1 (default UTC). */
int expr_zone_now(
    struct expr_run *x, const struct val *a, size_t n, double *ms);

static inline bool
expr_is_num(const struct val *v)
{
	return v->kind == VAL_NUM && v->num == v->num;
}
bool expr_is_whole(const struct val *v);

#endif
