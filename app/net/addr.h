/* IP addresses as text: lists with CIDRs, and who is behind a proxy.  Pure. */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define ADDR_TEXT 64

/*
 * Is `addr` ("10.0.0.7", "::1", or "unix") within the comma list of
 * addresses, CIDRs and the word unix?  An IPv4 address written as
 * ::ffff:a.b.c.d is the IPv4 address.
 */
bool addr_in(const char *addr, const char *list);
/* Every entry of the list can be read; -1: `e` names the one that cannot. */
int addr_list_check(const char *list, struct err *e);

/*
 * Loopback, private, link-local, multicast, unspecified or other special
 * use (RFC 6890): not to be reached on behalf of a stranger.  An unreadable
 * address counts as special.
 */
bool addr_special(const char *addr);

/* An address as inet_pton reads it, or an IPv6 one in brackets. */
bool addr_readable(const char *addr);

/*
 * The client behind trusted proxies: from the right end of X-Forwarded-For
 * the first address that is not trusted itself.  `peer` when it is not
 * trusted, or when there is no header, or it is not readable.
 */
const char *addr_client(const char *peer, const char *forwarded,
    const char *trusted, char out[ADDR_TEXT]);

#endif
