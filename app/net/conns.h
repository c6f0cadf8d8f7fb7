/*
 * The deadlines of connections that civetweb does not keep: a body must
 * arrive within its time, and when nearly every thread is taken the
 * connections that have been silent longest are closed, those that have not
 * finished a handshake or a first request among them.
 *
 * civetweb lends no socket, so the reaper looks through the sockets of the
 * process for those whose local end is the server's, tells them apart by
 * their peer, and shuts one down, which ends the wait of its thread.
 * Sockets of unix peers cannot be told apart and are left alone, though
 * they count: whoever may open one is trusted.
 *
 * Clients that keep their connections and are never silent take no thread
 * for good, either: while nearly every thread is held by one, an answer ends
 * its connection, so that whoever waits in the queue gets a turn.
 */
#ifndef NET_CONNS_H
#define NET_CONNS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

struct conns;
struct conn;

/*
 * `most`: threads there are; `queue`: connections that may wait for one;
 * `request_ms`: for a body to arrive; `ours`: is this the local end of one
 * of the server's sockets?
 */
struct conns *conns_new(int most, int queue, int request_ms,
    bool (*ours)(const struct sockaddr_storage *local, void *arg), void *arg,
    struct err *e);
void conns_free(struct conns *cs);

/*
 * A connection from its first request on, on its own thread.  NULL when
 * memory is out; every function takes that as a connection not watched.
 */
struct conn *conn_open(struct conns *cs, const char *peer, int port);
void conn_reads(struct conn *c); /* a body is being read */
void conn_works(struct conn *c); /* the handler works: leave it alone */
void conn_waits(struct conn *c); /* for the next request */
/* Are threads scarce, so that no connection should be kept? */
bool conns_crowded(const struct conns *cs);
/*
 * Before the socket of any connection is closed (c may be NULL): returns
 * when the reaper does not look at it.
 */
void conn_close(struct conns *cs, struct conn *c);

/*
 * Wake every thread that waits for a client, and the one that waits for
 * connections, by ending the reading of all the server's sockets.
 */
void conns_shut(struct conns *cs);

#endif
