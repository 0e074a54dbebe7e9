/* Claims about map.h. */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "support/faults.h"
#include "support/test.h"

static rk_slice random_key(uint64_t *random, char *room)
{
    size_t n = test_random(random) % 13;
    for (size_t i = 0; i < n; i++) {
        room[i] = "ab\0"[test_random(random) % 3];
    }
    return (rk_slice){room, n};
}

static void ids_follow_first_sight(void **state)
{
    (void)state;
    enum { KEYS = 1500 };
    static char known[KEYS][16];
    static size_t known_n[KEYS];
    rk_interner *in = rk_interner_new();
    uint64_t random = 3;
    uint32_t n = 0;
    char room[16];
    for (int round = 0; round < 30000; round++) {
        rk_slice key = random_key(&random, room);
        uint32_t want = 0;
        while (want < n && !rk_slice_equal(key, (rk_slice){known[want], known_n[want]})) {
            want++;
        }
        assert_int_equal(rk_interner_find(in, key), want < n ? want : RK_NO_ID);
        if (want == n && n < KEYS) {
            memcpy(known[n], key.at, key.n);
            known_n[n++] = key.n;
        } else if (want == n) {
            continue;
        }
        assert_int_equal(rk_interner_add(in, key), want);
        assert_int_equal(rk_interner_count(in), n);
    }
    for (uint32_t id = 0; id < n; id++) {
        assert_true(rk_slice_equal(rk_interner_key(in, id), (rk_slice){known[id], known_n[id]}));
    }
    rk_interner_free(in);
}

static void keys_of_equal_words_and_other_lengths_differ(void **state)
{
    (void)state;
    rk_interner *in = rk_interner_new();
    char text[301] = {0};
    for (uint32_t n = 0; n <= 300; n++) {
        assert_int_equal(rk_interner_add(in, (rk_slice){text, n}), n); /* all bytes 0 */
    }
    memset(text, 'a', sizeof text);
    for (uint32_t n = 1; n <= 300; n++) {
        assert_int_equal(rk_interner_add(in, (rk_slice){text, n}), 300 + n);
    }
    for (uint32_t n = 1; n <= 300; n++) {
        assert_int_equal(rk_interner_find(in, (rk_slice){text, n}), 300 + n);
    }
    rk_interner_free(in);
}

static void keys_stay_packed_in_order(void **state)
{
    (void)state;
    rk_interner *in = rk_interner_new();
    char text[32];
    for (uint32_t i = 0; i < 200000; i++) {
        int n = snprintf(text, sizeof text, i % 3 ? "%u" : "customer-%u", i);
        assert_int_equal(rk_interner_add(in, (rk_slice){text, (size_t)n}), i);
    }
    for (uint32_t i = 0; i + 1 < 200000; i++) {
        rk_slice key = rk_interner_key(in, i);
        assert_ptr_equal(key.at + key.n, rk_interner_key(in, i + 1).at);
        int n = snprintf(text, sizeof text, i % 3 ? "%u" : "customer-%u", i);
        assert_int_equal(rk_interner_find(in, (rk_slice){text, (size_t)n}), i);
    }
    rk_interner_free(in);
    rk_interner_free(NULL);
}

static bool intern_many(void *context)
{
    (void)context;
    rk_interner *in = rk_interner_new();
    if (!in) {
        return false;
    }
    bool is_fine = true;
    char text[32];
    for (uint32_t i = 0; i < 500; i++) {
        int n = snprintf(text, sizeof text, "a-longer-key-%u", i);
        uint32_t before = rk_interner_count(in), id = rk_interner_add(in, (rk_slice){text, (size_t)n});
        if (id == RK_NO_ID) {
            is_fine = false;
            assert_int_equal(rk_interner_count(in), before);
            assert_int_equal(rk_interner_find(in, (rk_slice){text, (size_t)n}), RK_NO_ID);
            id = rk_interner_add(in, (rk_slice){text, (size_t)n}); /* memory is back: goes on as if nothing had been */
        }
        assert_int_equal(id, i);
    }
    rk_interner_free(in);
    return is_fine;
}

