/* A parsed jPath; for jpath*.c only. */
#ifndef CARD_JPATH_PARSE_H
#define CARD_JPATH_PARSE_H

#include "card/expr_int.h"

enum jp_type {
	JP_PATH,    /* kids are parts */
	JP_SELECT,  /* part: .name .* ..name */
	JP_FILTER,  /* part: {expression} */
	JP_PLACE,   /* part: [n] [from:to]; kids may be NULL */
	JP_CONCAT,  /* a | b, also as a part */
	JP_LOGIC,   /* && || */
	JP_COMPARE, /* == < ^= ... */
	JP_MATH,
	JP_UNARY, /* ! - */
	JP_LITERAL,
};

struct jp {
	enum jp_type type;
	char op[4];     /* of LOGIC, COMPARE, MATH, UNARY; "^" root path */
	bool deep;      /* SELECT: .. */
	bool missing;   /* PATH: starts from a substitution that is not there */
	bool range;     /* PLACE */
	bool all;       /* SELECT: * */
	struct val v;   /* LITERAL; SELECT: the name, or missing */
	struct jp *kid; /* first */
	struct jp *next;
};

struct jp *jp_parse(struct expr_run *x, const char *s, size_t n);

#endif
