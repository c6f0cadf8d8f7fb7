#ifndef CARD_CARD_H
#define CARD_CARD_H
#include "card/problem.h"
#include "card/tpl.h"
struct cards; struct card;
struct cards *cards_load(const char *dir, struct problems *ps, struct err *e);
void cards_unref(struct cards *cs);
const struct card *cards_find(struct cards *cs, const char *name);
bool card_uses(const struct card *c, const char *name);
const char *cards_near(struct cards *cs, const char *name);
int card_render(const struct card *c, const struct val *data, int64_t now, struct arena *a, struct val *out, struct problems *ps, struct err *e);
#endif
