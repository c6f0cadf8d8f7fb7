/*
 * Are the settings such that a bot can start?  What can be known without
 * listening, asking Webex or opening the store.
 */
#ifndef BOT_VET_H
#define BOT_VET_H

#include "base/cfg.h"
#include "base/err.h"

/* -1: `e` names the first setting that is missing or wrong, and why. */
int vet_settings(const struct cfg *cfg, struct err *e);
/* `told` is called for each of them. */
void vet_tell(const struct cfg *cfg, cfg_told *told, void *arg);
/* What a bot can start with and hardly means; `told` is called for each. */
void vet_warn(const struct cfg *cfg, cfg_told *told, void *arg);
/* The token alone, for commands that only send. */
int vet_token(const struct cfg *cfg, struct err *e);
/* The public address alone, which must be there, for who registers it. */
int vet_public_url(const struct cfg *cfg, struct err *e);

#endif
