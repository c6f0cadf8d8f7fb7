/*
 * What load.c and webex.c share: ids and notifications as those of Webex,
 * and the client's side of one HTTP connection, driven by epoll.  One
 * thread; what cannot be had ends the process, as it is a measurement.
 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#define ID_MAX 128
#define REQ_MAX 4096
#define ANSWER_MAX 4096

_Noreturn void die(const char *what);

/* As many open files as we may have. */
void files_most(void);

/* As ids of Webex look: base64 of an address that ends in a UUID. */
void make_id(char out[ID_MAX], const char *kind, uint64_t a, uint64_t b);

/* A message that was created, for those who have a webhook. */
struct notice {
	const char *hook; /* members of the webhook, without braces */
	const char *id, *room, *person, *email, *created;
};

/* HMAC-SHA1 with a key that was made ready once. */
struct signer;
struct signer *signer_new(const char *secret);
void signer_free(struct signer *s);

/* The body alone, and all of a signed request; their length. */
size_t notice_body(const struct notice *n, char *out, size_t max);
size_t notice_request(const struct notice *n, struct signer *s,
    const char *host, const char *path, bool closes, char *out, size_t max);

enum phase { CLOSED, CONNECTING, HANDSHAKE, WRITING, READING, RESTING };

/* A connection of ours; `req` and `len` are the caller's to fill. */
struct conn {
	enum phase phase;
	int fd;
	SSL *ssl;
	size_t at, len, got;
	char req[REQ_MAX], in[ANSWER_MAX];
};

/* A socket on its way to `to`; -1: refused.  epoll tells `tag` if ep != -1. */
int dial(int ep, const struct sockaddr_in *to, void *tag);
/* Send `req` on a connection that is CLOSED (tls NULL: plain) or RESTING. */
int conn_begin(struct conn *c, int ep, const struct sockaddr_in *to,
    SSL_CTX *tls, void *tag);
/*
 * Go on as far as it goes.  0: not there yet (or at rest); -1: broken, and
 * hung up; else the status of the answer, and it rests, or is hung up.
 */
int conn_go(struct conn *c);
void conn_hang_up(struct conn *c);

#endif
