/*
 * What Webex said of persons and rooms, for some minutes: a rule that greets
 * by name must not cost a call for each message.  The engine's thread.
 */
#ifndef BOT_PEOPLE_H
#define BOT_PEOPLE_H

#include "base/json.h"

struct people;

struct people *people_new(void);
void people_free(struct people *p);

/* A copy for the caller, or NULL: not known, or too old. */
struct json *people_get(struct people *p, const char *id);
/* Keep a copy (NULL: nothing). */
void people_put(struct people *p, const char *id, const struct json *j);
/* What is known of it is no longer true. */
void people_forget(struct people *p, const char *id);

#endif
