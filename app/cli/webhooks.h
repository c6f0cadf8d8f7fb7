/* For other subcommands: what `webexbot webhooks apply` does. */
#ifndef CLI_WEBHOOKS_H
#define CLI_WEBHOOKS_H

#include "cli/cli.h"

/*
 * Register a bot that has been started under the address it listens on, which
 * WEBEXBOT_PUBLIC_URL becomes, and let it begin.  Prints nothing.
 */
struct bot;
int webhooks_go(
    struct cli *c, struct bot *b, const char *origin, struct err *e);

#endif
