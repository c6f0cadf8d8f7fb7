/* Words of the expression language; for expr_parse.c only. */
#ifndef CARD_EXPR_LEX_H
#define CARD_EXPR_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum expr_tok {
	TOK_END,
	TOK_BAD,
	TOK_NAME,
	TOK_NUMBER,
	TOK_TEXT,
	TOK_TICK,
	/* the rest are signs; binary operators first */
	TOK_POW,
	TOK_MUL,
	TOK_DIV,
	TOK_MOD,
	TOK_ADD,
	TOK_SUB,
	TOK_EQ,
	TOK_NE,
	TOK_LTGT,
	TOK_JOIN,
	TOK_LT,
	TOK_LE,
	TOK_GT,
	TOK_GE,
	TOK_AND,
	TOK_OR,
	TOK_ELSE, /* ?? */
	TOK_ASK,  /* ? */
	TOK_NOT,
	TOK_ARROW,
	TOK_OPEN,
	TOK_CLOSE,
	TOK_OPEN_LIST,
	TOK_CLOSE_LIST,
	TOK_OPEN_OBJ,
	TOK_CLOSE_OBJ,
	TOK_DOT,
	TOK_COMMA,
	TOK_COLON,
};

struct expr_lex {
	const char *s;
	size_t n;
	/* the current word */
	enum expr_tok tok;
	size_t from, to;
};

/* Move to the next word.  `operand`: % may start a name here. */
void expr_lex_next(struct expr_lex *l, bool operand);
/* What the word after the current one is, without moving. */
enum expr_tok expr_lex_peek(const struct expr_lex *l);
/* Past the quoted text at i; 0: it does not end. */
size_t expr_lex_quoted(const char *s, size_t n, size_t i);
/* Past the name at i; i: there is none. */
size_t expr_lex_name(const char *s, size_t n, size_t i);

#endif
