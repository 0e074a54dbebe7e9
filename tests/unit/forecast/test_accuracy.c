/* test_accuracy.c - the measures by hand. */
#include <math.h>
#include <stdbool.h>

#include "forecast/accuracy.h"
#include "support/test.h"

static bool is_near(double a, double b) { return fabs(a - b) < 1e-12; }

static void smape_counts_both_sizes_and_two_zeros_agree(void **state)
{
    (void)state;
    const double actual[] = {100, 0, 50}, foretold[] = {50, 0, -50};
    assert_true(is_near(rk_accuracy_smape(actual, foretold, 3), (200.0 * 50 / 150 + 0 + 200) / 3));
}

static void mase_is_the_error_in_units_of_the_seasonal_naive(void **state)
{
    (void)state;
    const double history[] = {1, 5, 2, 8}, actual[] = {4, 9}, foretold[] = {3, 12};
    double scale = rk_accuracy_scale(history, 4, 2);
    assert_true(is_near(scale, (1 + 3) / 2.0));
    assert_true(is_near(rk_accuracy_mase(actual, foretold, 2, scale), (1 + 3) / 2.0 / 2));
    assert_true(isnan(rk_accuracy_scale(history, 4, 4)));
}

static void coverage_includes_the_ends(void **state)
{
    (void)state;
    const double actual[] = {1, 2, 3, 4}, low[] = {1, 0, 4, 0}, high[] = {2, 2, 5, 3};
    assert_true(is_near(rk_accuracy_coverage(actual, low, high, 4), 0.5));
}

static void missing_values_are_left_out(void **state)
{
    (void)state;
    const double actual[] = {NAN, 10}, foretold[] = {7, 10}, history[] = {1, NAN, 4, 6};
    assert_true(is_near(rk_accuracy_smape(actual, foretold, 2), 0));
    assert_true(is_near(rk_accuracy_mase(actual, foretold, 2, 1), 0));
    assert_true(is_near(rk_accuracy_scale(history, 4, 1), 2));
    assert_true(isnan(rk_accuracy_smape(actual, foretold, 1)) &&
                isnan(rk_accuracy_coverage(actual, actual, actual, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smape_counts_both_sizes_and_two_zeros_agree),
        cmocka_unit_test(mase_is_the_error_in_units_of_the_seasonal_naive),
        cmocka_unit_test(coverage_includes_the_ends),
        cmocka_unit_test(missing_values_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
