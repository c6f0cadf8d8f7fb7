/* The phone of webexbot demo; demo_phone.c. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include "base/cfg.h"
#include "base/err.h"

struct sim;

/* Set the secrets of the rules below, before any thread starts. */
int demo_phone_secrets(struct err *e);
/*
 * Rules for a bot file that has none about Webex Connect, for cfg->extra;
 * the caller frees.
 */
int demo_phone_rules(const char *sim_url, char **out, struct err *e);

/* Tell the simulator where the bot is and what it asks for. */
int demo_phone_connect(
    struct cfg *cfg, struct sim *sim, const char *bot, struct err *e);

#endif
