/* test_growth.c - an exponent that is known comes out, the floor does not bend it, and limits lie where they must. */
#include <math.h>

#include "math/random.h"
#include "study/growth.h"
#include "support/test.h"

enum { N = 6 };

static void draw(double floor, double noise, uint64_t seed, rk_growth_point *points)
{
    rk_random random = rk_random_of(seed, 0);
    for (size_t i = 0; i < N; i++) {
        double size = 4000 * pow(2, (double)i);
        points[i] = (rk_growth_point){size, floor + 3e-4 * pow(size, 1.1) * exp(noise * rk_random_normal(&random))};
    }
}

static void the_exponent_comes_out_whatever_the_floor(void **state)
{
    (void)state;
    const double floors[] = {0, 0.02, 5000};
    for (size_t f = 0; f < 3; f++) {
        rk_growth_point points[N];
        rk_growth growth;
        draw(floors[f], 0, 1, points);
        assert_true(rk_growth_fit(points, N, floors[f], &growth));
        assert_true(fabs(rk_growth_exponent(&growth).value - 1.1) < 1e-6);
        double wanted = floors[f] + 3e-4 * pow(1e8, 1.1);
        assert_true(fabs(rk_growth_at(&growth, 1e8).value / wanted - 1) < 1e-5);
    }
}

static void a_larger_shop_lies_in_the_band_and_the_limit_on_it(void **state)
{
    (void)state;
    enum { ROUNDS = 1000 };
    size_t n_inside = 0;
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        rk_growth_point points[N];
        rk_growth growth;
        draw(0.02, 0.1, seed, points);
        rk_random random = rk_random_of(seed, 1);
        assert_true(rk_growth_fit(points, N, 0.02, &growth));
        rk_estimate at = rk_growth_at(&growth, 1e7);
        double truth = 0.02 + 3e-4 * pow(1e7, 1.1) * exp(0.1 * rk_random_normal(&random));
        n_inside += at.low <= truth && truth <= at.high;
        rk_estimate size = rk_growth_reaches(&growth, at.value);
        assert_true(size.low <= size.value && size.value <= size.high);
        assert_true(size.value > 0.99e7 && size.value < 1.03e7); /* a step of the scan */
    }
    assert_in_range(n_inside, 950 - 28, 950 + 28); /* four deviations */
}

static void what_does_not_grow_reaches_no_limit(void **state)
{
    (void)state;
    rk_growth_point points[N];
    rk_growth growth;
    draw(0, 0, 1, points);
    assert_true(rk_growth_fit(points, N, 0, &growth));
    assert_true(rk_growth_reaches(&growth, 1e30).value == HUGE_VAL);
    assert_false(rk_growth_fit(points, N, 1e9, &growth)); /* nothing is above the floor */
    for (size_t i = 0; i < N; i++) {
        points[i].size = 7;
    }
    assert_false(rk_growth_fit(points, N, 0, &growth)); /* nothing varies */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exponent_comes_out_whatever_the_floor),
        cmocka_unit_test(a_larger_shop_lies_in_the_band_and_the_limit_on_it),
        cmocka_unit_test(what_does_not_grow_reaches_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
