/* test_sensitivity.c - indices of functions whose variance is known by hand. */
#include "support/test.h"

#include <math.h>

#include "math/sensitivity.h"
#include "math/sobol.h"

enum { INPUTS = 3, N = 1 << 14 };

typedef double model(const double x[INPUTS]);

/* Ishigami and Homma (1990) with a = 7, b = 0.1 on (-pi, pi). */
static double ishigami(const double x[INPUTS])
{
    const double pi = 3.141592653589793;
    double y[INPUTS];
    for (size_t i = 0; i < INPUTS; i++) {
        y[i] = pi * (2 * x[i] - 1);
    }
    return sin(y[0]) + 7 * sin(y[1]) * sin(y[1]) + 0.1 * y[2] * y[2] * y[2] * y[2] * sin(y[0]);
}

/* Variances 1, 4, 9 twelfths, far from 0. */
static double linear(const double x[INPUTS]) { return 1e6 + x[0] + 2 * x[1] - 3 * x[2]; }

static double constant(const double x[INPUTS])
{
    (void)x;
    return 5;
}

/* indices[i] of every input; rows are points 0 .. n - 1 of dimensions 0 .. 2 and 3 .. 5. */
static void study(model *f, rk_points points, uint64_t seed, size_t n, rk_sensitivity indices[INPUTS])
{
    static double x[2 * INPUTS][N], a[N], b[N], ab[N];
    rk_sobol *sobol = rk_sobol_new(&(rk_sobol_options){.n_dims = (size_t)2 * INPUTS, .points = points, .seed = seed});
    assert_non_null(sobol);
    for (size_t dim = 0; dim < (size_t)2 * INPUTS; dim++) {
        rk_sobol_fill(sobol, dim, 0, n, x[dim]);
    }
    rk_sobol_free(sobol);
    for (size_t input = 0; input < INPUTS; input++) {
        for (size_t i = 0; i < n; i++) {
            double row_a[INPUTS] = {x[0][i], x[1][i], x[2][i]}, row_b[INPUTS] = {x[3][i], x[4][i], x[5][i]};
            a[i] = f(row_a);
            b[i] = f(row_b);
            row_a[input] = row_b[input];
            ab[i] = f(row_a);
        }
        indices[input] = rk_sensitivity_of(a, b, ab, n, 0.95);
    }
}

static void assert_holds(rk_estimate estimate, double truth, double tolerance)
{
    if (!(estimate.low <= truth && truth <= estimate.high && fabs(estimate.value - truth) <= tolerance)) {
        fail_msg("%g in %g .. %g, not %g", estimate.value, estimate.low, estimate.high, truth);
    }
}

/* Variance a^2 / 8 + b pi^4 / 5 + b^2 pi^8 / 18 + 1 / 2 = 13.8446, of which (1 + b pi^4 / 5)^2 / 2 by the first input
 * alone, a^2 / 8 by the second alone, and 8 b^2 pi^8 / 225 by the first and third together. */
static void indices_of_the_ishigami_function_are_found(void **state)
{
    (void)state;
    static const double first[] = {0.313905, 0.442411, 0}, total[] = {0.557589, 0.442411, 0.243684};
    rk_sensitivity indices[INPUTS];
    study(ishigami, RK_POINTS_SCRAMBLED, 1, N, indices);
    for (size_t i = 0; i < INPUTS; i++) {
        assert_holds(indices[i].first, first[i], 0.01);
        assert_holds(indices[i].total, total[i], 0.01);
        assert_true(indices[i].total.high - indices[i].total.low < 0.05);
    }
}

static void indices_of_a_sum_add_up_to_one_both_ways(void **state)
{
    (void)state;
    rk_sensitivity indices[INPUTS];
    study(linear, RK_POINTS_SCRAMBLED, 2, N, indices);
    for (size_t i = 0; i < INPUTS; i++) {
        double truth = (double)((i + 1) * (i + 1)) / 14;
        assert_holds(indices[i].first, truth, 0.003);
        assert_holds(indices[i].total, truth, 0.003);
    }
    study(constant, RK_POINTS_SCRAMBLED, 2, 64, indices);
    assert_true(indices[0].first.value == 0 && indices[0].total.high == 0);
}

/* 200 seeds of 600 independent rows: 95 % of the intervals hold the index, give or take. */
static void intervals_hold_the_truth_as_often_as_they_say(void **state)
{
    (void)state;
    enum { SEEDS = 200 };
    int n_first = 0, n_total = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        rk_sensitivity indices[INPUTS];
        study(ishigami, RK_POINTS_RANDOM, seed, 600, indices);
        n_first += indices[0].first.low <= 0.313905 && 0.313905 <= indices[0].first.high;
        n_total += indices[2].total.low <= 0.243684 && 0.243684 <= indices[2].total.high;
    }
    assert_in_range(n_first, 179, 199); /* 190 -+ 3.5 standard errors, up to all but one */
    assert_in_range(n_total, 179, 199);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indices_of_the_ishigami_function_are_found),
        cmocka_unit_test(indices_of_a_sum_add_up_to_one_both_ways),
        cmocka_unit_test(intervals_hold_the_truth_as_often_as_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
