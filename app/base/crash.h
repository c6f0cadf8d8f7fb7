/*
 * Places where a test ends the process as a crash would (SIGKILL), to look
 * at what the next start makes of it.  Nothing in a usual build; with
 * CRASH_POINTS the environment variable CRASH_AT=NAME[:N] picks the place
 * and the N-th time it is passed.
 */
#ifndef BASE_CRASH_H
#define BASE_CRASH_H

#ifdef CRASH_POINTS
void crash_point(const char *name);
#define CRASH_POINT(name) crash_point(name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
