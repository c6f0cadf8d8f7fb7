/* Answers, read and waited for; see xfer.h. */
#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/xfer.h"
#include "net/xfer_head.h"

/* The line is ended in place: the buffer is ours until the callback ends. */
const char *
xfer_header(const struct xfer_res *r, const char *name)
{
	const struct buf *b = r->head->lines;
	size_t len = strlen(name), n;
	char *s = b->p, *end;

	if (s == NULL)
		return NULL;
	for (end = s + b->len; s < end; s += n + 1) {
		n = strcspn(s, "\n");
		if (n <= len || s[len] != ':' || strncasecmp(s, name, len) != 0)
			continue;
		for (end = s + n;
		     end > s + len + 1 && strchr(" \t\r\n", end[-1]) != NULL;
		     end--)
			;
		*end = '\0';
		s += len + 1;
		return s + strspn(s, " \t");
	}
	return NULL;
}

bool
xfer_next_header(const struct xfer_res *r, struct xfer_field *f)
{
	const struct buf *b = r->head->lines;
	char *s, *end, *colon, *p;

	if (b->p == NULL)
		return false;
	/* after the value that was ended in place, else after the status */
	s = f->value == NULL ? b->p : (char *)f->value + strlen(f->value) + 1;
	for (;;) {
		while (s < b->p + b->len && strchr("\r\n", *s) != NULL)
			s++; /* and the ends of values already told */
		end = memchr(s, '\n', (size_t)(b->p + b->len - s));
		if (end == NULL)
			return false;
		colon = memchr(s, ':', (size_t)(end - s));
		if (colon == NULL || colon == s) {
			s = end + 1;
			continue;
		}
		for (p = s; p < colon; p++)
			*p = (char)tolower((unsigned char)*p);
		*colon = '\0';
		f->name = s;
		for (s = colon + 1; s < end && strchr(" \t", *s) != NULL; s++)
			;
		f->value = s;
		for (; end > s && strchr(" \t\r", end[-1]) != NULL; end--)
			end[-1] = '\0';
		*end = '\0';
		return true;
	}
}

/* -- waiting, for command line programs -- */

struct xfer_kept {
	struct xfer_res res;
	struct xfer_head head;
	struct buf lines;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
};

static void
xfer_keep(struct xfer_res *res, void *arg)
{
	struct xfer_kept *k = arg;

	pthread_mutex_lock(&k->lock);
	k->res = *res;
	k->res.body = malloc(res->body_len + 1);
	if (k->res.body != NULL)
		memcpy((char *)k->res.body, res->body, res->body_len + 1);
	k->res.error = res->error == NULL ? NULL : strdup(res->error);
	buf_init(&k->lines, XFER_HEAD_MAX);
	buf_add(
	    &k->lines, buf_str(res->head->lines), buf_len(res->head->lines));
	k->head.lines = &k->lines;
	k->res.head = &k->head;
	k->done = true;
	pthread_cond_signal(&k->cond);
	pthread_mutex_unlock(&k->lock);
}

struct xfer_res *
xfer_wait(struct xfer *x, const struct xfer_req *q, struct err *e)
{
	struct xfer_kept *k = calloc(1, sizeof *k);
	struct xfer_req copy = *q;

	if (k == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->cond, NULL);
	copy.done = xfer_keep;
	copy.arg = k;
	if (xfer_submit(x, &copy, e) == -1) {
		free(k);
		return NULL;
	}
	pthread_mutex_lock(&k->lock);
	while (!k->done)
		pthread_cond_wait(&k->cond, &k->lock);
	pthread_mutex_unlock(&k->lock);
	if (k->res.body == NULL || k->lines.failed) {
		err_nomem(e);
		xfer_res_free(&k->res);
		return NULL;
	}
	return &k->res;
}

void
xfer_res_free(struct xfer_res *r)
{
	struct xfer_kept *k = (struct xfer_kept *)r; /* its first member */

	if (r == NULL)
		return;
	free((char *)r->body);
	free((char *)r->error);
	buf_done(&k->lines);
	pthread_mutex_destroy(&k->lock);
	pthread_cond_destroy(&k->cond);
	free(k);
}
