/* The pool of workers; see workers.h. */
#include "bot/workers.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/thr.h"

struct workers {
	pthread_mutex_t lock; /* over all that follows */
	pthread_cond_t some;  /* work, or the end */
	pthread_cond_t none;  /* a thread has ended */
	struct work *first, **end;
	int alive;
	bool stop;
	int n;
	pthread_t threads[];
};

static void *
workers_run(void *arg)
{
	struct workers *ws = arg;
	struct work *w;

	pthread_mutex_lock(&ws->lock);
	for (;;) {
		while (!ws->stop && ws->first == NULL)
			pthread_cond_wait(&ws->some, &ws->lock);
		if (ws->stop)
			break;
		w = ws->first;
		if ((ws->first = w->next) == NULL)
			ws->end = &ws->first;
		pthread_mutex_unlock(&ws->lock);
		w->fn(w);
		pthread_mutex_lock(&ws->lock);
	}
	ws->alive--;
	pthread_cond_broadcast(&ws->none);
	pthread_mutex_unlock(&ws->lock);
	return NULL;
}

struct workers *
workers_start(int threads, struct err *e)
{
	struct workers *ws =
	    calloc(1, sizeof *ws + (size_t)threads * sizeof(pthread_t));

	if (ws == NULL) {
		err_nomem(e);
		return NULL;
	}
	ws->end = &ws->first;
	pthread_mutex_init(&ws->lock, NULL);
	clk_cond_init(&ws->some);
	clk_cond_init(&ws->none);
	for (; ws->n < threads; ws->n++) {
		pthread_mutex_lock(&ws->lock);
		ws->alive++;
		pthread_mutex_unlock(&ws->lock);
		if (thr_start(&ws->threads[ws->n], "wb-handler", workers_run,
			ws) == 0)
			continue;
		err_set(e, ERR_BUG, "no thread for a worker");
		pthread_mutex_lock(&ws->lock);
		ws->alive--;
		pthread_mutex_unlock(&ws->lock);
		workers_stop(ws, 0);
		workers_free(ws);
		return NULL;
	}
	return ws;
}

void
workers_do(struct workers *ws, struct work *w)
{
	w->next = NULL;
	pthread_mutex_lock(&ws->lock);
	*ws->end = w;
	ws->end = &w->next;
	pthread_cond_signal(&ws->some);
	pthread_mutex_unlock(&ws->lock);
}

bool
workers_stop(struct workers *ws, int64_t ms)
{
	int64_t until = clk_mono_ms() + ms;
	bool ended;

	if (ws == NULL)
		return true;
	pthread_mutex_lock(&ws->lock);
	ws->stop = true;
	pthread_cond_broadcast(&ws->some);
	while (ws->alive > 0 && clk_mono_ms() < until)
		clk_cond_wait(&ws->none, &ws->lock, until);
	ended = ws->alive == 0;
	pthread_mutex_unlock(&ws->lock);
	return ended;
}

void
workers_free(struct workers *ws)
{
	if (ws == NULL)
		return;
	while (ws->n > 0)
		pthread_join(ws->threads[--ws->n], NULL);
	pthread_cond_destroy(&ws->some);
	pthread_cond_destroy(&ws->none);
	pthread_mutex_destroy(&ws->lock);
	free(ws);
}
