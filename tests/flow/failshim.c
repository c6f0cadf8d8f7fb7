/*
 * Makes the machine fail, for tests (LD_PRELOAD).  SIGUSR1 reads the file
 * that FAILSHIM names:
 *   malloc N     the N-th allocation from now on fails, once
 *   write N      every write to a *.db or *.db-wal file from the N-th on
 *                fails with ENOSPC
 *   ahead N      the clock is N seconds ahead
 *   none
 * FAILSHIM_AHEAD: so many seconds is the clock ahead from the start.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Atomic long left_malloc, left_write = -1, ahead;

static void
arm(int sig)
{
	const char *path = getenv("FAILSHIM");
	char buf[64] = "";
	int fd = path == NULL ? -1 : open(path, O_RDONLY);

	(void)sig;
	if (fd == -1)
		return;
	if (read(fd, buf, sizeof buf - 1) > 0) {
		left_malloc =
		    strncmp(buf, "malloc ", 7) == 0 ? atol(buf + 7) : 0;
		left_write =
		    strncmp(buf, "write ", 6) == 0 ? atol(buf + 6) : -1;
		if (strncmp(buf, "ahead ", 6) == 0)
			ahead = atol(buf + 6);
	}
	close(fd);
}

/*
 * Only what the program, cJSON and SQLite ask for fails.  libcurl 7.88 does
 * not survive it everywhere.
 */
static struct range {
	char *from, *to;
} ours[16];
static size_t nours;

static int
add(struct dl_phdr_info *o, size_t size, void *arg)
{
	int i;

	(void)size, (void)arg;
	if (o->dlpi_name[0] != '\0' && strstr(o->dlpi_name, "cjson") == NULL &&
	    strstr(o->dlpi_name, "sqlite3") == NULL)
		return 0;
	for (i = 0; i < o->dlpi_phnum && nours < 16; i++)
		if (o->dlpi_phdr[i].p_flags & PF_X) {
			ours[nours].from =
			    (char *)o->dlpi_addr + o->dlpi_phdr[i].p_vaddr;
			ours[nours].to =
			    ours[nours].from + o->dlpi_phdr[i].p_memsz;
			nours++;
		}
	return 0;
}

/* Where it crashed, for `addr2line -fe build/webexbot`. */
static void
crashed(int sig)
{
	void *frames[40];

	backtrace_symbols_fd(frames, backtrace(frames, 40), 2);
	signal(sig, SIG_DFL);
	raise(sig);
}

__attribute__((constructor)) static void
init(void)
{
	const char *from_start = getenv("FAILSHIM_AHEAD");
	struct sigaction sa;
	void *warm[1];

	if (from_start != NULL)
		ahead = atol(from_start);
	dl_iterate_phdr(add, NULL);
	backtrace(warm, 1); /* loads its library now, not in the handler */
	signal(SIGSEGV, crashed);
	signal(SIGABRT, crashed);

	memset(&sa, 0, sizeof sa);
	sa.sa_handler = arm;
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
}

static int
refuse(void *caller)
{
	size_t i;

	for (i = 0; i < nours; i++)
		if ((char *)caller >= ours[i].from &&
		    (char *)caller < ours[i].to)
			break;
	if (i == nours)
		return 0;
	if (left_malloc > 0 && atomic_fetch_sub(&left_malloc, 1) == 1) {
		errno = ENOMEM;
		return 1;
	}
	return 0;
}

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t m);
extern void *__libc_realloc(void *p, size_t n);

void *
malloc(size_t n)
{
	return refuse(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t m)
{
	return refuse(__builtin_return_address(0)) ? NULL : __libc_calloc(n, m);
}

void *
realloc(void *p, size_t n)
{
	return refuse(__builtin_return_address(0)) ? NULL
						   : __libc_realloc(p, n);
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, t);

	if (rc == 0 && clock == CLOCK_REALTIME)
		t->tv_sec += ahead;
	return rc;
}

/* Is it a file of the store? */
static int
full(int fd)
{
	char link[64], path[512];
	ssize_t n;

	if (left_write < 0)
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if ((n = readlink(link, path, sizeof path - 1)) <= 0)
		return 0;
	path[n] = '\0';
	if (strstr(path, ".db") == NULL)
		return 0;
	if (left_write > 0 && atomic_fetch_sub(&left_write, 1) > 1)
		return 0;
	left_write = 0;
	errno = ENOSPC;
	return 1;
}

ssize_t
write(int fd, const void *p, size_t n)
{
	static ssize_t (*real)(int, const void *, size_t);

	if (real == NULL)
		real = (ssize_t(*)(int, const void *, size_t))dlsym(
		    RTLD_NEXT, "write");
	return full(fd) ? -1 : real(fd, p, n);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);

	if (real == NULL)
		real = (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(
		    RTLD_NEXT, "pwrite64");
	return full(fd) ? -1 : real(fd, p, n, at);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return pwrite64(fd, p, n, at);
}
