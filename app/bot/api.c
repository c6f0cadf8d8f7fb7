/* The public interface for bots in C; see webexbot.h. */
#include "bot/api.h"

#include <stdlib.h>

struct wb_bot *
wb_bot_new(void)
{
	return calloc(1, sizeof(struct wb_bot));
}

void
wb_bot_free(struct wb_bot *bot)
{
	free(bot);
}

bool
wb_bot_has_handlers(const struct wb_bot *bot)
{
	return bot->unused != 0;
}
