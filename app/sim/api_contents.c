/* /contents (2.4); see api.h. */
#include <stdio.h>
#include <string.h>

#include "sim/api.h"

/* What a header value can hold of a file name. */
static void
api_contents_name(struct api_call *c, const char *name)
{
	char *p;

	snprintf(c->disposition, sizeof c->disposition,
	    "attachment; filename=\"%s", name);
	for (p = c->disposition + 22; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '"' || *p == '\\')
			*p = '_';
	if ((size_t)(p - c->disposition) + 1 < sizeof c->disposition)
		memcpy(p, "\"", 2);
}

/*
 * While a file is scanned: 423 with Retry-After.  Infected: 410.  Not to be
 * scanned: 428, unless the caller takes the risk (P1).
 */
static int
api_contents_status(struct api_call *c, struct content *f)
{
	const char *allow = api_arg(c, "allow");

	if (f->scans > 0) {
		f->scans--;
		memcpy(c->retry_after, "1", 2);
		return 423;
	}
	if (f->state == CONTENT_INFECTED)
		return 410;
	if (f->state == CONTENT_UNSCANNABLE &&
	    (allow == NULL || strcmp(allow, "unscannable") != 0))
		return 428;
	return 200;
}

void
api_contents_get(struct api_call *c)
{
	struct content *f = msg_content(c->sim->world, c->id);
	int status;

	if (f == NULL ||
	    world_member_of(c->sim->world, f->room, c->me) == NULL) {
		api_fail(c, 404, NULL);
		return;
	}
	if ((status = api_contents_status(c, f)) != 200) {
		api_fail(c, status, NULL);
		return;
	}
	buf_add(&c->out, f->data, f->len);
	snprintf(c->type, sizeof c->type, "%s", f->type);
	api_contents_name(c, f->name);
}
