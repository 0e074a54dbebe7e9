/* test_sorted.c - quantiles of a sorted sample, by hand. */
#include "math/sorted.h"
#include "support/test.h"

static void a_quantile_lies_between_its_neighbours(void **state)
{
    (void)state;
    double values[] = {9, 1, 4, 16};
    rk_sort_reals(values, 4);
    assert_true(rk_sorted_quantile(values, 4, 0) == 1 && rk_sorted_quantile(values, 4, 1) == 16);
    assert_true(rk_sorted_quantile(values, 4, 0.5) == 6.5);
    assert_true(rk_sorted_quantile(values, 1, 0.3) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quantile_lies_between_its_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
