/*
 * The webhooks of the Webex of `make bench`, and what is sent to them; see
 * webex.h.  A notification goes as soon as one of SENDERS connections is
 * free, the oldest first.
 */
#include "webex.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define HOOKS_MOST 16
#define SENDERS 64
#define PATH_MOST 512

struct hook {
	char id[ID_MAX];
	char *shown, *told; /* JSON: its members; those of a notification */
	char host[64], *path;
	struct sockaddr_in to;
	struct signer *signer;
	bool hears; /* of messages */
};

/* A notification that has yet to go. */
struct due {
	const struct message *m;
	struct hook *hook;
	TAILQ_ENTRY(due) next;
};

/* A connection that brings notifications, to the last one's hook. */
struct sender {
	struct source source;
	struct conn c;
	struct due *due; /* NULL: it rests */
	bool used;       /* the connection has brought one before */
	const struct hook *hook;
	struct sender *below; /* in the stack of those that rest */
};

static int ep;
static struct sender senders[SENDERS], *resting;
static TAILQ_HEAD(, due) dues = TAILQ_HEAD_INITIALIZER(dues);
static struct hook hooks[HOOKS_MOST];
static int nhooks;

/* -- webhooks -- */

/* http://ADDR:PORT/PATH */
static int
hook_target(struct hook *h, const char *url)
{
	const char *host = url + 7, *path, *port;
	char addr[sizeof h->host];

	if (strncmp(url, "http://", 7) != 0 ||
	    (path = strchr(host, '/')) == NULL ||
	    (size_t)(path - host) >= sizeof h->host || strlen(path) > PATH_MOST)
		return -1;
	memcpy(h->host, host, (size_t)(path - host));
	h->host[path - host] = '\0';
	if ((port = strchr(h->host, ':')) == NULL)
		return -1;
	memcpy(addr, h->host, (size_t)(port - h->host));
	addr[port - h->host] = '\0';
	h->to.sin_family = AF_INET;
	h->to.sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10));
	if (inet_pton(AF_INET, addr, &h->to.sin_addr) != 1 ||
	    strpbrk(path, " \r\n") != NULL)
		return -1;
	return (h->path = strdup(path)) == NULL ? -1 : 0;
}

/* Its members without the secret, for one resource and event. */
static char *
hook_members(const struct hook *h, const char *name, const char *target,
    const char *resource, const char *event)
{
	char *members;
	struct buf b;

	buf_init(&b, REQ_MAX / 2);
	buf_addf(&b, "\"id\":\"%s\",", h->id);
	api_quoted(&b, "name", name);
	buf_addc(&b, ',');
	api_quoted(&b, "targetUrl", target);
	buf_addc(&b, ',');
	api_quoted(&b, "resource", resource);
	buf_addc(&b, ',');
	api_quoted(&b, "event", event);
	buf_addf(&b,
	    ",\"orgId\":\"Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wZjBlMGQwYy0w"
	    "YjBhLTQwOTAtODA3MC02MDUwNDAzMDIwMTA\",\"createdBy\":\"%s\","
	    "\"appId\":\"Y2lzY29zcGFyazovL3VzL0FQUExJQ0FUSU9OL0MwZmZlZTAwYzBmZ"
	    "mVlMDBjMGZmZWUwMGMwZmZlZTAwYzBmZmVlMDBjMGZmZWUwMGMwZmZlZTAwYzBmZm"
	    "VlMDBj\",\"ownedBy\":\"creator\",\"status\":\"active\","
	    "\"created\":\"2026-05-04T08:00:00.000Z\"",
	    world.me);
	members = buf_take(&b);
	buf_done(&b);
	return members;
}

static void
hook_done(struct hook *h)
{
	free(h->path);
	free(h->shown);
	free(h->told);
	signer_free(h->signer);
	memset(h, 0, sizeof *h);
}

