/*
 * The attachments of a message: one adaptive card of version 1.3 or less
 * (sections 2.2 and 2.3 of the platform's facts).  Pure.
 */
#ifndef SIM_ATTACH_H
#define SIM_ATTACH_H

#include "base/json.h"

/*
 * Check what came as `attachments` (NULL: nothing came).  0: *card is the
 * content as compact JSON for the caller to free, or NULL when there is no
 * card.  -1: *why is the platform's error text.
 */
int attach_read(const struct json *attachments, char **card, const char **why);

/*
 * What a press of the Submit titled `title` sends: its data, the values its
 * inputs start with, and `inputs` over them.  NULL: no such button.
 */
struct json *attach_press(
    const char *card, const char *title, const struct json *inputs);

#endif
