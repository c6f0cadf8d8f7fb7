/*
 * Ids as Webex writes them: base64 (URL-safe, no padding) of
 * ciscospark://CLUSTER/TYPE/UUID.  Clients treat them as opaque, and so does
 * the simulator when it looks something up.  Any thread.
 */
#ifndef SIM_ID_H
#define SIM_ID_H

#include <stddef.h>

#define ID_UUID 40  /* a uuid and its NUL, with room to spare */
#define ID_MAX 176  /* the longest public id: a membership */
#define ID_TRACK 48 /* ROUTER_ and a uuid in capitals */
#define ID_CLUSTER 32

/* A random uuid (version 4). */
void id_uuid(char out[ID_UUID]);

/* `cluster` NULL means "us". */
void id_public(
    const char *cluster, const char *type, const char *rest, char out[ID_MAX]);

/* What an answer carries as trackingId. */
void id_track(char out[ID_TRACK]);

#endif
