/*
 * The gallery of cards: a page that shows every card of a folder with its
 * sample data, edited data at once and errors at their line, and is told
 * when a file changes.  Served by `webexbot cards preview` and by the
 * simulator.  Reads the folder, never writes.
 */
#ifndef CLI_PREVIEW_H
#define CLI_PREVIEW_H

#include <stdbool.h>

#include "base/err.h"

struct http_req;
struct preview_gallery;

/* `dir` is copied; `chat`: there is a chat page at /.  NULL: `e`. */
struct preview_gallery *preview_open(const char *dir, bool chat, struct err *e);
/* End the streams, since a server waits for its handlers; any thread. */
void preview_stop(struct preview_gallery *g);
void preview_free(struct preview_gallery *g);

/* Requests for /preview/..., on the threads of a server. */
void preview_serve(struct http_req *r, void *gallery);

/* A server of its own, until SIGINT or SIGTERM; an exit status. */
int preview_run(const char *dir, const char *listen);

#endif
