/* When to try again; see retry.h. */
#include "net/retry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t
retry_clamp(int64_t ms)
{
	if (ms < 1000)
		return 1000;
	return ms > RETRY_AFTER_MAX_MS ? RETRY_AFTER_MAX_MS : ms;
}

int
retry_date(const char *s, int64_t *wall_ms)
{
	const char *end;
	struct tm tm;

	memset(&tm, 0, sizeof tm);
	end = s == NULL ? NULL : strptime(s, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (end == NULL || *end != '\0')
		return -1;
	*wall_ms = (int64_t)timegm(&tm) * 1000;
	return 0;
}

int64_t
retry_after_ms(const char *s, int64_t wall_ms)
{
	int64_t n = 0;

	if (s == NULL)
		return -1;
	while (*s == ' ' || *s == '\t')
		s++;
	if (isdigit((unsigned char)*s)) {
		for (; isdigit((unsigned char)*s); s++)
			if (n < RETRY_AFTER_MAX_MS)
				n = n * 10 + (*s - '0');
		/* "1.5" is not RFC 9110, but its seconds are plain */
		if (*s == '.')
			for (s++; isdigit((unsigned char)*s); s++)
				;
		while (*s == ' ' || *s == '\t')
			s++;
		return *s == '\0' ? retry_clamp(n * 1000) : -1;
	}
	return retry_date(s, &n) == -1 ? -1 : retry_clamp(n - wall_ms);
}

int64_t
retry_backoff_ms(
    unsigned attempt, int64_t base_ms, int64_t max_ms, uint32_t rnd)
{
	int64_t ms = base_ms;

	while (attempt-- > 1 && ms < max_ms)
		ms *= 2;
	if (ms > max_ms)
		ms = max_ms;
	return ms / 2 + (int64_t)(rnd % (uint64_t)(ms / 2 + 1));
}

uint32_t
retry_random(void)
{
	uint32_t r;

	if (getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
		r = (uint32_t)random();
	return r;
}
