/* test_draws.c - statistics of draws against slow references, another program's figures, and their own promises. */
#include "support/test.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/draws.h"
#include "math/normal.h"
#include "math/random.h"
#include "math/sobol.h"

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance)) {
        fail_msg("%.17g is further than %g from %.17g", got, tolerance, expected);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* All magnitudes, both signs, many ties; shared high bytes; a run already sorted. */
static void sorting_is_that_of_a_comparison(void **state)
{
    (void)state;
    enum { N = 5000 };
    static double draw[N], expected[N], room[N];
    uint64_t random = 2;
    for (size_t n = 0; n < N; n = n * 2 + 1) {
        for (int kind = 0; kind < 4; kind++) {
            for (size_t i = 0; i < n; i++) {
                double size = test_random(&random);
                draw[i] = kind == 0 ? ldexp(size, (int)(test_random(&random) % 2000) - 1040) *
                                          (test_random(&random) % 2 ? 1 : -1)
                          : kind == 1 ? (double)(test_random(&random) % 7) - 3
                          : kind == 2 ? 1e6 + size * 0x1p-31
                                      : (double)i;
            }
            memcpy(expected, draw, n * sizeof *draw);
            qsort(expected, n, sizeof *expected, by_size);
            rk_draws_sort(draw, n, room);
            assert_memory_equal(draw, expected, n * sizeof *draw);
        }
    }
    double ends[] = {DBL_MAX, -0.5, -DBL_MAX, DBL_MIN, 0, -DBL_MIN}, six[6];
    rk_draws_sort(ends, 6, six);
    assert_memory_equal(ends, ((double[]){-DBL_MAX, -0.5, -DBL_MIN, 0, DBL_MIN, DBL_MAX}), sizeof ends);
}

/* 1, 2, ..., n: the draw's rank is its value. */
static double *ranks(size_t n)
{
    double *draw = malloc(n * sizeof *draw);
    assert_non_null(draw);
    for (size_t i = 0; i < n; i++) {
        draw[i] = (double)(i + 1);
    }
    return draw;
}

static void assert_quantile(const double *ascending, size_t n, double share, double value, double low, double high)
{
    rk_estimate q = rk_draws_quantile(ascending, n, share, 0.95);
    assert_true(q.value == value && q.low == low && q.high == high);
}

/* Ranks by search through scipy 1.17.1: the largest l with binom.cdf(l - 1, n, p) <= 0.025, the smallest r with
 * binom.sf(r - 1, n, p) <= 0.025. */
static void quantiles_are_draws_and_their_intervals_those_of_the_binomial(void **state)
{
    (void)state;
    double *thousand = ranks(1000);
    assert_quantile(thousand, 1000, 0.1, 100, 82, 120);
    assert_quantile(thousand, 1000, 0.5, 500, 469, 532);
    assert_quantile(thousand, 1000, 0.9, 900, 881, 919);
    assert_quantile(thousand, 1000, 0.99, 990, 983, 997);
    assert_quantile(thousand, 100, 0.5, 50, 40, 61);
    assert_quantile(thousand, 100, 0.99, 99, 97, INFINITY); /* a hundred draws do not bound P99 from above */
    assert_quantile(thousand, 100, 0.01, 1, -INFINITY, 4);
    assert_quantile(thousand, 1, 0.5, 1, -INFINITY, INFINITY);
    assert_quantile(thousand, 10, 0.9, 9, 7, INFINITY);
    free(thousand);
}

/* Exponential draws, 400 samples of 500: the intervals of P90 hold it in 95 % of samples or a little more. */
static void intervals_hold_the_truth_as_often_as_they_say(void **state)
{
    (void)state;
    enum { SAMPLES = 400, N = 500 };
    static double draw[N], room[N];
    const double p90 = log(10), tail = log(10) + 1, chance = 0.1;
    int n_mean = 0, n_quantile = 0, n_tail = 0, n_chance = 0;
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        rk_random random = rk_random_of(12, sample);
        for (size_t i = 0; i < N; i++) {
            draw[i] = -log1p(-rk_random_uniform(&random));
        }
        rk_draws_sort(draw, N, room);
        rk_estimate mean = rk_draws_mean(draw, N, 0.95), quantile = rk_draws_quantile(draw, N, 0.9, 0.95);
        rk_estimate cvar = rk_draws_tail_mean(draw, N, 0.9, 0.95), above = rk_draws_above(draw, N, p90, 0.95);
        n_mean += mean.low <= 1 && 1 <= mean.high;
        n_quantile += quantile.low <= p90 && p90 <= quantile.high;
        n_tail += cvar.low <= tail && tail <= cvar.high;
        n_chance += above.low <= chance && chance <= above.high;
    }
    assert_in_range(n_mean, 365, 396); /* 380 -+ 3.5 standard errors */
    assert_in_range(n_quantile, 365, 397);
    assert_in_range(n_tail, 350, 396); /* normal intervals of a skewed tail hold a little less */
    assert_in_range(n_chance, 365, 396);
}

