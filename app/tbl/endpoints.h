/*
 * Every call of the Webex REST API once (facts of the public OpenAPI).
 * ENDPOINT(id, method, path, group, may_repeat)
 *   path: `*` stands for an id; group: calls that share a limit (429);
 *   may_repeat: asking again after a lost answer does no harm.
 */
ENDPOINT(PEOPLE_ME, "GET", "/people/me", PEOPLE, true)
ENDPOINT(PERSON_GET, "GET", "/people/*", PEOPLE, true)
ENDPOINT(ROOM_GET, "GET", "/rooms/*", ROOMS, true)
ENDPOINT(MESSAGE_GET, "GET", "/messages/*", MESSAGES, true)
ENDPOINT(MESSAGE_LIST, "GET", "/messages", MESSAGES, true)
ENDPOINT(MESSAGE_DIRECT_LIST, "GET", "/messages/direct", MESSAGES, true)
ENDPOINT(MESSAGE_POST, "POST", "/messages", MESSAGES, false)
ENDPOINT(MESSAGE_PUT, "PUT", "/messages/*", MESSAGES, true)
ENDPOINT(MESSAGE_DELETE, "DELETE", "/messages/*", MESSAGES, true)
ENDPOINT(ACTION_GET, "GET", "/attachment/actions/*", ACTIONS, true)
ENDPOINT(CONTENT_HEAD, "HEAD", "/contents/*", CONTENTS, true)
ENDPOINT(CONTENT_GET, "GET", "/contents/*", CONTENTS, true)
ENDPOINT(ROOM_LIST, "GET", "/rooms", ROOMS, true)
ENDPOINT(MEMBERSHIP_LIST, "GET", "/memberships", MEMBERSHIPS, true)
ENDPOINT(WEBHOOK_LIST, "GET", "/webhooks", WEBHOOKS, true)
ENDPOINT(WEBHOOK_POST, "POST", "/webhooks", WEBHOOKS, false)
ENDPOINT(WEBHOOK_PUT, "PUT", "/webhooks/*", WEBHOOKS, true)
ENDPOINT(WEBHOOK_DELETE, "DELETE", "/webhooks/*", WEBHOOKS, true)
