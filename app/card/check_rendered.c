/* Problems of a rendered card at their places in the template. */
#include <string.h>

#include "card/check.h"

/* Was that said, or is a warning about what is an error already? */
static bool
check_known(const struct problems *ps, const struct problem *p)
{
	const struct problem *q;
	size_t i;

	for (i = 0; i < ps->n; i++) {
		q = &ps->v[i];
		if (strcmp(q->path, p->path) == 0 &&
		    (strcmp(q->code, p->code) == 0 ||
			(p->warning && !q->warning)))
			return true;
	}
	return false;
}

static void
check_add(struct tpl_trace *tr, const struct val *card, const char *before,
    const struct problem *p, struct problems *ps)
{
	char path[TPL_PATH];
	struct problem at = *p;
	bool same;

	tpl_origin(tr, card, p->path, path);
	at.path = path;
	if (check_known(ps, &at))
		return;
	same = strcmp(path, p->path) == 0;
	(p->warning ? problems_warn : problems_error)(ps, p->code, path,
	    p->at == PROBLEM_MEMBER ? p->at : PROBLEM_WHOLE, "%s%s%s%s%s",
	    before, p->text, same ? "" : " (at ", same ? "" : p->path,
	    same ? "" : " of the card)");
}

int
check_rendered(const struct val *card, struct tpl_trace *tr, const char *before,
    struct problems *ps, struct err *e)
{
	struct problems found = PROBLEMS_INIT;
	size_t i;
	int rc = check_card(card, &found, e);

	for (i = 0; i < found.n && rc == 0; i++)
		check_add(tr, card, before, &found.v[i], ps);
	if (rc == 0 && found.failed)
		rc = err_nomem(e);
	problems_done(&found);
	return rc;
}
