/*
 * The phone of the demo: the simulator's Webex Connect and the bot know each
 * other.  A bot file with a "connect" of its own is called as that asks for;
 * for one without, a small one is put beside it.
 */
#include "cli/demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "bot/brain.h"
#include "connect/conf.h"
#include "net/verify.h"
#include "sim/sim.h"

#define PHONE_SECRET "DEMO_CONNECT_SECRET"
#define PHONE_KEY "DEMO_CONNECT_KEY"

/* What arrives is told to Anna; an SMS is answered with one. */
static const char phone_rules[] =
    "{ \"connect\": {"
    "  \"receive\": { \"secret\": \"env:" PHONE_SECRET "\" },"
    "  \"messages\": [ { \"reply\": ["
    "    { \"to\": { \"toPersonEmail\": \"anna@example.com\" }, \"markdown\":"
    "      \"**${notice.channel}** from ${notice.from}: ${notice.text}\" },"
    "    { \"$when\": \"${notice.channel == 'sms'}\", \"trigger\":"
    "      { \"event\": { \"key\": \"env:" PHONE_KEY "\", \"evtid\": \"sms\","
    "        \"url\": \"%s/resources/v1/events/externalevent\","
    "        \"parameters\": { \"to\": \"${notice.from}\","
    "          \"text\": \"The bot has got: ${notice.text}\" } } } } ] } ],"
    "  \"receipts\": [ { \"status\": \"delivered\", \"reply\":"
    "    { \"to\": { \"toPersonEmail\": \"anna@example.com\" }, \"markdown\":"
    "      \"${notice.channel} to ${notice.to}: *${notice.status}*\" } } ]"
    "} }";

int
demo_phone_secrets(struct err *e)
{
	char secret[65];

	if (verify_random_hex(32, secret) == -1)
		return err_set(e, ERR_BUG, "no random numbers");
	if (setenv(PHONE_SECRET, secret, 1) == -1 ||
	    setenv(PHONE_KEY, sim_connect_key(), 1) == -1)
		return err_nomem(e);
	return 0;
}

int
demo_phone_rules(const char *sim_url, char **out, struct err *e)
{
	if (asprintf(out, phone_rules, sim_url) != -1)
		return 0;
	*out = NULL;
	return err_nomem(e);
}

/* -- what the bot asks for, told to the simulator -- */

static char *
phone_secret(void *arg, const char *name, struct err *e)
{
	return cfg_secret(arg, name, e);
}

/* A member of the target: the name, when there is one, and the secret. */
static int
phone_pair(struct conf *c, struct json *target, const char *member,
    const struct json *v, const char *name, const char *sep, const char *secret)
{
	char *first = name == NULL ? NULL : conf_name(c, v, "", name);
	struct conf_secrets s;
	char *text = NULL;
	int rc;

	conf_secrets(c, v, "", secret, true, &s);
	rc = asprintf(&text, "%s%s%s", first == NULL ? "" : first, sep,
	    s.n > 0 ? s.v[0] : "");
	if (rc != -1)
		rc = json_set_str(target, member, text);
	conf_secrets_done(&s);
	free(first);
	free(text);
	return rc;
}

/* The authorizations that a token server of its own is not needed for. */
static int
phone_auth(struct conf *c, struct json *target, const struct json *auth)
{
	const struct json *v = json_first(auth);
	const char *kind = v == NULL ? "none" : json_name(v);
	char scope[256];

	if (json_set_str(target, "auth", kind) == -1)
		return -1;
	if (strcmp(kind, "basic") == 0 || strcmp(kind, "digest") == 0)
		return phone_pair(
		    c, target, "user", v, "user", ":", "password");
	if (strcmp(kind, "apiKey") == 0)
		return phone_pair(
		    c, target, "header", v, "header", ": ", "value");
	if (strcmp(kind, "aws") != 0)
		return 0;
	snprintf(scope, sizeof scope, "aws:amz:%.100s:%.100s",
	    *conf_str(v, "region") == '\0' ? "us-east-1"
					   : conf_str(v, "region"),
	    *conf_str(v, "service") == '\0' ? "hook" : conf_str(v, "service"));
	if (json_set_str(target, "sigv4", scope) == -1)
		return -1;
	return phone_pair(c, target, "user", v, "accessKey", ":", "secretKey");
}

int
demo_phone_connect(
    struct cfg *cfg, struct sim *sim, const char *bot, struct err *e)
{
	struct conf c = {.secret = phone_secret, .arg = cfg};
	struct json *file, *target = json_object();
	char *path = NULL, *text = NULL, url[256];
	const struct json *receive;
	const char *algorithm;
	int rc;

	brain_file(cfg, false, &file, &path, &text, NULL);
	receive = conf_object(conf_object(file, "connect"), "receive");
	algorithm = conf_str(receive, "algorithm");
	snprintf(url, sizeof url, "http://%s/webhooks/connect", bot);
	rc = json_set_str(target, "url", url);
	if (*algorithm != '\0')
		rc |= json_set_str(target, "algorithm", algorithm);
	if (json_get(receive, "secret") != NULL)
		rc |= phone_pair(
		    &c, target, "secret", receive, NULL, "", "secret");
	rc |= phone_auth(&c, target, conf_object(receive, "auth"));
	if (rc == 0)
		rc = sim_connect(sim, target);
	json_free(target);
	json_free(file);
	free(path);
	free(text);
	return rc == 0 ? 0 : err_nomem(e);
}
