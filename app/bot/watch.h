/*
 * A folder that is looked at for changes (inotify), so that what was edited
 * is in use a moment later.  One thread.
 */
#ifndef BOT_WATCH_H
#define BOT_WATCH_H

#include "base/err.h"

struct watch;

/*
 * Call `changed` on the watch's thread when a .json file of `dir` was
 * written, moved or removed and nothing more has come for a moment.  NULL:
 * the system gives no watch.
 */
struct watch *watch_start(
    const char *dir, void (*changed)(void *arg), void *arg, struct err *e);
/* No call is under way when it returns; NULL is fine. */
void watch_stop(struct watch *w);

#endif
