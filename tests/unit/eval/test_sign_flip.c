/* test_sign_flip.c - p-values: by hand, against flipping the slow way, against theory; Holm's correction. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/sign_flip.h"
#include "math/random.h"
#include "support/test.h"

static size_t flip(const double *difference, size_t n_rows, size_t n_cols, double *p)
{
    rk_error err;
    size_t n_flips = 0;
    rk_run run = {.seed = 1};
    assert_int_equal(rk_sign_flip(difference, n_rows, n_cols, &run, p, &n_flips, &err), RK_OK);
    return n_flips;
}

/* 3 + 2 + 1 = 6; of the eight signs +++ and --- reach 6: 2/8. 3 - 2 + 1 = 2: all but +-- (0) and -++ (0) reach 2. */
static void few_users_are_flipped_in_every_way(void **state)
{
    (void)state;
    const double difference[] = {3, 3, 0, 2, -2, 0, 1, 1, 0};
    double p[3];
    assert_int_equal(flip(difference, 3, 3, p), 8);
    assert_true(p[0] == 2.0 / 8);
    assert_true(p[1] == 6.0 / 8);
    assert_true(p[2] == 1);
}

static void users_who_differ_in_nothing_are_left_out(void **state)
{
    (void)state;
    double difference[1000] = {0}, p;
    difference[3] = 1;
    difference[900] = 1;
    assert_int_equal(flip(difference, 1000, 1, &p), 4);
    assert_true(p == 0.5);
    memset(difference, 0, sizeof difference);
    assert_int_equal(flip(difference, 1000, 1, &p), 1);
    assert_true(p == 1);
    assert_int_equal(flip(difference, 0, 1, &p), 1);
    assert_true(p == 1);
}

/* Whole numbers: sums are exact, and ties are many. */
static void all_flips_of_some_users_are_counted(void **state)
{
    (void)state;
    enum { ROWS = 15, COLS = 5 };
    double difference[ROWS * COLS], p[COLS];
    rk_random random = rk_random_of(3, 0);
    for (size_t i = 0; i < ROWS * COLS; i++) {
        difference[i] = (double)rk_random_below(&random, 9) - 3;
    }
    assert_int_equal(flip(difference, ROWS, COLS, p), 1 << ROWS);
    for (size_t c = 0; c < COLS; c++) {
        double own = 0;
        unsigned n = 0;
        for (size_t r = 0; r < ROWS; r++) {
            own += difference[r * COLS + c];
        }
        for (unsigned signs = 0; signs < 1u << ROWS; signs++) {
            double sum = 0;
            for (size_t r = 0; r < ROWS; r++) {
                sum += signs >> r & 1 ? -difference[r * COLS + c] : difference[r * COLS + c];
            }
            n += fabs(sum) >= fabs(own);
        }
        assert_true(p[c] == (double)n / (1 << ROWS));
    }
}

/* Of many users the flipped sums are nearly normal with the variance sum of squares. */
static void many_users_agree_with_theory(void **state)
{
    (void)state;
    enum { ROWS = 5000, COLS = 4 };
    double *difference = malloc(ROWS * COLS * sizeof *difference), p[COLS];
    rk_random random = rk_random_of(4, 0);
    for (size_t i = 0; i < ROWS * COLS; i++) {
        difference[i] = rk_random_normal(&random) + 0.01 * (double)(i % COLS);
    }
    assert_int_equal(flip(difference, ROWS, COLS, p), RK_FLIPS);
    for (size_t c = 0; c < COLS; c++) {
        double sum = 0, squares = 0;
        for (size_t r = 0; r < ROWS; r++) {
            sum += difference[r * COLS + c];
            squares += difference[r * COLS + c] * difference[r * COLS + c];
        }
        double expected = erfc(fabs(sum) / sqrt(2 * squares));
        double deviation = sqrt(expected * (1 - expected) / RK_FLIPS) + 1.0 / RK_FLIPS;
        assert_true(fabs(p[c] - expected) < 4 * deviation);
    }
    free(difference);
}

/* If nothing differs, p is as often below 0.05 as 5 % of the time. */
static void no_difference_is_found_where_there_is_none(void **state)
{
    (void)state;
    enum { ROWS = 60, COLS = 200 };
    double difference[ROWS * COLS], p[COLS];
    unsigned n = 0;
    rk_random random = rk_random_of(5, 0);
    for (size_t i = 0; i < ROWS * COLS; i++) {
        difference[i] = rk_random_normal(&random);
    }
    (void)flip(difference, ROWS, COLS, p);
    for (size_t c = 0; c < COLS; c++) {
        n += p[c] < 0.05;
    }
    assert_in_range(n, 1, 22); /* 10 expected, with a deviation of 3.1: four of them up, three down */
}

static void threads_do_not_matter_and_the_seed_does(void **state)
{
    (void)state;
    enum { ROWS = 777, COLS = 3 };
    double difference[ROWS * COLS], one[COLS], other[COLS];
    rk_random random = rk_random_of(6, 0);
    for (size_t i = 0; i < ROWS * COLS; i++) {
        difference[i] = rk_random_normal(&random);
    }
    (void)flip(difference, ROWS, COLS, one);
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        rk_error err;
        size_t n_flips;
        rk_pool *pool = rk_pool_new(threads);
        rk_run run = {.seed = 1, .pool = pool};
        assert_int_equal(rk_sign_flip(difference, ROWS, COLS, &run, other, &n_flips, &err), RK_OK);
        assert_memory_equal(one, other, sizeof one);
        run.seed = 2;
        assert_int_equal(rk_sign_flip(difference, ROWS, COLS, &run, other, &n_flips, &err), RK_OK);
        assert_memory_not_equal(one, other, sizeof one);
        rk_pool_free(pool);
    }
}

/* Holm's own order of business: 4 x .01, 3 x .02, 2 x .03, 1 x .04 - and none below one before it. */
static void p_values_are_corrected_step_by_step(void **state)
{
    (void)state;
    const double p[] = {0.04, 0.01, 0.03, 0.02, 0.9};
    double adjusted[5];
    rk_error err;
    assert_int_equal(rk_holm(p, 5, adjusted, &err), RK_OK);
    const double expected[] = {0.09, 0.05, 0.09, 0.08, 0.9};
    for (size_t i = 0; i < 5; i++) {
        assert_true(fabs(adjusted[i] - expected[i]) < 1e-15);
    }
    assert_int_equal(rk_holm((double[]){0.7, 0.8}, 2, adjusted, &err), RK_OK);
    assert_true(adjusted[0] == 1 && adjusted[1] == 1);
    assert_int_equal(rk_holm(NULL, 0, adjusted, &err), RK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_users_are_flipped_in_every_way),
        cmocka_unit_test(users_who_differ_in_nothing_are_left_out),
        cmocka_unit_test(all_flips_of_some_users_are_counted),
        cmocka_unit_test(many_users_agree_with_theory),
        cmocka_unit_test(no_difference_is_found_where_there_is_none),
        cmocka_unit_test(threads_do_not_matter_and_the_seed_does),
        cmocka_unit_test(p_values_are_corrected_step_by_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
