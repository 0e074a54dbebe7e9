/* Claims about keys.h and rate.h: files come back, tokens open what they should, buckets hold what they say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/keys.h"
#include "serve/rate.h"
#include "support/test.h"

static void write_file(char path[64], const char *words)
{
    strcpy(path, "/tmp/test_keys_XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, words, strlen(words)), strlen(words));
    close(fd);
}

static void a_token_opens_what_its_hash_was_made_of(void **state)
{
    (void)state;
    rk_keyring ring, back;
    rk_error err;
    char path[64], tokens[3][RK_TOKEN_BYTES];
    const rk_api_key wanted[] = {
        {.name = "front \"page\"", .role = RK_ACCESS_READ, .created_s = 1, .rate = 2.5, .burst = 7},
        {.name = "ops", .role = RK_ACCESS_ADMIN, .created_s = 2, .expires_s = 1000},
        {.name = "ops", .role = RK_ACCESS_WRITE, .created_s = 3}};
    rk_keyring_init(&ring);
    rk_keyring_init(&back);
    for (size_t i = 0; i < RK_COUNT_OF(wanted); i++) {
        assert_int_equal(rk_keyring_add(&ring, &wanted[i], tokens[i], &err), RK_OK);
    }
    write_file(path, "");
    assert_int_equal(rk_keyring_write(path, &ring, &err), RK_OK);
    assert_int_equal(rk_keyring_read(path, &back, &err), RK_OK);
    unlink(path);
    for (size_t i = 0; i < RK_COUNT_OF(wanted); i++) {
        const char *fault;
        const rk_api_key *key = rk_keyring_find(&back, rk_slice_of(tokens[i]), 999, &fault);
        assert_non_null(key);
        assert_string_equal(key->name, wanted[i].name);
        assert_int_equal(key->role, wanted[i].role);
        assert_int_equal(key->created_s, wanted[i].created_s);
        assert_true(key->rate == wanted[i].rate && key->burst == wanted[i].burst);
        assert_true(!key == !rk_keyring_find(&ring, rk_slice_of(tokens[i]), 999, &fault));
        for (size_t at = 0; tokens[i][at]; at++) { /* any digit changed: none */
            char other[RK_TOKEN_BYTES];
            strcpy(other, tokens[i]);
            other[at] = other[at] == '0' ? '1' : '0';
            assert_null(rk_keyring_find(&back, rk_slice_of(other), 999, &fault));
        }
    }
    const char *fault;
    assert_null(rk_keyring_find(&back, rk_slice_of(tokens[1]), 1000, &fault));
    assert_string_equal(fault, "the key has expired");
    assert_int_equal(rk_keyring_remove(&back, "ops", &err), RK_BAD_USAGE);
    char id[RK_KEY_ID_DIGITS + 1];
    snprintf(id, sizeof id, "%.*s", RK_KEY_ID_DIGITS, tokens[1] + 3);
    assert_int_equal(rk_keyring_remove(&back, id, &err), RK_OK);
    assert_int_equal(rk_keyring_remove(&back, "ops", &err), RK_OK);
    assert_int_equal(rk_keyring_remove(&back, "ops", &err), RK_NOT_FOUND);
    assert_null(rk_keyring_find(&back, rk_slice_of(tokens[2]), 999, &fault));
    assert_int_equal(back.keys.n, 1);
    rk_keyring_release(&ring);
    rk_keyring_release(&back);
}

#define SALT "00112233445566778899aabbccddeeff"
#define KEY(id, more)                                                                                                  \
    "- {id: \"" id "\", name: a, role: read, created: \"2026-01-01T00:00:00Z\", salt: \"" SALT                         \
    "\", hash: \"" SALT SALT "\"" more "}\n"

