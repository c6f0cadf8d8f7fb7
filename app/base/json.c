/* JSON values over cJSON; see json.h. */
#include "base/json.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/file.h"
#include "base/num.h"
#include "base/str.h"

/* A struct json is a cJSON; nobody else knows. */
static cJSON *
json_c(const struct json *j)
{
	return (cJSON *)(uintptr_t)j;
}

static struct json *
json_of(cJSON *c)
{
	return (struct json *)c;
}

static struct json *
json_read(const char *text, size_t len, struct err *e)
{
	cJSON *c = cJSON_ParseWithLength(text, len);

	if (c == NULL)
		err_nomem(e);
	return json_of(c);
}

/* What has an escape that cJSON must not see. */
static struct json *
json_read_mended(const char *text, size_t len, struct err *e)
{
	char *copy = malloc(len);
	struct json *j = NULL;
	size_t at;

	if (copy == NULL) {
		err_nomem(e);
		return NULL;
	}
	memcpy(copy, text, len);
	if (json_mend(copy, len, JSON_DEPTH, &at, e) == -1)
		json_refuse(text, at, e);
	else
		j = json_read(copy, len, e);
	free(copy);
	return j;
}

struct json *
json_parse(const char *text, size_t len, struct err *e)
{
	struct err why = ERR_INIT;
	size_t at;

	if (json_check(text, len, JSON_DEPTH, &at, &why) == 0)
		return json_read(text, len, e);
	if (at < len && text[at] == '\\')
		return json_read_mended(text, len, e);
	err_set(e, why.kind, "%s", why.text);
	json_refuse(text, at, e);
	return NULL;
}

struct json *
json_parse_str(const char *text, struct err *e)
{
	return json_parse(text, strlen(text), e);
}

struct json *
json_load(
    const char *path, size_t max, bool comments, char **text, struct err *e)
{
	struct json *j = NULL;
	size_t len, at;
	char *s;

	if ((s = file_read(path, max, &len, e)) == NULL)
		return NULL;
	if (comments)
		json_blank_comments(s, len);
	if (json_check(s, len, JSON_DEPTH, &at, e) == -1)
		json_refuse(s, at, e);
	else
		j = json_read(s, len, e);
	if (j == NULL)
		err_prefix(e, "%s:", path);
	if (j == NULL || text == NULL)
		free(s);
	else
		*text = s;
	return j;
}

void
json_free(struct json *j)
{
	cJSON_Delete(json_c(j));
}

struct json *
json_dup(const struct json *j)
{
	return json_of(cJSON_Duplicate(json_c(j), true));
}

enum json_kind
json_kind(const struct json *j)
{
	if (j == NULL)
		return JSON_NONE;
	switch (json_c(j)->type & 0xff) {
	case cJSON_False:
	case cJSON_True:
		return JSON_BOOL;
	case cJSON_Number:
		return JSON_NUMBER;
	case cJSON_String:
		return JSON_STRING;
	case cJSON_Array:
		return JSON_LIST;
	case cJSON_Object:
		return JSON_OBJECT;
	default:
		return JSON_NULL;
	}
}

const char *
json_kind_name(enum json_kind k)
{
	static const char *const names[] = {"nothing", "null", "true or false",
	    "a number", "a text", "a list", "an object"};

	return names[k];
}

const char *
json_str(const struct json *j)
{
	return json_kind(j) == JSON_STRING ? json_c(j)->valuestring : NULL;
}

double
json_num(const struct json *j)
{
	return json_kind(j) == JSON_NUMBER ? json_c(j)->valuedouble : 0;
}

bool
json_true(const struct json *j)
{
	return j != NULL && cJSON_IsTrue(json_c(j));
}

size_t
json_count(const struct json *j)
{
	struct json *x;
	size_t n = 0;

	for (x = json_first(j); x != NULL; x = json_next(x))
		n++;
	return n;
}

bool
json_eq(const struct json *a, const struct json *b)
{
	return cJSON_Compare(json_c(a), json_c(b), true);
}

struct json *
json_get(const struct json *obj, const char *name)
{
	if (json_kind(obj) != JSON_OBJECT)
		return NULL;
	return json_of(cJSON_GetObjectItemCaseSensitive(json_c(obj), name));
}

const char *
json_get_str(const struct json *obj, const char *name)
{
	return json_str(json_get(obj, name));
}

const char *
json_any_str(const struct json *j, const char *name)
{
	const char *s = json_get_str(j, name);
	const struct json *x;

	if (s != NULL && *s != '\0')
		return s;
	for (x = json_first(j); x != NULL; x = json_next(x))
		if ((json_kind(x) == JSON_OBJECT ||
			json_kind(x) == JSON_LIST) &&
		    (s = json_any_str(x, name)) != NULL)
			return s;
	return NULL;
}

struct json *
json_path(const struct json *obj, const char *dotted)
{
	const struct json *j = obj;
	char name[128];
	size_t n;

	while (j != NULL && *dotted != '\0') {
		n = strcspn(dotted, ".");
		if (n >= sizeof name)
			return NULL;
		memcpy(name, dotted, n);
		name[n] = '\0';
		dotted += n + (dotted[n] == '.');
		j = json_get(j, name);
	}
	return json_of(json_c(j));
}

const char *
json_path_str(const struct json *obj, const char *dotted)
{
	return json_str(json_path(obj, dotted));
}

struct json *
json_first(const struct json *j)
{
	enum json_kind k = json_kind(j);

	if (k != JSON_LIST && k != JSON_OBJECT)
		return NULL;
	return json_of(json_c(j)->child);
}

