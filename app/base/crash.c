/* Crashes on demand; see crash.h.  Any thread. */
#include "base/crash.h"

#ifdef CRASH_POINTS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
crash_point(const char *name)
{
	static _Atomic int passed;
	const char *at = getenv("CRASH_AT");
	size_t n = strlen(name);
	int want;

	if (at == NULL || strncmp(at, name, n) != 0 ||
	    (at[n] != '\0' && at[n] != ':'))
		return;
	want = at[n] == ':' ? (int)strtol(at + n + 1, NULL, 10) : 1;
	if (atomic_fetch_add(&passed, 1) + 1 == want)
		kill(getpid(), SIGKILL);
}

#else
typedef int crash_no_points; /* ISO C forbids an empty file */
#endif
