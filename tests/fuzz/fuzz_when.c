/* Moments and cron lines: what is taken comes back as the next fitting time. */
#include "fuzz.h"

#include <string.h>
#include <time.h>

#include "base/when.h"

#define NOW 1774600200 /* 2026-03-27T08:30:00Z */

static void
check_cron(const struct cron *c, int64_t after)
{
	int64_t at = cron_next(c, NULL, after);
	time_t t = (time_t)at;
	struct tm tm;

	if (at == -1)
		return;
	MUST(at > after && at % 60 == 0);
	MUST(gmtime_r(&t, &tm) != NULL);
	MUST((c->minute >> tm.tm_min & 1) != 0);
	MUST((c->hour >> tm.tm_hour & 1) != 0);
	MUST((c->month >> (tm.tm_mon + 1) & 1) != 0);
	MUST((c->day >> tm.tm_mday & 1) != 0 ||
	     (c->wday >> tm.tm_wday & 1) != 0);
	/* none was passed over just before it */
	MUST(cron_next(c, NULL, at - 1) == at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT, too = ERR_INIT;
	char *s = malloc(n + 1);
	struct cron c;
	int64_t at;

	MUST(s != NULL);
	memcpy(s, p, n);
	s[n] = '\0';
	if (cron_parse(s, &c, &e) == 0) {
		check_cron(&c, NOW);
		check_cron(&c, NOW - 366 * 86400);
	} else {
		MUST(e.text[0] != '\0');
	}
	if (when_parse(s, (int64_t)NOW * 1000, &at, &too) == -1)
		MUST(too.text[0] != '\0');
	free(s);
	return 0;
}
