/* A file of the message is read: `lines` counts its lines. */
#include <stdio.h>
#include <webexbot/webexbot.h>

#define LARGEST (10u << 20)

static int
count(struct wb_turn *turn, void *arg)
{
	FILE *f;
	long n = 0;
	int c;

	(void)arg;
	if (wb_get(turn, "message.files") == NULL)
		return wb_reply_text(turn, "Send a file with it.");
	if ((f = wb_file(turn, 0, LARGEST)) == NULL)
		return -1;
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return wb_reply_text(turn, "%ld lines", n);
}

int
main(int argc, char **argv)
{
	struct wb_bot *bot = wb_bot_new();

	wb_on_word(bot, "lines", "counts the lines of a file", count, NULL);
	return wb_bot_main(bot, argc, argv);
}
