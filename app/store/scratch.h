/*
 * A store for as long as somebody looks: in a folder of its own where
 * temporary files go (TMPDIR, else /tmp).
 */
#ifndef STORE_SCRATCH_H
#define STORE_SCRATCH_H

#include "base/err.h"

struct scratch {
	char dir[256];   /* "": none is made */
	char where[300]; /* as WEBEXBOT_STORE */
};

/* The folder; the store is made by who opens it.  0 or -1. */
int scratch_make(struct scratch *s, struct err *e);
/* After it is closed: the folder and what is in it go. */
void scratch_drop(struct scratch *s);

#endif
