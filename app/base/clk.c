/* The clocks; see clk.h. */
#include "base/clk.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static _Atomic int64_t clk_offset;

static int64_t
clk_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clk_wall_ms(void)
{
	return clk_us(CLOCK_REALTIME) / 1000 + atomic_load(&clk_offset);
}

int64_t
clk_mono_us(void)
{
	return clk_us(CLOCK_MONOTONIC) + atomic_load(&clk_offset) * 1000;
}

int64_t
clk_mono_ms(void)
{
	return clk_mono_us() / 1000;
}

void
clk_advance(int64_t ms)
{
	atomic_fetch_add(&clk_offset, ms);
}

int
clk_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;
	int rc;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	rc = pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
	return rc;
}

int
clk_cond_wait(pthread_cond_t *c, pthread_mutex_t *m, int64_t deadline)
{
	struct timespec ts;

	if (deadline < 0)
		return pthread_cond_wait(c, m);
	deadline -= atomic_load(&clk_offset);
	if (deadline < 0)
		deadline = 0;
	ts.tv_sec = deadline / 1000;
	ts.tv_nsec = deadline % 1000 * 1000000;
	return pthread_cond_timedwait(c, m, &ts);
}

char *
clk_text(int64_t wall_ms, char out[CLK_TEXT])
{
	time_t t = (time_t)(wall_ms / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&t, &tm);
	n = strftime(out, CLK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, CLK_TEXT - n, ".%03dZ", (int)(wall_ms % 1000));
	return out;
}

int
clk_parse(const char *s, int64_t *wall_ms)
{
	int ms = 0, digits = 0, sign = 0, h = 0, m = 0, n = 0;
	struct tm tm;
	const char *p;

	memset(&tm, 0, sizeof tm);
	if ((p = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm)) == NULL)
		return -1;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++)
			if (digits++ < 3)
				ms = ms * 10 + (*p - '0');
	while (digits > 0 && digits < 3) {
		ms *= 10;
		digits++;
	}
	if (strcmp(p, "Z") != 0) {
		sign = *p == '+' ? 1 : *p == '-' ? -1 : 0;
		if (sign == 0 || sscanf(p + 1, "%2d:%2d%n", &h, &m, &n) != 2 ||
		    p[1 + n] != '\0')
			return -1;
	}
	*wall_ms = (int64_t)timegm(&tm) * 1000 + ms -
		   (int64_t)sign * (h * 60 + m) * 60000;
	return 0;
}
