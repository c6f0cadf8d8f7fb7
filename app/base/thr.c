#include "base/thr.h"

int
thr_start(pthread_t *t, const char *name, void *(*run)(void *), void *arg)
{
	int rc = pthread_create(t, NULL, run, arg);

	if (rc == 0)
		pthread_setname_np(*t, name);
	return rc;
}
