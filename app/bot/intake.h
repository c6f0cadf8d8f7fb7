/*
 * Webhooks into the queue: verify the raw bytes, drop our own, store, and
 * only then answer 200.  Runs on the threads of the HTTP server; no call to
 * Webex is made here.
 */
#ifndef BOT_INTAKE_H
#define BOT_INTAKE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "bot/self.h"
#include "net/http.h"
#include "net/verify.h"
#include "store/evq.h"

struct intake {
	struct evq *q;
	struct self *self;
	struct verify *secrets;
	const char *header; /* that holds the signature */
	bool ignore_bots;
	_Atomic bool stopping; /* 503 from now on */
	/* Does anybody handle this resource and event? */
	bool (*handles)(void *arg, const char *resource, const char *event);
	void *arg;
	_Atomic int64_t warned; /* when a bad signature was last logged */
};

/* POST /webhooks/webex.  True: it was rightly signed. */
bool intake_webex(struct http_req *r, struct intake *in);

/* Did a bot (the addresses Webex gives them) say this? */
bool intake_is_bot(const char *email);

/* 503 with Retry-After. */
void intake_unavailable(struct http_req *r, const char *why);

#endif
