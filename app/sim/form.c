/* multipart/form-data; see form.h. */
#include "sim/form.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FORM_BOUNDARY_MAX 70

/* A parameter of a header, quoted or not: "" when it is not there. */
static void
form_param(const char *head, size_t n, const char *name, char *out, size_t max)
{
	size_t k = strlen(name), i, o = 0;
	char end;

	*out = '\0';
	for (i = 0; i + k + 1 < n; i++)
		if ((i == 0 || strchr(" ;\t", head[i - 1]) != NULL) &&
		    strncasecmp(head + i, name, k) == 0 && head[i + k] == '=')
			break;
	if (i + k + 1 >= n)
		return;
	i += k + 1;
	end = head[i] == '"' ? '"' : ';';
	i += end == '"';
	for (; i < n && head[i] != end && o + 1 < max; i++)
		if (end == '"' || head[i] != ' ')
			out[o++] = head[i];
	out[o] = '\0';
}

/* A header line of a part. */
static void
form_header(const char *s, size_t n, struct form_part *p)
{
	static const char disp[] = "Content-Disposition:";
	static const char type[] = "Content-Type:";

	if (n > sizeof disp && strncasecmp(s, disp, sizeof disp - 1) == 0) {
		form_param(s, n, "name", p->name, sizeof p->name);
		form_param(s, n, "filename", p->filename, sizeof p->filename);
	} else if (n > sizeof type &&
		   strncasecmp(s, type, sizeof type - 1) == 0) {
		s += sizeof type - 1;
		n -= sizeof type - 1;
		for (; n > 0 && *s == ' '; s++)
			n--;
		snprintf(p->type, sizeof p->type, "%.*s", (int)n, s);
	}
}

/* The headers of a part; where its data begins, NULL: cut off. */
static const char *
form_headers(const char *s, const char *end, struct form_part *p)
{
	const char *eol;

	memset(p, 0, sizeof *p);
	for (;; s = eol + 2) {
		eol = memmem(s, (size_t)(end - s), "\r\n", 2);
		if (eol == NULL)
			return NULL;
		if (eol == s)
			return s + 2;
		form_header(s, (size_t)(eol - s), p);
	}
}

int
form_parse(const char *ctype, const char *body, size_t len,
    struct form_part parts[FORM_PARTS_MAX])
{
	char mark[FORM_BOUNDARY_MAX + 8] = "\r\n--";
	const char *s = body, *end = body + len, *next;
	size_t k;
	int n = 0;

	if (strncasecmp(ctype, "multipart/form-data", 19) != 0)
		return -1;
	form_param(ctype, strlen(ctype), "boundary", mark + 4, sizeof mark - 4);
	k = strlen(mark);
	if (k == 4 || len < k - 2 || memcmp(s, mark + 2, k - 2) != 0)
		return -1;
	s += k - 2;
	for (;;) {
		if (end - s >= 2 && memcmp(s, "--", 2) == 0)
			return n;
		if (n == FORM_PARTS_MAX || end - s < 2 ||
		    memcmp(s, "\r\n", 2) != 0)
			return -1;
		if ((s = form_headers(s + 2, end, &parts[n])) == NULL)
			return -1;
		/* an empty part: its end follows the blank line at once */
		next = memmem(s - 2, (size_t)(end - s) + 2, mark, k);
		if (next == NULL)
			return -1;
		parts[n].data = s;
		parts[n].len = next > s ? (size_t)(next - s) : 0;
		s = next + k;
		n++;
	}
}
