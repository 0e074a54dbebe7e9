/* client.h - whose request it is: the peer's, or that of whom a trusted proxy names.
 *
 * A peer in a trusted network is believed what it says of the address before it (X-Forwarded-For), and that one in
 * turn, from right to left: the client is the first that is not trusted. What a client writes there himself stands to
 * the left of what the proxy saw of him, and is not reached. A header that cannot be read on the way counts as none.
 *
 * IPv4 is kept as ::ffff:a.b.c.d, so that it is the same from a socket of either kind and from a header.
 */
#ifndef RECKON_SERVE_CLIENT_H
#define RECKON_SERVE_CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

enum {
    RK_FORWARDED_LINES_MAX = 8, /* of X-Forwarded-For; of more, the last */
    RK_ADDRESS_BYTES = INET6_ADDRSTRLEN,
};

typedef struct {
    struct in6_addr at;
    bool is_known;
} rk_address;

typedef struct {
    struct in6_addr at; /* nothing beyond n_bits */
    unsigned n_bits;    /* of IPv4 with the 96 before it */
} rk_network;

/* The header, line by line as they came; together they are one list. Borrowed. */
typedef struct {
    rk_slice lines[RK_FORWARDED_LINES_MAX];
    size_t n;
} rk_forwarded;

rk_address rk_address_of(const struct sockaddr *from); /* of NULL, or another family: unknown */
/* As proxies write them: 10.0.0.7, 10.0.0.7:4711, fd00::7, [fd00::7], [fd00::7]:4711. */
bool rk_address_parse(rk_slice text, rk_address *out);
bool rk_address_is_ipv4(rk_address address);
void rk_address_format(rk_address address, char out[RK_ADDRESS_BYTES]); /* IPv4 as 10.0.0.7; "": unknown */

/* 10.0.0.0/8, fd00::/8, or one address. RK_BAD_USAGE. */
RK_MUST_CHECK rk_status rk_network_parse(const char *text, rk_network *out, rk_error *err);
bool rk_network_has(const rk_network *network, rk_address address);

void rk_forwarded_note(rk_forwarded *said, rk_slice line);
/* trusted: [n_trusted]. Where everyone on the way is trusted: the first of them. */
rk_address rk_client_of(const rk_network *trusted, size_t n_trusted, rk_address peer, const rk_forwarded *said);

#endif
