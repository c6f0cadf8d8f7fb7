/* A compiled template; for tpl*.c only. */
#ifndef CARD_TPL_INT_H
#define CARD_TPL_INT_H

#include "card/tpl.h"

enum tpl_op {
	TPL_VAL,  /* as it is */
	TPL_EXPR, /* one expression: its value */
	TPL_TEXT, /* parts, joined */
	TPL_LIST,
	TPL_OBJ,
};

enum tpl_when { TPL_ALWAYS, TPL_NEVER, TPL_IF, TPL_JOINED };

struct tpl_part {
	const struct expr_node *expr; /* NULL: the text */
	struct val text;
};

struct tpl_member {
	const char *name;
	uint32_t len;
	uint32_t hash;
	const struct tpl_node *node;
};

struct tpl_node {
	uint8_t op;
	uint8_t when; /* OBJ */
	uint32_t n;   /* parts, items, members */
	const char *path;
	union {
		struct val v;
		const struct expr_node *expr;
		const struct tpl_part *parts;
		const struct tpl_node *const *items;
		const struct tpl_member *members;
	};
	const struct tpl_node *data;       /* OBJ: $data, NULL: none */
	const struct expr_node *when_expr; /* OBJ, TPL_IF */
	const struct tpl_node *when_text;  /* OBJ, TPL_JOINED */
};

struct tpl {
	struct expr_code *code;
	const struct tpl_node *root;
	bool fixed;
};

/* 0 or -1: memory. */
int tpl_trace_note(
    struct tpl_trace *tr, const struct val_obj *o, const char *path);

#endif
