/* What a rehearsal or an event came to; see outcome.h. */
#include "cli/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "bot/event.h"
#include "bot/rules.h"
#include "cli/cli.h"

#define OUTCOME_MAX (64 << 20)

int
outcome_json(const struct json *j)
{
	struct buf b;
	int rc;

	buf_init(&b, OUTCOME_MAX);
	rc = json_print_pretty(j, &b);
	puts(buf_str(&b));
	buf_done(&b);
	return rc;
}

int
outcome_event(
    const struct json *event, const char *name, const char *value, bool as_json)
{
	const char *state = json_get_str(event, "state");
	const char *why = json_get_str(event, "reason");

	if (as_json) {
		outcome_json(event);
	} else {
		printf("%.0f  %s", json_num(json_get(event, "id")), state);
		if (value != NULL)
			printf("  %s=%s", name, value);
		if (why != NULL)
			printf("  reason=%s", why);
		putchar('\n');
	}
	return strcmp(state, "done") == 0 ? CLI_OK : CLI_FAILED;
}

/* A JSON pointer in the bot file as FILE:LINE:COL, where that can be told. */
static void
outcome_place(const struct cfg *cfg, struct json *out)
{
	const char *pointer = json_get_str(out, "place");
	char *path = NULL, *text = NULL, *at = NULL;
	struct json *file;
	int line, col;

	if (pointer == NULL || *pointer == '\0' ||
	    asprintf(&path, "%s/" RULES_FILE, cfg->cards) == -1)
		return;
	file = json_load(path, RULES_FILE_MAX, true, &text, NULL);
	if (file != NULL) {
		json_place(text, json_find(text, strlen(text), pointer, false),
		    &line, &col);
		if (asprintf(&at, "%s:%d:%d", path, line, col) != -1)
			json_set_str(out, "place", at);
		free(at);
	}
	json_free(file);
	free(text);
	free(path);
}

static int
outcome_text(const struct json *out)
{
	const char *rule = json_get_str(out, "rule");
	const char *place = json_get_str(out, "place");
	const char *why = json_get_str(out, "reason");
	const struct json *r;
	int rc = 0;

	printf("rule: %s", rule == NULL ? "none" : rule);
	if (place != NULL && *place != '\0')
		printf("  (%s)", place);
	if (why != NULL && *why != '\0')
		printf("\nreason: %s", why);
	putchar('\n');
	for (r = json_first(json_get(out, "requests")); r != NULL;
	     r = json_next(r)) {
		printf("%s %s\n", json_get_str(r, "method"),
		    json_get_str(r, "path"));
		if (json_kind(json_get(r, "body")) == JSON_OBJECT)
			rc |= outcome_json(json_get(r, "body"));
	}
	return rc;
}

int
outcome_print(const struct cfg *cfg, struct json *out, bool as_json)
{
	outcome_place(cfg, out);
	return as_json ? outcome_json(out) : outcome_text(out);
}

void
outcome_body(struct json *event)
{
	const char *bytes = json_get_str(event, "body"), *raw;
	char *copy;
	size_t len;

	if (bytes == NULL ||
	    (raw = event_raw(bytes, strlen(bytes), &len)) == NULL ||
	    (copy = strndup(raw, len)) == NULL)
		return;
	json_set_str(event, "body", copy);
	free(copy);
}
