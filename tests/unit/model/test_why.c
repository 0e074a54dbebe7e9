/* test_why.c - ranks against a count of all scores, shares against the neighbours' weights that they are made of. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/why.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { ITEMS = 40, USERS = 6 };

static float near[ITEMS * ITEMS];
static bool seen[USERS * ITEMS];

static double score_of(uint32_t user, uint32_t item)
{
    float sum = 0;
    for (uint32_t h = 0; h < ITEMS; h++) {
        sum += seen[user * ITEMS + h] ? near[h * ITEMS + item] : 0;
    }
    return (double)sum;
}

static uint64_t rank_of(uint32_t user, uint32_t item)
{
    uint64_t rank = 1;
    for (uint32_t i = 0; i < ITEMS; i++) {
        double other = score_of(user, i), mine = score_of(user, item);
        rank += i != item && !seen[user * ITEMS + i] && (other > mine || (other == mine && i < item));
    }
    return rank;
}

static rk_model *make_model(void)
{
    uint64_t state = 3;
    rk_model *model = NULL;
    rk_error err;
    for (size_t i = 0; i < ITEMS * ITEMS; i++) {
        near[i] = i % (ITEMS + 1) && test_random(&state) % 3 == 0 ? (float)(1 + test_random(&state) % 4) / 4 : 0;
    }
    for (size_t i = 0; i < USERS * ITEMS; i++) {
        seen[i] = test_random(&state) % 5 == 0;
    }
    char path[] = "/tmp/reckon-why-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    small_model_write(&(small_model){.n_users = USERS, .n_items = ITEMS, .near = near, .seen = seen}, path);
    assert_int_equal(rk_model_load(path, &model, &err), RK_OK);
    unlink(path);
    return model;
}

static void rank_and_shares_are_those_of_the_sums(void **state)
{
    (void)state;
    rk_arena arena = {0};
    rk_model *model = make_model();
    for (uint32_t user = 0; user < USERS; user++) {
        rk_history history = rk_model_seen(model, user);
        for (uint32_t item = 0; item < ITEMS; item++) {
            rk_why why;
            rk_error err;
            assert_int_equal(rk_model_why(model, user, history, false, item, 3, &arena, &why, &err), RK_OK);
            assert_true(why.score == score_of(user, item) && why.rank == rank_of(user, item));
            assert_true(why.is_taken == seen[user * ITEMS + item]);
            assert_int_equal(why.total, ITEMS - history.n + why.is_taken);
            assert_true(fabs(why.shares - why.score) < 1e-6); /* quarters, whose sums are exact */
            for (size_t i = 0; i < why.n; i++) {
                assert_true(seen[user * ITEMS + why.item[i]] && why.share[i] == near[why.item[i] * ITEMS + item]);
                assert_true(i == 0 || why.share[i] <= why.share[i - 1]);
            }
            rk_arena_clear(&arena);
        }
    }
    rk_model_close(model);
    rk_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rank_and_shares_are_those_of_the_sums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
