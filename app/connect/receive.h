/*
 * Who may send us notifications of Webex Connect: "connect.receive" of the
 * bot file.  Threads of the HTTP server.
 */
#ifndef CONNECT_RECEIVE_H
#define CONNECT_RECEIVE_H

#include "connect/ask.h"
#include "connect/auth.h"
#include "connect/conf.h"

struct receive;

/*
 * Read "secret", "algorithm", "header", "trim" and "auth" of `obj` (NULL:
 * nothing is checked, with a warning).  NULL: memory is out.
 */
struct receive *receive_new(struct conf *c, const struct json *obj,
    const char *path, const struct auth_opts *o);
void receive_free(struct receive *r);

/* May wait for another server (auth.h). */
enum auth_end receive_check(
    struct receive *r, const struct ask *q, struct auth_said *said);

#endif
