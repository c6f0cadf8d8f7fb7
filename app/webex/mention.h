/*
 * What a person said to the bot: the text of a message without the bot's
 * own mention.  Pure.
 */
#ifndef WEBEX_MENTION_H
#define WEBEX_MENTION_H

#include <stdbool.h>

#include "base/buf.h"

struct mention_bot {
	const char *id;
	const char *name; /* displayName */
	const char *nick; /* nickName, may be NULL */
};

/*
 * Append the text, blanks at both ends cut.  `html` (may be NULL) is walked
 * for spark-mention elements whose id is the bot's (a public id or a raw
 * uuid); without one, in a group room, the bot's name at the start of
 * `text` (may be NULL) is cut.  -1: the buffer is full.
 */
int mention_strip(const char *html, const char *text, bool group,
    const struct mention_bot *bot, struct buf *out);

#endif
