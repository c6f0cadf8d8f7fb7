/*
 * Lanes; see lane.h.  A lane is in the ready ring when its next item may be
 * taken as far as we know, or in the heap by the time it becomes due, or in
 * neither (its window is full, it is barred, or nothing is left to take).
 */
#include "store/lane.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

#define LANE_NOWHERE SIZE_MAX

struct lane {
	struct lane_item *first, *last;
	struct lane_item *cursor;      /* the first item not taken */
	unsigned taken;                /* how many are */
	unsigned held;                 /* by items not yet added, a bar */
	bool barred;                   /* nothing of it is taken */
	const struct lane_item *alone; /* that is all of it, or NULL */
	struct lane *ready_next, *ready_prev; /* ring; NULL: not in it */
	size_t at;                            /* in the heap, or LANE_NOWHERE */
	char name[];
};

struct lanes {
	struct map *by_name;
	struct lane *ready; /* whose turn it is */
	struct lane **heap; /* by the due time of the cursor */
	size_t nheap, room;
	unsigned window;
};

struct lanes *
lanes_new(unsigned window)
{
	struct lanes *ls = calloc(1, sizeof *ls);

	if (ls != NULL && (ls->by_name = map_new()) == NULL) {
		free(ls);
		return NULL;
	}
	if (ls != NULL)
		ls->window = window;
	return ls;
}

void
lanes_free(struct lanes *ls)
{
	if (ls == NULL)
		return;
	map_free(ls->by_name, free);
	free(ls->heap);
	free(ls);
}

/* -- the heap -- */

static void
heap_set(struct lanes *ls, size_t i, struct lane *l)
{
	ls->heap[i] = l;
	l->at = i;
}

static void
heap_sift(struct lanes *ls, size_t i)
{
	struct lane *l = ls->heap[i];
	size_t child;

	for (; i > 0 && ls->heap[(i - 1) / 2]->cursor->due > l->cursor->due;
	     i = (i - 1) / 2)
		heap_set(ls, i, ls->heap[(i - 1) / 2]);
	for (; (child = 2 * i + 1) < ls->nheap; i = child) {
		if (child + 1 < ls->nheap && ls->heap[child + 1]->cursor->due <
						 ls->heap[child]->cursor->due)
			child++;
		if (ls->heap[child]->cursor->due >= l->cursor->due)
			break;
		heap_set(ls, i, ls->heap[child]);
	}
	heap_set(ls, i, l);
}

static void
heap_del(struct lanes *ls, struct lane *l)
{
	size_t i = l->at;
	struct lane *tail = ls->heap[--ls->nheap];

	l->at = LANE_NOWHERE;
	if (tail != l) {
		heap_set(ls, i, tail);
		heap_sift(ls, i);
	}
}

/* -- the ring -- */

static void
ring_add(struct lanes *ls, struct lane *l)
{
	if (ls->ready == NULL) {
		l->ready_next = l->ready_prev = l;
		ls->ready = l;
		return;
	}
	l->ready_next = ls->ready;
	l->ready_prev = ls->ready->ready_prev;
	l->ready_prev->ready_next = l;
	l->ready_next->ready_prev = l;
}

static void
ring_del(struct lanes *ls, struct lane *l)
{
	if (l->ready_next == l) {
		ls->ready = NULL;
	} else {
		l->ready_prev->ready_next = l->ready_next;
		l->ready_next->ready_prev = l->ready_prev;
		if (ls->ready == l)
			ls->ready = l->ready_next;
	}
	l->ready_next = l->ready_prev = NULL;
}

/* Put the lane where it belongs after a change. */
static void
lane_place(struct lanes *ls, struct lane *l, int64_t now)
{
	if (l->ready_next != NULL)
		ring_del(ls, l);
	if (l->at != LANE_NOWHERE)
		heap_del(ls, l);
	if (l->cursor == NULL || l->barred ||
	    l->taken >= (l->alone != NULL ? 1 : ls->window))
		return;
	if (l->cursor->due <= now) {
		ring_add(ls, l);
	} else {
		/* room was made when the lane was made */
		heap_set(ls, ls->nheap++, l);
		heap_sift(ls, l->at);
	}
}

static struct lane *
lane_get(struct lanes *ls, const char *name)
{
	struct lane *l = map_get(ls->by_name, name), **heap;
	size_t len = strlen(name);

	if (l != NULL)
		return l;
	if (map_count(ls->by_name) >= ls->room) {
		size_t room = ls->room == 0 ? 64 : ls->room * 2;

		heap = realloc(ls->heap, room * sizeof(struct lane *));
		if (heap == NULL)
			return NULL;
		ls->heap = heap;
		ls->room = room;
	}
	if ((l = calloc(1, sizeof *l + len + 1)) == NULL)
		return NULL;
	memcpy(l->name, name, len + 1);
	l->at = LANE_NOWHERE;
	if (map_put(ls->by_name, name, l, NULL) == -1) {
		free(l);
		return NULL;
	}
	return l;
}

/* Link `it` behind `after` (NULL: in front). */
static void
lane_link(struct lane *l, struct lane_item *it, struct lane_item *after)
{
	it->lane = l;
	it->taken = false;
	it->prev = after;
	it->next = after == NULL ? l->first : after->next;
	if (it->next != NULL)
		it->next->prev = it;
	else
		l->last = it;
	if (after != NULL)
		after->next = it;
	else
		l->first = it;
}

static void
lane_leave(struct lanes *ls, struct lane *l)
{
	if (l->first == NULL && l->held == 0) {
		map_del(ls->by_name, l->name);
		free(l);
	}
}

