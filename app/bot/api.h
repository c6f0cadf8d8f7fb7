/* Behind include/webexbot/webexbot.h: what a bot in C has registered. */
#ifndef BOT_API_H
#define BOT_API_H

#include <stddef.h>
#include <webexbot/webexbot.h>

struct wb_bot {
	int unused;
};

/* Can it answer without a bot file? */
bool wb_bot_has_handlers(const struct wb_bot *bot);
void wb_bot_free(struct wb_bot *bot);

#endif
