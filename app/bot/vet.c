/* Settings before the start; see vet.h. */
#include "bot/vet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "net/addr.h"
#include "net/http.h"
#include "net/verify.h"

/*
 * `e` begins with the name of a setting: where that stands goes before it.
 * Returns -1.
 */
static int
vet_place(const struct cfg *cfg, struct err *e)
{
	char name[64], place[400];
	size_t n = strcspn(e->text, ": ");

	snprintf(name, sizeof name, "%.*s", (int)n, e->text);
	if (!cfg_place(cfg, name, place, sizeof place))
		return -1;
	return err_prefix(e, "%s: ", place);
}

static int
vet_missing(
    const struct cfg *cfg, const char *name, const char *hint, struct err *e)
{
	const char *origin = cfg_origin_of(cfg, name);
	char place[400];

	if (strcmp(origin, "default") == 0)
		return err_set(e, ERR_PERM, "%s is not set: %s", name, hint);
	if (cfg_place(cfg, name, place, sizeof place))
		return err_set(e, ERR_PERM, "%s is empty: %s", name, hint);
	return err_set(
	    e, ERR_PERM, "%s is empty, from %s: %s", name, origin, hint);
}

/* No secret is repeated here: a blank in it is told, not where. */
static bool
vet_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s == 0x7f)
			return false;
	return true;
}

static int
vet_access(const struct cfg *cfg, struct err *e)
{
	const char *origin = cfg_origin_of(cfg, "WEBEX_ACCESS_TOKEN");
	bool file = str_prefix(origin, "file ");

	if (*cfg->access_token == '\0')
		return vet_missing(cfg, "WEBEX_ACCESS_TOKEN",
		    "it is the token of your bot "
		    "(WEBEX_ACCESS_TOKEN_FILE: a file that holds it)",
		    e);
	if (!vet_printable(cfg->access_token))
		return err_set(e, ERR_PERM,
		    "WEBEX_ACCESS_TOKEN%s%s: a token has no blanks and no line "
		    "breaks",
		    file ? "_FILE: " : "", file ? origin + 5 : "");
	return 0;
}

int
vet_token(const struct cfg *cfg, struct err *e)
{
	return vet_access(cfg, e) == -1 ? vet_place(cfg, e) : 0;
}

static int
vet_secret(const struct cfg *cfg, struct err *e)
{
	struct verify *v;
	enum verify_alg alg;

	if (*cfg->webhook_secret == '\0')
		return vet_missing(cfg, "WEBEX_WEBHOOK_SECRET",
		    "without it anybody could pose as Webex "
		    "(webexbot webhooks apply makes one)",
		    e);
	if (verify_alg(cfg->signature_algorithm, &alg) == -1)
		return err_set(e, ERR_PERM,
		    "WEBEXBOT_SIGNATURE_ALGORITHM: no such algorithm");
	if ((v = verify_new(alg, cfg->webhook_secret, e)) == NULL)
		return err_prefix(e, "WEBEX_WEBHOOK_SECRET: ");
	verify_free(v);
	return 0;
}

/* The host of an address, or where it would begin. */
static const char *
vet_host(const char *url)
{
	const char *host = strstr(url, "://");

	return host == NULL ? url : host + 3;
}

static int
vet_url(const char *name, const char *url, struct err *e)
{
	const char *host = vet_host(url);

	/* first, for a password is not repeated */
	if (memchr(host, '@', strcspn(host, "/?#")) != NULL)
		return err_set(e, ERR_PERM,
		    "%s: name the address without a user and a password", name);
	if ((!str_prefix(url, "https://") && !str_prefix(url, "http://")) ||
	    !vet_printable(url) || strcspn(host, "/:?#") == 0)
		return err_set(e, ERR_PERM,
		    "%s: \"%s\" is no address such as https://example.com",
		    name, url);
	if (host[strcspn(host, "?#")] != '\0') /* it may hold a secret, too */
		return err_set(e, ERR_PERM,
		    "%s: \"%.*s\": name the address without what follows, "
		    "from the %c on",
		    name, (int)(strcspn(host, "?#") + (size_t)(host - url)),
		    url, host[strcspn(host, "?#")]);
	return 0;
}

static int
vet_api(const struct cfg *cfg, struct err *e)
{
	return vet_url("WEBEX_API_URL", cfg->api_url, e);
}

/* The path that is added to it is often there already. */
static int
vet_public(const struct cfg *cfg, struct err *e)
{
	static const char path[] = "/webhooks/webex";
	const char *url = cfg->public_url;
	size_t n = strlen(url), len = sizeof path - 1;

	if (n == 0)
		return 0;
	if (vet_url("WEBEXBOT_PUBLIC_URL", url, e) == -1)
		return -1;
	while (n > 0 && url[n - 1] == '/')
		n--;
	if (n >= len && memcmp(url + n - len, path, len) == 0)
		return err_set(e, ERR_PERM,
		    "WEBEXBOT_PUBLIC_URL: \"%s\": name the address without %s, "
		    "which is added",
		    url, path);
	return 0;
}

int
vet_public_url(const struct cfg *cfg, struct err *e)
{
	if (*cfg->public_url == '\0')
		return vet_missing(cfg, "WEBEXBOT_PUBLIC_URL",
		    "it is what Webex can reach, such as "
		    "https://bot.example.com",
		    e);
	return vet_public(cfg, e) == -1 ? vet_place(cfg, e) : 0;
}

