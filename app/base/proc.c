/* Running programs; see proc.h.  Any thread that may wait. */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clk.h"

enum { PROC_IN, PROC_OUT, PROC_ERR, PROC_PIPES };

/* Of our environment; tokens and secrets stay here. */
static const char *const proc_keeps[] = {
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"};
#define PROC_KEEPS (sizeof proc_keeps / sizeof proc_keeps[0])

struct proc_run {
	struct proc *p;
	pid_t pid;
	int ours[PROC_PIPES]; /* -1: closed */
	int theirs[PROC_PIPES];
	size_t sent;
};

static void
proc_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
proc_pipes(struct proc_run *r, struct err *e)
{
	int fd[2], i;

	for (i = 0; i < PROC_PIPES; i++)
		r->ours[i] = r->theirs[i] = -1;
	for (i = 0; i < PROC_PIPES; i++) {
		if (pipe2(fd, O_CLOEXEC) == -1)
			return err_set(
			    e, ERR_TEMP, "no pipe: %s", strerror(errno));
		r->ours[i] = fd[i == PROC_IN];
		r->theirs[i] = fd[i != PROC_IN];
		fcntl(r->ours[i], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

static void
proc_env(char *env[PROC_KEEPS + 1])
{
	const char *value;
	size_t i, n = 0;

	for (i = 0; i < PROC_KEEPS; i++)
		if ((value = getenv(proc_keeps[i])) != NULL &&
		    asprintf(&env[n], "%s=%s", proc_keeps[i], value) != -1)
			n++;
	env[n] = NULL;
}

/* A group of its own, no signal blocked or ignored, no file of ours open. */
static int
proc_attr(
    struct proc_run *r, posix_spawn_file_actions_t *fa, posix_spawnattr_t *at)
{
	sigset_t none, all;
	int i, rc = 0;

	sigemptyset(&none);
	sigfillset(&all);
	rc |= posix_spawnattr_setflags(at, POSIX_SPAWN_SETPGROUP |
					       POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF);
	rc |= posix_spawnattr_setpgroup(at, 0);
	rc |= posix_spawnattr_setsigmask(at, &none);
	rc |= posix_spawnattr_setsigdefault(at, &all);
	for (i = 0; i < PROC_PIPES; i++)
		rc |= posix_spawn_file_actions_adddup2(fa, r->theirs[i], i);
	if (r->p->dir != NULL)
		rc |= posix_spawn_file_actions_addchdir_np(fa, r->p->dir);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
	rc |= posix_spawn_file_actions_addclosefrom_np(fa, PROC_PIPES);
#endif
	return rc;
}

static int
proc_spawn(struct proc_run *r, struct err *e)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	char *env[PROC_KEEPS + 1];
	size_t i;
	int rc;

	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	proc_env(env);
	rc = proc_attr(r, &fa, &at);
	if (rc == 0)
		rc = posix_spawnp(&r->pid, r->p->argv[0], &fa, &at,
		    (char *const *)(uintptr_t)r->p->argv, env);
	for (i = 0; env[i] != NULL; i++)
		free(env[i]);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&at);
	if (rc == 0)
		return 0;
	return err_set(e, rc == ENOENT || rc == EACCES ? ERR_PERM : ERR_TEMP,
	    "%s: %s", r->p->argv[0], strerror(rc));
}

static void
proc_send(struct proc_run *r)
{
	const char *in = r->p->in;
	ssize_t n =
	    write(r->ours[PROC_IN], in + r->sent, r->p->in_len - r->sent);

	if (n > 0)
		r->sent += (size_t)n;
	if ((n == -1 && errno != EAGAIN && errno != EINTR) ||
	    r->sent == r->p->in_len)
		proc_close(&r->ours[PROC_IN]); /* it need not read all */
}

/* -1: it prints more than it may. */
static int
proc_receive(
    struct proc_run *r, int which, struct buf *to, bool bounded, struct err *e)
{
	char block[16384];
	ssize_t n = read(r->ours[which], block, sizeof block);

	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		proc_close(&r->ours[which]);
	if (n <= 0 || buf_add(to, block, (size_t)n) == 0 || !bounded)
		return 0;
	return err_set(e, ERR_PERM, "it printed too much");
}

/* Until it has closed its output; -1: it has to be killed. */
static int
proc_talk(struct proc_run *r, int64_t until, struct err *e)
{
	struct pollfd pfd[PROC_PIPES];
	int i, left;

	if (r->p->in_len == 0)
		proc_close(&r->ours[PROC_IN]);
	while (r->ours[PROC_OUT] >= 0 || r->ours[PROC_ERR] >= 0) {
		if ((left = (int)(until - clk_mono_ms())) <= 0)
			return err_set(e, ERR_PERM, "it took longer than %d ms",
			    r->p->timeout_ms);
		for (i = 0; i < PROC_PIPES; i++) {
			pfd[i].fd = r->ours[i];
			pfd[i].events = i == PROC_IN ? POLLOUT : POLLIN;
			pfd[i].revents = 0;
		}
		if (poll(pfd, PROC_PIPES, left) <= 0)
			continue;
		if (pfd[PROC_IN].revents != 0)
			proc_send(r);
		if (pfd[PROC_OUT].revents != 0 &&
		    proc_receive(r, PROC_OUT, r->p->out, true, e) == -1)
			return -1;
		if (pfd[PROC_ERR].revents != 0)
			proc_receive(r, PROC_ERR, r->p->errors, false, e);
	}
	return 0;
}

/* Its output is closed: it may still run on, but not for longer. */
static int
proc_wait(struct proc_run *r, int64_t until, struct err *e)
{
	int status;
	pid_t got;

	while ((got = waitpid(r->pid, &status, WNOHANG)) == 0 ||
	       (got == -1 && errno == EINTR)) {
		if (clk_mono_ms() >= until) {
			err_set(e, ERR_PERM, "it took longer than %d ms",
			    r->p->timeout_ms);
			return -1;
		}
		poll(NULL, 0, 5);
	}
	r->p->status = got == -1             ? 255
		       : WIFEXITED(status)   ? WEXITSTATUS(status)
		       : WIFSIGNALED(status) ? 128 + WTERMSIG(status)
					     : 255;
	return 0;
}

int
proc_run(struct proc *p, struct err *e)
{
	int64_t until = clk_mono_ms() + p->timeout_ms;
	struct proc_run r = {.p = p, .pid = -1};
	int i, rc = -1;

	if (proc_pipes(&r, e) == -1 || proc_spawn(&r, e) == -1)
		goto out;
	for (i = 0; i < PROC_PIPES; i++)
		proc_close(&r.theirs[i]);
	rc = proc_talk(&r, until, e);
	if (rc == 0)
		rc = proc_wait(&r, until, e);
	/* whatever it has left behind goes as well */
	kill(-r.pid, SIGKILL);
	if (rc == -1)
		while (waitpid(r.pid, NULL, 0) == -1 && errno == EINTR)
			;
out:
	for (i = 0; i < PROC_PIPES; i++) {
		proc_close(&r.ours[i]);
		proc_close(&r.theirs[i]);
	}
	return rc;
}