int
lanes_hold(struct lanes *ls, const char *lane, struct lane_item *it)
{
	if ((it->lane = lane_get(ls, lane)) == NULL)
		return -1;
	it->lane->held++;
	return 0;
}

void
lanes_unhold(struct lanes *ls, struct lane_item *it)
{
	it->lane->held--;
	lane_leave(ls, it->lane);
	it->lane = NULL;
}

void
lanes_add(struct lanes *ls, struct lane_item *it)
{
	struct lane *l = it->lane;
	struct lane_item *after;

	l->held--;
	for (after = l->last;
	     after != NULL && !after->taken && after->order > it->order;
	     after = after->prev)
		;
	lane_link(l, it, after);
	if (l->cursor != NULL && it->next != l->cursor)
		return;
	if (l->at != LANE_NOWHERE)
		heap_del(ls, l);
	l->cursor = it;
	/* not knowing the time, say due: lanes_take looks again */
	lane_place(ls, l, it->due == 0 ? 0 : -1);
}

void
lanes_add_taken(struct lanes *ls, struct lane_item *it)
{
	struct lane *l = it->lane;

	lanes_add(ls, it);
	if (l->at != LANE_NOWHERE)
		heap_del(ls, l);
	it->taken = true;
	l->taken++;
	l->cursor = NULL;
	lane_place(ls, l, 0);
}

static void
lanes_wake(struct lanes *ls, int64_t now)
{
	while (ls->nheap > 0 && ls->heap[0]->cursor->due <= now)
		lane_place(ls, ls->heap[0], now);
}

struct lane_item *
lanes_take(struct lanes *ls, int64_t now)
{
	struct lane_item *it;
	struct lane *l;

	lanes_wake(ls, now);
	if ((l = ls->ready) == NULL)
		return NULL;
	it = l->cursor;
	it->taken = true;
	l->taken++;
	while (l->cursor != NULL && l->cursor->taken)
		l->cursor = l->cursor->next;
	/* to the end of the ring, or elsewhere: others have their turn */
	lane_place(ls, l, now);
	return it;
}

void
lanes_back(struct lanes *ls, struct lane_item *it, int64_t due)
{
	struct lane *l = it->lane;
	struct lane_item *x;

	if (l->at != LANE_NOWHERE)
		heap_del(ls, l); /* before its cursor changes */
	it->taken = false;
	it->due = due;
	l->taken--;
	if (l->alone == it)
		l->alone = NULL;
	for (x = l->first; x->taken; x = x->next)
		;
	l->cursor = x;
	lane_place(ls, l, l->cursor->due == 0 ? 0 : -1);
}

void
lanes_narrow(struct lanes *ls, struct lane_item *it, bool narrow, int64_t now)
{
	it->lane->alone = narrow ? it : NULL;
	lane_place(ls, it->lane, now);
}

int
lanes_bar(struct lanes *ls, const char *lane)
{
	struct lane *l = lane_get(ls, lane);

	if (l == NULL)
		return -1;
	l->held += !l->barred;
	l->barred = true;
	lane_place(ls, l, 0);
	return 0;
}

void
lanes_unbar(struct lanes *ls, const char *lane, int64_t now)
{
	struct lane *l = map_get(ls->by_name, lane);

	if (l == NULL || !l->barred)
		return;
	l->held--;
	l->barred = false;
	lane_place(ls, l, now);
	lane_leave(ls, l);
}

void
lanes_hurry(struct lanes *ls, struct lane_item *it)
{
	struct lane *l = it->lane;

	if (l->cursor == it && l->at != LANE_NOWHERE)
		heap_del(ls, l);
	it->due = 0;
	if (l->cursor == it)
		lane_place(ls, l, 0);
}

void
lanes_del(struct lanes *ls, struct lane_item *it)
{
	struct lane *l = it->lane;

	if (l->at != LANE_NOWHERE)
		heap_del(ls, l);
	if (l->cursor == it)
		l->cursor = it->next;
	while (l->cursor != NULL && l->cursor->taken)
		l->cursor = l->cursor->next;
	l->taken -= it->taken;
	if (l->alone == it)
		l->alone = NULL;
	if (it->prev != NULL)
		it->prev->next = it->next;
	else
		l->first = it->next;
	if (it->next != NULL)
		it->next->prev = it->prev;
	else
		l->last = it->prev;
	it->lane = NULL;
	lane_place(ls, l, l->cursor != NULL && l->cursor->due == 0 ? 0 : -1);
	lane_leave(ls, l);
}

bool
lane_first(const struct lane_item *it)
{
	return it->prev == NULL;
}

const char *
lane_name(const struct lane_item *it)
{
	return it->lane->name;
}

int64_t
lanes_due(struct lanes *ls, int64_t now)
{
	lanes_wake(ls, now);
	if (ls->ready != NULL)
		return 0;
	return ls->nheap > 0 ? ls->heap[0]->cursor->due : -1;
}

struct lane_item *
lanes_first(const struct lanes *ls, const char *lane)
{
	const struct lane *l = map_get(ls->by_name, lane);

	return l == NULL ? NULL : l->first;
}

struct lane_item *
lanes_last(const struct lanes *ls, const char *lane)
{
	const struct lane *l = map_get(ls->by_name, lane);

	return l == NULL ? NULL : l->last;
}

bool
lanes_has(const struct lanes *ls, const char *lane)
{
	return map_get(ls->by_name, lane) != NULL;
}

struct lane_item *
lanes_any(const struct lanes *ls)
{
	struct map_node *n = map_first(ls->by_name);

	return n == NULL ? NULL : ((struct lane *)map_value(n))->first;
}
