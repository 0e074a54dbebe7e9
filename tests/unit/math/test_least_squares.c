/* test_least_squares.c - the textbook line, planes that are known, and intervals that hold what they promise. */
#include <math.h>

#include "math/least_squares.h"
#include "math/random.h"
#include "support/test.h"

/* Heights and weights of a known exercise: slope and its standard error from the closed form of one regressor. */
static void a_line_is_that_of_the_closed_form(void **state)
{
    (void)state;
    enum { N = 15 };
    double x[2 * N], y[N], mean_x = 0, mean_y = 0, sxx = 0, sxy = 0, squares = 0;
    rk_random random = rk_random_of(3, 0);
    for (size_t i = 0; i < N; i++) {
        x[2 * i] = 1;
        x[2 * i + 1] = 1.47 + 0.025 * (double)i;
        y[i] = -39.06 + 61.27 * x[2 * i + 1] + rk_random_normal(&random);
        mean_x += x[2 * i + 1] / N;
        mean_y += y[i] / N;
    }
    for (size_t i = 0; i < N; i++) {
        sxx += (x[2 * i + 1] - mean_x) * (x[2 * i + 1] - mean_x);
        sxy += (x[2 * i + 1] - mean_x) * (y[i] - mean_y);
    }
    double slope = sxy / sxx, constant = mean_y - slope * mean_x;
    for (size_t i = 0; i < N; i++) {
        double residual = y[i] - constant - slope * x[2 * i + 1];
        squares += residual * residual;
    }
    rk_least_squares fit;
    assert_true(rk_least_squares_fit(x, y, N, 2, &fit));
    rk_estimate got = rk_least_squares_coefficient(&fit, 1);
    const double t13 = 2.160368656461013; /* of any table */
    assert_true(fabs(got.value - slope) < 1e-8 * fabs(slope));
    assert_true(fabs(got.high - got.value - t13 * sqrt(squares / 13 / sxx)) < 1e-7 * fabs(slope));
    const double at[] = {1, 2.5};
    rk_estimate point = rk_least_squares_at(&fit, at);
    double room = t13 * sqrt(squares / 13 * (1 + 1.0 / N + (2.5 - mean_x) * (2.5 - mean_x) / sxx));
    assert_true(fabs(point.value - constant - slope * 2.5) < 1e-6);
    assert_true(fabs(point.high - point.value - room) < 1e-6);
}

/* A plane with noise: a new point lies in its interval 95 times of 100. */
static void a_new_point_lies_where_it_is_expected(void **state)
{
    (void)state;
    enum { ROUNDS = 4000, N = 9 };
    size_t n_inside = 0, n_slopes = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        rk_random random = rk_random_of(5, round);
        double x[3 * N], y[N];
        const double beyond[] = {1, 20, 15};
        for (size_t i = 0; i < N; i++) {
            x[3 * i] = 1;
            x[3 * i + 1] = (double)(i % 3);
            x[3 * i + 2] = (double)(i / 3);
            y[i] = 2 + 0.7 * x[3 * i + 1] - 1.3 * x[3 * i + 2] + 0.2 * rk_random_normal(&random);
        }
        rk_least_squares fit;
        assert_true(rk_least_squares_fit(x, y, N, 3, &fit));
        rk_estimate at = rk_least_squares_at(&fit, beyond), slope = rk_least_squares_coefficient(&fit, 1);
        double truth = 2 + 0.7 * 20 - 1.3 * 15 + 0.2 * rk_random_normal(&random);
        n_inside += at.low <= truth && truth <= at.high;
        n_slopes += slope.low <= 0.7 && 0.7 <= slope.high;
    }
    /* A binomial of 4,000 at 0.95 has a deviation of 14: four of them. */
    assert_in_range(n_inside, 3800 - 56, 3800 + 56);
    assert_in_range(n_slopes, 3800 - 56, 3800 + 56);
}

static void what_cannot_be_fitted_is_refused(void **state)
{
    (void)state;
    const double twins[] = {1, 2, 2, 4, 3, 6, 4, 8}, y[] = {1, 2, 3, 4}, gap[] = {1, NAN, 3, 4};
    const double line[] = {1, 1, 1, 2, 1, 3, 1, 4};
    rk_least_squares fit;
    assert_false(rk_least_squares_fit(twins, y, 4, 2, &fit));
    assert_false(rk_least_squares_fit(line, y, 2, 2, &fit));
    assert_false(rk_least_squares_fit(line, gap, 4, 2, &fit));
    assert_true(rk_least_squares_fit(line, y, 4, 2, &fit));
    assert_true(fabs(fit.coefficient[1] - 1) < 1e-12 && fit.deviation < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_that_of_the_closed_form),
        cmocka_unit_test(a_new_point_lies_where_it_is_expected),
        cmocka_unit_test(what_cannot_be_fitted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
