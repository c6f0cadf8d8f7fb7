/* multipart/form-data (RFC 7578), as files are uploaded.  Pure. */
#ifndef SIM_FORM_H
#define SIM_FORM_H

#include <stddef.h>

#define FORM_PARTS_MAX 16

struct form_part {
	char name[64];
	char filename[256]; /* "": not a file */
	char type[128];     /* "": none given */
	const char *data;   /* within the body */
	size_t len;
};

/*
 * Split a body.  `ctype` is the Content-Type header with its boundary.
 * How many parts, or -1: not multipart, cut off, or too many.
 */
int form_parse(const char *ctype, const char *body, size_t len,
    struct form_part parts[FORM_PARTS_MAX]);

#endif
