/* Ids; see wx_id.h.  Pure. */
#include "webex/wx_id.h"

#include <ctype.h>
#include <string.h>

#include "base/b64.h"
#include "base/buf.h"
#include "base/str.h"

#define WX_ID_MAX 512

/* 8-4-4-4-12 hex digits. */
static bool
wx_is_uuid(const char *s)
{
	int i;

	if (strlen(s) != WX_UUID - 1)
		return false;
	for (i = 0; i < WX_UUID - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return true;
}

int
wx_id_uuid(const char *id, char out[WX_UUID])
{
	struct buf b;
	const char *uuid = id;
	int i, rc = -1;

	buf_init(&b, WX_ID_MAX);
	if (!wx_is_uuid(id)) {
		if (strlen(id) > WX_ID_MAX ||
		    b64_decode(id, strlen(id), &b) == -1 ||
		    !str_prefix(buf_str(&b), "ciscospark://"))
			goto out;
		uuid = strrchr(buf_str(&b), '/') + 1;
		if (!wx_is_uuid(uuid))
			goto out;
	}
	for (i = 0; i < WX_UUID - 1; i++)
		out[i] = (char)tolower((unsigned char)uuid[i]);
	out[i] = '\0';
	rc = 0;
out:
	buf_done(&b);
	return rc;
}

bool
wx_id_same(const char *a, const char *b)
{
	char x[WX_UUID], y[WX_UUID];

	if (a == NULL || b == NULL || *a == '\0' || *b == '\0')
		return false;
	if (strcmp(a, b) == 0)
		return true;
	return wx_id_uuid(a, x) == 0 && wx_id_uuid(b, y) == 0 &&
	       strcmp(x, y) == 0;
}

bool
wx_id_is(const char *id, const char *type)
{
	const char *end, *at;
	struct buf b;
	bool is = false;

	buf_init(&b, WX_ID_MAX);
	if (strlen(id) <= WX_ID_MAX && b64_decode(id, strlen(id), &b) == 0 &&
	    (end = strrchr(buf_str(&b), '/')) != NULL) {
		for (at = end; at > buf_str(&b) && at[-1] != '/'; at--)
			;
		is = strlen(type) == (size_t)(end - at) &&
		     strncmp(at, type, strlen(type)) == 0;
	}
	buf_done(&b);
	return is;
}
