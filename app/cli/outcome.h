/* Printing what a rehearsal came to: for match and inject --dry-run. */
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
/* Any value to stdout, as indented JSON and a line end. */
int outcome_json(const struct json *j);

#endif
