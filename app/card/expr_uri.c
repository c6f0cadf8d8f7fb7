/* Functions: parts of an address. */
#include <math.h>

#include "card/expr_int.h"
#include "card/url.h"

static int
expr_uri(struct expr_run *x, const struct val *a, char part, struct val *out)
{
	size_t mark = buf_len(&x->tmp);
	struct url u;
	bool nomem;
	int rc;

	if (a[0].kind != VAL_TEXT)
		return expr_fail_arg(x, 0, "is not a text");
	rc = url_parse(&u, a[0].s, a[0].n);
	if (rc == 0 && part == ':')
		*out = val_num(u.port < 0 ? NAN : u.port);
	if (rc == 0 && part == 's')
		buf_adds(&x->tmp, buf_str(&u.scheme));
	if (rc == 0 && part == 'h')
		buf_adds(&x->tmp, buf_str(&u.host));
	if (rc == 0 && (part == 'p' || part == 'b'))
		buf_adds(&x->tmp, buf_str(&u.path));
	if (rc == 0 && (part == 'q' || part == 'b'))
		buf_adds(&x->tmp, buf_str(&u.query));
	nomem = u.host.nomem;
	url_done(&u);
	if (nomem)
		return expr_nomem(x);
	if (rc == -1)
		return expr_fail_arg(x, 0, "is not an absolute address");
	return part == ':' ? 0 : expr_take(x, mark, out);
}

#define EXPR_URI(name, part)                                                   \
	static int expr_fn_##name(struct expr_run *x, const struct val *a,     \
	    size_t n, struct val *out)                                         \
	{                                                                      \
		(void)n;                                                       \
		return expr_uri(x, a, part, out);                              \
	}

EXPR_URI(scheme, 's')
EXPR_URI(host, 'h')
EXPR_URI(port, ':')
EXPR_URI(uri_path, 'p')
EXPR_URI(query, 'q')
EXPR_URI(path_query, 'b')

#define T EXPR_T_TEXT

const struct expr_fn expr_fn_uri[] = {
    {"uriHost", NULL, "*", T, 0, 0, 2, expr_fn_host, NULL},
    {"uriPath", NULL, "*", T, 0, 0, 2, expr_fn_uri_path, NULL},
    {"uriPathAndQuery", NULL, "*", T, 0, 0, 2, expr_fn_path_query, NULL},
    {"uriPort", NULL, "*", EXPR_T_NUM, 0, 0, 2, expr_fn_port, NULL},
    {"uriQuery", NULL, "*", T, 0, 0, 2, expr_fn_query, NULL},
    {"uriScheme", NULL, "*", T, 0, 0, 2, expr_fn_scheme, NULL},
    {NULL, NULL, NULL, 0, 0, 0, 0, NULL, NULL},
};