static void a_bad_file_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *words, *message;
    } cases[] = {
        {"reckon: keys/2\n", "a file of keys begins with 'reckon: keys/1', got 'keys/2'"},
        {"reckon: keys/1\nkeys:\n" KEY("0123456789abcdef", "") KEY("0123456789abcdef", ""),
         ":4:3: there is another key"},
        {"reckon: keys/1\nkeys:\n" KEY("0123456789abcdeF", ""), ":3:3: id must be 16 hexadecimal digits"},
        {"reckon: keys/1\nkeys:\n" KEY("0123456789abcdef", ", rate: 5"), "needs a burst of at least 1"},
        {"reckon: keys/1\nkeys:\n" KEY("0123456789abcdef", ", rate: 0.0001"), "must be 0 or at least 0.001"},
        {"reckon: keys/1\nkeys:\n" KEY("0123456789abcdef", ", expires: soon"), "must look like 2026-11-23T10:15:00Z"},
        {"reckon: keys/1\nkeys:\n" KEY("0123456789abcdef", ", rolle: read"), "rolle"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        char path[64];
        rk_keyring ring;
        rk_error err;
        write_file(path, cases[i].words);
        rk_keyring_init(&ring);
        assert_int_equal(rk_keyring_read(path, &ring, &err), RK_BAD_INPUT);
        if (!strstr(err.message, cases[i].message)) {
            fail_msg("%s: %s", cases[i].words, err.message);
        }
        assert_int_equal(ring.keys.n, 0);
        rk_keyring_release(&ring);
        unlink(path);
    }
}

/* The textbook's bucket: tokens that trickle in. */
typedef struct {
    double tokens, burst, per_s;
    int64_t at_ns;
} slow_bucket;

static bool slow_take(slow_bucket *b, int64_t now_ns)
{
    b->tokens += (double)(now_ns - b->at_ns) * 1e-9 * b->per_s;
    b->tokens = b->tokens < b->burst ? b->tokens : b->burst;
    b->at_ns = now_ns;
    if (b->tokens < 1 - 1e-6) {
        return false;
    }
    b->tokens -= 1;
    return true;
}

static void a_bucket_is_the_textbooks(void **state)
{
    (void)state;
    uint64_t seed = 1;
    rk_crowd crowd;
    assert_true(rk_crowd_init(&crowd, 7));
    for (unsigned round = 0; round < 50; round++) {
        double per_s = 1 << test_random(&seed) % 8, burst = 1 + test_random(&seed) % 9;
        rk_rate rate = rk_rate_of(per_s, burst);
        rk_bucket bucket = {0};
        slow_bucket slow = {.tokens = burst, .burst = burst, .per_s = per_s, .at_ns = 5};
        for (int64_t now_ns = 5, i = 0; i < 500; i++) {
            bool wanted = slow_take(&slow, now_ns);
            int64_t wait_ns = rk_bucket_take(&bucket, rate, now_ns);
            assert_int_equal(wait_ns == 0, wanted);
            assert_int_equal(rk_crowd_take(&crowd, &round, sizeof round, rate, now_ns) == 0, wanted);
            if (wait_ns > 0) { /* and the wait that was told is enough, and no more than that */
                assert_true(rk_bucket_take(&bucket, rate, now_ns + wait_ns - 1000) > 0);
                assert_true(wait_ns <= (int64_t)(1e9 / per_s));
            }
            now_ns += (int64_t)(test_random(&seed) % 1000) * (int64_t)(2e6 / per_s);
        }
    }
    rk_crowd_release(&crowd);
    assert_int_equal(rk_bucket_take(&(rk_bucket){0}, rk_rate_of(0, 5), 1), 0);
}

/* A flood of other addresses makes nobody's limit softer who keeps asking, and takes no memory. */
static void a_flood_does_not_free_who_was_stopped(void **state)
{
    (void)state;
    rk_crowd crowd;
    rk_rate rate = rk_rate_of(1, 10);
    assert_true(rk_crowd_init(&crowd, 7));
    uint32_t loud = 12345, n_taken = 0;
    for (uint32_t i = 0; i < 400000; i++) {
        uint32_t other = 1000000 + i;
        rk_crowd_take(&crowd, &other, sizeof other, rate, 1000);
        n_taken += i % 1000 == 0 && rk_crowd_take(&crowd, &loud, sizeof loud, rate, 1000) == 0;
    }
    assert_true(n_taken >= 10 && n_taken <= 20);
    rk_crowd_release(&crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_opens_what_its_hash_was_made_of),
        cmocka_unit_test(a_bad_file_is_refused_with_its_place),
        cmocka_unit_test(a_bucket_is_the_textbooks),
        cmocka_unit_test(a_flood_does_not_free_who_was_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
