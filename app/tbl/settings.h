/*
 * Every setting once.  From this table come struct cfg, the reader,
 * `webexbot config` and the manual page webexbot.env.5.
 *
 * SETTING(field, NAME, TYPE, default, least, most, flags, help)
 *   STR        a text                        ENUM  one of `least` (a|b|c)
 *   INT SIZE   a number, bytes (256k, 4m)    MS    a time (500ms, 10s, 7d)
 *   BOOL       1, 0, yes, no, true, false
 *   CFG_SECRET: masked, and NAME_FILE is read too.  CFG_EMPTY: an empty value
 *   is one; of the others it is as if they were not set.
 */
SETTING(access_token, "WEBEX_ACCESS_TOKEN", STR, "", "", "", CFG_SECRET,
    "The bot's access token.")
SETTING(webhook_secret, "WEBEX_WEBHOOK_SECRET", STR, "", "", "", CFG_SECRET,
    "Shared secret of the webhooks, as in the signature; new,old while it "
    "is being changed; a file is read again on SIGHUP.")
SETTING(api_url, "WEBEX_API_URL", STR, "https://webexapis.com/v1", "", "", 0,
    "Base of the Webex REST API.")
SETTING(public_url, "WEBEXBOT_PUBLIC_URL", STR, "", "", "", 0,
    "What Webex can reach, such as https://bot.example.com; webhooks are "
    "registered under it.")
SETTING(listen, "WEBEXBOT_LISTEN", STR, "127.0.0.1:8080", "", "", 0,
    "Comma list of ADDR:PORT, [::1]:PORT, unix:PATH; a suffix s on the port "
    "means TLS.")
SETTING(tls_cert, "WEBEXBOT_TLS_CERT", STR, "", "", "", 0,
    "PEM file with the certificate and its chain; read again on SIGHUP.")
SETTING(tls_key, "WEBEXBOT_TLS_KEY", STR, "", "", "", 0,
    "PEM file with the private key; read again on SIGHUP.")
SETTING(tls_client_ca, "WEBEXBOT_TLS_CLIENT_CA", STR, "", "", "", 0,
    "PEM file of authorities: TLS clients are asked for a certificate and may "
    "do without; one that is shown must come from these.")
SETTING(admin_listen, "WEBEXBOT_ADMIN_LISTEN", STR, "127.0.0.1:9090", "", "",
    CFG_EMPTY,
    "Where /healthz, /readyz and /metrics are; empty switches it off.")
SETTING(trusted_proxies, "WEBEXBOT_TRUSTED_PROXIES", STR, "", "", "", 0,
    "Comma list of addresses or CIDRs whose X-Forwarded-For is believed; "
    "unix means any peer on a unix socket.")
SETTING(cards, "WEBEXBOT_CARDS", STR, "cards", "", "", 0,
    "The folder with bot.json and the card templates.")
SETTING(watch, "WEBEXBOT_WATCH", BOOL, "0", "", "", 0,
    "Reads the bot file and the cards again when one of them changes; "
    "without it on SIGHUP only.")
SETTING(store, "WEBEXBOT_STORE", STR, "sqlite:webexbot.db", "", "", 0,
    "Durable queue and memory: sqlite:FILE.")
SETTING(allow_private, "WEBEXBOT_ALLOW_PRIVATE_URLS", BOOL, "0", "", "", 0,
    "Lets callers name http: or private addresses in notifyurl, and "
    "outbound use http:.")
SETTING(outbound_retry, "WEBEXBOT_OUTBOUND_RETRY_S", INT, "60", "0", "86400", 0,
    "Seconds between the tries of an outbound webhook; there are four.")
SETTING(allow_run, "WEBEXBOT_ALLOW_RUN", BOOL, "0", "", "", 0,
    "Lets rules of bot.json run programs on this machine.")
SETTING(log_format, "WEBEXBOT_LOG", ENUM, "text", "text|json", "", 0,
    "Form of the log lines on stderr.")
SETTING(log_level, "WEBEXBOT_LOG_LEVEL", ENUM, "info", "debug|info|warn|error",
    "", 0, "Least level that is logged.")
