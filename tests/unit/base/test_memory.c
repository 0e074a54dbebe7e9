/* Claims about arena.h and vec.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"
#include "support/faults.h"
#include "support/test.h"

static bool is_zero(const unsigned char *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (at[i]) {
            return false;
        }
    }
    return true;
}

static void rooms_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    static const size_t aligns[] = {1, 2, 8, 16, 64, 4096};
    rk_arena arena = {0};
    unsigned char *rooms[2000];
    size_t sizes[2000];
    uint64_t random = 1;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < RK_COUNT_OF(rooms); i++) {
            size_t align = aligns[test_random(&random) % RK_COUNT_OF(aligns)];
            sizes[i] = test_random(&random) % (i % 100 ? 300 : 300000);
            rooms[i] = rk_arena_take(&arena, sizes[i], 1, align);
            assert_non_null(rooms[i]);
            assert_int_equal((uintptr_t)rooms[i] % align, 0);
            assert_true(is_zero(rooms[i], sizes[i]));
            memset(rooms[i], (int)(i % 255 + 1), sizes[i]);
        }
        for (size_t i = 0; i < RK_COUNT_OF(rooms); i++) {
            for (size_t j = 0; j < sizes[i]; j++) {
                assert_int_equal(rooms[i][j], i % 255 + 1);
            }
        }
        rk_arena_clear(&arena);
        assert_int_equal(arena.taken_bytes, 0);
    }
    rk_arena_release(&arena);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    rk_arena arena = {0};
    assert_null(rk_arena_take(&arena, SIZE_MAX / 4, 8, 8));
    assert_null(rk_arena_take(&arena, SIZE_MAX, 1, 1));
    assert_null(rk_arena_copy(&arena, "", SIZE_MAX));
    assert_non_null(rk_arena_take(&arena, 0, 8, 8));
    rk_arena_release(&arena);
}

static void a_copy_ends_in_nul(void **state)
{
    (void)state;
    rk_arena arena = {0};
    assert_string_equal(rk_arena_copy(&arena, "abcdef", 3), "abc");
    assert_string_equal(rk_arena_copy(&arena, NULL, 0), "");
    rk_arena_release(&arena);
}

static void a_cleared_arena_serves_the_same_again_without_allocating(void **state)
{
    (void)state;
    rk_arena arena = {0};
    assert_non_null(RK_TAKE(&arena, double, 50000));
    rk_arena_clear(&arena);
    fault_arm(1);
    assert_non_null(RK_TAKE(&arena, double, 50000));
    assert_false(fault_disarm());
    rk_arena_release(&arena);
}

static bool fill_arena(void *context)
{
    (void)context;
    rk_arena arena = {0};
    bool is_fine = true;
    for (size_t i = 0; i < 100; i++) {
        is_fine &= RK_TAKE(&arena, char, i * 100) != NULL;
    }
    rk_arena_release(&arena);
    return is_fine;
}

static void pushes_keep_order_and_values(void **state)
{
    (void)state;
    rk_vec vec = {.item_bytes = sizeof(uint64_t)};
    for (uint64_t i = 0; i < 100000; i++) {
        assert_true(rk_vec_push(&vec, &i));
    }
    uint64_t *more = rk_vec_extend(&vec, NULL, 3);
    assert_int_equal(more[0] | more[1] | more[2], 0);
    assert_non_null(rk_vec_extend(&vec, (uint64_t[]){7, 8}, 2));
    assert_int_equal(vec.n, 100005);
    uint64_t *all = rk_vec_move(&vec);
    assert_int_equal(vec.n + vec.capacity, 0);
    assert_null(vec.data);
    for (uint64_t i = 0; i < 100000; i++) {
        assert_int_equal(all[i], i);
    }
    assert_int_equal(all[100004], 8);
    free(all);
    rk_vec_release(&vec);
}

static void an_empty_vec_gives_nothing_away(void **state)
{
    (void)state;
    rk_vec vec = {.item_bytes = 24};
    assert_non_null(rk_vec_extend(&vec, NULL, 0));
    assert_null(rk_vec_move(&vec));
    assert_null(rk_vec_extend(&vec, NULL, SIZE_MAX / 8));
    assert_false(rk_vec_reserve(&vec, SIZE_MAX / 24 + 1));
    assert_int_equal(vec.n, 0);
}

static bool fill_vec(void *context)
{
    (void)context;
    rk_vec vec = {.item_bytes = sizeof(size_t)};
    bool is_fine = true;
    for (size_t i = 0; i < 1000 && is_fine; i++) {
        size_t before = vec.n;
        is_fine = rk_vec_push(&vec, &i);
        assert_true(is_fine || vec.n == before);
        for (size_t j = 0; j < vec.n; j++) {
            assert_int_equal(((size_t *)vec.data)[j], j);
        }
    }
    free(rk_vec_move(&vec));
    return is_fine;
}

static void a_failed_allocation_changes_nothing(void **state)
{
    (void)state;
    assert_true(fault_each(fill_arena, NULL) >= 5);
    assert_true(fault_each(fill_vec, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms_are_zeroed_aligned_and_apart),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(a_copy_ends_in_nul),
        cmocka_unit_test(a_cleared_arena_serves_the_same_again_without_allocating),
        cmocka_unit_test(pushes_keep_order_and_values),
        cmocka_unit_test(an_empty_vec_gives_nothing_away),
        cmocka_unit_test(a_failed_allocation_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
