/* test_bootstrap.c - intervals have the width that theory says, weights are respected, threads do not matter. */
#include <math.h>
#include <string.h>

#include "eval/bootstrap.h"
#include "math/random.h"
#include "support/test.h"

enum { ROWS = 2000, COLS = 3 };

/* Column 0: the weight 1; column 1: 1 with chance 0.3; column 2: weights of a ratio, 1 .. 4. */
static void fill(double *value)
{
    rk_random random = rk_random_of(5, 0);
    for (size_t r = 0; r < ROWS; r++) {
        value[r * COLS] = 1;
        value[r * COLS + 1] = rk_random_uniform(&random) < 0.3 ? 1 : 0;
        value[r * COLS + 2] = 1 + rk_random_below(&random, 4);
    }
}

static void the_interval_is_as_wide_as_theory_says(void **state)
{
    (void)state;
    static double value[ROWS * COLS];
    const size_t over[COLS] = {0, 0, 0};
    double mean[COLS];
    rk_interval interval[COLS];
    rk_error err;
    fill(value);
    rk_sample sample = {value, ROWS, COLS, over};
    rk_sample_mean(&sample, mean);
    assert_int_equal(rk_sample_interval(&sample, 1000, &(rk_run){.seed = 1}, interval, &err), RK_OK);
    assert_true(mean[0] == 1 && interval[0].low == 1 && interval[0].high == 1);
    double deviation = sqrt(mean[1] * (1 - mean[1]) / ROWS); /* of a mean of ROWS coin throws */
    /* The 2.5 % point of 1,000 resamples has a standard error of about 0.085 deviations; 0.35 is four of them. */
    assert_true(fabs(interval[1].low - (mean[1] - 1.96 * deviation)) < 0.35 * deviation);
    assert_true(fabs(interval[1].high - (mean[1] + 1.96 * deviation)) < 0.35 * deviation);
}

static void a_column_is_divided_by_its_weight(void **state)
{
    (void)state;
    const double value[] = {1, 3, 2, 1, 5, 0};
    const size_t over[] = {0, 2, 2};
    double mean[3];
    rk_sample_mean(&(rk_sample){value, 2, 3, over}, mean);
    assert_true(mean[0] == 1 && mean[1] == 4 && mean[2] == 1);
    const double weightless[] = {1, 3, 0};
    rk_interval interval[3];
    rk_error err;
    rk_sample sample = {weightless, 1, 3, over};
    rk_sample_mean(&sample, mean);
    assert_true(isnan(mean[1]));
    assert_int_equal(rk_sample_interval(&sample, 10, &(rk_run){.seed = 1}, interval, &err), RK_OK);
    assert_true(isnan(interval[1].low) && isnan(interval[1].high));
}

static void threads_do_not_matter_and_the_seed_does(void **state)
{
    (void)state;
    static double value[ROWS * COLS];
    const size_t over[COLS] = {0, 0, 0};
    rk_interval one[COLS], four[COLS], other[COLS];
    rk_error err;
    fill(value);
    rk_sample sample = {value, ROWS, COLS, over};
    rk_pool *pool = rk_pool_new(4);
    assert_int_equal(rk_sample_interval(&sample, 100, &(rk_run){.seed = 1}, one, &err), RK_OK);
    assert_int_equal(rk_sample_interval(&sample, 100, &(rk_run){.seed = 1, .pool = pool}, four, &err), RK_OK);
    assert_int_equal(rk_sample_interval(&sample, 100, &(rk_run){.seed = 2}, other, &err), RK_OK);
    assert_memory_equal(one, four, sizeof one);
    assert_memory_not_equal(one, other, sizeof one);
    rk_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_is_as_wide_as_theory_says),
        cmocka_unit_test(a_column_is_divided_by_its_weight),
        cmocka_unit_test(threads_do_not_matter_and_the_seed_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
