/* test_quantile.c - a histogram's answers against the sorted values themselves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "math/quantile.h"
#include "math/random.h"

enum { N = 20000 };

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Magnitudes from 1 to 2^63, evenly in the logarithm. */
static uint64_t any_value(rk_random *random) { return rk_random_u64(random) >> rk_random_below(random, 64); }

static void assert_near(uint64_t got, uint64_t exact)
{
    double error = fabs((double)got - (double)exact);
    if (error > (double)exact / 128.0) {
        fail_msg("%llu is further than 1/128 from %llu", (unsigned long long)got, (unsigned long long)exact);
    }
}

static void quantiles_are_within_one_128th_of_the_sorted_value(void **state)
{
    (void)state;
    static uint64_t values[N];
    static rk_quantile q;
    rk_random random = rk_random_of(1, 0);
    rk_quantile_clear(&q);
    for (int i = 0; i < N; i++) {
        values[i] = any_value(&random);
        rk_quantile_add(&q, values[i]);
    }
    qsort(values, N, sizeof *values, compare);
    assert_int_equal(q.n, N);
    assert_true(q.min == values[0] && q.max == values[N - 1]);
    for (int rank = 1; rank <= N; rank++) {
        assert_near(rk_quantile_at(&q, (rank - 0.5) / N), values[rank - 1]);
    }
    assert_true(rk_quantile_at(&q, 0.0) == q.min);
    assert_near(rk_quantile_at(&q, 1.0), q.max);
    assert_true(rk_quantile_at(&q, 1.0) <= q.max);
}

static void small_values_are_exact_and_counted_exactly(void **state)
{
    (void)state;
    static rk_quantile q;
    rk_quantile_clear(&q);
    for (uint64_t v = 0; v < 128; v++) {
        rk_quantile_add(&q, v);
    }
    for (uint64_t v = 0; v < 128; v++) {
        assert_int_equal(rk_quantile_at(&q, ((double)v + 0.5) / 128), v);
        assert_int_equal(rk_quantile_count_to(&q, v), v + 1);
    }
    assert_int_equal(rk_quantile_count_to(&q, UINT64_MAX), 128);
    assert_int_equal(rk_quantile_at(&q, 0.5), 63);
}

static void counts_to_a_limit_are_right_to_bucket_resolution(void **state)
{
    (void)state;
    static uint64_t values[N];
    static rk_quantile q;
    rk_random random = rk_random_of(2, 0);
    rk_quantile_clear(&q);
    for (int i = 0; i < N; i++) {
        values[i] = any_value(&random);
        rk_quantile_add(&q, values[i]);
    }
    for (int round = 0; round < 200; round++) {
        uint64_t limit = any_value(&random), low = 0, high = 0;
        for (int i = 0; i < N; i++) {
            low += values[i] <= limit;
            high += (double)values[i] <= (double)limit * (1 + 1.0 / 64);
        }
        assert_in_range(rk_quantile_count_to(&q, limit), low, high);
    }
}

static void merged_halves_are_the_whole(void **state)
{
    (void)state;
    static rk_quantile whole, left, right;
    rk_random random = rk_random_of(3, 0);
    rk_quantile_clear(&whole);
    rk_quantile_clear(&left);
    rk_quantile_clear(&right);
    rk_quantile_merge(&left, &right);
    assert_int_equal(left.n, 0);
    for (int i = 0; i < N; i++) {
        uint64_t value = 1000 + rk_random_below(&random, 1000000);
        rk_quantile_add(&whole, value);
        rk_quantile_add(i % 3 ? &left : &right, value);
    }
    rk_quantile_merge(&left, &right);
    assert_memory_equal(&left, &whole, sizeof whole); /* the sums are of whole numbers below 2^53 */
    rk_quantile empty;
    rk_quantile_clear(&empty);
    rk_quantile_merge(&empty, &whole);
    assert_memory_equal(&empty, &whole, sizeof whole);
}

static void an_empty_histogram_answers_zero(void **state)
{
    (void)state;
    static rk_quantile q;
    rk_quantile_clear(&q);
    assert_int_equal(rk_quantile_at(&q, 0.99), 0);
    assert_int_equal(rk_quantile_count_to(&q, UINT64_MAX), 0);
    rk_quantile_add(&q, UINT64_MAX);
    assert_true(rk_quantile_at(&q, 0.5) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_within_one_128th_of_the_sorted_value),
        cmocka_unit_test(small_values_are_exact_and_counted_exactly),
        cmocka_unit_test(counts_to_a_limit_are_right_to_bucket_resolution),
        cmocka_unit_test(merged_halves_are_the_whole),
        cmocka_unit_test(an_empty_histogram_answers_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
