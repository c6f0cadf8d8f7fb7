/* Inside the checker: check.c and check_rules.c. */
#ifndef CARD_CHECK_INT_H
#define CARD_CHECK_INT_H

#include "card/check.h"

#define CHECK_NONE ((size_t)-1)

/* Something seen on the walk, for what is looked at afterwards. */
struct check_seen {
	char *path;
	const struct val *v; /* an id, a button's data, a target */
	size_t card;         /* the card it is in */
	bool none;           /* a button that sends no inputs */
};

struct check_list {
	struct check_seen *v;
	size_t n, cap;
};

struct check {
	struct problems *ps;
	struct pointer at;
	bool template; /* texts with ${ } may be anything */
	bool failed;   /* memory */
	unsigned depth;
	struct check_list ids, inputs, targets, submits;
	size_t *parent; /* of each card: the card around it */
	size_t cards;
	size_t actions;
	size_t images;
	bool many_actions;
};

void check_done(struct check *c);

/* Notes of the walk; the pointer of `c` is where it stands. */
size_t check_note_card(struct check *c, size_t around);
void check_note_id(struct check *c, const struct val *id);
void check_note_target(struct check *c, const struct val *id);
void check_note_data(struct check *c, const struct val *button,
    const struct val *data, size_t card);
void check_note_object(
    struct check *c, const char *type, const struct val *v, size_t card);
void check_count_actions(struct check *c, size_t n);

/* What concerns several objects at once. */
void check_rules(struct check *c);

/* Is the button one that sends no inputs? */
bool check_sends_none(const struct val *button);

/* YYYY-MM-DD that is in the calendar; HH:MM. */
bool check_is_date(const struct val *v);
bool check_is_time(const struct val *v);

#endif
