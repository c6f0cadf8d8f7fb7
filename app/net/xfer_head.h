/* The header lines of an answer, as xfer.c hands them to xfer_wait.c. */
#ifndef NET_XFER_HEAD_H
#define NET_XFER_HEAD_H

#include "base/buf.h"

#define XFER_HEAD_MAX (32u << 10)

struct xfer_head {
	const struct buf *lines;
};

#endif