static int
vet_header(const struct cfg *cfg, struct err *e)
{
	const char *name = cfg->signature_header;
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
				"STUVWXYZ0123456789-_");

	if (n > 0 && name[n] == '\0')
		return 0;
	return err_set(e, ERR_PERM,
	    "WEBEXBOT_SIGNATURE_HEADER: \"%s\" is no header name", name);
}

static int
vet_listeners(const struct cfg *cfg, struct err *e)
{
	struct http_opts o = {.name = "WEBEXBOT_LISTEN",
	    .listen = cfg->listen,
	    .tls_cert = cfg->tls_cert,
	    .tls_key = cfg->tls_key,
	    .tls_client_ca = cfg->tls_client_ca};

	return http_check(&o, e);
}

static int
vet_admin(const struct cfg *cfg, struct err *e)
{
	struct http_opts o = {
	    .name = "WEBEXBOT_ADMIN_LISTEN", .listen = cfg->admin_listen};

	if (*cfg->admin_listen == '\0')
		return 0;
	if (http_share(cfg->listen, cfg->admin_listen))
		return err_set(e, ERR_PERM,
		    "WEBEXBOT_ADMIN_LISTEN is the same address as "
		    "WEBEXBOT_LISTEN: take another port, or leave it empty");
	if (http_is_for_tls(cfg->admin_listen))
		return err_set(e, ERR_PERM,
		    "WEBEXBOT_ADMIN_LISTEN: \"%s\": there is no TLS on it, "
		    "leave out the s",
		    cfg->admin_listen);
	return http_check(&o, e);
}

/* The folder of a store, which writes more than one file. */
static int
vet_folder(const char *store, struct err *e)
{
	const char *slash = strrchr(store, '/');
	char *folder;
	int rc = 0;

	if (slash == NULL || slash == store)
		return 0;
	if ((folder = strndup(store, (size_t)(slash - store))) == NULL)
		return err_nomem(e);
	if (access(folder, W_OK | X_OK) == -1)
		rc = err_set(e, ERR_PERM, "WEBEXBOT_STORE: %s: %s", folder,
		    strerror(errno));
	free(folder);
	return rc;
}

/* Does it begin as every file of SQLite does?  An empty one is new. */
static int
vet_sqlite(const char *path, struct err *e)
{
	static const char magic[] = "SQLite format 3"; /* its NUL, too */
	char head[sizeof magic];
	int fd = open(path, O_RDWR | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return err_set(e, ERR_PERM, "WEBEXBOT_STORE: %s: %s", path,
		    strerror(errno));
	n = read(fd, head, sizeof head);
	close(fd);
	if (n == 0 || (n == (ssize_t)sizeof head &&
			  memcmp(head, magic, sizeof head) == 0))
		return 0;
	return err_set(e, ERR_PERM,
	    "WEBEXBOT_STORE: %s is there and is no store, name another file",
	    path);
}

static int
vet_store(const struct cfg *cfg, struct err *e)
{
	const char *path = cfg->store + strlen("sqlite:");
	struct stat st;

	if (str_eq(cfg->store, "mem:")) /* for tests: no message offers it */
		return 0;
	if (!str_prefix(cfg->store, "sqlite:") || strspn(path, ":") > 0 ||
	    *path == '\0')
		return err_set(e, ERR_PERM,
		    "WEBEXBOT_STORE: \"%s\" is not sqlite:FILE", cfg->store);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(e, ERR_PERM,
		    "WEBEXBOT_STORE: %s is a folder, name a file such as "
		    "sqlite:webexbot.db",
		    path);
	if (vet_folder(path, e) == -1)
		return -1;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? vet_sqlite(path, e)
							   : 0;
}

static int
vet_ca(const struct cfg *cfg, struct err *e)
{
	if (*cfg->ca_file != '\0' && access(cfg->ca_file, R_OK) == -1)
		return err_set(e, ERR_PERM, "WEBEXBOT_CA_FILE: %s: %s",
		    cfg->ca_file, strerror(errno));
	return 0;
}

static int
vet_proxies(const struct cfg *cfg, struct err *e)
{
	if (addr_list_check(cfg->trusted_proxies, e) == -1)
		return err_prefix(e, "WEBEXBOT_TRUSTED_PROXIES: ");
	return 0;
}

static int (*const vet_all[])(const struct cfg *cfg, struct err *e) = {
    vet_access, vet_secret, vet_api, vet_public, vet_header, vet_listeners,
    vet_admin, vet_ca, vet_store, vet_proxies};

int
vet_settings(const struct cfg *cfg, struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof vet_all / sizeof vet_all[0]; i++)
		if (vet_all[i](cfg, e) == -1)
			return vet_place(cfg, e);
	return 0;
}

void
vet_tell(const struct cfg *cfg, cfg_told *told, void *arg)
{
	size_t i;

	for (i = 0; i < sizeof vet_all / sizeof vet_all[0]; i++) {
		struct err e = ERR_INIT;

		if (vet_all[i](cfg, &e) == -1) {
			vet_place(cfg, &e);
			told(arg, &e);
		}
	}
}

void
vet_warn(const struct cfg *cfg, cfg_told *told, void *arg)
{
	struct err e = ERR_INIT;

	cfg_warnings(cfg, told, arg);
	if (*cfg->tls_cert == '\0' || http_is_for_tls(cfg->listen))
		return;
	if (vet_listeners(cfg, &e) == -1) { /* which is said by itself */
		err_clear(&e);
		return;
	}
	err_set(&e, ERR_PERM,
	    "WEBEXBOT_TLS_CERT is set, but no port of WEBEXBOT_LISTEN ends "
	    "in s: TLS is off");
	vet_place(cfg, &e);
	told(arg, &e);
}
