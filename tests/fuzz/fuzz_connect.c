/* Notifications of Webex Connect: the model of anything that is an object. */
#include "fuzz.h"

#include <string.h>

#include "connect/notice.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct json *body = json_parse((const char *)p, n, NULL), *notice;
	char type[NOTICE_TYPE], key[NOTICE_KEY], again[NOTICE_KEY];
	const char *kind;
	struct buf b;

	if (json_kind(body) != JSON_OBJECT) {
		json_free(body);
		return 0;
	}
	MUST((notice = notice_new(body)) != NULL);
	kind = notice_get(notice, "kind");
	MUST(strcmp(kind, "receipt") == 0 || strcmp(kind, "message") == 0 ||
	     strcmp(kind, "event") == 0);
	notice_type(notice, type);
	MUST(strchr(type, '.') != NULL &&
	     strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789.-") ==
		 strlen(type));
	MUST(notice_key(body, key) == 0 && notice_key(body, again) == 0 &&
	     strcmp(key, again) == 0);
	notice_fits(notice_get(notice, "from"), notice_get(notice, "to"));
	/* it is stored and rendered as JSON */
	buf_init(&b, 16u << 20);
	MUST(json_print(notice, &b) == 0);
	buf_done(&b);
	json_free(notice);
	json_free(body);
	return 0;
}
