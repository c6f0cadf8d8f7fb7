/*
 * Ids of Webex.  Opaque everywhere but here: one side of a comparison may
 * be the public id, the other a raw uuid (mentions in html, old clients).
 */
#ifndef WEBEX_WX_ID_H
#define WEBEX_WX_ID_H

#include <stdbool.h>

#define WX_UUID 37

/*
 * The uuid inside a public id (base64 of ciscospark://CLUSTER/TYPE/UUID),
 * or the id itself when it is a raw uuid; lower case.  0, or -1: neither.
 */
int wx_id_uuid(const char *id, char out[WX_UUID]);

/* Is it a public id of this type ("PEOPLE", "ROOM")? */
bool wx_id_is(const char *id, const char *type);

/* The same thing: equal as text, or by uuid.  NULL is no id. */
bool wx_id_same(const char *a, const char *b);

#endif
