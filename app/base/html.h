/*
 * Walking a piece of HTML (libxml2's tolerant parser, as events).  No tree,
 * no network, no entities beyond HTML's own.
 */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include <stddef.h>

struct html_walk {
	/* attrs: name, value, name, value, NULL; or NULL */
	void (*open)(void *arg, const char *name, const char *const *attrs);
	void (*close)(void *arg, const char *name);
	void (*text)(void *arg, const char *s, size_t n);
	void *arg;
};

/* 0, or -1 when memory is out. */
int html_walk(const char *html, size_t n, const struct html_walk *w);

/* The value of an attribute, NULL if missing. */
const char *html_attr(const char *const *attrs, const char *name);

#endif
