/*
 * Work that takes its time: the handler returns at once, and a thread of our
 * own answers when it is through.
 */
#define _GNU_SOURCE /* strdup */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <webexbot/webexbot.h>

static struct wb_bot *bot;

static int
tell(struct wb_turn *turn, void *arg)
{
	return wb_reply_text(turn, "The sum is %ld.", *(long *)arg);
}

static void *
add_up(void *token)
{
	long i, sum = 0;

	for (i = 1; i <= 1000; i++)
		sum += i;
	wb_answer(bot, token, tell, &sum);
	free(token);
	return NULL;
}

static int
sum(struct wb_turn *turn, void *arg)
{
	const char *token = wb_later(turn);
	pthread_t thread;
	char *copy;

	(void)arg;
	if (token == NULL || (copy = strdup(token)) == NULL)
		return wb_fail_retry(turn, "no memory");
	if (pthread_create(&thread, NULL, add_up, copy) != 0) {
		free(copy);
		return wb_fail_retry(turn, "no thread");
	}
	pthread_detach(thread);
	return wb_reply_text(turn, "One moment.");
}

int
main(int argc, char **argv)
{
	bot = wb_bot_new();
	wb_on_word(bot, "sum", "adds up, slowly", sum, NULL);
	return wb_bot_main(bot, argc, argv);
}
