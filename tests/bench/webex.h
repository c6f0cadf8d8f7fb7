/*
 * Inside the Webex of `make bench` (webex.c): the world, the API that shows
 * it and the webhooks that tell of it.  One thread.
 */
#ifndef BENCH_WEBEX_H
#define BENCH_WEBEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common.h"
#include "base/buf.h"
#include "base/clk.h"
#include "base/json.h"
#include "base/map.h"

#define REQUEST_MOST (64 * 1024)
#define REPLY_MOST (4 << 20)
#define BOT_EMAIL "demo-bot@webex.bot"

/* What epoll watches; the first member of whatever has a descriptor. */
struct source {
	void (*ready)(struct source *s, uint32_t events);
};

struct room {
	char id[ID_MAX], person[ID_MAX], email[48];
	long messages, answers;
};

struct message {
	char id[ID_MAX], created[CLK_TEXT];
	struct room *room;
	char *said; /* JSON: members of a text; NULL: the burst's */
	bool mine, answered;
};

/* The world; `count` and the like are told of in webex.c. */
struct world {
	char me[ID_MAX]; /* the bot */
	struct map *rooms, *people, *messages;
	struct room *all;
	char *said; /* what everybody says */
	int64_t start, last;
	uint64_t tick; /* of the last id */
	long delivered, failed, count, doubled, refused;
};
extern struct world world;

/* -- webex_api.c -- */

struct call {
	const char *id;    /* the rest of the path */
	const char *query; /* "" for none */
	const char *body;
	size_t len;
	long count, ms; /* of /wait: what it waits for, and how long */
};

/* The answer. */
extern struct buf reply;

/* Put it there; returns its status, 0 for /wait: it is api_counts later. */
int api_run(const char *method, const char *path, struct call *c);
int api_no(int status, const char *why);
void api_counts(void);
/* Append "name":"s" to `b`. */
void api_quoted(struct buf *b, const char *name, const char *s);
void api_start(void);
void api_stop(void);

/* -- webex_hooks.c -- */

/* A webhook as it was asked for; its members, or NULL: it does not fit. */
const char *hooks_add(const struct json *j);
/* Those of webhook `i`; NULL: there are no more. */
const char *hooks_shown(int i);
/* Have those who listen told of a message, and tell as many as may be. */
void hooks_tell(const struct message *m);
void hooks_deliver(void);
void hooks_start(int epoll);
void hooks_stop(void);

#endif
