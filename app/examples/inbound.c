/*
 * A notification of another program: POST /events/deploys, with the key that
 * bot.json names, is told to whom it concerns.
 *
 *   { "inbound": { "deploys": { "key": "env:DEPLOYS_KEY" } } }
 */
#include <webexbot/webexbot.h>

static int
deployed(struct wb_turn *turn, void *arg)
{
	const char *app = wb_get(turn, "event.app");
	const char *owner = wb_get(turn, "event.owner");

	if (app == NULL)
		return wb_fail(turn, "no app in the notification");
	if (wb_to_email(turn, owner != NULL ? owner : arg) == -1)
		return -1;
	return wb_reply_markdown(turn, "**%s** was deployed.", app);
}

int
main(int argc, char **argv)
{
	static char ops[] = "anna@example.com";
	struct wb_bot *bot = wb_bot_new();

	wb_on_event(bot, "inbound.deploys", deployed, ops);
	return wb_bot_main(bot, argc, argv);
}