static int
hook_add(struct hook *h, const struct json *j)
{
	const char *name = json_get_str(j, "name");
	const char *target = json_get_str(j, "targetUrl");
	const char *resource = json_get_str(j, "resource");
	const char *event = json_get_str(j, "event");
	const char *secret = json_get_str(j, "secret");

	make_id(h->id, "WEBHOOK", 3, (uint64_t)nhooks + 1);
	if (name == NULL || target == NULL || resource == NULL ||
	    event == NULL || secret == NULL || hook_target(h, target) == -1)
		return -1;
	h->shown = hook_members(h, name, target, resource, event);
	h->told = hook_members(h, name, target, "messages", "created");
	if (h->shown == NULL || h->told == NULL)
		return -1;
	h->signer = signer_new(secret);
	h->hears = (strcmp(resource, "messages") == 0 ||
		       strcmp(resource, "all") == 0) &&
		   (strcmp(event, "created") == 0 || strcmp(event, "all") == 0);
	return 0;
}

const char *
hooks_add(const struct json *j)
{
	if (nhooks == HOOKS_MOST)
		return NULL;
	if (hook_add(&hooks[nhooks], j) == -1) {
		hook_done(&hooks[nhooks]);
		return NULL;
	}
	return hooks[nhooks++].shown;
}

const char *
hooks_shown(int i)
{
	return i < nhooks ? hooks[i].shown : NULL;
}

/* -- deliveries -- */

static void
sender_rest(struct sender *s)
{
	s->due = NULL;
	s->below = resting;
	resting = s;
}

static void
sender_went(struct sender *s, int status)
{
	struct due *d = s->due;
	bool stale = s->used && s->c.got == 0;

	if (status == 0 || d == NULL)
		return;
	if (status < 0 && stale) {
		/* it was closed while it rested: again on a new one */
		TAILQ_INSERT_HEAD(&dues, d, next);
		sender_rest(s);
		return;
	}
	s->used = true;
	if (status == 200)
		world.delivered++;
	else
		world.failed++;
	free(d);
	sender_rest(s);
}

static void
sender_ready(struct source *source, uint32_t events)
{
	struct sender *s = (struct sender *)source;

	(void)events;
	sender_went(s, conn_go(&s->c));
}

static void
sender_begin(struct sender *s, struct due *d)
{
	const struct message *m = d->m;
	const struct hook *h = d->hook;
	struct notice n = {.hook = h->told,
	    .id = m->id,
	    .room = m->room->id,
	    .person = m->mine ? world.me : m->room->person,
	    .email = m->mine ? BOT_EMAIL : m->room->email,
	    .created = m->created};

	if (s->hook != h)
		conn_hang_up(&s->c);
	s->hook = h;
	s->due = d;
	if (s->c.phase == CLOSED)
		s->used = false;
	s->c.got = 0;
	s->c.len = notice_request(
	    &n, h->signer, h->host, h->path, false, s->c.req, sizeof s->c.req);
	sender_went(s, conn_begin(&s->c, ep, &h->to, NULL, s));
}

void
hooks_deliver(void)
{
	struct sender *s;
	struct due *d;

	while ((s = resting) != NULL && (d = TAILQ_FIRST(&dues)) != NULL) {
		resting = s->below;
		TAILQ_REMOVE(&dues, d, next);
		sender_begin(s, d);
	}
}

void
hooks_tell(const struct message *m)
{
	struct due *d;
	int i;

	for (i = 0; i < nhooks; i++) {
		if (!hooks[i].hears)
			continue;
		if ((d = calloc(1, sizeof *d)) == NULL)
			die("calloc");
		d->m = m;
		d->hook = &hooks[i];
		TAILQ_INSERT_TAIL(&dues, d, next);
	}
}

void
hooks_start(int epoll)
{
	int i;

	ep = epoll;
	for (i = 0; i < SENDERS; i++) {
		senders[i].source.ready = sender_ready;
		sender_rest(&senders[i]);
	}
}

void
hooks_stop(void)
{
	struct due *d;
	int i;

	while ((d = TAILQ_FIRST(&dues)) != NULL) {
		TAILQ_REMOVE(&dues, d, next);
		free(d);
	}
	for (i = 0; i < SENDERS; i++) {
		free(senders[i].due);
		conn_hang_up(&senders[i].c);
	}
	for (i = 0; i < nhooks; i++)
		hook_done(&hooks[i]);
}
