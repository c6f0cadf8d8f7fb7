/*
 * An event of Webex Connect: "sms NUMBER TEXT" and the submit of a card start
 * a flow that sends it.  It is stored with the reply and then sent, again
 * where that may help, until the platform says 1002.
 */
#define _GNU_SOURCE /* asprintf */
#include <stdio.h>
#include <stdlib.h>
#include <webexbot/webexbot.h>

/* Address and key are the operator's; what people say comes in as data. */
static int
sms(struct wb_turn *turn, void *arg)
{
	if (wb_trigger(turn, arg, NULL) == -1)
		return -1;
	return wb_reply_text(turn, "On its way.");
}

static char *
flow(const char *to, const char *text)
{
	const char *url = getenv("CONNECT_URL");
	char *s = NULL;

	if (asprintf(&s,
		"{\"event\": {\"url\": \"%s\", \"key\": \"env:CONNECT_KEY\","
		" \"evtid\": \"sms\", \"parameters\":"
		" {\"to\": \"%s\", \"text\": \"%s\"}}}",
		url == NULL ? "" : url, to, text) == -1)
		return NULL;
	return s;
}

int
main(int argc, char **argv)
{
	struct wb_bot *bot = wb_bot_new();
	char *said = flow("${match.to}", "${match.text}");
	char *form = flow("${inputs.to}", "${inputs.text}");
	int status;

	wb_on_regex(bot, "sms (?<to>\\+?[0-9]+) (?<text>.+)", "sends an SMS",
	    sms, said);
	wb_on_action(bot, "sms", sms, form);
	status = wb_bot_main(bot, argc, argv);
	free(said);
	free(form);
	return status;
}
