/*
 * Order within a lane (a room), none between lanes.  An item may be taken
 * when it is due and every item before it in its lane is taken already; at
 * most `window` items of a lane are taken at once.  An item that waits holds
 * up its own lane only, and lanes take turns, so a long one slows no other.
 *
 * Pure bookkeeping in memory; the owner locks.
 */
#ifndef STORE_LANE_H
#define STORE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lanes;
struct lane;

/* Embedded in what is queued. */
struct lane_item {
	struct lane *lane;
	struct lane_item *prev, *next;
	int64_t due;   /* clk_mono_ms; 0: at once */
	int64_t order; /* place in the lane, by when it was said */
	bool taken;
};

struct lanes *lanes_new(unsigned window);
void lanes_free(struct lanes *ls); /* the items are the owner's */

/*
 * All the memory that adding needs, taken before: afterwards adding cannot
 * fail.  0, or -1 when memory is out.
 */
int lanes_hold(struct lanes *ls, const char *lane, struct lane_item *it);
/* It is not added after all. */
void lanes_unhold(struct lanes *ls, struct lane_item *it);
/*
 * Into the lane it holds, behind what has its order or a smaller one (and
 * behind what is taken).
 */
void lanes_add(struct lanes *ls, struct lane_item *it);
/* The same into a lane that has nothing in it, taken from the start. */
void lanes_add_taken(struct lanes *ls, struct lane_item *it);
/* The next item that may be taken now, marked as taken; NULL: none. */
struct lane_item *lanes_take(struct lanes *ls, int64_t now);
/* Give a taken item back, to be taken again when due. */
void lanes_back(struct lanes *ls, struct lane_item *it, int64_t due);
/* While it is taken: is nothing else of its lane to be taken? */
void lanes_narrow(
    struct lanes *ls, struct lane_item *it, bool narrow, int64_t now);
/*
 * From now on no more of a lane is taken, whether or not there is anything in
 * it yet, until lanes_unbar.  0, or -1 when memory is out.
 */
int lanes_bar(struct lanes *ls, const char *lane);
/* Nothing, if it is not barred. */
void lanes_unbar(struct lanes *ls, const char *lane, int64_t now);
/* An item that is not taken may be taken at once. */
void lanes_hurry(struct lanes *ls, struct lane_item *it);
/* Take an item out for good. */
void lanes_del(struct lanes *ls, struct lane_item *it);

/* Is it the first of its lane? */
bool lane_first(const struct lane_item *it);
const char *lane_name(const struct lane_item *it);
/* When the next item may be taken: 0 now, -1 never as things are. */
int64_t lanes_due(struct lanes *ls, int64_t now);
/* Any item, for emptying; NULL when there is none. */
struct lane_item *lanes_any(const struct lanes *ls);
/* The first and the last item of a lane, NULL when there is none. */
struct lane_item *lanes_first(const struct lanes *ls, const char *lane);
struct lane_item *lanes_last(const struct lanes *ls, const char *lane);
/* Is there a lane of that name, with anything in it or held for it? */
bool lanes_has(const struct lanes *ls, const char *lane);

#endif
