#include "store/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
scratch_make(struct scratch *s, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	size_t n;

	if (tmp == NULL || *tmp == '\0')
		tmp = "/tmp";
	n = (size_t)snprintf(s->dir, sizeof s->dir, "%s/webexbot.XXXXXX", tmp);
	if (n >= sizeof s->dir)
		errno = ENAMETOOLONG;
	if (n >= sizeof s->dir || mkdtemp(s->dir) == NULL) {
		s->dir[0] = '\0';
		return err_set(e, ERR_PERM,
		    "%s: no folder for a store (%s; TMPDIR says where)", tmp,
		    strerror(errno));
	}
	snprintf(s->where, sizeof s->where, "sqlite:%s/store", s->dir);
	return 0;
}

void
scratch_drop(struct scratch *s)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
	char path[sizeof s->dir + 16];
	size_t i;

	if (s->dir[0] == '\0')
		return;
	for (i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		snprintf(path, sizeof path, "%s/store%s", s->dir, ends[i]);
		unlink(path);
	}
	rmdir(s->dir);
	s->dir[0] = '\0';
}
