/*
 * What is wrong right now, for /readyz, the log and a metric: a problem is
 * put up when it is seen and taken down when it is over.  Any thread.
 */
#ifndef BOT_BOARD_H
#define BOT_BOARD_H

#include <stdbool.h>

#include "base/json.h"

enum board_code {
	BOARD_TOKEN,    /* Webex refuses the token, or it is no bot's */
	BOARD_API,      /* Webex does not answer */
	BOARD_PAUSE,    /* it has asked for a long pause */
	BOARD_WEBHOOKS, /* missing, inactive, elsewhere */
	BOARD_RULES,    /* bot.json or a card could not be reloaded */
	BOARD_TLS,      /* nor could the certificate */
	BOARD_STORE,    /* writing fails */
	BOARD_COUNT
};

struct board;

struct board *board_new(void);
void board_free(struct board *b);

/* Put up, or take down with fmt NULL.  Logs when the text changes. */
void board_set(struct board *b, enum board_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool board_has(struct board *b, enum board_code code);
/* A list of texts; NULL when memory is out. */
struct json *board_list(struct board *b);

#endif
