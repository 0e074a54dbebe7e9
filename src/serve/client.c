/* client.c - see client.h. */
#include "serve/client.h"

#include <arpa/inet.h>
#include <string.h>

enum { IPV4_AT = 12, IPV4_BITS = 32, MAPPED_BITS = 96, ALL_BITS = 128 };

/* ---- addresses ---- */

static rk_address of_ipv4(const struct in_addr *at)
{
    rk_address address = {.is_known = true};
    address.at.s6_addr[10] = address.at.s6_addr[11] = 0xff;
    memcpy(address.at.s6_addr + IPV4_AT, at, sizeof *at);
    return address;
}

rk_address rk_address_of(const struct sockaddr *from)
{
    if (from && from->sa_family == AF_INET) {
        return of_ipv4(&((const struct sockaddr_in *)(const void *)from)->sin_addr);
    }
    if (from && from->sa_family == AF_INET6) {
        return (rk_address){((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, true};
    }
    return (rk_address){0};
}

bool rk_address_is_ipv4(rk_address address) { return address.is_known && IN6_IS_ADDR_V4MAPPED(&address.at); }

static bool parse_bare(rk_slice text, rk_address *out)
{
    char host[RK_ADDRESS_BYTES];
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (text.n == 0 || text.n >= sizeof host || memchr(text.at, '\0', text.n)) {
        return false;
    }
    memcpy(host, text.at, text.n);
    host[text.n] = '\0';
    if (inet_pton(AF_INET, host, &ipv4) == 1) {
        *out = of_ipv4(&ipv4);
        return true;
    }
    if (inet_pton(AF_INET6, host, &ipv6) == 1) {
        *out = (rk_address){ipv6, true};
        return true;
    }
    return false;
}

/* "" or ":4711". */
static bool is_port(rk_slice text)
{
    uint64_t port;
    return text.n == 0 ||
           (text.at[0] == ':' && rk_parse_u64((rk_slice){text.at + 1, text.n - 1}, &port) && port <= UINT16_MAX);
}

bool rk_address_parse(rk_slice text, rk_address *out)
{
    const char *end = text.at + text.n, *host = text.at, *stop = end, *rest = end;
    const char *colon = text.n ? memchr(text.at, ':', text.n) : NULL;
    if (text.n && text.at[0] == '[') {
        host = text.at + 1;
        stop = memchr(text.at, ']', text.n);
        rest = stop ? stop + 1 : end;
    } else if (colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1))) {
        stop = rest = colon; /* one colon alone: IPv6 has two at least */
    }
    return stop && is_port((rk_slice){rest, (size_t)(end - rest)}) &&
           parse_bare((rk_slice){host, (size_t)(stop - host)}, out);
}

void rk_address_format(rk_address address, char out[RK_ADDRESS_BYTES])
{
    bool is_ipv4 = rk_address_is_ipv4(address);
    const void *at = address.at.s6_addr + (is_ipv4 ? IPV4_AT : 0);
    if (!address.is_known || !inet_ntop(is_ipv4 ? AF_INET : AF_INET6, at, out, RK_ADDRESS_BYTES)) {
        out[0] = '\0';
    }
}

/* ---- networks ---- */

/* Clears what stands beyond the first n_bits; true when anything did. */
static bool cut(struct in6_addr *at, unsigned n_bits)
{
    bool was_set = false;
    for (unsigned i = 0; i < sizeof at->s6_addr; i++) {
        unsigned kept = n_bits <= 8 * i ? 0 : n_bits - 8 * i < 8 ? n_bits - 8 * i : 8;
        unsigned char mask = (unsigned char)(0xff00 >> kept);
        was_set |= (at->s6_addr[i] & ~mask & 0xff) != 0;
        at->s6_addr[i] &= mask;
    }
    return was_set;
}

rk_status rk_network_parse(const char *text, rk_network *out, rk_error *err)
{
    const char *slash = strchr(text, '/');
    bool is_ipv4 = !strchr(text, ':');
    uint64_t n_bits = is_ipv4 ? IPV4_BITS : ALL_BITS;
    uint64_t n_bits_max = n_bits;
    rk_address address;
    if (!parse_bare((rk_slice){text, slash ? (size_t)(slash - text) : strlen(text)}, &address) ||
        (slash && !rk_parse_u64(rk_slice_of(slash + 1), &n_bits)) || n_bits > n_bits_max) {
        return rk_fail(err, RK_BAD_USAGE, "a network must look like 10.0.0.0/8, fd00::/8 or 127.0.0.1, got '%.100s'",
                       text);
    }
    rk_network network = {address.at, (unsigned)n_bits + (is_ipv4 ? MAPPED_BITS : 0)};
    if (cut(&network.at, network.n_bits)) {
        char words[RK_ADDRESS_BYTES];
        rk_address_format((rk_address){network.at, true}, words);
        return rk_fail(err, RK_BAD_USAGE, "'%.100s' has bits set beyond its first %llu; the network is %s/%llu", text,
                       (unsigned long long)n_bits, words, (unsigned long long)n_bits);
    }
    *out = network;
    return RK_OK;
}

/* An IPv4 address is in networks of IPv4 alone: ::/0 does not mean it. */
bool rk_network_has(const rk_network *network, rk_address address)
{
    if (!address.is_known || (network->n_bits < MAPPED_BITS && rk_address_is_ipv4(address))) {
        return false;
    }
    cut(&address.at, network->n_bits);
    return memcmp(&address.at, &network->at, sizeof address.at) == 0;
}

/* ---- who asks ---- */

void rk_forwarded_note(rk_forwarded *said, rk_slice line)
{
    if (said->n == RK_FORWARDED_LINES_MAX) {
        memmove(said->lines, said->lines + 1, (RK_FORWARDED_LINES_MAX - 1) * sizeof *said->lines);
        said->n--;
    }
    said->lines[said->n++] = line;
}

static bool is_trusted(const rk_network *trusted, size_t n_trusted, rk_address address)
{
    for (size_t i = 0; i < n_trusted; i++) {
        if (rk_network_has(&trusted[i], address)) {
            return true;
        }
    }
    return false;
}

/* What stands behind the last comma, which is cut off; empty ones are passed over (RFC 9110, 5.6.1). */
static bool take_last(rk_slice *line, rk_slice *out)
{
    out->n = 0;
    while (line->n > 0 && out->n == 0) {
        size_t from = line->n;
        while (from > 0 && line->at[from - 1] != ',') {
            from--;
        }
        *out = rk_slice_trim((rk_slice){line->at + from, line->n - from});
        line->n = from > 0 ? from - 1 : 0;
    }
    return out->n > 0;
}

rk_address rk_client_of(const rk_network *trusted, size_t n_trusted, rk_address peer, const rk_forwarded *said)
{
    rk_address client = peer;
    for (size_t i = said->n; i > 0 && is_trusted(trusted, n_trusted, client); i--) {
        rk_slice line = said->lines[i - 1], word;
        while (is_trusted(trusted, n_trusted, client) && take_last(&line, &word)) {
            if (!rk_address_parse(word, &client)) {
                return peer;
            }
        }
    }
    return client;
}
