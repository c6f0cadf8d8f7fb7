/*
 * Requests to others; see xfer.h.  One thread runs everything below
 * xfer_run: it owns the multi handle and every easy handle.  Others only
 * put work into the submit list and wake it.
 *
 * A POST body is given to libcurl through a read callback without a seek
 * callback: libcurl repeats a request by itself when a kept connection dies
 * under it, and so it cannot once a byte of the body has left.  Whether to
 * send again what may have been received is not for a library to decide.
 */
#include "net/xfer.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clk.h"
#include "net/addr.h"

#define XFER_RESP_MAX (1u << 20)
#define XFER_HEAD_MAX (32u << 10)
#define XFER_CONNECT_MS 10000
#define XFER_IDLE_S 50L   /* a connection idle for longer is not reused */
#define XFER_SPARE 64     /* easy handles kept for reuse */
#define XFER_BUFFER 8192L /* receive buffer of one transfer */

struct xfer_job {
	struct xfer_job *next,
	    *prev; /* in the submit list or among the active */
	struct xfer *x;
	CURL *easy;
	struct curl_slist *headers;
	char *method, *url, *user, *sigv4;
	char *body;
	size_t body_len, body_at;
	struct buf resp, head;
	size_t resp_max, sunk;
	int sink;
	long timeout_ms;
	int64_t start_us;
	bool public_only, repeatable, refused, too_large;
	bool unset; /* an option could not be set: libcurl copies texts */
	enum xfer_auth auth;
	void (*done)(struct xfer_res *res, void *arg);
	void *arg;
	char error[CURL_ERROR_SIZE];
};

struct xfer_head {
	const struct buf *lines;
};

struct xfer {
	pthread_t thread;
	pthread_mutex_t lock; /* over the submit list and stop */
	struct xfer_job *first, **last;
	bool stop;
	struct xfer_job *active;
	CURLM *multi;
	CURL *spare[XFER_SPARE];
	int nspare;
	long timeout_ms;
	char *ca_file;
	char *agent;
};

static void
xfer_job_free(struct xfer_job *j)
{
	curl_slist_free_all(j->headers);
	free(j->method);
	free(j->url);
	free(j->user);
	free(j->sigv4);
	free(j->body);
	buf_done(&j->resp);
	buf_done(&j->head);
	free(j);
}

/* -- callbacks of libcurl, on our thread -- */

static size_t
xfer_sink(struct xfer_job *j, const char *p, size_t n)
{
	size_t at = 0;
	ssize_t k;

	j->too_large = n > j->resp_max - j->sunk;
	if (j->too_large)
		return 0;
	while (at < n) {
		if ((k = write(j->sink, p + at, n - at)) == -1) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		at += (size_t)k;
	}
	j->sunk += n;
	return n;
}

static size_t
xfer_on_body(char *p, size_t size, size_t n, void *arg)
{
	struct xfer_job *j = arg;
	long status = 0;

	if (j->sink > 0)
		curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return xfer_sink(j, p, size * n);
	if (buf_add(&j->resp, p, size * n) == 0)
		return size * n;
	j->too_large = !j->resp.nomem;
	return 0;
}

static size_t
xfer_on_head(char *p, size_t size, size_t n, void *arg)
{
	struct xfer_job *j = arg;

	/* a status line starts the headers of a new answer (100, proxies) */
	if (size * n >= 5 && memcmp(p, "HTTP/", 5) == 0)
		buf_clear(&j->head);
	if (buf_add(&j->head, p, size * n) == 0)
		return size * n;
	j->too_large = !j->head.nomem;
	return 0;
}

static size_t
xfer_on_read(char *p, size_t size, size_t n, void *arg)
{
	struct xfer_job *j = arg;
	size_t left = j->body_len - j->body_at;

	n *= size;
	if (n > left)
		n = left;
	memcpy(p, j->body + j->body_at, n);
	j->body_at += n;
	return n;
}

