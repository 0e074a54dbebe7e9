/* Claims about whose request it is: addresses as proxies write them, networks, and headers that somebody made up. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "serve/client.h"
#include "support/test.h"

static rk_address address(const char *text)
{
    rk_address out = {0};
    if (!rk_address_parse(rk_slice_of(text), &out)) {
        fail_msg("'%s' is an address", text);
    }
    return out;
}

static void addresses_are_read_as_proxies_write_them(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"10.0.0.7", "10.0.0.7"},
        {"10.0.0.7:4711", "10.0.0.7"},
        {"fd00::7", "fd00::7"},
        {"[fd00::7]", "fd00::7"},
        {"[fd00::7]:65535", "fd00::7"},
        {"FD00:0::0:7", "fd00::7"},
        {"::ffff:10.0.0.7", "10.0.0.7"},
        {"[::ffff:a00:7]:80", "10.0.0.7"},
        {"[10.0.0.7]:80", "10.0.0.7"},
        {"::", "::"},
        {"255.255.255.255", "255.255.255.255"},
        {"::10.0.0.7", "::10.0.0.7"},
    };
    static const char *const none[] = {
        "",           "unknown",    "_hidden",    "10.0.0",      "10.0.0.256",  "10.0.0.7:",  "10.0.0.7:65536",
        "10.0.0.7:a", "10.0.0.7 x", "[fd00::7",   "fd00::7]",    "[fd00::7]80", "[]",         "[",
        ":80",        "fe80::1%lo", "10.0.0.7/8", "010.0.0.256", "fd00::7::1",  "[fd00::7]:", "for=1.2.3.4"};
    char words[RK_ADDRESS_BYTES];
    rk_address out;
    for (size_t i = 0; i < RK_COUNT_OF(pairs); i++) {
        rk_address_format(address(pairs[i][0]), words);
        assert_string_equal(words, pairs[i][1]);
    }
    for (size_t i = 0; i < RK_COUNT_OF(none); i++) {
        if (rk_address_parse(rk_slice_of(none[i]), &out)) {
            fail_msg("'%s' is no address", none[i]);
        }
    }
    assert_false(rk_address_parse(RK_SLICE("10.0.0.7\0x"), &out));
    rk_address_format(rk_address_of(NULL), words);
    assert_string_equal(words, "");
}

static void sockets_of_both_kinds_mean_one_address(void **state)
{
    (void)state;
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6};
    inet_pton(AF_INET, "10.0.0.7", &four.sin_addr);
    inet_pton(AF_INET6, "::ffff:10.0.0.7", &mapped.sin6_addr);
    rk_address a = rk_address_of((const struct sockaddr *)&four), b = rk_address_of((const struct sockaddr *)&mapped);
    assert_true(rk_address_is_ipv4(a) && rk_address_is_ipv4(b));
    assert_memory_equal(&a.at, &b.at, sizeof a.at);
}

static rk_network network(const char *text)
{
    rk_network out;
    rk_error err;
    if (rk_network_parse(text, &out, &err)) {
        fail_msg("%s", err.message);
    }
    return out;
}

static void networks_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"10.0.0.0/33", "a network must look like 10.0.0.0/8, fd00::/8 or 127.0.0.1, got '10.0.0.0/33'"},
        {"10.0.0.0/", "a network must look like 10.0.0.0/8, fd00::/8 or 127.0.0.1, got '10.0.0.0/'"},
        {"proxy.example", "a network must look like 10.0.0.0/8, fd00::/8 or 127.0.0.1, got 'proxy.example'"},
        {"10.0.0.0:80", "a network must look like 10.0.0.0/8, fd00::/8 or 127.0.0.1, got '10.0.0.0:80'"},
        {"fd00::/129", "a network must look like 10.0.0.0/8, fd00::/8 or 127.0.0.1, got 'fd00::/129'"},
        {"", "a network must look like 10.0.0.0/8, fd00::/8 or 127.0.0.1, got ''"},
        {"10.1.2.3/8", "'10.1.2.3/8' has bits set beyond its first 8; the network is 10.0.0.0/8"},
        {"fd00::1/64", "'fd00::1/64' has bits set beyond its first 64; the network is fd00::/64"},
    };
    rk_network out;
    rk_error err;
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        assert_int_equal(rk_network_parse(bad[i].text, &out, &err), RK_BAD_USAGE);
        assert_string_equal(err.message, bad[i].message);
    }
    rk_network four = network("0.0.0.0/0"), six = network("::/0"), mapped = network("::ffff:10.0.0.0/104");
    assert_true(rk_network_has(&four, address("1.2.3.4")) && !rk_network_has(&four, address("fd00::1")));
    assert_true(rk_network_has(&six, address("fd00::1")) && !rk_network_has(&six, address("1.2.3.4")));
    assert_true(rk_network_has(&mapped, address("10.1.2.3")) && !rk_network_has(&mapped, address("11.1.2.3")));
    assert_false(rk_network_has(&four, (rk_address){0}));
}

/* Bit by bit, the slow way, for every length and addresses that differ in one bit. */
static void a_network_has_what_begins_as_it_does(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (unsigned round = 0; round < 20000; round++) {
        unsigned n_bits = (unsigned)(test_random(&seed) % 129), flipped = (unsigned)(test_random(&seed) % 128);
        rk_address inside = {.is_known = true};
        for (size_t i = 0; i < sizeof inside.at.s6_addr; i++) {
            inside.at.s6_addr[i] = (unsigned char)test_random(&seed);
        }
        rk_network net = {inside.at, n_bits};
        for (unsigned bit = n_bits; bit < 128; bit++) {
            net.at.s6_addr[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
        }
        assert_true(rk_network_has(&net, inside));
        inside.at.s6_addr[flipped / 8] ^= (unsigned char)(0x80 >> flipped % 8);
        assert_int_equal(rk_network_has(&net, inside), flipped >= n_bits);
    }
}

/* The client of a peer, with lines of X-Forwarded-For between '|', where 10.0.0.0/8 and fd00::/8 are trusted. */
static const char *client(const char *peer, const char *header)
{
    static char words[RK_ADDRESS_BYTES];
    rk_network trusted[] = {network("10.0.0.0/8"), network("fd00::/8")};
    rk_forwarded said = {0};
    for (const char *at = header; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        rk_forwarded_note(&said, (rk_slice){at, strcspn(at, "|")});
    }
    rk_address_format(rk_client_of(trusted, RK_COUNT_OF(trusted), address(peer), &said), words);
    return words;
}

static void a_trusted_proxy_is_believed(void **state)
{
    (void)state;
    assert_string_equal(client("10.0.0.1", "203.0.113.5"), "203.0.113.5");
    assert_string_equal(client("::ffff:10.0.0.1", "203.0.113.5:4711"), "203.0.113.5");
    assert_string_equal(client("fd00::1", "2001:db8::5"), "2001:db8::5");
    assert_string_equal(client("10.0.0.1", "[2001:db8::5]:443, 10.0.0.2 ,\tfd00::3"), "2001:db8::5");
    assert_string_equal(client("10.0.0.1", "203.0.113.5, ::ffff:10.9.9.9"), "203.0.113.5");
    assert_string_equal(client("10.0.0.1", "203.0.113.5|10.0.0.2|10.0.0.3"), "203.0.113.5");
    assert_string_equal(client("10.0.0.1", "203.0.113.5,,"), "203.0.113.5");
    assert_string_equal(client("10.0.0.1", "10.0.0.9, 10.0.0.2"), "10.0.0.9"); /* one of us asks */
    assert_string_equal(client("10.0.0.1", ""), "10.0.0.1");
    assert_string_equal(client("10.0.0.1", " , ,"), "10.0.0.1");
}

static void a_client_that_makes_up_a_header_is_seen_through(void **state)
{
    (void)state;
    assert_string_equal(client("203.0.113.5", "198.51.100.1"), "203.0.113.5"); /* past the proxy */
    assert_string_equal(client("203.0.113.5", "10.0.0.1"), "203.0.113.5");
    /* Through the proxy, which adds what it saw: to the line, or in a line of its own. */
    assert_string_equal(client("10.0.0.1", "198.51.100.1, 203.0.113.5"), "203.0.113.5");
    assert_string_equal(client("10.0.0.1", "10.0.0.2, 203.0.113.5"), "203.0.113.5");
    assert_string_equal(client("10.0.0.1", "198.51.100.1|203.0.113.5"), "203.0.113.5");
    assert_string_equal(client("10.0.0.1", "garbage, 203.0.113.5"), "203.0.113.5");
    assert_string_equal(
        client("10.0.0.1", "1.1.1.1|2.2.2.2|3.3.3.3|4.4.4.4|5.5.5.5|6.6.6.6|7.7.7.7|8.8.8.8|203.0.113.5"),
        "203.0.113.5");
    /* What a proxy should not have said names nobody. */
    assert_string_equal(client("10.0.0.1", "203.0.113.5, unknown"), "10.0.0.1");
    assert_string_equal(client("10.0.0.1", "203.0.113.5|garbage"), "10.0.0.1");
    assert_string_equal(client("10.0.0.1", "203.0.113.5, garbage, 10.0.0.2"), "10.0.0.1");
}

/* From left to right: whoever is not trusted is the client until another one is found behind him. */
static void the_client_is_the_last_that_is_not_trusted(void **state)
{
    (void)state;
    static const char *const words[] = {"10.0.0.2", "203.0.113.5", "fd00::2", "2001:db8::5", "?", "", "198.51.100.1"};
    uint64_t seed = 11;
    for (unsigned round = 0; round < 20000; round++) {
        char header[200] = "";
        const char *expected = NULL, *first = NULL;
        size_t n = test_random(&seed) % 7;
        for (size_t i = 0; i < n; i++) {
            const char *word = words[test_random(&seed) % RK_COUNT_OF(words)];
            snprintf(header + strlen(header), sizeof header - strlen(header), "%s%s", word,
                     i + 1 == n               ? ""
                     : test_random(&seed) % 2 ? ", "
                                              : "|");
            if (!*word) {
                continue;
            }
            bool is_ours = strncmp(word, "10.", 3) == 0 || strncmp(word, "fd", 2) == 0;
            expected = *word == '?' ? "10.0.0.1" : !is_ours ? word : expected;
            first = first ? first : word;
        }
        expected = expected ? expected : first ? first : "10.0.0.1";
        if (strcmp(client("10.0.0.1", header), expected) != 0) {
            fail_msg("'%s' is of %s, not %s", header, expected, client("10.0.0.1", header));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_as_proxies_write_them),
        cmocka_unit_test(sockets_of_both_kinds_mean_one_address),
        cmocka_unit_test(networks_are_checked),
        cmocka_unit_test(a_network_has_what_begins_as_it_does),
        cmocka_unit_test(a_trusted_proxy_is_believed),
        cmocka_unit_test(a_client_that_makes_up_a_header_is_seen_through),
        cmocka_unit_test(the_client_is_the_last_that_is_not_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
