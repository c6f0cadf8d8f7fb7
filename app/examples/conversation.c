/* A conversation in two steps, remembered through restarts. */
#include <string.h>
#include <webexbot/webexbot.h>

#define PATIENCE 600 /* seconds for an answer */

static int
order(struct wb_turn *turn, void *arg)
{
	(void)arg;
	wb_reply_text(turn, "Which dish?");
	return wb_ask(turn, "dish", PATIENCE);
}

static int
dish(struct wb_turn *turn, void *arg)
{
	(void)arg;
	if (strcmp(wb_text(turn), "cancel") == 0)
		return wb_reply_text(turn, "As you like.");
	if (wb_memory_set(turn, WB_OF_PERSON, "dish", wb_text(turn)) == -1)
		return -1;
	wb_reply_text(turn, "How many?");
	return wb_ask(turn, "count", PATIENCE);
}

static int
count(struct wb_turn *turn, void *arg)
{
	const char *what = wb_memory_get(turn, WB_OF_PERSON, "dish");

	(void)arg;
	if (strspn(wb_text(turn), "0123456789") != strlen(wb_text(turn))) {
		wb_reply_text(turn, "A number, please.");
		return wb_ask(turn, "count", PATIENCE);
	}
	return wb_reply_text(turn, "%s times %s it is.", wb_text(turn),
	    what == NULL ? "nothing" : what);
}

int
main(int argc, char **argv)
{
	struct wb_bot *bot = wb_bot_new();

	wb_on_word(bot, "order", "orders lunch", order, NULL);
	wb_on_answer(bot, "dish", dish, NULL);
	wb_on_answer(bot, "count", count, NULL);
	return wb_bot_main(bot, argc, argv);
}
