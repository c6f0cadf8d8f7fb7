/* "connect" of the bot file: notifications of Webex Connect; see hub.h. */
#include "bot/hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "bot/hub_int.h"
#include "connect/notice.h"

#define CONNECT_RULES_MAX 1000 /* of one list */

/* What a rule may ask of a notification; NULL: anything. */
static const char *const connect_asks[] = {
    "channel", "status", "code", "event", "from", "to"};
#define CONNECT_ASKS (sizeof connect_asks / sizeof connect_asks[0])

struct connect_rule {
	char *ask[CONNECT_ASKS];
	struct rule rule;
};

struct connect_list {
	struct connect_rule *v;
	size_t n;
};

struct hub_connect {
	struct receive *receive;
	struct connect_list receipts, messages;
};

static const struct conf_key connect_keys[] = {
    {"receive", CONF_OBJECT},
    {"receipts", CONF_LIST},
    {"messages", CONF_LIST},
};

static const struct conf_key connect_rule_keys[] = {
    {"channel", CONF_TEXT},
    {"status", CONF_TEXT},
    {"code", CONF_TEXT},
    {"event", CONF_TEXT},
    {"from", CONF_TEXT},
    {"to", CONF_TEXT},
    {"reply", CONF_REPLY},
};

static void
connect_list_free(struct connect_list *l)
{
	size_t i, k;

	for (i = 0; i < l->n; i++) {
		for (k = 0; k < CONNECT_ASKS; k++)
			free(l->v[i].ask[k]);
		rule_done(&l->v[i].rule);
	}
	free(l->v);
}

void
hub_connect_free(struct hub_connect *hc)
{
	if (hc == NULL)
		return;
	receive_free(hc->receive);
	connect_list_free(&hc->receipts);
	connect_list_free(&hc->messages);
	free(hc);
}

/* A warning only: the platform may have learned of another one. */
static void
connect_check_channel(struct hub_in *in, const struct json *v, const char *path)
{
	const char *s = conf_str(v, "channel"), *near;
	char at[CONF_PATH];

	if (*s == '\0' || notice_channel_known(s, &near))
		return;
	conf_at(at, path, "channel");
	if (near != NULL)
		conf_warn(&in->conf, "bad-value", at,
		    "no channel %s, did you mean %s?", s, near);
	else
		conf_warn(&in->conf, "bad-value", at, "no channel %s", s);
}

static int
connect_read_rule(struct hub_in *in, struct connect_rule *r, const char *name,
    const struct json *v, const char *path)
{
	char key[24];
	size_t i;

	CONF_KEYS(&in->conf, v, path, connect_rule_keys);
	if (json_get(v, "reply") == NULL)
		conf_error(
		    &in->conf, "missing-member", path, "a rule needs a reply");
	for (i = 0; i < CONNECT_ASKS; i++)
		if (json_get_str(v, connect_asks[i]) != NULL)
			r->ask[i] =
			    conf_dup(&in->conf, conf_str(v, connect_asks[i]));
	connect_check_channel(in, v, path);
	snprintf(key, sizeof key, "%s", strrchr(path, '/') + 1);
	return hub_rule(in, &r->rule, name, key, v, path);
}

static int
connect_read_list(struct hub_in *in, struct connect_list *l,
    const struct json *obj, const char *name)
{
	const struct json *list = json_get(obj, name), *x;
	char part[CONF_PATH], at[CONF_PATH];
	size_t i = 0, n = json_count(list);

	if (json_kind(list) != JSON_LIST || n == 0)
		return 0;
	conf_at(part, "/connect", name);
	if (n > CONNECT_RULES_MAX) {
		conf_error(&in->conf, "bad-value", part, "more than %d rules",
		    CONNECT_RULES_MAX);
		return 0;
	}
	if ((l->v = calloc(n, sizeof *l->v)) == NULL)
		return -1;
	for (x = json_first(list); x != NULL; x = json_next(x), i++) {
		conf_at_i(at, part, i);
		if (json_kind(x) != JSON_OBJECT)
			conf_error(
			    &in->conf, "wrong-kind", at, "a rule is an object");
		else if (connect_read_rule(in, &l->v[l->n++], name, x, at) ==
			 -1)
			return -1;
	}
	return 0;
}

int
hub_read_connect(struct hub_in *in, const struct json *file)
{
	const struct json *v = conf_object(file, "connect");
	const struct json *receive = conf_object(v, "receive");
	struct hub_connect *hc;
	struct auth_opts o;

	if (v == NULL)
		return 0;
	if ((hc = in->h->connect = calloc(1, sizeof *hc)) == NULL)
		return err_nomem(in->e);
	CONF_KEYS(&in->conf, v, "/connect", connect_keys);
	hub_auth_opts(in, &o);
	hc->receive = receive_new(&in->conf, receive,
	    receive == NULL ? "/connect" : "/connect/receive", &o);
	if (hc->receive == NULL ||
	    connect_read_list(in, &hc->receipts, v, "receipts") == -1 ||
	    connect_read_list(in, &hc->messages, v, "messages") == -1)
		return err_nomem(in->e);
	return 0;
}

/* -- while it runs -- */

struct receive *
hub_receive(const struct hub *h)
{
	return h->connect == NULL ? NULL : h->connect->receive;
}

/*
 * An event that is no message (typing, subscribe) is answered only by a rule
 * that names it.
 */
static bool
connect_fits(const struct connect_rule *r, const struct json *notice)
{
	bool named = false;
	size_t i;

	for (i = 0; i < CONNECT_ASKS; i++) {
		if (r->ask[i] == NULL)
			continue;
		named |= strcmp(connect_asks[i], "event") == 0;
		if (!notice_fits(
			r->ask[i], notice_get(notice, connect_asks[i])))
			return false;
	}
	return named || strcmp(notice_get(notice, "kind"), "event") != 0;
}

const struct rule *
hub_notice(const struct hub *h, const struct json *notice)
{
	const struct connect_list *l;
	size_t i;

	if (h->connect == NULL)
		return NULL;
	l = strcmp(notice_get(notice, "kind"), "receipt") == 0
		? &h->connect->receipts
		: &h->connect->messages;
	for (i = 0; i < l->n; i++)
		if (connect_fits(&l->v[i], notice))
			return &l->v[i].rule;
	return NULL;
}