/* After name resolution, so that no name can lead inside. */
static curl_socket_t
xfer_on_socket(void *arg, curlsocktype type, struct curl_sockaddr *sa)
{
	struct xfer_job *j = arg;
	char text[ADDR_TEXT] = "";

	(void)type;
	if (sa->family == AF_INET)
		inet_ntop(AF_INET,
		    &((struct sockaddr_in *)(void *)&sa->addr)->sin_addr, text,
		    sizeof text);
	else if (sa->family == AF_INET6)
		inet_ntop(AF_INET6,
		    &((struct sockaddr_in6 *)(void *)&sa->addr)->sin6_addr,
		    text, sizeof text);
	if (addr_special(text)) {
		j->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(sa->family, sa->socktype | SOCK_CLOEXEC, sa->protocol);
}

/* -- one transfer -- */

static void
xfer_set_text(struct xfer_job *j, CURLoption option, const char *text)
{
	if (curl_easy_setopt(j->easy, option, text) != CURLE_OK)
		j->unset = true;
}

static void
xfer_set_auth(struct xfer_job *j)
{
	static const long how[] = {[XFER_AUTH_BASIC] = CURLAUTH_BASIC,
	    [XFER_AUTH_DIGEST] = CURLAUTH_DIGEST};

	if (j->auth == XFER_AUTH_NONE)
		return;
	xfer_set_text(j, CURLOPT_USERPWD, j->user);
	if (j->auth == XFER_AUTH_AWS)
		xfer_set_text(j, CURLOPT_AWS_SIGV4, j->sigv4);
	else
		curl_easy_setopt(j->easy, CURLOPT_HTTPAUTH, how[j->auth]);
}

static void
xfer_set_body(struct xfer_job *j)
{
	if (j->body_len == 0 && strcmp(j->method, "GET") == 0)
		return;
	if (j->body_len == 0 && strcmp(j->method, "POST") != 0 &&
	    strcmp(j->method, "PUT") != 0) {
		xfer_set_text(j, CURLOPT_CUSTOMREQUEST, j->method);
		if (strcmp(j->method, "HEAD") == 0)
			curl_easy_setopt(j->easy, CURLOPT_NOBODY, 1L);
		return;
	}
	curl_easy_setopt(j->easy, CURLOPT_POST, 1L);
	xfer_set_text(j, CURLOPT_CUSTOMREQUEST, j->method);
	curl_easy_setopt(
	    j->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)j->body_len);
	if (j->auth == XFER_AUTH_AWS || j->repeatable) {
		/* AWS signs the body and needs it whole: a connection of its
		 * own is never found dead, and so it is not sent again */
		curl_easy_setopt(j->easy, CURLOPT_POSTFIELDS,
		    j->body == NULL ? "" : j->body);
		if (!j->repeatable)
			curl_easy_setopt(j->easy, CURLOPT_FRESH_CONNECT, 1L);
		return;
	}
	curl_easy_setopt(j->easy, CURLOPT_READFUNCTION, xfer_on_read);
	curl_easy_setopt(j->easy, CURLOPT_READDATA, j);
}

static void
xfer_set_net(const struct xfer *x, struct xfer_job *j)
{
	CURL *c = j->easy;

	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* wait for a connection that is being made: it may take many; without
	 * TLS it never does, and the wait would be for the first answer */
	curl_easy_setopt(c, CURLOPT_PIPEWAIT,
	    strncasecmp(j->url, "https:", 6) == 0 ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)XFER_CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, j->timeout_ms);
	curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, XFER_IDLE_S);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, XFER_BUFFER);
	curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
	curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, 300L);
	if (x->ca_file != NULL)
		xfer_set_text(j, CURLOPT_CAINFO, x->ca_file);
	if (j->public_only) {
		curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, xfer_on_socket);
		curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, j);
		/* a kept connection was not checked */
		curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	}
}

static int
xfer_begin(struct xfer *x, struct xfer_job *j)
{
	CURL *c = x->nspare > 0 ? x->spare[--x->nspare] : curl_easy_init();

	if ((j->easy = c) == NULL)
		return -1;
	curl_easy_setopt(c, CURLOPT_PRIVATE, j);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, j->error);
	xfer_set_text(j, CURLOPT_URL, j->url);
	xfer_set_text(j, CURLOPT_USERAGENT, x->agent);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, j->headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, xfer_on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, j);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, xfer_on_head);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, j);
	xfer_set_net(x, j);
	xfer_set_auth(j);
	xfer_set_body(j);
	if (j->unset || curl_multi_add_handle(x->multi, c) != CURLM_OK)
		return -1;
	j->prev = NULL;
	if ((j->next = x->active) != NULL)
		j->next->prev = j;
	x->active = j;
	return 0;
}