static void the_map_agrees_with_a_plain_array(void **state)
{
    (void)state;
    enum { KEYS = 4096 };
    static uint32_t want[KEYS];
    static bool is_known[KEYS];
    rk_intmap *map = rk_intmap_new(0);
    uint64_t random = 11;
    size_t n = 0;
    for (int i = 0; i < 50000; i++) {
        uint32_t at = test_random(&random) % KEYS;
        uint64_t key = at * UINT64_C(0x100000000) + (at % 2 ? UINT64_MAX - at : 0);
        const uint32_t *found = rk_intmap_find(map, key);
        assert_true(is_known[at] ? found && *found == want[at] : !found);
        if (test_random(&random) % 2) {
            bool is_new;
            uint32_t *value = rk_intmap_put(map, key, &is_new);
            assert_int_equal(is_new, !is_known[at]);
            assert_int_equal(*value, want[at]);
            n += is_new;
            is_known[at] = true;
            want[at] = *value = (uint32_t)i;
            assert_ptr_equal(rk_intmap_put(map, key, NULL), value);
        }
        assert_int_equal(rk_intmap_count(map), n);
    }
    rk_intmap_free(map);
    rk_intmap_free(NULL);
}

static void an_expected_size_is_never_outgrown(void **state)
{
    (void)state;
    for (size_t n = 0; n < 3000; n += 37) {
        rk_intmap *map = rk_intmap_new(n);
        fault_arm(1);
        for (size_t i = 0; i < n; i++) {
            assert_non_null(rk_intmap_put(map, i, NULL));
        }
        assert_false(fault_disarm());
        rk_intmap_free(map);
    }
}

static bool map_many(void *context)
{
    (void)context;
    rk_intmap *map = rk_intmap_new(0);
    bool is_fine = map != NULL;
    for (uint64_t i = 0; map && i < 500; i++) {
        uint32_t *value = rk_intmap_put(map, i, NULL);
        is_fine &= value != NULL;
        assert_int_equal(rk_intmap_find(map, i) != NULL, value != NULL);
    }
    rk_intmap_free(map);
    return is_fine;
}

static void a_failed_allocation_changes_nothing(void **state)
{
    (void)state;
    assert_true(fault_each(intern_many, NULL) >= 8);
    assert_true(fault_each(map_many, NULL) >= 4);
}

static void the_hash_is_xxh3(void **state)
{
    (void)state;
    assert_true(rk_hash(RK_SLICE(""), 0) == UINT64_C(0x2d06800538d394c2)); /* from the xxHash specification */
    assert_true(rk_hash(RK_SLICE("abc"), 0) != rk_hash(RK_SLICE("abc"), 1));
}

/* Against a plain table of who is there: adding, finding and forgetting in any order, with short and long keys. */
static void a_forgotten_key_is_absent_and_all_others_stay(void **state)
{
    (void)state;
    enum { KEYS = 500, STEPS = 20000 };
    uint64_t seed = 9;
    uint32_t ids[KEYS];
    rk_interner *in = rk_interner_new();
    assert_non_null(in);
    memset(ids, 0xff, sizeof ids);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t k = test_random(&seed) % KEYS;
        char key[40];
        rk_slice name = {key, (size_t)snprintf(key, sizeof key, k % 2 ? "%u" : "a longer key with number %u", k)};
        assert_int_equal(rk_interner_find(in, name), ids[k]);
        if (ids[k] != RK_NO_ID && test_random(&seed) % 3 == 0) {
            rk_interner_forget(in, ids[k]);
            rk_interner_forget(in, ids[k]); /* twice does nothing more */
            rk_slice left = rk_interner_key(in, ids[k]);
            for (size_t i = 0; i < left.n; i++) {
                assert_int_equal(left.at[i], 0);
            }
            ids[k] = RK_NO_ID;
        } else if (ids[k] == RK_NO_ID) {
            uint32_t n = rk_interner_count(in);
            ids[k] = rk_interner_add(in, name);
            assert_int_equal(ids[k], n);
        }
    }
    rk_interner_free(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forgotten_key_is_absent_and_all_others_stay),
        cmocka_unit_test(ids_follow_first_sight),
        cmocka_unit_test(keys_of_equal_words_and_other_lengths_differ),
        cmocka_unit_test(keys_stay_packed_in_order),
        cmocka_unit_test(the_map_agrees_with_a_plain_array),
        cmocka_unit_test(an_expected_size_is_never_outgrown),
        cmocka_unit_test(a_failed_allocation_changes_nothing),
        cmocka_unit_test(the_hash_is_xxh3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
