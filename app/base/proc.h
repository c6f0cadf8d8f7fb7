/*
 * Run a program and wait for it: no shell, its time and what it prints
 * bounded, nothing of ours inherited but a few harmless variables.  Blocks:
 * for threads that may.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct proc {
	const char *const *argv; /* NULL at the end; argv[0] from PATH, or
				  * relative to `dir` when it has a slash */
	const char *dir;         /* where it runs, NULL: here */
	const void *in;          /* its standard input */
	size_t in_len;
	int timeout_ms; /* then it is killed, its children with it */
	/* out: what it printed, up to the buffers' ceilings */
	struct buf *out;
	struct buf *errors;
	int status; /* exit status; 128 and more: killed by a signal */
};

/* 0; -1: `e` says why it did not run or had to be killed. */
int proc_run(struct proc *p, struct err *e);

#endif
