/*
 * One request of the client; see xfer_int.h.
 *
 * libcurl repeats a request by itself when a kept connection dies under it.
 * Whether to send again what may have been received is not for a library to
 * decide: it asks before each sending, and the second one is refused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clk.h"
#include "net/addr.h"
#include "net/xfer_head.h"
#include "net/xfer_int.h"

#define XFER_RESP_MAX (1u << 20)
#define XFER_CONNECT_MS 10000
#define XFER_IDLE_S 50L /* a connection idle for longer is not reused */
/* receive buffer of one transfer: of an answer, of a file */
#define XFER_BUFFER 1024L
#define XFER_BUFFER_FILE 16384L

void
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

struct xfer_job *
xfer_job_new(const struct xfer_req *q, long timeout_ms)
{
	struct xfer_job *j = calloc(1, sizeof *j);
	const char *const *h;

	if (j == NULL)
		return NULL;
	j->sink = q->sink;
	j->resp_max = q->resp_max != 0 ? q->resp_max : XFER_RESP_MAX;
	buf_init(&j->resp, j->resp_max);
	buf_init(&j->head, XFER_HEAD_MAX);
	j->timeout_ms = q->timeout_ms > 0 ? q->timeout_ms : timeout_ms;
	j->public_only = q->public_only;
	j->connect_only = q->connect_only;
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
	if (size * n >= 5 && memcmp(p, "HTTP/", 5) == 0) {
		buf_clear(&j->head);
		j->unanswered = false;
	}
	if (buf_add(&j->head, p, size * n) == 0)
		return size * n;
	j->too_large = !j->head.nomem;
	return 0;
}

static long
xfer_bytes_sent(const struct xfer_job *j)
{
	long n = 0;

	curl_easy_getinfo(j->easy, CURLINFO_REQUEST_SIZE, &n);
	return n;
}

/* Has a request gone out that had no answer? */
static bool
xfer_is_out(const struct xfer_job *j)
{
	return j->unanswered && xfer_bytes_sent(j) > j->sent;
}

/* Before each sending.  One that was answered (401) may follow another. */
static int
xfer_on_send(void *arg, char *ip, char *local, int port, int local_port)
{
	struct xfer_job *j = arg;

	(void)ip;
	(void)local;
	(void)port;
	(void)local_port;
	if ((j->lost = xfer_is_out(j)))
		return CURL_PREREQFUNC_ABORT;
	j->unanswered = true;
	j->sent = xfer_bytes_sent(j);
	return CURL_PREREQFUNC_OK;
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
	curl_easy_setopt(
	    j->easy, CURLOPT_POSTFIELDS, j->body == NULL ? "" : j->body);
	if (j->repeatable)
		return;
	curl_easy_setopt(j->easy, CURLOPT_PREREQFUNCTION, xfer_on_send);
	curl_easy_setopt(j->easy, CURLOPT_PREREQDATA, j);
}

static void
xfer_set_net(struct xfer_job *j, const char *ca_file)
{
	CURL *c = j->easy;

	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* a proxy's answer to CONNECT is none to the request */
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* wait for a connection that is being made: it may take many; without
	 * TLS it never does, and the wait would be for the first answer */
	curl_easy_setopt(c, CURLOPT_PIPEWAIT,
	    strncasecmp(j->url, "https:", 6) == 0 ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)XFER_CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, j->timeout_ms);
	curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, XFER_IDLE_S);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE,
	    j->sink > 0 ? XFER_BUFFER_FILE : XFER_BUFFER);
	curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
	curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, 300L);
	if (ca_file != NULL)
		xfer_set_text(j, CURLOPT_CAINFO, ca_file);
	if (j->public_only) {
		curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, xfer_on_socket);
		curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, j);
	}
	if (j->connect_only)
		curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
	/* a kept connection was not checked, or proves nothing */
	if (j->public_only || j->connect_only) {
		curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	}
}

int
xfer_job_set(struct xfer_job *j, const char *agent, const char *ca_file)
{
	CURL *c = j->easy;

	curl_easy_setopt(c, CURLOPT_PRIVATE, j);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, j->error);
	xfer_set_text(j, CURLOPT_URL, j->url);
	xfer_set_text(j, CURLOPT_USERAGENT, agent);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, j->headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, xfer_on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, j);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, xfer_on_head);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, j);
	xfer_set_net(j, ca_file);
	xfer_set_auth(j);
	xfer_set_body(j);
	return j->unset ? -1 : 0;
}

/* -- its end -- */

enum xfer_end
xfer_job_judge(const struct xfer_job *j, CURLcode code)
{
	curl_off_t sent = 0, ready = 0;

	if (code == CURLE_OK)
		return XFER_ANSWERED;
	if (j->too_large)
		return XFER_TOO_LARGE;
	/* it went out and had no answer; what failed was a second try */
	if (xfer_is_out(j))
		return XFER_CUT;
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
