/*
 * Authorization values against every kind that checks them: nothing that
 * was not made with the secret gets in.
 */
#include "fuzz.h"

#include <string.h>

#include "base/str.h"
#include "connect/auth.h"

static const char *const kinds[] = {
    "{\"basic\":{\"user\":\"u\",\"password\":\"env:secret-of-the-test\"}}",
    "{\"digest\":{\"user\":\"u\",\"password\":\"env:secret-of-the-test\"}}",
    "{\"aws\":{\"accessKey\":\"A\",\"secretKey\":\"env:secret-of-the-test\"}}",
    "{\"apiKey\":{\"header\":\"x-key\",\"value\":\"env:secret-of-the-test\"}}",
    ("{\"oauth2\":{\"introspect\":\"https://example.com/\","
     "\"clientId\":\"c\",\"clientSecret\":\"env:secret-of-the-test\"}}")};
#define KINDS (sizeof kinds / sizeof kinds[0])

static char *
secret(void *arg, const char *name, struct err *e)
{
	(void)arg;
	(void)e;
	return strdup(name);
}

static const char *
header(void *arg, const char *name)
{
	if (str_ieq(name, "x-amz-date"))
		return "20260504T091502Z";
	return str_ieq(name, "Host") ? "example.com" : arg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct auth *auths[KINDS];
	struct conf c = {.secret = secret};
	struct auth_opts o = {NULL, NULL};
	char *value = malloc(n + 1);
	struct ask q = {.method = "POST",
	    .path = "/webhooks/connect",
	    .query = "a=b&c",
	    .client = "192.0.2.1",
	    .header = header,
	    .arg = value,
	    .body = "{}",
	    .len = 2,
	    .now = 1777886102000};
	struct auth_said said;
	size_t i;

	MUST(value != NULL);
	memcpy(value, p, n);
	value[n] = '\0';
	/* the fuzzer watches comparisons: the secret itself may come in */
	if (strstr(value, "secret-of-the-test") != NULL ||
	    strstr(value, "dTpzZWNyZXQtb2YtdGhlLXRlc3") != NULL) {
		free(value);
		return 0;
	}
	for (i = 0; i < KINDS; i++) {
		if (auths[i] == NULL) {
			struct json *v = json_parse_str(kinds[i], NULL);

			MUST((auths[i] = auth_new(&c, v, "", &o)) != NULL);
			MUST(c.errors == 0);
			json_free(v);
		}
		MUST(auth_check(auths[i], &q, false, &said) != AUTH_OK);
		MUST(strstr(said.why, "secret-of-the-test") == NULL);
		MUST(strpbrk(said.challenge, "\r\n") == NULL);
	}
	free(value);
	return 0;
}
