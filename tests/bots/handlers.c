/* What handlers may do wrong, and what they see; for tests/flow/425-handlers.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <webexbot/webexbot.h>

#define SAYS(turn, what) wb_reply_text(turn, "%s", (what) ? (what) : "(none)")

/* A text that was cut through a letter. */
static int
cut(struct wb_turn *turn, void *arg)
{
	(void)arg;
	return wb_reply_text(turn, "caf\xc3 au lait");
}

static int
keep(struct wb_turn *turn, void *arg)
{
	(void)arg;
	if (wb_memory_set(turn, WB_OF_ROOM, "k", "caf\xc3") == -1 &&
	    wb_ask(turn, "nobody", 60) == -1)
		return wb_reply_text(turn, "not kept");
	return wb_reply_text(turn, "kept");
}

/* Two values that fit, and do not fit together. */
static int
fill(struct wb_turn *turn, void *arg)
{
	static char big[40001];
	int first, second;

	(void)arg;
	memset(big, 'x', sizeof big - 1);
	first = wb_memory_set(turn, WB_OF_ROOM, "one", big);
	second = wb_memory_set(turn, WB_OF_ROOM, "two", big);
	return wb_reply_text(turn, "%d %d %s", first, second,
	    wb_memory_get(turn, WB_OF_ROOM, "two") == NULL ? "none" : "two");
}

/* What has been remembered is what templates see. */
static int
count(struct wb_turn *turn, void *arg)
{
	const char *seen;

	(void)arg;
	if (wb_memory_set(turn, WB_OF_ROOM, "n", wb_args(turn)) == -1)
		return -1;
	seen = wb_get(turn, "memory.room.n");
	return wb_reply_card(turn, "seen", NULL) == -1 ? -1 : SAYS(turn, seen);
}

/* A wrong card is known before it is sent. */
static int
card(struct wb_turn *turn, void *arg)
{
	static const char wrong[] =
	    "{\"type\":\"AdaptiveCard\",\"version\":\"1.3\","
	    "\"body\":[{\"type\":\"TextBlok\",\"text\":\"x\"}]}";
	static const char form[] =
	    "{\"type\":\"AdaptiveCard\",\"version\":\"1.3\",\"body\":["
	    "{\"type\":\"Input.Text\",\"id\":\"name\",\"label\":\"Name\","
	    "\"isRequired\":true,\"errorMessage\":\"A name, please\"}],"
	    "\"actions\":[{\"type\":\"Action.Submit\",\"title\":\"Go\"}]}";

	(void)arg;
	if (wb_reply_card_json(turn, wrong, "wrong") != -1)
		return wb_fail(turn, "a wrong card was taken");
	return wb_reply_card_json(turn, form, "a form");
}

static int
submitted(struct wb_turn *turn, void *arg)
{
	const char *name = wb_input(turn, "name");

	(void)arg;
	return wb_reply_text(turn, "%s %s", name == NULL ? "nobody" : name,
	    wb_card(turn) == NULL ? "unnamed" : wb_card(turn));
}

static int
files(struct wb_turn *turn, void *arg)
{
	(void)arg;
	return SAYS(turn, wb_get(turn, "files"));
}

static int
sheet(struct wb_turn *turn, void *arg)
{
	(void)arg;
	if (wb_reply_file(turn, "../secret", NULL) != -1)
		return wb_fail(turn, "a path was taken");
	return wb_reply_file(turn, "sheet.txt", "your sheet");
}

/* Nobody is there to be asked or remembered. */
static int
deploy(struct wb_turn *turn, void *arg)
{
	(void)arg;
	if (wb_to_email(turn, "anna@example.com") == -1)
		return -1;
	return wb_reply_text(turn, "%s %d %d", wb_kind(turn),
	    wb_memory_set(turn, WB_OF_ROOM, "k", "v"), wb_ask(turn, "q", 60));
}

static int
boom(struct wb_turn *turn, void *arg)
{
	(void)arg;
	return wb_fail(turn, "it went wrong");
}

