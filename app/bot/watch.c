/* Looking at a folder; see watch.h. */
#include "bot/watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/str.h"
#include "base/thr.h"

#define WATCH_QUIET_MS 200 /* an editor writes in several steps */
#define WATCH_LATEST_MS 2000
#define WATCH_AGAIN_MS 1000 /* the folder itself is gone */
#define WATCH_WHAT                                                             \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |            \
	    IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF)

struct watch {
	char *dir;
	void (*changed)(void *arg);
	void *arg;
	int in;   /* inotify */
	int stop; /* eventfd */
	int wd;   /* -1: the folder is not there */
	pthread_t thread;
};

/*
 * Does it concern a card or the bot file?  Kubernetes changes a folder by
 * moving a link called ..data.
 */
static bool
watch_matters(const struct inotify_event *ev)
{
	if (ev->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_Q_OVERFLOW))
		return true;
	/* what is created is empty, unless it is a link */
	return ev->len > 0 && (str_suffix(ev->name, ".json") ||
				  strcmp(ev->name, "..data") == 0);
}

/* Read what has come; does any of it matter? */
static bool
watch_read(struct watch *w)
{
	char block[4096]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *ev;
	bool matters = false;
	ssize_t n;
	char *p;

	while ((n = read(w->in, block, sizeof block)) > 0)
		for (p = block; p < block + n; p += sizeof *ev + ev->len) {
			ev = (const struct inotify_event *)(void *)p;
			if (ev->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) {
				inotify_rm_watch(w->in, w->wd);
				w->wd = -1;
			}
			matters |= watch_matters(ev);
		}
	return matters;
}

/* Wait for something; false: stop.  *woke: there is something to read. */
static bool
watch_poll(struct watch *w, int ms, bool *woke)
{
	struct pollfd pfd[2] = {
	    {.fd = w->in, .events = POLLIN}, {.fd = w->stop, .events = POLLIN}};

	*woke = poll(pfd, 2, ms) > 0 && pfd[0].revents != 0;
	return pfd[1].revents == 0;
}

static void *
watch_run(void *arg)
{
	struct watch *w = arg;
	int64_t since = 0; /* the first change that is not told yet */
	bool woke;

	while (watch_poll(w,
	    since != 0    ? WATCH_QUIET_MS
	    : w->wd == -1 ? WATCH_AGAIN_MS
			  : -1,
	    &woke)) {
		if (woke && watch_read(w) && since == 0)
			since = clk_mono_ms();
		if (w->wd == -1 &&
		    (w->wd = inotify_add_watch(w->in, w->dir, WATCH_WHAT)) !=
			-1 &&
		    since == 0)
			since = clk_mono_ms();
		if (since == 0 ||
		    (woke && clk_mono_ms() - since < WATCH_LATEST_MS))
			continue;
		since = 0;
		if (w->wd != -1)
			w->changed(w->arg);
	}
	return NULL;
}

static void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	if (w->in != -1)
		close(w->in);
	if (w->stop != -1)
		close(w->stop);
	free(w->dir);
	free(w);
}

struct watch *
watch_start(
    const char *dir, void (*changed)(void *arg), void *arg, struct err *e)
{
	struct watch *w = calloc(1, sizeof *w);

	if (w == NULL || (w->dir = strdup(dir)) == NULL) {
		free(w);
		err_nomem(e);
		return NULL;
	}
	w->changed = changed;
	w->arg = arg;
	w->in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->stop = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	w->wd = w->in == -1 ? -1 : inotify_add_watch(w->in, dir, WATCH_WHAT);
	if (w->wd == -1 || w->stop == -1)
		err_set(e, ERR_PERM, "%s cannot be watched: %s", dir,
		    strerror(errno));
	else if (thr_start(&w->thread, "wb-watch", watch_run, w) == 0)
		return w;
	else
		err_set(e, ERR_BUG, "no thread to watch %s", dir);
	watch_free(w);
	return NULL;
}

void
watch_stop(struct watch *w)
{
	uint64_t one = 1;

	if (w == NULL)
		return;
	if (write(w->stop, &one, sizeof one) == (ssize_t)sizeof one)
		pthread_join(w->thread, NULL);
	watch_free(w);
}