static void
xfer_unlist(struct xfer *x, struct xfer_job *j)
{
	if (j->next != NULL)
		j->next->prev = j->prev;
	if (j->prev != NULL)
		j->prev->next = j->next;
	else if (x->active == j)
		x->active = j->next;
}

/* What a failure means for the question "may it have been received?" */
static enum xfer_end
xfer_judge(const struct xfer_job *j, CURLcode code)
{
	curl_off_t sent = 0, ready = 0;

	if (code == CURLE_OK)
		return XFER_ANSWERED;
	if (j->too_large)
		return XFER_TOO_LARGE;
	switch (code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return XFER_NOT_SENT;
	default:
		break;
	}
	/* a time-out before the request began to go out */
	curl_easy_getinfo(j->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	curl_easy_getinfo(j->easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
	return sent == 0 && ready == 0 ? XFER_NOT_SENT : XFER_CUT;
}

static void
xfer_settle(
    struct xfer *x, struct xfer_job *j, enum xfer_end end, const char *error)
{
	struct xfer_head head = {&j->head};
	struct xfer_res res = {.end = end, .head = &head};
	long status = 0, made = 1;

	if (j->easy != NULL) {
		curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(j->easy, CURLINFO_NUM_CONNECTS, &made);
	}
	res.reused = made == 0;
	res.status = end == XFER_ANSWERED ? (int)status : 0;
	res.body = buf_str(&j->resp);
	res.body_len = buf_len(&j->resp);
	res.us = clk_mono_us() - j->start_us;
	if (end != XFER_ANSWERED)
		res.error = j->refused ? "the address is private or special"
			    : j->error[0] != '\0' ? j->error
						  : error;
	j->done(&res, j->arg);
	xfer_unlist(x, j);
	if (j->easy != NULL) {
		curl_multi_remove_handle(x->multi, j->easy);
		curl_easy_reset(j->easy);
		if (x->nspare < XFER_SPARE)
			x->spare[x->nspare++] = j->easy;
		else
			curl_easy_cleanup(j->easy);
	}
	xfer_job_free(j);
}

/* -- the thread -- */

static struct xfer_job *
xfer_take_all(struct xfer *x, bool *stop)
{
	struct xfer_job *list;

	pthread_mutex_lock(&x->lock);
	list = x->first;
	x->first = NULL;
	x->last = &x->first;
	*stop = x->stop;
	pthread_mutex_unlock(&x->lock);
	return list;
}

static void
xfer_collect(struct xfer *x)
{
	struct xfer_job *j;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(x->multi, &left)) != NULL) {
		CURLcode code = msg->data.result;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &j);
		xfer_settle(
		    x, j, xfer_judge(j, code), curl_easy_strerror(code));
	}
}

static void *
xfer_run(void *arg)
{
	struct xfer *x = arg;
	struct xfer_job *j, *next;
	bool stop = false;
	int running;

	while (!stop) {
		for (j = xfer_take_all(x, &stop); j != NULL; j = next) {
			next = j->next;
			j->next = NULL;
			if (stop)
				xfer_settle(x, j, XFER_STOPPED, "stopped");
			else if (xfer_begin(x, j) == -1)
				xfer_settle(
				    x, j, XFER_NOT_SENT, "out of memory");
		}
		curl_multi_perform(x->multi, &running);
		xfer_collect(x);
		if (!stop)
			curl_multi_poll(x->multi, NULL, 0, 1000, NULL);
	}
	while (x->active != NULL)
		xfer_settle(x, x->active, XFER_STOPPED, "stopped");
	return NULL;
}

/* -- from outside -- */

static pthread_once_t xfer_once = PTHREAD_ONCE_INIT;

