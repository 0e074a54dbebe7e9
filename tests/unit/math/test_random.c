/* test_random.c - the published vectors, streams that anybody can enter anywhere, and fair draws. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "math/random.h"

/* Random123's kat_vectors for philox4x32-10: counter, key, result. */
static void philox_gives_the_published_numbers(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed, stream, counter;
        uint32_t expected[4];
    } cases[] = {
        {0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rk_random random = rk_random_of(cases[i].seed, cases[i].stream);
        random.counter = cases[i].counter;
        for (int word = 0; word < 4; word++) {
            assert_int_equal(rk_random_u32(&random), cases[i].expected[word]);
        }
    }
}

static void a_value_depends_on_seed_stream_and_place_only(void **state)
{
    (void)state;
    rk_random whole = rk_random_of(7, 3), late = rk_random_of(7, 3), other = rk_random_of(7, 4),
              foreign = rk_random_of(8, 3);
    uint32_t values[40];
    for (int i = 0; i < 40; i++) {
        values[i] = rk_random_u32(&whole);
    }
    late.counter = 5;
    for (int i = 20; i < 40; i++) {
        assert_int_equal(rk_random_u32(&late), values[i]);
    }
    assert_int_not_equal(rk_random_u32(&other), values[0]);
    assert_int_not_equal(rk_random_u32(&foreign), values[0]);
    rk_random wide = rk_random_of(7, 3);
    assert_true(rk_random_u64(&wide) == ((uint64_t)values[1] << 32 | values[0]));
}

static void draws_below_n_are_fair(void **state)
{
    (void)state;
    enum { N = 7, DRAWS = 70000 };
    rk_random random = rk_random_of(1, 0);
    double chi = 0.0;
    unsigned count[N] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t value = rk_random_below(&random, N);
        assert_true(value < N);
        count[value]++;
    }
    for (int i = 0; i < N; i++) {
        double off = (double)count[i] - DRAWS / N;
        chi += off * off / (DRAWS / N);
    }
    assert_true(chi < 22.5); /* chi squared, 6 degrees: 1 in 1000; the seed is fixed */
    assert_int_equal(rk_random_below(&random, 1), 0);
}

/* Two thirds of 2^32 would land twice as often in the lower half if draws were only scaled. */
static void large_ranges_have_no_bias(void **state)
{
    (void)state;
    enum { DRAWS = 60000 };
    const uint32_t n = 0xAAAAAAABu;
    rk_random random = rk_random_of(2, 0);
    int n_low = 0, n_odd = 0;
    for (int i = 0; i < DRAWS; i++) {
        uint32_t value = rk_random_below(&random, n);
        assert_true(value < n);
        n_low += value < n / 2;
        n_odd += value % 2 == 1;
    }
    const double sigma = sqrt(DRAWS / 4.0);
    assert_true(fabs(n_low - DRAWS / 2.0) < 4 * sigma);
    assert_true(fabs(n_odd - DRAWS / 2.0) < 4 * sigma); /* plain scaling makes every third value twice as likely */
}

static void uniform_and_normal_have_their_moments(void **state)
{
    (void)state;
    enum { DRAWS = 200000 };
    rk_random random = rk_random_of(3, 9);
    double sum = 0.0, sum_normal = 0.0, square = 0.0, fourth = 0.0;
    for (int i = 0; i < DRAWS; i++) {
        double u = rk_random_uniform(&random), z = rk_random_normal(&random);
        assert_true(u >= 0.0 && u < 1.0);
        assert_true(isfinite(z));
        sum += u;
        sum_normal += z;
        square += z * z;
        fourth += z * z * z * z;
    }
    const double root = sqrt(DRAWS); /* four standard errors each */
    assert_true(fabs(sum / DRAWS - 0.5) < 4 * 0.2887 / root);
    assert_true(fabs(sum_normal / DRAWS) < 4 / root);
    assert_true(fabs(square / DRAWS - 1.0) < 4 * 1.4143 / root);
    assert_true(fabs(fourth / DRAWS - 3.0) < 4 * 9.798 / root);
}

static void a_shuffle_is_a_permutation_and_all_come_up(void **state)
{
    (void)state;
    rk_random random = rk_random_of(4, 0);
    unsigned count[24] = {0};
    for (int round = 0; round < 24000; round++) {
        uint32_t items[4], seen = 0;
        rk_random_shuffle(&random, items, 4);
        for (int i = 0; i < 4; i++) {
            assert_true(items[i] < 4);
            seen |= 1u << items[i];
        }
        assert_int_equal(seen, 15);
        uint32_t rank = items[0] * 6;
        rank += (items[1] - (items[1] > items[0])) * 2;
        rank += items[2] > items[3];
        count[rank]++;
    }
    for (int i = 0; i < 24; i++) {
        assert_in_range(count[i], 1000 - 4 * 31, 1000 + 4 * 31);
    }
    rk_random_shuffle(&random, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_numbers),
        cmocka_unit_test(a_value_depends_on_seed_stream_and_place_only),
        cmocka_unit_test(draws_below_n_are_fair),
        cmocka_unit_test(large_ranges_have_no_bias),
        cmocka_unit_test(uniform_and_normal_have_their_moments),
        cmocka_unit_test(a_shuffle_is_a_permutation_and_all_come_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
