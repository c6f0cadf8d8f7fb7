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

/*
 * When refusals were last logged: whoever sends garbage must not fill a
 * disk, and whoever mends one thing after the other must hear of each.
 */
#define INTAKE_WARNED 8
struct intake_warned {
	_Atomic int64_t at[INTAKE_WARNED];
};

/* The secret of the webhooks; one that was before stays until the end. */
struct intake_secret {
	struct verify *keys;
	char *text;
	struct intake_secret *older;
};

struct intake {
	struct evq *q;
	struct self *self;
	_Atomic(struct intake_secret *) secret;
	const char *header; /* that holds the signature */
	bool ignore_bots;
	_Atomic bool stopping; /* 503 from now on */
	/* Does anybody handle this resource and event? */
	bool (*handles)(void *arg, const char *resource, const char *event);
	/*
	 * One could not be stored (full: there is no room for it) and is
	 * answered 503: Webex may not bring it again.
	 */
	void (*refused)(void *arg, bool full);
	void *arg;
	struct intake_warned warned;
};

/*
 * Take this secret ("new,old") from now on, also while requests come in; -1:
 * the one before is kept.  One thread at a time.
 */
int intake_use_secret(
    struct intake *in, enum verify_alg alg, const char *text, struct err *e);
/* As it is now; lent until the end. */
const char *intake_secret(const struct intake *in);
void intake_secret_done(struct intake *in);

/* POST /webhooks/webex.  True: it was rightly signed. */
bool intake_webex(struct http_req *r, struct intake *in);

/* Did a bot (the addresses Webex gives them) say this? */
bool intake_is_bot(const char *email);

/* One line now and then for a path and a reason. */
void intake_warn(struct intake_warned *w, struct http_req *r, const char *why);

/* What a webhook is answered that was put so; counted. */
void intake_answer(struct http_req *r, enum evq_put put);
/* 503 with Retry-After. */
void intake_unavailable(struct http_req *r, const char *why);

#endif