static void
xfer_library(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct xfer *
xfer_start(const struct xfer_opts *o, struct err *e)
{
	struct xfer *x = calloc(1, sizeof *x);

	if (x == NULL)
		goto nomem;
	pthread_once(&xfer_once, xfer_library);
	x->last = &x->first;
	x->timeout_ms = o->timeout_ms;
	pthread_mutex_init(&x->lock, NULL);
	if ((x->agent = strdup(o->agent)) == NULL ||
	    (x->multi = curl_multi_init()) == NULL)
		goto nomem;
	if (o->ca_file != NULL && *o->ca_file != '\0' &&
	    (x->ca_file = strdup(o->ca_file)) == NULL)
		goto nomem;
	curl_multi_setopt(
	    x->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)o->connections);
	curl_multi_setopt(x->multi, CURLMOPT_MAXCONNECTS, (long)o->connections);
	curl_multi_setopt(x->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 250L);
	if (pthread_create(&x->thread, NULL, xfer_run, x) == 0)
		return x;
	err_set(e, ERR_BUG, "no thread for outgoing requests");
	goto fail;
nomem:
	err_nomem(e);
fail:
	if (x != NULL) {
		curl_multi_cleanup(x->multi);
		free(x->ca_file);
		free(x->agent);
		free(x);
	}
	return NULL;
}

void
xfer_stop(struct xfer *x)
{
	if (x == NULL)
		return;
	pthread_mutex_lock(&x->lock);
	x->stop = true;
	pthread_mutex_unlock(&x->lock);
	curl_multi_wakeup(x->multi);
	pthread_join(x->thread, NULL);
}

void
xfer_free(struct xfer *x)
{
	if (x == NULL)
		return;
	while (x->nspare > 0)
		curl_easy_cleanup(x->spare[--x->nspare]);
	curl_multi_cleanup(x->multi);
	pthread_mutex_destroy(&x->lock);
	free(x->ca_file);
	free(x->agent);
	free(x);
}

static int
xfer_copy(char **to, const char *from)
{
	if (from == NULL)
		return 0;
	return (*to = strdup(from)) == NULL ? -1 : 0;
}

static int
xfer_add_header(struct xfer_job *j, const char *line)
{
	struct curl_slist *l = curl_slist_append(j->headers, line);

	if (l == NULL)
		return -1;
	j->headers = l;
	return 0;
}

static struct xfer_job *
xfer_job_new(struct xfer *x, const struct xfer_req *q)
{
	struct xfer_job *j = calloc(1, sizeof *j);
	const char *const *h;

	if (j == NULL)
		return NULL;
	j->x = x;
	j->sink = q->sink;
	j->resp_max = q->resp_max != 0 ? q->resp_max : XFER_RESP_MAX;
	buf_init(&j->resp, j->resp_max);
	buf_init(&j->head, XFER_HEAD_MAX);
	j->timeout_ms = q->timeout_ms > 0 ? q->timeout_ms : x->timeout_ms;
	j->public_only = q->public_only;
	j->repeatable = q->repeatable;
	j->auth = q->auth;
	j->done = q->done;
	j->arg = q->arg;
	j->start_us = clk_mono_us();
	if (xfer_copy(&j->method, q->method) == -1 ||
	    xfer_copy(&j->url, q->url) == -1 ||
	    xfer_copy(&j->user, q->user) == -1 ||
	    xfer_copy(&j->sigv4, q->aws_sigv4) == -1)
		goto fail;
	if (q->body_len > 0) {
		if ((j->body = malloc(q->body_len + 1)) == NULL)
			goto fail;
		memcpy(j->body, q->body, q->body_len);
		j->body[q->body_len] = '\0';
		j->body_len = q->body_len;
	}
	for (h = q->headers; h != NULL && *h != NULL; h++)
		if (xfer_add_header(j, *h) == -1)
			goto fail;
	/*
	 * libcurl would wait a second for a 100 nobody sends; but it would
	 * also sign the header that is not there, and AWS bodies are small.
	 */
	if (j->auth == XFER_AUTH_AWS || xfer_add_header(j, "Expect:") == 0)
		return j;
fail:
	xfer_job_free(j);
	return NULL;
}

int
xfer_submit(struct xfer *x, const struct xfer_req *q, struct err *e)
{
	struct xfer_job *j = xfer_job_new(x, q);
	bool stopped;

	if (j == NULL)
		return err_nomem(e);
	pthread_mutex_lock(&x->lock);
	stopped = x->stop;
	if (!stopped) {
		*x->last = j;
		x->last = &j->next;
	}
	pthread_mutex_unlock(&x->lock);
	if (stopped) {
		xfer_job_free(j);
		return err_set(e, ERR_TEMP, "stopping");
	}
	curl_multi_wakeup(x->multi);
	return 0;
}

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
	if (k->res.body == NULL) {
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
