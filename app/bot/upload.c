/* Files as forms; see upload.h. */
#include "bot/upload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/str.h"
#include "net/retry.h"

static const char *
upload_type(const char *name)
{
	static const struct {
		const char *suffix, *type;
	} types[] = {{".pdf", "application/pdf"}, {".png", "image/png"},
	    {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
	    {".gif", "image/gif"}, {".svg", "image/svg+xml"},
	    {".txt", "text/plain"}, {".md", "text/markdown"},
	    {".csv", "text/csv"}, {".html", "text/html"},
	    {".zip", "application/zip"}};
	size_t i;

	for (i = 0; i < sizeof types / sizeof types[0]; i++)
		if (str_suffix(name, types[i].suffix))
			return types[i].type;
	return "application/octet-stream";
}

/* The head of the file's part; a name must not end it. */
static void
upload_head(struct buf *out, const char *boundary, const char *name)
{
	const char *p;

	buf_addf(out,
	    "--%s\r\nContent-Disposition: form-data; name=\"files\"; "
	    "filename=\"",
	    boundary);
	for (p = name; *p != '\0'; p++)
		buf_addc(out, *p == '"' || (unsigned char)*p < ' ' ? '_' : *p);
	buf_addf(out, "\"\r\nContent-Type: %s\r\n\r\n", upload_type(name));
}

int
upload_form(const char *folder, const char *name, const struct json *body,
    struct arena *a, struct buf *out, const char **type, struct err *e)
{
	const char *boundary;
	const struct json *m;
	char *path = NULL, *file;
	size_t len;

	boundary =
	    arena_printf(a, "webexbot-%08" PRIx32 "%08" PRIx32 "%08" PRIx32,
		retry_random(), retry_random(), retry_random());
	if (boundary == NULL || asprintf(&path, "%s/%s", folder, name) == -1)
		return err_nomem(e);
	file = file_read(path, UPLOAD_MAX, &len, e);
	free(path);
	if (file == NULL)
		return -1;
	for (m = json_first(body); m != NULL; m = json_next(m))
		if (json_str(m) != NULL)
			buf_addf(out,
			    "--%s\r\nContent-Disposition: form-data; "
			    "name=\"%s\"\r\n\r\n%s\r\n",
			    boundary, json_name(m), json_str(m));
	upload_head(out, boundary, name);
	buf_add(out, file, len);
	buf_addf(out, "\r\n--%s--\r\n", boundary);
	free(file);
	*type = arena_printf(a, "multipart/form-data; boundary=%s", boundary);
	return out->failed || *type == NULL ? err_nomem(e) : 0;
}
