/*
 * A message is written, changed or taken back, a card submitted: the rules
 * of the platform (2.1 to 2.3), for the REST API and the control API alike.
 * Tells the webhooks.  Under sim->mu.
 */
#ifndef SIM_POST_H
#define SIM_POST_H

#include "sim/inner.h"
#include "sim/msg.h"

#define POST_BYTES 7439 /* of text and of markdown each */
#define POST_EDITS 10

struct json;

/* Why not: an HTTP status and the platform's text, NULL: the usual one. */
struct post_err {
	int status;
	const char *text;
};

/* What a message is to say; NULL what is not given. */
struct post {
	const char *text;
	const char *markdown;
	const char *parent;
	const struct json *attachments;
	const struct msg_file *file;
	const struct mark_style *style; /* NULL: as switched */
};

/* NULL: `e` says why. */
struct message *post_add(struct sim *s, struct person *author, struct room *r,
    const struct post *p, struct post_err *e);
/* 0 or -1. */
int post_edit(struct sim *s, struct person *author, struct message *m,
    const struct post *p, struct post_err *e);
void post_delete(struct sim *s, struct person *who, struct message *m);

/*
 * The direct room of two people, made when there is none, with the events
 * that come with it.  NULL: no more rooms.
 */
struct room *post_direct(struct sim *s, struct person *a, struct person *b);
/* A new member and the event; NULL: no more members. */
struct member *post_join(struct sim *s, struct room *r, struct person *p,
    bool moderator, struct person *actor);
void post_leave(struct sim *s, struct member *m, struct person *actor);
/* A new group room of its creator; NULL: no more rooms. */
struct room *post_room(struct sim *s, const char *title, struct person *p);

/* Somebody presses a button; `inputs` is a JSON object as text. */
struct action *post_submit(struct sim *s, struct person *p, struct message *m,
    const char *inputs, struct post_err *e);

#endif
