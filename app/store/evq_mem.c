/*
 * The queue in memory; see evq_ops.h.  For tests, chat scripts and dry
 * runs: nothing outlives the process.  A transaction that fails leaves
 * what it had done so far; only want of memory makes one fail here.
 */
#include "store/evq_ops.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

struct mem_row {
	size_t len;
	char body[];
};

struct mem {
	pthread_mutex_t lock; /* `fetch` and others come from elsewhere */
	int64_t last[2];
	struct map *rows[2]; /* by id */
	struct map *seen;
	struct map *sent;  /* messages of ours */
	struct map *cards; /* message: name NUL content */
	struct map *memos; /* scope NUL key: value */
	struct map *heard; /* source: when last, as int64_t */
};

struct mem_card {
	char *name;
	char *content;
};

static void
mem_card_free(void *p)
{
	struct mem_card *c = p;

	free(c->name);
	free(c->content);
	free(c);
}

static void
mem_close(void *st)
{
	struct mem *m = st;

	map_free(m->rows[0], free);
	map_free(m->rows[1], free);
	map_free(m->seen, NULL);
	map_free(m->sent, NULL);
	map_free(m->cards, mem_card_free);
	map_free(m->memos, free);
	map_free(m->heard, free);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static int
mem_open(void **st, const char *where, struct err *e)
{
	struct mem *m = calloc(1, sizeof *m);

	(void)where;
	if (m == NULL)
		return err_nomem(e);
	pthread_mutex_init(&m->lock, NULL);
	m->rows[0] = map_new();
	m->rows[1] = map_new();
	m->seen = map_new();
	m->sent = map_new();
	m->cards = map_new();
	m->memos = map_new();
	m->heard = map_new();
	if (m->rows[0] != NULL && m->rows[1] != NULL && m->seen != NULL &&
	    m->sent != NULL && m->cards != NULL && m->memos != NULL &&
	    m->heard != NULL) {
		*st = m;
		return 0;
	}
	mem_close(m);
	return err_nomem(e);
}

static int
mem_begin(void *st, struct err *e)
{
	(void)e;
	pthread_mutex_lock(&((struct mem *)st)->lock);
	return 0;
}

static int
mem_commit(void *st, struct err *e)
{
	(void)e;
	pthread_mutex_unlock(&((struct mem *)st)->lock);
	return 0;
}

static void
mem_rollback(void *st)
{
	pthread_mutex_unlock(&((struct mem *)st)->lock);
}

static char *
mem_id(int64_t id, char out[32])
{
	snprintf(out, 32, "%lld", (long long)id);
	return out;
}

static int
mem_add(struct mem *m, enum evq_which which, const void *p, size_t len,
    int64_t *id, struct err *e)
{
	struct mem_row *r = calloc(1, sizeof *r + len + 1);
	char key[32];

	if (r == NULL)
		return err_nomem(e);
	r->len = len;
	memcpy(r->body, p, len);
	*id = ++m->last[which];
	if (map_put(m->rows[which], mem_id(*id, key), r, NULL) == 0)
		return 0;
	free(r);
	return err_nomem(e);
}

static int
mem_hear(struct mem *m, const char *source, int64_t now, struct err *e)
{
	int64_t *at = map_get(m->heard, source);

	if (at == NULL) {
		if ((at = malloc(sizeof *at)) == NULL ||
		    map_put(m->heard, source, at, NULL) == -1) {
			free(at);
			return err_nomem(e);
		}
	}
	*at = now;
	return 0;
}

static int
mem_put(
    void *st, const struct evq_new *n, int64_t now, int64_t *id, struct err *e)
{
	struct mem *m = st;

	*id = 0;
	if (n->key != NULL && map_get(m->seen, n->key) != NULL)
		return 0;
	if (mem_add(m, EVQ_EVENTS, n->body, n->len, id, e) == -1 ||
	    mem_hear(m, n->source, now, e) == -1)
		return -1;
	if (n->key != NULL && map_put(m->seen, n->key, m, NULL) == -1)
		return err_nomem(e);
	return 0;
}

static char *
mem_memo_key(const char *scope, const char *key)
{
	char *s;

	return asprintf(&s, "%s\n%s", scope, key) == -1 ? NULL : s;
}

static int
mem_memo(struct mem *m, const struct evq_memo *memo)
{
	char *key = mem_memo_key(memo->scope, memo->key), *value = NULL;
	void *old = NULL;
	int rc = key == NULL ? -1 : 0;

	if (rc == 0 && memo->value == NULL) {
		old = map_del(m->memos, key);
	} else if (rc == 0 && ((value = strdup(memo->value)) == NULL ||
				  map_put(m->memos, key, value, &old) == -1)) {
		free(value);
		rc = -1;
	}
	free(old);
	free(key);
	return rc;
}

static int
mem_put_card(struct mem *m, const struct evq_change *c)
{
	struct mem_card *card = calloc(1, sizeof *card);
	void *old = NULL;

	if (card == NULL)
		return -1;
	card->name = strdup(c->card);
	card->content = strdup(c->content == NULL ? "" : c->content);
	if (card->name == NULL || card->content == NULL ||
	    map_put(m->cards, c->message, card, &old) == -1) {
		mem_card_free(card);
		return -1;
	}
	if (old != NULL)
		mem_card_free(old);
	return 0;
}

static int
mem_change(void *st, const struct evq_change *c, int64_t now, bool *gone,
    struct err *e)
{
	struct mem *m = st;
	char key[32];
	size_t i;

	(void)now;
	*gone = c->item != NULL && map_get(m->rows[c->item->which],
				       mem_id(c->item->id, key)) == NULL;
	if (*gone)
		return 0;
	for (i = 0; i < c->nmemos; i++)
		if (mem_memo(m, &c->memos[i]) == -1)
			return err_nomem(e);
	if (c->message != NULL &&
	    (map_put(m->sent, c->message, m, NULL) == -1 ||
		(c->card != NULL && mem_put_card(m, c) == -1)))
		return err_nomem(e);
	if (c->item != NULL && (c->to == EVQ_DONE || c->to == EVQ_DEAD))
		free(map_del(m->rows[c->item->which], key));
	return 0;
}

static int
mem_reply(void *st, const struct evq_change *c, size_t i, enum evq_state state,
    int64_t now, int64_t *id, struct err *e)
{
	(void)state, (void)now;
	return mem_add(
	    st, EVQ_REPLIES, c->replies[i].body, c->replies[i].len, id, e);
}

static int
mem_none(void *st, evq_open_fn fn, void *arg, struct err *e)
{
	(void)st, (void)fn, (void)arg, (void)e;
	return 0;
}

static int
mem_prune(void *st, int64_t now, int64_t keep, int64_t reach, int limit,
    struct err *e)
{
	(void)st, (void)now, (void)keep, (void)reach, (void)limit, (void)e;
	return 0;
}

static int
mem_fetch(void *st, struct evq_item *it, bool *gone, struct err *e)
{
	struct mem *m = st;
	struct mem_row *r;
	char key[32];

	pthread_mutex_lock(&m->lock);
	r = map_get(m->rows[it->which], mem_id(it->id, key));
	if (!(*gone = r == NULL) && (it->body = malloc(r->len + 1)) != NULL) {
		memcpy(it->body, r->body, r->len + 1);
		it->len = r->len;
	}
	pthread_mutex_unlock(&m->lock);
	return !*gone && it->body == NULL ? err_nomem(e) : 0;
}

static char *
mem_card(void *st, const char *message, char **content)
{
	struct mem *m = st;
	struct mem_card *c;
	char *name = NULL;

	pthread_mutex_lock(&m->lock);
	if ((c = map_get(m->cards, message)) != NULL) {
		name = strdup(c->name);
		if (content != NULL)
			*content = strdup(c->content);
	}
	pthread_mutex_unlock(&m->lock);
	return name;
}

static int
mem_probe(void *st, struct err *e)
{
	(void)st, (void)e;
	return 0;
}

static int64_t
mem_last(void *st, const char *source)
{
	struct mem *m = st;
	const struct map_node *n;
	int64_t at = 0, first = 0;

	pthread_mutex_lock(&m->lock);
	for (n = map_first(m->heard); n != NULL; n = map_next(n)) {
		int64_t one = *(int64_t *)map_value(n);

		if (source == NULL || strcmp(map_key(n), source) == 0)
			at = one > at ? one : at;
		if (first == 0 || one < first)
			first = one;
	}
	pthread_mutex_unlock(&m->lock);
	return at != 0 ? at : first;
}

static bool
mem_sent(void *st, const char *message)
{
	struct mem *m = st;
	bool sent;

	pthread_mutex_lock(&m->lock);
	sent = map_get(m->sent, message) != NULL;
	pthread_mutex_unlock(&m->lock);
	return sent;
}

/* What is over leaves no trace here: none is known to be dead. */
static int
mem_fate(
    void *st, int64_t event, int64_t from, int64_t to, struct evq_fate *out)
{
	(void)st;
	(void)event;
	(void)from;
	(void)to;
	*out = (struct evq_fate){0, 0, 0};
	return 0;
}

static char *
mem_memory(void *st, const char *scope, const char *key)
{
	struct mem *m = st;
	char *k = mem_memo_key(scope, key), *value = NULL;

	if (k == NULL)
		return NULL;
	pthread_mutex_lock(&m->lock);
	if (map_get(m->memos, k) != NULL)
		value = strdup(map_get(m->memos, k));
	pthread_mutex_unlock(&m->lock);
	free(k);
	return value;
}

const struct evq_ops evq_mem = {
    .scheme = "mem",
    .open = mem_open,
    .close = mem_close,
    .load = mem_none,
    .poked = mem_none,
    .begin = mem_begin,
    .commit = mem_commit,
    .rollback = mem_rollback,
    .put = mem_put,
    .change = mem_change,
    .reply = mem_reply,
    .prune = mem_prune,
    .fetch = mem_fetch,
    .card = mem_card,
    .probe = mem_probe,
    .last = mem_last,
    .sent = mem_sent,
    .fate = mem_fate,
    .memory = mem_memory,
};