/* By hand, and scipy 1.17.1: norm.interval and t.interval around the mean with its standard error. */
static void moments_of_five_numbers_are_right(void **state)
{
    (void)state;
    static const double draw[] = {3, 1, 4, 1.5, 9};
    rk_estimate mean = rk_draws_mean(draw, 5, 0.95), few = rk_replicates_mean(draw, 5, 0.95);
    assert_near(mean.value, 3.7, 1e-15);
    assert_near(mean.low, 0.9006114963771079, 1e-14);
    assert_near(mean.high, 6.499388503622892, 1e-14);
    assert_near(rk_draws_sd(draw, 5), 3.1937438845342623, 1e-15);
    assert_near(few.low, -0.26555680090963296, 1e-13);
    assert_near(few.high, 7.665556800909633, 1e-13);
    rk_estimate one = rk_draws_mean(draw, 1, 0.95);
    assert_true(one.value == 3 && one.low == -INFINITY && one.high == INFINITY && rk_draws_sd(draw, 1) == 0);
}

static void a_large_offset_costs_no_digits(void **state)
{
    (void)state;
    enum { N = 1000000 };
    double *draw = ranks(N);
    for (size_t i = 0; i < N; i++) {
        draw[i] += 1e12;
    }
    assert_near(rk_draws_mean(draw, N, 0.95).value, 1e12 + (N + 1) / 2.0, 2e-4);
    assert_near(rk_draws_sd(draw, N), sqrt(N * (N + 1.0) / 12), 1e-4);
    free(draw);
}

static void the_tail_mean_counts_parts_of_a_draw(void **state)
{
    (void)state;
    static const double draw[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 100};
    assert_near(rk_draws_tail_mean(draw, 10, 0.9, 0.95).value, 100, 1e-12);
    assert_near(rk_draws_tail_mean(draw, 10, 0.8, 0.95).value, 54.5, 1e-12);
    assert_near(rk_draws_tail_mean(draw, 10, 0.75, 0.95).value, (100 + 9 + 0.5 * 8) / 2.5, 1e-12);
    rk_estimate flat = rk_draws_tail_mean((double[]){7, 7, 7}, 3, 0.9, 0.95);
    assert_true(flat.value == 7 && flat.low == 7 && flat.high == 7);
}

/* scipy 1.17.1: binomtest(k, n).proportion_ci(0.95, "wilson"). */
static void chances_have_wilson_intervals(void **state)
{
    (void)state;
    double *draw = ranks(100);
    rk_estimate some = rk_draws_above(draw, 100, 90, 0.95), none = rk_draws_above(draw, 50, 50, 0.95);
    rk_estimate all = rk_draws_above(draw, 50, 0.5, 0.95);
    assert_near(some.value, 0.1, 1e-15);
    assert_near(some.low, 0.05522913706067508, 1e-14);
    assert_near(some.high, 0.17436566150491345, 1e-14);
    assert_true(none.value == 0 && none.low == 0 && all.value == 1 && all.high == 1);
    assert_near(none.high, 0.07134759913335872, 1e-14);
    assert_near(all.low, 0.9286524008666412, 1e-14);
    assert_near(rk_draws_above(draw, 100, 90.5, 0.95).value, 0.1, 1e-15);
    free(draw);
}

/* 16 seeds of 1,024 scrambled points: the interval holds the mean and is far tighter than that of independent draws. */
static void repeated_sobol_points_tell_their_own_small_error(void **state)
{
    (void)state;
    enum { SEEDS = 16, N = 1024 };
    static double draw[SEEDS * N];
    double figure[SEEDS];
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        rk_sobol *sobol = rk_sobol_new(&(rk_sobol_options){.n_dims = 1, .seed = seed});
        assert_non_null(sobol);
        rk_sobol_fill(sobol, 0, 0, N, draw + seed * N);
        rk_normal_fill(draw + seed * N, N, draw + seed * N);
        figure[seed] = rk_draws_mean(draw + seed * N, N, 0.95).value;
        rk_sobol_free(sobol);
    }
    rk_estimate tight = rk_replicates_mean(figure, SEEDS, 0.99), loose = rk_draws_mean(draw, SEEDS * N, 0.99);
    assert_true(tight.low < 0 && tight.high > 0);
    assert_true(tight.high - tight.low < (loose.high - loose.low) / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorting_is_that_of_a_comparison),
        cmocka_unit_test(quantiles_are_draws_and_their_intervals_those_of_the_binomial),
        cmocka_unit_test(intervals_hold_the_truth_as_often_as_they_say),
        cmocka_unit_test(moments_of_five_numbers_are_right),
        cmocka_unit_test(a_large_offset_costs_no_digits),
        cmocka_unit_test(the_tail_mean_counts_parts_of_a_draw),
        cmocka_unit_test(chances_have_wilson_intervals),
        cmocka_unit_test(repeated_sobol_points_tell_their_own_small_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
