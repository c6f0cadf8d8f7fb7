/*
 * The certificate of a TLS listener, exchangeable while it serves: each
 * handshake takes the pair that is current then.  Any thread.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/err.h"

struct tls;

/*
 * Reads and checks the pair.  With `client_ca` (a PEM file; NULL or "": none)
 * clients are asked for a certificate, and one that is shown must come from
 * these authorities.
 */
struct tls *tls_new(
    const char *cert, const char *key, const char *client_ca, struct err *e);
void tls_free(struct tls *t);

/* Reads the files again; on -1 the old pair stays. */
int tls_reload(struct tls *t, struct err *e);

/* Make an SSL_CTX (as void *) use it; 0 or -1. */
int tls_attach(struct tls *t, void *ssl_ctx);

#endif
