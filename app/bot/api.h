/* Behind include/webexbot/webexbot.h: what a bot in C has registered. */
#ifndef BOT_API_H
#define BOT_API_H

#include <stddef.h>
#include <webexbot/webexbot.h>

struct wb_bot {
	int unused;
};

void wb_bot_free(struct wb_bot *bot);

#endif
