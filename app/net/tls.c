/* Certificates that can be exchanged; see tls.h. */
#include "net/tls.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

struct tls {
	char *cert_path;
	char *key_path;
	X509_STORE *clients; /* NULL: they are not asked */
	STACK_OF(X509_NAME) * names;
	pthread_mutex_t lock; /* over what follows */
	X509 *cert;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

#define TLS_CERT "WEBEXBOT_TLS_CERT"
#define TLS_KEY "WEBEXBOT_TLS_KEY"
#define TLS_CLIENT_CA "WEBEXBOT_TLS_CLIENT_CA"

static int
tls_bad(struct err *e, const char *setting, const char *path, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *why = code == 0 ? NULL : ERR_reason_error_string(code);

	err_set(e, ERR_PERM, "%s: %s: %s%s%s", setting, path, what,
	    why == NULL ? "" : ": ", why == NULL ? "" : why);
	ERR_clear_error();
	return -1;
}

/* NULL: `e` says why in the system's words. */
static BIO *
tls_open(const char *setting, const char *path, struct err *e)
{
	BIO *in;

	errno = 0;
	if ((in = BIO_new_file(path, "r")) == NULL)
		err_set(e, ERR_PERM, "%s: %s: %s", setting, path,
		    errno == 0 ? "cannot be read" : strerror(errno));
	ERR_clear_error();
	return in;
}

static int
tls_read_chain(
    const char *path, X509 **cert, STACK_OF(X509) * chain, struct err *e)
{
	BIO *in = tls_open(TLS_CERT, path, e);
	X509 *x;
	int rc = -1;

	if (in == NULL)
		return -1;
	if ((*cert = PEM_read_bio_X509_AUX(in, NULL, NULL, NULL)) == NULL) {
		tls_bad(e, TLS_CERT, path, "holds no certificate");
		goto out;
	}
	while ((x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL)
		if (sk_X509_push(chain, x) == 0) {
			X509_free(x);
			err_nomem(e);
			goto out;
		}
	ERR_clear_error();
	rc = 0;
out:
	BIO_free(in);
	return rc;
}

static EVP_PKEY *
tls_read_key(const char *path, struct err *e)
{
	BIO *in = tls_open(TLS_KEY, path, e);
	EVP_PKEY *key = NULL;

	if (in == NULL)
		return NULL;
	/* an empty password: never ask on a terminal */
	key = PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)"");
	if (key == NULL)
		tls_bad(e, TLS_KEY, path,
		    "holds no private key without a password");
	BIO_free(in);
	return key;
}

int
tls_reload(struct tls *t, struct err *e)
{
	STACK_OF(X509) *chain = sk_X509_new_null(), *old_chain;
	EVP_PKEY *key = NULL, *old_key;
	X509 *cert = NULL, *old_cert;

	if (chain == NULL)
		return err_nomem(e);
	if (tls_read_chain(t->cert_path, &cert, chain, e) == -1 ||
	    (key = tls_read_key(t->key_path, e)) == NULL)
		goto fail;
	if (X509_check_private_key(cert, key) != 1) {
		tls_bad(e, TLS_KEY, t->key_path,
		    "is not the key of the certificate");
		goto fail;
	}
	pthread_mutex_lock(&t->lock);
	old_cert = t->cert;
	old_chain = t->chain;
	old_key = t->key;
	t->cert = cert;
	t->chain = chain;
	t->key = key;
	pthread_mutex_unlock(&t->lock);
	X509_free(old_cert);
	sk_X509_pop_free(old_chain, X509_free);
	EVP_PKEY_free(old_key);
	return 0;
fail:
	X509_free(cert);
	sk_X509_pop_free(chain, X509_free);
	EVP_PKEY_free(key);
	return -1;
}

static int
tls_read_clients(struct tls *t, const char *path, struct err *e)
{
	BIO *in;

	if (path == NULL || *path == '\0')
		return 0;
	if ((in = tls_open(TLS_CLIENT_CA, path, e)) == NULL)
		return -1;
	BIO_free(in);
	if ((t->clients = X509_STORE_new()) == NULL)
		return err_nomem(e);
	if (X509_STORE_load_file(t->clients, path) != 1 ||
	    (t->names = SSL_load_client_CA_file(path)) == NULL)
		return tls_bad(e, TLS_CLIENT_CA, path, "holds no certificate");
	return 0;
}

struct tls *
tls_new(const char *cert, const char *key, const char *client_ca, struct err *e)
{
	struct tls *t = calloc(1, sizeof *t);

	if (t == NULL) {
		err_nomem(e);
		return NULL;
	}
	pthread_mutex_init(&t->lock, NULL);
	t->cert_path = strdup(cert);
	t->key_path = strdup(key);
	if (t->cert_path == NULL || t->key_path == NULL)
		err_nomem(e);
	else if (tls_reload(t, e) == 0 &&
		 tls_read_clients(t, client_ca, e) == 0)
		return t;
	tls_free(t);
	return NULL;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	X509_free(t->cert);
	sk_X509_pop_free(t->chain, X509_free);
	EVP_PKEY_free(t->key);
	X509_STORE_free(t->clients);
	sk_X509_NAME_pop_free(t->names, X509_NAME_free);
	pthread_mutex_destroy(&t->lock);
	free(t->cert_path);
	free(t->key_path);
	free(t);
}

/* At each handshake, before the certificate is chosen. */
static int
tls_choose(SSL *ssl, void *arg)
{
	struct tls *t = arg;
	int ok;

	pthread_mutex_lock(&t->lock);
	ok = SSL_use_cert_and_key(ssl, t->cert, t->key, t->chain, 1);
	pthread_mutex_unlock(&t->lock);
	return ok;
}

int
tls_attach(struct tls *t, void *ssl_ctx)
{
	SSL_CTX *ctx = ssl_ctx;

	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_cert_cb(ctx, tls_choose, t);
	/* one to come back with; the usual two cost a tenth of a handshake */
	SSL_CTX_set_num_tickets(ctx, 1);
	if (t->clients == NULL)
		return 0;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_client_CA_list(ctx, SSL_dup_CA_list(t->names));
	/* without a context of their own, resumed sessions are refused */
	if (SSL_CTX_set_session_id_context(
		ctx, (const unsigned char *)"webexbot", 8) != 1)
		return -1;
	return SSL_CTX_set1_verify_cert_store(ctx, t->clients) == 1 ? 0 : -1;
}
