/*
 * Authorizations as a sender: what Webex Connect offers when it calls, we
 * offer when we call (contract 6).  Basic, Digest and AWS are libcurl's
 * work; a token of OAuth 2.0 is fetched by the caller with the request made
 * here, and kept until shortly before it ends.  Any thread.
 */
#ifndef CONNECT_CLIENT_H
#define CONNECT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "connect/conf.h"
#include "net/xfer.h"

struct client;

/*
 * Read an authorization: "none", or an object with one of basic, digest,
 * aws, apiKey, oauth2 {tokenUrl, clientId, clientSecret, scope,
 * refreshToken}.  NULL: memory is out.
 */
struct client *client_new(
    struct conf *c, const struct json *v, const char *path);
void client_free(struct client *cl);

/* Must a token be fetched first? */
bool client_needs_token(struct client *cl, int64_t now_ms);
/*
 * One asks at a time, since a refresh token may be good once only: false,
 * another one does.  Whoever began ends it, whatever came of it.
 */
bool client_token_begin(struct client *cl);
void client_token_end(struct client *cl);
/* The request for one, in the arena's memory; 0 or -1: memory is out. */
int client_token_request(
    struct client *cl, struct arena *a, struct xfer_req *q);
/* What came of it.  0; -1: `e` says why there is no token. */
int client_token_take(struct client *cl, int status, const char *body, size_t n,
    int64_t now_ms, struct err *e);
/*
 * A server may give another refresh token with each token, and take the file's
 * no longer.  True, at first and when one was refused: one may have been kept,
 * under client_key.
 */
bool client_wants_refresh(struct client *cl);
const char *client_key(const struct client *cl); /* hex digits, lent */
/* It is this one: used until the server refuses it. */
void client_use_refresh(struct client *cl, const char *token);
/* One has come, which is to be kept: in the arena; else NULL. */
const char *client_new_refresh(struct client *cl, struct arena *a);
/* It is kept now. */
void client_refresh_kept(struct client *cl, const char *token);
/* The server does not take the token: another one is needed. */
void client_token_drop(struct client *cl);

/*
 * Put the credentials into a request: headers[*n] and on, of at most `max`
 * with the NULL at the end.  0 or -1: memory is out.
 */
int client_apply(struct client *cl, struct arena *a, struct xfer_req *q,
    const char **headers, size_t *n, size_t max);

#endif