SETTING(signature_header, "WEBEXBOT_SIGNATURE_HEADER", STR, "X-Spark-Signature",
    "", "", 0, "Request header that holds the signature of a webhook.")
SETTING(signature_algorithm, "WEBEXBOT_SIGNATURE_ALGORITHM", ENUM, "sha1",
    "sha1|sha256|sha512", "", 0, "HMAC algorithm of that signature.")
SETTING(body_max, "WEBEXBOT_BODY_MAX", SIZE, "256k", "1k", "4m", 0,
    "Largest webhook body; a larger one is answered 413.")
SETTING(http_threads, "WEBEXBOT_HTTP_THREADS", INT, "128", "4", "4096", 0,
    "Connections served at once; when all are taken, those that have been "
    "silent longest are closed.  Few are enough behind a proxy, not on a "
    "public address.")
SETTING(http_timeout, "WEBEXBOT_HTTP_TIMEOUT", MS, "10s", "100ms", "5m", 0,
    "Longest time for one request to arrive as a whole.")
SETTING(queue_max, "WEBEXBOT_QUEUE_MAX", INT, "100000", "1", "10000000", 0,
    "Open events and replies kept; beyond it webhooks are answered 503.  As "
    "many requests to other programs are kept beside them, and more are dead.")
SETTING(inflight, "WEBEXBOT_INFLIGHT", INT, "1000", "1", "100000", 0,
    "Events worked on at once; waiting takes memory, not threads.")
SETTING(attempts, "WEBEXBOT_ATTEMPTS", INT, "10", "1", "1000", 0,
    "Tries of a call that Webex answers with a passing error before its "
    "event is dead; waiting for a Webex that is not there does not count.")
SETTING(give_up, "WEBEXBOT_GIVE_UP", MS, "1d", "1s", "365d", 0,
    "Age at which an event that still cannot be finished is dead.")
SETTING(api_timeout, "WEBEXBOT_API_TIMEOUT", MS, "30s", "100ms", "10m", 0,
    "Longest time for one call to the REST API.")
SETTING(api_connections, "WEBEXBOT_API_CONNECTIONS", INT, "1000", "1", "10000",
    0,
    "Most connections to the REST API at once, and at most a quarter of the "
    "descriptors that the process may have; over HTTP/2 a few carry all.")
SETTING(ca_file, "WEBEXBOT_CA_FILE", STR, "", "", "", 0,
    "PEM file of authorities to trust for outgoing calls instead of the "
    "system's.")
SETTING(stop_timeout, "WEBEXBOT_STOP_TIMEOUT", MS, "10s", "0ms", "10m", 0,
    "How long SIGTERM waits for work in flight; what is left is done after "
    "the next start.")
SETTING(keep, "WEBEXBOT_KEEP", MS, "7d", "0ms", "3650d", 0,
    "How long a finished event is remembered, for webexbot events and "
    "against repeated deliveries.")
SETTING(ignore_bots, "WEBEXBOT_IGNORE_BOTS", BOOL, "1", "", "", 0,
    "Drops what other bots (@webex.bot, @sparkbot.io) say.")
SETTING(workers, "WEBEXBOT_WORKERS", INT, "4", "1", "256", 0,
    "Threads that run handlers written in C, and programs of rules.")
SETTING(uncertain, "WEBEXBOT_UNCERTAIN", ENUM, "send", "send|skip", "", 0,
    "What to do with a reply that may have been sent when a crash or a cut "
    "answer leaves it open and Webex does not let a bot look.")
SETTING(catchup, "WEBEXBOT_CATCHUP", MS, "1h", "0ms", "30d", 0,
    "How far back missed messages are fetched after a downtime; 0: not.  "
    "What comes in meanwhile waits for them, but not longer than 10 s "
    "without progress.")
SETTING(webhook_check, "WEBEXBOT_WEBHOOK_CHECK", MS, "10m", "0ms", "1d", 0,
    "How often the registered webhooks are looked at; an inactive one is "
    "re-activated; one that is missing, points elsewhere or has another "
    "secret is reported; 0: never.")
