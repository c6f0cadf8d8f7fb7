/* A form: a card is sent, its submit is answered, and the card goes away. */
#include <stdlib.h>
#include <webexbot/webexbot.h>

static const char card[] =
    "{ \"type\": \"AdaptiveCard\", \"version\": \"1.3\", \"body\": ["
    "  { \"type\": \"TextBlock\", \"text\": \"How many days off?\" },"
    "  { \"type\": \"Input.Number\", \"id\": \"days\", \"min\": 1 } ],"
    "  \"actions\": [ { \"type\": \"Action.Submit\", \"title\": \"Ask\","
    "    \"data\": { \"form\": \"leave\" } } ] }";

static int
ask(struct wb_turn *turn, void *arg)
{
	(void)arg;
	return wb_reply_card_json(turn, card, "Say: leave DAYS");
}

static int
submitted(struct wb_turn *turn, void *arg)
{
	const char *days = wb_input(turn, "days");

	(void)arg;
	if (days == NULL || atoi(days) < 1)
		return wb_reply_text(turn, "Please say how many days.");
	if (wb_reply_markdown(turn, "**%s** asks for %d days off.",
		wb_sender(turn), atoi(days)) == -1)
		return -1;
	return wb_delete(turn, wb_message(turn));
}

int
main(int argc, char **argv)
{
	struct wb_bot *bot = wb_bot_new();

	wb_on_word(bot, "leave", "asks for days off", ask, NULL);
	wb_on_action(bot, "", submitted, NULL);
	return wb_bot_main(bot, argc, argv);
}