struct json *
json_next(const struct json *item)
{
	return json_of(json_c(item)->next);
}

const char *
json_name(const struct json *member)
{
	return json_c(member)->string;
}

struct json *
json_object(void)
{
	return json_of(cJSON_CreateObject());
}

struct json *
json_list(void)
{
	return json_of(cJSON_CreateArray());
}

struct json *
json_new_null(void)
{
	return json_of(cJSON_CreateNull());
}

struct json *
json_new_str(const char *s)
{
	return json_of(cJSON_CreateString(s));
}

struct json *
json_new_num(double n)
{
	return json_of(cJSON_CreateNumber(n));
}

struct json *
json_new_bool(bool b)
{
	return json_of(cJSON_CreateBool(b));
}

int
json_set(struct json *obj, const char *name, struct json *v)
{
	bool ok;

	if (obj == NULL || v == NULL)
		goto fail;
	if (json_get(obj, name) != NULL)
		ok = cJSON_ReplaceItemInObjectCaseSensitive(
		    json_c(obj), name, json_c(v));
	else
		ok = cJSON_AddItemToObject(json_c(obj), name, json_c(v));
	if (ok)
		return 0;
fail:
	json_free(v);
	return -1;
}

int
json_put(struct json *obj, const char *name, struct json *v)
{
	if (obj != NULL && v != NULL &&
	    cJSON_AddItemToObject(json_c(obj), name, json_c(v)))
		return 0;
	json_free(v);
	return -1;
}

int
json_add(struct json *list, struct json *v)
{
	if (list != NULL && v != NULL &&
	    cJSON_AddItemToArray(json_c(list), json_c(v)))
		return 0;
	json_free(v);
	return -1;
}

int
json_set_str(struct json *obj, const char *name, const char *s)
{
	return json_set(obj, name, json_new_str(s));
}

int
json_set_num(struct json *obj, const char *name, double n)
{
	return json_set(obj, name, json_new_num(n));
}

int
json_set_bool(struct json *obj, const char *name, bool b)
{
	return json_set(obj, name, json_new_bool(b));
}

void
json_del(struct json *obj, const char *name)
{
	cJSON_DeleteItemFromObjectCaseSensitive(json_c(obj), name);
}

int
json_quote(const char *s, size_t n, struct buf *out)
{
	size_t mark = buf_len(out), i, from = 0;

	buf_addc(out, '"');
	for (i = str_plain(s, n); i < n;
	     i += 1 + str_plain(s + i + 1, n - i - 1)) {
		unsigned char c = (unsigned char)s[i];
		const char *esc = c == '"'    ? "\\\""
				  : c == '\\' ? "\\\\"
				  : c == '\n' ? "\\n"
				  : c == '\r' ? "\\r"
				  : c == '\t' ? "\\t"
					      : NULL;

		if (esc == NULL && c >= 0x20)
			continue;
		buf_add(out, s + from, i - from);
		if (esc != NULL)
			buf_adds(out, esc);
		else
			buf_addf(out, "\\u%04x", c);
		from = i + 1;
	}
	buf_add(out, s + from, n - from);
	if (buf_addc(out, '"') == 0)
		return 0;
	if (buf_len(out) > mark)
		out->p[out->len = mark] = '\0';
	return -1;
}

/* Shortest, but so that it reads back as it is; what JSON cannot hold: null. */
static void
json_print_num(double d, struct buf *out)
{
	char text[NUM_TEXT];

	if (isfinite(d))
		buf_add(out, text, num_text(d, text));
	else
		buf_adds(out, "null");
}

static void
json_indent(struct buf *out, int depth)
{
	buf_addc(out, '\n');
	while (depth-- > 0)
		buf_adds(out, "  ");
}

/*
 * With `depth` -1 all in one line.  How deep it goes is bounded by what
 * json_parse lets in.
 */
static void
json_write(const struct json *j, struct buf *out, int depth)
{
	bool obj = json_kind(j) == JSON_OBJECT, lines = depth >= 0;
	const struct json *x;

	switch (json_kind(j)) {
	case JSON_NUMBER:
		json_print_num(json_num(j), out);
		return;
	case JSON_STRING:
		json_quote(json_str(j), strlen(json_str(j)), out);
		return;
	case JSON_LIST:
	case JSON_OBJECT:
		break;
	case JSON_BOOL:
		buf_adds(out, json_true(j) ? "true" : "false");
		return;
	default:
		buf_adds(out, "null");
		return;
	}
	buf_addc(out, obj ? '{' : '[');
	for (x = json_first(j); x != NULL; x = json_next(x)) {
		if (lines)
			json_indent(out, depth + 1);
		if (obj) {
			json_quote(json_name(x), strlen(json_name(x)), out);
			buf_adds(out, lines ? ": " : ":");
		}
		json_write(x, out, lines ? depth + 1 : depth);
		if (json_next(x) != NULL)
			buf_addc(out, ',');
	}
	if (lines && json_first(j) != NULL)
		json_indent(out, depth);
	buf_addc(out, obj ? '}' : ']');
}

int
json_print(const struct json *j, struct buf *out)
{
	size_t mark = buf_len(out);

	if (j == NULL)
		out->failed = out->nomem = true;
	else
		json_write(j, out, -1);
	if (!out->failed)
		return 0;
	if (out->p != NULL)
		out->p[out->len = mark] = '\0';
	return -1;
}

int
json_print_pretty(const struct json *j, struct buf *out)
{
	if (j == NULL)
		out->failed = out->nomem = true;
	else
		json_write(j, out, 0);
	return out->failed ? -1 : 0;
}
