/* What a turn remembers; see turn.h.  The engine's thread, or a worker's. */
#include "bot/turn.h"

#include <string.h>

#include "base/str.h"

static const char *const turn_scopes[] = {MEMORY_ROOM, MEMORY_PERSON};

static const char *
turn_scope_key(const struct turn *t, const char *scope)
{
	return strcmp(scope, MEMORY_ROOM) == 0 ? t->room_id : t->person_id;
}

int
turn_recall(struct turn *t, struct err *e)
{
	struct json *all, *one;
	const char *key;
	size_t i;

	if (t->memories != NULL || t->memory == NULL)
		return 0;
	all = json_object();
	for (i = 0; i < 2; i++) {
		key = turn_scope_key(t, turn_scopes[i]);
		one = *key == '\0'
			  ? NULL
			  : memory_get(t->memory, turn_scopes[i], key, e);
		if (one == NULL && e->kind == ERR_NONE)
			one = json_object();
		if (json_set(all, turn_scopes[i], one) == -1) {
			json_free(all);
			return err_nomem(e);
		}
	}
	t->memories = all;
	return 0;
}

/* Rendered values may borrow from what was recalled: it is kept. */
static int
turn_retire(struct turn *t, struct err *e)
{
	struct json *old = t->memories;

	t->memories = NULL;
	if (old == NULL)
		return 0;
	if (t->retired == NULL)
		t->retired = json_list();
	return json_add(t->retired, old) == -1 ? err_nomem(e) : 0;
}

int
turn_recall_anew(struct turn *t, struct err *e)
{
	return turn_retire(t, e) == -1 ? -1 : turn_recall(t, e);
}

/* The members of `values` into one object of ours. */
static int
turn_learn(
    struct turn *t, const char *scope, const struct val *values, struct err *e)
{
	struct json *mine = json_get(t->memories, scope);
	const struct val_member *m;
	const char *name;
	size_t i;

	if (*turn_scope_key(t, scope) == '\0')
		return 0;
	for (i = 0; i < values->obj->n; i++) {
		m = &values->obj->m[i];
		name = arena_strndup(t->arena, m->name, m->len);
		if (name == NULL)
			return err_nomem(e);
		if (val_none(&m->v))
			json_del(mine, name);
		else if (json_set(mine, name, val_to_json(&m->v)) == -1)
			return err_nomem(e);
	}
	return memory_set(
	    &t->changes, scope, turn_scope_key(t, scope), mine, e);
}

int
turn_remember(struct turn *t, const struct val *what, struct err *e)
{
	const struct val *values;
	struct json *copy;
	size_t i;

	if (turn_recall(t, e) == -1)
		return -1;
	if (t->memories == NULL)
		return 0;
	copy = json_dup(t->memories);
	if (turn_retire(t, e) == -1) {
		json_free(copy);
		return -1;
	}
	if ((t->memories = copy) == NULL)
		return err_nomem(e);
	for (i = 0; i < 2; i++) {
		values = val_gets(what, turn_scopes[i]);
		if (values != NULL && values->kind == VAL_OBJ &&
		    turn_learn(t, turn_scopes[i], values, e) == -1)
			return -1;
	}
	return 0;
}

/* Set it in `all`, and see that it still fits. */
static int
turn_note_in(struct json *all, const char *scope, const char *key,
    const char *value, struct err *e)
{
	struct json *mine;
	struct buf b;
	int rc;

	if (json_get(all, scope) == NULL)
		json_set(all, scope, json_object());
	if ((mine = json_get(all, scope)) == NULL)
		return err_nomem(e);
	if (value == NULL)
		json_del(mine, key);
	else if (json_set(mine, key, json_new_str(value)) == -1)
		return err_nomem(e);
	rc = memory_print(mine, scope, &b, e);
	buf_done(&b);
	return rc;
}

int
turn_note(struct turn *t, const char *scope, const char *key, const char *value,
    struct err *e)
{
	struct json *copy;

	if (*turn_scope_key(t, scope) == '\0')
		return err_set(
		    e, ERR_PERM, "there is no %s to remember it of", scope);
	if (!str_utf8_ok(key, strlen(key)) ||
	    (value != NULL && !str_utf8_ok(value, strlen(value))))
		return err_set(e, ERR_PERM, "it is not UTF-8");
	copy = t->memories == NULL ? json_object() : json_dup(t->memories);
	if (copy == NULL)
		return err_nomem(e);
	if (turn_note_in(copy, scope, key, value, e) == -1 ||
	    turn_retire(t, e) == -1) {
		json_free(copy);
		return -1;
	}
	t->memories = copy;
	return 0;
}
