/* Codes and answers; see codes.h. */
#include "connect/codes.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "net/verify.h"

const struct code_row code_rows[] = {
    {CODE_TOO_LARGE, 413, "Request body is over the limit"},
    {CODE_QUEUED, 200, "Queued"},
    {CODE_BAD_JSON, 400, "Invalid JSON"},
    {CODE_AUTH_FAILED, 401, "Authentication failed"},
    {CODE_KEY_MISSING, 401, "Service Key Missing"},
    {CODE_EVENTS_MISSING, 400, "Mandatory parameter 'events' missing"},
    {CODE_BAD_VALUE, 400, "Invalid parameters/values"},
    {CODE_INTERNAL, 503, "Internal error occurred"},
    {CODE_INACTIVE, 404, "Service inactive"},
    {CODE_NO_ENDPOINT, 404,
	"Request received on an invalid or unsaved event endpoint"},
    {CODE_ADDRESS, 403, "Source IP is not allow listed"},
    {CODE_EXPIRED, 400, "Request expired"},
    {CODE_RATE, 429, "You have reached maximum transaction limit"},
    {CODE_PARAMETERS, 400, "Mandatory custom parameters missing"},
    {CODE_BAD_XML, 400, "Invalid XML"},
    {CODE_BAD_SIGNATURE, 400, "Invalid signature"},
    {CODE_NO_SIGNATURE, 400, "Mandatory Signature Missing"},
};
const unsigned code_nrows = sizeof code_rows / sizeof code_rows[0];

const struct code_row *
code_row(enum code code)
{
	const struct code_row *other = NULL;
	unsigned i;

	for (i = 0; i < code_nrows; i++) {
		if (code_rows[i].code == code)
			return &code_rows[i];
		if (code_rows[i].code == CODE_INTERNAL)
			other = &code_rows[i];
	}
	return other;
}

int
code_transid(char out[CODE_TRANSID])
{
	char hex[33];

	if (verify_random_hex(16, hex) == -1)
		return -1;
	hex[12] = '4';                       /* version */
	hex[16] = "89ab"[(hex[16] & 7) % 4]; /* variant */
	snprintf(out, CODE_TRANSID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
	    hex + 12, hex + 16, hex + 20);
	return 0;
}

struct json *
code_entry(enum code code, const char *description, const char *transid,
    const char *correlationid)
{
	struct json *o = json_object();
	char text[16];

	snprintf(text, sizeof text, "%d", (int)code);
	if (description == NULL)
		description = code_row(code)->text;
	if (json_set_str(o, "code", text) == -1 ||
	    json_set_str(o, "description", description) == -1 ||
	    (transid != NULL && json_set_str(o, "transid", transid) == -1) ||
	    (correlationid != NULL &&
		json_set_str(o, "correlationid", correlationid) == -1)) {
		json_free(o);
		return NULL;
	}
	return o;
}

int
code_answer(struct json *entries, struct buf *out)
{
	struct json *o = json_object();
	int rc = json_set(o, "response", entries);

	if (rc == 0)
		rc = json_print(o, out);
	json_free(o);
	return rc;
}

/* One entry: the code as a text or a number. */
static int
code_of_entry(const struct json *entry, char why[CODE_WHY])
{
	const struct json *v = json_get(entry, "code");
	const char *text = json_get_str(entry, "description");
	long long n = 0;

	if (json_kind(v) == JSON_NUMBER && json_num(v) > 0 && json_num(v) < 1e6)
		n = (long long)json_num(v);
	else if (json_str(v) != NULL &&
		 str_num(json_str(v), 1, 999999, &n) == -1)
		n = 0;
	snprintf(why, CODE_WHY, "%.190s", text == NULL ? "" : text);
	return (int)n;
}

int
code_of(const char *body, size_t n, char why[CODE_WHY])
{
	struct json *j = json_parse(body, n, NULL);
	const struct json *r = json_get(j, "response"), *x;
	int code = 0;

	why[0] = '\0';
	if (json_kind(r) == JSON_OBJECT)
		code = code_of_entry(r, why);
	for (x = json_kind(r) == JSON_LIST ? json_first(r) : NULL; x != NULL;
	     x = json_next(x))
		if ((code = code_of_entry(x, why)) != CODE_QUEUED)
			break;
	json_free(j);
	return code;
}
