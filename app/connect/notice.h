/*
 * Notifications of Webex Connect as one tidy model: receipts, incoming
 * messages and events of every channel, with the spelling traps of the
 * documents straightened by tables (platform facts 1.5 to 1.8).  Pure.
 *
 * The model is an object: `kind` (receipt, message, event), `channel`,
 * `status`, `code`, `description`, `event`, `from`, `to`, `text`, `transid`,
 * `correlationid`, `time` ("" when they did not come), and as far as they
 * came `subject`, `html`, `subtid`, `callbackData`, `messageId`, `appId`,
 * `data` and so on; each is a text but for those that the platform sends as
 * JSON within a text.
 * Nothing that is unknown or of another type makes it fail.
 */
#ifndef CONNECT_NOTICE_H
#define CONNECT_NOTICE_H

#include <stdbool.h>

#include "base/json.h"

/* NULL: memory is out.  `body` is an object. */
struct json *notice_new(const struct json *body);

/* A text of the model, "" when it is missing; lent. */
const char *notice_get(const struct json *notice, const char *name);

/*
 * "receipts.failed", "messages.sms", "events.subscribe": what listings and
 * outbound webhooks call it; returns out.
 */
#define NOTICE_TYPE 96
const char *notice_type(const struct json *notice, char out[NOTICE_TYPE]);

/*
 * The key that repetitions share: a digest of the body, blanks outside of
 * texts aside.  The platform gives no id, and several different notifications
 * may share all its numbers.  0 or -1.
 */
#define NOTICE_KEY 80
int notice_key(const struct json *body, char key[NOTICE_KEY]);

/*
 * Does a word of a rule ("Failed", "un-delivered", "+1555*") fit the
 * model's value?  Any case; hyphens, blanks and underscores are passed over;
 * * matches any run.
 */
bool notice_fits(const char *pattern, const char *value);

/*
 * Is there a channel that this word of a rule fits?  Else *near is the one
 * that may have been meant; NULL: none is near.
 */
bool notice_channel_known(const char *pattern, const char **near);

#endif
