#ifndef CARD_FB_H
#define CARD_FB_H
#include "card/card.h"
const char *card_fallback(const struct card *c, const struct val *v, struct arena *a);
#endif
