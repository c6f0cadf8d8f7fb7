/* Inside the queue's front: evq.c and evq_write.c. */
#ifndef STORE_EVQ_INT_H
#define STORE_EVQ_INT_H

#include <pthread.h>
#include <semaphore.h>

#include "store/evq_ops.h"

#define EVQ_BATCH 2000 /* operations in one transaction */

/* An event on its way in; lives on the stack of the one who waits. */
struct evq_putting {
	struct evq_putting *next;
	const struct evq_new *n;
	int64_t id;
	struct evq_item *item;
	enum evq_put result;
	struct err err;
	sem_t done;
};

/* What the writer remembers of a change between doing and publishing. */
struct evq_doing {
	struct evq_change *c;
	struct evq_item **replies;
	bool gone;
};

struct evq {
	const struct evq_ops *ops;
	void *st;
	struct evq_opts o;

	pthread_mutex_t lock; /* over all that follows, up to `reading` */
	pthread_cond_t work;
	struct evq_putting *puts, **puts_end;
	struct evq_change *changes, **changes_end;
	struct lanes *lanes[EVQ_WHICH];
	int64_t open[EVQ_WHICH]; /* in each of them */
	bool crowded;            /* more is for others than may be */
	size_t cached;
	bool stop;

	pthread_mutex_t reading; /* over the backend's reader */
	pthread_t writer;
	struct evq_doing *doing; /* the writer's, of EVQ_BATCH */
	_Atomic bool healthy;
};

/* -- evq.c: ways out of the lanes; the lock is taken inside -- */

/* Under the lock: its body is not the cache's any more. */
void evq_uncache(struct evq *q, struct evq_item *it);

void evq_item_free(struct evq_item *it);
/* It was not stored after all. */
void evq_drop(struct evq *q, struct evq_item *it);
/* It is open no longer: out of its lane, and freed. */
void evq_leave(struct evq *q, struct evq_item *it);
/* A claimed item waits again; what waits long keeps no body in memory. */
void evq_back(struct evq *q, struct evq_item *it, int64_t due);

/* -- evq_write.c -- */

/* What the store holds open into the lanes, before the writer starts. */
int evq_load(struct evq *q, struct err *e);
/* The writer's thread, until q->stop; `arg` is the queue. */
void *evq_write(void *arg);

#endif
