/* test_normal.c - the inverse normal against 40-digit arithmetic. */
#include "support/test.h"

#include <float.h>
#include <math.h>

#include "math/normal.h"

static void quantiles_are_right_to_the_last_digits(void **state)
{
    (void)state;
    /* mpmath 1.3.0 at 40 digits: the root of ncdf(z) = u, u being the double; across all three formulas. */
    static const double expected[][2] = {
        {1e-300, -37.047096299361199237}, {1e-20, -9.2623400897984075796},    {2.5e-10, -6.2191045740434999508},
        {0.001, -3.09023230616781354},    {0.0749, -1.44023826752796366},     {0.0751, -1.43882539275253998},
        {0.3, -0.524400512708040816},     {0.4999, -0.000250662830088007492}, {0.75, 0.674489750196081743},
        {0.925, 1.43953147093845623},     {0.926, 1.44663206715897881},       {0.99, 2.32634787404084077},
        {0.999999, 4.75342430881708777},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double z = rk_normal_quantile(expected[i][0]);
        assert_true(fabs(z - expected[i][1]) <= 1e-15 * fabs(expected[i][1]));
    }
    assert_true(rk_normal_quantile(0.5) == 0);
}

static void quantiles_rise_and_are_symmetric(void **state)
{
    (void)state;
    double before = rk_normal_quantile(0x1p-33);
    for (int i = 1; i < 1 << 16; i++) {
        double u = (double)i / (1 << 16), z = rk_normal_quantile(u);
        assert_true(z > before);
        assert_true(rk_normal_quantile(1 - u) == -z);
        before = z;
    }
}

static void in_bulk_every_bit_is_that_of_one(void **state)
{
    (void)state;
    enum { N = 1000 };
    static double u[N], z[N];
    uint64_t random = 1;
    for (size_t n = 0; n < N; n += 37) {
        for (size_t i = 0; i < n; i++) {
            u[i] = (test_random(&random) + 0.5) * 0x1p-31;
        }
        rk_normal_fill(u, n, z);
        for (size_t i = 0; i < n; i++) {
            assert_true(z[i] == rk_normal_quantile(u[i]));
        }
        rk_normal_fill(u, n, u); /* in place */
        assert_memory_equal(u, z, n * sizeof *u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_right_to_the_last_digits),
        cmocka_unit_test(quantiles_rise_and_are_symmetric),
        cmocka_unit_test(in_bulk_every_bit_is_that_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
