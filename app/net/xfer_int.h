/* Inside the client: xfer.c and xfer_job.c. */
#ifndef NET_XFER_INT_H
#define NET_XFER_INT_H

#include <curl/curl.h>

#include "base/buf.h"
#include "net/xfer.h"

struct xfer_pool;

struct xfer_job {
	/* in the submit list, among the held or the active */
	struct xfer_job *next, *prev;
	struct xfer_pool *pool;
	CURL *easy;
	struct curl_slist *headers;
	char *method, *url, *user, *sigv4;
	char *body;
	size_t body_len;
	struct buf resp, head;
	size_t resp_max, sunk;
	int sink;
	long timeout_ms;
	int64_t start_us;
	bool public_only, connect_only, repeatable, refused, too_large, lost;
	bool unanswered; /* since xfer_on_send */
	long sent;       /* bytes of requests, at that time */
	bool unset;      /* an option could not be set: libcurl copies texts */
	enum xfer_auth auth;
	void (*done)(struct xfer_res *res, void *arg);
	void *arg;
	char error[CURL_ERROR_SIZE];
};

/* -- xfer_job.c: one request, on the client's thread but for its making -- */

/* A copy of `q`, by any thread; NULL: no memory. */
struct xfer_job *xfer_job_new(const struct xfer_req *q, long timeout_ms);
void xfer_job_free(struct xfer_job *j);
/* All options of j->easy; -1: no memory. */
int xfer_job_set(struct xfer_job *j, const char *agent, const char *ca_file);
/* What an end of libcurl means for the question "was it received?" */
enum xfer_end xfer_job_judge(const struct xfer_job *j, CURLcode code);

#endif
