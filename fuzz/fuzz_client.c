/* fuzz_client.c - trusted networks in the first line between blanks, the peer in the second, X-Forwarded-For in the
 * others.
 *
 * Whatever the bytes: a peer that is not trusted asks for itself; a client that is not trusted cannot be told to be
 * another one by what stands to his left; what is read is written and reads back the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NETWORKS_MAX = 8 };

static void insist(bool holds)
{
    if (!holds) {
        abort();
    }
}

static rk_slice cut_at(rk_slice *rest, char mark)
{
    const char *end = rest->n ? memchr(rest->at, mark, rest->n) : NULL;
    rk_slice part = {rest->at, end ? (size_t)(end - rest->at) : rest->n};
    size_t used = end ? part.n + 1 : part.n;
    *rest = (rk_slice){rest->at + used, rest->n - used};
    return part;
}

static bool is_same(rk_address a, rk_address b)
{
    return a.is_known == b.is_known && memcmp(&a.at, &b.at, sizeof a.at) == 0;
}

static size_t read_networks(rk_slice line, rk_network *out)
{
    size_t n = 0;
    while (line.n > 0 && n < NETWORKS_MAX) {
        rk_slice word = cut_at(&line, ' ');
        char text[200];
        rk_error err;
        size_t n_text = word.n < sizeof text - 1 ? word.n : sizeof text - 1;
        memcpy(text, word.at, n_text);
        text[n_text] = '\0';
        if (rk_network_parse(text, &out[n], &err)) {
            insist(err.message[0] != '\0');
        } else {
            insist(out[n].n_bits <= 128 && rk_network_has(&out[n], (rk_address){out[n].at, true}) ==
                                               (out[n].n_bits >= 96 || !IN6_IS_ADDR_V4MAPPED(&out[n].at)));
            n++;
        }
    }
    return n;
}

static void check_words(rk_address client)
{
    char words[RK_ADDRESS_BYTES];
    rk_address again = {0};
    rk_address_format(client, words);
    insist(rk_address_parse(rk_slice_of(words), &again) && is_same(client, again));
}

static bool is_trusted(const rk_network *networks, size_t n, rk_address address)
{
    for (size_t i = 0; i < n; i++) {
        if (rk_network_has(&networks[i], address)) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_slice rest = {(const char *)data, size};
    rk_network networks[NETWORKS_MAX];
    rk_address peer, seen, client;
    rk_forwarded said = {0};
    size_t n = read_networks(cut_at(&rest, '\n'), networks);
    if (!rk_address_parse(cut_at(&rest, '\n'), &peer) || !rk_address_parse(RK_SLICE("203.0.113.5"), &seen)) {
        return 0;
    }
    while (rest.n > 0) {
        rk_forwarded_note(&said, cut_at(&rest, '\n'));
    }
    client = rk_client_of(networks, n, peer, &said);
    check_words(client);
    insist(is_trusted(networks, n, peer) || is_same(client, peer));
    rk_forwarded_note(&said, RK_SLICE("203.0.113.5")); /* what the proxy adds behind all that */
    client = rk_client_of(networks, n, peer, &said);
    if (!is_trusted(networks, n, seen)) {
        insist(is_same(client, is_trusted(networks, n, peer) ? seen : peer));
    }
    return 0;
}
