/* For other subcommands: what `webexbot webhooks apply` does. */
#ifndef CLI_WEBHOOKS_H
#define CLI_WEBHOOKS_H

#include "cli/cli.h"

/* With c->cfg as it is; prints nothing. */
int webhooks_apply_quietly(struct cli *c, struct err *e);

#endif
