/* The scaling law: what it was drawn from comes back, bounds hold, errors mean what they say. */
#include <math.h>
#include <string.h>

#include "measure/usl.h"
#include "support/test.h"

static double law(double lambda, double sigma, double kappa, double n)
{
    return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

static void exact_points_give_their_parameters_back(void **state)
{
    (void)state;
    /* By hand: 1,000 a core, sigma 0.05, kappa 0.001. X(2) = 2,000 / (1 + 0.05 + 0.002) = 1,901.14;
     * X(8) = 8,000 / (1 + 0.35 + 0.056) = 5,689.9 */
    rk_usl_point points[] = {{1, 1000}, {2, 2000 / 1.052}, {4, 4000 / 1.162}, {8, 8000 / 1.406}, {16, 16000 / 1.99}};
    rk_usl usl;
    rk_error err;
    assert_int_equal(rk_usl_fit(points, 5, &usl, &err), RK_OK);
    assert_true(usl.has_kappa);
    assert_float_equal(usl.lambda, 1000, 1e-6);
    assert_float_equal(usl.sigma, 0.05, 1e-10);
    assert_float_equal(usl.kappa, 0.001, 1e-11);
    assert_true(usl.misfit < 1e-10 && usl.left_out_error < 1e-9);
    assert_float_equal(rk_usl_peak(&usl), sqrt(950), 1e-5); /* sqrt(0.95 / 0.001) = 30.8 */
    assert_float_equal(rk_usl_at(&usl, 32), law(1000, 0.05, 0.001, 32), 1e-5);
}

static void better_than_linear_is_called_linear(void **state)
{
    (void)state;
    /* 1 core 100, 2 cores 210, 4 cores 440: sigma would be negative. Linear: sum of w = 100, 105, 110; a = sum w / sum
     * w^2 = 315 / 33,125, lambda = 105.159 */
    rk_usl_point points[] = {{1, 100}, {2, 210}, {4, 440}};
    rk_usl usl;
    rk_error err;
    assert_int_equal(rk_usl_fit(points, 3, &usl, &err), RK_OK);
    assert_true(usl.sigma == 0 && usl.kappa == 0 && usl.sigma_error == 0);
    assert_float_equal(usl.lambda, 33125.0 / 315, 1e-9);
}

static void two_numbers_of_cores_fit_sigma_alone(void **state)
{
    (void)state;
    /* 100 and 160 = 200 / (1 + sigma): sigma = 0.25, nothing left to judge it by */
    rk_usl_point points[] = {{1, 100}, {2, 160}};
    rk_usl usl;
    rk_error err;
    assert_int_equal(rk_usl_fit(points, 2, &usl, &err), RK_OK);
    assert_false(usl.has_kappa);
    assert_float_equal(usl.sigma, 0.25, 1e-12);
    assert_true(usl.kappa == 0 && isnan(usl.sigma_error) && isnan(usl.left_out_error));
    assert_true(rk_usl_peak(&usl) == HUGE_VAL);
}

static void one_number_of_cores_fits_nothing(void **state)
{
    (void)state;
    rk_usl_point points[] = {{2, 100}, {2, 160}}, bad[] = {{1, 100}, {2, -1}};
    rk_usl usl;
    rk_error err;
    assert_int_equal(rk_usl_fit(points, 2, &usl, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "two numbers of cores"));
    assert_int_equal(rk_usl_fit(points, 0, &usl, &err), RK_BAD_INPUT);
    assert_int_equal(rk_usl_fit(bad, 2, &usl, &err), RK_BAD_INPUT);
}

/* A uniform number within a relative 2 %. */
static double noisy(double value, uint64_t *random)
{
    return value * (1 + 0.04 * ((double)test_random(random) / 2147483648.0 - 0.5));
}

static double loss(const rk_usl_point *points, size_t n, double lambda, double sigma, double kappa)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double residual = points[i].rps / law(lambda, sigma, kappa, points[i].cores) - 1;
        sum += residual * residual;
    }
    return sum;
}

static void no_neighbour_of_the_fit_is_better(void **state)
{
    (void)state;
    uint64_t random = 7;
    for (int round = 0; round < 300; round++) {
        rk_usl_point points[6];
        rk_usl usl;
        rk_error err;
        double sigma = 0.02 * (test_random(&random) % 6), kappa = 0.0005 * (test_random(&random) % 4);
        size_t n = 3 + test_random(&random) % 4;
        for (size_t i = 0; i < n; i++) {
            points[i].cores = 1 << i;
            points[i].rps = noisy(law(500, sigma, kappa, points[i].cores), &random);
        }
        assert_int_equal(rk_usl_fit(points, n, &usl, &err), RK_OK);
        assert_true(usl.sigma >= 0 && usl.kappa >= 0);
        double least = loss(points, n, usl.lambda, usl.sigma, usl.kappa);
        assert_float_equal(sqrt(least / (double)n), usl.misfit, 1e-9);
        for (int k = 0; k < 27; k++) {
            double l = usl.lambda * (1 + 0.003 * (k % 3 - 1)), s = usl.sigma + 0.002 * (k / 3 % 3 - 1),
                   c = usl.kappa + 0.0001 * (k / 9 - 1);
            assert_true(s < 0 || c < 0 || loss(points, n, l, s, c) >= least - 1e-12);
        }
    }
}

static void the_truth_lies_within_a_few_standard_errors(void **state)
{
    (void)state;
    uint64_t random = 3;
    int n_within = 0;
    enum { ROUNDS = 400 };
    for (int round = 0; round < ROUNDS; round++) {
        rk_usl_point points[12];
        rk_usl usl;
        rk_error err;
        for (size_t i = 0; i < 12; i++) {
            points[i].cores = (double)(1 + i);
            points[i].rps = noisy(law(500, 0.08, 0.004, points[i].cores), &random);
        }
        assert_int_equal(rk_usl_fit(points, 12, &usl, &err), RK_OK);
        n_within += fabs(usl.kappa - 0.004) < 2 * usl.kappa_error && fabs(usl.sigma - 0.08) < 2 * usl.sigma_error;
    }
    /* two standard errors hold 93 to 95 % of the truth each, with 9 degrees of freedom; the two go together */
    assert_in_range(n_within, ROUNDS * 85 / 100, ROUNDS * 98 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_points_give_their_parameters_back),
        cmocka_unit_test(better_than_linear_is_called_linear),
        cmocka_unit_test(two_numbers_of_cores_fit_sigma_alone),
        cmocka_unit_test(one_number_of_cores_fits_nothing),
        cmocka_unit_test(no_neighbour_of_the_fit_is_better),
        cmocka_unit_test(the_truth_lies_within_a_few_standard_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
