/*
 * Events that crash the program; see epitaph.h.  The signal handler calls only
 * what it may (signal-safety(7)).
 */
#include "bot/epitaph.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "store/evq.h"

#define EPITAPH_TIMES 3 /* in a row */
#define EPITAPH_MAX 4096
#define EPITAPH_SUFFIX "-crash"
#define EPITAPH_STACK 65536

static char epitaph_path[4096]; /* "": nowhere */
static _Thread_local int64_t epitaph_id;
static _Thread_local const char *epitaph_handler;
static _Thread_local bool epitaph_ready; /* this thread's stack for it */
static pthread_key_t epitaph_stacks;

static const int epitaph_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#define EPITAPH_SIGNALS (sizeof epitaph_signals / sizeof epitaph_signals[0])
static struct sigaction epitaph_before[EPITAPH_SIGNALS];

static void
epitaph_write(int fd, const char *s, size_t n)
{
	if (write(fd, s, n) == -1)
		return; /* nowhere left to say so */
}

static void
epitaph_say(const char *s)
{
	epitaph_write(STDERR_FILENO, s, strlen(s));
}

/* The end of `text` with the number and a line end in it. */
static const char *
epitaph_number(int64_t n, char text[32])
{
	char *p = text + 31;

	*p = '\0';
	*--p = '\n';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	return p;
}

static void
epitaph_tell(void)
{
	char text[32];
	const char *number = epitaph_number(epitaph_id, text);
	int fd;

	epitaph_say("webexbot: ");
	if (epitaph_handler != NULL) {
		epitaph_say("the handler of ");
		epitaph_say(epitaph_handler);
		epitaph_say(" ");
	}
	epitaph_say("crashed at event ");
	epitaph_write(STDERR_FILENO, number, strlen(number) - 1);
	epitaph_say(
	    ", which is tried again after the next start, and is dead after "
	    "three such crashes\n");
	if (epitaph_path[0] == '\0')
		return;
	fd =
	    open(epitaph_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd != -1)
		epitaph_write(fd, number, strlen(number));
}

static void
epitaph_crashed(int sig)
{
	size_t i;

	for (i = 0; i < EPITAPH_SIGNALS; i++)
		if (epitaph_signals[i] == sig)
			sigaction(sig, &epitaph_before[i], NULL);
	if (epitaph_id != 0)
		epitaph_tell();
	raise(sig); /* and then as if we had not been here */
}

/* At the end of a thread. */
static void
epitaph_unstack(void *p)
{
	const stack_t none = {.ss_flags = SS_DISABLE};

	sigaltstack(&none, NULL);
	free(p);
}

/*
 * A stack that has overflown has no room for the handler: it runs on another,
 * unless the thread has one already (of a sanitizer, or another language).
 */
static void
epitaph_stack(void)
{
	stack_t st = {.ss_size = EPITAPH_STACK}, before;

	epitaph_ready = true;
	if (sigaltstack(NULL, &before) == 0 &&
	    (before.ss_flags & SS_DISABLE) == 0)
		return;
	if ((st.ss_sp = malloc(EPITAPH_STACK)) == NULL)
		return;
	if (pthread_setspecific(epitaph_stacks, st.ss_sp) != 0)
		free(st.ss_sp);
	else
		sigaltstack(&st, NULL);
}

static void
epitaph_watch(void)
{
	struct sigaction a;
	size_t i;

	pthread_key_create(&epitaph_stacks, epitaph_unstack);
	memset(&a, 0, sizeof a);
	a.sa_flags = SA_ONSTACK;
	a.sa_handler = epitaph_crashed;
	sigemptyset(&a.sa_mask);
	for (i = 0; i < EPITAPH_SIGNALS; i++)
		sigaction(epitaph_signals[i], &a, &epitaph_before[i]);
}

/* The event of the last lines, if it stands in enough of them; 0: none. */
static int64_t
epitaph_guilty(void)
{
	char *text, *line, *rest = NULL;
	long long id = 0, last = 0;
	int times = 0;

	if ((text = file_read(epitaph_path, EPITAPH_MAX, NULL, NULL)) == NULL)
		return 0;
	for (line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (str_num(line, 1, INT64_MAX, &id) == -1)
			continue;
		times = id == last ? times + 1 : 1;
		last = id;
	}
	free(text);
	return times >= EPITAPH_TIMES ? last : 0;
}

static void
epitaph_bury(const char *store, int64_t id)
{
	struct err e = ERR_INIT;
	struct evq_view *v = evq_view_open(store, &e);

	if (v != NULL && evq_view_end(v, id,
			     "it crashed the program again and again", &e) == 0)
		log_error("event %" PRId64 " crashed the program %d times in "
			  "a row and is dead: webexbot events show %" PRId64,
		    id, EPITAPH_TIMES, id);
	else
		log_error(
		    "event %" PRId64 " crashes the program: %s", id, e.text);
	evq_view_close(v);
}

void
epitaph_start(const char *store)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const char *file;
	int64_t id;

	pthread_once(&once, epitaph_watch);
	epitaph_path[0] = '\0';
	if (!str_prefix(store, "sqlite:"))
		return;
	file = store + strlen("sqlite:");
	if (strlen(file) + sizeof EPITAPH_SUFFIX > sizeof epitaph_path)
		return;
	snprintf(epitaph_path, sizeof epitaph_path, "%s" EPITAPH_SUFFIX, file);
	if ((id = epitaph_guilty()) == 0)
		return;
	epitaph_bury(store, id);
	unlink(epitaph_path);
}

void
epitaph_stop(void)
{
	if (epitaph_path[0] != '\0')
		unlink(epitaph_path);
	epitaph_path[0] = '\0';
}

void
epitaph_event(int64_t id, const char *handler)
{
	if (!epitaph_ready)
		epitaph_stack();
	epitaph_id = id;
	epitaph_handler = handler;
}
