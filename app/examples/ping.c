/* The smallest bot in C: `ping` and `ping something`. */
#include <webexbot/webexbot.h>

static int
ping(struct wb_turn *turn, void *arg)
{
	(void)arg;
	return wb_reply_text(turn, "pong %s", wb_args(turn));
}

int
main(int argc, char **argv)
{
	struct wb_bot *bot = wb_bot_new();

	wb_on_word(bot, "ping", "answers at once", ping, NULL);
	return wb_bot_main(bot, argc, argv);
}
