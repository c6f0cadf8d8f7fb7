/* Printing what a rehearsal or an event came to: match, inject, send. */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include <stdbool.h>

#include "base/cfg.h"
#include "base/json.h"

/*
 * To stdout, as text or JSON; `place` of the rule becomes FILE:LINE:COL.
 * -1: memory is out.
 */
int outcome_print(const struct cfg *cfg, struct json *out, bool as_json);

/* Of an event from the store: its body as it came in, without our head. */
void outcome_body(struct json *event);
/*
 * Such an event as a line, or as JSON; the line tells `name` where it has a
 * value.  CLI_OK: it is done.
 */
int outcome_event(const struct json *event, const char *name, const char *value,
    bool as_json);
/* Any value to stdout, as indented JSON and a line end. */
int outcome_json(const struct json *j);

#endif
