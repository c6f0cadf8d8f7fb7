/*
 * Time zones from the system's zone files (TZif, RFC 8536), read by ourselves
 * since the C library's are one for the whole process.  Any thread.
 */
#ifndef BASE_TZ_H
#define BASE_TZ_H

#include <stdint.h>

struct tz;

/*
 * The zone of an IANA name ("Europe/Berlin"); lent for the life of the
 * process.  NULL: there is no such zone, or no zone files.
 */
const struct tz *tz_find(const char *name);

/* Seconds east of UTC at `utc` seconds since 1970. */
int tz_offset(const struct tz *z, int64_t utc);

#endif