static int
seven(struct wb_turn *turn, void *arg)
{
	(void)turn;
	(void)arg;
	return 7;
}

/* Deeper than any stack. */
static int
deep(volatile const char *above)
{
	volatile char here[4096];

	here[0] = above[0];
	return here[0] == 'x' ? 0 : deep(here) + here[0];
}

static int
crash(struct wb_turn *turn, void *arg)
{
	(void)turn;
	(void)arg;
	return deep("");
}

/* The reason is that of what failed last. */
static int
wrong(struct wb_turn *turn, void *arg)
{
	(void)arg;
	if (wb_reply_card(turn, "nosuch", NULL) != -1)
		return wb_fail(turn, "a card that is not there was taken");
	return wb_trigger(turn, "{ not json", NULL);
}

/* What may pass is tried again when the handler only says that it failed. */
static int
fetch(struct wb_turn *turn, void *arg)
{
	FILE *f = wb_file(turn, 0, 1000);
	char text[100];
	int rc = -1;

	(void)arg;
	if (f == NULL)
		return -1;
	if (fgets(text, sizeof text, f) != NULL)
		rc = wb_reply_text(turn, "%s", text);
	fclose(f);
	return rc;
}

/* Answers from a thread of one's own. */
static struct {
	struct wb_bot *bot;
	wb_handler *say;
	char token[8192];
} job;

static int
say_late(struct wb_turn *turn, void *arg)
{
	(void)arg;
	if (wb_to_email(turn, "anna@example.com") == -1)
		return -1;
	return wb_reply_text(turn, "late");
}

/* One that does not end when the bot does. */
static int
linger(struct wb_turn *turn, void *arg)
{
	(void)turn;
	(void)arg;
	fprintf(stderr, "lingering\n");
	for (;;)
		pause();
	return 0;
}

static void *
work(void *arg)
{
	if (wb_answer(job.bot, job.token, job.say, NULL) == -1)
		fprintf(stderr, "not answered\n");
	return arg;
}

/* `arg`: what the answer does. */
static int
later(struct wb_turn *turn, void *arg)
{
	const char *token = wb_later(turn);
	pthread_t thread;

	if (token == NULL)
		return -1;
	strcpy(job.token, token);
	job.say = arg == NULL ? say_late : linger;
	if (pthread_create(&thread, NULL, work, NULL) != 0)
		return -1;
	pthread_detach(thread);
	return 0;
}

int
main(int argc, char **argv)
{
	struct wb_bot *bot = wb_bot_new();

	job.bot = bot;
	wb_on_word(bot, "wrong", NULL, wrong, NULL);
	wb_on_word(bot, "fetch", NULL, fetch, NULL);
	wb_on_word(bot, "linger", NULL, later, bot);
	wb_on_event(bot, "inbound.builds", later, NULL);
	wb_on_event(bot, "meetings.started", boom, NULL);
	if (getenv("HANDLERS_TYPO") != NULL)
		wb_on_event(bot, "memberships.create", boom, NULL);

	wb_on_word(bot, "cut", NULL, cut, NULL);
	wb_on_word(bot, "keep", NULL, keep, NULL);
	wb_on_word(bot, "fill", NULL, fill, NULL);
	wb_on_word(bot, "count", NULL, count, NULL);
	wb_on_word(bot, "card", NULL, card, NULL);
	wb_on_word(bot, "files", NULL, files, NULL);
	wb_on_word(bot, "sheet", NULL, sheet, NULL);
	wb_on_word(bot, "seven", NULL, seven, NULL);
	wb_on_word(bot, "boom", NULL, boom, NULL);
	wb_on_word(bot, "crash", NULL, crash, NULL);
	if (getenv("HANDLERS_TWICE") != NULL)
		wb_on_word(bot, "Boom", NULL, boom, NULL);
	wb_on_action(bot, "", submitted, NULL);
	wb_on_event(bot, "inbound.deploys", deploy, NULL);
	wb_on_event(bot, "event.boom", boom, NULL);
	return wb_bot_main(bot, argc, argv);
}
