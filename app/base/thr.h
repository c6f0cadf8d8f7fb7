/*
 * Threads with a name, so that `top -H` and debuggers tell them apart.
 */
#ifndef BASE_THR_H
#define BASE_THR_H

#include <pthread.h>

/* `name`: 15 bytes at most.  0, or an error number as pthread_create. */
int thr_start(pthread_t *t, const char *name, void *(*run)(void *), void *arg);

#endif
