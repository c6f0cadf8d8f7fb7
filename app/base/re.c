/* PCRE2; see re.h. */
#include "base/re.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define RE_MATCH_LIMIT 100000
#define RE_DEPTH_LIMIT 1000
#define RE_HEAP_KIB 2048

struct re {
	pcre2_code *code;
	pcre2_match_context *limits;
	uint32_t names;
	uint32_t entry;
	PCRE2_SPTR table;
};

struct re *
re_new(const char *pattern, size_t *at, struct err *e)
{
	struct re *r = calloc(1, sizeof *r);
	PCRE2_UCHAR text[160];
	PCRE2_SIZE off = 0;
	int code;

	if (r == NULL) {
		err_nomem(e);
		return NULL;
	}
	r->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &off, NULL);
	if (r->code == NULL && code == PCRE2_ERROR_HEAP_FAILED) {
		err_nomem(e);
		goto fail;
	}
	if (r->code == NULL) {
		pcre2_get_error_message(code, text, sizeof text);
		err_set(e, ERR_PERM, "%s", (const char *)text);
		if (at != NULL)
			*at = off;
		goto fail;
	}
	if ((r->limits = pcre2_match_context_create(NULL)) == NULL) {
		err_nomem(e);
		goto fail;
	}
	pcre2_set_match_limit(r->limits, RE_MATCH_LIMIT);
	pcre2_set_depth_limit(r->limits, RE_DEPTH_LIMIT);
	pcre2_set_heap_limit(r->limits, RE_HEAP_KIB);
	pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &r->names);
	pcre2_pattern_info(r->code, PCRE2_INFO_NAMEENTRYSIZE, &r->entry);
	pcre2_pattern_info(r->code, PCRE2_INFO_NAMETABLE, &r->table);
	return r;
fail:
	re_free(r);
	return NULL;
}

void
re_free(struct re *r)
{
	if (r == NULL)
		return;
	pcre2_match_context_free(r->limits);
	pcre2_code_free(r->code);
	free(r);
}

size_t
re_names(const struct re *r)
{
	return r->names;
}

const char *
re_name(const struct re *r, size_t i)
{
	return (const char *)r->table + i * r->entry + 2;
}

static void
re_spans(const struct re *r, const PCRE2_SIZE *ov, struct re_span *g, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		const PCRE2_SPTR row = r->table + (i - (i > 0)) * r->entry;

		if (i > r->names) {
			g[i].set = false;
			continue;
		}
		k = i == 0 ? 0 : (size_t)row[0] << 8 | row[1];
		g[i].set = ov[2 * k] != PCRE2_UNSET;
		g[i].from = ov[2 * k];
		g[i].to = ov[2 * k + 1];
	}
}

static int
re_run(const struct re *r, const char *s, size_t len, size_t from, uint32_t how,
    pcre2_match_data **md, struct err *e)
{
	int rc;

	*md = pcre2_match_data_create_from_pattern(r->code, NULL);
	if (*md == NULL)
		return err_nomem(e);
	rc =
	    pcre2_match(r->code, (PCRE2_SPTR)s, len, from, how, *md, r->limits);
	if (rc > 0)
		return 1;
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT ||
	    rc == PCRE2_ERROR_HEAPLIMIT)
		return err_set(
		    e, ERR_PERM, "the pattern takes too long on this text");
	if (rc == PCRE2_ERROR_NOMEMORY)
		return err_nomem(e);
	return err_set(e, ERR_PERM, "matching failed (PCRE2 error %d)", rc);
}

int
re_match(const struct re *r, const char *s, size_t len, bool whole,
    struct re_span *groups, size_t n, struct err *e)
{
	uint32_t how = whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
	pcre2_match_data *md;
	int rc = re_run(r, s, len, 0, how, &md, e);

	if (rc == 1)
		re_spans(r, pcre2_get_ovector_pointer(md), groups, n);
	pcre2_match_data_free(md);
	return rc;
}

size_t
re_groups(const struct re *r)
{
	uint32_t n = 0;

	pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &n);
	return n;
}

size_t
re_group(const struct re *r, const char *name)
{
	int n = pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)name);

	return n > 0 ? (size_t)n : 0;
}

int
re_search(const struct re *r, const char *s, size_t len, size_t from,
    struct re_span *groups, size_t n, struct err *e)
{
	pcre2_match_data *md;
	PCRE2_SIZE *ov;
	size_t i;
	int rc = re_run(r, s, len, from, 0, &md, e);

	for (i = 0; rc == 1 && i < n; i++) {
		ov = pcre2_get_ovector_pointer(md);
		groups[i].set =
		    i < pcre2_get_ovector_count(md) && ov[2 * i] != PCRE2_UNSET;
		groups[i].from = groups[i].set ? ov[2 * i] : 0;
		groups[i].to = groups[i].set ? ov[2 * i + 1] : 0;
	}
	pcre2_match_data_free(md);
	return rc;
}
