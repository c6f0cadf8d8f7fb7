/* A token bucket; see rate.h. */
#include "connect/rate.h"

void
rate_init(struct rate *r, double per_s, double burst)
{
	pthread_mutex_init(&r->lock, NULL);
	r->per_s = per_s;
	r->burst = burst < 1 ? 1 : burst;
	r->have = r->burst;
	r->at = INT64_MIN;
}

void
rate_done(struct rate *r)
{
	pthread_mutex_destroy(&r->lock);
}

bool
rate_take(struct rate *r, int64_t mono_ms)
{
	bool ok = true;

	if (r->per_s <= 0)
		return true;
	pthread_mutex_lock(&r->lock);
	if (r->at != INT64_MIN && mono_ms > r->at)
		r->have += (double)(mono_ms - r->at) * r->per_s / 1000;
	if (r->have > r->burst)
		r->have = r->burst;
	if (r->at == INT64_MIN || mono_ms > r->at)
		r->at = mono_ms;
	/* a hair of slack: tenths do not add up to one */
	if ((ok = r->have >= 1 - 1e-9))
		r->have -= 1;
	pthread_mutex_unlock(&r->lock);
	return ok;
}
