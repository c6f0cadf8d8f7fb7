/* Whole files; see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"

char *
file_read(const char *path, size_t max, size_t *len, struct err *e)
{
	char chunk[8192], *s = NULL;
	struct buf b;
	ssize_t n = -1;
	int fd;

	buf_init(&b, max);
	/* a socket, which stdin may be, cannot be opened again */
	fd = strcmp(path, "/dev/stdin") == 0 ? dup(STDIN_FILENO)
					     : open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1) {
		err_set(e, ERR_PERM, "%s: %s", path, strerror(errno));
		return NULL;
	}
	while ((n = read(fd, chunk, sizeof chunk)) > 0)
		if (buf_add(&b, chunk, (size_t)n) == -1)
			break;
	if (n < 0)
		err_set(e, ERR_PERM, "%s: %s", path, strerror(errno));
	else if (n > 0 && buf_len(&b) + (size_t)n <= max)
		err_nomem(e);
	else if (n > 0)
		err_set(e, ERR_PERM, "%s: larger than %zu bytes", path, max);
	else if (len != NULL)
		*len = buf_len(&b);
	if (n == 0 && (s = buf_take(&b)) == NULL)
		err_nomem(e);
	close(fd);
	buf_done(&b);
	return s;
}

static int
file_fill(int fd, const char *p, size_t n)
{
	ssize_t w;

	while (n > 0) {
		if ((w = write(fd, p, n)) <= 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return fsync(fd);
}

int
file_write(const char *path, const void *p, size_t n, int mode, struct err *e)
{
	char *tmp = NULL;
	int fd = -1, rc = -1;

	if (asprintf(&tmp, "%s.tmp%ld", path, (long)getpid()) == -1)
		return err_nomem(e);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd == -1 || file_fill(fd, p, n) == -1) {
		err_set(e, ERR_PERM, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (rename(tmp, path) == -1) {
		err_set(e, ERR_PERM, "%s: %s", path, strerror(errno));
		goto out;
	}
	rc = 0;
out:
	if (fd != -1) {
		close(fd);
		if (rc == -1)
			unlink(tmp);
	}
	free(tmp);
	return rc;
}

int
file_quarter(int most)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < 4 * (rlim_t)most)
		return (int)r.rlim_cur / 4;
	return most;
}
