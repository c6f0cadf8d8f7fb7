/* Outbound webhooks; see outhook.h. */
#include "connect/outhook.h"

#include <stdlib.h>
#include <string.h>

#include "connect/target.h"

static const char *const outhook_words[] = {"messages", "actions",
    "memberships", "receipts", "incoming", "inbound", "events"};
#define OUTHOOK_WORDS (sizeof outhook_words / sizeof outhook_words[0])

static const struct conf_key outhook_keys[] = {
    {"on", CONF_LIST},
    {"url", CONF_TEXT},
    {"secret", CONF_SECRET},
    {"algorithm", CONF_TEXT},
    {"header", CONF_TEXT},
    {"auth", CONF_ANY},
    {"order", CONF_BOOL},
    {"help", CONF_TEXT},
};
/* The last ones of them that a notification may have. */
#define OUTHOOK_NOTIFY_FROM 2
#define OUTHOOK_NOTIFY_N 4

const char *
outhook_word(enum outhook_on on)
{
	size_t i;

	for (i = 0; i < OUTHOOK_WORDS; i++)
		if ((unsigned)on == 1u << i)
			return outhook_words[i];
	return "";
}

static void
outhook_read_on(
    struct outhook *o, struct conf *c, const struct json *v, const char *path)
{
	const struct json *x = json_first(json_get(v, "on"));
	char part[CONF_PATH], at[CONF_PATH];
	size_t i = 0;
	int word;

	conf_at(part, path, "on");
	if (x == NULL)
		conf_error(c, "missing-member", path,
		    "on is missing: what is to be forwarded");
	for (; x != NULL; x = json_next(x)) {
		conf_at_i(at, part, i++);
		word = conf_word(c, at, "event",
		    json_str(x) == NULL ? "" : json_str(x), outhook_words,
		    OUTHOOK_WORDS);
		if (word >= 0)
			o->on |= 1u << word;
	}
}

static void
outhook_read_url(
    struct outhook *o, struct conf *c, const struct json *v, const char *path)
{
	const char *url = conf_need(c, v, path, "url");
	struct err e = ERR_INIT;
	char at[CONF_PATH];

	if (*url != '\0' &&
	    target_check(
		url, c->allow_private ? TARGET_ANY : TARGET_HTTPS, &e) == -1)
		conf_error(c, "bad-value", conf_at(at, path, "url"), "url: %s",
		    e.text);
	o->url = conf_dup(c, url);
}

static struct outhook *
outhook_read(struct conf *c, const struct json *v, const char *path, bool whole)
{
	struct outhook *o = calloc(1, sizeof *o);
	char at[CONF_PATH];

	if (o == NULL) {
		c->nomem = true;
		return NULL;
	}
	if (whole) {
		CONF_KEYS(c, v, path, outhook_keys);
		outhook_read_on(o, c, v, path);
		outhook_read_url(o, c, v, path);
		o->order = conf_bool(v, "order", false);
	} else if (v != NULL) {
		conf_keys(c, v, path, outhook_keys + OUTHOOK_NOTIFY_FROM,
		    OUTHOOK_NOTIFY_N);
	}
	if (json_get(v, "secret") != NULL)
		o->sign = sign_new(c, v, path);
	o->client =
	    client_new(c, json_get(v, "auth"), conf_at(at, path, "auth"));
	if (!c->nomem)
		return o;
	outhook_free(o);
	return NULL;
}

struct outhook *
outhook_new(struct conf *c, const struct json *v, const char *path)
{
	return outhook_read(c, v, path, true);
}

struct outhook *
outhook_new_notify(struct conf *c, const struct json *v, const char *path)
{
	return outhook_read(c, v, path, false);
}

void
outhook_free(struct outhook *o)
{
	if (o == NULL)
		return;
	sign_free(o->sign);
	client_free(o->client);
	free(o->url);
	free(o);
}

bool
outhook_final(int status)
{
	static const struct {
		int from, to;
	} rows[] = {{202, 208}, {226, 226}, {300, 308}, {400, 400}, {402, 402},
	    {404, 411}, {414, 416}, {418, 418}, {505, 505}};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (status >= rows[i].from && status <= rows[i].to)
			return true;
	return false;
}
